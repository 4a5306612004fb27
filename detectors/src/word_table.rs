//! A table of words that is asked for every word of every text.
//!
//! Most words of a text stand in no list, so a few bits for each listed word come first: they
//! stay close to the processor and turn away seven foreign words in eight without a search.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::roster::key::Word;

/// Bits of the filter for each word, at least.
const BITS: usize = 8;

/// What is known of words, by their digests.
pub(crate) struct WordTable<T> {
    filter: Box<[u64]>,
    known: HashMap<Word, T, BuildHasherDefault<Mixed>>,
}

impl<T> Default for WordTable<T> {
    fn default() -> Self {
        Self::of([])
    }
}

impl<T> WordTable<T> {
    /// The table of these words.
    pub fn of(known: impl IntoIterator<Item = (Word, T)>) -> Self {
        let known: HashMap<Word, T, _> = known.into_iter().collect();
        let blocks = (known.len() * BITS / 64).next_power_of_two();
        let mut filter = vec![0u64; blocks].into_boxed_slice();
        for &word in known.keys() {
            let (block, bit) = place(word, blocks);
            if let Some(bits) = filter.get_mut(block) {
                *bits |= bit;
            }
        }
        Self { filter, known }
    }

    /// Every word with what is known of it, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (Word, &T)> {
        self.known.iter().map(|(&word, known)| (word, known))
    }

    /// What is known of a word.
    #[inline]
    pub fn get(&self, word: Word) -> Option<&T> {
        let (block, bit) = place(word, self.filter.len());
        if self.filter.get(block)? & bit == 0 {
            return None;
        }
        self.known.get(&word)
    }
}

/// A word's digest spread over all bits: a digest's own low bits depend on the last letters
/// alone.
#[inline]
fn mixed(digest: u64) -> u64 {
    (digest ^ (digest >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// A word's place in a filter of so many blocks, a power of two.
#[inline]
fn place(word: Word, blocks: usize) -> (usize, u64) {
    let mixed = mixed(word.0);
    ((mixed >> 32) as usize & (blocks - 1), 1 << (mixed >> 58))
}

/// The hash of a word is its digest, mixed.
#[derive(Default)]
struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, octets: &[u8]) {
        for &octet in octets {
            self.write_u64(self.0 ^ u64::from(octet));
        }
    }

    fn write_u64(&mut self, digest: u64) {
        let mixed = mixed(digest);
        self.0 = mixed ^ (mixed >> 32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_empty_table_knows_nothing() {
        assert_eq!(WordTable::<u8>::default().get(Word::of("oak")), None);
    }

    proptest! {
        #[test]
        fn what_is_put_in_comes_out_and_nothing_else(
            words in proptest::collection::vec("[a-z]{1,12}", 0..300),
            other in "[A-Z]{1,12}",
        ) {
            let table = WordTable::of(words.iter().map(|word| (Word::of(word), word.len())));
            for word in &words {
                prop_assert_eq!(table.get(Word::of(word)), Some(&word.len()));
            }
            prop_assert_eq!(table.get(Word::of(&other)), None);
        }
    }
}
