//! The answer of an inspection.
//!
//! It holds no matched text but masked excerpts and the headers that the notice
//! needs; the gateway encrypts it at rest.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::category::{Category, Sensitivity};
use crate::finding::{Confidence, Finding, Kind};
use crate::greeting::NameDigest;
use crate::pictures::{Digest, Picture, Reading};
use crate::roster::PupilId;

/// The way to a part: MIME part numbers and member names joined by `/`, as in
/// `2/marks.zip/Year 4/marks.xlsx`. The header of the message itself is `header`,
/// its only or first body `1`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PartPath(pub String);

impl PartPath {
    /// The message's own header.
    pub fn header() -> Self {
        Self("header".into())
    }

    /// A part or member inside this one.
    pub fn child(&self, name: &str) -> Self {
        let clean: String = name.chars().filter(|c| !c.is_control()).take(120).collect();
        if self.0.is_empty() {
            Self(clean)
        } else {
            Self(format!("{}/{}", self.0, clean))
        }
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PartPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Everything that was seen in one message.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Inspection {
    /// The version of the detectors that looked ([`crate::VERSION`]).
    pub detectors: String,
    /// The header fields that decide identity and notices.
    pub headers: Headers,
    /// Every part, in the order of reading; each is accounted for.
    pub parts: Vec<Part>,
    /// Everything found.
    pub findings: Vec<Finding>,
    /// The pupils concerned.
    pub subjects: Vec<Subject>,
    /// First names that fit pupils on the roster but identify nobody by themselves.
    pub mentions: Vec<Mention>,
    /// The names that the newest text greets, as digests; see [`NameDigest`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub greeted: Vec<NameDigest>,
    /// The offices of the school whose holders the message speaks of, as the settings name
    /// them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub speaks_of: Vec<String>,
    /// Members of staff who are named at a photograph, as keys of their names; see
    /// [`crate::roster::staff_name_keys`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub staff_at_pictures: Vec<u64>,
    /// The markings, the valid ones first.
    pub markings: Vec<Marking>,
    /// What could not be read, and why.
    pub unread: Vec<Unread>,
    /// The pictures, in the order of reading.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<Picture>,
}

impl Inspection {
    /// The highest sensitivity of any subject.
    pub fn sensitivity(&self) -> Sensitivity {
        self.subjects
            .iter()
            .map(|s| s.sensitivity)
            .max()
            .unwrap_or_default()
    }

    /// The findings of a kind.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |f| f.kind == kind)
    }

    /// The part with this path.
    pub fn part(&self, path: &PartPath) -> Option<&Part> {
        self.parts.iter().find(|p| &p.path == path)
    }

    /// The pictures whose text the second pass wants, each once, the likeliest documents
    /// before photographs.
    pub fn wanted_pictures(&self) -> Vec<Digest> {
        let mut wanted: Vec<(bool, Digest)> = Vec::new();
        for picture in &self.pictures {
            let known = wanted.iter().any(|(_, digest)| *digest == picture.digest);
            if picture.reading == Reading::Wanted && !known {
                let photograph = picture.camera.as_ref().is_some_and(|c| c.exposed);
                wanted.push((photograph, picture.digest));
            }
        }
        wanted.sort_by_key(|(photograph, _)| *photograph);
        wanted.into_iter().map(|(_, digest)| digest).collect()
    }

    /// The highest marking that counts: right word, right place.
    pub fn valid_marking(&self) -> Option<MarkingLevel> {
        self.markings
            .iter()
            .filter(|m| m.place.counts())
            .map(|m| m.level)
            .max()
    }
}

/// A name and an address as a header field gives them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailbox {
    /// The display name, decoded; empty when there is none.
    pub name: String,
    /// The address, its domain in lower case.
    pub address: String,
}

/// The header fields that decide identity, relation and notices. All occurrences
/// of a repeated field are joined, since mail programs disagree which one counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Headers {
    pub from: Vec<Mailbox>,
    pub sender: Vec<Mailbox>,
    pub reply_to: Vec<Mailbox>,
    pub to: Vec<Mailbox>,
    pub cc: Vec<Mailbox>,
    pub bcc: Vec<Mailbox>,
    /// Decoded, without line breaks; the first Subject field.
    pub subject: String,
    /// Without angle brackets.
    pub message_id: Option<String>,
    /// Return-Path when the message carries one, without angle brackets.
    pub return_path: Option<String>,
    /// RFC 3834 Auto-Submitted, lower case, when present and not `no`.
    pub auto_submitted: Option<String>,
    /// The number of Received fields.
    pub received: u32,
}

/// What a part is to the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Disposition {
    /// The header of the message or of a forwarded message.
    Header,
    /// Text that a mail program shows.
    Body,
    /// An attached file, or an inline one with a name.
    Attachment,
    /// Something inside an attachment: archive member, embedded object.
    Member,
    /// A forwarded message.
    Message,
    /// A container that holds other parts and no text of its own.
    Container,
}

/// How well a part is locked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state", content = "method")]
pub enum Encryption {
    /// Not locked.
    #[default]
    None,
    /// Locked in a way that does not protect: ZipCrypto, an owner password only, sheet
    /// protection, an empty user password.
    Weak(String),
    /// Locked, but the key lies in the same message and opened it.
    PasswordBeside(String),
    /// AES zip, encrypted OOXML, PDF with a user password, AES 7z, S/MIME, PGP.
    Strong(String),
}

