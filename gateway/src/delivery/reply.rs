//! What a next hop answered, or what we say in its place.

use std::fmt;

use super::quota;

/// A reply with its enhanced status code, from a next hop or of our own making.
///
/// `Display` is the full line and may name people: it is for DSNs and for the encrypted
/// columns of the store. `Debug` and [`Reply::codes`] are the codes alone, for logs.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    code: u16,
    status: Option<Status>,
    text: String,
}

/// An enhanced status code (RFC 3463).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    pub class: u8,
    pub subject: u16,
    pub detail: u16,
}

impl Status {
    /// Reads `5.1.1`.
    pub fn parse(word: &str) -> Option<Status> {
        let mut parts = word.split('.');
        let mut number = |longest: usize| {
            let part = parts.next()?;
            let digits = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            (digits && part.len() <= longest)
                .then(|| part.parse::<u16>().ok())
                .flatten()
        };
        let (class, subject, detail) = (number(1)?, number(3)?, number(3)?);
        (parts.next().is_none() && matches!(class, 2 | 4 | 5)).then_some(Status {
            class: class as u8,
            subject,
            detail,
        })
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

/// Reasons that are ours and not the next hop's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Own {
    /// No next hop is configured for this message.
    NoNextHop,
    /// The next hop could not be reached, or the connection broke before the content went out.
    Unreachable,
    /// It did not answer in time.
    Slow,
    /// It broke the rules of the protocol, as by speaking before it was asked.
    Garbled,
    /// Encryption was needed and could not be had.
    NotEncrypted,
    /// The connection broke after the content went out: it may have been taken.
    InDoubt,
    /// The store could not record that the content was about to go out.
    NotRecorded,
    /// It announced a SIZE that is smaller than the message.
    TooBig,
    /// Content with octets above 127 and no 8BITMIME.
    NoEightBit,
    /// An internationalised message and no SMTPUTF8.
    NoSmtpUtf8,
    /// The forward-path cannot be written in a command.
    BadForwardPath,
    /// The reverse-path cannot be written in a command.
    BadReversePath,
    /// The configured time to deliver has passed.
    Expired,
    /// The school's policy rejects the message.
    Policy,
}

impl From<Own> for Reply {
    fn from(own: Own) -> Reply {
        // RFC 3463 §3: the subject says where, the detail what.
        let (code, subject, detail, text) = match own {
            Own::NoNextHop => (451, 3, 5, "No next hop is configured for this message"),
            Own::Unreachable => (
                451,
                4,
                1,
                "The next mail server could not be reached, or the connection broke",
            ),
            Own::Slow => (451, 4, 2, "The next mail server did not answer in time"),
            Own::Garbled => (451, 5, 0, "The next mail server broke the rules of SMTP"),
            Own::NotEncrypted => (
                451,
                7,
                4,
                "The next mail server did not offer the encryption that is needed",
            ),
            Own::InDoubt => (
                451,
                4,
                2,
                "The connection broke while the next mail server was taking the message",
            ),
            Own::NotRecorded => (451, 3, 0, "Local error; the message was not sent"),
            Own::TooBig => (
                552,
                3,
                4,
                "The message is bigger than the next mail server accepts",
            ),
            Own::NoEightBit => (
                554,
                6,
                3,
                "The message has 8-bit content and the next mail server does not offer 8BITMIME",
            ),
            Own::NoSmtpUtf8 => (
                553,
                6,
                7,
                "The message needs SMTPUTF8, which the next mail server does not offer",
            ),
            Own::BadForwardPath => (553, 1, 3, "The recipient's address is malformed"),
            Own::BadReversePath => (553, 1, 7, "The sender's address is malformed"),
            Own::Expired => (554, 4, 7, "The message could not be delivered in time"),
            Own::Policy => (550, 7, 1, "The school's policy does not allow the message"),
        };
        Reply {
            code,
            status: Some(Status {
                class: (code / 100) as u8,
                subject,
                detail,
            }),
            text: text.to_owned(),
        }
    }
}

impl Reply {
    /// From a code and the text behind it. A status code of another class than the
    /// reply's stays text (RFC 2034 §4), and control characters become spaces.
    pub fn new(code: u16, text: &str) -> Reply {
        let text: String = text
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let text = text.trim();
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        match Status::parse(word) {
            Some(status) if u16::from(status.class) == code / 100 => Reply {
                code,
                status: Some(status),
                text: rest.trim().to_owned(),
            },
            _ => Reply {
                code,
                status: None,
                text: text.to_owned(),
            },
        }
    }

