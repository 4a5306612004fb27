//! Passwords and log-ins in a text.
//!
//! What: "password: Xyz123", "PIN is 4821", "username … password …".
//!
//! Why: an account that a mail gives away opens everything behind it, and a password
//! beside the locked file locks nothing.
//!
//! The password of a file in the same message is a matter of that file's encryption
//! (clause 001-20) and no log-in: what opened it, or what its words call the file's.
//!
//! How checked: the word, then a sign or "is", then something that looks like a secret
//! and not like prose: it has a figure or a sign, or stands alone at the line's end.
//!
//! Examples: `password: Sunflower7!`. Not: "password reset", "your password is the child's
//! date of birth", "password: sent by text".

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::roster::key::{Word, literal};

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

/// Words that call it an account's, whatever else is said.
static ACCOUNT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i-u)\b(?:user ?names?|user ?id|log-? ?ins?|account|portal|sign in|wi-?fi|log on)\b",
    )
    .ok()
});

static SHAPE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?i-u:\b(?:passwords?|passphrase|pass ?code|pwd|pword|p/w|pw|log-?in code|access code|(?:wi-?fi|wireless|network|security|wpa2?) key)\b)(?i)[ ]*(?:for [^\n:=]{1,40}?)?[ ]*(?:[:=]|is|are|-)[ :]*["'(]?([^\s"'()]{4,64})"#,
    )
    .ok()
});

/// Words of an invitation to a meeting by video or telephone.
static MEETING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i-u)\b(?:meeting id|conference id|webinar id|zoom|teams meeting|google meet|webex|join (?:the )?(?:meeting|call|webinar))\b")
        .ok()
});

/// A password with nothing between: then only what no word looks like is one.
static BARE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?i)\b(?:password|passphrase|pass ?code|pwd|pword|p/w|pw)[ ]+["'(]?([^\s"'()]{6,64})"#,
    )
    .ok()
});

/// "Pass" alone is a word of many meanings; after a user's name it is one.
static SHORT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?i)\b(?:user(?: ?name| ?id)?|log-?in|network|ssid)\b[^\n]{1,60}?[\s,/](?:pass|key)[ ]*[:=][ ]*["'(]?([^\s"'()]{4,64})"#,
    )
    .ok()
});

/// The words of which one at least stands in every text with a secret, folded: they spare
/// the patterns below all other texts.
pub(crate) const TELLING: &[&str] = &[
    "password",
    "passwords",
    "passphrase",
    "pass",
    "passcode",
    "pwd",
    "pword",
    "p",
    "pw",
    "log",
    "login",
    "access",
    "wifi",
    "wi",
    "wireless",
    "network",
    "security",
    "wpa",
    "wpa2",
    "user",
    "username",
    "userid",
    "ssid",
];

/// The secrets that a cleaned text gives away.
pub(crate) fn find(text: &str, locks: &Locks) -> Vec<Secret> {
    let mut secrets: Vec<Secret> = Vec::new();
    for (shape, looks) in [
        (&SHAPE, looks_secret as fn(&str, bool, &str) -> bool),
        (&SHORT, looks_secret),
        (&BARE, |value, _, _| {
            value.contains(|c: char| c.is_ascii_digit()) && value.contains(char::is_alphabetic)
        }),
    ] {
        let Some(shape) = shape.as_ref() else {
            continue;
        };
        for found in shape.captures_iter(text) {
            let (Some(whole), Some(secret)) = (found.get(0), found.get(1)) else {
                continue;
            };
            let value = secret.as_str().trim_end_matches(['.', ',', ';']);
            let ends_line = text
                .get(secret.end()..)
                .is_none_or(|rest| rest.is_empty() || rest.starts_with('\n'));
            let known = secrets.iter().any(|secret| secret.value == value);
            if !known
                && looks(value, ends_line, whole.as_str())
                && !is_of_meeting(text, whole.start())
            {
                secrets.push(Secret {
                    of_file: is_of_file(text, secret.start(), value, locks),
                    value: value.to_owned(),
                });
            }
        }
    }
    secrets
}

