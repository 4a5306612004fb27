//! Files for the demonstration's mail, made when it runs so that none lies in the repository.

use std::io::{Cursor, Write};

use zip::unstable::write::FileOptionsExt;
use zip::write::{SimpleFileOptions, ZipWriter};
use zip::{AesMode, CompressionMethod};

/// How an archive is locked.
pub(super) enum Lock<'a> {
    Open,
    /// AES-256, what the policies ask for.
    Aes(&'a str),
    /// The old stream cipher (APPNOTE 6.1), which protects nothing.
    ZipCrypto(&'a str),
}

/// A zip archive of these members.
///
/// # Panics
/// Never in practice: an archive in memory has no disk to fill, and the names are short.
pub(super) fn zip(members: &[(&str, &[u8])], lock: &Lock<'_>) -> Vec<u8> {
    archive(members, lock).expect("an archive in memory can be written")
}

fn archive(members: &[(&str, &[u8])], lock: &Lock<'_>) -> zip::result::ZipResult<Vec<u8>> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        match lock {
            Lock::Open => writer.start_file(*name, options)?,
            Lock::Aes(password) => {
                writer.start_file(
                    *name,
                    options.with_aes_encryption(AesMode::Aes256, password),
                )?;
            }
            Lock::ZipCrypto(password) => {
                writer.start_file(
                    *name,
                    options.with_deprecated_encryption(password.as_bytes())?,
                )?;
            }
        }
        writer.write_all(content)?;
    }
    Ok(writer.finish()?.into_inner())
}

/// A sheet of a workbook.
pub(super) struct Sheet<'a> {
    pub name: &'a str,
    pub hidden: bool,
    pub rows: Vec<Vec<String>>,
}

