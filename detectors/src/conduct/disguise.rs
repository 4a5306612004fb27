//! Words that are written so that a filter does not know them: `f*ck`, `sh1t`, `f u c k`,
//! `fuuuck`.
//!
//! Only words that are strong by themselves are looked for behind a disguise: behind every
//! code and road number stands some word.

/// The strong words, as the lexicon lists them, with their numbers.
#[derive(Debug, Default)]
pub(super) struct Hidden {
    words: Vec<(Box<[u8]>, u32)>,
}

/// Shorter words are behind too many codes and marks.
const SHORTEST: usize = 4;

impl Hidden {
    pub fn new(mut words: Vec<(Box<[u8]>, u32)>) -> Self {
        words.retain(|(word, _)| word.len() >= SHORTEST);
        words.sort();
        words.dedup();
        Self { words }
    }

    /// The word that is exactly this.
    pub fn exactly(&self, letters: &[u8]) -> Option<u32> {
        let at = self
            .words
            .binary_search_by(|(word, _)| (**word).cmp(letters))
            .ok()?;
        self.words.get(at).map(|(_, id)| *id)
    }

    /// The word behind a token with signs or figures among its letters, in lower case.
    pub fn behind(&self, token: &[u8]) -> Option<u32> {
        if token.len() < SHORTEST || token.len() > 20 {
            return None;
        }
        if token.contains(&b'*') {
            return self.masked(token);
        }
        let letters = token.iter().filter(|b| b.is_ascii_lowercase()).count();
        // "a55" is a road and "5t1t" a code.
        if letters * 2 < token.len() {
            return None;
        }
        ['i', 'l'].into_iter().find_map(|one| {
            let plain: Vec<u8> = token.iter().map(|&byte| letter(byte, one as u8)).collect();
            self.exactly(&plain)
        })
    }

    /// The word of which a run of asterisks covers some letters. One letter alone is
    /// enough only where nothing else is meant by it: `f***`, `c***`.
    fn masked(&self, token: &[u8]) -> Option<u32> {
        let shown = token.iter().filter(|b| b.is_ascii_lowercase()).count();
        let first = *token.first()?;
        if shown == 0 || first == b'*' {
            return None;
        }
        if shown == 1 {
            return match (first, token.len()) {
                (b'f', 4) => self.exactly(b"fuck"),
                (b'c', 4) => self.exactly(b"cunt"),
                (b's', 4) => self.exactly(b"shit"),
                (b'f', 7) => self.exactly(b"fucking"),
                (b'n', 6) => self.exactly(b"nigger"),
                _ => None,
            };
        }
        self.words
            .iter()
            .find(|(word, _)| word.first() == Some(&first) && fits_mask(token, word))
            .map(|(_, id)| *id)
    }

    /// The word of which letters are drawn out, `fuuuuck`.
    pub fn drawn_out(&self, token: &[u8]) -> Option<u32> {
        if token.len() > 40 {
            return None;
        }
        let squeezed = |most: usize| -> Vec<u8> {
            let mut out: Vec<u8> = Vec::with_capacity(token.len());
            for &byte in token {
                let run = out.iter().rev().take_while(|&&b| b == byte).count();
                if run < most {
                    out.push(byte);
                }
            }
            out
        };
        self.exactly(&squeezed(1))
            .or_else(|| self.exactly(&squeezed(2)))
    }
}

/// Whether each run of asterisks covers as many letters as it is long, or a single one
/// several.
fn fits_mask(mask: &[u8], word: &[u8]) -> bool {
    match (mask.split_first(), word.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), Some((_, left))) => {
            fits_mask(rest, left)
                || (rest.first() != Some(&b'*')
                    && left.len() > 1
                    && fits_mask(mask, left)
                    && rest.iter().filter(|&&b| b != b'*').count() > 0)
        }
        (Some((a, rest)), Some((b, left))) => a == b && fits_mask(rest, left),
        _ => false,
    }
}

/// The letter for which a figure or sign stands.
fn letter(byte: u8, one: u8) -> u8 {
    match byte {
        b'0' => b'o',
        b'1' | b'!' => one,
        b'3' => b'e',
        b'4' | b'@' => b'a',
        b'5' | b'$' => b's',
        b'7' => b't',
        b'#' => b'u',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden() -> Hidden {
        Hidden::new(
            [
                "fuck", "fucking", "shit", "wanker", "cunt", "bastard", "arsehole",
            ]
            .iter()
            .zip(1..)
            .map(|(word, id)| (word.as_bytes().into(), id))
            .collect(),
        )
    }

    #[test]
    fn disguises_fall() {
        let hidden = hidden();
        for token in [
            "f*ck", "f**k", "f***", "sh1t", "$hit", "w@nker", "b*****d", "ars3hole", "f*cking",
            "f#ck",
        ] {
            assert!(hidden.behind(token.as_bytes()).is_some(), "{token}");
        }
        assert!(hidden.drawn_out(b"fuuuuuck").is_some());
    }

    #[test]
    fn marks_and_codes_stay_what_they_are() {
        let hidden = hidden();
        for token in [
            "a*", "a**", "b***", "s5h1", "a55", "c0de", "f*", "5h17", "jo@firm",
        ] {
            assert!(hidden.behind(token.as_bytes()).is_none(), "{token}");
        }
        assert!(hidden.drawn_out(b"hooray").is_none());
    }
}
