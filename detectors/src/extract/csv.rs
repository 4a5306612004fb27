//! Tables as text: comma, semicolon or tab between the values.

use super::{File, Reader, charset};
use crate::inspection::UnreadReason;
use crate::text::{Body, Passage, Role};

/// The delimiter that divides the first lines most evenly; a comma when none does.
pub(super) fn delimiter(bytes: &[u8]) -> u8 {
    best(bytes).map_or(b',', |(delimiter, _)| delimiter)
}

/// Whether a text is a table although nothing says so: several lines of three or more
/// fields, all of the same width.
pub(super) fn looks_like_table(bytes: &[u8]) -> bool {
    best(bytes).is_some_and(|(_, per_line)| per_line >= 2)
}

fn best(bytes: &[u8]) -> Option<(u8, usize)> {
    let head = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
    let text = charset::decode(head, None);
    let lines: Vec<&str> = text
        .lines()
        .filter(|l| !l.trim().is_empty())
        .take(6)
        .collect();
    // The last line may be cut off by the window.
    let lines = match lines.len() {
        0 | 1 => lines.as_slice(),
        n => lines.get(..n.min(5)).unwrap_or_default(),
    };
    if lines.len() < 2 {
        return None;
    }
    [b',', b';', b'\t', b'|']
        .into_iter()
        .filter_map(|delimiter| {
            let counts: Vec<usize> = lines
                .iter()
                .map(|line| outside_quotes(line, delimiter))
                .collect();
            let least = counts.iter().copied().min().unwrap_or(0);
            let most = counts.iter().copied().max().unwrap_or(0);
            (least > 0 && most - least <= most / 4).then_some((delimiter, least))
        })
        .max_by_key(|(_, least)| *least)
}

fn outside_quotes(line: &str, delimiter: u8) -> usize {
    let mut quoted = false;
    line.bytes()
        .filter(|b| {
            if *b == b'"' {
                quoted = !quoted;
            }
            !quoted && *b == delimiter
        })
        .count()
}

/// Reads a table row by row.
pub(super) fn read(reader: &mut Reader<'_>, file: &File<'_>, delimiter: u8) {
    let left = reader.budget.text_left();
    let bytes = reader.within_text(file, left);
    let text = charset::decode(bytes, file.charset.as_deref());
    let mut table = ::csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut passages = Vec::new();
    let mut record = ::csv::StringRecord::new();
    let mut number = 0u32;
    loop {
        match table.read_record(&mut record) {
            Ok(true) => {
                number = number.saturating_add(1);
                if record.iter().all(|cell| cell.trim().is_empty()) {
                    continue;
                }
                let mut cells: Vec<String> = record.iter().map(|c| c.trim().to_owned()).collect();
                match reader.budget.cells.checked_sub(cells.len()) {
                    Some(left) => reader.budget.cells = left,
                    None => cells.retain(|cell| !cell.is_empty()),
                }
                passages.push(Passage {
                    place: format!("row {number}"),
                    role: Role::Document,
                    body: Body::Row {
                        table: String::new(),
                        number,
                        cells,
                    },
                });
            }
            Ok(false) => break,
            Err(_) => {
                reader.unread(&file.path, UnreadReason::Damaged, "table of values");
                break;
            }
        }
    }
    reader.document(&file.path, file.disposition, passages);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_delimiter() {
        assert_eq!(delimiter(b"a;b;c\n1;2,5;3\n"), b';');
        assert_eq!(delimiter(b"a\tb\n1\t2\n"), b'\t');
        assert_eq!(delimiter(b"name,\"x;y;z\"\nA,B\n"), b',');
    }

    #[test]
    fn a_letter_is_no_table() {
        assert!(!looks_like_table(
            b"Dear all,\nthe trip is on Monday, Tuesday, or later.\nBye"
        ));
        assert!(looks_like_table(b"upn,surname,forename\nX,Smith,Jamie\n"));
    }
}
