//! Passwords that stand in the message itself.
//!
//! A lock whose key lies beside it protects nothing (clause 001-19). The candidates come
//! from every text that was read, the most likely first; they are tried and forgotten,
//! and appear in no finding.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::inspection::Disposition;
use crate::text::{Body, Document, Passage, Role};

/// What follows a word for "password", also on the next line.
static AFTER_WORD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?i)\b(?:password|passwort|passcode|passphrase|pass\s?word|pass|pwd?|pin|key ?code|code)\b(?:\s+(?:for|to|of)\s+(?:the|this|it|open)?\s*\w*\s*(?:file|document|attachment|zip|pdf|folder|archive|spreadsheet)?)?\s*(?:is|are|will be|was|=|:|-|–|—)*\s*[:=\-–—]?\s*["'“‘«(\[]?([^\s"'”’»)\]]{3,64})"#,
    )
    .ok()
});

/// Text in quotation marks, which may hold spaces.
static QUOTED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"["“‘'«]([^"”’'»\r\n]{3,64})["”’'»]"#).ok());

/// The candidates, at most `limit`, the most likely first.
pub(super) fn candidates(documents: &[Document], limit: usize) -> Vec<String> {
    let texts: Vec<(&Passage, &str)> = documents
        .iter()
        .flat_map(|d| d.passages.iter())
        .flat_map(|p| match &p.body {
            Body::Text(text) => vec![(p, text.as_str())],
            Body::Row { cells, .. } => cells.iter().map(|c| (p, c.as_str())).collect(),
        })
        .collect();
    let mut list = List {
        limit,
        seen: HashSet::new(),
        found: Vec::new(),
    };
    for (_, text) in &texts {
        if let Some(pattern) = AFTER_WORD.as_ref() {
            for captures in pattern.captures_iter(text) {
                if let Some(token) = captures.get(1) {
                    list.add_token(token.as_str());
                }
            }
        }
        // "Password for the file: two words" and the rest of the line.
        for line in text.lines() {
            let lower = line.to_lowercase();
            if lower.contains("passw") || lower.contains("passphrase") {
                if let Some((_, rest)) = line.rsplit_once([':', '=']) {
                    list.add(rest.trim());
                }
                if let Some((_, rest)) = line.rsplit_once(" is ") {
                    list.add_token(rest.trim());
                }
            }
        }
    }
    for (_, text) in &texts {
        if let Some(pattern) = QUOTED.as_ref() {
            for captures in pattern.captures_iter(text).take(20) {
                if let Some(token) = captures.get(1) {
                    list.add(token.as_str().trim());
                }
            }
        }
    }
    let near = |p: &Passage| !matches!(p.role, Role::Document | Role::RunningHead);
    // A file with nothing in it but a word or two.
    let files = [Disposition::Attachment, Disposition::Member];
    for document in documents.iter().filter(|d| files.contains(&d.disposition)) {
        let texts = || {
            document.passages.iter().filter_map(|p| match &p.body {
                Body::Text(text) if p.role != Role::FileName => Some(text.trim()),
                _ => None,
            })
        };
        if texts().map(str::len).sum::<usize>() <= 64 {
            texts()
                .flat_map(str::lines)
                .for_each(|line| list.add(line.trim()));
        }
    }
    // A word on a line of its own, as it is sent when the sentence about it went before.
    let mut alone = 0;
    for line in texts
        .iter()
        .filter(|(p, _)| near(p) && p.role != Role::FileName)
        .flat_map(|(_, text)| text.lines())
    {
        let line = line.trim();
        if alone < ALONE
            && (4..=40).contains(&line.len())
            && !line.contains(' ')
            && !line.ends_with([',', ':'])
        {
            alone += 1;
            list.add(line);
        }
    }
    for short in [true, false] {
        for (passage, text) in texts.iter().filter(|(p, _)| near(p)) {
            // A short text that is one token is how passwords are sent on their own.
            let alone = text.trim().len() <= 64 && !text.trim().contains(' ');
            if short != alone || (passage.role == Role::FileName && !short) {
                continue;
            }
            for token in text.split_whitespace() {
                if mixes_classes(token) {
                    list.add_token(token);
                }
            }
            if list.full() {
                return list.found;
            }
        }
    }
    // "The date of birth, as six digits": a date in all the ways in which people write it.
    if let Some(pattern) = DATE.as_ref() {
        for captures in texts
            .iter()
            .flat_map(|(_, text)| pattern.captures_iter(text))
        {
            let part = |i: usize| captures.get(i).map_or("", |m| m.as_str());
            let (day, month, year) = (part(1), part(2), part(3));
            let (day, month) = (format!("{day:0>2}"), format!("{month:0>2}"));
            let short = year.get(year.len().saturating_sub(2)..).unwrap_or_default();
            list.add(&format!("{day}{month}{year}"));
            list.add(&format!("{day}{month}{short}"));
            list.add(&format!("{day}/{month}/{year}"));
            list.add(&format!("{year}{month}{day}"));
            if list.full() {
                break;
            }
        }
    }
    list.found
}

/// Words on lines of their own that are tried.
const ALONE: usize = 12;

/// A day as it is written in Britain.
static DATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b(0?[1-9]|[12][0-9]|3[01])[/.\- ](0?[1-9]|1[0-2])[/.\- ]((?:19|20)?[0-9]{2})\b")
        .ok()
});

