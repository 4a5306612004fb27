//! A cleaned text as words.

mod folded;
mod listed;

use std::num::NonZero;

use self::folded::SHORT;
use crate::normalise::fold_char;
use crate::roster::key::Word;

pub(crate) use self::folded::Folded;

/// What stands between a word and the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gap {
    /// The text begins here.
    Start,
    Space,
    Hyphen,
    Comma,
    /// A full stop and a space: an initial's or a sentence's end.
    Stop,
    Line,
    /// Anything else.
    Other,
}

/// A word where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    /// The octets of the cleaned text; a possessive `'s` is left out.
    pub start: usize,
    pub end: usize,
    pub word: Word,
    pub folded: Folded,
    pub gap: Gap,
    /// Characters.
    pub length: usize,
    pub capital: bool,
    pub digits: bool,
    /// Whether the folded word is one of `common`, a title, …
    pub common: bool,
    pub title: bool,
    pub greeting: bool,
    pub opener: bool,
    /// Whether it is what a grown-up is: "nurse".
    pub job: bool,
    /// Whether it says that a class or a year group stands beside it: "class", "Year".
    pub place: Option<PlaceWord>,
    /// Whether a concept of the lexicon has the word in any place.
    pub matter: bool,
    /// The phrases of the lexicon that may begin here (`recognise::lexicon::beginnings`).
    pub phrase: Option<NonZero<u16>>,
    /// The concepts that may begin here (`recognise::concepts::beginnings`).
    pub concept: Option<NonZero<u16>>,
}

impl Token {
    /// Whether the word begins a sentence, a line or the text.
    pub fn opens(&self) -> bool {
        !matches!(self.gap, Gap::Space | Gap::Hyphen | Gap::Comma)
    }
}

/// What a word announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PlaceWord {
    /// "class", "form", "group": the class is before or after it.
    Class,
    /// "year", "yr", "y", "nc": its number follows.
    Year,
    /// "reception": a year group by itself.
    Reception,
    /// "in", "from": a class may follow that is a word.
    Within,
}

/// Whether a word is an ordinary one, though some are called so: "Grace", "Christian".
pub(crate) fn is_common(word: Word) -> bool {
    listed::of(word).common
}

/// Whether a folded word is a title of an adult.
pub(crate) fn is_title(folded: &str) -> bool {
    listed::of(Word::of(folded)).title
}

/// Whether a word greets or says goodbye.
pub(crate) fn is_greeting(word: &str) -> bool {
    listed::of(Word::of(&word.to_lowercase())).greeting
}

/// The folded form of an ASCII letter or digit; zero for everything else.
const FOLDED: [u8; 256] = {
    let mut folded = [0; 256];
    let mut octet = 0u8;
    while octet < 128 {
        if octet.is_ascii_alphanumeric() {
            folded[octet as usize] = octet.to_ascii_lowercase();
        }
        octet += 1;
    }
    folded
};

/// The words of a cleaned text: runs of letters and digits, apostrophes within them.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let bytes = text.as_bytes();
    let lists = listed::listed();
    let mut tokens: Vec<Token> = Vec::with_capacity(text.len() / 5 + 1);
    let mut last_end = 0;
    let mut at = 0;
    while let Some(&octet) = bytes.get(at) {
        let capital = if octet.is_ascii() {
            if FOLDED[usize::from(octet)] == 0 {
                at += 1;
                continue;
            }
            octet.is_ascii_uppercase()
        } else {
            let first = text.get(at..).and_then(|rest| rest.chars().next());
            match first {
                Some(first) if first.is_alphanumeric() => first.is_uppercase(),
                _ => {
                    at += first.map_or(1, char::len_utf8);
                    continue;
                }
            }
        };
        let start = at;
        let rest = bytes.get(start..).unwrap_or_default();
        let (found, folded) = match plain_word(rest) {
            Some(found) => (found, Folded::plain(rest, found.octets)),
            None => any_word(text, start),
        };
        at = start + found.octets;
        // What is left of a possessive.
        if found.word == Word::EMPTY.octet(b's')
            && bytes
                .get(..start)
                .is_some_and(|before| before.ends_with(b"'"))
        {
            continue;
        }
        let gap = if tokens.is_empty() {
            Gap::Start
        } else {
            gap_of(text.get(last_end..start).unwrap_or_default())
        };
        let flags = lists.get(found.word).copied().unwrap_or_default();
        tokens.push(Token {
            start,
            end: at,
            word: found.word,
            folded,
            gap,
            length: found.length,
            capital,
            digits: found.digits,
            common: flags.common,
            title: flags.title,
            greeting: flags.greeting,
            opener: flags.opener,
            job: flags.job,
            place: flags.place,
            matter: flags.matter,
            phrase: flags.phrase,
            concept: flags.concept,
        });
        last_end = at;
    }
    tokens
}

