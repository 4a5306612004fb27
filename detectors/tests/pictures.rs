//! Pictures through the front door, in two passes. No OCR program is needed: what one
//! would read is made up here.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use jiff::civil::date;
use lopdf::{Dictionary, Document, Object, Stream, dictionary};
use schoolgate_detectors::pictures::{self, NotRead, PictureText, PictureTexts, Reading};
use schoolgate_detectors::roster::{RosterFile, import};
use schoolgate_detectors::{
    Inspection, Kind, PictureSettings, RosterIndex, Settings, UnreadReason, inspect,
    inspect_with_texts,
};

const PUPILS: &str = "upn,legal_surname,legal_forename,preferred_forename,dob,year_group,class\n\
T823430118808,Walker,Theodore,Theo,04/09/2018,4,4B\n\
T823331318358,Shah,Ava,,10/10/2016,6,6C\n";

/// What an OCR program makes of a register.
const REGISTER: &str = "Register 6C\n\nName            Class     SEN\nTheo Walker     4B        EHCP\nAva Shah        6C        None\n\u{c}";

fn school(read: bool) -> (RosterIndex, Settings) {
    let file = RosterFile {
        name: "pupils.csv",
        bytes: PUPILS.as_bytes(),
    };
    let import = import(&[file], b"a school's salt");
    let settings = Settings {
        pictures: PictureSettings {
            read,
            ..PictureSettings::default()
        },
        ..Settings::on(date(2026, 11, 24))
    };
    (RosterIndex::build(&import.roster), settings)
}

/// The head of a PNG of this size (ISO 15948 §11.2.2), told apart by its last octet.
fn png(width: u32, height: u32, last: u8) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    file.extend(width.to_be_bytes());
    file.extend(height.to_be_bytes());
    file.extend([8, 2, 0, 0, 0, 0, 0, 0, 0, last]);
    file
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk
            .iter()
            .fold(0_u32, |bits, b| (bits << 8) | u32::from(*b))
            << (8 * (3 - chunk.len()));
        for i in 0..=chunk.len() {
            text.push(char::from(LETTERS[(bits >> (18 - 6 * i)) as usize & 63]));
        }
        text.push_str(&"=".repeat(3 - chunk.len()));
    }
    text
}

/// A message with a text and these files.
fn message(text: &str, files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = format!(
        "From: a@school.example\r\nTo: b@firm.example\r\nSubject: Scan\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n{text}\r\n"
    );
    for (name, bytes) in files {
        let _ = write!(
            out,
            "--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n{}\r\n",
            base64(bytes)
        );
    }
    out.push_str("--b--\r\n");
    out.into_bytes()
}

/// A PDF with a picture on each page and no text.
fn scanned_pdf(pages: &[Stream]) -> Vec<u8> {
    let mut document = Document::with_version("1.5");
    let tree = document.new_object_id();
    let kids: Vec<Object> = pages
        .iter()
        .map(|stream| {
            let picture = document.add_object(stream.clone());
            let content = Stream::new(
                Dictionary::new(),
                b"q 500 0 0 700 0 0 cm /Im0 Do Q".to_vec(),
            );
            let content = document.add_object(content);
            document
                .add_object(dictionary! {
                    "Type" => "Page", "Parent" => tree, "Contents" => content,
                    "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
                    "Resources" => dictionary! { "XObject" => dictionary! { "Im0" => picture } },
                })
                .into()
        })
        .collect();
    let count = i64::try_from(kids.len()).unwrap_or_default();
    let node = dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count };
    document.objects.insert(tree, Object::Dictionary(node));
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
    document.trailer.set("Root", catalog);
    let mut out = Vec::new();
    document.save_to(&mut out).expect("a document in memory");
    out
}

fn grey_page(width: u16, height: u16, shade: u8) -> Stream {
    let head = dictionary! {
        "Type" => "XObject", "Subtype" => "Image", "Width" => i64::from(width), "Height" => i64::from(height),
        "ColorSpace" => "DeviceGray", "BitsPerComponent" => 8,
    };
    Stream::new(head, vec![shade; usize::from(width) * usize::from(height)])
}

/// Both passes; every picture that is wanted holds `text`.
fn both(message: &[u8], text: &PictureText) -> (Inspection, Inspection) {
    let (index, settings) = school(true);
    let first = inspect(message, &index, &settings);
    let wanted = first.wanted_pictures();
    // What is wanted can be had, each picture once.
    let files = pictures::files(message, &settings, &wanted, 1 << 30);
    let digests: BTreeSet<_> = files.iter().map(|(digest, _)| *digest).collect();
    assert_eq!(digests, wanted.iter().copied().collect());
    let texts: PictureTexts = wanted.into_iter().map(|d| (d, text.clone())).collect();
    let second = inspect_with_texts(message, &index, &settings, &texts);
    (first, second)
}

fn has_unread(inspection: &Inspection, reason: UnreadReason) -> bool {
    inspection.unread.iter().any(|u| u.reason == reason)
}

#[test]
fn the_first_pass_asks_and_the_second_finds_whom_the_picture_names() {
    let message = message("<p>The scan.</p>", &[("register.png", &png(1240, 1754, 1))]);
    let (first, second) = both(&message, &PictureText::Text(REGISTER.into()));
    assert!(first.subjects.is_empty());
    assert!(has_unread(&first, UnreadReason::PictureNotRead));
    assert_eq!(second.subjects.len(), 2);
    assert!(second.unread.is_empty(), "{:?}", second.unread);
    assert_eq!(second.pictures[0].reading, Reading::Read);
    let place = |kind| {
        second
            .of_kind(kind)
            .next()
            .map(|f| (f.part.as_str(), f.place.as_str()))
    };
    assert_eq!(
        place(Kind::RosterName),
        Some(("2/register.png", "read by OCR, row 2"))
    );
}

