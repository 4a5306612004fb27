//! What a Macintosh puts around a file: BinHex 4.0 (RFC 1741), AppleSingle and
//! AppleDouble (RFC 1740).

use super::{File, Reader, charset, text_passage};
use crate::inspection::UnreadReason;
use crate::text::Role;

/// What the first line of a BinHex file says.
pub(super) const BINHEX: &str = "must be converted with BinHex";

/// A file out of BinHex; what is in its resources is no text.
pub(super) struct BinHex {
    pub(super) name: String,
    pub(super) data: Vec<u8>,
    pub(super) whole: bool,
}

/// Whether a text is a file in BinHex.
pub(super) fn is_binhex(bytes: &[u8]) -> bool {
    let head = bytes.get(..bytes.len().min(512)).unwrap_or_default();
    head.windows(BINHEX.len()).any(|w| w == BINHEX.as_bytes())
}

/// Decodes what stands between the colons.
pub(super) fn binhex(encoded: &[u8]) -> Option<BinHex> {
    const ALPHABET: &[u8; 64] =
        b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr";
    let mut packed = Vec::with_capacity(encoded.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0u32);
    for octet in encoded {
        let Some(value) = ALPHABET.iter().position(|a| a == octet) else {
            continue;
        };
        bits = (bits << 6 | value as u32) & 0xffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            packed.push((bits >> count) as u8);
        }
    }
    let plain = unrepeated(&packed);
    let (length, rest) = plain.split_first()?;
    let (name, rest) = rest.split_at_checked(usize::from(*length))?;
    // A zero, type, creator, flags; then the lengths of data and resources and a check sum.
    let rest = rest.get(11..)?;
    let [a, b, c, d, _, _, _, _, _, _, rest @ ..] = rest else {
        return None;
    };
    let wanted = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
    let data = rest.get(..wanted.min(rest.len()))?.to_vec();
    Some(BinHex {
        name: charset::decode(name, Some("macintosh")).into_owned(),
        whole: data.len() == wanted,
        data,
    })
}

/// An octet, 0x90 and a number stand for a run; 0x90 and zero for 0x90 itself.
fn unrepeated(packed: &[u8]) -> Vec<u8> {
    let mut plain: Vec<u8> = Vec::with_capacity(packed.len());
    let mut octets = packed.iter().copied();
    while let Some(octet) = octets.next() {
        if octet != 0x90 {
            plain.push(octet);
            continue;
        }
        match octets.next() {
            Some(0) => plain.push(0x90),
            Some(times) => {
                if let Some(last) = plain.last().copied() {
                    plain.extend(std::iter::repeat_n(last, usize::from(times) - 1));
                }
            }
            None => {}
        }
    }
    plain
}

/// Reads a file in BinHex.
pub(super) fn read_binhex(reader: &mut Reader<'_>, file: &File<'_>) {
    let (rest, files) = super::inline_files::split(file.bytes);
    if files.is_empty() {
        reader.unread(&file.path, UnreadReason::Damaged, "BinHex file");
    }
    let text = charset::decode(&rest, None);
    let passages = super::text_body::passages(&text, Role::Metadata);
    reader.document(&file.path, file.disposition, passages);
    reader.inline_files(file, files);
}

/// Reads AppleSingle, which holds the file, or AppleDouble, which only holds what else a
/// Macintosh knows about it.
pub(super) fn read_apple(reader: &mut Reader<'_>, file: &File<'_>) {
    let (mut name, mut data) = (None, None);
    let mut passages = Vec::new();
    for (id, content) in entries(file.bytes) {
        match id {
            1 => data = Some(content),
            3 => name = Some(charset::decode(content, Some("macintosh")).into_owned()),
            4 => {
                let text = charset::decode(content, Some("macintosh")).into_owned();
                passages.push(text_passage("comment", Role::Metadata, text));
            }
            _ => {}
        }
    }
    if let Some(name) = &name {
        passages.push(text_passage("file name", Role::FileName, name.as_str()));
    }
    reader.document(&file.path, file.disposition, passages);
    match data {
        Some(data) => reader.member(file, name.as_deref().unwrap_or("content"), data),
        None => reader.unread(
            &file.path,
            UnreadReason::Media,
            "attributes of a Macintosh file",
        ),
    }
}

/// The entries by their number.
fn entries(bytes: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    bytes
        .get(26..)
        .unwrap_or_default()
        .chunks_exact(12)
        .take(16)
        .filter_map(move |entry| {
            let number = |at: usize| -> Option<u32> {
                Some(u32::from_be_bytes(entry.get(at..at + 4)?.try_into().ok()?))
            };
            let start = number(4)? as usize;
            let end = start.checked_add(number(8)? as usize)?;
            Some((number(0)?, bytes.get(start..end)?))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_written_out() {
        assert_eq!(unrepeated(&[1, 0x90, 4, 0x90, 0, 2]), [1, 1, 1, 1, 0x90, 2]);
    }
}
