//! Identifiers that a text can hold, one file for each.
//!
//! A finder looks at a cleaned text ([`crate::normalise::clean`]) and knows the words
//! around a number, or the heading of its column. It does not know the roster: what
//! an identifier means for a pupil is decided in [`crate::recognise`].

pub mod admission_number;
pub mod bank_account;
pub mod chi;
mod context;
pub mod date_of_birth;
pub mod dbs;
pub mod driving_licence;
pub mod email;
pub mod health_and_care;
pub mod iban;
pub mod mrz;
pub mod nhs_number;
pub mod nino;
pub mod passport;
pub mod payment_card;
pub mod phone;
pub mod postcode;
pub mod school_number;
pub mod scn;
pub mod trn;
pub mod uci;
pub mod uln;
pub mod upn;
pub mod vehicle;

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
        r"(?-u)[0-9]{5}[ -]?[0Bb][ -]?[0-9]{2}[ -]?[0-9]{4}[ -]?[a-zA-Z]",
        r"(?-u)[0-9](?:[ /-]?[0-9]){6}",
        r"(?i-u)[0-9]{6}[a-z]\b|\b[a-z][0-9]{6}",
        r"(?-u)[0-9][A-Z<]{3}[0-9]{7}[MFX<]",
        r"(?i-u)[a-z9]{4} ?[0-9]{6} ?[a-z9]{2}[0-9]",
        r"(?i-u)\bgb[0-9]{2}[ -]?[a-z]{4}",
        r"(?-u)[A-Z][0-9]{1,3} ?[A-Z]{3}\b|\b[A-Z]{3} ?[0-9]{1,4}",
        r"(?i-u)\b(?:adno|adm\.? ?no|admission n|pan[ :#])",
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
        let tens: Vec<_> = nhs_number::ten_digits(text).collect();
        uln::find(text, &tens, setting, &mut out);
        nhs_number::find(text, &tens, setting, &mut out);
        chi::find(text, &tens, setting, &mut out);
        health_and_care::find(text, &tens, setting, &mut out);
        scn::find(text, setting, &mut out);
        payment_card::find(text, setting, &mut out);
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
    if may(6) {
        uci::find(text, setting, &mut out);
    }
    if may(7) {
        trn::find(text, setting, &mut out);
        dbs::find(text, setting, &mut out);
        bank_account::find(text, setting, &mut out);
    }
    if may(7) || may(8) {
        passport::find(text, setting, &mut out);
    }
    if may(9) {
        mrz::find(text, &mut out);
    }
    if may(10) {
        driving_licence::find(text, setting, &mut out);
    }
    if may(11) {
        iban::find(text, setting, &mut out);
    }
    if may(12) {
        vehicle::find(text, setting, &mut out);
    }
    if may(13) {
        admission_number::find(text, &mut out);
    }
    out.retain(|sighting| !school_number::is_one(text, sighting));
    drop_pieces(&mut out);
    out
}

/// Drops the shapes that a longer number with check digits holds: an IBAN has a sort code
/// and an account in it, and is one finding.
fn drop_pieces(out: &mut Vec<Sighting>) {
    let whole: Vec<(usize, usize)> = out
        .iter()
        .filter(|sighting| {
            matches!(
                sighting.kind,
                Kind::Iban | Kind::Mrz | Kind::PaymentCard | Kind::DrivingLicence
            )
        })
        .map(|sighting| (sighting.start, sighting.end))
        .collect();
    if whole.is_empty() {
        return;
    }
    out.retain(|sighting| {
        let is_shape = matches!(
            sighting.kind,
            Kind::Trn | Kind::Dbs | Kind::Scn | Kind::Passport | Kind::BankAccount
        );
        !is_shape
            || !whole
                .iter()
                .any(|&(start, end)| sighting.start < end && start < sighting.end)
    });
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

/// Whether a number is a piece of a longer one: a hyphen, dot or stroke joins it to more.
fn goes_on(text: &str, start: usize, end: usize) -> bool {
    let joins = |c: char| matches!(c, '-' | '.' | '/');
    let before = text.get(..start).unwrap_or_default();
    let after = text.get(end..).unwrap_or_default();
    before.ends_with('+')
        || before
            .strip_suffix(joins)
            .is_some_and(|before| before.ends_with(|c: char| c.is_ascii_digit()))
        || after
            .strip_prefix(joins)
            .is_some_and(|after| after.starts_with(|c: char| c.is_ascii_digit()))
}

/// Letters and digits alone, in capitals.
fn compact(text: &str) -> String {
    text.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect()
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
        fn finding_never_panics_and_masks_everything(text in "[A-Za-z0-9 @./:,<&\n£é-]{0,120}") {
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
