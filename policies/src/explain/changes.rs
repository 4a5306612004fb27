//! What differs between two packs, in words.

use std::collections::BTreeSet;

use super::rule::condition as said;
use super::wording::joined;
use crate::condition::word_of;
use crate::decision::{Mode, Verdict};
use crate::pack::{MARKING_PLACES, Pack, RemedyTerms, Rule, Signature, day_in_words, hours};
use crate::possible::{Conditions, Effort};
use crate::trial::Trial;

/// The steps that may be spent on one rule's two conditions.
const EFFORT: u32 = 20_000;

/// One thing that differs.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Change {
    /// What it is about: a rule's id, `markings`, `clause 001-17`.
    pub about: String,
    pub what: String,
}

/// Everything that the new pack says otherwise than the old one: first what people see
/// of it, then rule by rule, and at the end the examples whose verdict changes.
pub fn changes(old: &Pack, new: &Pack) -> Vec<Change> {
    let mut changes = Changes(Vec::new());
    head(old, new, &mut changes);
    remedies(old, new, &mut changes);
    markings(old, new, &mut changes);
    outsiders(old, new, &mut changes);
    for rule in &new.rules {
        match old.rule(&rule.id) {
            Some(before) => changed_rule(before, rule, &mut changes),
            None => changes.say(&rule.id, format!("is new: {}", super::rule(rule))),
        }
    }
    for rule in old.rules.iter().filter(|r| new.rule(&r.id).is_none()) {
        changes.say(&rule.id, format!("is gone; it said: {}", super::rule(rule)));
    }
    clauses(old, new, &mut changes);
    examples(old, new, &mut changes);
    changes.0
}

struct Changes(Vec<Change>);

impl Changes {
    fn say(&mut self, about: &str, what: impl Into<String>) {
        self.0.push(Change {
            about: about.to_owned(),
            what: what.into(),
        });
    }

    /// Says that something was one thing and is another.
    fn turned(&mut self, about: &str, what: &str, from: &str, to: &str) {
        if from != to {
            let shown = |text: &str| match text {
                "" => "nothing".to_owned(),
                text => format!("\u{201c}{text}\u{201d}"),
            };
            let (from, to) = (shown(from), shown(to));
            self.say(about, format!("{what} was {from} and is {to}"));
        }
    }

    fn words(&mut self, about: &str, what: &str, from: &[String], to: &[String]) {
        let only = |list: &[String], other: &[String]| {
            let quoted = list
                .iter()
                .filter(|w| !other.contains(w))
                .map(|w| format!("\u{201c}{w}\u{201d}"));
            joined(quoted, "and")
        };
        let (added, removed) = (only(to, from), only(from, to));
        if !added.is_empty() {
            self.say(about, format!("{what}: {added} added"));
        }
        if !removed.is_empty() {
            self.say(about, format!("{what}: {removed} taken away"));
        }
        if added.is_empty() && removed.is_empty() && from != to {
            self.say(about, format!("{what}: in another order"));
        }
    }
}

fn head(old: &Pack, new: &Pack, changes: &mut Changes) {
    let day = |day: Option<jiff::civil::Date>| day.map(day_in_words).unwrap_or_default();
    let (before, after) = (&old.policy, &new.policy);
    changes.turned("pack", "its title", &old.title, &new.title);
    changes.turned("policy", "its title", &before.title, &after.title);
    changes.turned(
        "policy",
        "who approved it",
        &before.approved_by,
        &after.approved_by,
    );
    changes.turned(
        "policy",
        "its last review",
        &day(before.reviewed),
        &day(after.reviewed),
    );
    changes.turned(
        "policy",
        "its next review",
        &day(before.next_review),
        &day(after.next_review),
    );
    let people = |pack: &Pack| -> Vec<String> {
        let said = pack
            .contacts
            .iter()
            .map(|c| format!("{}: {}", c.role, c.reach));
        said.collect()
    };
    changes.words("contacts", "whom to ask", &people(old), &people(new));
    changes.words("pack", "what it extends", &old.extends, &new.extends);
    if old.split != new.split {
        changes.say(
            "pack",
            if new.split {
                "each recipient now gets their own verdict"
            } else {
                "the strictest verdict now governs the whole message"
            },
        );
    }
    let figure = |n: u32| n.to_string();
    changes.turned(
        "settings",
        "the most families that may see each other",
        &figure(old.settings.max_visible_families),
        &figure(new.settings.max_visible_families),
    );
    changes.turned(
        "settings",
        "the age of a roster that is too old, in days,",
        &figure(old.settings.roster_stale_days),
        &figure(new.settings.roster_stale_days),
    );
    changes.turned(
        "settings",
        "the most tips that one sender gets in a day",
        &figure(old.settings.tips_a_day),
        &figure(new.settings.tips_a_day),
    );
    let names = |pack: &Pack| pack.settings.hours.keys().cloned().collect::<BTreeSet<_>>();
    for name in names(old).union(&names(new)) {
        let said = |pack: &Pack| {
            let spans = pack.settings.hours.get(name);
            spans.map(|spans| hours::said(spans)).unwrap_or_default()
        };
        changes.turned(
            &format!("hours {name}"),
            "their time",
            &said(old),
            &said(new),
        );
    }
}

