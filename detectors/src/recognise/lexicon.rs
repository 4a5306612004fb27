//! The phrases that say what a text is about (`lexicon/*.toml`), found in one pass.
//!
//! A phrase counts as whole words, in any case unless it is an abbreviation that is
//! also a word (`upper`); hyphens and line ends are spaces. Where phrases overlap the
//! earliest and longest wins, so that the counter-phrase "safeguarding policy" takes
//! "safeguarding" with it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::category::{Category, Sensitivity};
use crate::normalise::fold;
use crate::roster::key::Word;
use crate::words::Token;

/// A phrase where it stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Hit {
    pub category: Category,
    pub weight: i32,
    /// The sensitivity that this phrase makes by itself once somebody is identified.
    pub floor: Sensitivity,
    /// Tells phrases of one category apart; from [`PATTERNS`] on it is a pattern of concepts.
    pub phrase: u32,
    /// The octet of the text where it begins.
    pub at: usize,
}

/// Numbers from here on are those of the patterns ([`super::concepts`]), not of phrases.
pub(super) const PATTERNS: u32 = 1 << 20;

/// How much of a text's wording speaks of everybody and nobody: distinct phrases.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Wording {
    pub policy: std::collections::BTreeSet<u32>,
    pub newsletter: std::collections::BTreeSet<u32>,
    pub anonymous: std::collections::BTreeSet<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    category: Category,
    floor: Sensitivity,
    phrases: Vec<Phrases>,
    #[serde(default)]
    not: Vec<String>,
    /// Read by [`super::concepts`].
    #[serde(default, rename = "concepts")]
    _concepts: IgnoredAny,
    #[serde(default, rename = "patterns")]
    _patterns: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Phrases {
    weight: i32,
    floor: Option<Sensitivity>,
    #[serde(default)]
    upper: bool,
    any: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ordinary {
    policy: Vec<String>,
    newsletter: Vec<String>,
    anonymous: Vec<String>,
}

#[derive(Clone, Copy)]
enum Meaning {
    Phrase {
        category: Category,
        weight: i32,
        floor: Sensitivity,
        upper: bool,
    },
    Counter,
    Policy,
    Newsletter,
    Anonymous,
}

struct Lexicon {
    meanings: Vec<Meaning>,
    phrases: Vec<String>,
    /// The phrases by the word that they begin with.
    beginnings: Vec<(Word, Vec<u32>)>,
}

pub(super) const SOURCES: [&str; 16] = [
    include_str!("../../lexicon/attainment.toml"),
    include_str!("../../lexicon/attendance.toml"),
    include_str!("../../lexicon/behaviour.toml"),
    include_str!("../../lexicon/biometric.toml"),
    include_str!("../../lexicon/contact.toml"),
    include_str!("../../lexicon/court.toml"),
    include_str!("../../lexicon/criminal.toml"),
    include_str!("../../lexicon/ethnicity.toml"),
    include_str!("../../lexicon/exclusion.toml"),
    include_str!("../../lexicon/free-meals.toml"),
    include_str!("../../lexicon/health.toml"),
    include_str!("../../lexicon/looked-after.toml"),
    include_str!("../../lexicon/religion.toml"),
    include_str!("../../lexicon/safeguarding.toml"),
    include_str!("../../lexicon/send.toml"),
    include_str!("../../lexicon/staff.toml"),
];
const ORDINARY: &str = include_str!("../../lexicon/ordinary.toml");

/// The files are part of the program and a test reads them; should one be broken all the
/// same, the lexicon is empty and says so to that test.
static LEXICON: LazyLock<Option<Lexicon>> = LazyLock::new(|| load().ok());

fn load() -> Result<Lexicon, String> {
    let mut phrases = Vec::new();
    let mut meanings = Vec::new();
    let mut add = |phrase: &str, meaning| {
        phrases.push(phrase.to_lowercase().replace('-', " "));
        meanings.push(meaning);
    };
    for source in SOURCES {
        let file: File = toml::from_str(source).map_err(|error| error.to_string())?;
        for group in &file.phrases {
            let meaning = Meaning::Phrase {
                category: file.category,
                weight: group.weight,
                floor: group.floor.unwrap_or(file.floor),
                upper: group.upper,
            };
            group.any.iter().for_each(|phrase| add(phrase, meaning));
        }
        file.not
            .iter()
            .for_each(|phrase| add(phrase, Meaning::Counter));
    }
    let ordinary: Ordinary = toml::from_str(ORDINARY).map_err(|error| error.to_string())?;
    for (list, meaning) in [
        (&ordinary.policy, Meaning::Policy),
        (&ordinary.newsletter, Meaning::Newsletter),
        (&ordinary.anonymous, Meaning::Anonymous),
    ] {
        list.iter().for_each(|phrase| add(phrase, meaning));
    }
    let mut beginnings: BTreeMap<Word, Vec<u32>> = BTreeMap::new();
    for (number, phrase) in phrases.iter().enumerate() {
        let (first, rest) = first_word(phrase);
        let mut begin = |word: &str| {
            let list = beginnings.entry(Word::of(word)).or_default();
            list.push(number as u32);
        };
        begin(&first);
        // A plural's ending is part of the word in the text.
        if rest.is_empty() {
            begin(&format!("{first}s"));
        }
    }
    Ok(Lexicon {
        meanings,
        phrases,
        beginnings: beginnings.into_iter().collect(),
    })
}

/// The folded first word of a phrase, as a text's words are cut, and what follows it.
fn first_word(phrase: &str) -> (String, &str) {
    let end = phrase
        .char_indices()
        .find(|&(at, c)| {
            let within = c == '\''
                && phrase
                    .get(at + 1..)
                    .is_some_and(|rest| rest.starts_with(char::is_alphanumeric));
            !c.is_alphanumeric() && !within
        })
        .map_or(phrase.len(), |(at, _)| at);
    let (first, rest) = phrase.split_at(end);
    (fold(first), rest)
}

/// The words that begin a phrase, each with the number by which [`find`] knows it again.
pub(crate) fn beginnings() -> impl Iterator<Item = (Word, u16)> {
    let lists = LEXICON
        .as_ref()
        .map(|lexicon| lexicon.beginnings.as_slice());
    lists
        .unwrap_or_default()
        .iter()
        .zip(1u16..)
        .map(|(&(word, _), number)| (word, number))
}

/// The phrase with this number, for an excerpt.
pub(crate) fn phrase(number: u32) -> &'static str {
    if number >= PATTERNS {
        return super::concepts::says(number);
    }
    LEXICON
        .as_ref()
        .and_then(|lexicon| lexicon.phrases.get(number as usize))
        .map_or("", String::as_str)
}

