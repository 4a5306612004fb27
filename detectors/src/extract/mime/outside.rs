//! Text that belongs to no part: stray lines in a header, preamble and epilogue.

use mail_parser::{MessagePart, MimeHeaders};

use super::super::{Reader, charset, text_passage};
use super::{Walk, slice};
use crate::finding::Kind;
use crate::inspection::{Disposition, PartPath};
use crate::text::Role;

impl Reader<'_> {
    /// Lines in a header that belong to no field: mail-parser skips them, some programs
    /// show them, and others end the header there.
    pub(super) fn stray_lines(&mut self, walk: &Walk<'_>, part: &MessagePart<'_>, path: &PartPath) {
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
        self.finding(Kind::HiddenContent, path, "header", 0.6, note);
    }

    /// Text before, between and after the parts: not shown by mail programs that follow
    /// the standard, shown by those that do not know MIME.
    pub(super) fn outside_parts(
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
