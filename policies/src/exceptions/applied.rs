//! Which rules the exceptions lifted, and which a lapsed one would have lifted.
//!
//! A rule was lifted when it applies without the exception and not with it. So nothing
//! has to be said about exceptions in the rules themselves, and the record is true of
//! every pack.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Exception, ExceptionKind};
use crate::pack::day_in_words as day;

/// An exception that made a difference to a decision, or would have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedException {
    /// Its id in the register.
    pub id: String,
    pub kind: ExceptionKind,
    /// The forward-paths for which it did.
    pub recipients: Vec<String>,
    /// The rules that it lifted; of a lapsed one, those that it would have.
    pub rules: Vec<String>,
    /// The last day on which it counts, or counted.
    pub until: Option<Date>,
    /// It counted no longer, and so the rules applied.
    pub lapsed: bool,
}

impl AppliedException {
    /// In one sentence that names nobody.
    pub fn sentence(&self) -> String {
        match (self.lapsed, self.until) {
            (true, Some(until)) => lapse(self.kind, until),
            _ => counted(self.kind, self.until),
        }
    }
}

/// What lapsed, to those who wonder why it no longer counts.
fn lapse(kind: ExceptionKind, until: Date) -> String {
    let until = day(until);
    match kind {
        ExceptionKind::Permission => format!(
            "The permission for sending this to this recipient ended on {until}. If it is still needed, ask the headteacher for a new one."
        ),
        ExceptionKind::TrustedRecipient => format!(
            "This recipient was on the school's list of trusted recipients until {until}. If they still belong there, ask the office."
        ),
        ExceptionKind::DualRole => format!(
            "This address was registered as a parent's address until {until}. If it still is, ask the office."
        ),
        ExceptionKind::FamilyException => format!(
            "The family exception for this recipient ended on {until}. If it is still needed, ask the headteacher."
        ),
        ExceptionKind::ImageConsent => format!(
            "A family's agreement to pictures ended on {until}. Ask the office whether there is a new one."
        ),
        ExceptionKind::ImageOptOut => {
            format!("A colleague's wish not to be in pictures ended on {until}.")
        }
    }
}

fn counted(kind: ExceptionKind, until: Option<Date>) -> String {
    let what = match kind {
        ExceptionKind::Permission => {
            "The headteacher's permission for this sender and recipient let it pass"
        }
        ExceptionKind::TrustedRecipient => {
            "The recipient is on the school's list of trusted recipients"
        }
        ExceptionKind::DualRole => {
            "The address is registered as that of a member of staff who is a parent"
        }
        ExceptionKind::FamilyException => "The pupil is registered as family of the sender",
        ExceptionKind::ImageConsent => "The family has agreed to pictures",
        ExceptionKind::ImageOptOut => "A colleague does not want to be in pictures",
    };
    match until {
        Some(until) => format!("{what} (registered until {}).", day(until)),
        None => format!("{what}."),
    }
}

/// What is collected over the recipients.
#[derive(Default)]
pub(crate) struct Effects(BTreeMap<(bool, String), Effect>);

struct Effect {
    kind: ExceptionKind,
    until: Option<Date>,
    recipients: BTreeSet<usize>,
    rules: BTreeSet<usize>,
}

/// The rules that apply to one recipient when these exceptions count, in the order of the
/// pack.
pub(crate) type Applying = Vec<bool>;

impl Effects {
    /// Compares what applies to recipients who share these exceptions. `applying` says what
    /// does when those at the given places of `bearing` count.
    pub fn compare(
        &mut self,
        recipients: &[usize],
        bearing: &[&Exception],
        applying: &dyn Fn(&BTreeSet<usize>) -> Applying,
    ) {
        if bearing.is_empty() {
            return;
        }
        let all: BTreeSet<usize> = (0..bearing.len()).collect();
        let (lapsed, counting): (BTreeSet<usize>, BTreeSet<usize>) =
            all.iter().partition(|i| bearing[**i].lapsed);
        let now = applying(&counting);
        let lifted = |set: &BTreeSet<usize>| -> BTreeSet<usize> {
            let without = applying(set);
            only_in(&without, &now)
        };
        // What none of them lets pass, and of that what hangs on a single one.
        let mut open = lifted(&BTreeSet::new());
        let mut credit: Vec<(usize, BTreeSet<usize>)> = Vec::new();
        for i in &counting {
            let others = counting.iter().copied().filter(|j| j != i).collect();
            credit.push((*i, lifted(&others)));
        }
        for (_, rules) in &credit {
            open.retain(|rule| !rules.contains(rule));
        }
        // Where several would do, each that would do alone is named.
        let none = applying(&BTreeSet::new());
        for (i, rules) in &mut credit {
            let alone = applying(&BTreeSet::from([*i]));
            rules.extend(only_in(&none, &alone).intersection(&open));
        }
        for (i, rules) in credit {
            self.note(bearing[i], recipients, rules);
        }
        for i in lapsed {
            let mut with = counting.clone();
            with.insert(i);
            let would = only_in(&now, &applying(&with));
            self.note(bearing[i], recipients, would);
        }
    }

    fn note(&mut self, exception: &Exception, recipients: &[usize], rules: BTreeSet<usize>) {
        if rules.is_empty() {
            return;
        }
        let key = (exception.lapsed, exception.id.clone());
        let effect = self.0.entry(key).or_insert_with(|| Effect {
            kind: exception.kind(),
            until: exception.until,
            recipients: BTreeSet::new(),
            rules: BTreeSet::new(),
        });
        effect.recipients.extend(recipients);
        effect.rules.extend(rules);
    }

    /// What is noted, those that counted first; `address` and `rule` name by place.
    pub fn applied(
        self,
        address: impl Fn(usize) -> String,
        rule: impl Fn(usize) -> String,
    ) -> Vec<AppliedException> {
        self.0
            .into_iter()
            .map(|((lapsed, id), effect)| AppliedException {
                id,
                kind: effect.kind,
                recipients: effect.recipients.into_iter().map(&address).collect(),
                rules: effect.rules.into_iter().map(&rule).collect(),
                until: effect.until,
                lapsed,
            })
            .collect()
    }
}

/// The places at which the first holds and the second does not.
fn only_in(first: &[bool], second: &[bool]) -> BTreeSet<usize> {
    first
        .iter()
        .zip(second)
        .enumerate()
        .filter(|(_, (first, second))| **first && !**second)
        .map(|(i, _)| i)
        .collect()
}
