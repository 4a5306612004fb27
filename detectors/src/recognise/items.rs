//! The numbers, addresses and secrets of a passage: what they say of somebody, and which of
//! them are worth a finding.

use super::look::{Item, Page};
use crate::credentials;
use crate::finding::Kind;
use crate::identifiers::{Sighting, phone, postcode};
use crate::roster::PupilId;
use crate::roster::home;
use crate::roster::index::RosterIndex;
use crate::roster::key::{Tag, literal, single};
use crate::settings::Settings;
use crate::words;

/// Where colleagues live.
pub(super) fn staff_homes(
    page: &mut Page,
    text: &str,
    tokens: &[words::Token],
    place: &str,
    roster: &RosterIndex,
) {
    for house in home::houses(tokens) {
        if roster.knows(house.key) {
            let address = text.get(house.start..house.end).unwrap_or_default();
            page.items
                .push(staff_item(Kind::StaffDetails, address, place, 0.9));
        }
    }
}

/// A private detail or matter of a colleague.
pub(super) fn staff_item(kind: Kind, value: &str, place: &str, confidence: f32) -> Item {
    Item {
        kind,
        value: value.to_owned(),
        place: place.to_owned(),
        confidence,
        pupils: Vec::new(),
        excerpt: crate::finding::Masked::words(value),
    }
}

/// What a password in a text becomes.
pub(super) fn secret_item(secret: credentials::Secret, place: &str) -> Item {
    let length = secret.value.chars().count().min(12);
    Item {
        kind: if secret.of_file {
            Kind::PasswordBeside
        } else {
            Kind::Credential
        },
        value: secret.value,
        place: place.to_owned(),
        confidence: 0.8,
        pupils: Vec::new(),
        excerpt: crate::finding::Masked::plain(&"*".repeat(length)),
    }
}

pub(super) fn contact_of(address: &str, roster: &RosterIndex) -> Vec<PupilId> {
    let mut known = roster.by_contact(address);
    known.extend(roster.by_mailbox(address));
    known.sort_unstable();
    known.dedup();
    known
}

pub(super) fn is_own_phone(national: &str, settings: &Settings) -> bool {
    settings
        .own
        .phones
        .iter()
        .any(|own| own == national || phone::national(own).as_deref() == Some(national))
}

pub(super) fn is_own_postcode(value: &str, settings: &Settings) -> bool {
    settings
        .own
        .postcodes
        .iter()
        .any(|own| postcode::parse(own).as_deref() == Some(value))
}

/// Keeps the identifiers that are worth a finding.
pub(super) fn note_sightings(
    page: &mut Page,
    sightings: Vec<Sighting>,
    skip: &[bool],
    place: &str,
    roster: &RosterIndex,
    settings: &Settings,
) {
    for (at, sighting) in sightings.into_iter().enumerate() {
        let mut kinds = Vec::new();
        match sighting.kind {
            Kind::Upn => {
                let known = roster.by_upn(&sighting.value);
                if !known.is_empty() {
                    kinds.push((Kind::RosterUpn, 0.98, known.clone()));
                }
                if sighting.confidence >= 0.5 || !known.is_empty() {
                    kinds.push((
                        Kind::Upn,
                        sighting
                            .confidence
                            .max(if known.is_empty() { 0.0 } else { 0.98 }),
                        known,
                    ));
                }
            }
            Kind::AdmissionNumber => {
                let known = roster.by_admission_number(&sighting.value);
                if known.len() == 1 {
                    kinds.push((Kind::AdmissionNumber, 0.9, known));
                }
            }
            Kind::Phone => {
                if roster.knows(single(Tag::StaffPrivate, literal(&sighting.value))) {
                    kinds.push((Kind::StaffDetails, 0.95, Vec::new()));
                }
                if sighting.confidence >= 0.5 && !is_own_phone(&sighting.value, settings) {
                    kinds.push((Kind::Phone, sighting.confidence, Vec::new()));
                }
            }
            Kind::Postcode => {
                let foreign = !is_own_postcode(&sighting.value, settings);
                if foreign && sighting.confidence >= 0.5 {
                    kinds.push((Kind::Postcode, sighting.confidence, Vec::new()));
                }
            }
            Kind::Email => {
                let known = contact_of(&sighting.value, roster);
                if !known.is_empty() {
                    kinds.push((Kind::RosterContact, 0.9, known));
                }
                if roster.knows(single(Tag::StaffPrivate, literal(&sighting.value))) {
                    kinds.push((Kind::StaffDetails, 0.95, Vec::new()));
                }
                let own = crate::addresses::domain(&sighting.value).is_some_and(|domain| {
                    settings
                        .own
                        .domains
                        .iter()
                        .any(|own| own.eq_ignore_ascii_case(&domain))
                });
                if sighting.confidence >= 0.5 && !own {
                    kinds.push((Kind::Email, sighting.confidence, Vec::new()));
                }
            }
            _ if sighting.confidence >= 0.5 && skip.get(at) != Some(&true) => {
                kinds.push((sighting.kind, sighting.confidence, Vec::new()));
            }
            _ => {}
        }
        for (kind, confidence, pupils) in kinds {
            page.items.push(Item {
                kind,
                value: sighting.value.clone(),
                place: place.to_owned(),
                confidence,
                pupils,
                excerpt: sighting.masked(),
            });
        }
    }
}
