//! Addresses as they are compared.

use std::collections::BTreeSet;

/// An address for comparison: both sides in lower case, without angle brackets.
///
/// RFC 5321 §2.4 leaves the case of the local part to its host, but no mailbox that a
/// school writes to tells `Jo` from `jo`; treating them apart would miss real matches.
pub fn fold(address: &str) -> String {
    address
        .trim()
        .trim_start_matches('<')
        .trim_end_matches('>')
        .trim()
        .trim_end_matches('.')
        .to_lowercase()
}

/// Local part and domain, parted at the last `@` (RFC 5321 §4.1.2: a quoted local part
/// may hold one too). The domain is empty when there is none.
pub fn split(address: &str) -> (&str, &str) {
    address.rsplit_once('@').unwrap_or((address, ""))
}

/// Whether a domain is one of these, or below one. All in lower case.
pub fn is_at_or_below(domain: &str, domains: &BTreeSet<String>) -> bool {
    let mut rest = domain;
    loop {
        if domains.contains(rest) {
            return true;
        }
        match rest.split_once('.') {
            Some((_, parent)) => rest = parent,
            None => return false,
        }
    }
}

/// The address without its `+tag`, when it has one.
pub fn without_tag(address: &str) -> Option<String> {
    let (local, domain) = split(address);
    let (name, _) = local.split_once('+')?;
    (!name.is_empty() && !domain.is_empty()).then(|| format!("{name}@{domain}"))
}

/// Whether an address fits a pattern of mailboxes: `*` any run, `?` one character,
/// `#` one digit. Without `@` the pattern is one of domains.
pub fn fits_pattern(address: &str, pattern: &str) -> bool {
    let pattern = fold(pattern);
    if pattern.is_empty() {
        return false;
    }
    let pattern = if pattern.contains('@') {
        pattern
    } else {
        format!("*@{pattern}")
    };
    glob(
        &address.chars().collect::<Vec<_>>(),
        &pattern.chars().collect::<Vec<_>>(),
    )
}

/// Greedy matching with one point of return: linear in practice, never exponential.
fn glob(text: &[char], pattern: &[char]) -> bool {
    let (mut t, mut p) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while let Some(&c) = text.get(t) {
        match pattern.get(p) {
            Some('*') => {
                back = Some((p + 1, t));
                p += 1;
            }
            Some('?') => {
                t += 1;
                p += 1;
            }
            Some('#') if c.is_ascii_digit() => {
                t += 1;
                p += 1;
            }
            Some(&x) if x == c => {
                t += 1;
                p += 1;
            }
            _ => match back {
                Some((after, from)) => {
                    back = Some((after, from + 1));
                    p = after;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern
        .get(p..)
        .is_some_and(|rest| rest.iter().all(|c| *c == '*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_pupils_mailboxes() {
        for (address, pattern, fits) in [
            ("ann@pupils.oak.example", "*@pupils.oak.example", true),
            ("ann@oak.example", "*@pupils.oak.example", false),
            ("22.ann@oak.example", "##.*@oak.example", true),
            ("ab.ann@oak.example", "##.*@oak.example", false),
            ("ab.ann@oak.example", "??.*@oak.example", true),
            ("ann@pupils.oak.example", "pupils.oak.example", true),
            ("ann@oak.example", "", false),
        ] {
            assert_eq!(fits_pattern(address, pattern), fits, "{address} {pattern}");
        }
    }

    #[test]
    fn many_stars_stay_quick() {
        let text = "a".repeat(300) + "@x.example";
        assert!(!fits_pattern(&text, &"*a".repeat(100)));
        assert!(!fits_pattern(&text, &("*a".repeat(60) + "*b@x.example")));
    }

    #[test]
    fn folds_and_splits() {
        assert_eq!(fold(" <Jo@Oak.Example> "), "jo@oak.example");
        assert_eq!(split("\"a@b\"@c.test"), ("\"a@b\"", "c.test"));
        assert_eq!(split("postmaster"), ("postmaster", ""));
        assert_eq!(without_tag("jo+x@c.test").as_deref(), Some("jo@c.test"));
        assert_eq!(without_tag("jo@c.test"), None);
    }
}
