//! What stands around a piece of a text, and whether that makes it a secret.

use super::context::{At, Cue};
use super::likeness::{self, Likeness};

/// How far a label reaches, in octets.
const LABEL: usize = 60;
/// How far the talk of an account or a lock reaches.
pub(super) const TALK: usize = 220;
/// How far a list of recovery codes reaches.
const CODES: usize = 500;
/// A key is at least this long.
pub(super) const KEY: usize = 16;

/// A piece of a text without white space.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'a> {
    pub text: &'a str,
    pub start: usize,
    pub end: usize,
}

/// The pieces of a text; behind `pw=` a new one begins.
pub(super) fn tokens<'a>(text: &'a str, cues: &[At]) -> Vec<Token<'a>> {
    let base = text.as_ptr() as usize;
    text.split_whitespace()
        .filter_map(|piece| {
            let mut start = (piece.as_ptr() as usize).saturating_sub(base);
            let end = start + piece.len();
            let labelled = piece.bytes().any(|octet| matches!(octet, b':' | b'='));
            if labelled && !piece.contains("://") {
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
pub(super) struct Look<'a> {
    pub text: &'a str,
    pub cues: &'a [At],
    pub tokens: &'a [Token<'a>],
}

impl Look<'_> {
    /// Whether a piece is nothing but a word, and no label makes a word a secret here. So are
    /// most pieces of a text, which need no closer look.
    pub fn is_talk(&self, token: &Token<'_>) -> bool {
        likeness::is_word(token.text)
            && token.text.len() < KEY
            && !self.cues.iter().any(|at| {
                at.cue == Cue::Password && at.end <= token.start && token.start - at.end <= LABEL
            })
    }

    /// Whether a piece, without the signs around it, is a secret here.
    pub fn is_secret(&self, number: usize, token: &Token<'_>, core: &str) -> bool {
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
                Cue::BareCode => {
                    gap.len() <= LABEL
                        && is_one_breath(gap)
                        && is_direct(gap)
                        && (matches!(like, Likeness::Figures | Likeness::Mixed | Likeness::Strong)
                            || is_dial(core))
                        && core.len() <= 10
                        && self.is_near_door(at.start, token.end)
                }
                Cue::Short => {
                    is_direct(gap)
                        && like >= Likeness::Mixed
                        && (gap.contains([':', '=']) || like == Likeness::Strong)
                        && self.has_account_on_line(at.start)
                }
                Cue::Account | Cue::Network => {
                    gap.len() <= TALK
                        && like == Likeness::Strong
                        && gap.matches(". ").count() <= 1
                        && (self.is_named_as(number) || self.is_beside_user_name(number, gap))
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
                Cue::Door | Cue::Meeting | Cue::Advice => false,
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
                            | "for the"
                            | "for your"
                            | "for"
                            | "as"
                            | "being the"
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
                NAMES.contains(&word.as_str())
                    || word.ends_with('/')
                    || (["then", "and", "with"].contains(&word.as_str())
                        && self.is_behind_user_name(number))
            })
    }

    /// Whether a user's name stands shortly before: "cover.teacher and then …".
    fn is_behind_user_name(&self, number: usize) -> bool {
        let names = number.saturating_sub(3)..number;
        self.tokens
            .get(names)
            .unwrap_or_default()
            .iter()
            .any(|token| likeness::is_user_name(likeness::core(token.text)))
    }

    /// Whether the word right before is a user's name on the line of the account:
    /// "log on as me: j.lowe, …".
    fn is_beside_user_name(&self, number: usize, gap: &str) -> bool {
        gap.len() <= LABEL
            && !gap.contains('\n')
            && number
                .checked_sub(1)
                .and_then(|at| self.tokens.get(at))
                .is_some_and(|token| likeness::is_user_name(likeness::core(token.text)))
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

    fn is_near_door(&self, from: usize, to: usize) -> bool {
        self.cues.iter().any(|at| {
            matches!(at.cue, Cue::Door | Cue::Lock)
                && at.start <= to + LABEL
                && from <= at.end + LABEL
        })
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
    pub fn spelt_code(&self) -> Option<(String, usize)> {
        let is_lock = |cue: &At| matches!(cue.cue, Cue::Lock | Cue::Code | Cue::Pin);
        if !self.cues.iter().any(is_lock) {
            return None;
        }
        let locks = |at: usize| {
            self.cues
                .iter()
                .any(|cue| is_lock(cue) && cue.end <= at && at - cue.end <= TALK)
        };
        let mut run: Vec<&Token<'_>> = Vec::new();
        let mut best = None;
        for token in self.tokens.iter().chain(std::iter::once(&Token {
            text: "",
            start: 0,
            end: 0,
        })) {
            let signs = token.text.bytes().filter(u8::is_ascii_alphanumeric);
            if signs.take(2).count() == 1 {
                let core = likeness::core(token.text);
                if core.len() == 1 && core.bytes().all(|b| b.is_ascii_alphanumeric()) {
                    run.push(token);
                    continue;
                }
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

/// The turns of a dial: "24-11-63".
fn is_dial(token: &str) -> bool {
    let turns: Vec<&str> = token.split('-').collect();
    turns.len() == 3
        && turns
            .iter()
            .all(|turn| (1..=2).contains(&turn.len()) && turn.bytes().all(|b| b.is_ascii_digit()))
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
