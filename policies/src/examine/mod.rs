//! What can be said of a pack that loads: rules that never apply, rules that others
//! cover, clauses that nothing serves, words that do not fit, examples that fail.
//!
//! Pure, and bounded for hostile packs: comparing rules stops when its effort is spent.

mod rules;
mod words;

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Serialize;

use crate::coverage::{Kept, coverage};
use crate::decision::{Mode, Verdict};
use crate::pack::{Origin, Pack, Review, Rule};
use crate::trial::Trial;

pub use words::reading_age;

/// How grave a remark is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gravity {
    /// Worth knowing.
    Note,
    /// Probably not what its author wants.
    Warning,
    /// The pack does not do what it says.
    Mistake,
}

impl Gravity {
    /// The word before a remark.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Mistake => "mistake",
        }
    }
}

/// Something to say of a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    pub gravity: Gravity,
    /// Where; `None` when it is about the pack as a whole.
    pub origin: Option<Origin>,
    /// The rule that it is about.
    pub rule: Option<String>,
    pub what: String,
}

/// Everything that can be said of a pack on a day, in the order of its text. Rules that
/// it takes unchanged from a pack that it extends are that pack's affair.
pub fn examine(pack: &Pack, today: Date) -> Vec<Remark> {
    let mut remarks = Vec::new();
    review(pack, today, &mut remarks);
    markings(pack, &mut remarks);
    clauses(pack, &mut remarks);
    rules::examine(pack, &mut remarks);
    words::examine(pack, &mut remarks);
    examples(pack, &mut remarks);
    remarks.sort_by_key(|r| r.origin.as_ref().map_or(0, |o| o.line));
    remarks
}

/// Where this text states or changes a rule. `None`: it only inherits it.
fn place_in<'r>(pack: &Pack, rule: &'r Rule) -> Option<&'r Origin> {
    rule.changed
        .iter()
        .chain(std::iter::once(&rule.origin))
        .find(|origin| origin.pack == pack.name)
}

fn about_pack(gravity: Gravity, what: String) -> Remark {
    Remark {
        gravity,
        origin: None,
        rule: None,
        what,
    }
}

fn about_rule(gravity: Gravity, rule: &Rule, origin: &Origin, what: String) -> Remark {
    Remark {
        gravity,
        origin: Some(origin.clone()),
        rule: Some(rule.id.clone()),
        what,
    }
}

fn review(pack: &Pack, today: Date, remarks: &mut Vec<Remark>) {
    let gravity = match pack.policy.review(today) {
        Review::Overdue(_) => Gravity::Warning,
        _ => Gravity::Note,
    };
    if let Some(reminder) = pack.policy.reminder(today) {
        remarks.push(about_pack(gravity, reminder));
    }
}

fn markings(pack: &Pack, remarks: &mut Vec<Remark>) {
    let accepted = pack
        .markings
        .sensitive
        .iter()
        .chain(&pack.markings.highly_sensitive);
    for word in accepted {
        let same = |near: &&String| near.to_lowercase() == word.to_lowercase();
        if pack.markings.near_misses.iter().any(|near| same(&near)) {
            let what = format!("the marking `{word}` is accepted and a near miss at once");
            remarks.push(about_pack(Gravity::Warning, what));
        }
    }
}

fn clauses(pack: &Pack, remarks: &mut Vec<Remark>) {
    let named: BTreeSet<&String> = pack.rules.iter().flat_map(|r| &r.clauses).collect();
    for clause in coverage(pack) {
        let id = &clause.clause;
        if clause.kept != Kept::Unaccounted || !pack.own_clauses.contains(id) {
            continue;
        }
        let what = if named.contains(id) {
            format!("the clause `{id}` is served only by rules that are switched off")
        } else {
            format!("the clause `{id}` is quoted, and no rule serves it")
        };
        remarks.push(about_pack(Gravity::Warning, what));
    }
    // A pack with clauses of its own has to say which of them an inherited rule keeps.
    for rule in &pack.rules {
        let stops = rule.mode == Mode::Enforce && rule.then > Verdict::Deliver;
        if stops && rule.clauses.is_empty() && place_in(pack, rule).is_none() {
            let what = format!(
                "the rule `{}` of the pack `{}` stops mail, and no clause of this policy is \
                 named for it",
                rule.id, rule.origin.pack
            );
            remarks.push(about_pack(Gravity::Warning, what));
        }
    }
}

fn examples(pack: &Pack, remarks: &mut Vec<Remark>) {
    let trial = Trial::of(pack);
    for example in &pack.examples {
        let outcome = trial.run(example);
        for wrong in outcome.wrong {
            remarks.push(Remark {
                gravity: Gravity::Mistake,
                origin: Some(Origin {
                    pack: pack.name.clone(),
                    line: example.line,
                }),
                rule: None,
                what: format!(
                    "the example \u{201c}{}\u{201d} fails: {wrong}",
                    example.title
                ),
            });
        }
    }
    for rule in pack.rules.iter().filter(|r| r.mode != Mode::Off) {
        let Some(origin) = place_in(pack, rule) else {
            continue;
        };
        let named = |list: &[String]| list.contains(&rule.id);
        let shown = pack.examples.iter().any(|e| named(&e.rules));
        let spared = pack.examples.iter().any(|e| named(&e.not_rules));
        let what = match (shown, spared) {
            (true, true) => continue,
            (false, false) => "no example names it",
            (false, true) => "no example shows a message to which it applies",
            (true, false) => "no counter-example shows a message to which it does not apply",
        };
        remarks.push(about_rule(Gravity::Note, rule, origin, what.into()));
    }
}
