//! Excel workbooks.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::super::budget::Limit;
use super::super::xml::{self, Node};
use super::Package;
use crate::text::{Body, Passage, Role};

/// A sheet of the workbook.
struct Sheet {
    name: String,
    target: String,
    hidden: bool,
}

/// What the cells need from the rest of the workbook.
struct Book {
    strings: Vec<String>,
    /// Which of them a cell shows.
    shown: RefCell<Vec<bool>>,
    /// Whether the number format of a cell style shows a date.
    date_styles: Vec<bool>,
    /// The day that serial number 0 stands for.
    epoch: Date,
}

/// Cells beyond this column are joined to the last one that is kept.
const COLUMNS: usize = 1024;

/// Reads sheets, comments, drawings, and the caches that copy data from elsewhere.
pub(super) fn read(package: &mut Package<'_, '_, '_, '_, '_>) {
    let (sheets, epoch) = sheets(package);
    let strings = strings(package);
    let book = Book {
        shown: RefCell::new(vec![false; strings.len()]),
        strings,
        date_styles: date_styles(package),
        epoch,
    };
    let mut protected = false;
    for sheet in &sheets {
        protected |= read_sheet(package, sheet, &book);
    }
    unused_strings(package, &book);
    if protected {
        package.weakly_protected("sheet protection");
    }
    for (mark, start, place, role) in [
        (
            "spreadsheetml.comments",
            "xl/comments",
            "comments",
            Role::Metadata,
        ),
        (
            "threadedcomments",
            "xl/threadedcomments/",
            "comments",
            Role::Metadata,
        ),
        (
            "drawingml.chart+xml",
            "xl/charts/chart",
            "chart",
            Role::Metadata,
        ),
    ] {
        for name in package.files(mark, start) {
            package.loose_text(&name, place, role, &[]);
        }
    }
    for name in package.files("officedocument.drawing+xml", "xl/drawings/drawing") {
        package.flow(&name, "drawing", Role::Document);
    }
    // Copies of data that no sheet need show.
    for (mark, start, place) in [
        (
            "pivotcachedefinition",
            "xl/pivotcache/pivotcachedefinition",
            "pivot cache",
        ),
        (
            "pivotcacherecords",
            "xl/pivotcache/pivotcacherecords",
            "pivot cache",
        ),
        (
            "externallink",
            "xl/externallinks/",
            "copy of linked workbook",
        ),
    ] {
        for name in package.files(mark, start) {
            let before = package.passages.len();
            package.loose_text(&name, place, Role::Hidden, &["v"]);
            if package.passages.len() > before {
                package.hidden(place);
            }
        }
    }
}

/// The sheets in the order of the workbook and its epoch.
fn sheets(package: &mut Package<'_, '_, '_, '_, '_>) -> (Vec<Sheet>, Date) {
    let main = package
        .names
        .iter()
        .find(|name| {
            package
                .types
                .get(&name.to_lowercase())
                .is_some_and(|kind| kind.ends_with(".main+xml"))
        })
        .cloned()
        .unwrap_or_else(|| "xl/workbook.xml".to_owned());
    let (folder, base) = main.rsplit_once('/').unwrap_or(("", &main));
    let links = relations(package, &format!("{folder}/_rels/{base}.rels"), folder);
    let mut sheets = Vec::new();
    let mut epoch = date(1899, 12, 30);
    package.walk(&main, |node| {
        let Node::Open { name, start } = node else {
            return;
        };
        match name {
            "sheet" => {
                let id = xml::attribute(start, "id").unwrap_or_default();
                let state = xml::attribute(start, "state").unwrap_or_default();
                if let Some(target) = links.get(&id) {
                    sheets.push(Sheet {
                        name: xml::attribute(start, "name").unwrap_or_default(),
                        target: target.clone(),
                        hidden: state.to_ascii_lowercase().contains("hidden"),
                    });
                }
            }
            "workbookPr" => {
                let mac = xml::attribute(start, "date1904");
                if mac.is_some() && xml::is_on(mac.as_deref()) {
                    epoch = date(1904, 1, 1);
                }
            }
            _ => {}
        }
    });
    // A sheet that the workbook does not list is still in the file.
    let listed: HashSet<String> = sheets.iter().map(|s| s.target.to_lowercase()).collect();
    for target in package.files("spreadsheetml.worksheet", "xl/worksheets/sheet") {
        if !listed.contains(&target.to_lowercase()) {
            sheets.push(Sheet {
                name: target.rsplit('/').next().unwrap_or(&target).to_owned(),
                hidden: !listed.is_empty(),
                target,
            });
        }
    }
    (sheets, epoch)
}

