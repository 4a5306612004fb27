//! What may stand in a register, as it is entered.

use std::collections::BTreeSet;

use jiff::civil::Date;
use schoolgate_detectors::Category;
use serde::{Deserialize, Serialize};

use super::{Allowance, ExceptionKind};
use crate::address::{fold, split};
use crate::webmail;

/// Stands for every member of the school as a sender.
pub const ANYBODY: &str = "*";

/// The longest permission, in days: each is looked at again once a year.
pub const LONGEST_PERMISSION: i64 = 366;

/// A recipient by address, or all of a domain.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Whom(String);

/// Why something cannot be registered. The texts repeat nobody's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    #[error("this is no e-mail address; write it like name@house.example")]
    NoAddress,
    #[error("this is neither an address nor a domain; write name@house.example or @house.example")]
    NoRecipient,
    #[error(
        "at this domain anybody can have a mailbox; give the whole address of the one who is meant"
    )]
    WebmailDomain,
    #[error("a domain under which others register theirs is too wide; give the body's own domain")]
    PublicDomain,
    #[error("it ends before it begins; check the two dates")]
    EndsBefore,
    #[error("a permission needs its last day (expires), a year from its first at most")]
    NoEnd,
    #[error("a permission lasts a year at most; renew it then")]
    TooLong,
    #[error("a permission needs what it is for: one or more categories, or photo")]
    Nothing,
    #[error("a reason is needed, so that whoever reads this later understands it")]
    NoReason,
    #[error(
        "a trusted recipient is an agency of some kind (police, social-care, health, \
         local-authority, …) or a sister-school; staff, governors and families belong on the roster"
    )]
    NotOutside,
    #[error("the address at which somebody is a parent is not their school address")]
    SameAddress,
}

impl Whom {
    /// Reads an address, or a domain with or without its `@`.
    ///
    /// # Errors
    /// It is neither, or a domain that is nobody's own.
    pub fn parse(text: &str) -> Result<Self, EntryError> {
        let folded = fold(text);
        let (local, domain) = match folded.rsplit_once('@') {
            Some((local, domain)) => (local, domain),
            None => ("", folded.as_str()),
        };
        if !is_domain(domain) || local.chars().any(char::is_whitespace) {
            return Err(EntryError::NoRecipient);
        }
        if !local.is_empty() {
            return Ok(Self(folded));
        }
        if webmail::is_webmail(domain) {
            return Err(EntryError::WebmailDomain);
        }
        // Two labels of which the first is a registry's are open to all.
        if let Some(("co" | "org" | "me" | "ac" | "gov" | "sch" | "nhs" | "ltd" | "plc", "uk")) =
            domain.split_once('.')
        {
            return Err(EntryError::PublicDomain);
        }
        Ok(Self(format!("@{domain}")))
    }

    /// `name@house.example`, or `@house.example` for all of a domain.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is all of a domain.
    pub fn is_domain(&self) -> bool {
        self.0.starts_with('@')
    }
}

impl From<Whom> for String {
    fn from(whom: Whom) -> Self {
        whom.0
    }
}

impl TryFrom<String> for Whom {
    type Error = EntryError;

    fn try_from(text: String) -> Result<Self, EntryError> {
        Self::parse(&text)
    }
}

fn is_domain(domain: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || c == '-';
    domain.contains('.')
        && domain.len() <= 253
        && domain
            .split('.')
            .all(|label| !label.is_empty() && label.chars().all(fits))
}

/// The headteacher's permission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permission {
    /// A school address, folded, or `*` for everybody at the school but pupils.
    pub sender: String,
    pub recipient: Whom,
    pub categories: BTreeSet<Category>,
    pub photos: bool,
    pub allows: BTreeSet<Allowance>,
    /// UPNs; empty: whoever the message is about.
    pub pupils: Vec<String>,
}

/// What an entry says. Pupils are named by UPN, staff by their school address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    Permission(Permission),
    TrustedRecipient {
        recipient: Whom,
        /// The kind of agency, as the roster names kinds.
        agency: String,
    },
    DualRole {
        staff: String,
        /// Where they are a parent.
        personal: String,
        /// Their children; empty: as the roster has them.
        pupils: Vec<String>,
    },
    FamilyException {
        staff: String,
        pupil: String,
        /// An address of the pupil or the family that the roster does not have.
        address: Option<String>,
    },
    ImageConsent {
        pupil: String,
        given: bool,
    },
    ImageOptOut {
        staff: String,
    },
}

