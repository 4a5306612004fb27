//! Small messages that want to become large ones, against the true worker in its cage.
//!
//! Whatever comes in, a worker takes 256 MiB at most, and what it did not get through is
//! said: a part unread for a limit, or the whole message given up.

use std::io::{self, Cursor, Read, Write};
use std::path::PathBuf;
use std::time::Duration;

use jiff::civil::date;
use schoolgate::config::InspectionSettings;
use schoolgate::inspect::{InspectError, Pool, School, aborted};
use schoolgate_detectors::{Inspection, RosterIndex, Settings, UnreadReason};
use sevenz_rust2::encoder_options::Lzma2Options;
use sevenz_rust2::{ArchiveEntry, ArchiveWriter};
use zip::write::{SimpleFileOptions, ZipWriter};

/// What one worker may take, MiB; the default of the configuration.
const MEMORY: u64 = 256;

/// What became of a message, with the most memory that its worker had, octets.
struct Outcome {
    inspection: Inspection,
    peak: Option<u64>,
}

fn inspect(message: &[u8]) -> Outcome {
    let settings = InspectionSettings {
        workers: 1,
        // Unoptimised and on a busy machine: time is not what is measured here.
        deadline: Duration::from_secs(300),
        memory_mib: MEMORY,
        messages_per_worker: 500,
    };
    let day = date(2026, 11, 24);
    let index = RosterIndex::empty();
    let school = School::new("oak", index.as_bytes(), Settings::on(day)).expect("a school");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let pool = Pool::new(PathBuf::from(env!("CARGO_BIN_EXE_schoolgate")), &settings);
        let outcome = pool.inspect(&school, day, message).await;
        let peak = peak_of_workers();
        pool.shutdown().await;
        let inspection = match outcome {
            Ok(inspection) => inspection,
            Err(InspectError::Aborted { why }) => aborted(&why, message.len() as u64),
            Err(other) => panic!("the machine's trouble: {other}"),
        };
        Outcome { inspection, peak }
    })
}

/// The highest peak of a worker of this process that still lives.
fn peak_of_workers() -> Option<u64> {
    let me = std::process::id().to_string();
    let processes = std::fs::read_dir("/proc").ok()?.flatten();
    let status = |entry: std::fs::DirEntry| std::fs::read_to_string(entry.path().join("status"));
    processes
        .filter_map(|entry| status(entry).ok())
        .filter_map(|status| {
            let field = |name: &str| {
                let line = status.lines().find(|line| line.starts_with(name))?;
                line.split_whitespace().nth(1).map(str::to_owned)
            };
            (field("PPid:")? == me).then(|| field("VmHWM:"))?
        })
        .filter_map(|kilobytes| kilobytes.parse::<u64>().ok())
        .map(|kilobytes| kilobytes << 10)
        .max()
}

/// Looks at a message that is too much: it is said to be, and the worker stayed small.
fn too_much(message: &[u8]) -> Inspection {
    let Outcome { inspection, peak } = inspect(message);
    assert!(
        inspection
            .unread
            .iter()
            .any(|unread| matches!(unread.reason, UnreadReason::Limit | UnreadReason::Aborted)),
        "{:?}",
        inspection.unread
    );
    stays_small(peak);
    inspection
}

fn stays_small(peak: Option<u64>) {
    if let Some(peak) = peak {
        assert!(peak <= MEMORY << 20, "a worker took {} MiB", peak >> 20);
    }
}

/// A message with one file.
fn with_file(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut message = format!(
        "From: a@school.example\r\nTo: b@mail.example\r\nSubject: File\r\nMIME-Version: 1.0\r\n\
         Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\
         Content-Disposition: attachment; filename={name}\r\n\r\n"
    )
    .into_bytes();
    message.extend_from_slice(bytes);
    message
}

fn zip_of(name: &str, content: &mut dyn Read, others: &[(&str, &str)]) -> Vec<u8> {
    let options = SimpleFileOptions::default().compression_level(Some(1));
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in others {
        zip.start_file(*name, options).expect("a member");
        zip.write_all(text.as_bytes()).expect("written");
    }
    zip.start_file(name, options).expect("a member");
    io::copy(content, &mut zip).expect("written");
    zip.finish().expect("a zip").into_inner()
}

