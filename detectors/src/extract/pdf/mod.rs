//! PDF documents.
//!
//! pdf-extract gives the text of the pages, because it keeps a line together where the
//! file positions each word; lopdf gives the rest: the lock, properties, form fields,
//! annotations, attached files. Both may panic on a broken file and are caught.

mod structure;

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use lopdf::{Dictionary, Document, LoadOptions, Object, Stream};
use pdf_extract::{ConvertToFmt, MediaBox, OutputDev, OutputError, PlainTextOutput, Transform};

use self::structure::{has_cycle, is_bomb, is_image, shows_text};
use super::budget::Limit;
use super::encrypted::{Lock, Locked};
use super::xml::{self, Node};
use super::{File, Reader, guarded, text_passage};
use crate::finding::Kind;
use crate::inspection::{Encryption, UnreadReason};
use crate::text::{Passage, Role};

/// The most that one stream inside a PDF may unpack to.
const STREAM: usize = 64 << 20;

/// Reads a PDF, or sets it aside when it is locked.
pub(super) fn read(reader: &mut Reader<'_>, file: &File<'_>) {
    let Some(document) = load(file.bytes, None) else {
        reader.unread(&file.path, UnreadReason::Damaged, "PDF document");
        return;
    };
    if document.is_encrypted() {
        let index = reader
            .reading
            .parts
            .iter()
            .position(|p| p.path == file.path)
            .unwrap_or_default();
        let (strong, method) = method(&document);
        let lock = Lock::Pdf {
            strong,
            method: method.to_owned(),
        };
        reader.locked.push(Locked::new(file, index, lock));
        return;
    }
    if document.was_encrypted() {
        let method = "opens without a password";
        reader.set_encryption(&file.path, Encryption::Weak(method.into()));
        reader.finding(Kind::EncryptionWeak, &file.path, "whole file", 1.0, method);
    }
    contents(reader, file, &document, "");
}

/// Reads a PDF with a password that fits.
pub(super) fn read_unlocked(reader: &mut Reader<'_>, file: &File<'_>, password: &str) {
    match load(file.bytes, Some(password)) {
        Some(document) if !document.is_encrypted() => {
            contents(reader, file, &document, password);
        }
        _ => reader.unread(&file.path, UnreadReason::Damaged, "PDF document"),
    }
}

/// The first of the candidates that opens a locked PDF.
pub(super) fn password(bytes: &[u8], candidates: &[String]) -> Option<String> {
    let document = load(bytes, None)?;
    candidates
        .iter()
        .find(|password| {
            guarded(|| document.authenticate_password(password).is_ok()).unwrap_or(false)
        })
        .cloned()
}

fn load(bytes: &[u8], password: Option<&str>) -> Option<Document> {
    guarded(|| {
        let options = LoadOptions {
            password: password.map(str::to_owned),
            max_decompressed_size: Some(STREAM),
            ..LoadOptions::default()
        };
        Document::load_mem_with_options(bytes, options).ok()
    })
    .flatten()
}

/// How a PDF is locked. Forty-bit keys (revision 2) fall to a desk computer.
fn method(document: &Document) -> (bool, &'static str) {
    let dictionary = document.get_encrypted().ok();
    let number = |key: &[u8]| {
        dictionary
            .and_then(|d| d.get(key).ok())
            .and_then(|o| o.as_i64().ok())
    };
    match (number(b"V"), number(b"R")) {
        (_, Some(r)) if r >= 5 => (true, "PDF AES-256"),
        (_, Some(2)) | (Some(1), _) => (false, "PDF RC4 40 bit"),
        (Some(4), _) => (true, "PDF AES-128"),
        _ => (true, "PDF user password"),
    }
}

