//! NHS number (England, Wales, Isle of Man).
//!
//! What: ten digits, written 3-3-4.
//!
//! Why: it opens a child's medical record and always stands beside health matter.
//!
//! How checked: the first nine digits times 10 to 2, eleven minus the sum modulo 11 is
//! the check digit, 11 counting as 0; a number whose check would be 10 does not exist.
//! Nine in a hundred random numbers pass (and many mobile numbers without their 0), so
//! a word or a heading must say that it is one.
//!
//! Examples: NHS no. 999 047 1045. Not: 999 047 1041; "call 999 047 1045".
//!
//! References: NHS Data Dictionary, NHS number.

use std::sync::LazyLock;

use regex::Regex;

use super::context::{Verdict, Words};
use super::{Setting, Sighting, Zone, pattern, stands_alone};
use crate::finding::Kind;

static SHAPE: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}"));

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    Words::new(
        "nhs|nhs (?:no|number)|gp|surgery|camhs|care plan|referral|patient",
        "chi|h&c|hcn|hscni|health (?:and|&) care number|tel|telephone|phone|mob|mobile|call|ring|text|fax|uln|order|invoice|isbn|meeting id|passcode|booking|conference id|dial",
    )
});

/// Whether these ten digits have a right check digit.
pub fn is_valid(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || !bytes.iter().all(u8::is_ascii_digit) {
        return false;
    }
    // A check digit alone accepts ten equal digits, zeros among them; none is issued.
    if bytes.windows(2).all(|pair| pair.first() == pair.last()) {
        return false;
    }
    let sum: usize = bytes
        .iter()
        .take(9)
        .zip((2..=10).rev())
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

/// Whether "(020) " stands before: then the digits are the rest of a telephone number.
fn ends_in_area_code(before: &str) -> bool {
    before
        .strip_suffix(") ")
        .is_some_and(|before| before.ends_with(|c: char| c.is_ascii_digit()))
}

/// Ten digits where they stand; several identifiers look like that.
pub(super) struct Digits {
    /// Without what stood between them.
    pub value: String,
    pub start: usize,
    pub end: usize,
}

/// Runs of ten digits, in one piece or 3-3-4, that are part of no longer number.
pub(super) fn ten_digits(text: &Zone<'_>) -> impl Iterator<Item = Digits> {
    SHAPE
        .iter()
        .flat_map(move |shape| text.matches_of(shape))
        .filter_map(move |found| {
            let (start, end) = (found.start(), found.end());
            let before = text.get(..start).unwrap_or_default();
            let after = text.get(end..).unwrap_or_default();
            let goes_on = before.ends_with(['+', '.', '-', '/'])
                || ends_in_area_code(before)
                || after
                    .strip_prefix(['-', '.', '/'])
                    .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
            (stands_alone(text, start, end) && !goes_on).then(|| Digits {
                value: found
                    .as_str()
                    .chars()
                    .filter(char::is_ascii_digit)
                    .collect(),
                start,
                end,
            })
        })
}

pub(super) fn find(text: &Zone<'_>, tens: &[Digits], setting: Setting, out: &mut Vec<Sighting>) {
    for Digits { value, start, end } in tens {
        let (start, end) = (*start, *end);
        if !is_valid(value) {
            continue;
        }
        let confidence = if setting.is(Kind::NhsNumber) {
            0.97
        } else if WORDS.judge(text, start, end) == Verdict::Up && setting == Setting::Prose {
            0.92
        } else {
            continue;
        };
        out.push(Sighting {
            kind: Kind::NhsNumber,
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
        for number in [
            "9434765919",
            "9990471045",
            "9998030986",
            "9993003638",
            "9993288241",
            "9994428187",
            "3616946182",
            "1005148783",
        ] {
            assert!(is_valid(number), "{number}");
            let (a, b, c) = (&number[..3], &number[3..6], &number[6..]);
            assert_eq!(
                values(&format!("NHS number {a} {b} {c}"), Kind::NhsNumber),
                [number]
            );
            assert_eq!(in_column(number, Kind::NhsNumber), [number]);
            assert!(values(number, Kind::NhsNumber).is_empty());
        }
    }

    #[test]
    fn wrong_numbers_fail() {
        for number in [
            "9990471041",
            "9998030989",
            "9993003637",
            "9993288245",
            "9994428185",
            "9991234560",
            "0000000000",
        ] {
            assert!(
                values(&format!("NHS number {number}"), Kind::NhsNumber).is_empty(),
                "{number}"
            );
        }
    }

    #[test]
    fn words_that_speak_against_win_when_nearer() {
        assert!(values("The GP surgery: tel 999 047 1045", Kind::NhsNumber).is_empty());
        assert!(values("Teams meeting ID 999 047 1045", Kind::NhsNumber).is_empty());
        assert_eq!(
            values("Tel 01632 960001, NHS no 999 047 1045", Kind::NhsNumber).len(),
            1
        );
    }

    proptest! {
        #[test]
        fn at_most_one_check_digit(nine in "[0-9]{9}") {
            let good = (0..10).filter(|digit| is_valid(&format!("{nine}{digit}"))).count();
            prop_assert!(good <= 1);
        }
    }
}
