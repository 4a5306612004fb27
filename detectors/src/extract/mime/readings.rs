//! The other ways in which a mail program might read a part.
//!
//! Where fields conflict, where a header ends too soon or a boundary is missing, each way
//! is read. A way that shows nothing which the first does not is forgotten again: then the
//! programs disagree about the form and not about what the message says, as with much
//! ordinary mail of careless programs. Only a way that shows something else makes the
//! message ambiguous.

use std::collections::HashSet;

use super::super::{Reader, charset, guarded, transfer};
use super::{PARSER, Walk};
use crate::finding::Kind;
use crate::inspection::{Disposition, PartPath};
use crate::text::{Body, Document, Passage};

/// How much was read at a moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    documents: usize,
    parts: usize,
    findings: usize,
    unread: usize,
    locked: usize,
    limits: usize,
}

/// A view of a part: a header and a body that another program would see.
pub(super) struct View<'v> {
    pub(super) bytes: &'v [u8],
    /// Where the disagreement lies.
    pub(super) place: &'static str,
    /// What it is about.
    pub(super) note: &'static str,
}

impl Reader<'_> {
    pub(super) fn mark(&self) -> Mark {
        Mark {
            documents: self.reading.documents.len(),
            parts: self.reading.parts.len(),
            findings: self.reading.findings.len(),
            unread: self.reading.unread.len(),
            locked: self.locked.len(),
            limits: self.limits_seen.len(),
        }
    }

    /// Reads a view of the part that was read since `first`. What it adds is kept and makes
    /// the message ambiguous; without that it leaves no trace.
    pub(super) fn other_reading(
        &mut self,
        walk: &Walk<'_>,
        path: &PartPath,
        depth: u32,
        first: Mark,
        view: &View<'_>,
    ) {
        self.budget.charge_unpacked(view.bytes.len() as u64);
        let Some(message) = guarded(|| PARSER.parse(view.bytes)).flatten() else {
            return;
        };
        let before = self.mark();
        let alternative = Walk {
            message: &message,
            prefix: path.child("other reading"),
            forwarded: walk.forwarded,
            is_file: walk.is_file,
            is_view: true,
        };
        self.part(&alternative, 0, String::new(), depth + 1, before);
        if self.adds(first, before) {
            if !walk.is_file {
                self.finding(Kind::MimeAmbiguous, path, view.place, 0.8, view.note);
            }
        } else {
            self.forget(before);
        }
    }

    /// Reads the text of a part as it stands, as some programs show it.
    pub(super) fn other_text(
        &mut self,
        path: &PartPath,
        first: Mark,
        passage: Passage,
        note: &str,
    ) {
        let before = self.mark();
        self.document(path, Disposition::Body, vec![passage]);
        if self.adds(first, before) {
            self.finding(Kind::MimeAmbiguous, path, "body", 0.7, note);
        } else {
            self.forget(before);
        }
    }

    fn forget(&mut self, mark: Mark) {
        self.reading.documents.truncate(mark.documents);
        self.reading.parts.truncate(mark.parts);
        self.reading.findings.truncate(mark.findings);
        self.reading.unread.truncate(mark.unread);
        self.locked.truncate(mark.locked);
    }

    /// Whether what was read since `second` shows something that what was read between
    /// `first` and `second` does not.
    fn adds(&self, first: Mark, second: Mark) -> bool {
        if self.limits_seen.len() > second.limits {
            return true;
        }
        let parts = &self.reading.parts;
        let known_parts: HashSet<(&str, u64)> = parts
            .get(first.parts..second.parts)
            .unwrap_or_default()
            .iter()
            .map(|p| (p.actual_type.as_str(), p.bytes))
            .collect();
        let new_file = parts
            .get(second.parts..)
            .unwrap_or_default()
            .iter()
            .any(|p| {
                !is_text_noun(&p.actual_type)
                    && !known_parts.contains(&(p.actual_type.as_str(), p.bytes))
            });
        if new_file {
            return true;
        }
        let documents = &self.reading.documents;
        let mut known = HashSet::new();
        for text in documents
            .get(first.documents..second.documents)
            .unwrap_or_default()
            .iter()
            .flat_map(texts)
        {
            known.extend(words(text));
            if text.contains('=') {
                let decoded = transfer::quoted_printable(text.as_bytes());
                known.extend(words(&charset::decode(&decoded, None)));
            }
        }
        documents
            .get(second.documents..)
            .unwrap_or_default()
            .iter()
            .flat_map(texts)
            .any(|text| {
                let shown = as_shown(text);
                words(&shown).any(|word| !known.contains(&word))
            })
    }
}

/// What has no meaning of its own apart from its text, which is compared itself.
fn is_text_noun(noun: &str) -> bool {
    matches!(
        noun,
        "plain text"
            | "web page"
            | "header"
            | "container of parts"
            | "empty file"
            | "unknown bytes"
            | "table of comma-separated values"
            | "e-mail message"
    )
}

fn texts(document: &Document) -> impl Iterator<Item = &str> {
    document.passages.iter().flat_map(|p| match &p.body {
        Body::Text(text) => std::slice::from_ref(text).iter().map(String::as_str),
        Body::Row { cells, .. } => cells.iter().map(String::as_str),
    })
}

/// The words of a text, lower case. Longer than this is no word of a language.
fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|w| (2..=40).contains(&w.chars().count()))
        .map(str::to_lowercase)
}

/// What a person makes of the source of a message: without fields, boundaries, tags,
/// escapes and encoded lines.
fn as_shown(text: &str) -> String {
    let text = transfer::quoted_printable(text.as_bytes());
    let text = charset::decode(&text, None);
    let text = match text.contains('<') {
        true => super::super::html::without_tags(&text, '\n'),
        false => text.into_owned(),
    };
    let mut shown = String::with_capacity(text.len());
    let (mut in_field, mut encoded) = (false, false);
    for line in text.lines() {
        let folded = line.starts_with([' ', '\t']);
        in_field = (in_field && folded) || is_field(line);
        encoded = is_encoded(line, encoded);
        if in_field || encoded || line.starts_with("--") {
            continue;
        }
        shown.push_str(line);
        shown.push('\n');
    }
    shown
}

/// A field of a part or of a trace: nothing that a person wrote.
fn is_field(line: &str) -> bool {
    line.split_once(':').is_some_and(|(name, _)| {
        let name = name.to_ascii_lowercase();
        name.starts_with("content-") || super::super::header::is_machine_field(&name)
    })
}

/// A line of base64: one long word, or the shorter one after it.
fn is_encoded(line: &str, before: bool) -> bool {
    let least = if before { 1 } else { 16 };
    line.len() >= least
        && line
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_source_of_a_part_says_what_the_part_says() {
        let source = "--b\nContent-Type: text/html;\n charset=utf-8\n\n<p>Hello J=61m=\nie</p>\nSGVsbG8gSmFtaWUgYW5kIG1vcmU=\n\n--b--";
        let shown = as_shown(source);
        assert_eq!(words(&shown).collect::<Vec<_>>(), ["hello", "jamie"]);
    }
}
