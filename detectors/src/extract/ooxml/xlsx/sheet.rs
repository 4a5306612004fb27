//! One sheet of a workbook: its rows as passages, its page headers and hints.

use jiff::ToSpan;

use super::super::super::budget::Limit;
use super::xml::{self, Node};
use super::{Book, Package, Sheet, text_passage};
use crate::text::{Body, Passage, Role};

/// Cells beyond this column are joined to the last one that is kept.
const COLUMNS: usize = 1024;

/// Reads one sheet; returns whether it is protected.
pub(super) fn read(package: &mut Package<'_, '_, '_, '_, '_>, sheet: &Sheet, book: &Book) -> bool {
    let mut walker = SheetWalker {
        sheet,
        book,
        left: package.reader.budget.text_left(),
        over: false,
        padding: package.reader.budget.cells,
        passages: Vec::new(),
        protected: false,
        hidden_columns: false,
        hidden_rows: false,
        row: Row::default(),
        row_number: 0,
        cell: Cell::default(),
        text: None,
    };
    if sheet.hidden {
        walker
            .passages
            .push(text_passage("sheet name", Role::Hidden, sheet.name.clone()));
    } else {
        walker.passages.push(text_passage(
            "sheet name",
            Role::Metadata,
            sheet.name.clone(),
        ));
    }
    package.walk(&sheet.target, |node| walker.node(node));
    walker.end_row();
    package.reader.budget.cells = walker.padding;
    let has_rows = walker.passages.len() > 1;
    if sheet.hidden && has_rows {
        package.hidden(&sheet.name);
    }
    if walker.hidden_rows {
        package.hidden(&format!("{}, hidden rows", sheet.name));
    }
    if walker.hidden_columns && has_rows {
        package.hidden(&format!("{}, hidden columns", sheet.name));
    }
    if walker.over {
        package.reader.limit(&package.file.path, Limit::TextBytes);
    }
    package.passages.append(&mut walker.passages);
    walker.protected
}

#[derive(Default)]
struct Row {
    hidden: bool,
    cells: Vec<String>,
}

#[derive(Default)]
struct Cell {
    column: usize,
    kind: String,
    style: usize,
    value: String,
}

struct SheetWalker<'w> {
    sheet: &'w Sheet,
    book: &'w Book,
    /// Octets of text that may still be produced: a shared string may be shown a million
    /// times.
    left: u64,
    over: bool,
    /// Cells that may still be kept apart.
    padding: usize,
    passages: Vec<Passage>,
    protected: bool,
    hidden_columns: bool,
    hidden_rows: bool,
    row: Row,
    row_number: u32,
    cell: Cell,
    text: Option<Text>,
}

/// Where characters go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Text {
    Value,
    Inline,
    Head,
}

