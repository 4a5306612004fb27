//! What people read.

mod school;

use school::*;
use schoolgate_detectors::{
    Encryption, Kind, MarkingLevel, Masked, PupilId, Sensitivity, UnreadReason,
};
use schoolgate_policies::{Pack, explain};

fn said(letter: &Letter) -> explain::Explanation {
    explain::decision(&letter.decision(), &letter.inspection, &baseline())
}

#[test]
fn a_rule_is_said_from_its_tree() {
    let pack = baseline();
    let sentence = |id: &str| explain::rule(pack.rule(id).expect("a rule of the baseline"));
    assert_eq!(
        sentence("pupil-data.unknown-recipient"),
        "When the recipient is a personal address that the school does not know or an outside \
         address that the school does not know, the message holds personal data of a pupil and \
         no registered permission covers it, the message waits for a reviewer (clauses 001-55, 002-25, 002-45, 004-17 and 000-20). While the \
         roster is missing or old this is only recorded."
    );
    assert_eq!(
        sentence("credentials.anybody"),
        "When the message holds a password or log-in and (the recipient is outside the school or a pupil or the pack's switch log-ins-inside is off), the message waits for its sender to put \
         it right (clauses 001-6, 002-11, 003-3, 004-3 and 000-4)."
    );
    assert_eq!(
        sentence("attachment-encryption.special"),
        "When the recipient is outside the school or a pupil, an attachment that is sensitive \
         or more is not really encrypted, it is special-category or safeguarding matter and no \
         registered permission covers it without encryption, the message waits for its sender to put it right (clauses 001-19, 002-43 and 003-15)."
    );
}

#[test]
fn every_rule_has_a_sentence_without_machine_words() {
    for rule in &baseline().rules {
        let sentence = explain::rule(rule);
        assert!(sentence.starts_with("When "), "{sentence}");
        assert!(
            !sentence.contains("{") && !sentence.contains("()"),
            "{sentence}"
        );
        assert!(!sentence.contains("  "), "{sentence}");
    }
}

#[test]
fn the_page_names_every_rule_and_clause_once() {
    let pack = baseline();
    let page = explain::pack(&pack);
    for rule in &pack.rules {
        assert_eq!(
            page.matches(&format!("**{}**", rule.id)).count(),
            1,
            "{}",
            rule.id
        );
    }
    for clause in pack.clauses.keys() {
        assert_eq!(
            page.matches(&format!("**{clause}**")).count(),
            1,
            "{clause}"
        );
    }
}

#[test]
fn the_page_escapes_what_a_pack_says() {
    let pack = Pack::load("name = \"a\"\ntitle = \"<b>*x*\\n# y\"\n", &|_| None);
    let page = explain::pack(&pack.expect("accepted"));
    assert!(page.starts_with("# &lt;b&gt;\\*x\\* \\# y\n"), "{page}");
}

#[test]
fn names_in_a_workbook_are_added_up() {
    let mut letter = letter(&[STRANGER])
        .about(&[ANN], &[], Sensitivity::Personal)
        .attached("marks.xlsx", Sensitivity::Personal, Encryption::None);
    for i in 0..30 {
        let place = format!("Sheet1!A{}", i + 2);
        letter = letter.found_in(Kind::RosterName, "2/marks.xlsx", &place, 1, &[PupilId(i)]);
    }
    let explanation = said(&letter);
    assert_eq!(
        explanation.reasons[0].found,
        ["the names of 30 pupils in marks.xlsx, Sheet1"]
    );
    assert_eq!(
        explanation.headline,
        "It waits for a reviewer: this email has the names of 30 pupils in it, and it would go \
         to a personal address that the school does not know."
    );
    assert_eq!(explanation.reasons[0].clauses[0].id, "001-55");
    assert!(
        explanation.reasons[0].clauses[0]
            .quote
            .contains("confidential information")
    );
}

#[test]
fn a_list_is_said_once_and_before_all_else() {
    let pupils: Vec<PupilId> = (0..28).map(PupilId).collect();
    let mut letter = letter(&[STRANGER]).about(&[ANN], &[], Sensitivity::Personal);
    letter = letter.attached("4M.xlsx", Sensitivity::Personal, Encryption::None);
    for (kind, count) in [
        (Kind::Upn, 28),
        (Kind::RosterName, 28),
        (Kind::RosterUpn, 28),
        // Two of the thirty rows are children whom the roster does not know.
        (Kind::PupilTable, 30),
    ] {
        letter = letter.found_in(kind, "2/4M.xlsx", "4M!A2", count, &pupils);
    }
    let explanation = said(&letter);
    assert!(
        explanation
            .headline
            .contains("this email has a list of 30 pupils with their UPNs in it, and"),
        "{}",
        explanation.headline
    );
    assert_eq!(
        explanation.reasons[0].found,
        [
            "a list of 30 pupils in 4M.xlsx, 4M!A2",
            "the UPNs of 28 pupils in 4M.xlsx, 4M!A2"
        ]
    );
}

