//! Octets to text: the declared charset, else a byte order mark, UTF-8, or a guess.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Decodes a text. Never fails: what fits nothing is read as Windows-1252, in which every
/// octet is a character.
pub(super) fn decode<'b>(bytes: &'b [u8], declared: Option<&str>) -> Cow<'b, str> {
    if let Some(text) = utf_32(bytes) {
        return Cow::Owned(text);
    }
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let rest = bytes.get(mark..).unwrap_or_default();
        return encoding.decode_without_bom_handling(rest).0;
    }
    let label = declared.map(str::trim).unwrap_or_default();
    match Encoding::for_label(label.as_bytes()) {
        Some(encoding) if !is_ascii_label(label) && encoding != encoding_rs::REPLACEMENT => {
            // Programs write UTF-8 under the label of their user's locale. Letters beyond
            // ASCII that are UTF-8 by chance do not occur in western words.
            if encoding.is_single_byte()
                && !bytes.is_ascii()
                && let Ok(text) = std::str::from_utf8(bytes)
            {
                return Cow::Borrowed(text);
            }
            let (text, _, wrong) = encoding.decode(bytes);
            if !wrong {
                return text;
            }
        }
        Some(_) => {}
        // The web's table of encodings leaves out UTF-7 (RFC 2152) and the code pages of
        // DOS and of other machines; mail still knows them.
        None => {
            if let Some(decoder) =
                mail_parser::decoders::charsets::map::charset_decoder(label.as_bytes())
            {
                return decoder(bytes).into();
            }
        }
    }
    guess(bytes)
}

/// A text in UTF-32 with its mark.
fn utf_32(bytes: &[u8]) -> Option<String> {
    let big = match bytes {
        [0, 0, 0xfe, 0xff, ..] => true,
        [0xff, 0xfe, 0, 0, ..] if bytes.len().is_multiple_of(4) => false,
        _ => return None,
    };
    let characters = bytes.chunks_exact(4).skip(1).filter_map(|c| {
        let octets: [u8; 4] = c.try_into().ok()?;
        let value = if big {
            u32::from_be_bytes(octets)
        } else {
            u32::from_le_bytes(octets)
        };
        Some(char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER))
    });
    Some(characters.collect())
}

/// US-ASCII says nothing about octets above 127, and programs write it without looking.
fn is_ascii_label(label: &str) -> bool {
    label.eq_ignore_ascii_case("us-ascii") || label.eq_ignore_ascii_case("ascii")
}

fn guess(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes)
        && !text.contains('\0')
    {
        return Cow::Borrowed(text);
    }
    if let Some(encoding) = utf16_without_mark(bytes) {
        return encoding.decode_without_bom_handling(bytes).0;
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Allow);
    // A guess does not get better with more than this, but slower.
    detector.feed(bytes.get(..64 << 10).unwrap_or(bytes), true);
    let encoding = detector.guess(Some(b"uk"), chardetng::Utf8Detection::Allow);
    let (text, _, wrong) = encoding.decode(bytes);
    if wrong {
        WINDOWS_1252.decode(bytes).0
    } else {
        text
    }
}

