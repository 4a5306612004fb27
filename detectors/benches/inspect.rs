//! What one inspection costs: an ordinary mail, and a heavy one with a document and a workbook.
//!
//! `cargo bench -p schoolgate-detectors`

use std::io::{Cursor, Write};

use jiff::civil::date;
use schoolgate_detectors::roster::{Pupil, PupilId, Roster};
use schoolgate_detectors::{RosterIndex, Settings, inspect};
use zip::write::{SimpleFileOptions, ZipWriter};

fn main() {
    divan::main();
}

/// A secondary school's size.
const PUPILS: u64 = 1500;

fn school() -> RosterIndex {
    let pupils = (0..PUPILS)
        .map(|number| Pupil {
            id: PupilId(number),
            upn: None,
            legal_surname: format!("Surname{}", letters(number)),
            legal_forename: format!("Forename{}", letters(number / 3)),
            preferred_forename: None,
            preferred_surname: None,
            dob: None,
            year_group: Some(format!("{}", 7 + number % 5)),
            class: Some(format!("{}A", 7 + number % 5)),
            admission_number: None,
            address: None,
            postcode: None,
            email: None,
            sen_status: None,
            fsm: false,
            lac: false,
        })
        .collect();
    RosterIndex::build(&Roster {
        pupils,
        ..Roster::default()
    })
}

/// A number in letters, so that it can end a name.
fn letters(mut number: u64) -> String {
    let mut text = String::new();
    loop {
        text.push(char::from(b'a' + (number % 26) as u8));
        number /= 26;
        if number == 0 {
            return text;
        }
    }
}

const PARAGRAPH: &str = "Dear Mrs Example, thank you for your letter about the trip in May. The coach leaves at 8.30 from the gate, \
and the children will be back by four. Please send a packed lunch, a coat and a filled form. If anything is unclear, ring the \
office on 01632 960500 before Friday. The attendance of the class has been good this term.\r\n\r\n";

/// Prose of so many octets that names a pupil now and then.
fn prose(octets: usize) -> String {
    let mut text = String::new();
    let mut number = 0;
    while text.len() < octets {
        text.push_str(PARAGRAPH);
        number += 7;
        let (forename, surname) = (letters(number / 3), letters(number));
        text.push_str(&format!(
            "Forename{forename} Surname{surname} did well.\r\n\r\n"
        ));
    }
    text.truncate(octets);
    text
}

fn small() -> Vec<u8> {
    let body = prose(3800);
    format!(
        "From: a@school.example\r\nTo: b@mail.example\r\nSubject: The trip\r\nMessage-ID: <1@school.example>\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{body}"
    )
    .into_bytes()
}

fn zipped(members: &[(&str, String)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        zip.start_file(*name, SimpleFileOptions::default())
            .expect("a member");
        zip.write_all(content.as_bytes()).expect("written");
    }
    zip.finish().expect("a zip").into_inner()
}

fn docx(octets: usize) -> Vec<u8> {
    let paragraphs: String = prose(octets)
        .split("\r\n\r\n")
        .map(|text| format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"))
        .collect();
    zipped(&[
        (
            "[Content_Types].xml",
            "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>"
                .into(),
        ),
        (
            "word/document.xml",
            format!(
                "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>{paragraphs}</w:body></w:document>"
            ),
        ),
    ])
}

fn xlsx(rows: u64) -> Vec<u8> {
    let cell = |text: String| format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let row = |cells: [String; 4]| format!("<row>{}</row>", cells.map(cell).concat());
    let mut sheet = row(["Surname", "Forename", "Class", "Reading"].map(String::from));
    for number in 0..rows {
        sheet.push_str(&row([
            format!("Surname{}", letters(number % PUPILS)),
            format!("Forename{}", letters(number % PUPILS / 3)),
            format!("{}A", 7 + number % 5),
            format!("{}", 80 + number % 40),
        ]));
    }
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    zipped(&[
        (
            "[Content_Types].xml",
            "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>"
                .into(),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{relations}\"><sheets><sheet name=\"Marks\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"{relations}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!("<worksheet xmlns=\"{main}\"><sheetData>{sheet}</sheetData></worksheet>"),
        ),
    ])
}

fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for (number, three) in bytes.chunks(3).enumerate() {
        if number % 19 == 0 && number > 0 {
            out.push_str("\r\n");
        }
        let value = (0..3).fold(0u32, |value, at| {
            value << 8 | u32::from(three.get(at).copied().unwrap_or(0))
        });
        for place in 0..4 {
            if place <= three.len() {
                let sign = SIGNS[(value >> (18 - 6 * place)) as usize & 63];
                out.push(char::from(sign));
            } else {
                out.push('=');
            }
        }
    }
    out
}

/// Half a megabyte as it is read: a long text, a document and a workbook.
fn large() -> Vec<u8> {
    let mut message = format!(
        "From: a@school.example\r\nTo: b@mail.example\r\nSubject: Marks\r\nMessage-ID: <2@school.example>\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n{}\r\n",
        prose(200_000)
    );
    for (name, bytes) in [("letter.docx", docx(200_000)), ("marks.xlsx", xlsx(1000))] {
        message.push_str(&format!(
            "--b\r\nContent-Type: application/octet-stream; name={name}\r\nContent-Transfer-Encoding: base64\r\n\
             Content-Disposition: attachment; filename={name}\r\n\r\n{}\r\n",
            base64(&bytes)
        ));
    }
    message.push_str("--b--\r\n");
    message.into_bytes()
}

fn run(bencher: divan::Bencher<'_, '_>, message: Vec<u8>, people: usize) {
    let roster = school();
    let settings = Settings::on(date(2026, 11, 24));
    let inspection = inspect(&message, &roster, &settings);
    assert!(inspection.unread.is_empty(), "{:?}", inspection.unread);
    assert!(inspection.subjects.len() >= people);
    bencher.bench(|| inspect(&message, &roster, &settings));
}

#[divan::bench]
fn inspect_4kb(bencher: divan::Bencher<'_, '_>) {
    run(bencher, small(), 5);
}

#[divan::bench(sample_count = 20)]
fn inspect_500kb(bencher: divan::Bencher<'_, '_>) {
    run(bencher, large(), 900);
}
