//! What no content may hold, whichever command brought it: a CR or LF that is not CRLF,
//! a NUL, a line beyond the limit. Other servers take a bare LF for a line end, so a
//! message with one may be two messages to them (SMTP smuggling).

/// What is wrong with content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    BareLineEnd,
    Nul,
    LongLine,
}

/// Looks at content in any number of pieces and remembers the first fault.
#[derive(Debug)]
pub(super) struct Strict {
    limit: usize,
    line: usize,
    after_cr: bool,
    ends_in_crlf: bool,
    fault: Option<Fault>,
}

impl Strict {
    /// With the longest line allowed, octets without CRLF.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            line: 0,
            after_cr: false,
            ends_in_crlf: true,
            fault: None,
        }
    }

    /// Looks at the next piece.
    pub(super) fn push(&mut self, piece: &[u8]) -> Option<Fault> {
        let mut rest = piece;
        while self.fault.is_none() && !rest.is_empty() {
            if self.after_cr {
                match rest.split_first() {
                    Some((b'\n', after)) => {
                        self.after_cr = false;
                        self.ends_in_crlf = true;
                        self.line = 0;
                        rest = after;
                        continue;
                    }
                    _ => {
                        self.fault = Some(Fault::BareLineEnd);
                        break;
                    }
                }
            }
            let run = rest
                .iter()
                .position(|&o| matches!(o, b'\r' | b'\n' | 0))
                .unwrap_or(rest.len());
            self.line = self.line.saturating_add(run);
            if run > 0 {
                self.ends_in_crlf = false;
            }
            if self.line > self.limit {
                self.fault = Some(Fault::LongLine);
                break;
            }
            match rest.get(run) {
                Some(b'\r') => {
                    self.after_cr = true;
                    self.ends_in_crlf = false;
                }
                Some(b'\n') => self.fault = Some(Fault::BareLineEnd),
                Some(_) => self.fault = Some(Fault::Nul),
                None => {}
            }
            rest = rest.get(run + 1..).unwrap_or_default();
        }
        self.fault
    }

    /// The content is over: a CR that still waits for its LF is a bare one.
    pub(super) fn finish(&mut self) -> Option<Fault> {
        if self.after_cr && self.fault.is_none() {
            self.fault = Some(Fault::BareLineEnd);
        }
        self.fault
    }

    /// Whether what was seen ends in CRLF (or is empty).
    pub(super) fn ends_in_crlf(&self) -> bool {
        self.ends_in_crlf
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fault(pieces: &[&[u8]]) -> Option<Fault> {
        let mut strict = Strict::new(10);
        for piece in pieces {
            strict.push(piece);
        }
        strict.finish()
    }

    #[test]
    fn crlf_is_the_only_line_end() {
        assert_eq!(fault(&[b"a\r\nb\r\n"]), None);
        assert_eq!(fault(&[b"a\r", b"\nb\r\n"]), None);
        for bad in [&b"a\nb"[..], b"a\rb", b"a\r\r\n", b"a\r", b"\n", b"a\r\n\n"] {
            assert_eq!(fault(&[bad]), Some(Fault::BareLineEnd), "{bad:?}");
        }
    }

    #[test]
    fn nul_and_long_lines_are_faults() {
        assert_eq!(fault(&[b"a\0b\r\n"]), Some(Fault::Nul));
        assert_eq!(fault(&[b"0123456789\r\n0123456789\r\n"]), None);
        assert_eq!(fault(&[b"012345", b"67890\r\n"]), Some(Fault::LongLine));
    }

    #[test]
    fn it_knows_how_content_ends() {
        let mut strict = Strict::new(100);
        assert!(strict.ends_in_crlf());
        strict.push(b"a\r\nb");
        assert!(!strict.ends_in_crlf());
        strict.push(b"\r");
        strict.push(b"\n");
        assert!(strict.ends_in_crlf());
    }

    proptest! {
        #[test]
        fn any_split_gives_the_same(data in "[\0\r\na]{0,20}", cut in 0usize..20) {
            let data = data.as_bytes();
            let (a, b) = data.split_at(cut.min(data.len()));
            prop_assert_eq!(fault(&[a, b]), fault(&[data]));
        }
    }
}
