//! EHLO and HELO: the client says who it is, and is told what is offered.

use super::intake::Intake;
use super::reply::Reply;
use super::session::{Helo, Session};

/// RFC 5321 §4.5.3.1.2.
const LONGEST_NAME: usize = 255;

impl<I: Intake> Session<I> {
    /// RFC 5321 §4.1.1.1. It ends a transaction (§4.1.4).
    pub(super) fn ehlo(&mut self, name: &str) -> Reply {
        if !self.greet(name, true) {
            return Reply::syntax("EHLO needs a domain or an address literal");
        }
        let mut extensions = vec![
            format!("SIZE {}", self.settings.limits.message_size),
            "PIPELINING".to_owned(),
            "8BITMIME".to_owned(),
            "SMTPUTF8".to_owned(),
        ];
        // RFC 3207 §4.2: not again once it is spoken.
        if self.tls_config.is_some() && self.tls.is_none() {
            extensions.push("STARTTLS".to_owned());
        }
        if self.tls.is_some() && self.offers_auth() {
            extensions.push("AUTH PLAIN LOGIN".to_owned());
        }
        extensions.extend(["ENHANCEDSTATUSCODES", "DSN", "CHUNKING"].map(str::to_owned));
        Reply::ehlo(&self.settings.hostname, extensions)
    }

    /// RFC 5321 §4.1.1.1, the old way.
    pub(super) fn helo(&mut self, name: &str) -> Reply {
        if !self.greet(name, false) {
            return Reply::syntax("HELO needs a domain");
        }
        Reply::helo(&self.settings.hostname)
    }

    fn greet(&mut self, name: &str, extended: bool) -> bool {
        if !is_name(name) {
            return false;
        }
        self.transaction = None;
        self.helo = Some(Helo {
            name: name.to_owned(),
            extended,
        });
        true
    }
}

/// Wider than the grammar (real servers are called `SRV_01`), and narrow enough to stand
/// in a Received field as it is.
fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= LONGEST_NAME
        && name
            .bytes()
            .all(|o| o.is_ascii_alphanumeric() || b".-_:[]".contains(&o))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_into_a_received_field() {
        for good in [
            "a",
            "mail.oak.example",
            "[192.0.2.1]",
            "[IPv6:2001:db8::1]",
            "SRV_01",
        ] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", "a b", "a(b", "a;b", "\u{e9}", "<a>", &"a".repeat(256)] {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
