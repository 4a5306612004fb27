//! A cleaned text as words.

use std::collections::{BTreeSet, HashMap};
use std::num::NonZero;
use std::ops::Deref;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::credentials;
use crate::normalise::fold_char;
use crate::recognise::lexicon;
use crate::roster::key::Word;

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
    /// Whether it says that a class or a year group stands beside it: "class", "Year".
    pub place: Option<PlaceWord>,
    /// The phrases of the lexicon that may begin here ([`lexicon::beginnings`]).
    pub phrase: Option<NonZero<u16>>,
    /// Whether it may announce a password.
    pub secret: bool,
}

impl Token {
    /// Whether the word begins a sentence, a line or the text.
    pub fn opens(&self) -> bool {
        !matches!(self.gap, Gap::Space | Gap::Hyphen | Gap::Comma)
    }
}

/// Octets of a folded word that need no place of their own: almost all words.
const SHORT: usize = 22;

/// A folded word, kept where it stands as long as it is short.
#[derive(Debug, Clone)]
pub(crate) struct Folded {
    short: [u8; SHORT],
    length: u8,
    long: Option<Box<str>>,
}

impl From<&str> for Folded {
    fn from(folded: &str) -> Self {
        let mut short = [0; SHORT];
        match short.get_mut(..folded.len()) {
            Some(start) => {
                start.copy_from_slice(folded.as_bytes());
                Self {
                    short,
                    length: folded.len() as u8,
                    long: None,
                }
            }
            None => Self {
                short,
                length: 0,
                long: Some(folded.into()),
            },
        }
    }
}

impl Folded {
    /// Octets.
    pub fn len(&self) -> usize {
        match &self.long {
            Some(long) => long.len(),
            None => usize::from(self.length),
        }
    }

    pub fn as_str(&self) -> &str {
        match &self.long {
            Some(long) => long,
            None => self
                .short
                .get(..usize::from(self.length))
                .and_then(|short| std::str::from_utf8(short).ok())
                .unwrap_or_default(),
        }
    }
}

