//! UK passport number.
//!
//! What: nine digits; on old forms a letter and six digits, or six digits and a letter.
//!
//! Why: it proves who somebody is; schools collect them for trips abroad.
//!
//! How checked: no check digit: "passport" or a heading must say that it is one. With its
//! check digits it stands in the machine-readable lines ([`super::mrz`]).
//!
//! Examples: passport no. 900000001. Not: 90000000, A90000001, 900-000-001.
//!
//! References: NHS Data Dictionary, passport number.

use std::sync::LazyLock;

use regex::Regex;

use super::context::{Verdict, Words};
use super::{Setting, Sighting, Zone, compact, goes_on, pattern, stands_alone};
use crate::finding::Kind;

static SHAPE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(r"(?i-u)[0-9]{3} ?[0-9]{3} ?[0-9]{3}|\b[a-z][0-9]{6}\b|\b[0-9]{6}[a-z]\b")
});

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    Words::new(
        "passports?|visa (?:number|no|application)",
        "vat|booking|utr|invoice|orders?|scn|tel|telephone|phone|mobile|fax|call|flight|tracking|charity|company",
    )
});

pub(super) fn find(text: &Zone<'_>, setting: Setting, out: &mut Vec<Sighting>) {
    let Some(shape) = SHAPE.as_ref() else { return };
    for found in text.matches_of(shape) {
        let (start, end) = (found.start(), found.end());
        if !stands_alone(text, start, end) || goes_on(text, start, end) {
            continue;
        }
        let confidence = if setting.is(Kind::Passport) {
            0.95
        } else if setting == Setting::Prose && WORDS.judge(text, start, end) == Verdict::Up {
            0.85
        } else {
            continue;
        };
        out.push(Sighting {
            kind: Kind::Passport,
            value: compact(found.as_str()),
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
    fn samples_pass_with_a_word_or_a_heading() {
        for number in [
            "900000001",
            "900000018",
            "900000035",
            "900000052",
            "900000069",
            "A123456",
            "123456A",
        ] {
            assert_eq!(
                values(&format!("Passport no. {number}"), Kind::Passport),
                [number]
            );
            assert_eq!(in_column(number, Kind::Passport), [number]);
            assert!(values(number, Kind::Passport).is_empty(), "{number} alone");
        }
    }

    #[test]
    fn wrong_ones_fail() {
        for number in [
            "90000000",
            "9000000011",
            "A90000001",
            "90000000A",
            "900-000-001",
        ] {
            assert!(
                values(&format!("Passport no. {number}"), Kind::Passport).is_empty(),
                "{number}"
            );
        }
    }

    #[test]
    fn bookings_are_none() {
        assert!(values("Bring your passport. Booking 900000001", Kind::Passport).is_empty());
    }
}
