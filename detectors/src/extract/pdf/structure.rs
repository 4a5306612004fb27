//! What the objects of a PDF say before any text is taken: bombs, circles, whether there is
//! text at all.

use std::collections::HashSet;
use std::io;

use lopdf::{Dictionary, Document, Object, ObjectId};

use super::STREAM;
use crate::extract::guarded;

/// Whether a stream that pdf-extract would unpack without a limit is a bomb. Deflate packs
/// at most about a thousand to one, so small streams need no look.
pub(super) fn is_bomb(document: &Document) -> bool {
    document.objects.values().any(|object| {
        let Ok(stream) = object.as_stream() else {
            return false;
        };
        let filters = match stream.dict.get(b"Filter") {
            Ok(Object::Array(list)) => list.len(),
            Ok(Object::Name(_)) => 1,
            _ => 0,
        };
        let small = stream.content.len() < STREAM / 1100 && filters < 2;
        if filters == 0 || small || is_image(&stream.dict) {
            return false;
        }
        let outcome = guarded(|| stream.decompress_to_writer(&mut io::sink(), STREAM));
        matches!(
            outcome,
            None | Some(Err(lopdf::Error::Decompress(
                lopdf::DecompressError::MemoryLimitExceeded { .. }
            )))
        )
    })
}

pub(super) fn is_image(dictionary: &Dictionary) -> bool {
    dictionary
        .get(b"Subtype")
        .and_then(Object::as_name)
        .is_ok_and(|name| name == b"Image")
}

/// Whether pages or forms hold the operators that show text.
pub(super) fn shows_text<'p>(
    document: &Document,
    pages: impl Iterator<Item = &'p ObjectId>,
) -> bool {
    let shows = |content: &[u8]| {
        content.windows(4).any(|w| {
            let (start, operator) = w.split_at(2);
            matches!(operator, b"Tj" | b"TJ")
                && matches!(
                    start,
                    [b')' | b'>' | b']', b' ' | b'\n' | b'\r'] | [_, b')' | b'>' | b']']
                )
        })
    };
    let limit = 1 << 20;
    let mut pages = pages;
    let on_pages = pages.any(|page| {
        guarded(|| document.get_page_content_with_limit(*page, limit).ok())
            .flatten()
            .is_some_and(|content| shows(&content))
    });
    on_pages
        || document.objects.values().any(|object| {
            object.as_stream().is_ok_and(|stream| {
                is_form(&stream.dict)
                    && guarded(|| stream.get_plain_content_with_limit(limit).ok())
                        .flatten()
                        .is_some_and(|content| shows(&content))
            })
        })
}

/// Whether a form inside a page shows itself, or pages are their own ancestors: the text
/// reader would follow it until the stack ends.
pub(super) fn has_cycle(document: &Document, pages: &[ObjectId]) -> bool {
    for page in pages {
        let mut seen = HashSet::new();
        let mut id = *page;
        while seen.insert(id) {
            match document
                .get_dictionary(id)
                .and_then(|d| d.get(b"Parent"))
                .and_then(Object::as_reference)
            {
                Ok(parent) if seen.contains(&parent) => return true,
                Ok(parent) => id = parent,
                Err(_) => break,
            }
        }
    }
    // Depth-first over the forms, with the way down remembered.
    let mut done = HashSet::new();
    for (id, object) in &document.objects {
        if !object.as_stream().is_ok_and(|s| is_form(&s.dict)) {
            continue;
        }
        let mut way = HashSet::new();
        let mut stack = vec![(*id, false)];
        while let Some((id, leaving)) = stack.pop() {
            if leaving {
                way.remove(&id);
                done.insert(id);
                continue;
            }
            if done.contains(&id) {
                continue;
            }
            if !way.insert(id) {
                return true;
            }
            stack.push((id, true));
            for child in forms_of(document, id) {
                if way.contains(&child) {
                    return true;
                }
                stack.push((child, false));
            }
        }
    }
    false
}

fn is_form(dictionary: &Dictionary) -> bool {
    dictionary
        .get(b"Subtype")
        .and_then(Object::as_name)
        .is_ok_and(|name| name == b"Form")
}

/// The forms that a form may show.
fn forms_of(document: &Document, id: ObjectId) -> Vec<ObjectId> {
    let resolve = |object: &Object| -> Option<Dictionary> {
        match document.dereference(object).ok()?.1 {
            Object::Dictionary(dictionary) => Some(dictionary.clone()),
            _ => None,
        }
    };
    let forms = document
        .get_object(id)
        .and_then(Object::as_stream)
        .ok()
        .and_then(|stream| stream.dict.get(b"Resources").ok())
        .and_then(resolve)
        .and_then(|resources| resources.get(b"XObject").ok().and_then(resolve));
    forms
        .iter()
        .flat_map(|forms| forms.iter())
        .filter_map(|(_, object)| object.as_reference().ok())
        .collect()
}
