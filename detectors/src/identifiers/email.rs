//! E-mail address.
//!
//! What: `sam@mail.example` in running text or a cell.
//!
//! Why: the address of a pupil's contact identifies the pupil, and a list of them
//! discloses families to each other.
//!
//! How checked: by shape; role mailboxes (`office@`, `head@`) are nobody's.
//!
//! Examples: sam.walker@mail.example. Not: office@school.example, `@year4`.
//!
//! References: RFC 5322 §3.4.1 (the part of it that people use).

use std::sync::LazyLock;

use regex::Regex;

use super::{Sighting, Zone, pattern};
use crate::finding::Kind;

static SHAPE: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"[\w.%+'-]+@[\w-]+(?:\.[\w-]+)+"));

const ROLES: &[&str] = &[
    "office",
    "admin",
    "head",
    "headteacher",
    "info",
    "enquiries",
    "reception",
    "contact",
    "hello",
    "noreply",
    "no-reply",
    "donotreply",
    "help",
    "support",
    "finance",
    "bursar",
    "attendance",
    "safeguarding",
    "senco",
    "it",
    "hr",
    "exams",
    "governors",
    "clerk",
    "postmaster",
    "sales",
    "accounts",
    "dpo",
    "schooloffice",
];

/// Whether an address belongs to a role, not to a person.
pub fn is_role(address: &str) -> bool {
    let local = address.split('@').next().unwrap_or_default();
    ROLES.contains(&local.to_lowercase().as_str())
}

pub(super) fn find(text: &Zone<'_>, out: &mut Vec<Sighting>) {
    let Some(shape) = SHAPE.as_ref() else { return };
    for found in text.matches_of(shape) {
        if found.as_str().len() > 254 {
            continue;
        }
        let value = found
            .as_str()
            .trim_start_matches(['\'', '.', '-'])
            .to_lowercase();
        let confidence = if is_role(&value) { 0.2 } else { 0.6 };
        out.push(Sighting {
            kind: Kind::Email,
            value,
            start: found.start(),
            end: found.end(),
            confidence,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::values;
    use super::*;

    #[test]
    fn addresses_are_found_in_lower_case() {
        assert_eq!(
            values("Write to Sam.Walker@Mail.example, please", Kind::Email),
            ["sam.walker@mail.example"]
        );
        assert_eq!(
            values("<24smithj@school.example>", Kind::Email),
            ["24smithj@school.example"]
        );
    }

    #[test]
    fn roles_and_handles_are_nobodys() {
        assert!(values("office@school.example or @year4 or a@b", Kind::Email).is_empty());
    }
}
