//! Targets that read: messages, files of every format, rosters.
#![no_main]

use std::sync::OnceLock;

use jiff::civil::date;
use libfuzzer_sys::fuzz_target;
use schoolgate_detectors::roster::{RosterFile, import};
use schoolgate_detectors::{RosterIndex, Settings, inspect};
use schoolgate_fuzz::{count_own_panics, target};

fuzz_target!(init: { check_target(); count_own_panics() }, |data: &[u8]| {
    match target() {
        "message" => look_at(data),
        "header" => look_at(&[data, b"\r\n\r\nTheo Walker in 4B\r\n"].concat()),
        "html" => look_at(&[b"Content-Type: text/html\r\n\r\n", data].concat()),
        "text" => look_at(&[b"Content-Type: text/plain\r\n\r\n", data].concat()),
        "transfer" => encoded(data),
        "roster" => drop(import(&[RosterFile { name: "pupils.csv", bytes: data }], b"salt")),
        "contacts" => drop(import(
            &[
                RosterFile { name: "pupils.csv", bytes: PUPILS.as_bytes() },
                RosterFile { name: "contacts.csv", bytes: data },
                RosterFile { name: "staff.csv", bytes: data },
                RosterFile { name: "agencies.csv", bytes: data },
            ],
            b"salt",
        )),
        "ctf" => drop(import(&[RosterFile { name: "ctf.xml", bytes: data }], b"salt")),
        "index" => {
            if let Ok(index) = RosterIndex::from_bytes(data.to_vec()) {
                inspect(b"\r\nTheo Walker in 4B", &index, settings());
            }
        }
        format => {
            if let Some((_, name, magic)) = FORMATS.iter().find(|(of, ..)| *of == format) {
                attached(name, magic, data);
            }
        }
    }
});

/// Formats by target: a file name, and what makes the bytes be taken for one.
const FORMATS: [(&str, &str, &[u8]); 20] = [
    ("pdf", "a.pdf", b"%PDF-1.4\n"),
    ("ooxml", "a.xlsx", b"PK\x03\x04"),
    ("odf", "a.ods", b"PK\x03\x04"),
    ("zip", "a.zip", b"PK\x03\x04"),
    ("rtf", "a.rtf", b"{\\rtf1"),
    ("csv", "a.csv", b""),
    ("xml", "a.xml", b"<?xml version=\"1.0\"?>"),
    ("7z", "a.7z", b"7z\xbc\xaf\x27\x1c"),
    ("tar", "a.tar", b""),
    ("gz", "a.gz", b"\x1f\x8b\x08"),
    ("bz2", "a.bz2", b"BZh"),
    ("xz", "a.xz", b"\xfd7zXZ\0"),
    ("zstd", "a.zst", b"\x28\xb5\x2f\xfd"),
    ("rar", "a.rar", b"Rar!\x1a\x07"),
    ("compound", "a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    ("msg", "a.msg", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    ("tnef", "winmail.dat", b"\x78\x9f\x3e\x22"),
    ("eml", "a.eml", b"From: "),
    ("picture", "a.jpg", b"\xff\xd8\xff"),
    ("pkcs7", "smime.p7m", b"0\x82"),
];

const PUPILS: &str = "upn,legal_surname,legal_forename,dob,year_group,class\n\
    T823430118808,Walker,Theo,04/09/2018,4,4B\nZ330476414004,Shah,Ava,02/01/2019,3,Oak\n";

fn check_target() {
    let others = [
        "message", "header", "html", "text", "transfer", "roster", "contacts", "ctf", "index",
    ];
    let known = others.contains(&target()) || FORMATS.iter().any(|(name, ..)| *name == target());
    assert!(known, "FUZZ_TARGET is none of the targets");
}

fn settings() -> &'static Settings {
    static SETTINGS: OnceLock<Settings> = OnceLock::new();
    SETTINGS.get_or_init(|| Settings::on(date(2026, 11, 24)))
}

fn roster() -> &'static RosterIndex {
    static ROSTER: OnceLock<RosterIndex> = OnceLock::new();
    ROSTER.get_or_init(|| {
        let file = RosterFile {
            name: "pupils.csv",
            bytes: PUPILS.as_bytes(),
        };
        RosterIndex::build(&import(&[file], b"salt").roster)
    })
}

fn look_at(message: &[u8]) {
    let found = inspect(message, roster(), settings());
    // Every finding stands in a part that is accounted for, or in none.
    assert!(found.findings.len() <= settings().limits.findings as usize + 1);
}

fn attached(name: &str, magic: &[u8], data: &[u8]) {
    let mut message = format!(
        "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\
         Content-Disposition: attachment; filename={name}\r\n\r\n"
    )
    .into_bytes();
    if !data.starts_with(magic) {
        message.extend_from_slice(magic);
    }
    message.extend_from_slice(data);
    look_at(&message);
}

/// The first octet chooses the transfer encoding and the charset.
fn encoded(data: &[u8]) {
    const ENCODINGS: [&str; 4] = ["base64", "quoted-printable", "x-uuencode", "8bit"];
    const CHARSETS: [&str; 8] = [
        "utf-8",
        "utf-7",
        "utf-16",
        "iso-2022-jp",
        "gb18030",
        "windows-1252",
        "us-ascii",
        "x-none",
    ];
    let Some((&choice, body)) = data.split_first() else {
        return;
    };
    let encoding = ENCODINGS[usize::from(choice) % ENCODINGS.len()];
    let charset = CHARSETS[usize::from(choice) / ENCODINGS.len() % CHARSETS.len()];
    let head = format!(
        "Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    );
    look_at(&[head.as_bytes(), body].concat());
}
