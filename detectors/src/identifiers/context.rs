//! The words around a number, which say what it is.

use regex::Regex;

/// How far a word reaches, in octets of cleaned text.
const REACH: usize = 60;

/// Words that speak for an identifier, and words that speak against it.
pub(super) struct Words {
    up: Option<Regex>,
    down: Option<Regex>,
}

/// What the words around a match say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Up,
    Down,
    Silent,
}

impl Words {
    /// Two alternations of words; each must stand alone.
    pub fn new(up: &str, down: &str) -> Words {
        let compile = |words: &str| Regex::new(&format!(r"(?i-u)\b(?:{words})(?:\b)")).ok();
        Words {
            up: compile(up),
            down: compile(down),
        }
    }

    /// The word nearest before the match decides: in "tel 01632 960001, NHS no. 999 …"
    /// it is the one that introduces the number. Without any before, one after it counts.
    pub fn judge(&self, text: &str, start: usize, end: usize) -> Verdict {
        let from = floor(text, start.saturating_sub(REACH));
        let to = ceil(text, end.saturating_add(REACH).min(text.len()));
        let before = text.get(from..start).unwrap_or_default();
        let last =
            |regex: &Option<Regex>| regex.as_ref()?.find_iter(before).map(|m| m.end()).last();
        match (last(&self.up), last(&self.down)) {
            (Some(up), Some(down)) if down > up => return Verdict::Down,
            (Some(_), _) => return Verdict::Up,
            (None, Some(_)) => return Verdict::Down,
            (None, None) => {}
        }
        let after = text.get(end..to).unwrap_or_default();
        let first = |regex: &Option<Regex>| Some(regex.as_ref()?.find(after)?.start());
        match (first(&self.up), first(&self.down)) {
            (Some(up), Some(down)) if down < up => Verdict::Down,
            (Some(_), _) => Verdict::Up,
            (None, Some(_)) => Verdict::Down,
            (None, None) => Verdict::Silent,
        }
    }
}

fn floor(text: &str, mut at: usize) -> usize {
    while at > 0 && !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn ceil(text: &str, mut at: usize) -> usize {
    while at < text.len() && !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_before_decides() {
        let words = Words::new("nhs", "tel");
        let judge = |text: &str| {
            let at = text.find('#').expect("a place");
            words.judge(text, at, at + 1)
        };
        assert_eq!(judge("NHS # tel"), Verdict::Up);
        assert_eq!(judge("NHS line, tel #"), Verdict::Down);
        assert_eq!(judge("# is my nhs number"), Verdict::Up);
        assert_eq!(judge("hotel #"), Verdict::Silent);
    }
}
