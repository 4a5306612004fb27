//! `schoolgate policy diff`: what a new pack says otherwise than an old one, in words.

use std::path::Path;

use schoolgate_policies::explain;

use super::load;
use crate::cli::failure::Failure;
use crate::cli::print::print_json;

pub(super) fn run(old: &Path, new: &Path, json: bool) -> Result<(), Failure> {
    let changes = explain::changes(&load(old)?, &load(new)?);
    if json {
        changes.iter().for_each(print_json);
        return Ok(());
    }
    if changes.is_empty() {
        say!("They say the same.");
    }
    for change in &changes {
        // What a pack says is shown on one line and moves no cursor.
        let line = format!("{}: {}", change.about, change.what);
        say!("{}", line.replace(char::is_control, " "));
    }
    Ok(())
}
