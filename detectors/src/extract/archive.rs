//! Zip archives and the document formats that are zip archives.

use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::read::ZipReadOptions;

use super::budget::Limit;
use super::encrypted::{Lock, Locked};
use super::{File, Reader, guarded, odf, ooxml, text_passage, zip_gaps};
use crate::finding::Kind;
use crate::inspection::UnreadReason;
use crate::text::Role;

/// An archive opened over its bytes.
pub(super) type Zip<'b> = ZipArchive<Cursor<&'b [u8]>>;

/// Why a member was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Wrong password, or none.
    Locked,
    Damaged,
    Limit(Limit),
}

/// Opens the bytes of an archive.
pub(super) fn open(bytes: &[u8]) -> Option<Zip<'_>> {
    guarded(|| ZipArchive::new(Cursor::new(bytes)).ok()).flatten()
}

/// Reads an archive or a document in a zip container.
pub(super) fn read(reader: &mut Reader<'_>, file: &File<'_>, index: usize) {
    let Some(mut archive) = open(file.bytes) else {
        reader.unread(&file.path, UnreadReason::Damaged, "zip archive");
        return;
    };
    if guarded(|| archive.has_overlapping_files().unwrap_or(true)).unwrap_or(true) {
        reader.limit(&file.path, Limit::Overlap);
        return;
    }
    if is_iwork(&archive) {
        if let Some(part) = reader.reading.parts.get_mut(index) {
            part.actual_type = "iWork document".into();
        }
        let noun = "Pages, Numbers or Keynote document";
        reader.unread(&file.path, UnreadReason::UnknownFormat, noun);
    }
    if archive.index_for_name("[Content_Types].xml").is_some() {
        ooxml::read(reader, file, index, &mut archive);
        return;
    }
    if let Some(mimetype) = archive.index_for_name("mimetype")
        && let Ok(kind) = member_bytes(reader, &mut archive, mimetype, None)
        && kind.starts_with(b"application/vnd.oasis.opendocument")
    {
        odf::read(reader, file, index, &mut archive);
        return;
    }
    members(reader, file, index, &mut archive);
    zip_gaps::read(reader, file, &mut archive);
}

/// Reads an archive that stands behind the content of another file.
pub(super) fn read_behind(reader: &mut Reader<'_>, file: &File<'_>, index: usize) {
    let note = "an archive behind other content";
    reader.finding(
        Kind::HiddenContent,
        &file.path,
        "end of the file",
        0.8,
        note,
    );
    read(reader, file, index);
}

fn members(reader: &mut Reader<'_>, file: &File<'_>, index: usize, archive: &mut Zip<'_>) {
    let mut locked = Vec::new();
    let mut names = Vec::new();
    let (mut open, mut zip_crypto) = (0u32, false);
    let mut method = String::new();
    if !archive.comment().is_empty() {
        let comment = super::charset::decode(archive.comment(), None).into_owned();
        names.push(text_passage("archive comment", Role::Metadata, comment));
    }
    for i in 0..archive.len() {
        let Some(entry) = entry(archive, i) else {
            reader.unread(&file.path, UnreadReason::Damaged, "zip archive member");
            continue;
        };
        if entry.directory {
            continue;
        }
        if entry.encrypted {
            if entry.aes {
                method = "AES zip".into();
            } else {
                zip_crypto = true;
            }
            names.push(text_passage(
                format!("member {}", i + 1),
                Role::FileName,
                entry.name,
            ));
            locked.push(i);
            continue;
        }
        open += 1;
        read_member(reader, file, archive, i, &entry.name, None);
        if reader.budget_is_spent() {
            break;
        }
    }
    reader.document(&file.path, file.disposition, names);
    if locked.is_empty() {
        return;
    }
    let strong = !zip_crypto;
    if zip_crypto {
        method = "ZipCrypto".into();
    }
    reader.locked.push(Locked::new(
        file,
        index,
        Lock::Zip {
            members: locked,
            strong,
            partly: open > 0,
            method,
        },
    ));
}

/// Whether an archive is a document of Apple's office programs, of today or before 2013.
fn is_iwork(archive: &Zip<'_>) -> bool {
    [
        "Index/Document.iwa",
        "Index.zip",
        "index.apxl",
        "index.xml",
        "Metadata/DocumentIdentifier",
    ]
    .iter()
    .any(|name| archive.index_for_name(name).is_some())
        && [
            "buildVersionHistory.plist",
            "Metadata/BuildVersionHistory.plist",
            "Index/Document.iwa",
            "QuickLook/Thumbnail.jpg",
        ]
        .iter()
        .any(|name| archive.index_for_name(name).is_some())
}

