//! Just enough of a message's form to compare what went in with what came out.

/// What relays prepend, and the gateway.
const TRACE: [&str; 6] = [
    "Received:",
    "Return-Path:",
    "Delivered-To:",
    "X-Original-To:",
    "X-Schoolgate-Marker:",
    "X-Schoolgate-Verdict:",
];

/// The bytes without the trace fields at their head: what relays and the gateway prepend.
pub fn without_trace(content: &[u8]) -> &[u8] {
    let mut rest = content;
    loop {
        let traced = TRACE.iter().any(|name| {
            rest.get(..name.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
        });
        if !traced {
            return rest;
        }
        rest = after_field(rest);
    }
}

/// Insists that what arrived is what was sent, trace fields aside, octet for octet.
///
/// # Panics
/// It differs; both are shown as text.
pub fn assert_unchanged(arrived: &[u8], sent: &[u8]) {
    let arrived = without_trace(arrived);
    assert!(
        arrived == sent,
        "arrived:\n{}\nsent:\n{}",
        arrived.escape_ascii().to_string().replace("\\n", "\\n\n"),
        sent.escape_ascii().to_string().replace("\\n", "\\n\n")
    );
}

/// What follows the first field and its continuation lines.
fn after_field(content: &[u8]) -> &[u8] {
    let mut rest = content;
    loop {
        let Some(end) = rest.iter().position(|b| *b == b'\n') else {
            return &[];
        };
        rest = &rest[end + 1..];
        if !rest.starts_with(b" ") && !rest.starts_with(b"\t") {
            return rest;
        }
    }
}

/// The value of the first field of this name, unfolded; none when the header has no such field.
pub fn field(content: &[u8], name: &str) -> Option<String> {
    let mut rest = content;
    while !rest.is_empty() && !rest.starts_with(b"\r\n") && !rest.starts_with(b"\n") {
        let after = after_field(rest);
        let text = String::from_utf8_lossy(&rest[..rest.len() - after.len()]).into_owned();
        if let Some((found, value)) = text.split_once(':')
            && found.eq_ignore_ascii_case(name)
        {
            let value: Vec<&str> = value.lines().map(str::trim).collect();
            return Some(value.join(" ").trim().to_owned());
        }
        rest = after;
    }
    None
}

/// Lines that end in LF, as a Maildir keeps them, made CRLF again.
pub fn with_crlf(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + content.len() / 32);
    for &byte in content {
        if byte == b'\n' && out.last() != Some(&b'\r') {
            out.push(b'\r');
        }
        out.push(byte);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trace_fields_are_cut_and_only_at_the_head() {
        let message = b"Return-Path: <a@b.example>\r\nReceived: by x\r\n\tfor y\r\nFrom: a\r\nReceived: z\r\n\r\nb";
        assert_eq!(
            without_trace(message),
            b"From: a\r\nReceived: z\r\n\r\nb".as_slice()
        );
        assert_eq!(field(message, "received").as_deref(), Some("by x for y"));
        assert_eq!(field(message, "b"), None);
    }
}