/// How far a sender's own word goes.
fn remedies(old: &Pack, new: &Pack, changes: &mut Changes) {
    let (before, after) = (&old.remedies, &new.remedies);
    let about = "remedies";
    let figure = |n: u32| n.to_string();
    changes.turned(
        about,
        "how many messages a day one sender may have sent for a reason",
        &figure(before.overrides_a_day),
        &figure(after.overrides_a_day),
    );
    changes.turned(
        about,
        "the most pupils whom such a message may be about",
        &figure(before.most_pupils),
        &figure(after.most_pupils),
    );
    let told = |terms: &RemedyTerms| -> Vec<String> {
        terms.told.iter().map(|t| t.label().to_owned()).collect()
    };
    changes.words(about, "who is told of it", &told(before), &told(after));
    if before.signature != after.signature {
        changes.say(
            about,
            match after.signature {
                Signature::Broken => "a DKIM signature now breaks when a marking is added",
                Signature::SignedAfter => "mail is now signed behind the gateway",
            },
        );
    }
}

fn markings(old: &Pack, new: &Pack, changes: &mut Changes) {
    let (before, after) = (&old.markings, &new.markings);
    let mut words = |what, from, to| changes.words("markings", what, from, to);
    words("the lower level", &before.sensitive, &after.sensitive);
    words(
        "the upper level",
        &before.highly_sensitive,
        &after.highly_sensitive,
    );
    words("near misses", &before.near_misses, &after.near_misses);
    let places = |pack: &Pack| -> Vec<String> {
        let places = pack.settings.marking_places.iter();
        places
            .map(|p| word_of(MARKING_PLACES, p).to_owned())
            .collect()
    };
    words("where one counts", &places(old), &places(new));
}

/// What was agreed about others, and the pack's choices.
fn outsiders(old: &Pack, new: &Pack, changes: &mut Changes) {
    let (before, after) = (&old.settings.outsiders, &new.settings.outsiders);
    let listed = |set: &BTreeSet<String>| -> Vec<String> { set.iter().cloned().collect() };
    let mut words = |about, what, from: &BTreeSet<String>, to: &BTreeSet<String>| {
        changes.words(about, what, &listed(from), &listed(to));
    };
    words(
        "agencies",
        "whom the law lets the school tell",
        &before.lawful,
        &after.lawful,
    );
    words(
        "ai",
        "services in use",
        &before.ai.allowed,
        &after.ai.allowed,
    );
    words(
        "webmail",
        "counted as private mailboxes",
        &before.webmail_also,
        &after.webmail_also,
    );
    words(
        "webmail",
        "not counted as private mailboxes",
        &before.webmail_except,
        &after.webmail_except,
    );
    changes.turned(
        "ai",
        "what any other service needs",
        before.ai.gate.label(),
        after.ai.gate.label(),
    );
    let state = |pack: &Pack, name: &String| match pack.settings.switches.get(name) {
        Some(true) => "on",
        Some(false) => "off",
        None => "",
    };
    let names: BTreeSet<&String> = old
        .settings
        .switches
        .keys()
        .chain(new.settings.switches.keys())
        .collect();
    for name in names {
        let about = format!("switch {name}");
        changes.turned(&about, "it", state(old, name), state(new, name));
    }
}

