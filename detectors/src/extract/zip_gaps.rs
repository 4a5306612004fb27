//! What an archive holds that its directory does not tell.
//!
//! Some programs read a zip archive by the directory at its end and some by the header
//! before each member; where the two differ, each sees something else. An archive may also
//! stand behind another file: a program that unpacks itself, a picture.

use std::collections::HashSet;
use std::io::Read;

use super::archive::{self, Refusal, Zip};
use super::{File, Reader, charset, guarded, text_passage};
use crate::finding::Kind;
use crate::inspection::UnreadReason;
use crate::text::Role;

const LOCAL: &[u8] = b"PK\x03\x04";
const END: &[u8] = b"PK\x05\x06";

/// The most members outside the directory that are read.
const UNLISTED: usize = 500;

/// What stands in the header before a member (APPNOTE §4.3.7).
struct Local<'b> {
    flags: u16,
    method: u16,
    packed: u64,
    name: &'b [u8],
    /// Where the data start.
    data: usize,
}

fn local(bytes: &[u8], at: usize) -> Option<Local<'_>> {
    let header = bytes.get(at..)?.strip_prefix(LOCAL)?;
    let short = |i: usize| -> Option<u16> {
        Some(u16::from_le_bytes(header.get(i..i + 2)?.try_into().ok()?))
    };
    let packed = u32::from_le_bytes(header.get(14..18)?.try_into().ok()?);
    let (name_length, extra) = (usize::from(short(22)?), usize::from(short(24)?));
    let name = header.get(26..26 + name_length)?;
    let data = at + 30 + name_length + extra;
    (data <= bytes.len()).then_some(Local {
        flags: short(2)?,
        method: short(4)?,
        packed: u64::from(packed),
        name,
        data,
    })
}

/// The method of a member by its entry in the directory (APPNOTE §4.3.12).
fn method_in_directory(bytes: &[u8], at: usize) -> Option<u16> {
    let entry = bytes.get(at..)?.strip_prefix(b"PK\x01\x02")?;
    Some(u16::from_le_bytes(entry.get(6..8)?.try_into().ok()?))
}

/// Compares the headers with the directory, and reads members that it does not list.
pub(super) fn read<'b>(reader: &mut Reader<'_>, file: &File<'b>, zip: &mut Zip<'b>) {
    let bytes = file.bytes;
    let mut covered: Vec<(usize, usize)> = Vec::new();
    let mut names = Vec::new();
    for i in 0..zip.len() {
        let Some((start, end, raw, listed, locked)) = guarded(|| {
            let entry = zip.by_index_raw(i).ok()?;
            let data = entry.data_start()?;
            let end = data.saturating_add(entry.compressed_size());
            Some((
                usize::try_from(entry.header_start()).ok()?,
                usize::try_from(end).ok()?,
                entry.name_raw().to_vec(),
                usize::try_from(entry.central_header_start()).ok()?,
                entry.encrypted(),
            ))
        })
        .flatten() else {
            continue;
        };
        covered.push((start, end));
        let Some(header) = local(bytes, start) else {
            continue;
        };
        if header.name != raw {
            let name = charset::decode(header.name, None).into_owned();
            names.push(text_passage(
                format!("member {}", i + 1),
                Role::FileName,
                name,
            ));
        }
        let same_method = method_in_directory(bytes, listed).is_none_or(|m| m == header.method);
        if !same_method || locked != (header.flags & 1 != 0) {
            let note = "headers of a zip member that disagree";
            reader.unread(&file.path, UnreadReason::Damaged, note);
        }
    }
    if !names.is_empty() {
        let note = "members with two names";
        reader.finding(Kind::HiddenContent, &file.path, "directory", 0.8, note);
        reader.document(&file.path, file.disposition, names);
    }
    covered.sort_unstable();
    unlisted(reader, file, &covered);
}

/// Reads the members whose headers stand between those of the directory.
fn unlisted(reader: &mut Reader<'_>, file: &File<'_>, covered: &[(usize, usize)]) {
    let bytes = file.bytes;
    let mut gaps = covered.iter().copied().peekable();
    let mut at = 0usize;
    let mut seen = HashSet::new();
    while at < bytes.len() && seen.len() < UNLISTED {
        if let Some((start, end)) = gaps.peek().copied()
            && at >= start
        {
            at = at.max(end);
            gaps.next();
            continue;
        }
        let stop = gaps.peek().map_or(bytes.len(), |(start, _)| *start);
        let gap = bytes.get(at..stop.min(bytes.len())).unwrap_or_default();
        let found = gap.windows(LOCAL.len()).position(|w| w == LOCAL);
        let Some(header) = found.and_then(|f| local(bytes, at + f)) else {
            // Nothing, or four octets by chance.
            at = found.map_or(stop, |f| at + f + LOCAL.len()).max(at + 1);
            continue;
        };
        if !seen.insert(header.data) {
            at += 1;
            continue;
        }
        let used = unlisted_member(reader, file, &header, stop);
        at = header.data.saturating_add(used).max(at + 1);
        if reader.budget_is_spent() {
            return;
        }
    }
}

/// Reads one member; returns the octets that it takes.
fn unlisted_member(
    reader: &mut Reader<'_>,
    file: &File<'_>,
    header: &Local<'_>,
    stop: usize,
) -> usize {
    let name = charset::decode(header.name, None).into_owned();
    if name.ends_with('/') {
        return 0;
    }
    let note = "a member that the directory does not list";
    reader.finding(Kind::HiddenContent, &file.path, "directory", 0.8, note);
    let packed = file
        .bytes
        .get(header.data..stop.min(file.bytes.len()))
        .unwrap_or_default();
    let known = usize::try_from(header.packed).unwrap_or(usize::MAX);
    let sized = if header.flags & 8 == 0 {
        packed.get(..known).unwrap_or(packed)
    } else {
        packed
    };
    if header.flags & 1 != 0 {
        reader.shut_member(file, &name, Refusal::Locked, note);
        return known.min(packed.len());
    }
    let (allowance, limit) = reader.budget.unpack_allowance(sized.len() as u64);
    let mut plain = Vec::new();
    let (used, whole) = match header.method {
        0 => {
            plain.extend_from_slice(sized);
            (sized.len(), true)
        }
        8 => {
            let mut decoder = flate2::bufread::DeflateDecoder::new(sized);
            let outcome = decoder
                .by_ref()
                .take(allowance.saturating_add(1))
                .read_to_end(&mut plain);
            (
                usize::try_from(decoder.total_in()).unwrap_or(0),
                outcome.is_ok(),
            )
        }
        _ => (sized.len(), false),
    };
    reader.budget.charge_unpacked(plain.len() as u64);
    if plain.len() as u64 > allowance {
        reader.shut_member(file, &name, Refusal::Limit(limit), note);
    } else if whole {
        reader.member(file, &name, &plain);
    } else {
        reader.shut_member(file, &name, Refusal::Damaged, note);
    }
    used
}

/// Whether an archive stands behind other content: its end is where an end may be, and it
/// opens.
pub(super) fn stands_behind(bytes: &[u8]) -> bool {
    // The end and a comment of at most 65,535 octets (APPNOTE §4.3.16).
    let tail = bytes
        .get(bytes.len().saturating_sub(65_557)..)
        .unwrap_or_default();
    !bytes.starts_with(b"PK")
        && tail.windows(END.len()).any(|w| w == END)
        && archive::open(bytes).is_some_and(|zip| !zip.is_empty())
}
