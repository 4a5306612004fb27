//! What is known of the encryption on the way to a recipient's own mail server.

use serde::{Deserialize, Serialize};

/// How far TLS is known for one recipient, from the best to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsProof {
    /// We handed the message to the recipient's own server, and its certificate was checked.
    Seen,
    /// The next hop was asked to go on over TLS only. What it does we do not see.
    Asked,
    /// Neither.
    Neither,
}

impl TlsProof {
    /// As records say it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Seen => "TLS seen",
            Self::Asked => "TLS asked for",
            Self::Neither => "TLS neither seen nor asked for",
        }
    }

    /// What is known when a next hop has taken a message.
    ///
    /// `checked`: the connection was encrypted and the certificate checked. `own`: domains
    /// of which the next hop is the mail server. `asked`: the message asks for TLS.
    pub(super) fn of(path: &str, checked: bool, own: &[String], asked: bool) -> Self {
        let domain = path.rsplit_once('@').map_or("", |(_, domain)| domain);
        let is_own = own.iter().any(|own| own.eq_ignore_ascii_case(domain));
        match (checked && is_own, asked) {
            (true, _) => Self::Seen,
            (false, true) => Self::Asked,
            (false, false) => Self::Neither,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls_is_seen_only_with_the_recipients_own_server() {
        let own = ["mash.example".to_owned()];
        for (path, checked, asked, expected) in [
            ("a@MASH.example", true, false, TlsProof::Seen),
            ("a@mash.example", false, true, TlsProof::Asked),
            ("a@x.mash.example", true, true, TlsProof::Asked),
            ("a@police.example", true, false, TlsProof::Neither),
            ("a", true, false, TlsProof::Neither),
        ] {
            assert_eq!(TlsProof::of(path, checked, &own, asked), expected, "{path}");
        }
    }
}
