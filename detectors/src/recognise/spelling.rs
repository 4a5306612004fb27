//! Long words as they are meant, though a letter slipped.
//!
//! What: "safegaurding", "diabetis", "siezure" for words of the concepts.
//!
//! How checked: the listed words only (`misspelt` in `lexicon/concepts.toml`), which no
//! ordinary word is like; one letter wrong, missing, doubled or in its neighbour's place. By
//! the method of SymSpell: each word is filed under itself with any one letter left out, so
//! that two words that differ by one letter meet.

use std::collections::{HashMap, HashSet};

use crate::roster::key::Word;
use crate::words::Token;

/// Letters of a word that is looked at.
const LONG: std::ops::RangeInclusive<usize> = 6..=20;

/// The words of the concepts.
#[derive(Default)]
pub(super) struct Spelling {
    words: HashSet<Word>,
    /// Those that are looked for.
    learnt: HashSet<Word>,
    /// A word with one letter left out; nothing where two listed words meet.
    shortened: HashMap<Word, Option<Word>>,
}

impl Spelling {
    /// Takes note of a word that is spelt rightly.
    pub fn know(&mut self, word: &str) {
        self.words.insert(Word::of(word));
    }

    /// Takes up a word that is to be known though a letter slipped.
    pub fn learn(&mut self, word: &str) {
        let meant = Word::of(word);
        self.words.insert(meant);
        self.learnt.insert(meant);
        for shorter in shortened(word) {
            self.shortened
                .entry(Word::of(&shorter))
                .and_modify(|held| {
                    if *held != Some(meant) {
                        *held = None;
                    }
                })
                .or_insert(Some(meant));
        }
    }

    /// The listed word that is meant, else the word itself.
    pub fn corrected(&self, token: &Token) -> Word {
        let word = token.folded.as_str();
        if token.digits || !is_long(word) || self.words.contains(&token.word) {
            return token.word;
        }
        // One letter missing in the text, else one wrong, else one too many.
        let missing = self.shortened.get(&token.word).copied().flatten();
        missing
            .or_else(|| {
                shortened(word).find_map(|shorter| {
                    let shorter = Word::of(&shorter);
                    self.shortened.get(&shorter).copied().flatten()
                })
            })
            .or_else(|| {
                shortened(word)
                    .map(|shorter| Word::of(&shorter))
                    .find(|shorter| self.learnt.contains(shorter))
            })
            .unwrap_or(token.word)
    }
}

fn is_long(word: &str) -> bool {
    word.is_ascii() && LONG.contains(&word.len())
}

/// The word without any one of its letters, the first excepted.
fn shortened(word: &str) -> impl Iterator<Item = String> {
    (1..word.len()).map(|at| {
        let (before, after) = word.split_at(at);
        format!("{before}{}", after.get(1..).unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::tokens;

    fn corrected(text: &str) -> Word {
        let mut spelling = Spelling::default();
        spelling.know("hospice");
        ["safeguarding", "seizure", "hospital"]
            .iter()
            .for_each(|word| spelling.learn(word));
        spelling.corrected(&tokens(text)[0])
    }

    #[test]
    fn one_slip_is_seen_through() {
        for (slip, meant) in [
            ("safegaurding", "safeguarding"),
            ("safeguading", "safeguarding"),
            ("safegguarding", "safeguarding"),
            ("siezure", "seizure"),
            ("hospitel", "hospital"),
        ] {
            assert_eq!(corrected(slip), Word::of(meant), "{slip}");
        }
    }

    #[test]
    fn what_is_another_word_stays_one() {
        for word in ["hospice", "hostel", "guarding", "size"] {
            assert_eq!(corrected(word), Word::of(word), "{word}");
        }
    }
}
