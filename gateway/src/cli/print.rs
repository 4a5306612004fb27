//! How answers look: a table for people, a line of JSON for programs.

use std::fmt;
use std::io::{self, Write};

use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

/// Prints a line; unlike `println!` it does not panic when the reader has gone.
macro_rules! say {
    () => { $crate::cli::print::line(format_args!("")) };
    ($($words:tt)*) => { $crate::cli::print::line(format_args!($($words)*)) };
}

/// Writes a line to standard output. Where it cannot be written, the program ends:
/// quietly when the reader has seen enough (`| head`), else with a word.
pub fn line(words: fmt::Arguments<'_>) {
    match writeln!(io::stdout().lock(), "{words}") {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        Err(error) => {
            eprintln!("schoolgate: cannot write the answer: {error}");
            std::process::exit(1);
        }
    }
}

/// One object a line.
pub fn print_json<T: Serialize>(value: &T) {
    say!("{}", serde_json::to_string(value).unwrap_or_default());
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
