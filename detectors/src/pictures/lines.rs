//! What an OCR program wrote, as passages: paragraphs, and rows where lines stand in columns.

use crate::text::{Body, Passage, Role};

/// So many spaces between two words are the gap between two columns.
const GAP: usize = 3;
/// Lines in columns below this are no table.
const TABLE: usize = 2;
/// The longest text that is taken from one picture, octets.
const LONGEST: usize = 1 << 20;

/// The passages of one picture; `page` says where it stands, empty for the whole file.
pub(crate) fn passages(text: &str, page: &str) -> Vec<Passage> {
    let place = match page {
        "" => "read by OCR".to_owned(),
        page => format!("{page}, read by OCR"),
    };
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let lines: Vec<&str> = text.get(..end).unwrap_or_default().lines().collect();
    let in_columns = lines.iter().filter(|line| cells(line).len() >= 2).count() >= TABLE;
    let mut passages = Vec::new();
    let mut paragraph = String::new();
    let mut number = 0_u32;
    let flush = |paragraph: &mut String, passages: &mut Vec<Passage>| {
        if !paragraph.trim().is_empty() {
            passages.push(Passage {
                place: place.clone(),
                role: Role::Document,
                body: Body::Text(std::mem::take(paragraph)),
            });
        }
        paragraph.clear();
    };
    for line in lines {
        // The program ends a page with a form feed.
        let line = line.trim_matches(|c: char| c.is_control());
        let row = cells(line);
        if in_columns && row.len() >= 2 {
            flush(&mut paragraph, &mut passages);
            number += 1;
            passages.push(Passage {
                place: format!("{place}, row {number}"),
                role: Role::Document,
                body: Body::Row {
                    table: place.clone(),
                    number,
                    cells: row,
                },
            });
        } else if line.trim().is_empty() {
            flush(&mut paragraph, &mut passages);
        } else {
            paragraph.push_str(line.trim());
            paragraph.push('\n');
        }
    }
    flush(&mut paragraph, &mut passages);
    passages
}

/// The cells of a line. Rules between columns come as strokes, dots as other signs.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut spaces = 0;
    for c in line.trim().chars() {
        let rule = matches!(c, '=' | '_' | '~' | '—') && spaces > 0;
        if rule || c == '|' || c == '\t' {
            spaces += GAP;
        } else if c.is_whitespace() {
            spaces += 1;
        } else {
            match cells.last_mut() {
                Some(cell) if spaces >= GAP && !cell.is_empty() => cells.push(c.to_string()),
                Some(cell) => {
                    if spaces > 0 && !cell.is_empty() {
                        cell.push(' ');
                    }
                    cell.push(c);
                }
                None => {}
            }
            spaces = 0;
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_become_rows_and_the_rest_paragraphs() {
        let text = "Register 4M\n\nName          Class    SEN\nIsla Fenwick  |  4M     EHCP\n\nA note to the\nschool.\n\u{c}";
        let passages = passages(text, "page 2");
        let places: Vec<&str> = passages.iter().map(|p| p.place.as_str()).collect();
        assert_eq!(
            places,
            [
                "page 2, read by OCR",
                "page 2, read by OCR, row 1",
                "page 2, read by OCR, row 2",
                "page 2, read by OCR",
            ]
        );
        match &passages[2].body {
            Body::Row { cells, .. } => assert_eq!(cells, &["Isla Fenwick", "4M", "EHCP"]),
            Body::Text(text) => panic!("{text}"),
        }
        match &passages[3].body {
            Body::Text(text) => assert_eq!(text, "A note to the\nschool.\n"),
            Body::Row { cells, .. } => panic!("{cells:?}"),
        }
    }

    #[test]
    fn one_wide_gap_makes_no_table() {
        let passages = passages("Dear Mrs Fenwick,    9 November\nthank you for coming.", "");
        assert_eq!(passages.len(), 1);
        assert_eq!(passages[0].place, "read by OCR");
    }

    proptest::proptest! {
        #[test]
        fn no_letter_is_lost(text in "[a-z |\t\n]{0,300}") {
            let letters = |s: &str| s.chars().filter(|c| c.is_alphabetic()).collect::<String>();
            let read: String = passages(&text, "")
                .iter()
                .map(|p| match &p.body {
                    Body::Text(text) => text.clone(),
                    Body::Row { cells, .. } => cells.concat(),
                })
                .collect();
            proptest::prop_assert_eq!(letters(&read), letters(&text));
        }
    }
}
