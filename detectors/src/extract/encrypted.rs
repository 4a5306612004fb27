//! Locks: what kind they are, and whether the key lies beside them.

use std::io::Cursor;

use msoffice_crypto::Family;

use super::archive::{self, Refusal};
use super::legacy::{self, Program};
use super::sniff::Format;
use super::{File, Reader, guarded, mime, outlook, passwords, pdf, seven_zip};
use crate::finding::Kind;
use crate::inspection::{Disposition, Encryption, PartPath, UnreadReason};
use crate::roster::key::literal;
use crate::text::Role;

/// A locked part that waits until every text was read.
pub(super) struct Locked {
    index: usize,
    path: PartPath,
    name: Option<String>,
    disposition: Disposition,
    depth: u32,
    bytes: Vec<u8>,
    lock: Lock,
}

/// The kind of lock.
pub(super) enum Lock {
    Zip {
        members: Vec<usize>,
        strong: bool,
        /// Other members are not locked.
        partly: bool,
        method: String,
    },
    Pdf {
        strong: bool,
        method: String,
    },
    Office {
        strong: bool,
        method: String,
    },
    SevenZip {
        /// The locked members with their sizes; none when the directory is locked.
        names: Vec<(String, u64)>,
        /// Other members are not locked.
        partly: bool,
        method: String,
    },
}

impl Lock {
    fn strong(&self) -> bool {
        match self {
            Self::Zip { strong, .. } | Self::Pdf { strong, .. } | Self::Office { strong, .. } => {
                *strong
            }
            Self::SevenZip { .. } => true,
        }
    }

    fn method(&self) -> &str {
        match self {
            Self::Zip { method, .. }
            | Self::Pdf { method, .. }
            | Self::Office { method, .. }
            | Self::SevenZip { method, .. } => method,
        }
    }
}

impl Locked {
    pub(super) fn new(file: &File<'_>, index: usize, lock: Lock) -> Self {
        Self {
            index,
            path: file.path.clone(),
            name: file.name.clone(),
            disposition: file.disposition,
            depth: file.depth,
            bytes: file.bytes.to_vec(),
            lock,
        }
    }

    fn file<'b>(&self, bytes: &'b [u8]) -> File<'b> {
        File {
            path: self.path.clone(),
            name: self.name.clone(),
            declared: String::new(),
            charset: None,
            disposition: self.disposition,
            role: Role::Document,
            depth: self.depth,
            bytes,
        }
    }
}

/// A lock that nothing in the message can open.
pub(super) fn lock_strong(reader: &mut Reader<'_>, path: &PartPath, method: &str) {
    reader.set_encryption(path, Encryption::Strong(method.to_owned()));
    reader.finding(Kind::EncryptionStrong, path, "whole file", 1.0, method);
    reader.unread(path, UnreadReason::Encrypted, method);
}

/// An S/MIME file: enveloped is locked, signed is not.
pub(super) fn pkcs7(reader: &mut Reader<'_>, file: &File<'_>) {
    // The content type stands at the start as an object identifier (RFC 5652 §3).
    const ENVELOPED: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x03];
    const AUTH_ENVELOPED: &[u8] = &[
        0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x17,
    ];
    let head = file
        .bytes
        .get(..file.bytes.len().min(64))
        .unwrap_or_default();
    let holds = |oid: &[u8]| head.windows(oid.len()).any(|w| w == oid);
    if holds(ENVELOPED) || holds(AUTH_ENVELOPED) {
        lock_strong(reader, &file.path, "S/MIME");
        return;
    }
    match signed_content(file.bytes) {
        // A signature seals and does not hide: what it covers is the message.
        Some(content) => {
            reader.budget.charge_unpacked(content.len() as u64);
            let forwarded = file.depth > 1 || file.disposition == Disposition::Member;
            let inner = File {
                bytes: &content,
                ..file.clone()
            };
            if mime::starts_with_field(&content) {
                reader.inner_message(&inner, forwarded);
            } else {
                reader.member(file, "signed content", &content);
            }
        }
        None => reader.unread(
            &file.path,
            UnreadReason::UnknownFormat,
            "S/MIME message that is signed in one piece",
        ),
    }
}

