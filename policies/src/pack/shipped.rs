//! The packs that ship with the product, known by their names everywhere.

use super::Pack;
use super::error::PackErrors;

macro_rules! packs {
    ($($name:literal,)*) => {
        /// Each with its text, in the order in which they build on each other.
        const SHIPPED: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../../packs/", $name, ".toml"))),)*
        ];
    };
}

packs! {
    "baseline",
    "mark-and-encrypt",
    "ban-outside",
    "appropriate-security",
    "policy-000",
    "policy-001",
    "policy-002",
    "policy-003",
    "policy-004",
}

/// A school's own pack to begin with.
const STARTER: &str = include_str!("../../packs/starter.toml");

impl Pack {
    /// The names of the packs that ship, those first on which others build.
    pub fn shipped_names() -> impl Iterator<Item = &'static str> + Clone {
        SHIPPED.iter().map(|(name, _)| *name)
    }

    /// The text of a pack that ships, for a technician to read.
    pub fn shipped_text(name: &str) -> Option<&'static str> {
        let shipped = SHIPPED.iter().find(|(known, _)| *known == name);
        shipped.map(|(_, text)| *text)
    }

    /// A pack that ships; `None` when none has this name.
    ///
    /// # Errors
    /// None in a released build: a test loads each.
    pub fn shipped(name: &str) -> Option<Result<Pack, PackErrors>> {
        Some(Self::load(Self::shipped_text(name)?, &|_| None))
    }

    /// The baseline, which stands behind every other.
    ///
    /// # Errors
    /// None in a released build: a test loads it.
    pub fn baseline() -> Result<Pack, PackErrors> {
        Self::load(Self::baseline_text(), &|_| None)
    }

    /// The text of the baseline.
    pub fn baseline_text() -> &'static str {
        Self::shipped_text("baseline").unwrap_or_default()
    }

    /// A pack to begin with, for a school of this name, that extends a pack that ships.
    pub fn starter_text(name: &str, from: &str) -> String {
        STARTER
            .replace("SCHOOL-NAME", name)
            .replace("extends = \"baseline\"", &format!("extends = \"{from}\""))
            .replace("policy diff baseline", &format!("policy diff {from}"))
    }
}
