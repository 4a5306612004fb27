//! Identifiers that a text can hold, one file for each.
//!
//! A finder looks at a cleaned text ([`crate::normalise::clean`]) and knows the words
//! around a number, or the heading of its column. It does not know the roster: what
//! an identifier means for a pupil is decided in [`crate::recognise`].

mod context;
pub mod date_of_birth;
pub mod email;
pub mod nhs_number;
pub mod nino;
pub mod phone;
pub mod postcode;
pub mod uln;
pub mod upn;

use std::sync::LazyLock;

use regex::RegexSet;

use crate::finding::{Kind, Masked};

/// An identifier where it stands.
#[derive(Clone)]
pub(crate) struct Sighting {
    pub kind: Kind,
    /// In its normal form: digits and capitals without spaces, dates as ISO.
    pub value: String,
    /// The octets of the cleaned text that hold it.
    pub start: usize,
    pub end: usize,
    pub confidence: f32,
}

impl Sighting {
    /// The value with nothing readable left but what its kind allows.
    pub fn masked(&self) -> Masked {
        match self.kind {
            Kind::DateOfBirth | Kind::Email | Kind::Postcode => {
                Masked::words(&hide_short(&self.value))
            }
            _ => Masked::tail(&self.value),
        }
    }
}

/// Words of one or two characters would survive [`Masked::words`] almost whole.
fn hide_short(value: &str) -> String {
    value
        .split_inclusive(|c: char| !c.is_alphanumeric())
        .map(|piece| {
            if piece.chars().filter(|c| c.is_alphanumeric()).count() <= 2 {
                piece
                    .chars()
                    .map(|c| if c.is_alphanumeric() { '*' } else { c })
                    .collect()
            } else {
                piece.to_owned()
            }
        })
        .collect()
}

/// What surrounds a text: the heading of its column, when it is a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setting {
    Prose,
    /// A cell under a heading for this kind.
    Column(Kind),
}

impl Setting {
    fn is(self, kind: Kind) -> bool {
        self == Setting::Column(kind)
    }
}

/// Rough shapes, to spare the finders the text that cannot hold their identifier.
static SHAPES: LazyLock<Option<RegexSet>> = LazyLock::new(|| {
    RegexSet::new([
        r"(?i-u)[a-z][ -]?(?:[0-9][ -]?){11}",
        r"(?:[0-9][ .()-]{0,3}){9}",
        r"(?i-u)[a-z]{2}[ -]?[0-9]{2}[ -]?[0-9]{2}",
        r"(?-u)[0-9][a-zA-Z]{2}\b",
        r"@",
        r"[0-9][-/. ]?(?:[0-9]|st|nd|rd|th|[A-Za-z]{3})",
    ])
    .ok()
});

/// Finds every identifier in a cleaned text.
pub(crate) fn find(text: &str, setting: Setting) -> Vec<Sighting> {
    let mut out = Vec::new();
    let matched = SHAPES.as_ref().map(|shapes| shapes.matches(text));
    let may = |shape: usize| {
        matched
            .as_ref()
            .is_none_or(|matched| matched.matched(shape))
    };
    if may(0) {
        upn::find(text, setting, &mut out);
    }
    if may(1) {
        uln::find(text, setting, &mut out);
        nhs_number::find(text, setting, &mut out);
        phone::find(text, setting, &mut out);
    }
    if may(2) {
        nino::find(text, setting, &mut out);
    }
    if may(3) {
        postcode::find(text, setting, &mut out);
    }
    if may(4) {
        email::find(text, &mut out);
    }
    if may(5) {
        date_of_birth::find(text, setting, &mut out);
    }
    out
}

/// A pattern of this crate; one that does not compile finds nothing, and a test sees it.
fn pattern(source: &str) -> Option<regex::Regex> {
    regex::Regex::new(source).ok()
}

/// Whether the characters around a match are no part of a longer word or number.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let before = text.get(..start).and_then(|t| t.chars().next_back());
    let after = text.get(end..).and_then(|t| t.chars().next());
    !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The values of a kind in a text.
    pub fn values(text: &str, kind: Kind) -> Vec<String> {
        of(text, kind, Setting::Prose)
    }

    pub fn in_column(text: &str, kind: Kind) -> Vec<String> {
        of(text, kind, Setting::Column(kind))
    }

    fn of(text: &str, kind: Kind, setting: Setting) -> Vec<String> {
        find(&crate::normalise::clean(text), setting)
            .into_iter()
            .filter(|sighting| sighting.kind == kind && sighting.confidence >= 0.5)
            .map(|sighting| sighting.value)
            .collect()
    }

    #[test]
    fn the_shapes_compile() {
        assert!(SHAPES.is_some());
    }

    proptest! {
        #[test]
        fn finding_never_panics_and_masks_everything(text in "[A-Za-z0-9 @./:,\n£é-]{0,120}") {
            let text = crate::normalise::clean(&text);
            for sighting in find(&text, Setting::Prose) {
                prop_assert!(text.get(sighting.start..sighting.end).is_some());
                let masked = sighting.masked();
                prop_assert!(!masked.as_str().contains(&sighting.value));
                prop_assert!(masked.as_str().contains('*'));
            }
        }
    }
}
