//! The marking put before a subject. Nothing else of a message changes: the rest is
//! octet for octet what it was.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A line longer than this is folded after the marking (RFC 5322 §2.1.1).
const LONG: usize = 78;

/// Whether a message carries a DKIM signature (RFC 6376 §3.5). Nearly all of them cover
/// the subject, so a marking breaks them.
pub fn is_signed(content: &[u8]) -> bool {
    fields(content).any(|field| is_named(field.octets, b"DKIM-Signature"))
}

/// The message with `marking` at the start of its subject.
pub(crate) fn with_marking(content: &[u8], marking: &str) -> Vec<u8> {
    let marking = written(marking);
    let mut marked = Vec::with_capacity(content.len() + marking.len() + 16);
    let mut copied = 0;
    let mut end = 0;
    for field in fields(content) {
        end = field.start + field.octets.len();
        if !is_named(field.octets, b"Subject") {
            continue;
        }
        let Some(colon) = field.octets.iter().position(|&o| o == b':') else {
            continue;
        };
        let at = field.start + colon + 1;
        let rest = content.get(at..).unwrap_or_default();
        let line = rest.iter().position(|&o| o == b'\n').unwrap_or(rest.len());
        marked.extend_from_slice(content.get(copied..at).unwrap_or_default());
        marked.push(b' ');
        marked.extend_from_slice(marking.as_bytes());
        match rest.first() {
            Some(b' ' | b'\t') if colon + line + marking.len() > LONG => {
                marked.extend_from_slice(b"\r\n");
            }
            Some(b' ' | b'\t' | b'\r' | b'\n') | None => {}
            Some(_) => marked.push(b' '),
        }
        copied = at;
    }
    if copied == 0 {
        // Without a subject the marking is the subject, as the last field of the header.
        marked.extend_from_slice(content.get(..end).unwrap_or_default());
        marked.extend_from_slice(format!("Subject: {marking}\r\n").as_bytes());
        copied = end;
    }
    marked.extend_from_slice(content.get(copied..).unwrap_or_default());
    marked
}

/// The marking as it may stand in a header field: encoded when it is not ASCII (RFC 2047).
fn written(marking: &str) -> String {
    let marking: String = marking.chars().filter(|c| !c.is_control()).collect();
    match marking.is_ascii() {
        true => format!("{marking}:"),
        false => format!("=?utf-8?B?{}?=", STANDARD.encode(format!("{marking}:"))),
    }
}

fn is_named(field: &[u8], name: &[u8]) -> bool {
    let colon = field.iter().position(|&o| o == b':').unwrap_or(0);
    field
        .get(..colon)
        .is_some_and(|found| found.trim_ascii_end().eq_ignore_ascii_case(name))
}

struct Field<'a> {
    start: usize,
    /// With its continuation lines and line ends.
    octets: &'a [u8],
}

/// The fields of the header, up to the first empty line.
fn fields(content: &[u8]) -> impl Iterator<Item = Field<'_>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = content.get(start..)?;
        let mut length = 0;
        for line in rest.split_inclusive(|&o| o == b'\n') {
            let continues = matches!(line.first(), Some(b' ' | b'\t'));
            let is_empty = line.trim_ascii().is_empty() && !continues;
            if is_empty || (length > 0 && !continues) {
                break;
            }
            length += line.len();
        }
        let octets = rest.get(..length).filter(|octets| !octets.is_empty())?;
        let field = Field { start, octets };
        start += length;
        Some(field)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(content: &str, expected: &str) {
        let marked = with_marking(content.as_bytes(), "SENSITIVE");
        assert_eq!(String::from_utf8(marked).unwrap(), expected);
    }

    #[test]
    fn the_marking_stands_before_the_subject() {
        check(
            "From: a\r\nSubject: Tom\r\n\r\nSubject: no\r\n",
            "From: a\r\nSubject: SENSITIVE: Tom\r\n\r\nSubject: no\r\n",
        );
        check("subject:Tom\r\n\r\n", "subject: SENSITIVE: Tom\r\n\r\n");
        check("Subject:\r\n\r\n", "Subject: SENSITIVE:\r\n\r\n");
        check(
            "Subject:\r\n =?utf-8?Q?Zo=C3=AB?=\r\nTo: b\r\n\r\n",
            "Subject: SENSITIVE:\r\n =?utf-8?Q?Zo=C3=AB?=\r\nTo: b\r\n\r\n",
        );
        let long = "x".repeat(80);
        check(
            &format!("Subject: {long}\r\n\r\n"),
            &format!("Subject: SENSITIVE:\r\n {long}\r\n\r\n"),
        );
    }

    #[test]
    fn a_message_without_a_subject_gets_one() {
        check(
            "From: a\r\n\r\nbody\r\n",
            "From: a\r\nSubject: SENSITIVE:\r\n\r\nbody\r\n",
        );
        check("From: a\r\n", "From: a\r\nSubject: SENSITIVE:\r\n");
        check("\r\nbody\r\n", "Subject: SENSITIVE:\r\n\r\nbody\r\n");
    }

    #[test]
    fn every_subject_of_a_malformed_message_is_marked() {
        check(
            "Subject: a\r\nSubject : b\r\n\r\n",
            "Subject: SENSITIVE: a\r\nSubject : SENSITIVE: b\r\n\r\n",
        );
    }

    #[test]
    fn a_signature_is_seen_in_the_header_only() {
        assert!(is_signed(b"A: b\r\ndkim-signature: v=1;\r\n b=x\r\n\r\n"));
        assert!(!is_signed(b"A: b\r\n\r\nDKIM-Signature: v=1\r\n"));
    }

    #[test]
    fn a_marking_in_another_script_is_encoded() {
        let marked = with_marking(b"Subject: a\r\n\r\n", "SENSITÏF\r\nBcc: x");
        assert!(marked.starts_with(b"Subject: =?utf-8?B?"));
        assert!(!marked.windows(4).any(|w| w == b"Bcc:"));
    }

    proptest! {
        #[test]
        fn taking_the_marking_out_again_gives_the_message(
            content in "(Subject:|Su|[a: \t]|\r\n){0,30}"
        ) {
            let marked = with_marking(content.as_bytes(), "QQQ");
            let text = String::from_utf8(marked).unwrap();
            prop_assert!(text.contains("QQQ:"));
            let mut rest = content.as_str();
            // Every octet of the original stands in the marked one, in order.
            for c in text.chars() {
                rest = rest.strip_prefix(c).unwrap_or(rest);
            }
            prop_assert!(rest.is_empty());
        }
    }
}
