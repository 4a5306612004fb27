//! What words that stand together say: concepts and patterns of the lexicon.
//!
//! A phrase list never holds all the ways to say that a child goes hungry. A *concept* is
//! a set of words of one meaning ("hungry", "no breakfast"); a *pattern* says which
//! concepts, near each other in one sentence, make a category. Both are data
//! (`lexicon/*.toml`).
//!
//! This is asked only of sentences near somebody who is identified, so it costs ordinary
//! text nothing. A sentence about everybody ("children with asthma should …") says nothing
//! of anybody: its patterns do not count, and its plain phrases neither.

mod lexicon;

use std::num::NonZero;
use std::ops::Range;

use lexicon::{CONCEPTS, Concepts, Element, Id, Pattern, Special, Wording, pair};

use super::lexicon::{Hit, PATTERNS};
use crate::category::Category;
use crate::roster::key::Word;
use crate::words::{Gap, Token};

/// A sentence that speaks of everybody: its octets in the text.
pub(super) type Generic = Range<usize>;

/// What the concepts of a text say.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub hits: Vec<Hit>,
    pub generic: Vec<Generic>,
    /// Sentences about work on a subject, which is nobody's health, need or faith.
    pub schoolwork: Vec<Generic>,
    /// Whether it speaks of one child, by name or not.
    pub of_one: bool,
}

/// The words that begin a wording of a concept, each with the number by which [`read`] knows
/// it again.
pub(crate) fn beginnings() -> impl Iterator<Item = (Word, u16)> {
    CONCEPTS
        .numbers
        .iter()
        .map(|(word, &number)| (word, number))
}

/// The words that stand anywhere in a wording of a concept.
pub(crate) fn words() -> impl Iterator<Item = Word> {
    CONCEPTS.words.iter().copied()
}

/// What a pattern's number says, for an excerpt.
pub(super) fn says(number: u32) -> &'static str {
    number
        .checked_sub(PATTERNS)
        .and_then(|number| CONCEPTS.patterns.get(number as usize))
        .map_or("", |pattern| pattern.says.as_str())
}

/// A concept where it stands, in words of the sentence.
#[derive(Clone, Copy)]
struct Occurrence {
    concept: Id,
    first: usize,
    last: usize,
    /// Whether no word of the sentence says it.
    unsaid: bool,
}

/// Whom a text is about, as far as the whole message tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// One child: a sentence that speaks of nobody else speaks of that child.
    One,
    Several,
}

/// What the words of a text say. `names` are the octets of the names in it.
pub(super) fn read(text: &str, tokens: &[Token], names: &[Range<usize>], about: About) -> Said {
    let lexicon = &*CONCEPTS;
    let Special {
        one,
        many,
        topic,
        crowd,
        pronoun,
        elided,
        others,
        framed,
        schoolwork,
    } = lexicon.special;
    let mut said = Said::default();
    for (sentence, mut found) in sentences(lexicon, text, tokens) {
        let named = |token: &Token| {
            names
                .iter()
                .any(|name| name.start <= token.start && token.end <= name.end)
        };
        let is_named = !names.is_empty() && sentence.iter().any(named);
        if is_named {
            // A surname is no walking frame: a name says who, and nothing else.
            found.retain(|of| {
                let words = sentence.get(of.first..=of.last).unwrap_or_default();
                !words.iter().all(named)
            });
        }
        if let Some(one) = one {
            found.extend(
                sentence
                    .iter()
                    .enumerate()
                    .filter(|(_, token)| named(token) || is_contracted(text, token))
                    .map(|(at, _)| Occurrence {
                        concept: one,
                        first: at,
                        last: at,
                        unsaid: false,
                    }),
            );
            let speaks_of =
                |concept: Option<Id>| found.iter().any(|of| Some(of.concept) == concept);
            let begins_with = |concept: Option<Id>| {
                found
                    .iter()
                    .any(|of| of.first == 0 && Some(of.concept) == concept)
            };
            let is_unsaid = begins_with(elided)
                || (about == About::One
                    && !speaks_of(Some(one))
                    && !speaks_of(others)
                    && !begins_with(framed));
            if is_unsaid {
                found.push(Occurrence {
                    concept: one,
                    first: 0,
                    last: sentence.len(),
                    unsaid: true,
                });
            }
        }
        found.sort_by_key(|occurrence| occurrence.first);
        let has = |concept: Option<Id>| {
            concept.is_some_and(|id| found.iter().any(|occurrence| occurrence.concept == id))
        };
        let of_one = found
            .iter()
            .any(|of| Some(of.concept) == one && (!of.unsaid || about == About::Several));
        said.of_one |= of_one;
        if has(topic) && !of_one {
            // What only sounds like a topic the counter-phrases of the lexicon know.
        } else if (has(many) || (has(crowd) && !has(pronoun))) && !is_named {
            if let (Some(first), Some(last)) = (sentence.first(), sentence.last()) {
                said.generic.push(first.start..last.end);
            }
        } else {
            let before = said.hits.len();
            patterns(lexicon, sentence, &found, &mut said.hits);
            if has(schoolwork)
                && let (Some(first), Some(last)) = (sentence.first(), sentence.last())
            {
                said.schoolwork.push(first.start..last.end);
                let of_sentence = said.hits.split_off(before);
                said.hits.extend(
                    of_sentence
                        .into_iter()
                        .filter(|hit| !is_learnt(hit.category)),
                );
            }
        }
    }
    said
}

