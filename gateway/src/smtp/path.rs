//! Reverse-paths and forward-paths (RFC 5321 §4.1.2): kept as the client wrote them,
//! so that they are relayed unchanged.
//!
//! More generous than the grammar where real addresses are: dots may stand anywhere in
//! an unquoted local part (some mobile networks issue such), a local part may exceed 64
//! octets (rewritten reverse-paths do), and a domain label may hold an underscore.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Longest path, octets without brackets. RFC 5321 §4.5.3.1.3 asks for 254 at least.
const LONGEST: usize = 320;
/// RFC 5321 §4.5.3.1.2.
const LONGEST_DOMAIN: usize = 255;

/// A mailbox or the bare `postmaster`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    text: String,
    at: Option<usize>,
}

/// A reverse-path: empty for notices about mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ReversePath {
    Empty,
    Mailbox(Path),
}

impl ReversePath {
    /// Reads `<path>` at the start of `text` and gives what follows it.
    pub(super) fn parse(text: &str) -> Option<(Self, &str)> {
        if let Some(rest) = text.strip_prefix("<>") {
            return Some((Self::Empty, rest));
        }
        let (path, rest) = Path::parse(text)?;
        // The bare postmaster is a place to write to, not one to write from.
        path.at.is_some().then_some((Self::Mailbox(path), rest))
    }

    /// Without brackets; empty for the empty one.
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Empty => "",
            Self::Mailbox(path) => &path.text,
        }
    }

    /// Its domain.
    pub(super) fn domain(&self) -> Option<&str> {
        match self {
            Self::Empty => None,
            Self::Mailbox(path) => path.domain(),
        }
    }
}

impl Path {
    /// Reads `<mailbox>`, `<@source,@route:mailbox>` or `<postmaster>` at the start of
    /// `text` and gives what follows it.
    pub(super) fn parse(text: &str) -> Option<(Self, &str)> {
        let inside = text.strip_prefix('<')?;
        let inside = without_route(inside)?;
        let local = local_part(inside)?;
        let (local_text, after) = inside.split_at_checked(local)?;
        if let Some(rest) = after.strip_prefix('>') {
            // RFC 5321 §4.5.1: postmaster without a domain, in any case.
            return local_text.eq_ignore_ascii_case("postmaster").then(|| {
                let text = local_text.to_owned();
                (Self { text, at: None }, rest)
            });
        }
        let domain_on = after.strip_prefix('@')?;
        let end = domain_on.find('>')?;
        let (domain, close) = domain_on.split_at_checked(end)?;
        let rest = close.strip_prefix('>')?;
        let whole = format!("{local_text}@{domain}");
        (whole.len() <= LONGEST && is_domain(domain)).then_some((
            Self {
                text: whole,
                at: Some(local),
            },
            rest,
        ))
    }

    /// Without brackets.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// What stands after the `@`.
    pub(super) fn domain(&self) -> Option<&str> {
        self.text.get(self.at? + 1..)
    }

    /// Whether SMTPUTF8 is needed for it.
    pub(super) fn is_ascii(&self) -> bool {
        self.text.is_ascii()
    }
}

/// RFC 5321 §4.1.1.3, appendix C: a source route is to be ignored.
fn without_route(inside: &str) -> Option<&str> {
    if !inside.starts_with('@') {
        return Some(inside);
    }
    let (route, mailbox) = inside.split_once(':')?;
    route
        .split(',')
        .all(|hop| hop.strip_prefix('@').is_some_and(is_domain_name))
        .then_some(mailbox)
}

/// How long the local part at the start is; `None` when there is none.
fn local_part(text: &str) -> Option<usize> {
    if let Some(quoted) = text.strip_prefix('"') {
        let mut escaped = false;
        for (i, c) in quoted.char_indices() {
            match (escaped, c) {
                // qtextSMTP and quoted-pairSMTP: printable, spaces allowed, no controls.
                (_, c) if c.is_control() => return None,
                (true, c) if !c.is_ascii() => return None,
                (true, _) => escaped = false,
                (false, '\\') => escaped = true,
                (false, '"') => return Some(i + 2),
                (false, _) => {}
            }
        }
        return None;
    }
    let end = text
        .find(|c: char| !(is_atext(c) || c == '.'))
        .unwrap_or(text.len());
    (end > 0).then_some(end)
}

/// RFC 5322 §3.2.3, with RFC 6531 §3.3's UTF-8.
fn is_atext(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || "!#$%&'*+-/=?^_`{|}~".contains(c)
        || (!c.is_ascii() && !c.is_control() && !c.is_whitespace())
}

