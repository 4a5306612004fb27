//! The halves of a `multipart/alternative`: both are read, the same text counts once.

use std::ops::Range;

use super::super::Reader;
use crate::inspection::Disposition;
use crate::text::{Body, Document, Passage, Role};

impl Reader<'_> {
    /// When both halves of an alternative say the same, one of them is enough: counts
    /// would double otherwise.
    pub(super) fn same_alternatives(&mut self, ranges: &[Range<usize>]) {
        let bodies: Vec<usize> = ranges
            .iter()
            .flat_map(|range| range.clone())
            .filter(|i| {
                self.reading.documents.get(*i).is_some_and(|d| {
                    d.disposition == Disposition::Body && d.passages.iter().any(is_shown)
                })
            })
            .collect();
        let [first, second] = bodies.as_slice() else {
            return;
        };
        let documents = &self.reading.documents;
        let (Some(one), Some(other)) = (documents.get(*first), documents.get(*second)) else {
            return;
        };
        if !letters(one).eq(letters(other)) {
            return;
        }
        let has_rows = other
            .passages
            .iter()
            .any(|p| matches!(p.body, Body::Row { .. }));
        let spare = if has_rows { *first } else { *second };
        if let Some(document) = self.reading.documents.get_mut(spare) {
            document.passages.retain(|p| !is_shown(p));
            if document.passages.is_empty() {
                self.reading.documents.remove(spare);
            }
        }
    }
}

fn is_shown(passage: &Passage) -> bool {
    matches!(passage.role, Role::Body | Role::Quoted)
}

/// The letters and digits of what is shown, to compare two renderings.
fn letters(document: &Document) -> impl Iterator<Item = char> {
    document
        .passages
        .iter()
        .filter(|p| is_shown(p))
        .flat_map(Passage::letters)
}
