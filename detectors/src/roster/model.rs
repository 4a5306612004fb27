//! The roster as the school knows it, cut down to what matching needs.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A pupil, without saying who: stable across imports of the same pupil, written as
/// sixteen hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PupilId(pub u64);

impl fmt::Display for PupilId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for PupilId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PupilId({:016x})", self.0)
    }
}

impl Serialize for PupilId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PupilId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        u64::from_str_radix(&text, 16)
            .ok()
            .filter(|_| text.len() == 16)
            .map(PupilId)
            .ok_or_else(|| serde::de::Error::custom("a pupil id is sixteen hexadecimal digits"))
    }
}

/// The whole roster of one school.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Roster {
    pub pupils: Vec<Pupil>,
    pub contacts: Vec<Contact>,
    pub staff: Vec<Staff>,
    pub agencies: Vec<Agency>,
}

/// A pupil on roll, or one who left within the last year.
#[derive(Clone, Serialize, Deserialize)]
pub struct Pupil {
    pub id: PupilId,
    pub upn: Option<String>,
    pub legal_surname: String,
    pub legal_forename: String,
    pub preferred_forename: Option<String>,
    pub preferred_surname: Option<String>,
    pub dob: Option<Date>,
    /// As the school writes it: `4`, `Year 4`, `R`.
    pub year_group: Option<String>,
    /// Class or registration group: `4B`, `Oak`.
    pub class: Option<String>,
    pub admission_number: Option<String>,
    pub address: Option<String>,
    pub postcode: Option<String>,
    /// The pupil's own mailbox, if any.
    pub email: Option<String>,
    pub sen_status: Option<String>,
    pub fsm: bool,
    pub lac: bool,
}

impl Pupil {
    /// A pupil of whom only the name is known.
    pub fn named(id: PupilId, forename: &str, surname: &str) -> Self {
        Self {
            id,
            upn: None,
            legal_surname: surname.to_owned(),
            legal_forename: forename.to_owned(),
            preferred_forename: None,
            preferred_surname: None,
            dob: None,
            year_group: None,
            class: None,
            admission_number: None,
            address: None,
            postcode: None,
            email: None,
            sen_status: None,
            fsm: false,
            lac: false,
        }
    }
}

/// Whether somebody has parental responsibility. Missing is unknown, not no.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Parental {
    Yes,
    No,
    #[default]
    Unknown,
}

/// What a court said about a contact.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CourtFlag {
    None,
    /// No file said anything. Must not be shown as "none".
    #[default]
    Unknown,
    Restricted,
    NoContact,
}

impl CourtFlag {
    /// Whether mail to this contact about the child is stopped.
    pub fn stops(self) -> bool {
        matches!(self, Self::Restricted | Self::NoContact)
    }
}

/// A contact of one pupil; a parent of two is two of these.
#[derive(Clone, Serialize, Deserialize)]
pub struct Contact {
    pub pupil: PupilId,
    pub name: String,
    pub relationship: String,
    pub parental_responsibility: Parental,
    /// Lower case.
    pub email: Option<String>,
    /// Digits in national form.
    pub phone: Option<String>,
    pub court: CourtFlag,
}

/// A member of staff, a governor or another person who writes for the school.
#[derive(Clone, Serialize, Deserialize)]
pub struct Staff {
    pub name: String,
    /// Lower case.
    pub email: String,
    /// As the school writes it: `Headteacher`, `Teacher`, `DSL`, `Governor`.
    pub role: String,
    pub personal_email: Option<String>,
    /// Digits in national form.
    pub personal_phone: Option<String>,
    pub home_address: Option<String>,
}

/// An outside body that the school trusts.
#[derive(Clone, Serialize, Deserialize)]
pub struct Agency {
    /// Lower case, without `@`. A leading dot or `*.` covers all below.
    pub domain: String,
    /// `police`, `social-care`, `health`, `local-authority`, `sister-school`, …
    pub kind: String,
}
