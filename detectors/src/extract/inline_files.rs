//! Files that stand encoded in a text, as programs sent them before MIME: uuencode, yEnc
//! and BinHex.

use std::borrow::Cow;

use super::macintosh;

/// A file that stands encoded in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct InlineFile {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
    /// Pieces are missing or do not decode.
    pub(super) damaged: bool,
}

/// The text without the encoded files, and the files.
pub(super) fn split(text: &[u8]) -> (Cow<'_, [u8]>, Vec<InlineFile>) {
    if !["begin ", "begin-base64 ", "=ybegin ", macintosh::BINHEX]
        .iter()
        .any(|mark| holds(text, mark.as_bytes()))
    {
        return (Cow::Borrowed(text), Vec::new());
    }
    let mut rest = Vec::with_capacity(text.len());
    let mut files: Vec<InlineFile> = Vec::new();
    let mut lines = Lines(text);
    while let Some(line) = lines.next() {
        let ahead = lines.clone();
        let found = if let Some((name, base64)) = begin_line(line) {
            uu_file(name, base64, &mut lines)
        } else if let Some(head) = line.strip_prefix(b"=ybegin ") {
            y_file(head, &mut lines)
        } else if line.starts_with(b"(This file") && holds(line, macintosh::BINHEX.as_bytes()) {
            binhex_file(&mut lines)
        } else {
            None
        };
        match found {
            Some(file) => join(&mut files, file),
            None => {
                lines = ahead;
                rest.extend_from_slice(line);
                rest.push(b'\n');
            }
        }
    }
    if files.is_empty() {
        return (Cow::Borrowed(text), files);
    }
    (Cow::Owned(rest), files)
}

/// The pieces of one file follow each other under one name.
fn join(files: &mut Vec<InlineFile>, file: InlineFile) {
    match files.last_mut() {
        Some(last) if last.damaged && last.name == file.name => {
            last.bytes.extend_from_slice(&file.bytes);
            last.damaged = file.damaged;
        }
        _ => files.push(file),
    }
}

fn holds(text: &[u8], mark: &[u8]) -> bool {
    memchr::memmem::find(text, mark).is_some()
}

/// Lines without their ends.
#[derive(Clone)]
struct Lines<'t>(&'t [u8]);

impl<'t> Iterator for Lines<'t> {
    type Item = &'t [u8];

    fn next(&mut self) -> Option<&'t [u8]> {
        if self.0.is_empty() {
            return None;
        }
        let (line, rest) = match self.0.iter().position(|b| *b == b'\n') {
            Some(at) => self.0.split_at_checked(at + 1)?,
            None => (self.0, &[][..]),
        };
        self.0 = rest;
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    }
}

/// The name in a line that opens a uuencoded file, and whether its body is base64
/// (POSIX.1-2017, uuencode).
fn begin_line(line: &[u8]) -> Option<(String, bool)> {
    let line = std::str::from_utf8(line).ok()?;
    let (rest, base64) = match line.strip_prefix("begin-base64 ") {
        Some(rest) => (rest, true),
        None => (line.strip_prefix("begin ")?, false),
    };
    let (mode, name) = rest.trim_start().split_once(' ')?;
    let octal = (3..=4).contains(&mode.len()) && mode.bytes().all(|b| (b'0'..=b'7').contains(&b));
    (octal && !name.trim().is_empty()).then(|| (name.trim().to_owned(), base64))
}

fn uu_file(name: String, base64: bool, lines: &mut Lines<'_>) -> Option<InlineFile> {
    let mut bytes = Vec::new();
    let mut whole = false;
    loop {
        let ahead = lines.clone();
        let Some(line) = lines.next() else {
            break;
        };
        let trimmed = line.trim_ascii();
        if trimmed == b"end" || (base64 && trimmed == b"====") {
            whole = true;
            break;
        }
        let fits = match base64 {
            true => {
                bytes.extend(super::transfer::base64(line));
                trimmed
                    .iter()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
            }
            false => uu_line(line, &mut bytes),
        };
        if !fits {
            *lines = ahead;
            break;
        }
    }
    // Without its end it may be a sentence that starts with "begin".
    (whole || bytes.len() > 45).then_some(InlineFile {
        name,
        bytes,
        damaged: !whole,
    })
}

/// A line of uuencode: its length, then four characters for three octets.
fn uu_line(line: &[u8], out: &mut Vec<u8>) -> bool {
    let value = |b: u8| u32::from(b.wrapping_sub(32) & 0x3f);
    let Some((&first, data)) = line.split_first() else {
        return true;
    };
    if !(32..=96).contains(&first) || data.iter().any(|b| !(32..=96).contains(b)) {
        return false;
    }
    let wanted = value(first) as usize;
    // A line may have lost its spaces at the end, and some programs add a check character.
    if data.len() > wanted.div_ceil(3) * 4 + 2 {
        return false;
    }
    let end = out.len() + wanted;
    for group in data.chunks(4) {
        let at = |i: usize| group.get(i).map_or(0, |b| value(*b));
        let bits = at(0) << 18 | at(1) << 12 | at(2) << 6 | at(3);
        out.extend_from_slice(&[(bits >> 16) as u8, (bits >> 8) as u8, bits as u8]);
    }
    out.resize(end, 0);
    true
}

