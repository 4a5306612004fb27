//! Referrals that never wait: a safeguarding lead writes to a verified agency.
//!
//! A gateway that delays a referral does more harm than the leak it prevents. So such a
//! message waits for no rule, no picture and no TLS. It is inspected, marked, recorded and
//! looked at afterwards. Nothing that goes to others by the same message is spared.

use schoolgate_detectors::{Encryption, Inspection, UnreadReason};
use serde::{Deserialize, Serialize};

use crate::acts::AddedMarking;
use crate::address::{fold, split};
use crate::directory::Directory;
use crate::facts::{Envelope, Recipient, Relation};
use crate::office::Office;
use crate::route::{Decider, speaks_of_safeguarding};
use crate::webmail;

/// A referral on its way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FastLane {
    /// The verified agencies' forward-paths, as received.
    pub recipients: Vec<String>,
    pub sign: ReferralSign,
    /// The marking to put before the subject; none when the message bears one that covers the
    /// matter, or when the installation only observes.
    pub marking: Option<AddedMarking>,
    /// Who looks at it afterwards.
    pub reviewers: Vec<Decider>,
}

/// By what a referral is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReferralSign {
    /// It says so itself.
    #[default]
    Matter,
    /// Its subject says so.
    Subject,
    /// A part of it cannot be read at once, and a child does not wait for that.
    Unreadable,
}

impl FastLane {
    /// Whether the message does not wait for this forward-path.
    pub fn carries(&self, path: &str) -> bool {
        self.recipients.iter().any(|r| r == path)
    }
}

/// Kinds of agency that take referrals, as the school's list names them.
const KINDS: &[&str] = &[
    "cafcass",
    "camhs",
    "channel",
    "childrens-services",
    "childrens-social-care",
    "early-help",
    "health",
    "lado",
    "local-authority",
    "mash",
    "nhs",
    "police",
    "prevent",
    "safeguarding",
    "safeguarding-partnership",
    "social-care",
    "social-services",
    "youth-justice",
];

/// Whether a recipient is at an agency that the school's list has with exactly this domain.
pub(crate) fn is_verified(recipient: &Recipient, directory: &Directory) -> bool {
    let address = fold(&recipient.address);
    let kind = directory
        .agency_exactly(&address)
        .map(|kind| kind.replace('\'', "").replace([' ', '_'], "-"));
    recipient.relation == Relation::Agency
        && !webmail::is_webmail(split(&address).1)
        && kind.is_some_and(|kind| KINDS.contains(&kind.as_str()))
}

/// Whether the sender may use the fast lane: a safeguarding lead or a deputy by the staff
/// list, and the one whom the header shows is the one whom the mail server let in.
fn may_refer(envelope: &Envelope, inspection: &Inspection, directory: &Directory) -> bool {
    let reverse_path = fold(&envelope.reverse_path);
    let headers = &inspection.headers;
    let [from] = headers.from.as_slice() else {
        return false;
    };
    let same = |address: &str| fold(address) == reverse_path;
    let offices = directory.offices_of(&reverse_path);
    directory.in_school(&reverse_path)
        && (offices.contains(&Office::Dsl) || offices.contains(&Office::DeputyDsl))
        && same(&from.address)
        && headers.sender.iter().all(|mailbox| same(&mailbox.address))
}

/// The fast lane of a message, if there is one.
pub(crate) fn of(
    envelope: &Envelope,
    inspection: &Inspection,
    directory: &Directory,
    recipients: &[Recipient],
) -> Option<FastLane> {
    if !may_refer(envelope, inspection, directory) {
        return None;
    }
    let sign = sign(inspection)?;
    let verified: Vec<String> = recipients
        .iter()
        .filter(|recipient| is_verified(recipient, directory))
        .map(|recipient| recipient.address.clone())
        .collect();
    (!verified.is_empty()).then(|| FastLane {
        recipients: verified,
        sign,
        ..FastLane::default()
    })
}

fn sign(inspection: &Inspection) -> Option<ReferralSign> {
    if speaks_of_safeguarding(inspection) {
        return Some(ReferralSign::Matter);
    }
    let subject = inspection.headers.subject.to_lowercase();
    let mut words = subject.split(|c: char| !c.is_alphanumeric());
    if words.any(|w| matches!(w, "referral" | "safeguarding" | "marf" | "mash"))
        || subject.contains("child protection")
    {
        return Some(ReferralSign::Subject);
    }
    let unread = inspection
        .unread
        .iter()
        .any(|part| part.reason.stops() || part.reason == UnreadReason::PictureNotRead);
    let locked = inspection
        .parts
        .iter()
        .any(|part| part.encryption != Encryption::None);
    (unread || locked || !inspection.wanted_pictures().is_empty())
        .then_some(ReferralSign::Unreadable)
}
