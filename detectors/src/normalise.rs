//! The text as the recognisers look at it.
//!
//! [`clean`] keeps case and accents but undoes what hides a word from a
//! comparison: compatibility forms, invisible and bidirectional controls,
//! look-alike letters of other scripts, odd spaces, dashes and apostrophes.
//! [`fold`] goes on to one form for each word: lower case, no accents, no
//! apostrophes. Both sides of a comparison go through the same functions, so that
//! a name that really is Greek or Cyrillic still equals itself.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The text with compatibility forms (NFKC), controls, look-alikes, spaces, dashes
/// and quotation marks brought into one form. Line breaks stay; runs of other
/// white space become one space.
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (plain, next) = rest.split_at(plain_prefix(rest.as_bytes()));
        // Nothing composes with a plain character but what follows it, so that only the
        // last one before a foreign run has to be looked at together with it.
        let foreign = next.starts_with(|c: char| !c.is_ascii());
        let (plain, last) = plain.split_at(plain.len() - usize::from(foreign && !plain.is_empty()));
        if plain.starts_with('\n') && out.ends_with(' ') {
            out.pop();
        }
        out.push_str(match plain.strip_prefix(' ') {
            Some(stripped) if is_at_gap(&out) => stripped,
            _ => plain,
        });
        if foreign {
            let end = next.find(|c: char| c.is_ascii()).unwrap_or(next.len());
            let (run, after) = next.split_at(end);
            for c in last.chars().chain(run.chars()).nfkc() {
                if !is_invisible(c) {
                    push(&mut out, look_alike(c));
                }
            }
            rest = after;
        } else {
            let mut odd = next.chars();
            if let Some(c) = odd.next() {
                push(&mut out, look_alike(c));
            }
            rest = odd.as_str();
        }
    }
    out
}

/// How many octets from the start need no change: printing ASCII and line ends, without
/// spaces that are one too many.
fn plain_prefix(bytes: &[u8]) -> usize {
    const STRIDE: usize = 16;
    let odd = |byte: u8| ((byte.wrapping_sub(0x20) >= 0x5f) & (byte != b'\n')) | (byte == b'`');
    // White space beside white space is joined, but for line ends, which stay.
    let joins = |byte: u8, after: u8| {
        ((byte == b' ') & ((after == b' ') | (after == b'\n')))
            | ((byte == b'\n') & (after == b' '))
    };
    let mut done = 0;
    // Whole strides without a branch on any octet of them; the compiler makes vectors of it.
    while let Some(stride) = bytes.get(done..).and_then(<[u8]>::first_chunk::<STRIDE>)
        && let Some(follow) = bytes
            .get(done + 1..)
            .and_then(<[u8]>::first_chunk::<STRIDE>)
    {
        let mut ends = false;
        for (&byte, &after) in stride.iter().zip(follow) {
            ends |= odd(byte) | joins(byte, after);
        }
        if ends {
            break;
        }
        done += STRIDE;
    }
    let tail = bytes.get(done..).unwrap_or_default();
    let mut before = 0;
    for &byte in tail {
        if odd(byte) || joins(before, byte) {
            break;
        }
        before = byte;
        done += 1;
    }
    done
}

/// Whether a space here would be one too many.
fn is_at_gap(out: &str) -> bool {
    out.is_empty() || out.ends_with([' ', '\n'])
}

/// Appends one character, joining white space.
fn push(out: &mut String, c: char) {
    match c {
        '\n' | '\u{2028}' | '\u{2029}' | '\u{b}' | '\u{c}' => {
            if out.ends_with(' ') {
                out.pop();
            }
            out.push('\n');
        }
        '\r' => {}
        c if c.is_whitespace() => {
            if !is_at_gap(out) {
                out.push(' ');
            }
        }
        c if c.is_control() => {}
        c => out.push(c),
    }
}

/// Characters that show nothing and only part a word: zero-width, soft hyphen,
/// bidirectional controls, variation selectors, tags.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{e0000}'..='\u{e007f}')
}

