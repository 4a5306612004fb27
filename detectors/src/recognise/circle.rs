//! What the header's addresses say of a message's matter: whose parents are written to,
//! who is called what, and what the readers are for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use super::tally::Tally;
use crate::category::{Category, Sensitivity};
use crate::inspection::Headers;
use crate::normalise::squash;
use crate::roster::PupilId;
use crate::roster::index::RosterIndex;
use crate::roster::key::{Word, words};

/// Children whom an address may speak of when nobody is named.
const CHILDREN: usize = 4;
/// What an address weighs: less than most phrases.
const WEIGHT: i32 = 5;

/// The words of addresses that say what their owners are for; the file is part of the
/// program, and a test reads it.
static PURPOSES: LazyLock<BTreeMap<Category, Vec<String>>> = LazyLock::new(|| {
    toml::from_str(include_str!("../../lexicon/recipients.toml")).unwrap_or_default()
});

/// Those who write and are written to.
#[derive(Debug, Default)]
pub(crate) struct Circle {
    /// Their first names.
    pub forenames: BTreeSet<Word>,
    /// The children of one family, when no other family is written to.
    pub children: Vec<PupilId>,
    /// What is written to such readers about a child.
    pub purpose: Tally,
}

impl Circle {
    /// By the header of the message.
    pub fn of(headers: &Headers, roster: &RosterIndex) -> Circle {
        let readers = || headers.to.iter().chain(&headers.cc);
        let forenames = [&headers.from, &headers.sender, &headers.to, &headers.cc]
            .into_iter()
            .flatten()
            .filter_map(|mailbox| words(&mailbox.name).first().map(|first| Word::of(first)))
            .collect();
        let mut families: Vec<Vec<PupilId>> = readers()
            .map(|mailbox| roster.by_contact(&mailbox.address))
            .filter(|children| !children.is_empty())
            .collect();
        families.dedup();
        let children = match families.as_slice() {
            [only] if only.len() <= CHILDREN => only.clone(),
            _ => Vec::new(),
        };
        let mut purpose = Tally::default();
        // A parent may work at a hospital.
        for mailbox in readers().filter(|m| roster.by_contact(&m.address).is_empty()) {
            for category in purposes(&mailbox.address) {
                purpose.note(category, WEIGHT, Sensitivity::Sensitive, u32::MAX - 2);
            }
        }
        Circle {
            forenames,
            children,
            purpose,
        }
    }
}

/// What an address says that its owner is for.
fn purposes(address: &str) -> impl Iterator<Item = Category> {
    let address = address.to_lowercase();
    let mut parts: Vec<String> = Vec::new();
    for label in address.split(['@', '.']) {
        parts.push(squash(label));
        parts.extend(label.split(['-', '_']).map(squash));
    }
    PURPOSES.iter().filter_map(move |(&category, wanted)| {
        let fits = |part: &String| {
            wanted.iter().any(|word| match word.strip_suffix('*') {
                Some(stem) => part.starts_with(stem),
                None => part == word,
            })
        };
        parts.iter().any(fits).then_some(category)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_its_owner_is_for() {
        let of = |address: &str| purposes(address).collect::<Vec<_>>();
        assert_eq!(
            of("duty@social-care.county.example"),
            [Category::Safeguarding]
        );
        assert_eq!(
            of("salt@camhs.trust.example"),
            [Category::Send, Category::Health]
        );
        assert_eq!(of("kate@county-police.example"), [Category::Safeguarding]);
        assert!(of("sales@sensible-shoes.example").is_empty());
        assert!(of("ann@mail.example").is_empty());
        assert!(PURPOSES.len() > 5);
    }
}
