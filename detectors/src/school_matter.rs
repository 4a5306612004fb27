//! Whether a message is about the school at all.
//!
//! What: a word of school life in the writer's own text, or any file that goes along.
//!
//! Why: clauses 000-9, 001-12 and 004-10 keep school business off private mailboxes; a
//! shopping list that somebody sends to herself is no business of the school's.
//!
//! How checked: `lexicon/school.toml`, whole words; the sign-off and what stands below it,
//! where every mail has the school's name, do not count. It is wide on purpose: what is
//! taken for the school's is held and asked about, what is not goes home.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use serde::Deserialize;

use crate::finding::{Confidence, Finding, Kind, Masked};
use crate::inspection::{Disposition, Part};
use crate::text::{self, Document};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    any: Vec<String>,
}

/// The file is part of the program and a test reads it; should it be broken, every message
/// is the school's.
static WORDS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let words: Words = toml::from_str(include_str!("../lexicon/school.toml")).ok()?;
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(words.any)
        .ok()
});

/// The finding of a message that has nothing of the school in it.
pub(crate) fn missing(documents: &[Document], parts: &[Part]) -> Option<Finding> {
    let whole = parts.first()?;
    (!is_there(documents, parts)).then(|| Finding {
        category: None,
        kind: Kind::NoSchoolMatter,
        part: whole.path.clone(),
        place: "text".into(),
        confidence: Confidence::new(0.7),
        count: 1,
        subjects: Vec::new(),
        excerpt: Masked::plain("text"),
    })
}

fn is_there(documents: &[Document], parts: &[Part]) -> bool {
    let goes_along = |part: &Part| {
        matches!(
            part.disposition,
            Disposition::Attachment | Disposition::Member | Disposition::Message
        )
    };
    if parts.iter().any(goes_along) {
        return true;
    }
    let own = text::own_words(documents);
    WORDS.as_ref().is_none_or(|words| {
        words
            .find_iter(&own)
            .any(|word| is_whole(&own, word.start(), word.end()))
    })
}

/// Whether a word stands by itself, be it in the plural.
fn is_whole(text: &str, start: usize, end: usize) -> bool {
    let letter = |c: char| c.is_alphanumeric();
    let before = text.get(..start).unwrap_or_default();
    let after = text.get(end..).unwrap_or_default();
    let after = after.strip_prefix('s').unwrap_or(after);
    !before.ends_with(letter) && !after.starts_with(letter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract;
    use crate::settings::Settings;

    fn is_of_school(text: &str) -> bool {
        let mail = format!("From: a@oak.example\r\nTo: b@mail.example\r\n\r\n{text}\r\n");
        let settings = Settings::on(jiff::civil::date(2026, 11, 24));
        let reading = extract::read(mail.as_bytes(), &settings);
        is_there(&reading.documents, &reading.parts)
    }

    #[test]
    fn school_life_is_told_from_private_life() {
        for text in [
            "planning for tomorrow, maths first",
            "marks for set 3 to type up tonight",
            "Minutes of the governors' meeting",
            "cover for Year 5 on Tuesday",
        ] {
            assert!(is_of_school(text), "{text}");
        }
        for text in [
            "milk, bread, cat food, stamps",
            "dentist 4.40, ring plumber",
            "Boarding passes for Saturday, gate closes 6.10",
            "Love you, home by six\r\n\r\nKind regards\r\nJo Lane\r\nOak Lane Primary School",
        ] {
            assert!(!is_of_school(text), "{text}");
        }
    }

    #[test]
    fn the_file_is_whole() {
        assert!(WORDS.is_some());
    }
}
