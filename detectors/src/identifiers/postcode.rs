//! Postcode.
//!
//! What: `M1 1AA`, `EC1A 1BB`: area, district, sector and unit.
//!
//! Why: beside a house number and a name it says where a child lives.
//!
//! How checked: the grammar of BS 7666, and the area must be one of the 124 that exist:
//! by grammar alone `KS2 1AB` and `Y6 5SA` would be postcodes. ZZ99 pseudo-codes are
//! nobody's. A word such as "lives at" or "home" makes it a family's.
//!
//! Examples: lives at 1 Elm Row, M1 1AA. Not: KS2 1AB, AJ1 1AA, M1 1AC.
//!
//! References: BS 7666; PAF Programmers' Guide, Royal Mail.

use std::sync::LazyLock;

use regex::Regex;

use super::context::{Verdict, Words};
use super::{Setting, Sighting, Zone, pattern, stands_alone};
use crate::finding::Kind;

const AREAS: &str = " AB AL B BA BB BD BF BH BL BN BR BS BT BX CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE ";

static SHAPE: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"(?i-u)([a-z]{1,2})([0-9][0-9a-z]?)[ -]?([0-9][abd-hjlnp-uw-z]{2})"));

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    Words::new(
        "address|home address|lives|living|live at|home|moved to|resides|postcode|family",
        "school|venue|satnav|sat nav|office|registered|company|ltd|directions|hall|centre|museum|invoice",
    )
});

/// The postcode in its usual form (`M1 1AA`), when this is one.
pub fn parse(text: &str) -> Option<String> {
    let found = SHAPE.as_ref()?.captures(text.trim())?;
    if found.get(0)?.as_str() != text.trim() {
        return None;
    }
    let part = |at| {
        found
            .get(at)
            .map(|m: regex::Match<'_>| m.as_str().to_uppercase())
    };
    let (area, district, inward) = (part(1)?, part(2)?, part(3)?);
    if !AREAS.contains(&format!(" {area} ")) {
        return None;
    }
    if let Some(letter) = district.chars().nth(1).filter(char::is_ascii_alphabetic) {
        let allowed = if area.len() == 1 {
            "ABCDEFGHJKPSTUW"
        } else {
            "ABEHMNPRVWXY"
        };
        if !allowed.contains(letter) {
            return None;
        }
    }
    Some(format!("{area}{district} {inward}"))
}

pub(super) fn find(text: &Zone<'_>, setting: Setting, out: &mut Vec<Sighting>) {
    let Some(shape) = SHAPE.as_ref() else { return };
    for found in text.matches_of(shape) {
        let (start, end) = (found.start(), found.end());
        let typed = found.as_str();
        // People type postcodes in capitals, or at least with their space.
        let careless = typed.contains(|c: char| c.is_ascii_lowercase()) && !typed.contains(' ');
        if careless || !stands_alone(text, start, end) {
            continue;
        }
        let Some(value) = parse(typed) else { continue };
        let confidence = match WORDS.judge(text, start, end) {
            _ if setting.is(Kind::Postcode) => 0.9,
            Verdict::Up => 0.85,
            Verdict::Silent => 0.4,
            Verdict::Down => 0.2,
        };
        out.push(Sighting {
            kind: Kind::Postcode,
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
    fn real_forms_pass() {
        for postcode in ["M1 1AA", "CR2 6XH", "DN55 1PT", "W1A 1HQ", "EC1A 1BB"] {
            assert_eq!(parse(postcode).as_deref(), Some(postcode));
            assert_eq!(
                values(&format!("lives at 1 Elm Row, {postcode}"), Kind::Postcode),
                [postcode]
            );
        }
        assert_eq!(parse("m11aa").as_deref(), Some("M1 1AA"));
    }

    #[test]
    fn labels_and_wrong_forms_fail() {
        for text in [
            "QA1 1AA", "M1 1AC", "W1I 1HQ", "AJ1 1AA", "M1 11A", "KS2 1AB", "Y6 5SA", "YR5 1AB",
            "ZZ99 3VZ",
        ] {
            assert_eq!(parse(text), None, "{text}");
            assert!(
                values(&format!("home address {text}"), Kind::Postcode).is_empty(),
                "{text}"
            );
        }
    }

    #[test]
    fn a_venue_is_nobodys_home() {
        assert!(values("The coach leaves for the museum, M1 1AA", Kind::Postcode).is_empty());
    }
}
