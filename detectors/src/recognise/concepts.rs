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

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::ops::Range;
use std::sync::LazyLock;

use serde::Deserialize;

use super::lexicon::{Hit, PATTERNS, SOURCES};
use super::spelling::Spelling;
use crate::category::{Category, Sensitivity};
use crate::roster::key::Word;
use crate::word_table::WordTable;
use crate::words::{Gap, Token};

const SHARED: &str = include_str!("../../lexicon/concepts.toml");
/// Words between the concepts of a pattern that says nothing else.
const WITHIN: usize = 10;
/// The concept of one child: its words and every name.
const ONE: &str = "one";
/// The concept of everybody and nobody: in such a sentence only a name means somebody.
const MANY: &str = "many";
/// The concept of what is taught and written about: any word for one child outweighs it.
const TOPIC: &str = "topic";

/// The concept of many people who yet may be told of one: "he told everyone". Only in a
/// sentence without a word for one child it speaks of everybody.
const CROWD: &str = "crowd";
/// The concept of one child by pronoun.
const PRONOUN: &str = "pronoun";
/// Words that begin a note whose subject goes without saying: "was fasting so sat out".
const ELIDED: &str = "elided";
/// Those of whom a sentence may speak in a message about one child, other than that child.
const OTHERS: &str = "others";
/// Words with which a sentence begins that has a subject of its own.
const FRAMED: &str = "framed";
/// The concept of what a child writes or learns about: a project on asthma.
const SCHOOLWORK: &str = "schoolwork";

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

type Id = u16;

#[derive(Deserialize)]
struct File {
    category: Option<Category>,
    floor: Option<Sensitivity>,
    /// Long words that are often spelt wrongly.
    #[serde(default)]
    misspelt: String,
    #[serde(default)]
    concepts: BTreeMap<String, String>,
    #[serde(default)]
    patterns: Vec<Written>,
}

/// A pattern as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    /// What a notice calls it.
    says: String,
    category: Option<Category>,
    weight: i32,
    floor: Option<Sensitivity>,
    /// Groups of concepts, alternatives parted by `|`; one of each group must stand there.
    all: Vec<String>,
    /// Concepts whose presence in the sentence says that it is something else.
    #[serde(default)]
    not: Vec<String>,
    within: Option<usize>,
}

struct Pattern {
    says: String,
    category: Category,
    weight: i32,
    floor: Sensitivity,
    all: Vec<Vec<Id>>,
    not: Vec<Id>,
    within: usize,
}

/// One word of a wording.
#[derive(Clone, Copy, PartialEq)]
enum Element {
    Word(Word),
    /// A number.
    Number,
    /// Any one word.
    Any,
}

/// One way to say a concept: its first word leads here, these follow.
struct Wording {
    concept: Id,
    rest: Vec<Element>,
    /// Which of its words, the first included, count in capitals only.
    upper: Vec<usize>,
}

#[derive(Default)]
struct Concepts {
    names: BTreeMap<String, Id>,
    wordings: BTreeMap<Word, Vec<Wording>>,
    /// The wordings that begin with a number.
    numbered: Vec<Wording>,
    /// Every word that a wording has anywhere.
    words: BTreeSet<Word>,
    patterns: Vec<Pattern>,
    /// By concept: the patterns whose first group holds it.
    by_concept: Vec<Vec<usize>>,
    special: Special,
    spelling: Spelling,
    /// Where [`beginnings`] tells the wordings of a word, for words that are spelt wrongly.
    numbers: WordTable<u16>,
    /// The wordings by the same number, less one: those of one word, and those that any word
    /// or a number follows.
    lists: Vec<Vec<Wording>>,
    /// The wordings by their first two words ([`pair`]). Hundreds begin with "is" or "not";
    /// the second word tells the few that may stand there.
    pairs: WordTable<Vec<Wording>>,
}

/// The digest of two words as the beginning of a wording.
fn pair(first: Word, second: Word) -> Word {
    Word(first.0.rotate_left(32).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ second.0)
}

