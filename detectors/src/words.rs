//! A cleaned text as words.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use serde::Deserialize;

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
    pub folded: String,
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
}

impl Token {
    /// Whether the word begins a sentence, a line or the text.
    pub fn opens(&self) -> bool {
        !matches!(self.gap, Gap::Space | Gap::Hyphen | Gap::Comma)
    }
}

/// What the lists say of one word.
#[derive(Debug, Clone, Copy, Default)]
struct Flags {
    common: bool,
    title: bool,
    greeting: bool,
    opener: bool,
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

/// Every listed word with what it is, for one look-up a word.
static NAMES: LazyLock<HashMap<String, Flags>> = LazyLock::new(|| {
    let lists: NameWords =
        toml::from_str(include_str!("../lexicon/names.toml")).unwrap_or_default();
    let mut names: HashMap<String, Flags> = HashMap::new();
    for (list, mark) in [
        (
            lists.common,
            (|flags| flags.common = true) as fn(&mut Flags),
        ),
        (lists.titles, |flags| flags.title = true),
        (lists.greetings, |flags| flags.greeting = true),
        (lists.openers, |flags| flags.opener = true),
    ] {
        for word in list {
            mark(names.entry(word).or_default());
        }
    }
    names
});

/// Whether a folded word is a title of an adult.
pub(crate) fn is_title(folded: &str) -> bool {
    NAMES.get(folded).is_some_and(|flags| flags.title)
}

/// Whether a word greets or says goodbye.
pub(crate) fn is_greeting(word: &str) -> bool {
    NAMES
        .get(&word.to_lowercase())
        .is_some_and(|flags| flags.greeting)
}

/// The words of a cleaned text: runs of letters and digits, apostrophes within them.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::with_capacity(text.len() / 6 + 1);
    let mut folded = String::new();
    let mut chars = text.char_indices().peekable();
    let mut last_end = 0;
    while let Some((start, first)) = chars.next() {
        if !first.is_alphanumeric() {
            continue;
        }
        let mut end = start + first.len_utf8();
        let mut length = 1;
        let mut digits = first.is_ascii_digit();
        folded.clear();
        fold_char(first, &mut folded);
        while let Some(&(at, c)) = chars.peek() {
            if c == '\'' {
                let rest = text.get(at + 1..).unwrap_or_default();
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
            chars.next();
            end = at + c.len_utf8();
            length += 1;
            digits |= c.is_ascii_digit();
            fold_char(c, &mut folded);
        }
        if folded == "s"
            && text
                .get(..start)
                .is_some_and(|before| before.ends_with('\''))
        {
            continue;
        }
        let gap = if tokens.is_empty() {
            Gap::Start
        } else {
            gap_of(text.get(last_end..start).unwrap_or_default())
        };
        let flags = NAMES.get(&folded).copied().unwrap_or_default();
        tokens.push(Token {
            start,
            end,
            word: Word::of(&folded),
            folded: folded.clone(),
            gap,
            length,
            capital: first.is_uppercase(),
            digits,
            common: flags.common,
            title: flags.title,
            greeting: flags.greeting,
            opener: flags.opener,
        });
        last_end = end;
    }
    tokens
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
