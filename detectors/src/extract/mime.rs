//! The tree of a message: which parts it has, and every way in which a mail program
//! might read them.
//!
//! mail-parser builds the tree. Its blind spots are covered here: text outside the
//! parts, conflicting header fields (each is read), bodies that do not keep to their
//! transfer encoding, multiparts without parts, and limits.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use mail_parser::{
    Encoding, Header, HeaderName, Message, MessageParser, MessagePart, MimeHeaders, PartType,
};

use super::budget::Limit;
use super::{File, Reader, charset, guarded, header, text_passage, transfer};
use crate::finding::Kind;
use crate::inspection::{Disposition, PartPath, UnreadReason};
use crate::text::{Body, Document, Role};

static PARSER: LazyLock<MessageParser> =
    LazyLock::new(|| MessageParser::new().default_header_text());

/// The fields of a header that stands alone.
pub(super) fn fields(header: &[u8]) -> Option<Vec<Header<'_>>> {
    let message = guarded(|| PARSER.parse_headers(header)).flatten()?;
    message.parts.into_iter().next().map(|root| root.headers)
}

/// A message on the way through its tree.
struct Walk<'m> {
    message: &'m Message<'m>,
    /// The path of the part that is this message; empty for the message itself.
    prefix: PartPath,
    forwarded: bool,
}

/// The views of one part that conflicting header fields allow; more are not built.
const VIEWS: usize = 6;

