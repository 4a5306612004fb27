//! `schoolgate policy explain`: the pack in plain English.

use schoolgate_policies::explain;

use super::{ExplainArgs, in_force, load};
use crate::cli::failure::Failure;
use crate::cli::print::print_json;
use crate::judge::load_pack;

pub(super) fn run(args: &ExplainArgs) -> Result<(), Failure> {
    let mut packs = Vec::new();
    match &args.pack {
        Some(pack) => packs.push(load(pack)?),
        None => {
            for file in in_force(&args.common)? {
                packs.push(load_pack(file.as_deref())?);
            }
        }
    }
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
