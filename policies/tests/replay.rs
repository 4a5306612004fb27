//! Another pack, asked about what has passed.

mod school;

use std::collections::BTreeSet;

use school::*;
use schoolgate_detectors::{Category, Kind, Sensitivity};
use schoolgate_policies::replay::{Answer, Change, Kept, Lack, Past, Replay, replay};
use schoolgate_policies::{
    Pack, RosterState, SenderGroup, Stance, Verdict, decide, subject_prefixes,
};

const ALL_KEPT: Kept = Kept {
    special_matter: true,
    addresses: true,
    forwards: true,
};

/// The baseline with more in it.
fn own(more: &str) -> Pack {
    let text = format!("name = \"own\"\nextends = \"baseline\"\n{more}");
    Pack::load(&text, &|_| None).unwrap_or_else(|e| panic!("{e}"))
}

/// The marking is not asked for.
fn lenient() -> Pack {
    own("[[rules]]\nid = \"marking.special\"\nmode = \"off\"\n")
}

/// About Ann's health to her mother, without the marking: held.
fn unmarked() -> Letter {
    letter(&[MOTHER]).special(ANN)
}

fn again(letter: &Letter, before: Option<&Pack>, kept: Kept, after: &Pack) -> Replay {
    let facts = letter.facts();
    let decision = decide(&facts, &letter.inspection, before.unwrap_or(&baseline()));
    let past = Past {
        facts: &facts,
        inspection: &letter.inspection,
        decision: &decision,
        pack: before,
        kept,
    };
    replay(&past, after)
}

#[track_caller]
fn check(letter: &Letter, after: &Pack, before: Verdict, expected: Verdict, rule: Option<&str>) {
    let replay = again(letter, Some(&baseline()), ALL_KEPT, after);
    assert_eq!(replay.before.verdict, before);
    let change = replay.change();
    let Answer::Known(after) = replay.after else {
        panic!("open: {replay:?}");
    };
    assert_eq!(after.verdict, expected);
    assert_eq!(after.rules.first().map(String::as_str), rule);
    assert_eq!(change == Some(Change::Verdict), before != expected);
}

#[track_caller]
fn check_open(replay: &Replay, possible: &[Verdict], lacks: &[Lack]) {
    let expected = Answer::Open {
        possible: possible.iter().copied().collect(),
        lacks: lacks.iter().copied().collect::<BTreeSet<_>>(),
    };
    assert_eq!(replay.after, expected);
    assert_eq!(replay.change(), None);
}

#[test]
fn the_same_pack_says_the_same() {
    let hold = Verdict::Hold;
    check(
        &unmarked(),
        &baseline(),
        hold,
        hold,
        Some("marking.special"),
    );
    let pass = Verdict::Deliver;
    check(
        &letter(&[MOTHER]).ordinary(ANN),
        &baseline(),
        pass,
        pass,
        None,
    );
}

#[test]
fn another_pack_changes_verdicts_and_names_its_rule() {
    check(
        &unmarked(),
        &lenient(),
        Verdict::Hold,
        Verdict::Deliver,
        None,
    );
    let strict = own(
        "[[rules]]\nid = \"own.home\"\nconcern = \"pupil-data\"\nthen = \"quarantine\"\n\
         when = { all = [\"pupil-data\", { relation = [\"own-contact\"] }] }\nclauses = []\n",
    );
    let news = letter(&[MOTHER]).ordinary(ANN);
    let (pass, stop) = (Verdict::Deliver, Verdict::Quarantine);
    check(&news, &strict, pass, stop, Some("own.home"));
}

#[test]
fn what_was_only_observed_is_compared_with_what_enforcing_would_say() {
    let mut observed = unmarked();
    observed.stance = Stance::Observe;
    check(&observed, &lenient(), Verdict::Hold, Verdict::Deliver, None);
    let hold = Verdict::Hold;
    check(&observed, &baseline(), hold, hold, Some("marking.special"));
}

#[test]
fn a_pack_that_splits_changes_the_verdict_of_some() {
    let letter = letter(&[MOTHER, HEAD]).special(ANN);
    let replay = again(&letter, Some(&baseline()), ALL_KEPT, &own("split = true\n"));
    assert_eq!(replay.change(), Some(Change::Recipients(1)));
}

#[test]
fn other_marking_words_leave_open_only_what_depends_on_them() {
    let words = own("[markings]\nsensitive = [\"PRIVATE\"]\nhighly-sensitive = [\"SECRET\"]\n");
    let both = [Verdict::Deliver, Verdict::Hold];
    let replay = again(&unmarked(), Some(&baseline()), ALL_KEPT, &words);
    check_open(&replay, &both, &[Lack::MarkingWords]);
    // Nothing about pupils: whatever stands there as a marking.
    let (pass, soup) = (Verdict::Deliver, letter(&[MOTHER]));
    check(&soup, &words, pass, pass, None);
    // Whatever its marking, a stranger does not get it; a rule on markings may apply too.
    let to_a_stranger = letter(&[STRANGER]).special(ANN);
    let replay = again(&to_a_stranger, Some(&baseline()), ALL_KEPT, &words);
    let Answer::Known(said) = &replay.after else {
        panic!("{replay:?}");
    };
    assert_eq!(said.verdict, Verdict::Quarantine);
    assert!(said.rules.iter().all(|rule| !rule.starts_with("marking.")));
    assert!(said.perhaps.contains("marking.special"), "{said:?}");
    // Of a pack that is gone nobody knows its words.
    let replay = again(&unmarked(), None, ALL_KEPT, &baseline());
    check_open(&replay, &both, &[Lack::MarkingWords]);
    // A pack that asks for no marking has an answer all the same.
    let none = own(
        "[markings]\nsensitive = [\"PRIVATE\"]\n[[rules]]\nid = \"marking.special\"\n\
         mode = \"off\"\n[[rules]]\nid = \"marking.near-miss\"\nmode = \"monitor\"\n",
    );
    check(&unmarked(), &none, Verdict::Hold, pass, None);
}

