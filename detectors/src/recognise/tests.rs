//! The recognisers as a whole, on hand-made documents and a made-up school.

use jiff::civil::{Date, date};

use super::*;
use crate::category::Category;
use crate::inspection::{Disposition, Identification, MarkingPlace};
use crate::roster::{Contact, Pupil, PupilId, Roster, Staff};
use crate::text::{Body, Passage, Role};

mod numbers;

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
        id,
        upn: None,
        legal_surname: surname.into(),
        legal_forename: forename.into(),
        preferred_forename: None,
        preferred_surname: None,
        dob: Some(dob),
        year_group: Some(year.into()),
        class: Some(class.into()),
        admission_number: Some(format!("0045{:02}", id.0)),
        address: None,
        postcode: None,
        email: None,
        sen_status: None,
        fsm: false,
        lac: false,
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
fn full_names_are_recognised_in_every_form() {
    for (paragraph, expected) in [
        ("Theo Walker was here", THEO),
        ("Theodore Walker was here", THEO),
        ("about Walker, Theo please", THEO),
        ("about WALKER Theo please", THEO),
        ("Theo Walker's coat", THEO),
        ("Theo Walker’s coat", THEO),
        ("THEO WALKER", THEO),
        ("Theo James Walker came", THEO),
        ("Theo J. Walker came", THEO),
        ("Th\u{200b}eo Wаlker came", THEO),
        ("Theo\u{a0}Walker came", THEO),
        ("Theo\nWalker came", THEO),
        ("Zoë O'Neill sang", ZOE),
        ("Zoe ONeill sang", ZOE),
        ("ZOE O’NEILL sang", ZOE),
        ("zoe o'neill sang", ZOE),
        ("Mary-Jane Carter-Hughes read", MARY),
        ("Mary Jane Hughes read", MARY),
        ("Mary Carter read", MARY),
        ("samir haddad forgot his coat", SAMIR),
        ("Grace Young won", GRACE),
        ("Young, Grace", GRACE),
    ] {
        assert_eq!(who(paragraph), [expected], "{paragraph}");
    }
}

#[test]
fn common_words_and_adults_are_nobody() {
    for paragraph in [
        "with grace young people learn",
        "Will may be late",
        "will may come",
        "Say grace, young man",
        "Mrs Grace Young teaches",
        "Mr T Walker rang",
        "Dr. Theo Walker spoke",
        "Miss Priya Nair, Teacher",
        "Kind regards\nPriya Nair",
        "Jo Head, Headteacher",
        "the walker took a theodolite",
        "Theo Smith and Ben Walker came",
        "Oliver Twist by Charles Dickens",
        "Walker crisps and Theo",
        "Grace Darling saved young sailors",
        "Ann Young, Grace Bell",
    ] {
        assert!(who(paragraph).is_empty(), "{paragraph}");
    }
}

#[test]
fn a_first_name_needs_its_class_year_or_birthday() {
    for (paragraph, expected) in [
        ("Theo in 4B had a bump", THEO),
        ("Could Theo (Year 4) come", THEO),
        ("Theo from Y4 came", THEO),
        ("T.W. (Y4) was late", THEO),
        ("Would you see T Walker, Year 4?", THEO),
        ("Walker, T. (4B)", THEO),
        ("TW in 4B was late", THEO),
        ("Zoe in Oak class sang", ZOE),
        ("Could Zoe from Oak come?", ZOE),
        ("Ava in 6C sang", AVA_SIX),
        ("Ava Shah in 6C sang", AVA_SIX),
        ("Theo, born 04/09/2018, is here", THEO),
        ("the child Grace in 5A", GRACE),
    ] {
        assert_eq!(who(paragraph), [expected], "{paragraph}");
    }
    for paragraph in [
        "Theo in 5A had a bump",
        "TV in 4B is broken",
        "Year 4 and 4B went out",
        "PE in 4B",
        "Theo has a coat",
        "under an oak, Zoe sang",
    ] {
        assert!(who(paragraph).is_empty(), "{paragraph}");
    }
}

