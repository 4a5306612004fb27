//! `schoolgate audit verify`: whether the log is whole.

use std::process::ExitCode;

use clap::Subcommand;
use serde::Serialize;

use super::failure::Failure;
use super::options::Common;
use crate::audit::{self, Verified};
use crate::installation::Installation;

/// What can be done with the audit log.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Walk each school's chain and say whether it holds
    Verify {
        #[command(flatten)]
        common: Common,
    },
}

/// Runs it. 1: a chain is broken.
pub fn run(command: &AuditCommand) -> ExitCode {
    let AuditCommand::Verify { common } = command;
    common.run(verify)
}

#[derive(Serialize)]
struct Shown {
    school: String,
    #[serde(flatten)]
    verified: Verified,
}

async fn verify(common: &Common, installation: Installation) -> Result<(), Failure> {
    let mut list = Vec::new();
    let slugs = installation.settings.schools.iter().map(|s| s.id.as_str());
    for slug in slugs.chain([crate::spool::UNASSIGNED]) {
        let Some(school) = installation.vault.school(slug) else {
            continue;
        };
        list.push(Shown {
            school: slug.to_owned(),
            verified: audit::verify(&installation.store, school).await?,
        });
    }
    common.print_list(
        &list,
        &["school", "lines", "chain", "last hash"],
        |s| {
            vec![
                s.school.clone(),
                s.verified.lines.to_string(),
                match &s.verified.broken {
                    None => "whole".into(),
                    Some((line, why)) => format!("broken at line {line}: {why}"),
                },
                s.verified.head.get(..16).unwrap_or_default().to_owned(),
            ]
        },
        "There is no school.",
    );
    let broken = list.iter().filter(|s| s.verified.broken.is_some()).count();
    if broken > 0 {
        return Err(std::io::Error::other(format!(
            "{broken} audit log(s) are broken. Keep the data folder as it is, and compare with the last backup"
        ))
        .into());
    }
    Ok(())
}
