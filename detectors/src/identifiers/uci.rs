//! Unique Candidate Identifier of the exam boards (JCQ).
//!
//! What: thirteen characters, `524460200405G`: centre (5), `0` or, abroad, `B`, year (2),
//! candidate (4), check letter.
//!
//! Why: it follows one candidate through every board and every sitting.
//!
//! How checked: weights 16 to 5 over twelve characters, a `B` counting as 2; the sum
//! modulo 17 gives the letter. With a plausible year and a candidate above 0 some two in
//! a thousand random codes pass, so it is evidence without context, but "parcel" or
//! "SKU" beside it speak against. The four-digit candidate number alone is nobody's.
//!
//! Examples: 524460200405G, 14915B190445G. Not: 524460200405W.
//!
//! References: Unique Candidate Identifiers, WJEC; UCI numbers, Pearson.

use std::sync::LazyLock;

use regex::Regex;

use super::context::{Verdict, Words};
use super::{Setting, Sighting, Zone, compact, pattern, stands_alone};
use crate::finding::Kind;

const LETTERS: &[u8; 17] = b"ABCDEFGHKLMRTVWXY";

static SHAPE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(r"(?i-u)[0-9]{5}[ -]?[0b][ -]?[0-9]{2}[ -]?[0-9]{4}[ -]?[a-hk-mrtv-y]")
});

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    Words::new(
        "ucis?|unique candidate|candidates?|centre (?:number|no)|entry|entries|statement of results|exams?",
        "parcel|sku|asset|tags?|stock|ticket|orders?|tracking|barcode|invoice|delivery|serial|product code|part no",
    )
});

/// Whether these thirteen characters, without spaces, are a UCI with a right check letter.
pub fn is_valid(text: &str) -> bool {
    let bytes = text.as_bytes();
    let [body @ .., check] = bytes else {
        return false;
    };
    if body.len() != 12 {
        return false;
    }
    let mut sum = 0usize;
    for (place, &byte) in body.iter().enumerate() {
        let value = match (place, byte) {
            (5, b'0') => 0,
            (5, b'B') => 2,
            (5, _) => return false,
            (_, b'0'..=b'9') => usize::from(byte - b'0'),
            _ => return false,
        };
        sum += value * (16 - place);
    }
    // Identifiers began in the late nineties.
    let year = text.get(6..8).and_then(|year| year.parse::<u8>().ok());
    LETTERS.get(sum % 17) == Some(check)
        && matches!(year, Some(0..=45 | 95..=99))
        && text.get(8..12) != Some("0000")
}

pub(super) fn find(text: &Zone<'_>, setting: Setting, out: &mut Vec<Sighting>) {
    let Some(shape) = SHAPE.as_ref() else { return };
    for found in text.matches_of(shape) {
        let (start, end) = (found.start(), found.end());
        let value = compact(found.as_str());
        if !stands_alone(text, start, end) || !is_valid(&value) {
            continue;
        }
        let confidence = match WORDS.judge(text, start, end) {
            _ if setting.is(Kind::Uci) => 0.99,
            Verdict::Up => 0.98,
            Verdict::Silent => 0.85,
            Verdict::Down => 0.3,
        };
        out.push(Sighting {
            kind: Kind::Uci,
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
    use proptest::prelude::*;

    #[test]
    fn published_and_made_up_samples_pass() {
        for uci in [
            "689990980001D",
            "681990012058G",
            "524460200405G",
            "163290190841Y",
            "223380230597C",
            "176030260220B",
            "14915B190445G",
        ] {
            assert!(is_valid(uci), "{uci}");
            assert_eq!(values(&format!("It is {uci}."), Kind::Uci), [uci]);
            assert_eq!(in_column(&uci.to_lowercase(), Kind::Uci), [uci]);
        }
        assert_eq!(
            values("UCI 52446 0 20 0405 G", Kind::Uci),
            ["524460200405G"]
        );
    }

    #[test]
    fn wrong_ones_fail() {
        for uci in [
            "524460200405W",
            "163290190841C",
            "223380230597K",
            "176030260220D",
            "14915B190445W",
            "52446C200405G",
            "24460200405G",
            "5524460200405G",
        ] {
            assert!(!is_valid(uci), "{uci}");
            assert!(values(&format!("UCI {uci}"), Kind::Uci).is_empty(), "{uci}");
        }
    }

    #[test]
    fn a_parcel_and_a_candidate_number_are_none() {
        assert!(values("Parcel 524460200405G has left", Kind::Uci).is_empty());
        assert!(values("candidate number 0405", Kind::Uci).is_empty());
    }

    proptest! {
        #[test]
        fn one_letter_checks(centre in "[0-9]{5}", year in 0u8..40, candidate in 1u16..10000) {
            let body = format!("{centre}0{year:02}{candidate:04}");
            let good = ('A'..='Z').filter(|letter| is_valid(&format!("{body}{letter}"))).count();
            prop_assert_eq!(good, 1);
        }
    }
}
