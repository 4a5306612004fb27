//! XML files of data: transfer files and census returns of school systems, exports.
//!
//! Elements that repeat under one parent are the rows of a table, what they hold its
//! columns; so a Common Transfer File reads like the list of pupils that it is.

use std::collections::HashMap;

use super::xml::{self, Node};
use super::{File, Reader, charset, text_passage};
use crate::inspection::UnreadReason;
use crate::text::{Body, Passage, Role};

/// More elements than this are read as loose text.
const ELEMENTS: usize = 400_000;
/// Fields of one record; a larger element is no record but holds some.
const FIELDS: usize = 250;

/// Whether a text is XML: it says so itself, or its name does and it looks like it.
pub(super) fn is_xml(bytes: &[u8], named: bool) -> bool {
    let head = bytes.get(..bytes.len().min(256)).unwrap_or_default();
    let text = charset::decode(head, None);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    text.starts_with("<?xml") || (named && text.starts_with('<'))
}

/// Reads an XML file of data.
pub(super) fn read(reader: &mut Reader<'_>, file: &File<'_>) {
    let left = reader.budget.text_left();
    let bytes = reader.within_text(file, left);
    let text = charset::decode(bytes, file.charset.as_deref());
    let mut tree = Tree::default();
    if !xml::walk(text.as_bytes(), |node| tree.node(node)) {
        reader.unread(&file.path, UnreadReason::Damaged, "XML file");
    }
    read_tree(reader, file, tree);
}

/// Reads the records of a tree of named values.
pub(super) fn read_tree(reader: &mut Reader<'_>, file: &File<'_>, mut tree: Tree) {
    let mut passages = Vec::new();
    if tree.elements.len() < ELEMENTS {
        tree.passages(&mut passages, &mut reader.budget.cells);
    }
    passages.append(&mut tree.loose);
    reader.document(&file.path, file.disposition, passages);
}

#[derive(Default)]
struct Element {
    name: String,
    text: String,
    children: Vec<usize>,
}

/// Named values in their order, as XML and JSON have them.
#[derive(Default)]
pub(super) struct Tree {
    elements: Vec<Element>,
    open: Vec<usize>,
    /// Text beyond the limit on elements.
    loose: Vec<Passage>,
}

impl Tree {
    fn node(&mut self, node: Node<'_>) {
        match node {
            Node::Open { name, start } => {
                // What a drawing has in its attributes are strokes.
                let drawing = self.elements.first().is_some_and(|e| e.name == "svg");
                self.open(name);
                if drawing || name == "svg" {
                    return;
                }
                for attribute in start.attributes().with_checks(false).flatten() {
                    let key = attribute.key.local_name();
                    let prefixed = attribute.key.prefix().is_some();
                    if prefixed || key.as_ref() == "xmlns" || attribute.value.is_empty() {
                        continue;
                    }
                    self.open(key.as_ref());
                    let value = quick_xml::escape::unescape(&attribute.value)
                        .map_or_else(|_| attribute.value.to_string(), |v| v.into_owned());
                    self.text(&value);
                    self.open.pop();
                }
            }
            Node::Text(text) => self.text(text),
            Node::Close { .. } => {
                self.open.pop();
            }
        }
    }

    pub(super) fn open(&mut self, name: &str) {
        let index = self.elements.len();
        if index < ELEMENTS {
            self.elements.push(Element {
                name: name.to_owned(),
                ..Element::default()
            });
            if let Some(parent) = self.open.last().and_then(|p| self.elements.get_mut(*p)) {
                parent.children.push(index);
            }
        }
        self.open.push(index);
    }

    pub(super) fn close(&mut self) {
        self.open.pop();
    }

    /// A value without values of its own.
    pub(super) fn field(&mut self, name: &str, text: &str) {
        self.open(name);
        self.text(text);
        self.close();
    }

    fn text(&mut self, text: &str) {
        let Some(last) = self.open.last() else {
            return;
        };
        match self.elements.get_mut(*last) {
            Some(element) => element.text.push_str(text),
            None if !text.trim().is_empty() => {
                self.loose
                    .push(text_passage("XML", Role::Document, text.trim()));
            }
            None => {}
        }
    }

    pub(super) fn passages(&self, passages: &mut Vec<Passage>, cells_left: &mut usize) {
        let mut todo = vec![0usize];
        while let Some(index) = todo.pop() {
            let Some(element) = self.elements.get(index) else {
                continue;
            };
            let mut groups: Vec<(&str, Vec<usize>)> = Vec::new();
            let mut places: HashMap<&str, usize> = HashMap::new();
            let mut fields = Vec::new();
            if !element.text.trim().is_empty() {
                fields.push(element.text.trim().to_owned());
            }
            for &child in &element.children {
                let Some(inner) = self.elements.get(child) else {
                    continue;
                };
                if inner.children.is_empty() {
                    let text = inner.text.trim();
                    if !text.is_empty() {
                        fields.push(format!("{}: {text}", inner.name));
                    }
                    continue;
                }
                let place = *places.entry(&inner.name).or_insert_with(|| {
                    groups.push((&inner.name, Vec::new()));
                    groups.len() - 1
                });
                if let Some((_, members)) = groups.get_mut(place) {
                    members.push(child);
                }
            }
            if !fields.is_empty() {
                let text = fields.join("\n");
                passages.push(text_passage(element.name.clone(), Role::Document, text));
            }
            for (name, members) in groups {
                let records: Vec<Vec<(String, String)>> =
                    members.iter().map(|m| self.fields(*m)).collect();
                let wrapper = members.len() == 1
                    && members
                        .iter()
                        .all(|m| self.only_wraps(*m) || self.introduces_list(*m));
                if !wrapper && records.iter().all(|r| r.len() <= FIELDS) {
                    rows(name, records, passages, cells_left);
                } else {
                    todo.extend(members.iter().rev());
                }
            }
        }
    }

