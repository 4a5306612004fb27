//! 7z archives, open and locked.

use std::io::{Cursor, Read};

use sevenz_rust2::{Archive, ArchiveEntry, BlockDecoder, Error, Password};

use super::archive::Refusal;
use super::budget::Limit;
use super::encrypted::{Lock, Locked};
use super::squeezed::WINDOW_KIB;
use super::{File, Reader, guarded, text_passage};
use crate::inspection::UnreadReason;
use crate::text::Role;

/// The only lock that the format knows.
const METHOD: &str = "AES 7z";

const NOUN: &str = "7z archive member";

/// Reads what is open and puts what is locked into the queue.
pub(super) fn read(reader: &mut Reader<'_>, file: &File<'_>, index: usize) {
    let archive = match open(file.bytes, &Password::empty()) {
        Ok(archive) => archive,
        // The directory is locked too, names and all.
        Err(Error::PasswordRequired) => {
            let lock = Lock::SevenZip {
                names: Vec::new(),
                partly: false,
                method: METHOD.to_owned(),
            };
            reader.locked.push(Locked::new(file, index, lock));
            return;
        }
        Err(Error::MaxMemLimited { .. }) => {
            reader.limit(&file.path, Limit::Window);
            return;
        }
        Err(_) => {
            reader.unread(&file.path, UnreadReason::Damaged, "7z archive");
            return;
        }
    };
    let locked: Vec<usize> = (0..archive.files.len())
        .filter(|i| archive.is_file_encrypted(*i))
        .collect();
    let open_blocks: Vec<usize> = blocks(&archive, false);
    let partly = !open_blocks.is_empty();
    members(reader, file, &archive, &Password::empty(), &open_blocks);
    empty_members(reader, file, &archive);
    if locked.is_empty() {
        return;
    }
    let named = |i: &usize| Some((i + 1, archive.files.get(*i)?));
    let named: Vec<_> = locked.iter().filter_map(named).collect();
    let passages = named
        .iter()
        .map(|(i, e)| text_passage(format!("member {i}"), Role::FileName, e.name()))
        .collect();
    reader.document(&file.path, file.disposition, passages);
    let names = named
        .iter()
        .map(|(_, e)| (e.name().to_owned(), e.size()))
        .collect();
    let lock = Lock::SevenZip {
        names,
        partly,
        method: METHOD.to_owned(),
    };
    reader.locked.push(Locked::new(file, index, lock));
}

/// Tries the passwords; the one that fits opens everything that is locked.
pub(super) fn unlock(
    reader: &mut Reader<'_>,
    file: &File<'_>,
    candidates: &[String],
) -> Option<String> {
    for candidate in candidates {
        let password = Password::from(candidate.as_str());
        let Ok(archive) = open(file.bytes, &password) else {
            continue;
        };
        let locked = blocks(&archive, true);
        let smallest = locked
            .iter()
            .copied()
            .min_by_key(|b| archive.blocks.get(*b).map(|b| b.get_unpack_size()));
        // An archive without a locked block has a locked directory, and it opened.
        if let Some(probe) = smallest
            && !fits(reader, file, &archive, &password, probe)
        {
            continue;
        }
        let whole_directory = open(file.bytes, &Password::empty()).is_err();
        let chosen = if whole_directory {
            empty_members(reader, file, &archive);
            (0..archive.blocks.len()).collect()
        } else {
            locked
        };
        members(reader, file, &archive, &password, &chosen);
        return Some(candidate.clone());
    }
    None
}

/// Whether a password opens the first member of a block: its checksum is right.
fn fits(
    reader: &mut Reader<'_>,
    file: &File<'_>,
    archive: &Archive,
    password: &Password,
    block: usize,
) -> bool {
    let (allowance, _) = reader.budget.unpack_allowance(file.bytes.len() as u64);
    let mut fits = false;
    let mut octets = 0;
    let outcome = decode(file, archive, password, block, &mut |entry, content| {
        if !entry.has_stream() {
            return Ok(true);
        }
        octets = std::io::copy(&mut content.take(allowance), &mut std::io::sink())?;
        // The first octet of a right stream after `allowance` cannot be told from a wrong
        // one; it is then read and refused by the limit.
        fits = true;
        Ok(false)
    });
    reader.budget.charge_unpacked(octets);
    fits && outcome.is_some_and(|o| o.is_ok())
}

