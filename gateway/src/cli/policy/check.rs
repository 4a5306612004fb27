//! `schoolgate policy check`: everything that is wrong or odd in packs, each with its
//! file and line, and the examples run.

use std::path::{Path, PathBuf};

use schoolgate_policies::Pack;
use schoolgate_policies::examine::{Gravity, Remark, examine};
use serde::Serialize;

use super::in_force;
use crate::cli::failure::Failure;
use crate::cli::options::Common;
use crate::cli::print::print_json;
use crate::clock::Clock;
use crate::judge::{ContextError, load_pack, shipped_pack};

/// One thing to say, as a program reads it.
#[derive(Serialize)]
struct Line {
    file: String,
    /// From 1; 0 when it is about the pack as a whole.
    line: usize,
    gravity: Gravity,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
    what: String,
}

pub(super) fn run(packs: &[PathBuf], strict: bool, common: &Common) -> Result<(), Failure> {
    let files = if packs.is_empty() {
        in_force(common)?
    } else {
        packs.iter().cloned().map(Some).collect()
    };
    let mut worst = Gravity::Note;
    let mut counts = [0_usize; 3];
    let today = Clock::default().today();
    for file in &files {
        let mut loaded = None;
        let lines = match load_pack(file.as_deref()) {
            Ok(pack) => {
                let remarks = examine(&pack, today);
                let lines = remarks.into_iter().map(|r| said(file.as_deref(), &pack, r));
                let lines = lines.collect();
                loaded = Some(pack);
                lines
            }
            Err(error) => refused(error)?,
        };
        for line in &lines {
            worst = worst.max(line.gravity);
            counts[line.gravity as usize] += 1;
            if common.json {
                print_json(line);
            } else {
                say!("{}", in_words(line));
            }
        }
        if let (Some(pack), false) = (&loaded, common.json) {
            say!(
                "{}: the pack `{}` has {} rules, {} clauses and {} examples.",
                shown(file.as_deref()),
                pack.name,
                pack.rules.len(),
                pack.clauses.len(),
                pack.examples.len()
            );
        }
    }
    let fails = worst == Gravity::Mistake || (strict && worst == Gravity::Warning);
    if fails {
        let [_, warnings, mistakes] = counts;
        return Err(Failure::usage(format!(
            "{mistakes} mistake(s) and {warnings} warning(s)"
        )));
    }
    Ok(())
}

fn in_words(line: &Line) -> String {
    let place = match line.line {
        0 => String::new(),
        number => format!(":{number}"),
    };
    let rule = line
        .rule
        .as_ref()
        .map(|rule| format!("`{rule}`: "))
        .unwrap_or_default();
    let words = format!(
        "{}{place}: {}: {rule}{}",
        line.file,
        line.gravity.as_str(),
        line.what
    );
    // What a pack says is shown on one line and moves no cursor.
    words.replace(char::is_control, " ")
}

fn shown(file: Option<&Path>) -> String {
    file.map_or_else(|| "baseline".to_owned(), |path| path.display().to_string())
}

/// The file of a pack that another one extends: beside it, or the one that ships.
fn shown_of(file: Option<&Path>, pack: &str) -> String {
    // What ships builds on what ships.
    let own = file.filter(|path| shipped_pack(path).is_none());
    let beside = own.map(|path| path.with_file_name(format!("{pack}.toml")));
    match beside {
        Some(path) if path.exists() => path.display().to_string(),
        _ => pack.to_owned(),
    }
}

fn said(file: Option<&Path>, pack: &Pack, remark: Remark) -> Line {
    let elsewhere = remark.origin.as_ref().filter(|o| o.pack != pack.name);
    Line {
        file: match elsewhere {
            Some(origin) => shown_of(file, &origin.pack),
            None => shown(file),
        },
        line: remark.origin.as_ref().map_or(0, |o| o.line),
        gravity: remark.gravity,
        rule: remark.rule,
        what: remark.what,
    }
}

/// The mistakes of a pack that does not load.
fn refused(error: ContextError) -> Result<Vec<Line>, Failure> {
    let ContextError::Pack { path, errors } = error else {
        return Err(error.into());
    };
    let lines = errors.mistakes.into_iter().map(|mistake| Line {
        file: match &mistake.pack {
            Some(pack) => shown_of(Some(&path), pack),
            None => path.display().to_string(),
        },
        line: mistake.line,
        gravity: Gravity::Mistake,
        rule: None,
        what: match &mistake.nearest {
            Some(nearest) => format!("{}; did you mean `{nearest}`?", mistake.what),
            None => mistake.what.clone(),
        },
    });
    Ok(lines.collect())
}
