//! Long words as they are meant, though a letter slipped.
//!
//! What: "safegaurding", "diabetis", "siezure" for words of the concepts.
//!
//! How checked: the listed words only (`misspelt` in `lexicon/concepts.toml`), which no
//! ordinary word is like; one letter wrong, missing, doubled or in its neighbour's place. By
//! the method of SymSpell: each word is filed under itself with any one letter left out, so
//! that two words that differ by one letter meet.

use std::collections::HashMap;

use crate::roster::key::Word;
use crate::word_table::WordTable;
use crate::words::Token;

/// Letters of a word that is looked at.
const LONG: std::ops::RangeInclusive<usize> = 6..=20;

/// A way in which a listed word may be written.
#[derive(Default, Clone, Copy)]
struct Slip {
    /// The word that it is with one letter left out; nothing where two listed words meet.
    short_of: Option<Word>,
    /// The listed word that it is.
    itself: Option<Word>,
}

/// The words that are known though a letter slipped.
#[derive(Default)]
pub(super) struct Spelling {
    slips: WordTable<Slip>,
    /// The lengths of the listed words, a bit for each, by their first letter. They turn away
    /// most words of a text before any letter is left out.
    lengths: [u32; 26],
}

impl Spelling {
    /// The listed words.
    pub fn of<'w>(listed: impl IntoIterator<Item = &'w str>) -> Self {
        let mut slips: HashMap<Word, Slip> = HashMap::new();
        let mut short: HashMap<Word, Option<Word>> = HashMap::new();
        let mut lengths = [0; 26];
        for word in listed {
            let meant = Word::of(word);
            slips.entry(meant).or_default().itself = Some(meant);
            for shorter in shortened(word.as_bytes()) {
                short
                    .entry(shorter)
                    .and_modify(|held| {
                        if *held != Some(meant) {
                            *held = None;
                        }
                    })
                    .or_insert(Some(meant));
            }
            if let Some(lengths) = word
                .bytes()
                .next()
                .and_then(|letter| of(&mut lengths, letter))
            {
                *lengths |= 1 << word.len().min(31);
            }
        }
        for (word, meant) in short {
            slips.entry(word).or_default().short_of = meant;
        }
        Self {
            slips: WordTable::of(slips),
            lengths,
        }
    }

    /// The listed word that is meant; nothing where none is, or where a concept has the word
    /// as it stands.
    pub fn meant(&self, token: &Token) -> Option<Word> {
        if token.matter || token.digits {
            return None;
        }
        let letters = token.folded.as_str();
        if !letters.is_ascii() || !LONG.contains(&letters.len()) {
            return None;
        }
        let letters = letters.as_bytes();
        let first = usize::from(letters.first()?.wrapping_sub(b'a'));
        if self.lengths.get(first)? & (0b111 << (letters.len() - 1)) == 0 {
            return None;
        }
        // One letter missing in the text, else one wrong, else one too many.
        if let Some(missing) = self.slips.get(token.word).and_then(|slip| slip.short_of) {
            return Some(missing);
        }
        let mut too_many = None;
        for shorter in shortened(letters) {
            if let Some(slip) = self.slips.get(shorter) {
                if slip.short_of.is_some() {
                    return slip.short_of;
                }
                too_many = too_many.or(slip.itself);
            }
        }
        too_many
    }
}

fn of(lengths: &mut [u32; 26], letter: u8) -> Option<&mut u32> {
    lengths.get_mut(usize::from(letter.wrapping_sub(b'a')))
}

/// The digests of a word without any one of its letters, the first excepted.
fn shortened(letters: &[u8]) -> impl Iterator<Item = Word> {
    let whole = letters
        .iter()
        .fold(Word::EMPTY, |word, &octet| word.octet(octet));
    let mut before = Word::EMPTY;
    letters.iter().enumerate().filter_map(move |(at, &letter)| {
        let shorter = whole.without(letter, before, letters.len() - at - 1);
        before = before.octet(letter);
        (at > 0).then_some(shorter)
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