/// A word on its way to a token.
#[derive(Clone, Copy)]
struct Found {
    octets: usize,
    word: Word,
    /// Characters.
    length: usize,
    digits: bool,
}

/// The word at the start of these octets, when it is short and has nothing but ASCII
/// letters and digits in it, as almost all have.
#[inline]
fn plain_word(rest: &[u8]) -> Option<Found> {
    let mut word = Word::EMPTY;
    let mut digits = false;
    let mut length = 0;
    for &octet in rest {
        let folded = FOLDED[usize::from(octet)];
        if folded == 0 {
            if octet == b'\'' || octet >= 0x80 {
                return None;
            }
            break;
        }
        word = word.octet(folded);
        digits |= folded <= b'9';
        length += 1;
    }
    (length <= SHORT && length > 0).then_some(Found {
        octets: length,
        word,
        length,
        digits,
    })
}

/// The word that begins here, whatever is in it.
fn any_word(text: &str, start: usize) -> (Found, Folded) {
    let mut folded = String::new();
    let (mut octets, mut length, mut digits) = (0, 0, false);
    let whole = text.get(start..).unwrap_or_default();
    let mut chars = whole.chars();
    while let Some(c) = chars.next() {
        let rest = chars.as_str();
        if c == '\'' {
            if !rest.starts_with(char::is_alphanumeric) {
                break;
            }
            // A possessive ends the word; what belongs to Theo is no longer Theo's name.
            let mut ahead = rest.chars();
            if matches!(ahead.next(), Some('s' | 'S'))
                && !ahead.next().is_some_and(char::is_alphanumeric)
            {
                break;
            }
        } else if !c.is_alphanumeric() {
            break;
        }
        octets = whole.len() - rest.len();
        length += 1;
        digits |= c.is_ascii_digit();
        fold_char(c, &mut folded);
    }
    let found = Found {
        octets,
        word: Word::of(&folded),
        length,
        digits,
    };
    (found, Folded::from(folded.as_str()))
}

fn gap_of(between: &str) -> Gap {
    if between == " " {
        return Gap::Space;
    }
    if between.contains('\n') {
        return Gap::Line;
    }
    let between = between
        .strip_prefix("'s")
        .or_else(|| between.strip_prefix("'S"))
        .unwrap_or(between);
    match between {
        " " => Gap::Space,
        "-" => Gap::Hyphen,
        ", " | "," => Gap::Comma,
        "." | ". " => Gap::Stop,
        _ => Gap::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_carry_what_stands_before_them() {
        let found = tokens("Theo's book, by O'Neill-Shah. T. W.");
        let gaps: Vec<_> = found.iter().map(|token| token.gap).collect();
        assert_eq!(
            gaps,
            [
                Gap::Start,
                Gap::Space,
                Gap::Comma,
                Gap::Space,
                Gap::Hyphen,
                Gap::Stop,
                Gap::Stop
            ]
        );
        assert_eq!(found[0].word, Word::of("theo"));
        assert_eq!(found[3].word, Word::of("oneill"));
    }

    #[test]
    fn the_lists_are_read() {
        assert!(is_title("mrs"));
        assert!(tokens("grace")[0].common);
        assert!(tokens("dear")[0].greeting && tokens("when")[0].opener);
    }
}
