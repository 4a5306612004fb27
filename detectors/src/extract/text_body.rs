//! Plain text in paragraphs, the sender's own apart from what is quoted.

use std::sync::LazyLock;

use regex::Regex;

use super::text_passage;
use crate::text::{Passage, Role};

/// Splits a text at blank lines. In a body (`Role::Body`) quoted history becomes
/// `Role::Quoted`; any other role is given to all paragraphs.
pub(super) fn passages(text: &str, role: Role) -> Vec<Passage> {
    let mut builder = Paragraphs {
        passages: Vec::new(),
        current: String::new(),
        role,
    };
    if role != Role::Body {
        for line in text.lines() {
            builder.line(line, role);
        }
        return builder.finish();
    }
    let lines: Vec<&str> = text.lines().collect();
    let mut history = false;
    for (i, line) in lines.iter().enumerate() {
        let rest = lines.get(i..).unwrap_or_default();
        history = history || opens_history(rest);
        let (line, role) = if is_quote(line) {
            (line.trim_start_matches(['>', '|', ' ']), Role::Quoted)
        } else if history || attribution(rest) {
            (*line, Role::Quoted)
        } else {
            (*line, Role::Body)
        };
        builder.line(line, role);
    }
    builder.finish()
}

/// Paragraphs in the making.
struct Paragraphs {
    passages: Vec<Passage>,
    current: String,
    role: Role,
}

impl Paragraphs {
    fn line(&mut self, line: &str, role: Role) {
        let line = line.trim_end();
        if line.trim_start().is_empty() || role != self.role {
            self.flush();
        }
        self.role = role;
        if line.trim_start().is_empty() {
            return;
        }
        if !self.current.is_empty() {
            self.current.push('\n');
        }
        self.current.push_str(line);
    }

    fn flush(&mut self) {
        if !self.current.is_empty() {
            let place = format!("paragraph {}", self.passages.len() + 1);
            let text = std::mem::take(&mut self.current);
            self.passages.push(text_passage(place, self.role, text));
        }
    }

    fn finish(mut self) -> Vec<Passage> {
        self.flush();
        self.passages
    }
}

fn is_quote(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

static SEPARATOR: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^\s*(?:-{2,}\s*(?:original message|forwarded message|forwarded by .{1,80}|original appointment)\s*-{2,}|begin forwarded message:|-{5,}\s*forwarded.*)\s*$",
    )
    .ok()
});

static ATTRIBUTION: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?is)^\s*on\b.{6,240}\bwrote\s*:\s*$").ok());

static FIELD: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)^\W*(from|sent|date|to|cc|subject|importance)\W{0,2}:").ok());

fn matches(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|p| p.is_match(text))
}

/// Whether everything from the first of these lines on is an older message.
pub(super) fn opens_history(lines: &[&str]) -> bool {
    let Some(first) = lines.first() else {
        return false;
    };
    let trimmed = first.trim();
    if trimmed.is_empty() {
        return false;
    }
    // Only what begins like one is worth the pattern.
    if trimmed.starts_with(['-', 'b', 'B']) && matches(&SEPARATOR, first) {
        return true;
    }
    if outlook_block(lines) {
        return true;
    }
    // "On … wrote:" whose quotation carries no ">" lasts to the end.
    attribution(lines)
        && !lines
            .iter()
            .skip(1)
            .filter(|l| !l.trim().is_empty() && !l.trim_end().ends_with("wrote:"))
            .take(1)
            .any(|l| is_quote(l))
}

/// "From: / Sent: / To: / Subject:" as Outlook puts it above an older message.
fn outlook_block(lines: &[&str]) -> bool {
    let field = |line: &str| -> Option<String> {
        let captures = FIELD.as_ref()?.captures(line)?;
        Some(captures.get(1)?.as_str().to_ascii_lowercase())
    };
    let Some(first) = lines.first() else {
        return false;
    };
    let begins = first.trim_start_matches(|c: char| !c.is_alphanumeric());
    let from = begins
        .get(..4)
        .is_some_and(|word| word.eq_ignore_ascii_case("from"));
    if !from || field(first).as_deref() != Some("from") {
        return false;
    }
    let others = lines
        .iter()
        .skip(1)
        .take(6)
        .filter_map(|l| field(l))
        .filter(|f| matches!(f.as_str(), "sent" | "date" | "to" | "subject"))
        .count();
    others >= 2
}

/// "On Monday … wrote:", on one line or wrapped onto a second.
fn attribution(lines: &[&str]) -> bool {
    let Some(first) = lines.first() else {
        return false;
    };
    let start = first.trim_start();
    if !start.get(..2).is_some_and(|s| s.eq_ignore_ascii_case("on")) {
        return false;
    }
    if matches(&ATTRIBUTION, first) {
        return true;
    }
    lines
        .get(1)
        .is_some_and(|second| matches(&ATTRIBUTION, &format!("{first} {second}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Body;

    fn roles(text: &str) -> Vec<(Role, String)> {
        passages(text, Role::Body)
            .into_iter()
            .map(|p| match p.body {
                Body::Text(text) => (p.role, text),
                Body::Row { .. } => (p.role, String::new()),
            })
            .collect()
    }

    fn check(text: &str, expected: &[(Role, &str)]) {
        let expected: Vec<_> = expected
            .iter()
            .map(|(r, t)| (*r, (*t).to_owned()))
            .collect();
        assert_eq!(roles(text), expected);
    }

    #[test]
    fn paragraphs_are_split_at_blank_lines() {
        check(
            "SENSITIVE\r\n\r\nDear all,\r\nhello",
            &[(Role::Body, "SENSITIVE"), (Role::Body, "Dear all,\nhello")],
        );
    }

    #[test]
    fn replies_between_quotations_stay_the_senders_own() {
        check(
            "On Mon, 3 Mar, A B wrote:\n> old\nnew",
            &[
                (Role::Quoted, "On Mon, 3 Mar, A B wrote:\nold"),
                (Role::Body, "new"),
            ],
        );
    }

    #[test]
    fn outlook_history_lasts_to_the_end() {
        check(
            "new\n\nFrom: A\nSent: Monday\nTo: B\nSubject: C\n\nold",
            &[
                (Role::Body, "new"),
                (Role::Quoted, "From: A\nSent: Monday\nTo: B\nSubject: C"),
                (Role::Quoted, "old"),
            ],
        );
        check(
            "new\n-----Original Message-----\nold",
            &[
                (Role::Body, "new"),
                (Role::Quoted, "-----Original Message-----\nold"),
            ],
        );
    }

    #[test]
    fn a_sentence_with_from_is_no_history() {
        check(
            "From: here to there\nit is far",
            &[(Role::Body, "From: here to there\nit is far")],
        );
    }
}
