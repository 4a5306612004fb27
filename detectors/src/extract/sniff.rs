//! What the bytes really are, whatever name and type they carry.

use std::io::Cursor;

use file_format::{FileFormat, Kind as FormatKind};

use super::squeezed::Method;
use super::{File, charset, tar};
use crate::text::Role;

/// The format that the bytes show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Empty,
    Text,
    /// Text in columns, with its delimiter.
    Table(u8),
    Html,
    /// Data or a drawing in XML.
    Xml,
    Rtf,
    Message,
    Pdf,
    /// A zip archive or one of the document formats that are zip archives.
    Zip,
    /// A file that holds one other file in squeezed form.
    Squeezed(Method),
    Tar,
    SevenZip,
    Rar,
    /// `winmail.dat`.
    Tnef,
    /// An OLE compound file: old Office files, and the lock around new ones.
    Compound,
    Pkcs7,
    Pgp,
    /// `message.rpmsg` and its kin.
    RightsManaged,
    /// Pictures, sound, film, fonts: no text to read.
    Media(&'static str),
    /// A detached signature: nothing that a person reads.
    Signature,
    /// A known format without a reader.
    Unreadable(&'static str),
    /// AppleSingle or AppleDouble.
    AppleFile,
    BinHex,
    Unknown,
}

impl Format {
    /// A short English noun.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::Empty => "empty file",
            Self::Text => "plain text",
            Self::Table(_) => "table of comma-separated values",
            Self::Html => "web page",
            Self::Xml => "XML file",
            Self::Rtf => "Rich Text document",
            Self::Message => "e-mail message",
            Self::Pdf => "PDF document",
            Self::Zip => "zip archive",
            Self::Squeezed(method) => method.noun(),
            Self::Tar => "tar archive",
            Self::SevenZip => "7z archive",
            Self::Rar => "RAR archive",
            Self::Tnef => "Outlook TNEF container",
            Self::Compound => "Office 97-2003 document",
            Self::Pkcs7 => "S/MIME message",
            Self::Pgp => "OpenPGP message",
            Self::RightsManaged => "rights-managed message",
            Self::Media(noun) | Self::Unreadable(noun) => noun,
            Self::Signature => "digital signature",
            Self::AppleFile => "Macintosh file",
            Self::BinHex => "BinHex file",
            Self::Unknown => "unknown bytes",
        }
    }
}

/// Names the format of a part or member.
pub(super) fn format(file: &File<'_>) -> Format {
    let bytes = file.bytes;
    if bytes.is_empty() {
        return Format::Empty;
    }
    if let Some(format) = by_magic(bytes) {
        return format;
    }
    let extension = file.name.as_deref().map(extension).unwrap_or_default();
    if matches!(extension.as_str(), "p7m" | "p7c") || file.declared.contains("pkcs7-mime") {
        return Format::Pkcs7;
    }
    if extension == "p7s"
        || file.declared.contains("pkcs7-signature")
        || file.declared == "application/pgp-signature"
        || starts_with_text(bytes, b"-----BEGIN PGP SIGNATURE-----")
    {
        return Format::Signature;
    }
    if extension == "rpmsg" || file.declared.contains("rpmsg") {
        return Format::RightsManaged;
    }
    if starts_with_text(bytes, b"-----BEGIN PGP MESSAGE-----") || binary_pgp(bytes, &extension) {
        return Format::Pgp;
    }
    if !charset::is_text(bytes) {
        return by_library(bytes);
    }
    if super::macintosh::is_binhex(bytes)
        && (extension == "hqx" || file.declared.contains("binhex") || file.role == Role::Document)
    {
        return Format::BinHex;
    }
    let html =
        file.declared == "text/html" || matches!(extension.as_str(), "html" | "htm" | "xhtml");
    if html || looks_like_html(bytes) {
        return Format::Html;
    }
    let xml_name = extension == "xml" || extension == "svg" || file.declared.contains("xml");
    if super::records::is_xml(bytes, xml_name) {
        return Format::Xml;
    }
    if file.declared == "message/rfc822"
        || matches!(extension.as_str(), "eml" | "mht" | "mhtml")
        || looks_like_message(bytes)
    {
        return Format::Message;
    }
    match extension.as_str() {
        "csv" | "tsv" | "tab" => Format::Table(super::csv::delimiter(bytes)),
        _ if matches!(
            file.declared.as_str(),
            "text/csv" | "text/tab-separated-values"
        ) =>
        {
            Format::Table(super::csv::delimiter(bytes))
        }
        _ if !extension.is_empty() && super::csv::looks_like_table(bytes) => {
            Format::Table(super::csv::delimiter(bytes))
        }
        _ => Format::Text,
    }
}

/// Whether a file is a message by its name or declared type, and not only by its look.
pub(super) fn names_message(file: &File<'_>) -> bool {
    let extension = file.name.as_deref().map(extension).unwrap_or_default();
    file.declared.starts_with("message/")
        || matches!(
            extension.as_str(),
            "eml" | "mht" | "mhtml" | "mim" | "mime" | "emlx" | "p7m"
        )
}

/// Whether octets are a text or a file of a known format.
pub(super) fn is_meaningful(bytes: &[u8]) -> bool {
    charset::is_text(bytes) || by_magic(bytes).is_some()
}

