//! The pattern language of the lexicon: words, classes of words, and what may be left out.
//!
//! `that <very>? <bad> <person>` is four elements: a word, a class that may be missing, two
//! classes. `a|an` is either word, `_` any word at all. A pattern never reaches over the
//! end of a sentence.

use super::lexicon::Says;
use super::words::Word;

/// One place of a pattern.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Element {
    /// Any word at all.
    pub any: bool,
    /// These words of the vocabulary.
    pub words: Vec<u32>,
    /// The words of these classes, a bit for each.
    pub classes: u64,
    pub optional: bool,
}

/// A pattern with what it says.
#[derive(Debug)]
pub(super) struct Pattern {
    pub elements: Vec<Element>,
    pub says: Says,
    pub weight: i32,
    /// Whether it speaks to somebody or of somebody, and not of a thing.
    pub aimed: bool,
}

impl Element {
    /// Whether a word of the vocabulary fits, `classes` being those of each word.
    pub fn fits(&self, id: u32, classes: &[u64]) -> bool {
        self.any
            || (id != 0 && self.words.contains(&id))
            || classes
                .get(id as usize)
                .is_some_and(|own| own & self.classes != 0)
    }
}

/// Where the pattern ends that begins at `from`, the longest reading first.
pub(super) fn end(
    elements: &[Element],
    words: &[Word],
    from: usize,
    classes: &[u64],
) -> Option<usize> {
    step(elements, words, from, from, classes)
}

fn step(
    elements: &[Element],
    words: &[Word],
    from: usize,
    at: usize,
    classes: &[u64],
) -> Option<usize> {
    let Some((element, rest)) = elements.split_first() else {
        return Some(at);
    };
    let taken = words
        .get(at)
        .filter(|word| (at == from || !word.opens) && element.fits(word.id, classes))
        .and_then(|_| step(rest, words, from, at + 1, classes));
    match taken {
        None if element.optional => step(rest, words, from, at, classes),
        taken => taken,
    }
}
