//! What holds for every message: decide is total, order changes nothing, and graver
//! matter is never judged more mildly.

mod school;

use std::collections::BTreeMap;

use jiff::civil::date;
use proptest::prelude::*;
use school::*;
use schoolgate_detectors::roster::Staff;
use schoolgate_detectors::{
    Category, Confidence, Encryption, Kind, MarkingLevel, MarkingPlace, PupilId, Sensitivity,
    UnreadReason,
};
use schoolgate_policies::examine::examine;
use schoolgate_policies::explain::changes;
use schoolgate_policies::replay::{Answer, Kept, Past, replay};
use schoolgate_policies::{Decision, Pack, RosterState, Stance, Verdict, decide};

const PEOPLE: &[&str] = &[
    MOTHER,
    STEPFATHER,
    FATHER,
    CALS_MOTHER,
    OTHER_CALS_FATHER,
    TEACHERS_OWN,
    COUNCIL,
    STRANGER,
    BUSINESS,
    HEAD,
    TEACHER,
    "ann@pupils.oak.example",
    "x@beech.example",
    "mother.ash@gmial.com",
    "not an address",
    "",
];

const DEPUTY: &str = "dee@oak.example";

/// Who may send.
const SENDERS: &[&str] = &[
    TEACHER,
    HEAD,
    DEPUTY,
    "ann@pupils.oak.example",
    "new@oak.example",
    "x@elsewhere.example",
];

const LEVELS: [Sensitivity; 4] = [
    Sensitivity::None,
    Sensitivity::Personal,
    Sensitivity::Sensitive,
    Sensitivity::HighlySensitive,
];

fn pupils() -> impl Strategy<Value = Vec<PupilId>> {
    prop::collection::vec((1_u64..8).prop_map(PupilId), 0..3)
}

fn categories() -> impl Strategy<Value = Vec<Category>> {
    prop::collection::vec(prop::sample::select(Category::ALL), 0..3)
}

fn letters() -> impl Strategy<Value = Letter> {
    let who = prop::collection::vec(prop::sample::select(PEOPLE), 0..12);
    let subjects = prop::collection::vec((pupils(), categories(), 0_usize..4), 0..4);
    let mentions = prop::collection::vec((pupils(), categories()), 0..4);
    let findings = prop::collection::vec(
        (
            prop::sample::select(Kind::ALL),
            0.0_f32..=1.0,
            0_u32..5,
            pupils(),
        ),
        0..8,
    );
    let parts = prop::collection::vec((0_usize..4, 0_u8..4), 0..3);
    let unread = prop::collection::vec(
        prop::sample::select(vec![
            UnreadReason::Media,
            UnreadReason::Encrypted,
            UnreadReason::WeaklyEncrypted,
            UnreadReason::Damaged,
        ]),
        0..2,
    );
    let circumstances = (
        any::<bool>(),
        any::<bool>(),
        0_u8..3,
        any::<bool>(),
        prop::sample::select(SENDERS),
        0_usize..3,
    );
    (
        who,
        subjects,
        mentions,
        findings,
        parts,
        unread,
        circumstances,
    )
        .prop_map(
            |(
                who,
                subjects,
                mentions,
                findings,
                parts,
                unread,
                (in_to, observe, state, marked, sender, forwards),
            )| {
                let mut letter = letter(&who);
                letter.envelope.reverse_path = sender.into();
                letter.known.staff.push(Staff {
                    name: "Dee Dogwood".into(),
                    email: DEPUTY.into(),
                    role: "Deputy Head / SENCO".into(),
                    personal_email: None,
                    personal_phone: None,
                    home_address: None,
                });
                letter.inspection.headers.subject = "Fwd: ".repeat(forwards);
                for (pupils, categories, level) in subjects {
                    letter = letter.about(&pupils, &categories, LEVELS[level]);
                }
                for (pupils, categories) in mentions {
                    letter = letter.mentions(&pupils, &categories);
                }
                for (kind, confidence, count, pupils) in findings {
                    letter = letter.found_in(kind, "2/a.xlsx", "Sheet1!A2", count, &pupils);
                    if let Some(finding) = letter.inspection.findings.last_mut() {
                        finding.confidence = Confidence::new(confidence);
                    }
                }
                for (level, lock) in parts {
                    let lock = match lock {
                        0 => Encryption::None,
                        1 => Encryption::Weak("w".into()),
                        2 => Encryption::PasswordBeside("p".into()),
                        _ => Encryption::Strong("s".into()),
                    };
                    letter = letter.attached("a.xlsx", LEVELS[level], lock);
                }
                for reason in unread {
                    letter = letter.unread("2/a.xlsx", reason);
                }
                if in_to {
                    letter = letter.in_to();
                }
                if marked {
                    letter = letter.marked(MarkingLevel::Sensitive, MarkingPlace::Subject);
                }
                if observe {
                    letter.stance = Stance::Observe;
                }
                letter.roster = [RosterState::Fresh, RosterState::Stale, RosterState::Missing]
                    [usize::from(state)];
                letter
            },
        )
}

