//! Who may relay, and for which school: pure, decided twice. At MAIL by the connection
//! and the reverse-path; after the content by the secret header as well.

use std::net::IpAddr;

use super::error::Refusal;
use super::header::HeaderFacts;
use crate::config::settings::ForeignReversePath;
use crate::config::{AuthUser, Client, School, Settings};
use crate::spool::KeepReason;

/// What is known of who connected.
#[derive(Debug, Clone)]
pub(super) struct Peer {
    pub address: IpAddr,
    /// Names in its verified TLS certificate, lower case.
    pub certificate_names: Vec<String>,
    /// The login it proved to know, with the hash that it was checked against: two
    /// clients may have a user of the same name.
    pub login: Option<AuthUser>,
}

/// Why MAIL is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MailRefusal {
    /// No configured client is this peer.
    NotPermitted,
    /// It is a client, but not for this reverse-path.
    ForeignReversePath,
}

/// Which school a message is of, as far as the session can tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Settled {
    pub school: Option<String>,
    pub keep: Option<KeepReason>,
}

/// Whether a peer is a client: all that is given for it must hold.
fn is_client(client: &Client, peer: &Peer) -> bool {
    let told_apart = !client.networks.is_empty()
        || !client.certificate_names.is_empty()
        || !client.logins.is_empty();
    let by_network =
        client.networks.is_empty() || client.networks.iter().any(|n| n.contains(peer.address));
    let by_certificate = client.certificate_names.is_empty()
        || client
            .certificate_names
            .iter()
            .any(|name| peer.certificate_names.contains(name));
    let by_login = client.logins.is_empty()
        || peer.login.as_ref().is_some_and(|login| {
            client
                .logins
                .iter()
                .any(|l| l.user == login.user && l.password_hash == login.password_hash)
        });
    told_apart && by_network && by_certificate && by_login
}

/// Whether no client can ever be at this address, whatever it may yet show.
pub(super) fn is_stranger(settings: &Settings, address: IpAddr) -> bool {
    settings
        .clients
        .iter()
        .all(|c| !c.networks.is_empty() && !c.networks.iter().any(|n| n.contains(address)))
}

/// The schools for which a client may speak.
pub(super) fn schools_of<'a>(settings: &'a Settings, client: &Client) -> Vec<&'a School> {
    settings
        .schools
        .iter()
        .filter(|school| client.schools.contains(&school.id))
        .collect()
}

fn owns(school: &School, domain: &str) -> bool {
    let domain = domain.to_lowercase();
    school.domains.iter().any(|d| d.to_lowercase() == domain)
}

/// The client for which a message with this reverse-path (its domain; `None` when empty)
/// is begun, as an index into the settings. Where several are this peer, one whose own
/// domain it is comes first, then one that is not shared, then the first in the file.
pub(super) fn admit(
    settings: &Settings,
    peer: &Peer,
    domain: Option<&str>,
) -> Result<usize, MailRefusal> {
    let mut refusal = MailRefusal::NotPermitted;
    let mut best: Option<(bool, bool, usize)> = None;
    for (index, client) in settings.clients.iter().enumerate() {
        if !is_client(client, peer) {
            continue;
        }
        let schools = schools_of(settings, client);
        let foreign = domain.is_some_and(|d| !schools.iter().any(|s| owns(s, d)));
        if foreign && !may_hold(&schools) {
            refusal = MailRefusal::ForeignReversePath;
            continue;
        }
        let rank = (foreign, client.shared, index);
        if best.is_none_or(|b| rank < b) {
            best = Some(rank);
        }
    }
    best.map(|(_, _, index)| index).ok_or(refusal)
}

/// Whether a foreign reverse-path can yet come to be held: a school holds such mail, and
/// is either the only one or can be named by its secret header.
fn may_hold(schools: &[&School]) -> bool {
    let only = schools.len() == 1;
    schools.iter().any(|s| {
        s.foreign_reverse_path == ForeignReversePath::Hold && (only || s.secret_header.is_some())
    })
}

/// Settles, once the header is read, which school it is.
pub(super) fn settle(
    settings: &Settings,
    client: &Client,
    domain: Option<&str>,
    facts: &HeaderFacts,
) -> Result<Settled, Refusal> {
    let speaks_for = schools_of(settings, client);
    let mut pool = speaks_for.clone();
    let proven: Vec<&School> = pool
        .iter()
        .copied()
        .filter(|s| facts.named.contains(&s.id))
        .collect();
    if client.shared && proven.is_empty() {
        return Err(Refusal::NoSecretHeader);
    }
    if !proven.is_empty() {
        pool = proven;
    }
    let settled = |school: &School, keep| Settled {
        school: Some(school.id.clone()),
        keep,
    };
    let undecided = Settled {
        school: None,
        keep: None,
    };
    let Some(domain) = domain else {
        // An empty reverse-path: the only school, or From tells (design, Words, "controller").
        let by_from: Vec<&School> = pool
            .iter()
            .copied()
            .filter(|s| facts.from_domains.iter().any(|d| owns(s, d)))
            .collect();
        return Ok(match (pool.as_slice(), by_from.as_slice()) {
            ([school], _) | (_, [school]) => settled(school, None),
            _ => undecided,
        });
    };
    let own: Vec<&School> = pool.iter().copied().filter(|s| owns(s, domain)).collect();
    match (own.as_slice(), pool.as_slice()) {
        ([school], _) => Ok(settled(school, None)),
        ([_, _, ..], _) => Ok(undecided),
        // Schools of one controller may share a domain, which the file lists under one of
        // them: the secret header tells which it is. Another controller's domain is foreign.
        ([], [school])
            if speaks_for
                .iter()
                .any(|s| s.controller == school.controller && owns(s, domain)) =>
        {
            Ok(settled(school, None))
        }
        ([], [school]) if school.foreign_reverse_path == ForeignReversePath::Hold => {
            Ok(settled(school, Some(KeepReason::ForeignReversePath)))
        }
        ([], _) => Err(Refusal::ForeignReversePath),
    }
}
