//! The sums of a replay.

use std::collections::BTreeMap;

use schoolgate_policies::Verdict;
use schoolgate_policies::replay::{Answer, Change, Lack, Replay, Said};
use serde::Serialize;

use super::{Note, Replayed};

/// What came of all messages.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    pub messages: u64,
    pub unchanged: u64,
    /// The verdict would be another one.
    pub changed: u64,
    /// The verdict would be the same, but not for every recipient.
    pub for_some_recipients: u64,
    /// The stored inspection cannot answer.
    pub open: u64,
    /// The line itself cannot be read any more.
    pub unreadable: u64,
    /// With the roster of today the answer would be another one.
    pub otherwise_today: u64,
    pub changes: Vec<Changed>,
    /// What is lacking where it is open.
    pub lacks: BTreeMap<Lack, u64>,
    pub notes: BTreeMap<Note, u64>,
    /// For each rule, how many messages it stopped then and would stop.
    pub rules: BTreeMap<String, Stops>,
}

/// How many messages go from one verdict to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Changed {
    pub before: Verdict,
    pub after: Verdict,
    pub count: u64,
}

/// How many messages a rule stops.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Stops {
    pub before: u64,
    pub after: u64,
    /// So many more, perhaps: it is not known, and changes no verdict.
    pub perhaps: u64,
}

impl Stops {
    /// Whether it would certainly stop more than it did, or fewer.
    pub fn is_moved(self) -> bool {
        self.after > self.before || self.after + self.perhaps < self.before
    }
}

impl Tally {
    pub(super) fn add(&mut self, replayed: &Replayed) {
        self.messages += 1;
        let Replay { before, after } = &replayed.replay;
        match after {
            Answer::Known(after) => {
                self.count_rules(before, after);
                self.count_change(replayed.replay.change(), before.verdict, after.verdict);
            }
            // A rule is only compared where both packs have an answer.
            Answer::Open { lacks, .. } => {
                self.open += 1;
                for lack in lacks {
                    *self.lacks.entry(*lack).or_default() += 1;
                }
            }
        }
        self.otherwise_today += u64::from(replayed.today.is_some());
        for note in &replayed.notes {
            *self.notes.entry(*note).or_default() += 1;
        }
    }

    fn count_rules(&mut self, before: &Said, after: &Said) {
        for rule in &before.rules {
            self.rules.entry(rule.clone()).or_default().before += 1;
        }
        for rule in &after.rules {
            self.rules.entry(rule.clone()).or_default().after += 1;
        }
        for rule in &after.perhaps {
            self.rules.entry(rule.clone()).or_default().perhaps += 1;
        }
    }

    fn count_change(&mut self, change: Option<Change>, before: Verdict, after: Verdict) {
        match change {
            Some(Change::Verdict) => self.changed += 1,
            Some(Change::Recipients(_)) => {
                self.for_some_recipients += 1;
                return;
            }
            Some(Change::None) | None => {
                self.unchanged += 1;
                return;
            }
        }
        let same = |c: &&mut Changed| (c.before, c.after) == (before, after);
        match self.changes.iter_mut().find(same) {
            Some(known) => known.count += 1,
            None => self.changes.push(Changed {
                before,
                after,
                count: 1,
            }),
        }
    }
}