fn changed_rule(old: &Rule, new: &Rule, changes: &mut Changes) {
    let id = new.id.as_str();
    let mut direction = |what: String| changes.say(id, what);
    if old.mode != new.mode {
        let way = if new.mode > old.mode {
            "goes further"
        } else {
            "goes less far"
        };
        direction(format!(
            "{way}: it was {} and is {}",
            mode(old.mode),
            mode(new.mode)
        ));
    }
    if old.then != new.then {
        let way = if new.then > old.then {
            "is stricter"
        } else {
            "is milder"
        };
        direction(format!(
            "{way}: before, the message {}; now it {}",
            verdict(old.then),
            verdict(new.then)
        ));
    }
    if old.when != new.when {
        let conditions = Conditions::new([&old.when, &new.when].into_iter());
        let mut effort = Effort::new(EFFORT);
        let grows = conditions.implies(0, 1, &mut effort);
        let shrinks = conditions.implies(1, 0, &mut effort);
        let way = match (grows, shrinks) {
            (true, true) => {
                direction("is written differently and applies to the same messages".into());
                ""
            }
            (true, false) => "applies to more messages",
            (false, true) => "applies to fewer messages",
            (false, false) => "applies to other messages",
        };
        if !way.is_empty() {
            direction(format!(
                "{way}: before, when {}; now, when {}",
                said(&old.when),
                said(&new.when)
            ));
        }
    }
    if old.needs_roster != new.needs_roster {
        direction(
            if new.needs_roster {
                "now only watches while the roster is missing or old"
            } else {
                "now applies without a roster too"
            }
            .into(),
        );
    }
    if old.overridable != new.overridable {
        direction(
            if new.overridable {
                "the sender may now have the message sent for a stated reason"
            } else {
                "the sender may no longer have the message sent for a stated reason"
            }
            .into(),
        );
    }
    changes.turned(
        id,
        "its concern",
        old.concern.as_str(),
        new.concern.as_str(),
    );
    changes.words(id, "the clauses that it serves", &old.clauses, &new.clauses);
    changes.words(
        id,
        "what follows besides",
        &old.acts.said(),
        &new.acts.said(),
    );
    let tip = |rule: &Rule| rule.acts.tip.clone().unwrap_or_default();
    changes.turned(id, "the tip", &tip(old), &tip(new));
    changes.turned(id, "what the sender reads", &old.why, &new.why);
    changes.turned(id, "what to do", &old.remedy, &new.remedy);
    if (&old.reviewer, &old.why) != (&new.reviewer, &new.why) {
        changes.turned(
            id,
            "what the reviewer reads",
            old.for_reviewer(),
            new.for_reviewer(),
        );
    }
    changes.turned(id, "its few words", old.one_line(), new.one_line());
}

fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Off => "switched off",
        Mode::Monitor => "only recorded",
        Mode::Nudge => "a word to the sender afterwards",
        Mode::Enforce => "enforced",
    }
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Deliver => "is delivered",
        Verdict::Hold => "waits for its sender",
        Verdict::Quarantine => "waits for a reviewer",
        Verdict::Reject => "goes back to its sender",
    }
}

fn clauses(old: &Pack, new: &Pack, changes: &mut Changes) {
    let ids: BTreeSet<&String> = old.clauses.keys().chain(new.clauses.keys()).collect();
    for id in ids {
        let about = format!("clause {id}");
        match (old.clauses.get(id), new.clauses.get(id)) {
            (None, Some(quote)) => {
                changes.say(&about, format!("is new: \u{201c}{quote}\u{201d}"));
            }
            (Some(_), None) => changes.say(&about, "is gone"),
            (Some(before), Some(after)) => {
                changes.turned(&about, "its words", before, after);
                let (before, after) = (keepers(old, id), keepers(new, id));
                changes.words(&about, "what keeps it besides rules", &before, &after);
            }
            (None, None) => {}
        }
    }
}

/// The features that a pack claims for a clause, or why there are none.
fn keepers(pack: &Pack, clause: &str) -> Vec<String> {
    let claim = pack.claims.get(clause).cloned().unwrap_or_default();
    let features = [claim.enforced, claim.evidence, claim.support];
    let features = features.iter().flatten();
    features
        .map(|f| f.as_str().to_owned())
        .chain(claim.beyond)
        .collect()
}

/// The examples of both packs, judged by both.
fn examples(old: &Pack, new: &Pack, changes: &mut Changes) {
    let (before, after) = (Trial::of(old), Trial::of(new));
    let mut seen = BTreeSet::new();
    for example in old.examples.iter().chain(&new.examples) {
        if !seen.insert(&example.title) {
            continue;
        }
        let (was, is) = (before.run(example).verdict, after.run(example).verdict);
        if was != is {
            let about = format!("example \u{201c}{}\u{201d}", example.title);
            changes.turned(&about, "its verdict", was.as_str(), is.as_str());
        }
    }
}
