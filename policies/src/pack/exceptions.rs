//! What is registered in an example: `exceptions = { permission = ["health"] }`.

use std::collections::BTreeSet;

use schoolgate_detectors::Category;

use super::example::words;
use super::reader::{Node, Reader};
use crate::condition::CONSENTS;
use crate::exceptions::{ALLOWANCES, Allowance, Consent, ExceptionKind};

/// The exceptions of an example. They are about all of its recipients.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExampleExceptions {
    /// A permission for such matter.
    pub permission: Option<Permission>,
    /// Exceptions of other kinds.
    pub registered: BTreeSet<ExceptionKind>,
    /// How the families of those in the photographs stand to them.
    pub photo_consent: Option<Consent>,
    /// They have all lapsed.
    pub lapsed: bool,
}

/// A permission of an example.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Permission {
    pub categories: BTreeSet<Category>,
    pub photos: bool,
    pub allows: BTreeSet<Allowance>,
    /// It names the pupils concerned.
    pub named_pupils: bool,
}

const KEYS: &[&str] = &[
    "permission",
    "allows",
    "named-pupils",
    "registered",
    "photo-consent",
    "lapsed",
];

pub(super) fn read(reader: &mut Reader<'_>, node: &Node<'_>) -> Option<ExampleExceptions> {
    let table = reader.table(node, "exceptions")?;
    reader.only(table, KEYS);
    let flag = |reader: &mut Reader<'_>, key: &str| {
        let node = table.get(key);
        node.and_then(|n| reader.boolean(n, key)).unwrap_or(false)
    };
    let matter: Vec<(Option<Category>, &str)> = Category::ALL
        .iter()
        .map(|c| (Some(*c), c.as_str()))
        .chain([(None, "photo")])
        .collect();
    let permission = table.get("permission").map(|n| {
        let covered = words(reader, n, "permission", "category", &matter);
        Permission {
            photos: covered.contains(&None),
            categories: covered.into_iter().flatten().collect(),
            allows: table
                .get("allows")
                .map(|n| words(reader, n, "allows", "allowance", ALLOWANCES))
                .unwrap_or_default()
                .into_iter()
                .collect(),
            named_pupils: flag(reader, "named-pupils"),
        }
    });
    let kinds: Vec<(ExceptionKind, &str)> = ExceptionKind::ALL
        .iter()
        .filter(|kind| {
            !matches!(
                kind,
                ExceptionKind::Permission | ExceptionKind::ImageConsent
            )
        })
        .map(|kind| (*kind, kind.as_str()))
        .collect();
    Some(ExampleExceptions {
        permission,
        registered: table
            .get("registered")
            .map(|n| words(reader, n, "registered", "kind of exception", &kinds))
            .unwrap_or_default()
            .into_iter()
            .collect(),
        photo_consent: table
            .get("photo-consent")
            .and_then(|n| reader.word(n, "photo-consent", "consent", CONSENTS)),
        lapsed: flag(reader, "lapsed"),
    })
}
