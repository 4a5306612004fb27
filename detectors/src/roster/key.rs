//! The keys under which a pupil is found: stable 64-bit digests of folded words.
//!
//! The index and the matcher build them with the same functions. A word's digest can
//! be continued by the next word's, so that `Mary Jane`, `Mary-Jane` and `MaryJane`
//! are one name.

use jiff::civil::Date;

use crate::normalise::{clean, fold_char, squash};

/// A digest in the making: the folded octets as the digits of one long number, modulo
/// 2⁶⁴. So the digest of words run together follows from theirs, without their letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Word(pub u64);

/// The base of that number: odd, and without a pattern.
const BASE: u64 = 0x2545_f491_4f6c_dd1d;

impl Word {
    /// The digest of nothing.
    pub const EMPTY: Word = Word(0);

    /// Continues this digest with a folded text.
    #[must_use]
    pub fn then(self, folded: &str) -> Word {
        folded.bytes().fold(self, Word::octet)
    }

    /// Continues this digest with one octet of a folded text.
    #[must_use]
    #[inline]
    pub(crate) const fn octet(self, octet: u8) -> Word {
        // One more than the octet, so that no octet is the same as none.
        Word(self.0.wrapping_mul(BASE).wrapping_add(octet as u64 + 1))
    }

    /// Continues this digest with another of so many octets.
    #[must_use]
    #[inline]
    pub fn join(self, next: Word, octets: usize) -> Word {
        Word(self.0.wrapping_mul(power(octets)).wrapping_add(next.0))
    }

    /// The digest without one octet: `before` is the digest of what stands before it, `behind`
    /// the number of octets behind it.
    #[must_use]
    pub(crate) fn without(self, octet: u8, before: Word, behind: usize) -> Word {
        let more = before.octet(octet).0.wrapping_sub(before.0);
        Word(self.0.wrapping_sub(more.wrapping_mul(power(behind))))
    }

    /// The digest of a folded word.
    pub const fn of(folded: &str) -> Word {
        let octets = folded.as_bytes();
        let mut word = Word::EMPTY;
        let mut at = 0;
        while at < octets.len() {
            word = word.octet(octets[at]);
            at += 1;
        }
        word
    }
}

/// The powers of the base that ordinary words need.
const POWERS: [u64; 32] = {
    let mut powers = [1u64; 32];
    let mut exponent = 1;
    while exponent < powers.len() {
        powers[exponent] = powers[exponent - 1].wrapping_mul(BASE);
        exponent += 1;
    }
    powers
};

/// The base to the power of so many octets.
#[inline]
fn power(octets: usize) -> u64 {
    POWERS
        .get(octets)
        .copied()
        .unwrap_or_else(|| BASE.wrapping_pow(u32::try_from(octets).unwrap_or(u32::MAX)))
}

/// What a key speaks of. The numbers are part of the index's format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub enum Tag {
    FullName = 1,
    Forename = 2,
    Upn = 3,
    Admission = 4,
    ContactEmail = 5,
    PupilEmail = 6,
    Class = 7,
    ForenameClass = 8,
    ForenameYear = 9,
    ForenameBirth = 10,
    InitialsClass = 11,
    InitialsYear = 12,
    StaffName = 13,
    Surname = 14,
    /// A colleague's own telephone number or mailbox.
    StaffPrivate = 15,
    /// The number and the street of a colleague's home.
    StaffHome = 16,
    /// A forename with the first letter of the surname: "Isla F".
    ForenameLetter = 17,
    /// A forename with the surname of the class teacher.
    ForenameTeacher = 18,
    /// The surname of a member of staff.
    StaffSurname = 19,
    /// A forename with the first name of a parent, or with a surname that is not the child's.
    ForenameContact = 20,
    /// The forename of a member of staff.
    StaffForename = 21,
}

