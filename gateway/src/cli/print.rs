//! How answers look: a table for people, a line of JSON for programs.

use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

/// One object a line.
pub fn print_json<T: Serialize>(value: &T) {
    println!("{}", serde_json::to_string(value).unwrap_or_default());
}

/// A plain table that fits the terminal.
pub fn table(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width())
        .set_header(head.to_vec());
    for row in rows {
        table.add_row(row);
    }
    table
}

/// Columns of the terminal; `COLUMNS` where there is none.
fn width() -> u16 {
    let asked = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
    let terminal = rustix::termios::tcgetwinsize(std::io::stdout()).map(|size| size.ws_col);
    asked
        .or(terminal.ok())
        .filter(|w| *w > 0)
        .unwrap_or(140)
        .max(60)
}
