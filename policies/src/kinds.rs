//! A set of kinds of finding, as one number.

use schoolgate_detectors::Kind;

/// A set of kinds of finding.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Kinds(u128);

const _: () = assert!(Kind::ALL.len() <= 128, "a set of kinds is one number");

impl Kinds {
    pub fn of(kind: Kind) -> Self {
        Self(1 << (kind as u32))
    }

    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl FromIterator<Kind> for Kinds {
    fn from_iter<I: IntoIterator<Item = Kind>>(kinds: I) -> Self {
        kinds
            .into_iter()
            .fold(Self::default(), |set, kind| set.with(Self::of(kind)))
    }
}