    /// Whether an element has no fields of its own: a list, not a record.
    fn only_wraps(&self, index: usize) -> bool {
        self.elements.get(index).is_some_and(|element| {
            let leaf = |i: &usize| self.elements.get(*i).is_none_or(|e| e.children.is_empty());
            element.text.trim().is_empty() && !element.children.iter().any(leaf)
        })
    }

    /// Whether an element has a few fields of its own above a list of records: the school
    /// above its pupils, not the pupil above a history.
    fn introduces_list(&self, index: usize) -> bool {
        const OWN: usize = 3;
        let Some(element) = self.elements.get(index) else {
            return false;
        };
        let mut own = 0;
        let mut seen = HashMap::new();
        for child in element
            .children
            .iter()
            .filter_map(|c| self.elements.get(*c))
        {
            match child.children.len() {
                0 => own += 1,
                1 => {}
                _ => *seen.entry(&child.name).or_insert(0u32) += 1,
            }
        }
        own <= OWN && seen.values().any(|count| *count > 1)
    }

    /// The texts inside an element with the way to each, at most one more than a record
    /// may have.
    fn fields(&self, index: usize) -> Vec<(String, String)> {
        let mut fields = Vec::new();
        let mut todo = vec![(index, String::new(), 0u32)];
        while let Some((index, parent, depth)) = todo.pop() {
            let Some(element) = self.elements.get(index) else {
                continue;
            };
            let text = element.text.trim();
            if !text.is_empty() {
                let name = match depth {
                    0 | 1 => element.name.clone(),
                    _ => format!("{parent} {}", element.name),
                };
                fields.push((name, text.to_owned()));
                if fields.len() > FIELDS {
                    break;
                }
            }
            for &child in element.children.iter().rev() {
                todo.push((child, element.name.clone(), depth + 1));
            }
        }
        fields
    }
}

/// Records of one name as the rows of a table, their field names as its first row.
fn rows(
    name: &str,
    records: Vec<Vec<(String, String)>>,
    passages: &mut Vec<Passage>,
    cells_left: &mut usize,
) {
    let row = |number: u32, cells: Vec<String>| Passage {
        place: format!("{name} {number}"),
        role: Role::Document,
        body: Body::Row {
            table: name.to_owned(),
            number,
            cells,
        },
    };
    // Cells of a sheet all have one name: then the position counts.
    let nameless = records.iter().any(|r| {
        r.len() > 1
            && r.iter()
                .all(|(field, _)| Some(field) == r.first().map(|f| &f.0))
    });
    let mut number = 0u32;
    if nameless {
        for record in records {
            number += 1;
            passages.push(row(
                number,
                record.into_iter().map(|(_, text)| text).collect(),
            ));
        }
        return;
    }
    let mut columns: Vec<String> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for (field, _) in records.iter().flatten() {
        if columns.len() < FIELDS && !places.contains_key(field) {
            places.insert(field.clone(), columns.len());
            columns.push(field.clone());
        }
    }
    if columns.is_empty() {
        return;
    }
    let width = columns.len();
    passages.push(row(number, columns));
    for record in records {
        number += 1;
        let used = record
            .iter()
            .filter_map(|(field, _)| places.get(field))
            .max()
            .map_or(0, |last| last + 1);
        let mut cells = vec![String::new(); used];
        for (field, text) in record {
            // A field beyond the width goes to the last cell: nothing gets lost.
            let place = places.get(&field).copied().unwrap_or(width - 1);
            if let Some(cell) = cells.get_mut(place.min(used.saturating_sub(1))) {
                if !cell.is_empty() {
                    cell.push_str("; ");
                }
                cell.push_str(&text);
            }
        }
        match cells_left.checked_sub(cells.len()) {
            Some(left) => *cells_left = left,
            None => cells.retain(|cell| !cell.is_empty()),
        }
        if !cells.is_empty() {
            passages.push(row(number, cells));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let mut tree = Tree::default();
        assert!(xml::walk(text.as_bytes(), |node| tree.node(node)));
        let mut passages = Vec::new();
        tree.passages(&mut passages, &mut 1000);
        let got: Vec<String> = passages
            .into_iter()
            .map(|p| match p.body {
                Body::Text(text) => text,
                Body::Row { cells, .. } => cells.join("|"),
            })
            .collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn a_sheet_in_xml_keeps_its_cells_apart() {
        check(
            "<?xml version='1.0'?><Workbook><Table><Row><Cell><Data>Name</Data></Cell><Cell><Data>Class</Data></Cell></Row>\
             <Row><Cell><Data>Jamie</Data></Cell><Cell><Data>4B</Data></Cell></Row></Table></Workbook>",
            &["Name|Class", "Jamie|4B"],
        );
    }

    #[test]
    fn a_transfer_file_is_a_list_of_pupils() {
        check(
            "<?xml version='1.0'?><CTfile><Header><Version>24</Version></Header><CTFpupilData>\
             <Pupil><UPN>A1</UPN><Surname>Smith</Surname><SENhistory><SEN><SENprovision>E</SENprovision></SEN></SENhistory></Pupil>\
             <Pupil><UPN>A2</UPN><Surname>Jones</Surname></Pupil></CTFpupilData></CTfile>",
            &[
                "Version",
                "24",
                "UPN|Surname|SEN SENprovision",
                "A1|Smith|E",
                "A2|Jones",
            ],
        );
    }
}
