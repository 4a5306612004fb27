//! First names that the rest of the message makes somebody's.
//!
//! "Freya" is nobody by herself. Where the message speaks of Mr Larkwell, where its
//! signature says 6W, or where it says of her what is said of one child only, she is
//! known to whoever knows the school.

use std::collections::BTreeSet;

use super::concepts::About;
use super::look::{Anchor, First, Known, Page};
use super::tally::Tally;
use crate::category::{Category, Sensitivity};
use crate::inspection::{Disposition, Identification};
use crate::roster::PupilId;
use crate::roster::index::RosterIndex;
use crate::roster::key::{Tag, Word, key, single};
use crate::words::is_common;

/// Octets up to which a page's matter is about whoever it names.
pub(super) const ABOUT_ONE: usize = 1200;

/// A letter to one family that names nobody and yet speaks of a child speaks of theirs.
pub(super) fn unnamed(pages: &mut [Page], known: &Known<'_>) {
    let bodies = pages
        .iter_mut()
        .filter(|page| page.disposition == Disposition::Body && !page.dampening.is_narrow());
    for unit in bodies.flat_map(|page| &mut page.units) {
        if unit.of_one && !unit.hits.is_empty() && !known.circle.children.is_empty() {
            unit.firsts.push(First {
                candidates: known.circle.children.clone(),
                given: Word::EMPTY,
                text: String::new(),
            });
        }
    }
}

/// Whether a message names one child and no other: then its sentences are about that child.
pub(super) fn about(pages: &[Page]) -> About {
    let units = || pages.iter().flat_map(|page| &page.units);
    let mut named: BTreeSet<&[PupilId]> = units()
        .flat_map(|unit| &unit.anchors)
        .map(|anchor| anchor.pupils.as_slice())
        .collect();
    let known: BTreeSet<PupilId> = named.iter().flat_map(|ids| ids.iter().copied()).collect();
    named.extend(
        units()
            .flat_map(|unit| &unit.firsts)
            .map(|first| first.candidates.as_slice())
            .filter(|candidates| !candidates.iter().any(|id| known.contains(id))),
    );
    let short = pages.iter().map(|page| page.length).sum::<usize>() <= ABOUT_ONE;
    if named.len() == 1 && short {
        About::One
    } else {
        About::Several
    }
}

/// What the whole message offers to tell first names by.
struct Hints {
    /// Classes, years and teachers.
    places: BTreeSet<(u64, Word)>,
    /// Surnames of adults and families.
    families: BTreeSet<Word>,
    /// These, and who is greeted.
    adults: BTreeSet<Word>,
}

/// Turns first names and initials into identities where the message leaves no doubt whose
/// they are.
pub(super) fn names(pages: &mut [Page], known: &Known<'_>) {
    let units = || pages.iter().flat_map(|page| &page.units);
    let places: BTreeSet<(u64, Word)> = units()
        .flat_map(|unit| &unit.places)
        .map(|&(tag, word)| (tag as u64, word))
        .collect();
    let families: BTreeSet<Word> = units().flat_map(|unit| &unit.families).copied().collect();
    let mut adults: BTreeSet<Word> = units().flat_map(|unit| &unit.greeted).copied().collect();
    adults.extend(&families);
    let hints = Hints {
        places,
        families,
        adults,
    };
    let mut short = Tally::default();
    pages
        .iter()
        .filter(|page| page.length <= ABOUT_ONE && !page.dampening.is_narrow())
        .flat_map(|page| &page.units)
        .for_each(|unit| short.merge(&unit.tally));
    for page in pages.iter_mut().filter(|page| !page.dampening.is_narrow()) {
        for unit in &mut page.units {
            let mut left = Vec::new();
            for first in std::mem::take(&mut unit.firsts) {
                let mut said = unit.tally.clone();
                said.merge(&short);
                match resolved(&first, &said, &hints, known) {
                    Some((pupils, confidence)) => unit.anchors.push(Anchor {
                        pupils,
                        stranger: 0,
                        how: Identification::ForenameAndContext,
                        confidence,
                        text: first.text,
                    }),
                    None => left.push(first),
                }
            }
            unit.firsts = left;
            let initials = std::mem::take(&mut unit.initials);
            unit.anchors.extend(
                initials
                    .into_iter()
                    .filter_map(|letters| initialled(letters, &hints.places, known.roster)),
            );
        }
    }
}

