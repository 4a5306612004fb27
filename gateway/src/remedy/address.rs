//! The addresses in the gateway's own mail domain.

use super::token::Token;

/// Where a draft is sent to be checked.
const CHECK: &str = "check";
/// What stands before a token.
const REPLY: &str = "reply-";

/// What an address of the gateway is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Own {
    /// The reply address of one hold notice.
    Reply(Token),
    /// A draft is to be checked.
    Check,
    /// Nobody reads it.
    Nobody,
}

/// What a forward-path is for, when it lies in the gateway's mail domain.
pub(super) fn own(path: &str, mail_domain: &str) -> Option<Own> {
    let (local, domain) = path.rsplit_once('@')?;
    // A dot at the end names the same domain (RFC 1034 §3.1).
    let domain = domain.trim().trim_end_matches('.');
    if !domain.eq_ignore_ascii_case(mail_domain) {
        return None;
    }
    let local = local.trim_matches('"').to_ascii_lowercase();
    if local == CHECK {
        return Some(Own::Check);
    }
    let token = local.strip_prefix(REPLY).and_then(Token::parse);
    Some(token.map_or(Own::Nobody, Own::Reply))
}

/// The reply address with a token.
pub(super) fn reply(token: &Token, mail_domain: &str) -> String {
    format!("{REPLY}{}@{mail_domain}", token.as_str())
}

/// The check-before-send address.
pub fn check(mail_domain: &str) -> String {
    format!("{CHECK}@{mail_domain}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DOMAIN: &str = "gate.oak.example";

    #[test]
    fn the_gateways_addresses_are_told_apart() {
        let token = Token::random().unwrap();
        let written = reply(&token, DOMAIN);
        assert_eq!(own(&written, DOMAIN), Some(Own::Reply(token.clone())));
        assert_eq!(
            own(&written.to_uppercase(), DOMAIN),
            Some(Own::Reply(token))
        );
        assert_eq!(own("Check@Gate.Oak.Example.", DOMAIN), Some(Own::Check));
        assert_eq!(own("\"check\"@gate.oak.example", DOMAIN), Some(Own::Check));
        for nobody in ["schoolgate@", "reply-@", "reply-short@", "\"a@b\"@"] {
            assert_eq!(own(&format!("{nobody}{DOMAIN}"), DOMAIN), Some(Own::Nobody));
        }
        for other in ["check@oak.example", "check@x.gate.oak.example", "check", ""] {
            assert_eq!(own(other, DOMAIN), None);
        }
        // RFC 5321 §4.1.2: a local part fits into 64 octets.
        assert!(written.split('@').next().unwrap().len() <= 64);
    }

    proptest! {
        #[test]
        fn whatever_stands_before_the_domain_is_the_gateways(local in "\\PC{0,60}") {
            let path = format!("{local}@{DOMAIN}");
            prop_assert!(own(&path, DOMAIN).is_some());
        }
    }
}
