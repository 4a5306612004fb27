//! Formats by the octets that they start with.

use std::io::Cursor;

use file_format::{FileFormat, Kind as FormatKind};

use super::super::squeezed::Method;
use super::super::tar;
use super::Format;

/// The format by the first octets, for those that no text starts with.
pub(super) fn by_magic(bytes: &[u8]) -> Option<Format> {
    let format = match bytes {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] | [b'P', b'K', 7, 8, ..] => Format::Zip,
        [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ..] => Format::Compound,
        [b'{', b'\\', b'r', b't', ..] => Format::Rtf,
        [b'R', b'a', b'r', b'!', 0x1a, 7, ..] => Format::Rar,
        [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => Format::SevenZip,
        [0x1f, 0x8b, 8, ..] => Format::Squeezed(Method::Gzip),
        [b'B', b'Z', b'h', b'1'..=b'9', b'1', b'A', b'Y', ..]
        // The end mark of an empty one: the digits of the root of pi.
        | [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, ..] => Format::Squeezed(Method::Bzip2),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Format::Squeezed(Method::Xz),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Format::Squeezed(Method::Zstandard),
        [0x78, 0x9f, 0x3e, 0x22, ..] => Format::Tnef,
        [0x76, 0xe8, 0x04, 0x60, ..] => Format::RightsManaged,
        [0xe4, 0x52, 0x5c, 0x7b, 0x8c, 0xd8, 0xa7, 0x4d, ..]
        | [0xa1, 0x2f, 0xff, 0x43, 0xd9, 0xef, 0x76, 0x4c, ..] => {
            Format::Unreadable("OneNote notebook")
        }
        [0x00, 0x01, 0x00, 0x00, b'S', b't', b'a', b'n', b'd', b'a', b'r', b'd', b' ', ..] => {
            Format::Unreadable("Access database")
        }
        [0xff, b'W', b'P', b'C', ..] => Format::Unreadable("WordPerfect document"),
        [b'S', b'Q', b'L', b'i', b't', b'e', b' ', ..] => Format::Unreadable("SQLite database"),
        [b'!', b'B', b'D', b'N', ..] => Format::Unreadable("Outlook data file"),
        [0x31, 0xbe, 0x00, 0x00, 0x00, 0xab, ..] => Format::Unreadable("Microsoft Write document"),
        [b'I', b'T', b'S', b'F', ..] => Format::Unreadable("compiled help file"),
        [b'%', b'!', b'P', b'S', b'-', ..] => Format::Unreadable("PostScript document"),
        [b'M', b'S', b'C', b'F', 0, 0, 0, 0, ..] => Format::Unreadable("Windows cabinet"),
        [0x60, 0xea, ..] if is_arj(bytes) => Format::Unreadable("ARJ archive"),
        [_, _, b'-', b'l', b'h', b'0'..=b'7', b'-', ..] => Format::Unreadable("LHA archive"),
        [b'M', b'Z', ..] if is_program(bytes) => Format::Unreadable("Windows program"),
        [0x7f, b'E', b'L', b'F', ..] => Format::Unreadable("program"),
        [0x00, 0x05, 0x16, 0x00 | 0x07, 0x00, ..] => Format::AppleFile,
        [0x89, b'P', b'N', b'G', ..] => Format::Media("PNG picture"),
        [0xff, 0xd8, 0xff, ..] => Format::Media("JPEG picture"),
        [b'G', b'I', b'F', b'8', ..] => Format::Media("GIF picture"),
        // Before the PDF: an archive that holds one in plain is still an archive.
        _ if tar::is_tar(bytes) => Format::Tar,
        // A PDF may start with up to 1024 other octets (Adobe's note 13 to PDF 1.7).
        _ if bytes
            .get(..bytes.len().min(1024))
            .unwrap_or_default()
            .windows(5)
            .any(|w| w == b"%PDF-") =>
        {
            Format::Pdf
        }
        _ => return None,
    };
    Some(format)
}

/// The header of an ARJ archive is at most 2600 octets long and of kind 2.
fn is_arj(bytes: &[u8]) -> bool {
    matches!(bytes, [_, _, low, high, _, _, _, _, _, _, 2, ..]
        if (30..=2600).contains(&u16::from_le_bytes([*low, *high])))
}

/// A program of Windows has a second header where the first says.
fn is_program(bytes: &[u8]) -> bool {
    let at = bytes
        .get(60..64)
        .and_then(|b| Some(u32::from_le_bytes(b.try_into().ok()?)));
    at.and_then(|at| bytes.get(at as usize..)?.get(..2))
        .is_some_and(|mark| matches!(mark, b"PE" | b"NE" | b"LE" | b"LX"))
}

/// The family of a format that has no reader here.
pub(super) fn by_library(bytes: &[u8]) -> Format {
    let Ok(format) = FileFormat::from_reader(Cursor::new(bytes)) else {
        return Format::Unknown;
    };
    match format.kind() {
        FormatKind::Image => Format::Media("picture"),
        FormatKind::Audio => Format::Media("sound"),
        FormatKind::Video => Format::Media("film"),
        FormatKind::Font => Format::Media("font"),
        FormatKind::Archive => Format::Unreadable("archive"),
        FormatKind::Compressed => Format::Unreadable("compressed file"),
        FormatKind::Disk => Format::Unreadable("disk image"),
        FormatKind::Executable => Format::Unreadable("program"),
        FormatKind::Database => Format::Unreadable("database"),
        FormatKind::Document => Format::Unreadable("document"),
        FormatKind::Spreadsheet => Format::Unreadable("spreadsheet"),
        FormatKind::Presentation => Format::Unreadable("presentation"),
        FormatKind::Ebook => Format::Unreadable("e-book"),
        FormatKind::Package => Format::Unreadable("software package"),
        _ if format == FileFormat::ArbitraryBinaryData || format == FileFormat::PlainText => {
            Format::Unknown
        }
        _ => Format::Unreadable("file for a program that is not known"),
    }
}
