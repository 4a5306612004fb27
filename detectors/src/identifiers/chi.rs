//! CHI number (Scotland).
//!
//! What: ten digits: date of birth as DDMMYY, two digits, one even for a girl and odd for
//! a boy, check digit. The leading zero belongs to it.
//!
//! Why: it opens a child's medical record, and says the date of birth and the sex.
//!
//! How checked: as an NHS number, and its first six digits are a day of the calendar. Three
//! in a thousand random numbers pass: enough for a sentence without any word against, not
//! for a bare cell of a table.
//!
//! Examples: CHI 1005148783, 0101011237. Not: 2902191230 (no such day), 0101201234.
//!
//! References: NHS Data Dictionary; phsmethods, Public Health Scotland.

use std::sync::LazyLock;

use jiff::civil::Date;

use super::context::{Verdict, Words};
use super::nhs_number::{self, Digits};
use super::{Setting, Sighting, Zone};
use crate::finding::Kind;

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    Words::new(
        "chi|chi (?:no|number)|community health index|nhs scotland",
        "nhs (?:no|number)|h&c|hscni|uln|tel|telephone|phone|mob|mobile|call|ring|text|fax|booking|meeting id|order|invoice|isbn|ref|reference|passcode|conference id|dial|account|ticket|case|po",
    )
});

/// Whether these ten digits begin with a date and have a right check digit.
pub fn is_valid(text: &str) -> bool {
    nhs_number::is_valid(text) && begins_with_date(text)
}

/// Whether DDMMYY is a day of this century or the last.
fn begins_with_date(text: &str) -> bool {
    let number = |from: usize| text.get(from..from + 2)?.parse::<i16>().ok();
    let (Some(day), Some(month), Some(year)) = (number(0), number(2), number(4)) else {
        return false;
    };
    let (Ok(day), Ok(month)) = (i8::try_from(day), i8::try_from(month)) else {
        return false;
    };
    [1900, 2000]
        .iter()
        .any(|century| Date::new(century + year, month, day).is_ok())
}

pub(super) fn find(text: &Zone<'_>, tens: &[Digits], setting: Setting, out: &mut Vec<Sighting>) {
    for Digits { value, start, end } in tens {
        let (start, end) = (*start, *end);
        if !is_valid(value) {
            continue;
        }
        let is_said = text.len() > end - start + 12;
        let confidence = if setting.is(Kind::Chi) {
            0.98
        } else if setting != Setting::Prose {
            continue;
        } else {
            match WORDS.judge(text, start, end) {
                Verdict::Up => 0.97,
                Verdict::Silent if is_said => 0.6,
                _ => continue,
            }
        };
        out.push(Sighting {
            kind: Kind::Chi,
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
    fn published_and_made_up_samples_pass() {
        for chi in [
            "0101011237",
            "1904851231",
            "2902201230",
            "1005148783",
            "2511143461",
            "1201129303",
            "2606222342",
            "1009145436",
        ] {
            assert!(is_valid(chi), "{chi}");
            assert_eq!(values(&format!("CHI number {chi}"), Kind::Chi), [chi]);
            assert_eq!(in_column(chi, Kind::Chi), [chi]);
            assert!(values(chi, Kind::Chi).is_empty(), "{chi} alone in a cell");
        }
        assert_eq!(
            values("It is 1005148783 for our pupil.", Kind::Chi),
            ["1005148783"]
        );
    }

    #[test]
    fn wrong_ones_fail() {
        for chi in [
            "2902191230",
            "0101201234",
            "1005148787",
            "2511103461",
            "1201129300",
            "2696222342",
            "1006145436",
        ] {
            assert!(!is_valid(chi), "{chi}");
            assert!(values(&format!("CHI {chi}"), Kind::Chi).is_empty(), "{chi}");
        }
    }

    #[test]
    fn words_say_which_number_it_is() {
        assert!(values("Booking reference 1005148783 is yours", Kind::Chi).is_empty());
        assert!(values("NHS number: 1005148783 as we have it", Kind::Chi).is_empty());
        assert!(values("GP record, CHI 1005148783", Kind::NhsNumber).is_empty());
    }
}
