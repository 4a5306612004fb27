//! OpenPGP messages (RFC 9580): what is only signed or squeezed is read, the rest is locked.

use std::io::Read;

use super::{File, Reader, encrypted, mime, transfer};
use crate::inspection::{Disposition, UnreadReason};

/// What a message holds.
#[derive(Debug, PartialEq, Eq)]
enum Content {
    Locked,
    /// The name and content of a file that anyone can read.
    Open(String, Vec<u8>),
    /// Keys and detached signatures.
    Nothing,
    Damaged,
}

/// Squeezed packets within squeezed packets.
const DEPTH: u32 = 4;

/// Reads a message in armour or in octets.
pub(super) fn read(reader: &mut Reader<'_>, file: &File<'_>) {
    let (allowance, limit) = reader.budget.unpack_allowance(file.bytes.len() as u64);
    let octets = match armoured(file.bytes) {
        Some(octets) => octets,
        None => file.bytes.to_vec(),
    };
    match content(&octets, allowance, DEPTH) {
        Content::Locked => encrypted::lock_strong(reader, &file.path, "OpenPGP"),
        Content::Open(name, bytes) => {
            reader.budget.charge_unpacked(bytes.len() as u64);
            if bytes.len() as u64 > allowance {
                reader.limit(&file.path, limit);
                return;
            }
            let name = match name.as_str() {
                "" | "_CONSOLE" => "signed content",
                name => name,
            };
            if mime::starts_with_field(&bytes) && file.disposition != Disposition::Member {
                reader.inner_message(
                    &File {
                        bytes: &bytes,
                        ..file.clone()
                    },
                    false,
                );
            } else {
                reader.member(file, name, &bytes);
            }
        }
        Content::Nothing => {}
        Content::Damaged => {
            // It may be locked and only cut off: it is not readable either way.
            reader.unread(&file.path, UnreadReason::Damaged, "OpenPGP message");
        }
    }
}

/// The octets in the first armour of a text (RFC 9580 §6.2).
pub(super) fn armoured(text: &[u8]) -> Option<Vec<u8>> {
    const BEGIN: &[u8] = b"-----BEGIN PGP MESSAGE-----";
    let start = text.windows(BEGIN.len()).position(|w| w == BEGIN)? + BEGIN.len();
    let mut encoded = Vec::new();
    let mut in_header = true;
    for line in text.get(start..)?.split(|b| *b == b'\n').skip(1) {
        let line = line.trim_ascii();
        if line.starts_with(b"-----END") || line.starts_with(b"=") {
            break;
        }
        if in_header {
            in_header = !line.is_empty() && line.contains(&b':');
            if in_header || line.is_empty() {
                in_header &= !line.is_empty();
                continue;
            }
        }
        encoded.extend_from_slice(line);
    }
    Some(transfer::base64(&encoded))
}

/// Looks through the packets up to the first that says what the message is.
fn content(bytes: &[u8], most: u64, depth: u32) -> Content {
    let mut rest = bytes;
    while let Some((tag, body, after)) = packet(rest) {
        rest = after;
        match tag {
            1 | 3 | 9 | 18 | 20 => return Content::Locked,
            8 => {
                let Some((method, squeezed)) = body.split_first() else {
                    return Content::Damaged;
                };
                let Some(plain) = unpacked(*method, squeezed, most) else {
                    return Content::Damaged;
                };
                return match depth.checked_sub(1) {
                    Some(depth) => content(&plain, most, depth),
                    None => Content::Damaged,
                };
            }
            11 => {
                let Some((length, after)) = body.get(1..).and_then(<[u8]>::split_first) else {
                    return Content::Damaged;
                };
                let Some((name, after)) = after.split_at_checked(usize::from(*length)) else {
                    return Content::Damaged;
                };
                let name = String::from_utf8_lossy(name).into_owned();
                return Content::Open(name, after.get(4..).unwrap_or_default().to_vec());
            }
            _ => {}
        }
    }
    if rest.is_empty() && !bytes.is_empty() {
        Content::Nothing
    } else {
        Content::Damaged
    }
}

