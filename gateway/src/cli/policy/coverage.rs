//! `schoolgate policy coverage`: what keeps each clause of a policy.

use std::path::PathBuf;

use clap::Args;
use schoolgate_policies::Pack;
use schoolgate_policies::coverage::{self, ClauseCoverage};

use super::asked;
use crate::cli::failure::Failure;
use crate::cli::options::Common;
use crate::cli::print::print_json;

/// What it takes.
#[derive(Debug, Args)]
pub struct CoverageArgs {
    /// A pack file, or the name of one that ships [default: each school's own]
    pack: Option<PathBuf>,
    /// Print a page of Markdown, for the governors' papers
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(args: &CoverageArgs) -> Result<(), Failure> {
    let packs = asked(args.pack.as_deref(), &args.common)?;
    for pack in &packs {
        let list = coverage::coverage(pack);
        if args.common.json {
            list.iter().for_each(print_json);
        } else if args.markdown {
            say!("{}", coverage::markdown(pack, &list).trim_end());
        } else {
            print(pack, &list);
        }
    }
    Ok(())
}

/// Clause by clause, in the order of the policy.
fn print(pack: &Pack, list: &[ClauseCoverage]) {
    // What a pack says is shown on one line and moves no cursor.
    let line = |text: &str| text.replace(char::is_control, " ");
    for clause in list {
        let words = line(&clause.words);
        say!(
            "{}: {}: \u{201c}{words}\u{201d}",
            line(&clause.clause),
            clause.kept.label()
        );
        for reason in coverage::reasons(clause) {
            say!("    {}", line(&reason));
        }
    }
    say!("{}: {}", pack.name, coverage::tally(list));
}
