//! A text as the words that the lexicon knows, in one pass.

use std::borrow::Cow;

use super::lexicon::Lexicon;
use crate::normalise::{clean, fold_char};
use crate::roster::key;

/// A word where it stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Word {
    /// Its number in the vocabulary; 0 for one that the lexicon does not list.
    pub id: u32,
    /// Whether a sentence begins with it.
    pub opens: bool,
    /// Whether it stands between quotation marks.
    pub quoted: bool,
    /// The sentence, from 0.
    pub sentence: u32,
}

/// Longer runs of letters are no words.
const LONGEST: usize = 40;

/// The text with ASCII signs only: accents and look-alikes undone, what has no Latin letter
/// left as one sign.
fn plain(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let cleaned = clean(text);
    let mut out = String::with_capacity(cleaned.len());
    for c in cleaned.chars() {
        if c.is_ascii() {
            out.push(c);
            continue;
        }
        let from = out.len();
        fold_char(c, &mut out);
        if !out.get(from..).unwrap_or_default().is_ascii() {
            out.truncate(from);
            out.push('~');
        }
    }
    Cow::Owned(out)
}

/// Reads a text as words.
pub(super) fn read(text: &str, lexicon: &Lexicon) -> Vec<Word> {
    let text = plain(text);
    let bytes = text.as_bytes();
    let mut reader = Reader {
        words: Vec::with_capacity(bytes.len() / 5),
        lexicon,
        sentence: 0,
        opens: true,
        double: None,
        single: None,
        letters: Vec::new(),
    };
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if starts_word(byte, bytes.get(at + 1).copied()) {
            let (end, signs) = word_end(bytes, at);
            reader.take(bytes.get(at..end).unwrap_or_default(), signs);
            at = end;
            continue;
        }
        let next = bytes.get(at + 1).copied();
        match byte {
            b'"' => reader.double_mark(),
            b'\'' => {
                let before = at.checked_sub(1).and_then(|at| bytes.get(at)).copied();
                reader.single_mark(before, next);
            }
            b'.' | b'!' | b'?'
                if next.is_none_or(|b| b.is_ascii_whitespace() || b == b'"' || b == b'\'') =>
            {
                reader.stop(byte);
            }
            b'\n' if next == Some(b'\n') || (next == Some(b'\r')) => reader.blank_line(),
            _ => {}
        }
        at += 1;
    }
    reader.end()
}

/// A sign that stands for a letter begins a word only before a letter.
fn starts_word(byte: u8, next: Option<u8>) -> bool {
    byte.is_ascii_alphanumeric()
        || (matches!(byte, b'$' | b'@') && next.is_some_and(|b| b.is_ascii_alphabetic()))
}

/// Letters and figures, an apostrophe or a sign between them, asterisks anywhere behind; and
/// whether there is any such sign.
fn word_end(bytes: &[u8], start: usize) -> (usize, bool) {
    let mut end = start + 1;
    let mut signs = !bytes.get(start).is_some_and(u8::is_ascii_alphanumeric);
    while let Some(&byte) = bytes.get(end) {
        if byte.is_ascii_alphanumeric() {
            end += 1;
            continue;
        }
        let between = || {
            bytes
                .get(end + 1)
                .is_some_and(|b| b.is_ascii_alphanumeric())
        };
        let goes_on = match byte {
            b'*' => true,
            b'\'' | b'!' | b'@' | b'$' | b'#' => between(),
            _ => false,
        };
        if !goes_on {
            break;
        }
        signs = true;
        end += 1;
    }
    (end, signs)
}

fn digest(letters: impl Iterator<Item = u8>) -> key::Word {
    letters.fold(key::Word::EMPTY, key::Word::octet)
}

/// The signs of a token in lower case, without apostrophes.
fn letters(token: &[u8]) -> impl Iterator<Item = u8> {
    token
        .iter()
        .filter(|&&octet| octet != b'\'')
        .map(u8::to_ascii_lowercase)
}

