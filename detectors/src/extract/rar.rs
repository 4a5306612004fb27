//! RAR archives: listed, not unpacked.
//!
//! There is no free program text for the method of RAR. What the headers say is read: the
//! names, what is locked, and members that are stored as they are.
//!
//! Sources: the technical notes of RAR 5.0 and the `technote.txt` of RAR 4.

use super::fields::Fields;
use super::{File, Reader, charset, text_passage};
use crate::finding::Kind;
use crate::inspection::{Encryption, UnreadReason};
use crate::text::Role;

const SIGNATURE_5: &[u8] = b"Rar!\x1a\x07\x01\x00";
const SIGNATURE_4: &[u8] = b"Rar!\x1a\x07\x00";

const NOUN: &str = "member of a RAR archive";

/// What a header says about a member.
#[derive(Debug, PartialEq, Eq)]
struct Member<'b> {
    name: String,
    size: u64,
    /// How it is locked, and whether well.
    lock: Option<(&'static str, bool)>,
    directory: bool,
    /// The content, when it is stored whole and open.
    stored: Option<&'b [u8]>,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Listing<'b> {
    members: Vec<Member<'b>>,
    /// The names are locked too.
    headers_locked: bool,
    /// The headers do not end as they should.
    broken: bool,
}

/// Lists the members and reads those that are not packed.
pub(super) fn read(reader: &mut Reader<'_>, file: &File<'_>) {
    let bytes = file.bytes;
    let listing = if let Some(rest) = bytes.strip_prefix(SIGNATURE_5) {
        list(rest, block_5)
    } else if let Some(rest) = bytes.strip_prefix(SIGNATURE_4) {
        list(rest, block_4)
    } else {
        reader.unread(&file.path, UnreadReason::UnknownFormat, "RAR archive");
        return;
    };
    if listing.headers_locked {
        super::encrypted::lock_strong(reader, &file.path, "RAR AES");
        return;
    }
    let files = || listing.members.iter().filter(|m| !m.directory);
    let mut weakest: Option<(&'static str, bool)> = None;
    for member in files() {
        if let Some(bytes) = member.stored {
            reader.member(file, &member.name, bytes);
        } else {
            packed_member(reader, file, member);
        }
        if let Some((method, strong)) = member.lock
            && weakest.is_none_or(|(_, s)| s && !strong)
        {
            weakest = Some((method, strong));
        }
        if reader.budget_is_spent() {
            break;
        }
    }
    let names = listing
        .members
        .iter()
        .enumerate()
        .filter(|(_, m)| m.directory)
        .map(|(i, m)| text_passage(format!("member {}", i + 1), Role::FileName, &*m.name))
        .collect();
    reader.document(&file.path, file.disposition, names);
    if listing.broken || listing.members.is_empty() {
        reader.unread(&file.path, UnreadReason::Damaged, "RAR archive");
    }
    let Some((method, strong)) = weakest else {
        return;
    };
    let (state, kind) = state_of(method, strong);
    reader.finding(kind, &file.path, "whole file", 1.0, method);
    // An archive is locked only when all of it is.
    if files().all(|m| m.lock.is_some()) {
        reader.set_encryption(&file.path, state);
    }
}

fn state_of(method: &str, strong: bool) -> (Encryption, Kind) {
    if strong {
        (
            Encryption::Strong(method.to_owned()),
            Kind::EncryptionStrong,
        )
    } else {
        (Encryption::Weak(method.to_owned()), Kind::EncryptionWeak)
    }
}

/// Accounts for a member that cannot be unpacked.
fn packed_member(reader: &mut Reader<'_>, file: &File<'_>, member: &Member<'_>) {
    let mut part = file.inside(&member.name, &[]);
    let noun = match member.lock {
        Some(_) => "locked archive member",
        None => "unread archive member",
    };
    let Some(index) = reader.add_part(&mut part, noun) else {
        return;
    };
    reader.file_name(&part);
    let reason = match member.lock {
        Some((method, strong)) => {
            let (state, _) = state_of(method, strong);
            if let Some(part) = reader.reading.parts.get_mut(index) {
                part.encryption = state;
            }
            if strong {
                UnreadReason::Encrypted
            } else {
                UnreadReason::WeaklyEncrypted
            }
        }
        None => UnreadReason::UnknownFormat,
    };
    if let Some(part) = reader.reading.parts.get_mut(index) {
        part.bytes = member.size;
    }
    reader.unread(&part.path, reason, NOUN);
}

/// Reads one block of an archive; `Some(false)` is its end, `None` a broken one.
type ReadBlock = for<'b> fn(&mut Fields<'b>, &mut Listing<'b>) -> Option<bool>;

/// The blocks of an archive, up to its end or to where it is broken.
fn list(bytes: &[u8], block: ReadBlock) -> Listing<'_> {
    let mut listing = Listing::default();
    let mut rest = Fields(bytes);
    while !rest.0.is_empty() {
        match block(&mut rest, &mut listing) {
            Some(true) => {}
            Some(false) => return listing,
            None => {
                listing.broken = true;
                return listing;
            }
        }
    }
    listing
}

/// A block of RAR 5.
fn block_5<'b>(rest: &mut Fields<'b>, listing: &mut Listing<'b>) -> Option<bool> {
    const FILE: u64 = 2;
    const ENCRYPTION: u64 = 4;
    const END: u64 = 5;
    rest.take(4)?;
    let size = rest.length()?;
    let mut header = Fields(rest.take(size)?);
    let kind = header.vint()?;
    let flags = header.vint()?;
    let extra_size = if flags & 1 != 0 { header.length()? } else { 0 };
    let data_size = if flags & 2 != 0 { header.vint()? } else { 0 };
    // A volume ends within the data of a member.
    let there = usize::try_from(data_size)
        .unwrap_or(usize::MAX)
        .min(rest.0.len());
    let data = rest.take(there)?;
    match kind {
        END => return Some(false),
        ENCRYPTION => {
            listing.headers_locked = true;
            return Some(false);
        }
        FILE => {}
        _ => return Some(true),
    }
    let split = flags & 0x18 != 0;
    let file_flags = header.vint()?;
    let unpacked = header.vint()?;
    header.vint()?;
    if file_flags & 2 != 0 {
        header.take(4)?;
    }
    if file_flags & 4 != 0 {
        header.take(4)?;
    }
    let compression = header.vint()?;
    header.vint()?;
    let length = header.length()?;
    let name = String::from_utf8_lossy(header.take(length)?).into_owned();
    let extra = header
        .0
        .get(header.0.len().saturating_sub(extra_size)..)
        .unwrap_or_default();
    let locked = is_locked_5(extra);
    let stored = !split && !locked && (compression >> 7) & 7 == 0 && data.len() as u64 == unpacked;
    listing.members.push(Member {
        name,
        size: unpacked,
        lock: locked.then_some(("RAR AES", true)),
        directory: file_flags & 1 != 0,
        stored: stored.then_some(data),
    });
    Some(true)
}

