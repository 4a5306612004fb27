//! What kind of picture a file is, by its first octets, and how large, by its head.

use serde::{Deserialize, Serialize};

/// The formats that mail brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    Jpeg,
    Png,
    Gif,
    Bmp,
    Tiff,
    WebP,
    /// What newer phones take; not decoded here.
    Heic,
    Avif,
    /// JPEG 2000, in files and in PDFs; not decoded here.
    Jpeg2000,
    /// Pixels of a PDF's picture, handed out as a portable grey map.
    Greymap,
    /// A picture inside a PDF that is packed in a way not decoded here.
    Other,
}

impl Format {
    /// The format that the first octets show.
    pub fn of(file: &[u8]) -> Option<Self> {
        let format = match file {
            [0xff, 0xd8, 0xff, ..] => Self::Jpeg,
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Self::Png,
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Self::Gif,
            [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => Self::Bmp,
            [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => Self::Tiff,
            [
                b'R',
                b'I',
                b'F',
                b'F',
                _,
                _,
                _,
                _,
                b'W',
                b'E',
                b'B',
                b'P',
                ..,
            ] => Self::WebP,
            [0, 0, 0, 12, b'j', b'P', b' ', b' ', ..] | [0xff, 0x4f, 0xff, 0x51, ..] => {
                Self::Jpeg2000
            }
            // ISO 14496-12 §4.3: a box of type `ftyp` begins with the brand of the file.
            [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => match brand.get(..4)? {
                b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1" => {
                    Self::Heic
                }
                b"avif" | b"avis" => Self::Avif,
                _ => return None,
            },
            _ => return None,
        };
        Some(format)
    }

    /// A short English noun.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Jpeg => "JPEG picture",
            Self::Png => "PNG picture",
            Self::Gif => "GIF picture",
            Self::Bmp => "BMP picture",
            Self::Tiff => "TIFF picture",
            Self::WebP => "WebP picture",
            Self::Heic => "HEIC picture",
            Self::Avif => "AVIF picture",
            Self::Jpeg2000 => "JPEG 2000 picture",
            Self::Greymap | Self::Other => "picture in a PDF",
        }
    }

    /// Whether it can be decoded for OCR.
    pub(crate) fn is_decoded(self) -> bool {
        !matches!(self, Self::Heic | Self::Avif | Self::Jpeg2000 | Self::Other)
    }
}

/// Width and height in pixels, without decoding anything.
pub(crate) fn size(file: &[u8]) -> Option<(u32, u32)> {
    let size = crate::extract::guarded(|| imagesize::blob_size(file).ok()).flatten()?;
    Some((
        u32::try_from(size.width).unwrap_or(u32::MAX),
        u32::try_from(size.height).unwrap_or(u32::MAX),
    ))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The head of a PNG of this size (ISO 15948 §11.2.2); its pixels never come.
    pub(crate) fn png_head(width: u32, height: u32) -> Vec<u8> {
        let mut file = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        file.extend(width.to_be_bytes());
        file.extend(height.to_be_bytes());
        file.extend([8, 2, 0, 0, 0, 0, 0, 0, 0]);
        file
    }

    #[test]
    fn sizes_come_from_the_head_alone() {
        let bomb = png_head(30_000, 30_000);
        assert_eq!(Format::of(&bomb), Some(Format::Png));
        assert_eq!(size(&bomb), Some((30_000, 30_000)));
        assert_eq!(size(b"\x89PNG\r\n\x1a\n"), None);
    }

    #[test]
    fn formats_are_told_by_their_first_octets() {
        let check = |file: &[u8], expected| assert_eq!(Format::of(file), expected);
        check(b"\xff\xd8\xff\xe1", Some(Format::Jpeg));
        check(b"II*\0\x08\0\0\0", Some(Format::Tiff));
        check(b"RIFF\x10\0\0\0WEBPVP8 ", Some(Format::WebP));
        check(b"\0\0\0\x18ftypheic\0\0\0\0", Some(Format::Heic));
        check(b"\0\0\0\x18ftypmp42\0\0\0\0", None);
        check(b"BM\x10\0\0\0\0\0\0\0\x36", Some(Format::Bmp));
        check(b"BMW is a car maker", None);
        check(b"", None);
    }
}
