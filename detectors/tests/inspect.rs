//! Whole messages through the front door: imported roster, RFC 5322 bytes, inspection.

use jiff::civil::date;
use schoolgate_detectors::roster::{RosterFile, import};
use schoolgate_detectors::{
    Category, Inspection, Kind, MarkingLevel, PupilId, RosterIndex, Sensitivity, Settings, inspect,
};

const PUPILS: &str = "upn,legal_surname,legal_forename,preferred_forename,dob,year_group,class,admission_number\n\
T823430118808,Walker,Theodore,Theo,04/09/2018,4,4B,004567\n\
Z330476414004,O'Neill,Zoë,,02/01/2019,3,Oak,001203\n\
T823331318358,Shah,Ava,,10/10/2016,6,6C,001204\n";
const CONTACTS: &str = "pupil_upn,name,relationship,parental_responsibility,email,phone,court_order\n\
T823430118808,Sam Walker,Mother,Y,sam@mail.example,07700 900123,\n";
const STAFF: &str = "name,email,role\nMiss Priya Nair,p.nair@school.example,Teacher\n";

struct School {
    index: RosterIndex,
    theo: PupilId,
    settings: Settings,
}

fn school() -> School {
    let file = |name, text: &'static str| RosterFile {
        name,
        bytes: text.as_bytes(),
    };
    let files = [
        file("pupils.csv", PUPILS),
        file("contacts.csv", CONTACTS),
        file("staff.csv", STAFF),
    ];
    let import = import(&files, b"a school's salt");
    assert!(
        import.is_usable() && import.problems.is_empty(),
        "{:?}",
        import.problems
    );
    let mut settings = Settings::on(date(2026, 11, 24));
    settings.own.domains.push("school.example".into());
    // The way to a worker: bytes through a pipe.
    let bytes = RosterIndex::build(&import.roster).as_bytes().to_vec();
    School {
        index: RosterIndex::from_bytes(bytes).expect("an index"),
        theo: import.roster.pupils[0].id,
        settings,
    }
}

impl School {
    fn inspect(&self, message: &str) -> Inspection {
        let with_crlf = message.replace('\n', "\r\n");
        let one = inspect(message.as_bytes(), &self.index, &self.settings);
        let other = inspect(with_crlf.as_bytes(), &self.index, &self.settings);
        assert_eq!(one.subjects, other.subjects, "line ends make no difference");
        other
    }
}

fn message(subject: &str, rest: &str) -> String {
    format!(
        "From: Priya Nair <p.nair@school.example>\nTo: Sam Walker <sam@mail.example>\nSubject: {subject}\nMessage-ID: <1@school.example>\nDate: Tue, 24 Nov 2026 10:00:00 +0000\nMIME-Version: 1.0\n{rest}"
    )
}

#[test]
fn a_plain_message_about_a_pupil() {
    let school = school();
    let found = school.inspect(&message(
        "SENSITIVE: review",
        "Content-Type: text/plain; charset=utf-8\n\nDear Sam,\n\nTheo Walker's EHCP review is on Monday.\n\nKind regards\nPriya Nair\n",
    ));
    assert_eq!(found.subjects.len(), 1);
    assert_eq!(found.subjects[0].pupils, [school.theo]);
    assert_eq!(found.subjects[0].sensitivity, Sensitivity::HighlySensitive);
    assert_eq!(found.subjects[0].categories, [Category::Send]);
    assert_eq!(found.valid_marking(), Some(MarkingLevel::Sensitive));
    assert!(found.unread.is_empty());
    let body = found
        .parts
        .iter()
        .find(|part| part.path.as_str() == "1")
        .expect("the body");
    assert_eq!(body.sensitivity, Sensitivity::HighlySensitive);
}

#[test]
fn html_that_hides_its_words_is_read() {
    let school = school();
    let found = school.inspect(&message(
        "Hello",
        "Content-Type: text/html; charset=utf-8\n\n<html><body><p>Th<b>eo</b> Wal&shy;ker has a child&nbsp;protection plan</p></body></html>\n",
    ));
    assert_eq!(found.subjects.len(), 1, "{:?}", found.subjects);
    assert_eq!(found.subjects[0].sensitivity, Sensitivity::HighlySensitive);
}