fn by_magic(bytes: &[u8]) -> Option<Format> {
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

/// Old-style and new-style packet tags of encrypted data (RFC 9580 §5), only under a
/// name that says so: two octets alone prove nothing.
fn binary_pgp(bytes: &[u8], extension: &str) -> bool {
    matches!(extension, "pgp" | "gpg")
        && matches!(
            bytes.first(),
            Some(0x84 | 0x85 | 0x8c | 0x8d | 0xc1 | 0xc3 | 0xa6 | 0xd2)
        )
}

fn by_library(bytes: &[u8]) -> Format {
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

fn starts_with_text(bytes: &[u8], start: &[u8]) -> bool {
    bytes.trim_ascii_start().starts_with(start)
}

fn looks_like_html(bytes: &[u8]) -> bool {
    let head: Vec<u8> = bytes
        .get(..bytes.len().min(1024))
        .unwrap_or_default()
        .trim_ascii_start()
        .to_ascii_lowercase();
    head.starts_with(b"<!doctype html")
        || head.starts_with(b"<html")
        || head.windows(6).any(|w| w == b"<html " || w == b"<html>")
}

/// A file that starts with header fields, one of them a field that only messages have.
fn looks_like_message(bytes: &[u8]) -> bool {
    let head = bytes.get(..bytes.len().min(2048)).unwrap_or_default();
    let (mut fields, mut telling) = (0, 0);
    for line in head.split(|b| *b == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            break;
        }
        if matches!(line.first(), Some(b' ' | b'\t')) {
            continue;
        }
        let Some(colon) = line.iter().position(|b| *b == b':') else {
            break;
        };
        let name = line.get(..colon).unwrap_or_default();
        if name.is_empty() || !name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-') {
            break;
        }
        fields += 1;
        let name = name.to_ascii_lowercase();
        if matches!(
            name.as_slice(),
            b"received"
                | b"return-path"
                | b"message-id"
                | b"mime-version"
                | b"delivered-to"
                | b"dkim-signature"
        ) {
            telling += 1;
        }
    }
    fields >= 3 && telling >= 1
}

/// A calendar entry or a visiting card, whose long lines are folded.
pub(super) fn is_card(file: &File<'_>) -> bool {
    let extension = file.name.as_deref().map(extension).unwrap_or_default();
    matches!(extension.as_str(), "ics" | "vcs" | "vcf")
        || matches!(
            file.declared.as_str(),
            "text/calendar" | "text/vcard" | "text/x-vcard"
        )
}

/// The extension of a file name, lower case, without the dot.
pub(super) fn extension(name: &str) -> String {
    match name.rsplit_once('.') {
        Some((_, extension)) if extension.len() <= 8 => extension.trim().to_ascii_lowercase(),
        _ => String::new(),
    }
}

/// What a name claims, when the content contradicts it in a way that hides content: an
/// archive, document or program that calls itself a picture or a text.
pub(super) fn misleading(name: &str, format: &Format) -> Option<String> {
    let extension = extension(name);
    let claimed = match extension.as_str() {
        "png" | "jpg" | "jpeg" | "gif" | "bmp" | "tif" | "tiff" | "webp" | "heic" | "svg"
        | "ico" => "picture",
        "mp3" | "wav" | "m4a" | "ogg" | "aac" => "sound",
        "mp4" | "mov" | "avi" | "mkv" | "webm" => "film",
        "txt" | "log" | "md" | "csv" | "ics" | "vcf" => "text",
        "pdf" => "PDF",
        "docx" | "xlsx" | "pptx" | "zip" => "Office file or archive",
        _ => return None,
    };
    let fits = match (claimed, format) {
        (_, Format::Empty | Format::Unknown) => true,
        ("picture" | "sound" | "film", Format::Media(_)) => true,
        ("picture", Format::Text | Format::Html | Format::Xml) => extension == "svg",
        (
            "text",
            Format::Text | Format::Table(_) | Format::Html | Format::Xml | Format::Message,
        ) => true,
        ("text", Format::Pgp | Format::Signature) => true,
        ("PDF", Format::Pdf) => true,
        ("Office file or archive", Format::Zip | Format::Compound) => true,
        _ => false,
    };
    (!fits).then(|| format!("named as {claimed}, is {}", format.noun()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspection::{Disposition, PartPath};
    use crate::text::Role;

    fn check(name: &str, bytes: &[u8], expected: Format) {
        let file = File {
            path: PartPath("1".into()),
            name: Some(name.into()),
            declared: String::new(),
            charset: None,
            disposition: Disposition::Attachment,
            role: Role::Document,
            depth: 0,
            bytes,
        };
        assert_eq!(format(&file), expected, "{name}");
    }

    #[test]
    fn names_count_for_nothing_against_the_bytes() {
        check("picture.png", b"PK\x03\x04rest", Format::Zip);
        check("notes.txt", b"%PDF-1.7", Format::Pdf);
        check(
            "a.docx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            Format::Compound,
        );
        check("a.dat", b"plain words\n", Format::Text);
        check("a.dat", b"<!DOCTYPE html><p>x", Format::Html);
        check(
            "x",
            b"Received: from a\r\nFrom: a@b.example\r\nSubject: x\r\n\r\nhello",
            Format::Message,
        );
        check(
            "data.bin",
            &[0, 1, 2, 3, 4, 250, 251, 0, 0, 7],
            Format::Unknown,
        );
    }

    #[test]
    fn a_zip_called_picture_misleads_and_a_picture_does_not() {
        assert!(misleading("photo.jpg", &Format::Zip).is_some());
        assert!(misleading("photo.jpg", &Format::Media("PNG picture")).is_none());
        assert!(misleading("marks.xlsx", &Format::Zip).is_none());
        assert!(misleading("marks.xyz", &Format::Zip).is_none());
    }
}
