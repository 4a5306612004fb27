//! The text of a web page: what is shown, what is hidden, and what is a table.
//!
//! The tokenizer is html5ever's, so that tags, entities and comments are understood as
//! browsers understand them. Tags inside a word do not split it, colours and web
//! addresses never become text, and hidden text is read with its own role.

mod attributes;
mod tables;
mod tags;
mod walker;

use std::cell::RefCell;

use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

use crate::text::{Passage, Role};

pub(super) use attributes::{Embedded, data_address};
use walker::Walker;

/// What was read in a page.
pub(super) struct Page {
    pub(super) passages: Vec<Passage>,
    /// Whether a style hides a noticeable amount of text.
    pub(super) hidden: bool,
    /// Files in `data:` addresses.
    pub(super) files: Vec<Embedded>,
}

/// Reads a page; its ordinary text gets `role`, in a body quotations become `Quoted`.
pub(super) fn read(html: &str, role: Role) -> Page {
    read_inner(html, role, 0)
}

/// Reads a page inside a page.
fn read_inner(html: &str, role: Role, depth: u32) -> Page {
    let sink = Sink(RefCell::new(Walker::new(role, depth)));
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.0.into_inner().finish()
}

/// The charset that a page declares for itself in its first kilobyte.
pub(super) fn declared_charset(bytes: &[u8]) -> Option<String> {
    let head = bytes.get(..bytes.len().min(1024))?.to_ascii_lowercase();
    let head = String::from_utf8_lossy(&head);
    let (_, rest) = head.split_once("charset")?;
    let rest = rest.trim_start().strip_prefix('=')?;
    let label: String = rest
        .trim_start_matches(['"', '\'', ' '])
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':'))
        .collect();
    (!label.is_empty()).then_some(label)
}

struct Sink(RefCell<Walker>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut walker = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) => return walker.tag(&tag),
            Token::CharacterTokens(text) => walker.text(&text),
            Token::CommentToken(text) => walker.comment(&text),
            Token::DoctypeToken(_)
            | Token::NullCharacterToken
            | Token::EOFToken
            | Token::ParseError(_) => {}
        }
        TokenSinkResult::Continue
    }
}

