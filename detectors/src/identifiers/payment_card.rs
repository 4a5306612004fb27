//! Payment card number.
//!
//! What: 12 (Maestro) to 19 digits, mostly four groups of four.
//!
//! Why: whoever has it can try to spend on it, and the card schemes forbid it in e-mail.
//!
//! How checked: Luhn's sum, an issuer's prefix with its length, and a word for it near, as
//! one long number in ten passes the sum.
//!
//! Examples: card 4111 1111 1111 1111. Not: 4111111111111113, IMEI 490154203237518.
//!
//! References: ISO/IEC 7812-1, annex B; PCI DSS 4.0 requirement 4.2.2.

use std::sync::LazyLock;

use regex::Regex;

use super::context::{Verdict, Words};
use super::{Setting, Sighting, Zone, compact, goes_on, pattern, stands_alone};
use crate::finding::Kind;

static SHAPE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"[0-9]{12,19}|[0-9]{4}(?:[ -][0-9]{4}){3}|[0-9]{4}[ -][0-9]{6}[ -][0-9]{5}|[0-9]{4}[ -][0-9]{6}[ -][0-9]{4}",
    )
});

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    Words::new(
        "cards?|cc|card (?:no|number)|visa|mastercard|maestro|amex|american express|discover|jcb|expiry|expires|exp|cvv|cvc|security code|debit|credit|payment",
        "imei|isbn|barcode|ean|orders?|order (?:no|number)|tracking|parcel|library|serial|sim|gift|loyalty|invoice",
    )
});

/// Whether these digits begin as an issuer's do, have its length and a right last digit.
pub fn is_valid(text: &str) -> bool {
    (12..=19).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && is_issued(text)
        && luhn(text)
}

/// The prefixes and lengths of the large schemes.
fn is_issued(text: &str) -> bool {
    let prefix = |length: usize| {
        text.get(..length)
            .and_then(|digits| digits.parse::<u32>().ok())
            .unwrap_or_default()
    };
    let (two, three, four) = (prefix(2), prefix(3), prefix(4));
    let maestro = matches!(two, 50 | 56..=58 | 63 | 67);
    maestro
        || match text.len() {
            13 => prefix(1) == 4,
            14 => matches!(three, 300..=305) || matches!(two, 36 | 38 | 39),
            15 => matches!(two, 34 | 37) || matches!(four, 1800 | 2131),
            16 => {
                prefix(1) == 4
                    || matches!(two, 51..=55 | 62 | 65)
                    || matches!(four, 2221..=2720 | 3528..=3589 | 6011)
                    || matches!(three, 644..=649)
            }
            17 | 18 => two == 62,
            19 => prefix(1) == 4 || matches!(two, 62 | 65),
            _ => false,
        }
}

/// Every second digit from the right doubled, the sum of all digits a multiple of ten.
fn luhn(text: &str) -> bool {
    let sum: u32 = text
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte.wrapping_sub(b'0'));
            match place % 2 {
                0 => digit,
                _ if digit > 4 => 2 * digit - 9,
                _ => 2 * digit,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

pub(super) fn find(text: &Zone<'_>, setting: Setting, out: &mut Vec<Sighting>) {
    let Some(shape) = SHAPE.as_ref() else { return };
    for found in text.matches_of(shape) {
        let (start, end) = (found.start(), found.end());
        let value = compact(found.as_str());
        if !stands_alone(text, start, end) || goes_on(text, start, end) || !is_valid(&value) {
            continue;
        }
        let confidence = if setting.is(Kind::PaymentCard) {
            0.97
        } else if WORDS.judge(text, start, end) == Verdict::Up {
            0.92
        } else {
            continue;
        };
        out.push(Sighting {
            kind: Kind::PaymentCard,
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
    fn published_samples_pass_with_a_word_or_a_heading() {
        for card in [
            "4111111111111111",
            "5555555555554444",
            "378282246310005",
            "6011111111111117",
            "3530111333300000",
        ] {
            assert!(is_valid(card), "{card}");
            assert_eq!(values(&format!("card {card}"), Kind::PaymentCard), [card]);
            assert_eq!(in_column(card, Kind::PaymentCard), [card]);
            assert!(values(card, Kind::PaymentCard).is_empty(), "{card} alone");
        }
        for card in ["501864667909", "213176828496175", "30579675742677"] {
            assert_eq!(values(&format!("cc {card}"), Kind::PaymentCard), [card]);
        }
        for text in [
            "Visa 4111 1111 1111 1111 12/28 123",
            "card 4111-1111-1111-1111",
        ] {
            assert_eq!(values(text, Kind::PaymentCard), ["4111111111111111"]);
        }
        assert_eq!(
            values("Amex 3782 822463 10005", Kind::PaymentCard),
            ["378282246310005"]
        );
    }

    #[test]
    fn wrong_ones_fail() {
        for card in [
            "4111111111111113",
            "5555555555554441",
            "378282246310000",
            "6011111111111119",
            "3530111333300008",
            // A right sum, but no issuer.
            "9111111111111116",
        ] {
            assert!(
                values(&format!("card {card}"), Kind::PaymentCard).is_empty(),
                "{card}"
            );
        }
    }

    #[test]
    fn orders_and_devices_are_none() {
        assert!(values("Paid by card. Order 4111111111111111", Kind::PaymentCard).is_empty());
        assert!(values("SIM card IMEI 378282246310005", Kind::PaymentCard).is_empty());
    }

    proptest! {
        #[test]
        fn one_last_digit_checks(fifteen in "4[0-9]{14}") {
            let good = (0..10).filter(|digit| is_valid(&format!("{fifteen}{digit}"))).count();
            prop_assert_eq!(good, 1);
        }
    }
}
