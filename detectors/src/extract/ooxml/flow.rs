//! Paragraphs and tables as Word and PowerPoint write them.
//!
//! Both name their elements alike: `p` paragraph, `r` run, `t` text, `tbl` / `tr` / `tc`
//! table. Runs are joined, so that a word that was edited is still one word.

use super::super::text_passage;
use super::super::xml::{self, Node};
use crate::text::{Body, Passage, Role};

/// Collects passages from the nodes of one file.
pub(super) struct Flow {
    /// What stands before the number of a place, e.g. "footnotes, ".
    prefix: String,
    role: Role,
    passages: Vec<Passage>,
    /// Paragraphs nest: a text box stands inside one.
    paragraphs: Vec<String>,
    deleted: String,
    vanished: String,
    in_text: bool,
    in_deleted_text: bool,
    /// Depth inside deleted or moved-away content.
    deletion: u32,
    /// Depth inside a fallback, which repeats what stands before it.
    fallback: u32,
    /// Depth inside the choice before it, and what both say.
    choice: u32,
    chosen: String,
    fallen_back: String,
    run_vanishes: bool,
    tables: u32,
    table_number: u32,
    row_number: u32,
    cells: Vec<String>,
    paragraph_number: u32,
    hidden: bool,
}

impl Flow {
    pub(super) fn new(place: &str, role: Role) -> Self {
        Self {
            prefix: if place.is_empty() {
                String::new()
            } else {
                format!("{place}, ")
            },
            role,
            passages: Vec::new(),
            paragraphs: Vec::new(),
            deleted: String::new(),
            vanished: String::new(),
            in_text: false,
            in_deleted_text: false,
            deletion: 0,
            fallback: 0,
            choice: 0,
            chosen: String::new(),
            fallen_back: String::new(),
            run_vanishes: false,
            tables: 0,
            table_number: 0,
            row_number: 0,
            cells: Vec::new(),
            paragraph_number: 0,
            hidden: false,
        }
    }

    /// Whether text was deleted or made invisible.
    pub(super) fn hidden(&self) -> bool {
        self.hidden
    }

    pub(super) fn node(&mut self, node: Node<'_>) {
        match node {
            Node::Open {
                name: "Fallback", ..
            } => self.fallback += 1,
            Node::Close { name: "Fallback" } => {
                self.fallback = self.fallback.saturating_sub(1);
                if self.fallback == 0 {
                    self.end_fallback();
                }
            }
            Node::Text(text) if self.fallback > 0 => self.fallen_back.push_str(text),
            _ if self.fallback > 0 => {}
            Node::Open { name: "Choice", .. } => {
                self.choice += 1;
                if self.choice == 1 {
                    self.chosen.clear();
                }
            }
            Node::Close { name: "Choice" } => self.choice = self.choice.saturating_sub(1),
            Node::Open { name, start } => match name {
                "p" => self.paragraphs.push(String::new()),
                "t" => self.in_text = true,
                "delText" => self.in_deleted_text = true,
                "del" | "moveFrom" => self.deletion += 1,
                "r" => self.run_vanishes = false,
                "vanish" | "webHidden" => {
                    self.run_vanishes = xml::is_on(xml::attribute(start, "val").as_deref());
                }
                "tab" | "ptab" => self.push("\t"),
                "br" | "cr" => self.push("\n"),
                "noBreakHyphen" => self.push("-"),
                "tbl" => {
                    self.tables += 1;
                    if self.tables == 1 {
                        self.table_number += 1;
                        self.row_number = 0;
                    }
                }
                "tr" if self.tables == 1 => {
                    self.row_number += 1;
                    self.cells.clear();
                }
                "tc" if self.tables == 1 => self.cells.push(String::new()),
                "docPr" | "cNvPr" => {
                    if let Some(text) = xml::attribute(start, "descr")
                        && !text.trim().is_empty()
                    {
                        let place = format!("{}alternative text", self.prefix);
                        self.passages
                            .push(text_passage(place, Role::Metadata, text.trim()));
                    }
                }
                _ => {}
            },
            Node::Text(text) => {
                if self.choice > 0 {
                    self.chosen.push_str(text);
                }
                if self.in_deleted_text || (self.in_text && self.deletion > 0) {
                    self.deleted.push_str(text);
                } else if self.in_text && self.run_vanishes {
                    self.vanished.push_str(text);
                } else if self.in_text {
                    self.push(text);
                }
            }
            Node::Close { name } => match name {
                "p" => self.end_paragraph(),
                "t" => self.in_text = false,
                "delText" => self.in_deleted_text = false,
                "del" | "moveFrom" => self.deletion = self.deletion.saturating_sub(1),
                "tbl" => self.tables = self.tables.saturating_sub(1),
                "tr" if self.tables == 1 => self.end_row(),
                _ => {}
            },
        }
    }

