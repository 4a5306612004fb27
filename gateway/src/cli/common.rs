//! What the commands share: where the configuration is, how answers are printed.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};
use serde::Serialize;

use crate::clock::Clock;
use crate::config;
use crate::control::{self, Word};
use crate::installation::Installation;

/// The command was used wrongly, or the configuration has mistakes.
pub const USAGE: u8 = 2;
/// The command was right and could not be done.
pub const FAILED: u8 = 1;

/// Options of every command that works on an installation.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// The configuration file
    #[arg(
        long,
        value_name = "FILE",
        default_value = "/etc/schoolgate/schoolgate.toml",
        env = "SCHOOLGATE_CONFIG"
    )]
    pub config: PathBuf,
    /// Answer in JSON, for programs
    #[arg(long)]
    pub json: bool,
}

/// What went wrong, and with which exit status.
pub struct Failure {
    message: String,
    status: u8,
}

impl Failure {
    /// The command was used wrongly.
    pub fn usage(message: impl ToString) -> Self {
        Self {
            message: message.to_string(),
            status: USAGE,
        }
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        let status = match std::any::type_name::<E>() {
            name if name.ends_with("ConfigError") => USAGE,
            _ => FAILED,
        };
        Self {
            message: error.to_string(),
            status,
        }
    }
}

impl Common {
    /// Opens the installation and runs `work` on it.
    pub fn run<F>(&self, work: F) -> ExitCode
    where
        F: AsyncFnOnce(&Self, Installation) -> Result<(), Failure>,
    {
        finish(runtime().and_then(|runtime| {
            runtime.block_on(async {
                let settings = config::load(&self.config)?;
                let (installation, _arrived) =
                    Installation::open(settings, Clock::default()).await?;
                let store = installation.store.clone();
                let result = work(self, installation).await;
                store.close().await;
                result
            })
        }))
    }

    /// Prints a list: JSON as it is, or a table of `rows` under `head`.
    pub fn print_list<T: Serialize>(
        &self,
        list: &[T],
        head: &[&str],
        row: impl Fn(&T) -> Vec<String>,
        none: &str,
    ) {
        if self.json {
            for item in list {
                print_json(item);
            }
        } else if list.is_empty() {
            println!("{none}");
        } else {
            let mut table = table(head, list.iter().map(row));
            // The first column is copied into other commands: it stays whole.
            if let Some(first) = table.column_mut(0) {
                first.set_constraint(ColumnConstraint::ContentWidth);
            }
            println!("{table}");
        }
    }
}

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

/// A runtime for commands.
pub fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Ok(tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?)
}

/// Says what went wrong and gives the exit status.
pub fn finish(result: Result<(), Failure>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("schoolgate: {}", failure.message);
            ExitCode::from(failure.status)
        }
    }
}

/// Tells the running gateway to look again, if one runs.
pub async fn tell(installation: &Installation, word: Word) {
    if !control::tell(&installation.settings.data_dir, word).await {
        eprintln!("note: no gateway runs on this data folder; it will act when it starts");
    }
}
