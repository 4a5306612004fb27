//! A decision, said to the one who has to act on it.

use std::collections::BTreeMap;

use schoolgate_detectors::{
    Disposition, Finding, Inspection, Kind, Masked, PartPath, UnreadReason,
};

use super::wording::{PEOPLE, counted, distinct, matter};
use crate::acts::{AddedMarking, Offering};
use crate::condition::Leaf;
use crate::decision::{Addresses, Concern, Decision, FiredRule, Mode, Verdict};
use crate::exceptions::AppliedException;
use crate::pack::Pack;

/// More places than this help nobody.
const MOST_PLACES: usize = 12;

/// A decision in words. It holds masked excerpts only.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Explanation {
    /// What happens, in one sentence.
    pub headline: String,
    /// Every rule that applied, the strictest first.
    pub reasons: Vec<Reason>,
    /// What registered exceptions let through; what lapsed is said in its reason.
    pub exceptions: Vec<String>,
}

/// One rule that applied.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Reason {
    pub rule: String,
    pub concern: Concern,
    pub verdict: Verdict,
    pub mode: Mode,
    /// Why, in one sentence.
    pub sentence: String,
    pub clauses: Vec<CitedClause>,
    /// What was found and where: `the names of 30 pupils in marks.xlsx, Sheet1`.
    pub found: Vec<String>,
    /// What to do.
    pub remedy: String,
    /// Why, in one sentence to the reviewer.
    pub reviewer: String,
    /// Why, in a few words.
    pub line: String,
    pub recipients: Addresses,
    /// One sentence that teaches; empty when the rule has none that is due.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tip: String,
    /// The marking that is added for it when the message leaves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adds: Option<AddedMarking>,
    /// The notice offers a message of its own for each recipient.
    #[serde(skip_serializing_if = "is_false")]
    pub offers_single_messages: bool,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// A clause with its words in the school's own policy.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct CitedClause {
    pub id: String,
    /// Empty when the pack has changed since and no longer quotes it.
    pub quote: String,
}

/// Says a decision.
pub fn decision(decision: &Decision, inspection: &Inspection, pack: &Pack) -> Explanation {
    let why = decision.governing().map(|rule| rule.why.as_str());
    let headline = match (decision.verdict(), decision.would_be) {
        (Verdict::Deliver, Verdict::Deliver) => "The message is delivered.".to_owned(),
        (Verdict::Deliver, softened) => format!(
            "The message is delivered. Enforced, {}.",
            consequence(softened)
        ),
        (verdict, _) => {
            let mut text = consequence(verdict).to_owned();
            if let Some(first) = text.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            match why {
                Some(why) => format!("{text}: {}", lower_start(why)),
                None => format!("{text}."),
            }
        }
    };
    Explanation {
        headline,
        reasons: decision
            .rules
            .iter()
            .map(|rule| reason(rule, inspection, pack))
            .collect(),
        exceptions: decision
            .exceptions
            .iter()
            .filter(|exception| !exception.lapsed)
            .map(AppliedException::sentence)
            .collect(),
    }
}

fn consequence(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Deliver => "it is delivered",
        Verdict::Hold => "it waits for its sender to put it right",
        Verdict::Quarantine => "it waits for a reviewer",
        Verdict::Reject => "it goes back to its sender",
    }
}

/// A sentence made to follow a colon; names and abbreviations keep their capitals.
fn lower_start(sentence: &str) -> String {
    let mut chars = sentence.chars();
    match (chars.next(), chars.next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => {
            let rest: String = sentence.chars().skip(1).collect();
            first.to_lowercase().chain(rest.chars()).collect()
        }
        _ => sentence.to_owned(),
    }
}

fn reason(fired: &FiredRule, inspection: &Inspection, pack: &Pack) -> Reason {
    let mut found = places(fired, inspection);
    if asks_for_unread(fired, pack) {
        found.extend(unread(inspection));
    }
    if found.len() > MOST_PLACES {
        let more = found.len() - MOST_PLACES;
        found.truncate(MOST_PLACES);
        found.push(format!("and more in {more} other places"));
    }
    Reason {
        rule: fired.id.clone(),
        concern: fired.concern,
        verdict: fired.verdict,
        mode: fired.mode,
        sentence: fired.why.clone(),
        clauses: fired
            .clauses
            .iter()
            .map(|id| CitedClause {
                id: id.clone(),
                quote: pack.clauses.get(id).cloned().unwrap_or_default(),
            })
            .collect(),
        found,
        remedy: fired.remedy.clone(),
        reviewer: if fired.reviewer.is_empty() {
            fired.why.clone()
        } else {
            fired.reviewer.clone()
        },
        line: fired.line.clone(),
        recipients: fired.recipients.clone(),
        tip: fired.acts.tip.clone().unwrap_or_default(),
        adds: fired.adds.clone(),
        offers_single_messages: fired.acts.offer == Some(Offering::SingleMessages),
    }
}