/// The phrases of a cleaned text, whose words these are; its ordinary wording is added to
/// `wording`.
pub(crate) fn find(text: &str, tokens: &[Token], wording: &mut Wording) -> Vec<Hit> {
    let Some(lexicon) = LEXICON.as_ref() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let beginning = |token: &Token| {
        let place = usize::from(token.phrase?.get()) - 1;
        Some((token.start, lexicon.beginnings.get(place)?))
    };
    for (start, (_, numbers)) in tokens.iter().filter_map(beginning) {
        for &number in numbers {
            let (Some(phrase), Some(&meaning)) = (
                lexicon.phrases.get(number as usize),
                lexicon.meanings.get(number as usize),
            ) else {
                continue;
            };
            let end = start + phrase.len();
            let stands = text
                .as_bytes()
                .get(start..end)
                .is_some_and(|words| says(words, phrase.as_bytes()));
            if !stands || !is_whole(text, start, end) {
                continue;
            }
            match meaning {
                Meaning::Policy => {
                    wording.policy.insert(number);
                }
                Meaning::Newsletter => {
                    wording.newsletter.insert(number);
                }
                Meaning::Anonymous => {
                    wording.anonymous.insert(number);
                }
                Meaning::Phrase { upper: true, .. }
                    if text
                        .get(start..end)
                        .is_some_and(|text| text.contains(|c: char| c.is_lowercase())) => {}
                Meaning::Phrase { .. } | Meaning::Counter => {
                    found.push((start, end, number, meaning));
                }
            }
        }
    }
    found.sort_by_key(|&(start, end, ..)| (start, std::cmp::Reverse(end)));
    let mut hits = Vec::new();
    let mut free_from = 0;
    for (start, end, number, meaning) in found {
        if start < free_from {
            continue;
        }
        free_from = end;
        if let Meaning::Phrase {
            category,
            weight,
            floor,
            ..
        } = meaning
        {
            hits.push(Hit {
                category,
                weight,
                floor,
                phrase: number,
                at: start,
            });
        }
    }
    hits
}

