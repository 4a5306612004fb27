//! The locks of OpenDocument (ODF 1.3 part 2 §4.8): each file of the package is squeezed and
//! then locked by itself; the manifest says how.

use std::collections::HashMap;
use std::io::Read;

use aes::Aes256;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit, block_padding::NoPadding};
use hmac::SimpleHmacReset;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::super::transfer;
use super::super::xml::{self, Node};

/// Rounds of the derivation of a key beyond which no password is tried: ten times what
/// programs write.
const ROUNDS: u32 = 1_000_000;

/// What the manifest says about the files.
#[derive(Debug, Default)]
pub(super) struct Manifest {
    entries: HashMap<String, Entry>,
}

#[derive(Debug, Default)]
struct Entry {
    algorithm: String,
    vector: Vec<u8>,
    derivation: String,
    rounds: u32,
    salt: Vec<u8>,
    key_size: usize,
    start: String,
    checksum_kind: String,
    checksum: Vec<u8>,
    locked: bool,
}

/// A password that fits, with the manifest that says how to use it.
pub(super) struct Key {
    pub(super) manifest: Manifest,
    pub(super) password: String,
}

impl Manifest {
    pub(super) fn read(bytes: &[u8]) -> Self {
        let mut manifest = Self::default();
        let mut open: Option<(String, Entry)> = None;
        xml::walk(bytes, |node| match node {
            Node::Open { name, start } => {
                let value = |key: &str| xml::attribute(start, key).unwrap_or_default();
                let octets = |key: &str| transfer::base64(value(key).as_bytes());
                if name == "file-entry" {
                    open = Some((value("full-path"), Entry::default()));
                }
                let Some((_, entry)) = &mut open else {
                    return;
                };
                match name {
                    "encryption-data" => {
                        entry.locked = true;
                        entry.checksum_kind = value("checksum-type");
                        entry.checksum = octets("checksum");
                    }
                    "algorithm" => {
                        entry.algorithm = value("algorithm-name");
                        entry.vector = octets("initialisation-vector");
                    }
                    "key-derivation" => {
                        entry.derivation = value("key-derivation-name");
                        entry.rounds = value("iteration-count").parse().unwrap_or(0);
                        entry.salt = octets("salt");
                        entry.key_size = value("key-size").parse().unwrap_or(16);
                    }
                    "start-key-generation" => entry.start = value("start-key-generation-name"),
                    _ => {}
                }
            }
            Node::Close { name: "file-entry" } => {
                if let Some((path, entry)) = open.take()
                    && entry.locked
                {
                    manifest.entries.insert(path, entry);
                }
            }
            _ => {}
        });
        manifest
    }

    /// How the document is locked, and whether well; None when it is not.
    pub(super) fn lock(&self) -> Option<(&'static str, bool)> {
        let entry = self.entries.values().next()?;
        let algorithm = entry.algorithm.to_ascii_lowercase();
        Some(if algorithm.contains("aes256") {
            ("OpenDocument AES-256", true)
        } else if algorithm.contains("aes") {
            ("OpenDocument AES", true)
        } else if algorithm.contains("blowfish") {
            ("OpenDocument Blowfish", false)
        } else {
            ("OpenDocument encryption", true)
        })
    }

    /// Whether this module knows the kind of lock.
    pub(super) fn opens_with_a_password(&self) -> bool {
        self.entries.get("content.xml").is_some_and(Entry::is_known) || self.weak()
    }

    /// How many passwords may be tried: as many as the work of forty ordinary ones allows.
    pub(super) fn tries(&self) -> usize {
        let rounds = self
            .entries
            .get("content.xml")
            .map_or(1, |e| e.rounds.max(1));
        usize::try_from(4_000_000 / rounds).unwrap_or(1).max(1)
    }

    fn weak(&self) -> bool {
        self.lock().is_some_and(|(_, strong)| !strong)
    }

    /// Whether a password opens one of the files.
    pub(super) fn fits(&self, password: &str, name: &str, locked: &[u8]) -> bool {
        let Some(entry) = self.entries.get(name) else {
            return false;
        };
        let Some(squeezed) = entry.decrypt(password, locked) else {
            return false;
        };
        let head = squeezed.get(..squeezed.len().min(1024)).unwrap_or_default();
        let sum = if entry.checksum_kind.ends_with("sha256-1k") {
            Sha256::digest(head).to_vec()
        } else if entry
            .checksum_kind
            .to_ascii_lowercase()
            .ends_with("sha1/1k")
        {
            Sha1::digest(head).to_vec()
        } else {
            // Without a checksum it is right when the squeezed text unpacks.
            let mut plain = Vec::new();
            let outcome = flate2::read::DeflateDecoder::new(squeezed.as_slice())
                .take(64 << 10)
                .read_to_end(&mut plain);
            return outcome.is_ok() && !plain.is_empty();
        };
        sum == entry.checksum
    }
}

impl Entry {
    fn is_known(&self) -> bool {
        self.algorithm.ends_with("aes256-cbc")
            && self.derivation.eq_ignore_ascii_case("PBKDF2")
            && self.key_size == 32
            && self.vector.len() == 16
            && (1..=ROUNDS).contains(&self.rounds)
    }

    /// The squeezed content, with some octets of padding at its end.
    fn decrypt(&self, password: &str, locked: &[u8]) -> Option<Vec<u8>> {
        if !self.is_known() {
            return None;
        }
        let start = if self.start.ends_with("sha256") {
            Sha256::digest(password.as_bytes()).to_vec()
        } else {
            Sha1::digest(password.as_bytes()).to_vec()
        };
        let mut key = [0u8; 32];
        pbkdf2::pbkdf2::<SimpleHmacReset<Sha1>>(&start, &self.salt, self.rounds, &mut key).ok()?;
        let cipher = cbc::Decryptor::<Aes256>::new_from_slices(&key, &self.vector).ok()?;
        let mut plain = cipher.decrypt_padded_vec::<NoPadding>(locked).ok()?;
        let padding = usize::from(*plain.last()?);
        if (1..=16).contains(&padding) {
            plain.truncate(plain.len().saturating_sub(padding));
        }
        Some(plain)
    }
}

impl Key {
    /// The content of a file, unlocked and unpacked to one octet more than `most`.
    pub(super) fn unlocked(&self, name: &str, bytes: Vec<u8>, most: u64) -> Option<Vec<u8>> {
        let Some(entry) = self.manifest.entries.get(name) else {
            return Some(bytes);
        };
        let squeezed = entry.decrypt(&self.password, &bytes)?;
        let mut plain = Vec::new();
        flate2::read::DeflateDecoder::new(squeezed.as_slice())
            .take(most.saturating_add(1))
            .read_to_end(&mut plain)
            .ok()?;
        Some(plain)
    }
}