/// Whether a letter stands there more than twice in a row.
fn is_drawn(word: &[u8]) -> bool {
    word.windows(3).any(|run| {
        let [one, two, three] = run else { return false };
        one.eq_ignore_ascii_case(two) && two.eq_ignore_ascii_case(three)
    })
}

struct Reader<'a> {
    words: Vec<Word>,
    lexicon: &'a Lexicon,
    sentence: u32,
    opens: bool,
    /// The number of the word at which a quotation began.
    double: Option<usize>,
    single: Option<usize>,
    /// Single letters that follow each other, `f u c k`.
    letters: Vec<u8>,
}

impl Reader<'_> {
    fn take(&mut self, token: &[u8], signs: bool) {
        // What most words need is their digest alone; what may hide a word is looked at only
        // in those that no list holds.
        let (digest, length) = if signs {
            let word: Vec<u8> = letters(token).collect();
            (digest(word.iter().copied()), word.len())
        } else {
            // The bit that makes an ASCII letter small is set in every ASCII digit.
            (digest(token.iter().map(|octet| octet | 0x20)), token.len())
        };
        let mut id = if length <= LONGEST {
            self.lexicon.id(digest)
        } else {
            0
        };
        if id == 0 && length <= LONGEST {
            id = self.disguised(token).unwrap_or_default();
        }
        if let [letter] = token {
            self.letters.push(letter.to_ascii_lowercase());
        } else {
            self.spelt_out();
        }
        self.push(id);
    }

    /// The word behind a token with signs, figures or drawn-out letters in it.
    fn disguised(&self, token: &[u8]) -> Option<u32> {
        let hidden = &self.lexicon.hidden;
        if token.iter().all(u8::is_ascii_alphabetic) && !is_drawn(token) {
            return None;
        }
        let word: Vec<u8> = letters(token).collect();
        let odd = word.iter().any(|octet| !octet.is_ascii_lowercase());
        odd.then(|| hidden.behind(&word))
            .flatten()
            .or_else(|| is_drawn(&word).then(|| hidden.drawn_out(&word)).flatten())
    }

    fn push(&mut self, id: u32) {
        self.words.push(Word {
            id,
            opens: self.opens,
            quoted: self.double.is_some() || self.single.is_some(),
            sentence: self.sentence,
        });
        self.opens = false;
    }

    /// A word of single letters takes the place of its last letter.
    fn spelt_out(&mut self) {
        if self.letters.len() >= 4
            && let Some(id) = self.lexicon.hidden.exactly(&self.letters)
            && let Some(last) = self.words.last_mut()
        {
            last.id = id;
        }
        self.letters.clear();
    }

    fn stop(&mut self, byte: u8) {
        // "f. u." spells on; initials do not end a sentence either.
        if byte == b'.' && !self.letters.is_empty() {
            return;
        }
        self.sentence += 1;
        self.opens = true;
    }

    /// No quotation goes on over a blank line: an inch mark opens none.
    fn blank_line(&mut self) {
        self.spelt_out();
        self.unquote();
        self.sentence += 1;
        self.opens = true;
    }

    fn double_mark(&mut self) {
        self.double = match self.double {
            Some(_) => None,
            None => Some(self.words.len()),
        };
    }

    fn single_mark(&mut self, before: Option<u8>, next: Option<u8>) {
        let after_word = before.is_some_and(|b| b.is_ascii_alphanumeric() || b".,!?*".contains(&b));
        let before_word = next.is_some_and(|b| b.is_ascii_alphanumeric());
        match self.single {
            None if before_word && !after_word => self.single = Some(self.words.len()),
            Some(_) if after_word && !before_word => self.single = None,
            _ => {}
        }
    }

    /// What was opened and never closed is no quotation.
    fn unquote(&mut self) {
        let opened = [self.double.take(), self.single.take()];
        if let Some(from) = opened.into_iter().flatten().min() {
            for word in self.words.iter_mut().skip(from) {
                word.quoted = false;
            }
        }
    }

    fn end(mut self) -> Vec<Word> {
        self.spelt_out();
        self.unquote();
        self.words
    }
}
