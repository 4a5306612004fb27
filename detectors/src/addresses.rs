//! What a mail address says by its domain.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::finding::{Confidence, Finding, Kind, Masked};
use crate::inspection::{Headers, Mailbox, PartPath};
use crate::roster::index::RosterIndex;
use crate::roster::key::{Word, joined, words};

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Webmail {
    domains: BTreeSet<String>,
}

static WEBMAIL: LazyLock<Webmail> =
    LazyLock::new(|| toml::from_str(include_str!("../lexicon/webmail.toml")).unwrap_or_default());

/// The domain of an address, lower case, without a final dot.
pub fn domain(address: &str) -> Option<String> {
    let (_, domain) = address.rsplit_once('@')?;
    let domain = domain.trim_end_matches(['.', '>', ' ']).to_lowercase();
    (!domain.is_empty()).then_some(domain)
}

/// Whether a domain offers personal mailboxes to people at home.
pub fn is_webmail(domain: &str) -> bool {
    WEBMAIL
        .domains
        .contains(&domain.trim_end_matches('.').to_lowercase())
}

/// A finding for each header field in which a personal mailbox writes or is answered to.
pub(crate) fn personal_senders(headers: &Headers) -> Vec<Finding> {
    let fields: [(&str, &[Mailbox]); 3] = [
        ("From", &headers.from),
        ("Sender", &headers.sender),
        ("Reply-To", &headers.reply_to),
    ];
    fields
        .into_iter()
        .filter_map(|(place, mailboxes)| {
            let personal: BTreeSet<&str> = mailboxes
                .iter()
                .filter(|mailbox| {
                    domain(&mailbox.address).is_some_and(|domain| is_webmail(&domain))
                })
                .map(|mailbox| mailbox.address.as_str())
                .collect();
            let first = personal.iter().next()?;
            Some(Finding {
                category: None,
                kind: Kind::PersonalSender,
                part: PartPath::header(),
                place: place.into(),
                confidence: Confidence::new(0.95),
                count: personal.len() as u32,
                subjects: Vec::new(),
                // The provider is nobody's secret, the mailbox is.
                excerpt: Masked::plain(&format!("…@{}", domain(first).unwrap_or_default())),
            })
        })
        .collect()
}

/// The names of those who write to each other, as one word each: of whoever has them in
/// the address too, so that a display name alone hides no pupil. Pupils' own mailboxes are
/// left out.
pub(crate) fn correspondents(headers: &Headers, roster: &RosterIndex) -> BTreeSet<Word> {
    let fields = [&headers.from, &headers.sender, &headers.to, &headers.cc];
    let mut names = BTreeSet::new();
    for mailbox in fields.into_iter().flatten() {
        let Some((local, _)) = mailbox.address.rsplit_once('@') else {
            continue;
        };
        if !roster.by_mailbox(&mailbox.address).is_empty() {
            continue;
        }
        let local = words(&local.replace(['.', '_'], " "));
        if local.len() > 1 {
            names.insert(joined(&local));
        }
        let shown = words(&mailbox.name);
        let fits = shown
            .last()
            .is_some_and(|last| last.len() > 2 && local.iter().any(|word| word.ends_with(last)));
        if shown.len() > 1 && fits {
            names.insert(joined(&shown));
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_counts_only_with_its_address() {
        let of = |name: &str, address: &str| {
            let headers = Headers {
                to: vec![Mailbox {
                    name: name.into(),
                    address: address.into(),
                }],
                ..Headers::default()
            };
            correspondents(&headers, &RosterIndex::empty()).len()
        };
        assert_eq!(of("", "ella.marsh@firm.example"), 1);
        assert_eq!(of("Ella Marsh", "emarsh@firm.example"), 1);
        assert_eq!(of("Ella Marsh", "someone@firm.example"), 0);
    }

    fn mailbox(address: &str) -> Vec<Mailbox> {
        vec![Mailbox {
            name: String::new(),
            address: address.into(),
        }]
    }

    #[test]
    fn the_list_is_read() {
        assert!(is_webmail("Hotmail.co.uk") && is_webmail("gmail.com."));
        for domain in [
            "school.sch.uk",
            "nhs.net",
            "council.gov.uk",
            "school.example",
            "notgmail.com",
        ] {
            assert!(!is_webmail(domain), "{domain}");
        }
    }

    #[test]
    fn personal_senders_and_reply_addresses_are_found() {
        let headers = Headers {
            from: mailbox("g.young@school.example"),
            reply_to: mailbox("gyoung@gmail.com"),
            ..Headers::default()
        };
        let findings = personal_senders(&headers);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].place, "Reply-To");
        assert!(!findings[0].excerpt.as_str().contains("gyoung"));
    }

    #[test]
    fn a_school_address_is_none() {
        let headers = Headers {
            from: mailbox("g.young@school.example"),
            to: mailbox("sam@gmail.com"),
            ..Headers::default()
        };
        assert!(personal_senders(&headers).is_empty());
    }
}
