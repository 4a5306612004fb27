//! What the school has on file, and what of it bears on a message.

use std::collections::{BTreeSet, HashMap};

use jiff::ToSpan as _;
use jiff::civil::Date;
use schoolgate_detectors::roster::staff_name_keys;
use schoolgate_detectors::{Category, Inspection, Kind, PupilId, Roster};
use serde::{Deserialize, Serialize};

use super::{Allowance, Exception, ExceptionKind, Grant, pictured};
use crate::address::{fold, split};
use crate::directory::Directory;
use crate::facts::{Sender, SenderGroup};
use crate::webmail;

/// Stands for every member of the school as a sender.
pub const ANYBODY: &str = "*";

/// So many days after its end a lapsed exception is still spoken of.
const REMEMBERED: i64 = 366;
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

/// A staff member's address for a child on file, as `relate` needs it.
pub(crate) struct Parent<'a> {
    pub staff: &'a str,
    pub pupils: &'a BTreeSet<PupilId>,
}

/// An entry with its pupils as the roster numbers them.
struct Resolved {
    entry: Entry,
    /// Those of its pupils who are on the roster.
    pupils: BTreeSet<PupilId>,
}

/// The register of a school, ready for look-ups. Built for each roster.
#[derive(Default)]
pub struct Registers {
    entries: Vec<Resolved>,
    /// By recipient: an address, or `@domain`.
    by_recipient: HashMap<String, Vec<usize>>,
    /// By the member of staff.
    by_staff: HashMap<String, Vec<usize>>,
    by_pupil: HashMap<PupilId, Vec<usize>>,
    opted_out: Vec<usize>,
}

impl Registers {
    /// Puts entries in order. A UPN that the roster does not have stands for nobody.
    pub fn new(entries: Vec<Entry>, roster: &Roster) -> Self {
        let ids: HashMap<&str, PupilId> = roster
            .pupils
            .iter()
            .filter_map(|pupil| Some((pupil.upn.as_deref()?, pupil.id)))
            .collect();
        let mut registers = Self::default();
        for entry in entries {
            let at = registers.entries.len();
            let mut put = |whom: &str| {
                let list = registers.by_recipient.entry(fold(whom)).or_default();
                list.push(at);
            };
            let upns: Vec<&str> = match &entry.what {
                What::Permission(permission) => {
                    put(permission.recipient.as_str());
                    permission.pupils.iter().map(String::as_str).collect()
                }
                What::TrustedRecipient { recipient, .. } => {
                    put(recipient.as_str());
                    Vec::new()
                }
                What::DualRole {
                    personal, pupils, ..
                } => {
                    put(personal);
                    pupils.iter().map(String::as_str).collect()
                }
                What::FamilyException { staff, pupil, .. } => {
                    registers.by_staff.entry(fold(staff)).or_default().push(at);
                    vec![pupil.as_str()]
                }
                What::ImageConsent { pupil, .. } => {
                    if let Some(id) = ids.get(pupil.as_str()) {
                        registers.by_pupil.entry(*id).or_default().push(at);
                    }
                    Vec::new()
                }
                What::ImageOptOut { .. } => {
                    registers.opted_out.push(at);
                    Vec::new()
                }
            };
            let pupils = upns
                .iter()
                .filter_map(|upn| ids.get(upn).copied())
                .collect();
            registers.entries.push(Resolved { entry, pupils });
        }
        registers
    }

