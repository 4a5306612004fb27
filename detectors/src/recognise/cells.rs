//! What one cell of a list may be: somebody's name, a grown-up's, a plain no.

use crate::normalise::squash;
use crate::roster::key::{Word, joined, words};
use crate::words::is_title;

/// Whether a cell begins with a title.
pub(super) fn is_adult(cell: &str) -> bool {
    let words = words(cell);
    words.len() > 1 && words.first().is_some_and(|first| is_title(first))
        || cell.split(',').nth(1).is_some_and(|rest| {
            crate::roster::key::words(rest)
                .first()
                .is_some_and(|first| is_title(first))
        })
}

/// Whether a cell could be a forename or a surname.
pub(super) fn is_name(cell: &str) -> bool {
    let count = words(cell).len();
    (1..=3).contains(&count)
        && cell.len() <= 60
        && !cell.contains(|c: char| c.is_ascii_digit() || matches!(c, '@' | '/' | ':' | '.'))
}

/// The cells of a row that look like its name, for a masked excerpt.
pub(super) fn name_in(cells: &[String]) -> String {
    let names: Vec<&str> = cells
        .iter()
        .take(64)
        .map(String::as_str)
        .filter(|cell| is_name(cell))
        .take(2)
        .collect();
    names.join(" ")
}

/// The ways to read one cell as forename and surname, in either order.
pub(super) fn splits(full: &str) -> Vec<(Word, Word)> {
    if let Some((surname, forename)) = full.split_once(',') {
        let (forenames, surname) = (words(forename), joined(&words(surname)));
        let mut pairs = vec![(joined(&forenames), surname)];
        if let Some(first) = forenames.first() {
            pairs.push((Word::of(first), surname));
        }
        return pairs;
    }
    let words = words(full);
    let mut pairs = Vec::new();
    for at in 1..words.len().min(6) {
        let (Some(first), Some(second)) = (words.get(..at), words.get(at..)) else {
            break;
        };
        pairs.push((joined(first), joined(second)));
        pairs.push((joined(second), joined(first)));
    }
    // A middle name between.
    if words.len() > 2
        && let (Some(first), Some(last)) = (words.first(), words.last())
    {
        pairs.push((Word::of(first), Word::of(last)));
    }
    pairs
}

/// Whether a cell is more than a "no".
pub(super) fn says_something(cell: &str) -> bool {
    !matches!(
        squash(cell).as_str(),
        "" | "n"
            | "no"
            | "none"
            | "na"
            | "nil"
            | "0"
            | "false"
            | "f"
            | "notapplicable"
            | "nonrecorded"
            | "noneknown"
            | "nosen"
            | "unknown"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_no_says_nothing() {
        for cell in ["N", "no", "-", "n/a", "0", "None"] {
            assert!(!says_something(cell), "{cell}");
        }
        assert!(says_something("K"));
    }

    #[test]
    fn a_cell_splits_into_names_in_either_order() {
        let wanted = (Word::of("theo"), Word::of("walker"));
        for cell in [
            "Theo Walker",
            "WALKER, Theo",
            "walker theo",
            "Walker, Theo James",
            "Theo James Walker",
        ] {
            assert!(splits(cell).contains(&wanted), "{cell}");
        }
    }
}
