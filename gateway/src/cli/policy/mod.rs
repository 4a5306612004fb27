//! `schoolgate policy`: tools for whoever writes or answers for the school's policy.

mod check;
mod coverage;
mod diff;
mod explain;
mod replay;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use schoolgate_policies::Pack;

use super::check::{self as judge, CheckArgs};
use super::failure::{Failure, finish};
use super::options::Common;
use crate::config;
use crate::judge::load_pack;

/// What can be done with packs.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Say a pack in plain English: each rule as a sentence, what people read, each clause
    Explain(ExplainArgs),
    /// Look for what is wrong in packs, and run the examples in them
    Check {
        /// Pack files, or names of packs that ship [default: each school's own]
        packs: Vec<PathBuf>,
        /// Fail on warnings too
        #[arg(long)]
        strict: bool,
        #[command(flatten)]
        common: Common,
    },
    /// Say what differs between two packs
    Diff {
        /// The pack as it was: a file, or the name of one that ships
        old: PathBuf,
        /// The pack as it is: a file, or the name of one that ships
        new: PathBuf,
        /// Answer in JSON, for programs
        #[arg(long)]
        json: bool,
    },
    /// Judge messages in files with a pack that is not in force yet
    Try {
        /// The pack: a file, or the name of one that ships
        pack: PathBuf,
        #[command(flatten)]
        check: Box<CheckArgs>,
    },
    /// Judge again what has passed, from the journal, and show which verdicts would change
    Replay(replay::ReplayArgs),
    /// Say what keeps each clause of a policy: rules, features, or why nothing can
    Coverage(coverage::CoverageArgs),
    /// Print a pack to begin with, for a school of this name
    Start {
        /// A name of small letters, digits and `-`
        name: String,
        /// The pack that it extends: the baseline, a stance or a policy that ships
        #[arg(long, value_name = "PACK", default_value = "baseline")]
        from: String,
    },
}

/// What `policy explain` takes.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A pack file, or the name of one that ships [default: each school's own]
    pack: Option<PathBuf>,
    /// Print a page of HTML that needs nothing else, for a browser or the governors' papers
    #[arg(long, conflicts_with_all = ["json", "markdown"])]
    html: bool,
    /// Print Markdown [default]
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
    #[command(flatten)]
    common: Common,
}

/// Runs it.
pub fn run(command: &PolicyCommand) -> ExitCode {
    finish(match command {
        PolicyCommand::Explain(args) => explain::run(args),
        PolicyCommand::Check {
            packs,
            strict,
            common,
        } => check::run(packs, *strict, common),
        PolicyCommand::Diff { old, new, json } => diff::run(old, new, *json),
        PolicyCommand::Try { pack, check } => {
            return judge::run_with_pack(check, pack);
        }
        PolicyCommand::Replay(args) => return replay::run(args),
        PolicyCommand::Coverage(args) => coverage::run(args),
        PolicyCommand::Start { name, from } => start(name, from),
    })
}

/// The pack that an argument names.
fn load(pack: &Path) -> Result<Pack, Failure> {
    Ok(load_pack(Some(pack))?)
}

/// The pack that is named, else those in force.
fn asked(pack: Option<&Path>, common: &Common) -> Result<Vec<Pack>, Failure> {
    if let Some(pack) = pack {
        return Ok(vec![load(pack)?]);
    }
    let mut packs = Vec::new();
    for file in in_force(common)? {
        packs.push(load_pack(file.as_deref())?);
    }
    Ok(packs)
}

/// The packs in force, each once, by their files; `None` is the baseline.
fn in_force(common: &Common) -> Result<Vec<Option<PathBuf>>, Failure> {
    // Without a configuration there is still the baseline to be looked at.
    if !common.config.exists() {
        return Ok(vec![None]);
    }
    let mut packs = Vec::new();
    for school in config::load(&common.config)?.schools {
        if !packs.contains(&school.pack) {
            packs.push(school.pack);
        }
    }
    Ok(packs)
}

fn start(name: &str, from: &str) -> Result<(), Failure> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || name.len() > 80 || !name.chars().all(fits) {
        return Err(Failure::usage(
            "a pack's name is made of small letters, digits and `-`",
        ));
    }
    if Pack::shipped_text(from).is_none() {
        let known: Vec<&str> = Pack::shipped_names().collect();
        return Err(Failure::usage(format!(
            "no pack that ships has this name; there are {}",
            known.join(", ")
        )));
    }
    say!("{}", Pack::starter_text(name, from).trim_end());
    Ok(())
}
