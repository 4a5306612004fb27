//! A long text cut into pieces that belong together.

/// Octets of one passage within which "the same paragraph" still means something: a PDF
/// gives whole pages.
const PARAGRAPH: usize = 1500;

/// Cuts a long text at blank lines or line ends, with the number of the line where each
/// piece begins. A line without end is cut too: what is compared within a paragraph must
/// stay small, whoever wrote it.
pub(super) fn paragraphs(text: &str) -> Vec<(usize, &str)> {
    if text.len() <= PARAGRAPH {
        return vec![(0, text)];
    }
    let mut pieces = Vec::new();
    let (mut start, mut first_line, mut at, mut line) = (0, 0, 0, 0);
    for whole_line in text.split_inclusive('\n') {
        let mut rest = whole_line;
        while !rest.is_empty() {
            let (piece, next) = rest.split_at(line_cut(rest));
            rest = next;
            at += piece.len();
            let blank = piece.trim().is_empty();
            if (blank && at - start > PARAGRAPH / 4) || at - start > PARAGRAPH {
                pieces.push((first_line, text.get(start..at).unwrap_or_default()));
                (start, first_line) = (at, line + usize::from(rest.is_empty()));
            }
        }
        line += 1;
    }
    if start < text.len() {
        pieces.push((first_line, text.get(start..).unwrap_or_default()));
    }
    pieces
}

/// Where a line that is too long is cut: behind a sentence, else at a space.
fn line_cut(line: &str) -> usize {
    const MOST: usize = 4 * PARAGRAPH;
    if line.len() <= MOST {
        return line.len();
    }
    let mut end = MOST;
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    let head = line.get(..end).unwrap_or_default();
    head.rfind(". ")
        .map(|at| at + 2)
        .or_else(|| head.rfind(' ').map(|at| at + 1))
        .filter(|&at| at > MOST / 2)
        .unwrap_or(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn endless_lines_are_cut_behind_a_sentence() {
        let text = "Theo Walker came home. ".repeat(2000);
        let pieces = paragraphs(&text);
        assert!(pieces.len() > 4);
        assert!(
            pieces
                .iter()
                .all(|(_, piece)| piece.starts_with("Theo") && piece.len() <= 4 * PARAGRAPH)
        );
    }

    proptest! {
        #[test]
        fn cutting_loses_nothing(text in "[a-zé .\\n]{0,9000}") {
            let joined: String = paragraphs(&text).into_iter().map(|(_, piece)| piece).collect();
            prop_assert_eq!(joined, text);
        }
    }
}
