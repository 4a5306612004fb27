//! A letter's text, once for plain text and once for HTML.

/// A piece of a letter.
pub(super) enum Block {
    Heading(String),
    Paragraph(String),
    /// A label and what it says, on one line if it fits.
    Labelled(&'static str, String),
    List(Vec<String>),
    /// Somebody's own words, as a clause of the school's policy.
    Quote(String),
}

pub(super) fn heading(text: impl Into<String>) -> Block {
    Block::Heading(text.into())
}

pub(super) fn paragraph(text: impl Into<String>) -> Block {
    Block::Paragraph(text.into())
}

/// Width of plain text: it survives a reply's quoting and needs no encoding.
const WIDTH: usize = 72;

/// As plain text, lines ended by CRLF.
pub(super) fn plain(blocks: &[Block]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for block in blocks {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        match block {
            Block::Heading(text) => {
                let text = one_line(text);
                let rule = "-".repeat(text.chars().count().min(WIDTH));
                lines.push(text);
                lines.push(rule);
            }
            Block::Paragraph(text) => wrap(text, "", "", &mut lines),
            Block::Labelled(label, text) => wrap(&format!("{label} {text}"), "", "", &mut lines),
            Block::List(items) => {
                for item in items {
                    wrap(item, "  - ", "    ", &mut lines);
                }
            }
            Block::Quote(text) => wrap(
                &format!("\u{201c}{text}\u{201d}"),
                "    ",
                "    ",
                &mut lines,
            ),
        }
    }
    lines.push(String::new());
    lines.join("\r\n")
}

/// As a page of HTML without styles, scripts or pictures.
pub(super) fn html(title: &str, blocks: &[Block]) -> String {
    let mut page = format!(
        "<!DOCTYPE html>\r\n<html lang=\"en-GB\">\r\n<head><meta charset=\"utf-8\"><title>{}</title></head>\r\n<body>\r\n",
        escape(title)
    );
    for block in blocks {
        let piece = match block {
            Block::Heading(text) => format!("<h2>{}</h2>", escape(text)),
            Block::Paragraph(text) => format!("<p>{}</p>", escape(text)),
            Block::Labelled(label, text) => {
                format!("<p><strong>{}</strong> {}</p>", escape(label), escape(text))
            }
            Block::List(items) => {
                let items: Vec<String> = items
                    .iter()
                    .map(|i| format!("<li>{}</li>", escape(i)))
                    .collect();
                format!("<ul>\r\n{}\r\n</ul>", items.join("\r\n"))
            }
            Block::Quote(text) => {
                format!("<blockquote>\u{201c}{}\u{201d}</blockquote>", escape(text))
            }
        };
        page.push_str(&piece);
        page.push_str("\r\n");
    }
    page.push_str("</body>\r\n</html>\r\n");
    page
}

fn wrap(text: &str, first: &str, rest: &str, lines: &mut Vec<String>) {
    let mut line = first.to_owned();
    let mut empty = true;
    for word in one_line(text).split_whitespace() {
        if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(std::mem::replace(&mut line, rest.to_owned()));
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    lines.push(line);
}

/// Control and direction marks could make a text say something else than it does.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => ' ',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect()
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_wrapped() {
        let text = plain(&[
            paragraph("word ".repeat(40)),
            Block::List(vec!["item ".repeat(20)]),
        ]);
        assert!(text.lines().all(|l| l.chars().count() <= WIDTH), "{text}");
        assert!(text.contains("\r\n\r\n  - item"));
        assert!(text.contains("\r\n    item"));
    }

    #[test]
    fn html_holds_no_markup_of_others() {
        let page = html("t", &[paragraph("<script>alert('x')</script> & \"y\"")]);
        assert!(page.contains(
            "<p>&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;y&quot;</p>"
        ));
    }

    #[test]
    fn no_line_starts_by_itself() {
        let text = plain(&[paragraph("a\r\nb\u{202e}c")]);
        assert_eq!(text, "a b c\r\n");
    }
}
