//! Every reader on bytes that begin like its format and go on like nothing: no panic, and
//! the part is accounted for.
//!
//! The fuzz targets go further and longer; this is the part of them that every test run sees.

use jiff::civil::date;
use proptest::prelude::*;
use schoolgate_detectors::roster::{RosterFile, import};
use schoolgate_detectors::{Inspection, RosterIndex, Settings, inspect};

/// A file name with the bytes by which its format is known.
const FORMATS: [(&str, &[u8]); 21] = [
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
    fn rosters(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        for name in ["pupils.csv", "contacts.csv", "staff.csv", "agencies.csv", "ctf.xml"] {
            import(&[RosterFile { name, bytes: &bytes }], b"a school's salt");
        }
    }
}
