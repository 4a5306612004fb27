//! OLE compound files (MS-CFB): which program wrote one, and the objects inside.
//!
//! Old Office documents, Outlook messages, the lock around new Office documents and
//! embedded objects all come in this container.

use std::borrow::Cow;
use std::io::{Cursor, Read, Write};

use msoffice_crypto::Family;

use super::encrypted::{self, Lock, Locked};
use super::legacy::{self, Program};
use super::{File, Reader, guarded, ole_package, outlook, sniff};
use crate::inspection::UnreadReason;

type Compound<'b> = cfb::CompoundFile<Cursor<&'b [u8]>>;

/// The most objects of one document that are read.
const OBJECTS: usize = 1000;

/// Reads a compound file by what its streams make it.
pub(super) fn read(reader: &mut Reader<'_>, file: &File<'_>, index: usize) {
    let bytes = repaired(file.bytes);
    let file = &File {
        bytes: &bytes,
        ..file.clone()
    };
    let Some(noun) = noun(file.bytes) else {
        reader.unread(&file.path, UnreadReason::Damaged, "compound file");
        return;
    };
    let rename = |reader: &mut Reader<'_>, noun: &str| {
        if let Some(part) = reader.reading.parts.get_mut(index) {
            part.actual_type = noun.to_owned();
        }
    };
    rename(reader, noun);
    match noun {
        "rights-managed document" => {
            encrypted::lock_strong(reader, &file.path, "Microsoft rights management");
            return;
        }
        "Outlook message" => {
            outlook::read_msg(reader, file, index);
            return;
        }
        "embedded object" => {
            object(reader, file);
            return;
        }
        _ => {}
    }
    let class = guarded(|| msoffice_crypto::classify(file.bytes));
    let locked = class.as_ref().is_some_and(|c| c.is_encrypted());
    if !locked && noun != "locked Office document" {
        match program(noun) {
            Some(program) => {
                legacy::read(reader, file, program);
                objects(reader, file);
            }
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
    let lock = Lock::Office {
        strong,
        method: method.to_owned(),
    };
    reader.locked.push(Locked::new(file, index, lock));
}

/// Which old Office program wrote the file, if one did.
pub(super) fn program_of(bytes: &[u8]) -> Option<Program> {
    noun(bytes).and_then(program)
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
fn noun(bytes: &[u8]) -> Option<&'static str> {
    guarded(|| {
        let file = cfb::CompoundFile::open(Cursor::new(bytes)).ok()?;
        Some(
            NOUNS
                .iter()
                .find(|(names, _)| names.iter().all(|name| file.exists(name)))
                .map_or("compound file", |(_, noun)| *noun),
        )
    })
    .flatten()
}

/// The streams and storages that tell what a compound file is, the most telling first.
const NOUNS: &[(&[&str], &str)] = &[
    (
        &["/EncryptedPackage", "/EncryptionInfo"],
        "locked Office document",
    ),
    (&["/EncryptedPackage"], "rights-managed document"),
    (&["/\u{9}DRMContent"], "rights-managed document"),
    (&["/WordDocument"], "Word 97-2003 document"),
    (&["/Workbook"], "Excel 97-2003 workbook"),
    (&["/Book"], "Excel 97-2003 workbook"),
    (&["/PowerPoint Document"], "PowerPoint 97-2003 presentation"),
    (&["/__properties_version1.0"], "Outlook message"),
    (&["/VisioDocument"], "Visio drawing"),
    (&["/Quill"], "Publisher document"),
    (&["/Contents", "/Escher"], "Publisher document"),
    (&["/Props9"], "Microsoft Project plan"),
    (&["/Props12"], "Microsoft Project plan"),
    (&["/Props14"], "Microsoft Project plan"),
    (&["/   114"], "Microsoft Project plan"),
    (&["/MatOST"], "Microsoft Works document"),
    (&["/SPELLING"], "Microsoft Works document"),
    (&["/WksSSWorkBook"], "Microsoft Works document"),
    (&["/HwpSummaryInformation"], "Hangul document"),
    (&["/Catalog"], "cache of thumbnails"),
    (&["/\u{1}Ole10Native"], "embedded object"),
    (&["/Package"], "embedded object"),
    (&["/EmbeddedOdf"], "embedded object"),
    (&["/CONTENTS"], "embedded object"),
];

/// Some programs end a file early, with a table of sectors that still counts those that
/// would follow. With these the file opens.
fn repaired(bytes: &[u8]) -> Cow<'_, [u8]> {
    if guarded(|| cfb::CompoundFile::open(Cursor::new(bytes)).is_ok()) == Some(true) {
        return Cow::Borrowed(bytes);
    }
    let number = |at: usize| -> Option<usize> {
        let octets: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
        usize::try_from(u32::from_le_bytes(octets)).ok()
    };
    // The power of two of a sector and the number of sectors in the table (MS-CFB §2.2).
    let sector = match bytes.get(30) {
        Some(9) => 512usize,
        Some(12) => 4096,
        _ => return Cow::Borrowed(bytes),
    };
    let wanted = number(44)
        .and_then(|tables| {
            tables
                .checked_mul(sector / 4)?
                .checked_add(1)?
                .checked_mul(sector)
        })
        .unwrap_or(usize::MAX);
    // One table covers this much; more is no early end.
    let slack = 2 * sector * (sector / 4);
    if wanted <= bytes.len() || wanted - bytes.len() > slack {
        return Cow::Borrowed(bytes);
    }
    let mut longer = bytes.to_vec();
    longer.resize(wanted, 0);
    Cow::Owned(longer)
}

