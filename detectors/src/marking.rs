//! The markings SENSITIVE and HIGHLY SENSITIVE (clause 001-17), and wordings that were
//! meant as one.
//!
//! A marking counts in the subject (at its start, in brackets, or in capitals), at the
//! start of the first line of the newest text, and in a classification header. Found
//! elsewhere it is recorded with its place. "Sensitive" in a sentence is none.

use std::collections::BTreeSet;

use crate::finding::{Confidence, Finding, Kind, Masked};
use crate::inspection::{Disposition, Marking, MarkingLevel, MarkingPlace, PartPath};
use crate::normalise::{clean, fold};
use crate::roster::key::Word;
use crate::settings::MarkingTerms;
use crate::text::{Body, Document, Role};
use crate::words::Token;

/// What a message's markings are.
#[derive(Debug, Default)]
pub(crate) struct Markings {
    /// The valid ones first.
    pub markings: Vec<Marking>,
    pub near_misses: Vec<Finding>,
}

/// The school's words, ready to be compared.
pub(crate) struct Terms {
    words: Vec<(Vec<String>, Meaning)>,
    /// The last word of each term: a text without any of them holds no term.
    telling: BTreeSet<Word>,
    /// A bit for each of them, by which most other words are told at once.
    filter: u64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Meaning {
    Level(MarkingLevel),
    NearMiss,
}

/// A term in a line.
struct Occurrence {
    meaning: Meaning,
    text: String,
    /// Nothing but marks of punctuation stands before it.
    opens: bool,
    /// What follows is no sentence that goes on.
    ends: bool,
    bracketed: bool,
    capitals: bool,
    /// The whole line is the term.
    alone: bool,
}

impl Terms {
    pub fn new(terms: &MarkingTerms) -> Terms {
        let mut words = Vec::new();
        for (list, meaning) in [
            (
                &terms.highly_sensitive,
                Meaning::Level(MarkingLevel::HighlySensitive),
            ),
            (&terms.sensitive, Meaning::Level(MarkingLevel::Sensitive)),
            (&terms.near_misses, Meaning::NearMiss),
        ] {
            for term in list {
                let split: Vec<String> = split(&clean(term))
                    .into_iter()
                    .map(|(_, _, word)| word.to_uppercase())
                    .collect();
                if !split.is_empty() {
                    words.push((split, meaning));
                }
            }
        }
        // The longest first: SENSITIVE inside HIGHLY SENSITIVE or VERY SENSITIVE is not seen.
        words.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
        let telling: BTreeSet<Word> = words
            .iter()
            .filter_map(|(words, _)| words.last())
            .map(|word| Word::of(&fold(word)))
            .collect();
        let filter = telling.iter().fold(0, |bits, &word| bits | bit(word));
        Terms {
            words,
            telling,
            filter,
        }
    }

    /// Whether a text of these words may hold a term.
    pub fn may_stand_in(&self, tokens: &[Token]) -> bool {
        tokens
            .iter()
            .any(|token| self.filter & bit(token.word) != 0 && self.telling.contains(&token.word))
    }

