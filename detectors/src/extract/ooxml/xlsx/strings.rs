//! The strings that the cells of a workbook share.

use super::xml::Node;
use super::{Book, Package, text_passage};
use crate::text::Role;

/// The shared strings, in their order.
pub(super) fn read(package: &mut Package<'_, '_, '_, '_, '_>) -> Vec<String> {
    let mut strings = Vec::new();
    for name in package.files("spreadsheetml.sharedstrings", "xl/sharedstrings") {
        let (mut current, mut in_text, mut phonetic) = (String::new(), false, false);
        package.walk(&name, |node| match node {
            Node::Open { name: "t", .. } => in_text = !phonetic,
            Node::Close { name: "t" } => in_text = false,
            Node::Open { name: "rPh", .. } => phonetic = true,
            Node::Close { name: "rPh" } => phonetic = false,
            Node::Text(text) if in_text => current.push_str(text),
            Node::Close { name: "si" } => strings.push(std::mem::take(&mut current)),
            _ => {}
        });
    }
    strings
}

/// Strings that no cell shows are what was deleted, and still in the file.
pub(super) fn unused(package: &mut Package<'_, '_, '_, '_, '_>, book: &Book) {
    let shown = book.shown.borrow();
    let unused: Vec<&str> = book
        .strings
        .iter()
        .zip(shown.iter())
        .filter(|(text, shown)| !**shown && !text.trim().is_empty())
        .map(|(text, _)| text.trim())
        .collect();
    if !unused.is_empty() {
        let place = "strings that no cell shows";
        let passage = text_passage(place, Role::Hidden, unused.join("\n"));
        package.passages.push(passage);
    }
}
