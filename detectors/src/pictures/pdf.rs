//! Pictures on the pages of a PDF, as files that an OCR program can take.
//!
//! A scanned page is one picture: a JPEG (`DCTDecode`), a fax (`CCITTFaxDecode`) or packed
//! pixels (`FlateDecode`). JPEGs are taken as they are, a fax gets a TIFF head, pixels become
//! a grey map. JPEG 2000 and JBIG2 are named, not decoded. References: ISO 32000-1 §7.4, §8.9;
//! TIFF 6.0.

use std::collections::HashSet;

use lopdf::{Dictionary, Document, Object, ObjectId, Stream};
use sha2::{Digest as _, Sha256};

use super::{Digest, Format};
use crate::extract::guarded;

/// A picture on a page.
#[derive(Debug)]
pub(crate) struct Found<'d> {
    pub page: u32,
    pub stream: &'d Stream,
    pub format: Format,
    pub width: u32,
    pub height: u32,
}

/// The most that one picture may unpack to, octets.
const UNPACKED: usize = 64 << 20;
/// Pictures that are looked at in one PDF.
const PICTURES: usize = 1_000;
/// Forms inside forms that are followed.
const DEEP: u32 = 6;

/// The pictures of the pages, each once, where it first stands.
pub(crate) fn find<'d>(
    document: &'d Document,
    pages: impl Iterator<Item = (u32, ObjectId)>,
) -> Vec<Found<'d>> {
    let mut search = Search {
        document,
        seen: HashSet::new(),
        found: Vec::new(),
    };
    for (number, page) in pages {
        for resources in guarded(|| resources(document, page)).unwrap_or_default() {
            search.resources(number, resources, 0);
        }
    }
    search.found
}

/// The resources of a page, its own or those that it inherits (ISO 32000-1 §7.7.3.4).
fn resources(document: &Document, page: ObjectId) -> Vec<&Dictionary> {
    let Ok((own, others)) = document.get_page_resources(page) else {
        return Vec::new();
    };
    own.into_iter()
        .chain(
            others
                .into_iter()
                .filter_map(|id| document.get_dictionary(id).ok()),
        )
        .collect()
}

struct Search<'d> {
    document: &'d Document,
    seen: HashSet<ObjectId>,
    found: Vec<Found<'d>>,
}

impl<'d> Search<'d> {
    fn resources(&mut self, page: u32, resources: &'d Dictionary, depth: u32) {
        let objects = resources
            .get(b"XObject")
            .ok()
            .and_then(|object| self.document.dereference(object).ok())
            .and_then(|(_, object)| object.as_dict().ok());
        for (_, object) in objects.into_iter().flat_map(Dictionary::iter) {
            let Ok((Some(id), Object::Stream(stream))) = self.document.dereference(object) else {
                continue;
            };
            if self.found.len() >= PICTURES || !self.seen.insert(id) {
                continue;
            }
            match stream.dict.get(b"Subtype").and_then(Object::as_name) {
                Ok(b"Image") => self.picture(page, stream),
                Ok(b"Form") if depth < DEEP => {
                    let inner = stream
                        .dict
                        .get(b"Resources")
                        .ok()
                        .and_then(|object| self.document.dereference(object).ok())
                        .and_then(|(_, object)| object.as_dict().ok());
                    if let Some(inner) = inner {
                        self.resources(page, inner, depth + 1);
                    }
                }
                _ => {}
            }
        }
    }

    fn picture(&mut self, page: u32, stream: &'d Stream) {
        let number = |key: &[u8]| {
            number(self.document, &stream.dict, key).map_or(0, |n| u32::try_from(n).unwrap_or(0))
        };
        self.found.push(Found {
            page,
            stream,
            format: format(stream),
            width: number(b"Width"),
            height: number(b"Height"),
        });
    }
}

fn number(document: &Document, dictionary: &Dictionary, key: &[u8]) -> Option<i64> {
    let object = dictionary.get(key).ok()?;
    document.dereference(object).ok()?.1.as_i64().ok()
}

/// By the last filter, which is the picture's own coding.
fn format(stream: &Stream) -> Format {
    match stream.filters().unwrap_or_default().last() {
        Some(&b"DCTDecode") => Format::Jpeg,
        Some(&b"CCITTFaxDecode") => Format::Tiff,
        Some(&b"JPXDecode") => Format::Jpeg2000,
        Some(&b"JBIG2Decode") => Format::Other,
        _ => Format::Greymap,
    }
}