fn resolved(
    first: &First,
    said: &Tally,
    hints: &Hints,
    known: &Known<'_>,
) -> Option<(Vec<PupilId>, f32)> {
    let roster = known.roster;
    // To the child's own family the name means that child, whichever colleague is a
    // namesake's aunt or teacher: it stays a mention, which whoever knows the recipients
    // takes for theirs.
    let is_theirs = !first.text.is_empty()
        && first
            .candidates
            .iter()
            .any(|id| known.circle.children.contains(id));
    let by_family = only(
        hints
            .families
            .iter()
            .filter(|&&name| !is_theirs || !roster.knows(single(Tag::StaffSurname, name)))
            .flat_map(|&name| roster.by_name(first.given, name)),
    );
    if by_family.is_some() {
        return by_family.map(|pupils| (pupils, 0.75));
    }
    if said.sensitivity(1) < Sensitivity::Sensitive || is_an_adults(first, known, roster) {
        return None;
    }
    let by_contact = only(
        hints
            .adults
            .iter()
            .filter(|&&name| !is_theirs || !roster.knows(single(Tag::StaffSurname, name)))
            .flat_map(|&name| roster.find(key(Tag::ForenameContact, first.given, name))),
    );
    if by_contact.is_some() {
        return by_contact.map(|pupils| (pupils, 0.7));
    }
    let tags = [Tag::ForenameClass, Tag::ForenameYear, Tag::ForenameTeacher];
    for tag in tags {
        if is_theirs && matches!(tag, Tag::ForenameTeacher) {
            return None;
        }
        let of_tag = hints.places.iter().filter(|(of, _)| *of == tag as u64);
        let there = only(of_tag.flat_map(|&(_, word)| roster.find(key(tag, first.given, word))));
        if there.is_some() {
            return there.map(|pupils| (pupils, 0.7));
        }
    }
    // Where religions are counted, "9 % Christian" is no boy.
    let of_religion = said
        .categories()
        .iter()
        .all(|category| *category == Category::Religion || !category.is_special());
    let special = said.has_special() && !(of_religion && is_common(first.given));
    (special && first.candidates.len() == 1).then(|| (first.candidates.clone(), 0.6))
}

/// The one pupil with these initials in the classes and years of the message.
fn initialled(
    letters: Word,
    places: &BTreeSet<(u64, Word)>,
    roster: &RosterIndex,
) -> Option<Anchor> {
    let found = only(places.iter().flat_map(|&(of, word)| {
        if of == Tag::ForenameClass as u64 {
            roster.find(key(Tag::InitialsClass, letters, word))
        } else if of == Tag::ForenameYear as u64 {
            roster.find(key(Tag::InitialsYear, letters, word))
        } else {
            Vec::new()
        }
    }))?;
    Some(Anchor {
        pupils: found,
        stranger: 0,
        how: Identification::ForenameAndContext,
        confidence: 0.6,
        text: String::new(),
    })
}

/// The pupil, when they are all the same one.
fn only(pupils: impl Iterator<Item = PupilId>) -> Option<Vec<PupilId>> {
    let all: BTreeSet<PupilId> = pupils.collect();
    (all.len() == 1).then(|| all.into_iter().collect())
}

/// Whether a colleague or somebody who writes or is written to has this first name.
fn is_an_adults(first: &First, known: &Known<'_>, roster: &RosterIndex) -> bool {
    roster.knows(single(Tag::StaffForename, first.given))
        || known.circle.forenames.contains(&first.given)
}
