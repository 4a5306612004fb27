//! The options of every command, and the installation that it works on.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use comfy_table::ColumnConstraint;
use serde::Serialize;

use super::failure::{Failure, finish};
use super::print::{print_json, table};
use crate::clock::Clock;
use crate::config;
use crate::control::{self, Word};
use crate::installation::Installation;

/// Where the configuration lies unless told otherwise.
pub const DEFAULT_CONFIG: &str = "/etc/schoolgate/schoolgate.toml";

/// Options of every command that works on an installation.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// The configuration file
    #[arg(
        long,
        value_name = "FILE",
        default_value = DEFAULT_CONFIG,
        env = "SCHOOLGATE_CONFIG"
    )]
    pub config: PathBuf,
    /// Answer in JSON, for programs
    #[arg(long)]
    pub json: bool,
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
            say!("{none}");
        } else {
            let mut table = table(head, list.iter().map(row));
            // The first column is copied into other commands: it stays whole.
            if let Some(first) = table.column_mut(0) {
                first.set_constraint(ColumnConstraint::ContentWidth);
            }
            say!("{table}");
        }
    }
}

/// A runtime for commands.
pub fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Ok(tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?)
}

/// Tells the running gateway to look again, if one runs.
pub async fn tell(installation: &Installation, word: Word) {
    if !control::tell(&installation.settings.data_dir, word).await {
        eprintln!("note: no gateway runs on this data folder; it will act when it starts");
    }
}
