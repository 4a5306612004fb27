//! The sentences of a rule, with places for what was found.

use std::borrow::Cow;

use toml::Spanned;

use super::error::nearest;
use super::reader::{Reader, shortened};

/// What a sentence may leave to be filled in.
pub const PLACEHOLDERS: &[&str] = &[
    "relation", "found", "marking", "where", "files", "clauses", "limit",
];

/// The longest sentence, in characters.
const MOST_LONG: usize = 1_000;

/// Room for what places are filled with.
const MOST_USUAL: usize = 64;

/// Notes every placeholder that does not exist.
pub(crate) fn check(reader: &mut Reader<'_>, text: &Spanned<String>, key: &str) {
    if text.get_ref().trim().is_empty() {
        reader.mistake(text.span(), format!("`{key}` is blank"));
    }
    if text.get_ref().chars().count() > MOST_LONG {
        reader.mistake(
            text.span(),
            format!("`{key}` is longer than {MOST_LONG} characters"),
        );
    }
    for piece in pieces(text.get_ref()) {
        match piece {
            Piece::Text(_) => {}
            Piece::Place(name) if PLACEHOLDERS.contains(&name) => {}
            Piece::Place(name) => {
                reader.unknown(
                    text.span(),
                    "placeholder",
                    &format!("{{{name}}}"),
                    braces(name).iter().map(String::as_str),
                );
            }
            Piece::Open(rest) => {
                reader.mistake(
                    text.span(),
                    format!(
                        "`{key}` has a brace that nothing closes: `{}`",
                        shortened(rest)
                    ),
                );
            }
        }
    }
}

/// The placeholders with their braces, the nearest alone when there is one.
fn braces(name: &str) -> Vec<String> {
    match nearest(name, PLACEHOLDERS.iter().copied()) {
        Some(near) => vec![format!("{{{near}}}")],
        None => PLACEHOLDERS.iter().map(|p| format!("{{{p}}}")).collect(),
    }
}

/// The names of the places in a sentence, in its order.
pub(crate) fn places(text: &str) -> impl Iterator<Item = &str> {
    pieces(text).filter_map(|piece| match piece {
        Piece::Place(name) => Some(name),
        Piece::Text(_) | Piece::Open(_) => None,
    })
}

/// The sentence with its places filled.
pub(crate) fn fill<'v>(text: &str, value: &dyn Fn(&str) -> Cow<'v, str>) -> String {
    let mut filled = String::with_capacity(text.len() + MOST_USUAL);
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) | Piece::Open(text) => filled.push_str(text),
            Piece::Place(name) => filled.push_str(&value(name)),
        }
    }
    filled
}

enum Piece<'a> {
    Text(&'a str),
    Place(&'a str),
    /// A brace without its other half, and what follows.
    Open(&'a str),
}

fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let Some(inside) = rest.strip_prefix('{') else {
            let end = rest.find('{').unwrap_or(rest.len());
            let (before, after) = rest.split_at(end);
            rest = after;
            return (!before.is_empty()).then_some(Piece::Text(before));
        };
        Some(match inside.split_once('}') {
            Some((name, tail)) => {
                rest = tail;
                Piece::Place(name)
            }
            None => {
                rest = "";
                Piece::Open(inside)
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_every_place() {
        let filled = fill("a {found} b {files}.", &|name| name.to_uppercase().into());
        assert_eq!(filled, "a FOUND b FILES.");
        assert_eq!(fill("plain", &|_| "".into()), "plain");
    }
}
