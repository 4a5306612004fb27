//! Binary Excel workbooks (MS-XLSB).

use std::io::Cursor;

use calamine::{Data, Reader as _, SheetVisible, Xlsb};

use super::super::budget::Limit;
use super::super::legacy::xls;
use super::super::{charset, guarded};
use super::{Package, text_passage};
use crate::inspection::UnreadReason;
use crate::text::{Passage, Role};

/// Reads the sheets by the crate; what stands beside the cells by its texts alone.
pub(super) fn read(package: &mut Package<'_, '_, '_, '_, '_>) {
    // The crate unpacks without a limit, so every file is unpacked within ours before.
    let limits = package.reader.limits_seen.len();
    let names: Vec<String> = package
        .names
        .iter()
        .filter(|n| n.to_lowercase().ends_with(".bin"))
        .cloned()
        .collect();
    for name in &names {
        let Some(bytes) = package.bytes(name) else {
            continue;
        };
        let lower = name.to_lowercase();
        let beside = [
            "comments",
            "pivotcache",
            "externallink",
            "queries",
            "tables/",
        ];
        if beside.iter().any(|mark| lower.contains(mark)) {
            let role = if lower.contains("comments") {
                Role::Metadata
            } else {
                Role::Hidden
            };
            let texts = charset::wide_runs(&bytes).join("\n");
            package
                .passages
                .push(text_passage(format!("file {name}"), role, texts));
        }
    }
    if package.reader.limits_seen.len() > limits {
        return;
    }
    let (mut left, mut cells_left) = (
        package.reader.budget.text_left(),
        package.reader.budget.cells,
    );
    let mut sheets = Sheets::default();
    let bytes = package.file.bytes;
    let whole = guarded(|| sheets.read(bytes, &mut left, &mut cells_left)).flatten();
    package.reader.budget.cells = cells_left;
    if sheets.over {
        package.reader.limit(&package.file.path, Limit::TextBytes);
    }
    for name in &sheets.hidden {
        package.hidden(name);
    }
    package.passages.append(&mut sheets.passages);
    if whole.is_none() {
        let path = package.file.path.clone();
        package
            .reader
            .unread(&path, UnreadReason::Damaged, "binary Excel workbook");
    }
}

#[derive(Default)]
struct Sheets {
    passages: Vec<Passage>,
    hidden: Vec<String>,
    over: bool,
}

impl Sheets {
    /// None when a sheet broke off.
    fn read(&mut self, bytes: &[u8], left: &mut u64, cells_left: &mut usize) -> Option<()> {
        let mut book = Xlsb::new(Cursor::new(bytes)).ok()?;
        let mut whole = Some(());
        for sheet in book.sheets_metadata().to_vec() {
            let role = match sheet.visible {
                SheetVisible::Visible => Role::Document,
                SheetVisible::Hidden | SheetVisible::VeryHidden => Role::Hidden,
            };
            if role == Role::Hidden {
                self.hidden.push(sheet.name.clone());
            }
            self.passages
                .push(text_passage("sheet name", Role::Metadata, &*sheet.name));
            let Ok(mut cells) = book.worksheet_cells_reader(&sheet.name) else {
                // Charts and macro sheets have no cells.
                if sheet.typ == calamine::SheetType::WorkSheet {
                    whole = None;
                }
                continue;
            };
            let mut row: (u32, Vec<String>) = (0, Vec::new());
            loop {
                let cell = match cells.next_cell() {
                    Ok(Some(cell)) => cell,
                    Ok(None) => break,
                    Err(_) => {
                        whole = None;
                        break;
                    }
                };
                let (number, column) = cell.get_position();
                if number != row.0 {
                    self.end_row(&sheet.name, &mut row, role);
                    row.0 = number;
                }
                let text = xls::shown(&Data::from(cell.get_value().clone()));
                if text.is_empty() {
                    continue;
                }
                let Some(rest) = left.checked_sub(text.len() as u64) else {
                    self.over = true;
                    return whole;
                };
                *left = rest;
                let column = (column as usize).min(16_384);
                match cells_left.checked_sub((column + 1).saturating_sub(row.1.len())) {
                    Some(rest) => *cells_left = rest,
                    // Too many empty cells: the filled ones move together.
                    None => {
                        row.1.push(text);
                        continue;
                    }
                }
                while row.1.len() < column {
                    row.1.push(String::new());
                }
                row.1.push(text);
            }
            self.end_row(&sheet.name, &mut row, role);
        }
        whole
    }

    fn end_row(&mut self, sheet: &str, row: &mut (u32, Vec<String>), role: Role) {
        let cells = std::mem::take(&mut row.1);
        if !cells.is_empty() {
            self.passages
                .push(xls::row(sheet, row.0.saturating_add(1), 0, cells, role));
        }
    }
}
