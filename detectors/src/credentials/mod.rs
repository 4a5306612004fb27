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

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use self::context::{At, Cue};
use self::likeness::Likeness;
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

/// How far a label reaches, in octets.
const LABEL: usize = 60;
/// How far the talk of an account or a lock reaches.
const TALK: usize = 220;
/// How far a list of recovery codes reaches.
const CODES: usize = 500;
/// A key is at least this long.
const KEY: usize = 16;

/// A piece of a text without white space.
#[derive(Debug, Clone, Copy)]
struct Token<'a> {
    text: &'a str,
    start: usize,
    end: usize,
}

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
    if cues.is_empty() {
        let rest = text.get(from..).unwrap_or_default();
        for word in rest.split_whitespace().filter(|word| word.len() >= KEY) {
            let core = likeness::core(word);
            if likeness::is_service_key(core) {
                note(core, 0);
            }
        }
        return secrets;
    }
    let tokens = tokens(text, &cues);
    let look = Look {
        text,
        cues: &cues,
        tokens: &tokens,
    };
    for (number, token) in tokens.iter().enumerate() {
        if token.start < from {
            continue;
        }
        let core = likeness::core(token.text);
        if likeness::is_service_key(core) || look.is_secret(number, token, core) {
            note(core, token.start);
        }
    }
    if let Some((code, at)) = look.spelt_code().filter(|&(_, at)| at >= from) {
        note(&code, at);
    }
    secrets
}

/// The pieces of a text; behind `pw=` a new one begins.
fn tokens<'a>(text: &'a str, cues: &[At]) -> Vec<Token<'a>> {
    let base = text.as_ptr() as usize;
    text.split_whitespace()
        .filter_map(|piece| {
            let mut start = (piece.as_ptr() as usize).saturating_sub(base);
            let end = start + piece.len();
            if !piece.contains("://") && piece.contains([':', '=']) {
                let label = cues
                    .iter()
                    .filter(|at| at.start >= start && at.end + 1 < end)
                    .find(|at| matches!(text.as_bytes().get(at.end), Some(b':' | b'=')));
                if let Some(at) = label {
                    start = at.end + 1;
                }
            }
            let text = text.get(start..end)?;
            Some(Token { text, start, end })
        })
        .collect()
}

/// A text with its cues and pieces.
struct Look<'a> {
    text: &'a str,
    cues: &'a [At],
    tokens: &'a [Token<'a>],
}

