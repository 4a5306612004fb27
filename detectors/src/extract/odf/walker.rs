//! The walk over the paragraphs and tables of `content.xml` and its kin.

use std::collections::HashSet;

use super::super::text_passage;
use super::super::xml::{self, Node};
use crate::text::{Body, Passage, Role};

pub(super) struct Walker {
    place: String,
    role: Role,
    /// Every text counts, not only that of paragraphs.
    everything: bool,
    pub(super) left: u64,
    pub(super) over: bool,
    passages: Vec<Passage>,
    buffer: String,
    /// The beginnings of the paragraphs around this one.
    outer: Vec<String>,
    paragraphs: u32,
    number: u32,
    table: String,
    hidden_table: bool,
    row_number: u32,
    row: Option<Vec<String>>,
    repeat: usize,
    row_hidden: bool,
    annotation: u32,
    /// Depth inside text that was deleted or is set to be hidden.
    unseen: u32,
    /// The style that is being described, and those that hide what has them.
    style: String,
    hiding: HashSet<String>,
    /// The slide or page is not shown.
    page_hidden: bool,
    /// Places of what is not seen.
    hidden: Vec<String>,
}

impl Walker {
    pub(super) fn new(place: &str, role: Role, everything: bool) -> Self {
        Self {
            place: place.to_owned(),
            role,
            everything,
            left: u64::MAX,
            over: false,
            passages: Vec::new(),
            buffer: String::new(),
            outer: Vec::new(),
            paragraphs: 0,
            number: 0,
            table: String::new(),
            hidden_table: false,
            row_number: 0,
            row: None,
            repeat: 1,
            row_hidden: false,
            annotation: 0,
            unseen: 0,
            style: String::new(),
            hiding: HashSet::new(),
            page_hidden: false,
            hidden: Vec::new(),
        }
    }

    pub(super) fn node(&mut self, node: Node<'_>) {
        if self.over {
            return;
        }
        match node {
            Node::Open { name, start } => match name {
                "p" | "h" => {
                    self.paragraphs += 1;
                    self.set_aside();
                }
                "s" => self.buffer.push(' '),
                "tab" => self.buffer.push('\t'),
                "line-break" => self.buffer.push('\n'),
                "annotation" => {
                    self.annotation += 1;
                    self.set_aside();
                }
                "user-defined" => {
                    if let Some(text) = xml::attribute(start, "name") {
                        self.buffer.push_str(&text);
                        self.buffer.push_str(": ");
                    }
                }
                "table" => {
                    self.table = xml::attribute(start, "name").unwrap_or_default();
                    let style = xml::attribute(start, "style-name").unwrap_or_default();
                    self.hidden_table = self.hiding.contains(&style)
                        || xml::attribute(start, "display").is_some_and(|d| d == "false");
                    if self.hidden_table {
                        self.hidden.push(self.table.clone());
                    }
                    self.row_number = 0;
                }
                "page" => {
                    let style = xml::attribute(start, "style-name").unwrap_or_default();
                    self.page_hidden = self.hiding.contains(&style);
                    if self.page_hidden {
                        let name = xml::attribute(start, "name").unwrap_or_default();
                        self.hidden.push(name);
                    }
                }
                "style" => self.style = xml::attribute(start, "name").unwrap_or_default(),
                "table-properties" | "drawing-page-properties" | "text-properties" => {
                    let off = xml::attribute(start, "display")
                        .is_some_and(|d| d == "false" || d == "none");
                    let hidden = xml::attribute(start, "visibility").is_some_and(|v| v == "hidden");
                    if (off || hidden) && self.hiding.len() < 10_000 {
                        self.hiding.insert(self.style.clone());
                    }
                }
                "deletion" | "hidden-text" | "hidden-paragraph" => {
                    self.unseen += 1;
                    if name != "deletion" || self.unseen == 1 {
                        self.hidden.push("deleted or hidden text".to_owned());
                    }
                    for attribute in ["string-value", "condition"] {
                        if name == "hidden-text"
                            && let Some(text) = xml::attribute(start, attribute)
                        {
                            self.passages
                                .push(text_passage("hidden text", Role::Hidden, text));
                        }
                    }
                }
                "table-row" => {
                    self.row_hidden = xml::attribute(start, "visibility")
                        .is_some_and(|v| matches!(v.as_str(), "collapse" | "filter"));
                    self.row_number = self.row_number.saturating_add(1);
                    self.row = Some(Vec::new());
                }
                "table-cell" | "covered-table-cell" => {
                    // Empty cells repeat up to the edge of the sheet.
                    self.repeat = xml::attribute(start, "number-columns-repeated")
                        .and_then(|n| n.parse().ok())
                        .unwrap_or(1)
                        .min(64);
                    if let Some(row) = &mut self.row {
                        row.push(String::new());
                    }
                }
                _ => {}
            },
            Node::Text(text) => {
                if self.paragraphs > 0 || self.everything {
                    match self.left.checked_sub(text.len() as u64) {
                        Some(left) => self.left = left,
                        None => self.over = true,
                    }
                    self.buffer.push_str(text);
                }
            }
            Node::Close { name } => match name {
                "p" | "h" => {
                    self.paragraphs = self.paragraphs.saturating_sub(1);
                    self.end_paragraph();
                    self.buffer = self.outer.pop().unwrap_or_default();
                }
                "deletion" | "hidden-text" | "hidden-paragraph" => {
                    self.unseen = self.unseen.saturating_sub(1);
                }
                "page" => self.page_hidden = false,
                "annotation" => {
                    // The name of the writer stands outside of paragraphs.
                    self.end_paragraph();
                    self.annotation = self.annotation.saturating_sub(1);
                    self.buffer = self.outer.pop().unwrap_or_default();
                }
                "table-cell" | "covered-table-cell" => {
                    if let Some(row) = &mut self.row
                        && let Some(cell) = row.last().cloned()
                        && row.len() < 1024
                    {
                        for _ in 1..self.repeat {
                            row.push(cell.clone());
                        }
                    }
                }
                "table-row" => self.end_row(),
                _ if self.everything => self.end_paragraph(),
                _ => {}
            },
        }
    }