fn unpacked(method: u8, squeezed: &[u8], most: u64) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    let most = most.saturating_add(1);
    let outcome = match method {
        0 => return Some(squeezed.to_vec()),
        1 => flate2::read::DeflateDecoder::new(squeezed)
            .take(most)
            .read_to_end(&mut plain),
        2 => flate2::read::ZlibDecoder::new(squeezed)
            .take(most)
            .read_to_end(&mut plain),
        3 => bzip2::read::BzDecoder::new(squeezed)
            .take(most)
            .read_to_end(&mut plain),
        _ => return None,
    };
    (outcome.is_ok() || !plain.is_empty()).then_some(plain)
}

/// The kind and body of a packet, and what follows (RFC 9580 §4.2). Bodies in pieces are
/// put together only by their first piece and what follows it: enough to tell the kind, and
/// all of what is not squeezed.
fn packet(bytes: &[u8]) -> Option<(u8, Vec<u8>, &[u8])> {
    let (&head, mut rest) = bytes.split_first()?;
    if head & 0x80 == 0 {
        return None;
    }
    if head & 0x40 == 0 {
        let octets = match head & 3 {
            0 => 1,
            1 => 2,
            2 => 4,
            _ => return Some((head >> 2 & 15, rest.to_vec(), &[])),
        };
        let (length, after) = rest.split_at_checked(octets)?;
        let length = length.iter().fold(0usize, |n, b| n << 8 | usize::from(*b));
        let (body, after) = after.split_at(length.min(after.len()));
        return Some((head >> 2 & 15, body.to_vec(), after));
    }
    let mut body = Vec::new();
    loop {
        let (&first, after) = rest.split_first()?;
        let (length, partial, after) = match first {
            0..=191 => (usize::from(first), false, after),
            192..=223 => {
                let (&second, after) = after.split_first()?;
                (
                    (usize::from(first) - 192) * 256 + usize::from(second) + 192,
                    false,
                    after,
                )
            }
            255 => {
                let (length, after) = after.split_at_checked(4)?;
                let length = length.iter().fold(0usize, |n, b| n << 8 | usize::from(*b));
                (length, false, after)
            }
            _ => (1 << (first & 31), true, after),
        };
        let (piece, after) = after.split_at(length.min(after.len()));
        body.extend_from_slice(piece);
        rest = after;
        if !partial {
            return Some((head & 63, body, rest));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn literal() -> Vec<u8> {
        let mut body = vec![b'b', 1, b'a', 0, 0, 0, 0];
        body.extend(b"Jamie");
        let mut packet = vec![0xc0 | 11, body.len() as u8];
        packet.extend(body);
        packet
    }

    #[test]
    fn what_is_only_signed_is_open() {
        let open = Content::Open("a".into(), b"Jamie".to_vec());
        assert_eq!(content(&literal(), 100, 2), open);
        let mut stored = vec![0xa3, 0];
        stored.extend(literal());
        assert_eq!(content(&stored, 100, 2), open);
        let session_key = [0x84, 2, 3, 0];
        assert_eq!(content(&session_key, 100, 2), Content::Locked);
        assert_eq!(content(&[0xc2, 1, 0], 100, 2), Content::Nothing);
        assert_eq!(content(b"text", 100, 2), Content::Damaged);
    }

    #[test]
    fn armour_comes_off() {
        let text = b"x\n-----BEGIN PGP MESSAGE-----\r\nVersion: 1\r\n\r\nSmFt\r\naWU=\r\n=abcd\r\n-----END PGP MESSAGE-----";
        assert_eq!(armoured(text).as_deref(), Some(&b"Jamie"[..]));
        assert_eq!(
            armoured(b"-----BEGIN PGP MESSAGE-----").as_deref(),
            Some(&b""[..])
        );
    }

    proptest! {
        #[test]
        fn any_octets_end(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            if let Content::Open(_, plain) = content(&bytes, 1000, DEPTH) {
                prop_assert!(plain.len() <= bytes.len().max(1001));
            }
        }
    }
}
