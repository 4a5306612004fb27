//! Logs as text or JSON, to standard error. They name spool ids, cases, rules and codes,
//! never addresses, subjects or content.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

/// How lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    Text,
    Json,
}

/// Starts logging. `SCHOOLGATE_LOG` filters as `tracing` does; default `info`.
pub fn start(format: Format, default: &str) {
    // Libraries may log what they carry; only our own targets are let through by default.
    let filter = EnvFilter::try_from_env("SCHOOLGATE_LOG")
        .unwrap_or_else(|_| EnvFilter::new(format!("warn,lettre=off,schoolgate={default}")));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    // A second start (tests, the demo inside a process) keeps the first.
    let _ = match format {
        Format::Text => builder.try_init(),
        Format::Json => builder.json().try_init(),
    };
}