    /// A paragraph stands inside another: in a note or a text box.
    fn set_aside(&mut self) {
        self.outer.push(std::mem::take(&mut self.buffer));
    }

    fn end_paragraph(&mut self) {
        let text = std::mem::take(&mut self.buffer);
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        if self.annotation == 0
            && let Some(cell) = self.row.as_mut().and_then(|row| row.last_mut())
        {
            if !cell.is_empty() {
                cell.push(' ');
            }
            cell.push_str(text);
            return;
        }
        self.number += 1;
        let place = match self.place.as_str() {
            "" => format!("paragraph {}", self.number),
            place => place.to_owned(),
        };
        let role = if self.unseen > 0 || self.page_hidden {
            Role::Hidden
        } else if self.annotation > 0 {
            Role::Metadata
        } else {
            self.role
        };
        self.passages.push(text_passage(place, role, text));
    }

    fn end_row(&mut self) {
        let Some(mut cells) = self.row.take() else {
            return;
        };
        while cells.last().is_some_and(String::is_empty) {
            cells.pop();
        }
        if cells.is_empty() {
            return;
        }
        if self.row_hidden && !self.hidden_table {
            let place = format!("{}, hidden rows", self.table);
            if self.hidden.last() != Some(&place) {
                self.hidden.push(place);
            }
        }
        let role = if self.hidden_table || self.row_hidden {
            Role::Hidden
        } else {
            self.role
        };
        self.passages.push(Passage {
            place: format!("{}, row {}", self.table, self.row_number),
            role,
            body: Body::Row {
                table: self.table.clone(),
                number: self.row_number,
                cells,
            },
        });
    }

    /// The passages and the places of what is not seen.
    pub(super) fn finish(mut self) -> (Vec<Passage>, Vec<String>) {
        self.end_paragraph();
        (self.passages, self.hidden)
    }
}