#[test]
fn namesakes_stay_several_until_something_tells_them_apart() {
    assert_eq!(who("Ava Shah sang"), [AVA_FOUR, AVA_SIX]);
    let recognised = run(&[body(&[
        "Ava Shah (6C) sang.",
        "Later.",
        "Much later.",
        "Ava Shah left.",
    ])]);
    assert_eq!(recognised.subjects.len(), 1);
    assert_eq!(recognised.subjects[0].pupils, [AVA_SIX]);
}

#[test]
fn a_first_name_alone_is_a_mention() {
    let recognised = said("Today Theo had a lovely day at the farm");
    assert!(recognised.subjects.is_empty());
    assert_eq!(recognised.mentions.len(), 1);
    assert_eq!(recognised.mentions[0].candidates, [THEO]);
    assert_eq!(recognised.mentions[0].sensitivity, Sensitivity::Personal);
    // With what is said of one child only, the only Theo of the school is known.
    let recognised = said("Today Theo had a seizure and needs his midazolam");
    assert_eq!(recognised.subjects[0].pupils, [THEO]);
    assert_eq!(
        recognised.subjects[0].sensitivity,
        Sensitivity::HighlySensitive
    );
    let recognised = said("Today Ava had a seizure and needs her midazolam");
    assert!(recognised.subjects.is_empty());
    for paragraph in [
        "Dear Theo, thank you for the quote",
        "Theo",
        "Will you come?",
        "deliver it to number 4 Grace today",
        "theo",
    ] {
        assert!(said(paragraph).mentions.is_empty(), "{paragraph}");
    }
}

#[test]
fn a_later_first_name_belongs_to_the_named_pupil() {
    let filler = "We went on with the day as planned and nothing else of note was said about it by anybody at all. ".repeat(15);
    let recognised = run(&[body(&[
        "Theo Walker and Grace Young came.",
        &filler,
        &filler,
        "Theo has been diagnosed with epilepsy.",
    ])]);
    let of = |id| {
        recognised
            .subjects
            .iter()
            .find(|subject| subject.pupils == [id])
            .expect("named")
    };
    assert_eq!(of(THEO).sensitivity, Sensitivity::HighlySensitive);
    assert_eq!(of(GRACE).sensitivity, Sensitivity::Personal);
    assert!(recognised.mentions.is_empty());
}

#[test]
fn numbers_identify() {
    let recognised = said("UPN T823430118808 please");
    assert_eq!(recognised.subjects[0].pupils, [THEO]);
    assert_eq!(
        recognised.subjects[0].identified_by,
        [Identification::Number]
    );
    assert!(
        recognised
            .findings
            .iter()
            .any(|f| f.kind == Kind::RosterUpn && f.count == 1)
    );
    // A valid number of another school's pupil: with a name a subject, alone a finding only.
    let other = said("Please send the file of Marlon Quill, UPN Z330476414004, to us");
    assert_eq!(
        (
            other.subjects.len(),
            other.subjects[0].pupils.len(),
            other.subjects[0].count
        ),
        (1, 0, 1)
    );
    assert_eq!(other.subjects[0].sensitivity, Sensitivity::Sensitive);
    let alone = said("the code is Z330476414004");
    assert!(alone.subjects.is_empty());
    assert!(alone.findings.iter().any(|f| f.kind == Kind::Upn));
}

#[test]
fn a_contacts_address_identifies() {
    let recognised = said("Please write to sam@mail.example about the trip");
    assert_eq!(recognised.subjects[0].pupils, [THEO]);
    assert_eq!(
        recognised.subjects[0].identified_by,
        [Identification::ContactAddress]
    );
    let quoted = run(&[Document {
        part: PartPath("1".into()),
        disposition: Disposition::Body,
        passages: vec![
            text(Role::Body, 1, "Thank you."),
            text(
                Role::Quoted,
                2,
                "On Monday Sam <sam@mail.example> wrote:\nMay we come?",
            ),
        ],
    }]);
    assert!(quoted.subjects.is_empty());
}