#[test]
fn a_csv_list_in_an_attachment_is_a_list_of_pupils() {
    let school = school();
    let found = school.inspect(&message(
        "Marks",
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nPlease see attached.\n--b\nContent-Type: text/csv; name=\"marks.csv\"\nContent-Disposition: attachment; filename=\"marks.csv\"\n\nSurname,Forename,UPN,SEN\nWalker,Theo,T823430118808,K\nO'Neill,Zoe,Z330476414004,\nShah,Ava,T823331318358,E\n--b--\n",
    ));
    assert_eq!(found.subjects.len(), 3, "{:?}", found.subjects);
    let table = found.of_kind(Kind::PupilTable).next().expect("a list");
    assert_eq!((table.count, table.part.as_str()), (3, "2/marks.csv"));
    let upns = found.of_kind(Kind::Upn).next().expect("numbers");
    assert_eq!(upns.count, 3);
    assert_eq!(
        found.part(&table.part).expect("the part").sensitivity,
        Sensitivity::HighlySensitive
    );
    let body = found
        .parts
        .iter()
        .find(|part| part.path.as_str() == "1")
        .expect("the body");
    assert_eq!(body.sensitivity, Sensitivity::None);
}

#[test]
fn a_file_name_gives_its_pupil_away() {
    let school = school();
    let found = school.inspect(&message(
        "Report",
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nPlease see attached.\n--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=\"Theo_Walker_EHCP.txt\"\n\nDraft\n--b--\n",
    ));
    assert_eq!(found.subjects.len(), 1);
    assert_eq!(found.subjects[0].sensitivity, Sensitivity::HighlySensitive);
}

#[test]
fn a_forwarded_message_is_looked_into_and_its_marking_does_not_count() {
    let school = school();
    let found = school.inspect(&message(
        "Fwd",
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nFor you.\n--b\nContent-Type: message/rfc822\n\nFrom: a@agency.example\nSubject: SENSITIVE: Theo Walker\nContent-Type: text/plain\n\nA section 47 strategy meeting is called.\n--b--\n",
    ));
    assert_eq!(found.subjects.len(), 1);
    assert_eq!(found.subjects[0].sensitivity, Sensitivity::HighlySensitive);
    assert_eq!(found.valid_marking(), None);
    assert_eq!(found.markings.len(), 1);
}

#[test]
fn a_reply_to_a_parent_that_names_nobody_concerns_nobody() {
    let school = school();
    let found = school.inspect(&message(
        "Re: question",
        "Content-Type: text/plain\n\nDear Sam,\n\nThe office opens at 8.30.\n\nKind regards\nPriya Nair\n\nOn Mon, 23 Nov 2026 at 09:00, Sam Walker <sam@mail.example> wrote:\n> When does the office open?\n",
    ));
    assert!(found.subjects.is_empty(), "{:?}", found.subjects);
    assert!(found.mentions.is_empty());
}

#[test]
fn a_newsletter_concerns_nobody() {
    let school = school();
    let found = school.inspect(&message(
        "Newsletter 12",
        "Content-Type: text/plain\n\nDear parents and carers,\n\nTerm dates: we break up on 18 December 2026. Oak class sang carols. Year 4 visited the museum (CR2 6XH).\n\nMental health week and SEND coffee morning: all welcome. Attendance matters! Our safeguarding policy is on the website.\n\nPriya Nair\nSENCO\nTel 01632 960000\n",
    ));
    assert!(found.subjects.is_empty(), "{:?}", found.subjects);
    assert!(found.mentions.is_empty());
}

#[test]
fn a_personal_sender_is_found() {
    let school = school();
    let text = message("Hello", "Content-Type: text/plain\n\nHello\n")
        .replace("p.nair@school.example", "pnair@gmail.com");
    let found = school.inspect(&text);
    assert_eq!(found.of_kind(Kind::PersonalSender).count(), 1);
}

#[test]
fn the_answer_goes_through_json_and_back() {
    let school = school();
    let found = school.inspect(&message(
        "x",
        "Content-Type: text/plain\n\nTheo Walker, DOB 04/09/2018, mum 07700 900123\n",
    ));
    let json = serde_json::to_string(&found).expect("JSON");
    assert!(
        !json.contains("04/09/2018") && !json.contains("Walker, DOB") && !json.contains("900123")
    );
    let back: Inspection = serde_json::from_str(&json).expect("an inspection");
    assert_eq!(back.subjects, found.subjects);
}