/// The targets of relations by id.
fn relations(
    package: &mut Package<'_, '_, '_, '_, '_>,
    name: &str,
    folder: &str,
) -> HashMap<String, String> {
    let mut links = HashMap::new();
    package.walk(name, |node| {
        if let Node::Open {
            name: "Relationship",
            start,
        } = node
            && let (Some(id), Some(target)) =
                (xml::attribute(start, "Id"), xml::attribute(start, "Target"))
        {
            let target = match target.strip_prefix('/') {
                Some(absolute) => absolute.to_owned(),
                None => format!("{folder}/{target}"),
            };
            links.insert(id, target);
        }
    });
    links
}

fn strings(package: &mut Package<'_, '_, '_, '_, '_>) -> Vec<String> {
    let mut strings = Vec::new();
    for name in package.files("spreadsheetml.sharedstrings", "xl/sharedstrings") {
        let (mut current, mut in_text, mut phonetic) = (String::new(), false, false);
        package.walk(&name, |node| match node {
            Node::Open { name: "t", .. } => in_text = !phonetic,
            Node::Close { name: "t" } => in_text = false,
            Node::Open { name: "rPh", .. } => phonetic = true,
            Node::Close { name: "rPh" } => phonetic = false,
            Node::Text(text) if in_text => current.push_str(text),
            Node::Close { name: "si" } => strings.push(std::mem::take(&mut current)),
            _ => {}
        });
    }
    strings
}

/// Strings that no cell shows are what was deleted, and still in the file.
fn unused_strings(package: &mut Package<'_, '_, '_, '_, '_>, book: &Book) {
    let shown = book.shown.borrow();
    let unused: Vec<&str> = book
        .strings
        .iter()
        .zip(shown.iter())
        .filter(|(text, shown)| !**shown && !text.trim().is_empty())
        .map(|(text, _)| text.trim())
        .collect();
    if !unused.is_empty() {
        let place = "strings that no cell shows";
        let passage = super::text_passage(place, Role::Hidden, unused.join("\n"));
        package.passages.push(passage);
    }
}

/// Which cell styles show dates.
fn date_styles(package: &mut Package<'_, '_, '_, '_, '_>) -> Vec<bool> {
    let mut custom: HashMap<u32, bool> = HashMap::new();
    let mut styles = Vec::new();
    for name in package.files("spreadsheetml.styles", "xl/styles") {
        let mut in_cells = false;
        package.walk(&name, |node| match node {
            Node::Open {
                name: "numFmt",
                start,
            } => {
                let id = xml::attribute(start, "numFmtId").and_then(|v| v.parse().ok());
                if let (Some(id), Some(code)) = (id, xml::attribute(start, "formatCode")) {
                    custom.insert(id, is_date_format(&code));
                }
            }
            Node::Open {
                name: "cellXfs", ..
            } => in_cells = true,
            Node::Close { name: "cellXfs" } => in_cells = false,
            Node::Open { name: "xf", start } if in_cells => {
                let id: u32 = xml::attribute(start, "numFmtId")
                    .and_then(|v| v.parse().ok())
                    .unwrap_or(0);
                // The built-in date formats (ECMA-376 part 1 §18.8.30).
                let built_in = matches!(id, 14..=17 | 22 | 27..=31 | 36 | 50..=58);
                styles.push(custom.get(&id).copied().unwrap_or(built_in));
            }
            _ => {}
        });
    }
    styles
}

/// A format with a day or a year outside of quotes and brackets shows a date.
fn is_date_format(code: &str) -> bool {
    let (mut quoted, mut bracket, mut escaped) = (false, false, false);
    for c in code.chars() {
        if escaped {
            escaped = false;
            continue;
        }
        match c {
            '\\' | '_' => escaped = true,
            '"' => quoted = !quoted,
            '[' => bracket = true,
            ']' => bracket = false,
            'd' | 'y' | 'D' | 'Y' if !quoted && !bracket => return true,
            _ => {}
        }
    }
    false
}

/// Reads one sheet; returns whether it is protected.
fn read_sheet(package: &mut Package<'_, '_, '_, '_, '_>, sheet: &Sheet, book: &Book) -> bool {
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
        walker.passages.push(super::text_passage(
            "sheet name",
            Role::Hidden,
            sheet.name.clone(),
        ));
    } else {
        walker.passages.push(super::text_passage(
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
                            self.passages.push(super::text_passage(
                                "cell hint",
                                Role::Metadata,
                                text,
                            ));
                        }
                    }
                }
                _ => {}
            },
            Node::Text(text) => match self.text {
                Some(Text::Value | Text::Inline) => self.cell.value.push_str(text),
                Some(Text::Head) => {
                    let text = running_head(text);
                    self.passages.push(super::text_passage(
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
    fn tells_dates_from_numbers() {
        assert!(is_date_format("dd/mm/yyyy"));
        assert!(is_date_format("[$-809]d mmmm yyyy"));
        assert!(!is_date_format("0.00"));
        assert!(!is_date_format("\"day\" 0"));
        assert!(!is_date_format("[Red]0"));
    }

    #[test]
    fn page_headers_lose_their_codes() {
        assert_eq!(running_head("&C&\"Arial,Bold\"&12SENSITIVE"), "SENSITIVE");
    }
}
