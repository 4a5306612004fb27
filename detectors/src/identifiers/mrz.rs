//! Machine-readable lines of a passport (TD3).
//!
//! What: two lines of 44 characters; the second holds number, nationality, date of birth,
//! sex and expiry, four of them with check digits and all with a fifth.
//!
//! Why: it is a whole passport: name, nationality, date of birth, number.
//!
//! How checked: weights 7 3 1, `<` counting 0, A to Z 10 to 35, modulo 10, for the number,
//! the date of birth, the expiry, the optional field and the whole; both dates are days of
//! the calendar. That no other text passes, so it needs no context. The second line is
//! enough: the first has no check digit.
//!
//! Examples: `9000000014GBR1203048F3105065<<<<<<<<<<<<<<<6`. Not: the same with any digit
//! changed.
//!
//! References: ICAO Doc 9303, part 3 §4.9 and part 4 §4.2.

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;

use super::{Sighting, Zone, pattern, stands_alone};
use crate::finding::Kind;

static SHAPE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(r"[A-Z0-9<]{9}[0-9][A-Z<]{3}[0-9]{7}[MFX<][0-9]{7}[A-Z0-9<]{14}[0-9<][0-9]")
});

/// The check digit of a field.
fn check(field: impl Iterator<Item = u8>) -> Option<u32> {
    let mut sum = 0;
    for (byte, weight) in field.zip([7, 3, 1].into_iter().cycle()) {
        sum += weight
            * match byte {
                b'0'..=b'9' => u32::from(byte - b'0'),
                b'A'..=b'Z' => u32::from(byte - b'A') + 10,
                b'<' => 0,
                _ => return None,
            };
    }
    Some(sum % 10)
}

/// Whether these 44 characters are a second line with all its check digits right.
pub fn is_valid(line: &str) -> bool {
    let Ok(bytes) = <&[u8; 44]>::try_from(line.as_bytes()) else {
        return false;
    };
    let slice = |from: usize, to: usize| bytes.iter().copied().take(to).skip(from);
    let digit = |at: usize| match bytes.get(at) {
        Some(byte @ b'0'..=b'9') => Some(u32::from(byte - b'0')),
        _ => None,
    };
    let holds =
        |from: usize, to: usize| digit(to).is_some_and(|said| check(slice(from, to)) == Some(said));
    // An empty optional field may have no check digit.
    let optional =
        holds(28, 42) || (bytes.get(42) == Some(&b'<') && slice(28, 42).all(|b| b == b'<'));
    let whole = slice(0, 10).chain(slice(13, 20)).chain(slice(21, 43));
    holds(0, 9)
        && holds(13, 19)
        && holds(21, 27)
        && optional
        && digit(43).is_some_and(|said| check(whole) == Some(said))
        && birth(line).is_some()
        && date(line, 21).is_some()
}

/// The date of birth in a second line.
pub fn birth(line: &str) -> Option<Date> {
    date(line, 13)
}

/// YYMMDD, of this century up to 39 as in a written date.
fn date(line: &str, from: usize) -> Option<Date> {
    let number = |at: usize| line.get(from + at..from + at + 2)?.parse::<i8>().ok();
    let year = i16::from(number(0)?);
    let century = if year <= 39 { 2000 } else { 1900 };
    Date::new(century + year, number(2)?, number(4)?).ok()
}

pub(super) fn find(text: &Zone<'_>, out: &mut Vec<Sighting>) {
    let Some(shape) = SHAPE.as_ref() else { return };
    for found in text.matches_of(shape) {
        if !stands_alone(text, found.start(), found.end()) || !is_valid(found.as_str()) {
            continue;
        }
        out.push(Sighting {
            kind: Kind::Mrz,
            value: found.as_str().to_owned(),
            start: found.start(),
            end: found.end(),
            confidence: 0.99,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::values;
    use super::*;
    use proptest::prelude::*;

    const LINE: &str = "9000000014GBR1203048F3105065<<<<<<<<<<<<<<<6";

    #[test]
    fn samples_pass() {
        for line in [
            LINE,
            "9000000184GBR1108291M3001019<<<<<<<<<<<<<<<4",
            "9000000357GBR1309179F2811305<<<<<<<<<<<<<<<4",
            "9000000520GBR0912013M2707152<<<<<<<<<<<<<<<0",
            "9000000690GBR1506060F3009093<<<<<<<<<<<<<<<0",
            // The specimen of Doc 9303.
            "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
        ] {
            assert!(is_valid(line), "{line}");
            let page = format!("P<GBREXAMPLE<<ALEX<<<<<<<<<<<<<<<<<<<<<<<<<<\n{line}\n");
            assert_eq!(values(&page, Kind::Mrz), [line]);
        }
        assert_eq!(birth(LINE), Some(jiff::civil::date(2012, 3, 4)));
    }

    #[test]
    fn wrong_ones_fail() {
        for line in [
            "9000000015GBR1203048F3105065<<<<<<<<<<<<<<<6",
            "9000000184GBR1108292M3001019<<<<<<<<<<<<<<<4",
            "9000000357GBR1309179F2811306<<<<<<<<<<<<<<<4",
            "9000000520GBR0912013M2707152<<<<<<<<<<<<<<<1",
            "9000000690GBR1506060F3009093<<<<<<<<<<<<<<<",
        ] {
            assert!(!is_valid(line), "{line}");
            assert!(values(line, Kind::Mrz).is_empty(), "{line}");
        }
    }

    #[test]
    fn published_check_digits_hold() {
        for (field, digit) in [
            ("L898902C3", 6),
            ("740812", 2),
            ("120415", 9),
            ("ZE184226B<<<<<", 1),
            ("D23145890", 7),
            ("340712", 7),
            ("950712", 2),
        ] {
            assert_eq!(check(field.bytes()), Some(digit), "{field}");
        }
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_seen(place in prop_oneof![0usize..10, 13usize..20, 21usize..28], step in 1u8..10) {
            let mut bytes: [u8; 44] = LINE.as_bytes().try_into().unwrap();
            bytes[place] = b'0' + (bytes[place] - b'0' + step) % 10;
            prop_assert!(!is_valid(std::str::from_utf8(&bytes).unwrap()));
        }
    }
}
