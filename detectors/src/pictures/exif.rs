//! What the camera wrote into a picture: its make, a place, a time; and what people wrote:
//! a description, the names of those shown.
//!
//! Why in a school: policies forbid pictures of children by private telephones
//! (clauses 000-7, 001-53, 002-18), and place data tell where a child was.
//!
//! References: Exif 3.0 (CIPA DC-008), XMP part 1 (ISO 16684-1).

use std::io::Cursor;

use ::exif::{Exif, In, Tag, Value};
use serde::{Deserialize, Serialize};

use super::Format;
use crate::extract::xml::{self, Node};

/// What a camera says about itself and where it was.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Camera {
    pub make: String,
    pub model: String,
    /// It is a telephone; tablets and cameras are mostly the school's own.
    pub phone: bool,
    /// The picture says where it was taken.
    pub place: bool,
    /// As the camera wrote it, `2026:11:09 10:15:00`.
    pub taken_at: String,
    /// It was exposed through a lens, unlike what a scanner makes.
    pub exposed: bool,
}

/// A text that stands in the file: where, and what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note {
    pub place: &'static str,
    pub text: String,
}

/// What stands in the file besides its pixels.
#[derive(Debug, Default)]
pub(crate) struct Inside {
    pub camera: Option<Camera>,
    pub notes: Vec<Note>,
}

/// The longest text that is taken, in characters.
const LONGEST: usize = 2_000;

/// Reads it. What is damaged counts as absent: it changes nothing about the pixels.
pub(crate) fn read(file: &[u8], format: Format) -> Inside {
    let mut inside = Inside::default();
    let may_hold = matches!(
        format,
        Format::Jpeg | Format::Tiff | Format::Heic | Format::Avif | Format::Png | Format::WebP
    );
    if !may_hold {
        return inside;
    }
    if let Some(exif) = crate::extract::guarded(|| load(file)).flatten() {
        inside.camera = camera(&exif);
        inside.notes.extend(written(&exif));
    }
    inside.notes.extend(packet(file));
    inside
}

fn load(file: &[u8]) -> Option<Exif> {
    ::exif::Reader::new()
        .continue_on_error(true)
        .read_from_container(&mut Cursor::new(file))
        .or_else(|error| error.distill_partial_result(|_| ()))
        .ok()
}

fn text(exif: &Exif, tag: Tag) -> String {
    let field = exif.get_field(tag, In::PRIMARY);
    let octets: Vec<u8> = match field.map(|field| &field.value) {
        Some(Value::Ascii(parts)) => parts.join(&b' '),
        Some(Value::Byte(octets)) => return wide(octets),
        // EXIF 3.0 §4.6.6: eight octets name the character code of a comment.
        Some(Value::Undefined(octets, _)) => match octets.split_at_checked(8) {
            Some((b"UNICODE\0", rest)) => return wide(rest),
            Some((_, rest)) => rest.to_vec(),
            None => Vec::new(),
        },
        _ => Vec::new(),
    };
    tidy(&String::from_utf8_lossy(&octets))
}

/// UTF-16, little end first, as Windows writes it.
fn wide(octets: &[u8]) -> String {
    let units: Vec<u16> = octets
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    tidy(&String::from_utf16_lossy(&units))
}

fn tidy(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(LONGEST)
        .collect();
    text.trim().to_owned()
}

fn camera(exif: &Exif) -> Option<Camera> {
    let has = |tag| exif.get_field(tag, In::PRIMARY).is_some();
    let make = text(exif, Tag::Make);
    let model = text(exif, Tag::Model);
    let camera = Camera {
        phone: is_phone(&make, &model),
        place: has(Tag::GPSLatitude) && has(Tag::GPSLongitude),
        taken_at: text(exif, Tag::DateTimeOriginal),
        exposed: has(Tag::ExposureTime) || has(Tag::FNumber) || has(Tag::FocalLength),
        make,
        model,
    };
    let says = camera.place || !camera.make.is_empty() || !camera.model.is_empty();
    says.then_some(camera)
}

