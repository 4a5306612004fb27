//! Bytes of a message in, its text and its parts out.
//!
//! [`read`] never fails and never panics: what cannot be read is an [`Unread`] part,
//! what looks wrong is a [`Finding`]. It knows file formats and no identifiers;
//! `recognise` looks at the text and knows no file formats.
//!
//! The way through: `mime` walks the message, [`Reader::file`] asks `sniff` what the
//! bytes of a part or archive member really are, and one module for each format family
//! turns them into passages and members. What is locked waits in a queue until every
//! text was read, because the password may stand in the last of them.

mod archive;
mod budget;
mod cards;
mod charset;
mod compound;
mod csv;
mod encrypted;
mod envelope;
mod fields;
mod header;
mod html;
mod inline_files;
mod json;
mod legacy;
mod macintosh;
mod mailbox;
mod mime;
mod odf;
mod ole_package;
mod ooxml;
mod outlook;
mod passwords;
mod pdf;
mod pgp;
mod picture;
mod rar;
mod records;
mod rtf;
mod seven_zip;
mod smime;
mod sniff;
mod squeezed;
mod tar;
mod text_body;
mod texts;
mod transfer;
pub(crate) mod xml;
mod zip_gaps;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::category::Sensitivity;
use crate::finding::{Confidence, Finding, Kind, Masked};
use crate::inspection::{Disposition, Encryption, Headers, Part, PartPath, Unread, UnreadReason};
use crate::pictures::{self, Eyes, Picture};
use crate::roster::key::Word;
use crate::settings::Settings;
use crate::text::{Body, Document, Passage, Role};

use budget::{Budget, Limit};
use encrypted::Locked;
use sniff::Format;

/// Everything that was read in a message.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// The header fields that decide identity and notices.
    pub headers: Headers,
    /// Every part, in the order of reading; `sensitivity` is left to the recognisers.
    pub parts: Vec<Part>,
    /// The text of the parts.
    pub documents: Vec<Document>,
    /// What the readers themselves noticed: locks, limits, ambiguity, hidden content.
    pub findings: Vec<Finding>,
    /// What could not be read, and why.
    pub unread: Vec<Unread>,
    /// The pictures, in the order of reading.
    pub pictures: Vec<Picture>,
    /// Digests of the passwords in the message that opened something.
    pub(crate) opened_by: BTreeSet<Word>,
}

/// Reads a whole message. Never fails and never panics.
pub fn read(message: &[u8], settings: &Settings) -> Reading {
    read_with(message, settings, Eyes::default()).finish()
}

/// The same with the texts that OCR read in its pictures.
pub(crate) fn read_texts<'t>(
    message: &[u8],
    settings: &'t Settings,
    texts: &'t pictures::PictureTexts,
) -> Reading {
    let eyes = Eyes {
        texts: Some(texts),
        ..Eyes::default()
    };
    read_with(message, settings, eyes).finish()
}

/// Reads a message only for its pictures.
pub(crate) fn look_for_pictures<'t>(
    message: &[u8],
    settings: &'t Settings,
    eyes: Eyes<'t>,
) -> Eyes<'t> {
    read_with(message, settings, eyes).eyes
}

fn read_with<'t>(message: &[u8], settings: &'t Settings, eyes: Eyes<'t>) -> Reader<'t> {
    let mut reader = Reader::new(settings);
    reader.eyes = eyes;
    // The readers are written not to panic; parsers of third parties are not.
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        reader.message(message);
        reader.open_locked();
    }));
    if outcome.is_err() {
        reader.unread(
            &PartPath::header(),
            UnreadReason::Aborted,
            "a reader broke off",
        );
    }
    reader
}

/// The bytes of a part or an archive member, with what is known about them.
#[derive(Debug, Clone)]
struct File<'b> {
    path: PartPath,
    name: Option<String>,
    /// The declared type, lower case, without parameters.
    declared: String,
    /// The declared charset of a text, if any.
    charset: Option<String>,
    disposition: Disposition,
    /// The role of ordinary text in it.
    role: Role,
    depth: u32,
    bytes: &'b [u8],
}

impl File<'_> {
    /// A file of this name that lies inside this one.
    fn inside<'m>(&self, name: &str, bytes: &'m [u8]) -> File<'m> {
        File {
            path: self.path.child(name),
            name: Some(name.to_owned()),
            declared: String::new(),
            charset: None,
            disposition: Disposition::Member,
            role: Role::Document,
            depth: self.depth + 1,
            bytes,
        }
    }
}

/// The state of one reading.
struct Reader<'s> {
    settings: &'s Settings,
    eyes: Eyes<'s>,
    budget: Budget,
    reading: Reading,
    /// The paths in use, with the number of the last one that was told apart.
    paths: HashMap<String, u32>,
    limits_seen: HashSet<Limit>,
    locked: Vec<Locked>,
}

