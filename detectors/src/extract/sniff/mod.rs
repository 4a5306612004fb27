//! What the bytes really are, whatever name and type they carry.

mod claims;
mod magic;

use super::squeezed::Method;
use super::{File, charset};
use crate::text::Role;

pub(super) use claims::misleading;

/// The format that the bytes show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Empty,
    Text,
    /// Text in columns, with its delimiter.
    Table(u8),
    Html,
    /// A calendar or visiting cards, by their noun.
    Card(&'static str),
    /// Data or a drawing in XML.
    Xml,
    Json,
    Rtf,
    Message,
    /// Several messages, one behind the other.
    Mailbox,
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
            Self::Json => "JSON file",
            Self::Rtf => "Rich Text document",
            Self::Message => "e-mail message",
            Self::Mailbox => "mailbox file",
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
            Self::Card(noun) | Self::Media(noun) | Self::Unreadable(noun) => noun,
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
    if let Some(format) = magic::by_magic(bytes) {
        return format;
    }
    let extension = file.name.as_deref().map(extension).unwrap_or_default();
    if matches!(extension.as_str(), "p7m" | "p7c") || file.declared.contains("pkcs7-mime") {
        return Format::Pkcs7;
    }
    let der = bytes.first() == Some(&0x30);
    if der && (extension == "p7s" || file.declared.contains("pkcs7-signature")) {
        return Format::Pkcs7;
    }
    if starts_with_text(bytes, b"-----BEGIN PGP SIGNATURE-----") {
        return Format::Signature;
    }
    let binary = !charset::is_text(bytes);
    if binary && (extension == "rpmsg" || file.declared.contains("rpmsg")) {
        return Format::RightsManaged;
    }
    if starts_with_text(bytes, b"-----BEGIN PGP MESSAGE-----") || binary_pgp(bytes, &extension) {
        return Format::Pgp;
    }
    if matches!(file.role, Role::Document)
        && file.declared != "message/rfc822"
        && (super::mailbox::is_mailbox(bytes) || super::mailbox::apple_message(bytes).is_some())
    {
        return Format::Mailbox;
    }
    let message_name =
        file.declared == "message/rfc822" || matches!(extension.as_str(), "eml" | "mht" | "mhtml");
    if message_name && looks_like_header(bytes) {
        return Format::Message;
    }
    if binary {
        return magic::by_library(bytes);
    }
    if super::macintosh::is_binhex(bytes)
        && (extension == "hqx" || file.declared.contains("binhex") || file.role == Role::Document)
    {
        return Format::BinHex;
    }
    if let Some(noun) = super::cards::noun(bytes) {
        return Format::Card(noun);
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
    if file.role == Role::Document && super::json::is_json(bytes) {
        return Format::Json;
    }
    if message_name || looks_like_message(bytes) {
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
    charset::is_text(bytes) || magic::by_magic(bytes).is_some()
}

/// Old-style and new-style packet tags of encrypted data (RFC 9580 §5), only under a
/// name that says so: two octets alone prove nothing.
fn binary_pgp(bytes: &[u8], extension: &str) -> bool {
    matches!(extension, "pgp" | "gpg")
        && matches!(
            bytes.first(),
            Some(
                0x84 | 0x85
                    | 0x8c
                    | 0x8d
                    | 0x90
                    | 0xa3
                    | 0xac
                    | 0xc1
                    | 0xc3
                    | 0xc4
                    | 0xc8
                    | 0xcb
                    | 0xa6
                    | 0xd2
            )
        )
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

/// Whether the first line is a header field, or the line before it in a mailbox file.
fn looks_like_header(bytes: &[u8]) -> bool {
    let bytes = bytes.trim_ascii_start();
    bytes.starts_with(b"From ") || super::mime::starts_with_field(bytes)
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

/// The extension of a file name, lower case, without the dot.
pub(super) fn extension(name: &str) -> String {
    match name.rsplit_once('.') {
        Some((_, extension)) if extension.len() <= 8 => extension.trim().to_ascii_lowercase(),
        _ => String::new(),
    }
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
}
