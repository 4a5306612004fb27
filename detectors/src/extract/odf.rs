//! OpenDocument texts, tables and slides: `content.xml` in a zip archive.

use super::archive::{self, Refusal, Zip};
use super::budget::Limit;
use super::encrypted;
use super::xml::{self, Node};
use super::{File, Reader, text_passage};
use crate::inspection::UnreadReason;
use crate::text::{Body, Passage, Role};

/// Reads an OpenDocument file.
pub(super) fn read<'b>(reader: &mut Reader<'_>, file: &File<'b>, index: usize, zip: &mut Zip<'b>) {
    if let Some(part) = reader.reading.parts.get_mut(index) {
        part.actual_type = "OpenDocument file".into();
    }
    if let Some(manifest) = member(reader, file, zip, "META-INF/manifest.xml")
        && is_locked(&manifest)
    {
        // ODF 1.2 locks each file with AES or, long ago, Blowfish; there is no way to
        // try passwords here.
        encrypted::lock_strong(reader, &file.path, "OpenDocument encryption");
        return;
    }
    let mut passages = Vec::new();
    for (name, place, role) in [
        ("content.xml", "", Role::Document),
        ("styles.xml", "page header", Role::RunningHead),
        ("meta.xml", "property", Role::Metadata),
    ] {
        let Some(bytes) = member(reader, file, zip, name) else {
            if name == "content.xml" {
                reader.unread(&file.path, UnreadReason::Damaged, "OpenDocument file");
            }
            continue;
        };
        let mut walker = Walker::new(place, role);
        walker.everything = name == "meta.xml";
        walker.left = reader.budget.text_left();
        if !xml::walk(&bytes, |node| walker.node(node)) {
            reader.unread(&file.path, UnreadReason::Damaged, "OpenDocument file");
        }
        if walker.over {
            reader.limit(&file.path, Limit::TextBytes);
        }
        passages.append(&mut walker.passages);
    }
    reader.document(&file.path, file.disposition, passages);
    let objects: Vec<(usize, String)> = (0..zip.len())
        .filter_map(|i| archive::entry(zip, i).map(|e| (i, e.name)))
        .filter(|(_, name)| {
            let object = name.starts_with("Object ") && name.ends_with("/content.xml");
            object || (name.starts_with("Pictures/") && !name.ends_with('/'))
        })
        .collect();
    for (i, name) in objects {
        if let Ok(bytes) = archive::member_bytes(reader, zip, i, None) {
            reader.member(file, &name, &bytes);
        }
    }
}

fn is_locked(manifest: &[u8]) -> bool {
    let mark: &[u8] = b"encryption-data";
    manifest.windows(mark.len()).any(|w| w == mark)
}

fn member(
    reader: &mut Reader<'_>,
    file: &File<'_>,
    zip: &mut Zip<'_>,
    name: &str,
) -> Option<Vec<u8>> {
    let index = zip.index_for_name(name)?;
    match archive::member_bytes(reader, zip, index, None) {
        Ok(bytes) => Some(bytes),
        Err(Refusal::Limit(limit)) => {
            reader.limit(&file.path, limit);
            None
        }
        Err(Refusal::Locked | Refusal::Damaged) => None,
    }
}

struct Walker {
    place: String,
    role: Role,
    /// Every text counts, not only that of paragraphs.
    everything: bool,
    left: u64,
    over: bool,
    passages: Vec<Passage>,
    buffer: String,
    paragraphs: u32,
    number: u32,
    table: String,
    hidden_table: bool,
    row_number: u32,
    row: Option<Vec<String>>,
    repeat: usize,
    annotation: u32,
}

impl Walker {
    fn new(place: &str, role: Role) -> Self {
        Self {
            place: place.to_owned(),
            role,
            everything: false,
            left: u64::MAX,
            over: false,
            passages: Vec::new(),
            buffer: String::new(),
            paragraphs: 0,
            number: 0,
            table: String::new(),
            hidden_table: false,
            row_number: 0,
            row: None,
            repeat: 1,
            annotation: 0,
        }
    }

    fn node(&mut self, node: Node<'_>) {
        if self.over {
            return;
        }
        match node {
            Node::Open { name, start } => match name {
                "p" | "h" => self.paragraphs += 1,
                "s" => self.buffer.push(' '),
                "tab" => self.buffer.push('\t'),
                "line-break" => self.buffer.push('\n'),
                "annotation" => self.annotation += 1,
                "table" => {
                    self.table = xml::attribute(start, "name").unwrap_or_default();
                    self.hidden_table =
                        xml::attribute(start, "display").is_some_and(|d| d == "false");
                    self.row_number = 0;
                }
                "table-row" => {
                    self.row_number = self.row_number.saturating_add(1);
                    self.row = Some(Vec::new());
                }
                "table-cell" | "covered-table-cell" => {
                    // Empty cells repeat up to the edge of the sheet.
                    self.repeat = xml::attribute(start, "number-columns-repeated")
                        .and_then(|n| n.parse().ok())
                        .unwrap_or(1)
                        .min(64);
                    if let Some(row) = &mut self.row {
                        row.push(String::new());
                    }
                }
                _ => {}
            },
            Node::Text(text) => {
                if self.paragraphs > 0 || self.everything {
                    match self.left.checked_sub(text.len() as u64) {
                        Some(left) => self.left = left,
                        None => self.over = true,
                    }
                    self.buffer.push_str(text);
                }
            }
            Node::Close { name } => match name {
                "p" | "h" => {
                    self.paragraphs = self.paragraphs.saturating_sub(1);
                    self.end_paragraph();
                }
                "annotation" => self.annotation = self.annotation.saturating_sub(1),
                "table-cell" | "covered-table-cell" => {
                    if let Some(row) = &mut self.row
                        && let Some(cell) = row.last().cloned()
                        && row.len() < 1024
                    {
                        for _ in 1..self.repeat {
                            row.push(cell.clone());
                        }
                    }
                }
                "table-row" => self.end_row(),
                _ if self.everything => self.end_paragraph(),
                _ => {}
            },
        }
    }

    fn end_paragraph(&mut self) {
        let text = std::mem::take(&mut self.buffer);
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        if self.annotation == 0
            && let Some(cell) = self.row.as_mut().and_then(|row| row.last_mut())
        {
            if !cell.is_empty() {
                cell.push(' ');
            }
            cell.push_str(text);
            return;
        }
        self.number += 1;
        let place = match self.place.as_str() {
            "" => format!("paragraph {}", self.number),
            place => place.to_owned(),
        };
        let role = if self.annotation > 0 {
            Role::Metadata
        } else {
            self.role
        };
        self.passages.push(text_passage(place, role, text));
    }

    fn end_row(&mut self) {
        let Some(mut cells) = self.row.take() else {
            return;
        };
        while cells.last().is_some_and(String::is_empty) {
            cells.pop();
        }
        if cells.is_empty() {
            return;
        }
        let role = if self.hidden_table {
            Role::Hidden
        } else {
            self.role
        };
        self.passages.push(Passage {
            place: format!("{}, row {}", self.table, self.row_number),
            role,
            body: Body::Row {
                table: self.table.clone(),
                number: self.row_number,
                cells,
            },
        });
    }
}
