//! A pack that holds no mistake.

use std::collections::BTreeMap;

use schoolgate_detectors::MarkingTerms;

use super::remedies::RemedyTerms;
use crate::condition::Condition;
use crate::decision::{Concern, Mode, Verdict};

/// A school's policy, ready to decide with. Immutable; named by its digest.
#[derive(Debug, Clone, PartialEq)]
pub struct Pack {
    pub name: String,
    /// What people call it.
    pub title: String,
    /// SHA-256 in hexadecimal over its text and the digest of what it extends.
    pub digest: String,
    /// The packs that it extends, the nearest first.
    pub extends: Vec<String>,
    /// Each recipient gets their own verdict, instead of the strictest for all.
    pub split: bool,
    pub settings: PackSettings,
    pub remedies: RemedyTerms,
    pub markings: MarkingTerms,
    /// Clause id to its words in the school's own policy.
    pub clauses: BTreeMap<String, String>,
    pub rules: Vec<Rule>,
}

/// The figures of a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackSettings {
    /// More families than this visible to each other are a mass disclosure.
    pub max_visible_families: u32,
    /// A roster older than this is stale, in days.
    pub roster_stale_days: u32,
}

impl Default for PackSettings {
    fn default() -> Self {
        Self {
            max_visible_families: 5,
            roster_stale_days: 35,
        }
    }
}

/// A condition, what follows from it, and the clauses that it serves.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    pub id: String,
    pub concern: Concern,
    pub when: Condition,
    pub then: Verdict,
    pub mode: Mode,
    pub clauses: Vec<String>,
    /// One sentence to a member of staff; may hold placeholders.
    pub why: String,
    /// What to do; may hold placeholders.
    pub remedy: String,
    /// Only monitors while the roster is missing or old.
    pub needs_roster: bool,
    /// The sender of a message that it holds may have it sent for a stated reason (`override`).
    pub overridable: bool,
}

impl Pack {
    /// The words of the school's markings, as the detectors want them.
    pub fn marking_terms(&self) -> MarkingTerms {
        self.markings.clone()
    }

    /// The rule with this id.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|r| r.id == id)
    }
}