/// The most unread entries that are listed one by one.
const UNREAD_LISTED: usize = 500;

impl<'s> Reader<'s> {
    fn new(settings: &'s Settings) -> Self {
        Self {
            settings,
            eyes: Eyes::default(),
            budget: Budget::new(&settings.limits),
            reading: Reading::default(),
            paths: HashMap::new(),
            limits_seen: HashSet::new(),
            locked: Vec::new(),
        }
    }

    fn finish(mut self) -> Reading {
        self.reading.pictures = self.eyes.seen;
        self.reading
    }

    /// The path made different from every path before it.
    fn unique(&mut self, path: PartPath) -> PartPath {
        let mut number = *self.paths.get(&path.0).unwrap_or(&0);
        let mut candidate = path.0.clone();
        while self.paths.contains_key(&candidate) {
            number = number.saturating_add(1);
            candidate = format!("{} ({})", path.0, number.saturating_add(1));
        }
        self.paths.insert(path.0, number);
        self.paths.entry(candidate.clone()).or_insert(0);
        PartPath(candidate)
    }

    /// Accounts for a part. None when the limit on parts is reached.
    fn add_part(&mut self, file: &mut File<'_>, actual_type: &str) -> Option<usize> {
        if !self.budget.take_part() {
            self.limit(&file.path, Limit::Parts);
            return None;
        }
        file.path = self.unique(file.path.clone());
        self.reading.parts.push(Part {
            path: file.path.clone(),
            name: file.name.clone(),
            disposition: file.disposition,
            declared_type: file.declared.clone(),
            actual_type: actual_type.to_owned(),
            bytes: file.bytes.len() as u64,
            encryption: Encryption::None,
            sensitivity: Sensitivity::None,
            text_bytes: 0,
        });
        Some(self.reading.parts.len() - 1)
    }

    /// Adds a document and counts its text for its part.
    fn document(&mut self, path: &PartPath, disposition: Disposition, passages: Vec<Passage>) {
        let mut kept = Vec::with_capacity(passages.len());
        let mut octets = 0u64;
        for mut passage in passages {
            match &mut passage.body {
                Body::Text(text) => fold_spaces(text),
                Body::Row { cells, .. } => cells.iter_mut().for_each(fold_spaces),
            }
            let length = passage.body.len() as u64;
            if length == 0 {
                continue;
            }
            if !self.budget.charge_text(length) {
                self.limit(path, Limit::TextBytes);
                break;
            }
            octets += length;
            kept.push(passage);
        }
        if kept.is_empty() {
            return;
        }
        let parts = &mut self.reading.parts;
        match parts.iter_mut().rev().find(|p| &p.path == path) {
            Some(part) => part.text_bytes += octets,
            // Containers are no parts of their own until there is text in them.
            None => parts.push(Part {
                path: path.clone(),
                name: None,
                disposition,
                declared_type: String::new(),
                actual_type: "container of parts".into(),
                bytes: octets,
                encryption: Encryption::None,
                sensitivity: Sensitivity::None,
                text_bytes: octets,
            }),
        }
        self.reading.documents.push(Document {
            part: path.clone(),
            disposition,
            passages: kept,
        });
    }

    /// The name of a file is text too.
    fn file_name(&mut self, file: &File<'_>) {
        if let Some(name) = &file.name {
            self.document(
                &file.path,
                file.disposition,
                vec![Passage {
                    place: "file name".into(),
                    role: Role::FileName,
                    body: Body::Text(name.clone()),
                }],
            );
        }
    }

    fn finding(&mut self, kind: Kind, part: &PartPath, place: &str, confidence: f32, note: &str) {
        let same = |f: &Finding| f.kind == kind && &f.part == part && f.place == place;
        if self.reading.findings.iter().any(same)
            || self.reading.findings.len() >= self.settings.limits.findings as usize
        {
            return;
        }
        self.reading.findings.push(Finding {
            category: None,
            kind,
            part: part.clone(),
            place: place.to_owned(),
            confidence: Confidence::new(confidence),
            count: 1,
            subjects: Vec::new(),
            excerpt: Masked::plain(note),
        });
    }

    fn unread(&mut self, part: &PartPath, reason: UnreadReason, detail: &str) {
        let entry = Unread {
            part: part.clone(),
            reason,
            detail: detail.to_owned(),
        };
        if self.reading.unread.len() < UNREAD_LISTED && !self.reading.unread.contains(&entry) {
            self.reading.unread.push(entry);
        } else if reason.stops() && !self.reading.unread.iter().any(|u| u.reason == reason) {
            // The list is full, but no reason that stops a message may get lost.
            self.reading.unread.push(entry);
        }
    }

