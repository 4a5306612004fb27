//! What is said to the client: every reply is built here, its code, its class and its
//! enhanced status code together.

use std::fmt::Write as _;
use std::net::IpAddr;

/// Whether the session goes on after a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    Continue,
    Close,
}

/// An enhanced status code (RFC 2034, RFC 3463) without its class, which is the first
/// digit of the reply code, so that the two cannot disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Detail(u16, u16);

/// One reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    code: u16,
    detail: Option<Detail>,
    lines: Vec<String>,
    then: Then,
}

impl Reply {
    fn plain(code: u16, text: impl Into<String>) -> Self {
        Self {
            code,
            detail: None,
            lines: vec![text.into()],
            then: Then::Continue,
        }
    }

    fn new(code: u16, subject: u16, detail: u16, text: impl Into<String>) -> Self {
        Self {
            detail: Some(Detail(subject, detail)),
            ..Self::plain(code, text)
        }
    }

    fn closing(mut self) -> Self {
        self.then = Then::Close;
        self
    }

    /// The three digits.
    pub(super) fn code(&self) -> u16 {
        self.code
    }

    /// Whether it is a permanent refusal, which counts against the errors of a session.
    pub(super) fn is_permanent(&self) -> bool {
        self.code >= 500
    }

    /// Whether the session ends with it.
    pub(super) fn then(&self) -> Then {
        self.then
    }

    /// Appends it as it goes over the wire.
    pub(super) fn write_to(&self, out: &mut Vec<u8>) {
        let last = self.lines.len().saturating_sub(1);
        for (i, line) in self.lines.iter().enumerate() {
            let mut text = String::with_capacity(line.len() + 16);
            let separator = if i == last { ' ' } else { '-' };
            // Writing to a String cannot fail.
            let _ = write!(text, "{}{separator}", self.code);
            if let Some(Detail(subject, detail)) = self.detail {
                let _ = write!(text, "{}.{subject}.{detail} ", self.code / 100);
            }
            text.push_str(line);
            text.push_str("\r\n");
            out.extend_from_slice(text.as_bytes());
        }
    }

    // Greeting, EHLO, and what opens or closes a session.

    /// RFC 5321 §4.2: greeting and EHLO replies carry no enhanced code (RFC 2034 §4).
    pub(super) fn greeting(hostname: &str) -> Self {
        Self::plain(220, format!("{hostname} ESMTP schoolgate"))
    }

    pub(super) fn helo(hostname: &str) -> Self {
        Self::plain(250, hostname)
    }

    pub(super) fn ehlo(hostname: &str, extensions: Vec<String>) -> Self {
        let mut lines = vec![hostname.to_owned()];
        lines.extend(extensions);
        Self {
            code: 250,
            detail: None,
            lines,
            then: Then::Continue,
        }
    }

    pub(super) fn bye(hostname: &str) -> Self {
        Self::new(221, 0, 0, format!("{hostname} closes the session")).closing()
    }

    pub(super) fn too_many_sessions() -> Self {
        Self::new(421, 7, 0, "Too many sessions, try again later").closing()
    }

    pub(super) fn shutting_down(hostname: &str) -> Self {
        Self::new(421, 3, 2, format!("{hostname} is shutting down")).closing()
    }

    pub(super) fn idle(hostname: &str) -> Self {
        Self::new(421, 4, 2, format!("{hostname} waited too long")).closing()
    }

    pub(super) fn too_slow(hostname: &str) -> Self {
        Self::new(421, 4, 2, format!("{hostname}: content came too slowly")).closing()
    }

    pub(super) fn too_many_errors() -> Self {
        Self::new(421, 7, 0, "Too many errors").closing()
    }

    // Commands.

    pub(super) fn ok() -> Self {
        Self::new(250, 0, 0, "OK")
    }

    pub(super) fn help() -> Self {
        Self::new(
            214,
            0,
            0,
            "Commands: EHLO HELO STARTTLS AUTH MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT",
        )
    }

