//! What is said of somebody, and how grave it is.

use super::*;

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
