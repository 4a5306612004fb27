//! A pack that holds no mistake.

use std::collections::{BTreeMap, BTreeSet};

use schoolgate_detectors::{MarkingPlace, MarkingTerms};

use super::claims::Claim;
use super::example::Example;
use super::head::{Contact, PolicyDocument};
use super::hours::Hours;
use super::outsiders::Outsiders;
use super::remedies::RemedyTerms;
use super::words;
use crate::acts::Acts;
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
    /// The document that the pack puts into force.
    pub policy: PolicyDocument,
    /// Whom to ask, in the order in which to ask them.
    pub contacts: Vec<Contact>,
    /// Each recipient gets their own verdict, instead of the strictest for all.
    pub split: bool,
    pub settings: PackSettings,
    pub remedies: RemedyTerms,
    pub markings: MarkingTerms,
    /// Clause id to its words in the school's own policy.
    pub clauses: BTreeMap<String, String>,
    /// The clauses that this text itself quotes.
    pub own_clauses: BTreeSet<String>,
    /// What keeps a clause besides the rules that serve it.
    pub claims: BTreeMap<String, Claim>,
    pub rules: Vec<Rule>,
    /// What this text itself claims of its rules; those of the packs that it extends are
    /// theirs.
    pub examples: Vec<Example>,
}

/// The figures of a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackSettings {
    /// More families than this visible to each other are a mass disclosure.
    pub max_visible_families: u32,
    /// A roster older than this is stale, in days.
    pub roster_stale_days: u32,
    /// Where a marking counts; never empty.
    pub marking_places: Vec<MarkingPlace>,
    /// Choices that rules ask for by name (`{ switch = "inside-only" }`).
    pub switches: BTreeMap<String, bool>,
    /// What the school has agreed about others.
    pub outsiders: Outsiders,
    /// The most tips that one sender gets in 24 hours.
    pub tips_a_day: u32,
    /// The times that rules may name.
    pub hours: Hours,
}

impl Default for PackSettings {
    fn default() -> Self {
        Self {
            max_visible_families: 5,
            roster_stale_days: 35,
            marking_places: vec![
                MarkingPlace::Subject,
                MarkingPlace::FirstLine,
                MarkingPlace::Header,
            ],
            switches: BTreeMap::new(),
            outsiders: Outsiders::default(),
            tips_a_day: 3,
            hours: Hours::new(),
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
    /// One sentence to the sender; may hold placeholders.
    pub why: String,
    /// What to do; may hold placeholders.
    pub remedy: String,
    /// The sentence to the reviewer, when it differs from `why`.
    pub reviewer: Option<String>,
    /// A few words for lists and subjects, when the concern's own do not do.
    pub line: Option<String>,
    /// Only monitors while the roster is missing or old.
    pub needs_roster: bool,
    /// What follows besides the verdict.
    pub acts: Acts,
    /// The sender of a message that it holds may have it sent for a stated reason (`override`).
    pub overridable: bool,
    /// Where it stands.
    pub origin: Origin,
    /// Where a pack that extends that one last changed it.
    pub changed: Option<Origin>,
}

/// A place in the text of a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The pack's name.
    pub pack: String,
    /// From 1.
    pub line: usize,
}

impl Rule {
    /// The sentence to the reviewer, as a template.
    pub fn for_reviewer(&self) -> &str {
        self.reviewer.as_deref().unwrap_or(&self.why)
    }

    /// The reason in a few words, as a template.
    pub fn one_line(&self) -> &str {
        self.line
            .as_deref()
            .unwrap_or_else(|| words::standard(self.concern).line)
    }
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