impl Found<'_> {
    /// Names the stream and how it is to be unpacked.
    pub(crate) fn digest(&self) -> Digest {
        let mut hash = Sha256::new();
        let mut head: Vec<String> = self
            .stream
            .dict
            .iter()
            .filter(|(key, _)| !matches!(key.as_slice(), b"SMask" | b"Length" | b"Metadata"))
            .map(|(key, value)| format!("{}={value:?}", String::from_utf8_lossy(key)))
            .collect();
        head.sort();
        hash.update(head.join("\n"));
        hash.update([0]);
        hash.update(&self.stream.content);
        Digest(hash.finalize().into())
    }

    /// The file to hand to OCR; `None` when the picture does not unpack.
    pub(crate) fn file(&self, document: &Document) -> Option<Vec<u8>> {
        guarded(|| self.unpacked(document)).flatten()
    }

    fn unpacked(&self, document: &Document) -> Option<Vec<u8>> {
        match self.format {
            Format::Jpeg => self
                .before_last()
                .filter(|file| Format::of(file) == Some(Format::Jpeg)),
            Format::Tiff => self.fax(document),
            Format::Greymap => self.greymap(document),
            _ => None,
        }
    }

    /// The octets that the picture's own coding starts from.
    fn before_last(&self) -> Option<Vec<u8>> {
        let filters = self.stream.filters().ok()?;
        let Some((_, before)) = filters
            .split_last()
            .filter(|(_, before)| !before.is_empty())
        else {
            return Some(self.stream.content.clone());
        };
        let mut outer = self.stream.clone();
        let names = before
            .iter()
            .map(|name| Object::Name(name.to_vec()))
            .collect();
        outer.dict.set("Filter", Object::Array(names));
        if let Ok(Object::Array(parameters)) = self.stream.dict.get(b"DecodeParms") {
            let kept = parameters.iter().take(before.len()).cloned().collect();
            outer.dict.set("DecodeParms", Object::Array(kept));
        } else {
            outer.dict.remove(b"DecodeParms");
        }
        outer.get_plain_content_with_limit(UNPACKED).ok()
    }

    /// A fax with the head of a TIFF before it (TIFF 6.0 §2, §11).
    fn fax(&self, document: &Document) -> Option<Vec<u8>> {
        let data = self.before_last()?;
        let parameters = self.stream.dict.get(b"DecodeParms").ok();
        let parameters = parameters
            .and_then(|object| document.dereference(object).ok())
            .and_then(|(_, object)| match object {
                Object::Array(list) => list
                    .last()
                    .and_then(|o| document.dereference(o).ok())
                    .map(|(_, o)| o),
                other => Some(other),
            })
            .and_then(|object| object.as_dict().ok());
        let value = |key: &[u8]| parameters.and_then(|p| number(document, p, key));
        let black_is_1 = parameters
            .and_then(|p| p.get(b"BlackIs1").ok())
            .and_then(|object| object.as_bool().ok())
            .unwrap_or(false);
        let (compression, options) = match value(b"K").unwrap_or(0) {
            k if k < 0 => (4, 0),
            0 => (3, 0),
            _ => (3, 1),
        };
        let width = value(b"Columns")
            .and_then(|n| u32::try_from(n).ok())
            .unwrap_or(1728);
        let height = value(b"Rows")
            .and_then(|n| u32::try_from(n).ok())
            .filter(|rows| *rows > 0)
            .unwrap_or(self.height);
        let length = u32::try_from(data.len()).ok()?;
        // 0: white is zero, as faxes are.
        let photometric = u32::from(black_is_1);
        let entries: [(u16, u16, u32); 10] = [
            (256, 4, width),
            (257, 4, height),
            (258, 3, 1),
            (259, 3, compression),
            (262, 3, photometric),
            (273, 4, 8 + 2 + 10 * 12 + 4),
            (277, 3, 1),
            (278, 4, height),
            (279, 4, length),
            (if compression == 4 { 293 } else { 292 }, 4, options),
        ];
        let mut file = b"II*\0\x08\0\0\0".to_vec();
        file.extend(10_u16.to_le_bytes());
        for (tag, kind, value) in entries {
            file.extend(tag.to_le_bytes());
            file.extend(kind.to_le_bytes());
            file.extend(1_u32.to_le_bytes());
            file.extend(value.to_le_bytes());
        }
        file.extend(0_u32.to_le_bytes());
        file.extend(data);
        Some(file)
    }

    /// The pixels in shades of grey, which is all that OCR looks at.
    fn greymap(&self, document: &Document) -> Option<Vec<u8>> {
        let dictionary = &self.stream.dict;
        let (width, height) = (self.width as usize, self.height as usize);
        let mask = matches!(dictionary.get(b"ImageMask"), Ok(Object::Boolean(true)));
        let bits = match number(document, dictionary, b"BitsPerComponent") {
            _ if mask => 1,
            Some(bits @ (1 | 2 | 4 | 8 | 16)) => usize::try_from(bits).ok()?,
            _ => return None,
        };
        let colours = match dictionary.get(b"ColorSpace") {
            Ok(space) if !mask => Colours::of(document, space, 0)?,
            _ => Colours::Plain(1),
        };
        let inverted = dictionary
            .get(b"Decode")
            .and_then(Object::as_array)
            .is_ok_and(|list| list.first().and_then(|o| o.as_float().ok()) == Some(1.0));
        let samples = colours.samples();
        let row = (width.checked_mul(samples)?.checked_mul(bits)?).div_ceil(8);
        let most = row.checked_mul(height)?;
        if most > UNPACKED || width.checked_mul(height)? > UNPACKED {
            return None;
        }
        let data = self.stream.get_plain_content_with_limit(UNPACKED).ok()?;
        let mut file = format!("P5\n{width} {height}\n255\n").into_bytes();
        let mut values = vec![0_u8; samples];
        for line in data.chunks(row.max(1)).take(height) {
            for x in 0..width {
                for (i, value) in values.iter_mut().enumerate() {
                    *value = colours.sample(line, x * samples + i, bits);
                }
                let grey = colours.grey(&values);
                file.push(if inverted { 255 - grey } else { grey });
            }
        }
        // A stream that ends early leaves white paper.
        file.resize(file.len().max(width * height + 16), 255);
        Some(file)
    }
}