fn asks_for_unread(fired: &FiredRule, pack: &Pack) -> bool {
    let mut leaves = Vec::new();
    if let Some(rule) = pack.rule(&fired.id) {
        rule.when.leaves(&mut leaves);
    }
    leaves.iter().any(|leaf| matches!(leaf, Leaf::Unread(_)))
}

/// The findings of a rule, put together by kind and part.
fn places(fired: &FiredRule, inspection: &Inspection) -> Vec<String> {
    let mut groups: BTreeMap<(&PartPath, Kind), Vec<&Finding>> = BTreeMap::new();
    for finding in fired
        .findings
        .iter()
        .filter_map(|i| inspection.findings.get(*i))
    {
        groups
            .entry((&finding.part, finding.kind))
            .or_default()
            .push(finding);
    }
    let parts: BTreeMap<&PartPath, Vec<Kind>> =
        groups
            .keys()
            .fold(BTreeMap::new(), |mut parts, (part, kind)| {
                parts.entry(*part).or_default().push(*kind);
                parts
            });
    // What another line of the same part says already, and more fully.
    groups.retain(|(part, kind), _| {
        let beside = |other: Kind| parts.get(part).is_some_and(|kinds| kinds.contains(&other));
        match kind {
            Kind::Upn => !beside(Kind::RosterUpn),
            Kind::RosterName => !beside(Kind::PupilTable),
            Kind::RosterForename => !beside(Kind::RosterName),
            _ => true,
        }
    });
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|((part, kind), _)| (*part, rank(*kind)));
    groups
        .into_iter()
        .map(|((part, kind), findings)| {
            let said = findings.iter().filter_map(|f| f.category).collect();
            let what =
                matter(&said).unwrap_or_else(|| counted(kind, distinct(findings.iter().copied())));
            let mut line = format!("{what} in {}", part_name(part, inspection));
            let mut areas: Vec<&str> = findings
                .iter()
                .map(|f| area(&f.place, findings.len()))
                .collect();
            areas.sort_unstable();
            areas.dedup();
            match areas.as_slice() {
                [] | [""] => {}
                [one] => line.push_str(&format!(", {one}")),
                many => line.push_str(&format!(", in {} places", many.len())),
            }
            if let [only] = findings.as_slice()
                && only.count <= 1
                && !only.excerpt.as_str().is_empty()
            {
                line.push_str(&format!(" ({})", only.excerpt.as_str()));
            }
            line
        })
        .collect()
}

/// The strongest kinds first.
fn rank(kind: Kind) -> (usize, Kind) {
    let place = PEOPLE.iter().position(|people| *people == kind);
    (place.unwrap_or(PEOPLE.len()), kind)
}

/// The place of a finding; of several cells, their sheet.
fn area(place: &str, findings: usize) -> &str {
    if findings > 1 {
        place.rsplit_once('!').map_or(place, |(sheet, _)| sheet)
    } else {
        place
    }
}

/// A part as a reader would name it: `marks.xlsx in marks.zip`, `the message`.
fn part_name(path: &PartPath, inspection: &Inspection) -> String {
    if path == &PartPath::header() {
        return "the header".into();
    }
    let part = inspection.part(path);
    match part.map(|p| p.disposition) {
        Some(Disposition::Body | Disposition::Container | Disposition::Header) => {
            "the message".into()
        }
        Some(Disposition::Message) => "a forwarded message".into(),
        _ => {
            // The first piece is the number of the MIME part.
            let names: Vec<&str> = path
                .as_str()
                .split('/')
                .filter(|piece| !piece.chars().all(|c| c.is_ascii_digit() || c == '.'))
                .collect();
            let hidden = names_somebody(path, inspection);
            let shown: Vec<String> = names
                .iter()
                .rev()
                .take(2)
                .map(|name| {
                    if hidden {
                        Masked::words(name).as_str().to_owned()
                    } else {
                        (*name).to_owned()
                    }
                })
                .collect();
            if shown.is_empty() {
                // A part by its number only: a text, unless it is known as something else.
                part.map_or("the message", |_| "an attachment").into()
            } else {
                shown.join(" in ")
            }
        }
    }
}

/// Whether the file's name itself holds a finding, so that a notice must not repeat it.
fn names_somebody(path: &PartPath, inspection: &Inspection) -> bool {
    inspection.findings.iter().any(|f| {
        &f.part == path
            && f.place
                .to_lowercase()
                .replace(['-', ' '], "")
                .contains("filename")
    })
}

fn unread(inspection: &Inspection) -> Vec<String> {
    let mut lines: Vec<String> = inspection
        .unread
        .iter()
        .filter(|u| {
            u.reason.stops()
                || matches!(
                    u.reason,
                    UnreadReason::Encrypted | UnreadReason::PictureNotRead
                )
        })
        .map(|u| {
            format!(
                "{} could not be read: {}",
                part_name(&u.part, inspection),
                u.reason.label()
            )
        })
        .collect();
    lines.sort();
    lines.dedup();
    lines
}