/// Whether these octets of a text are a phrase, in any case, a hyphen, a line end or a
/// low line being a space.
fn says(words: &[u8], phrase: &[u8]) -> bool {
    // From the end: its beginning is what all candidates share.
    words.iter().zip(phrase).rev().all(|(word, phrase)| {
        let word = match word {
            b'\n' | b'-' | b'_' => b' ',
            word => word.to_ascii_lowercase(),
        };
        word == *phrase
    })
}

/// Whole words; a plural or possessive `s` may follow.
fn is_whole(text: &str, start: usize, end: usize) -> bool {
    let before = text.get(..start).and_then(|t| t.chars().next_back());
    if before.is_some_and(char::is_alphanumeric) {
        return false;
    }
    let rest = text.get(end..).unwrap_or_default();
    let rest = rest
        .strip_prefix("'s")
        .or_else(|| rest.strip_prefix('s'))
        .unwrap_or(rest);
    let as_it_is = !text
        .get(end..)
        .unwrap_or_default()
        .starts_with(char::is_alphanumeric);
    as_it_is || !rest.starts_with(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::tokens;

    fn categories(text: &str) -> Vec<Category> {
        find(text, &tokens(text), &mut Wording::default())
            .into_iter()
            .map(|hit| hit.category)
            .collect()
    }

    #[test]
    fn the_files_are_whole() {
        let lexicon = load().expect("the lexicon");
        assert!(lexicon.phrases.len() > 500);
        for category in Category::ALL {
            assert!(
                lexicon
                    .meanings
                    .iter()
                    .any(|m| matches!(m, Meaning::Phrase { category: c, .. } if c == category)),
                "{category:?} has phrases"
            );
        }
        for phrase in &lexicon.phrases {
            assert!(phrase.is_ascii() && phrase.trim() == phrase, "{phrase}");
        }
    }

    #[test]
    fn phrases_are_whole_words_in_any_case() {
        assert_eq!(
            categories("His EHCP and Self-Harm\nplan"),
            [Category::Send, Category::Safeguarding]
        );
        assert_eq!(
            categories("EHCPs, inhaler's"),
            [Category::Send, Category::Health]
        );
        assert!(categories("grapefruit drapes").is_empty());
    }

    #[test]
    fn abbreviations_that_are_words_need_capitals() {
        assert_eq!(categories("under MASH"), [Category::Safeguarding]);
        assert!(categories("sausage and mash, lac, asc").is_empty());
    }

    #[test]
    fn counter_phrases_take_their_words_along() {
        for text in [
            "our safeguarding policy",
            "the child protection policy",
            "suspended timetable",
            "nut-free school",
            "SEND information report",
            "Prevent duty training",
            "mental health first aid",
            "pupil premium strategy",
            "positive handling training",
            "looked after children policy",
        ] {
            assert!(categories(text).is_empty(), "{text}");
        }
    }
}