/// How samples become colours.
enum Colours {
    /// Grey, red-green-blue or cyan-magenta-yellow-black, by the number of samples.
    Plain(usize),
    /// Numbers of entries in a table of shades of grey.
    Indexed(Vec<u8>),
}

impl Colours {
    fn of(document: &Document, space: &Object, depth: u32) -> Option<Self> {
        if depth > 3 {
            return None;
        }
        let (_, space) = document.dereference(space).ok()?;
        let list = match space {
            Object::Name(name) => {
                return match name.as_slice() {
                    b"DeviceGray" | b"CalGray" | b"G" => Some(Self::Plain(1)),
                    b"DeviceRGB" | b"CalRGB" | b"RGB" | b"Lab" => Some(Self::Plain(3)),
                    b"DeviceCMYK" | b"CMYK" => Some(Self::Plain(4)),
                    _ => None,
                };
            }
            Object::Array(list) => list,
            _ => return None,
        };
        match list.first().and_then(|o| o.as_name().ok())? {
            b"CalGray" | b"DeviceGray" | b"Separation" => Some(Self::Plain(1)),
            b"CalRGB" | b"DeviceRGB" | b"Lab" => Some(Self::Plain(3)),
            b"DeviceCMYK" => Some(Self::Plain(4)),
            b"ICCBased" => {
                let (_, profile) = document.dereference(list.get(1)?).ok()?;
                match number(document, &profile.as_stream().ok()?.dict, b"N")? {
                    n @ (1 | 3 | 4) => Some(Self::Plain(usize::try_from(n).ok()?)),
                    _ => None,
                }
            }
            b"Indexed" | b"I" => {
                let base = Self::of(document, list.get(1)?, depth + 1)?;
                let (_, table) = document.dereference(list.get(3)?).ok()?;
                let table = match table {
                    Object::String(octets, _) => octets.clone(),
                    Object::Stream(stream) => stream.get_plain_content_with_limit(1 << 16).ok()?,
                    _ => return None,
                };
                let shades = table.chunks_exact(base.samples()).map(|c| base.grey(c));
                Some(Self::Indexed(shades.collect()))
            }
            _ => None,
        }
    }

    fn samples(&self) -> usize {
        match self {
            Self::Plain(samples) => *samples,
            Self::Indexed(_) => 1,
        }
    }

