//! What Outlook writes: `.msg` files and the `winmail.dat` that Exchange sends.
//!
//! Both hold the same properties of MAPI, by the same numbers (MS-OXPROPS), in two
//! containers; `msg` and `tnef` know one each and fill an [`Item`].

mod lzfu;
mod msg;
mod tnef;

use super::{File, Reader, charset, header, html, rtf, text_body, text_passage};
use crate::finding::Kind;
use crate::inspection::{Disposition, PartPath, UnreadReason};
use crate::text::{Passage, Role};

/// A message, appointment, contact or note.
#[derive(Debug, Default)]
struct Item {
    subject: String,
    /// Senders and recipients, each with its field.
    people: Vec<(&'static str, String)>,
    /// The header that the message came with.
    transport: String,
    plain: String,
    html: Vec<u8>,
    /// Still squeezed (MS-OXRTFCP).
    rich: Vec<u8>,
    /// What a person typed into another field.
    others: Vec<String>,
    attachments: Vec<Attachment>,
    damaged: bool,
}

#[derive(Debug, Default)]
struct Attachment {
    long_name: String,
    short_name: String,
    content: Content,
}

#[derive(Debug, Default)]
enum Content {
    /// Only a name: the file lies somewhere else.
    #[default]
    None,
    Bytes(Vec<u8>),
    Item(Box<Item>),
    /// An object for a program that is not known here.
    Object,
}

/// The value of a property, as far as it is text or bytes.
enum Value {
    Text(String),
    Bytes(Vec<u8>),
}

impl Value {
    fn text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Bytes(bytes) => charset::decode(&bytes, None).into_owned(),
        }
    }

    fn bytes(self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.into_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

impl Item {
    /// Takes in a property of the message.
    fn set(&mut self, id: u16, value: Value) {
        match id {
            0x0037 => self.subject = value.text(),
            0x0C1A | 0x0C1F | 0x5D01 => self.people.push(("Sender", value.text())),
            0x0042 | 0x0065 | 0x5D02 => self.people.push(("From", value.text())),
            0x0E04 => self.people.push(("To", value.text())),
            0x0E03 => self.people.push(("Cc", value.text())),
            0x0E02 => self.people.push(("Bcc", value.text())),
            0x007D => self.transport = value.text(),
            0x1000 => self.plain = value.text(),
            0x1013 => self.html = value.bytes(),
            0x1009 => self.rich = value.bytes(),
            // The fields of a contact, and fields with names of their own.
            0x3A00..=0x3AFF | 0x8000.. => {
                if let Value::Text(text) = value {
                    self.others.push(text);
                }
            }
            _ => {}
        }
    }

    /// Takes in a property of a recipient.
    fn recipient(&mut self, id: u16, value: Value) {
        if matches!(id, 0x3001 | 0x39FE | 0x3003) {
            self.people.push(("Recipient", value.text()));
        }
    }
}

impl Attachment {
    fn set(&mut self, id: u16, value: Value) {
        match id {
            0x3707 => self.long_name = value.text(),
            0x3704 | 0x3001 if self.short_name.is_empty() => self.short_name = value.text(),
            0x3701 => self.content = Content::Bytes(value.bytes()),
            _ => {}
        }
    }

    fn name(&self) -> &str {
        let name = match self.long_name.as_str() {
            "" => self.short_name.trim_matches(['\0', ' ']),
            long => long.trim_matches(['\0', ' ']),
        };
        if name.is_empty() { "attachment" } else { name }
    }
}

/// Reads a `.msg` file. Its part is already accounted for.
pub(super) fn read_msg(reader: &mut Reader<'_>, file: &File<'_>, index: usize) {
    let Some(item) = msg::item(file.bytes) else {
        reader.unread(&file.path, UnreadReason::Damaged, "Outlook message");
        return;
    };
    if let Some(part) = reader.reading.parts.get_mut(index) {
        part.disposition = Disposition::Message;
    }
    // As with any forwarded message, its first line is no place for a marking.
    item_text(reader, file, item, Role::Quoted);
}

/// Reads a `winmail.dat` file.
pub(super) fn read_tnef(reader: &mut Reader<'_>, file: &File<'_>) {
    let item = tnef::item(file.bytes, 0);
    // Only Outlook shows the text in it, so that a marking there is not seen by all.
    item_text(reader, file, item, Role::Document);
}

fn item_text(reader: &mut Reader<'_>, file: &File<'_>, item: Item, role: Role) {
    reader.budget.charge_unpacked(file.bytes.len() as u64);
    if item.damaged {
        reader.unread(&file.path, UnreadReason::Damaged, "Outlook item");
    }
    let mut passages = header_passages(&item, role);
    let mut renderings = Renderings::default();
    let mut files = Vec::new();
    let mut inserted = Vec::new();
    if !item.plain.trim().is_empty() {
        renderings.add(text_body::passages(&item.plain, role));
    }
    if !item.html.is_empty() {
        let declared = html::declared_charset(&item.html);
        let text = charset::decode(&item.html, declared.as_deref());
        let page = html::read(&text, role);
        if page.hidden {
            hidden(reader, &file.path);
        }
        renderings.add(page.passages);
        files = page.files;
    }
    if !item.rich.is_empty() {
        let (allowance, limit) = reader.budget.unpack_allowance(item.rich.len() as u64);
        match lzfu::unpack(&item.rich, allowance) {
            Ok(text) => {
                reader.budget.charge_unpacked(text.len() as u64);
                let (mut found, objects) = rtf::passages(&text);
                inserted = objects;
                for passage in &mut found {
                    if passage.role == Role::Document {
                        passage.role = role;
                    }
                }
                renderings.add(found);
            }
            Err(lzfu::Refusal::TooLong) => reader.limit(&file.path, limit),
            Err(lzfu::Refusal::Damaged) => {
                reader.unread(&file.path, UnreadReason::Damaged, "squeezed Rich Text");
            }
        }
    }
    passages.append(&mut renderings.passages);
    for other in item.others {
        passages.push(text_passage("field", Role::Metadata, other));
    }
    reader.document(&file.path, file.disposition, passages);
    reader.embedded_files(file, &files);
    rtf::objects(reader, file, &inserted);
    for attachment in item.attachments {
        attached(reader, file, attachment);
        if reader.budget_is_spent() {
            break;
        }
    }
}

fn attached(reader: &mut Reader<'_>, file: &File<'_>, attachment: Attachment) {
    let name = attachment.name().to_owned();
    match attachment.content {
        Content::Bytes(bytes) => reader.member(file, &name, &bytes),
        Content::None => reader.member(file, &name, &[]),
        Content::Object => {
            let path = file.path.child(&name);
            let noun = "an object inside an Outlook message";
            reader.unread(&path, UnreadReason::UnknownFormat, noun);
        }
        Content::Item(item) => {
            let mut inner = File {
                path: file.path.child(&name),
                name: Some(name),
                disposition: Disposition::Message,
                depth: file.depth + 1,
                bytes: &[],
                ..file.clone()
            };
            if reader.add_part(&mut inner, "Outlook message").is_none() {
                return;
            }
            reader.file_name(&inner);
            if reader.budget.allows_depth(inner.depth) {
                item_text(reader, &inner, *item, Role::Quoted);
            } else {
                reader.limit(&inner.path, super::Limit::Depth);
            }
        }
    }
}

fn hidden(reader: &mut Reader<'_>, path: &PartPath) {
    let note = "text that a mail program does not show";
    reader.finding(Kind::HiddenContent, path, "hidden text", 0.5, note);
}

fn header_passages(item: &Item, role: Role) -> Vec<Passage> {
    let mut passages = Vec::new();
    if !item.subject.is_empty() {
        passages.push(text_passage("Subject", role, &*item.subject));
    }
    let mut seen: Vec<&str> = Vec::new();
    for (field, text) in &item.people {
        let text = text.trim_matches(['\0', ' ']);
        // Old address books write a path instead of an address; nobody reads it.
        if text.is_empty() || text.starts_with("/O=") || text.starts_with("/o=") {
            continue;
        }
        if seen.len() < 1000 && !seen.contains(&text) {
            seen.push(text);
            passages.push(text_passage(*field, Role::HeaderField, text));
        }
    }
    if !item.transport.is_empty() {
        let header = format!("{}\r\n\r\n", item.transport.trim_end());
        if let Some(fields) = super::mime::fields(header.as_bytes()) {
            passages.extend(header::passages(&fields, true));
        }
    }
    passages
}

/// The forms of one body; the same text twice counts once.
#[derive(Default)]
struct Renderings {
    seen: Vec<String>,
    passages: Vec<Passage>,
}

impl Renderings {
    fn add(&mut self, passages: Vec<Passage>) {
        let letters: String = passages.iter().flat_map(Passage::letters).collect();
        if !letters.is_empty() && !self.seen.contains(&letters) {
            self.seen.push(letters);
            self.passages.extend(passages);
        }
    }
}