    /// Reads what `Display` wrote.
    pub fn parse(line: &str) -> Option<Reply> {
        let (code, rest) = line.split_at_checked(3)?;
        let code: u16 = code.parse().ok()?;
        (200..600).contains(&code).then(|| Reply::new(code, rest))
    }

    /// The three digits.
    pub fn code(&self) -> u16 {
        self.code
    }

    /// The enhanced status code, if it gave one.
    pub fn status(&self) -> Option<Status> {
        self.status
    }

    /// The status for a delivery report: its own, or the class alone (`5.0.0`).
    pub fn status_or_class(&self) -> Status {
        self.status.unwrap_or(Status {
            class: (self.code / 100) as u8,
            subject: 0,
            detail: 0,
        })
    }

    /// The text behind the codes. It may name people.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The codes without the text, for logs.
    pub fn codes(&self) -> String {
        match self.status {
            Some(status) => format!("{} {status}", self.code),
            None => self.code.to_string(),
        }
    }

    pub(super) fn is_positive(&self) -> bool {
        self.code / 100 == 2
    }

    pub(super) fn is_permanent(&self) -> bool {
        self.code / 100 == 5
    }

    pub(super) fn status_is(&self, subject: u16, detail: u16) -> bool {
        self.status
            .is_some_and(|s| (s.subject, s.detail) == (subject, detail))
    }

    /// Whether it refuses us as a client, whatever the message: log-in or encryption wanted.
    /// Such a reply calls for a technician and must bounce nobody's mail.
    pub(super) fn is_about_us(&self) -> bool {
        // RFC 4954 §6, RFC 3207 §4.
        matches!(self.code, 530 | 534 | 535 | 538)
    }

    /// Whether it says that this recipient is one too many for the transaction.
    pub(super) fn is_too_many_recipients(&self) -> bool {
        // RFC 5321 §4.5.3.1.10: 452, and 552 from older servers.
        matches!(self.code, 452 | 552) && (self.status.is_none() || self.status_is(5, 3))
    }

    /// Whether we have sent more than the next hop lets us send.
    pub fn is_sending_quota(&self) -> bool {
        quota::is_sending_quota(self)
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.codes())?;
        if !self.text.is_empty() {
            write!(f, " {}", self.text)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply({})", self.codes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_status_of_the_same_class_is_taken_out() {
        let reply = Reply::new(550, "5.1.1 No such user");
        assert_eq!(reply.status().unwrap().to_string(), "5.1.1");
        assert_eq!(reply.text(), "No such user");
        assert_eq!(reply.to_string(), "550 5.1.1 No such user");
    }

    #[test]
    fn a_status_of_another_class_stays_text() {
        let reply = Reply::new(550, "4.2.2 odd");
        assert_eq!(reply.status(), None);
        assert_eq!(reply.status_or_class().to_string(), "5.0.0");
        assert_eq!(reply.text(), "4.2.2 odd");
    }

    #[test]
    fn debug_shows_codes_only() {
        let reply = Reply::new(550, "5.1.1 <anna@parent.example> unknown");
        assert_eq!(format!("{reply:?}"), "Reply(550 5.1.1)");
    }

    #[test]
    fn a_status_is_three_numbers() {
        for wrong in [
            "5.1", "5.1.1.1", "3.1.1", "5..1", "5.1.x", "55.1.1", "5.1.1000",
        ] {
            assert_eq!(Status::parse(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn display_reads_back(code in 200u16..600, text in "\\PC{0,60}") {
            let reply = Reply::new(code, &text);
            prop_assert_eq!(Reply::parse(&reply.to_string()), Some(reply));
        }
    }
}
