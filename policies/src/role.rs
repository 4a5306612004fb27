//! A role as a staff list writes it, cut into its offices.
//!
//! Schools write roles as they like: "Deputy Head / DDSL", "SENCo and Y4 teacher",
//! "Visiting cello tutor".

/// One office of a role, in lower case.
pub(crate) struct Piece<'a> {
    text: &'a str,
    words: Vec<&'a str>,
}

/// The offices of a role that is in lower case.
pub(crate) fn pieces(role: &str) -> impl Iterator<Item = Piece<'_>> {
    let cut = |c: char| matches!(c, '/' | ',' | ';' | '&' | '+' | '|' | '(' | ')');
    role.split(cut)
        .flat_map(|piece| piece.split(" and "))
        .map(Piece::of)
}

impl<'a> Piece<'a> {
    /// The whole text as one office.
    pub fn of(text: &'a str) -> Self {
        Self {
            text: text.trim(),
            words: text
                .split(|c: char| !c.is_alphanumeric())
                .filter(|word| !word.is_empty())
                .collect(),
        }
    }

    /// Whether this is all that it says.
    pub fn is_only(&self, text: &str) -> bool {
        self.text == text
    }

    /// Whether it has this word.
    pub fn is(&self, word: &str) -> bool {
        self.words.contains(&word)
    }

    /// Whether one of these stands in it, also as a part of a word.
    pub fn has(&self, any: &[&str]) -> bool {
        any.iter().any(|part| self.text.contains(part))
    }

    /// Whoever works for an office does not hold it: "Headteacher's secretary".
    pub fn serves(&self) -> bool {
        self.is("pa") || self.has(&["secretary", "assistant to", "admin"])
    }

    /// Stands in for somebody, or is second to them.
    pub fn is_deputy(&self) -> bool {
        self.is("deputy") || self.is("assistant") || self.is("vice")
    }

    /// Names the head of the school, who need not be the holder: "Deputy Headteacher".
    pub fn names_head(&self) -> bool {
        self.has(&[
            "headteacher",
            "head teacher",
            "headmaster",
            "headmistress",
            "head of school",
        ]) || self.is("principal")
            || self.text == "head"
    }
}