#[test]
fn the_age_of_the_roster_is_not_made_up() {
    let shorter = own("[settings]\nroster-stale-days = 7\n");
    let longer = own("[settings]\nroster-stale-days = 90\n");
    let stop = Verdict::Quarantine;
    let to_stranger =
        letter(&[CALS_MOTHER]).about(&[ANN], &[Category::Attendance], Sensitivity::Personal);
    let rule = Some("misdirected.other-family");
    check(&to_stranger, &longer, stop, stop, rule);
    let replay = again(&to_stranger, Some(&baseline()), ALL_KEPT, &shorter);
    let both = [Verdict::Deliver, stop];
    check_open(&replay, &both, &[Lack::RosterAge]);
    let mut stale = to_stranger;
    stale.roster = RosterState::Stale;
    let pass = Verdict::Deliver;
    check(&stale, &shorter, pass, pass, None);
    let replay = again(&stale, Some(&baseline()), ALL_KEPT, &longer);
    check_open(&replay, &both, &[Lack::RosterAge]);
    stale.roster = RosterState::Missing;
    check(&stale, &longer, pass, pass, None);
}

#[test]
fn facts_that_were_not_kept_are_asked_only_where_a_rule_needs_them() {
    let no_matter = Kept {
        special_matter: false,
        ..ALL_KEPT
    };
    let no_addresses = Kept {
        addresses: false,
        ..ALL_KEPT
    };
    let asks = |when: &str| {
        let text = format!(
            "name = \"a\"\n[[rules]]\nid = \"r\"\nconcern = \"conduct\"\nwhen = {when}\n\
             then = \"hold\"\nclauses = []\n"
        );
        Pack::load(&text, &|_| None).unwrap_or_else(|e| panic!("{e}"))
    };
    let special = asks("\"special-category\"");
    let greets = asks("{ not = \"greets-another\" }");
    let ask = |letter: &Letter, kept, pack: &Pack| again(letter, Some(pack), kept, pack);
    let about = unmarked();
    check_open(
        &ask(&about, no_matter, &special),
        &[],
        &[Lack::SpecialMatter],
    );
    check_open(&ask(&about, no_addresses, &greets), &[], &[Lack::Addresses]);
    let no_forwards = Kept {
        forwards: false,
        ..ALL_KEPT
    };
    let forwarded = asks("{ forwarded = 2 }");
    check_open(
        &ask(&about, no_forwards, &forwarded),
        &[],
        &[Lack::Forwards],
    );
    let spoken = asks("{ speaks-of = [\"health\"] }");
    let phrase = unmarked().found(Kind::CategoryPhrase);
    check_open(&ask(&phrase, ALL_KEPT, &spoken), &[], &[Lack::SpokenOf]);
    for (letter, kept, pack) in [
        (&about, ALL_KEPT, &spoken),
        (&about, no_forwards, &spoken),
        (&about, no_addresses, &special),
        (&about, no_matter, &greets),
        (&letter(&[MOTHER]), no_matter, &special),
    ] {
        let replay = ask(letter, kept, pack);
        assert_eq!(replay.change(), Some(Change::None), "{replay:?}");
    }
}

#[test]
fn a_senders_groups_of_before_they_were_kept_are_not_made_up() {
    let text = "name = \"a\"\n[[rules]]\nid = \"r\"\nconcern = \"conduct\"\n\
                when = { sender = [\"senco\"] }\nthen = \"hold\"\nclauses = []\n";
    let pack = Pack::load(text, &|_| None).unwrap_or_else(|e| panic!("{e}"));
    let message = unmarked();
    let mut facts = message.facts();
    let decision = decide(&facts, &message.inspection, &pack);
    facts.sender.groups.clear();
    let past = Past {
        facts: &facts,
        inspection: &message.inspection,
        decision: &decision,
        pack: Some(&pack),
        kept: ALL_KEPT,
    };
    check_open(&replay(&past, &pack), &[], &[Lack::SenderGroups]);
    let mut foreign = facts.clone();
    foreign.sender.group = SenderGroup::Foreign;
    let past = Past {
        facts: &foreign,
        ..past
    };
    assert_eq!(replay(&past, &pack).change(), Some(Change::None));
}

#[test]
fn of_a_subject_only_what_stands_before_it_is_kept() {
    for (subject, kept) in [
        ("Fwd: FW : Re: Isla: a report", "Fwd: FW : Re:"),
        ("Re: Isla", "Re:"),
        ("Isla: a report", ""),
        ("Reading: Isla", ""),
        (" fw:", " fw:"),
        ("", ""),
    ] {
        assert_eq!(subject_prefixes(subject), kept, "{subject}");
    }
}
