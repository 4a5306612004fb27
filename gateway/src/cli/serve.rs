//! `schoolgate serve`: runs until it is told to stop.

use std::process::ExitCode;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use super::failure::{Failure, finish};
use super::options::{DEFAULT_CONFIG, runtime};
use crate::clock::Clock;
use crate::config;
use crate::gateway::Gateway;
use crate::inspect::Program;
use crate::ops::logging::{self, Format};

/// What `serve` takes.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// The configuration file
    #[arg(
        long,
        value_name = "FILE",
        default_value = DEFAULT_CONFIG,
        env = "SCHOOLGATE_CONFIG"
    )]
    config: std::path::PathBuf,
    /// How log lines look
    #[arg(long, value_enum, default_value = "text")]
    log: Format,
}

/// Runs it.
pub fn run(args: &ServeArgs) -> ExitCode {
    logging::start(args.log, "info");
    finish(runtime().and_then(|runtime| runtime.block_on(serve(args))))
}

async fn serve(args: &ServeArgs) -> Result<(), Failure> {
    let mut end = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hangup = signal(SignalKind::hangup())?;
    let settings = config::load(&args.config)?;
    let gateway = Gateway::start(
        settings,
        Some(args.config.clone()),
        Clock::default(),
        Program::this(),
    )
    .await?;
    for address in &gateway.smtp {
        tracing::info!(%address, "listening for SMTP");
    }
    tracing::info!(address = %gateway.ops, "serving health and metrics");
    tell_systemd(sd_notify::NotifyState::Ready);
    loop {
        tokio::select! {
            _ = end.recv() => break,
            _ = interrupt.recv() => break,
            _ = hangup.recv() => {
                gateway.reload().await;
            }
        }
    }
    tracing::info!("stopping");
    tell_systemd(sd_notify::NotifyState::Stopping);
    gateway.stop().await;
    Ok(())
}

fn tell_systemd(state: sd_notify::NotifyState<'_>) {
    // Without systemd there is nobody to tell.
    let _ = sd_notify::notify(&[state]);
}
