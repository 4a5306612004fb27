//! Every reader on bytes that begin like its format and go on like nothing: no panic, and
//! the part is accounted for.
//!
//! The fuzz targets go further and longer; this is the part of them that every test run sees.

use std::io::{Cursor, Write};

use jiff::civil::date;
use proptest::prelude::*;
use schoolgate_detectors::roster::{RosterFile, import};
use schoolgate_detectors::{Inspection, RosterIndex, Settings, inspect};
use zip::write::{SimpleFileOptions, ZipWriter};

/// A file name with the bytes by which its format is known.
const FORMATS: [(&str, &[u8]); 27] = [
    ("a.pdf", b"%PDF-1.4\n1 0 obj\n<</Type/Catalog"),
    ("a.xlsx", b"PK\x03\x04\x14\0\0\0\x08\0"),
    ("a.zip", b"PK\x05\x06"),
    ("a.rtf", b"{\\rtf1\\ansi "),
    ("a.csv", b"surname,forename\n"),
    ("a.xml", b"<?xml version=\"1.0\"?><a>"),
    ("a.html", b"<html><body><table>"),
    ("a.7z", b"7z\xbc\xaf\x27\x1c\0\x04"),
    ("a.tar", b""),
    ("a.gz", b"\x1f\x8b\x08\0"),
    ("a.bz2", b"BZh91AY&SY"),
    ("a.xz", b"\xfd7zXZ\0\0\x04"),
    ("a.zst", b"\x28\xb5\x2f\xfd"),
    ("a.rar", b"Rar!\x1a\x07\0"),
    ("b.rar", b"Rar!\x1a\x07\x01\0"),
    ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    ("a.msg", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    ("winmail.dat", b"\x78\x9f\x3e\x22\x01\0\x01"),
    (
        "a.eml",
        b"From: a@mail.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n",
    ),
    ("a.jpg", b"\xff\xd8\xff\xe1"),
    (
        "smime.p7m",
        b"0\x82\x01\0\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07",
    ),
    // Signed data down to the content, so that what follows is read as BER.
    (
        "signed.p7m",
        b"0\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80\x30\x80\x02\x01\x01\x30\x80\x06\x09\
          \x2a\x86\x48\x86\xf7\x0d\x01\x07\x01\xa0\x80\x24\x80",
    ),
    ("._a.doc", b"\0\x05\x16\x07\0\x02\0\0"),
    ("a.as", b"\0\x05\x16\0\0\x02\0\0"),
    ("a.hqx", b"(This file must be converted with BinHex 4.0)\n:"),
    ("a.asc", b"-----BEGIN PGP MESSAGE-----\n\n"),
    ("a.ics", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"),
];

fn look(message: &[u8]) -> Inspection {
    let roster = RosterIndex::empty();
    inspect(message, &roster, &Settings::on(date(2026, 11, 24)))
}

fn attached(name: &str, bytes: &[u8]) -> Inspection {
    let head = format!(
        "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\
         Content-Disposition: attachment; filename={name}\r\n\r\n"
    );
    look(&[head.as_bytes(), bytes].concat())
}

fn zip_of(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        zip.start_file(*name, SimpleFileOptions::default())
            .expect("a member");
        zip.write_all(bytes).expect("written");
    }
    zip.finish().expect("a zip").into_inner()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn files_of_every_format(tail in proptest::collection::vec(any::<u8>(), 0..600)) {
        for (name, magic) in FORMATS {
            let found = attached(name, &[magic, &tail].concat());
            prop_assert!(!found.parts.is_empty(), "{name}");
        }
    }

    #[test]
    fn transfer_encodings_and_charsets(
        body in proptest::collection::vec(any::<u8>(), 0..400),
        encoding in "base64|quoted-printable|x-uuencode|7bit|x-yencode",
        charset in "utf-8|utf-7|utf-16|iso-2022-jp|gb18030|us-ascii|x-none",
    ) {
        let head = format!(
            "Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
        );
        prop_assert!(!look(&[head.as_bytes(), &body].concat()).parts.is_empty());
    }

    #[test]
    fn headers(lines in "([A-Za-z-]{1,20}:[ -~]{0,60}|[ -~]{0,40}|\\PC{0,20})(\r?\n[ -~]{0,60}){0,8}") {
        look(format!("{lines}\r\n\r\nTheo Walker").as_bytes());
    }

    #[test]
    fn entries_of_macintosh_files(
        entries in proptest::collection::vec((0_u32..5, 0_u32..200, 0_u32..200), 0..5),
        tail in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        for magic in [b"\0\x05\x16\x07", b"\0\x05\x16\0"] {
            let mut file = magic.to_vec();
            file.extend_from_slice(&[0, 2, 0, 0]);
            file.resize(24, 0);
            file.extend_from_slice(&(entries.len() as u16).to_be_bytes());
            for (id, start, length) in &entries {
                file.extend([id, start, length].into_iter().flat_map(|n| n.to_be_bytes()));
            }
            file.extend_from_slice(&tail);
            prop_assert!(!attached("._a.doc", &file).parts.is_empty());
        }
    }

    #[test]
    fn locks_of_opendocument_files(
        algorithm in "[a-z0-9#:/.-]{0,30}|http://www.w3.org/2001/04/xmlenc#aes256-cbc|PGP",
        salt in "[A-Za-z0-9+/=]{0,24}",
        count in "-?[0-9]{0,20}",
        content in proptest::collection::vec(any::<u8>(), 0..120),
    ) {
        let manifest = format!(
            "<manifest:manifest xmlns:manifest='urn:oasis:names:tc:opendocument:xmlns:manifest:1.0'>\
             <manifest:file-entry manifest:full-path='content.xml' manifest:size='{count}'>\
             <manifest:encryption-data manifest:checksum='{salt}'>\
             <manifest:algorithm manifest:algorithm-name='{algorithm}' manifest:initialisation-vector='{salt}'/>\
             <manifest:key-derivation manifest:iteration-count='{count}' manifest:salt='{salt}' manifest:key-size='{count}'/>\
             </manifest:encryption-data></manifest:file-entry></manifest:manifest>"
        );
        let file = zip_of(&[
            ("mimetype", b"application/vnd.oasis.opendocument.text"),
            ("META-INF/manifest.xml", manifest.as_bytes()),
            ("content.xml", &content),
        ]);
        // With words beside it that may be its password.
        let head = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nThe password is Kestrel-42\r\n\
                    --b\r\nContent-Disposition: attachment; filename=a.odt\r\nContent-Transfer-Encoding: binary\r\n\r\n";
        let found = look(&[head.as_bytes(), &file, b"\r\n--b--\r\n"].concat());
        prop_assert!(found.parts.len() >= 2);
    }

    #[test]
    fn rosters(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        for name in ["pupils.csv", "contacts.csv", "staff.csv", "agencies.csv", "ctf.xml"] {
            import(&[RosterFile { name, bytes: &bytes }], b"a school's salt");
        }
    }
}