impl Look<'_> {
    fn is_secret(&self, number: usize, token: &Token<'_>, core: &str) -> bool {
        if core.chars().count() < 3
            || self
                .cues
                .iter()
                .any(|at| at.start < token.end && token.start < at.end)
        {
            return false;
        }
        let like = likeness::of(core);
        let before = self
            .cues
            .iter()
            .rev()
            .filter(|at| at.end <= token.start && token.start - at.end <= CODES);
        let mut is_one = false;
        for at in before {
            let gap = self.text.get(at.end..token.start).unwrap_or_default();
            is_one |= match at.cue {
                Cue::Password => self.follows_label(gap, number, token, core, like),
                Cue::Pin => {
                    is_direct(gap)
                        && like == Likeness::Figures
                        && core.len() <= 8
                        && (!gap.trim().is_empty()
                            || self.text.get(at.start..at.end) == Some("PIN"))
                }
                Cue::Code => {
                    gap.len() <= LABEL / 2
                        && is_one_breath(gap)
                        && matches!(like, Likeness::Figures | Likeness::Mixed | Likeness::Strong)
                        && core.len() <= 10
                        && (is_direct(gap) || self.is_handed_over(number))
                }
                Cue::Key => {
                    is_direct(gap)
                        && core.len() >= KEY
                        && likeness::is_varied(core)
                        && like > Likeness::Plain
                }
                Cue::Short => {
                    gap.contains([':', '='])
                        && is_direct(gap)
                        && like >= Likeness::Mixed
                        && self.has_account_on_line(at.start)
                }
                Cue::Account | Cue::Network => {
                    gap.len() <= TALK
                        && like == Likeness::Strong
                        && gap.matches(". ").count() <= 1
                        && self.is_named_as(number)
                        && !is_user_name(gap)
                }
                Cue::Lock => {
                    gap.len() <= TALK
                        && like == Likeness::Figures
                        && (4..=8).contains(&core.len())
                        && !is_year(core)
                        && !self.is_of_a_longer_number(number)
                        && self.is_handed_over(number)
                }
                Cue::Recovery => {
                    (like >= Likeness::Figures && core.len() >= 8) && self.stands_alone(token)
                }
                Cue::Meeting | Cue::Advice => false,
            };
        }
        // "Kestrel22 is the password."
        let behind = self.cues.iter().find(|at| at.start >= token.end);
        is_one |= like >= Likeness::Mixed
            && behind.is_some_and(|at| {
                let gap = self.text.get(token.end..at.start).unwrap_or_default();
                matches!(at.cue, Cue::Password | Cue::Pin | Cue::Code)
                    && matches!(
                        gap.trim(),
                        "is the"
                            | "is your"
                            | "is our"
                            | "is my"
                            | "as the"
                            | "as your"
                            | "is the new"
                            | "is the wifi"
                            | "is the wi-fi"
                    )
            });
        is_one && !self.is_of_meeting(token.start) && !self.is_example(token.start)
    }

    /// What stands behind the word "password".
    fn follows_label(
        &self,
        gap: &str,
        number: usize,
        token: &Token<'_>,
        core: &str,
        like: Likeness,
    ) -> bool {
        if gap.len() > LABEL
            || !is_one_breath(gap)
            || gap.trim_start().starts_with("-protected")
            || gap.trim_start().starts_with("protected")
        {
            return false;
        }
        let direct = is_direct(gap);
        let separated = gap.contains([':', '=']);
        match like {
            Likeness::Strong if direct => true,
            // "The password for KS2-Results-26 has gone separately" speaks of a file.
            Likeness::Strong => !self.is_spoken_of(number),
            Likeness::Mixed => {
                direct
                    && (!gap.trim().is_empty()
                        || (core.len() >= 6 && core.contains(|c: char| c.is_ascii_digit())))
            }
            Likeness::Figures => direct && core.len() >= if gap.trim().is_empty() { 6 } else { 4 },
            // "Password: Sunflower" alone on its line is one; "password is required" is prose.
            Likeness::Plain => {
                let word =
                    core.chars().all(char::is_alphanumeric) && core.chars().any(char::is_uppercase);
                let quoted = token.text.starts_with(['"', '\''])
                    && token
                        .text
                        .trim_end_matches(['.', ','])
                        .ends_with(['"', '\'']);
                // Children's passwords are words: "username: fox21, password: cat".
                let beside_user = (separated || gap.trim() == "is")
                    && core.chars().all(char::is_alphanumeric)
                    && self.ends_phrase(token)
                    && self.is_behind_user(token.start);
                direct
                    && !is_remark(core)
                    && (beside_user
                        || (separated && word && self.ends_line(token))
                        || (quoted && !gap.trim().is_empty()))
            }
        }
    }

    /// Whether a sentence, a line or a part of one ends behind it.
    fn ends_phrase(&self, token: &Token<'_>) -> bool {
        self.ends_line(token) || token.text.ends_with(['.', ',', ';', ')'])
    }

    /// Whether a user's name was given shortly before.
    fn is_behind_user(&self, at: usize) -> bool {
        self.cues.iter().any(|cue| {
            let said = self.text.get(cue.start..cue.end).unwrap_or_default();
            cue.cue == Cue::Account
                && said.to_lowercase().starts_with("user")
                && cue.end <= at
                && at - cue.end <= LABEL * 2
        })
    }

    fn ends_line(&self, token: &Token<'_>) -> bool {
        let rest = self.text.get(token.end..).unwrap_or_default();
        rest.trim_start_matches(' ').is_empty() || rest.trim_start_matches(' ').starts_with('\n')
    }

    /// Whether nothing but this stands on its line, save a number of the list.
    fn stands_alone(&self, token: &Token<'_>) -> bool {
        let line = self.text.get(..token.start).unwrap_or_default();
        let line = line.rsplit('\n').next().unwrap_or_default();
        !line.contains(char::is_alphabetic)
    }

    /// Whether the word before says that this is it: "it's", "is", "/".
    fn is_named_as(&self, number: usize) -> bool {
        const NAMES: [&str; 10] = [
            "it's", "its", "is", "are", "/", "=", "still", "now", "mine", "just",
        ];
        let before = number.checked_sub(1).and_then(|at| self.tokens.get(at));
        self.is_handed_over(number)
            && before.is_some_and(|token| {
                let word = token.text.to_lowercase();
                NAMES.contains(&word.as_str()) || word.ends_with('/')
            })
    }

    /// Whether the word before gives it away as what is pressed or typed.
    fn is_handed_over(&self, number: usize) -> bool {
        const GIVES: [&str; 26] = [
            "it's", "its", "is", "are", "/", "=", "-", ":", "in", "enter", "press", "code", "with",
            "then", "type", "use", "and", "number", "dial", "using", "just", "key", "still", "now",
            "put", "via",
        ];
        let Some(before) = number.checked_sub(1).and_then(|at| self.tokens.get(at)) else {
            return false;
        };
        let word = before.text.to_lowercase();
        let names = number.saturating_sub(4)..number;
        // What a thing is called is no secret.
        let named = self
            .tokens
            .get(names)
            .unwrap_or_default()
            .iter()
            .any(|token| {
                let word = token.text.to_lowercase();
                [
                    "reference",
                    "ref",
                    "booking",
                    "order",
                    "ticket",
                    "version",
                    "file",
                    "called",
                    "username",
                    "user",
                    "id",
                    "name",
                    "class",
                    "course",
                    "event",
                    "room",
                    "serial",
                    "model",
                    "invoice",
                ]
                .contains(&word.trim_matches(|c: char| !c.is_alphanumeric()))
            });
        !named && (GIVES.contains(&word.as_str()) || word.ends_with(':') || word.ends_with('/'))
    }

    /// Whether the text goes on to say something of it: it is a thing's name.
    fn is_spoken_of(&self, number: usize) -> bool {
        self.tokens.get(number + 1).is_some_and(|next| {
            [
                "is", "has", "will", "was", "file", "which", "follows", "to", "can", "should",
            ]
            .contains(&next.text.to_lowercase().as_str())
        })
    }

    /// Whether figures stand before or behind it: "0800 1111" is a telephone's.
    fn is_of_a_longer_number(&self, number: usize) -> bool {
        let figures = |at: Option<usize>| {
            at.and_then(|at| self.tokens.get(at)).is_some_and(|token| {
                token.text.len() > 2 && token.text.starts_with(|c: char| c.is_ascii_digit())
            })
        };
        figures(number.checked_sub(1)) || figures(Some(number + 1))
    }

    fn has_account_on_line(&self, at: usize) -> bool {
        let line_start = self
            .text
            .get(..at)
            .and_then(|before| before.rfind('\n'))
            .map_or(0, |newline| newline + 1);
        self.cues.iter().any(|cue| {
            matches!(cue.cue, Cue::Account | Cue::Network)
                && cue.start >= line_start
                && cue.end <= at
        })
    }

    /// Whether a password stands in a link or belongs to a meeting: it lets those in whom
    /// the sender invites, and nobody into an account.
    fn is_of_meeting(&self, start: usize) -> bool {
        let near = |cue: &At| {
            cue.end <= start
                && self
                    .text
                    .get(cue.end..start)
                    .is_some_and(|gap| gap.matches('\n').count() <= 6)
        };
        let has = |sought: Cue| self.cues.iter().any(|at| at.cue == sought && near(at));
        has(Cue::Meeting) && !has(Cue::Account)
    }

    /// Advice gives examples.
    fn is_example(&self, start: usize) -> bool {
        self.cues.iter().any(|at| {
            at.cue == Cue::Advice
                && at.end <= start
                && self
                    .text
                    .get(at.end..start)
                    .is_some_and(|gap| gap.len() <= LABEL && is_one_breath(gap))
        })
    }

    /// A code of single signs behind the talk of a lock: "C 2 5 8 0 Y".
    fn spelt_code(&self) -> Option<(String, usize)> {
        let locks = |at: usize| {
            self.cues.iter().any(|cue| {
                matches!(cue.cue, Cue::Lock | Cue::Code | Cue::Pin)
                    && cue.end <= at
                    && at - cue.end <= TALK
            })
        };
        let mut run: Vec<&Token<'_>> = Vec::new();
        let mut best = None;
        for token in self.tokens.iter().chain(std::iter::once(&Token {
            text: "",
            start: 0,
            end: 0,
        })) {
            let core = likeness::core(token.text);
            if core.len() == 1 && core.bytes().all(|b| b.is_ascii_alphanumeric()) {
                run.push(token);
                continue;
            }
            let digits = run
                .iter()
                .filter(|t| t.text.starts_with(|c: char| c.is_ascii_digit()))
                .count();
            if run.len() >= 4
                && digits >= 3
                && let Some(first) = run.first()
                && locks(first.start)
            {
                let code = run.iter().map(|t| likeness::core(t.text)).collect();
                best = best.or(Some((code, first.start)));
            }
            run.clear();
        }
        best
    }
}

