//! `schoolgate policy explain`: the pack in plain English.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use schoolgate_policies::explain;

use super::failure::{Failure, finish};
use super::options::Common;
use super::print::print_json;
use crate::config;
use crate::judge::load_pack;

/// What can be done with packs.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Say each rule of a pack as a plain sentence
    Explain {
        /// A pack file [default: each school's own]
        pack: Option<PathBuf>,
        #[command(flatten)]
        common: Common,
    },
}

/// Runs it.
pub fn run(command: &PolicyCommand) -> ExitCode {
    let PolicyCommand::Explain { pack, common } = command;
    finish(explain_packs(pack.as_ref(), common))
}

fn explain_packs(pack: Option<&PathBuf>, common: &Common) -> Result<(), Failure> {
    let mut packs = Vec::new();
    match pack {
        Some(path) => packs.push(load_pack(Some(path.as_path()))?),
        // Without a configuration there is still the baseline to be explained.
        None if !common.config.exists() => packs.push(load_pack(None)?),
        None => {
            for school in &config::load(&common.config)?.schools {
                packs.push(load_pack(school.pack.as_deref())?);
            }
        }
    }
    for pack in &packs {
        if common.json {
            for rule in &pack.rules {
                print_json(&serde_json::json!({
                    "pack": pack.name,
                    "id": rule.id,
                    "concern": rule.concern,
                    "verdict": rule.then,
                    "mode": rule.mode,
                    "clauses": rule.clauses,
                    "sentence": explain::rule(rule),
                }));
            }
        } else {
            say!("{}", explain::pack(pack));
        }
    }
    Ok(())
}