/// A yEnc file or a piece of one (yEnc draft 1.3): every octet raised by 42, and `=`
/// before those that a line cannot hold.
fn y_file(head: &[u8], lines: &mut Lines<'_>) -> Option<InlineFile> {
    let head = String::from_utf8_lossy(head);
    let (numbers, name) = head.split_once("name=").unwrap_or((&head, "file"));
    let number = |key: &str, text: &str| -> Option<usize> {
        let (_, rest) = text.split_once(key)?;
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    };
    let size = number("size=", numbers)?;
    let mut bytes = Vec::new();
    let mut ended = false;
    for line in lines.by_ref() {
        if line.starts_with(b"=ypart ") {
            continue;
        }
        if line.starts_with(b"=yend") {
            ended = true;
            break;
        }
        y_line(line, &mut bytes);
    }
    let damaged = !ended || bytes.len() < size;
    Some(InlineFile {
        name: name.trim().to_owned(),
        bytes,
        damaged,
    })
}

fn y_line(line: &[u8], out: &mut Vec<u8>) {
    let mut escaped = false;
    for &octet in line {
        if octet == b'=' && !escaped {
            escaped = true;
            continue;
        }
        let shift = if escaped { 42 + 64 } else { 42 };
        escaped = false;
        out.push(octet.wrapping_sub(shift));
    }
}

fn binhex_file(lines: &mut Lines<'_>) -> Option<InlineFile> {
    let mut encoded = Vec::new();
    for line in lines.by_ref() {
        let line = line.trim_ascii();
        if encoded.is_empty() && line.is_empty() {
            continue;
        }
        if encoded.is_empty() && !line.starts_with(b":") {
            return None;
        }
        encoded.extend_from_slice(line);
        if encoded.len() > 1 && line.ends_with(b":") {
            break;
        }
    }
    let file = macintosh::binhex(&encoded)?;
    Some(InlineFile {
        name: file.name,
        bytes: file.data,
        damaged: !file.whole,
    })
}

/// The first file in a body whose transfer encoding is uuencode or yEnc; lines without a
/// head are decoded all the same.
pub(super) fn decoded(body: &[u8], uuencode: bool) -> Option<Vec<u8>> {
    let (_, files) = split(body);
    if let Some(file) = files.into_iter().next() {
        return Some(file.bytes);
    }
    let mut bytes = Vec::new();
    for line in Lines(body) {
        if uuencode {
            if !uu_line(line, &mut bytes) {
                return None;
            }
        } else {
            y_line(line, &mut bytes);
        }
    }
    (!bytes.is_empty()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn one(text: &[u8]) -> (String, InlineFile) {
        let (rest, mut files) = split(text);
        assert_eq!(files.len(), 1);
        (String::from_utf8_lossy(&rest).into_owned(), files.remove(0))
    }

    #[test]
    fn finds_a_uuencoded_file_and_takes_it_out() {
        let (rest, file) = one(b"See below\r\nbegin 644 cat.txt\r\n#0V%T\r\n`\r\nend\r\nBye");
        assert_eq!(
            (file.name.as_str(), file.bytes.as_slice()),
            ("cat.txt", &b"Cat"[..])
        );
        assert!(!file.damaged);
        assert_eq!(rest, "See below\nBye\n");
        assert!(split(b"begin 2024 with a smile\nand go on").1.is_empty());
        let (_, file) = one(b"begin-base64 644 cat.txt\nQ2F0\n====\n");
        assert_eq!(file.bytes, b"Cat");
    }

    #[test]
    fn spaces_lost_at_the_end_of_a_line_are_zeros() {
        let (_, file) = one(b"begin 644 z\n#\n`\nend\n");
        assert_eq!(file.bytes, [0, 0, 0]);
    }

    #[test]
    fn finds_a_file_in_yenc_even_in_pieces() {
        let raised: Vec<u8> = b"Cat".iter().map(|b| b.wrapping_add(42)).collect();
        let text = [
            b"=ybegin line=128 size=3 name=cat.txt\n".as_slice(),
            &raised,
            b"\n=yend size=3\n",
        ]
        .concat();
        let (_, file) = one(&text);
        assert_eq!((file.bytes.as_slice(), file.damaged), (&b"Cat"[..], false));
        let pieces = [
            b"=ybegin part=1 line=128 size=6 name=c\n=ypart begin=1 end=3\n".as_slice(),
            &raised,
            b"\n=yend size=3\n=ybegin part=2 line=128 size=3 name=c\n=ypart begin=4 end=6\n",
            &raised,
            b"\n=yend\n",
        ]
        .concat();
        assert_eq!(one(&pieces).1.bytes, b"CatCat");
    }

    proptest! {
        #[test]
        fn nothing_grows_and_nothing_panics(
            head in prop::sample::select(vec!["begin 644 a\n", "=ybegin line=1 size=9 name=a\n",
                "(This file must be converted with BinHex 4.0)\n:", ""]),
            body in prop::collection::vec(any::<u8>(), 0..400),
        ) {
            let text = [head.as_bytes(), &body].concat();
            let (rest, files) = split(&text);
            prop_assert!(rest.len() <= text.len() + 1);
            let out: usize = files.iter().map(|f| f.bytes.len()).sum();
            // A run of BinHex repeats an octet up to 255 times.
            prop_assert!(out <= 256 * text.len());
        }
    }
}