/// The concepts that mean something to this program.
#[derive(Default, Clone, Copy)]
struct Special {
    one: Option<Id>,
    many: Option<Id>,
    topic: Option<Id>,
    crowd: Option<Id>,
    pronoun: Option<Id>,
    elided: Option<Id>,
    others: Option<Id>,
    framed: Option<Id>,
    schoolwork: Option<Id>,
}

/// The files are part of the program and a test reads them; should one be broken all the
/// same, there are no concepts and that test says so.
static CONCEPTS: LazyLock<Concepts> = LazyLock::new(|| load().unwrap_or_default());

fn load() -> Result<Concepts, String> {
    let mut loaded = Concepts::default();
    let mut files = Vec::new();
    for source in std::iter::once(SHARED).chain(SOURCES) {
        files.push(toml::from_str::<File>(source).map_err(|error| error.to_string())?);
    }
    for (name, wordings) in files.iter().flat_map(|file| &file.concepts) {
        let id = Id::try_from(loaded.names.len()).map_err(|error| error.to_string())?;
        if loaded.names.insert(name.clone(), id).is_some() {
            return Err(format!("the concept {name} is there twice"));
        }
        for wording in wordings.split(',') {
            loaded.add(id, wording)?;
        }
    }
    if loaded.names.len() > Present::MOST {
        return Err(format!("more than {} concepts", Present::MOST));
    }
    let special = |name| loaded.names.get(name).copied();
    loaded.special = Special {
        one: special(ONE),
        many: special(MANY),
        topic: special(TOPIC),
        crowd: special(CROWD),
        pronoun: special(PRONOUN),
        elided: special(ELIDED),
        others: special(OTHERS),
        framed: special(FRAMED),
        schoolwork: special(SCHOOLWORK),
    };
    loaded.by_concept = vec![Vec::new(); loaded.names.len()];
    let misspelt: Vec<&str> = files
        .iter()
        .flat_map(|file| file.misspelt.split(','))
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .collect();
    loaded
        .words
        .extend(misspelt.iter().map(|word| Word::of(word)));
    loaded.spelling = Spelling::of(misspelt.iter().copied());
    for file in files {
        for written in file.patterns {
            let category = written
                .category
                .or(file.category)
                .ok_or_else(|| format!("{} has no category", written.says))?;
            let floor = written.floor.or(file.floor).unwrap_or_default();
            let mut all = Vec::new();
            for group in &written.all {
                all.push(loaded.ids(group.split('|'))?);
            }
            let not = loaded.ids(written.not.iter().map(String::as_str))?;
            let number = loaded.patterns.len();
            for &concept in all.first().into_iter().flatten() {
                if let Some(patterns) = loaded.by_concept.get_mut(usize::from(concept)) {
                    patterns.push(number);
                }
            }
            loaded.patterns.push(Pattern {
                says: written.says,
                category,
                weight: written.weight,
                floor,
                all,
                not,
                within: written.within.unwrap_or(WITHIN),
            });
        }
    }
    let mut numbers = Vec::new();
    let mut pairs: BTreeMap<Word, Vec<Wording>> = BTreeMap::new();
    for (first, wordings) in std::mem::take(&mut loaded.wordings) {
        let mut list = Vec::new();
        for wording in wordings {
            match wording.rest.first() {
                Some(&Element::Word(second)) => {
                    pairs.entry(pair(first, second)).or_default().push(wording);
                }
                _ => list.push(wording),
            }
        }
        loaded.lists.push(list);
        let number = u16::try_from(loaded.lists.len()).map_err(|error| error.to_string())?;
        numbers.push((first, number));
    }
    loaded.numbers = WordTable::of(numbers);
    loaded.pairs = WordTable::of(pairs);
    Ok(loaded)
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

impl Concepts {
    fn ids<'a>(&self, names: impl Iterator<Item = &'a str>) -> Result<Vec<Id>, String> {
        names
            .map(|name| {
                self.names
                    .get(name.trim())
                    .copied()
                    .ok_or_else(|| format!("there is no concept {name}"))
            })
            .collect()
    }

    /// Adds one way to say a concept, in all forms of its words.
    fn add(&mut self, concept: Id, wording: &str) -> Result<(), String> {
        let upper: Vec<usize> = (0..)
            .zip(wording.split_whitespace())
            .filter(|(_, word)| word.contains(|c: char| c.is_uppercase()))
            .map(|(place, _)| place)
            .collect();
        let mut forms: Vec<Vec<Element>> = vec![Vec::new()];
        for word in wording.to_lowercase().split_whitespace() {
            let spellings: Vec<Element> = match (word, word.strip_prefix('~')) {
                ("_", _) => vec![Element::Any],
                ("#", _) => vec![Element::Number],
                (_, Some(stem)) => inflected(stem).iter().map(|w| self.word(w)).collect(),
                _ => vec![self.word(word)],
            };
            forms = forms
                .iter()
                .flat_map(|form| {
                    spellings.iter().map(move |&spelling| {
                        let mut longer = form.clone();
                        longer.push(spelling);
                        longer
                    })
                })
                .collect();
        }
        for form in forms {
            let Some((&first, rest)) = form.split_first() else {
                return Err("a wording without words".to_owned());
            };
            let wording = Wording {
                concept,
                rest: rest.to_vec(),
                upper: upper.clone(),
            };
            match first {
                Element::Word(first) => self.wordings.entry(first).or_default().push(wording),
                Element::Number => self.numbered.push(wording),
                Element::Any => return Err("a wording that begins with any word".to_owned()),
            }
        }
        Ok(())
    }

    fn word(&mut self, word: &str) -> Element {
        let word = Word::of(word);
        self.words.insert(word);
        Element::Word(word)
    }

    /// The wordings that begin with a word, by its number.
    fn beginning(&self, number: Option<u16>) -> &[Wording] {
        number
            .and_then(|number| self.lists.get(usize::from(number) - 1))
            .map_or(&[], Vec::as_slice)
    }
}

