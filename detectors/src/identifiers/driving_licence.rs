//! GB driving licence (DVLA driver number).
//!
//! What: sixteen characters: five of the surname filled with 9, decade of birth, month
//! (plus 50 for a woman), day, year, two initials, a digit, two letters.
//!
//! Why: it says name, date of birth and sex, and serves to prove who somebody is.
//!
//! How checked: by its shape and the ranges of month and day; how the last letters check
//! is not published. In small letters, or beside "key" or "token", it needs a word for it.
//! Northern Ireland's eight digits have no shape to know them by.
//!
//! Examples: SMITH762315J98ZZ, LEE99811238A99XY. Not: SMITH713015J98ZZ (month 13).
//!
//! References: INF45, DVLA; the DVLA's published test numbers.

use std::sync::LazyLock;

use regex::Regex;

use super::context::{Verdict, Words};
use super::{Setting, Sighting, Zone, compact, pattern, stands_alone};
use crate::finding::Kind;

static SHAPE: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"(?i-u)[a-z][a-z9]{4} ?[0-9]{6} ?[a-z9]{2}[0-9] ?[a-z]{2}"));

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    Words::new(
        "driving|drivers?|licen[cs]es?|minibus|midas|hire|d1|dvla",
        "boundary|key|token|wi-?fi|password|serial|voucher|product code|activation",
    )
});

/// Whether these sixteen characters can be a driver number.
pub fn is_valid(text: &str) -> bool {
    let (Some(surname), Some(decade), Some(month), Some(day), Some(initials)) = (
        text.get(..5),
        text.get(5..6),
        text.get(6..8),
        text.get(8..10),
        text.get(11..13),
    ) else {
        return false;
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let letters_then_nines = |text: &str| {
        let rest = text.trim_start_matches(|c: char| c.is_ascii_uppercase());
        rest.bytes().all(|byte| byte == b'9')
    };
    let between = |text: &str, range: std::ops::RangeInclusive<u8>| {
        text.parse::<u8>()
            .is_ok_and(|number| range.contains(&number))
    };
    text.len() == 16
        && text.is_ascii()
        && surname.starts_with(|c: char| c.is_ascii_uppercase())
        && letters_then_nines(surname)
        && digits(decade)
        && (between(month, 1..=12) || between(month, 51..=62))
        && between(day, 1..=31)
        && text.get(10..11).is_some_and(digits)
        && letters_then_nines(initials)
        && text.get(13..14).is_some_and(digits)
        && text
            .get(14..)
            .is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_uppercase()))
}

pub(super) fn find(text: &Zone<'_>, setting: Setting, out: &mut Vec<Sighting>) {
    let Some(shape) = SHAPE.as_ref() else { return };
    for found in text.matches_of(shape) {
        let (start, end) = (found.start(), found.end());
        let value = compact(found.as_str());
        if !stands_alone(text, start, end) || !is_valid(&value) {
            continue;
        }
        let as_printed = !found.as_str().contains(|c: char| c.is_ascii_lowercase());
        let confidence = match WORDS.judge(text, start, end) {
            _ if setting.is(Kind::DrivingLicence) => 0.97,
            Verdict::Up => 0.95,
            Verdict::Silent if as_printed => 0.85,
            _ => continue,
        };
        out.push(Sighting {
            kind: Kind::DrivingLicence,
            value,
            start,
            end,
            confidence,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{in_column, values};
    use super::*;

    #[test]
    fn published_and_made_up_samples_pass() {
        for licence in [
            "MORGA657054SM9IJ",
            "TCAEU610267NO9EK",
            "JONES712249IP6VV",
            "LEE99811238A99XY",
            "OKONK952031BC9AB",
            "SMITH762315J98ZZ",
            "EVANS956309RT9EF",
        ] {
            assert!(is_valid(licence), "{licence}");
            assert_eq!(values(licence, Kind::DrivingLicence), [licence]);
            assert_eq!(
                in_column(&licence.to_lowercase(), Kind::DrivingLicence),
                [licence]
            );
        }
    }

    #[test]
    fn wrong_ones_fail() {
        for licence in [
            "SMITH713015J98ZZ",
            "SMITH763315J98ZZ",
            "SM1TH762315J98ZZ",
            "SMITH762325J98ZZ",
            "SMITH700005J98Z",
        ] {
            assert!(
                values(&format!("driving licence {licence}"), Kind::DrivingLicence).is_empty(),
                "{licence}"
            );
        }
    }

    #[test]
    fn keys_are_none() {
        assert!(values("boundary=SMITH762315J98ZZ", Kind::DrivingLicence).is_empty());
        assert!(values("The Wi-Fi key: SMITH762315J98ZZ", Kind::DrivingLicence).is_empty());
        assert!(values("smith762315j98zz", Kind::DrivingLicence).is_empty());
    }
}
