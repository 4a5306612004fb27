//! Which pictures are worth reading.
//!
//! Most pictures in mail are logos, icons and spacers. They are told by size alone, since
//! a digest that comes back every day is read once and remembered by whoever reads.

use super::{Format, NotRead, Reading};
use crate::settings::Settings;

/// Pixels below which a picture shows no text to people: 200 by 100.
const PIXELS: u64 = 20_000;
/// The shorter side of a line of readable text, in pixels.
const SIDE: u32 = 24;
/// Octets of one file that are handed to OCR at most.
const OCTETS: usize = 32 << 20;

/// Whether a picture is worth reading, by its head.
pub(super) fn judge(
    format: Format,
    (width, height): (u32, u32),
    octets: usize,
    settings: &Settings,
) -> Reading {
    let pixels = u64::from(width).saturating_mul(u64::from(height));
    let known = pixels > 0;
    if known && (pixels < PIXELS || width.min(height) < SIDE) {
        return Reading::Small;
    }
    if !settings.pictures.read {
        return Reading::Off;
    }
    if !format.is_decoded() {
        return Reading::NotRead(NotRead::Format);
    }
    if !known {
        return Reading::NotRead(NotRead::Damaged);
    }
    // Refused by its head, before anybody decodes thirty thousand lines of nothing.
    if pixels > settings.pictures.pixels || octets > OCTETS {
        return Reading::NotRead(NotRead::Large);
    }
    Reading::Wanted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::PictureSettings;

    fn check(format: Format, size: (u32, u32), octets: usize, expected: Reading) {
        let settings = Settings {
            pictures: PictureSettings {
                read: true,
                ..PictureSettings::default()
            },
            ..Settings::on(jiff::civil::date(2026, 11, 2))
        };
        assert_eq!(judge(format, size, octets, &settings), expected, "{size:?}");
    }

    #[test]
    fn pages_and_screenshots_are_read_and_logos_are_not() {
        check(Format::Png, (1240, 1754), 90_000, Reading::Wanted);
        check(Format::Png, (640, 120), 9_000, Reading::Wanted);
        check(Format::Png, (160, 60), 4_000, Reading::Small);
        check(Format::Gif, (1, 1), 43, Reading::Small);
        check(Format::Png, (4000, 8), 300, Reading::Small);
    }

    #[test]
    fn bombs_are_refused_by_their_head() {
        let large = Reading::NotRead(NotRead::Large);
        check(Format::Png, (30_000, 30_000), 900, large);
        check(Format::Png, (u32::MAX, u32::MAX), 900, large);
        check(Format::Jpeg, (2000, 2000), OCTETS + 1, large);
        let damaged = Reading::NotRead(NotRead::Damaged);
        check(Format::Jpeg, (0, 0), 900, damaged);
        let format = Reading::NotRead(NotRead::Format);
        check(Format::Heic, (4032, 3024), 900_000, format);
    }

    #[test]
    fn nothing_is_wanted_where_nothing_reads() {
        let settings = Settings::on(jiff::civil::date(2026, 11, 2));
        let judged = judge(Format::Png, (1240, 1754), 90_000, &settings);
        assert_eq!(judged, Reading::Off);
    }
}