    pub(super) fn vrfy() -> Self {
        Self::new(252, 0, 0, "Cannot verify; send the message and see")
    }

    pub(super) fn expn() -> Self {
        Self::new(502, 5, 1, "EXPN is not implemented")
    }

    pub(super) fn unknown_command() -> Self {
        Self::new(500, 5, 1, "Command unrecognised")
    }

    pub(super) fn line_too_long() -> Self {
        Self::new(500, 5, 2, "Command line too long")
    }

    /// What follows such a line cannot be trusted to be a command.
    pub(super) fn bad_line_end() -> Self {
        Self::new(
            500,
            5,
            2,
            "A command line ends in CRLF and holds no other CR, LF or NUL",
        )
        .closing()
    }

    pub(super) fn syntax(what: &str) -> Self {
        Self::new(501, 5, 4, what)
    }

    pub(super) fn sequence(what: &str) -> Self {
        Self::new(503, 5, 1, what)
    }

    pub(super) fn unknown_parameter() -> Self {
        Self::new(555, 5, 4, "A parameter is not recognised")
    }

    pub(super) fn binarymime() -> Self {
        Self::new(555, 6, 1, "BODY=BINARYMIME is not offered")
    }

    // STARTTLS and AUTH.

    pub(super) fn start_tls() -> Self {
        Self::new(220, 0, 0, "Ready to start TLS")
    }

    pub(super) fn no_tls() -> Self {
        Self::new(502, 5, 1, "TLS is not offered")
    }

    /// Bytes sent in clear behind STARTTLS would be taken for encrypted ones.
    pub(super) fn pipelined_starttls() -> Self {
        Self::new(501, 5, 1, "Nothing may be pipelined behind STARTTLS").closing()
    }

    /// RFC 4954 §6.
    pub(super) fn authenticated() -> Self {
        Self::new(235, 7, 0, "Authentication succeeded")
    }

    pub(super) fn challenge(base64: &str) -> Self {
        Self::plain(334, base64)
    }

    pub(super) fn bad_credentials() -> Self {
        Self::new(535, 7, 8, "Authentication credentials invalid")
    }

    pub(super) fn auth_needs_tls() -> Self {
        Self::new(538, 7, 11, "Encryption is required for authentication")
    }

    pub(super) fn no_auth() -> Self {
        Self::new(502, 5, 1, "AUTH is not offered")
    }

    pub(super) fn unknown_mechanism() -> Self {
        Self::new(504, 5, 4, "Mechanism not supported; use PLAIN or LOGIN")
    }

    pub(super) fn auth_cancelled() -> Self {
        Self::new(501, 7, 0, "Authentication cancelled")
    }

    pub(super) fn bad_base64() -> Self {
        Self::new(501, 5, 2, "Cannot decode the response")
    }

    pub(super) fn auth_line_too_long() -> Self {
        Self::new(500, 5, 6, "Authentication exchange line too long")
    }

    pub(super) fn auth_later() -> Self {
        Self::new(454, 7, 0, "Too many failed attempts, try again later")
    }

    pub(super) fn auth_broken() -> Self {
        Self::new(454, 7, 0, "Temporary authentication failure")
    }

    // The envelope.

    pub(super) fn reverse_path_ok() -> Self {
        Self::new(250, 1, 0, "Sender OK")
    }

    pub(super) fn forward_path_ok() -> Self {
        Self::new(250, 1, 5, "Recipient OK")
    }

    pub(super) fn bad_reverse_path() -> Self {
        Self::new(501, 1, 7, "Cannot read the reverse-path; MAIL FROM:<path>")
    }

    pub(super) fn bad_forward_path() -> Self {
        Self::new(501, 1, 3, "Cannot read the forward-path; RCPT TO:<path>")
    }

    /// RFC 6531 §3.5.
    pub(super) fn needs_smtputf8() -> Self {
        Self::new(553, 6, 7, "A non-ASCII address needs SMTPUTF8")
    }