/// What the directory of the archive says about a member.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) encrypted: bool,
    pub(super) aes: bool,
    pub(super) directory: bool,
    pub(super) size: u64,
    pub(super) packed: u64,
}

pub(super) fn entry(archive: &mut Zip<'_>, i: usize) -> Option<Entry> {
    guarded(|| {
        let entry = archive.by_index_raw(i).ok()?;
        let name = match entry.name() {
            Ok(name) => name.into_owned(),
            Err(_) => super::charset::decode(entry.name_raw(), None).into_owned(),
        };
        Some(Entry {
            name,
            encrypted: entry.encrypted(),
            aes: entry.compression() == zip::CompressionMethod::Aes
                || has_aes_field(entry.extra_data().as_deref().unwrap_or_default()),
            directory: entry.is_dir(),
            size: entry.size(),
            packed: entry.compressed_size(),
        })
    })
    .flatten()
}

/// Whether the extra data of a member hold the AE-x field 0x9901 (APPNOTE appendix E).
fn has_aes_field(mut extra: &[u8]) -> bool {
    while let [a, b, c, d, rest @ ..] = extra {
        if u16::from_le_bytes([*a, *b]) == 0x9901 {
            return true;
        }
        let length = usize::from(u16::from_le_bytes([*c, *d]));
        extra = rest.get(length..).unwrap_or_default();
    }
    false
}

/// Reads one member and what is in it.
pub(super) fn read_member(
    reader: &mut Reader<'_>,
    file: &File<'_>,
    archive: &mut Zip<'_>,
    i: usize,
    name: &str,
    password: Option<&str>,
) {
    match member_bytes(reader, archive, i, password) {
        Ok(bytes) => reader.member(file, name, &bytes),
        Err(refusal) => reader.shut_member(file, name, refusal, "zip archive member"),
    }
}

/// The unpacked bytes of a member, within the budget and to the end, where the checksum is.
pub(super) fn member_bytes(
    reader: &mut Reader<'_>,
    archive: &mut Zip<'_>,
    i: usize,
    password: Option<&str>,
) -> Result<Vec<u8>, Refusal> {
    let packed = entry(archive, i).ok_or(Refusal::Damaged)?;
    let (allowance, limit) = reader.budget.unpack_allowance(packed.packed);
    if allowance == 0 {
        return Err(Refusal::Limit(Limit::UnpackedBytes));
    }
    let outcome = guarded(|| {
        let options = ZipReadOptions::new().password(password.map(str::as_bytes));
        let member = archive
            .by_index_with_options(i, options)
            .map_err(|e| match e {
                zip::result::ZipError::InvalidPassword => Refusal::Locked,
                _ => Refusal::Damaged,
            })?;
        let expected = packed.size.min(allowance).min(16 << 20);
        let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or(0));
        let outcome = member
            .take(allowance.saturating_add(1))
            .read_to_end(&mut bytes);
        Ok((bytes, outcome.is_ok()))
    });
    let (bytes, whole) = outcome.unwrap_or(Err(Refusal::Damaged))?;
    reader.budget.charge_unpacked(bytes.len() as u64);
    if bytes.len() as u64 > allowance {
        return Err(Refusal::Limit(limit));
    }
    if whole {
        Ok(bytes)
    } else if password.is_some() {
        Err(Refusal::Locked)
    } else {
        Err(Refusal::Damaged)
    }
}

impl Reader<'_> {
    /// Accounts for a member that was not read.
    pub(super) fn shut_member(
        &mut self,
        file: &File<'_>,
        name: &str,
        refusal: Refusal,
        noun: &str,
    ) {
        let mut member = file.inside(name, &[]);
        if self
            .add_part(&mut member, "unread archive member")
            .is_none()
        {
            return;
        }
        self.file_name(&member);
        match refusal {
            Refusal::Limit(limit) => self.limit(&member.path, limit),
            Refusal::Locked | Refusal::Damaged => {
                self.unread(&member.path, UnreadReason::Damaged, noun);
            }
        }
    }

    /// Whether nothing more can be unpacked or accounted for.
    pub(super) fn budget_is_spent(&self) -> bool {
        self.budget.unpack_allowance(1).0 == 0 || self.limits_seen.contains(&Limit::Parts)
    }
}