    /// The sample at a place of a row: a shade from 0 to 255, or the number of an entry.
    fn sample(&self, row: &[u8], at: usize, bits: usize) -> u8 {
        let octet = |at: usize| row.get(at).copied().unwrap_or(255);
        match bits {
            8 => octet(at),
            16 => octet(2 * at),
            _ => {
                let most = (1_u8 << bits) - 1;
                let shift = 8 - bits - (at * bits) % 8;
                let value = (octet(at * bits / 8) >> shift) & most;
                match self {
                    Self::Plain(_) => value * (255 / most),
                    Self::Indexed(_) => value,
                }
            }
        }
    }

    fn grey(&self, values: &[u8]) -> u8 {
        let weighed = |r: u32, g: u32, b: u32| ((r * 299 + g * 587 + b * 114) / 1000) as u8;
        match (self, values) {
            (Self::Indexed(shades), [entry]) => {
                shades.get(usize::from(*entry)).copied().unwrap_or(255)
            }
            (_, [grey]) => *grey,
            (_, [r, g, b]) => weighed(u32::from(*r), u32::from(*g), u32::from(*b)),
            (_, [c, m, y, k]) => {
                let light = |ink: u8| {
                    let left = 255 - u32::from(*k);
                    (255 - u32::from(ink)) * left / 255
                };
                weighed(light(*c), light(*m), light(*y))
            }
            _ => 255,
        }
    }
}

#[cfg(test)]
mod tests {
    use lopdf::dictionary;

    use super::*;

    fn greymap(stream: Stream) -> Option<Vec<u8>> {
        let found = Found {
            page: 1,
            format: format(&stream),
            width: 4,
            height: 2,
            stream: &stream,
        };
        found.file(&Document::new())
    }

    fn picture(bits: i64, space: Object, data: &[u8]) -> Stream {
        let head = dictionary! {
            "Subtype" => "Image", "Width" => 4, "Height" => 2,
            "BitsPerComponent" => bits, "ColorSpace" => space,
        };
        Stream::new(head, data.to_vec())
    }

    fn check(stream: Stream, expected: &[u8]) {
        let file = greymap(stream).unwrap();
        assert_eq!(file.get(..11), Some(&b"P5\n4 2\n255\n"[..]));
        assert_eq!(file.get(11..19), Some(expected));
    }

    #[test]
    fn pixels_of_every_depth_become_grey() {
        check(
            picture(1, "DeviceGray".into(), &[0b1010_0000, 0b0101_0000]),
            &[255, 0, 255, 0, 0, 255, 0, 255],
        );
        check(
            picture(8, "DeviceGray".into(), &[1, 2, 3, 4, 5, 6, 7, 8]),
            &[1, 2, 3, 4, 5, 6, 7, 8],
        );
        check(picture(8, "DeviceRGB".into(), &[255; 24]), &[255; 8]);
        check(picture(8, "DeviceCMYK".into(), &[0; 32]), &[255; 8]);
        let table = Object::string_literal(vec![0, 0, 0, 255, 255, 255]);
        let indexed = Object::Array(vec!["Indexed".into(), "DeviceRGB".into(), 1.into(), table]);
        check(
            picture(1, indexed, &[0b1100_0000, 0]),
            &[255, 255, 0, 0, 0, 0, 0, 0],
        );
    }

    #[test]
    fn what_does_not_add_up_is_no_picture() {
        assert!(greymap(picture(3, "DeviceGray".into(), &[0; 8])).is_none());
        assert!(greymap(picture(8, "Nonsense".into(), &[0; 8])).is_none());
        let mut jpeg = picture(8, "DeviceRGB".into(), b"no JPEG");
        jpeg.dict.set("Filter", "DCTDecode");
        assert!(greymap(jpeg).is_none());
    }

    #[test]
    fn a_fax_gets_a_tiff_head() {
        let mut fax = picture(1, "DeviceGray".into(), b"fax");
        fax.dict.set("Filter", "CCITTFaxDecode");
        fax.dict.set(
            "DecodeParms",
            dictionary! { "K" => -1, "Columns" => 4, "Rows" => 2 },
        );
        let file = greymap(fax).unwrap();
        assert_eq!(Format::of(&file), Some(Format::Tiff));
        assert!(file.ends_with(b"fax"));
        assert_eq!(super::super::format::size(&file), Some((4, 2)));
    }
}