type Verdicts = BTreeMap<String, (Verdict, Verdict)>;
type Reasons = Vec<(String, Vec<String>)>;

/// What must not depend on order: verdicts by address, and the rules with their people.
fn essence(decision: &Decision) -> (Verdicts, Reasons) {
    let verdicts = decision
        .recipients
        .iter()
        .map(|r| (r.address.clone(), (r.verdict, r.own_verdict)))
        .collect();
    let rules = decision
        .rules
        .iter()
        .map(|r| {
            let mut people = r.recipients.to_vec();
            people.sort();
            (format!("{} {} {}", r.id, r.why, r.remedy), people)
        })
        .collect();
    (verdicts, rules)
}

/// Conditions as a pack writes them.
fn conditions() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "\"outside\"",
        "\"pupil-data\"",
        "\"about-others\"",
        "\"speaks-of-pupils\"",
        "\"special-category\"",
        "\"unmarked\"",
        "\"marking-too-low\"",
        "\"marking-near-miss\"",
        "\"encrypted-attachment\"",
        "\"unread\"",
        "\"too-many-visible-families\"",
        "{ relation = [\"own-contact\", \"contact\"] }",
        "{ relation = [\"contact\"] }",
        "{ relation = [\"other-pupils-contact\", \"pupil\"] }",
        "{ relation = [\"staff\", \"governor\"] }",
        "{ relation = [\"webmail\", \"other\", \"agency\"] }",
        "{ sensitivity = \"sensitive\" }",
        "{ sensitivity = \"highly-sensitive\" }",
        "{ unprotected-attachment = \"sensitive\" }",
        "{ category = [\"health\", \"attendance\"] }",
        "{ category = [\"attendance\"] }",
        "{ pupils = 1 }",
        "{ pupils = 3 }",
        "{ unread = [\"damaged\", \"media\"] }",
        "{ visible-families-over = 0 }",
        "{ visible-families-over = 2 }",
        "{ found = [\"uk.upn\"] }",
        "{ found = [\"uk.upn\", \"credential\"], at-least = 2 }",
        "{ sender = [\"teacher\"] }",
        "{ sender = [\"senco\"] }",
        "{ sender = [\"deputy-head\", \"pupil\"] }",
        "{ sender = [\"foreign\", \"unlisted\"] }",
        "{ speaks-of = [\"health\"] }",
        "{ attachment-type = [\"program\", \"archive\"] }",
        "{ recipients = 2 }",
        "{ recipients = 5 }",
        "{ forwarded = 1 }",
        "{ sent-within = \"never\" }",
        "{ sent-outside = \"never\" }",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 4, |inner| {
        let list = prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            inner.prop_map(|c| format!("{{ not = {c} }}")),
            (list, any::<bool>()).prop_map(|(list, all)| {
                let key = if all { "all" } else { "any" };
                format!("{{ {key} = [{}] }}", list.join(", "))
            }),
        ]
    })
}

