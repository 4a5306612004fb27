//! Transfer encodings, read leniently: what any mail program might make of them.
//!
//! mail-parser decodes a body once, by the last header that it saw. These decoders
//! serve the other views; `inline_files` finds files that stand encoded in a text.

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
}
