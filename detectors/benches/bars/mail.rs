//! Messages as a school sends them: prose with a pupil's name, a number or an address now
//! and then, alone or with a document and a workbook.

use std::io::{Cursor, Write};

use zip::write::{SimpleFileOptions, ZipWriter};

use crate::school::{Draw, name};

/// The pupils whom the messages name: they are on rosters of every size.
const NAMED: u64 = 1000;

/// Prose of so many octets. One sentence in eight names a pupil, in twelve holds a
/// telephone number, in fourteen a date, in twenty an address.
pub fn prose(octets: usize) -> String {
    let sentences: Vec<&str> = include_str!("prose.txt").lines().collect();
    let mut draw = Draw::new(7);
    let mut text = String::with_capacity(octets + 200);
    let mut column = 0;
    while text.len() < octets {
        let mut sentence = draw.of(&sentences).to_owned();
        if draw.below(8) == 0 {
            let (forename, surname) = name(draw.below(NAMED as usize) as u64);
            sentence.push_str(&format!(" {forename} {surname} did well."));
        }
        if draw.below(12) == 0 {
            sentence.push_str(&format!(" Ring 01632 960{:03}.", draw.below(1000)));
        }
        if draw.below(14) == 0 {
            sentence.push_str(&format!(" It is due on {:02}/03/2026.", 1 + draw.below(28)));
        }
        if draw.below(20) == 0 {
            sentence.push_str(&format!(
                " Write to club{}@school.example.",
                draw.below(100)
            ));
        }
        for word in sentence.split(' ') {
            if column + word.len() > 74 {
                text.push_str("\r\n");
                column = 0;
            } else if column > 0 {
                text.push(' ');
            }
            text.push_str(word);
            column += word.len() + 1;
        }
        if draw.below(5) == 0 {
            text.push_str("\r\n\r\n");
            column = 0;
        }
    }
    let mut end = octets.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}

/// A message of plain text.
pub fn plain(octets: usize) -> Vec<u8> {
    format!(
        "From: a@school.example\r\nTo: b@mail.example\r\nSubject: The trip\r\nMessage-ID: <1@school.example>\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{}",
        prose(octets)
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
        let (forename, surname) = name(number % NAMED);
        sheet.push_str(&row([
            surname,
            forename,
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

/// Half a megabyte on the wire: a document, a workbook, and text for the rest.
pub fn large() -> Vec<u8> {
    let mut attached = String::new();
    for (name, bytes) in [("letter.docx", docx(250_000)), ("marks.xlsx", xlsx(2000))] {
        attached.push_str(&format!(
            "--b\r\nContent-Type: application/octet-stream; name={name}\r\nContent-Transfer-Encoding: base64\r\n\
             Content-Disposition: attachment; filename={name}\r\n\r\n{}\r\n",
            base64(&bytes)
        ));
    }
    let text = prose(500_000 - attached.len());
    format!(
        "From: a@school.example\r\nTo: b@mail.example\r\nSubject: Marks\r\nMessage-ID: <2@school.example>\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
         {text}\r\n{attached}--b--\r\n"
    )
    .into_bytes()
}
