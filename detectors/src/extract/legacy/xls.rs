//! Excel workbooks of 1997 to 2003 (MS-XLS), and of 5.0 and 95.

use std::io::{Cursor, Read};

use calamine::{Data, Reader as _, SheetVisible, Xls};

use super::super::budget::Limit;
use super::super::{File, Reader, charset, guarded, text_passage};
use super::Content;
use crate::finding::Kind;
use crate::text::{Body, Passage, Role};

/// Reads every sheet, and what stands beside the cells.
pub(super) fn read(reader: &mut Reader<'_>, file: &File<'_>) -> Option<Content> {
    let stream = guarded(|| workbook_stream(file.bytes)).flatten()?;
    let records = Records::of(&stream);
    // The crate keeps a rectangle of cells for each sheet, however few are filled.
    if records.cells > reader.budget.cells {
        reader.limit(&file.path, Limit::Cells);
        return Some(Content {
            passages: records.passages,
            whole: false,
            objects: false,
        });
    }
    reader.budget.cells -= records.cells;
    let mut passages = Vec::new();
    let mut hidden = Vec::new();
    let whole = guarded(|| {
        let mut book = Xls::new(Cursor::new(file.bytes)).ok()?;
        let mut whole = true;
        for sheet in book.sheets_metadata().to_vec() {
            let role = match sheet.visible {
                SheetVisible::Visible => Role::Document,
                SheetVisible::Hidden | SheetVisible::VeryHidden => Role::Hidden,
            };
            if role == Role::Hidden {
                hidden.push(sheet.name.clone());
            }
            passages.push(text_passage("sheet name", Role::Metadata, &*sheet.name));
            let Ok(range) = book.worksheet_range(&sheet.name) else {
                // Charts and macro sheets have no cells.
                whole &= sheet.typ != calamine::SheetType::WorkSheet;
                continue;
            };
            let Some((top, left)) = range.start() else {
                continue;
            };
            for (number, cells) in (top.saturating_add(1)..).zip(range.rows()) {
                let cells: Vec<String> = cells.iter().map(shown).collect();
                if cells.iter().any(|c| !c.is_empty()) {
                    passages.push(row(&sheet.name, number, left as usize, cells, role));
                }
            }
        }
        Some(whole)
    })
    .flatten();
    for name in hidden {
        let place = format!("hidden sheet {name}");
        let note = "a sheet that is not shown";
        reader.finding(Kind::HiddenContent, &file.path, &place, 0.6, note);
    }
    passages.extend(records.passages);
    Some(Content {
        passages,
        whole: whole.unwrap_or(false),
        objects: false,
    })
}

/// A row whose first cell stands in column `left`, counted from 0.
pub(in super::super) fn row(
    table: &str,
    number: u32,
    left: usize,
    mut cells: Vec<String>,
    role: Role,
) -> Passage {
    cells.splice(0..0, std::iter::repeat_n(String::new(), left.min(16_384)));
    Passage {
        place: format!("{table}!A{number}"),
        role,
        body: Body::Row {
            table: table.to_owned(),
            number,
            cells,
        },
    }
}

/// A value as a reader sees it.
pub(in super::super) fn shown(value: &Data) -> String {
    match value {
        Data::Int(number) => number.to_string(),
        Data::Float(number) => number.to_string(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::DateTime(when) if when.is_duration() => when.as_f64().to_string(),
        Data::DateTime(when) => {
            let (year, month, day, ..) = when.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        Data::Bool(_) | Data::Error(_) | Data::Empty => String::new(),
    }
}

fn workbook_stream(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).ok()?;
    let name = ["/Workbook", "/Book"]
        .into_iter()
        .find(|n| file.exists(n))?;
    let mut stream = Vec::new();
    let most = bytes.len() as u64;
    file.open_stream(name)
        .ok()?
        .take(most)
        .read_to_end(&mut stream)
        .ok()?;
    Some(stream)
}

/// What a first walk over the records tells.
struct Records {
    /// The cells of the rectangles that all sheets span.
    cells: usize,
    /// Text that stands in no cell: page headers, comments, text boxes.
    passages: Vec<Passage>,
}

impl Records {
    fn of(stream: &[u8]) -> Self {
        const BOF: u16 = 0x0809;
        const HEADER: u16 = 0x0014;
        const FOOTER: u16 = 0x0015;
        const TEXT_BOX: u16 = 0x01b6;
        const CONTINUE: u16 = 0x003c;
        let mut records = Self {
            cells: 0,
            passages: Vec::new(),
        };
        let mut sheet = Span::default();
        let mut rest = stream;
        let mut text_follows = false;
        while let [a, b, c, d, after @ ..] = rest {
            let id = u16::from_le_bytes([*a, *b]);
            let length = usize::from(u16::from_le_bytes([*c, *d]));
            let (data, after) = after
                .split_at_checked(length)
                .unwrap_or((after, Default::default()));
            rest = after;
            match id {
                BOF => {
                    records.cells = records.cells.saturating_add(sheet.cells());
                    sheet = Span::default();
                }
                HEADER | FOOTER => {
                    let text = string(data.get(2..).unwrap_or_default());
                    records.push("page header or footer", Role::RunningHead, text);
                }
                CONTINUE if text_follows => {
                    records.push("comment or text box", Role::Metadata, string(data));
                }
                _ => sheet.note(id, data),
            }
            text_follows = id == TEXT_BOX;
        }
        records.cells = records.cells.saturating_add(sheet.cells());
        records
    }

    fn push(&mut self, place: &str, role: Role, text: String) {
        if !text.trim().is_empty() {
            self.passages.push(text_passage(place, role, text));
        }
    }
}

/// A text behind the octet that says how wide its characters are (MS-XLS §2.5.293).
fn string(bytes: &[u8]) -> String {
    match bytes.split_first() {
        Some((1, text)) => charset::decode(text, Some("utf-16le")).into_owned(),
        Some((0, text)) => charset::decode(text, Some("windows-1252")).into_owned(),
        // Before 97 there was no such octet.
        _ => charset::decode(bytes, Some("windows-1252")).into_owned(),
    }
}

/// The rectangle of cells in use.
#[derive(Default)]
struct Span {
    rows: Option<(u16, u16)>,
    columns: Option<(u16, u16)>,
}

impl Span {
    /// Looks at a record of a cell or of several in a row.
    fn note(&mut self, id: u16, data: &[u8]) {
        // Cells without a value take no place there.
        const ONE: [u16; 14] = [
            0x0002, 0x0003, 0x0004, 0x0005, 0x0006, 0x00d6, 0x00fd, 0x0203, 0x0204, 0x0205, 0x0206,
            0x0207, 0x027e, 0x0406,
        ];
        const MANY: u16 = 0x00bd;
        let [r0, r1, c0, c1, rest @ ..] = data else {
            return;
        };
        let row = u16::from_le_bytes([*r0, *r1]);
        let first = u16::from_le_bytes([*c0, *c1]);
        let last = match rest {
            [.., a, b] if id == MANY => u16::from_le_bytes([*a, *b]).max(first),
            _ if ONE.contains(&id) => first,
            _ => return,
        };
        let widened = |span: Option<(u16, u16)>, from: u16, to: u16| match span {
            Some((low, high)) => Some((low.min(from), high.max(to))),
            None => Some((from, to)),
        };
        self.rows = widened(self.rows, row, row);
        self.columns = widened(self.columns, first, last);
    }

    fn cells(&self) -> usize {
        let length = |span: Option<(u16, u16)>| span.map_or(0, |(a, b)| usize::from(b - a) + 1);
        length(self.rows).saturating_mul(length(self.columns))
    }
}
