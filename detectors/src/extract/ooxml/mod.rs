//! Word, Excel and PowerPoint documents: a zip package of XML files (ECMA-376).
//!
//! The content types of the package say what each file is; names are only the fallback.
//! Every file that can hold text is read: body, headers, notes, comments, deleted text,
//! caches of pivot tables and links, properties, embedded documents.

mod docx;
mod flow;
mod leftovers;
mod pptx;
mod xlsb;
mod xlsx;

use std::collections::{HashMap, HashSet};

use super::archive::{self, Refusal, Zip};
use super::budget::Limit;
use super::xml::{self, Node};
use super::{File, Reader, text_passage};
use crate::finding::Kind;
use crate::inspection::{Encryption, UnreadReason};
use crate::text::{Passage, Role};

/// An open package.
struct Package<'r, 's, 'f, 'b, 'z> {
    reader: &'r mut Reader<'s>,
    file: &'f File<'b>,
    zip: &'z mut Zip<'b>,
    names: Vec<String>,
    /// Content type by file name, lower case, without the leading slash.
    types: HashMap<String, String>,
    /// The files that were read, lower case.
    read: HashSet<String>,
    passages: Vec<Passage>,
}

/// Reads a document package.
pub(super) fn read<'b>(reader: &mut Reader<'_>, file: &File<'b>, index: usize, zip: &mut Zip<'b>) {
    let names: Vec<String> = (0..zip.len())
        .map(|i| archive::entry(zip, i).map(|e| e.name).unwrap_or_default())
        .collect();
    let mut package = Package {
        reader,
        file,
        zip,
        names,
        types: HashMap::new(),
        read: HashSet::new(),
        passages: Vec::new(),
    };
    package.read_types();
    let noun = package.noun();
    if let Some(part) = package.reader.reading.parts.get_mut(index) {
        part.actual_type = noun.to_owned();
    }
    match noun {
        "Word document" => docx::read(&mut package),
        "Excel workbook" => xlsx::read(&mut package),
        "PowerPoint presentation" => pptx::read(&mut package),
        "binary Excel workbook" => xlsb::read(&mut package),
        _ => package
            .reader
            .unread(&file.path, UnreadReason::UnknownFormat, noun),
    }
    package.properties();
    leftovers::read(&mut package);
    let passages = std::mem::take(&mut package.passages);
    package
        .reader
        .document(&file.path, file.disposition, passages);
    package.embedded();
}