fn pack_of(when: &str) -> Pack {
    let text = format!(
        "name = \"a\"\n[hours]\nnever = {{ days = [\"sun\"], from = \"00:00\", to = \"00:01\" }}\n\
         [[rules]]\nid = \"r\"\nconcern = \"conduct\"\nwhen = {when}\n\
         then = \"hold\"\nmode = \"nudge\"\nclauses = []\n"
    );
    Pack::load(&text, &|_| None).unwrap_or_else(|e| panic!("{e}: {text}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    /// What is proved of a rule is true of every message.
    #[test]
    fn what_is_said_of_rules_holds_for_messages(
        first in conditions(),
        second in conditions(),
        letter in letters(),
    ) {
        let packs = [pack_of(&first), pack_of(&second)];
        let facts = letter.facts();
        let applies = packs.each_ref().map(|pack| {
            let decision = decide(&facts, &letter.inspection, pack);
            decision.rules.first().map(|r| r.recipients.clone()).unwrap_or_default()
        });
        for (pack, applies) in packs.iter().zip(&applies) {
            for remark in examine(pack, date(2026, 11, 24)) {
                if remark.what.contains("never apply") {
                    prop_assert!(applies.is_empty(), "{first} {second}");
                }
                if remark.what.contains("every message") {
                    prop_assert_eq!(applies.len(), facts.recipients.len());
                }
            }
        }
        let within = |a: &[String], b: &[String]| a.iter().all(|x| b.contains(x));
        for change in changes(&packs[0], &packs[1]) {
            let (before, after) = (&applies[0], &applies[1]);
            if change.what.contains("more messages") || change.what.contains("same messages") {
                prop_assert!(within(before, after), "{first} {second}");
            }
            if change.what.contains("fewer messages") || change.what.contains("same messages") {
                prop_assert!(within(after, before), "{first} {second}");
            }
        }
    }
}

/// The markings that a message may bear, and whether one is nearly right.
fn markings() -> impl Strategy<Value = (Option<MarkingLevel>, bool)> {
    let level = prop::option::of(prop::sample::select(vec![
        MarkingLevel::Sensitive,
        MarkingLevel::HighlySensitive,
    ]));
    (level, any::<bool>())
}

fn marked_so(letter: &Letter, (level, near_miss): (Option<MarkingLevel>, bool)) -> Letter {
    let mut letter = letter.clone();
    letter.inspection.markings.clear();
    let findings = &mut letter.inspection.findings;
    findings.retain(|f| f.kind != Kind::MarkingNearMiss);
    if let Some(level) = level {
        letter = letter.marked(level, MarkingPlace::FirstLine);
    }
    match near_miss {
        true => letter.found(Kind::MarkingNearMiss),
        false => letter,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Whatever words were markings and however old the roster was: what a replay says is
    /// what judging the message itself would have said.
    #[test]
    fn a_replay_guesses_nothing(
        first in conditions(),
        second in conditions(),
        letter in letters(),
        (seen, there) in (markings(), markings()),
        (days, stale) in (1_u32..80, any::<bool>()),
        at_hand in any::<bool>(),
    ) {
        let before = pack_of(&first);
        let mut after = pack_of(&second);
        after.markings.sensitive = vec!["PRIVATE".into()];
        after.settings.roster_stale_days = days;
        let stored = marked_so(&letter, seen);
        let mut real = marked_so(&letter, there);
        // What the days of the one pack say of the other's.
        real.roster = match (letter.roster, stale) {
            (RosterState::Fresh, true) if days < 35 => RosterState::Stale,
            (RosterState::Stale, true) if days > 35 => RosterState::Fresh,
            (state, _) => state,
        };
        let decision = decide(&stored.facts(), &stored.inspection, &before);
        let past = Past {
            facts: &stored.facts(),
            inspection: &stored.inspection,
            decision: &decision,
            pack: at_hand.then_some(&before),
            kept: Kept { special_matter: true, addresses: true, forwards: true },
        };
        let real = decide(&real.facts(), &real.inspection, &after);
        let verdict = match letter.stance {
            Stance::Enforce => real.verdict(),
            Stance::Observe => real.would_be,
        };
        match replay(&past, &after).after {
            Answer::Known(said) => {
                prop_assert_eq!(said.verdict, verdict, "{} {}", first, second);
                let recipients: Vec<Verdict> = real.recipients.iter().map(|r| r.verdict).collect();
                prop_assert_eq!(said.recipients, recipients);
            }
            Answer::Open { possible, lacks } => {
                prop_assert!(possible.contains(&verdict), "{possible:?} {first} {second}");
                prop_assert!(!lacks.is_empty());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn decide_is_total_and_repeatable(letter in letters()) {
        let decision = letter.decision();
        prop_assert_eq!(&decision, &letter.decision());
        prop_assert_eq!(decision.recipients.len(), letter.envelope.forward_paths.len());
        for rule in &decision.rules {
            prop_assert!(!rule.recipients.is_empty());
            prop_assert!(rule.findings.iter().all(|i| *i < letter.inspection.findings.len()));
            let unfilled = rule.why.contains('{') || rule.remedy.contains('{');
            prop_assert!(!unfilled);
        }
        // Stops have a reason, and reasons stop.
        let enforced = decision.governing().map_or(Verdict::Deliver, |r| r.verdict);
        prop_assert_eq!(decision.verdict(), enforced);
        prop_assert!(decision.would_be >= decision.verdict());
        if letter.stance == Stance::Observe {
            prop_assert_eq!(decision.verdict(), Verdict::Deliver);
        }
    }

    #[test]
    fn the_order_of_what_was_seen_changes_nothing(letter in letters(), turn in 0_usize..7) {
        let mut turned = letter.clone();
        let seen = &mut turned.inspection;
        let spin = |len: usize| if len == 0 { 0 } else { turn % len };
        let n = spin(seen.findings.len());
        seen.findings.rotate_left(n);
        seen.findings.reverse();
        let n = spin(seen.subjects.len());
        seen.subjects.rotate_left(n);
        seen.mentions.reverse();
        seen.parts.reverse();
        seen.unread.reverse();
        seen.headers.to.reverse();
        prop_assert_eq!(essence(&letter.decision()), essence(&turned.decision()));
    }

    #[test]
    fn the_order_of_recipients_changes_nothing(letter in letters(), turn in 0_usize..12) {
        let mut turned = letter.clone();
        let people = &mut turned.envelope.forward_paths;
        let n = if people.is_empty() { 0 } else { turn % people.len() };
        people.rotate_left(n);
        people.reverse();
        prop_assert_eq!(essence(&letter.decision()), essence(&turned.decision()));
    }

    #[test]
    fn graver_matter_is_never_judged_more_mildly(letter in letters(), which in 0_usize..4) {
        let mut graver = letter.clone();
        let Some(subject) = graver.inspection.subjects.get_mut(which) else { return Ok(()) };
        subject.sensitivity = match subject.sensitivity {
            Sensitivity::None => Sensitivity::Personal,
            Sensitivity::Personal => Sensitivity::Sensitive,
            _ => Sensitivity::HighlySensitive,
        };
        let (before, after) = (letter.decision(), graver.decision());
        prop_assert!(after.verdict() >= before.verdict());
        prop_assert!(after.would_be >= before.would_be);
        for (b, a) in before.recipients.iter().zip(&after.recipients) {
            prop_assert!(a.own_verdict >= b.own_verdict);
        }
    }

    #[test]
    fn a_further_recipient_never_softens_the_message(letter in letters(), who in prop::sample::select(PEOPLE)) {
        let mut more = letter.clone();
        more.envelope.forward_paths.push(who.to_owned());
        prop_assert!(more.decision().verdict() >= letter.decision().verdict());
    }

    #[test]
    fn a_pack_that_splits_gives_each_their_own(letter in letters()) {
        let mut pack = baseline();
        pack.split = true;
        let decision = decide(&letter.facts(), &letter.inspection, &pack);
        for recipient in &decision.recipients {
            prop_assert_eq!(recipient.verdict, recipient.own_verdict);
        }
    }

    #[test]
    fn no_text_makes_loading_fail_in_another_way(text in "\\PC{0,200}") {
        let _ = schoolgate_policies::Pack::load(&text, &|_| None);
    }

    #[test]
    fn no_mangled_baseline_makes_loading_fail_in_another_way(at in 0_usize..16_000, cut in 0_usize..40, put in "[\\[\\]{}\"=,a\\n]{0,4}") {
        let text = schoolgate_policies::Pack::baseline_text();
        let chars: Vec<char> = text.chars().collect();
        let at = at.min(chars.len());
        let end = (at + cut).min(chars.len());
        let mangled: String = chars[..at].iter().copied().chain(put.chars()).chain(chars[end..].iter().copied()).collect();
        if let Err(errors) = schoolgate_policies::Pack::load(&mangled, &|_| None) {
            prop_assert!(!errors.mistakes.is_empty());
        }
    }
}