/// The content of a signed message (RFC 5652 §5.2): an octet string behind the object
/// identifier of plain data, whole or in pieces.
fn signed_content(bytes: &[u8]) -> Option<Vec<u8>> {
    const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
    let start = bytes.windows(DATA.len()).position(|w| w == DATA)? + DATA.len();
    let (tag, explicit, _) = ber(bytes.get(start..)?)?;
    if tag != 0xa0 {
        return None;
    }
    let (tag, value, _) = ber(explicit)?;
    let mut content = Vec::new();
    match tag {
        0x04 => content.extend_from_slice(value),
        0x24 => {
            let mut rest = value;
            while let Some((0x04, piece, after)) = ber(rest) {
                content.extend_from_slice(piece);
                rest = after;
            }
        }
        _ => return None,
    }
    (!content.is_empty()).then_some(content)
}

/// The tag, value and rest of a BER element with a one-octet tag; a value of indefinite
/// length is all that follows.
fn ber(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    if first == 0x80 {
        return Some((tag, rest, &[]));
    }
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let count = usize::from(first & 0x7f);
        if count > 4 {
            return None;
        }
        let (octets, rest) = rest.split_at_checked(count)?;
        let length = octets.iter().fold(0usize, |l, b| l << 8 | usize::from(*b));
        (length, rest)
    };
    let (value, rest) = rest.split_at_checked(length)?;
    Some((tag, value, rest))
}

/// An OLE compound file: an old Office document, an Outlook message, or the lock around a
/// new Office document.
pub(super) fn compound(reader: &mut Reader<'_>, file: &File<'_>, index: usize) {
    let noun = compound_noun(file.bytes);
    let Some(noun) = noun else {
        reader.unread(&file.path, UnreadReason::Damaged, "compound file");
        return;
    };
    let rename = |reader: &mut Reader<'_>, noun: &str| {
        if let Some(part) = reader.reading.parts.get_mut(index) {
            part.actual_type = noun.to_owned();
        }
    };
    rename(reader, noun);
    if noun == "rights-managed document" {
        lock_strong(reader, &file.path, "Microsoft rights management");
        return;
    }
    if noun == "Outlook message" {
        outlook::read_msg(reader, file, index);
        return;
    }
    let class = guarded(|| msoffice_crypto::classify(file.bytes));
    let locked = class.as_ref().is_some_and(|c| c.is_encrypted());
    if !locked && noun != "locked Office document" {
        match program(noun) {
            Some(program) => legacy::read(reader, file, program),
            None => reader.unread(&file.path, UnreadReason::UnknownFormat, noun),
        }
        return;
    }
    rename(reader, "locked Office document");
    let (strong, method) = match class.map(|c| c.family) {
        Some(Family::Agile) => (true, "Office AES (agile)"),
        Some(Family::Standard) => (true, "Office AES (standard)"),
        _ => (false, "old Office encryption"),
    };
    reader.locked.push(Locked::new(
        file,
        index,
        Lock::Office {
            strong,
            method: method.to_owned(),
        },
    ));
}

fn program(noun: &str) -> Option<Program> {
    match noun {
        "Word 97-2003 document" => Some(Program::Word),
        "Excel 97-2003 workbook" => Some(Program::Excel),
        "PowerPoint 97-2003 presentation" => Some(Program::PowerPoint),
        _ => None,
    }
}