    /// How many entries there are, those that have lapsed too.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing is registered.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn at(&self, list: Option<&Vec<usize>>) -> impl Iterator<Item = &Resolved> {
        let list = list.map_or(&[][..], Vec::as_slice);
        list.iter().filter_map(|i| self.entries.get(*i))
    }

    /// The entries about a recipient: by address, then by domain.
    fn of_recipient(&self, address: &str) -> impl Iterator<Item = &Resolved> {
        let domain = format!("@{}", split(address).1);
        let by_domain = self.by_recipient.get(&domain);
        self.at(self.by_recipient.get(address))
            .chain(self.at(by_domain))
    }

    /// The entries of this kind about a recipient that bear on this day.
    pub(crate) fn parents_at(&self, address: &str, today: Date) -> Vec<(Bearing<'_>, Parent<'_>)> {
        self.of_recipient(address)
            .filter_map(|resolved| {
                let What::DualRole { staff, .. } = &resolved.entry.what else {
                    return None;
                };
                let parent = Parent {
                    staff,
                    pupils: &resolved.pupils,
                };
                Some((Bearing::on(&resolved.entry, today)?, parent))
            })
            .collect()
    }

    /// The trusted recipients that this address is, with the kind of each.
    pub(crate) fn trusted(&self, address: &str, today: Date) -> Vec<(Bearing<'_>, &str)> {
        self.of_recipient(address)
            .filter_map(|resolved| {
                let What::TrustedRecipient { agency, .. } = &resolved.entry.what else {
                    return None;
                };
                Some((Bearing::on(&resolved.entry, today)?, agency.as_str()))
            })
            .collect()
    }

    /// Permissions and family exceptions for one recipient.
    pub(crate) fn for_recipient(
        &self,
        sender: &Sender,
        address: &str,
        place: usize,
        directory: &Directory,
        today: Date,
        into: &mut Vec<Exception>,
    ) {
        let from = fold(&sender.address);
        for resolved in self.of_recipient(address) {
            if let What::Permission(permission) = &resolved.entry.what
                && is_sender(&permission.sender, sender, &from, directory)
                && let Some(bearing) = Bearing::on(&resolved.entry, today)
            {
                into.push(bearing.exception(
                    Some(place),
                    Grant::Permission {
                        categories: permission.categories.clone(),
                        photos: permission.photos,
                        allows: permission.allows.clone(),
                        // Whoever is named and not on the roster makes it no wider.
                        pupils: (!permission.pupils.is_empty()).then(|| resolved.pupils.clone()),
                    },
                ));
            }
        }
        // A message from the private mailbox is its owner's.
        let staff = directory.personal_address_of(&from).unwrap_or(&from);
        for resolved in self.at(self.by_staff.get(staff)) {
            let What::FamilyException { address: at, .. } = &resolved.entry.what else {
                continue;
            };
            let is_theirs = |pupil: &PupilId| {
                directory.pupil_of_mailbox(address) == Some(*pupil)
                    && directory.is_pupil_mailbox(address)
                    || directory.bonds(address).iter().any(|b| b.pupil == *pupil)
            };
            if (at.as_deref().map(fold).as_deref() == Some(address)
                || resolved.pupils.iter().any(is_theirs))
                && let Some(bearing) = Bearing::on(&resolved.entry, today)
            {
                into.push(bearing.exception(Some(place), Grant::FamilyException));
            }
        }
    }

    /// What is on file about the people in the photographs of a message.
    pub(crate) fn for_pictures(
        &self,
        inspection: &Inspection,
        directory: &Directory,
        today: Date,
        into: &mut Vec<Exception>,
    ) {
        let shown: BTreeSet<PupilId> = inspection
            .of_kind(Kind::PictureNamed)
            .flat_map(|finding| pictured(finding, &inspection.mentions))
            .collect();
        for pupil in shown {
            for resolved in self.at(self.by_pupil.get(&pupil)) {
                if let What::ImageConsent { given, .. } = resolved.entry.what
                    && let Some(bearing) = Bearing::on(&resolved.entry, today)
                {
                    let grant = Grant::ImageConsent { pupil, given };
                    into.push(bearing.exception(None, grant));
                }
            }
        }
        if inspection.staff_at_pictures.is_empty() {
            return;
        }
        for resolved in self.at(Some(&self.opted_out)) {
            let What::ImageOptOut { staff } = &resolved.entry.what else {
                continue;
            };
            let Some(person) = directory.staff(&fold(staff)) else {
                continue;
            };
            let is_there = staff_name_keys(&person.name)
                .iter()
                .any(|key| inspection.staff_at_pictures.contains(key));
            if is_there && let Some(bearing) = Bearing::on(&resolved.entry, today) {
                into.push(bearing.exception(None, Grant::ImageOptOut));
            }
        }
    }
}

fn is_sender(wanted: &str, sender: &Sender, from: &str, directory: &Directory) -> bool {
    if wanted == ANYBODY {
        return !matches!(sender.group, SenderGroup::Foreign | SenderGroup::Pupil)
            && (directory.in_school(from) || directory.staff(from).is_some());
    }
    fold(wanted) == from
}

/// An entry that counts on a day, or has lapsed lately enough to be spoken of.
pub(crate) struct Bearing<'a> {
    entry: &'a Entry,
    until: Option<Date>,
    pub lapsed: bool,
}

impl<'a> Bearing<'a> {
    fn on(entry: &'a Entry, today: Date) -> Option<Self> {
        let (until, lapsed) = match entry.standing(today) {
            Standing::Ahead => return None,
            Standing::InForce => (entry.until, false),
            Standing::Lapsed(on) => {
                let oldest = today.saturating_sub(REMEMBERED.days());
                (on >= oldest).then_some((Some(on), true))?
            }
        };
        Some(Self {
            entry,
            until,
            lapsed,
        })
    }

    pub fn exception(&self, recipient: Option<usize>, grant: Grant) -> Exception {
        Exception {
            id: self.entry.id.clone(),
            recipient,
            until: self.until,
            lapsed: self.lapsed,
            grant,
        }
    }
}