/// Whether a category is a subject of lessons as well.
pub(super) fn is_learnt(category: Category) -> bool {
    matches!(
        category,
        Category::Health | Category::Send | Category::Ethnicity | Category::Religion
    )
}

/// What a cell says of the pupil whose row it is.
pub(super) fn read_cell(text: &str, tokens: &[Token]) -> Vec<Hit> {
    let lexicon = &*CONCEPTS;
    let mut hits = Vec::new();
    for (sentence, mut found) in sentences(lexicon, text, tokens) {
        // The row itself is about one child.
        if let Some(one) = lexicon.special.one {
            found.push(Occurrence {
                concept: one,
                first: sentence.len(),
                last: sentence.len(),
                unsaid: true,
            });
        }
        patterns(lexicon, sentence, &found, &mut hits);
    }
    hits
}

/// The sentences of a text, each with the concepts in it.
fn sentences<'t>(
    lexicon: &'static Concepts,
    text: &'t str,
    tokens: &'t [Token],
) -> impl Iterator<Item = (&'t [Token], Vec<Occurrence>)> {
    let words = meant(lexicon, tokens);
    let mut from = 0;
    std::iter::from_fn(move || {
        let to = sentence_end(text, tokens, from);
        let sentence = tokens.get(from..to)?;
        let found = occurrences(lexicon, text, sentence, words.get(from..to)?);
        from = to;
        Some((sentence, found))
    })
}

/// Where the sentence that begins at a word ends.
fn sentence_end(text: &str, tokens: &[Token], from: usize) -> usize {
    let mut to = from + 1;
    while let (Some(last), Some(next)) = (tokens.get(to - 1), tokens.get(to)) {
        let between = text.get(last.end..next.start).unwrap_or_default();
        let ends = match next.gap {
            Gap::Stop => last.length > 1 && between.len() > 1,
            // A line that was only wrapped goes on in small letters.
            Gap::Line => {
                next.capital
                    || between.matches('\n').count() > 1
                    || between.contains(['.', '!', '?', '-', '*', '•'])
            }
            Gap::Other => between.contains(['.', '!', '?', ';']),
            _ => false,
        };
        if ends {
            break;
        }
        to += 1;
    }
    to
}

/// Whether a word is "he'll", "she'd" or the like, which without its apostrophe would be
/// another word.
fn is_contracted(text: &str, token: &Token) -> bool {
    // Most words are as long as they stand, and have no apostrophe to look for.
    token.end - token.start != token.folded.len()
        && ["hell", "shell", "hed", "shed"].contains(&token.folded.as_str())
        && text
            .get(token.start..token.end)
            .is_some_and(|shown| shown.contains('\''))
}