const XML: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#;
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// A workbook (ECMA-376) with its texts inline.
pub(super) fn xlsx(sheets: &[Sheet<'_>]) -> Vec<u8> {
    let spreadsheet = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    let mut types =
        format!(r#"<Override PartName="/xl/workbook.xml" ContentType="{office}.sheet.main+xml"/>"#);
    let mut relations = String::new();
    let mut entries = String::new();
    let mut parts = Vec::new();
    for (number, sheet) in (1..).zip(sheets) {
        types.push_str(&format!(
            r#"<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{office}.worksheet+xml"/>"#
        ));
        relations.push_str(&format!(
            r#"<Relationship Id="rId{number}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>"#
        ));
        let state = if sheet.hidden {
            r#" state="hidden""#
        } else {
            ""
        };
        entries.push_str(&format!(
            r#"<sheet name="{}" sheetId="{number}"{state} r:id="rId{number}"/>"#,
            escape(sheet.name)
        ));
        let rows: String = (1..)
            .zip(&sheet.rows)
            .map(|(row, cells)| {
                let cells: String = ('A'..='Z')
                    .zip(cells)
                    .map(|(column, text)| {
                        format!(
                            r#"<c r="{column}{row}" t="inlineStr"><is><t>{}</t></is></c>"#,
                            escape(text)
                        )
                    })
                    .collect();
                format!(r#"<row r="{row}">{cells}</row>"#)
            })
            .collect();
        parts.push((
            format!("xl/worksheets/sheet{number}.xml"),
            format!(
                r#"{XML}<worksheet xmlns="{spreadsheet}"><sheetData>{rows}</sheetData></worksheet>"#
            ),
        ));
    }
    parts.push((
        "xl/workbook.xml".to_owned(),
        format!(
            r#"{XML}<workbook xmlns="{spreadsheet}" xmlns:r="{OFFICE}"><sheets>{entries}</sheets></workbook>"#
        ),
    ));
    parts.push((
        "xl/_rels/workbook.xml.rels".to_owned(),
        format!(
            r#"{XML}<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>"#
        ),
    ));
    package("xl/workbook.xml", &types, &parts)
}

/// A document (ECMA-376) of these paragraphs.
pub(super) fn docx(paragraphs: &[String]) -> Vec<u8> {
    let word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
    let body: String = paragraphs
        .iter()
        .map(|text| format!("<w:p><w:r><w:t>{}</w:t></w:r></w:p>", escape(text)))
        .collect();
    package(
        "word/document.xml",
        r#"<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>"#,
        &[(
            "word/document.xml".to_owned(),
            format!(r#"{XML}<w:document xmlns:w="{word}"><w:body>{body}</w:body></w:document>"#),
        )],
    )
}

fn package(main: &str, types: &str, parts: &[(String, String)]) -> Vec<u8> {
    let types = format!(
        r#"{XML}<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>{types}</Types>"#
    );
    let root = format!(
        r#"{XML}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="{main}"/></Relationships>"#
    );
    let mut members: Vec<(&str, &[u8])> = vec![
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", root.as_bytes()),
    ];
    members.extend(
        parts
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_bytes())),
    );
    zip(&members, &Lock::Open)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// A PDF of one page (ISO 32000-1) with these lines in Helvetica.
pub(super) fn pdf(lines: &[String]) -> Vec<u8> {
    let shown: String = lines
        .iter()
        .map(|line| {
            let line = line
                .replace('\\', "\\\\")
                .replace('(', "\\(")
                .replace(')', "\\)");
            format!("({line}) Tj T*\n")
        })
        .collect();
    let page = format!("BT /F1 12 Tf 16 TL 60 780 Td\n{shown}ET\n");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{page}endstream", page.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
            .to_owned(),
    ];
    let mut file = String::from("%PDF-1.4\n");
    let mut table = String::from("0000000000 65535 f \n");
    for (number, object) in (1..).zip(&objects) {
        table.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.push_str(&format!("{number} 0 obj\n{object}\nendobj\n"));
    }
    let start = file.len();
    let count = objects.len() + 1;
    file.push_str(&format!(
        "xref\n0 {count}\n{table}trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    ));
    file.into_bytes()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn locked_archives_open_with_their_password_only() {
        for lock in [Lock::Aes("Lapwing-4417"), Lock::ZipCrypto("Lapwing-4417")] {
            let bytes = zip(&[("a.txt", b"thirty desks")], &lock);
            let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
            assert!(archive.by_index(0).is_err());
            let mut text = String::new();
            archive
                .by_index_decrypt(0, b"Lapwing-4417")
                .unwrap()
                .read_to_string(&mut text)
                .unwrap();
            assert_eq!(text, "thirty desks");
        }
    }

    #[test]
    fn a_workbook_holds_its_sheets_and_says_which_are_hidden() {
        let row = vec!["O'Rafferty & Sons".to_owned(), "<4B>".to_owned()];
        let bytes = xlsx(&[
            Sheet {
                name: "One",
                hidden: false,
                rows: vec![row.clone()],
            },
            Sheet {
                name: "Two",
                hidden: true,
                rows: vec![row],
            },
        ]);
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut read = |name: &str| {
            let mut text = String::new();
            archive
                .by_name(name)
                .unwrap()
                .read_to_string(&mut text)
                .unwrap();
            text
        };
        assert!(read("xl/workbook.xml").contains(r#"name="Two" sheetId="2" state="hidden""#));
        assert!(read("xl/worksheets/sheet2.xml").contains("O'Rafferty &amp; Sons"));
        assert!(read("xl/worksheets/sheet1.xml").contains(r#"r="B1""#));
    }

    #[test]
    fn the_table_of_a_pdf_points_at_its_objects() {
        let bytes = pdf(&["One (1)".to_owned()]);
        let text = String::from_utf8(bytes).unwrap();
        let table = text.split("65535 f \n").nth(1).unwrap();
        for (number, line) in (1..=5).zip(table.lines()) {
            let offset: usize = line[..10].parse().unwrap();
            assert!(text[offset..].starts_with(&format!("{number} 0 obj")));
        }
        assert!(text.contains(r"(One \(1\)) Tj"));
    }
}
