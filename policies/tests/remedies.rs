//! What the sender of a held message may do about it.

mod school;

use school::*;
use schoolgate_detectors::{Category, Kind, Sensitivity, UnreadReason};
use schoolgate_policies::{Barred, Pack, Remedies, Stance, decide, remedies};

/// The baseline, with a reason allowed for markings too.
fn with_overrides(more: &str) -> Pack {
    let text = format!(
        "name = \"own\"\nextends = \"baseline\"\n{more}\n\
         [[rules]]\nid = \"marking.agency\"\noverride = true\n\
         [[rules]]\nid = \"marking.special\"\noverride = true\n"
    );
    Pack::load(&text, &|_| None).expect("a pack without mistakes")
}

fn of(letter: &Letter, pack: &Pack) -> Remedies {
    let facts = letter.facts();
    let decision = decide(&facts, &letter.inspection, pack);
    remedies(&facts, &letter.inspection, &decision, pack)
}

/// About Ann's attendance to the council, without the marking: held.
fn to_the_council() -> Letter {
    letter(&[COUNCIL]).about(&[ANN], &[Category::Attendance], Sensitivity::Personal)
}

#[test]
fn the_marking_is_offered_where_it_is_all_that_is_missing() {
    let remedies = of(&to_the_council(), &baseline());
    assert_eq!(remedies.marking.as_deref(), Some("SENSITIVE"));
    let highly = letter(&[MOTHER]).about(
        &[ANN],
        &[Category::Safeguarding],
        Sensitivity::HighlySensitive,
    );
    let remedies = of(&highly, &baseline());
    assert_eq!(remedies.marking.as_deref(), Some("HIGHLY SENSITIVE"));
    assert_eq!(remedies.send, Err(Barred::Rule));
}

#[test]
fn the_marking_is_not_offered_where_more_is_missing() {
    let unread = to_the_council().unread("2", UnreadReason::Damaged);
    let remedies = of(&unread, &with_overrides(""));
    assert_eq!(remedies.marking, None);
    assert_eq!(remedies.send, Err(Barred::Concern));
}

#[test]
fn a_reason_does_only_where_every_rule_says_so() {
    assert_eq!(of(&to_the_council(), &baseline()).send, Err(Barred::Rule));
    assert_eq!(of(&to_the_council(), &with_overrides("")).send, Ok(()));
}

#[test]
fn what_does_harm_in_one_go_is_never_sent_for_a_reason() {
    let pack = with_overrides("");
    let many = to_the_council()
        .about(&[BEN], &[Category::Attendance], Sensitivity::Personal)
        .about(&[CAL], &[Category::Attendance], Sensitivity::Personal)
        .about(&[DOT], &[Category::Attendance], Sensitivity::Personal);
    assert_eq!(of(&many, &pack).send, Err(Barred::Pupils));
    let highly = letter(&[MOTHER]).about(
        &[ANN],
        &[Category::Safeguarding],
        Sensitivity::HighlySensitive,
    );
    assert_eq!(of(&highly, &pack).send, Err(Barred::HighlySensitive));
    let mut unlisted = to_the_council();
    unlisted.envelope.reverse_path = "nobody.known@oak.example".into();
    assert_eq!(of(&unlisted, &pack).send, Err(Barred::Sender));
    let stranger =
        letter(&[STRANGER]).about(&[ANN], &[Category::Attendance], Sensitivity::Personal);
    assert_eq!(of(&stranger, &pack).send, Err(Barred::NotHeld));
    let mut observed = to_the_council();
    observed.stance = Stance::Observe;
    assert_eq!(of(&observed, &pack).send, Err(Barred::NotHeld));
}

#[test]
fn a_password_that_a_pack_only_watches_is_not_sent_for_a_reason_either() {
    let pack = with_overrides("[[rules]]\nid = \"credentials.anybody\"\nmode = \"monitor\"\n");
    let with_password = to_the_council().found(Kind::Credential);
    let remedies = of(&with_password, &pack);
    assert_eq!(remedies.send, Err(Barred::Concern));
    assert_eq!(of(&to_the_council(), &pack).send, Ok(()));
}

#[test]
fn a_pack_cannot_let_more_than_a_few_go() {
    let refused = |text: &str| {
        let text = format!("name = \"own\"\nextends = \"baseline\"\n{text}");
        Pack::load(&text, &|_| None)
            .expect_err("a mistake")
            .to_string()
    };
    assert!(refused("[remedies]\nmost-pupils = 30\n").contains("from 0 to 5"));
    assert!(refused("[remedies]\ntold = [\"technician\"]\n").contains("role"));
    assert!(refused("[remedies]\ntold = []\n").contains("names nothing"));
    assert!(refused("[remedies]\noverride-a-day = 3\n").contains("overrides-a-day"));
    for id in [
        "credentials.anybody",
        "mass-disclosure.open-list",
        "uninspectable.unread",
        "misdirected.other-family",
    ] {
        let text = format!("[[rules]]\nid = \"{id}\"\noverride = true\n");
        assert!(refused(&text).contains("`override`"), "{id}");
    }
}

#[test]
fn a_rule_says_that_a_reason_may_do() {
    let pack = baseline();
    let rule = pack
        .rule("attachment-encryption.sensitive")
        .expect("a rule of the baseline");
    let sentence = schoolgate_policies::explain::rule(rule);
    assert!(
        sentence.contains("may have it sent all the same for a stated reason"),
        "{sentence}"
    );
}
