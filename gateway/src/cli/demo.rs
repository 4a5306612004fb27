//! `schoolgate demo`: a made-up school's mail through the real gateway.

use std::process::ExitCode;

use clap::Args;
use comfy_table::{ColumnConstraint, Width};
use tokio::signal::unix::{SignalKind, signal};

use super::failure::{Failure, finish};
use super::options::runtime;
use super::print::table;
use crate::demo::{Demo, Seen};
use crate::ops::logging::{self, Format};

/// What `demo` takes.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// End after the table instead of staying up
    #[arg(long)]
    once: bool,
    /// Show the gateway's log lines
    #[arg(long)]
    log: bool,
}

/// Runs it.
pub fn run(args: &DemoArgs) -> ExitCode {
    logging::start(Format::Text, if args.log { "info" } else { "error" });
    finish(runtime().and_then(|runtime| runtime.block_on(show(args))))
}

async fn show(args: &DemoArgs) -> Result<(), Failure> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut end = signal(SignalKind::terminate())?;
    let demo = Demo::start().await?;
    say!(
        "Willow Brook Primary School is made up: {} pupils, {}.",
        demo.pupils,
        demo.policy
    );
    say!(
        "Its mail goes over SMTP to schoolgate on {}, and on to a Maildir.\n",
        demo.smtp
    );
    let seen = demo.send_all().await?;
    let mut table = table(
        &[
            "message",
            "from, to",
            "verdict",
            "why, and the clause",
            "now",
        ],
        seen.iter().map(row),
    );
    table.set_constraints([
        ColumnConstraint::UpperBoundary(Width::Percentage(22)),
        ColumnConstraint::UpperBoundary(Width::Percentage(28)),
        ColumnConstraint::ContentWidth,
        ColumnConstraint::UpperBoundary(Width::Percentage(38)),
        ColumnConstraint::UpperBoundary(Width::Fixed(18)),
    ]);
    say!("{table}");
    if !args.once {
        say!("{}", demo.what_next());
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = end.recv() => {}
        }
    }
    demo.stop().await;
    Ok(())
}

fn row(seen: &Seen) -> Vec<String> {
    let clauses = match seen.clauses.as_slice() {
        [] => String::new(),
        [only] => format!("\nClause {only}"),
        several => format!("\nClauses {}", several.join(", ")),
    };
    vec![
        seen.title.to_owned(),
        format!("{}\n→ {}", seen.from, seen.to),
        seen.verdict.as_str().to_owned(),
        format!("{}{clauses}", seen.why),
        seen.now.clone(),
    ]
}
