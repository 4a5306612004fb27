//! A cleaned text as words.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::LazyLock;

use serde::Deserialize;
use smol_str::SmolStr;

use crate::normalise::fold_char;
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
    pub folded: SmolStr,
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

/// What the lists say of one word.
#[derive(Debug, Clone, Copy, Default)]
struct Flags {
    common: bool,
    title: bool,
    greeting: bool,
    opener: bool,
    job: bool,
    place: Option<PlaceWord>,
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

/// The digest of a word is spread well enough to be its own hash.
#[derive(Default)]
struct OwnHash(u64);

impl Hasher for OwnHash {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_u64(&mut self, digest: u64) {
        self.0 = digest;
    }
}

/// Every listed word with what it is, for one look-up a word.
static NAMES: LazyLock<HashMap<Word, Flags, BuildHasherDefault<OwnHash>>> = LazyLock::new(|| {
    let lists: NameWords =
        toml::from_str(include_str!("../lexicon/names.toml")).unwrap_or_default();
    let mut names: HashMap<Word, Flags, _> = HashMap::default();
    for (list, mark) in [
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
            mark(names.entry(Word::of(&word)).or_default());
        }
    }
    for (words, place) in [
        (["class", "form", "group"].as_slice(), PlaceWord::Class),
        (&["year", "yr", "y", "nc"], PlaceWord::Year),
        (&["reception"], PlaceWord::Reception),
        (&["in", "from"], PlaceWord::Within),
    ] {
        for word in words {
            names.entry(Word::of(word)).or_default().place = Some(place);
        }
    }
    names
});

/// Whether a folded word is a title of an adult.
pub(crate) fn is_title(folded: &str) -> bool {
    NAMES
        .get(&Word::of(folded))
        .is_some_and(|flags| flags.title)
}

/// Whether a word greets or says goodbye.
pub(crate) fn is_greeting(word: &str) -> bool {
    NAMES
        .get(&Word::of(&word.to_lowercase()))
        .is_some_and(|flags| flags.greeting)
}

/// The words of a cleaned text: runs of letters and digits, apostrophes within them.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::with_capacity(text.len() / 5 + 1);
    let mut folded = String::new();
    let mut last_end = 0;
    let mut start = 0;
    let names = &*NAMES;
    while let Some(found) = next_word(text, start, &mut folded) {
        start = found.end;
        if folded == "s"
            && text
                .get(..found.start)
                .is_some_and(|before| before.ends_with('\''))
        {
            continue;
        }
        let gap = if tokens.is_empty() {
            Gap::Start
        } else {
            gap_of(text.get(last_end..found.start).unwrap_or_default())
        };
        let word = Word::of(&folded);
        let flags = names.get(&word).copied().unwrap_or_default();
        tokens.push(Token {
            start: found.start,
            end: found.end,
            word,
            folded: SmolStr::new(&folded),
            gap,
            length: found.length,
            capital: found.capital,
            digits: found.digits,
            common: flags.common,
            title: flags.title,
            greeting: flags.greeting,
            opener: flags.opener,
            job: flags.job,
            place: flags.place,
        });
        last_end = found.end;
    }
    tokens
}

/// A word on its way to a token.
struct Found {
    start: usize,
    end: usize,
    /// Characters.
    length: usize,
    capital: bool,
    digits: bool,
}

/// The next word from a place on, its folded form in `folded`.
fn next_word(text: &str, from: usize, folded: &mut String) -> Option<Found> {
    folded.clear();
    let bytes = text.as_bytes();
    let mut start = from;
    let first = loop {
        match *bytes.get(start)? {
            byte if byte.is_ascii_alphanumeric() => break char::from(byte),
            0x80.. => {
                let c = text.get(start..)?.chars().next()?;
                if c.is_alphanumeric() {
                    break c;
                }
                start += c.len_utf8();
            }
            _ => start += 1,
        }
    };
    let mut found = Found {
        start,
        end: start,
        length: 0,
        capital: first.is_uppercase(),
        digits: false,
    };
    loop {
        // What is plain goes in one piece.
        let rest = bytes.get(found.end..).unwrap_or_default();
        let run = rest
            .iter()
            .position(|byte| !byte.is_ascii_alphanumeric())
            .unwrap_or(rest.len());
        let plain = text.get(found.end..found.end + run).unwrap_or_default();
        folded.push_str(plain);
        let from = folded.len() - run;
        if let Some(plain) = folded.get_mut(from..) {
            plain.make_ascii_lowercase();
        }
        found.digits |= plain.bytes().any(|byte| byte.is_ascii_digit());
        found.end += run;
        found.length += run;
        match rest.get(run) {
            Some(b'\'') => {
                let after = text.get(found.end + 1..).unwrap_or_default();
                if !after.starts_with(char::is_alphanumeric) {
                    break;
                }
                // A possessive ends the word; what belongs to Theo is no longer Theo's name.
                let mut ahead = after.chars();
                if matches!(ahead.next(), Some('s' | 'S'))
                    && !ahead.next().is_some_and(char::is_alphanumeric)
                {
                    break;
                }
                found.end += 1;
                found.length += 1;
            }
            Some(0x80..) => {
                let Some(c) = text
                    .get(found.end..)
                    .and_then(|rest| rest.chars().next())
                    .filter(|c| c.is_alphanumeric())
                else {
                    break;
                };
                found.end += c.len_utf8();
                found.length += 1;
                fold_char(c, folded);
            }
            _ => break,
        }
    }
    Some(found)
}

fn gap_of(between: &str) -> Gap {
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