/// An archive to be written; `window` is the dictionary's size, octets.
fn seven_zip(window: Option<u32>) -> ArchiveWriter<Cursor<Vec<u8>>> {
    let mut archive = ArchiveWriter::new(Cursor::new(Vec::new())).expect("an archive");
    let mut method = Lzma2Options::from_level(1);
    if let Some(window) = window {
        method.set_dictionary_size(window);
    }
    archive.set_content_methods(vec![method.into()]);
    archive
}

/// So many octets of nothing.
fn zeros(octets: u64) -> io::Take<io::Repeat> {
    io::repeat(b'0').take(octets)
}

/// A text over and over again.
fn repeated(head: &str, text: &str, times: usize, tail: &str) -> Cursor<Vec<u8>> {
    let mut all = String::with_capacity(head.len() + text.len() * times + tail.len());
    all.push_str(head);
    for _ in 0..times {
        all.push_str(text);
    }
    all.push_str(tail);
    Cursor::new(all.into_bytes())
}

const TYPES: (&str, &str) = (
    "[Content_Types].xml",
    "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>",
);

#[test]
fn a_gigabyte_in_a_zip() {
    let bomb = zip_of("a.txt", &mut zeros(1 << 30), &[]);
    too_much(&with_file("a.zip", &bomb));
}

#[test]
fn a_gigabyte_in_a_zip_in_a_zip() {
    let inner = zip_of("a.txt", &mut zeros(1 << 30), &[]);
    let bomb = zip_of("a.zip", &mut Cursor::new(inner), &[]);
    too_much(&with_file("b.zip", &bomb));
}

#[test]
fn a_gigabyte_in_gzip() {
    let mut squeezed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    io::copy(&mut zeros(1 << 30), &mut squeezed).expect("written");
    too_much(&with_file("a.gz", &squeezed.finish().expect("a stream")));
}

#[test]
fn a_gigabyte_in_zstd() {
    let bomb = zstd::encode_all(zeros(1 << 30), 1).expect("a stream");
    too_much(&with_file("a.zst", &bomb));
}

#[test]
fn much_in_bzip2() {
    let mut squeezed = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    io::copy(&mut zeros(64 << 20), &mut squeezed).expect("written");
    too_much(&with_file("a.bz2", &squeezed.finish().expect("a stream")));
}

#[test]
fn much_in_xz() {
    let options = lzma_rust2::XzOptions::with_preset(0);
    let mut squeezed = lzma_rust2::XzWriter::new(Vec::new(), options).expect("a writer");
    io::copy(&mut zeros(64 << 20), &mut squeezed).expect("written");
    too_much(&with_file("a.xz", &squeezed.finish().expect("a stream")));
}

#[test]
fn much_in_7z() {
    let mut archive = seven_zip(None);
    let entry = ArchiveEntry::new_file("a.txt");
    archive
        .push_archive_entry(entry, Some(zeros(64 << 20)))
        .expect("a member");
    let bomb = archive.finish().expect("an archive").into_inner();
    too_much(&with_file("a.7z", &bomb));
}

#[test]
fn a_7z_that_wants_a_window_of_half_a_gigabyte() {
    let mut archive = seven_zip(Some(512 << 20));
    let entry = ArchiveEntry::new_file("a.txt");
    archive
        .push_archive_entry(entry, Some(zeros(1 << 10)))
        .expect("a member");
    let bomb = archive.finish().expect("an archive").into_inner();
    too_much(&with_file("a.7z", &bomb));
}

#[test]
fn a_7z_of_a_hundred_thousand_names() {
    let mut archive = seven_zip(None);
    for member in 0..100_000 {
        let entry = ArchiveEntry::new_file(&format!("{member}.txt"));
        archive
            .push_archive_entry::<&[u8]>(entry, None)
            .expect("a member");
    }
    let bomb = archive.finish().expect("an archive").into_inner();
    too_much(&with_file("a.7z", &bomb));
}

