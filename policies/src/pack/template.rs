//! The sentences of a rule, with places for what was found.

use toml::Spanned;

use super::error::nearest;
use super::reader::{Reader, shortened};

/// What a sentence may leave to be filled in.
pub const PLACEHOLDERS: &[&str] = &[
    "relation", "found", "marking", "where", "files", "clauses", "limit",
];

/// The longest sentence, in characters.
const MOST_LONG: usize = 1_000;

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
    pieces(text).into_iter().filter_map(|piece| match piece {
        Piece::Place(name) => Some(name),
        Piece::Text(_) | Piece::Open(_) => None,
    })
}

/// The sentence with its places filled.
pub(crate) fn fill(text: &str, value: &dyn Fn(&str) -> String) -> String {
    let mut filled = String::with_capacity(text.len());
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

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        match after.split_once('}') {
            Some((name, tail)) => {
                pieces.push(Piece::Place(name));
                rest = tail;
            }
            None => {
                pieces.push(Piece::Open(after));
                return pieces;
            }
        }
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_every_place() {
        let filled = fill("a {found} b {files}.", &|name| name.to_uppercase());
        assert_eq!(filled, "a FOUND b FILES.");
        assert_eq!(fill("plain", &|_| String::new()), "plain");
    }
}
