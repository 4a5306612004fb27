//! Transfer encodings, read leniently: what any mail program might make of them.
//!
//! mail-parser decodes a body once, by the last header that it saw. These decoders
//! serve the other views: conflicting headers, and uuencoded files in a text.

use std::ops::Range;

/// Base64 as lenient programs read it: letters outside the alphabet are skipped, and
/// padding in the middle ends a run but not the text (RFC 2045 §6.8).
pub(super) fn base64(bytes: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(bytes.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0u32);
    for &byte in bytes {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => {
                (bits, count) = (0, 0);
                continue;
            }
            _ => continue,
        };
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            decoded.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    decoded
}

/// Quoted-printable; a `=` that starts no escape stays (RFC 2045 §6.7).
pub(super) fn quoted_printable(bytes: &[u8]) -> Vec<u8> {
    let hex = |b: u8| (b as char).to_digit(16).map(|d| d as u8);
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'=' {
            decoded.push(*first);
            continue;
        }
        match tail {
            [b'\r', b'\n', after @ ..] | [b'\n', after @ ..] => rest = after,
            [high, low, after @ ..] => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    decoded.push(high << 4 | low);
                    rest = after;
                }
                _ => decoded.push(b'='),
            },
            _ => decoded.push(b'='),
        }
    }
    decoded
}

/// The octets of a `data:` address (RFC 2397).
pub(super) fn data_address(address: &str) -> Option<Vec<u8>> {
    let (head, data) = address.strip_prefix("data:")?.split_once(',')?;
    if head.to_ascii_lowercase().ends_with(";base64") {
        // Where the address was pasted into a form, `%2B` stands for `+`.
        return Some(base64(&percent(data)));
    }
    Some(percent(data))
}

/// Percent-encoding undone (RFC 3986 §2.1); a `%` that starts no escape stays.
fn percent(text: &str) -> Vec<u8> {
    let hex = |b: u8| (b as char).to_digit(16).map(|d| d as u8);
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'%', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    decoded.push(high << 4 | low);
                    rest = after;
                }
                _ => decoded.push(b'%'),
            },
            _ => decoded.push(*first),
        }
    }
    decoded
}

/// A file that stands uuencoded in a text.
pub(super) struct Uuencoded {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

/// The files that stand uuencoded in a text: `begin 644 name`, lines, `end`.
pub(super) fn uuencoded(text: &str) -> Vec<Uuencoded> {
    if !text.contains("begin ") {
        return Vec::new();
    }
    let mut files = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(name) = begin_line(line) else {
            continue;
        };
        let mut bytes = Vec::new();
        let mut whole = false;
        for line in lines.by_ref() {
            if line.trim_end() == "end" {
                whole = true;
                break;
            }
            if !uu_line(line, &mut bytes) {
                break;
            }
        }
        // Without its end it may be a sentence that starts with "begin".
        if whole || bytes.len() > 45 {
            files.push(Uuencoded { name, bytes });
        }
    }
    files
}

fn begin_line(line: &str) -> Option<String> {
    let rest = line.strip_prefix("begin ")?;
    let (mode, name) = rest.split_once(' ')?;
    let octal = (3..=4).contains(&mode.len()) && mode.bytes().all(|b| (b'0'..=b'7').contains(&b));
    (octal && !name.trim().is_empty()).then(|| name.trim().to_owned())
}

fn uu_line(line: &str, out: &mut Vec<u8>) -> bool {
    let value = |b: u8| u32::from(b.wrapping_sub(32) & 0x3f);
    let raw = line.as_bytes();
    let Some((&first, data)) = raw.split_first() else {
        return true;
    };
    if !(32..=96).contains(&first) || data.iter().any(|b| !(32..=96).contains(b)) {
        return false;
    }
    let wanted = value(first) as usize;
    let range: Range<usize> = 0..wanted;
    let start = out.len();
    for group in data.chunks(4) {
        let at = |i: usize| group.get(i).map_or(0, |b| value(*b));
        let bits = at(0) << 18 | at(1) << 12 | at(2) << 6 | at(3);
        out.extend_from_slice(&[(bits >> 16) as u8, (bits >> 8) as u8, bits as u8]);
    }
    out.truncate(start + range.len().min(out.len() - start));
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_as_leniently_as_anyone_would() {
        assert_eq!(base64(b"SmFt\r\naWU="), b"Jamie");
        assert_eq!(base64(b"SmFt!aWU="), b"Jamie");
        assert_eq!(base64(b"SmFtaWU=SmFtaWU="), b"JamieJamie");
    }

    #[test]
    fn quoted_printable_keeps_what_is_no_escape() {
        assert_eq!(quoted_printable(b"a=3D=\r\nb=zz="), b"a=b=zz=");
    }

    #[test]
    fn finds_a_uuencoded_file() {
        let text = "See below\nbegin 644 cat.txt\n#0V%T\n`\nend\nBye";
        let files = uuencoded(text);
        assert_eq!(files.len(), 1);
        assert_eq!(files[0].name, "cat.txt");
        assert_eq!(files[0].bytes, b"Cat");
        assert!(uuencoded("begin 2024 with a smile\nand go on").is_empty());
    }
}