/// Whether a password is that of a locked file of the message.
fn is_of_file(text: &str, at: usize, value: &str, locks: &Locks) -> bool {
    if locks.opened_by.contains(&literal(value)) {
        return true;
    }
    let says = |words: &Option<Regex>, text: &str| {
        words.as_ref().is_some_and(|words| words.is_match(text))
    };
    // The paragraph up to the password says what it opens.
    let before = text.get(..at).unwrap_or_default();
    let paragraph = before.rsplit("\n\n").next().unwrap_or_default();
    locks.any && says(&FILE, paragraph) && !says(&ACCOUNT, paragraph)
}

/// Whether a password stands in a link or belongs to a meeting: it lets those in whom the
/// sender invites, and nobody into an account.
fn is_of_meeting(text: &str, start: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    let word = before
        .rsplit(char::is_whitespace)
        .next()
        .unwrap_or_default();
    let line = text.get(start..).unwrap_or_default();
    let link = word.contains("://") || (word.contains('?') && line.contains('='));
    // The lines before say what is joined.
    let nearby: Vec<&str> = before.rsplit('\n').take(6).collect();
    let says = |words: &Option<Regex>| {
        words
            .as_ref()
            .is_some_and(|words| nearby.iter().any(|line| words.is_match(line)))
    };
    link || (says(&MEETING) && !says(&ACCOUNT))
}

fn looks_secret(value: &str, ends_line: bool, whole: &str) -> bool {
    let figure = value.contains(|c: char| c.is_ascii_digit());
    let letter = value.contains(char::is_alphabetic);
    let sign = value.contains(['!', '@', '#', '$', '%', '^', '&', '*', '?', '+', '£']);
    if value.chars().count() < 4 || value.starts_with("http") || value.contains("://") {
        return false;
    }
    // "password: Sunflower" alone on its line is one; "password is required" is prose.
    let introduced =
        whole.contains([':', '=']) && ends_line && value.chars().any(char::is_uppercase);
    (figure && (letter || sign || value.len() >= 4)) || (sign && letter) || introduced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found() {
        for (text, secret) in [
            ("The password: Sunflower7!", "Sunflower7!"),
            ("password for the file is Jamie2014.", "Jamie2014"),
            ("pw=hunter22", "hunter22"),
            ("Passcode: 482913", "482913"),
            ("Password: Sunflower\nThanks", "Sunflower"),
            ("user: oaklane-admin pass: Th1stle!Fork", "Th1stle!Fork"),
            ("wifi key: 7hgT-99Ql-xx01", "7hgT-99Ql-xx01"),
            ("use mine: cbirch / password Hedgehog22", "Hedgehog22"),
        ] {
            let found = find(text, &Locks::default());
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(found[0].value, secret, "{text}");
            assert!(!found[0].of_file, "{text}");
        }
    }

    #[test]
    fn the_password_of_a_file_in_the_message_is_no_log_in() {
        let of_file = |text: &str, locks: &Locks| find(text, locks)[0].of_file;
        let locked = Locks {
            any: true,
            opened_by: BTreeSet::from([literal("Lapwing-4417")]),
        };
        assert!(of_file("Password: Lapwing-4417", &locked));
        assert!(of_file("The password for the report is Robin-8", &locked));
        assert!(!of_file(
            "The password for the report is Robin-8",
            &Locks::default()
        ));
        assert!(!of_file("Username: sgrange, password: Robin-8", &locked));
    }

    #[test]
    fn prose_gives_nothing_away() {
        for text in [
            "Please choose a password. It is required.",
            "Your password is the child's date of birth",
            "password reset link: https://school.example/reset?x=12345",
            "The password is sent by text message",
            "password policy",
            "passwords should have twelve characters",
            "the password twice, please",
            "Bus pass: B220 for the user",
            "https://meet.example/j/999?pwd=abCD12x",
            "Meeting ID: 872 1133 9040\nPasscode: 4QxT7b",
            "We talked about passwords - children liked it",
        ] {
            assert!(find(text, &Locks::default()).is_empty(), "{text}");
        }
    }
}
