//! `schoolgate policy explain`: the pack in plain English.

use schoolgate_policies::explain;

use super::{ExplainArgs, asked};
use crate::cli::failure::Failure;
use crate::cli::print::print_json;

pub(super) fn run(args: &ExplainArgs) -> Result<(), Failure> {
    let packs = asked(args.pack.as_deref(), &args.common)?;
    if args.html {
        say!("{}", explain::packs_html(&packs).trim_end());
        return Ok(());
    }
    for pack in &packs {
        if args.common.json {
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