/// A key: a tag and up to two words.
pub fn key(tag: Tag, first: Word, second: Word) -> u64 {
    // The finaliser of SplitMix64, over each half in turn.
    let mut mixed = (tag as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for half in [first.0, second.0] {
        mixed = mixed.wrapping_add(half).wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
    }
    mixed
}

/// A key of one word.
pub fn single(tag: Tag, word: Word) -> u64 {
    key(tag, word, Word::EMPTY)
}

/// The folded words of a name: parted at spaces and hyphens, apostrophes dropped.
pub fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for c in clean(name).chars() {
        if c.is_alphanumeric() || c == '\'' {
            fold_char(c, &mut word);
        } else if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// All words of a name as one.
pub fn joined(words: &[String]) -> Word {
    words.iter().fold(Word::EMPTY, |word, part| word.then(part))
}

/// A number or an address, folded as a whole.
pub fn literal(text: &str) -> Word {
    let mut folded = String::with_capacity(text.len());
    for c in text.trim().chars() {
        fold_char(c, &mut folded);
    }
    Word::of(&folded)
}

/// A date.
pub fn date(date: Date) -> Word {
    Word::of(&date.to_string())
}

/// The year group in its shortest form: `Year 4`, `Y4`, `NC04` are `4`; reception is `r`,
/// nursery `n`.
pub fn year_group(text: &str) -> Option<String> {
    let squashed = squash(text);
    let rest = ["yeargroup", "year", "yr", "ncyear", "nc", "y", "grade"]
        .iter()
        .find_map(|prefix| {
            squashed
                .strip_prefix(prefix)
                .filter(|rest| !rest.is_empty())
        })
        .unwrap_or(&squashed);
    if let Ok(number) = rest.parse::<u8>() {
        return match number {
            0 => Some("r".into()),
            1..=14 => Some(number.to_string()),
            _ => None,
        };
    }
    match rest {
        "r" | "rec" | "reception" => Some("r".into()),
        "n" | "n1" | "n2" | "nursery" => Some("n".into()),
        _ => None,
    }
}

/// A class as it is compared: letters and digits only.
pub fn class(text: &str) -> Option<String> {
    let squashed = squash(text);
    let rest = squashed
        .strip_prefix("class")
        .or_else(|| squashed.strip_suffix("class"))
        .filter(|rest| !rest.is_empty())
        .unwrap_or(&squashed);
    (!rest.is_empty()).then(|| rest.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hyphen_space_and_apostrophe_make_no_difference() {
        for name in ["Mary-Jane O'Neill", "mary jane oneill", "MARY‑JANE O’NEILL"] {
            assert_eq!(words(name), ["mary", "jane", "oneill"], "{name}");
        }
        assert_eq!(joined(&words("Mary-Jane")), joined(&words("MaryJane")));
    }

    #[test]
    fn year_groups_have_one_form() {
        for text in ["4", "Year 4", "Y4", "yr4", "04", "NC Year 4"] {
            assert_eq!(year_group(text).as_deref(), Some("4"), "{text}");
        }
        assert_eq!(year_group("Reception").as_deref(), Some("r"));
        assert_eq!(year_group("Oak"), None);
        assert_eq!(year_group("2026"), None);
    }

    #[test]
    fn digests_join_as_texts_do() {
        let long = "a".repeat(40);
        for (one, two) in [
            ("mary", "jane"),
            ("", "ann"),
            ("ann", ""),
            ("o", long.as_str()),
        ] {
            assert_eq!(
                Word::of(one).join(Word::of(two), two.len()),
                Word::of(&format!("{one}{two}"))
            );
        }
        assert_ne!(Word::of("ab"), Word::of("ba"));
    }

    #[test]
    fn a_digest_loses_an_octet_as_a_text_does() {
        let word = Word::of("diabetes");
        for (letter, before, behind) in [
            (b'd', "", "iabetes"),
            (b'b', "dia", "etes"),
            (b's', "diabete", ""),
        ] {
            assert_eq!(
                word.without(letter, Word::of(before), behind.len()),
                Word::of(&format!("{before}{behind}"))
            );
        }
    }

    #[test]
    fn tags_part_equal_words() {
        let word = Word::of("oak");
        assert_ne!(single(Tag::Class, word), single(Tag::Forename, word));
        assert_ne!(
            key(Tag::FullName, word, Word::of("a")),
            key(Tag::FullName, Word::of("a"), word)
        );
    }
}
