//! Health and Care number (Northern Ireland).
//!
//! What: ten digits from 320 000 001x to 399 999 999x, written 3-3-4.
//!
//! Why: it opens a child's medical record.
//!
//! How checked: as an NHS number, and the range. One random number in a hundred passes, so
//! a word or a heading must say that it is one.
//!
//! Examples: H&C number 361 694 6182. Not: 3616946186, 9990471045.
//!
//! References: Health and Care Number, NHS Data Dictionary.

use std::sync::LazyLock;

use super::context::{Verdict, Words};
use super::nhs_number::{self, Digits};
use super::{Setting, Sighting, Zone};
use crate::finding::Kind;

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    Words::new(
        "h&c|h and c|hcn|hsc|hscni|health (?:and|&) (?:social )?care (?:no|number)",
        "nhs (?:no|number)|uln|tel|telephone|phone|mob|mobile|call|ring|text|fax|booking|meeting id|order|invoice|isbn|passcode|conference id|dial",
    )
});

/// Whether these ten digits are in the range of Northern Ireland, with a right check digit.
pub fn is_valid(text: &str) -> bool {
    nhs_number::is_valid(text)
        && text
            .get(..9)
            .and_then(|nine| nine.parse::<u32>().ok())
            .is_some_and(|nine| (320_000_001..=399_999_999).contains(&nine))
}

pub(super) fn find(text: &Zone<'_>, tens: &[Digits], setting: Setting, out: &mut Vec<Sighting>) {
    for Digits { value, start, end } in tens {
        let (start, end) = (*start, *end);
        if !is_valid(value) {
            continue;
        }
        let confidence = if setting.is(Kind::HealthAndCare) {
            0.97
        } else if setting == Setting::Prose && WORDS.judge(text, start, end) == Verdict::Up {
            0.93
        } else {
            continue;
        };
        out.push(Sighting {
            kind: Kind::HealthAndCare,
            value: value.clone(),
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
            "3616946182",
            "3474854402",
            "3612867040",
            "3476611523",
            "3259972072",
        ] {
            assert!(is_valid(number), "{number}");
            let (a, b, c) = (&number[..3], &number[3..6], &number[6..]);
            assert_eq!(
                values(&format!("H&C number {a} {b} {c}"), Kind::HealthAndCare),
                [number]
            );
            assert_eq!(in_column(number, Kind::HealthAndCare), [number]);
            assert!(values(number, Kind::HealthAndCare).is_empty());
            assert!(
                values(&format!("H&C number {number}"), Kind::NhsNumber).is_empty(),
                "one number is one finding"
            );
        }
    }

    #[test]
    fn wrong_ones_and_other_ranges_fail() {
        for number in [
            "3616946186",
            "3474854404",
            "3612867049",
            "3476611529",
            "3259972071",
            "9990471045",
        ] {
            assert!(!is_valid(number), "{number}");
            assert!(
                values(&format!("H&C number {number}"), Kind::HealthAndCare).is_empty(),
                "{number}"
            );
        }
    }

    #[test]
    fn a_telephone_number_is_none() {
        assert!(values("HSC office: tel 361 694 6182", Kind::HealthAndCare).is_empty());
    }
}