#[test]
fn pictures_are_met_in_pages_pdfs_and_repeated_files() {
    let html = format!(
        "<p>See</p><img src=\"data:image/png;base64,{}\">",
        base64(&png(800, 300, 2))
    );
    let pdf = scanned_pdf(&[grey_page(300, 400, 9), grey_page(300, 401, 9)]);
    let twice = png(1240, 1754, 1);
    let message = message(
        &html,
        &[("a.png", &twice), ("scan.pdf", &pdf), ("b.png", &twice)],
    );
    let (first, second) = both(&message, &PictureText::Text("Theo Walker".into()));
    assert_eq!(first.pictures.len(), 5);
    assert_eq!(first.wanted_pictures().len(), 4, "one of them stands twice");
    assert!(
        !has_unread(&second, UnreadReason::PictureNotRead),
        "{:?}",
        second.unread
    );
    let places: BTreeSet<(&str, &str)> = second
        .of_kind(Kind::RosterName)
        .map(|f| (f.part.as_str(), f.place.as_str()))
        .collect();
    for expected in [
        ("1/inline 1", "read by OCR"),
        ("2/a.png", "read by OCR"),
        ("3/scan.pdf", "page 1, read by OCR"),
        ("4/b.png", "read by OCR"),
    ] {
        assert!(places.contains(&expected), "{expected:?} in {places:?}");
    }
}

#[test]
fn a_page_of_pixels_is_handed_out_as_a_grey_map() {
    let (index, settings) = school(true);
    let pdf = scanned_pdf(&[grey_page(300, 400, 9)]);
    let message = message("x", &[("scan.pdf", &pdf)]);
    let wanted = inspect(&message, &index, &settings).wanted_pictures();
    let files = pictures::files(&message, &settings, &wanted, 1 << 30);
    assert!(files[0].1.starts_with(b"P5\n300 400\n255\n\x09\x09"));
}

#[test]
fn what_was_not_read_is_unread_and_says_why() {
    let message = message("x", &[("register.png", &png(1240, 1754, 1))]);
    let (_, second) = both(&message, &PictureText::NotRead(NotRead::Budget));
    assert_eq!(second.unread.len(), 1);
    assert_eq!(second.unread[0].reason, UnreadReason::PictureNotRead);
    assert!(second.unread[0].detail.contains("time"));
    // Nobody brought anything: as bad.
    let (index, settings) = school(true);
    let none = inspect_with_texts(&message, &index, &settings, &PictureTexts::new());
    assert!(has_unread(&none, UnreadReason::PictureNotRead));
}

#[test]
fn bombs_and_logos_are_never_asked_for() {
    let (index, settings) = school(true);
    let bomb = png(30_000, 30_000, 1);
    let message = message("x", &[("bomb.png", &bomb), ("logo.png", &png(120, 60, 1))]);
    let first = inspect(&message, &index, &settings);
    assert!(first.wanted_pictures().is_empty());
    assert!(has_unread(&first, UnreadReason::PictureNotRead));
    assert!(has_unread(&first, UnreadReason::Media));
    // Asked for all the same, they are not handed out.
    let digests: Vec<_> = first.pictures.iter().map(|p| p.digest).collect();
    assert!(pictures::files(&message, &settings, &digests, 1 << 30).is_empty());
}

#[test]
fn where_pictures_are_not_read_they_are_noted() {
    let (index, settings) = school(false);
    let message = message("x", &[("register.png", &png(1240, 1754, 1))]);
    let only = inspect(&message, &index, &settings);
    assert!(only.wanted_pictures().is_empty());
    assert_eq!(only.pictures[0].reading, Reading::Off);
    assert!(has_unread(&only, UnreadReason::Media) && only.unread.len() == 1);
}

#[test]
fn documents_are_read_before_photographs() {
    let (index, settings) = school(true);
    let photograph = |last| {
        let mut exif = b"II*\0\x08\0\0\0\x02\0".to_vec();
        // Make, in place; and the exposure, in a directory of its own at 38.
        exif.extend(b"\x0f\x01\x02\0\x04\0\0\0X10\0");
        exif.extend(b"\x69\x87\x04\0\x01\0\0\0\x26\0\0\0");
        exif.extend(
            b"\0\0\0\0\x01\0\x9d\x82\x05\0\x01\0\0\0\x38\0\0\0\0\0\0\0\x02\0\0\0\x01\0\0\0",
        );
        let mut file = b"\xff\xd8\xff\xe1\0".to_vec();
        file.push(u8::try_from(exif.len() + 8).expect("a short segment"));
        file.extend(b"Exif\0\0");
        file.extend(exif);
        file.extend(b"\xff\xc0\0\x0b\x08\x03\x20\x04\xb0\x01\x01\x11\0\xff\xd9");
        file.push(last);
        file
    };
    let message = message(
        "x",
        &[
            ("IMG_1.jpg", &photograph(1)),
            ("scan.png", &png(1240, 1754, 1)),
            ("IMG_2.jpg", &photograph(2)),
        ],
    );
    let first = inspect(&message, &index, &settings);
    assert!(first.pictures[0].camera.as_ref().is_some_and(|c| c.exposed));
    let wanted = first.wanted_pictures();
    assert_eq!(wanted.len(), 3);
    assert_eq!(wanted[0], first.pictures[1].digest);
}
