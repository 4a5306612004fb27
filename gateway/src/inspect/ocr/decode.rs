//! From a picture's file to grey pixels of a size that OCR reads well.
//!
//! Runs in the cage only. Tesseract wants some thirty pixels to a line of text: what a
//! screen shows has half of that and is enlarged; a page of 600 dots to the inch is twice
//! as fine as needed and takes four times as long, so it is made smaller.

use std::io::Cursor;

use image::imageops::FilterType;
use image::{DynamicImage, GrayImage, ImageDecoder, ImageReader, Limits};

/// Pixels that are looked at: a page of A4 at 300 dots to the inch.
const ENOUGH: u64 = 8_700_000;
/// The widest screen whose picture is enlarged, in pixels.
const SCREEN: u32 = 1_930;
/// The highest upright picture that is enlarged: a part of a screen, a small scan. Telephones
/// show more pixels, and a page at 150 dots to the inch needs no more.
const UPRIGHT: u32 = 1_200;
/// The narrowest and shortest that Tesseract takes without complaint.
const LEAST: u32 = 16;

/// Why there are no pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoPixels {
    Damaged,
    TooLarge,
}

/// What OCR is to look at.
pub(super) enum Paper {
    Grey(GrayImage),
    /// A TIFF of several pages, or one packed in a way that is not decoded here, such as
    /// the older fax: Tesseract takes it apart itself.
    Pages,
}

impl Paper {
    /// Turned clockwise by a quarter, half or three quarters of a circle.
    pub(super) fn turned(self, degrees: u16) -> Self {
        let Self::Grey(grey) = self else {
            return self;
        };
        let picture = DynamicImage::ImageLuma8(grey);
        let turned = match degrees {
            90 => picture.rotate90(),
            180 => picture.rotate180(),
            270 => picture.rotate270(),
            _ => picture,
        };
        Self::Grey(turned.into_luma8())
    }
}

/// Decodes a picture of at most `pixels` pixels and `memory` octets.
pub(super) fn decode(file: &[u8], pixels: u64, memory: u64) -> Result<Paper, NoPixels> {
    if has_pages(file) {
        return Ok(Paper::Pages);
    }
    let mut reader = ImageReader::new(Cursor::new(file))
        .with_guessed_format()
        .map_err(|_| NoPixels::Damaged)?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(memory);
    reader.limits(limits);
    let is_tiff = matches!(file, [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..]);
    let mut decoder = match reader.into_decoder() {
        Ok(decoder) => decoder,
        Err(_) if is_tiff => return Ok(Paper::Pages),
        Err(_) => return Err(NoPixels::Damaged),
    };
    let (width, height) = decoder.dimensions();
    // What is decoded and its grey copy lie in memory together.
    let decoded = decoder.total_bytes().saturating_mul(2);
    if u64::from(width) * u64::from(height) > pixels || decoded > memory {
        return Err(NoPixels::TooLarge);
    }
    let orientation = decoder.orientation().ok();
    let mut picture = match DynamicImage::from_decoder(decoder) {
        Ok(picture) => picture,
        Err(image::ImageError::Limits(_)) => return Err(NoPixels::TooLarge),
        Err(_) if is_tiff => return Ok(Paper::Pages),
        Err(_) => return Err(NoPixels::Damaged),
    };
    if let Some(orientation) = orientation {
        picture.apply_orientation(orientation);
    }
    Ok(Paper::Grey(sized(on_white(&picture))))
}

/// Grey on white paper: what is transparent shows it.
fn on_white(picture: &DynamicImage) -> GrayImage {
    if !picture.color().has_alpha() {
        return picture.to_luma8();
    }
    let both = picture.to_luma_alpha8();
    let mut grey = GrayImage::new(both.width(), both.height());
    for (to, from) in grey.pixels_mut().zip(both.pixels()) {
        let [shade, opaque] = from.0.map(u32::from);
        let seen = (shade * opaque + 255 * (255 - opaque)) / 255;
        to.0 = [u8::try_from(seen).unwrap_or(255)];
    }
    grey
}

fn sized(grey: GrayImage) -> GrayImage {
    let (width, height) = grey.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels > ENOUGH {
        let shrink = (ENOUGH as f64 / pixels as f64).sqrt();
        let scaled = |side: u32| ((f64::from(side) * shrink) as u32).max(LEAST);
        return DynamicImage::ImageLuma8(grey)
            .thumbnail_exact(scaled(width), scaled(height))
            .into_luma8();
    }
    let screen = width >= height && width <= SCREEN;
    if (screen || (width < height && height <= UPRIGHT)) && pixels * 4 <= ENOUGH {
        return DynamicImage::ImageLuma8(grey)
            .resize_exact(width * 2, height * 2, FilterType::CatmullRom)
            .into_luma8();
    }
    grey
}

