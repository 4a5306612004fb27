//! The end of data and the stuffed dots (RFC 5321 §4.5.2). Data ends at `.CRLF` at the
//! very start or after CRLF, and at nothing else. Whether the other line ends are right
//! is for [`super::strict`] to say.

/// Where in a line the next octet stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    LineStart,
    Middle,
    /// After a CR (which is already given out).
    Cr,
    /// After a dot at the start of a line (withheld).
    Dot,
    /// After a dot and a CR at the start of a line (both withheld).
    DotCr,
}

/// Takes stuffed data and gives content, over any number of pieces.
#[derive(Debug)]
pub(super) struct DotReader {
    at: At,
}

/// What a piece of data held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dotted {
    /// All of it was content; more is to come.
    More,
    /// The end came after so many octets; the rest is not data.
    End { used: usize },
}

impl DotReader {
    pub(super) fn new() -> Self {
        Self { at: At::LineStart }
    }

    /// Reads `data`, appending the content to `out`.
    pub(super) fn push(&mut self, data: &[u8], out: &mut Vec<u8>) -> Dotted {
        let mut rest = data;
        while let Some((&octet, after)) = rest.split_first() {
            match (self.at, octet) {
                (At::DotCr, b'\n') => {
                    return Dotted::End {
                        used: data.len() - after.len(),
                    };
                }
                (At::LineStart, b'.') => {
                    self.at = At::Dot;
                    rest = after;
                }
                (At::Dot, b'\r') => {
                    self.at = At::DotCr;
                    rest = after;
                }
                // The dot was a stuffed one: it goes, and the octet stands for itself.
                (At::Dot, _) => self.at = At::Middle,
                (At::DotCr, _) => {
                    out.push(b'\r');
                    self.at = At::Cr;
                }
                (At::Cr, b'\n') => {
                    out.push(b'\n');
                    self.at = At::LineStart;
                    rest = after;
                }
                (At::LineStart | At::Middle | At::Cr, _) => {
                    let run = rest
                        .iter()
                        .position(|&o| o == b'\r')
                        .map_or(rest.len(), |i| i + 1);
                    let (line, after) = rest.split_at(run);
                    out.extend_from_slice(line);
                    self.at = if line.last() == Some(&b'\r') {
                        At::Cr
                    } else {
                        At::Middle
                    };
                    rest = after;
                }
            }
        }
        Dotted::More
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Content of a piece of data, and where it ended.
    fn read(pieces: &[&[u8]]) -> (Vec<u8>, Option<usize>) {
        let mut reader = DotReader::new();
        let mut out = Vec::new();
        let mut before = 0;
        for piece in pieces {
            match reader.push(piece, &mut out) {
                Dotted::More => before += piece.len(),
                Dotted::End { used } => return (out, Some(before + used)),
            }
        }
        (out, None)
    }

    /// Stuffs as a client does (RFC 5321 §4.5.2).
    fn stuff(content: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        for line in content.split_inclusive(|&o| o == b'\n') {
            if line.first() == Some(&b'.') {
                out.push(b'.');
            }
            out.extend_from_slice(line);
        }
        out.extend_from_slice(b".\r\n");
        out
    }

    #[test]
    fn data_ends_at_a_dot_on_a_line_of_its_own() {
        assert_eq!(read(&[b"a\r\n.\r\nQUIT"]), (b"a\r\n".to_vec(), Some(6)));
        assert_eq!(read(&[b".\r\nQUIT"]), (Vec::new(), Some(3)));
        assert_eq!(read(&[b"..x\r\n.\r\n"]).0, b".x\r\n");
        assert_eq!(read(&[b"a\r\n..\r\n.\r\n"]).0, b"a\r\n.\r\n");
    }

    #[test]
    fn nothing_else_ends_it() {
        for data in [
            &b"a\n.\nb"[..],
            b"a\n.\r\nb",
            b"a\r\n.\nb",
            b"a\r.\rb",
            b"a\r\n.\rb",
            b"a\r.\r\nb",
            b"a\r\n.\r\r\nb",
            b"a\r\n.\0\r\nb",
            b"a\r\n. \r\nb",
            b"a\n\r.\r\nb",
            b"a\r\r\n..\r\nb",
            b"\n.\r\n",
        ] {
            assert_eq!(read(&[data]).1, None, "{data:?}");
        }
    }

    proptest! {
        #[test]
        fn any_split_gives_the_same(data in "[.\r\na]{0,24}", cuts in proptest::collection::vec(0usize..25, 0..4)) {
            let data = data.as_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|c| c.min(data.len())).collect();
            cuts.push(0);
            cuts.push(data.len());
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|w| &data[w[0]..w[1]]).collect();
            prop_assert_eq!(read(&pieces), read(&[data]));
        }

        #[test]
        fn stuffed_content_comes_back(lines in proptest::collection::vec("[.a ]{0,5}", 0..8)) {
            let content: String = lines.iter().map(|l| format!("{l}\r\n")).collect();
            let data = stuff(content.as_bytes());
            prop_assert_eq!(read(&[&data]), (content.into_bytes(), Some(data.len())));
        }

        #[test]
        fn content_stuffed_again_is_the_data(lines in proptest::collection::vec("(\\.\\.|[a ])[.a ]{0,4}|", 0..8)) {
            // Lines as a client sends them: a dot at the start of one is stuffed.
            let data: String = lines.iter().map(|l| format!("{l}\r\n")).collect::<String>() + ".\r\n";
            let (content, end) = read(&[data.as_bytes()]);
            prop_assert_eq!(end, Some(data.len()));
            prop_assert_eq!(stuff(&content), data.into_bytes());
        }
    }
}
