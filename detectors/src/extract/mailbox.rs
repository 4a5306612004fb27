//! Files of several messages: `mbox` (RFC 4155), and the single message of Apple Mail with
//! its length before it.

use super::{File, Reader};
use crate::inspection::Disposition;
use crate::text::Role;

/// Whether the octets are a mailbox file: the line that opens a message, then a header.
pub(super) fn is_mailbox(bytes: &[u8]) -> bool {
    let Some(rest) = bytes.strip_prefix(b"From ") else {
        return false;
    };
    let mut lines = rest.splitn(3, |b| *b == b'\n');
    lines.next().is_some() && lines.next().is_some_and(super::mime::starts_with_field)
}

/// The message in a file of Apple Mail: behind a line with its length.
pub(super) fn apple_message(bytes: &[u8]) -> Option<&[u8]> {
    let end = bytes.iter().take(20).position(|b| *b == b'\n')?;
    let (line, rest) = bytes.split_at_checked(end + 1)?;
    let length: usize = std::str::from_utf8(line).ok()?.trim().parse().ok()?;
    let message = rest.get(..length.min(rest.len()))?;
    super::mime::starts_with_field(message).then_some(message)
}

/// Reads the messages one by one.
pub(super) fn read(reader: &mut Reader<'_>, file: &File<'_>) {
    if let Some(message) = apple_message(file.bytes) {
        one(reader, file, "message.eml", message);
        return;
    }
    for (i, message) in messages(file.bytes).enumerate() {
        if reader.budget_is_spent() {
            return;
        }
        one(reader, file, &format!("message {}.eml", i + 1), message);
    }
}

fn one(reader: &mut Reader<'_>, file: &File<'_>, name: &str, bytes: &[u8]) {
    reader.file(File {
        path: file.path.child(name),
        name: None,
        declared: "message/rfc822".to_owned(),
        charset: None,
        disposition: Disposition::Message,
        role: Role::Document,
        depth: file.depth + 1,
        bytes,
    });
}

/// The octets between the lines that open a message.
fn messages(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let start = rest.iter().position(|b| *b == b'\n')? + 1;
        let body = rest.get(start..)?;
        let mut at = 0;
        let end = loop {
            let Some(found) = body
                .get(at..)
                .and_then(|b| b.windows(6).position(|w| w == b"\nFrom "))
            else {
                break body.len();
            };
            at += found + 1;
            if is_mailbox(body.get(at..).unwrap_or_default()) {
                break at;
            }
        };
        let (message, after) = body.split_at_checked(end)?;
        rest = after;
        Some(message)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_mailbox_is_taken_apart() {
        let mailbox = b"From a@b.test Mon\nSubject: one\n\nFrom here on\n\nFrom c@d.test Tue\nSubject: two\n\ntext\n";
        assert!(is_mailbox(mailbox));
        let found: Vec<&[u8]> = messages(mailbox).collect();
        assert_eq!(found.len(), 2);
        assert!(found[0].ends_with(b"From here on\n\n"));
        assert!(!is_mailbox(b"From here on\nwe walk"));
        assert_eq!(
            apple_message(b"12   \nSubject: a\n\n<plist>"),
            Some(&b"Subject: a\n\n"[..])
        );
    }

    proptest! {
        #[test]
        fn no_octet_is_read_twice(text in "(From |\n|a: b|x){0,60}") {
            let out: usize = messages(text.as_bytes()).map(<[u8]>::len).sum();
            prop_assert!(out <= text.len());
        }
    }
}