/// Text of western letters in UTF-16 has a zero in every other octet.
fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..bytes.len().min(512))?;
    let zeros = |odd: usize| {
        head.iter()
            .enumerate()
            .filter(|(i, b)| i % 2 == odd && **b == 0)
            .count()
    };
    let half = head.len() / 2;
    if half < 2 {
        return None;
    }
    if zeros(1) * 10 > half * 7 {
        Some(UTF_16LE)
    } else if zeros(0) * 10 > half * 7 {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// A second way to read the octets when the declared charset hides them: a mail program
/// that does not know the charset shows plain ASCII as it stands, and one that looks at the
/// octets finds UTF-8 under another name.
pub(super) fn second_reading(bytes: &[u8], declared: Option<&str>) -> Option<String> {
    let label = declared?.trim();
    if Encoding::for_bom(bytes).is_some() || bytes.contains(&0) {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let same = match Encoding::for_label(label.as_bytes()) {
        Some(encoding) if encoding == UTF_8 || encoding.is_single_byte() => true,
        // Escapes of ISO-2022-JP, and pairs that are letters in one and not in the other.
        Some(encoding) => encoding.is_ascii_compatible() && bytes.is_ascii(),
        None => is_ascii_label(label) || !text.contains(['+', '\u{1b}']),
    };
    if same || decode(bytes, declared) == text {
        return None;
    }
    Some(text.to_owned())
}

/// The runs of letters in UTF-16 among binary records, four characters or longer.
pub(super) fn wide_runs(bytes: &[u8]) -> Vec<String> {
    let mut runs = Vec::new();
    let mut run = String::new();
    let mut rest = bytes;
    while let [low, high, after @ ..] = rest {
        let c = char::from_u32(u32::from(u16::from_le_bytes([*low, *high])));
        match c.filter(|c| *high < 3 && !c.is_control()) {
            Some(c) => {
                run.push(c);
                rest = after;
            }
            None => {
                if run.chars().count() >= 4 {
                    runs.push(std::mem::take(&mut run));
                }
                run.clear();
                rest = rest.get(1..).unwrap_or_default();
            }
        }
    }
    if run.chars().count() >= 4 {
        runs.push(run);
    }
    runs
}

/// Whether the octets look like a text rather than like a binary file.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    if Encoding::for_bom(bytes).is_some() {
        return true;
    }
    let head = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
    // Zeros alone would pass for UTF-16.
    if head.len() > 2 && head.iter().all(|b| *b == 0) {
        return false;
    }
    let odd = head
        .iter()
        .filter(|b| **b < 0x20 && !matches!(**b, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b))
        .count();
    if odd == 0 {
        return std::str::from_utf8(head).is_ok() || few_high(head);
    }
    utf16_without_mark(head).is_some() || odd * 200 < head.len()
}

/// Legacy eight-bit text is mostly ASCII, or else mostly letters above it; compressed
/// bytes have controls among them and do not come here.
fn few_high(head: &[u8]) -> bool {
    head.iter().any(|b| b.is_ascii_whitespace()) || head.len() < 64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], declared: Option<&str>, expected: &str) {
        assert_eq!(decode(bytes, declared), expected);
    }

    #[test]
    fn reads_what_is_declared_and_what_is_not() {
        check(b"caf\xe9", Some("iso-8859-1"), "café");
        check("Zoë".as_bytes(), Some("us-ascii"), "Zoë");
        check(b"Ren\xe9e Sm\xefth", None, "Renée Smïth");
        check(b"\xff\xfeA\0b\0", None, "Ab");
        check(b"J\0a\0m\0i\0e\0", None, "Jamie");
        check(b"x", Some("no-such-charset"), "x");
        check("Zoë".as_bytes(), Some("windows-1252"), "Zoë");
        check(b"Zo\x89", Some("ibm850"), "Zoë");
        check(b"Zo+AOs- x", Some("utf-7"), "Zoë x");
        check(b"\x1b$B;3ED\x1b(B", Some("iso-2022-jp"), "山田");
        check(b"\xcd\xf5", Some("gb18030"), "王");
        check(&[0xff, 0xfe, 0, 0, b'A', 0, 0, 0], None, "A");
        check(&[0, b'J', 0, b'o', 0, b' ', 0, b'x'], None, "Jo x");
    }

    #[test]
    fn ascii_under_a_wide_charset_is_read_twice() {
        assert_eq!(
            second_reading(b"Jami", Some("utf-16")).as_deref(),
            Some("Jami")
        );
        assert_eq!(second_reading(b"Jamie", Some("utf-8")), None);
        assert_eq!(second_reading(b"Jamie", Some("iso-2022-jp")), None);
        assert_eq!(
            second_reading(b"a +AOs- b", Some("utf-7")).as_deref(),
            Some("a +AOs- b")
        );
        assert_eq!(
            second_reading("Zoë".as_bytes(), Some("gb18030")).as_deref(),
            Some("Zoë")
        );
    }

    #[test]
    fn wide_letters_are_found_among_records() {
        let mut bytes = vec![1, 0, 0, 0, 9];
        bytes.extend("Jamie".encode_utf16().flat_map(u16::to_le_bytes));
        bytes.extend([0, 0, 7, b'a', 0]);
        assert_eq!(wide_runs(&bytes), ["Jamie"]);
    }

    #[test]
    fn tells_text_from_bytes() {
        assert!(is_text(b"hello"));
        assert!(is_text(b"caf\xe9 au lait"));
        assert!(is_text(b"h\0e\0l\0l\0o\0"));
        assert!(!is_text(&[0, 1, 2, 3, 200, 201, 0, 5]));
    }
}