#[test]
fn a_workbook_of_a_million_rows() {
    let mut sheet = repeated(
        "<worksheet><sheetData>",
        "<row><c t=\"inlineStr\"><is><t>x</t></is></c></row>",
        1_000_000,
        "</sheetData></worksheet>",
    );
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let workbook = format!(
        "<workbook xmlns:r=\"{relations}\"><sheets><sheet name=\"A\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
    );
    let links = format!(
        "<Relationships><Relationship Id=\"rId1\" Type=\"{relations}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
    );
    let bomb = zip_of(
        "xl/worksheets/sheet1.xml",
        &mut sheet,
        &[
            TYPES,
            ("xl/workbook.xml", &workbook),
            ("xl/_rels/workbook.xml.rels", &links),
        ],
    );
    too_much(&with_file("a.xlsx", &bomb));
}

#[test]
fn a_workbook_of_a_million_shared_strings() {
    let mut strings = repeated("<sst>", "<si><t>x</t></si>", 3_000_000, "</sst>");
    let bomb = zip_of(
        "xl/sharedStrings.xml",
        &mut strings,
        &[TYPES, ("xl/workbook.xml", "<workbook/>")],
    );
    let Outcome { inspection, peak } = inspect(&with_file("a.xlsx", &bomb));
    assert!(!inspection.parts.is_empty());
    stays_small(peak);
}

#[test]
fn a_document_nested_a_million_deep() {
    let mut body = repeated("<w:document><w:body>", "<w:p>", 1_000_000, "");
    let bomb = zip_of("word/document.xml", &mut body, &[TYPES]);
    let Outcome { inspection, peak } = inspect(&with_file("a.docx", &bomb));
    assert!(!inspection.parts.is_empty());
    stays_small(peak);
}

#[test]
fn a_page_of_a_million_nested_tags() {
    let html = repeated("<html><body>", "<div>", 1_000_000, "Theo Walker").into_inner();
    let message = [b"Content-Type: text/html\r\n\r\n", html.as_slice()].concat();
    let Outcome { inspection, peak } = inspect(&message);
    assert!(inspection.parts.iter().any(|part| part.bytes > 5_000_000));
    stays_small(peak);
}

#[test]
fn a_message_of_a_million_parts() {
    let head = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
    let message = repeated(head, "--b\r\n\r\nx\r\n", 1_000_000, "--b--\r\n").into_inner();
    too_much(&message);
}

#[test]
fn a_message_nested_ten_thousand_deep() {
    let mut message = String::new();
    for level in 0..10_000 {
        message.push_str(&format!(
            "Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n"
        ));
    }
    message.push_str("\r\nTheo Walker\r\n");
    too_much(message.as_bytes());
}

#[test]
fn a_pdf_whose_stream_is_a_gigabyte() {
    let mut squeezed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    io::copy(&mut zeros(1 << 30), &mut squeezed).expect("written");
    let stream = squeezed.finish().expect("a stream");
    let mut pdf = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    let head = format!("<</Length {}/Filter/FlateDecode>>stream\n", stream.len());
    let objects: [Vec<u8>; 4] = [
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>".to_vec(),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>".to_vec(),
        [head.as_bytes(), &stream, b"\nendstream"].concat(),
    ];
    for (number, object) in objects.iter().enumerate() {
        places.push(pdf.len());
        pdf.extend_from_slice(format!("{} 0 obj\n", number + 1).as_bytes());
        pdf.extend_from_slice(object);
        pdf.extend_from_slice(b"\nendobj\n");
    }
    let table = pdf.len();
    pdf.extend_from_slice(b"xref\n0 5\n0000000000 65535 f \n");
    for place in places {
        pdf.extend_from_slice(format!("{place:010} 00000 n \n").as_bytes());
    }
    let trailer = format!("trailer<</Size 5/Root 1 0 R>>\nstartxref\n{table}\n%%EOF");
    pdf.extend_from_slice(trailer.as_bytes());
    too_much(&with_file("a.pdf", &pdf));
}

#[test]
fn a_line_without_end() {
    let message = repeated("\r\n", "the trip to the hall ", 50 << 20 >> 5, "").into_inner();
    let Outcome { inspection, peak } = inspect(&message);
    assert!(!inspection.parts.is_empty());
    stays_small(peak);
}

#[test]
fn a_table_of_ten_million_cells() {
    let csv = repeated("a,b,c\r\n", ",,,,,,,,,\r\n", 1_000_000, "").into_inner();
    let Outcome { inspection, peak } = inspect(&with_file("a.csv", &csv));
    assert!(!inspection.parts.is_empty());
    stays_small(peak);
}
