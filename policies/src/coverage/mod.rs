//! What keeps each clause of a policy: the rules that serve it, worked out from the rules
//! themselves; the features of the product that prove or support it, from a fixed
//! vocabulary; or the reason why a mail gateway cannot.

mod feature;
mod page;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::decision::{Mode, Verdict};
use crate::pack::{Claim, Pack, Rule};

pub use feature::{FEATURES, Feature, State};
pub use page::{markdown, reasons, tally};

/// How far a clause is kept, from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kept {
    /// The pack quotes the clause and says nothing else of it.
    Unaccounted,
    /// A mail gateway cannot.
    OutOfReach,
    /// Only by what does not exist yet.
    Waiting,
    /// It is made easier to keep.
    Supported,
    /// It can be shown to be kept, or to have been broken.
    Evidenced,
    /// A rule watches or tells the sender afterwards.
    Watched,
    /// A rule or the gateway itself stops what breaks it.
    Enforced,
}

impl Kept {
    /// All of them, the most first.
    pub const ALL: &'static [Kept] = &[
        Self::Enforced,
        Self::Watched,
        Self::Evidenced,
        Self::Supported,
        Self::Waiting,
        Self::OutOfReach,
        Self::Unaccounted,
    ];

    /// The word for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Enforced => "enforced",
            Self::Watched => "watched",
            Self::Evidenced => "evidenced",
            Self::Supported => "supported",
            Self::Waiting => "waiting",
            Self::OutOfReach => "out of reach",
            Self::Unaccounted => "not accounted for",
        }
    }
}

/// What keeps one clause.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClauseCoverage {
    /// As the pack cites it.
    pub clause: String,
    /// In the school's own words.
    pub words: String,
    pub kept: Kept,
    /// The rules that serve it and are not switched off.
    pub rules: Vec<ServingRule>,
    pub features: Vec<ServingFeature>,
    /// Why a mail gateway can do no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beyond: Option<String>,
    /// Examples in the pack to which a rule that serves it applies.
    pub examples_for: usize,
    /// Examples in the pack that such a rule spares.
    pub examples_against: usize,
}

/// A rule that serves a clause.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ServingRule {
    pub id: String,
    pub mode: Mode,
    pub verdict: Verdict,
}

/// What a feature does for a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    Enforces,
    Evidences,
    Supports,
}

/// A feature that serves a clause.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ServingFeature {
    pub id: &'static str,
    pub service: Service,
    /// What it does.
    pub what: &'static str,
    /// The later work that it waits for; none when it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<&'static str>,
}

/// Every clause of the pack, in the order in which people count.
pub fn coverage(pack: &Pack) -> Vec<ClauseCoverage> {
    let in_force = pack.rules.iter().filter(|r| r.mode != Mode::Off);
    let by_id: BTreeMap<&str, &Rule> = in_force.map(|r| (r.id.as_str(), r)).collect();
    let mut rules: BTreeMap<&str, Vec<ServingRule>> = BTreeMap::new();
    for rule in pack.rules.iter().filter(|r| r.mode != Mode::Off) {
        for clause in &rule.clauses {
            rules.entry(clause).or_default().push(ServingRule {
                id: rule.id.clone(),
                mode: rule.mode,
                verdict: rule.then,
            });
        }
    }
    let (mut shown, mut spared) = (BTreeMap::new(), BTreeMap::new());
    for example in &pack.examples {
        let clauses = |ids: &[String]| -> BTreeSet<&str> {
            let named = ids.iter().filter_map(|id| by_id.get(id.as_str()));
            named.flat_map(|r| &r.clauses).map(String::as_str).collect()
        };
        let applies = clauses(&example.rules);
        for clause in clauses(&example.not_rules).difference(&applies) {
            *spared.entry(*clause).or_insert(0_usize) += 1;
        }
        for clause in applies {
            *shown.entry(clause).or_insert(0_usize) += 1;
        }
    }
    let mut list: Vec<ClauseCoverage> = pack
        .clauses
        .iter()
        .map(|(id, words)| {
            let id = id.as_str();
            let claim = pack.claims.get(id).cloned().unwrap_or_default();
            let mut coverage = ClauseCoverage {
                clause: id.to_owned(),
                words: words.clone(),
                kept: Kept::Unaccounted,
                rules: rules.remove(id).unwrap_or_default(),
                features: features(&claim),
                beyond: claim.beyond,
                examples_for: shown.get(id).copied().unwrap_or_default(),
                examples_against: spared.get(id).copied().unwrap_or_default(),
            };
            coverage.kept = kept(&coverage);
            coverage
        })
        .collect();
    list.sort_by_cached_key(|c| natural(&c.clause));
    list
}

fn features(claim: &Claim) -> Vec<ServingFeature> {
    let kinds = [
        (Service::Enforces, &claim.enforced),
        (Service::Evidences, &claim.evidence),
        (Service::Supports, &claim.support),
    ];
    kinds
        .into_iter()
        .flat_map(|(service, list)| {
            list.iter().map(move |feature| ServingFeature {
                id: feature.as_str(),
                service,
                what: feature.label(),
                waits_for: match feature.state() {
                    State::Here => None,
                    State::Waits { for_what } => Some(for_what),
                },
            })
        })
        .collect()
}

fn kept(coverage: &ClauseCoverage) -> Kept {
    let stops = |rule: &ServingRule| rule.mode == Mode::Enforce && rule.verdict > Verdict::Deliver;
    let has = |service| {
        coverage
            .features
            .iter()
            .any(|f| f.service == service && f.waits_for.is_none())
    };
    if coverage.rules.iter().any(stops) || has(Service::Enforces) {
        Kept::Enforced
    } else if !coverage.rules.is_empty() {
        Kept::Watched
    } else if has(Service::Evidences) {
        Kept::Evidenced
    } else if has(Service::Supports) {
        Kept::Supported
    } else if !coverage.features.is_empty() {
        Kept::Waiting
    } else if coverage.beyond.is_some() {
        Kept::OutOfReach
    } else {
        Kept::Unaccounted
    }
}

/// A clause's id cut into words and numbers, so that 9 comes before 10.
fn natural(id: &str) -> Vec<(u64, String)> {
    let mut pieces = Vec::new();
    let mut rest = id;
    while let Some(first) = rest.chars().next() {
        let digits = first.is_ascii_digit();
        let end = rest
            .find(|c: char| c.is_ascii_digit() != digits)
            .unwrap_or(rest.len());
        let (piece, tail) = rest.split_at(end);
        let number = if digits {
            piece.parse().unwrap_or(u64::MAX)
        } else {
            0
        };
        pieces.push((number, piece.to_owned()));
        rest = tail;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_are_counted_as_people_count() {
        let mut ids = vec!["001-10", "001-9", "4.2", "4.10", "a"];
        ids.sort_by_cached_key(|id| natural(id));
        assert_eq!(ids, ["a", "001-9", "001-10", "4.2", "4.10"]);
    }
}
