//! What is said within reach of each identity.

use std::collections::{BTreeMap, BTreeSet};

use super::look::{Page, Unit};
use super::tally::Tally;
use crate::category::Sensitivity;
use crate::inspection::{Disposition, Identification, PartPath};
use crate::roster::PupilId;
use crate::text::Role;

/// Octets up to which the whole of a text is about whoever it names.
const SHORT: usize = 1200;
/// Octets up to which a letter with one first name in it is about that child.
const ONE_CHILD: usize = 4000;
/// A list of so many with more than names on it is a class sheet.
const CLASS_SHEET: u32 = 10;

/// Somebody whom the message concerns, with all that is said of them.
#[derive(Debug, Default)]
pub(super) struct Concerned {
    pub how: BTreeSet<Identification>,
    pub confidence: f32,
    /// By part.
    pub tallies: BTreeMap<PartPath, Tally>,
    /// The length of the longest list that they stand on.
    pub people: u32,
    /// For whom the roster does not know: how many.
    pub strangers: BTreeSet<u64>,
    /// Whether they stand anywhere but in news for everybody.
    pub outside_news: bool,
}

/// Who is concerned: pupils of the roster, or people unknown to it in one place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Who {
    Roster(Vec<PupilId>),
    Unknown(PartPath, Option<String>),
}

/// Everybody concerned, and the first names that identify nobody.
#[derive(Debug, Default)]
pub(super) struct Reached {
    pub concerned: BTreeMap<Who, Concerned>,
    pub mentions: BTreeMap<(Vec<PupilId>, PartPath), Tally>,
}

/// Gathers for every identity what is said within its reach.
///
/// `purpose` is what the readers are for: it is said of everybody whom the message itself
/// is about.
pub(super) fn gather(pages: &[Page], purpose: &Tally) -> Reached {
    let single = singles(pages);
    let surroundings = surroundings(pages);
    let mut reached = Reached::default();
    for (page, surroundings) in pages.iter().zip(&surroundings) {
        let present = present(page, &single);
        let about_one = match present.len() {
            0 => page.length <= ONE_CHILD && mentioned(page) == 1,
            people => people == 1,
        };
        for (at, unit) in page.units.iter().enumerate() {
            if unit.anchors.is_empty() && unit.firsts.is_empty() {
                continue;
            }
            let mut tally = around(page, surroundings, at, unit);
            // The name of a file says who it is about, not what for.
            if !unit.is_row && unit.role != Role::FileName && !page.dampening.is_narrow() {
                tally.merge(purpose);
            }
            let own_text = page.is_own(unit) && !page.dampening.is_narrow();
            if own_text && !unit.is_row && (page.length <= SHORT || about_one) {
                tally.merge(&surroundings.whole);
            }
            // Prize winners are many and yet no list; a table in a newsletter is one.
            let people = if page.dampening.newsletter && !unit.is_row {
                1
            } else {
                list_length(page, unit, present.len())
            };
            if unit.is_row
                && people >= CLASS_SHEET
                && unit
                    .table
                    .as_ref()
                    .and_then(|name| page.tables.get(name))
                    .is_some_and(|table| table.is_pupils)
            {
                tally.raise(Sensitivity::Sensitive);
            }
            for anchor in &unit.anchors {
                let Some(who) = who(anchor.pupils.as_slice(), page, unit, &single) else {
                    continue;
                };
                let entry = reached.concerned.entry(who).or_default();
                entry.note(anchor.how, anchor.confidence, page, &tally, people);
                if unit.is_row && people >= 3 {
                    entry.how.insert(Identification::TableRow);
                }
                if anchor.pupils.is_empty() {
                    entry.strangers.insert(anchor.stranger);
                }
            }
            for first in &unit.firsts {
                let known: Vec<PupilId> = first
                    .candidates
                    .iter()
                    .copied()
                    .filter(|id| single.contains(id))
                    .collect();
                for &id in &known {
                    let entry = reached.concerned.entry(Who::Roster(vec![id])).or_default();
                    entry.add(page, &tally, people);
                }
                let news = page.dampening.newsletter && tally.is_empty();
                if known.is_empty() && !news {
                    reached
                        .mentions
                        .entry((first.candidates.clone(), page.part.clone()))
                        .or_default()
                        .merge(&tally);
                }
            }
        }
    }
    // News for everybody that names somebody and says nothing else of them is nobody's data.
    reached
        .concerned
        .retain(|_, concerned| concerned.outside_news);
    reached
}

