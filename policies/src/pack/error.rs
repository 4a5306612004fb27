//! Every mistake in a pack, each with its place and the nearest valid word.

use std::fmt;

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The pack that holds it, when it is one that the loaded pack extends.
    pub pack: Option<String>,
    /// From 1; 0 when the mistake has no place, such as a missing parent.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    pub what: String,
    /// The valid word that is nearest to what was written.
    pub nearest: Option<String>,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(pack) = &self.pack {
            write!(f, "in the pack `{pack}`, ")?;
        }
        if self.line > 0 {
            write!(f, "line {}, column {}: ", self.line, self.column)?;
        }
        f.write_str(&self.what)?;
        if let Some(nearest) = &self.nearest {
            write!(f, "; did you mean `{nearest}`?")?;
        }
        Ok(())
    }
}

/// Why a pack is refused: all of its mistakes, in the order of the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct PackErrors {
    pub mistakes: Vec<Mistake>,
}

impl fmt::Display for PackErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, mistake) in self.mistakes.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{mistake}")?;
        }
        Ok(())
    }
}

/// The longest word that can be a slip of another.
const LONGEST_SLIP: usize = 40;
/// The most words that one mistake is compared with.
const MOST_COMPARED: usize = 2_000;

/// The word that was probably meant, if one is near enough.
pub(crate) fn nearest<'a>(word: &str, valid: impl Iterator<Item = &'a str>) -> Option<String> {
    // A pack is hostile input, and the distance is quadratic: long words, and words of
    // quite another length, are no slips.
    let length = word.chars().count();
    if length > LONGEST_SLIP {
        return None;
    }
    let allowed = (length / 3).clamp(1, 4);
    valid
        .take(MOST_COMPARED)
        .filter(|v| v.len() <= 4 * LONGEST_SLIP && v.chars().count().abs_diff(length) <= allowed)
        .map(|v| (strsim::osa_distance(word, v), v))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, v)| v.to_owned())
}
