//! Addresses behind which no person reads but a service takes in or publishes: AI
//! services, social networks, forums, blogs, file drops (`lists/destinations.toml`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::address::is_at_or_below;

/// What kind of service an address belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Destination {
    /// It answers with an AI, and may learn from what it gets.
    Ai,
    Social,
    /// A forum or a mailing list.
    Forum,
    /// A blog or page that publishes what is mailed to it.
    Publish,
    /// A store for files.
    FileDrop,
}

impl Destination {
    /// What a rule's sentence calls it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Ai => "an AI service",
            Self::Social => "a social network",
            Self::Forum => "a forum or mailing list",
            Self::Publish => "a page that publishes what it is sent",
            Self::FileDrop => "a file store",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    domains: BTreeSet<String>,
    labels: BTreeSet<String>,
}

static LISTS: LazyLock<BTreeMap<Destination, Listed>> = LazyLock::new(|| {
    toml::from_str(include_str!("../lists/destinations.toml")).unwrap_or_default()
});

/// The service that a domain belongs to. Lower case in.
pub fn of_domain(domain: &str) -> Option<Destination> {
    let exact = LISTS
        .iter()
        .find(|(_, listed)| is_at_or_below(domain, &listed.domains));
    exact
        .or_else(|| {
            LISTS.iter().find(|(_, listed)| {
                domain
                    .split(['.', '-'])
                    .any(|label| listed.labels.contains(label))
            })
        })
        .map(|(destination, _)| *destination)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_read() {
        assert_eq!(LISTS.len(), 5);
        for listed in LISTS.values() {
            assert!(listed.domains.iter().all(|d| d.to_lowercase() == **d));
        }
    }

    #[test]
    fn services_are_told_by_domain_and_by_label() {
        for (domain, destination) in [
            ("chatgpt.com", Destination::Ai),
            ("inbox.openai.com", Destination::Ai),
            ("report-writer-ai.example", Destination::Ai),
            ("teachers.ai", Destination::Ai),
            ("post.wordpress.com", Destination::Publish),
            ("groups.places.example", Destination::Forum),
            ("blog.oak.example", Destination::Publish),
            ("u.box.com", Destination::FileDrop),
        ] {
            assert_eq!(of_domain(domain), Some(destination), "{domain}");
        }
    }

    #[test]
    fn others_are_none() {
        for domain in [
            "socialcare.oakshire.gov.uk",
            "aid.example",
            "mailbox.example",
            "gmail.com",
            "oak.sch.uk",
            "notopenai.com",
            "",
        ] {
            assert_eq!(of_domain(domain), None, "{domain}");
        }
    }
}