/// What the streams of a compound file make it; None when it does not open.
fn compound_noun(bytes: &[u8]) -> Option<&'static str> {
    guarded(|| {
        let file = cfb::CompoundFile::open(Cursor::new(bytes)).ok()?;
        let has = |name: &str| file.exists(name);
        Some(if has("/EncryptedPackage") {
            if has("/EncryptionInfo") {
                "locked Office document"
            } else {
                "rights-managed document"
            }
        } else if has("/WordDocument") {
            "Word 97-2003 document"
        } else if has("/Workbook") || has("/Book") {
            "Excel 97-2003 workbook"
        } else if has("/PowerPoint Document") {
            "PowerPoint 97-2003 presentation"
        } else if has("/__properties_version1.0") {
            "Outlook message"
        } else if has("/\u{9}DRMContent") {
            "rights-managed document"
        } else {
            "compound file"
        })
    })
    .flatten()
}

/// Opens a locked Office document; None when the password is wrong.
///
/// A password may be right although the checksum of the package is not: the content
/// counts then, not its seal.
fn open_office(bytes: &[u8], password: &str) -> Option<Vec<u8>> {
    let policy = msoffice_crypto::IntegrityPolicy::Skip;
    guarded(|| msoffice_crypto::decrypt_ooxml_with_policy(bytes, password, policy))?
        .ok()
        .map(|decrypted| decrypted.package)
        .filter(|package| package.starts_with(b"PK"))
}

