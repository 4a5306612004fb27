//! Pictures: what their heads tell without decoding them, and the text that OCR read in them.
//!
//! Inspection is two pure passes where pictures matter. The first lists the pictures worth
//! reading by the SHA-256 of their file ([`Reading::Wanted`]); [`files`] hands out the files
//! themselves. Whoever can read pictures does so elsewhere, and the second pass takes the
//! texts by digest and looks at them like at any other text. Nothing here decodes a pixel.
//!
//! [`format`] says what a file is and how large, [`exif`] what the camera wrote into it,
//! [`worth`] whether to read it, [`pdf`] takes pictures out of a PDF's pages, [`lines`]
//! turns what OCR read into passages, [`photograph`] tells photographs of pupils.

pub(crate) mod exif;
pub(crate) mod format;
pub(crate) mod lines;
pub(crate) mod pdf;
pub(crate) mod photograph;
pub(crate) mod worth;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

pub use exif::Camera;
pub use format::Format;

use crate::inspection::PartPath;
use crate::settings::Settings;

/// The SHA-256 of a picture's file, in hexadecimal wherever it is written down. For a
/// picture inside a PDF: of its stream as stored, with what says how to unpack it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of a file.
    pub fn of(file: &[u8]) -> Self {
        Self(Sha256::digest(file).into())
    }

    /// Reads what [`fmt::Display`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        let mut octets = [0; 32];
        if text.len() != 64 || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return None;
        }
        for (i, octet) in octets.iter_mut().enumerate() {
            *octet = u8::from_str_radix(text.get(2 * i..2 * i + 2)?, 16).ok()?;
        }
        Some(Self(octets))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not a digest"))
    }
}

/// One picture of a message, as far as its head tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    /// The part that is the picture, or holds it.
    pub part: PartPath,
    /// Where in the part, such as `page 3`; empty for the whole of it.
    pub place: String,
    pub digest: Digest,
    pub format: Format,
    /// In pixels, by the head of the file; 0 when it does not say.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Octets of the file.
    pub bytes: u64,
    /// What a camera wrote into it.
    pub camera: Option<Camera>,
    /// Letters of the words that OCR read in it. Leaves and hair look like short ones to it,
    /// so only words of three letters and more are counted.
    pub letters: u32,
    pub reading: Reading,
}

/// What became of the text in a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state", content = "why")]
pub enum Reading {
    /// Worth reading: the second pass wants its text.
    Wanted,
    /// Its text was read and looked at.
    Read,
    /// Too small to show text to people: an icon, a spacer, a small logo.
    Small,
    /// The installation reads no pictures.
    Off,
    /// Worth reading, but not read.
    NotRead(NotRead),
}

/// Why a picture was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotRead {
    /// The time for this message was used up before its turn came.
    Budget,
    /// Reading it took longer than one picture may take.
    Time,
    /// It has more pixels or octets than may be decoded.
    Large,
    /// A format that is not decoded here.
    Format,
    /// It is damaged, or broke the program that reads.
    Damaged,
    /// The OCR program is missing or does not start.
    NoProgram,
}

impl NotRead {
    /// For the technician, after "picture not read: ".
    pub fn label(self) -> &'static str {
        match self {
            Self::Budget => "the time for this message was used up",
            Self::Time => "it took too long",
            Self::Large => "it is too large",
            Self::Format => "its format is not one that OCR reads",
            Self::Damaged => "it is damaged",
            Self::NoProgram => "the OCR program does not start",
        }
    }
}

/// What reading a picture gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PictureText {
    /// The text as the OCR program wrote it; empty when it saw none.
    Text(String),
    NotRead(NotRead),
}

/// What reading the pictures of a message gave, by digest.
pub type PictureTexts = BTreeMap<Digest, PictureText>;

/// The files of pictures whose digests the first pass gave, in the order of the message;
/// at most `most` octets together, but always the first one.
pub fn files(
    message: &[u8],
    settings: &Settings,
    wanted: &[Digest],
    most: usize,
) -> Vec<(Digest, Vec<u8>)> {
    let eyes = Eyes {
        collected: Some(Collected {
            wanted: wanted.iter().copied().collect(),
            files: Vec::new(),
            left: most,
        }),
        ..Eyes::default()
    };
    crate::extract::look_for_pictures(message, settings, eyes)
        .collected
        .map(|collected| collected.files)
        .unwrap_or_default()
}

/// The pictures of one reading.
#[derive(Debug, Default)]
pub(crate) struct Eyes<'t> {
    /// The texts, in the second pass.
    pub texts: Option<&'t PictureTexts>,
    /// The files to hand out.
    pub collected: Option<Collected>,
    /// What was seen so far.
    pub seen: Vec<Picture>,
}