#[test]
fn ordinary_matter_of_one_child_stays_personal() {
    for paragraph in [
        "Theo Walker was absent on Monday.",
        "Theo Walker has not handed in his homework.",
        "Theo Walker may come on the trip; lunch is packed.",
        "Theo Walker's attendance is 94%.",
        "Theo Walker has a detention on Friday.",
        "Theo Walker bumped his head at playtime and is fine.",
        "Theo Walker reached a scaled score of 104.",
    ] {
        assert_eq!(level(paragraph), Sensitivity::Personal, "{paragraph}");
    }
}

#[test]
fn special_matter_raises() {
    for (paragraph, category, expected) in [
        (
            "Theo Walker is on SEN support.",
            Category::Send,
            Sensitivity::Sensitive,
        ),
        (
            "Theo Walker's EHCP is attached.",
            Category::Send,
            Sensitivity::HighlySensitive,
        ),
        (
            "Theo Walker has a child protection plan.",
            Category::Safeguarding,
            Sensitivity::HighlySensitive,
        ),
        (
            "Theo Walker has an inhaler.",
            Category::Health,
            Sensitivity::HighlySensitive,
        ),
        (
            "Theo Walker was suspended for two days.",
            Category::Exclusion,
            Sensitivity::Sensitive,
        ),
        (
            "Theo Walker was permanently excluded.",
            Category::Exclusion,
            Sensitivity::HighlySensitive,
        ),
        (
            "Theo Walker gets free school meals.",
            Category::FreeMeals,
            Sensitivity::Sensitive,
        ),
        (
            "Theo Walker lives with a foster carer.",
            Category::LookedAfter,
            Sensitivity::HighlySensitive,
        ),
        (
            "There is a court order about Theo Walker.",
            Category::Court,
            Sensitivity::HighlySensitive,
        ),
        (
            "Theo Walker was arrested for theft; see the police report.",
            Category::Criminal,
            Sensitivity::HighlySensitive,
        ),
        (
            "Theo Walker's home address is 1 Elm Row.",
            Category::Contact,
            Sensitivity::Sensitive,
        ),
        (
            "Theo Walker's mum: 07700 900123",
            Category::Contact,
            Sensitivity::Sensitive,
        ),
        (
            "Theo Walker lives at 1 Elm Row, CR2 6XH",
            Category::Contact,
            Sensitivity::Sensitive,
        ),
        (
            "Theo Walker is bullying others.",
            Category::Behaviour,
            Sensitivity::Sensitive,
        ),
        (
            "Theo Walker, NHS number 999 047 1045",
            Category::Health,
            Sensitivity::Sensitive,
        ),
    ] {
        let recognised = said(paragraph);
        assert_eq!(recognised.subjects.len(), 1, "{paragraph}");
        let subject = &recognised.subjects[0];
        assert!(
            subject.categories.contains(&category),
            "{paragraph}: {:?}",
            subject.categories
        );
        assert_eq!(subject.sensitivity, expected, "{paragraph}");
        assert_eq!(
            recognised.sensitivity.get(&PartPath("1".into())),
            Some(&expected),
            "{paragraph}"
        );
    }
    assert_eq!(level("Theo Walker, DOB 04/09/2018"), Sensitivity::Sensitive);
    assert_eq!(
        level("Theo Walker (UPN T823430118808)"),
        Sensitivity::Sensitive
    );
}

