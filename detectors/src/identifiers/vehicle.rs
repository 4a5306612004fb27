//! Vehicle registration mark.
//!
//! What: `AB12 CDE`, before 2001 `A123 BCD`, before 1983 `ABC 123D`, in Northern Ireland
//! `AIZ 1234`.
//!
//! Why: it leads to a keeper, and with a name to where somebody is.
//!
//! How checked: by shape in capitals, and only beside "car", "vehicle", "parking" and the
//! like. Marks without a date (`KS2`, `Y6`, `A1`) look like classes and rooms: left out.
//!
//! Examples: vehicle AB12 CDE. Not: QQ12 ABC, AB00 CDE, AB12 CDI.
//!
//! References: INF104, vehicle registration numbers and number plates, DVLA.

use std::sync::LazyLock;

use regex::Regex;

use super::context::{Verdict, Words};
use super::{Setting, Sighting, Zone, compact, pattern, stands_alone};
use crate::finding::Kind;

static SHAPE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?-u)[A-Z]{2}[0-9]{2} ?[A-Z]{3}|[A-Z][0-9]{1,3} ?[A-Z]{3}|[A-Z]{3} ?[0-9]{1,3}[A-Z]|[A-Z]{3} ?[0-9]{1,4}",
    )
});

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    Words::new(
        "cars?|vehicles?|registration (?:number|mark|plate)|reg|reg (?:no|number)|parking|parked|car park|minibus|number plates?|plates?|mot|vrm",
        "rooms?|class|year|exam|paper|postcode|unit|order|ref|reference|serial|model|product|course|code",
    )
});

/// Whether these characters, without spaces, are a mark that can have been issued.
pub fn is_valid(text: &str) -> bool {
    let bytes = text.as_bytes();
    let letters = |bytes: &[u8], without: &[u8]| {
        bytes
            .iter()
            .all(|byte| byte.is_ascii_uppercase() && !without.contains(byte))
    };
    let digits = |bytes: &[u8]| {
        !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit) && bytes.first() != Some(&b'0')
    };
    match bytes {
        // Its two figures are a half-year: 02 to 49, and 51 on for September.
        [a, b, c, d, rest @ ..]
            if c.is_ascii_digit()
                && d.is_ascii_digit()
                && rest.len() == 3
                && b.is_ascii_uppercase() =>
        {
            letters(&[*a, *b], b"IQZ")
                && letters(rest, b"IQ")
                && ![*b"00", *b"01", *b"50"].contains(&[*c, *d])
        }
        [first, middle @ .., x, y, z] if letters(&[*x, *y, *z], b"IQZ") && digits(middle) => {
            middle.len() <= 3 && letters(&[*first], b"IOQUZ")
        }
        [x, y, z, middle @ .., last] if letters(&[*last], b"IOQUZ") => {
            letters(&[*x, *y, *z], b"IQZ") && digits(middle) && middle.len() <= 3
        }
        [x, y, z, rest @ ..] => {
            letters(&[*x, *y, *z], b"Q")
                && (*y == b'I' || *z == b'I' || *z == b'Z')
                && digits(rest)
                && rest.len() <= 4
        }
        _ => false,
    }
}

pub(super) fn find(text: &Zone<'_>, setting: Setting, out: &mut Vec<Sighting>) {
    let Some(shape) = SHAPE.as_ref() else { return };
    for found in text.matches_of(shape) {
        let (start, end) = (found.start(), found.end());
        let value = compact(found.as_str());
        if !stands_alone(text, start, end) || !is_valid(&value) {
            continue;
        }
        let confidence = if setting.is(Kind::Vehicle) {
            0.9
        } else if setting == Setting::Prose && WORDS.judge(text, start, end) == Verdict::Up {
            0.7
        } else {
            continue;
        };
        out.push(Sighting {
            kind: Kind::Vehicle,
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

    #[test]
    fn every_scheme_passes_beside_a_word() {
        for (mark, value) in [
            ("AB12 CDE", "AB12CDE"),
            ("AB12CDE", "AB12CDE"),
            ("A123 BCD", "A123BCD"),
            ("ABC 123D", "ABC123D"),
            ("AIZ 1234", "AIZ1234"),
        ] {
            assert_eq!(
                values(
                    &format!("The car {mark} is blocking the gate"),
                    Kind::Vehicle
                ),
                [value],
                "{mark}"
            );
            assert_eq!(in_column(mark, Kind::Vehicle), [value], "{mark}");
            assert!(values(mark, Kind::Vehicle).is_empty(), "{mark} alone");
        }
    }

    #[test]
    fn wrong_ones_and_classes_fail() {
        for mark in [
            "QQ12 ABC",
            "AB00 CDE",
            "AB12 CDI",
            "A1234 BCD",
            "ABCD 123",
            "KS2",
            "Y6",
            "A1",
            "ab12 cde",
            "JAN 2026",
        ] {
            assert!(
                values(&format!("The car {mark}"), Kind::Vehicle).is_empty(),
                "{mark}"
            );
        }
        assert!(values("Parking: see exam paper AB12 CDE", Kind::Vehicle).is_empty());
    }
}
