//! Fields and lines that programs understand differently, and the views that follow.

use mail_parser::{Header, HeaderName, MessagePart};

use super::super::Reader;
use super::super::budget::Limit;
use super::readings::{Mark, View};
use super::{Walk, slice};
use crate::inspection::PartPath;

/// The views of one part that are read; more are not built.
const VIEWS: usize = 6;

impl Reader<'_> {
    /// Reads a part in every other way that its header allows.
    pub(super) fn other_readings(
        &mut self,
        walk: &Walk<'_>,
        part: &MessagePart<'_>,
        path: &PartPath,
        depth: u32,
        first: Mark,
    ) {
        let raw = walk.message.raw_message.as_ref();
        let mut views = field_views(raw, part);
        views.extend(shorter_header(raw, part));
        views.extend(guessed_boundary(raw, part));
        for (i, view) in views.iter().enumerate() {
            if i >= VIEWS || !self.budget.allows_depth(depth + 1) {
                self.limit(path, Limit::Parts);
                return;
            }
            let (bytes, place, note) = view;
            let view = View { bytes, place, note };
            self.other_reading(walk, path, depth, first, &view);
        }
    }
}

/// A view as bytes, with the place and nature of the disagreement.
type Built = (Vec<u8>, &'static str, &'static str);

/// Repeated Content-Type and Content-Transfer-Encoding fields, and several boundaries in
/// one field: programs disagree which one counts.
fn field_views(raw: &[u8], part: &MessagePart<'_>) -> Vec<Built> {
    let content = slice(raw, part.offset_body, part.offset_end);
    let types = distinct(raw, &part.headers, &HeaderName::ContentType);
    let encodings = distinct(raw, &part.headers, &HeaderName::ContentTransferEncoding);
    let mut views = Vec::new();
    let last = types.last().map(String::as_str).unwrap_or_default();
    for boundary in boundaries(last) {
        let field = format!("Content-Type: multipart/mixed; boundary=\"{boundary}\"\r\n\r\n");
        let view = [field.as_bytes(), content].concat();
        views.push((view, "Content-Type", "several boundaries in one field"));
    }
    if types.len() < 2 && encodings.len() < 2 {
        return views;
    }
    let none = vec![String::new()];
    let used = (types.last().cloned(), encodings.last().cloned());
    for kind in if types.is_empty() { &none } else { &types } {
        for encoding in if encodings.is_empty() {
            &none
        } else {
            &encodings
        } {
            if views.len() > VIEWS
                || (Some(kind), Some(encoding)) == (used.0.as_ref(), used.1.as_ref())
            {
                continue;
            }
            let mut view = Vec::with_capacity(content.len() + 200);
            if !kind.is_empty() {
                view.extend_from_slice(format!("Content-Type: {kind}\r\n").as_bytes());
            }
            if !encoding.is_empty() {
                let field = format!("Content-Transfer-Encoding: {encoding}\r\n");
                view.extend_from_slice(field.as_bytes());
            }
            view.extend_from_slice(b"\r\n");
            view.extend_from_slice(content);
            views.push((view, "header", "conflicting header fields"));
        }
    }
    views
}

/// The boundaries that one field names, if there are several.
fn boundaries(field: &str) -> Vec<String> {
    let lower = field.to_ascii_lowercase();
    let found: Vec<String> = lower
        .match_indices("boundary")
        .filter_map(|(at, mark)| field.get(at + mark.len()..))
        .filter_map(|rest| rest.trim_start().strip_prefix('='))
        .map(|rest| match rest.trim_start().strip_prefix('"') {
            Some(quoted) => quoted.split('"').next().unwrap_or_default().to_owned(),
            None => {
                let end = |c: char| c == ';' || c.is_whitespace();
                rest.trim_start()
                    .split(end)
                    .next()
                    .unwrap_or_default()
                    .to_owned()
            }
        })
        .filter(|b| !b.is_empty())
        .collect();
    match found.len() {
        0 | 1 => Vec::new(),
        _ => found,
    }
}

/// To a program that ends the header at a line that is no field, what follows is the body,
/// with the fields in it that say how to read it.
fn shorter_header(raw: &[u8], part: &MessagePart<'_>) -> Option<Built> {
    let mut position = part.offset_header;
    let mut gap = None;
    for field in &part.headers {
        if field.offset_field > position
            && slice(raw, position, field.offset_field)
                .iter()
                .any(u8::is_ascii_alphanumeric)
            && !slice(raw, position, field.offset_field).starts_with(b"From ")
        {
            gap = Some(position);
            break;
        }
        position = position.max(field.offset_end);
    }
    let at = gap?;
    let decides = |field: &Header<'_>| {
        matches!(
            field.name,
            HeaderName::ContentType | HeaderName::ContentTransferEncoding
        )
    };
    part.headers
        .iter()
        .any(|field| decides(field) && field.offset_field >= at)
        .then(|| {
            let view = [
                slice(raw, part.offset_header, at),
                b"\r\n",
                slice(raw, at, part.offset_end),
            ]
            .concat();
            (view, "header", "lines in the header that are no fields")
        })
}

/// A multipart whose boundary is missing or wrong: a program that guesses takes the first
/// line that looks like one.
fn guessed_boundary(raw: &[u8], part: &MessagePart<'_>) -> Option<Built> {
    let declared = super::declared_type(part);
    if !declared.starts_with("multipart/") {
        return None;
    }
    if let mail_parser::PartType::Multipart(children) = &part.body
        && !children.is_empty()
    {
        return None;
    }
    let content = slice(raw, part.offset_body, part.offset_end);
    let boundary = content.split(|b| *b == b'\n').find_map(|line| {
        let line = line.trim_ascii_end().strip_prefix(b"--")?;
        let fits = (1..=100).contains(&line.len()) && line.is_ascii() && !line.contains(&b'"');
        fits.then(|| String::from_utf8_lossy(line).into_owned())
    })?;
    let field = format!("Content-Type: {declared}; boundary=\"{boundary}\"\r\n\r\n");
    let view = [field.as_bytes(), content].concat();
    Some((view, "structure", "a multipart without its boundary"))
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
