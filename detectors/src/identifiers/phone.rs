//! UK telephone number.
//!
//! What: a national number of ten or eleven digits with its 0, or +44.
//!
//! Why: a family's mobile or home number beside a pupil is contact data; a colleague's
//! private one is staff data.
//!
//! How checked: the digits after the 0 must be of a range that Ofcom uses. A mobile is
//! somebody's until proven otherwise; a landline is an organisation's unless "home",
//! "mum" or the like stands beside it. The school's own numbers are settings; short
//! codes and 08 numbers are nobody's.
//!
//! Examples: 07700 900123, +44 (0)1632 960001. Not: 06700 900123, 07700 90012.
//!
//! References: National Telephone Numbering Plan, Ofcom.

use std::sync::LazyLock;

use regex::Regex;

use super::context::{Verdict, Words};
use super::{Setting, Sighting, Zone, pattern};
use crate::finding::Kind;

static SHAPE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(r"(?:(?:\+|00)44[ .-]?(?:\(0\)[ .-]?)?|\(?0)[1-9](?:[ .()-]{0,2}[0-9]){8,9}")
});

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    Words::new(
        "home|home (?:phone|number|tel)|mum|mom|dad|mother|father|parents?|carers?|guardian|emergency|next of kin|nan|grandmother|grandfather|personal|private|aunt|uncle|step-?(?:mother|father|mum|dad)|contact (?:number|details)",
        "office|school|signature|helpline|dial-in|fax|switchboard|reception|ext|extension|enquiries|isbn|order|invoice|booking|supplier|surgery|helpdesk",
    )
});

/// The digits of a UK number in national form (`07700900123`), when it is one.
pub fn national(text: &str) -> Option<String> {
    let mut digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if text.trim_start().starts_with('+') || digits.starts_with("0044") {
        let rest = digits.trim_start_matches("00").strip_prefix("44")?;
        digits = format!("0{}", rest.trim_start_matches('0'));
    }
    let second = digits.as_bytes().get(1)?;
    let right_length = match second {
        b'1' => matches!(digits.len(), 10 | 11),
        b'2' | b'3' | b'7' => digits.len() == 11,
        b'8' | b'9' => false,
        _ => false,
    };
    (digits.starts_with('0') && right_length).then_some(digits)
}

/// Whether a number in national form is a mobile's (not a pager's or a personal number's).
pub fn is_mobile(national: &str) -> bool {
    national.starts_with("07")
        && !national.starts_with("070")
        && (!national.starts_with("076") || national.starts_with("07624"))
}

pub(super) fn find(text: &Zone<'_>, setting: Setting, out: &mut Vec<Sighting>) {
    let Some(shape) = SHAPE.as_ref() else { return };
    for found in text.matches_of(shape) {
        let (start, end) = (found.start(), found.end());
        let before = text.get(..start).and_then(|t| t.chars().next_back());
        let after = text.get(end..).and_then(|t| t.chars().next());
        if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '+' | '.' | '-' | '/' | '='))
            || after.is_some_and(char::is_alphanumeric)
        {
            continue;
        }
        let Some(value) = national(found.as_str()) else {
            continue;
        };
        let confidence = match (WORDS.judge(text, start, end), is_mobile(&value)) {
            _ if setting.is(Kind::Phone) => 0.9,
            (Verdict::Up, _) => 0.9,
            (Verdict::Silent, true) => 0.6,
            (Verdict::Down, true) => 0.4,
            (_, false) => 0.3,
        };
        out.push(Sighting {
            kind: Kind::Phone,
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
    fn all_ways_of_writing_are_one_number() {
        for (text, expected) in [
            ("07700 900123", "07700900123"),
            ("+44 7700 900456", "07700900456"),
            ("0044 7700-900-456", "07700900456"),
            ("07700.900.999", "07700900999"),
            ("+44 (0)1632 960001", "01632960001"),
            ("(020) 7946 0018", "02079460018"),
            ("0161 496 0000", "01614960000"),
            ("03069 990000", "03069990000"),
        ] {
            assert_eq!(national(text).as_deref(), Some(expected), "{text}");
            assert_eq!(
                values(&format!("Mum: {text}"), Kind::Phone),
                [expected],
                "{text}"
            );
        }
    }

    #[test]
    fn other_digits_are_none() {
        for text in [
            "07700 90012",
            "+1 202 555 0143",
            "0123",
            "06700 900123",
            "2024-25 0161",
            "0800 1111",
            "999",
            "101",
        ] {
            assert!(
                values(&format!("Mum: {text}"), Kind::Phone).is_empty(),
                "{text}"
            );
        }
    }

    #[test]
    fn a_landline_alone_is_an_organisation() {
        assert!(values("Ring 01632 960001", Kind::Phone).is_empty());
        assert_eq!(values("home 01632 960001", Kind::Phone).len(), 1);
        assert_eq!(values("Ring 07700 900123", Kind::Phone).len(), 1);
        assert!(values("School office 07700 900123", Kind::Phone).is_empty());
    }
}
