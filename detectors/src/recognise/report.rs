//! Subjects, mentions and findings from what was gathered.

use std::collections::{BTreeMap, BTreeSet};

use super::look::Page;
use super::reach::{Reached, Who};
use super::{Recognised, lexicon};
use crate::category::{Category, Sensitivity};
use crate::finding::{Confidence, Finding, Kind, Masked};
use crate::inspection::{Identification, Mention, PartPath, Subject};
use crate::roster::PupilId;

pub(super) fn report(pages: &[Page], reached: Reached) -> Recognised {
    let mut out = Recognised::default();
    let mut said: BTreeSet<Category> = BTreeSet::new();
    for (who, concerned) in reached.concerned {
        let all = concerned.all();
        let sensitivity = all.sensitivity(concerned.people);
        said.extend(all.categories());
        for (part, tally) in &concerned.tallies {
            let entry: &mut Sensitivity = out.sensitivity.entry(part.clone()).or_default();
            *entry = (*entry).max(tally.sensitivity(concerned.people));
        }
        let (pupils, count) = match who {
            Who::Roster(pupils) => (pupils, 1),
            Who::Unknown(..) => (
                Vec::new(),
                u32::try_from(concerned.strangers.len())
                    .unwrap_or(u32::MAX)
                    .max(1),
            ),
        };
        out.subjects.push(Subject {
            pupils,
            identified_by: concerned.how.into_iter().collect(),
            confidence: Confidence::new(concerned.confidence),
            categories: all.categories(),
            special: all.has_special(),
            sensitivity,
            parts: concerned.tallies.into_keys().collect(),
            count,
        });
    }
    for ((candidates, part), tally) in reached.mentions {
        said.extend(tally.categories());
        out.mentions.push(Mention {
            candidates,
            categories: tally.categories(),
            special: tally.has_special(),
            sensitivity: tally.sensitivity(1),
            part,
        });
    }
    for page in pages {
        items(page, &mut out.findings);
        names(page, &mut out.findings);
        tables(page, &mut out.findings);
        phrases(page, &said, &mut out.findings);
    }
    out
}

/// One finding for each kind in each part: the number of distinct values, the first place.
fn items(page: &Page, findings: &mut Vec<Finding>) {
    let mut by_kind: BTreeMap<Kind, (Finding, BTreeSet<&str>)> = BTreeMap::new();
    for item in &page.items {
        let (finding, values) = by_kind.entry(item.kind).or_insert_with(|| {
            (
                empty(item.kind, &page.part, &item.place, item.excerpt.clone()),
                BTreeSet::new(),
            )
        });
        values.insert(&item.value);
        finding.confidence = Confidence::new(finding.confidence.get().max(item.confidence));
        finding.subjects.extend(&item.pupils);
    }
    findings.extend(
        by_kind
            .into_values()
            .map(|(finding, values)| closed(finding, values.len())),
    );
}

/// Pupils named in full, and first names.
fn names(page: &Page, findings: &mut Vec<Finding>) {
    let mut full: Option<(Finding, BTreeSet<&[PupilId]>)> = None;
    let mut first: Option<(Finding, BTreeSet<&[PupilId]>)> = None;
    for unit in &page.units {
        for anchor in unit
            .anchors
            .iter()
            .filter(|anchor| !anchor.pupils.is_empty() && is_by_name(anchor.how))
        {
            let (finding, who) = full.get_or_insert_with(|| {
                let excerpt = if anchor.text.is_empty() {
                    Masked::plain("…")
                } else {
                    Masked::words(&anchor.text)
                };
                (
                    empty(Kind::RosterName, &page.part, &unit.place, excerpt),
                    BTreeSet::new(),
                )
            });
            who.insert(&anchor.pupils);
            finding.confidence = Confidence::new(finding.confidence.get().max(anchor.confidence));
            finding.subjects.extend(&anchor.pupils);
        }
        for name in unit.firsts.iter().filter(|name| !name.text.is_empty()) {
            let (finding, who) = first.get_or_insert_with(|| {
                (
                    empty(
                        Kind::RosterForename,
                        &page.part,
                        &unit.place,
                        Masked::words(&name.text),
                    ),
                    BTreeSet::new(),
                )
            });
            who.insert(&name.candidates);
            finding.confidence = Confidence::new(0.3);
        }
    }
    findings.extend(
        [full, first]
            .into_iter()
            .flatten()
            .map(|(finding, who)| closed(finding, who.len())),
    );
}

/// Numbers and addresses have findings of their own.
fn is_by_name(how: Identification) -> bool {
    !matches!(how, Identification::Number | Identification::ContactAddress)
}

fn tables(page: &Page, findings: &mut Vec<Finding>) {
    for (name, table) in &page.tables {
        let people = table.people();
        if !table.is_list() {
            continue;
        }
        let place = page
            .units
            .iter()
            .find(|unit| unit.table.as_ref() == Some(name) && !unit.anchors.is_empty())
            .map_or(name.as_str(), |unit| unit.place.as_str());
        let mut finding = empty(
            Kind::PupilTable,
            &page.part,
            place,
            Masked::plain(table.shape()),
        );
        finding.confidence = Confidence::new(if table.is_pupils { 0.95 } else { 0.8 });
        finding.subjects = table
            .known
            .iter()
            .filter(|pupils| pupils.len() == 1)
            .flatten()
            .copied()
            .collect();
        findings.push(closed(finding, people as usize));
    }
}

/// The phrases that made somebody's matter sensitive; a phrase about nobody is no finding.
fn phrases(page: &Page, said: &BTreeSet<Category>, findings: &mut Vec<Finding>) {
    let mut by_category: BTreeMap<Category, (Finding, BTreeSet<u32>)> = BTreeMap::new();
    for unit in &page.units {
        for hit in unit.hits.iter().filter(|hit| said.contains(&hit.category)) {
            let (finding, phrases) = by_category.entry(hit.category).or_insert_with(|| {
                let excerpt = Masked::plain(lexicon::phrase(hit.phrase));
                let mut finding = empty(Kind::CategoryPhrase, &page.part, &unit.place, excerpt);
                finding.category = Some(hit.category);
                (finding, BTreeSet::new())
            });
            phrases.insert(hit.phrase);
            finding.confidence =
                Confidence::new(finding.confidence.get().max(hit.weight as f32 / 10.0));
        }
    }
    findings.extend(
        by_category
            .into_values()
            .map(|(finding, phrases)| closed(finding, phrases.len())),
    );
}

fn empty(kind: Kind, part: &PartPath, place: &str, excerpt: Masked) -> Finding {
    Finding {
        category: None,
        kind,
        part: part.clone(),
        place: place.to_owned(),
        confidence: Confidence::default(),
        count: 0,
        subjects: Vec::new(),
        excerpt,
    }
}

fn closed(mut finding: Finding, count: usize) -> Finding {
    finding.count = u32::try_from(count).unwrap_or(u32::MAX);
    finding.subjects.sort_unstable();
    finding.subjects.dedup();
    finding
}
