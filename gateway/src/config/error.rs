//! What is wrong with a configuration, where, and what to do.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Line in the file from 1; 0 when the mistake has no place.
    pub line: usize,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error(
        "cannot read the configuration {path}: {source}. Check the path and that this user may read it"
    )]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{}", listing(path, problems))]
    Problems {
        path: PathBuf,
        problems: Vec<Problem>,
    },
}

fn listing(path: &Path, problems: &[Problem]) -> String {
    let mut text = String::new();
    for problem in problems {
        if !text.is_empty() {
            text.push('\n');
        }
        let path = path.display();
        // Writing to a String cannot fail.
        let _ = match problem.line {
            0 => write!(text, "{path}: {}", problem.what),
            line => write!(text, "{path}:{line}: {}", problem.what),
        };
        if !problem.remedy.is_empty() {
            let _ = write!(text, "\n    {}", problem.remedy);
        }
    }
    text
}