    /// Who asks learns which address was seen: the technician who configures a client needs it.
    pub(super) fn may_not_relay(peer: IpAddr) -> Self {
        Self::new(550, 7, 1, format!("{peer} may not relay here"))
    }

    pub(super) fn foreign_reverse_path() -> Self {
        Self::new(
            550,
            7,
            1,
            "The sender's domain is not one that you may send for",
        )
    }

    pub(super) fn too_many_recipients() -> Self {
        Self::new(452, 5, 3, "Too many recipients, send the rest separately")
    }

    pub(super) fn too_many_in_session() -> Self {
        Self::new(452, 5, 3, "Too many recipients in this session")
    }

    pub(super) fn session_is_full() -> Self {
        Self::new(
            421,
            5,
            3,
            "Too many recipients in this session, open another",
        )
        .closing()
    }

    // Content.

    pub(super) fn send_content() -> Self {
        Self::plain(354, "Send the message, end with CRLF.CRLF")
    }

    pub(super) fn chunk_taken(octets: u64) -> Self {
        Self::new(250, 0, 0, format!("{octets} octets received"))
    }

    /// Only after the commit is durable.
    pub(super) fn accepted(id: impl std::fmt::Display) -> Self {
        Self::new(250, 0, 0, format!("OK, kept as {id}"))
    }

    pub(super) fn no_recipients() -> Self {
        Self::new(554, 5, 1, "No valid recipients")
    }

    pub(super) fn message_too_big(limit: u64) -> Self {
        Self::new(
            552,
            3,
            4,
            format!("The message exceeds the limit of {limit} octets"),
        )
    }

    pub(super) fn header_too_big(limit: usize) -> Self {
        Self::new(
            552,
            3,
            4,
            format!("The message's header exceeds the limit of {limit} octets"),
        )
    }

    pub(super) fn content_line_too_long(limit: usize) -> Self {
        Self::new(
            550,
            6,
            0,
            format!("A line of the message exceeds the limit of {limit} octets"),
        )
    }

    /// X.6.11 is registered as "Invalid characters"; the rule is RFC 5321 §2.3.8.
    pub(super) fn bare_line_end() -> Self {
        Self::new(550, 6, 11, "The message holds a CR or LF that is not CRLF")
    }

    pub(super) fn nul() -> Self {
        Self::new(550, 6, 0, "The message holds a NUL octet")
    }

    pub(super) fn too_many_hops() -> Self {
        Self::new(554, 4, 6, "Too many Received fields: the mail is in a loop")
    }

    pub(super) fn no_secret_header() -> Self {
        Self::new(
            550,
            7,
            1,
            "The message does not prove whose it is, see the gateway's secret_header",
        )
    }

    // The store.

    pub(super) fn no_space() -> Self {
        Self::new(452, 3, 1, "Insufficient storage, try again later")
    }

    pub(super) fn store_failed() -> Self {
        Self::new(451, 3, 0, "The message could not be kept, try again later")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(reply: &Reply) -> String {
        let mut out = Vec::new();
        reply.write_to(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_class_of_both_codes_is_one() {
        assert_eq!(text(&Reply::ok()), "250 2.0.0 OK\r\n");
        assert!(text(&Reply::no_space()).starts_with("452 4.3.1 "));
        assert!(text(&Reply::bare_line_end()).starts_with("550 5.6.11 "));
    }

    #[test]
    fn several_lines_are_joined_by_hyphens() {
        let reply = Reply::ehlo("gate.oak.example", vec!["SIZE 9".into(), "DSN".into()]);
        assert_eq!(
            text(&reply),
            "250-gate.oak.example\r\n250-SIZE 9\r\n250 DSN\r\n"
        );
    }

    #[test]
    fn a_closing_reply_closes() {
        assert_eq!(Reply::bye("h").then(), Then::Close);
        assert_eq!(Reply::ok().then(), Then::Continue);
    }
}
