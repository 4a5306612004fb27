//! The commands, one file each.

mod check;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use check::CheckArgs;

/// Outgoing mail of schools: looked into, judged, and stopped where it must be.
#[derive(Debug, Parser)]
#[command(name = "schoolgate", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Say the verdict for messages in files, without sending anything
    Check(CheckArgs),
    /// Inspect for the gateway that started this process
    #[command(hide = true)]
    Worker,
}

/// Runs what the command line asks for.
pub fn run() -> ExitCode {
    match Cli::parse().command {
        // A worker locks itself in: it must not have a second thread.
        Command::Worker => crate::inspect::worker::run(),
        Command::Check(args) => check::run(&args),
    }
}