fn contents(reader: &mut Reader<'_>, file: &File<'_>, document: &Document, password: &str) {
    let pages = guarded(|| document.get_pages()).unwrap_or_default();
    let allowed = reader.budget.pdf_pages as usize;
    if pages.len() > allowed {
        reader.limit(&file.path, Limit::PdfPages);
    }
    let mut passages = Vec::new();
    if is_bomb(document) {
        reader.limit(&file.path, Limit::UnpackedBytes);
    } else {
        let text_limit = usize::try_from(reader.budget.text_left()).unwrap_or(usize::MAX);
        let mut texts = if has_cycle(document, &pages.values().copied().collect::<Vec<_>>()) {
            Vec::new()
        } else {
            page_texts(file.bytes, password, allowed, text_limit)
        };
        if texts.iter().all(|(_, t)| t.trim().is_empty()) {
            texts = plain_page_texts(document, allowed);
        }
        for (number, text) in texts {
            for paragraph in text.split("\n\n") {
                let paragraph = paragraph.trim();
                if !paragraph.is_empty() {
                    let place = format!("page {number}");
                    passages.push(text_passage(place, Role::Document, paragraph));
                }
            }
        }
    }
    let read = passages.iter().map(|p| p.body.len()).sum::<usize>();
    let mut extras = Extras::default();
    let _ = guarded(|| extras.collect(document));
    if !extras.fields.is_empty() {
        // Together, because one field names the person and another says something.
        let text = extras.fields.join("\n");
        passages.push(text_passage("form", Role::Document, text));
    }
    passages.append(&mut extras.passages);
    reader.document(&file.path, file.disposition, passages);
    if read == 0 && pages.is_empty() {
        reader.unread(
            &file.path,
            UnreadReason::Damaged,
            "PDF document without pages",
        );
    } else if read == 0 && shows_text(document, pages.values()) {
        reader.unread(
            &file.path,
            UnreadReason::Damaged,
            "PDF text that does not decode",
        );
    }
    let numbered = pages
        .iter()
        .take(allowed)
        .map(|(number, id)| (*number, *id));
    let pictures = reader.pictures_on_pages(file, document, numbered);
    if pictures == 0 && extras.images > 0 {
        // Pictures that no page shows by its resources: as a rule left-overs, but where
        // there is no text either, nobody can say what the pages show.
        let reason = match read {
            0..10 if reader.settings.pictures.read => UnreadReason::PictureNotRead,
            _ => UnreadReason::Media,
        };
        reader.unread(&file.path, reason, "pictures that no page names");
    }
    for (name, stream) in extras.files {
        let packed = stream.content.len() as u64;
        let (allowance, limit) = reader.budget.unpack_allowance(packed);
        let most = usize::try_from(allowance).unwrap_or(usize::MAX);
        match guarded(|| stream.get_plain_content_with_limit(most).ok()).flatten() {
            Some(bytes) => {
                reader.budget.charge_unpacked(bytes.len() as u64);
                reader.member(file, &name, &bytes);
            }
            None if packed.saturating_mul(1000) > allowance => reader.limit(&file.path, limit),
            None => reader.unread(&file.path, UnreadReason::Damaged, "file attached to a PDF"),
        }
    }
}

/// The text of the pages by pdf-extract; empty when it cannot read the file at all.
fn page_texts(
    bytes: &[u8],
    password: &str,
    pages_allowed: usize,
    text_limit: usize,
) -> Vec<(u32, String)> {
    let loaded = guarded(|| {
        let mut document = pdf_extract::Document::load_mem(bytes).ok()?;
        if document.is_encrypted() {
            document.decrypt(password).ok()?;
        }
        Some(document)
    });
    let Some(document) = loaded.flatten() else {
        return Vec::new();
    };
    let pages: Vec<u32> =
        guarded(|| document.get_pages().into_keys().collect()).unwrap_or_default();
    let mut texts = Vec::new();
    let mut left = text_limit;
    // All pages in one go; where a page breaks the reader, page by page from there on.
    if pages.len() <= pages_allowed {
        let sheets = Sheets::new(left);
        let mut output = Collector::new(&sheets);
        let whole = guarded(|| pdf_extract::output_doc(&document, &mut output).is_ok());
        texts = sheets.take();
        if whole == Some(true) {
            return texts;
        }
        // The last page is the one that broke off.
        texts.pop();
        left = left.saturating_sub(texts.iter().map(|(_, t)| t.len()).sum());
    }
    let read = texts.last().map_or(0, |(number, _)| *number);
    for number in pages.into_iter().filter(|n| *n > read).take(pages_allowed) {
        let sheets = Sheets::new(left);
        let mut output = Collector::new(&sheets);
        let _ = guarded(|| pdf_extract::output_doc_page(&document, &mut output, number));
        for (_, text) in sheets.take() {
            left = left.saturating_sub(text.len());
            texts.push((number, text));
        }
    }
    texts
}

