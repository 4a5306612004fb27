//! The `winmail.dat` container: a row of attributes (MS-OXTNEF).

use super::super::charset;
use super::super::fields::Fields;
use super::{Attachment, Content, Item, Value};

/// Messages within messages within one file.
const DEPTH: u32 = 12;

const SIGNATURE: &[u8] = &[0x78, 0x9f, 0x3e, 0x22];

/// The message in a TNEF stream, as far as it can be read.
pub(super) fn item(bytes: &[u8], depth: u32) -> Item {
    let mut item = Item::default();
    let mut rest = Fields(bytes.strip_prefix(SIGNATURE).unwrap_or_default());
    // The key of the stream.
    item.damaged = rest.u16().is_none();
    while !rest.0.is_empty() {
        if attribute(&mut rest, &mut item, depth).is_none() {
            item.damaged = true;
            break;
        }
    }
    item
}

fn attribute(rest: &mut Fields<'_>, item: &mut Item, depth: u32) -> Option<()> {
    const SUBJECT: u32 = 0x0001_8004;
    const BODY: u32 = 0x0002_800c;
    const ATTACH_TITLE: u32 = 0x0001_8010;
    const ATTACH_DATA: u32 = 0x0006_800f;
    const ATTACH_START: u32 = 0x0006_9002;
    const MESSAGE_PROPERTIES: u32 = 0x0006_9003;
    const RECIPIENTS: u32 = 0x0006_9004;
    const ATTACH_PROPERTIES: u32 = 0x0006_9005;
    rest.take(1)?;
    let id = rest.u32()?;
    let length = usize::try_from(rest.u32()?).ok()?;
    let data = rest.take(length)?;
    rest.u16()?;
    let text = || {
        charset::decode(data, None)
            .trim_end_matches('\0')
            .to_owned()
    };
    match id {
        SUBJECT => item.subject = text(),
        BODY => item.plain = text(),
        ATTACH_START => item.attachments.push(Attachment::default()),
        ATTACH_TITLE | ATTACH_DATA | ATTACH_PROPERTIES => {
            if item.attachments.is_empty() {
                item.attachments.push(Attachment::default());
            }
            let attachment = item.attachments.last_mut()?;
            match id {
                ATTACH_TITLE => attachment.short_name = text(),
                ATTACH_DATA => attachment.content = Content::Bytes(data.to_vec()),
                _ => {
                    let mut fields = Fields(data);
                    let mut object = None;
                    properties(&mut fields, &mut |id, kind, value| {
                        if kind == 0x000d && id == 0x3701 {
                            object = Some(value);
                        } else if let Some(value) = decoded(kind, value) {
                            attachment.set(id, value);
                        }
                    })?;
                    if let Some(object) = object {
                        attachment.content = embedded(object, depth);
                    }
                }
            }
        }
        MESSAGE_PROPERTIES => properties(&mut Fields(data), &mut |id, kind, value| {
            if let Some(value) = decoded(kind, value) {
                item.set(id, value);
            }
        })?,
        RECIPIENTS => {
            let mut fields = Fields(data);
            for _ in 0..fields.u32()? {
                properties(&mut fields, &mut |id, kind, value| {
                    if let Some(value) = decoded(kind, value) {
                        item.recipient(id, value);
                    }
                })?;
            }
        }
        _ => {}
    }
    Some(())
}

/// An object: the identifier of its interface, and a stream of its own if it is a message.
fn embedded(value: &[u8], depth: u32) -> Content {
    match value.get(16..) {
        Some(stream) if stream.starts_with(SIGNATURE) && depth < DEPTH => {
            Content::Item(Box::new(item(stream, depth + 1)))
        }
        _ => Content::Object,
    }
}

fn decoded(kind: u16, value: &[u8]) -> Option<Value> {
    Some(match kind {
        0x001f => Value::Text(
            charset::decode(value, Some("utf-16le"))
                .trim_end_matches('\0')
                .to_owned(),
        ),
        0x001e => Value::Text(
            charset::decode(value, None)
                .trim_end_matches('\0')
                .to_owned(),
        ),
        0x0102 => Value::Bytes(value.to_vec()),
        _ => return None,
    })
}

/// Hands out the properties of a list with their type; None when the list breaks off.
fn properties<'b>(fields: &mut Fields<'b>, each: &mut dyn FnMut(u16, u16, &'b [u8])) -> Option<()> {
    for _ in 0..fields.u32()? {
        let kind = fields.u16()?;
        let id = fields.u16()?;
        if id >= 0x8000 {
            // A property with a name: whose it is, and a number or a text.
            fields.take(16)?;
            if fields.u32()? == 0 {
                fields.take(4)?;
            } else {
                let length = usize::try_from(fields.u32()?).ok()?;
                fields.padded(length)?;
            }
        }
        let many = kind & 0x1000 != 0;
        let kind = kind & !0x1000;
        let fixed = match kind {
            0x0001 => Some(0),
            0x0002 | 0x0003 | 0x0004 | 0x000a | 0x000b => Some(4),
            0x0005 | 0x0006 | 0x0007 | 0x0014 | 0x0040 => Some(8),
            0x0048 => Some(16),
            0x000d | 0x001e | 0x001f | 0x0102 => None,
            _ => return None,
        };
        let count = if many || fixed.is_none() {
            fields.u32()?
        } else {
            1
        };
        for _ in 0..count {
            match fixed {
                Some(0) => {}
                Some(length) => {
                    fields.take(length)?;
                }
                None => {
                    let length = usize::try_from(fields.u32()?).ok()?;
                    each(id, kind, fields.padded(length)?);
                }
            }
        }
    }
    Some(())
}
