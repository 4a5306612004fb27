//! Tape archives. Nothing of them ever touches a disk: members are read where they lie.

use std::io::{Cursor, Read};

use super::archive::Refusal;
use super::budget::Limit;
use super::{File, Reader, charset, guarded, text_passage};
use crate::inspection::UnreadReason;
use crate::text::Role;

const BLOCK: usize = 512;

/// Whether the bytes start with the header of a member: its checksum is right
/// (POSIX.1-1988 ustar; the older formats have the same field).
pub(super) fn is_tar(bytes: &[u8]) -> bool {
    let Some(header) = bytes.get(..BLOCK) else {
        return false;
    };
    if header.first() == Some(&0) {
        return false;
    }
    let (Some(field), Some(before), Some(after)) =
        (header.get(148..156), header.get(..148), header.get(156..))
    else {
        return false;
    };
    let digits: Vec<u8> = field
        .iter()
        .copied()
        .filter(|b| (b'0'..=b'7').contains(b))
        .collect();
    if digits.len() < 2 || !field.iter().all(|b| matches!(b, b'0'..=b'7' | b' ' | 0)) {
        return false;
    }
    let claimed = digits
        .iter()
        .fold(0u64, |sum, b| sum * 8 + u64::from(b - b'0'));
    let spaces = 8 * u64::from(b' ');
    let sum: u64 = before.iter().chain(after).map(|b| u64::from(*b)).sum();
    sum + spaces == claimed
}

/// Reads the members, one after the other.
pub(super) fn read(reader: &mut Reader<'_>, file: &File<'_>) {
    let mut archive = tar::Archive::new(Cursor::new(file.bytes));
    // Some programs end at the first block of zeros and some read on: read on.
    archive.set_ignore_zeros(true);
    let Ok(mut entries) = archive.entries() else {
        reader.unread(&file.path, UnreadReason::Damaged, "tar archive");
        return;
    };
    let mut names = Vec::new();
    let mut number = 0u32;
    loop {
        let next = guarded(|| entries.next().map(|e| e.ok()));
        let mut entry = match next {
            Some(None) => break,
            Some(Some(Some(entry))) => entry,
            Some(Some(None)) | None => {
                reader.unread(&file.path, UnreadReason::Damaged, "tar archive");
                break;
            }
        };
        number = number.saturating_add(1);
        let name = guarded(|| charset::decode(&entry.path_bytes(), None).into_owned())
            .unwrap_or_else(|| format!("member {number}"));
        let kind = entry.header().entry_type();
        if kind.is_dir() {
            continue;
        }
        if kind.is_symlink() || kind.is_hard_link() {
            let target = guarded(|| {
                entry
                    .link_name_bytes()
                    .map(|t| charset::decode(&t, None).into_owned())
            })
            .flatten()
            .unwrap_or_default();
            let place = format!("member {number}");
            let text = format!("{name} -> {target}");
            names.push(text_passage(place, Role::FileName, text));
            continue;
        }
        let packed = entry.header().entry_size().unwrap_or(0);
        let (allowance, limit) = reader
            .budget
            .unpack_allowance(packed.min(file.bytes.len() as u64));
        let mut bytes = Vec::new();
        let whole = guarded(|| {
            let most = allowance.saturating_add(1);
            (&mut entry).take(most).read_to_end(&mut bytes).is_ok()
        })
        .unwrap_or(false);
        reader.budget.charge_unpacked(bytes.len() as u64);
        if allowance == 0 || bytes.len() as u64 > allowance {
            let limit = if allowance == 0 {
                Limit::UnpackedBytes
            } else {
                limit
            };
            reader.shut_member(file, &name, Refusal::Limit(limit), "tar archive member");
            break;
        }
        if !whole || (bytes.is_empty() && packed > 0) {
            reader.shut_member(file, &name, Refusal::Damaged, "tar archive member");
            break;
        }
        reader.member(file, &name, &bytes);
        if reader.budget_is_spent() {
            break;
        }
    }
    reader.document(&file.path, file.disposition, names);
}
