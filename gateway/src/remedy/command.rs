//! The first line of a reply to a hold notice, as a command.

/// What a sender asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    /// The message is not to go out.
    Cancel,
    /// The marking is to be added.
    Mark,
    /// It is to go out as it is, for this reason.
    Send { reason: String },
}

/// Why a line is no command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unclear {
    /// SEND, but not why.
    NoReason,
    Unknown,
}

/// Words that may stand beside a command and change nothing.
const POLITE: &[&str] = &[
    "please", "pls", "it", "this", "that", "thanks", "thank", "you", "ta", "cheers", "now",
];
/// The fewest letters that can be a reason.
const SHORTEST_REASON: usize = 8;

impl Command {
    /// Reads a line. The word counts in any case and with any marks around it, but a
    /// sentence that only begins with it is not a command: "Mark asked me to" adds no marking.
    pub(super) fn read(line: &str) -> Result<Self, Unclear> {
        let line = line.trim();
        let is_mark = |c: char| !c.is_alphanumeric();
        let start = line.trim_start_matches(is_mark);
        let end = start.find(is_mark).unwrap_or(start.len());
        let (word, rest) = start.split_at_checked(end).ok_or(Unclear::Unknown)?;
        let alone = || {
            rest.split(is_mark)
                .filter(|w| !w.is_empty())
                .all(|w| POLITE.contains(&w.to_lowercase().as_str()))
        };
        match word.to_lowercase().as_str() {
            "cancel" if alone() => Ok(Self::Cancel),
            "mark" if alone() => Ok(Self::Mark),
            "send" => reason(rest).map(|reason| Self::Send { reason }),
            _ => Err(Unclear::Unknown),
        }
    }
}

/// What follows SEND: "because …", or a colon or a dash and the reason.
fn reason(rest: &str) -> Result<String, Unclear> {
    let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '*' || c == '"');
    let words = rest.trim_start_matches([':', '-', '–', '—', ',', ' ']);
    let marked = words.len() < rest.len();
    let (first, after) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
    let reason = match first.trim_matches(|c: char| !c.is_alphanumeric()) {
        because if because.eq_ignore_ascii_case("because") => after,
        _ if marked => words,
        _ if rest.is_empty() => return Err(Unclear::NoReason),
        "it" | "please" | "anyway" | "now" | "this" if after.is_empty() => {
            return Err(Unclear::NoReason);
        }
        _ => return Err(Unclear::Unknown),
    };
    let reason = reason.trim_matches(|c: char| c.is_whitespace() || c == '*' || c == '…');
    let letters = reason.chars().filter(|c| c.is_alphabetic()).count();
    if letters < SHORTEST_REASON {
        return Err(Unclear::NoReason);
    }
    Ok(reason.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(line: &str, expected: Result<Command, Unclear>) {
        assert_eq!(Command::read(line), expected, "{line}");
    }

    fn send(reason: &str) -> Result<Command, Unclear> {
        Ok(Command::Send {
            reason: reason.into(),
        })
    }

    #[test]
    fn a_word_is_enough_however_it_is_typed() {
        for line in [
            "CANCEL",
            "cancel",
            " Cancel. ",
            "*CANCEL*",
            "“Cancel”",
            "Cancel it, please",
        ] {
            check(line, Ok(Command::Cancel));
        }
        for line in ["MARK", "Mark!", "mark please", "Mark it. Thank you"] {
            check(line, Ok(Command::Mark));
        }
    }

    #[test]
    fn a_sentence_that_begins_with_the_word_is_no_command() {
        for line in [
            "Mark asked me to send this",
            "Mark Rose is in my class",
            "Cancel the other one, not this",
            "Hello,",
            "Please cancel",
            "Sending it again",
            "send to Ann",
            "",
            "…",
        ] {
            check(line, Err(Unclear::Unknown));
        }
    }

    #[test]
    fn a_reason_is_asked_for_and_kept_as_written() {
        check(
            "SEND because the GP cannot open zip files.",
            send("the GP cannot open zip files."),
        );
        check(
            "Send: the court asked for it",
            send("the court asked for it"),
        );
        check(
            "send – the court asked for it",
            send("the court asked for it"),
        );
        check(
            "*SEND* because: they asked us twice",
            send("they asked us twice"),
        );
        for line in [
            "SEND",
            "Send it",
            "SEND because",
            "SEND because …",
            "SEND because ok",
            "send.",
        ] {
            let unclear = Command::read(line).unwrap_err();
            assert!(
                matches!(unclear, Unclear::NoReason | Unclear::Unknown),
                "{line}"
            );
        }
        check("SEND because", Err(Unclear::NoReason));
        check("SEND", Err(Unclear::NoReason));
    }

    proptest! {
        #[test]
        fn any_line_is_read(line in "\\PC{0,200}") {
            let _ = Command::read(&line);
        }
    }
}