/// Files that somebody asked for.
#[derive(Debug)]
pub(crate) struct Collected {
    wanted: BTreeSet<Digest>,
    files: Vec<(Digest, Vec<u8>)>,
    left: usize,
}

impl Collected {
    /// Takes a file that is wanted, once, while there is room.
    fn offer(&mut self, digest: Digest, file: impl FnOnce() -> Option<Vec<u8>>) {
        if !self.wanted.contains(&digest) || (self.left == 0 && !self.files.is_empty()) {
            return;
        }
        let Some(file) = file() else { return };
        if file.len() <= self.left || self.files.is_empty() {
            self.wanted.remove(&digest);
            self.left = self.left.saturating_sub(file.len());
            self.files.push((digest, file));
        }
    }
}

/// The most pictures that are listed one by one.
const LISTED: usize = 2_000;

/// What the reader of the message is to do with a picture that it met.
#[derive(Debug, PartialEq)]
pub(crate) enum Seen<'t> {
    /// Its text, to be looked at.
    Text(&'t str),
    /// Nothing but to note it.
    Noted(Reading),
}

/// A picture as the reader of the message meets it.
#[derive(Debug)]
pub(crate) struct Met<'m> {
    pub part: &'m PartPath,
    /// Where in the part; empty for the whole of it.
    pub place: &'m str,
    pub format: Format,
    pub width: u32,
    pub height: u32,
    pub digest: Digest,
    /// Octets as it stands in the message.
    pub octets: usize,
    pub camera: Option<Camera>,
}

impl<'t> Eyes<'t> {
    /// Notes a picture and says what is known of its text. `file` makes the file that an
    /// OCR program can take; it is asked only when somebody wants it.
    pub(crate) fn meet(
        &mut self,
        met: Met<'_>,
        settings: &Settings,
        file: impl FnOnce() -> Option<Vec<u8>>,
    ) -> Seen<'t> {
        let worth = worth::judge(met.format, (met.width, met.height), met.octets, settings);
        if worth == Reading::Wanted
            && let Some(collected) = &mut self.collected
        {
            collected.offer(met.digest, file);
        }
        let mut letters = 0;
        let (seen, reading) = match self.texts.map(|texts| texts.get(&met.digest)) {
            Some(known) if worth == Reading::Wanted => match known {
                Some(PictureText::Text(text)) => {
                    letters = letters_of_words(text);
                    (Seen::Text(text.as_str()), Reading::Read)
                }
                Some(PictureText::NotRead(why)) => noted(Reading::NotRead(*why)),
                None => noted(Reading::NotRead(NotRead::Budget)),
            },
            _ => noted(worth),
        };
        if self.seen.len() < LISTED {
            self.seen.push(Picture {
                part: met.part.clone(),
                place: met.place.to_owned(),
                digest: met.digest,
                format: met.format,
                width: met.width,
                height: met.height,
                bytes: met.octets as u64,
                camera: met.camera,
                letters: u32::try_from(letters).unwrap_or(u32::MAX),
                reading,
            });
        }
        seen
    }
}

fn letters_of_words(text: &str) -> usize {
    text.split_whitespace()
        .map(|word| word.chars().filter(|c| c.is_alphabetic()).count())
        .filter(|letters| *letters >= 3)
        .sum()
}

fn noted<'t>(reading: Reading) -> (Seen<'t>, Reading) {
    (Seen::Noted(reading), reading)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_written_and_read_alike() {
        let digest = Digest::of(b"a picture");
        assert_eq!(Digest::parse(&digest.to_string()), Some(digest));
        assert_eq!(Digest::parse("ab"), None);
        assert_eq!(Digest::parse(&"é".repeat(32)), None);
        let texts = PictureTexts::from([(digest, PictureText::NotRead(NotRead::Time))]);
        let written = serde_json::to_string(&texts).unwrap();
        assert_eq!(
            serde_json::from_str::<PictureTexts>(&written).unwrap(),
            texts
        );
    }

    #[test]
    fn files_are_handed_out_once_and_within_their_room() {
        let digests: Vec<Digest> = [b"aaaa", b"bbbb", b"cccc"].map(|f| Digest::of(f)).into();
        let mut collected = Collected {
            wanted: digests.iter().copied().collect(),
            files: Vec::new(),
            left: 2,
        };
        for (digest, file) in digests.iter().zip([b"aaaa", b"bbbb", b"cccc"]) {
            collected.offer(*digest, || Some(file.to_vec()));
            collected.offer(*digest, || Some(file.to_vec()));
        }
        // The first always, the others only where they fit.
        assert_eq!(collected.files, vec![(digests[0], b"aaaa".to_vec())]);
    }
}
