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

use std::ops::Deref;
use std::sync::LazyLock;

use regex::{Captures, Match, Regex, RegexSet};

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

/// A stretch of a text that may hold an identifier. It is the stretch alone that is
/// searched; the words around it are still there to judge by.
pub(crate) struct Zone<'t> {
    text: &'t str,
    start: usize,
    end: usize,
}

impl<'t> Zone<'t> {
    /// Octets before a figure and behind it that may belong to the same identifier.
    const AROUND: usize = 48;

    /// The next stretch around figures or an `@`, which every identifier has: from one
    /// white space to another, so that no word is cut.
    fn next(text: &'t str, from: usize) -> Option<Self> {
        let bytes = text.as_bytes();
        let first = from + telling(bytes.get(from..)?)?;
        let mut last = first;
        while let Some(near) = bytes
            .get(last + 1..bytes.len().min(last + 1 + 2 * Self::AROUND))
            .and_then(telling)
        {
            last += 1 + near;
        }
        let before = bytes.get(from..first.saturating_sub(Self::AROUND).max(from))?;
        let start = from
            + before
                .iter()
                .rposition(u8::is_ascii_whitespace)
                .map_or(0, |space| space + 1);
        let behind = bytes.len().min(last + 1 + Self::AROUND);
        let end = bytes
            .get(behind..)?
            .iter()
            .position(u8::is_ascii_whitespace)
            .map_or(bytes.len(), |space| behind + space);
        Some(Self { text, start, end })
    }

    /// The stretch without what is around it.
    fn inside(&self) -> &'t str {
        self.text.get(self.start..self.end).unwrap_or_default()
    }

    /// Where a pattern matches in the stretch, by the places of the whole text.
    fn matches_of(&self, shape: &'t Regex) -> impl Iterator<Item = Match<'t>> {
        let text = self.text.get(..self.end).unwrap_or_default();
        let mut at = self.start;
        std::iter::from_fn(move || {
            let found = shape.find_at(text, at).filter(|found| !found.is_empty())?;
            at = found.end();
            Some(found)
        })
    }

    /// The same with the parts of each match.
    fn captures_of(&self, shape: &'t Regex) -> impl Iterator<Item = Captures<'t>> {
        let text = self.text.get(..self.end).unwrap_or_default();
        let mut at = self.start;
        std::iter::from_fn(move || {
            let found = shape.captures_at(text, at)?;
            at = found.get(0).filter(|whole| !whole.is_empty())?.end();
            Some(found)
        })
    }
}

impl Deref for Zone<'_> {
    type Target = str;

    /// The whole text, by whose places all matches are told.
    fn deref(&self) -> &str {
        self.text
    }
}

/// The first figure or `@`.
fn telling(bytes: &[u8]) -> Option<usize> {
    const STRIDE: usize = 16;
    let tells = |byte: u8| (byte.wrapping_sub(b'0') < 10) | (byte == b'@');
    let mut done = 0;
    // Whole strides without a branch on any octet of them; the compiler makes vectors of it.
    while let Some(stride) = bytes.get(done..).and_then(<[u8]>::first_chunk::<STRIDE>) {
        let mut any = false;
        for &byte in stride {
            any |= tells(byte);
        }
        if any {
            break;
        }
        done += STRIDE;
    }
    let rest = bytes.get(done..)?;
    Some(done + rest.iter().position(|&byte| tells(byte))?)
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
    let mut from = 0;
    while let Some(zone) = Zone::next(text, from) {
        from = zone.end;
        find_in(&zone, setting, &mut out);
    }
    out.retain(|sighting| !school_number::is_one(text, sighting));
    drop_pieces(&mut out);
    out
}

fn find_in(text: &Zone<'_>, setting: Setting, out: &mut Vec<Sighting>) {
    let matched = SHAPES.as_ref().map(|shapes| shapes.matches(text.inside()));
    let may = |shape: usize| {
        matched
            .as_ref()
            .is_none_or(|matched| matched.matched(shape))
    };
    if may(0) {
        upn::find(text, setting, out);
    }
    if may(1) {
        let tens: Vec<_> = nhs_number::ten_digits(text).collect();
        uln::find(text, &tens, setting, out);
        nhs_number::find(text, &tens, setting, out);
        chi::find(text, &tens, setting, out);
        health_and_care::find(text, &tens, setting, out);
        scn::find(text, setting, out);
        payment_card::find(text, setting, out);
        phone::find(text, setting, out);
    }
    if may(2) {
        nino::find(text, setting, out);
    }
    if may(3) {
        postcode::find(text, setting, out);
    }
    if may(4) {
        email::find(text, out);
    }
    if may(5) {
        date_of_birth::find(text, setting, out);
    }
    if may(6) {
        uci::find(text, setting, out);
    }
    if may(7) {
        trn::find(text, setting, out);
        dbs::find(text, setting, out);
        bank_account::find(text, setting, out);
    }
    if may(7) || may(8) {
        passport::find(text, setting, out);
    }
    if may(9) {
        mrz::find(text, out);
    }
    if may(10) {
        driving_licence::find(text, setting, out);
    }
    if may(11) {
        iban::find(text, setting, out);
    }
    if may(12) {
        vehicle::find(text, setting, out);
    }
    if may(13) {
        admission_number::find(text, out);
    }
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
