//! A page for people, as Markdown and as HTML.
//!
//! Everything that a pack says is text here: it can make no headings, links or markup of
//! its own in either form.

/// A page: blocks in the order of reading.
pub(crate) struct Page {
    pub title: String,
    pub blocks: Vec<Block>,
}

pub(crate) enum Block {
    /// 1 for the title of the page.
    Heading(u8, String),
    Paragraph(Text),
    List(Vec<Item>),
}

/// An entry of a list, with what stands under it.
pub(crate) struct Item {
    pub text: Text,
    pub under: Vec<Text>,
}

pub(crate) type Text = Vec<Inline>;

pub(crate) enum Inline {
    Plain(String),
    Strong(String),
    Quoted(String),
}

impl Item {
    pub fn plain(text: impl Into<String>) -> Self {
        Self {
            text: vec![Inline::Plain(text.into())],
            under: Vec::new(),
        }
    }
}

/// The page as Markdown.
pub(crate) fn markdown(page: &Page) -> String {
    let mut out = String::new();
    for block in &page.blocks {
        match block {
            Block::Heading(level, text) => {
                let signs = "#".repeat(usize::from(*level).clamp(1, 6));
                out.push_str(&format!("{signs} {}\n\n", escaped(text)));
            }
            Block::Paragraph(text) => out.push_str(&format!("{}\n\n", in_markdown(text))),
            Block::List(items) => {
                for item in items {
                    out.push_str(&format!("- {}\n", in_markdown(&item.text)));
                    for text in &item.under {
                        out.push_str(&format!("  - {}\n", in_markdown(text)));
                    }
                }
                out.push('\n');
            }
        }
    }
    out
}

fn in_markdown(text: &Text) -> String {
    text.iter()
        .map(|piece| match piece {
            Inline::Plain(text) => escaped(text),
            Inline::Strong(text) => format!("**{}**", escaped(text)),
            Inline::Quoted(text) => format!("\u{201c}{}\u{201d}", escaped(text)),
        })
        .collect()
}

/// Text that Markdown shows as it is.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' => escaped.push(' '),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '*' | '_' | '`' | '[' | ']' | '#' | '\\' | '|' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

/// How a page looks, on a screen and on paper. Nothing is loaded from anywhere.
const STYLE: &str = "body{font:1.05rem/1.5 Georgia,serif;max-width:46rem;margin:2rem auto;\
padding:0 1rem;color:#1b1b1b;background:#fff}h1,h2,h3{font-family:system-ui,sans-serif;\
line-height:1.2}h2{margin-top:2.2rem;border-bottom:1px solid #bbb}li{margin:.5rem 0}\
li li{margin:.15rem 0;color:#444}article+article{page-break-before:always}\
@media print{body{margin:0;max-width:none;font-size:11pt}li{break-inside:avoid}}";

/// Pages as one HTML document that needs nothing else.
pub(super) fn html(pages: &[Page]) -> String {
    let title = pages.first().map_or("", |page| page.title.as_str());
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
        in_element(title)
    );
    for page in pages {
        out.push_str("<article>\n");
        for block in &page.blocks {
            match block {
                Block::Heading(level, text) => {
                    let level = (*level).clamp(1, 6);
                    out.push_str(&format!("<h{level}>{}</h{level}>\n", in_element(text)));
                }
                Block::Paragraph(text) => out.push_str(&format!("<p>{}</p>\n", in_html(text))),
                Block::List(items) => {
                    out.push_str("<ul>\n");
                    for item in items {
                        out.push_str(&format!("<li>{}", in_html(&item.text)));
                        if !item.under.is_empty() {
                            out.push_str("\n<ul>\n");
                            for text in &item.under {
                                out.push_str(&format!("<li>{}</li>\n", in_html(text)));
                            }
                            out.push_str("</ul>\n");
                        }
                        out.push_str("</li>\n");
                    }
                    out.push_str("</ul>\n");
                }
            }
        }
        out.push_str("</article>\n");
    }
    out.push_str("</body>\n</html>\n");
    out
}

fn in_html(text: &Text) -> String {
    text.iter()
        .map(|piece| match piece {
            Inline::Plain(text) => in_element(text),
            Inline::Strong(text) => format!("<strong>{}</strong>", in_element(text)),
            Inline::Quoted(text) => format!("<q>{}</q>", in_element(text)),
        })
        .collect()
}

/// Text that HTML shows as it is, in an element or in an attribute in quotes.
fn in_element(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\r' | '\t' => escaped.push(' '),
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_a_pack_makes_no_markup() {
        let evil = "</title><script>x</script>\n# [a](b) \"'";
        let page = Page {
            title: evil.into(),
            blocks: vec![
                Block::Heading(1, evil.into()),
                Block::Paragraph(vec![Inline::Strong(evil.into())]),
                Block::List(vec![Item {
                    text: vec![Inline::Quoted(evil.into())],
                    under: vec![vec![Inline::Plain(evil.into())]],
                }]),
            ],
        };
        let html = html(&[page]);
        assert!(!html.contains("<script"), "{html}");
        assert_eq!(html.matches("</title>").count(), 1);
        assert!(html.contains("<strong>&lt;/title&gt;"));
        let page = Page {
            title: String::new(),
            blocks: vec![Block::Paragraph(vec![Inline::Plain(evil.into())])],
        };
        assert_eq!(
            markdown(&page),
            "&lt;/title&gt;&lt;script&gt;x&lt;/script&gt; \\# \\[a\\](b) \"'\n\n"
        );
    }
}
