//! Unique Learner Number.
//!
//! What: ten digits, the first not 0.
//!
//! Why: it names one learner from 14 on, across schools, colleges and exam boards.
//!
//! How checked: weights 10 to 1 over all ten digits, the sum modulo 11 is 10. Eight in
//! a hundred random numbers pass, so a word or a heading must say that it is one.
//! 9999999999 means "not known" and is nobody's.
//!
//! Examples: 7033922492. Not: 7033926492, 0000000042, 9999999999.
//!
//! References: Unique Learner Number field, HESA student record.

use std::sync::LazyLock;

use super::context::{Verdict, Words};
use super::nhs_number::Digits;
use super::{Setting, Sighting, Zone};
use crate::finding::Kind;

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    Words::new(
        "ulns?|unique learner|learner (?:number|no)|lrs|plr|exams?|post-16",
        "tel|telephone|phone|mob|mobile|call|isbn|ref|reference|invoice|order|nhs|meeting id|booking",
    )
});

/// Whether these ten digits are a ULN that can have been issued.
pub fn is_valid(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() != 10
        || !bytes.iter().all(u8::is_ascii_digit)
        || text.starts_with('0')
        || text == "9999999999"
    {
        return false;
    }
    let sum: usize = bytes
        .iter()
        .zip((1..=10).rev())
        .map(|(byte, weight)| usize::from(byte - b'0') * weight)
        .sum();
    sum % 11 == 10
}

pub(super) fn find(text: &Zone<'_>, tens: &[Digits], setting: Setting, out: &mut Vec<Sighting>) {
    for Digits { value, start, end } in tens {
        let (start, end) = (*start, *end);
        if !is_valid(value) {
            continue;
        }
        let confidence = if setting.is(Kind::Uln) {
            0.97
        } else if WORDS.judge(text, start, end) == Verdict::Up && setting == Setting::Prose {
            0.9
        } else {
            continue;
        };
        out.push(Sighting {
            kind: Kind::Uln,
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
    use proptest::prelude::*;

    #[test]
    fn samples_pass_with_a_word_or_a_heading() {
        for uln in [
            "9276308686",
            "7033922492",
            "6566976484",
            "1393787672",
            "8179516171",
            "6412434096",
        ] {
            assert!(is_valid(uln), "{uln}");
            assert_eq!(values(&format!("ULN: {uln}"), Kind::Uln), [uln]);
            assert_eq!(in_column(uln, Kind::Uln), [uln]);
            assert!(
                values(uln, Kind::Uln).is_empty(),
                "{uln} alone is no evidence"
            );
        }
    }

    #[test]
    fn wrong_numbers_and_fillers_fail() {
        for uln in [
            "7033926492",
            "6566976584",
            "1393707672",
            "8179516971",
            "6472434096",
            "9999999999",
            "0000000042",
        ] {
            assert!(
                values(&format!("ULN: {uln}"), Kind::Uln).is_empty(),
                "{uln}"
            );
        }
    }

    #[test]
    fn its_abbreviation_in_brackets_is_no_area_code() {
        assert_eq!(
            values("unique learner number (ULN) 9276308686", Kind::Uln),
            ["9276308686"]
        );
        assert!(values("exams, (020) 9276308686", Kind::Uln).is_empty());
    }

    #[test]
    fn a_telephone_number_is_none() {
        assert!(values("Exam office, call 7033922492", Kind::Uln).is_empty());
    }

    proptest! {
        #[test]
        fn none_is_an_nhs_number_too(digits in "[1-9][0-9]{9}") {
            prop_assert!(!(is_valid(&digits) && super::super::nhs_number::is_valid(&digits)));
        }
    }
}
