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

/// The word that was probably meant, if one is near enough.
pub(crate) fn nearest<'a>(word: &str, valid: impl Iterator<Item = &'a str>) -> Option<String> {
    // A pack is hostile input: a long "word" is no slip, and the distance is quadratic.
    if word.chars().count() > 80 {
        return None;
    }
    let allowed = (word.chars().count() / 3).clamp(1, 4);
    valid
        .map(|v| (strsim::osa_distance(word, v), v))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, v)| v.to_owned())
}
