//! The text of a web page: what is shown, what is hidden, and what is a table.
//!
//! The tokenizer is html5ever's, so that tags, entities and comments are understood as
//! browsers understand them. Tags inside a word do not split it, colours and web
//! addresses never become text, and hidden text is read with its own role.

use std::cell::RefCell;

use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

use super::{text_body, text_passage};
use crate::text::{Body, Passage, Role};

/// What was read in a page.
pub(super) struct Page {
    pub(super) passages: Vec<Passage>,
    /// Whether a style hides a noticeable amount of text.
    pub(super) hidden: bool,
    /// Pictures that stand in the page itself (RFC 2397), as written.
    pub(super) pictures: Vec<String>,
}

/// Reads a page; its ordinary text gets `role`, in a body quotations become `Quoted`.
pub(super) fn read(html: &str, role: Role) -> Page {
    let sink = Sink(RefCell::new(Walker::new(role)));
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

/// A finished stretch: a paragraph, or a row of a table.
struct Block {
    role: Role,
    body: BlockBody,
}

enum BlockBody {
    Text(String),
    Row(Vec<String>),
}

/// An open element.
struct Frame {
    name: String,
    hidden: bool,
    quoted: bool,
    /// Text of this element is not for people.
    silent: bool,
    /// The text is the page's title.
    title: bool,
}

/// An open table.
struct Table {
    /// It arranges the page: another table stands in it.
    layout: bool,
    rows: Vec<Vec<Vec<Block>>>,
}

struct Walker {
    role: Role,
    frames: Vec<Frame>,
    /// Open elements beyond the depth that is kept.
    beyond: usize,
    /// Everything from here on is an older message.
    history: bool,
    tables: Vec<Table>,
    buffer: String,
    buffer_role: Role,
    blocks: Vec<Block>,
    hidden_octets: usize,
    pictures: Vec<String>,
}

/// Pictures in the page itself that are looked at.
const PICTURES: usize = 200;

/// Elements nested deeper inherit from the deepest that is kept.
const FRAMES: usize = 512;

impl Walker {
    fn new(role: Role) -> Self {
        Self {
            role,
            frames: Vec::new(),
            beyond: 0,
            history: false,
            tables: Vec::new(),
            buffer: String::new(),
            buffer_role: role,
            blocks: Vec::new(),
            hidden_octets: 0,
            pictures: Vec::new(),
        }
    }

    fn current_role(&self) -> Role {
        match self.frames.last() {
            Some(frame) if frame.title => Role::Metadata,
            Some(frame) if frame.hidden => Role::Hidden,
            Some(frame) if frame.quoted && self.role == Role::Body => Role::Quoted,
            _ if self.history && self.role == Role::Body => Role::Quoted,
            _ => self.role,
        }
    }

    fn text(&mut self, text: &str) {
        if self.frames.last().is_some_and(|f| f.silent) {
            return;
        }
        let role = self.current_role();
        if role != self.buffer_role {
            self.flush();
            self.buffer_role = role;
        }
        if role == Role::Hidden {
            self.hidden_octets += text.trim().len();
        }
        for c in text.chars() {
            // Preformatted line ends are spaces here; only elements break lines.
            let space = c.is_whitespace() || c == '\u{a0}';
            if !space {
                self.buffer.push(c);
            } else if !self.buffer.is_empty() && !self.buffer.ends_with([' ', '\n']) {
                self.buffer.push(' ');
            }
        }
    }

    fn comment(&mut self, text: &str) {
        let text = text.trim();
        // Conditional comments of Office hold settings for the screen.
        if text.starts_with("[if") || text.starts_with("[endif") || text.contains("<![endif") {
            return;
        }
        let plain = without_tags(text);
        if plain.chars().filter(|c| c.is_alphanumeric()).count() >= 3 {
            self.put(Block {
                role: Role::Hidden,
                body: BlockBody::Text(plain),
            });
        }
    }

    fn tag(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name: &str = &tag.name;
        if tag.kind == TagKind::EndTag {
            self.close(name);
            return TokenSinkResult::Continue;
        }
        self.attributes(tag);
        match name {
            "br" => {
                if !self.buffer.is_empty() {
                    if self.buffer.ends_with('\n') {
                        self.flush();
                    } else {
                        while self.buffer.ends_with(' ') {
                            self.buffer.pop();
                        }
                        self.buffer.push('\n');
                    }
                }
                return TokenSinkResult::Continue;
            }
            "img" | "meta" | "link" | "input" | "col" | "area" | "base" | "embed" | "source"
            | "track" | "param" | "wbr" => return TokenSinkResult::Continue,
            "hr" => {
                self.flush();
                return TokenSinkResult::Continue;
            }
            _ => {}
        }
        self.open(tag);
        if tag.self_closing {
            return TokenSinkResult::Continue;
        }
        match name {
            "script" => TokenSinkResult::RawData(RawKind::ScriptData),
            "style" | "xmp" | "iframe" | "noembed" | "noframes" => {
                TokenSinkResult::RawData(RawKind::Rawtext)
            }
            "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
            _ => TokenSinkResult::Continue,
        }
    }

    fn open(&mut self, tag: &Tag) {
        let name: &str = &tag.name;
        if is_block(name) {
            self.flush();
        }
        match name {
            "p" | "div" | "table" | "ul" | "ol" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6"
                if self.frames.last().is_some_and(|f| f.name == "p") =>
            {
                self.close("p");
            }
            "li" => self.close_within("li", &["ul", "ol"]),
            "td" | "th" => {
                self.close_within("td", &["tr", "table"]);
                self.close_within("th", &["tr", "table"]);
            }
            "tr" => self.close_within("tr", &["table"]),
            _ => {}
        }
        if opens_history(tag) {
            self.history = true;
        }
        let parent = self.frames.last();
        let frame = Frame {
            hidden: parent.is_some_and(|f| f.hidden) || hides(tag) || name == "template",
            quoted: parent.is_some_and(|f| f.quoted) || name == "blockquote" || quotes(tag),
            silent: parent.is_some_and(|f| f.silent) || matches!(name, "script" | "style"),
            title: name == "title",
            name: name.to_owned(),
        };
        if self.frames.len() < FRAMES {
            self.frames.push(frame);
        } else {
            self.beyond += 1;
        }
        match name {
            "table" => {
                for table in &mut self.tables {
                    table.layout = true;
                }
                self.tables.push(Table {
                    layout: false,
                    rows: Vec::new(),
                });
            }
            "tr" => {
                if let Some(table) = self.tables.last_mut() {
                    table.rows.push(Vec::new());
                }
            }
            "td" | "th" => {
                if let Some(table) = self.tables.last_mut() {
                    if table.rows.is_empty() {
                        table.rows.push(Vec::new());
                    }
                    if let Some(row) = table.rows.last_mut() {
                        row.push(Vec::new());
                    }
                }
            }
            _ => {}
        }
    }

    /// Closes an element of this name unless one of the `walls` stands before it.
    fn close_within(&mut self, name: &str, walls: &[&str]) {
        for frame in self.frames.iter().rev() {
            if frame.name == name {
                self.close(name);
                return;
            }
            if walls.contains(&frame.name.as_str()) {
                return;
            }
        }
    }

    fn close(&mut self, name: &str) {
        let Some(position) = self.frames.iter().rposition(|f| f.name == name) else {
            if self.beyond > 0 {
                self.beyond -= 1;
            }
            if is_block(name) {
                self.flush();
            }
            return;
        };
        let mut closed: Vec<String> = self
            .frames
            .get(position..)
            .unwrap_or_default()
            .iter()
            .map(|f| f.name.clone())
            .collect();
        while let Some(name) = closed.pop() {
            if is_block(&name) {
                self.flush();
            }
            if name == "table" {
                self.close_table();
            }
        }
        self.frames.truncate(position);
    }

    fn flush(&mut self) {
        let text = self.buffer.trim();
        let block = (!text.is_empty()).then(|| Block {
            role: self.buffer_role,
            body: BlockBody::Text(text.to_owned()),
        });
        self.buffer.clear();
        if let Some(block) = block {
            self.put(block);
        }
    }

    /// Puts a block into the innermost open cell, else into the page.
    fn put(&mut self, block: Block) {
        for table in self.tables.iter_mut().rev() {
            if let Some(cell) = table.rows.last_mut().and_then(|row| row.last_mut()) {
                cell.push(block);
                return;
            }
        }
        self.blocks.push(block);
    }

    fn close_table(&mut self) {
        let Some(table) = self.tables.pop() else {
            return;
        };
        let data = is_data_table(&table);
        for row in table.rows {
            if !data {
                for block in row.into_iter().flatten() {
                    self.put(block);
                }
                continue;
            }
            let role = row
                .iter()
                .flatten()
                .map(|b| b.role)
                .next()
                .unwrap_or(self.role);
            let mut cells = Vec::with_capacity(row.len());
            let mut hidden = Vec::new();
            for cell in row {
                let mut text = String::new();
                for block in cell {
                    if block.role == Role::Hidden && role != Role::Hidden {
                        hidden.push(block);
                    } else if let BlockBody::Text(part) = block.body {
                        if !text.is_empty() {
                            text.push(' ');
                        }
                        text.push_str(&part.replace('\n', " "));
                    }
                }
                cells.push(text);
            }
            self.put(Block {
                role,
                body: BlockBody::Row(cells),
            });
            for block in hidden {
                self.put(block);
            }
        }
    }

    /// Texts that stand in attributes.
    fn attributes(&mut self, tag: &Tag) {
        let mut texts = Vec::new();
        let name: &str = &tag.name;
        let meta_text = name == "meta"
            && attribute(tag, "name").is_some_and(|n| {
                let n = n.to_ascii_lowercase();
                matches!(
                    n.as_str(),
                    "description" | "keywords" | "author" | "subject"
                )
            });
        for attr in &tag.attrs {
            let value: &str = &attr.value;
            // In a style it stands within `url(…)`.
            if let Some(start) = value.find("data:image/")
                && self.pictures.len() < PICTURES
            {
                let address = value.get(start..).unwrap_or_default();
                let end = address.find([')', '"', '\'']).unwrap_or(address.len());
                self.pictures
                    .push(address.get(..end).unwrap_or_default().to_owned());
            }
            match &*attr.name.local {
                "alt" | "title" | "aria-label" | "placeholder" | "summary" => {
                    texts.push(value.to_owned());
                }
                "value" if matches!(name, "input" | "option" | "button") => {
                    texts.push(value.to_owned());
                }
                "content" if meta_text => texts.push(value.to_owned()),
                "href" => {
                    if let Some(address) = value.strip_prefix("mailto:") {
                        texts.push(address.split('?').next().unwrap_or_default().to_owned());
                    }
                }
                _ => {}
            }
        }
        for text in texts {
            if text.chars().filter(|c| c.is_alphanumeric()).count() >= 2 {
                self.put(Block {
                    role: Role::Metadata,
                    body: BlockBody::Text(text.trim().to_owned()),
                });
            }
        }
    }

    fn finish(mut self) -> Page {
        self.flush();
        while !self.tables.is_empty() {
            self.close_table();
        }
        let hidden = self.hidden_octets > 40;
        let mut blocks = self.blocks;
        if self.role == Role::Body {
            mark_history(&mut blocks);
        }
        let (mut paragraph, mut row) = (0u32, 0u32);
        let passages = blocks
            .into_iter()
            .map(|block| match block.body {
                BlockBody::Text(text) => {
                    paragraph += 1;
                    text_passage(format!("paragraph {paragraph}"), block.role, text)
                }
                BlockBody::Row(cells) => {
                    row += 1;
                    Passage {
                        place: format!("table row {row}"),
                        role: block.role,
                        body: Body::Row {
                            table: String::new(),
                            number: row,
                            cells,
                        },
                    }
                }
            })
            .collect();
        Page {
            passages,
            hidden,
            pictures: self.pictures,
        }
    }
}

/// Some programs quote with words instead of elements: then the words decide.
fn mark_history(blocks: &mut [Block]) {
    let lines: Vec<(usize, String)> = blocks
        .iter()
        .enumerate()
        .filter(|(_, b)| b.role == Role::Body)
        .filter_map(|(i, b)| match &b.body {
            BlockBody::Text(text) => Some((i, text)),
            BlockBody::Row(_) => None,
        })
        .flat_map(|(i, text)| text.lines().map(move |l| (i, l.to_owned())))
        .collect();
    let texts: Vec<&str> = lines.iter().map(|(_, l)| l.as_str()).collect();
    let start = (0..texts.len())
        .find(|i| text_body::opens_history(texts.get(*i..).unwrap_or_default()))
        .and_then(|i| lines.get(i));
    if let Some((first, _)) = start {
        for block in blocks.iter_mut().skip(*first) {
            if block.role == Role::Body {
                block.role = Role::Quoted;
            }
        }
    }
}

/// A table holds data when it has rows of several short cells and no table inside.
fn is_data_table(table: &Table) -> bool {
    let filled = |cell: &Vec<Block>| !cell.is_empty();
    let wide = table
        .rows
        .iter()
        .filter(|row| row.iter().filter(|c| filled(c)).count() >= 2)
        .count();
    let short = table
        .rows
        .iter()
        .flatten()
        .flatten()
        .all(|block| matches!(&block.body, BlockBody::Text(text) if text.len() < 400));
    !table.layout && wide >= 2 && short
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "table"
            | "tr"
            | "td"
            | "th"
            | "tbody"
            | "thead"
            | "tfoot"
            | "caption"
            | "ul"
            | "ol"
            | "li"
            | "dl"
            | "dt"
            | "dd"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "blockquote"
            | "pre"
            | "section"
            | "article"
            | "header"
            | "footer"
            | "main"
            | "nav"
            | "aside"
            | "address"
            | "form"
            | "fieldset"
            | "figure"
            | "figcaption"
            | "center"
            | "body"
            | "html"
            | "head"
            | "title"
            | "textarea"
            | "option"
            | "select"
            | "details"
            | "summary"
            | "script"
            | "style"
            | "template"
    )
}

