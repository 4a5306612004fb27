//! The numbers of schools themselves, which are nobody's.
//!
//! What: URN (6 digits), LAESTAB or DfE number (`8234301`, `823/4301`), UKPRN (8 digits),
//! Ofsted's `EY` numbers.
//!
//! Why: they have the shape of a teacher's reference, a sort code, an account; every
//! letterhead carries them.
//!
//! How checked: a word for them is the nearest before the number.
//!
//! Examples: URN 123456, LAESTAB 823/4301. Not: TRN 8234301.
//!
//! References: Get Information About Schools, glossary, DfE.

use std::sync::LazyLock;

use super::Sighting;
use super::context::{Verdict, Words};
use crate::finding::Kind;

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    Words::new(
        "urn|laestab|la ?estab|estab|establishment (?:no|number)|dfe (?:no|number)|school (?:no|number)|ukprn|ofsted",
        "trn|teacher|qts|passport|dbs|certificate|sort ?code|account|scn|candidate",
    )
});

/// Whether these digits have the shape of a URN: England's begin with 1, those of Wales
/// with 4.
pub fn is_urn(text: &str) -> bool {
    text.len() == 6 && text.starts_with(['1', '4']) && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether this is a LAESTAB: authority (3), establishment (4), perhaps a stroke between.
pub fn is_laestab(text: &str) -> bool {
    let Some((authority, rest)) = text.split_at_checked(3) else {
        return false;
    };
    let school = rest.strip_prefix('/').unwrap_or(rest);
    school.len() == 4
        && !authority.starts_with('0')
        && authority
            .chars()
            .chain(school.chars())
            .all(|c| c.is_ascii_digit())
}

/// Whether what looks like an identifier is the number of a school.
pub(super) fn is_one(text: &str, sighting: &Sighting) -> bool {
    matches!(
        sighting.kind,
        Kind::Trn | Kind::Scn | Kind::Dbs | Kind::Passport | Kind::BankAccount
    ) && WORDS.judge(text, sighting.start, sighting.start) == Verdict::Up
}

#[cfg(test)]
mod tests {
    use super::super::{Setting, find};
    use super::*;

    #[test]
    fn samples_have_their_shape() {
        for number in ["8234301", "823/4301", "3304764", "9364876", "8505350"] {
            assert!(is_laestab(number), "{number}");
        }
        for number in ["823430", "82343011", "823-43-01", "8234/301", "823430A"] {
            assert!(!is_laestab(number), "{number}");
        }
        for number in ["100001", "123456", "137890", "145678", "401234"] {
            assert!(is_urn(number), "{number}");
        }
        for number in ["12345", "1234567", "012345", "12345A", "999999"] {
            assert!(!is_urn(number), "{number}");
        }
    }

    #[test]
    fn a_letterhead_holds_no_identifier() {
        let text = "Oak Lane Primary School, URN 123456, LAESTAB 823/4301, DfE number 8234301, \
                    UKPRN 10012345, Ofsted EY123456";
        assert!(find(text, Setting::Prose).is_empty());
    }
}
