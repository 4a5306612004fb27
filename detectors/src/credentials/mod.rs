//! Passwords, codes and keys in a text.
//!
//! What: passwords and pass phrases, PINs, wi-fi keys, door and alarm codes, API keys and
//! tokens, recovery codes, log-in lists; beside a label ("password: Xyz123"), in a sentence
//! ("join OakLane-Staff and it's …"), on the next line, in a column of a table.
//!
//! Why: an account or a door that a mail gives away opens everything behind it, and a
//! password beside the locked file locks nothing.
//!
//! The password of a file in the same message is a matter of that file's encryption
//! (clause 001-20) and no log-in: what opened it, or what its words call the file's.
//!
//! How checked: what a word near it says it opens ([`context`]) and how much it looks like
//! a secret ([`likeness`]) together: right behind a label less is enough than further off.
//! Without a secret, talk of passwords is only talk.
//!
//! Examples: `password: Sunflower7!`. Not: "password reset", "your password is the child's
//! date of birth", "password: sent by text".

mod columns;
mod context;
mod likeness;
mod list;
mod look;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use self::context::{At, Cue};
use self::look::{KEY, Look, TALK, tokens};
use crate::roster::key::{Word, literal};

pub(crate) use self::columns::Columns;

/// The locked files of a message, as far as passwords go.
#[derive(Debug, Clone, Default)]
pub(crate) struct Locks {
    /// Whether any part is locked.
    pub any: bool,
    /// Digests of the passwords in the message that opened one.
    pub opened_by: BTreeSet<Word>,
}

/// A password that a text gives away.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Secret {
    pub value: String,
    /// Whether it belongs to a locked file of the same message.
    pub of_file: bool,
}

/// Words that call a password a file's.
static FILE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i-u)\b(?:attach\w*|file|document|spreadsheet|workbook|zip|pdf|report|to open (?:it|this|them)|letter|folder|archive)\b",
    )
    .ok()
});

/// The secrets that a cleaned text gives away.
pub(crate) fn find(text: &str, locks: &Locks) -> Vec<Secret> {
    find_from(text, 0, locks)
}

/// The secrets of a paragraph, with what was said before it: "my backup codes:", and the
/// codes below.
pub(crate) fn find_behind(before: &str, text: &str, locks: &Locks) -> Vec<Secret> {
    if before.is_empty() {
        return find(text, locks);
    }
    find_from(&format!("{before}\n\n{text}"), before.len() + 2, locks)
}

/// What the next paragraph may lean on: the end of this one.
pub(crate) fn tail(text: &str) -> &str {
    let mut from = text.len().saturating_sub(TALK);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    text.get(from..).unwrap_or_default()
}

/// The secrets from a place on.
fn find_from(text: &str, from: usize, locks: &Locks) -> Vec<Secret> {
    let cues = context::find(text);
    let mut secrets: Vec<Secret> = Vec::new();
    let mut note = |value: &str, at: usize| {
        if secrets.iter().all(|secret| secret.value != value) {
            secrets.push(Secret {
                of_file: is_of_file(text, at, value, locks, &cues),
                value: value.to_owned(),
            });
        }
    };
    if text
        .get(from..)
        .is_some_and(|text| text.contains("PRIVATE KEY-----"))
    {
        note("private key", 0);
    }
    // A password of a list has a figure in it, and few paragraphs have any.
    let own = text.as_bytes().get(from..).unwrap_or_default();
    if own.iter().any(u8::is_ascii_digit) {
        for (value, at) in list::passwords(text)
            .into_iter()
            .chain(list::behind_users(text))
        {
            if at >= from {
                note(value, at);
            }
        }
    }
    // "The gate", "Zoom" and "for example" speak of no secret by themselves; then only a key,
    // which is long, speaks for itself.
    let tells = |at: &At| !matches!(at.cue, Cue::Door | Cue::Meeting | Cue::Advice);
    let pieces = || own.split(u8::is_ascii_whitespace);
    if !cues.iter().any(tells) && pieces().all(|piece| piece.len() < KEY) {
        return secrets;
    }
    let tokens = tokens(text, &cues);
    let look = Look {
        text,
        cues: &cues,
        tokens: &tokens,
    };
    for (number, token) in tokens.iter().enumerate() {
        if token.start < from || look.is_talk(token) {
            continue;
        }
        let core = likeness::core(token.text);
        if likeness::is_service_key(core) || look.is_secret(number, token, core) {
            // A key beside no word of a password belongs to no file.
            note(core, if cues.is_empty() { 0 } else { token.start });
        }
    }
    if let Some((code, at)) = look.spelt_code().filter(|&(_, at)| at >= from) {
        note(&code, at);
    }
    secrets
}

/// Whether a password is that of a locked file of the message.
fn is_of_file(text: &str, at: usize, value: &str, locks: &Locks, cues: &[At]) -> bool {
    if locks.opened_by.contains(&literal(value)) {
        return true;
    }
    if !locks.any {
        return false;
    }
    // The paragraph up to the password says what it opens.
    let before = text.get(..at).unwrap_or_default();
    let paragraph = before.rsplit("\n\n").next().unwrap_or_default();
    let from = before.len() - paragraph.len();
    let account = cues
        .iter()
        .any(|cue| cue.cue == Cue::Account && cue.start >= from && cue.start < at);
    !account && FILE.as_ref().is_some_and(|words| words.is_match(paragraph))
}

#[cfg(test)]
mod tests;