/// Reads what an embedded object holds: a file with its name, or a document of a program
/// that writes the container itself.
fn object(reader: &mut Reader<'_>, file: &File<'_>) {
    let streams = guarded(|| {
        let mut compound = cfb::CompoundFile::open(Cursor::new(file.bytes)).ok()?;
        let names = ["/\u{1}Ole10Native", "/Package", "/EmbeddedOdf", "/CONTENTS"];
        let mut streams = Vec::new();
        for name in names {
            if compound.is_stream(name) {
                streams.push((name, stream(&mut compound, name, file.bytes.len())?));
            }
        }
        Some(streams)
    });
    let mut any = false;
    for (name, bytes) in streams.flatten().unwrap_or_default() {
        reader.budget.charge_unpacked(bytes.len() as u64);
        let inner = match name {
            "/\u{1}Ole10Native" => ole_package::native(&bytes),
            _ => Some((String::new(), bytes.as_slice())),
        };
        if let Some((name, content)) = inner
            && (!name.is_empty() || sniff::is_meaningful(content))
        {
            any = true;
            let name = if name.is_empty() { "object" } else { &name };
            reader.member(file, name, content);
        }
    }
    if !any {
        reader.unread(&file.path, UnreadReason::UnknownFormat, "embedded object");
    }
}

fn stream(compound: &mut Compound<'_>, path: &str, most: usize) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let stream = compound.open_stream(path).ok()?;
    stream.take(most as u64).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// Reads the documents that lie in storages of their own: in Word's pool of objects, or
/// under names that Excel makes up (MS-DOC §2.1.10, MS-XLS §2.1.2).
fn objects(reader: &mut Reader<'_>, file: &File<'_>) {
    let found = guarded(|| {
        let compound = cfb::CompoundFile::open(Cursor::new(file.bytes)).ok()?;
        let mut paths: Vec<String> = compound
            .read_root_storage()
            .filter(|e| e.is_storage() && e.name().starts_with("MBD"))
            .map(|e| format!("/{}", e.name()))
            .collect();
        if let Ok(pool) = compound.read_storage("/ObjectPool") {
            paths.extend(
                pool.filter(cfb::Entry::is_storage)
                    .map(|e| format!("/ObjectPool/{}", e.name())),
            );
        }
        Some(paths)
    });
    for path in found
        .flatten()
        .unwrap_or_default()
        .into_iter()
        .take(OBJECTS)
    {
        let name = path.rsplit('/').next().unwrap_or("object").to_owned();
        if reader.budget_is_spent() {
            reader.limit(&file.path, super::Limit::UnpackedBytes);
            return;
        }
        match guarded(|| lifted(file.bytes, &path)).flatten() {
            Some(bytes) => {
                reader.budget.charge_unpacked(bytes.len() as u64);
                reader.member(file, &name, &bytes);
            }
            None => {
                let noun = "an object inside an old Office document";
                reader.unread(&file.path, UnreadReason::Damaged, noun);
            }
        }
    }
}

/// The content of a storage as a compound file of its own.
fn lifted(bytes: &[u8], storage: &str) -> Option<Vec<u8>> {
    let mut compound = cfb::CompoundFile::open(Cursor::new(bytes)).ok()?;
    let mut own = cfb::CompoundFile::create(Cursor::new(Vec::new())).ok()?;
    let mut streams = Vec::new();
    let mut left = OBJECTS;
    for entry in compound.walk_storage(storage).ok()? {
        left = left.checked_sub(1)?;
        let path = entry.path().to_string_lossy().into_owned();
        let Some(inner) = path.strip_prefix(storage).filter(|p| !p.is_empty()) else {
            continue;
        };
        if entry.is_storage() {
            own.create_storage_all(inner).ok()?;
        } else {
            streams.push((path.clone(), inner.to_owned()));
        }
    }
    let mut room = bytes.len();
    for (path, inner) in streams {
        let content = stream(&mut compound, &path, room)?;
        room = room.saturating_sub(content.len());
        own.create_stream(inner).ok()?.write_all(&content).ok()?;
    }
    own.flush().ok()?;
    Some(own.into_inner().into_inner())
}