/// Whether a TIFF has more than one page: its first directory names another (TIFF 6.0 §2).
fn has_pages(file: &[u8]) -> bool {
    let big = match file {
        [b'I', b'I', 42, 0, ..] => false,
        [b'M', b'M', 0, 42, ..] => true,
        _ => return false,
    };
    let number = |at: usize, octets: usize| -> Option<usize> {
        let slice = file.get(at..at.checked_add(octets)?)?;
        let join = |sum: usize, octet: &u8| (sum << 8) | usize::from(*octet);
        Some(match big {
            true => slice.iter().fold(0, join),
            false => slice.iter().rev().fold(0, join),
        })
    };
    let next = || {
        let directory = number(4, 4)?;
        let entries = number(directory, 2)?;
        number(directory.checked_add(2 + 12 * entries)?, 4)
    };
    next().is_some_and(|next| next != 0)
}

#[cfg(test)]
mod tests {
    use image::{ImageFormat, LumaA, Rgb, RgbImage};

    use super::*;

    fn file(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        picture.write_to(&mut out, format).unwrap();
        out.into_inner()
    }

    fn grey(file: &[u8]) -> GrayImage {
        match decode(file, 50_000_000, 512 << 20) {
            Ok(Paper::Grey(grey)) => grey,
            Ok(Paper::Pages) => panic!("pages"),
            Err(why) => panic!("{why:?}"),
        }
    }

    #[test]
    fn screens_are_enlarged_and_fine_scans_made_smaller() {
        let screen = DynamicImage::ImageRgb8(RgbImage::from_pixel(640, 200, Rgb([9, 9, 9])));
        for format in [
            ImageFormat::Png,
            ImageFormat::Bmp,
            ImageFormat::Gif,
            ImageFormat::Tiff,
        ] {
            assert_eq!(
                grey(&file(&screen, format)).dimensions(),
                (1280, 400),
                "{format:?}"
            );
        }
        let fine = DynamicImage::ImageLuma8(GrayImage::new(4960, 7016));
        let (width, height) = grey(&file(&fine, ImageFormat::Png)).dimensions();
        assert!((2470..2490).contains(&width) && (3500..3515).contains(&height));
    }

    #[test]
    fn a_picture_is_turned_clockwise() {
        let mut picture = GrayImage::from_pixel(2, 1, image::Luma([255]));
        picture.put_pixel(0, 0, image::Luma([0]));
        let turned = |degrees| match Paper::Grey(picture.clone()).turned(degrees) {
            Paper::Grey(grey) => grey.into_raw(),
            Paper::Pages => panic!("pages"),
        };
        assert_eq!(turned(0), [0, 255]);
        assert_eq!(turned(90), [0, 255]);
        assert_eq!(turned(180), [255, 0]);
        assert_eq!(turned(270), [255, 0]);
    }

    #[test]
    fn a_tiff_that_is_not_decoded_here_is_left_to_tesseract() {
        let mut page = file(
            &DynamicImage::ImageLuma8(GrayImage::new(20, 20)),
            ImageFormat::Tiff,
        );
        // Another packing: the value of tag 259.
        let tag = page.windows(2).position(|w| w == [3, 1]).unwrap();
        page[tag + 8] = 99;
        let decoded = decode(&page, 50_000_000, 1 << 30);
        assert!(matches!(decoded, Ok(Paper::Pages)));
    }

    #[test]
    fn what_is_transparent_is_paper() {
        let mut picture = image::GrayAlphaImage::new(2000, 20);
        picture.put_pixel(0, 0, LumaA([0, 255]));
        let grey = grey(&file(&DynamicImage::ImageLumaA8(picture), ImageFormat::Png));
        assert_eq!(
            (grey.get_pixel(0, 0).0, grey.get_pixel(9, 9).0),
            ([0], [255])
        );
    }

    #[test]
    fn bombs_and_rubbish_are_refused() {
        let large = DynamicImage::ImageLuma8(GrayImage::new(3000, 3000));
        let large = file(&large, ImageFormat::Png);
        assert!(matches!(
            decode(&large, 1_000_000, 1 << 30),
            Err(NoPixels::TooLarge)
        ));
        assert!(matches!(
            decode(&large, 50_000_000, 1 << 20),
            Err(NoPixels::TooLarge)
        ));
        assert!(matches!(
            decode(b"no picture", 1_000, 1 << 20),
            Err(NoPixels::Damaged)
        ));
        let cut = large.get(..large.len() / 2).unwrap();
        assert!(matches!(
            decode(cut, 50_000_000, 1 << 30),
            Err(NoPixels::Damaged)
        ));
    }

    #[test]
    fn a_tiff_of_one_page_is_told_from_one_of_two() {
        let page = file(
            &DynamicImage::ImageLuma8(GrayImage::new(20, 20)),
            ImageFormat::Tiff,
        );
        assert!(!has_pages(&page));
        let mut two = b"II*\0\x08\0\0\0\0\0\x0e\0\0\0\0\0\0\0\0\0".to_vec();
        assert!(has_pages(&two));
        two.truncate(9);
        assert!(!has_pages(&two));
    }
}
