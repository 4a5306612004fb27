//! The walk over the tags of a page: which text stands where, and in which role.

use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{Tag, TagKind, TokenSinkResult};

use super::super::{text_body, text_passage};
use super::attributes::{self, Embedded};
use super::tables::Table;
use super::tags::{self, Sight};
use super::{Page, without_tags};
use crate::text::{Body, Passage, Role};

/// A finished stretch: a paragraph, or a row of a table.
pub(super) struct Block {
    pub(super) role: Role,
    pub(super) body: BlockBody,
}

pub(super) enum BlockBody {
    Text(String),
    Row(Vec<String>),
}

/// An open element.
struct Frame {
    name: String,
    hidden: bool,
    /// Its letters have no size; an element inside may give them one.
    no_size: bool,
    quoted: bool,
    /// Line ends in the source are line ends.
    preformatted: bool,
    /// Text of this element is not for people.
    silent: bool,
    /// The text is the page's title.
    title: bool,
    /// A style or a script, which adds to the page in its own way.
    is_style: bool,
    is_script: bool,
}

pub(super) struct Walker {
    pub(super) role: Role,
    frames: Vec<Frame>,
    /// Open elements beyond the depth that is kept.
    beyond: usize,
    /// Everything from here on is an older message.
    history: bool,
    pub(super) tables: Vec<Table>,
    buffer: String,
    buffer_role: Role,
    /// Text that is not seen, kept apart: it may stand in the middle of a word that is.
    unseen: String,
    blocks: Vec<Block>,
    hidden_octets: usize,
    files: Vec<Embedded>,
    /// Conditional comments within conditional comments.
    depth: u32,
}

/// Elements nested deeper inherit from the deepest that is kept.
const FRAMES: usize = 512;

impl Walker {
    pub(super) fn new(role: Role, depth: u32) -> Self {
        Self {
            role,
            frames: Vec::new(),
            beyond: 0,
            history: false,
            tables: Vec::new(),
            buffer: String::new(),
            buffer_role: role,
            unseen: String::new(),
            blocks: Vec::new(),
            hidden_octets: 0,
            files: Vec::new(),
            depth,
        }
    }

    fn current_role(&self) -> Role {
        match self.frames.last() {
            Some(frame) if frame.title => Role::Metadata,
            Some(frame) if frame.hidden || frame.no_size => Role::Hidden,
            Some(frame) if frame.quoted && self.role == Role::Body => Role::Quoted,
            _ if self.history && self.role == Role::Body => Role::Quoted,
            _ => self.role,
        }
    }

    pub(super) fn text(&mut self, text: &str) {
        if let Some(frame) = self.frames.last()
            && frame.silent
        {
            let (is_style, is_script) = (frame.is_style, frame.is_script);
            self.silent_text(text, is_style, is_script);
            return;
        }
        let role = self.current_role();
        let preformatted = self.frames.last().is_some_and(|f| f.preformatted);
        if role == Role::Hidden {
            self.hidden_octets += text.trim().len();
            push_spaced(&mut self.unseen, text, preformatted);
            return;
        }
        if role != self.buffer_role {
            self.flush();
            self.buffer_role = role;
        }
        push_spaced(&mut self.buffer, text, preformatted);
    }

    /// What a style adds to the page, and in a file what a script shows.
    fn silent_text(&mut self, text: &str, is_style: bool, is_script: bool) {
        if is_style {
            for text in attributes::generated(text) {
                self.put_text(Role::Metadata, &text);
            }
            self.add_files(attributes::files_in(text));
        } else if is_script && self.role == Role::Document {
            for text in attributes::literals(text) {
                self.put_text(Role::Hidden, &without_tags(&text, ' '));
            }
        }
    }

    fn put_text(&mut self, role: Role, text: &str) {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if !text.is_empty() {
            self.put(Block {
                role,
                body: BlockBody::Text(text),
            });
        }
    }

    fn add_files(&mut self, files: Vec<Embedded>) {
        let room = attributes::FILES.saturating_sub(self.files.len());
        self.files.extend(files.into_iter().take(room));
    }