impl Reader<'_> {
    /// Reads the message itself.
    pub(super) fn message(&mut self, bytes: &[u8]) {
        let parsed = guarded(|| PARSER.parse(bytes)).flatten();
        let Some(message) = parsed else {
            self.whole_as_text(bytes);
            return;
        };
        if let Some(root) = message.parts.first() {
            self.reading.headers = header::headers(&root.headers);
        }
        let walk = Walk {
            message: &message,
            prefix: PartPath(String::new()),
            forwarded: false,
        };
        self.tree(&walk, 0);
    }

    /// Bytes without a header are read as a body.
    fn whole_as_text(&mut self, bytes: &[u8]) {
        self.file(File {
            path: PartPath("1".into()),
            name: None,
            declared: String::new(),
            charset: None,
            disposition: Disposition::Body,
            role: Role::Body,
            depth: 0,
            bytes,
        });
    }

    /// Reads a message that is a file of its own. Its part is already accounted for.
    pub(super) fn forwarded(&mut self, file: &File<'_>) {
        self.inner_message(file, true);
    }

    /// Reads a message inside a part. What is not forwarded but only wrapped, by a
    /// signature, is the sender's own.
    pub(super) fn inner_message(&mut self, file: &File<'_>, forwarded: bool) {
        match guarded(|| PARSER.parse(file.bytes)).flatten() {
            Some(message) => {
                let walk = Walk {
                    message: &message,
                    prefix: file.path.clone(),
                    forwarded,
                };
                self.tree(&walk, file.depth + 1);
            }
            None => self.text(file),
        }
    }

    fn tree(&mut self, walk: &Walk<'_>, depth: u32) {
        let Some(root) = walk.message.parts.first() else {
            return;
        };
        if !self.budget.allows_depth(depth) {
            self.limit(&walk.prefix, Limit::Depth);
            return;
        }
        let raw = walk.message.raw_message.as_ref();
        let mut file = File {
            path: walk.prefix.child("header"),
            name: None,
            declared: String::new(),
            charset: None,
            disposition: Disposition::Header,
            role: Role::HeaderField,
            depth,
            bytes: slice(raw, root.offset_header, root.offset_body),
        };
        if self.add_part(&mut file, "header").is_some() {
            let passages = header::passages(&root.headers, walk.forwarded);
            self.document(&file.path, Disposition::Header, passages);
        }
        self.part(walk, 0, String::new(), depth);
    }

    /// Reads one part; `number` is empty for the root.
    fn part(&mut self, walk: &Walk<'_>, id: u32, number: String, depth: u32) {
        let Some(part) = walk.message.parts.get(id as usize) else {
            return;
        };
        let leaf_number = if number.is_empty() {
            "1"
        } else {
            number.as_str()
        };
        let path = walk.prefix.child(leaf_number);
        if !self.budget.allows_depth(depth) {
            self.limit(&path, Limit::Depth);
            return;
        }
        self.one_reading(walk, part, number, path.clone(), depth);
        self.conflicts(walk, part, &path, depth);
        self.stray_lines(walk, part, &path);
    }

    /// Reads a part as mail-parser understands it.
    fn one_reading(
        &mut self,
        walk: &Walk<'_>,
        part: &MessagePart<'_>,
        number: String,
        path: PartPath,
        depth: u32,
    ) {
        match &part.body {
            PartType::Multipart(children) if !children.is_empty() => {
                let mut ranges = Vec::with_capacity(children.len());
                for (i, child) in children.iter().enumerate() {
                    let child_number = if number.is_empty() {
                        format!("{}", i + 1)
                    } else {
                        format!("{number}.{}", i + 1)
                    };
                    let start = self.reading.documents.len();
                    self.part(walk, *child, child_number, depth + 1);
                    ranges.push(start..self.reading.documents.len());
                }
                if part.is_content_type("multipart", "alternative") {
                    self.same_alternatives(&ranges);
                }
                self.outside_parts(walk, part, children, &path);
            }
            PartType::Message(message) => {
                let raw = walk.message.raw_message.as_ref();
                let mut file = self.leaf(walk, part, path, depth);
                file.bytes = slice(raw, part.offset_body, part.offset_end);
                file.disposition = Disposition::Message;
                if self.add_part(&mut file, "e-mail message").is_none() {
                    return;
                }
                self.file_name(&file);
                let inner = Walk {
                    message,
                    prefix: file.path.clone(),
                    forwarded: true,
                };
                self.tree(&inner, depth + 1);
            }
            _ => {
                let bytes = body(walk.message, part);
                if let Cow::Owned(decoded) = &bytes {
                    self.budget.charge_unpacked(decoded.len() as u64);
                }
                let mut file = self.leaf(walk, part, path, depth);
                let path = file.path.clone();
                file.bytes = &bytes;
                if file.declared.starts_with("multipart/") && !bytes.trim_ascii().is_empty() {
                    let note = "a multipart without parts";
                    self.finding(Kind::MimeAmbiguous, &path, "structure", 0.8, note);
                    self.unread(&path, UnreadReason::Damaged, note);
                }
                if matches!(
                    file.declared.as_str(),
                    "message/partial" | "message/external-body"
                ) {
                    let declared = file.declared.clone();
                    self.unread(&path, UnreadReason::UnknownFormat, &declared);
                }
                let second = file.clone();
                self.file(file);
                self.description(part, &second);
                self.careless_base64(walk, part, &path);
            }
        }
    }

    /// What the header of a part says about it; the bytes are filled in by the caller.
    fn leaf<'b>(
        &self,
        walk: &Walk<'_>,
        part: &MessagePart<'_>,
        path: PartPath,
        depth: u32,
    ) -> File<'b> {
        let declared = declared_type(part);
        let name = part
            .attachment_name()
            .map(|n| n.split_whitespace().collect::<Vec<_>>().join(" "))
            .filter(|n| !n.is_empty());
        let attached = part
            .content_disposition()
            .is_some_and(|d| d.ctype().eq_ignore_ascii_case("attachment"));
        let is_body = name.is_none()
            && !attached
            && (matches!(
                declared.as_str(),
                "" | "text/plain" | "text/html" | "text/enriched" | "text/calendar"
            ) || declared.starts_with("multipart/"));
        let charset = part
            .content_type()
            .and_then(|c| c.attribute("charset"))
            .map(str::to_owned);
        File {
            path: match &name {
                Some(name) => path.child(name),
                None => path,
            },
            name,
            declared,
            charset,
            disposition: if is_body {
                Disposition::Body
            } else {
                Disposition::Attachment
            },
            role: match (is_body, walk.forwarded) {
                // An invitation is shown, but its first line is no place for a marking.
                (true, false) if declared_type(part) == "text/calendar" => Role::Document,
                (true, false) => Role::Body,
                (true, true) => Role::Quoted,
                (false, _) => Role::Document,
            },
            depth,
            bytes: &[],
        }
    }

    /// Descriptions and second names of a part are text too.
    fn description(&mut self, part: &MessagePart<'_>, file: &File<'_>) {
        let mut passages = Vec::new();
        if let Some(text) = part.content_description() {
            passages.push(text_passage("Content-Description", Role::Metadata, text));
        }
        let second = part
            .content_type()
            .and_then(|c| c.attribute("name"))
            .filter(|n| Some(*n) != file.name.as_deref());
        if let Some(name) = second {
            passages.push(text_passage("second file name", Role::FileName, name));
        }
        if !passages.is_empty() {
            self.document(&file.path, file.disposition, passages);
        }
    }

    /// Lines in a header that belong to no field: mail-parser skips them, some programs
    /// show them, and others end the header there.
    fn stray_lines(&mut self, walk: &Walk<'_>, part: &MessagePart<'_>, path: &PartPath) {
        let raw = walk.message.raw_message.as_ref();
        let mut position = part.offset_header;
        let mut stray = String::new();
        for field in &part.headers {
            if field.offset_field > position {
                stray.push_str(&charset::decode(
                    slice(raw, position, field.offset_field),
                    None,
                ));
            }
            position = position.max(field.offset_end);
        }
        stray.push_str(&charset::decode(
            slice(raw, position, part.offset_body),
            None,
        ));
        // The first line of a message in a mailbox file is no field and means nothing.
        let stray = match stray.trim().split_once('\n') {
            Some((first, rest)) if first.starts_with("From ") => rest.trim(),
            None if stray.starts_with("From ") => "",
            _ => stray.trim(),
        };
        if !stray.contains(char::is_alphanumeric) {
            return;
        }
        let note = "lines in the header that are no fields";
        let passage = text_passage("stray header lines", Role::Hidden, stray);
        self.document(path, Disposition::Header, vec![passage]);
        // To a program that ends the header there, the fields that say how to read the
        // body are text. Where none follow, all programs show the same, and it was read.
        let first_stray = part
            .headers
            .iter()
            .scan(part.offset_header, |position, field| {
                let gap = field.offset_field > *position;
                *position = field.offset_end.max(*position);
                Some((gap, field.offset_field))
            })
            .find(|(gap, _)| *gap)
            .map(|(_, at)| at);
        let decides = |name: &HeaderName<'_>| {
            matches!(
                name,
                HeaderName::ContentType | HeaderName::ContentTransferEncoding
            )
        };
        let ambiguous = first_stray.is_some_and(|stray| {
            part.headers
                .iter()
                .any(|field| decides(&field.name) && field.offset_field >= stray)
        });
        if ambiguous {
            self.finding(Kind::MimeAmbiguous, path, "header", 0.6, note);
        } else {
            self.finding(Kind::HiddenContent, path, "header", 0.6, note);
        }
    }

    /// Text before, between and after the parts: not shown by mail programs that follow
    /// the standard, shown by those that do not know MIME.
    fn outside_parts(
        &mut self,
        walk: &Walk<'_>,
        part: &MessagePart<'_>,
        children: &[u32],
        path: &PartPath,
    ) {
        let raw = walk.message.raw_message.as_ref();
        let boundary = part
            .content_type()
            .and_then(|c| c.attribute("boundary"))
            .unwrap_or_default();
        let mut position = part.offset_body;
        let mut outside: Vec<&[u8]> = Vec::new();
        for child in children {
            if let Some(child) = walk.message.parts.get(*child as usize) {
                outside.push(slice(raw, position, child.offset_header));
                position = position.max(child.offset_end);
            }
        }
        outside.push(slice(raw, position, part.offset_end));
        let mut passages = Vec::new();
        let mut octets = 0;
        for gap in outside {
            let text = charset::decode(gap, None);
            let kept: Vec<&str> = text
                .lines()
                .filter(|line| {
                    let line = line.trim();
                    !line.is_empty() && !is_boundary(line, boundary)
                })
                .collect();
            if !kept.is_empty() {
                let text = kept.join("\n");
                octets += text.len();
                passages.push(text_passage("outside the parts", Role::Hidden, text));
            }
        }
        if passages.is_empty() {
            return;
        }
        if octets > 200 {
            let note = "text outside the parts";
            self.finding(Kind::HiddenContent, path, "outside the parts", 0.6, note);
        }
        self.document(path, Disposition::Container, passages);
    }

    /// When both halves of an alternative say the same, one of them is enough: counts
    /// would double otherwise.
    fn same_alternatives(&mut self, ranges: &[Range<usize>]) {
        let bodies: Vec<usize> = ranges
            .iter()
            .flat_map(|range| range.clone())
            .filter(|i| {
                self.reading.documents.get(*i).is_some_and(|d| {
                    d.disposition == Disposition::Body && d.passages.iter().any(is_shown)
                })
            })
            .collect();
        let [first, second] = bodies.as_slice() else {
            return;
        };
        let documents = &self.reading.documents;
        let (Some(one), Some(other)) = (documents.get(*first), documents.get(*second)) else {
            return;
        };
        if !letters(one).eq(letters(other)) {
            return;
        }
        let has_rows = other
            .passages
            .iter()
            .any(|p| matches!(p.body, Body::Row { .. }));
        let spare = if has_rows { *first } else { *second };
        if let Some(document) = self.reading.documents.get_mut(spare) {
            document.passages.retain(|p| !is_shown(p));
            if document.passages.is_empty() {
                self.reading.documents.remove(spare);
            }
        }
    }

    /// Repeated Content-Type and Content-Transfer-Encoding fields: programs disagree
    /// which one counts, so the body is read under each.
    fn conflicts(&mut self, walk: &Walk<'_>, part: &MessagePart<'_>, path: &PartPath, depth: u32) {
        let raw = walk.message.raw_message.as_ref();
        let types = distinct(raw, &part.headers, &HeaderName::ContentType);
        let encodings = distinct(raw, &part.headers, &HeaderName::ContentTransferEncoding);
        let boundaries = types
            .last()
            .is_some_and(|t| t.to_ascii_lowercase().matches("boundary=").count() > 1);
        if boundaries {
            let note = "several boundaries in one field";
            self.finding(Kind::MimeAmbiguous, path, "Content-Type", 0.8, note);
            let text = charset::decode(slice(raw, part.offset_body, part.offset_end), None);
            let passage = text_passage("raw text", Role::Hidden, text.into_owned());
            self.document(path, Disposition::Container, vec![passage]);
        }
        if types.len() < 2 && encodings.len() < 2 {
            return;
        }
        let note = "conflicting header fields";
        self.finding(Kind::MimeAmbiguous, path, "header", 0.8, note);
        let content = slice(raw, part.offset_body, part.offset_end);
        let none = vec![String::new()];
        let types = if types.is_empty() { &none } else { &types };
        let encodings = if encodings.is_empty() {
            &none
        } else {
            &encodings
        };
        let used = (types.last(), encodings.last());
        let mut views = 0;
        for kind in types {
            for encoding in encodings {
                if (Some(kind), Some(encoding)) == used {
                    continue;
                }
                views += 1;
                if views > VIEWS || !self.budget.allows_depth(depth + 1) {
                    self.limit(path, Limit::Parts);
                    return;
                }
                let mut view = Vec::with_capacity(content.len() + 200);
                if !kind.is_empty() {
                    view.extend_from_slice(format!("Content-Type: {kind}\r\n").as_bytes());
                }
                if !encoding.is_empty() {
                    view.extend_from_slice(
                        format!("Content-Transfer-Encoding: {encoding}\r\n").as_bytes(),
                    );
                }
                view.extend_from_slice(b"\r\n");
                view.extend_from_slice(content);
                self.budget.charge_unpacked(view.len() as u64);
                if let Some(message) = guarded(|| PARSER.parse(&view)).flatten() {
                    let alternative = Walk {
                        message: &message,
                        prefix: path.child("other reading"),
                        forwarded: walk.forwarded,
                    };
                    self.part(&alternative, 0, String::new(), depth + 1);
                }
            }
        }
    }

    /// A body that calls itself base64 and is not: some programs show it as it stands.
    fn careless_base64(&mut self, walk: &Walk<'_>, part: &MessagePart<'_>, path: &PartPath) {
        if part.encoding != Encoding::Base64 {
            return;
        }
        let raw = walk.message.raw_message.as_ref();
        let content = slice(raw, part.offset_body, part.offset_end);
        let foreign = content
            .iter()
            .filter(|b| {
                !(b.is_ascii_alphanumeric()
                    || matches!(b, b'+' | b'/' | b'=' | b'\r' | b'\n' | b' ' | b'\t'))
            })
            .count();
        let spaces = content.iter().filter(|b| **b == b' ').count();
        if foreign + spaces <= content.len() / 50 || !charset::is_text(content) {
            return;
        }
        let note = "text that calls itself base64";
        self.finding(Kind::MimeAmbiguous, path, "body", 0.7, note);
        let text = charset::decode(content, None).into_owned();
        self.document(
            path,
            Disposition::Body,
            vec![text_passage("raw text", Role::Hidden, text)],
        );
    }
}

