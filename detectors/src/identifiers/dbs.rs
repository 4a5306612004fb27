//! DBS certificate and application numbers.
//!
//! What: twelve digits, usually beginning 00, of a certificate; `F` and ten digits of an
//! application form.
//!
//! Why: with its holder's name and date of birth it opens the Update Service, and what it
//! opens is a criminal record.
//!
//! How checked: no check digit: a word or a heading must say that it is one, and the firm
//! words "DBS" or "disclosure" where it does not begin with 00.
//!
//! Examples: DBS certificate 001234567890. Not: 12345678901 (eleven digits), tracking
//! number 001234567890.
//!
//! References: Update Service applicant guide, Disclosure and Barring Service.

use std::sync::LazyLock;

use regex::Regex;

use super::context::{Verdict, Words};
use super::{Setting, Sighting, Zone, compact, goes_on, pattern, stands_alone};
use crate::finding::Kind;

static SHAPE: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"(?i-u)[0-9]{4} ?[0-9]{4} ?[0-9]{4}|f[0-9]{10}"));

const DOWN: &str =
    "tracking|delivery|parcel|orders?|invoice|barcode|ean|tel|telephone|phone|mobile|card|call";

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    Words::new(
        "dbs|crb|disclosure|certificates?|scr|single central record|barred list|update service",
        DOWN,
    )
});

static FIRM: LazyLock<Words> =
    LazyLock::new(|| Words::new("dbs|crb|disclosure|barred list|update service", DOWN));

pub(super) fn find(text: &Zone<'_>, setting: Setting, out: &mut Vec<Sighting>) {
    let Some(shape) = SHAPE.as_ref() else { return };
    for found in text.matches_of(shape) {
        let (start, end) = (found.start(), found.end());
        if !stands_alone(text, start, end) || goes_on(text, start, end) {
            continue;
        }
        let value = compact(found.as_str());
        let words = if value.starts_with("00") {
            &WORDS
        } else {
            &FIRM
        };
        let confidence = if setting.is(Kind::Dbs) {
            0.95
        } else if setting == Setting::Prose && words.judge(text, start, end) == Verdict::Up {
            if value.starts_with("00") { 0.9 } else { 0.7 }
        } else {
            continue;
        };
        out.push(Sighting {
            kind: Kind::Dbs,
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
    fn samples_pass_with_a_word_or_a_heading() {
        for number in [
            "001234567890",
            "001700000001",
            "001812345678",
            "001999999991",
            "001600000002",
            "F0012345678",
        ] {
            assert_eq!(values(&format!("DBS {number}"), Kind::Dbs), [number]);
            assert_eq!(in_column(number, Kind::Dbs), [number]);
            assert!(values(number, Kind::Dbs).is_empty(), "{number} alone");
        }
        assert_eq!(
            values("Certificate number 0012 3456 7890", Kind::Dbs),
            ["001234567890"]
        );
    }

    #[test]
    fn wrong_ones_fail() {
        for number in [
            "12345678901",
            "0012345678901",
            "00123456789A",
            "F00123456",
            "00-1234-5678",
        ] {
            assert!(
                values(&format!("DBS {number}"), Kind::Dbs).is_empty(),
                "{number}"
            );
        }
    }

    #[test]
    fn tracking_numbers_and_other_certificates_are_none() {
        assert!(values("Your DBS form: tracking 001234567890", Kind::Dbs).is_empty());
        assert!(values("Insurance certificate 441234567890", Kind::Dbs).is_empty());
    }
}