impl Reader<'_> {
    /// Tries the passwords that stand in the message on everything that is locked.
    pub(super) fn open_locked(&mut self) {
        if self.locked.is_empty() {
            return;
        }
        let limit = self.budget.passwords as usize;
        let candidates = passwords::candidates(&self.reading.documents, limit);
        // What is inside an opened lock may be locked itself.
        while !self.locked.is_empty() {
            for locked in std::mem::take(&mut self.locked) {
                self.try_lock(&locked, &candidates);
            }
        }
    }

    fn try_lock(&mut self, locked: &Locked, candidates: &[String]) {
        let file = locked.file(&locked.bytes);
        let opened = match &locked.lock {
            Lock::Zip {
                members, strong, ..
            } => self.try_zip(&file, members, *strong, candidates),
            Lock::SevenZip { .. } => match seven_zip::unlock(self, &file, candidates) {
                Some(password) => {
                    self.note_password(&password);
                    true
                }
                None => false,
            },
            Lock::Pdf { .. } => pdf::password(file.bytes, candidates)
                .map(|password| {
                    self.note_password(&password);
                    pdf::read_unlocked(self, &file, &password);
                })
                .is_some(),
            Lock::Office { strong: false, .. } => {
                let opened = candidates.iter().find_map(|password| {
                    let document =
                        guarded(|| msoffice_crypto::decrypt_binary_office(file.bytes, password))?;
                    Some((password, document.ok()?))
                });
                match opened {
                    Some((password, document)) => {
                        self.note_password(password);
                        self.budget.charge_unpacked(document.len() as u64);
                        let inner = locked.file(&document);
                        match compound_noun(&document).and_then(program) {
                            Some(program) => legacy::read(self, &inner, program),
                            None => self.unread(&inner.path, UnreadReason::Damaged, "old Office"),
                        }
                        true
                    }
                    None => false,
                }
            }
            Lock::Office { .. } => match candidates
                .iter()
                .find_map(|password| Some((password, open_office(file.bytes, password)?)))
            {
                Some((password, package)) => {
                    self.note_password(password);
                    self.budget.charge_unpacked(package.len() as u64);
                    let inner = locked.file(&package);
                    self.contents(&inner, Format::Zip, locked.index);
                    true
                }
                None => false,
            },
        };
        self.record_lock(locked, opened);
    }

    /// Keeps the digest of a password that opened something.
    fn note_password(&mut self, password: &str) {
        self.reading.opened_by.insert(literal(password));
    }

    fn try_zip(
        &mut self,
        file: &File<'_>,
        members: &[usize],
        aes: bool,
        candidates: &[String],
    ) -> bool {
        let Some(mut zip) = archive::open(file.bytes) else {
            return false;
        };
        // The smallest member shows soonest whether a password fits.
        let smallest = members
            .iter()
            .copied()
            .filter_map(|i| archive::entry(&mut zip, i).map(|e| (e.packed, i)))
            .min();
        let Some((_, probe)) = smallest else {
            return false;
        };
        let password = candidates.iter().find(|password| {
            match archive::member_bytes(self, &mut zip, probe, Some(password)) {
                Ok(_) => true,
                Err(Refusal::Locked | Refusal::Damaged) => false,
                // AES refuses a wrong password at once; ZipCrypto lets one in 256 through,
                // and what comes out then may have any length.
                Err(Refusal::Limit(_)) => aes,
            }
        });
        let Some(password) = password else {
            return false;
        };
        self.note_password(password);
        for &i in members {
            if let Some(entry) = archive::entry(&mut zip, i) {
                archive::read_member(self, file, &mut zip, i, &entry.name, Some(password));
            }
        }
        true
    }

    fn record_lock(&mut self, locked: &Locked, opened: bool) {
        let method = locked.lock.method().to_owned();
        let path = &locked.path;
        if opened {
            self.set_encryption(path, Encryption::PasswordBeside(method.clone()));
            self.finding(Kind::PasswordBeside, path, "whole file", 1.0, &method);
            return;
        }
        let (state, kind, reason) = if locked.lock.strong() {
            (
                Encryption::Strong(method.clone()),
                Kind::EncryptionStrong,
                UnreadReason::Encrypted,
            )
        } else {
            (
                Encryption::Weak(method.clone()),
                Kind::EncryptionWeak,
                UnreadReason::WeaklyEncrypted,
            )
        };
        self.finding(kind, path, "whole file", 1.0, &method);
        self.unread(path, reason, &method);
        match &locked.lock {
            Lock::Zip {
                members, partly, ..
            } => {
                // An archive is locked only when all of it is.
                if !partly {
                    self.set_encryption(path, state.clone());
                }
                self.locked_members(locked, members, &state);
            }
            Lock::SevenZip { names, partly, .. } => {
                if !partly {
                    self.set_encryption(path, state.clone());
                }
                for (name, size) in names {
                    self.locked_member(locked, name.clone(), *size, &state);
                }
            }
            Lock::Pdf { .. } | Lock::Office { .. } => self.set_encryption(path, state),
        }
    }

    /// Members that stay shut are accounted for too.
    fn locked_members(&mut self, locked: &Locked, members: &[usize], state: &Encryption) {
        let file = locked.file(&locked.bytes);
        let Some(mut zip) = archive::open(file.bytes) else {
            return;
        };
        for &i in members {
            let Some(entry) = archive::entry(&mut zip, i) else {
                continue;
            };
            self.locked_member(locked, entry.name, entry.size, state);
        }
    }

    fn locked_member(&mut self, locked: &Locked, name: String, size: u64, state: &Encryption) {
        let mut member = File {
            path: locked.path.child(&name),
            name: Some(name),
            disposition: Disposition::Member,
            ..locked.file(&[])
        };
        if let Some(index) = self.add_part(&mut member, "locked archive member")
            && let Some(part) = self.reading.parts.get_mut(index)
        {
            part.bytes = size;
            part.encryption = state.clone();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_signature_covers_is_found_whole_and_in_pieces() {
        let oid = [
            0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01,
        ];
        let whole = [&oid[..], &[0xa0, 0x04, 0x04, 0x02, b'h', b'i']].concat();
        assert_eq!(signed_content(&whole).as_deref(), Some(&b"hi"[..]));
        let pieces = [
            &oid[..],
            &[
                0xa0, 0x80, 0x24, 0x80, 0x04, 1, b'h', 0x04, 1, b'i', 0, 0, 0, 0,
            ],
        ]
        .concat();
        assert_eq!(signed_content(&pieces).as_deref(), Some(&b"hi"[..]));
        assert_eq!(signed_content(&oid), None);
    }
}
