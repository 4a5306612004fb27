//! Scottish Candidate Number.
//!
//! What: nine digits: year of issue (2), six more, check digit.
//!
//! Why: it names one learner to the SQA, and some councils make it the first half of a
//! pupil's e-mail address.
//!
//! How checked: weights 3 2 7 6 5 4 3 2 over eight digits, eleven minus the sum modulo 11,
//! 11 counting as 0; a number whose check would be 10 is never issued. Nine in a hundred
//! random numbers pass, so a word, a heading or a school's address must say that it is one.
//!
//! Examples: SCN 234151649, 115804472@pupils.school.example. Not: 234151647.
//!
//! References: Scottish Candidate Number field, HESA; SQA freedom of information 22/23 106.

use std::sync::LazyLock;

use regex::Regex;

use super::context::{Verdict, Words};
use super::{Setting, Sighting, Zone, goes_on, pattern, stands_alone};
use crate::finding::Kind;

static SHAPE: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"[0-9]{9}"));

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    Words::new(
        "scns?|scottish candidate|candidate (?:number|no)|sqa",
        "vat|passport|invoice|orders?|company|utr|tel|telephone|phone|mobile|booking|tracking|ref|reference",
    )
});

/// Whether these nine digits have a right check digit.
pub fn is_valid(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() != 9
        || !bytes.iter().all(u8::is_ascii_digit)
        || bytes.windows(2).all(|pair| pair.first() == pair.last())
    {
        return false;
    }
    let sum: usize = bytes
        .iter()
        .zip([3, 2, 7, 6, 5, 4, 3, 2])
        .map(|(byte, weight)| usize::from(byte - b'0') * weight)
        .sum();
    let check = match 11 - sum % 11 {
        11 => 0,
        10 => return false,
        check => check,
    };
    bytes
        .last()
        .is_some_and(|&last| usize::from(last - b'0') == check)
}

/// Whether what follows is the domain of a school or of Scotland's learning platform.
fn is_before_schools_domain(after: &str) -> bool {
    after.strip_prefix('@').is_some_and(|rest| {
        rest.split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '.')))
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase()
            .split('.')
            .any(|label| {
                matches!(label, "sch" | "glow" | "glowmail")
                    || ["pupil", "student", "learn", "school"]
                        .iter()
                        .any(|word| label.contains(word))
            })
    })
}

pub(super) fn find(text: &Zone<'_>, setting: Setting, out: &mut Vec<Sighting>) {
    let Some(shape) = SHAPE.as_ref() else { return };
    for found in text.matches_of(shape) {
        let (start, end) = (found.start(), found.end());
        if !stands_alone(text, start, end) || goes_on(text, start, end) || !is_valid(found.as_str())
        {
            continue;
        }
        let confidence = if setting.is(Kind::Scn) {
            0.97
        } else if is_before_schools_domain(text.get(end..).unwrap_or_default()) {
            0.8
        } else if setting == Setting::Prose && WORDS.judge(text, start, end) == Verdict::Up {
            0.9
        } else {
            continue;
        };
        out.push(Sighting {
            kind: Kind::Scn,
            value: found.as_str().to_owned(),
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
    fn samples_pass_with_a_word_a_heading_or_a_schools_address() {
        for scn in [
            "234151649",
            "115804472",
            "178739565",
            "197975725",
            "175443347",
        ] {
            assert!(is_valid(scn), "{scn}");
            assert_eq!(values(&format!("SCN: {scn}"), Kind::Scn), [scn]);
            assert_eq!(in_column(scn, Kind::Scn), [scn]);
            assert_eq!(
                values(&format!("{scn}@pupils.glenbrae.example"), Kind::Scn),
                [scn]
            );
            assert!(
                values(scn, Kind::Scn).is_empty(),
                "{scn} alone is no evidence"
            );
        }
    }

    #[test]
    fn wrong_ones_fail() {
        for scn in [
            "234151647",
            "115804479",
            "178739566",
            "197975720",
            "175443343",
            "000000000",
        ] {
            assert!(
                values(&format!("SCN: {scn}"), Kind::Scn).is_empty(),
                "{scn}"
            );
        }
    }

    #[test]
    fn company_passport_and_shop_numbers_are_none() {
        assert!(values("SQA invoice, VAT no. 234151649", Kind::Scn).is_empty());
        assert!(values("Passport 234151649", Kind::Scn).is_empty());
        assert!(values("234151649@shop.example", Kind::Scn).is_empty());
    }

    proptest! {
        #[test]
        fn at_most_one_check_digit(eight in "[0-9]{8}") {
            let good = (0..10).filter(|digit| is_valid(&format!("{eight}{digit}"))).count();
            prop_assert!(good <= 1);
        }
    }
}
