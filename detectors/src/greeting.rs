//! Whom a message greets.
//!
//! What: the names behind "Dear", "Hi" or "Good morning" in the first line of the text.
//!
//! Why: a letter that greets Mrs Fenwick and goes to Mrs Young was sent to the wrong one.
//!
//! How checked: the names leave this crate as digests only, to be compared with those of
//! the contacts on the roster; a greeting of many ("Dear all", "Dear parents") is none.

use serde::{Deserialize, Serialize};

use crate::normalise::clean;
use crate::roster::key::{Word, words as name_words};
use crate::text::{Body, Document, Role};
use crate::words::{is_greeting, is_title};

/// A name without saying which: the digest of the folded word, and that of its first three
/// letters, by which Cath and Catherine are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NameDigest {
    pub word: u64,
    pub stem: u64,
}

/// More names than these are a circular.
pub const MOST_GREETED: usize = 4;
/// A greeting is short.
const LINE: usize = 60;

impl NameDigest {
    /// The digests of the words of a name, titles left out.
    pub fn of_name(name: &str) -> Vec<NameDigest> {
        name_words(name)
            .iter()
            .filter(|word| !is_title(word))
            .filter_map(|word| Self::of(word))
            .collect()
    }

    fn of(folded: &str) -> Option<NameDigest> {
        if folded.chars().count() < 3 || folded.contains(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let stem: String = folded.chars().take(3).collect();
        Some(NameDigest {
            word: Word::of(folded).0,
            stem: Word::of(&stem).0,
        })
    }
}

/// The names that the newest text greets; none when it greets many or nobody.
pub(crate) fn greeted(documents: &[Document]) -> Vec<NameDigest> {
    let first = documents
        .iter()
        .flat_map(|document| &document.passages)
        .filter(|passage| passage.role == Role::Body)
        .find_map(|passage| match &passage.body {
            Body::Text(text) => text
                .lines()
                .filter(|line| !line.trim().is_empty())
                .take(3)
                .find_map(names_in),
            Body::Row { .. } => None,
        });
    first.unwrap_or_default()
}

/// The names of one line, when it greets.
fn names_in(line: &str) -> Option<Vec<NameDigest>> {
    const MANY: [&str; 27] = [
        "all",
        "both",
        "everyone",
        "everybody",
        "parents",
        "parent",
        "carers",
        "carer",
        "families",
        "family",
        "team",
        "sir",
        "madam",
        "colleague",
        "colleagues",
        "class",
        "year",
        "guardian",
        "guardians",
        "staff",
        "friends",
        "children",
        "there",
        "sirs",
        "ladies",
        "governors",
        "mum",
    ];
    let line = line.trim();
    // Most lines are told by their first word.
    let first = name_words(line.split_whitespace().next()?);
    if first
        .first()
        .is_some_and(|first| first != "good" && !is_greeting(first))
    {
        return None;
    }
    let line = clean(line);
    let head = line.split([',', '!', '.', ':', ';', '-', '(']).next()?;
    if head.len() > LINE {
        return None;
    }
    let words = name_words(head);
    let mut words = words.iter().map(String::as_str).peekable();
    if words.peek().is_some_and(|word| *word == "good") {
        words.next();
    }
    let first = words.next()?;
    if !is_greeting(first) || ["thanks", "regards", "wishes", "to", "cheers"].contains(&first) {
        return None;
    }
    let rest: Vec<&str> = words
        .filter(|word| !is_title(word) && *word != "and")
        .collect();
    if rest.is_empty() || rest.len() > MOST_GREETED || rest.iter().any(|word| MANY.contains(word)) {
        return None;
    }
    // "Hi Jo just a quick note" goes on: only what has a capital is a name, unless the
    // line holds nothing else.
    let capitals = |word: &str| {
        head.split_whitespace().any(|shown| {
            shown.starts_with(char::is_uppercase) && name_words(shown).iter().any(|w| w == word)
        })
    };
    let short = rest.len() <= 2;
    let names: Vec<NameDigest> = rest
        .into_iter()
        .filter(|word| short || capitals(word))
        .filter_map(NameDigest::of)
        .collect();
    (!names.is_empty()).then_some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(line: &str) -> Option<Vec<NameDigest>> {
        names_in(line)
    }

    #[test]
    fn a_greeting_names_somebody() {
        let fenwick = NameDigest::of_name("Carrie Fenwick");
        for line in [
            "Dear Mrs Fenwick,",
            "Good morning Mrs Fenwick",
            "hi fenwick",
            "Hello Ms FENWICK!",
        ] {
            let found = names(line).unwrap_or_default();
            assert!(found.iter().any(|name| fenwick.contains(name)), "{line}");
        }
        assert_eq!(
            names("Hi Cath").unwrap()[0].stem,
            NameDigest::of_name("Catherine")[0].stem
        );
    }

    #[test]
    fn a_circular_greets_nobody() {
        for line in [
            "Dear all,",
            "Dear parents and carers",
            "Hi there",
            "Hi everyone,",
            "Thanks Jo",
            "The trip is on Friday",
            "",
            "Dear Sir or Madam",
        ] {
            assert_eq!(names(line), None, "{line}");
        }
    }
}