impl Encryption {
    /// Whether it is what the policies ask for (clause 001-19).
    pub fn is_strong(&self) -> bool {
        matches!(self, Self::Strong(_))
    }
}

/// One part of the message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    pub path: PartPath,
    /// The file name, when it has one.
    pub name: Option<String>,
    /// What it is to the message.
    pub disposition: Disposition,
    /// The type that the message declares, lower case.
    pub declared_type: String,
    /// The type that the bytes show, as a short English noun ("PDF document").
    pub actual_type: String,
    /// Size after transfer decoding, in octets.
    pub bytes: u64,
    pub encryption: Encryption,
    /// How sensitive what was read in it and in its members is.
    pub sensitivity: Sensitivity,
    /// Octets of text that the detectors looked at.
    pub text_bytes: u64,
}

/// How a data subject was identified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Identification {
    /// A UPN, ULN or another unique number.
    Number,
    /// Forename and surname, in either order.
    FullName,
    /// Forename or initials with class, year, teacher or date of birth.
    ForenameAndContext,
    /// The address of one of the pupil's contacts.
    ContactAddress,
    /// A row of a list of pupils.
    TableRow,
}

/// A pupil whom the message concerns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Subject {
    /// One id: this pupil. Several: namesakes. None: a pupil who is not on the roster
    /// (another school's, or no roster).
    pub pupils: Vec<PupilId>,
    pub identified_by: Vec<Identification>,
    pub confidence: Confidence,
    /// What is said about the pupil within reach of the identity.
    pub categories: Vec<Category>,
    /// Whether some of it is special-category or safeguarding matter, grave enough to be
    /// marked: a bump note is health, and nobody's secret.
    #[serde(default)]
    pub special: bool,
    pub sensitivity: Sensitivity,
    /// The parts that name the pupil.
    pub parts: Vec<PartPath>,
    /// How many people this stands for: 1, or more for a list of unknown pupils.
    pub count: u32,
}

/// A first name that fits pupils on the roster. It identifies only when the
/// recipient is that child's own contact; `policies::relate` knows that.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mention {
    /// The pupils whom the name fits, at most 64.
    pub candidates: Vec<PupilId>,
    pub categories: Vec<Category>,
    /// As of a [`Subject`].
    #[serde(default)]
    pub special: bool,
    pub sensitivity: Sensitivity,
    pub part: PartPath,
}

/// The level that a marking claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MarkingLevel {
    Sensitive,
    HighlySensitive,
}

impl MarkingLevel {
    /// The sensitivity that this marking covers.
    pub fn covers(self) -> Sensitivity {
        match self {
            Self::Sensitive => Sensitivity::Sensitive,
            Self::HighlySensitive => Sensitivity::HighlySensitive,
        }
    }
}

/// Where a marking stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MarkingPlace {
    /// In the subject.
    Subject,
    /// In the first line of the newest body text.
    FirstLine,
    /// In a classification header field.
    Header,
    /// In a document's header, footer or first line.
    Document,
    /// In a file name.
    FileName,
    /// Below the first line: a footer or a signature.
    Footer,
    /// In a quoted older message.
    Quoted,
}

impl MarkingPlace {
    /// Whether a marking here counts. A footer, a quotation and a file name do not.
    pub fn counts(self) -> bool {
        matches!(self, Self::Subject | Self::FirstLine | Self::Header)
    }
}

/// A marking that stands in the message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marking {
    pub level: MarkingLevel,
    pub place: MarkingPlace,
    pub part: PartPath,
}

/// Why a part could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnreadReason {
    /// Locked badly, and no password in the message opens it.
    WeaklyEncrypted,
    /// Locked well. Not "unread" in the sense of the rules: it is what the policies ask for.
    Encrypted,
    /// A format for which there is no reader.
    UnknownFormat,
    /// Broken in a way that no reader gets past.
    Damaged,
    /// A limit of the inspection was reached.
    Limit,
    /// Sound, film or pictures: no text to read. Noted, not held.
    Media,
    /// The inspection did not finish in its time or memory.
    Aborted,
    /// A picture that may hold text and was not read: noted, and held only where the
    /// message speaks of pupils.
    PictureNotRead,
}

impl UnreadReason {
    /// Whether the rules on unread matter apply.
    pub fn stops(self) -> bool {
        !matches!(self, Self::Encrypted | Self::Media | Self::PictureNotRead)
    }

    /// In plain words, to stand after "could not be read:".
    pub fn label(self) -> &'static str {
        match self {
            Self::WeaklyEncrypted => "it is locked, but badly",
            Self::Encrypted => "it is encrypted",
            Self::UnknownFormat => "its format is not known",
            Self::Damaged => "it is damaged",
            Self::Limit => "it is larger or deeper than the inspection may go",
            Self::Media => "it is a picture, sound or film",
            Self::Aborted => "the inspection did not finish",
            Self::PictureNotRead => "it is a picture whose text could not be read",
        }
    }
}

/// A part that could not be read, or not to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    pub part: PartPath,
    pub reason: UnreadReason,
    /// Which limit, which format, what damage: for the technician, without content.
    pub detail: String,
}