    /// An older program shows the fallback; it is read where it says something else.
    fn end_fallback(&mut self) {
        let fallen_back = std::mem::take(&mut self.fallen_back);
        let letters =
            |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).collect() };
        let other = letters(&fallen_back);
        if !other.is_empty() && other != letters(&self.chosen) {
            let place = format!("{}for older programs", self.prefix);
            self.passages
                .push(text_passage(place, Role::Hidden, fallen_back.trim()));
        }
        self.chosen.clear();
    }

    fn push(&mut self, text: &str) {
        match self.paragraphs.last_mut() {
            Some(paragraph) => paragraph.push_str(text),
            None if text.trim().is_empty() => {}
            None => self.paragraphs.push(text.to_owned()),
        }
    }

    fn end_paragraph(&mut self) {
        let text = self.paragraphs.pop().unwrap_or_default();
        let text = text.trim();
        if self.tables > 0 {
            if let Some(cell) = self.cells.last_mut() {
                if !cell.is_empty() && !text.is_empty() {
                    cell.push(' ');
                }
                cell.push_str(text);
            }
        } else if !text.is_empty() {
            self.paragraph_number += 1;
            let place = format!("{}paragraph {}", self.prefix, self.paragraph_number);
            let passage = text_passage(place, self.role, text);
            self.passages.push(passage);
        }
        for (text, what) in [
            (std::mem::take(&mut self.deleted), "deleted text"),
            (std::mem::take(&mut self.vanished), "hidden text"),
        ] {
            if !text.trim().is_empty() {
                self.hidden = true;
                let place = format!("{}{what}", self.prefix);
                self.passages
                    .push(text_passage(place, Role::Hidden, text.trim()));
            }
        }
    }

    fn end_row(&mut self) {
        let cells = std::mem::take(&mut self.cells);
        if cells.iter().all(String::is_empty) {
            return;
        }
        self.passages.push(Passage {
            place: format!(
                "{}table {}, row {}",
                self.prefix, self.table_number, self.row_number
            ),
            role: self.role,
            body: Body::Row {
                table: format!("table {}", self.table_number),
                number: self.row_number,
                cells,
            },
        });
    }

    /// The passages, with what stood open at the end.
    pub(super) fn finish(mut self) -> Vec<Passage> {
        if !self.cells.is_empty() {
            self.end_row();
        }
        self.tables = 0;
        while !self.paragraphs.is_empty() {
            self.end_paragraph();
        }
        self.passages
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::check_passages;

    fn check(xml: &str, expected: &[(Role, &str)]) {
        let mut flow = Flow::new("", Role::Document);
        assert!(xml::walk(xml.as_bytes(), |node| flow.node(node)));
        check_passages(flow.finish(), expected);
    }

    #[test]
    fn runs_join_and_deleted_text_is_hidden() {
        check(
            "<w:p><w:r><w:t>Jam</w:t></w:r><w:r><w:t>ie</w:t><w:br/><w:t>x</w:t></w:r>\
             <w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>",
            &[(Role::Document, "Jamie\nx"), (Role::Hidden, "gone")],
        );
    }

    #[test]
    fn tables_become_rows_and_inner_tables_stay_in_their_cell() {
        check(
            "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>b</w:t></w:r></w:p>\
             <w:tbl><w:tr><w:tc><w:p><w:r><w:t>c</w:t></w:r></w:p></w:tc></w:tr></w:tbl></w:tc></w:tr></w:tbl>",
            &[(Role::Document, "a|b c")],
        );
    }

    #[test]
    fn a_fallback_that_says_something_else_is_read() {
        check(
            "<mc:AlternateContent><mc:Choice/><mc:Fallback><w:p><w:r><w:t>Jamie</w:t></w:r></w:p></mc:Fallback></mc:AlternateContent>",
            &[(Role::Hidden, "Jamie")],
        );
    }

    #[test]
    fn a_text_box_is_read_once() {
        check(
            "<w:p><w:r><w:t>before</w:t><mc:AlternateContent><mc:Choice><w:txbxContent><w:p><w:r><w:t>box</w:t></w:r></w:p></w:txbxContent></mc:Choice>\
             <mc:Fallback><w:p><w:r><w:t>box</w:t></w:r></w:p></mc:Fallback></mc:AlternateContent></w:r></w:p>",
            &[(Role::Document, "box"), (Role::Document, "before")],
        );
    }
}
