//! S/MIME files: what is only signed is read, what is enveloped is locked.

use super::{File, Reader, encrypted, mime, transfer};
use crate::inspection::{Disposition, UnreadReason};

/// An S/MIME file: enveloped is locked, signed is not.
pub(super) fn read(reader: &mut Reader<'_>, file: &File<'_>) {
    let octets = in_letters(file.bytes);
    let file = &File {
        bytes: octets.as_deref().unwrap_or(file.bytes),
        ..file.clone()
    };
    // The content type stands at the start as an object identifier (RFC 5652 §3).
    const ENVELOPED: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x03];
    const AUTH_ENVELOPED: &[u8] = &[
        0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x17,
    ];
    const SIGNED: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
    let head = file
        .bytes
        .get(..file.bytes.len().min(64))
        .unwrap_or_default();
    let holds = |oid: &[u8]| head.windows(oid.len()).any(|w| w == oid);
    if holds(ENVELOPED) || holds(AUTH_ENVELOPED) {
        encrypted::lock_strong(reader, &file.path, "S/MIME");
        return;
    }
    match signed_content(file.bytes) {
        // A signature seals and does not hide: what it covers is the message.
        Some(content) => {
            reader.budget.charge_unpacked(content.len() as u64);
            let forwarded = file.depth > 1 || file.disposition == Disposition::Member;
            let inner = File {
                bytes: &content,
                ..file.clone()
            };
            if mime::starts_with_field(&content) {
                reader.inner_message(&inner, forwarded);
            } else {
                reader.member(file, "signed content", &content);
            }
        }
        // A signature beside what it signs.
        None if holds(SIGNED) => {}
        None => reader.unread(&file.path, UnreadReason::UnknownFormat, "S/MIME message"),
    }
}

/// The octets of a file that is written in base64, with or without lines around it
/// (RFC 7468).
fn in_letters(bytes: &[u8]) -> Option<Vec<u8>> {
    let head = bytes.trim_ascii_start();
    if !head.starts_with(b"-----BEGIN") && !head.starts_with(b"MI") {
        return None;
    }
    let body: Vec<u8> = head
        .split(|b| *b == b'\n')
        .filter(|line| !line.starts_with(b"-----"))
        .flatten()
        .copied()
        .collect();
    Some(transfer::base64(&body))
}

/// The content of a signed message (RFC 5652 §5.2): an octet string behind the object
/// identifier of plain data, whole or in pieces.
fn signed_content(bytes: &[u8]) -> Option<Vec<u8>> {
    const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
    let start = bytes.windows(DATA.len()).position(|w| w == DATA)? + DATA.len();
    let (tag, explicit, _) = ber(bytes.get(start..)?)?;
    if tag != 0xa0 {
        return None;
    }
    let (tag, value, _) = ber(explicit)?;
    let mut content = Vec::new();
    match tag {
        0x04 => content.extend_from_slice(value),
        0x24 => {
            let mut rest = value;
            while let Some((0x04, piece, after)) = ber(rest) {
                content.extend_from_slice(piece);
                rest = after;
            }
        }
        _ => return None,
    }
    (!content.is_empty()).then_some(content)
}

/// The tag, value and rest of a BER element with a one-octet tag; a value of indefinite
/// length is all that follows.
fn ber(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    if first == 0x80 {
        return Some((tag, rest, &[]));
    }
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let count = usize::from(first & 0x7f);
        if count > 4 {
            return None;
        }
        let (octets, rest) = rest.split_at_checked(count)?;
        let length = octets.iter().fold(0usize, |l, b| l << 8 | usize::from(*b));
        (length, rest)
    };
    let (value, rest) = rest.split_at_checked(length)?;
    Some((tag, value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_signature_covers_is_found_whole_and_in_pieces() {
        let oid = [
            0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01,
        ];
        let whole = [&oid[..], &[0xa0, 0x04, 0x04, 0x02, b'h', b'i']].concat();
        assert_eq!(signed_content(&whole).as_deref(), Some(&b"hi"[..]));
        let pieces = [
            &oid[..],
            &[
                0xa0, 0x80, 0x24, 0x80, 0x04, 1, b'h', 0x04, 1, b'i', 0, 0, 0, 0,
            ],
        ]
        .concat();
        assert_eq!(signed_content(&pieces).as_deref(), Some(&b"hi"[..]));
        assert_eq!(signed_content(&oid), None);
    }
}
