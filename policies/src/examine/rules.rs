//! Rules that never apply, always apply, or say nothing that another does not say.

use std::collections::BTreeSet;

use schoolgate_detectors::MarkingPlace;

use super::{Gravity, Remark, about_pack, about_rule, place_in};
use crate::acts::{MarkAt, Told};
use crate::condition::{Condition, Leaf};
use crate::decision::{Concern, Mode, Verdict};
use crate::facts::Relation;
use crate::pack::{Pack, Rule};
use crate::possible::{Conditions, Effort};

/// The steps that may be spent on one pack: some seconds at the worst.
const MOST_EFFORT: u32 = 4_000_000;

pub(super) fn examine(pack: &Pack, remarks: &mut Vec<Remark>) {
    let inside = Condition::Leaf(Leaf::Relation(BTreeSet::from([
        Relation::Staff,
        Relation::Governor,
    ])));
    let rules: Vec<&Rule> = pack.rules.iter().filter(|r| r.mode != Mode::Off).collect();
    let conditions = Conditions::new(rules.iter().map(|r| &r.when).chain([&inside]));
    let inside = rules.len();
    let mut effort = Effort::new(MOST_EFFORT);
    let mut never = BTreeSet::new();
    for (i, rule) in rules.iter().enumerate() {
        if conditions.together(&[i], &[], &mut effort) == Some(false) {
            never.insert(i);
        }
        let Some(origin) = place_in(pack, rule) else {
            continue;
        };
        let mut say = |gravity, what: &str| {
            remarks.push(about_rule(gravity, rule, origin, what.into()));
        };
        if never.contains(&i) {
            say(
                Gravity::Warning,
                "it can never apply: its condition contradicts itself",
            );
            continue;
        }
        if conditions.together(&[], &[i], &mut effort) == Some(false) {
            say(Gravity::Warning, "it applies to every message");
        } else if stops(rule)
            // The one thing that must not be written to colleagues either.
            && rule.concern != Concern::Credentials
            && conditions.together(&[i, inside], &[], &mut effort) == Some(true)
        {
            say(
                Gravity::Note,
                "it may stop mail that stays inside the school; `outside` spares it",
            );
        }
        consequences(pack, rule, &mut say);
        if rule.then == Verdict::Deliver && rule.mode > Mode::Monitor && rule.acts.is_empty() {
            say(
                Gravity::Note,
                "its verdict is `deliver`: it stops nothing, and nobody is told",
            );
        }
        if stops(rule) && rule.clauses.is_empty() {
            say(
                Gravity::Warning,
                "it stops mail and names no clause of the policy",
            );
        }
    }
    for (i, rule) in rules.iter().enumerate() {
        let Some(origin) = place_in(pack, rule) else {
            continue;
        };
        if never.contains(&i) {
            continue;
        }
        for (j, other) in rules.iter().enumerate() {
            if i == j || never.contains(&j) || !matters_beside(rule, other) {
                continue;
            }
            if effort.is_spent() {
                let what = "there are too many rules, or too tangled ones, to compare each with \
                            each: some that others cover may not be named";
                remarks.push(about_pack(Gravity::Note, what.into()));
                return;
            }
            if !conditions.implies(i, j, &mut effort) {
                continue;
            }
            let same = same_effect(rule, other) && conditions.implies(j, i, &mut effort);
            // Of two that are the same the later is named.
            if same && j > i {
                continue;
            }
            let what = match (same, rule.mode) {
                (true, _) => format!("it says the same as `{}`", other.id),
                (false, Mode::Enforce) => format!(
                    "it never decides: `{}` applies wherever it does, and is stricter",
                    other.id
                ),
                (false, _) => format!(
                    "it never has its say: `{}` stops every message to which it applies",
                    other.id
                ),
            };
            remarks.push(about_rule(Gravity::Warning, rule, origin, what));
            break;
        }
    }
}

/// What is to follow besides the verdict, and cannot.
fn consequences(pack: &Pack, rule: &Rule, say: &mut dyn FnMut(Gravity, &str)) {
    let place = match rule.acts.mark {
        Some(MarkAt::Subject) => Some(MarkingPlace::Subject),
        Some(MarkAt::Header) => Some(MarkingPlace::Header),
        None => None,
    };
    if place.is_some_and(|place| !pack.settings.marking_places.contains(&place)) {
        say(
            Gravity::Warning,
            "it adds a marking where the pack\u{2019}s own `places` says that none counts",
        );
    }
    let idle = rule.acts != rule.acts.due(rule.mode, rule.mode);
    if idle && rule.mode > Mode::Off {
        say(
            Gravity::Note,
            match rule.mode {
                Mode::Nudge => {
                    "of what it does besides, only `notify`, `alert` and `tip` are due while it nudges"
                }
                _ => "what it does besides is not due while it only monitors",
            },
        );
    }
    if rule.acts.alert.is_some() && rule.acts.notify.contains(&Told::Technician) {
        say(
            Gravity::Warning,
            "it tells the technician, perhaps an outside firm, that a child may be at risk",
        );
    }
}

fn stops(rule: &Rule) -> bool {
    rule.mode == Mode::Enforce && rule.then > Verdict::Deliver
}

/// Whether the other rule, where it applies too, leaves this one without effect.
fn matters_beside(rule: &Rule, other: &Rule) -> bool {
    // Without a roster the other would only watch. What follows besides is due all the same.
    if !stops(other)
        || (other.needs_roster && !rule.needs_roster)
        || (!rule.acts.is_empty() && rule.acts != other.acts)
    {
        return false;
    }
    match rule.mode {
        Mode::Enforce => other.then > rule.then || same_effect(rule, other),
        // What is recorded is recorded for its own sake.
        Mode::Monitor | Mode::Off => false,
        Mode::Nudge => true,
    }
}

fn same_effect(rule: &Rule, other: &Rule) -> bool {
    rule.mode == other.mode && rule.then == other.then && rule.concern == other.concern
}
