//! Teacher Reference Number.
//!
//! What: seven digits, also `12/34567` and `RP12/34567`.
//!
//! Why: it opens a teacher's record of qualification and prohibition.
//!
//! How checked: no check digit, and a school's own number (LAESTAB) has the same shape: a
//! word or a heading must say that it is one, and none that it is a school's
//! ([`super::school_number`]).
//!
//! Examples: TRN 1234567, teacher reference 12/34567. Not: LAESTAB 8234301, 12-34567.
//!
//! References: TRN field, HESA.

use std::sync::LazyLock;

use regex::Regex;

use super::context::{Verdict, Words};
use super::{Setting, Sighting, Zone, compact, goes_on, pattern, stands_alone};
use crate::finding::Kind;

static SHAPE: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"(?i-u)(?:rp ?)?[0-9]{2}/?[0-9]{5}"));

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    Words::new(
        "trns?|teacher ref|teacher reference|teacher (?:number|no)|qts|prohibition|prohibition check",
        "invoice|orders?|tel|telephone|phone|fax|ext|page|ticket|po|dfe (?:number|no)|laestab|school (?:number|no)|job|post ref",
    )
});

pub(super) fn find(text: &Zone<'_>, setting: Setting, out: &mut Vec<Sighting>) {
    let Some(shape) = SHAPE.as_ref() else { return };
    for found in text.matches_of(shape) {
        let (start, end) = (found.start(), found.end());
        if !stands_alone(text, start, end) || goes_on(text, start, end) {
            continue;
        }
        let confidence = if setting.is(Kind::Trn) {
            0.9
        } else if setting == Setting::Prose && WORDS.judge(text, start, end) == Verdict::Up {
            0.8
        } else {
            continue;
        };
        let value = compact(found.as_str());
        out.push(Sighting {
            kind: Kind::Trn,
            value: value.trim_start_matches("RP").to_owned(),
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
        for (text, value) in [
            ("1234567", "1234567"),
            ("12/34567", "1234567"),
            ("0123456", "0123456"),
            ("98/76543", "9876543"),
            ("7654321", "7654321"),
            ("RP12/34567", "1234567"),
        ] {
            assert_eq!(
                values(&format!("TRN: {text}"), Kind::Trn),
                [value],
                "{text}"
            );
            assert_eq!(in_column(text, Kind::Trn), [value], "{text}");
            assert!(values(text, Kind::Trn).is_empty(), "{text} alone");
        }
    }

    #[test]
    fn wrong_ones_fail() {
        for text in ["123456", "12345678", "12-34567", "1/234567", "12/3456A"] {
            assert!(
                values(&format!("TRN: {text}"), Kind::Trn).is_empty(),
                "{text}"
            );
        }
        // The temporary reference of the tax office has the same initials.
        assert!(values("TRN 11 A1 11 11", Kind::Trn).is_empty());
    }

    #[test]
    fn school_and_invoice_numbers_are_none() {
        assert!(values("For the QTS check: LAESTAB 8234301", Kind::Trn).is_empty());
        assert!(values("QTS course, invoice 1234567", Kind::Trn).is_empty());
        assert_eq!(
            values("LAESTAB 8234301, TRN 7654321", Kind::Trn),
            ["7654321"]
        );
    }
}
