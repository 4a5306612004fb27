//! Word documents.

use super::Package;
use crate::text::Role;

/// Reads every file of a Word document that can hold text.
pub(super) fn read(package: &mut Package<'_, '_, '_, '_, '_>) {
    for name in main_files(package) {
        package.flow(&name, "", Role::Document);
    }
    for (mark, start, place, role) in [
        (
            "wordprocessingml.header",
            "word/header",
            "header",
            Role::RunningHead,
        ),
        (
            "wordprocessingml.footer",
            "word/footer",
            "footer",
            Role::RunningHead,
        ),
        (
            "wordprocessingml.footnotes",
            "word/footnotes",
            "footnotes",
            Role::Document,
        ),
        (
            "wordprocessingml.endnotes",
            "word/endnotes",
            "endnotes",
            Role::Document,
        ),
        (
            "wordprocessingml.comments",
            "word/comments",
            "comments",
            Role::Metadata,
        ),
        (
            "document.glossary",
            "word/glossary/document",
            "building blocks",
            Role::Hidden,
        ),
    ] {
        for name in package.files(mark, start) {
            package.flow(&name, place, role);
        }
    }
    for name in package.files("drawingml.diagramdata", "word/diagrams/data") {
        package.flow(&name, "diagram", Role::Document);
    }
    for name in package.files("drawingml.chart+xml", "word/charts/chart") {
        package.loose_text(&name, "chart", Role::Metadata, &[]);
    }
    let custom: Vec<String> = package
        .names
        .iter()
        .filter(|n| n.starts_with("customXml/item") && !n.contains("Props"))
        .cloned()
        .collect();
    for name in custom {
        package.loose_text(&name, "bound data", Role::Metadata, &[]);
    }
}

/// The main file by its content type (document, template, with or without macros), else
/// by its usual name.
fn main_files(package: &Package<'_, '_, '_, '_, '_>) -> Vec<String> {
    let by_type: Vec<String> = package
        .names
        .iter()
        .filter(|name| {
            package
                .types
                .get(&name.to_lowercase())
                .is_some_and(|kind| kind.ends_with(".main+xml"))
        })
        .cloned()
        .collect();
    if by_type.is_empty() {
        package.files("document.main", "word/document")
    } else {
        by_type
    }
}