fn is_domain(domain: &str) -> bool {
    match domain.strip_prefix('[').and_then(|d| d.strip_suffix(']')) {
        Some(literal) => is_address(literal),
        None => is_domain_name(domain),
    }
}

/// RFC 5321 §4.1.3.
fn is_address(literal: &str) -> bool {
    match literal.split_at_checked(5) {
        Some((tag, address)) if tag.eq_ignore_ascii_case("IPv6:") => {
            address.parse::<Ipv6Addr>().is_ok()
        }
        _ => literal.parse::<Ipv4Addr>().is_ok(),
    }
}

fn is_domain_name(domain: &str) -> bool {
    domain.len() <= LONGEST_DOMAIN
        && domain.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| {
                    c.is_ascii_alphanumeric()
                        || c == '-'
                        || c == '_'
                        || (!c.is_ascii() && !c.is_control() && !c.is_whitespace())
                })
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: &str, domain: Option<&str>) {
        let (path, rest) = Path::parse(text).unwrap_or_else(|| panic!("{text} is a path"));
        assert_eq!(path.as_str(), expected);
        assert_eq!(path.domain(), domain);
        assert_eq!(rest, "");
    }

    #[test]
    fn paths_are_kept_as_written() {
        check("<a@oak.example>", "a@oak.example", Some("oak.example"));
        check("<A.b@OAK.example>", "A.b@OAK.example", Some("OAK.example"));
        check("<\"a b\"@c.test>", "\"a b\"@c.test", Some("c.test"));
        check(
            "<\"a\\\"@>b\"@c.test>",
            "\"a\\\"@>b\"@c.test",
            Some("c.test"),
        );
        check("<a@[127.0.0.1]>", "a@[127.0.0.1]", Some("[127.0.0.1]"));
        check(
            "<a@[IPv6:2001:db8::1]>",
            "a@[IPv6:2001:db8::1]",
            Some("[IPv6:2001:db8::1]"),
        );
        check("<a..b.@phone.test>", "a..b.@phone.test", Some("phone.test"));
        check(
            "<zo\u{eb}@d\u{eb}.test>",
            "zo\u{eb}@d\u{eb}.test",
            Some("d\u{eb}.test"),
        );
        check("<postmaster>", "postmaster", None);
        check("<PostMaster>", "PostMaster", None);
    }

    #[test]
    fn a_source_route_is_ignored() {
        check("<@a.test,@b.test:c@d.test>", "c@d.test", Some("d.test"));
        assert!(Path::parse("<@a.test c@d.test>").is_none());
        assert!(Path::parse("<@a.test,b.test:c@d.test>").is_none());
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for bad in [
            "",
            "<",
            "<>",
            "a@b.test",
            "<a>",
            "<@b.test>",
            "<a@>",
            "<a@b.test",
            "<a b@c.test>",
            "<a@b..test>",
            "<a@-b.test>",
            "<a@b.test.>",
            "<a@[1.2.3]>",
            "<a@[IPv6:zz]>",
            "<\"a@b.test>",
            "<\"a\u{7}\"@b.test>",
            "<a@b@c.test>",
            "<a\u{85}@b.test>",
            "<a@b c>",
        ] {
            assert!(Path::parse(bad).is_none(), "{bad:?}");
        }
        assert!(Path::parse(&format!("<{}@b.test>", "a".repeat(400))).is_none());
        assert!(Path::parse(&format!("<a@{}.test>", "b.".repeat(130))).is_none());
    }

    #[test]
    fn the_reverse_path_may_be_empty() {
        assert_eq!(
            ReversePath::parse("<> SIZE=1"),
            Some((ReversePath::Empty, " SIZE=1"))
        );
        assert!(ReversePath::parse("<postmaster>").is_none());
    }

    proptest! {
        #[test]
        fn nothing_panics_and_nothing_escapes(text in "\\PC{0,30}|<[a-z@.\"\\\\<>\\[\\] ]{0,20}>") {
            if let Some((path, _)) = Path::parse(&text) {
                prop_assert!(!path.as_str().contains(['\r', '\n', '\0']));
            }
        }

        #[test]
        fn a_written_path_reads_the_same(local in "[a-z0-9.+_-]{1,20}", domain in "[a-z]{1,8}(\\.[a-z]{2,5}){1,2}") {
            let text = format!("<{local}@{domain}>");
            let (path, rest) = Path::parse(&text).unwrap();
            prop_assert_eq!(format!("<{}>", path.as_str()), text.clone());
            prop_assert_eq!(rest, "");
        }
    }
}
