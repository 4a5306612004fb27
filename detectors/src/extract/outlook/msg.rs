//! The `.msg` container: a compound file with a stream for each long property (MS-OXMSG).

use std::io::{Cursor, Read};

use super::super::{charset, guarded};
use super::{Attachment, Content, Item, Value};

type Compound<'b> = cfb::CompoundFile<Cursor<&'b [u8]>>;

/// Streams and storages that are looked at.
const ENTRIES: usize = 50_000;

/// Messages within messages within one file.
const DEPTH: u32 = 12;

const PROPERTY: &str = "__substg1.0_";

/// The message in a compound file; None when it does not open.
pub(super) fn item(bytes: &[u8]) -> Option<Item> {
    guarded(|| {
        let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).ok()?;
        Some(storage(&mut file, "", bytes.len() as u64, DEPTH))
    })
    .flatten()
}

/// What lies in a storage: its path, its name, and whether it is a storage itself.
fn children(file: &Compound<'_>, path: &str) -> Vec<(String, String, bool)> {
    let root = if path.is_empty() { "/" } else { path };
    let Ok(entries) = file.read_storage(root) else {
        return Vec::new();
    };
    entries
        .take(ENTRIES)
        .map(|e| {
            let name = e.name().to_owned();
            (format!("{path}/{name}"), name, e.is_storage())
        })
        .collect()
}

fn storage(file: &mut Compound<'_>, path: &str, most: u64, depth: u32) -> Item {
    let mut item = Item::default();
    let mut damaged = false;
    properties(file, path, most, &mut damaged, &mut |id, value| {
        item.set(id, value)
    });
    for (path, name, is_storage) in children(file, path) {
        if !is_storage {
            continue;
        }
        if name.starts_with("__recip_version1.0_") {
            properties(file, &path, most, &mut damaged, &mut |id, value| {
                item.recipient(id, value);
            });
        } else if name.starts_with("__attach_version1.0_") {
            let mut attachment = Attachment::default();
            properties(file, &path, most, &mut damaged, &mut |id, value| {
                attachment.set(id, value);
            });
            let object = format!("{path}/{PROPERTY}3701000D");
            if file.is_storage(&object) {
                let message = file.exists(format!("{object}/__properties_version1.0"));
                attachment.content = if message && depth > 0 {
                    Content::Item(Box::new(storage(file, &object, most, depth - 1)))
                } else {
                    Content::Object
                };
            }
            item.attachments.push(attachment);
        }
    }
    item.damaged |= damaged;
    item
}

/// Hands out every text and every run of bytes among the properties of a storage.
fn properties(
    file: &mut Compound<'_>,
    path: &str,
    most: u64,
    damaged: &mut bool,
    each: &mut dyn FnMut(u16, Value),
) {
    for (path, name, is_storage) in children(file, path) {
        let Some(tag) = name
            .strip_prefix(PROPERTY)
            .filter(|_| !is_storage)
            .and_then(|tag| u32::from_str_radix(tag.get(..8)?, 16).ok())
        else {
            continue;
        };
        let (id, kind) = ((tag >> 16) as u16, tag & 0xffff);
        // Texts and bytes, alone or one of several.
        if !matches!(kind & !0x1000, 0x001e | 0x001f | 0x0102) {
            continue;
        }
        let mut bytes = Vec::new();
        let whole = file
            .open_stream(&path)
            .and_then(|stream| stream.take(most).read_to_end(&mut bytes));
        *damaged |= whole.is_err();
        each(
            id,
            match kind & !0x1000 {
                0x001f => Value::Text(charset::decode(&bytes, Some("utf-16le")).into_owned()),
                0x001e => Value::Text(charset::decode(&bytes, None).into_owned()),
                _ => Value::Bytes(bytes),
            },
        );
    }
}