#[test]
fn subject_line_body_and_file_name_reach_each_other() {
    let recognised = run(&[
        header("Child protection conference"),
        body(&["Theo Walker, Tuesday 10 am."]),
    ]);
    assert_eq!(
        recognised.subjects[0].sensitivity,
        Sensitivity::HighlySensitive
    );
    let recognised = run(&[header("Theo Walker"), body(&["The EHCP is finished."])]);
    assert_eq!(
        recognised.subjects[0].sensitivity,
        Sensitivity::HighlySensitive
    );
    let attachment = Document {
        part: PartPath("2".into()),
        disposition: Disposition::Attachment,
        passages: vec![
            text(Role::FileName, 0, "Theo_Walker_EHCP.docx"),
            text(Role::Document, 1, "Draft"),
        ],
    };
    let recognised = run(&[header("Draft"), body(&["Please see attached."]), attachment]);
    assert_eq!(recognised.subjects[0].pupils, [THEO]);
    assert_eq!(
        recognised.sensitivity.get(&PartPath("2".into())),
        Some(&Sensitivity::HighlySensitive)
    );
    assert_eq!(recognised.sensitivity.get(&PartPath("1".into())), None);
}

#[test]
fn quoted_history_weighs_half_and_is_still_seen() {
    let recognised = run(&[Document {
        part: PartPath("1".into()),
        disposition: Disposition::Body,
        passages: vec![
            text(Role::Body, 1, "Thank you."),
            text(Role::Quoted, 2, "Theo Walker has a child protection plan."),
        ],
    }]);
    assert_eq!(
        recognised.subjects[0].sensitivity,
        Sensitivity::HighlySensitive
    );
}

#[test]
fn ordinary_school_mail_concerns_nobody() {
    for paragraphs in [
        &[
            "Newsletter",
            "Dear parents and carers, term dates are below. Sports day is on 4 July.",
            "The SEND coffee morning is on Tuesday. Autism awareness week went well.",
        ][..],
        &["This week's menu: sausage and mash, allergens are listed. Nut-free school!"],
        &[
            "Our safeguarding policy and the child protection policy were ratified by governors. KCSIE applies to all staff.",
        ],
        &[
            "Pupils with SEND are supported. An EHCP is issued by the local authority. This policy is reviewed each year. Next review date: 04/09/2026.",
        ],
        &[
            "Mrs P Nair\nSENCO and Designated Safeguarding Lead\nTel 01632 960000\nHigh Street, M1 1AA\noffice@school.example",
        ],
        &["INSET day on 4 September 2026. The office opens at 8.30."],
        &["Invoice 4823430118 for order T823430118809, total £120.00"],
        &["Year 4 attendance was 96%. 4B had the best attendance."],
        &["A Year 4 pupil was bullied; the pupil has autism. Child A was suspended."],
        &[
            "We are looking for a teaching assistant. Enhanced DBS and references. Please apply by 4 May.",
        ],
        &[
            "Will you be able to come? May I suggest Rose Hall? Mark the date. Summer is near. Hope to see you.",
        ],
        &[
            "Anti-bullying week starts on Monday. Mental health first aid for staff. Prevent duty training.",
        ],
        &["Teams meeting ID: 999 047 1045 passcode 9xYz11"],
    ] {
        let recognised = run(&[header("From school"), body(paragraphs)]);
        assert!(
            recognised.subjects.is_empty(),
            "{paragraphs:?}: {:?}",
            recognised.subjects
        );
        assert!(
            recognised.mentions.is_empty(),
            "{paragraphs:?}: {:?}",
            recognised.mentions
        );
    }
}

#[test]
fn news_that_names_a_winner_is_news_and_news_of_hardship_is_not() {
    let news = [
        "Newsletter",
        "Dear parents and carers, well done to Theo Walker, star of the week!",
        "Term dates: Monday 4 January.",
    ];
    assert!(run(&[header("News"), body(&news)]).subjects.is_empty());
    let hardship = [
        "Newsletter",
        "Dear parents and carers, the family of Theo Walker was evicted and needs help.",
        "Term dates: Monday 4 January.",
    ];
    let recognised = run(&[header("News"), body(&hardship)]);
    assert_eq!(recognised.subjects[0].pupils, [THEO]);
    assert_eq!(recognised.subjects[0].sensitivity, Sensitivity::Sensitive);
}

