//! To whom people write in confidence: the local authority's designated officer, unions,
//! regulators, counsellors (`lists/protected.toml`, and the agencies of the school's list).
//!
//! Told by the recipient's address alone. What a sender writes into a message tells nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::address::{is_at_or_below, split};

/// What kind of confidant an address belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Counterpart {
    /// The designated officer of the local authority, who looks into allegations against
    /// people who work with children (KCSIE part four).
    Lado,
    /// Inspectors, regulators and ombudsmen.
    Regulator,
    /// Lines for whistle-blowers (Employment Rights Act 1996, part IVA).
    Whistleblowing,
    Union,
    /// Members of a parliament.
    Parliament,
    Counselling,
    OccupationalHealth,
    /// A member of staff's own solicitor.
    Solicitor,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    agencies: BTreeSet<String>,
    domains: BTreeSet<String>,
}

static LISTS: LazyLock<BTreeMap<Counterpart, Listed>> =
    LazyLock::new(|| toml::from_str(include_str!("../lists/protected.toml")).unwrap_or_default());

/// The confidant that an address belongs to. `address` as [`crate::address::fold`] makes it;
/// `agency` is its kind on the school's list of agencies.
pub fn of(address: &str, agency: Option<&str>) -> Option<Counterpart> {
    let kind = agency.map(|kind| kind.replace([' ', '_'], "-"));
    let by_kind = |listed: &Listed| kind.as_ref().is_some_and(|k| listed.agencies.contains(k));
    let (local, domain) = split(address);
    LISTS
        .iter()
        .find(|(_, listed)| by_kind(listed) || is_at_or_below(domain, &listed.domains))
        .map(|(counterpart, _)| *counterpart)
        // Councils share one domain; the officer's mailbox is named for the office.
        .or_else(|| {
            let council = domain.ends_with(".gov.uk") || agency.is_some();
            let named = local.split(['.', '-', '_', '+']).any(|word| word == "lado");
            (council && named).then_some(Counterpart::Lado)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_read() {
        assert_eq!(LISTS.len(), 8);
        for listed in LISTS.values() {
            assert!(listed.domains.iter().all(|d| d.to_lowercase() == **d));
        }
    }

    #[test]
    fn confidants_are_told_by_domain_kind_and_mailbox() {
        for (address, agency, expected) in [
            ("rep@neu.org.uk", None, Some(Counterpart::Union)),
            ("x@london.unison.org.uk", None, Some(Counterpart::Union)),
            (
                "branch@teachers.example",
                Some("trade union"),
                Some(Counterpart::Union),
            ),
            (
                "enquiries@ofsted.gov.uk",
                None,
                Some(Counterpart::Regulator),
            ),
            ("help@nspcc.org.uk", None, Some(Counterpart::Whistleblowing)),
            (
                "a.member.mp@parliament.uk",
                None,
                Some(Counterpart::Parliament),
            ),
            ("lado.duty@oakshire.gov.uk", None, Some(Counterpart::Lado)),
            (
                "lado@council.example",
                Some("local-authority"),
                Some(Counterpart::Lado),
            ),
            (
                "x@clinic.example",
                Some("occupational_health"),
                Some(Counterpart::OccupationalHealth),
            ),
            ("lado@evil.example", None, None),
            ("rep@neu.org.uk.example", None, None),
            ("rep@notneu.org.uk", None, None),
            ("duty@oakshire.gov.uk", Some("social-care"), None),
            ("", None, None),
        ] {
            assert_eq!(of(address, agency), expected, "{address}");
        }
    }
}
