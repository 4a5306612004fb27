//! Every limit becomes a finding, and what would run away ends soon.

use super::*;

fn limited(bytes: &[u8], limits: Limits) -> Reading {
    read(
        bytes,
        &Settings {
            limits,
            ..settings()
        },
    )
}

/// Whether a limit is a finding, and what it kept back is unread.
fn names_limit(reading: &Reading, limit: Limit) -> bool {
    reading
        .findings
        .iter()
        .any(|f| f.kind == Kind::LimitReached && f.place == limit.name())
        && reading
            .unread
            .iter()
            .any(|u| u.reason == UnreadReason::Limit && u.detail == limit.name())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn each_limit_has_its_name() {
    let zeros = zip_of(&[("a.bin", &vec![b' '; 3 << 20])], plain());
    let message = with_file("some words", "a.zip", &zeros);
    let few = |change: fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        limited(&message, limits)
    };
    assert!(names_limit(&few(|l| l.ratio = 20), Limit::Ratio));
    assert!(names_limit(
        &few(|l| l.unpacked_bytes = 1 << 20),
        Limit::UnpackedBytes
    ));
    assert!(names_limit(&few(|l| l.depth = 0), Limit::Depth));
    assert!(names_limit(&few(|l| l.parts = 2), Limit::Parts));
    assert!(names_limit(&few(|l| l.text_bytes = 5), Limit::TextBytes));
    let pdf = saved(pdf_document("Jamie"));
    let pages = limited(
        &with_file("x", "a.pdf", &pdf),
        Limits {
            pdf_pages: 0,
            ..Limits::default()
        },
    );
    assert!(names_limit(&pages, Limit::PdfPages));
}

#[test]
fn findings_are_kept_to_their_number() {
    let rows: String = (0..50)
        .map(|i| {
            format!("<p style='display:none'>hidden words number {i} and many more of them</p>")
        })
        .collect();
    let files: Vec<(String, Vec<u8>)> = (0..30)
        .map(|i| (format!("{i}.html"), rows.clone().into_bytes()))
        .collect();
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(n, b)| (n.as_str(), b.as_slice()))
        .collect();
    let message = with_file("x", "a.zip", &zip_of(&files, plain()));
    let limits = Limits {
        findings: 10,
        ..Limits::default()
    };
    assert!(limited(&message, limits).findings.len() <= 10);
}

#[test]
fn squeezed_files_in_squeezed_files_end() {
    let mut bomb = vec![b'x'; 8 << 20];
    for _ in 0..4 {
        bomb = gzip(&bomb);
    }
    let reading = read(&with_file("x", "a.gz", &bomb), &settings());
    assert!(names_limit(&reading, Limit::Ratio));
    let mut deep = b"words".to_vec();
    for _ in 0..20 {
        deep = gzip(&deep);
    }
    let reading = read(&with_file("x", "a.gz", &deep), &settings());
    assert!(names_limit(&reading, Limit::Depth));
}

#[test]
fn members_that_share_their_octets_are_a_limit() {
    let archive = zip_of(&[("a", b"one"), ("b", b"two")], plain());
    // The second entry of the directory points to the member of the first.
    let directory: Vec<usize> = archive
        .windows(4)
        .enumerate()
        .filter(|(_, w)| *w == b"PK\x01\x02")
        .map(|(i, _)| i)
        .collect();
    let mut overlapping = archive.clone();
    overlapping[directory[1] + 42..directory[1] + 46].fill(0);
    let reading = read(&with_file("x", "a.zip", &overlapping), &settings());
    assert!(names_limit(&reading, Limit::Overlap));
}

#[test]
fn an_archive_that_holds_itself_ends() {
    // Every level holds the same bytes again, as a quine would, to any depth.
    let mut archive = zip_of(&[("a.txt", b"x")], plain());
    for _ in 0..20 {
        archive = zip_of(&[("again.zip", &archive), ("too.zip", &archive)], plain());
        if archive.len() > 200_000 {
            break;
        }
    }
    let limits = Limits {
        parts: 200,
        ..Limits::default()
    };
    let reading = limited(&with_file("x", "a.zip", &archive), limits);
    assert!(found(&reading, Kind::LimitReached));
    assert!(reading.parts.len() <= 200);
}

#[test]
fn entities_of_xml_are_not_multiplied() {
    let mut bomb = String::from("<?xml version='1.0'?><!DOCTYPE a [<!ENTITY a0 'ha'>");
    for i in 1..40 {
        bomb.push_str(&format!("<!ENTITY a{i} '&a{};&a{};'>", i - 1, i - 1));
    }
    bomb.push_str("]><a><b>&a39;</b><c>Jamie</c></a>");
    let reading = read(&with_file("x", "a.xml", bomb.as_bytes()), &settings());
    let octets: u64 = reading.parts.iter().map(|p| p.text_bytes).sum();
    assert!(octets < 10_000);
    assert!(texts(&reading).iter().any(|(_, _, t)| t.contains("Jamie")));
}

#[test]
fn a_hundred_thousand_parts_end_at_their_number() {
    let mut message =
        String::from("Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n");
    for _ in 0..100_000 {
        message.push_str("--b\r\n\r\nx\r\n");
    }
    let reading = read(message.as_bytes(), &settings());
    assert!(names_limit(&reading, Limit::Parts));
    assert!(reading.parts.len() <= Limits::default().parts as usize);
}

#[test]
fn one_line_of_fifty_megabytes_is_read_within_the_text_limit() {
    let mut message = b"Subject: x\r\n\r\n".to_vec();
    message.resize(50 << 20, b'a');
    let limits = Limits {
        text_bytes: 1 << 20,
        ..Limits::default()
    };
    let reading = limited(&message, limits);
    assert!(names_limit(&reading, Limit::TextBytes));
}

#[test]
fn a_form_of_a_pdf_that_shows_itself_ends() {
    use lopdf::{Object, Stream, dictionary};
    let mut document = pdf_document("Jamie");
    let id = document.new_object_id();
    let form = Stream::new(
        dictionary! {
            "Type" => "XObject", "Subtype" => "Form",
            "Resources" => dictionary! { "XObject" => dictionary! { "F" => Object::Reference(id) } },
        },
        b"/F Do".to_vec(),
    );
    document.objects.insert(id, form.into());
    let reading = read(&with_file("x", "a.pdf", &saved(document)), &settings());
    // It comes to an end, and what the pages say is read by the coarser reader.
    assert!(texts(&reading).iter().any(|(_, _, t)| t.contains("Jamie")));
}

#[test]
fn passwords_are_tried_to_their_number() {
    let locked = aes_zip(&[("a.txt", b"inside")], "Right1Word");
    let words: String = (0..60).map(|i| format!("Wrong{i}Word ")).collect();
    let text = format!("{words} Right1Word");
    let limits = Limits {
        passwords: 20,
        ..Limits::default()
    };
    let reading = limited(&with_file(&text, "a.zip", &locked), limits);
    assert!(found(&reading, Kind::EncryptionStrong));
    assert!(!found(&reading, Kind::PasswordBeside));
}