fn slice(raw: &[u8], start: u32, end: u32) -> &[u8] {
    raw.get(start as usize..end as usize).unwrap_or_default()
}

fn declared_type(part: &MessagePart<'_>) -> String {
    part.content_type()
        .map(|c| match c.subtype() {
            Some(subtype) => format!("{}/{subtype}", c.ctype()),
            None => c.ctype().to_owned(),
        })
        .unwrap_or_default()
        .to_ascii_lowercase()
}

/// The decoded octets of a leaf. For texts mail-parser keeps only characters, so they are
/// decoded again from the raw message.
fn body<'m>(message: &'m Message<'_>, part: &'m MessagePart<'_>) -> Cow<'m, [u8]> {
    match &part.body {
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => Cow::Borrowed(bytes.as_ref()),
        _ => {
            let raw = slice(
                message.raw_message.as_ref(),
                part.offset_body,
                part.offset_end,
            );
            match part.encoding {
                Encoding::None => Cow::Borrowed(raw),
                Encoding::QuotedPrintable => Cow::Owned(transfer::quoted_printable(raw)),
                Encoding::Base64 => Cow::Owned(transfer::base64(raw)),
            }
        }
    }
}

fn is_boundary(line: &str, boundary: &str) -> bool {
    match line
        .strip_prefix("--")
        .and_then(|l| l.strip_prefix(boundary))
    {
        Some(rest) => !boundary.is_empty() && (rest.is_empty() || rest == "--"),
        None => false,
    }
}

/// The different values of a field, in order, the one that mail-parser uses last.
fn distinct(raw: &[u8], headers: &[Header<'_>], name: &HeaderName<'_>) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for field in headers.iter().filter(|h| &h.name == name) {
        let value = String::from_utf8_lossy(slice(raw, field.offset_start, field.offset_end));
        let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
        values.retain(|v| !v.eq_ignore_ascii_case(&value));
        values.push(value);
        if values.len() > 4 * VIEWS {
            // Far more than are read; the last stays, it is the one in use.
            values.remove(0);
        }
    }
    values
}

fn is_shown(passage: &crate::text::Passage) -> bool {
    matches!(passage.role, Role::Body | Role::Quoted)
}

/// The letters and digits of what is shown, to compare two renderings.
fn letters(document: &Document) -> impl Iterator<Item = char> {
    document
        .passages
        .iter()
        .filter(|p| is_shown(p))
        .flat_map(|p| match &p.body {
            Body::Text(text) => std::slice::from_ref(text),
            Body::Row { cells, .. } => cells.as_slice(),
        })
        .flat_map(|text| text.chars())
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
}
