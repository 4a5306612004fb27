//! International bank account number of a British account.
//!
//! What: 22 characters: `GB`, two check digits, bank (4 letters), sort code, account.
//!
//! Why: it is somebody's bank account.
//!
//! How checked: with its first four characters moved behind, letters counting 10 to 35,
//! the number modulo 97 is 1. That is evidence without context; "licence key" and
//! "supplier invoice" speak against.
//!
//! Examples: GB29 NWBK 6016 1331 9268 19. Not: GB29NWBK60161331926815.
//!
//! References: ISO 13616-1; IBAN registry, SWIFT.

use std::sync::LazyLock;

use regex::Regex;

use super::context::{Verdict, Words};
use super::{Setting, Sighting, Zone, compact, pattern, stands_alone};
use crate::finding::Kind;

static SHAPE: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"(?i-u)gb[0-9]{2}[ -]?[a-z]{4}(?:[ -]?[0-9]){14}"));

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    Words::new(
        "iban|swift|bic|transfer|account|bank|payee|refund",
        "licen[cs]e key|product key|serial|invoice|supplier|token",
    )
});

/// Whether these 22 characters, without spaces, are a British IBAN with right check digits.
pub fn is_valid(text: &str) -> bool {
    let (Some(head), Some(rest)) = (text.get(..4), text.get(4..)) else {
        return false;
    };
    if text.len() != 22 || !head.starts_with("GB") {
        return false;
    }
    let mut remainder = 0u32;
    for byte in rest.bytes().chain(head.bytes()) {
        remainder = match byte {
            b'0'..=b'9' => remainder * 10 + u32::from(byte - b'0'),
            b'A'..=b'Z' => remainder * 100 + u32::from(byte - b'A') + 10,
            _ => return false,
        } % 97;
    }
    remainder == 1
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
            _ if setting.is(Kind::Iban) => 0.99,
            Verdict::Up => 0.98,
            Verdict::Silent => 0.95,
            Verdict::Down => 0.3,
        };
        out.push(Sighting {
            kind: Kind::Iban,
            value,
            start,
            end,
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
    fn published_samples_pass() {
        for iban in [
            "GB29NWBK60161331926819",
            "GB82WEST12345698765432",
            "GB55TEST08999966374958",
            "GB85TEST10799988837491",
            "GB86TEST20295963748472",
        ] {
            assert!(is_valid(iban), "{iban}");
            assert_eq!(values(&format!("Send it to {iban}."), Kind::Iban), [iban]);
        }
        assert_eq!(
            values("iban gb29 nwbk 6016 1331 9268 19", Kind::Iban),
            ["GB29NWBK60161331926819"]
        );
    }

    #[test]
    fn wrong_ones_fail() {
        for iban in [
            "GB29NWBK60161331926815",
            "GB82WEST12345698765439",
            "GB55TEST08999966374953",
            "GB85TEST10799988837495",
            "GB86TEST20295963748479",
        ] {
            assert!(
                values(&format!("IBAN {iban}"), Kind::Iban).is_empty(),
                "{iban}"
            );
        }
    }

    #[test]
    fn a_licence_key_is_none() {
        assert!(values("Licence key GB29NWBK60161331926819", Kind::Iban).is_empty());
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_seen(place in 8usize..22, step in 1u8..10) {
            let mut bytes = *b"GB29NWBK60161331926819";
            bytes[place] = b'0' + (bytes[place] - b'0' + step) % 10;
            prop_assert!(!is_valid(std::str::from_utf8(&bytes).unwrap()));
        }
    }
}