impl Deref for Folded {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq<str> for Folded {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Folded {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
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

/// What the lists say of one word.
#[derive(Debug, Clone, Copy, Default)]
struct Flags {
    common: bool,
    title: bool,
    greeting: bool,
    opener: bool,
    place: Option<PlaceWord>,
    phrase: Option<NonZero<u16>>,
    secret: bool,
}

/// The lists of `lexicon/names.toml`.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct NameWords {
    common: BTreeSet<String>,
    titles: BTreeSet<String>,
    greetings: BTreeSet<String>,
    openers: BTreeSet<String>,
}

/// Every listed word with what it is, for one look-up a word; and a few bits that tell
/// most other words without one.
struct Listed {
    filter: Vec<u64>,
    flags: HashMap<Word, Flags>,
}

/// Words of 64 bits in the filter: some twenty bits for each listed word.
const FILTER: usize = 512;

fn filter_place(word: Word) -> (usize, u64) {
    let mixed = (word.0 ^ (word.0 >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((mixed >> 55) as usize % FILTER, 1 << ((mixed >> 49) & 63))
}

impl Listed {
    #[inline]
    fn of(&self, word: Word) -> Flags {
        let (place, bit) = filter_place(word);
        match self.filter.get(place) {
            Some(bits) if bits & bit != 0 => self.flags.get(&word).copied().unwrap_or_default(),
            _ => Flags::default(),
        }
    }
}

static LISTED: LazyLock<Listed> = LazyLock::new(|| {
    let lists: NameWords =
        toml::from_str(include_str!("../lexicon/names.toml")).unwrap_or_default();
    let mut flags: HashMap<Word, Flags> = HashMap::new();
    let mut mark = |word: Word, mark: fn(&mut Flags)| mark(flags.entry(word).or_default());
    for (list, of) in [
        (
            lists.common,
            (|flags| flags.common = true) as fn(&mut Flags),
        ),
        (lists.titles, |flags| flags.title = true),
        (lists.greetings, |flags| flags.greeting = true),
        (lists.openers, |flags| flags.opener = true),
    ] {
        for word in list {
            mark(Word::of(&word), of);
        }
    }
    for (words, of) in [
        (
            ["class", "form", "group"].as_slice(),
            (|flags| flags.place = Some(PlaceWord::Class)) as fn(&mut Flags),
        ),
        (&["year", "yr", "y", "nc"], |flags| {
            flags.place = Some(PlaceWord::Year);
        }),
        (&["reception"], |flags| {
            flags.place = Some(PlaceWord::Reception);
        }),
        (&["in", "from"], |flags| {
            flags.place = Some(PlaceWord::Within);
        }),
        (credentials::TELLING, |flags| flags.secret = true),
    ] {
        for word in words {
            mark(Word::of(word), of);
        }
    }
    for (word, number) in lexicon::beginnings() {
        flags.entry(word).or_default().phrase = NonZero::new(number);
    }
    let mut filter = vec![0; FILTER];
    for &word in flags.keys() {
        let (place, bit) = filter_place(word);
        if let Some(bits) = filter.get_mut(place) {
            *bits |= bit;
        }
    }
    Listed { filter, flags }
});

/// Whether a folded word is a title of an adult.
pub(crate) fn is_title(folded: &str) -> bool {
    LISTED.of(Word::of(folded)).title
}

/// Whether a word greets or says goodbye.
pub(crate) fn is_greeting(word: &str) -> bool {
    LISTED.of(Word::of(&word.to_lowercase())).greeting
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
    let listed = &*LISTED;
    let mut tokens: Vec<Token> = Vec::with_capacity(text.len() / 5 + 1);
    let mut last_end = 0;
    let mut at = 0;
    while let Some(&octet) = bytes.get(at) {
        let first = match octet {
            0x80.. => text.get(at..).and_then(|rest| rest.chars().next()),
            _ => Some(char::from(octet)),
        };
        let Some(first) = first.filter(|first| first.is_alphanumeric()) else {
            at += first.map_or(1, char::len_utf8);
            continue;
        };
        let found = plain_word(bytes, at).unwrap_or_else(|| any_word(text, at));
        at = found.end;
        if found.folded == "s" && bytes.get(..found.start).is_some_and(|b| b.ends_with(b"'")) {
            continue;
        }
        let gap = if tokens.is_empty() {
            Gap::Start
        } else {
            gap_of(text.get(last_end..found.start).unwrap_or_default())
        };
        let flags = listed.of(found.word);
        tokens.push(Token {
            start: found.start,
            end: found.end,
            word: found.word,
            folded: found.folded,
            gap,
            length: found.length,
            capital: first.is_uppercase(),
            digits: found.digits,
            common: flags.common,
            title: flags.title,
            greeting: flags.greeting,
            opener: flags.opener,
            place: flags.place,
            phrase: flags.phrase,
            secret: flags.secret,
        });
        last_end = found.end;
    }
    tokens
}

/// A word on its way to a token.
struct Found {
    start: usize,
    end: usize,
    word: Word,
    folded: Folded,
    /// Characters.
    length: usize,
    digits: bool,
}

/// The word that begins here, when it is short and has nothing but ASCII letters and
/// digits in it, as almost all have.
#[inline]
fn plain_word(bytes: &[u8], start: usize) -> Option<Found> {
    let mut short = [0; SHORT];
    let mut word = Word::EMPTY;
    let mut digits = false;
    let mut length = 0;
    let rest = bytes.get(start..)?;
    let mut next = None;
    for &octet in rest {
        let folded = FOLDED[usize::from(octet)];
        if folded == 0 {
            next = Some(octet);
            break;
        }
        *short.get_mut(length)? = folded;
        word = word.octet(folded);
        digits |= folded <= b'9';
        length += 1;
    }
    if matches!(next, Some(b'\'' | 0x80..)) {
        return None;
    }
    Some(Found {
        start,
        end: start + length,
        word,
        folded: Folded {
            short,
            length: length as u8,
            long: None,
        },
        length,
        digits,
    })
}

/// The word that begins here, whatever is in it.
fn any_word(text: &str, start: usize) -> Found {
    let mut folded = String::new();
    let (mut end, mut length, mut digits) = (start, 0, false);
    let mut chars = text.get(start..).unwrap_or_default().chars();
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
        end = text.len() - rest.len();
        length += 1;
        digits |= c.is_ascii_digit();
        fold_char(c, &mut folded);
    }
    Found {
        start,
        end,
        word: Word::of(&folded),
        folded: Folded::from(folded.as_str()),
        length,
        digits,
    }
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
