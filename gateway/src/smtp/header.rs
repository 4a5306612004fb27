//! The header block of a message, read for what admission and loops need. Nothing is
//! rewritten; only fields that prove a school are left out.

use subtle::{Choice, ConstantTimeEq};

use secrecy::ExposeSecret;

use crate::config::School;
use crate::spool::marker;

/// What a header block told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct HeaderFacts {
    /// How many Received fields it has.
    pub received: u32,
    /// Values of its marker fields, unfolded.
    pub markers: Vec<String>,
    /// Ids of the schools whose secret header it carries.
    pub named: Vec<String>,
    /// Domains that stand behind an `@` in From. The sender can write what they like
    /// there: it may choose between schools that they speak for, and nothing more.
    pub from_domains: Vec<String>,
}

/// Where a header block ends (past the empty line), looking from `searched` on; `None`
/// when its end is yet to come.
pub(super) fn end(block: &[u8], searched: usize) -> Option<usize> {
    if block.starts_with(b"\r\n") {
        return Some(2);
    }
    let from = searched.saturating_sub(3);
    block
        .get(from..)?
        .windows(4)
        .position(|w| w == b"\r\n\r\n")
        .map(|i| from + i + 4)
}

/// Reads a block and gives it back without the fields that prove a school.
pub(super) fn read(block: &[u8], schools: &[School]) -> (HeaderFacts, Vec<u8>) {
    let mut facts = HeaderFacts::default();
    let mut kept = Vec::with_capacity(block.len());
    for field in (Fields { rest: block }) {
        let mut secret = false;
        if let Some((name, value)) = name_and_value(field) {
            if name.eq_ignore_ascii_case(b"Received") {
                facts.received = facts.received.saturating_add(1);
            } else if name.eq_ignore_ascii_case(marker::FIELD.as_bytes()) {
                facts
                    .markers
                    .push(String::from_utf8_lossy(&unfolded(value)).into_owned());
            } else if name.eq_ignore_ascii_case(b"From") {
                facts.from_domains.extend(domains(&unfolded(value)));
            }
            for school in schools {
                if proves(school, name, value) {
                    secret = true;
                    if !facts.named.contains(&school.id) {
                        facts.named.push(school.id.clone());
                    }
                }
            }
        }
        if !secret {
            kept.extend_from_slice(field);
        }
    }
    (facts, kept)
}

/// Whether a field is the school's secret header with its right value.
fn proves(school: &School, name: &[u8], value: &[u8]) -> bool {
    let Some(secret) = &school.secret_header else {
        return false;
    };
    if !name.eq_ignore_ascii_case(secret.name.as_bytes()) {
        return false;
    }
    let right: Choice = unfolded(value).ct_eq(secret.value.expose_secret().trim().as_bytes());
    right.into()
}

/// A field's name and what stands behind the colon, with folds and line end.
fn name_and_value(field: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = field.iter().position(|&o| o == b':')?;
    let (name, value) = field.split_at_checked(colon)?;
    let name = name.trim_ascii_end();
    let well_formed = !name.is_empty() && name.iter().all(|o| o.is_ascii_graphic());
    well_formed.then(|| (name, value.get(1..).unwrap_or_default()))
}

/// A value without folds and without blanks around it (RFC 5322 §2.2.3).
fn unfolded(value: &[u8]) -> Vec<u8> {
    let text: Vec<u8> = value
        .iter()
        .copied()
        .filter(|o| !matches!(o, b'\r' | b'\n'))
        .collect();
    text.trim_ascii().to_vec()
}

/// What follows each `@` as far as it looks like a domain.
fn domains(value: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(value)
        .split('@')
        .skip(1)
        .map(|after| {
            after
                .chars()
                .take_while(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'))
                .collect::<String>()
        })
        .filter(|domain| !domain.is_empty())
        .collect()
}

/// The fields of a block, each with its continuation lines and line ends; the empty line
/// at the end is one of them.
struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Fields<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let mut length = 0;
        for line in self.rest.split_inclusive(|&o| o == b'\n') {
            let continues = matches!(line.first(), Some(b' ' | b'\t'));
            if length > 0 && !continues {
                break;
            }
            length += line.len();
        }
        let (field, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(field)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::smtp::tests::settings;

    #[test]
    fn the_block_ends_at_the_first_empty_line() {
        assert_eq!(end(b"A: b\r\n\r\nbody\r\n\r\n", 0), Some(8));
        assert_eq!(end(b"\r\nbody", 0), Some(2));
        assert_eq!(end(b"A: b\r\n", 0), None);
        assert_eq!(end(b"A: b\r\n\r\n", 7), Some(8));
    }

    #[test]
    fn received_and_markers_are_found_in_any_case_and_fold() {
        let block = b"received: a\r\n\tb\r\nX-Schoolgate-MARKER: one\r\n two\r\nReceived : c\r\n\
            Subject: Received: no\r\n\r\n";
        let (facts, kept) = read(block, &[]);
        assert_eq!(facts.received, 2);
        assert_eq!(facts.markers, ["one two"]);
        assert_eq!(kept, block);
    }

    #[test]
    fn only_a_right_secret_is_stripped() {
        let schools = settings().schools;
        let block = b"A: b\r\nX-Oak-Secret:\r\n 0123456789abcdef0123\r\nX-Oak-Secret: wrong\r\nC: d\r\n\r\n";
        let (facts, kept) = read(block, &schools);
        assert_eq!(facts.named, ["oak"]);
        assert_eq!(kept, b"A: b\r\nX-Oak-Secret: wrong\r\nC: d\r\n\r\n");
    }

    #[test]
    fn domains_of_from_are_found() {
        let block = b"From: \"Office\" <office@Oak.example>,\r\n b@elm.example (b)\r\nTo: c@d.example\r\n\r\n";
        assert_eq!(
            read(block, &[]).0.from_domains,
            ["Oak.example", "elm.example"]
        );
        assert!(
            read(b"From: nobody@\r\n\r\n", &[])
                .0
                .from_domains
                .is_empty()
        );
    }

    proptest! {
        #[test]
        fn without_a_secret_nothing_is_lost(block in "[a:\r\n \t]{0,40}") {
            let (_, kept) = read(block.as_bytes(), &settings().schools);
            prop_assert_eq!(kept, block.into_bytes());
        }

        #[test]
        fn searching_in_pieces_finds_the_same_end(block in "[a\r\n]{0,20}", cut in 0usize..20) {
            let block = block.as_bytes();
            let cut = cut.min(block.len());
            let first = end(&block[..cut], 0);
            let found = first.or_else(|| end(block, cut));
            prop_assert_eq!(found, end(block, 0));
        }
    }
}