/// Whether nothing but "is", a sign or "for …:" stands between.
fn is_direct(gap: &str) -> bool {
    let gap = gap.trim();
    // On the next line only right below its label.
    if gap.contains('\n') && !gap.trim_matches([':', '-', '=', ' ', '\n']).is_empty() {
        return false;
    }
    let lower = gap.to_lowercase();
    let last = lower
        .rsplit(|c: char| c.is_whitespace())
        .next()
        .unwrap_or_default();
    gap.is_empty()
        || gap.ends_with([':', '=', '-'])
        || ["is", "are", "it's", "its", "was", "now", "still", "to"].contains(&last)
}

/// Whether no sentence ends and no paragraph begins in it, and at most a label's line.
fn is_one_breath(gap: &str) -> bool {
    let label = gap.trim_matches([':', '-', '=', ' ', '\n']);
    if gap.len() < 12 && (label.is_empty() || label == "is") {
        return true;
    }
    !gap.contains(". ")
        && !gap.contains("? ")
        && !gap.contains("\n\n")
        && match gap.find('\n') {
            None => true,
            Some(at) => {
                gap.get(..at)
                    .is_some_and(|label| !label.contains(char::is_alphanumeric))
                    || !gap.trim_end().contains(['.', '\n'])
            }
        }
}

