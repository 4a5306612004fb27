//! Log-in lists: a table with a column of passwords.

use super::likeness;
use crate::normalise::squash;

/// The columns of a table that hold secrets, once a heading has named them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Columns(Vec<usize>);

/// Headings of a column of secrets, without signs and in lower case.
fn is_heading(cell: &str) -> bool {
    let heading = squash(cell);
    const WHOLE: [&str; 16] = [
        "password",
        "passwords",
        "passcode",
        "passphrase",
        "pin",
        "pinnumber",
        "pincode",
        "pwd",
        "pw",
        "pword",
        "accesscode",
        "logincode",
        "secret",
        "apikey",
        "wifikey",
        "doorcode",
    ];
    WHOLE.contains(&heading.as_str())
        || (heading.len() < 32
            && ["password", "passcode", "pword"]
                .iter()
                .any(|end| heading.ends_with(end))
            && !heading.starts_with("forgot"))
}

impl Columns {
    /// The secrets of a row. A row of headings says where the next ones hold them, and is
    /// itself no secret.
    pub fn read<'a>(&mut self, cells: &'a [String]) -> Vec<&'a str> {
        let named: Vec<usize> = (0..)
            .zip(cells)
            .filter(|(_, cell)| cell.len() < 40 && is_heading(cell))
            .map(|(at, _)| at)
            .collect();
        if let [only] = named.as_slice() {
            // A label with its value beside it: "Password | Kestrel22".
            let filled = cells.iter().filter(|cell| !cell.trim().is_empty()).count();
            if let Some(value) = cells.get(only + 1).map(|cell| cell.trim())
                && filled == 2
                && is_value(value)
                && !is_label(value)
            {
                return vec![value];
            }
        }
        if !named.is_empty() {
            self.0 = named;
            return Vec::new();
        }
        self.0
            .iter()
            .filter_map(|&at| cells.get(at))
            .map(|cell| cell.trim())
            .filter(|value| is_value(value))
            .collect()
    }
}

/// One word that is not a remark about a missing one.
fn is_value(value: &str) -> bool {
    let lower = value.to_lowercase();
    let remark = [
        "n/a",
        "none",
        "tbc",
        "reset",
        "same",
        "see ",
        "pending",
        "sent",
        "changed",
        "expired",
        "forgotten",
        "issued",
        "yes",
        "no",
    ];
    (3..=64).contains(&value.chars().count())
        && value.split_whitespace().count() <= 3
        && !value
            .chars()
            .all(|c| c == '*' || c == '•' || c == '-' || c == 'x')
        && !remark.iter().any(|word| lower.starts_with(word))
}

/// Headings beside a heading are headings: "Password | Class".
fn is_label(value: &str) -> bool {
    likeness::of(likeness::core(value)) == likeness::Likeness::Plain
        && !value.contains(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|cell| (*cell).to_owned()).collect()
    }

    #[test]
    fn a_column_of_passwords_is_read_below_its_heading() {
        let mut columns = Columns::default();
        assert!(
            columns
                .read(&row(&["Name", "Username", "Password"]))
                .is_empty()
        );
        let first = row(&["A", "afox", "tiger42"]);
        assert_eq!(columns.read(&first), ["tiger42"]);
        assert!(
            columns
                .read(&row(&["B", "bfox", "reset needed"]))
                .is_empty()
        );
        assert!(columns.read(&row(&["C", "cfox", "••••••"])).is_empty());
    }

    #[test]
    fn a_label_with_its_value_is_one() {
        let pair = row(&["Password", "Kestrel22"]);
        assert_eq!(Columns::default().read(&pair), ["Kestrel22"]);
        assert!(
            Columns::default()
                .read(&row(&["Password", "Class"]))
                .is_empty()
        );
        assert!(
            Columns::default()
                .read(&row(&["Pinboard", "Felt22"]))
                .is_empty()
        );
    }
}
