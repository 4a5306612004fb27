//! Which files `check` looks at, in which order.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders in folders beyond this depth are a loop of links.
const DEPTH: usize = 64;

/// A file to be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub path: PathBuf,
    /// As the verdict names it: a file as given, a file in a folder relative to that folder.
    pub shown: String,
}

/// All files named, and the .eml files in all folders named, each folder in name order.
///
/// # Errors
/// A path does not exist, or a folder cannot be read.
pub fn gather(paths: &[PathBuf]) -> Result<Vec<Message>, String> {
    let mut messages = Vec::new();
    for path in paths {
        let failed = |error| format!("{}: {error}", path.display());
        if fs::metadata(path).map_err(failed)?.is_dir() {
            walk(path, path, DEPTH, &mut messages)?;
        } else {
            messages.push(Message {
                path: path.clone(),
                shown: path.to_string_lossy().into_owned(),
            });
        }
    }
    Ok(messages)
}

fn walk(
    top: &Path,
    folder: &Path,
    depth: usize,
    messages: &mut Vec<Message>,
) -> Result<(), String> {
    let failed = |error| format!("{}: {error}", folder.display());
    if depth == 0 {
        return Err(format!("{}: folders lie too deep", folder.display()));
    }
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        entries.push(entry.map_err(failed)?.path());
    }
    entries.sort();
    for path in entries {
        let is_message = path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("eml"));
        if path.is_dir() {
            walk(top, &path, depth - 1, messages)?;
        } else if is_message && fs::metadata(&path).map_or(true, |found| found.is_file()) {
            // A dangling link is a file that cannot be read; a pipe would never end.
            let inside = path.strip_prefix(top).unwrap_or(&path);
            messages.push(Message {
                shown: inside.to_string_lossy().into_owned(),
                path,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_walked_in_name_order_for_eml_files() {
        let top = tempfile::tempdir().unwrap();
        fs::create_dir_all(top.path().join("b/inner")).unwrap();
        for name in [
            "c.eml",
            "a.EML",
            "b/2.eml",
            "b/inner/1.eml",
            "b/notes.txt",
            "z.txt",
        ] {
            fs::write(top.path().join(name), "x").unwrap();
        }
        let other = top.path().join("z.txt");
        let found = gather(&[other.clone(), top.path().to_owned()]).unwrap();
        let shown: Vec<&str> = found.iter().map(|m| m.shown.as_str()).collect();
        assert_eq!(
            shown,
            [
                other.to_str().unwrap(),
                "a.EML",
                "b/2.eml",
                "b/inner/1.eml",
                "c.eml"
            ]
        );
    }

    #[test]
    fn a_path_that_does_not_exist_is_a_mistake_of_usage() {
        assert!(gather(&[PathBuf::from("/nonexistent/a.eml")]).is_err());
    }
}
