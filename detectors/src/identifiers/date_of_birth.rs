//! Date of birth.
//!
//! What: a date, in any of the forms that people write, that somebody was born on.
//!
//! Why: with a name it identifies a child beyond doubt.
//!
//! How checked: day first, as in the UK; the date must exist; only "DOB", "born" or a
//! heading make it a date of birth. Dates without such a word are kept apart (low
//! confidence): with a name, the roster may know them. The age it gives is the caller's to count.
//!
//! Examples: DOB 04/09/2014; born on 4th September 2014. Not: 31/02/2015, "trip on 04/09/2026".
//!
//! References: BS ISO 8601-1 for the ISO form.

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;

use super::context::{Verdict, Words};
use super::{Setting, Sighting, Zone, pattern};
use crate::finding::Kind;

static SHAPE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?ix-u)
        \b(?P<iy>(?:19|20)[0-9]{2})-(?P<im>[0-9]{1,2})-(?P<id>[0-9]{1,2})\b
        | \b(?P<d>[0-9]{1,2})[/.-](?P<m>[0-9]{1,2})[/.-](?P<y>(?:19|20)?[0-9]{2})\b
        | \b(?P<wd>[0-9]{1,2})(?:st|nd|rd|th)?[\x20-](?:of\x20)?(?P<wm>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?,?[\x20-](?P<wy>(?:19|20)?[0-9]{2})\b",
    )
});

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    Words::new(
        "dob|d\\.o\\.b|dateofbirth|date of birth|birth date|birthdate|born|birthday",
        "due|deadline|review|reviewed|ratified|term|trip|adopted|version|issued|dated|sent|date",
    )
});

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// Whole years between two days.
pub fn age(birth: Date, today: Date) -> i16 {
    let had_birthday = (today.month(), today.day()) >= (birth.month(), birth.day());
    today.year() - birth.year() - i16::from(!had_birthday)
}

/// Whether somebody born on this day can be a pupil: 2 to 19 years old.
pub fn is_pupils_age(birth: Date, today: Date) -> bool {
    (2..=19).contains(&age(birth, today))
}

/// A spreadsheet's day number (1900 system) as a date.
pub fn from_serial(text: &str) -> Option<Date> {
    let days: i32 = text
        .parse()
        .ok()
        .filter(|days| (25_569..60_000).contains(days))?;
    let epoch = jiff::civil::date(1899, 12, 30);
    epoch.checked_add(jiff::Span::new().days(days)).ok()
}

pub(super) fn find(text: &Zone<'_>, setting: Setting, out: &mut Vec<Sighting>) {
    if setting.is(Kind::DateOfBirth)
        && let Some(date) = from_serial(text.trim())
    {
        out.push(Sighting {
            kind: Kind::DateOfBirth,
            value: date.to_string(),
            start: 0,
            end: text.len(),
            confidence: 0.85,
        });
        return;
    }
    let Some(shape) = SHAPE.as_ref() else { return };
    for found in text.captures_of(shape) {
        let Some(whole) = found.get(0) else { continue };
        let Some(date) = date_of(&found) else {
            continue;
        };
        let confidence = if setting.is(Kind::DateOfBirth) {
            0.95
        } else {
            match WORDS.judge(text, whole.start(), whole.end()) {
                Verdict::Up => 0.9,
                _ => 0.2,
            }
        };
        out.push(Sighting {
            kind: Kind::DateOfBirth,
            value: date.to_string(),
            start: whole.start(),
            end: whole.end(),
            confidence,
        });
    }
}

fn date_of(found: &regex::Captures<'_>) -> Option<Date> {
    let text = |name| found.name(name).map(|m| m.as_str());
    let number = |name| text(name).and_then(|t| t.parse::<i16>().ok());
    let (year, month, day) = if let Some(year) = number("iy") {
        (year, number("im")?, number("id")?)
    } else if let Some(year) = text("y") {
        (full_year(year)?, number("m")?, number("d")?)
    } else {
        let name = text("wm")?.to_ascii_lowercase();
        let month = MONTHS.iter().position(|month| name.starts_with(month))? + 1;
        (
            full_year(text("wy")?)?,
            i16::try_from(month).ok()?,
            number("wd")?,
        )
    };
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn full_year(text: &str) -> Option<i16> {
    let year: i16 = text.parse().ok()?;
    Some(match year {
        0..=39 => year + 2000,
        40..=99 => year + 1900,
        year => year,
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{in_column, values};
    use super::*;

    #[test]
    fn every_form_is_one_day() {
        for text in [
            "04/09/2014",
            "4.9.14",
            "4-9-2014",
            "4th September 2014",
            "4 Sept 2014",
            "04-Sep-14",
            "2014-09-04",
            "4th of September 2014",
        ] {
            assert_eq!(
                values(&format!("DOB: {text}"), Kind::DateOfBirth),
                ["2014-09-04"],
                "{text}"
            );
            assert_eq!(in_column(text, Kind::DateOfBirth), ["2014-09-04"], "{text}");
        }
        assert_eq!(in_column("41886", Kind::DateOfBirth), ["2014-09-04"]);
        assert_eq!(
            values("She was born on 4 September 2014.", Kind::DateOfBirth).len(),
            1
        );
        assert_eq!(values("D.O.B. 04/09/2014", Kind::DateOfBirth).len(), 1);
    }

    #[test]
    fn days_that_do_not_exist_fail() {
        for text in [
            "31/02/2015",
            "29/02/2013",
            "2014-13-01",
            "00/05/2014",
            "32 March 2014",
            "09/25/2014",
        ] {
            assert!(
                values(&format!("DOB: {text}"), Kind::DateOfBirth).is_empty(),
                "{text}"
            );
        }
    }

    #[test]
    fn other_dates_are_none() {
        for text in [
            "Trip on 04/09/2026",
            "Review date: 04/09/2026",
            "Ratified 4 Sept 2014",
            "04/09/2014",
        ] {
            assert!(values(text, Kind::DateOfBirth).is_empty(), "{text}");
        }
    }

    #[test]
    fn ages_turn_on_the_birthday() {
        let birth = jiff::civil::date(2014, 9, 4);
        assert_eq!(age(birth, jiff::civil::date(2026, 9, 3)), 11);
        assert_eq!(age(birth, jiff::civil::date(2026, 9, 4)), 12);
    }
}
