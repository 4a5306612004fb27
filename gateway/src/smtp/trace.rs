//! The Received field that every message gets (RFC 5321 §4.4).

use std::net::IpAddr;

use jiff::{Timestamp, tz::TimeZone};

use crate::ids::SpoolId;

/// What a Received field tells.
pub(super) struct Trace<'a> {
    pub helo: &'a str,
    pub peer: IpAddr,
    pub hostname: &'a str,
    /// EHLO rather than HELO.
    pub extended: bool,
    pub tls: Option<&'a str>,
    pub authenticated: bool,
    pub smtputf8: bool,
    pub id: SpoolId,
    /// The one forward-path. Of several none is named: each recipient would read the others'.
    pub only_recipient: Option<&'a str>,
    pub at: Timestamp,
}

impl Trace<'_> {
    /// The field, ready to stand before the content.
    pub(super) fn field(&self) -> String {
        let peer = match self.peer.to_canonical() {
            IpAddr::V4(address) => format!("[{address}]"),
            IpAddr::V6(address) => format!("[IPv6:{address}]"),
        };
        let tls = self
            .tls
            .map(|version| format!(" (using {version})"))
            .unwrap_or_default();
        let recipient = self
            .only_recipient
            .map(|path| format!("\r\n\tfor <{path}>"))
            .unwrap_or_default();
        let at = self.at.to_zoned(TimeZone::UTC);
        // A year beyond 9999 is the only thing that cannot be written.
        let date = jiff::fmt::rfc2822::to_string(&at).unwrap_or_default();
        format!(
            "Received: from {} ({peer}){tls}\r\n\tby {} with {} id {}{recipient};\r\n\t{date}\r\n",
            self.helo,
            self.hostname,
            self.protocol(),
            self.id,
        )
    }

    /// RFC 3848 and RFC 6531 §4.3: the registered words.
    fn protocol(&self) -> String {
        if !self.extended {
            return "SMTP".to_owned();
        }
        let base = if self.smtputf8 { "UTF8SMTP" } else { "ESMTP" };
        let tls = if self.tls.is_some() { "S" } else { "" };
        let auth = if self.authenticated { "A" } else { "" };
        format!("{base}{tls}{auth}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace() -> Trace<'static> {
        Trace {
            helo: "mail.oak.example",
            peer: IpAddr::from([192, 0, 2, 10]),
            hostname: "gate.oak.example",
            extended: true,
            tls: None,
            authenticated: false,
            smtputf8: false,
            id: SpoolId::from_bytes([1; 16]),
            only_recipient: None,
            at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn the_field_says_where_mail_came_from() {
        assert_eq!(
            trace().field(),
            "Received: from mail.oak.example ([192.0.2.10])\r\n\
             \tby gate.oak.example with ESMTP id 01010101010101010101010101010101;\r\n\
             \tThu, 1 Jan 1970 00:00:00 +0000\r\n"
        );
    }

    #[test]
    fn the_protocol_is_named_by_what_was_used() {
        let of = |extended, tls, authenticated, smtputf8| {
            Trace {
                extended,
                tls,
                authenticated,
                smtputf8,
                ..trace()
            }
            .protocol()
        };
        assert_eq!(of(false, None, false, false), "SMTP");
        assert_eq!(of(true, Some("TLSv1.3"), false, false), "ESMTPS");
        assert_eq!(of(true, Some("TLSv1.3"), true, false), "ESMTPSA");
        assert_eq!(of(true, Some("TLSv1.3"), true, true), "UTF8SMTPSA");
        assert_eq!(of(true, None, false, true), "UTF8SMTP");
    }

    #[test]
    fn one_recipient_is_named_and_an_ipv6_peer_tagged() {
        let field = Trace {
            only_recipient: Some("a@b.example"),
            peer: "2001:db8::1".parse().unwrap(),
            ..trace()
        }
        .field();
        assert!(field.contains("([IPv6:2001:db8::1])"), "{field}");
        assert!(field.contains("\r\n\tfor <a@b.example>;"), "{field}");
    }
}