#[test]
fn a_category_elsewhere_in_a_long_text_does_not_reach() {
    let filler = "We went on with the day as planned and nothing else of note was said about it by anybody at all. ".repeat(15);
    let recognised = run(&[body(&[
        "Theo Walker and Grace Young read a poem.",
        &filler,
        &filler,
        "Our club supports children with epilepsy.",
    ])]);
    assert!(
        recognised
            .subjects
            .iter()
            .all(|subject| subject.sensitivity == Sensitivity::Personal)
    );
}

#[test]
fn a_sheet_of_roster_pupils_is_a_list() {
    let recognised = run(&[sheet(
        "marks.xlsx",
        &[
            &["Surname", "Forename", "Class", "SEN"],
            &["Walker", "Theo", "4B", "K"],
            &["O'NEILL", "ZOE", "Oak", "N"],
            &["Shah", "Ava", "6C", "E"],
            &["Mrs Young", "Grace", "", ""],
        ],
    )]);
    let table = recognised
        .findings
        .iter()
        .find(|f| f.kind == Kind::PupilTable)
        .expect("a table");
    assert_eq!((table.count, table.place.as_str()), (3, "Sheet1!A2"));
    let of = |id| {
        recognised
            .subjects
            .iter()
            .find(|s| s.pupils == [id])
            .expect("a subject")
    };
    assert_eq!(recognised.subjects.len(), 3);
    assert_eq!(of(THEO).sensitivity, Sensitivity::Sensitive);
    assert!(of(THEO).categories.contains(&Category::Send));
    assert!(!of(ZOE).categories.contains(&Category::Send));
    assert_eq!(of(AVA_SIX).sensitivity, Sensitivity::HighlySensitive);
    assert!(of(THEO).identified_by.contains(&Identification::TableRow));
}

#[test]
fn cells_without_headings_are_read_in_either_order() {
    let recognised = run(&[sheet(
        "list.csv",
        &[
            &["Theo", "Walker", "x"],
            &["Haddad", "Samir", "y"],
            &["7", "Grace", "Young"],
        ],
    )]);
    let pupils: Vec<_> = recognised
        .subjects
        .iter()
        .flat_map(|s| s.pupils.clone())
        .collect();
    assert_eq!(pupils, [THEO, GRACE, SAMIR]);
}

#[test]
fn a_list_of_another_schools_pupils_is_one_subject_with_a_count() {
    let recognised = run(&[sheet(
        "transfer.csv",
        &[
            &["Surname", "Forename", "UPN", "DOB"],
            &["Quill", "Marlon", "Z330476414004", "04/09/2014"],
            &["Penn", "Asta", "T823331318358", "05/09/2014"],
            &["Roe", "Kim", "U823334522372", "41886"],
        ],
    )]);
    assert_eq!(recognised.subjects.len(), 1);
    let subject = &recognised.subjects[0];
    assert_eq!((subject.pupils.len(), subject.count), (0, 3));
    assert_eq!(subject.sensitivity, Sensitivity::Sensitive);
    let upns = recognised
        .findings
        .iter()
        .find(|f| f.kind == Kind::Upn)
        .expect("numbers");
    assert_eq!((upns.count, upns.excerpt.as_str()), (3, "**********004"));
}