/// The text of the pages by lopdf: coarser, but it reads files that pdf-extract does not.
fn plain_page_texts(document: &Document, pages_allowed: usize) -> Vec<(u32, String)> {
    let pages: Vec<u32> =
        guarded(|| document.get_pages().into_keys().collect()).unwrap_or_default();
    pages
        .into_iter()
        .take(pages_allowed)
        .filter_map(|number| {
            let text =
                guarded(|| document.extract_text_with_limit(&[number], STREAM).ok()).flatten()?;
            Some((number, text))
        })
        .collect()
}

/// The texts of the pages so far, and the octets that may still be added.
#[derive(Clone)]
struct Sheets(Rc<RefCell<Pages>>);

/// The pages by number, and the octets that may still be added.
type Pages = (Vec<(u32, String)>, usize);

impl Sheets {
    fn new(limit: usize) -> Self {
        Self(Rc::new(RefCell::new((Vec::new(), limit))))
    }

    fn take(&self) -> Vec<(u32, String)> {
        std::mem::take(&mut self.0.borrow_mut().0)
    }
}

impl fmt::Write for Sheets {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut state = self.0.borrow_mut();
        state.1 = state.1.checked_sub(text.len()).ok_or(fmt::Error)?;
        if let Some((_, page)) = state.0.last_mut() {
            page.push_str(text);
        }
        Ok(())
    }
}

impl ConvertToFmt for Sheets {
    type Writer = Sheets;
    fn convert(self) -> Sheets {
        self
    }
}

/// pdf-extract's own plain text, one page at a time.
struct Collector {
    sheets: Sheets,
    text: PlainTextOutput<Sheets>,
}

impl Collector {
    fn new(sheets: &Sheets) -> Self {
        Self {
            sheets: sheets.clone(),
            text: PlainTextOutput::new(sheets.clone()),
        }
    }
}

impl OutputDev for Collector {
    fn begin_page(
        &mut self,
        number: u32,
        media: &MediaBox,
        art: Option<(f64, f64, f64, f64)>,
    ) -> Result<(), OutputError> {
        self.sheets.0.borrow_mut().0.push((number, String::new()));
        self.text.begin_page(number, media, art)
    }

    fn end_page(&mut self) -> Result<(), OutputError> {
        self.text.end_page()
    }

    fn output_character(
        &mut self,
        transform: &Transform,
        width: f64,
        spacing: f64,
        size: f64,
        text: &str,
    ) -> Result<(), OutputError> {
        self.text
            .output_character(transform, width, spacing, size, text)
    }

    fn begin_word(&mut self) -> Result<(), OutputError> {
        self.text.begin_word()
    }

    fn end_word(&mut self) -> Result<(), OutputError> {
        self.text.end_word()
    }

    fn end_line(&mut self) -> Result<(), OutputError> {
        self.text.end_line()
    }
}

/// What a PDF holds besides its pages.
#[derive(Default)]
struct Extras {
    passages: Vec<Passage>,
    /// The fields of forms with their values.
    fields: Vec<String>,
    files: Vec<(String, Stream)>,
    images: u32,
}

/// Values of one field: a list may have several chosen.
const FIELD_VALUES: usize = 50;

impl Extras {
    fn collect(&mut self, document: &Document) {
        for object in document.objects.values() {
            self.visit(document, object, 0);
        }
    }

    fn visit(&mut self, document: &Document, object: &Object, depth: u32) {
        if depth > 8 {
            return;
        }
        match object {
            Object::Dictionary(dictionary) => self.dictionary(document, dictionary, depth),
            Object::Stream(stream) => {
                if stream.dict.has_type(b"Metadata") {
                    self.xmp(stream);
                }
                self.images += u32::from(is_image(&stream.dict));
                self.dictionary(document, &stream.dict, depth);
            }
            Object::Array(list) => {
                for object in list {
                    self.visit(document, object, depth + 1);
                }
            }
            _ => {}
        }
    }

    fn dictionary(&mut self, document: &Document, dictionary: &Dictionary, depth: u32) {
        if dictionary.has_type(b"Font") {
            return;
        }
        self.form_field(document, dictionary);
        for (key, value) in dictionary.iter() {
            let place = match key.as_slice() {
                b"Title" | b"Author" | b"Subject" | b"Keywords" => "property",
                // A value without a name is still a value.
                b"V" | b"DV" | b"TU" if !dictionary.has(b"T") => "form field",
                b"V" | b"DV" | b"TU" => continue,
                b"Contents" | b"RC" => "annotation",
                b"Alt" | b"ActualText" => "alternative text",
                b"EF" => {
                    self.attached(document, dictionary, value);
                    continue;
                }
                b"XFA" => {
                    self.xfa(document, value);
                    continue;
                }
                _ => {
                    self.visit(document, value, depth + 1);
                    continue;
                }
            };
            let resolved = document.dereference(value).map_or(value, |(_, o)| o);
            if let Ok(text) = lopdf::decode_text_string(resolved)
                && !text.trim().is_empty()
            {
                self.passages
                    .push(text_passage(place, Role::Metadata, text.trim()));
            }
        }
    }