/// The concepts of a sentence; `words` are its words as they are meant.
fn occurrences(
    lexicon: &Concepts,
    text: &str,
    sentence: &[Token],
    words: &[Word],
) -> Vec<Occurrence> {
    let mut found = Vec::new();
    for (at, (token, &word)) in sentence.iter().zip(words).enumerate() {
        let number = if word == token.word {
            token.concept.map(NonZero::get)
        } else {
            lexicon.numbers.get(word).copied()
        };
        let numbered: &[Wording] = if token.digits { &lexicon.numbered } else { &[] };
        let pairs = number
            .and_then(|_| lexicon.pairs.get(pair(word, *words.get(at + 1)?)))
            .map_or(&[][..], Vec::as_slice);
        for wording in lexicon
            .beginning(number)
            .iter()
            .chain(pairs)
            .chain(numbered)
        {
            let follows = wording.rest.iter().zip(at + 1..).all(|(wanted, place)| {
                let (Some(token), Some(&word)) = (sentence.get(place), words.get(place)) else {
                    return false;
                };
                match *wanted {
                    Element::Any => true,
                    Element::Number => token.digits,
                    Element::Word(wanted) => wanted == word,
                }
            });
            let last = at + wording.rest.len();
            let in_capitals = |&place: &usize| {
                sentence.get(at + place).is_some_and(|token| {
                    let shown = text.get(token.start..token.end).unwrap_or_default();
                    !shown.contains(|c: char| c.is_lowercase())
                })
            };
            if follows && wording.upper.iter().all(in_capitals) {
                found.push(Occurrence {
                    concept: wording.concept,
                    first: at,
                    last,
                    unsaid: false,
                });
            }
        }
    }
    found
}

/// The words of a text as they are meant, though a letter slipped.
fn meant(lexicon: &Concepts, tokens: &[Token]) -> Vec<Word> {
    tokens
        .iter()
        .map(|token| lexicon.spelling.meant(token).unwrap_or(token.word))
        .collect()
}

/// The concepts of a sentence, a bit for each: it tells most patterns that cannot hold without
/// looking for places.
struct Present([u64; Present::MOST / 64]);

impl Present {
    /// Concepts that there may be.
    const MOST: usize = 1024;

    fn of(found: &[Occurrence]) -> Self {
        let mut bits = [0; Self::MOST / 64];
        for occurrence in found {
            if let Some(block) = bits.get_mut(usize::from(occurrence.concept) / 64) {
                *block |= 1 << (occurrence.concept % 64);
            }
        }
        Self(bits)
    }

    fn holds(&self, concept: Id) -> bool {
        self.0
            .get(usize::from(concept) / 64)
            .is_some_and(|block| block & (1 << (concept % 64)) != 0)
    }

    fn holds_one_of(&self, concepts: &[Id]) -> bool {
        concepts.iter().any(|&concept| self.holds(concept))
    }
}

fn patterns(lexicon: &Concepts, sentence: &[Token], found: &[Occurrence], hits: &mut Vec<Hit>) {
    let present = Present::of(found);
    for (place, occurrence) in found.iter().enumerate() {
        for &number in lexicon
            .by_concept
            .get(usize::from(occurrence.concept))
            .into_iter()
            .flatten()
        {
            let Some(pattern) = lexicon.patterns.get(number) else {
                continue;
            };
            let may_hold = pattern.all.iter().all(|group| present.holds_one_of(group))
                && !present.holds_one_of(&pattern.not);
            if may_hold && holds(pattern, found, place) {
                hits.push(Hit {
                    category: pattern.category,
                    weight: pattern.weight,
                    floor: pattern.floor,
                    phrase: PATTERNS.saturating_add(number as u32),
                    at: sentence
                        .get(occurrence.first)
                        .map_or(0, |token| token.start),
                });
            }
        }
    }
}

/// Whether every further group has a concept near an occurrence of the first, none of
/// them by the same words.
fn holds(pattern: &Pattern, found: &[Occurrence], place: usize) -> bool {
    let Some(here) = found.get(place) else {
        return false;
    };
    let near = |other: &Occurrence| {
        let distance = if other.unsaid || here.unsaid {
            0
        } else if other.first > here.last {
            other.first - here.last
        } else {
            here.first.saturating_sub(other.last)
        };
        distance <= pattern.within
    };
    let apart = |a: &Occurrence, b: &Occurrence| {
        a.unsaid || b.unsaid || a.last < b.first || b.last < a.first
    };
    // The occurrences are in order; what begins far behind cannot be near.
    let low = found.partition_point(|other| other.first + pattern.within + 8 < here.first);
    let around = found.get(low..).unwrap_or_default();
    let mut used: Vec<Occurrence> = vec![*here];
    for group in pattern.all.iter().skip(1) {
        let next = around
            .iter()
            .take_while(|other| other.first <= here.last + pattern.within)
            .find(|other| {
                group.contains(&other.concept)
                    && near(other)
                    && used.iter().all(|taken| apart(taken, other))
            });
        match next {
            Some(&next) => used.push(next),
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests;