struct List {
    limit: usize,
    seen: HashSet<String>,
    found: Vec<String>,
}

impl List {
    fn full(&self) -> bool {
        self.found.len() >= self.limit
    }

    fn add(&mut self, candidate: &str) {
        if !self.full() && (3..=64).contains(&candidate.len()) && self.seen.insert(candidate.into())
        {
            self.found.push(candidate.to_owned());
        }
    }

    /// A token as written, and without the punctuation of its sentence.
    fn add_token(&mut self, token: &str) {
        let bare = token.trim_end_matches(['.', ',', ';', ':', ')', ']', '"', '\'', '”', '’']);
        let bare = bare.trim_start_matches(['(', '[', '"', '\'', '“', '‘']);
        self.add(bare);
        self.add(token);
    }
}

/// Letters with digits, or upper case inside a word, or other signs: not an ordinary word.
fn mixes_classes(token: &str) -> bool {
    let token = token.trim_matches(|c: char| c.is_ascii_punctuation() && c != '!' && c != '$');
    if !(4..=40).contains(&token.chars().count()) || token.contains("://") || token.contains('@') {
        return false;
    }
    let digit = token.chars().any(|c| c.is_ascii_digit());
    let letter = token.chars().any(char::is_alphabetic);
    let inner_upper =
        token.chars().skip(1).any(char::is_uppercase) && token.chars().any(char::is_lowercase);
    let sign = token
        .chars()
        .any(|c| c.is_ascii_punctuation() && !matches!(c, '-' | '\'' | '.' | '/' | ',' | ':'));
    (digit && letter) || inner_upper || (sign && letter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspection::PartPath;

    fn check(text: &str, expected: &str) {
        let documents = [Document {
            part: PartPath("1".into()),
            disposition: Disposition::Body,
            passages: vec![super::super::text_passage("p", Role::Body, text)],
        }];
        let found = candidates(&documents, 40);
        assert!(found.iter().any(|c| c == expected), "{text}: {found:?}");
    }

    #[test]
    fn finds_the_usual_wordings() {
        check("The password is Sunflower9!", "Sunflower9!");
        check("Password: apple tree", "apple tree");
        check("pw=abc", "abc");
        check("The password for the attachment is 'Bluebell'.", "Bluebell");
        check("use Badger-77 to open it", "Badger-77");
        check("The password for the file is:\nrabbit", "rabbit");
        check("PIN 4471", "4471");
        check("As agreed, the word for it:\n\nBluebell\n\nPat", "Bluebell");
        check(
            "It opens with the date of birth. Born 4/6/2018.",
            "04062018",
        );
    }

    #[test]
    fn keeps_to_its_limit() {
        let text: String = (0..500).map(|i| format!("Word{i}x ")).collect();
        let documents = [Document {
            part: PartPath("1".into()),
            disposition: Disposition::Body,
            passages: vec![super::super::text_passage("p", Role::Body, text)],
        }];
        assert_eq!(candidates(&documents, 40).len(), 40);
    }
}