#[test]
fn tables_that_list_no_pupils_are_none() {
    for rows in [
        &[
            &["Name", "Role", "Email"][..],
            &["Priya Nair", "Teacher", "p.nair@school.example"],
            &["Jo Head", "Head", "head@school.example"],
            &["Kim Roe", "Clerk", "clerk@school.example"],
        ][..],
        &[
            &["Item", "Quantity", "Price"],
            &["Glue", "4", "£2.00"],
            &["Paper", "5", "£3.00"],
            &["Pens", "9", "£1.00"],
        ],
        &[
            &["Day", "Class", "Activity"],
            &["Monday", "4B", "Swimming"],
            &["Tuesday", "5A", "Drama"],
            &["Friday", "6C", "Chess"],
        ],
        &[
            &["Class", "Teacher", "Room"],
            &["4B", "Mrs Young", "1"],
            &["5A", "Miss Nair", "2"],
            &["6C", "Mr Walker", "3"],
        ],
    ] {
        let recognised = run(&[sheet("staff.xlsx", rows)]);
        assert!(
            recognised.subjects.is_empty(),
            "{rows:?}: {:?}",
            recognised.subjects
        );
        assert!(
            !recognised
                .findings
                .iter()
                .any(|f| f.kind == Kind::PupilTable),
            "{rows:?}"
        );
    }
}

#[test]
fn admission_numbers_count_under_their_heading_only() {
    let recognised = run(&[sheet(
        "adno.csv",
        &[&["Adno", "Reading"], &["004501", "104"], &["004502", "98"]],
    )]);
    assert_eq!(recognised.subjects.len(), 2);
    assert!(said("Room 004501 is closed").subjects.is_empty());
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

#[test]
fn the_order_of_attachments_does_not_matter() {
    let one = sheet(
        "a.csv",
        &[&["Surname", "Forename", "SEN"], &["Walker", "Theo", "K"]],
    );
    let mut two = sheet("b.csv", &[&["Theo Walker", "EHCP"]]);
    two.part = PartPath("3/b.csv".into());
    let forth = run(&[one.clone(), two.clone()]);
    let back = run(&[two, one]);
    assert_eq!(forth.subjects, back.subjects);
    assert_eq!(forth.sensitivity, back.sensitivity);
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

#[test]
fn what_somebody_has_is_no_surname() {
    let recognised = said("Dear Pat, Grace's EHCP is ready.");
    assert_eq!(recognised.subjects.len(), 1);
    assert_eq!(recognised.subjects[0].categories, [Category::Send]);
}

#[test]
fn whoever_writes_or_is_written_to_is_no_pupil_of_the_same_name() {
    let headers = Headers {
        to: vec![crate::inspection::Mailbox {
            name: "Ava Shah".into(),
            address: "ava.shah@firm.example".into(),
        }],
        ..Headers::default()
    };
    let subjects = |paragraphs: &[&str]| {
        let roster = school();
        let known = Known {
            roster: &roster,
            settings: &settings(),
            locks: &Locks::default(),
            correspondents: &addresses::correspondents(&headers, &roster),
            circle: &Circle::of(&headers, &roster),
        };
        recognise(&[header("Renewal"), body(paragraphs)], &headers, &known)
            .subjects
            .len()
    };
    assert_eq!(
        subjects(&["Dear Ava Shah,", "Thank you for the quotation."]),
        0
    );
    assert_eq!(
        subjects(&[
            "On 3 November, Ava Shah <ava.shah@firm.example> wrote:",
            "Ava Shah"
        ]),
        0
    );
    assert_eq!(subjects(&["Ava Shah has moved up a set."]), 1);
}

#[test]
fn prize_winners_are_news_and_a_table_of_them_is_a_list() {
    let news = body(&[
        "Dear families, here is our newsletter.",
        "Well done to Theo Walker, Grace Young and Zoe O'Neill, our stars of the week!",
    ]);
    assert!(run(&[header("News"), news.clone()]).subjects.is_empty());
    let sheet = sheet(
        "scores.csv",
        &[
            &["Name", "Class", "Score"],
            &["Theo Walker", "4B", "98"],
            &["Grace Young", "5A", "101"],
            &["Zoe O'Neill", "Oak", "110"],
        ],
    );
    assert_eq!(run(&[header("News"), news, sheet]).subjects.len(), 3);
}
