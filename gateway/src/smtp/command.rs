//! Command lines: which verb, and the text behind it.

/// Longest line of most commands, with CRLF. RFC 5321 §4.5.3.1.4 asks for 512 at least.
const LONGEST: usize = 1000;
/// Longest line of MAIL and RCPT, whose extensions add to it.
const LONGEST_WITH_PARAMETERS: usize = 2048;

/// A verb with what stands behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Command<'a> {
    Ehlo(&'a str),
    Helo(&'a str),
    StartTls(&'a str),
    Auth(&'a str),
    Mail(&'a str),
    Rcpt(&'a str),
    Data(&'a str),
    Bdat(&'a str),
    Rset(&'a str),
    Noop,
    Quit(&'a str),
    Vrfy,
    Expn,
    Help,
}

/// Why a line is no command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CommandError {
    Unknown,
    TooLong,
}

impl<'a> Command<'a> {
    /// Reads a line without its CRLF.
    pub(super) fn parse(line: &'a [u8]) -> Result<Self, CommandError> {
        let verb_ends = line.iter().position(|&o| o == b' ').unwrap_or(line.len());
        let (verb, rest) = line.split_at_checked(verb_ends).unwrap_or((line, b""));
        let verb = verb.to_ascii_uppercase();
        let longest = match verb.as_slice() {
            b"AUTH" => super::line::LONGEST,
            b"MAIL" | b"RCPT" => LONGEST_WITH_PARAMETERS,
            _ => LONGEST,
        };
        let text = std::str::from_utf8(rest).ok();
        if verb == b"BDAT" {
            // Octets follow whatever the line is like: only the verb itself can see to them.
            let text = text.filter(|_| line.len() + 2 <= longest);
            return Ok(Self::Bdat(text.unwrap_or_default().trim_matches(' ')));
        }
        if line.len() + 2 > longest {
            return Err(CommandError::TooLong);
        }
        let Some(text) = text else {
            return Err(CommandError::Unknown);
        };
        let text = text.trim_matches(' ');
        Ok(match verb.as_slice() {
            b"EHLO" => Self::Ehlo(text),
            b"HELO" => Self::Helo(text),
            b"STARTTLS" => Self::StartTls(text),
            b"AUTH" => Self::Auth(text),
            b"MAIL" => Self::Mail(text),
            b"RCPT" => Self::Rcpt(text),
            b"DATA" => Self::Data(text),
            b"RSET" => Self::Rset(text),
            b"NOOP" => Self::Noop,
            b"QUIT" => Self::Quit(text),
            b"VRFY" => Self::Vrfy,
            b"EXPN" => Self::Expn,
            b"HELP" => Self::Help,
            _ => return Err(CommandError::Unknown),
        })
    }
}

/// Takes `FROM:` or `TO:` off the text of MAIL or RCPT. Blanks behind the colon break
/// RFC 5321 §3.3 but change nothing, and real clients send them.
pub(super) fn after_keyword<'a>(text: &'a str, keyword: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(keyword.len())?;
    head.eq_ignore_ascii_case(keyword)
        .then(|| rest.trim_start_matches(' '))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn verbs_are_known_in_any_case() {
        assert_eq!(
            Command::parse(b"ehlo  a.test "),
            Ok(Command::Ehlo("a.test"))
        );
        assert_eq!(Command::parse(b"Noop whatever"), Ok(Command::Noop));
        assert_eq!(
            Command::parse(b"MAIL FROM:<a@b.test> SIZE=1"),
            Ok(Command::Mail("FROM:<a@b.test> SIZE=1"))
        );
        for bad in [
            &b""[..],
            b" NOOP",
            b"NOOPS",
            b"GET / HTTP/1.1",
            b"EHLO \xff",
        ] {
            assert_eq!(Command::parse(bad), Err(CommandError::Unknown), "{bad:?}");
        }
    }

    #[test]
    fn each_verb_has_its_longest_line() {
        let long = |verb: &str, octets: usize| {
            let line = format!("{verb} {}", "a".repeat(octets - verb.len() - 3));
            Command::parse(line.as_bytes()).is_ok()
        };
        assert!(long("NOOP", 1000));
        assert!(!long("NOOP", 1001));
        assert!(long("RCPT", 2048));
        assert!(!long("MAIL", 2049));
        assert!(long("AUTH", 12_288));
    }

    #[test]
    fn a_bad_bdat_is_still_bdat() {
        assert_eq!(Command::parse(b"BDAT \xff"), Ok(Command::Bdat("")));
        assert_eq!(Command::parse(b"bdat 5 LAST"), Ok(Command::Bdat("5 LAST")));
    }

    #[test]
    fn keywords_are_taken_off() {
        assert_eq!(
            after_keyword("from: <a@b.test>", "FROM:"),
            Some("<a@b.test>")
        );
        assert_eq!(after_keyword("TO:<a@b.test>", "FROM:"), None);
        assert_eq!(after_keyword("\u{e9}", "FROM:"), None);
    }

    proptest! {
        #[test]
        fn no_line_panics(line in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = Command::parse(&line);
        }
    }
}