/// Makers that build nothing with a camera but telephones and tablets.
const PHONE_MAKERS: &[&str] = &[
    "apple",
    "google",
    "huawei",
    "honor",
    "xiaomi",
    "redmi",
    "oneplus",
    "oppo",
    "realme",
    "vivo",
    "motorola",
    "nothing",
    "fairphone",
    "nokia",
    "hmd",
    "lg electronics",
    "lge",
    "htc",
    "blackberry",
    "zte",
    "alcatel",
    "tcl",
    "doro",
    "wileyfox",
    "samsung",
];

/// Words in a model that name a telephone whoever built it.
const PHONE_MODELS: &[&str] = &["iphone", "xperia", "pixel", "galaxy", "moto", "redmi"];

/// Words in a model that name a tablet or a true camera of such a maker.
const NO_PHONES: &[&str] = &[
    "ipad",
    "ipod",
    "tab",
    "galaxy tab",
    "nx",
    "wb",
    "pixel tablet",
];

fn is_phone(make: &str, model: &str) -> bool {
    let make = make.to_lowercase();
    let model = model.to_lowercase();
    let starts = |words: &[&str]| words.iter().any(|word| model.starts_with(word));
    // Samsung's tablets are called SM-T and SM-X and a number.
    if starts(NO_PHONES) || starts(&["sm-t", "sm-x", "sm-p"]) {
        return false;
    }
    PHONE_MAKERS.iter().any(|maker| make.starts_with(maker))
        || PHONE_MODELS.iter().any(|word| model.contains(word))
        || (make.starts_with("sony") && model.starts_with("xq-"))
}

/// What people wrote into the fields.
fn written(exif: &Exif) -> Vec<Note> {
    /// The fields that Windows' file properties write (WIC, `System.Title` and its kin).
    const WINDOWS: [u16; 4] = [0x9c9b, 0x9c9c, 0x9c9e, 0x9c9f];
    let fields = [Tag::ImageDescription, Tag::UserComment]
        .into_iter()
        .chain(WINDOWS.map(|number| Tag(::exif::Context::Tiff, number)));
    fields
        .map(|tag| text(exif, tag))
        .filter(|text| is_worth(text))
        .map(|text| Note {
            place: "picture description",
            text,
        })
        .collect()
}

/// Cameras fill descriptions with their own name or with nothing.
fn is_worth(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    letters >= 3 && !text.eq_ignore_ascii_case("screenshot")
}

/// Title, description, keywords and the persons shown, from an XMP packet (ISO 16684-1 §7).
fn packet(file: &[u8]) -> Vec<Note> {
    let Some(start) = position(file, b"<x:xmpmeta") else {
        return Vec::new();
    };
    let rest = file.get(start..).unwrap_or_default();
    let end = position(rest, b"</x:xmpmeta>").map_or(0, |at| at + 12);
    let packet = rest.get(..end.min(1 << 20)).unwrap_or_default();
    let mut inside: Vec<String> = Vec::new();
    let mut notes = Vec::new();
    xml::walk(packet, |node| match node {
        Node::Open { name, .. } => inside.push(name.to_owned()),
        Node::Close { .. } => {
            inside.pop();
        }
        Node::Text(text) => {
            let telling = inside.iter().any(|name| {
                matches!(
                    name.as_str(),
                    "description" | "title" | "subject" | "PersonInImage" | "Headline" | "Name"
                )
            });
            let text = tidy(text);
            if telling && is_worth(&text) && notes.len() < 50 {
                notes.push(Note {
                    place: "picture description",
                    text,
                });
            }
        }
    });
    notes
}

fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let first = *wanted.first()?;
    let mut from = 0;
    while let Some(at) = bytes.get(from..)?.iter().position(|b| *b == first) {
        if bytes.get(from + at..)?.starts_with(wanted) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use ::exif::experimental::Writer;
    use ::exif::{Field, Rational};

    /// A JPEG of this size that holds nothing but a head and EXIF data.
    pub(crate) fn photograph(make: &str, model: &str, place: bool, description: &str) -> Vec<u8> {
        let field = |tag, value| Field {
            tag,
            ifd_num: In::PRIMARY,
            value,
        };
        let ascii = |text: &str| Value::Ascii(vec![text.as_bytes().to_vec()]);
        let rational = |n| Value::Rational(vec![Rational { num: n, denom: 1 }; 3]);
        let mut fields = vec![
            field(Tag::Make, ascii(make)),
            field(Tag::Model, ascii(model)),
            field(Tag::FNumber, rational(2)),
            field(Tag::DateTimeOriginal, ascii("2026:11:09 10:15:00")),
        ];
        if place {
            fields.push(field(Tag::GPSLatitude, rational(51)));
            fields.push(field(Tag::GPSLongitude, rational(1)));
        }
        if !description.is_empty() {
            fields.push(field(Tag::ImageDescription, ascii(description)));
        }
        let mut writer = Writer::new();
        fields.iter().for_each(|f| writer.push_field(f));
        let mut data = Cursor::new(Vec::new());
        writer.write(&mut data, false).unwrap();
        jpeg(4032, 3024, &data.into_inner())
    }

    /// Start, an APP1 segment where `exif` is not empty, a frame head, end (ITU-T T.81 §B).
    pub(crate) fn jpeg(width: u16, height: u16, exif: &[u8]) -> Vec<u8> {
        let mut file = vec![0xff, 0xd8];
        if !exif.is_empty() {
            file.extend([0xff, 0xe1]);
            file.extend(u16::try_from(exif.len() + 8).unwrap().to_be_bytes());
            file.extend(b"Exif\0\0");
            file.extend(exif);
        }
        file.extend([0xff, 0xc0, 0, 11, 8]);
        file.extend(height.to_be_bytes());
        file.extend(width.to_be_bytes());
        file.extend([1, 1, 0x11, 0, 0xff, 0xd9]);
        file
    }

    fn camera_of(make: &str, model: &str, place: bool) -> Camera {
        let file = photograph(make, model, place, "");
        read(&file, Format::Jpeg).camera.unwrap()
    }

    #[test]
    fn telephones_are_told_from_cameras_and_tablets() {
        for (make, model) in [
            ("Apple", "iPhone 15"),
            ("samsung", "SM-A546B"),
            ("samsung", "Galaxy S23"),
            ("Google", "Pixel 8"),
            ("Sony", "XQ-DC54"),
        ] {
            assert!(camera_of(make, model, false).phone, "{make} {model}");
        }
        for (make, model) in [
            ("Apple", "iPad (9th generation)"),
            ("Canon", "Canon EOS 2000D"),
            ("samsung", "SM-T510"),
            ("RICOH", "MP C3004"),
            ("Sony", "DSC-HX60"),
        ] {
            assert!(!camera_of(make, model, false).phone, "{make} {model}");
        }
    }

    #[test]
    fn places_times_and_descriptions_are_read() {
        let file = photograph("Apple", "iPhone 15", true, "Isla on the climbing wall");
        let inside = read(&file, Format::Jpeg);
        let camera = inside.camera.unwrap();
        assert!(camera.place && camera.exposed);
        assert_eq!(camera.taken_at, "2026:11:09 10:15:00");
        assert_eq!(inside.notes[0].text, "Isla on the climbing wall");
        assert!(!camera_of("Apple", "iPhone 15", false).place);
    }

    #[test]
    fn names_in_an_xmp_packet_are_read() {
        let mut file = jpeg(800, 600, &[]);
        file.extend(
            b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF><rdf:Description><dc:title><rdf:Alt>\
              <rdf:li>Isla Fenwick, forest school</rdf:li></rdf:Alt></dc:title>\
              <xmp:CreatorTool>Some editor</xmp:CreatorTool></rdf:Description></rdf:RDF></x:xmpmeta>",
        );
        let notes = read(&file, Format::Jpeg).notes;
        assert_eq!(notes.len(), 1);
        assert_eq!(notes[0].text, "Isla Fenwick, forest school");
    }

    #[test]
    fn a_picture_without_any_of_it_says_nothing() {
        let inside = read(&jpeg(800, 600, &[]), Format::Jpeg);
        assert!(inside.camera.is_none() && inside.notes.is_empty());
        assert!(read(b"", Format::Jpeg).camera.is_none());
    }

    proptest::proptest! {
        #[test]
        fn no_octets_make_it_panic(mut file in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
            let _ = read(&file, Format::Jpeg);
            let mut whole = photograph("Apple", "iPhone 15", true, "x");
            let at = file.len().min(whole.len());
            whole.truncate(whole.len() - at / 2);
            whole.append(&mut file);
            let _ = read(&whole, Format::Jpeg);
        }
    }
}
