//! Exceptions that a school has registered: permissions, trusted recipients, staff who are
//! parents, family, consent to pictures.
//!
//! [`Registers`] holds what is on file, [`crate::relate_with`] picks what bears on a
//! message as [`Exception`]s among the facts, and [`crate::decide`] says which rules they
//! lifted. One that has lapsed bears too, so that it can be said that it did.

mod applied;
mod entry;
mod granted;
mod register;

use std::collections::BTreeSet;

use jiff::civil::Date;
use schoolgate_detectors::{Category, Finding, Mention, PupilId};
use serde::{Deserialize, Serialize};

use crate::facts::Recipient;

pub use applied::AppliedException;
pub(crate) use applied::Effects;
pub use entry::{Entry, EntryError, Permission, Standing, What, Whom};
pub(crate) use granted::{Granted, Said};
pub use register::Registers;

/// The kinds of exceptions that a school registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExceptionKind {
    /// The headteacher lets a sender write to a recipient about certain matter.
    Permission,
    /// A person or body to whom the school writes as to an agency.
    TrustedRecipient,
    /// A member of staff who is a parent, with the address at which they are one.
    DualRole,
    /// A member of staff and a pupil who are family or close family friends (003-21).
    FamilyException,
    /// Whether a family agrees to pictures of a pupil.
    ImageConsent,
    /// A member of staff who does not want to be in pictures (002-21).
    ImageOptOut,
}

impl ExceptionKind {
    /// Every kind.
    pub const ALL: &'static [ExceptionKind] = &[
        Self::Permission,
        Self::TrustedRecipient,
        Self::DualRole,
        Self::FamilyException,
        Self::ImageConsent,
        Self::ImageOptOut,
    ];

    /// The word in packs, files and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Permission => "permission",
            Self::TrustedRecipient => "trusted-recipient",
            Self::DualRole => "dual-role",
            Self::FamilyException => "family-exception",
            Self::ImageConsent => "image-consent",
            Self::ImageOptOut => "image-opt-out",
        }
    }

    /// The kind with this word.
    pub fn parse(word: &str) -> Option<ExceptionKind> {
        Self::ALL.iter().copied().find(|k| k.as_str() == word)
    }
}

/// What a permission allows besides its matter. Unless it says so, marking and encryption
/// stay due, and what is locked is not let through unseen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Allowance {
    /// Without a marking.
    Unmarked,
    /// Without encryption of attachments.
    Unencrypted,
    /// Locked files, though nobody can look into them.
    Locked,
}

/// The words of [`Allowance`].
pub const ALLOWANCES: &[(Allowance, &str)] = &[
    (Allowance::Unmarked, "unmarked"),
    (Allowance::Unencrypted, "unencrypted"),
    (Allowance::Locked, "locked"),
];

/// What a rule can ask of the permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permitted {
    /// All that the message says about pupils.
    Matter,
    /// The same, by a permission that names the pupils.
    NamedPupils,
    /// Photographs of pupils.
    Photo,
    /// A colleague's employment or health.
    Staff,
    /// Matter that it covers, without a marking.
    Unmarked,
    /// Matter that it covers, in attachments that are not encrypted.
    Unencrypted,
    /// Locked files.
    Locked,
}

/// How a family stands to pictures of its child, from the best on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Consent {
    Given,
    /// Nothing is on file, or it has lapsed.
    Missing,
    Withheld,
}

/// A registered exception that bears on a message. It tells no reason and no name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exception {
    /// Its id in the register.
    pub id: String,
    /// Which of the recipients it is about; `None`: the message as a whole.
    pub recipient: Option<usize>,
    /// The last day on which it counts; `None`: until somebody ends it.
    pub until: Option<Date>,
    /// It counts no longer: it ended with the day `until`.
    pub lapsed: bool,
    pub grant: Grant,
}

/// What an exception grants.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grant {
    Permission {
        categories: BTreeSet<Category>,
        photos: bool,
        allows: BTreeSet<Allowance>,
        /// The pupils whom it is for; `None`: all.
        pupils: Option<BTreeSet<PupilId>>,
    },
    TrustedRecipient {
        /// The recipient as it would be without this or, where this has lapsed, with it.
        otherwise: Box<Recipient>,
    },
    DualRole {
        /// The same.
        otherwise: Box<Recipient>,
    },
    FamilyException,
    ImageConsent {
        pupil: PupilId,
        given: bool,
    },
    ImageOptOut,
}

/// The pupils named at a photograph. Where only first names stand there, everybody whom
/// they fit: an agreement must be there for each.
pub(crate) fn pictured(finding: &Finding, mentions: &[Mention]) -> Vec<PupilId> {
    if !finding.subjects.is_empty() {
        return finding.subjects.clone();
    }
    let candidates = mentions.iter().flat_map(|m| m.candidates.iter().copied());
    candidates.collect()
}

impl Exception {
    /// What kind it is.
    pub fn kind(&self) -> ExceptionKind {
        match self.grant {
            Grant::Permission { .. } => ExceptionKind::Permission,
            Grant::TrustedRecipient { .. } => ExceptionKind::TrustedRecipient,
            Grant::DualRole { .. } => ExceptionKind::DualRole,
            Grant::FamilyException => ExceptionKind::FamilyException,
            Grant::ImageConsent { .. } => ExceptionKind::ImageConsent,
            Grant::ImageOptOut => ExceptionKind::ImageOptOut,
        }
    }

    /// Whether it is about this recipient.
    pub(crate) fn bears_on(&self, recipient: usize) -> bool {
        self.recipient.is_none_or(|own| own == recipient)
    }

    /// The recipient as it is in the other case, for what changes the relation.
    pub(crate) fn otherwise(&self) -> Option<&Recipient> {
        match &self.grant {
            Grant::TrustedRecipient { otherwise } | Grant::DualRole { otherwise } => {
                Some(otherwise)
            }
            _ => None,
        }
    }
}