#[test]
fn many_matters_are_said_in_three() {
    let mut letter = letter(&[STRANGER]).special(ANN);
    letter.inspection.subjects[0].categories = schoolgate_detectors::Category::ALL.to_vec();
    let headline = said(&letter).headline;
    assert!(
        headline.contains("information about safeguarding, a criminal matter and other matters"),
        "{headline}"
    );
}

#[test]
fn one_finding_shows_its_masked_excerpt() {
    let letter = letter(&[STRANGER])
        .about(&[ANN], &[], Sensitivity::Personal)
        .found_in(Kind::RosterName, "1", "paragraph 2", 1, &[ANN]);
    assert_eq!(
        said(&letter).reasons[0].found,
        ["a pupil's name in the message, paragraph 2 (A** A**)"]
    );
}

#[test]
fn a_file_named_after_a_pupil_is_not_named() {
    let path = "2/Ann_Ash_EHCP.docx";
    let letter = letter(&[COUNCIL])
        .special(ANN)
        .sensitive()
        .attached(
            "Ann_Ash_EHCP.docx",
            Sensitivity::Sensitive,
            Encryption::None,
        )
        .found_in(Kind::RosterName, path, "file name", 1, &[ANN]);
    let explanation = said(&letter);
    let text = format!("{explanation:?}");
    assert!(!text.contains("Ann_Ash"), "{text}");
    assert!(text.contains("A**_A**_E***.d***"), "{text}");
}

#[test]
fn the_remedy_says_what_to_type() {
    let plain = letter(&[COUNCIL]).ordinary(ANN);
    assert_eq!(
        said(&plain).reasons[0].remedy,
        "Put SENSITIVE at the start of the subject and send it again."
    );
    let grave = letter(&[MOTHER]).special(ANN);
    assert_eq!(
        said(&grave).reasons[0].remedy,
        "Put HIGHLY SENSITIVE at the start of the subject and send it again."
    );
    assert_eq!(
        said(&grave).headline,
        "It waits for its sender to put it right: this email has information about health or \
         medication in it and would leave the school without a marking."
    );
}

#[test]
fn the_remedy_uses_the_schools_own_word() {
    let pack = Pack::load(
        "name = \"a\"\nextends = \"baseline\"\n[markings]\nsensitive = \"AMBER\"\n",
        &|_| None,
    )
    .expect("accepted");
    let letter = letter(&[COUNCIL]).ordinary(ANN);
    let decision = schoolgate_policies::decide(&letter.facts(), &letter.inspection, &pack);
    assert!(decision.rules[0].remedy.starts_with("Put AMBER at"));
}

#[test]
fn what_could_not_be_read_is_named_with_its_reason() {
    let letter = letter(&[BUSINESS])
        .attached("plan.xyz", Sensitivity::None, Encryption::None)
        .unread("2/plan.xyz", UnreadReason::UnknownFormat);
    let explanation = said(&letter);
    assert_eq!(
        explanation.reasons[0].found,
        ["plan.xyz could not be read: its format is not known"]
    );
    assert!(
        explanation.reasons[0]
            .sentence
            .contains("an attachment (Excel workbook)")
    );
}

#[test]
fn a_delivery_is_said_too() {
    assert_eq!(
        said(&letter(&[MOTHER]).ordinary(ANN)).headline,
        "The message is delivered."
    );
    let mut observed = letter(&[STRANGER]).ordinary(ANN);
    observed.stance = schoolgate_policies::Stance::Observe;
    assert_eq!(
        said(&observed).headline,
        "The message is delivered. Enforced, it waits for a reviewer."
    );
}

#[test]
fn a_near_miss_is_shown_as_it_was_typed() {
    let mut letter = letter(&[COUNCIL]).ordinary(ANN).found_in(
        Kind::MarkingNearMiss,
        "header",
        "Subject",
        1,
        &[],
    );
    letter.inspection.findings[0].excerpt = Masked::plain("CONFIDENTIAL");
    let explanation = said(&letter);
    let text = format!("{:?}", explanation.reasons);
    assert!(
        text.contains("a marking that is not quite right in the header, Subject (CONFIDENTIAL)"),
        "{text}"
    );
}

#[test]
fn a_clause_is_quoted_as_the_pack_has_it() {
    let letter = letter(&[COUNCIL]).ordinary(ANN);
    let clauses = &said(&letter).reasons[0].clauses;
    assert_eq!(clauses[0].id, "001-17");
    assert!(clauses[0].quote.contains("SENSITIVE/HIGHLY SENSITIVE"));
    // A marking of either level satisfies the clause.
    assert_eq!(MarkingLevel::Sensitive.covers(), Sensitivity::Sensitive);
}
