//! The recognisers as a whole, on hand-made documents and a made-up school.

use jiff::civil::{Date, date};

use super::*;
use crate::category::Category;
use crate::inspection::{Disposition, Identification, MarkingPlace};
use crate::roster::{Contact, Pupil, PupilId, Roster, Staff};
use crate::text::{Body, Passage, Role};

mod lists;
mod matter;
mod names;
mod numbers;
mod sentences;

const TODAY: Date = date(2026, 11, 24);

const THEO: PupilId = PupilId(1);
const GRACE: PupilId = PupilId(2);
const ZOE: PupilId = PupilId(3);
const AVA_FOUR: PupilId = PupilId(4);
const AVA_SIX: PupilId = PupilId(5);
const MARY: PupilId = PupilId(6);
const SAMIR: PupilId = PupilId(7);

fn pupil(id: PupilId, forename: &str, surname: &str, year: &str, class: &str, dob: Date) -> Pupil {
    Pupil {
        dob: Some(dob),
        year_group: Some(year.into()),
        class: Some(class.into()),
        admission_number: Some(format!("0045{:02}", id.0)),
        ..Pupil::named(id, forename, surname)
    }
}

fn school() -> RosterIndex {
    let mut theo = pupil(THEO, "Theodore", "Walker", "4", "4B", date(2018, 9, 4));
    theo.preferred_forename = Some("Theo".into());
    theo.upn = Some("T823430118808".into());
    let mut samir = pupil(SAMIR, "Samir", "Haddad", "1", "Oak", date(2021, 1, 9));
    samir.email = Some("21haddads@school.example".into());
    let contact = |pupil, email: &str| Contact {
        pupil,
        name: "Sam Walker".into(),
        relationship: "Mother".into(),
        parental_responsibility: Default::default(),
        email: Some(email.into()),
        phone: None,
        court: Default::default(),
    };
    let staff = |name: &str, email: &str| Staff {
        name: name.into(),
        email: email.into(),
        role: "Teacher".into(),
        personal_email: Some("priya.home@mail.example".into()),
        personal_phone: Some("07700900777".into()),
        home_address: Some("3 Elm Row, Brookford, CR2 6XH".into()),
    };
    RosterIndex::build(&Roster {
        pupils: vec![
            theo,
            pupil(GRACE, "Grace", "Young", "5", "5A", date(2017, 3, 2)),
            pupil(ZOE, "Zoë", "O'Neill", "3", "Oak", date(2019, 1, 2)),
            pupil(AVA_FOUR, "Ava", "Shah", "4", "4B", date(2018, 10, 10)),
            pupil(AVA_SIX, "Ava", "Shah", "6", "6C", date(2016, 10, 10)),
            pupil(
                MARY,
                "Mary-Jane",
                "Carter-Hughes",
                "2",
                "2H",
                date(2020, 5, 5),
            ),
            samir,
            pupil(PupilId(8), "Will", "May", "6", "6C", date(2016, 4, 1)),
            pupil(PupilId(9), "Priya", "Nair", "6", "6C", date(2016, 4, 2)),
        ],
        contacts: vec![
            contact(THEO, "sam@mail.example"),
            contact(GRACE, "pat@mail.example"),
        ],
        staff: vec![
            staff("Miss Priya Nair", "p.nair@school.example"),
            staff("Jo Head", "head@school.example"),
        ],
        agencies: Vec::new(),
    })
}

fn settings() -> Settings {
    let mut settings = Settings::on(TODAY);
    settings.own.domains.push("school.example".into());
    settings.own.phones.push("01632 960000".into());
    settings.own.postcodes.push("M1 1AA".into());
    settings
}

fn text(role: Role, number: usize, text: &str) -> Passage {
    Passage {
        place: format!("paragraph {number}"),
        role,
        body: Body::Text(text.into()),
    }
}

fn header(subject: &str) -> Document {
    Document {
        part: PartPath::header(),
        disposition: Disposition::Header,
        passages: vec![Passage {
            place: "Subject".into(),
            role: Role::Subject,
            body: Body::Text(subject.into()),
        }],
    }
}

fn body(paragraphs: &[&str]) -> Document {
    Document {
        part: PartPath("1".into()),
        disposition: Disposition::Body,
        passages: paragraphs
            .iter()
            .enumerate()
            .map(|(number, paragraph)| text(Role::Body, number + 1, paragraph))
            .collect(),
    }
}

fn sheet(name: &str, rows: &[&[&str]]) -> Document {
    let mut passages = vec![text(Role::FileName, 0, name)];
    passages.extend(rows.iter().zip(1..).map(|(cells, number)| Passage {
        place: format!("Sheet1!A{number}"),
        role: Role::Document,
        body: Body::Row {
            table: "Sheet1".into(),
            number,
            cells: cells.iter().map(|cell| (*cell).to_owned()).collect(),
        },
    }));
    Document {
        part: PartPath(format!("2/{name}")),
        disposition: Disposition::Attachment,
        passages,
    }
}

