//! JSON: lists of records become the rows of a table, everything else keeps its name beside
//! its value. Read leniently, so that a file that was cut off or has a record on each line
//! is read too.

use super::records::{self, Tree};
use super::{File, Reader, charset};

/// Whether a text is JSON: its beginning keeps to the grammar (RFC 8259).
pub(super) fn is_json(bytes: &[u8]) -> bool {
    let head = bytes.get(..bytes.len().min(1024)).unwrap_or_default();
    let text = charset::decode(head, None);
    let text = text.trim_start_matches('\u{feff}').trim();
    let follows = |rest: &str, starts: &[char]| rest.trim_start().starts_with(starts);
    match text.split_at_checked(1) {
        Some(("{", rest)) => follows(rest, &['"', '}']) && text.contains("\":") || text == "{}",
        Some(("[", rest)) => {
            follows(rest, &['{', '[', '"']) && text.contains('"') && text.contains([':', ','])
        }
        _ => false,
    }
}

/// Reads a JSON file.
pub(super) fn read(reader: &mut Reader<'_>, file: &File<'_>) {
    let left = reader.budget.text_left();
    let bytes = reader.within_text(file, left);
    let text = charset::decode(bytes, file.charset.as_deref());
    records::read_tree(reader, file, tree(&text));
}

/// What is open: an object, or a list with the name that its elements get.
enum Open {
    Object,
    List { name: String, element: bool },
}

fn tree(text: &str) -> Tree {
    let mut tree = Tree::default();
    tree.open("document");
    let mut open: Vec<Open> = Vec::new();
    let mut key: Option<String> = None;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let name = || match (open.last(), &key) {
            (Some(Open::List { name, .. }), _) => name.clone(),
            (_, Some(key)) => key.clone(),
            _ => "record".to_owned(),
        };
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        match c {
            '{' => {
                tree.open(&name());
                key = None;
                open.push(Open::Object);
                rest = after;
            }
            '[' => {
                let nested = matches!(open.last(), Some(Open::List { .. }));
                let own = name();
                if nested {
                    tree.open(&own);
                }
                let name = if nested { "cell".to_owned() } else { own };
                open.push(Open::List {
                    name,
                    element: nested,
                });
                key = None;
                rest = after;
            }
            '}' | ']' => {
                match open.pop() {
                    Some(Open::Object | Open::List { element: true, .. }) => tree.close(),
                    Some(Open::List { .. }) | None => {}
                }
                key = None;
                rest = after;
            }
            '"' => {
                let (value, after) = string(after);
                rest = after;
                let is_key = key.is_none()
                    && matches!(open.last(), Some(Open::Object))
                    && rest.trim_start().starts_with(':');
                if is_key {
                    key = Some(value);
                } else {
                    tree.field(&name(), &value);
                    key = None;
                }
            }
            ',' | ':' => rest = after,
            c if c.is_whitespace() => rest = after,
            _ => {
                let end = rest
                    .find(|c: char| matches!(c, ',' | '}' | ']' | '"') || c.is_whitespace())
                    .unwrap_or(rest.len())
                    .max(c.len_utf8());
                let (value, after) = rest.split_at(end);
                if !matches!(value, "null" | "true" | "false") {
                    tree.field(&name(), value);
                } else if value == "true" {
                    // A mark that is set speaks by its name.
                    tree.field(&name(), "yes");
                }
                key = None;
                rest = after;
            }
        }
    }
    tree
}

/// A string behind its opening quote, and what follows it.
fn string(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((i, c)) = chars.next() {
        match c {
            '"' => return (value, text.get(i + 1..).unwrap_or_default()),
            '\\' => match chars.next() {
                Some((_, 'n' | 'r')) => value.push('\n'),
                Some((_, 't')) => value.push('\t'),
                Some((i, 'u')) => {
                    let (c, used) = escape(text.get(i..).unwrap_or_default());
                    value.push(c);
                    for _ in 0..used {
                        chars.next();
                    }
                }
                Some((_, other)) => value.push(other),
                None => {}
            },
            other => value.push(other),
        }
    }
    (value, "")
}

/// The character of an escape that starts at its `u`, and the characters used behind that.
fn escape(text: &str) -> (char, usize) {
    let unit = |at: usize| {
        let digits = text.get(at..at + 4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    let Some(first) = unit(1) else {
        return ('\u{fffd}', 0);
    };
    let second = match text.get(5..7) {
        Some("\\u") => unit(7),
        _ => None,
    };
    let units = [
        Some(first),
        second.filter(|_| (0xd800..0xdc00).contains(&first)),
    ];
    let mut decoded = char::decode_utf16(units.into_iter().flatten());
    match (decoded.next(), units[1]) {
        (Some(Ok(c)), Some(_)) => (c, 10),
        (Some(Ok(c)), None) => (c, 4),
        _ => ('\u{fffd}', 4),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::Body;

    fn rows(json: &str) -> Vec<String> {
        let mut passages = Vec::new();
        tree(json).passages(&mut passages, &mut 10_000);
        passages
            .into_iter()
            .map(|p| match p.body {
                Body::Text(text) => text,
                Body::Row { cells, .. } => cells.join("|"),
            })
            .collect()
    }

    #[test]
    fn a_list_of_records_is_a_table() {
        assert_eq!(
            rows(
                r#"{"school":"Oak","pupils":[{"name":"Zo\u00eb","send":{"need":"EHCP"}},{"name":"Max","age":9}]}"#
            ),
            ["school: Oak", "name|send need|age", "Zoë|EHCP", "Max||9"]
        );
        assert_eq!(
            rows("[[\"Name\",\"Class\"],[\"Jamie\",\"4B\"]]"),
            ["Name|Class", "Jamie|4B"]
        );
        assert_eq!(rows("{\"a\":1}\n{\"a\":2}"), ["a", "1", "2"]);
    }

    #[test]
    fn escapes_of_two_units_are_one_character() {
        assert_eq!(string(r#"\ud83d\ude00x" y"#), ("😀x".to_owned(), " y"));
    }

    #[test]
    fn tells_json_from_text() {
        assert!(is_json(b"{\"a\": 1}"));
        assert!(is_json(b"[{\"a\": 1}]"));
        assert!(!is_json(b"[see the note, and \"this\"]"));
        assert!(!is_json(b"{\\rtf1}"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_once(text in "[\\[\\]{}\":,a1 \\\\u\n-]{0,200}") {
            let out: usize = rows(&text).iter().map(String::len).sum();
            prop_assert!(out <= 20 * text.len() + 200);
        }
    }
}
