//! What the readers hand to the recognisers: the text of each part, in passages
//! with their places.
//!
//! `extract` makes it and knows no identifiers; `recognise` looks at it and knows no
//! file formats.

use crate::inspection::{Disposition, PartPath};

/// The text of one part, in reading order.
#[derive(Debug, Clone)]
pub struct Document {
    pub part: PartPath,
    pub disposition: Disposition,
    pub passages: Vec<Passage>,
}

/// A stretch of text that belongs together: a paragraph, a page, a row.
#[derive(Debug, Clone)]
pub struct Passage {
    /// As a reader would name it: `paragraph 3`, `page 2`, `Sheet1!A2`, `Subject`.
    pub place: String,
    pub role: Role,
    pub body: Body,
}

impl Passage {
    /// Its letters and digits in small, by which two renderings of one text are compared.
    pub(crate) fn letters(&self) -> impl Iterator<Item = char> {
        self.body
            .texts()
            .iter()
            .flat_map(|text| text.chars())
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
    }
}

/// For tests: the role and the text of passages, with cells parted by `|`.
#[cfg(test)]
pub(crate) fn check_passages(passages: Vec<Passage>, expected: &[(Role, &str)]) {
    let got: Vec<(Role, String)> = passages
        .into_iter()
        .map(|passage| (passage.role, passage.body.texts().join("|")))
        .collect();
    let got: Vec<(Role, &str)> = got
        .iter()
        .map(|(role, text)| (*role, text.as_str()))
        .collect();
    assert_eq!(got, expected);
}

/// What a passage is to its part; markings and weights depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The subject of the message.
    Subject,
    /// Another header field that a person wrote or sees.
    HeaderField,
    /// A classification header field (`Sensitivity`, `X-Protective-Marking`, `msip_labels` …).
    Classification,
    /// The sender's own, newest text.
    Body,
    /// A quoted or forwarded older message in the body.
    Quoted,
    /// The text of an attached file.
    Document,
    /// Header or footer of a page.
    RunningHead,
    /// The name of a file or an archive member.
    FileName,
    /// Properties, comments, alternative texts.
    Metadata,
    /// What a reader does not see at first: hidden sheets, rows, spans, deleted text.
    Hidden,
}

/// Running text, or one row of a table.
#[derive(Debug, Clone)]
pub enum Body {
    Text(String),
    Row {
        /// Sheet or table name, empty when it has none.
        table: String,
        /// Row number from 1, as the reader counts.
        number: u32,
        /// The cells from column A on; empty cells are empty strings.
        cells: Vec<String>,
    },
}

impl Body {
    /// The running text, or the cells.
    pub(crate) fn texts(&self) -> &[String] {
        match self {
            Self::Text(text) => std::slice::from_ref(text),
            Self::Row { cells, .. } => cells,
        }
    }

    /// Octets of text.
    pub fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Row { cells, .. } => cells.iter().map(String::len).sum(),
        }
    }

    /// Whether there is no text at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Octets up to which the writer's own words are gathered.
const OWN_WORDS: usize = 20_000;

/// The writer's own words: the subject, and the newest text down to its sign-off.
pub(crate) fn own_words(documents: &[Document]) -> String {
    let mut words = String::new();
    for document in documents {
        for passage in &document.passages {
            let Body::Text(text) = &passage.body else {
                continue;
            };
            if passage.role == Role::Subject {
                words.push_str(text);
                words.push('\n');
            } else if passage.role == Role::Body && words.len() < OWN_WORDS {
                for line in text.lines() {
                    if is_sign_off(line) {
                        return words;
                    }
                    words.push_str(line);
                    words.push('\n');
                }
            }
        }
    }
    words
}

fn is_sign_off(line: &str) -> bool {
    let line = line.trim().to_lowercase();
    let bare = line.trim_end_matches([',', '.', '!']);
    line == "--"
        || matches!(
            bare,
            "regards"
                | "kind regards"
                | "best regards"
                | "many thanks"
                | "thanks"
                | "best wishes"
                | "yours sincerely"
                | "yours faithfully"
                | "warm regards"
                | "kindest regards"
                | "cheers"
                | "thank you"
                | "with thanks"
                | "with best wishes"
        )
}
