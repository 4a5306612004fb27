//! The files of a package that nothing above knows: they may hold text all the same.

use super::super::xml::{self, Node};
use super::{Package, text_passage};
use crate::text::Role;

/// Reads what is left.
pub(super) fn read(package: &mut Package<'_, '_, '_, '_, '_>) {
    let left: Vec<String> = package
        .names
        .iter()
        .filter(|name| {
            let lower = name.to_lowercase();
            is_text(&lower) && !package.read.contains(&lower)
        })
        .cloned()
        .collect();
    for name in left {
        if package.reader.budget_is_spent() {
            return;
        }
        let place = format!("file {name}");
        let mut texts = Vec::new();
        package.walk(&name, |node| match node {
            Node::Text(text) if has_letters(text) => texts.push(text.trim().to_owned()),
            Node::Open { start, .. } => {
                for attribute in start.attributes().with_checks(false).flatten() {
                    let key = attribute.key.local_name();
                    if TEXTS.contains(&key.as_ref())
                        && let Some(value) = xml::attribute(start, key.as_ref())
                        && has_letters(&value)
                    {
                        texts.push(value);
                    }
                }
            }
            _ => {}
        });
        if !texts.is_empty() {
            package
                .passages
                .push(text_passage(place, Role::Metadata, texts.join("\n")));
        }
    }
}

/// Attributes that people write.
const TEXTS: [&str; 13] = [
    "title",
    "descr",
    "alt",
    "author",
    "userName",
    "displayName",
    "string",
    "caption",
    "comment",
    "description",
    "oldName",
    "link",
    "tooltip",
];

fn has_letters(text: &str) -> bool {
    text.chars().filter(|c| c.is_alphanumeric()).count() >= 3
}

/// Whether a file is XML in which people write. What describes fonts, colours and the
/// screen is not.
fn is_text(name: &str) -> bool {
    const EXTENSIONS: [&str; 3] = [".xml", ".vml", ".xhtml"];
    const NONE: [&str; 17] = [
        "/theme",
        "styles",
        "settings",
        "fonttable",
        "numbering.xml",
        "presprops",
        "viewprops",
        "tablestyles",
        "calcchain",
        "sharedstrings",
        "[content_types]",
        "docprops/",
        "stylewithefffects",
        "printersettings",
        "/chartcolor",
        "/colors",
        "/slidelayouts/",
    ];
    EXTENSIONS.iter().any(|e| name.ends_with(e)) && !NONE.iter().any(|n| name.contains(n))
}
