//! Where a command line ends. It ends in CRLF and holds no other CR, LF or NUL
//! (RFC 5321 §2.3.8): anything more generous is how commands are smuggled.

/// Longest command line, with its CRLF: AUTH's (RFC 4954 §4). Other verbs have less.
pub(super) const LONGEST: usize = 12_288;

/// What stands at the start of a buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// No whole line yet.
    Incomplete,
    /// A line of so many octets without its CRLF.
    Line(usize),
    /// No CRLF within [`LONGEST`].
    TooLong,
    /// A CR, LF or NUL that has no business there.
    Malformed,
}

/// Looks at the start of `buffer`, of which `searched` octets were looked at before.
pub(super) fn frame(buffer: &[u8], searched: usize) -> Framing {
    for (i, &octet) in buffer.iter().enumerate().skip(searched) {
        match octet {
            b'\r' => {
                return match buffer.get(i + 1) {
                    None if i + 2 > LONGEST => Framing::TooLong,
                    None => Framing::Incomplete,
                    Some(b'\n') if i + 2 > LONGEST => Framing::TooLong,
                    Some(b'\n') => Framing::Line(i),
                    Some(_) => Framing::Malformed,
                };
            }
            b'\n' | 0 => return Framing::Malformed,
            _ if i + 2 > LONGEST => return Framing::TooLong,
            _ => {}
        }
    }
    Framing::Incomplete
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_crlf_ends_a_line() {
        assert_eq!(frame(b"NOOP\r\nQUIT", 0), Framing::Line(4));
        assert_eq!(frame(b"\r\n", 0), Framing::Line(0));
        assert_eq!(frame(b"NOOP\r", 0), Framing::Incomplete);
        assert_eq!(frame(b"NOOP", 0), Framing::Incomplete);
        for bad in [
            &b"NOOP\nQUIT\r\n"[..],
            b"NOOP\rQUIT\r\n",
            b"NOOP\r\r\n",
            b"NO\0OP\r\n",
            b"\n",
        ] {
            assert_eq!(frame(bad, 0), Framing::Malformed, "{bad:?}");
        }
    }

    #[test]
    fn the_longest_line_is_exactly_so_long() {
        let mut line = vec![b'a'; LONGEST - 2];
        line.extend_from_slice(b"\r\n");
        assert_eq!(frame(&line, 0), Framing::Line(LONGEST - 2));
        let mut longer = vec![b'a'; LONGEST - 1];
        longer.extend_from_slice(b"\r\n");
        assert_eq!(frame(&longer, 0), Framing::TooLong);
    }

    #[test]
    fn searching_on_finds_the_same() {
        let line = b"MAIL FROM:<a@oak.example>\r\n";
        for cut in 0..line.len() {
            // The caller searches again from the last octet: it may have been a CR.
            assert_eq!(
                frame(line, cut.saturating_sub(1).min(line.len() - 2)),
                Framing::Line(line.len() - 2)
            );
        }
    }

    proptest! {
        #[test]
        fn a_line_is_what_stands_before_the_first_crlf(buffer in "[a\r\n\0]{0,12}") {
            let buffer = buffer.as_bytes();
            let first = buffer.iter().position(|o| matches!(o, b'\r' | b'\n' | 0));
            let expected = match first.map(|at| (at, &buffer[at..])) {
                None => Framing::Incomplete,
                Some((_, b"\r")) => Framing::Incomplete,
                Some((at, [b'\r', b'\n', ..])) => Framing::Line(at),
                Some(_) => Framing::Malformed,
            };
            prop_assert_eq!(frame(buffer, 0), expected);
        }
    }
}
