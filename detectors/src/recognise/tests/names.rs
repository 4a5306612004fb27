//! Who is recognised, and by what.

use super::*;

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