impl Concerned {
    fn note(
        &mut self,
        how: Identification,
        confidence: f32,
        page: &Page,
        tally: &Tally,
        people: u32,
    ) {
        self.how.insert(how);
        self.confidence = self.confidence.max(confidence);
        self.add(page, tally, people);
    }

    fn add(&mut self, page: &Page, tally: &Tally, people: u32) {
        self.tallies
            .entry(page.part.clone())
            .or_default()
            .merge(tally);
        self.people = self.people.max(people);
        self.outside_news |= !page.dampening.newsletter || !tally.is_empty() || people >= 3;
    }

    /// All that is said, over all parts.
    pub fn all(&self) -> Tally {
        let mut all = Tally::default();
        self.tallies.values().for_each(|tally| all.merge(tally));
        all
    }
}

/// The pupils who are identified without doubt somewhere in the message.
fn singles(pages: &[Page]) -> BTreeSet<PupilId> {
    pages
        .iter()
        .flat_map(|page| &page.units)
        .flat_map(|unit| &unit.anchors)
        .filter_map(|anchor| match anchor.pupils.as_slice() {
            [only] => Some(*only),
            _ => None,
        })
        .collect()
}

/// Who an anchor means: namesakes are the one of them who is identified elsewhere.
fn who(pupils: &[PupilId], page: &Page, unit: &Unit, single: &BTreeSet<PupilId>) -> Option<Who> {
    if pupils.is_empty() {
        if let Some(table) = unit.table.as_ref().and_then(|name| page.tables.get(name)) {
            // Rows that only look like pupils count from three on.
            if table.vouched.is_empty() && !(table.is_pupils && table.people() >= 3) {
                return None;
            }
        }
        return Some(Who::Unknown(page.part.clone(), unit.table.clone()));
    }
    let known: Vec<PupilId> = pupils
        .iter()
        .copied()
        .filter(|id| single.contains(id))
        .collect();
    Some(Who::Roster(if known.len() == 1 {
        known
    } else {
        pupils.to_vec()
    }))
}

/// The distinct people of a page.
fn present(page: &Page, single: &BTreeSet<PupilId>) -> BTreeSet<Who> {
    page.units
        .iter()
        .flat_map(|unit| {
            unit.anchors
                .iter()
                .filter_map(|anchor| who(&anchor.pupils, page, unit, single))
        })
        .collect()
}

/// How many different first names a page mentions.
fn mentioned(page: &Page) -> usize {
    page.units
        .iter()
        .flat_map(|unit| &unit.firsts)
        .map(|first| &first.candidates)
        .collect::<BTreeSet<_>>()
        .len()
}

/// What the running text of a page says in all.
fn whole(page: &Page) -> Tally {
    let mut tally = Tally::default();
    if page.dampening.is_narrow() {
        return tally;
    }
    // What a short reply quotes is of the child whom the reply is about.
    let quoted: usize = page
        .units
        .iter()
        .filter(|unit| !page.is_own(unit))
        .map(|unit| unit.length)
        .sum();
    let quotes_somebody = page
        .units
        .iter()
        .any(|unit| !page.is_own(unit) && !unit.anchors.is_empty());
    let with_quoted = quoted <= SHORT && !quotes_somebody;
    for unit in &page.units {
        if !unit.is_row && (page.is_own(unit) || with_quoted) {
            tally.merge(&unit.tally);
        }
    }
    tally
}

/// What lies around every unit of a page, gathered once.
struct Surroundings {
    /// The running text of the page.
    whole: Tally,
    /// Its file names.
    file_names: Tally,
    /// For a body, the subject line of its message; for a header, its message's bodies.
    message: Tally,
    /// The paragraph over each table, which says what its rows are.
    captions: BTreeMap<String, Tally>,
}