/// The Latin letter or ASCII sign that looks like this character (Unicode TR 39,
/// the part of it that a name or an identifier can be disguised with).
fn look_alike(c: char) -> char {
    match c {
        'А' | 'Α' => 'A',
        'В' | 'Β' => 'B',
        'С' | 'Ϲ' => 'C',
        'Е' | 'Ε' => 'E',
        'Н' | 'Η' => 'H',
        'І' | 'Ι' | 'Ӏ' => 'I',
        'Ј' => 'J',
        'К' | 'Κ' => 'K',
        'М' | 'Μ' => 'M',
        'Ν' => 'N',
        'О' | 'Ο' => 'O',
        'Р' | 'Ρ' => 'P',
        'Ѕ' => 'S',
        'Т' | 'Τ' => 'T',
        'Х' | 'Χ' => 'X',
        'У' | 'Υ' | 'Ү' => 'Y',
        'Ζ' => 'Z',
        'а' | 'α' => 'a',
        'с' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' => 'e',
        'һ' => 'h',
        'і' | 'ι' | 'ı' => 'i',
        'ј' => 'j',
        'о' | 'ο' => 'o',
        'р' | 'ρ' => 'p',
        'ѕ' => 's',
        'ν' => 'v',
        'х' | 'χ' => 'x',
        'у' | 'γ' => 'y',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2043}' => '-',
        '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2bc}' | '\u{2032}' | '\u{60}' | '\u{b4}' => '\'',
        '\u{201c}' | '\u{201d}' | '\u{201e}' => '"',
        '\u{2044}' | '\u{2215}' => '/',
        c => c,
    }
}

/// Appends the folded form of one character to `out`: lower case, without its accent;
/// an apostrophe disappears.
pub fn fold_char(c: char, out: &mut String) {
    if c.is_ascii() {
        if c != '\'' {
            out.push(c.to_ascii_lowercase());
        }
        return;
    }
    // Apart first: what is left of "ǽ" without its accent is a letter of its own.
    for part in c
        .to_lowercase()
        .nfd()
        .filter(|&part| !is_combining_mark(part))
    {
        match part {
            'ß' => out.push_str("ss"),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'ø' => out.push('o'),
            'ł' => out.push('l'),
            'đ' | 'ð' => out.push('d'),
            'þ' => out.push_str("th"),
            'ı' => out.push('i'),
            part => out.push(look_alike(part)),
        }
    }
}

/// The folded form of a cleaned text, character by character.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        fold_char(c, &mut out);
    }
    out
}

/// Letters and digits only, folded: for headings and class names.
pub fn squash(text: &str) -> String {
    let mut out = fold(&clean(text));
    out.retain(char::is_alphanumeric);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn invisible_characters_do_not_part_a_word() {
        assert_eq!(
            clean("Th\u{200b}e\u{ad}o\u{202e} W\u{feff}alker"),
            "Theo Walker"
        );
    }

    #[test]
    fn look_alike_letters_become_latin() {
        assert_eq!(clean("ТНЕО Wаlkеr"), "THEO Walker");
    }

    #[test]
    fn full_width_and_odd_spaces_become_plain() {
        assert_eq!(clean("Ｔ８２３\u{a0}\u{2009}x"), "T823 x");
        assert_eq!(clean("a \r\n  b"), "a\nb");
    }

    #[test]
    fn folding_drops_case_accents_and_apostrophes() {
        assert_eq!(fold(&clean("Zoë O’Néill")), "zoe oneill");
        assert_eq!(fold("Łukasz Bjørn Weiß"), "lukasz bjorn weiss");
        assert_eq!(squash("D.O.B."), "dob");
        assert_eq!(fold("Ǽ"), "ae");
    }

    /// The same, character by character.
    fn slowly(text: &str) -> String {
        let mut out = String::new();
        for c in text.nfkc().filter(|&c| !is_invisible(c)) {
            push(&mut out, look_alike(c));
        }
        out
    }

    proptest! {
        #[test]
        fn strides_change_nothing(text in "[a-e \\t\\r\\n`’é£\u{301}\u{327}ﬁ가\u{1161}\u{200b}\u{a0}\u{1}]{0,200}") {
            prop_assert_eq!(clean(&text), slowly(&text));
        }

        #[test]
        fn foreign_text_is_cleaned_in_runs_as_in_one(text in "\\PC{0,80}") {
            prop_assert_eq!(clean(&text), slowly(&text));
        }

        #[test]
        fn cleaning_and_folding_settle(text in "\\PC{0,60}") {
            let once = clean(&text);
            prop_assert!(!once.chars().any(is_invisible));
            let folded = squash(&once);
            prop_assert_eq!(squash(&folded), folded);
        }
    }
}