/// Whether the extra area holds the record of an encrypted file.
fn is_locked_5(extra: &[u8]) -> bool {
    let mut rest = Fields(extra);
    while let Some(size) = rest.length() {
        let Some(record) = rest.take(size) else {
            return false;
        };
        if Fields(record).vint() == Some(1) {
            return true;
        }
    }
    false
}

/// A block of RAR 1.5 to 4.
fn block_4<'b>(rest: &mut Fields<'b>, listing: &mut Listing<'b>) -> Option<bool> {
    const MAIN: u64 = 0x73;
    const FILE: u64 = 0x74;
    const SERVICE: u64 = 0x7a;
    const END: u64 = 0x7b;
    rest.take(2)?;
    let kind = rest.number(1)?;
    let flags = rest.number(2)?;
    let size = usize::try_from(rest.number(2)?).ok()?.checked_sub(7)?;
    let mut header = Fields(rest.take(size)?);
    match kind {
        END => return Some(false),
        MAIN => {
            listing.headers_locked = flags & 0x80 != 0;
            return Some(!listing.headers_locked);
        }
        FILE | SERVICE => {}
        _ => {
            if flags & 0x8000 != 0 {
                let length = usize::try_from(header.number(4)?).ok()?;
                rest.take(length.min(rest.0.len()))?;
            }
            return Some(true);
        }
    }
    let mut packed = header.number(4)?;
    let mut unpacked = header.number(4)?;
    header.take(9)?;
    let version = header.number(1)?;
    let method = header.number(1)?;
    let name_length = usize::try_from(header.number(2)?).ok()?;
    header.take(4)?;
    if flags & 0x100 != 0 {
        packed |= header.number(4)? << 32;
        unpacked |= header.number(4)? << 32;
    }
    let name = header.take(name_length)?;
    let there = usize::try_from(packed)
        .unwrap_or(usize::MAX)
        .min(rest.0.len());
    let data = rest.take(there)?;
    if kind == SERVICE {
        return Some(true);
    }
    let locked = flags & 4 != 0;
    let split = flags & 3 != 0;
    let stored = !split && !locked && method == 0x30 && data.len() as u64 == unpacked;
    // AES-128 since version 2.9; the ciphers before it are broken.
    let lock = if version >= 29 {
        ("RAR AES", true)
    } else {
        ("old RAR encryption", false)
    };
    listing.members.push(Member {
        name: name_4(name, flags & 0x200 != 0),
        size: unpacked,
        lock: locked.then_some(lock),
        directory: flags & 0xe0 == 0xe0,
        stored: stored.then_some(data),
    });
    Some(true)
}

/// A name in the local character set, or behind a zero octet once more in a squeezed
/// form of UTF-16.
fn name_4(bytes: &[u8], unicode: bool) -> String {
    let zero = bytes.iter().position(|b| *b == 0);
    match (unicode, zero.and_then(|z| bytes.split_at_checked(z))) {
        (true, Some((plain, [_, packed @ ..]))) => {
            unsqueezed(plain, packed).unwrap_or_else(|| charset::decode(plain, None).into_owned())
        }
        _ => charset::decode(bytes, None).into_owned(),
    }
    .replace('\\', "/")
}

/// Two bits for each character say how it is written: the low octet alone, with the
/// common high octet, in full, or as a run taken from the plain name.
fn unsqueezed(plain: &[u8], packed: &[u8]) -> Option<String> {
    let mut rest = Fields(packed);
    let high = u16::try_from(rest.number(1)?).ok()? << 8;
    let mut units: Vec<u16> = Vec::new();
    let (mut flags, mut left) = (0u64, 0);
    while !rest.0.is_empty() {
        if left == 0 {
            flags = rest.number(1)?;
            left = 4;
        }
        left -= 1;
        let how = flags >> (2 * left) & 3;
        match how {
            0 => units.push(rest.number(1)? as u16),
            1 => units.push(high | rest.number(1)? as u16),
            2 => units.push(rest.number(2)? as u16),
            _ => {
                let length = rest.number(1)?;
                let correction = match length & 0x80 {
                    0 => None,
                    _ => Some(rest.number(1)? as u8),
                };
                for _ in 0..(length & 0x7f) + 2 {
                    let octet = *plain.get(units.len())?;
                    units.push(match correction {
                        Some(correction) => high | u16::from(octet.wrapping_add(correction)),
                        None => u16::from(octet),
                    });
                }
            }
        }
    }
    Some(String::from_utf16_lossy(&units))
}
