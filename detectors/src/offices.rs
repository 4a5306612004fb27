//! Which holders of an office the message speaks of.
//!
//! What: the name of the headteacher, the chair of governors and the like, with or without a
//! title, or the office itself ("the headteacher"), in the subject, the text, a file's text
//! or its name.
//!
//! Why: whoever is spoken of must not be the one who decides about the message.
//!
//! How checked: a surname of the staff list counts alone, since a wrong answer only means
//! that somebody else decides; signatures, quoted text and addresses count too.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::normalise::{clean, fold};
use crate::text::Document;
use crate::words::is_title;

/// An office, the names of its holders, and what else it is called.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficeHolders {
    /// The word by which the answer names the office.
    pub office: String,
    /// Full names, as the staff list writes them.
    pub names: Vec<String>,
    /// What the holder is called: "headteacher", "head teacher".
    pub titles: Vec<String>,
}

/// Shorter surnames are words of the language too often.
const SHORTEST: usize = 3;

/// The offices whose holders are spoken of, in the order of `offices`.
pub(crate) fn spoken_of(documents: &[Document], offices: &[OfficeHolders]) -> Vec<String> {
    let sought: Vec<(&str, Vec<Vec<String>>)> = offices
        .iter()
        .map(|office| (office.office.as_str(), phrases(office)))
        .collect();
    let mut found = BTreeSet::new();
    let texts = documents
        .iter()
        .flat_map(|document| &document.passages)
        .flat_map(|passage| passage.body.texts());
    for text in texts {
        if found.len() == sought.len() {
            break;
        }
        let words = words(text);
        for (place, (_, phrases)) in sought.iter().enumerate() {
            if !found.contains(&place) && phrases.iter().any(|phrase| stands_in(&words, phrase)) {
                found.insert(place);
            }
        }
    }
    found
        .into_iter()
        .filter_map(|place| sought.get(place))
        .map(|(office, _)| (*office).to_owned())
        .collect()
}

/// The runs of words that tell the office.
fn phrases(office: &OfficeHolders) -> Vec<Vec<String>> {
    let surnames = office.names.iter().filter_map(|name| surname(name));
    surnames
        .map(|surname| vec![surname])
        .chain(office.titles.iter().map(|title| words(title)))
        .filter(|phrase| !phrase.is_empty())
        .collect()
}

/// "Holm" of "Mr Hal Holm" and of "Holm, Hal".
fn surname(name: &str) -> Option<String> {
    let last = match name.split_once(',') {
        Some((last, _)) => words(last).pop(),
        None => words(name).into_iter().rfind(|word| !is_title(word)),
    };
    last.filter(|word| word.chars().count() >= SHORTEST)
}

/// The words of a text, folded; "Holm's" is "holm" and "s".
fn words(text: &str) -> Vec<String> {
    clean(text)
        .split(|c: char| !c.is_alphanumeric())
        .map(fold)
        .filter(|word| !word.is_empty())
        .collect()
}

fn stands_in(words: &[String], phrase: &[String]) -> bool {
    words.windows(phrase.len()).any(|window| window == phrase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspection::{Disposition, PartPath};
    use crate::text::{Body, Passage, Role};

    fn check(text: &str, expected: &[&str]) {
        let documents = [Document {
            part: PartPath("1".into()),
            disposition: Disposition::Body,
            passages: vec![Passage {
                place: "line 1".into(),
                role: Role::Body,
                body: Body::Text(text.into()),
            }],
        }];
        let office = |office: &str, name: &str, titles: &[&str]| OfficeHolders {
            office: office.into(),
            names: vec![name.into()],
            titles: titles.iter().map(|t| (*t).to_owned()).collect(),
        };
        let offices = [
            office(
                "headteacher",
                "Mrs Margaret O'Hara-Holm",
                &["head teacher", "headteacher"],
            ),
            office("chair", "Gus Pickering", &[]),
        ];
        assert_eq!(spoken_of(&documents, &offices), expected, "{text}");
    }

    #[test]
    fn names_titles_and_offices_speak_of_their_holder() {
        check("I must report what Mrs Holm did.", &["headteacher"]);
        check("HOLM\u{2019}S conduct towards the staff", &["headteacher"]);
        check("The Head Teacher shouted at a child.", &["headteacher"]);
        check(
            "Dear Mr Pickering, the headteacher lied.",
            &["headteacher", "chair"],
        );
    }

    #[test]
    fn other_words_speak_of_nobody() {
        check("At home, ahead of the headteachers' conference.", &[]);
        check("", &[]);
    }
}
