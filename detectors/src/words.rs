//! A cleaned text as words.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};
use std::num::NonZero;
use std::ops::Deref;
use std::sync::LazyLock;

use serde::Deserialize;

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
    /// Whether it is what a grown-up is: "nurse".
    pub job: bool,
    /// Whether it says that a class or a year group stands beside it: "class", "Year".
    pub place: Option<PlaceWord>,
    /// The phrases of the lexicon that may begin here ([`lexicon::beginnings`]).
    pub phrase: Option<NonZero<u16>>,
}

impl Token {
    /// Whether the word begins a sentence, a line or the text.
    pub fn opens(&self) -> bool {
        !matches!(self.gap, Gap::Space | Gap::Hyphen | Gap::Comma)
    }
}

/// Octets of a folded word that need no place of their own: almost all words.
const SHORT: usize = 16;

/// A folded word, kept where it stands as long as it is short.
#[derive(Clone)]
pub(crate) struct Folded {
    /// What stands behind `length` means nothing.
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
    /// Of a word of so many ASCII letters and digits at the start of these octets.
    #[inline]
    fn plain(octets: &[u8], length: usize) -> Self {
        // Taken whole, with what follows the word: a copy of fixed length is the fastest.
        let mut short = [0; SHORT];
        match octets.first_chunk() {
            Some(chunk) => short = *chunk,
            None => short
                .iter_mut()
                .zip(octets)
                .for_each(|(place, &octet)| *place = octet),
        }
        // The bit that makes an ASCII letter small is set in every ASCII digit.
        short.iter_mut().for_each(|octet| *octet |= 0x20);
        Self {
            short,
            length: length.min(SHORT) as u8,
            long: None,
        }
    }

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

impl fmt::Debug for Folded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
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
    job: bool,
    place: Option<PlaceWord>,
    phrase: Option<NonZero<u16>>,
}

/// The lists of `lexicon/names.toml`.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct NameWords {
    common: BTreeSet<String>,
    titles: BTreeSet<String>,
    greetings: BTreeSet<String>,
    openers: BTreeSet<String>,
    /// What grown-ups are.
    jobs: BTreeSet<String>,
}

/// Every listed word with what it is, for one look-up a word; and a few bits that tell
/// most other words without one.
struct Listed {
    filter: Vec<u64>,
    flags: HashMap<Word, Flags, BuildHasherDefault<OwnHash>>,
}

/// The hash of a word is its digest, well mixed.
#[derive(Default)]
struct OwnHash(u64);

impl Hasher for OwnHash {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, octets: &[u8]) {
        for &octet in octets {
            self.write_u64(self.0 ^ u64::from(octet));
        }
    }

    fn write_u64(&mut self, digest: u64) {
        let mixed = (digest ^ (digest >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 32);
    }
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
    let mut flags: HashMap<Word, Flags, _> = HashMap::default();
    let mut mark = |word: Word, mark: fn(&mut Flags)| mark(flags.entry(word).or_default());
    for (list, of) in [
        (
            lists.common,
            (|flags| flags.common = true) as fn(&mut Flags),
        ),
        (lists.titles, |flags| flags.title = true),
        (lists.greetings, |flags| flags.greeting = true),
        (lists.openers, |flags| flags.opener = true),
        (lists.jobs, |flags| flags.job = true),
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

/// Whether a word is an ordinary one, though some are called so: "Grace", "Christian".
pub(crate) fn is_common(word: Word) -> bool {
    LISTED.of(word).common
}

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
        let flags = listed.of(found.word);
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
            phrase: flags.phrase,
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