impl Package<'_, '_, '_, '_, '_> {
    fn read_types(&mut self) {
        let Some(bytes) = self.bytes("[Content_Types].xml") else {
            return;
        };
        let mut types = HashMap::new();
        let mut by_extension = HashMap::new();
        xml::walk(&bytes, |node| {
            let Node::Open { name, start } = node else {
                return;
            };
            let Some(kind) = xml::attribute(start, "ContentType") else {
                return;
            };
            let kind = kind.to_lowercase();
            if name == "Override"
                && let Some(part) = xml::attribute(start, "PartName")
            {
                types.insert(part.trim_start_matches('/').to_lowercase(), kind);
            } else if name == "Default"
                && let Some(extension) = xml::attribute(start, "Extension")
            {
                by_extension.insert(extension.to_lowercase(), kind);
            }
        });
        for name in &self.names {
            let lower = name.to_lowercase();
            let extension = lower.rsplit_once('.').map_or("", |(_, e)| e);
            // That XML is XML says nothing about it.
            if let Some(kind) = by_extension.get(extension)
                && extension != "rels"
                && kind != "application/xml"
                && !types.contains_key(&lower)
            {
                types.insert(lower, kind.clone());
            }
        }
        self.types = types;
    }

    /// What the package is, by the content type of its main file or by its folders.
    fn noun(&self) -> &'static str {
        let any = |mark: &str| self.types.values().any(|t| t.contains(mark));
        let folder = |start: &str| self.names.iter().any(|n| n.starts_with(start));
        if any("sheet.binary.") || self.names.iter().any(|n| n == "xl/workbook.bin") {
            "binary Excel workbook"
        } else if any("wordprocessingml.document.main")
            || any("wordprocessingml.template.main")
            || any("word.document.macroenabled.main")
            || any("word.template.macroenabledtemplate.main")
        {
            "Word document"
        } else if any("spreadsheetml.sheet.main")
            || any("spreadsheetml.template.main")
            || any("excel.sheet.macroenabled.main")
            || any("excel.template.macroenabled.main")
            || any("excel.addin.macroenabled.main")
        {
            "Excel workbook"
        } else if any("presentationml.") || any("powerpoint.") {
            "PowerPoint presentation"
        } else if folder("word/") {
            "Word document"
        } else if folder("xl/") {
            "Excel workbook"
        } else if folder("ppt/") {
            "PowerPoint presentation"
        } else {
            "XML document package"
        }
    }

    /// The files of the package whose content type contains `mark`, else those whose name
    /// starts with `start`, in natural order.
    fn files(&self, mark: &str, start: &str) -> Vec<String> {
        let mut found: Vec<String> = self
            .names
            .iter()
            .filter(|name| {
                let lower = name.to_lowercase();
                match self.types.get(&lower) {
                    Some(kind) => kind.contains(mark),
                    None => lower.starts_with(start) && lower.ends_with(".xml"),
                }
            })
            .cloned()
            .collect();
        found.sort_by_key(|name| (number_in(name), name.clone()));
        found
    }

    /// A file of the package; what is missing or refused is accounted for.
    fn bytes(&mut self, name: &str) -> Option<Vec<u8>> {
        self.read.insert(name.to_lowercase());
        let index = self
            .zip
            .index_for_name(name)
            .or_else(|| self.names.iter().position(|n| n.eq_ignore_ascii_case(name)))?;
        match archive::member_bytes(self.reader, self.zip, index, None) {
            Ok(bytes) => Some(bytes),
            Err(Refusal::Limit(limit)) => {
                self.reader.limit(&self.file.path, limit);
                None
            }
            Err(Refusal::Locked | Refusal::Damaged) => {
                self.damaged();
                None
            }
        }
    }

    fn damaged(&mut self) {
        let path = self.file.path.clone();
        self.reader
            .unread(&path, UnreadReason::Damaged, "a file inside the document");
    }

    /// Walks through a file of the package.
    fn walk(&mut self, name: &str, visit: impl FnMut(Node<'_>)) {
        let Some(bytes) = self.bytes(name) else {
            return;
        };
        if !xml::walk(&bytes, visit) {
            self.damaged();
        }
    }

    /// Reads the paragraphs and rows of a file.
    fn flow(&mut self, name: &str, place: &str, role: Role) {
        let mut flow = flow::Flow::new(place, role);
        self.walk(name, |node| flow.node(node));
        self.take_flow(flow);
    }

    fn take_flow(&mut self, flow: flow::Flow) {
        if flow.hidden() {
            self.hidden("hidden text");
        }
        let mut passages = flow.finish();
        self.passages.append(&mut passages);
    }

    fn hidden(&mut self, place: &str) {
        let path = self.file.path.clone();
        self.reader
            .finding(Kind::HiddenContent, &path, place, 0.8, place);
    }

    /// All text of a file without regard to its structure, one passage.
    fn loose_text(&mut self, name: &str, place: &str, role: Role, attributes: &[&str]) {
        let mut text = String::new();
        self.walk(name, |node| match node {
            Node::Text(t) => text.push_str(t),
            Node::Open { start, .. } => {
                for attribute in attributes {
                    if let Some(value) = xml::attribute(start, attribute) {
                        text.push(' ');
                        text.push_str(&value);
                    }
                }
            }
            Node::Close { .. } => {
                if !text.ends_with([' ', '\n']) && !text.is_empty() {
                    text.push('\n');
                }
            }
        });
        let text = text.trim();
        if !text.is_empty() {
            self.passages.push(text_passage(place, role, text));
        }
    }

    /// Title, author, keywords and custom properties.
    fn properties(&mut self) {
        for file in [
            "docProps/core.xml",
            "docProps/app.xml",
            "docProps/custom.xml",
        ] {
            if !self.names.iter().any(|n| n == file) {
                continue;
            }
            let (mut field, mut found) = (String::new(), Vec::new());
            self.walk(file, |node| match node {
                Node::Open { name, start } => {
                    field = match xml::attribute(start, "name") {
                        Some(own) if name == "property" => own,
                        _ if matches!(name, "lpwstr" | "lpstr") => std::mem::take(&mut field),
                        _ => name.to_owned(),
                    };
                }
                Node::Text(text) if !text.trim().is_empty() && is_property(file, &field) => {
                    found.push(text_passage(
                        format!("property {field}"),
                        Role::Metadata,
                        text.trim(),
                    ));
                }
                _ => {}
            });
            self.passages.append(&mut found);
        }
    }

    /// Embedded documents and pictures are members.
    fn embedded(&mut self) {
        let names = self.names.clone();
        for name in names {
            let lower = name.to_lowercase();
            let inside = lower.contains("/embeddings/") || lower.contains("/media/");
            if inside && !lower.ends_with('/') {
                if self.reader.budget_is_spent() {
                    self.reader.limit(&self.file.path, Limit::UnpackedBytes);
                    return;
                }
                if let Some(bytes) = self.bytes(&name) {
                    let short = name.rsplit('/').next().unwrap_or(&name).to_owned();
                    self.reader.member(self.file, &short, &bytes);
                }
            }
        }
    }

    fn weakly_protected(&mut self, method: &str) {
        let path = self.file.path.clone();
        self.reader
            .set_encryption(&path, Encryption::Weak(method.to_owned()));
        self.reader
            .finding(Kind::EncryptionWeak, &path, "whole file", 0.9, method);
    }
}

/// Whether people write this property; counters, dates and programs say nothing about
/// anybody.
fn is_property(file: &str, name: &str) -> bool {
    match file {
        "docProps/app.xml" => matches!(name, "Manager" | "Company" | "HyperlinkBase"),
        "docProps/core.xml" => !matches!(name, "created" | "modified" | "revision" | "lastPrinted"),
        _ => name != "ContentTypeId",
    }
}

/// The last number in a file name, for the natural order of `slide2` and `slide10`.
fn number_in(name: &str) -> u32 {
    let stem = name.rsplit('/').next().unwrap_or(name);
    let digits: String = stem.chars().filter(char::is_ascii_digit).take(9).collect();
    digits.parse().unwrap_or(0)
}
