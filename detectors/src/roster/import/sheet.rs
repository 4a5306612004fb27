//! A CSV file as headings and rows, whatever its encoding and separator.

use super::{Problem, RosterFile};
use crate::normalise::squash;

/// Octets of one file that are read; a school's export is far below it.
const FILE_LIMIT: usize = 256 << 20;

/// The rows of one file under their headings.
pub struct Sheet {
    pub file: String,
    /// As written.
    pub headings: Vec<String>,
    /// Letters and digits only, lower case.
    folded: Vec<String>,
    pub rows: Vec<Row>,
}

/// One row that is not blank.
pub struct Row {
    /// The line of the file.
    pub line: u64,
    cells: Vec<String>,
}

impl Row {
    /// The trimmed text of a cell, when there is any.
    pub fn get(&self, column: Option<usize>) -> Option<&str> {
        self.cells
            .get(column?)
            .map(|cell| cell.trim())
            .filter(|cell| !cell.is_empty())
    }

    /// The same, owned.
    pub fn owned(&self, column: Option<usize>) -> Option<String> {
        self.get(column).map(str::to_owned)
    }
}

impl Sheet {
    /// Reads a file; what is wrong with it goes to `problems`.
    pub fn read(file: &RosterFile<'_>, problems: &mut Vec<Problem>) -> Option<Sheet> {
        let mut fatal = |message: &str| {
            problems.push(Problem {
                file: file.name.into(),
                row: None,
                column: None,
                message: message.into(),
                fatal: true,
            });
        };
        if file.bytes.len() > FILE_LIMIT {
            fatal("the file is larger than 256 MiB; export fewer columns");
            return None;
        }
        if file.bytes.starts_with(b"PK") {
            fatal("this is an Excel workbook with another name; save it as CSV UTF-8");
            return None;
        }
        let text = decode(file.bytes);
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(separator(&text))
            .flexible(true)
            .has_headers(false)
            .from_reader(text.as_bytes());
        let mut headings: Option<Vec<String>> = None;
        let mut rows = Vec::new();
        for record in reader.records() {
            let Ok(record) = record else { continue };
            if record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            let cells: Vec<String> = record.iter().map(str::to_owned).collect();
            if headings.is_none() {
                headings = Some(cells);
            } else {
                let line = record.position().map_or(0, csv::Position::line);
                rows.push(Row { line, cells });
            }
        }
        let Some(headings) = headings else {
            fatal("the file is empty; export it again with a heading row");
            return None;
        };
        let folded = headings.iter().map(|heading| squash(heading)).collect();
        Some(Sheet {
            file: file.name.into(),
            headings,
            folded,
            rows,
        })
    }

    /// The column with the first of these headings that the file has.
    pub fn column(&self, aliases: &[&str]) -> Option<usize> {
        aliases
            .iter()
            .find_map(|alias| self.folded.iter().position(|heading| heading == alias))
    }

    /// A heading as the file writes it.
    pub fn heading(&self, column: Option<usize>) -> Option<&str> {
        self.headings.get(column?).map(String::as_str)
    }
}

/// The text of the file: by its byte order mark, else UTF-8, else Windows-1252, which
/// is what Excel writes for "CSV".
pub(super) fn decode(bytes: &[u8]) -> String {
    if let Some((encoding, length)) = encoding_rs::Encoding::for_bom(bytes) {
        let rest = bytes.get(length..).unwrap_or_default();
        return encoding.decode_without_bom_handling(rest).0.into_owned();
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::WINDOWS_1252
            .decode_without_bom_handling(bytes)
            .0
            .into_owned(),
    }
}

/// The separator that the first line has most of.
fn separator(text: &str) -> u8 {
    let line = text
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or("");
    let count = |separator: u8| {
        let mut quoted = false;
        line.bytes()
            .filter(|&byte| {
                quoted ^= byte == b'"';
                byte == separator && !quoted
            })
            .count()
    };
    [b',', b';', b'\t']
        .into_iter()
        .rev()
        .max_by_key(|&separator| count(separator))
        .unwrap_or(b',')
}
