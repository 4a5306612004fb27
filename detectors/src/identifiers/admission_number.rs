//! Admission number: a school's own number of a pupil.
//!
//! What: four to six digits, leading zeros kept (SIMS calls it Adno).
//!
//! Why: inside one school it names one pupil.
//!
//! How checked: there is no standard. It is looked for only right behind "Adno",
//! "Admission No" or "PAN" (a column so headed is read in the recognisers), and means
//! something only where the roster has exactly that number: the finder cannot know, so its
//! confidence is low.
//!
//! Examples: Adno 004567, "Admission number: 12345". Not: 2026, 0800, £4567, alone.
//!
//! References: Bromcom, admission numbers ("numeric, including any leading zeros").

use std::sync::LazyLock;

use regex::Regex;

use super::{Sighting, Zone, goes_on, pattern, stands_alone};
use crate::finding::Kind;

static SHAPE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i-u)\b(?:adno|adm\.? ?no\.?|admission (?:no\.?|number)|PAN)(?: is)?[ :#]{0,3}\(?(?P<number>[0-9]{4,6})",
    )
});

/// What the recognisers must confirm by the roster.
const UNCONFIRMED: f32 = 0.4;

pub(super) fn find(text: &Zone<'_>, out: &mut Vec<Sighting>) {
    let Some(shape) = SHAPE.as_ref() else { return };
    for found in text
        .captures_of(shape)
        .filter_map(|found| found.name("number"))
    {
        let (start, end) = (found.start(), found.end());
        if !stands_alone(text, start, end) || goes_on(text, start, end) {
            continue;
        }
        out.push(Sighting {
            kind: Kind::AdmissionNumber,
            value: found.as_str().to_owned(),
            start,
            end,
            confidence: UNCONFIRMED,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Setting, find};
    use super::*;

    fn numbers(text: &str) -> Vec<String> {
        find(text, Setting::Prose)
            .into_iter()
            .filter(|sighting| sighting.kind == Kind::AdmissionNumber)
            .map(|sighting| sighting.value)
            .collect()
    }

    #[test]
    fn samples_pass_behind_their_word_alone() {
        for number in ["004567", "12345", "001203", "9876", "0456"] {
            for word in [
                "Adno",
                "Admission No:",
                "admission number",
                "PAN",
                "Adm. no. ",
            ] {
                assert_eq!(numbers(&format!("{word} {number}, absent")), [number]);
            }
            assert!(numbers(number).is_empty(), "{number} alone");
            assert!(numbers(&format!("The year {number}")).is_empty());
        }
    }

    #[test]
    fn times_and_prices_are_none() {
        for text in [
            "Admission: 2026",
            "Adno 12:30",
            "Adno 1,234",
            "Admission £4567",
            "call 0800",
            "pan 1234567",
        ] {
            assert!(numbers(text).is_empty(), "{text}");
        }
    }
}