/// The regular forms of a word: plural, past, participle. One too many does no harm.
fn inflected(stem: &str) -> Vec<String> {
    let mut forms: Vec<String> = ["", "s", "es", "ed", "d", "ing"]
        .iter()
        .map(|ending| format!("{stem}{ending}"))
        .collect();
    if let Some(root) = stem.strip_suffix('e') {
        forms.push(format!("{root}ing"));
    }
    if let Some(root) = stem.strip_suffix('y') {
        forms.extend([format!("{root}ies"), format!("{root}ied")]);
    }
    if let Some(last) = stem.chars().next_back() {
        forms.extend([format!("{stem}{last}ed"), format!("{stem}{last}ing")]);
    }
    forms
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
    let words = meant(lexicon, tokens);
    let mut from = 0;
    while from < tokens.len() {
        let to = sentence_end(text, tokens, from);
        let sentence = tokens.get(from..to).unwrap_or_default();
        let mut found = occurrences(
            lexicon,
            text,
            sentence,
            words.get(from..to).unwrap_or_default(),
        );
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
        from = to;
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
    let words = meant(lexicon, tokens);
    let mut from = 0;
    while from < tokens.len() {
        let to = sentence_end(text, tokens, from);
        let sentence = tokens.get(from..to).unwrap_or_default();
        let mut found = occurrences(
            lexicon,
            text,
            sentence,
            words.get(from..to).unwrap_or_default(),
        );
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
        from = to;
    }
    hits
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
mod tests {
    use super::*;
    use crate::words::tokens;
    use proptest::prelude::*;

    fn said(text: &str) -> Vec<Category> {
        let mut categories: Vec<Category> = read(text, &tokens(text), &[], About::Several)
            .hits
            .iter()
            .map(|hit| hit.category)
            .collect();
        categories.sort_unstable();
        categories.dedup();
        categories
    }

    #[test]
    fn the_files_are_whole() {
        let lexicon = load().expect("the concepts");
        assert!(lexicon.patterns.len() > 50);
        for pattern in &lexicon.patterns {
            assert!(!pattern.all.is_empty(), "{}", pattern.says);
        }
        for name in [ONE, MANY, TOPIC, SCHOOLWORK] {
            assert!(lexicon.names.contains_key(name), "{name}");
        }
    }

    #[test]
    fn words_have_their_regular_forms() {
        for (stem, form) in [
            ("bruise", "bruising"),
            ("bully", "bullied"),
            ("hit", "hitting"),
            ("punch", "punches"),
        ] {
            assert!(inflected(stem).iter().any(|word| word == form), "{form}");
        }
    }

    #[test]
    fn matter_is_known_in_words_that_no_list_holds() {
        use Category::*;
        for (text, category) in [
            (
                "She scratches her arms with scissors when it gets too much.",
                Safeguarding,
            ),
            (
                "He turned up with no coat again and a bruise the shape of a hand.",
                Safeguarding,
            ),
            (
                "She told me dad hits her when he has been drinking.",
                Safeguarding,
            ),
            (
                "The police came to the house again on Saturday night.",
                Safeguarding,
            ),
            (
                "He often has nothing to eat at home before school.",
                Safeguarding,
            ),
            (
                "She says she wants to disappear and not wake up.",
                Safeguarding,
            ),
            (
                "Her inhaler ran out and she was wheezy all afternoon.",
                Health,
            ),
            ("She wets herself most days.", Health),
            ("She's not eating and has lost weight.", Health),
            ("He has been referred to the paediatrician.", Health),
            ("We think he is on the spectrum.", Send),
            ("He needs ear defenders and a visual timetable.", Send),
            ("His speech therapist has sent new targets.", Send),
            (
                "She cannot pay, mum has lost her job and they are in a hostel.",
                FreeMeals,
            ),
            ("Dad is not allowed to collect him.", Court),
            ("His parents have split up.", Court),
            ("He has been with his foster carers since May.", LookedAfter),
            ("His dad is in prison.", Criminal),
            ("The family is Muslim and he is fasting.", Religion),
            ("She kicked another girl and lost her playtime.", Behaviour),
            (
                "He is two levels below where he should be in reading.",
                Attainment,
            ),
            ("He was off school for three days.", Attendance),
            (
                "She has been sent home on a fixed term exclusion.",
                Exclusion,
            ),
        ] {
            assert!(said(text).contains(&category), "{text}: {:?}", said(text));
        }
    }

    #[test]
    fn what_is_said_of_everybody_is_said_of_nobody() {
        for text in [
            "If your child has asthma, please make sure that he or she has an inhaler in school.",
            "Children with an EHC plan need more support at transition.",
            "Any child who is hungry at breakfast can come to the club.",
            "All parents should tell us about allergies.",
        ] {
            let text_said = read(text, &tokens(text), &[], About::Several);
            assert!(text_said.hits.is_empty(), "{text}: {:?}", said(text));
            assert_eq!(text_said.generic.len(), 1, "{text}");
        }
    }

    #[test]
    fn ordinary_words_of_a_school_day_are_no_special_matter() {
        for text in [
            "Please send her in with wellies and a packed lunch.",
            "He fell over at football and grazed his knee, a plaster sorted it.",
            "She was brilliant in the assembly and told the whole story of the fire.",
            "Can you send us his date of birth for the tournament form?",
            "He needs a new tie and his reading book back by Friday.",
            "We can't wait to see her in the nativity.",
            "The order for his jumper is in, she can collect it from the office.",
        ] {
            let special: Vec<Category> =
                said(text).into_iter().filter(|c| c.is_special()).collect();
            let floors = read(text, &tokens(text), &[], About::Several)
                .hits
                .iter()
                .filter(|hit| hit.category.is_special())
                .map(|hit| hit.floor)
                .max()
                .unwrap_or_default();
            assert!(floors < Sensitivity::Sensitive, "{text}: {special:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[a-z .,'\\n]{0,300}|\\PC{0,200}") {
            let names = vec![Range { start: 0, end: 4 }];
            let _ = read(&text, &tokens(&text), &names, About::One);
            let _ = read_cell(&text, &tokens(&text));
        }
    }
}
