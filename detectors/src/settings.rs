//! What the caller decides about an inspection: the day, the school, the bounds.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::offices::OfficeHolders;

/// Everything that an inspection depends on besides the bytes and the roster.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Settings {
    /// The day of the inspection; ages are counted on it.
    pub today: Date,
    /// The school's own numbers and domains: nobody's data.
    pub own: OwnIdentity,
    /// The words of the school's markings.
    pub marking: MarkingTerms,
    /// Where reading stops.
    pub limits: Limits,
    /// What becomes of pictures.
    #[serde(default)]
    pub pictures: PictureSettings,
    /// Offices of the school whose holders a message may speak of.
    #[serde(default)]
    pub offices: Vec<OfficeHolders>,
}

impl Settings {
    /// The defaults, on a given day.
    pub fn on(today: Date) -> Self {
        Self {
            today,
            own: OwnIdentity::default(),
            marking: MarkingTerms::default(),
            limits: Limits::default(),
            pictures: PictureSettings::default(),
            offices: Vec::new(),
        }
    }
}

/// What becomes of pictures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PictureSettings {
    /// Whether somebody reads the text in pictures, so that the first pass asks for them.
    pub read: bool,
    /// Pixels above which a picture is not decoded.
    pub pixels: u64,
}

impl Default for PictureSettings {
    fn default() -> Self {
        Self {
            read: false,
            pixels: 50_000_000,
        }
    }
}

/// What belongs to the school itself and is therefore nobody's personal data.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct OwnIdentity {
    /// The school's mail domains, lower case.
    pub domains: Vec<String>,
    /// Its telephone numbers, digits only in national form (`01632960000`).
    pub phones: Vec<String>,
    /// Its postcodes.
    pub postcodes: Vec<String>,
}

/// The words of the school's markings (clause 001-17), by default as the policies print them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MarkingTerms {
    /// Accepted spellings of the lower level, matched as whole words in any case.
    pub sensitive: Vec<String>,
    /// Accepted spellings of the upper level.
    pub highly_sensitive: Vec<String>,
    /// Wordings that staff type instead; they do not count, and the notice says what to type.
    pub near_misses: Vec<String>,
}

impl Default for MarkingTerms {
    fn default() -> Self {
        let words = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
        Self {
            sensitive: words(&["SENSITIVE"]),
            highly_sensitive: words(&["HIGHLY SENSITIVE", "HIGHLY-SENSITIVE"]),
            near_misses: words(&[
                "SENSATIVE",
                "SENSITVE",
                "SENSETIVE",
                "SENSTIVE",
                "CONFIDENTIAL",
                "PRIVATE",
                "STRICTLY CONFIDENTIAL",
                "VERY SENSITIVE",
                "OFFICIAL-SENSITIVE",
                "RESTRICTED",
                "IN CONFIDENCE",
                "PRIVATE AND CONFIDENTIAL",
            ]),
        }
    }
}

/// Where reading stops. Each limit that is reached is a finding and an unread part.
///
/// All are counted on output actually produced, for the whole message and across nesting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Nesting of messages, multiparts and archives.
    pub depth: u32,
    /// MIME parts and archive members together.
    pub parts: u32,
    /// Bytes produced by decoding and unpacking.
    pub unpacked_bytes: u64,
    /// Bytes produced per byte of one archive member or stream; counted beyond 1 MiB of output.
    pub ratio: u64,
    /// Bytes of text looked at.
    pub text_bytes: u64,
    /// Pages of one PDF.
    pub pdf_pages: u32,
    /// Findings kept; further ones are counted in a `limit` finding.
    pub findings: u32,
    /// Passwords tried on one locked file.
    pub passwords: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 12,
            parts: 5_000,
            unpacked_bytes: 512 << 20,
            ratio: 200,
            text_bytes: 64 << 20,
            pdf_pages: 2_000,
            findings: 2_000,
            passwords: 40,
        }
    }
}