fn surroundings(pages: &[Page]) -> Vec<Surroundings> {
    let wholes: Vec<Tally> = pages.iter().map(whole).collect();
    let subjects: Vec<(&str, Tally)> = pages
        .iter()
        .filter_map(|page| {
            let scope = page.part.as_str().strip_suffix("header")?;
            let mut tally = Tally::default();
            page.units
                .iter()
                .filter(|unit| page.is_subject_line(unit))
                .for_each(|unit| tally.merge(&unit.tally));
            Some((scope, tally))
        })
        .collect();
    pages
        .iter()
        .zip(&wholes)
        .map(|(page, whole)| {
            let mut file_names = Tally::default();
            page.units
                .iter()
                .filter(|unit| unit.role == Role::FileName)
                .for_each(|unit| file_names.merge(&unit.tally));
            let mut message = Tally::default();
            if page.disposition == Disposition::Body && !page.dampening.is_narrow() {
                subjects
                    .iter()
                    .filter(|(scope, _)| in_scope(page, scope))
                    .for_each(|(_, tally)| message.merge(tally));
            }
            if let Some(scope) = page.part.as_str().strip_suffix("header") {
                for (other, whole) in pages.iter().zip(&wholes) {
                    if other.disposition == Disposition::Body && in_scope(other, scope) {
                        message.merge(whole);
                    }
                }
            }
            Surroundings {
                whole: whole.clone(),
                file_names,
                message,
                captions: captions(page),
            }
        })
        .collect()
}

/// What is said in a unit and around it.
fn around(page: &Page, surroundings: &Surroundings, at: usize, unit: &Unit) -> Tally {
    let mut tally = unit.tally.clone();
    let narrow = page.dampening.is_narrow();
    if !unit.is_row && !narrow {
        let neighbours = [at.checked_sub(1), at.checked_add(1)];
        for neighbour in neighbours
            .into_iter()
            .flatten()
            .filter_map(|at| page.units.get(at))
        {
            let same_voice = (neighbour.role == Role::Quoted) == (unit.role == Role::Quoted);
            if same_voice && !neighbour.is_row {
                tally.merge(&neighbour.tally);
            }
        }
    }
    if let Some(caption) = unit
        .table
        .as_ref()
        .and_then(|table| surroundings.captions.get(table))
    {
        tally.merge(caption);
    }
    tally.merge(&surroundings.file_names);
    // The subject line speaks of the body's people, and the body of the subject line's.
    if page.disposition == Disposition::Body || page.is_subject_line(unit) {
        tally.merge(&surroundings.message);
    }
    if unit.role == Role::FileName {
        tally.merge(&surroundings.whole);
    }
    tally
}

/// The short paragraph before the first row of each table.
fn captions(page: &Page) -> BTreeMap<String, Tally> {
    let mut captions = BTreeMap::new();
    let mut before: Option<&Unit> = None;
    for unit in &page.units {
        match &unit.table {
            Some(table) => {
                captions.entry(table.clone()).or_insert_with(|| {
                    before
                        .filter(|unit| unit.length <= 300 && unit.role != Role::FileName)
                        .map(|unit| unit.tally.clone())
                        .unwrap_or_default()
                });
            }
            None => before = Some(unit),
        }
    }
    captions
}

/// A body belongs to the header of its own message: `1` to `header`, `3/1` to `3/header`.
fn in_scope(page: &Page, scope: &str) -> bool {
    page.part
        .as_str()
        .strip_prefix(scope)
        .is_some_and(|rest| !rest.contains('/'))
}

/// How many people a row's table or a page's text lists.
fn list_length(page: &Page, unit: &Unit, present: usize) -> u32 {
    match unit.table.as_ref().and_then(|name| page.tables.get(name)) {
        Some(table) => table.people(),
        None if present >= 3 => u32::try_from(present).unwrap_or(u32::MAX),
        None => 1,
    }
}
