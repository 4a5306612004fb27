//! National Insurance number.
//!
//! What: two letters, six digits, a suffix A to D: `AB 12 34 56 C`.
//!
//! Why: it names a member of staff or a parent, as in payroll and free-school-meal checks.
//!
//! How checked: D, F, I, Q, U, V in neither letter, O not as the second, the pairs BG GB
//! KN NK NT TN ZZ never. There is no check digit, and product codes look the same, so a
//! word must speak for it, or the usual spacing with no word against.
//!
//! Examples: AB123456C with "NI number". Not: QQ123456A (HMRC's own deliberately invalid one).
//!
//! References: NIM39110, HMRC National Insurance Manual.

use std::sync::LazyLock;

use regex::Regex;

use super::context::{Verdict, Words};
use super::{Setting, Sighting, Zone, pattern, stands_alone};
use crate::finding::Kind;

static SHAPE: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"(?i-u)[a-z]{2}[ -]?[0-9]{2}[ -]?[0-9]{2}[ -]?[0-9]{2}[ -]?[a-d]"));

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    Words::new(
        "ni|nino|n\\.i|ni (?:no|number)|national insurance|payroll|hmrc|fsm|free school meals?",
        "serial|part no|model|product|sku|stock|order|item|ref|reference",
    )
});

/// Whether these nine characters can be a National Insurance number.
pub fn is_valid(text: &str) -> bool {
    let bytes = text.as_bytes();
    let [first, second, digits @ .., suffix] = bytes else {
        return false;
    };
    let prefix = [*first, *second];
    digits.len() == 6
        && digits.iter().all(u8::is_ascii_digit)
        && matches!(suffix, b'A'..=b'D')
        && prefix.iter().all(u8::is_ascii_uppercase)
        && !prefix.iter().any(|letter| b"DFIQUV".contains(letter))
        && *second != b'O'
        && ![b"BG", b"GB", b"KN", b"NK", b"NT", b"TN", b"ZZ"].contains(&&prefix)
}

pub(super) fn find(text: &Zone<'_>, setting: Setting, out: &mut Vec<Sighting>) {
    let Some(shape) = SHAPE.as_ref() else { return };
    for found in text.matches_of(shape) {
        let (start, end) = (found.start(), found.end());
        let value: String = found
            .as_str()
            .chars()
            .filter(|c| c.is_alphanumeric())
            .collect::<String>()
            .to_uppercase();
        if !stands_alone(text, start, end) || !is_valid(&value) {
            continue;
        }
        let spaced = found.as_str().matches(' ').count() == 4;
        let confidence = match WORDS.judge(text, start, end) {
            _ if setting.is(Kind::Nino) => 0.97,
            Verdict::Up => 0.95,
            Verdict::Silent if spaced => 0.7,
            _ => continue,
        };
        out.push(Sighting {
            kind: Kind::Nino,
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

    #[test]
    fn samples_pass_with_a_word() {
        for nino in [
            "AB123456C",
            "JG103759A",
            "CE654321D",
            "MX000001B",
            "WK987654A",
        ] {
            assert_eq!(values(&format!("NI number: {nino}"), Kind::Nino), [nino]);
            assert!(
                values(nino, Kind::Nino).is_empty(),
                "{nino} alone may be a product code"
            );
        }
        assert_eq!(values("ab 12 34 56 c", Kind::Nino), ["AB123456C"]);
    }

    #[test]
    fn wrong_numbers_fail() {
        for nino in [
            "QQ123456A",
            "GB123456A",
            "AO123456B",
            "AB123456E",
            "DA123456A",
        ] {
            assert!(!is_valid(nino), "{nino}");
            assert!(values(&format!("NI number: {nino}"), Kind::Nino).is_empty());
        }
    }

    #[test]
    fn a_product_code_is_none() {
        assert!(values("Product code AB 12 34 56 C", Kind::Nino).is_empty());
    }
}
