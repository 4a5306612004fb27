//! Unique Pupil Number.
//!
//! What: thirteen characters, `T823430118808`: check letter, local authority (3),
//! establishment (4), year of allocation (2), serial (3). A temporary one ends in a letter.
//!
//! Why: it follows a child through every school and names one child alone.
//!
//! How checked: the letters I, O and S never occur; positions 2 to 13 times their
//! weights 2 to 13, modulo 23, give the check letter. A good check letter is evidence
//! without context, but one random code in 23 has it, so "order" or "parcel" beside it
//! speak against. The authority's code is never a reason to refuse: open lists are old.
//!
//! Examples: T823430118808, Z93648761877D (temporary). Not: T823420118808.
//!
//! References: Unique Pupil Number 2.0, Government Data Standards Catalogue; Common
//! Basic Data Set, DfE.

use std::sync::LazyLock;

use regex::Regex;

use super::context::{Verdict, Words};
use super::{Setting, Sighting, Zone, pattern, stands_alone};
use crate::finding::Kind;

const LETTERS: &[u8; 23] = b"ABCDEFGHJKLMNPQRTUVWXYZ";

static SHAPE: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"(?i-u)[a-hj-np-rt-z][ -]?(?:[0-9][ -]?){11}[0-9a-hj-np-rt-z]"));

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    Words::new(
        "upn|upns|unique pupil|pupil numbers?|former upn|previous upn|ctf|census|pupil",
        "orders?|parcel|tracking|invoice|delivery|serial|product code|isbn|part no",
    )
});

/// Whether these thirteen characters, without spaces, are a UPN with a right check letter.
pub fn is_valid(text: &str) -> bool {
    let bytes = text.as_bytes();
    let [check, rest @ ..] = bytes else {
        return false;
    };
    if rest.len() != 12 {
        return false;
    }
    let mut sum = 0usize;
    for (place, &byte) in rest.iter().enumerate() {
        let value = match byte {
            b'0'..=b'9' => usize::from(byte - b'0'),
            _ if place == 11 => match letter(byte) {
                Some(value) => value,
                None => return false,
            },
            _ => return false,
        };
        sum += value * (place + 2);
    }
    letter(*check) == Some(sum % 23)
}

fn letter(byte: u8) -> Option<usize> {
    LETTERS.iter().position(|&letter| letter == byte)
}

pub(super) fn find(text: &Zone<'_>, setting: Setting, out: &mut Vec<Sighting>) {
    let Some(shape) = SHAPE.as_ref() else { return };
    for found in text.matches_of(shape) {
        let value: String = found
            .as_str()
            .chars()
            .filter(|c| c.is_alphanumeric())
            .collect::<String>()
            .to_uppercase();
        if !stands_alone(text, found.start(), found.end()) || !is_valid(&value) {
            continue;
        }
        let confidence = if setting.is(Kind::Upn) {
            0.99
        } else {
            match WORDS.judge(text, found.start(), found.end()) {
                Verdict::Up => 0.98,
                Verdict::Silent => 0.9,
                Verdict::Down => 0.3,
            }
        };
        out.push(Sighting {
            kind: Kind::Upn,
            value,
            start: found.start(),
            end: found.end(),
            confidence,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::values;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn published_numbers_pass() {
        for upn in [
            "T823430118808",
            "B801200005001",
            "R674123101121",
            "Z330476414004",
            "T823331318358",
            "U823334522372",
            "P207000016049",
            "Z93648761877D",
            "X85053501460C",
        ] {
            assert!(is_valid(upn), "{upn}");
            assert_eq!(values(&format!("{upn}."), Kind::Upn), [upn]);
        }
    }

    #[test]
    fn wrong_numbers_fail() {
        for upn in [
            "T823420118808",
            "Z430476414004",
            "T823331318458",
            "U823304522372",
            "Z93649761877D",
            "Q207000016049",
            "I823430118808",
            "T82343011880",
            "T8234301188080",
            "T82343011880O",
        ] {
            assert!(!is_valid(upn), "{upn}");
            assert!(values(upn, Kind::Upn).is_empty(), "{upn}");
        }
    }

    #[test]
    fn spaces_hyphens_and_lower_case_are_read_through() {
        assert_eq!(values("upn t823 4301 18 808", Kind::Upn), ["T823430118808"]);
    }

    #[test]
    fn an_order_number_is_none() {
        assert!(values("Your order T823430118808 has been sent", Kind::Upn).is_empty());
        assert_eq!(
            values("order of pupils by UPN: T823430118808", Kind::Upn).len(),
            1
        );
    }

    proptest! {
        #[test]
        fn one_letter_in_23_checks(digits in "[0-9]{12}") {
            let good = LETTERS.iter().filter(|&&l| is_valid(&format!("{}{digits}", l as char))).count();
            prop_assert_eq!(good, 1);
        }

        #[test]
        fn one_wrong_digit_is_seen(place in 1usize..13, step in 1u8..10) {
            // 23 is prime and larger than any weight's effect cancels, so no single slip passes.
            let mut bytes = *b"T823430118808";
            bytes[place] = b'0' + (bytes[place] - b'0' + step) % 10;
            prop_assert!(!is_valid(std::str::from_utf8(&bytes).unwrap()));
        }
    }
}