    /// A field of a form with its name and what was typed in or chosen (ISO 32000-1 §12.7.3).
    fn form_field(&mut self, document: &Document, dictionary: &Dictionary) {
        let text = |key: &[u8]| -> Vec<String> {
            let Ok(value) = dictionary.get(key) else {
                return Vec::new();
            };
            let value = document.dereference(value).map_or(value, |(_, o)| o);
            let values = match value {
                Object::Array(list) => list.as_slice(),
                single => std::slice::from_ref(single),
            };
            values
                .iter()
                .take(FIELD_VALUES)
                .filter_map(|value| match value {
                    Object::Name(name) => Some(String::from_utf8_lossy(name).into_owned()),
                    other => lopdf::decode_text_string(other).ok(),
                })
                .map(|text| text.trim().to_owned())
                .filter(|text| !text.is_empty())
                .collect()
        };
        if !dictionary.has(b"T") || !dictionary.has(b"V") {
            return;
        }
        let names = [text(b"TU"), text(b"T")].concat();
        let values = text(b"V");
        if let Some(name) = names.first()
            && !values.is_empty()
        {
            self.fields.push(format!("{name}: {}", values.join(", ")));
        }
    }

    /// Properties in XML (ISO 32000-1 §14.3.2): those that people write.
    fn xmp(&mut self, stream: &Stream) {
        let Ok(bytes) = stream.get_plain_content_with_limit(STREAM) else {
            return;
        };
        let mut open: Vec<String> = Vec::new();
        let mut found = Vec::new();
        xml::walk(&bytes, |node| match node {
            Node::Open { name, .. } => open.push(name.to_owned()),
            Node::Close { .. } => {
                open.pop();
            }
            Node::Text(text) => {
                let written = |name: &String| {
                    matches!(
                        name.as_str(),
                        "title" | "description" | "creator" | "subject" | "Keywords" | "Headline"
                    )
                };
                if !text.trim().is_empty() && open.iter().any(written) {
                    found.push(text_passage("property", Role::Metadata, text.trim()));
                }
            }
        });
        self.passages.append(&mut found);
    }

    /// A file specification with an embedded file (ISO 32000-1 §7.11.4).
    fn attached(&mut self, document: &Document, specification: &Dictionary, files: &Object) {
        let name = [&b"UF"[..], b"F"]
            .iter()
            .filter_map(|key| specification.get(key).ok())
            .find_map(|object| lopdf::decode_text_string(object).ok())
            .unwrap_or_else(|| "attached file".to_owned());
        let Ok((_, Object::Dictionary(files))) = document.dereference(files) else {
            return;
        };
        for key in [&b"F"[..], b"UF"] {
            if let Ok(object) = files.get(key)
                && let Ok((_, Object::Stream(stream))) = document.dereference(object)
            {
                self.files.push((name, stream.clone()));
                return;
            }
        }
    }

    /// A form in XML inside the PDF: its data are what people typed.
    fn xfa(&mut self, document: &Document, value: &Object) {
        let list = match value {
            Object::Array(list) => list.as_slice(),
            single => std::slice::from_ref(single),
        };
        for object in list {
            let Ok((_, Object::Stream(stream))) = document.dereference(object) else {
                continue;
            };
            let Ok(bytes) = stream.get_plain_content_with_limit(STREAM) else {
                continue;
            };
            let (mut text, mut field) = (String::new(), String::new());
            xml::walk(&bytes, |node| match node {
                Node::Open { name, .. } => name.clone_into(&mut field),
                Node::Text(part) if !part.trim().is_empty() => {
                    text.push_str(&format!("{field}: {}\n", part.trim()));
                }
                _ => {}
            });
            if !text.trim().is_empty() {
                self.passages
                    .push(text_passage("form", Role::Metadata, text.trim()));
            }
        }
    }
}
