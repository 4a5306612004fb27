//! Octets to text: the declared charset, else a byte order mark, UTF-8, or a guess.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Decodes a text. Never fails: what fits nothing is read as Windows-1252, in which every
/// octet is a character.
pub(super) fn decode<'b>(bytes: &'b [u8], declared: Option<&str>) -> Cow<'b, str> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let rest = bytes.get(mark..).unwrap_or_default();
        return encoding.decode_without_bom_handling(rest).0;
    }
    let label = declared.map(str::trim).unwrap_or_default();
    if label.eq_ignore_ascii_case("utf-7") || label.eq_ignore_ascii_case("unicode-1-1-utf-7") {
        // The web's table of encodings leaves UTF-7 out; mail still knows it (RFC 2152).
        if let Some(decoder) =
            mail_parser::decoders::charsets::map::charset_decoder(label.as_bytes())
        {
            return decoder(bytes).into();
        }
    }
    if let Some(encoding) = Encoding::for_label(label.as_bytes())
        && !is_ascii_label(label)
        && encoding != encoding_rs::REPLACEMENT
    {
        let (text, _, wrong) = encoding.decode(bytes);
        if !wrong {
            return text;
        }
    }
    guess(bytes)
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
/// that does not know the charset shows plain ASCII as it stands.
pub(super) fn second_reading(bytes: &[u8], declared: Option<&str>) -> Option<String> {
    let label = declared?.trim();
    if Encoding::for_bom(bytes).is_some() {
        return None;
    }
    let keeps_ascii = match Encoding::for_label(label.as_bytes()) {
        Some(encoding) => encoding.is_ascii_compatible() || encoding == UTF_8,
        None => !label.eq_ignore_ascii_case("utf-7"),
    };
    if keeps_ascii || !bytes.is_ascii() || bytes.contains(&0) {
        return None;
    }
    std::str::from_utf8(bytes).ok().map(str::to_owned)
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
    }

    #[test]
    fn ascii_under_a_wide_charset_is_read_twice() {
        assert_eq!(
            second_reading(b"Jamie", Some("utf-16")).as_deref(),
            Some("Jamie")
        );
        assert_eq!(second_reading(b"Jamie", Some("utf-8")), None);
    }

    #[test]
    fn tells_text_from_bytes() {
        assert!(is_text(b"hello"));
        assert!(is_text(b"caf\xe9 au lait"));
        assert!(is_text(b"h\0e\0l\0l\0o\0"));
        assert!(!is_text(&[0, 1, 2, 3, 200, 201, 0, 5]));
    }
}
