//! `schoolgate config check`: every mistake, with file, line and remedy.

use std::process::ExitCode;

use clap::Subcommand;

use super::failure::{Failure, finish};
use super::options::Common;
use crate::config;
use crate::judge::load_pack;

/// What can be done with a configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Check the configuration, the packs and the files that it names
    Check {
        #[command(flatten)]
        common: Common,
    },
}

/// Runs it.
pub fn run(command: &ConfigCommand) -> ExitCode {
    let ConfigCommand::Check { common } = command;
    finish(check(common))
}

fn check(common: &Common) -> Result<(), Failure> {
    let settings = config::load(&common.config)?;
    let mut problems = Vec::new();
    for school in &settings.schools {
        if let Err(error) = load_pack(school.pack.as_deref()) {
            problems.push(format!("school {}: {error}", school.id));
        }
        if let Some(folder) = &school.roster
            && let Err(error) = crate::roster::read_folder(folder)
        {
            problems.push(format!("school {}: {error}", school.id));
        }
    }
    if let Some(tls) = &settings.tls {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        if let Err(error) = crate::smtp::server_config(tls) {
            problems.push(error.to_string());
        }
    }
    if let Err(error) =
        crate::delivery::NextHops::new(&settings.next_hops, &settings.hostname, &settings.delivery)
    {
        problems.push(error.to_string());
    }
    if !problems.is_empty() {
        return Err(Failure::usage(problems.join("\n")));
    }
    if common.json {
        super::print::print_json(
            &serde_json::json!({"ok": true, "schools": settings.schools.len()}),
        );
    } else {
        say!(
            "{} is in order: {} school(s), {} client(s), {} next hop(s), stance {}.",
            common.config.display(),
            settings.schools.len(),
            settings.clients.len(),
            settings.next_hops.len(),
            match settings.stance {
                schoolgate_policies::Stance::Observe => "observe (everything is delivered)",
                schoolgate_policies::Stance::Enforce => "enforce",
            }
        );
    }
    Ok(())
}