fn attribute<'t>(tag: &'t Tag, name: &str) -> Option<&'t str> {
    tag.attrs
        .iter()
        .find(|a| &*a.name.local == name)
        .map(|a| &*a.value)
}

/// Whether a style or attribute keeps the element from being seen.
fn hides(tag: &Tag) -> bool {
    if attribute(tag, "hidden").is_some() {
        return true;
    }
    let Some(style) = attribute(tag, "style") else {
        return false;
    };
    let style: String = style
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect::<String>()
        .to_ascii_lowercase();
    style.contains("display:none")
        || style.contains("visibility:hidden")
        || style.contains("mso-hide:all")
        || style.split(';').any(|rule| {
            matches!(
                rule.trim_end_matches("!important"),
                "font-size:0"
                    | "font-size:0px"
                    | "font-size:0pt"
                    | "opacity:0"
                    | "max-height:0"
                    | "max-height:0px"
            )
        })
}

/// The quotation containers of the common mail programs.
fn quotes(tag: &Tag) -> bool {
    ["class", "id"].iter().any(|name| {
        attribute(tag, name).is_some_and(|value| {
            [
                "gmail_quote",
                "gmail_extra",
                "yahoo_quoted",
                "moz-cite-prefix",
            ]
            .iter()
            .any(|mark| value.contains(mark))
        })
    })
}

/// Outlook marks the start of the older message and closes the container at once.
fn opens_history(tag: &Tag) -> bool {
    attribute(tag, "id").is_some_and(|id| {
        [
            "divRplyFwdMsg",
            "appendonsend",
            "mail-editor-reference-message-container",
        ]
        .iter()
        .any(|mark| id.contains(mark))
    })
}

fn without_tags(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut inside = false;
    for c in text.chars() {
        match c {
            '<' => {
                inside = true;
                plain.push(' ');
            }
            '>' if inside => inside = false,
            _ if !inside => plain.push(c),
            _ => {}
        }
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, expected: &[(Role, &str)]) {
        let got: Vec<(Role, String)> = read(html, Role::Body)
            .passages
            .into_iter()
            .map(|p| match p.body {
                Body::Text(text) => (p.role, text),
                Body::Row { cells, .. } => (p.role, cells.join("|")),
            })
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(r, t)| (*r, (*t).to_owned()))
            .collect();
        assert_eq!(got, expected);
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
}