/// Opens the directory.
///
/// Neither this nor [`decode`] goes through the crate's `ArchiveReader`: that one asks the
/// system how many threads there may be, which opens a file.
fn open(bytes: &[u8], password: &Password) -> Result<Archive, Error> {
    let mut source = Cursor::new(bytes);
    guarded(|| Archive::read_with_memory_limit(&mut source, password, WINDOW_KIB as usize))
        .unwrap_or(Err(Error::FileNotFound))
}

type Each<'e> = dyn FnMut(&ArchiveEntry, &mut dyn Read) -> Result<bool, Error> + 'e;

/// Decodes a block on this thread; None when the decoder panicked.
fn decode(
    file: &File<'_>,
    archive: &Archive,
    password: &Password,
    block: usize,
    each: &mut Each<'_>,
) -> Option<Result<bool, Error>> {
    let mut source = Cursor::new(file.bytes);
    guarded(|| {
        BlockDecoder::new_with_memory_limit(
            1,
            WINDOW_KIB as usize,
            block,
            archive,
            password,
            &mut source,
        )
        .for_each_entries(&mut |entry, content| each(entry, content))
    })
}

/// The blocks that are locked, or those that are not.
fn blocks(archive: &Archive, locked: bool) -> Vec<usize> {
    let mut blocks: Vec<usize> = archive
        .stream_map
        .file_block_index
        .iter()
        .enumerate()
        .filter(|(i, _)| archive.is_file_encrypted(*i) == locked)
        .filter_map(|(_, block)| *block)
        .collect();
    blocks.sort_unstable();
    blocks.dedup();
    blocks
}

/// Reads the members of the blocks.
fn members(
    reader: &mut Reader<'_>,
    file: &File<'_>,
    archive: &Archive,
    password: &Password,
    blocks: &[usize],
) {
    // Many members share one squeezed stream, so the ratio is that of the whole archive.
    let mut used = 0u64;
    for block in blocks {
        let mut stopped = false;
        let outcome = decode(file, archive, password, *block, &mut |entry, content| {
            if entry.is_directory() || !entry.has_stream() {
                return Ok(true);
            }
            let (allowance, limit) = reader.budget.unpack_allowance(file.bytes.len() as u64);
            let allowance = match limit {
                Limit::Ratio => allowance.saturating_sub(used),
                _ => allowance,
            };
            let mut bytes = Vec::new();
            let outcome = content
                .take(allowance.saturating_add(1))
                .read_to_end(&mut bytes);
            used = used.saturating_add(bytes.len() as u64);
            reader.budget.charge_unpacked(bytes.len() as u64);
            if bytes.len() as u64 > allowance || reader.budget_is_spent() {
                reader.shut_member(file, entry.name(), Refusal::Limit(limit), NOUN);
                stopped = true;
                return Ok(false);
            }
            if outcome.is_err() {
                reader.shut_member(file, entry.name(), Refusal::Damaged, NOUN);
                stopped = true;
                return Ok(false);
            }
            reader.member(file, entry.name(), &bytes);
            Ok(true)
        });
        match outcome {
            Some(Ok(_)) => {}
            Some(Err(Error::MaxMemLimited { .. })) => reader.limit(&file.path, Limit::Window),
            Some(Err(Error::UnsupportedCompressionMethod(_) | Error::Unsupported(_))) => {
                reader.unread(&file.path, UnreadReason::UnknownFormat, "7z method");
            }
            Some(Err(_)) | None => {
                reader.unread(&file.path, UnreadReason::Damaged, "7z archive");
            }
        }
        if stopped {
            return;
        }
    }
}

/// Files without content have a name all the same.
fn empty_members(reader: &mut Reader<'_>, file: &File<'_>, archive: &Archive) {
    for entry in &archive.files {
        if !entry.has_stream() && !entry.is_directory() && !reader.budget_is_spent() {
            reader.member(file, entry.name(), &[]);
        }
    }
}
