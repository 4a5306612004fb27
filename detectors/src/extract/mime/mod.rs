//! The tree of a message: which parts it has, and every way in which a mail program
//! might read them.
//!
//! mail-parser builds the tree. Its blind spots are covered here: text outside the
//! parts (`outside`), what fields that conflict make of a part (`conflicts`, `readings`),
//! bodies that do not keep to their transfer encoding, multiparts without parts, and
//! limits.

mod alternatives;
mod conflicts;
mod outside;
mod readings;

use std::borrow::Cow;
use std::sync::LazyLock;

use mail_parser::{Encoding, Header, Message, MessageParser, MessagePart, MimeHeaders, PartType};

use super::budget::Limit;
use super::{File, Reader, charset, guarded, header, inline_files, sniff, text_passage, transfer};
use crate::inspection::{Disposition, PartPath, UnreadReason};
use crate::text::Role;

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
    /// It only looks like a message: a text file by its name, which no mail program opens
    /// as one, so that none can disagree about it.
    is_file: bool,
    /// It was made up to read one part in another way, and its own root in no third way.
    is_view: bool,
}

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
            is_file: false,
            is_view: false,
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
                    is_file: forwarded && !sniff::names_message(file),
                    is_view: false,
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
        let first = self.mark();
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
        self.part(walk, 0, String::new(), depth, first);
    }

    /// Reads one part; `number` is empty for the root.
    ///
    /// `first` is where it begins; for the root of a message that is its header.
    fn part(
        &mut self,
        walk: &Walk<'_>,
        id: u32,
        number: String,
        depth: u32,
        first: readings::Mark,
    ) {
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
        self.stray_lines(walk, part, &path);
        if id > 0 || !walk.is_view {
            self.other_readings(walk, part, &path, depth, first);
        }
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
                    let first = self.mark();
                    self.part(walk, *child, child_number, depth + 1, first);
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
                    is_file: false,
                    is_view: false,
                };
                self.tree(&inner, depth + 1);
            }
            _ => self.leaf_reading(walk, part, path, depth),
        }
    }

    /// Reads a part without parts of its own.
    fn leaf_reading(
        &mut self,
        walk: &Walk<'_>,
        part: &MessagePart<'_>,
        path: PartPath,
        depth: u32,
    ) {
        let raw = walk.message.raw_message.as_ref();
        let content = slice(raw, part.offset_body, part.offset_end);
        let mut bytes = body(walk.message, part);
        let careless = part.encoding == Encoding::Base64 && is_careless_base64(content);
        if careless && !sniff::is_meaningful(&bytes) {
            // Only as it stands does it say anything.
            bytes = Cow::Borrowed(content);
        }
        if let Cow::Owned(decoded) = &bytes {
            self.budget.charge_unpacked(decoded.len() as u64);
        }
        let first = self.mark();
        let mut file = self.leaf(walk, part, path, depth);
        file.bytes = &bytes;
        let is_fragment = file.declared == "message/partial";
        if is_fragment || file.declared == "message/external-body" {
            let declared = file.declared.clone();
            self.unread(&file.path, UnreadReason::UnknownFormat, &declared);
        }
        let second = file.clone();
        if is_fragment && starts_with_field(&bytes) {
            // The first fragment has the header of the message that was cut up.
            if self.add_part(&mut file, "e-mail message").is_some() {
                self.inner_message(&file, walk.forwarded);
            }
        } else {
            self.file(file);
        }
        self.description(part, &second);
        if careless && bytes.as_ref() != content {
            let path = second.path;
            let text = charset::decode(content, None).into_owned();
            let passage = text_passage("raw text", Role::Hidden, text);
            self.other_text(&path, first, passage, "text that calls itself base64");
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
        if file.declared == "message/external-body"
            && let Some(kind) = part.content_type()
        {
            // Where the content lies and what it is called.
            let elsewhere = kind.attributes().into_iter().flatten();
            for attribute in elsewhere {
                let text = attribute.value.to_string();
                passages.push(text_passage("external body", Role::Metadata, text));
            }
        }
        if !passages.is_empty() {
            self.document(&file.path, file.disposition, passages);
        }
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
        PartType::Binary(bytes) | PartType::InlineBinary(bytes)
            if part.encoding != Encoding::None =>
        {
            Cow::Borrowed(bytes.as_ref())
        }
        _ => {
            let raw = slice(
                message.raw_message.as_ref(),
                part.offset_body,
                part.offset_end,
            );
            match part.encoding {
                Encoding::None => other_encoding(part, raw),
                Encoding::QuotedPrintable => Cow::Owned(transfer::quoted_printable(raw)),
                Encoding::Base64 => Cow::Owned(transfer::base64(raw)),
            }
        }
    }
}

/// A body in an encoding that only has a name (RFC 2045 §6.3): from before MIME.
fn other_encoding<'m>(part: &MessagePart<'_>, raw: &'m [u8]) -> Cow<'m, [u8]> {
    let named = part
        .content_transfer_encoding()
        .map(|e| e.trim().to_ascii_lowercase())
        .unwrap_or_default();
    match named.as_str() {
        "x-uuencode" | "uuencode" | "x-uue" | "uue" | "x-uu" => {
            inline_files::decoded(raw, true).map_or(Cow::Borrowed(raw), Cow::Owned)
        }
        "x-yencode" | "x-yenc" | "yenc" => {
            inline_files::decoded(raw, false).map_or(Cow::Borrowed(raw), Cow::Owned)
        }
        _ => Cow::Borrowed(raw),
    }
}

/// Whether a body that calls itself base64 is no such thing: some programs show it as it
/// stands.
fn is_careless_base64(content: &[u8]) -> bool {
    let foreign = content
        .iter()
        .filter(|b| {
            !(b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'\r' | b'\n' | b'\t'))
        })
        .count();
    foreign > content.len() / 50 && charset::is_text(content)
}

/// Whether the first line is a header field, as it is in a MIME entity.
pub(super) fn starts_with_field(content: &[u8]) -> bool {
    let line = content.split(|b| *b == b'\n').next().unwrap_or_default();
    line.iter().position(|b| *b == b':').is_some_and(|colon| {
        colon > 0
            && line
                .iter()
                .take(colon)
                .all(|b| b.is_ascii_alphanumeric() || *b == b'-')
    })
}
