//! Locks: what kind they are, and whether the key lies beside them.

use super::archive::{self, Refusal};
use super::legacy;
use super::sniff::Format;
use super::{File, Reader, compound, guarded, odf, passwords, pdf, seven_zip};
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
    OpenDocument {
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
            Self::Zip { strong, .. }
            | Self::Pdf { strong, .. }
            | Self::Office { strong, .. }
            | Self::OpenDocument { strong, .. } => *strong,
            Self::SevenZip { .. } => true,
        }
    }

    fn method(&self) -> &str {
        match self {
            Self::Zip { method, .. }
            | Self::Pdf { method, .. }
            | Self::Office { method, .. }
            | Self::OpenDocument { method, .. }
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
            Lock::OpenDocument { .. } => odf::unlock(self, &file, candidates)
                .map(|password| self.note_password(&password))
                .is_some(),
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
                        match compound::program_of(&document) {
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
            Lock::Pdf { .. } | Lock::Office { .. } | Lock::OpenDocument { .. } => {
                self.set_encryption(path, state)
            }
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