impl SheetWalker<'_> {
    fn node(&mut self, node: Node<'_>) {
        if self.over {
            return;
        }
        match node {
            Node::Open { name, start } => match name {
                "row" => {
                    self.end_row();
                    self.row_number = xml::attribute(start, "r")
                        .and_then(|r| r.parse().ok())
                        .unwrap_or(self.row_number.saturating_add(1));
                    let hidden = xml::attribute(start, "hidden");
                    self.row.hidden = hidden.is_some() && xml::is_on(hidden.as_deref());
                }
                "c" => {
                    let mut cell = Cell {
                        column: self.row.cells.len(),
                        ..Cell::default()
                    };
                    for attribute in start.attributes().with_checks(false).flatten() {
                        match attribute.key.local_name().as_ref() {
                            "r" => {
                                if let Some(column) = column(&attribute.value) {
                                    cell.column = column;
                                }
                            }
                            "t" => cell.kind = attribute.value.to_string(),
                            "s" => cell.style = attribute.value.parse().unwrap_or(0),
                            _ => {}
                        }
                    }
                    self.cell = cell;
                }
                "v" => self.text = Some(Text::Value),
                "t" => self.text = Some(Text::Inline),
                "col" => {
                    let hidden = xml::attribute(start, "hidden");
                    self.hidden_columns |= hidden.is_some() && xml::is_on(hidden.as_deref());
                }
                "sheetProtection" => {
                    let sheet = xml::attribute(start, "sheet");
                    self.protected |= sheet.is_some() && xml::is_on(sheet.as_deref());
                }
                "oddHeader" | "evenHeader" | "firstHeader" | "oddFooter" | "evenFooter"
                | "firstFooter" => self.text = Some(Text::Head),
                "dataValidation" => {
                    for name in ["prompt", "promptTitle", "error"] {
                        if let Some(text) = xml::attribute(start, name) {
                            self.passages
                                .push(text_passage("cell hint", Role::Metadata, text));
                        }
                    }
                }
                _ => {}
            },
            Node::Text(text) => match self.text {
                Some(Text::Value | Text::Inline) => self.cell.value.push_str(text),
                Some(Text::Head) => {
                    let text = running_head(text);
                    self.passages.push(text_passage(
                        format!("{}, page header", self.sheet.name),
                        Role::RunningHead,
                        text,
                    ));
                }
                None => {}
            },
            Node::Close { name } => match name {
                "v" | "t" => self.text = None,
                "c" => self.end_cell(),
                "row" => self.end_row(),
                "oddHeader" | "evenHeader" | "firstHeader" | "oddFooter" | "evenFooter"
                | "firstFooter" => self.text = None,
                _ => {}
            },
        }
    }

    fn end_cell(&mut self) {
        let cell = std::mem::take(&mut self.cell);
        let value = match cell.kind.as_str() {
            "s" => cell
                .value
                .trim()
                .parse::<usize>()
                .ok()
                .and_then(|i| {
                    if let Some(shown) = self.book.shown.borrow_mut().get_mut(i) {
                        *shown = true;
                    }
                    self.book.strings.get(i)
                })
                .cloned()
                .unwrap_or_default(),
            "b" | "e" => String::new(),
            "str" | "inlineStr" | "d" => cell.value,
            _ => self.number(&cell),
        };
        let value = value.trim();
        if value.is_empty() {
            return;
        }
        match self.left.checked_sub(value.len() as u64) {
            Some(left) => self.left = left,
            None => {
                self.over = true;
                return;
            }
        }
        let mut column = cell.column.min(COLUMNS);
        let padding = (column + 1).saturating_sub(self.row.cells.len());
        match self.padding.checked_sub(padding) {
            Some(left) => self.padding = left,
            // Too many empty cells: the filled ones move together.
            None => column = self.row.cells.len(),
        }
        while self.row.cells.len() <= column {
            self.row.cells.push(String::new());
        }
        if let Some(slot) = self.row.cells.get_mut(column) {
            if !slot.is_empty() {
                slot.push(' ');
            }
            slot.push_str(value);
        }
    }

    /// A number as a reader sees it: dates as days, long numbers without an exponent.
    fn number(&self, cell: &Cell) -> String {
        let raw = cell.value.trim();
        let is_date = self
            .book
            .date_styles
            .get(cell.style)
            .copied()
            .unwrap_or(false);
        if !is_date && !raw.contains(['e', 'E']) {
            return raw.to_owned();
        }
        let Ok(value) = raw.parse::<f64>() else {
            return raw.to_owned();
        };
        if is_date && (1.0..2_958_466.0).contains(&value) {
            let days = value.trunc() as i64;
            if let Ok(day) = self.book.epoch.checked_add(days.days()) {
                return day.to_string();
            }
        }
        if value.fract() == 0.0 && value.abs() < 1e15 {
            format!("{value:.0}")
        } else {
            raw.to_owned()
        }
    }

    fn end_row(&mut self) {
        let row = std::mem::take(&mut self.row);
        let Some(first) = row.cells.iter().position(|c| !c.is_empty()) else {
            return;
        };
        self.hidden_rows |= row.hidden;
        self.passages.push(Passage {
            place: format!("{}!{}{}", self.sheet.name, letters(first), self.row_number),
            role: if self.sheet.hidden || row.hidden {
                Role::Hidden
            } else {
                Role::Document
            },
            body: Body::Row {
                table: self.sheet.name.clone(),
                number: self.row_number,
                cells: row.cells,
            },
        });
    }
}

/// The column of a cell reference, from 0 (`B7` is 1).
fn column(reference: &str) -> Option<usize> {
    let mut column = 0usize;
    let mut any = false;
    for b in reference.bytes() {
        if !b.is_ascii_alphabetic() {
            break;
        }
        any = true;
        column = column
            .checked_mul(26)?
            .checked_add(usize::from(b.to_ascii_uppercase() - b'A') + 1)?;
    }
    any.then(|| column.saturating_sub(1))
}

/// The letters of a column, from 0.
fn letters(column: usize) -> String {
    let mut rest = column + 1;
    let mut letters = Vec::new();
    while rest > 0 {
        rest -= 1;
        letters.push((b'A' + (rest % 26) as u8) as char);
        rest /= 26;
    }
    letters.iter().rev().collect()
}

/// The text of a page header without its codes (`&C`, `&"Arial"`, `&12`).
fn running_head(text: &str) -> String {
    let mut plain = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '&' {
            plain.push(c);
            continue;
        }
        match chars.next() {
            Some('"') => {
                for c in chars.by_ref() {
                    if c == '"' {
                        break;
                    }
                }
            }
            Some('&') => plain.push('&'),
            Some(d) if d.is_ascii_digit() => {
                while chars.peek().is_some_and(char::is_ascii_digit) {
                    chars.next();
                }
            }
            _ => plain.push(' '),
        }
    }
    plain.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_letters() {
        for (number, name) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")] {
            assert_eq!(letters(number), name);
            assert_eq!(column(&format!("{name}12")), Some(number));
        }
        assert_eq!(column("12"), None);
    }

    #[test]
    fn page_headers_lose_their_codes() {
        assert_eq!(running_head("&C&\"Arial,Bold\"&12SENSITIVE"), "SENSITIVE");
    }
}