impl What {
    /// What kind it is.
    pub fn kind(&self) -> ExceptionKind {
        match self {
            Self::Permission(_) => ExceptionKind::Permission,
            Self::TrustedRecipient { .. } => ExceptionKind::TrustedRecipient,
            Self::DualRole { .. } => ExceptionKind::DualRole,
            Self::FamilyException { .. } => ExceptionKind::FamilyException,
            Self::ImageConsent { .. } => ExceptionKind::ImageConsent,
            Self::ImageOptOut { .. } => ExceptionKind::ImageOptOut,
        }
    }

    /// Every address, domain and UPN in it, for look-ups.
    pub fn about(&self) -> Vec<&str> {
        match self {
            Self::Permission(p) => std::iter::once(p.sender.as_str())
                .filter(|sender| *sender != ANYBODY)
                .chain([p.recipient.as_str()])
                .chain(p.pupils.iter().map(String::as_str))
                .collect(),
            Self::TrustedRecipient { recipient, .. } => vec![recipient.as_str()],
            Self::DualRole {
                staff,
                personal,
                pupils,
            } => [staff, personal]
                .into_iter()
                .chain(pupils)
                .map(String::as_str)
                .collect(),
            Self::FamilyException {
                staff,
                pupil,
                address,
            } => [staff, pupil]
                .into_iter()
                .chain(address)
                .map(String::as_str)
                .collect(),
            Self::ImageConsent { pupil, .. } => vec![pupil],
            Self::ImageOptOut { staff } => vec![staff],
        }
    }
}

/// An entry of the register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub id: String,
    /// The first day on which it counts.
    pub from: Date,
    /// The last day; `None`: until somebody ends it.
    pub until: Option<Date>,
    /// The day on which somebody ended it; on that day it counts no longer.
    pub ended: Option<Date>,
    pub what: What,
}

/// Whether an entry counts on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Not yet.
    Ahead,
    InForce,
    /// It counted until this day.
    Lapsed(Date),
}

impl Entry {
    /// Whether it counts on this day.
    pub fn standing(&self, today: Date) -> Standing {
        match (self.ended, self.until) {
            (Some(ended), _) => Standing::Lapsed(self.until.map_or(ended, |end| end.min(ended))),
            (None, Some(until)) if until < today => Standing::Lapsed(until),
            _ if self.from > today => Standing::Ahead,
            _ => Standing::InForce,
        }
    }

    /// Whether it may stand in a register.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self) -> Result<(), EntryError> {
        if self.until.is_some_and(|until| until < self.from) {
            return Err(EntryError::EndsBefore);
        }
        let address = |text: &str| {
            let (local, domain) = split(text);
            let whole = !local.is_empty() && !local.contains(char::is_whitespace);
            match whole && is_domain(domain) {
                true => Ok(()),
                false => Err(EntryError::NoAddress),
            }
        };
        match &self.what {
            What::Permission(permission) => {
                if permission.sender != ANYBODY {
                    address(&permission.sender)?;
                }
                if permission.categories.is_empty() && !permission.photos {
                    return Err(EntryError::Nothing);
                }
                let until = self.until.ok_or(EntryError::NoEnd)?;
                if days(self.from, until) > LONGEST_PERMISSION {
                    return Err(EntryError::TooLong);
                }
            }
            What::TrustedRecipient { agency, .. } => {
                let kind = agency.to_lowercase().replace([' ', '_'], "-");
                let inside = ["staff", "governor", "pupil", "parent", "contact", "family"];
                if kind.is_empty() || inside.contains(&kind.trim_end_matches('s')) {
                    return Err(EntryError::NotOutside);
                }
            }
            What::DualRole {
                staff, personal, ..
            } => {
                address(staff)?;
                address(personal)?;
                if fold(staff) == fold(personal) {
                    return Err(EntryError::SameAddress);
                }
            }
            What::FamilyException {
                staff, address: at, ..
            } => {
                address(staff)?;
                at.as_deref().map_or(Ok(()), address)?;
            }
            What::ImageOptOut { staff } => address(staff)?,
            What::ImageConsent { .. } => {}
        }
        Ok(())
    }
}

fn days(from: Date, until: Date) -> i64 {
    from.until(until)
        .map_or(i64::MAX, |span| i64::from(span.get_days()))
}