    pub(super) fn comment(&mut self, text: &str) {
        let text = text.trim();
        // The marks around what all programs show.
        if text.starts_with("[endif") || (text.starts_with("[if") && text.ends_with("<!")) {
            return;
        }
        if text.starts_with("[if") && self.depth < 2 {
            self.conditional(text);
            return;
        }
        let plain = without_tags(text, ' ');
        if plain.chars().filter(|c| c.is_alphanumeric()).count() >= 3 {
            self.put_text(Role::Hidden, &plain);
        }
    }

    /// A comment that Outlook reads as part of the page.
    fn conditional(&mut self, text: &str) {
        let inner = text.split_once("]>").map_or("", |(_, inner)| inner);
        let inner = inner.split("<![endif]").next().unwrap_or_default();
        let page = super::read_inner(inner, self.current_role(), self.depth + 1);
        for passage in page.passages {
            match passage.body {
                // Settings for the screen are numbers.
                Body::Text(text) if text.chars().filter(|c| c.is_alphabetic()).count() >= 3 => {
                    self.put(Block {
                        role: passage.role,
                        body: BlockBody::Text(text),
                    });
                }
                Body::Row { cells, .. } => {
                    self.put(Block {
                        role: passage.role,
                        body: BlockBody::Row(cells),
                    });
                }
                Body::Text(_) => {}
            }
        }
        self.add_files(page.files);
    }

    pub(super) fn tag(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name: &str = &tag.name;
        if tag.kind == TagKind::EndTag {
            self.close(name);
            return TokenSinkResult::Continue;
        }
        for (text, seen) in attributes::texts(tag) {
            let role = if seen { Role::Metadata } else { Role::Hidden };
            self.put(Block {
                role,
                body: BlockBody::Text(text.trim().to_owned()),
            });
        }
        self.add_files(attributes::files(tag));
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
        if tags::is_block(name) {
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
        if tags::opens_history(tag) {
            self.history = true;
        }
        let parent = self.frames.last();
        let sight = tags::sight(tag);
        let inherited = |what: fn(&Frame) -> bool| parent.is_some_and(what);
        let frame = Frame {
            hidden: inherited(|f| f.hidden) || sight == Sight::Hidden,
            no_size: match sight {
                Sight::NoSize => true,
                Sight::Sized => false,
                _ => inherited(|f| f.no_size),
            },
            quoted: inherited(|f| f.quoted) || name == "blockquote" || tags::quotes(tag),
            preformatted: inherited(|f| f.preformatted)
                || matches!(name, "pre" | "textarea" | "xmp"),
            silent: inherited(|f| f.silent) || matches!(name, "script" | "style"),
            title: name == "title",
            is_style: name == "style",
            is_script: name == "script",
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
            if tags::is_block(name) {
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
            if tags::is_block(&name) {
                self.flush();
            }
            if name == "table" {
                self.close_table();
            }
        }
        self.frames.truncate(position);
    }

    fn flush(&mut self) {
        let seen = std::mem::take(&mut self.buffer);
        let unseen = std::mem::take(&mut self.unseen);
        for (role, text) in [(self.buffer_role, seen), (Role::Hidden, unseen)] {
            let text = text.trim();
            if !text.is_empty() {
                self.put(Block {
                    role,
                    body: BlockBody::Text(text.to_owned()),
                });
            }
        }
    }

    /// Puts a block into the innermost open cell, else into the page.
    pub(super) fn put(&mut self, block: Block) {
        for table in self.tables.iter_mut().rev() {
            if let Some(cell) = table.rows.last_mut().and_then(|row| row.last_mut()) {
                cell.push(block);
                return;
            }
        }
        self.blocks.push(block);
    }

    pub(super) fn finish(mut self) -> Page {
        self.flush();
        while !self.tables.is_empty() {
            self.close_table();
        }
        let hidden = self.hidden_octets > 40;
        let mut blocks = self.blocks;
        if self.role == Role::Body && self.depth == 0 {
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
            files: self.files,
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

/// Adds text as it is shown: with one space for any number of them.
fn push_spaced(into: &mut String, text: &str, preformatted: bool) {
    for c in text.chars() {
        if !(c.is_whitespace() || c == '\u{a0}') {
            into.push(c);
        } else if preformatted && c == '\n' {
            into.push('\n');
        } else if preformatted && c == '\t' {
            into.push('\t');
        } else if !into.is_empty() && !into.ends_with([' ', '\n']) {
            into.push(' ');
        }
    }
}