/// The text without its tags; each leaves `mark` in its place.
pub(super) fn without_tags(text: &str, mark: char) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut inside = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let tag = |c: &char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?');
        match c {
            '<' if chars.peek().is_some_and(tag) => {
                inside = true;
                plain.push(mark);
            }
            '>' if inside => inside = false,
            _ if !inside => plain.push(c),
            _ => {}
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::check_passages;

    fn check(html: &str, expected: &[(Role, &str)]) {
        check_passages(read(html, Role::Body).passages, expected);
    }

    #[test]
    fn tags_inside_a_word_do_not_split_it() {
        check(
            "<p>Jam<b>i</b><span>e</span> Smith&nbsp;x</p>",
            &[(Role::Body, "Jamie Smith x")],
        );
    }

    #[test]
    fn styles_scripts_and_addresses_are_no_text() {
        check(
            "<style>p{color:#943476}</style><script>x='<p>no'</script><a href='https://x.example/943'>go</a>",
            &[(Role::Body, "go")],
        );
    }

    #[test]
    fn hidden_text_is_read_as_hidden() {
        check(
            "<p>a</p><div style='display: none'>secret <b>x</b></div><p>b</p><!-- note to self -->",
            &[
                (Role::Body, "a"),
                (Role::Hidden, "secret x"),
                (Role::Body, "b"),
                (Role::Hidden, "note to self"),
            ],
        );
    }

    #[test]
    fn a_data_table_becomes_rows_and_a_layout_table_text() {
        check(
            "<table><tr><th>Name</th><th>UPN</th></tr><tr><td>A B<td>X1</table>",
            &[(Role::Body, "Name|UPN"), (Role::Body, "A B|X1")],
        );
        check(
            "<table><tr><td>left<table><tr><td>a<td>b<tr><td>c<td>d</table></td><td>right</td></tr></table>",
            &[
                (Role::Body, "left"),
                (Role::Body, "a|b"),
                (Role::Body, "c|d"),
                (Role::Body, "right"),
            ],
        );
    }

    #[test]
    fn quotations_are_told_from_the_senders_own() {
        check(
            "<div>new</div><div class='gmail_quote'>old</div><div>more</div>",
            &[
                (Role::Body, "new"),
                (Role::Quoted, "old"),
                (Role::Body, "more"),
            ],
        );
        check(
            "<p>new</p><div id='divRplyFwdMsg'></div><p>old</p>",
            &[(Role::Body, "new"), (Role::Quoted, "old")],
        );
        check(
            "<p>new</p><p><b>From:</b> A<br><b>Sent:</b> B<br><b>To:</b> C</p><p>old</p>",
            &[
                (Role::Body, "new"),
                (Role::Quoted, "From: A\nSent: B\nTo: C"),
                (Role::Quoted, "old"),
            ],
        );
    }

    #[test]
    fn hidden_letters_do_not_split_a_word() {
        check(
            "<p>Jam<span style='display:none'>xx</span>ie<i style='font-size:0'>y</i> Smith</p>",
            &[(Role::Body, "Jamie Smith"), (Role::Hidden, "xxy")],
        );
        check(
            "<div style='font-size:0'>a<p style='font-size:12px'>shown</p></div>",
            &[(Role::Hidden, "a"), (Role::Body, "shown")],
        );
        check(
            "<p style='color:#fff;background:#fff'>white</p><p style='left:-9999px'>away</p>",
            &[(Role::Hidden, "white"), (Role::Hidden, "away")],
        );
    }

    #[test]
    fn what_only_outlook_shows_is_shown() {
        check(
            "<!--[if mso]><xml><o:X>96</o:X></xml><p>Only <b>Outlook</b></p><![endif]--><!--[if !mso]><!--><p>all</p><!--<![endif]-->",
            &[(Role::Body, "Only Outlook"), (Role::Body, "all")],
        );
    }

    #[test]
    fn attributes_and_styles_are_read() {
        check(
            "<style>.a:before{content:\"Jamie Smith\"}</style><img alt='Class 4B'><input type=hidden value='UPN list'>\
             <a href='mailto:a@b.example?subject=About%20Jamie'>go</a>",
            &[
                (Role::Metadata, "Jamie Smith"),
                (Role::Metadata, "Class 4B"),
                (Role::Hidden, "UPN list"),
                (Role::Metadata, "a@b.example"),
                (Role::Metadata, "About Jamie"),
                (Role::Body, "go"),
            ],
        );
    }

    #[test]
    fn preformatted_lines_stay_lines() {
        check("<pre>a\nb</pre>", &[(Role::Body, "a\nb")]);
    }

    #[test]
    fn files_inside_the_page_are_kept() {
        let page = read(
            "<img src='data:image/gif;base64,R0lGODlh'><iframe srcdoc='&lt;p&gt;x'></iframe>",
            Role::Body,
        );
        assert_eq!(page.files.len(), 2);
        assert_eq!(page.files[0].bytes, b"GIF89a");
    }

    proptest::proptest! {
        #[test]
        fn any_page_is_read_to_its_end(parts in proptest::collection::vec(
            proptest::sample::select(vec!["<table>", "<tr>", "<td>", "</table>", "<p>", "x", "<!--[if mso]>", "-->",
                "<div style='display:none'>", "</div>", "<![endif]-->", "<style>", "</style>", "content:'", "<pre>",
                "<img src='data:", "'>", "&#x0;", "<script>", "</script>", "\"", "\\"]), 0..40)) {
            let html = parts.concat();
            let page = read(&html, Role::Document);
            let out: usize = page.passages.iter().map(|p| p.body.len()).sum();
            proptest::prop_assert!(out <= 4 * html.len() + 16);
        }
    }
}