    /// The terms in one line.
    fn find(&self, line: &str) -> Vec<Occurrence> {
        let words = split(line);
        let upper: Vec<String> = words
            .iter()
            .map(|(_, _, word)| word.to_uppercase())
            .collect();
        let mut found = Vec::new();
        let mut at = 0;
        while at < words.len() {
            let term = self.words.iter().find(|(term, _)| {
                upper
                    .get(at..at + term.len())
                    .is_some_and(|run| run == term.as_slice())
            });
            let Some((term, meaning)) = term else {
                at += 1;
                continue;
            };
            let last = at + term.len() - 1;
            let (Some(&(start, _, _)), Some(&(_, end, _))) = (words.get(at), words.get(last))
            else {
                break;
            };
            let denied = at
                .checked_sub(1)
                .and_then(|before| upper.get(before))
                .is_some_and(|word| {
                    matches!(word.as_str(), "NOT" | "NON" | "NO" | "UN" | "NOR" | "LESS")
                });
            if !denied {
                let before = line.get(..start).unwrap_or_default().trim_end();
                let after = line.get(end..).unwrap_or_default();
                let text = line.get(start..end).unwrap_or_default();
                let opens = !opening(before).contains(char::is_alphanumeric);
                let next = after.trim_start();
                found.push(Occurrence {
                    meaning: *meaning,
                    text: term.join(" "),
                    opens,
                    ends: !next.starts_with(char::is_lowercase),
                    bracketed: before.ends_with(['[', '(', '{', '<', '*', '#'])
                        && after
                            .trim_start()
                            .starts_with([']', ')', '}', '>', '*', '#']),
                    capitals: !text.contains(char::is_lowercase),
                    alone: opens && !after.contains(char::is_alphanumeric),
                });
            }
            at = last + 1;
        }
        found
    }
}

/// A word's place in [`Terms::filter`].
fn bit(word: Word) -> u64 {
    1 << (word.0.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58)
}

/// What stands before a term, without the prefixes that mail programs and people put there.
fn opening(before: &str) -> &str {
    let mut rest = before;
    loop {
        let trimmed = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
        let lower = trimmed.to_ascii_lowercase();
        let prefix = [
            "re:",
            "fw:",
            "fwd:",
            "external:",
            "marking:",
            "protective marking:",
            "classification:",
            "status:",
        ]
        .iter()
        .find(|prefix| lower.starts_with(**prefix));
        match prefix.and_then(|prefix| trimmed.get(prefix.len()..)) {
            Some(next) => rest = next,
            None => return trimmed,
        }
    }
}

/// The words of a line with their places. A hyphen parts words, as a space does.
fn split(line: &str) -> Vec<(usize, usize, &str)> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in line.char_indices() {
        match (c.is_alphanumeric(), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                words.push((from, at, line.get(from..at).unwrap_or_default()));
                start = None;
            }
            _ => {}
        }
    }
    if let Some(from) = start {
        words.push((from, line.len(), line.get(from..).unwrap_or_default()));
    }
    words
}

/// The passages that were seen to hold no term, when their words were looked at.
pub(crate) struct Unmarked(Vec<Vec<bool>>);

impl Unmarked {
    /// None of these documents' yet.
    pub fn of(documents: &[Document]) -> Self {
        let none = |document: &Document| vec![false; document.passages.len()];
        Self(documents.iter().map(none).collect())
    }

    /// Notes one, by the numbers of its document and its own.
    pub fn note(&mut self, document: usize, passage: usize) {
        let entry = self.0.get_mut(document);
        if let Some(entry) = entry.and_then(|document| document.get_mut(passage)) {
            *entry = true;
        }
    }

    fn holds(&self, document: usize, passage: usize) -> bool {
        let entry = self.0.get(document);
        entry.and_then(|document| document.get(passage)) == Some(&true)
    }
}

/// Looks for markings in every place of a message.
pub(crate) fn find(documents: &[Document], terms: &Terms, unmarked: &Unmarked) -> Markings {
    let mut out = Markings::default();
    // The newest text is the first body that has any; a disclaimer added below by a mail
    // server is a body part too, but no first line of the message.
    let mut body_seen = false;
    for (number, document) in documents.iter().enumerate() {
        let is_body = document.disposition == Disposition::Body;
        let mut first_line_seen = is_body && body_seen;
        for (at, passage) in document.passages.iter().enumerate() {
            let Body::Text(text) = &passage.body else {
                first_line_seen = true;
                continue;
            };
            if unmarked.holds(number, at) && text.bytes().any(|octet| octet.is_ascii_graphic()) {
                first_line_seen |= matches!(passage.role, Role::Body | Role::Document);
                body_seen |= is_body && passage.role == Role::Body;
                continue;
            }
            let text = clean(text);
            for line in text.lines().filter(|line| !line.trim().is_empty()) {
                let first = !first_line_seen && matches!(passage.role, Role::Body | Role::Document);
                first_line_seen |= matches!(passage.role, Role::Body | Role::Document);
                body_seen |= is_body && passage.role == Role::Body;
                // No term fits into a long line of prose but at its start; cut it for speed.
                let line = cut(line, 400);
                for occurrence in terms.find(line) {
                    judge(
                        &occurrence,
                        passage.role,
                        document.disposition,
                        first,
                        &document.part,
                        &passage.place,
                        &mut out,
                    );
                }
            }
        }
    }
    let mut seen = Vec::new();
    out.markings.retain(|marking| {
        let new = !seen.contains(marking);
        if new {
            seen.push(marking.clone());
        }
        new
    });
    out.markings.sort_by_key(|marking| !marking.place.counts());
    out
}