    /// A limit was reached at this part.
    fn limit(&mut self, part: &PartPath, limit: Limit) {
        if self.limits_seen.insert(limit) {
            self.finding(Kind::LimitReached, part, limit.name(), 1.0, limit.name());
        }
        self.unread(part, UnreadReason::Limit, limit.name());
    }

    /// Marks how a part is locked.
    fn set_encryption(&mut self, path: &PartPath, encryption: Encryption) {
        if let Some(part) = self.reading.parts.iter_mut().find(|p| &p.path == path) {
            part.encryption = encryption;
        }
    }

    /// Reads a part or member by what its bytes are, whatever its name and declared type.
    fn file(&mut self, mut file: File<'_>) {
        let format = sniff::format(&file);
        let Some(index) = self.add_part(&mut file, format.noun()) else {
            return;
        };
        self.file_name(&file);
        if !self.budget.allows_depth(file.depth) {
            self.limit(&file.path, Limit::Depth);
            return;
        }
        self.contents(&file, format, index);
        if may_hide_archive(format) && zip_gaps::stands_behind(file.bytes) {
            archive::read_behind(self, &file, index);
        }
        let noun = self
            .reading
            .parts
            .get(index)
            .map(|part| part.actual_type.clone())
            .unwrap_or_default();
        if let Some(name) = &file.name
            && let Some(claim) = sniff::misleading(name, &noun)
        {
            let path = file.path.clone();
            self.finding(Kind::MisleadingName, &path, "file name", 0.9, &claim);
        }
    }

    /// Turns bytes of a known format into passages and members.
    fn contents(&mut self, file: &File<'_>, format: Format, index: usize) {
        let path = &file.path;
        match format {
            Format::Empty => {}
            Format::Text => self.text(file),
            Format::Table(delimiter) => csv::read(self, file, delimiter),
            Format::Html => self.html(file),
            Format::Card(_) => cards::read(self, file),
            Format::Xml => records::read(self, file),
            Format::Rtf => rtf::read(self, file),
            Format::Message => {
                if let Some(part) = self.reading.parts.get_mut(index) {
                    part.disposition = Disposition::Message;
                }
                self.forwarded(file);
            }
            Format::Mailbox => mailbox::read(self, file),
            Format::Pdf => pdf::read(self, file),
            Format::Zip => archive::read(self, file, index),
            Format::Squeezed(method) => squeezed::read(self, file, method),
            Format::Tar => tar::read(self, file),
            Format::SevenZip => seven_zip::read(self, file, index),
            Format::Tnef => outlook::read_tnef(self, file),
            Format::Rar => rar::read(self, file),
            Format::Compound => compound::read(self, file, index),
            Format::Pkcs7 => smime::read(self, file),
            Format::Pgp => pgp::read(self, file),
            Format::Json => json::read(self, file),
            Format::RightsManaged => {
                encrypted::lock_strong(self, path, "Microsoft Purview message encryption");
            }
            Format::AppleFile => macintosh::read_apple(self, file),
            Format::BinHex => macintosh::read_binhex(self, file),
            Format::Media(noun) => match pictures::Format::of(file.bytes) {
                Some(kind) => self.picture(file, kind),
                None => self.unread(path, UnreadReason::Media, noun),
            },
            Format::Signature => self.beside_signature(file),
            Format::Unreadable(noun) => self.unread(path, UnreadReason::UnknownFormat, noun),
            Format::Unknown => {
                self.unread(
                    path,
                    UnreadReason::UnknownFormat,
                    "bytes of no known format",
                );
            }
        }
    }

    /// Something inside a file: an archive member, an embedded object.
    fn member(&mut self, parent: &File<'_>, name: &str, bytes: &[u8]) {
        self.file(parent.inside(name, bytes));
    }
}

/// Whether a file of this format may have an archive appended to it, without its own
/// program noticing.
fn may_hide_archive(format: Format) -> bool {
    matches!(
        format,
        Format::Text
            | Format::Html
            | Format::Rtf
            | Format::Pdf
            | Format::Media(_)
            | Format::Unreadable(_)
            | Format::Unknown
    )
}

/// A no-break space is a space to a reader.
fn fold_spaces(text: &mut String) {
    if text.contains('\u{a0}') {
        *text = text.replace('\u{a0}', " ");
    }
}

/// Runs a third party's parser; None when it panicked.
pub(crate) fn guarded<T>(run: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(run)).ok()
}

/// A passage of running text.
fn text_passage(place: impl Into<String>, role: Role, text: impl Into<String>) -> Passage {
    Passage {
        place: place.into(),
        role,
        body: Body::Text(text.into()),
    }
}

#[cfg(test)]
mod tests;