fn run(documents: &[Document]) -> Recognised {
    recognise(
        documents,
        &Headers::default(),
        &Known {
            roster: &school(),
            settings: &settings(),
            locks: &Locks::default(),
            correspondents: &Default::default(),
            circle: &Default::default(),
        },
    )
}

fn said(paragraph: &str) -> Recognised {
    run(&[header("Hello"), body(&[paragraph])])
}

/// The pupils of the roster that a paragraph identifies.
fn who(paragraph: &str) -> Vec<PupilId> {
    said(paragraph)
        .subjects
        .into_iter()
        .flat_map(|subject| subject.pupils)
        .collect()
}

fn level(paragraph: &str) -> Sensitivity {
    let recognised = said(paragraph);
    assert!(!recognised.subjects.is_empty(), "{paragraph}");
    recognised
        .subjects
        .iter()
        .map(|subject| subject.sensitivity)
        .max()
        .unwrap_or_default()
}

#[test]
fn a_colleagues_private_details_and_secrets_are_findings() {
    let recognised =
        said("Ring Priya at home on 07700 900777 or priya.home@mail.example. Log-in code: 482913");
    let details = recognised
        .findings
        .iter()
        .find(|f| f.kind == Kind::StaffDetails)
        .expect("details");
    assert_eq!(details.count, 2);
    let home = said("Miss Nair lives at 3 Elm Row, CR2 6XH");
    assert!(home.findings.iter().any(|f| f.kind == Kind::StaffDetails));
    let neighbour = said("The new family lives at 1 Elm Row, CR2 6XH");
    let gives_away = |f: &Finding| f.kind == Kind::StaffDetails;
    assert!(!neighbour.findings.iter().any(gives_away));
    let credential = recognised
        .findings
        .iter()
        .find(|f| f.kind == Kind::Credential)
        .expect("a secret");
    assert!(!credential.excerpt.as_str().contains("4829"));
}

#[test]
fn markings_are_part_of_the_answer() {
    let recognised = run(&[
        header("SENSITIVE: review"),
        body(&["Confidential", "Theo Walker is on SEN support."]),
    ]);
    assert_eq!(recognised.markings[0].place, MarkingPlace::Subject);
    assert!(
        recognised
            .findings
            .iter()
            .any(|f| f.kind == Kind::MarkingNearMiss)
    );
}

#[test]
fn an_empty_roster_still_sees_numbers_and_lists() {
    let documents = [body(&["Marlon Quill, UPN Z330476414004"])];
    let recognised = recognise(
        &documents,
        &Headers::default(),
        &Known {
            roster: &RosterIndex::empty(),
            settings: &settings(),
            locks: &Locks::default(),
            correspondents: &Default::default(),
            circle: &Default::default(),
        },
    );
    assert_eq!(recognised.subjects.len(), 1);
}

#[test]
fn findings_beyond_the_limit_are_counted() {
    let mut few = settings();
    few.limits.findings = 1;
    let documents = [body(&[
        "UPN T823430118808, NHS number 999 047 1045, mum 07700 900123",
    ])];
    let reading = Reading {
        documents: documents.to_vec(),
        ..Reading::default()
    };
    let inspection = assemble(reading, &school(), &few);
    assert_eq!(inspection.findings.len(), 2);
    let last = inspection.findings.last().expect("the limit");
    assert_eq!(last.kind, Kind::LimitReached);
    assert!(last.count >= 2);
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn no_text_panics(paragraphs in proptest::collection::vec("\\PC{0,200}", 0..4), subject in "\\PC{0,60}") {
            let borrowed: Vec<&str> = paragraphs.iter().map(String::as_str).collect();
            run(&[header(&subject), body(&borrowed)]);
        }

        #[test]
        fn no_table_panics(rows in proptest::collection::vec(proptest::collection::vec("(Forename|Surname|UPN|DOB|SEN|Theo|Walker|\\PC{0,12})", 0..6), 0..8)) {
            let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
            let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
            run(&[sheet("x.csv", &rows)]);
        }

        #[test]
        fn no_excerpt_shows_a_value(words in proptest::collection::vec(prop_oneof![
            Just("T823430118808"), Just("NHS number 9990471045"), Just("mum 07700 900123"), Just("sam@mail.example"),
            Just("DOB 04/09/2018"), Just("Theo Walker"), Just("password: Sunflower7!"), Just("lives at CR2 6XH"), Just("EHCP"), Just("and")
        ], 1..8)) {
            let recognised = said(&words.join(" "));
            for finding in &recognised.findings {
                for secret in ["T823430118808", "9990471045", "900123", "sam@", "2018", "Walker", "Sunflower", "CR2"] {
                    prop_assert!(!finding.excerpt.as_str().contains(secret), "{:?}", finding);
                }
            }
        }
    }
}
