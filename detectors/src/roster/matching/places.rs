//! Classes and year groups in a text, which tell whose first name it is.

use super::{CONTEXT_WORDS, NAME_WORDS, chain};
use crate::roster::PupilId;
use crate::roster::index::RosterIndex;
use crate::roster::key::{Tag, Word, key};
use crate::words::{Gap, PlaceWord, Token};

/// A class or a year group in the text.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub from: usize,
    pub to: usize,
    pub word: Word,
    pub kind: PlaceKind,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum PlaceKind {
    Class,
    Year,
    /// Of a member of staff: "in Mrs Young's class".
    Teacher,
}

impl Place {
    pub fn pupils(&self, forename: Word, roster: &RosterIndex) -> Vec<PupilId> {
        let tag = match self.kind {
            PlaceKind::Class => Tag::ForenameClass,
            PlaceKind::Year => Tag::ForenameYear,
            PlaceKind::Teacher => Tag::ForenameTeacher,
        };
        let found = roster.find(key(tag, forename, self.word));
        if found.is_empty() && self.kind == PlaceKind::Teacher {
            // Who teaches whom the roster may not say; a name that only one pupil has is
            // theirs in whose class ever.
            let mut all = roster.by_forename(forename);
            all.retain(|_| roster.knows(key(Tag::StaffSurname, self.word, Word::EMPTY)));
            return if all.len() == 1 { all } else { Vec::new() };
        }
        found
    }
}

/// The classes and year groups of a text, in order.
pub(super) struct Places(Vec<Place>);

impl Places {
    pub fn of(tokens: &[Token], roster: &RosterIndex) -> Places {
        let mut places = Vec::new();
        let announces = |at: Option<usize>, what: PlaceWord| {
            at.and_then(|at| tokens.get(at))
                .is_some_and(|token| token.place == Some(what))
        };
        // The next word that is a reason to look for a class; most words have none near.
        let mut reasons = tokens
            .iter()
            .enumerate()
            .filter(|(_, token)| token.digits || token.place == Some(PlaceWord::Class))
            .map(|(at, _)| at)
            .peekable();
        for (at, token) in tokens.iter().enumerate() {
            while reasons.next_if(|&reason| reason < at).is_some() {}
            if let Some(next) = tokens.get(at + 1)
                && token.place == Some(PlaceWord::Year)
                && matches!(next.gap, Gap::Space | Gap::Hyphen)
                && let Some(year) = crate::roster::key::year_group(&next.folded)
            {
                places.push(Place {
                    from: at,
                    to: at + 1,
                    word: Word::of(&year),
                    kind: PlaceKind::Year,
                });
            }
            let short_year = Some(&token.folded)
                .filter(|_| token.digits)
                .and_then(|folded| folded.strip_prefix("yr").or(folded.strip_prefix('y')));
            if let Some(year) = short_year
                .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
                .and_then(crate::roster::key::year_group)
            {
                places.push(Place {
                    from: at,
                    to: at,
                    word: Word::of(&year),
                    kind: PlaceKind::Year,
                });
            }
            if token.place == Some(PlaceWord::Reception) {
                places.push(Place {
                    from: at,
                    to: at,
                    word: Word::of("r"),
                    kind: PlaceKind::Year,
                });
            }
            if let Some(surname) = teacher(tokens, at) {
                places.push(Place {
                    from: surname,
                    to: at,
                    word: tokens.get(surname).map_or(Word::EMPTY, |token| token.word),
                    kind: PlaceKind::Teacher,
                });
            }
            // A class name with a figure in it speaks for itself; one that is a word needs
            // "class" beside it, or its capital and "in" or "from" before it.
            let within = token.capital && announces(at.checked_sub(1), PlaceWord::Within);
            let after_class = announces(at.checked_sub(1), PlaceWord::Class);
            let reason_near = reasons
                .peek()
                .is_some_and(|&reason| reason <= at + NAME_WORDS);
            if !(within || after_class || reason_near) {
                continue;
            }
            let mut word = Word::EMPTY;
            let mut figure = false;
            for to in at..(at + NAME_WORDS).min(tokens.len()) {
                let Some(part) = tokens.get(to) else { break };
                if to > at && part.gap == Gap::Line {
                    break;
                }
                word = chain(word, part);
                figure |= part.digits;
                let bare_number = part.folded.bytes().all(|byte| byte.is_ascii_digit()) && to == at;
                if ((figure && !bare_number)
                    || within
                    || after_class
                    || announces(Some(to + 1), PlaceWord::Class))
                    && roster.knows(key(Tag::Class, word, Word::EMPTY))
                {
                    places.push(Place {
                        from: at,
                        to,
                        word,
                        kind: PlaceKind::Class,
                    });
                }
            }
        }
        places.sort_by_key(|place| place.from);
        Places(places)
    }

    /// All of them.
    pub fn all(&self) -> &[Place] {
        &self.0
    }

    /// The places that begin in a range of words. They lie in order, so no search is long.
    fn starting(&self, first: usize, last: usize) -> &[Place] {
        let low = self.0.partition_point(|place| place.from < first);
        let high = self.0.partition_point(|place| place.from <= last);
        self.0.get(low..high).unwrap_or_default()
    }

    pub fn is_place(&self, at: usize) -> bool {
        self.starting(at.saturating_sub(NAME_WORDS), at)
            .iter()
            .any(|place| (place.from..=place.to).contains(&at))
    }

    /// The places near a run of words: classes first, as they say more.
    pub fn near(&self, from: usize, to: usize) -> Vec<Place> {
        self.within(from, to, CONTEXT_WORDS)
    }

    pub fn within(&self, from: usize, to: usize, words: usize) -> Vec<Place> {
        let mut near: Vec<Place> = self
            .starting(from.saturating_sub(words + NAME_WORDS), to + words)
            .iter()
            .filter(|place| place.from <= to + words && from <= place.to + words)
            .copied()
            .collect();
        near.sort_by_key(|place| (place.kind == PlaceKind::Year, place.from.abs_diff(from)));
        near
    }

    /// Of namesakes those in a class or year that stands near.
    pub fn narrow(
        &self,
        pupils: Vec<PupilId>,
        forename: Word,
        from: usize,
        to: usize,
        roster: &RosterIndex,
    ) -> Vec<PupilId> {
        if pupils.len() < 2 {
            return pupils;
        }
        for place in self.near(from, to) {
            let there = place.pupils(forename, roster);
            let both: Vec<PupilId> = pupils
                .iter()
                .copied()
                .filter(|id| there.contains(id))
                .collect();
            if !both.is_empty() {
                return both;
            }
        }
        pupils
    }
}

/// The teacher's surname where "class" or "form" follows it: "Mrs Young's class", "Ruth
/// Kestrel's Year 4 class", "the class of Mr Webb".
fn teacher(tokens: &[Token], at: usize) -> Option<usize> {
    let word = tokens
        .get(at)
        .filter(|token| token.place == Some(PlaceWord::Class))?;
    if word.gap != Gap::Space {
        return None;
    }
    (1..=3).find_map(|back| {
        let place = at.checked_sub(back)?;
        let name = tokens.get(place)?;
        let named = tokens.get(place.checked_sub(1)?)?;
        let is_named = name.gap == Gap::Space || name.gap == Gap::Stop;
        (name.capital && !name.digits && is_named && (named.title || named.capital))
            .then_some(place)
    })
}