/// Whether a gap from the word "username" leads to the user's name itself.
fn is_user_name(gap: &str) -> bool {
    let gap = gap.trim();
    gap.is_empty() || gap == ":" || gap == "=" || gap == "is"
}

/// A year is no code, unless a label says so.
fn is_year(figures: &str) -> bool {
    figures.len() == 4 && (figures.starts_with("19") || figures.starts_with("20"))
}

/// What people write where a password would stand.
fn is_remark(word: &str) -> bool {
    const REMARKS: &[&str] = &[
        "tbc",
        "tba",
        "required",
        "reset",
        "forgotten",
        "none",
        "unchanged",
        "attached",
        "below",
        "above",
        "separately",
        "same",
        "usual",
        "sent",
        "follows",
        "needed",
        "protected",
        "changed",
        "expired",
        "incorrect",
        "wrong",
        "optional",
        "hidden",
        "please",
        "confidential",
        "correct",
        "private",
        "secret",
        "secure",
        "personal",
        "unique",
        "important",
        "essential",
        "yours",
        "different",
        "enclosed",
        "overleaf",
        "strong",
        "weak",
        "blank",
        "lost",
        "necessary",
    ];
    REMARKS.contains(&word.to_lowercase().as_str())
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
            (
                "Just use mine for the register. tess.acton / Biscuit2019",
                "Biscuit2019",
            ),
            (
                "Username jnunezo5, the password is purple-badger-31 and the school code is our postcode.",
                "purple-badger-31",
            ),
            (
                "Username\nthollingworth5\nPassword\npurpletiger42",
                "purpletiger42",
            ),
            ("Password:\nKestrel22", "Kestrel22"),
            (
                "join OakLane-Staff and it's brookford-1947-conker, all lower case",
                "brookford-1947-conker",
            ),
            (
                "Try the domain admin instead - oaklane\\svc-backup and it's Kestrel!Gate77 (capital K).",
                "Kestrel!Gate77",
            ),
            (
                "Alarm panel's left inside the door, 30 secs, punch in 7719 then the green tick.",
                "7719",
            ),
            (
                "use the keypad on the blue side door, it's C 2 5 8 0 Y then turn the knob",
                "C2580Y",
            ),
            ("The door code is 4821#.", "4821"),
            ("PIN: 4821", "4821"),
            ("Her username is isla.f and the password is: cat", "cat"),
            ("Username: fox21, password: bluefish.", "bluefish"),
            ("Wifi is OakGuest / Acorn!234", "Acorn!234"),
            ("The iPads unlock with the passcode 159357", "159357"),
            ("key safe is by the back door, code 1066", "1066"),
            ("Your verification code is 493021", "493021"),
            ("her password's still Monday123", "Monday123"),
            ("The password is:\n\nKestrel22\n\nThanks", "Kestrel22"),
            (
                "secret: ig_live_9fK2mQ7xTz4LwB8rVn31cHsYpE06",
                "ig_live_9fK2mQ7xTz4LwB8rVn31cHsYpE06",
            ),
            (
                "see ghp_9fK2mQ7xTz4LwB8rVn31cHsYpE06abcd in the script",
                "ghp_9fK2mQ7xTz4LwB8rVn31cHsYpE06abcd",
            ),
            ("Kestrel22 is the password for the portal", "Kestrel22"),
            (
                "log on to the laptop as supply2, pwd OakLane2026!, registers are on the desktop",
                "OakLane2026!",
            ),
            (
                "the wifi password hasn't changed, still Conker1947",
                "Conker1947",
            ),
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
            "Your password expires in 14 days. Log in at https://portal.example/ to change it.",
            "The password will follow by phone.",
            "The password for KS2-Results-26 has been sent separately.",
            "the file is password protected: Marks2026.xlsx",
            "Never use a password such as Password123 or Summer2026!",
            "Log in to the portal and quote reference OakLane-2026-118",
            "Please log in by 14/06/2026 and book slot 1430",
            "Fire alarm test on Friday at 0830, evacuation drill in 2026",
            "Username: jfenwick21. Your password was sent to your mother.",
            "Pin the poster up in 4G and order 1200 pins",
            "Password: required",
            "Username and password: see the card in the book bag",
            "Username: jsmith. The password is confidential.",
            "Ring the council's front door. Childline is 0800 1111. The keypad is broken, ring 01632 960500.",
            "Postcode DT97 1AA, class code for Year 4 to follow",
            "Use a password of at least 12 characters, three random words",
            "The wifi in room 12B is down again, ticket INC-0041902",
        ] {
            assert!(find(text, &Locks::default()).is_empty(), "{text}");
        }
    }

    #[test]
    fn recovery_codes_are_counted_one_by_one() {
        let text = "My backup codes for the 365 sign in, each works once:\n\n4471-9023\n8810-2267\n3954-7716\n";
        assert_eq!(find(text, &Locks::default()).len(), 3);
    }

    #[test]
    fn the_paragraph_before_says_what_follows() {
        let found = find_behind(
            "My backup codes for the 365 sign in:",
            "4471-9023\n8810-2267",
            &Locks::default(),
        );
        assert_eq!(found.len(), 2);
        let again = find_behind(
            "The password: Kestrel22",
            "See you on Friday.",
            &Locks::default(),
        );
        assert!(again.is_empty());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC{0,200}") {
            find(&text, &Locks::default());
        }

        #[test]
        fn labels_and_noise_are_read(text in "(password|pin|log in|alarm|[a-z0-9:= .\n-]{0,8}){0,20}") {
            find(&text, &Locks::default());
        }
    }
}