fn cut(line: &str, limit: usize) -> &str {
    let mut end = limit.min(line.len());
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    line.get(..end).unwrap_or_default()
}

fn judge(
    occurrence: &Occurrence,
    role: Role,
    disposition: Disposition,
    first_line: bool,
    part: &PartPath,
    at: &str,
    out: &mut Markings,
) {
    let labelled =
        occurrence.bracketed || occurrence.alone || (occurrence.opens && occurrence.ends);
    let message_body = disposition == Disposition::Body;
    let place = match role {
        Role::Subject => (labelled || occurrence.capitals).then_some(
            if disposition == Disposition::Header && part.as_str() == "header" {
                MarkingPlace::Subject
            } else {
                MarkingPlace::Quoted
            },
        ),
        Role::Classification => Some(MarkingPlace::Header),
        Role::Body if message_body && first_line => labelled.then_some(MarkingPlace::FirstLine),
        Role::Body => ((occurrence.alone || occurrence.bracketed) && occurrence.capitals
            || (labelled && occurrence.capitals && !message_body))
            .then_some(if message_body {
                MarkingPlace::Footer
            } else {
                MarkingPlace::Quoted
            }),
        Role::Quoted => (labelled && occurrence.capitals).then_some(MarkingPlace::Quoted),
        Role::RunningHead => labelled.then_some(MarkingPlace::Document),
        Role::Document if first_line => labelled.then_some(MarkingPlace::Document),
        Role::Document | Role::Metadata | Role::Hidden | Role::HeaderField => None,
        Role::FileName => (occurrence.capitals || labelled).then_some(MarkingPlace::FileName),
    };
    let Some(place) = place else { return };
    match occurrence.meaning {
        Meaning::Level(level) => out.markings.push(Marking {
            level,
            place,
            part: part.clone(),
        }),
        Meaning::NearMiss if matches!(place, MarkingPlace::Subject | MarkingPlace::FirstLine) => {
            out.near_misses.push(Finding {
                category: None,
                kind: Kind::MarkingNearMiss,
                part: part.clone(),
                place: at.to_owned(),
                confidence: Confidence::new(0.9),
                count: 1,
                subjects: Vec::new(),
                excerpt: Masked::plain(&occurrence.text),
            });
        }
        Meaning::NearMiss => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Passage;

    fn find_all(documents: &[Document]) -> Markings {
        let terms = Terms::new(&MarkingTerms::default());
        find(documents, &terms, &Unmarked::of(documents))
    }

    fn document(part: &str, disposition: Disposition, passages: &[(Role, &str)]) -> Document {
        Document {
            part: PartPath(part.into()),
            disposition,
            passages: passages
                .iter()
                .map(|&(role, text)| Passage {
                    place: "here".into(),
                    role,
                    body: Body::Text(text.into()),
                })
                .collect(),
        }
    }

    fn subject(text: &str) -> Markings {
        find_all(&[document(
            "header",
            Disposition::Header,
            &[(Role::Subject, text)],
        )])
    }

    fn body(passages: &[(Role, &str)]) -> Vec<(MarkingLevel, MarkingPlace)> {
        find_all(&[document("1", Disposition::Body, passages)])
            .markings
            .into_iter()
            .map(|marking| (marking.level, marking.place))
            .collect()
    }

    fn level(text: &str) -> Option<MarkingLevel> {
        let markings = subject(text).markings;
        assert!(markings.len() <= 1, "{text}: {markings:?}");
        markings.first().map(|marking| marking.level)
    }

    #[test]
    fn subjects_are_marked_at_the_start_in_brackets_or_in_capitals() {
        use MarkingLevel::{HighlySensitive, Sensitive};
        for (text, expected) in [
            ("SENSITIVE", Sensitive),
            ("Sensitive: T. Walker", Sensitive),
            ("RE: FW: sensitive - review", Sensitive),
            ("Report [Sensitive]", Sensitive),
            ("(highly sensitive) report", HighlySensitive),
            ("Report HIGHLY SENSITIVE", HighlySensitive),
            ("HIGHLY-SENSITIVE: x", HighlySensitive),
            ("ＨＩＧＨＬＹ SENS\u{200b}ITIVE x", HighlySensitive),
            ("Annual review SENSITIVE attached", Sensitive),
        ] {
            assert_eq!(level(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn prose_is_no_marking() {
        for text in [
            "A sensitive matter",
            "Sensitive skin products",
            "NOT SENSITIVE",
            "Insensitive remarks",
            "Light-sensitive paper",
            "highly sensitive children workshop",
            "Sensory room",
        ] {
            assert_eq!(level(text), None, "{text}");
        }
    }

    #[test]
    fn wrong_wordings_are_near_misses_and_do_not_count() {
        for text in [
            "SENSATIVE: T. Walker",
            "Confidential - review",
            "OFFICIAL-SENSITIVE report",
            "[Private and Confidential] x",
            "VERY SENSITIVE",
        ] {
            let found = subject(text);
            assert!(found.markings.is_empty(), "{text}");
            assert_eq!(found.near_misses.len(), 1, "{text}");
        }
        assert_eq!(
            subject("SENSATIVE: Theo Walker").near_misses[0]
                .excerpt
                .as_str(),
            "SENSATIVE"
        );
        assert!(subject("Private lessons for all").near_misses.is_empty());
    }

    #[test]
    fn the_first_line_counts_and_the_foot_does_not() {
        use MarkingLevel::{HighlySensitive, Sensitive};
        assert_eq!(
            body(&[(Role::Body, "\n\nSENSITIVE\nDear Sam")]),
            [(Sensitive, MarkingPlace::FirstLine)]
        );
        assert_eq!(
            body(&[(Role::Body, "*** Highly Sensitive ***")]),
            [(HighlySensitive, MarkingPlace::FirstLine)]
        );
        assert_eq!(
            body(&[(Role::Body, "Dear Sam"), (Role::Body, "SENSITIVE")]),
            [(Sensitive, MarkingPlace::Footer)]
        );
        assert_eq!(
            body(&[(Role::Body, "Thanks"), (Role::Quoted, "SENSITIVE\nolder")]),
            [(Sensitive, MarkingPlace::Quoted)]
        );
        assert!(body(&[(Role::Body, "Dear Sam, Theo is a sensitive child")]).is_empty());
        assert!(body(&[(Role::Body, "Dear Sam"), (Role::Body, "This is sensitive.")]).is_empty());
    }

    #[test]
    fn headers_documents_and_file_names_have_their_places() {
        let documents = [
            document(
                "header",
                Disposition::Header,
                &[(Role::Classification, "Highly Sensitive")],
            ),
            document(
                "2",
                Disposition::Attachment,
                &[
                    (Role::FileName, "SENSITIVE_report.docx"),
                    (Role::RunningHead, "SENSITIVE"),
                    (Role::Document, "Report\nIt is SENSITIVE"),
                ],
            ),
            document(
                "3/header",
                Disposition::Header,
                &[(Role::Subject, "SENSITIVE")],
            ),
        ];
        let places: Vec<_> = find_all(&documents)
            .markings
            .into_iter()
            .map(|m| m.place)
            .collect();
        assert_eq!(
            places,
            [
                MarkingPlace::Header,
                MarkingPlace::FileName,
                MarkingPlace::Document,
                MarkingPlace::Quoted
            ]
        );
    }
}
