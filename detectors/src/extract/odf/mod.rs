//! OpenDocument texts, tables and slides: `content.xml` in a zip archive.

mod locked;
mod walker;

use super::archive::{self, Refusal, Zip};
use super::budget::Limit;
use super::encrypted::{self, Lock, Locked};
use super::xml;
use super::{File, Reader};
use crate::finding::Kind;
use crate::inspection::UnreadReason;
use crate::text::Role;

use locked::{Key, Manifest};
use walker::Walker;

/// Reads an OpenDocument file.
pub(super) fn read<'b>(reader: &mut Reader<'_>, file: &File<'b>, index: usize, zip: &mut Zip<'b>) {
    if let Some(part) = reader.reading.parts.get_mut(index) {
        part.actual_type = "OpenDocument file".into();
    }
    let mut source = Source { zip, key: None };
    let manifest = source.member(reader, file, "META-INF/manifest.xml");
    let manifest = manifest
        .map(|bytes| Manifest::read(&bytes))
        .unwrap_or_default();
    if let Some((method, strong)) = manifest.lock() {
        if manifest.opens_with_a_password() {
            let method = method.to_owned();
            let lock = Lock::OpenDocument { strong, method };
            reader.locked.push(Locked::new(file, index, lock));
        } else {
            encrypted::lock_strong(reader, &file.path, method);
        }
        return;
    }
    contents(reader, file, &mut source);
}

/// Reads a locked file with the first of the candidates that opens it, and returns that.
pub(super) fn unlock(
    reader: &mut Reader<'_>,
    file: &File<'_>,
    candidates: &[String],
) -> Option<String> {
    let mut zip = archive::open(file.bytes)?;
    let mut source = Source {
        zip: &mut zip,
        key: None,
    };
    let manifest = Manifest::read(&source.member(reader, file, "META-INF/manifest.xml")?);
    let probe = source.member(reader, file, "content.xml")?;
    let password = candidates
        .iter()
        .take(manifest.tries())
        .find(|password| manifest.fits(password, "content.xml", &probe))?;
    source.key = Some(Key {
        manifest,
        password: password.clone(),
    });
    contents(reader, file, &mut source);
    Some(password.clone())
}

/// The files of the document, unlocked on the way.
struct Source<'z, 'b> {
    zip: &'z mut Zip<'b>,
    key: Option<Key>,
}

impl Source<'_, '_> {
    fn member(&mut self, reader: &mut Reader<'_>, file: &File<'_>, name: &str) -> Option<Vec<u8>> {
        let index = self.zip.index_for_name(name)?;
        let bytes = match archive::member_bytes(reader, self.zip, index, None) {
            Ok(bytes) => bytes,
            Err(Refusal::Limit(limit)) => {
                reader.limit(&file.path, limit);
                return None;
            }
            Err(Refusal::Locked | Refusal::Damaged) => return None,
        };
        let Some(key) = &self.key else {
            return Some(bytes);
        };
        let (allowance, limit) = reader.budget.unpack_allowance(bytes.len() as u64);
        let plain = key.unlocked(name, bytes, allowance)?;
        reader.budget.charge_unpacked(plain.len() as u64);
        if plain.len() as u64 > allowance {
            reader.limit(&file.path, limit);
            return None;
        }
        Some(plain)
    }
}

fn contents(reader: &mut Reader<'_>, file: &File<'_>, source: &mut Source<'_, '_>) {
    let names: Vec<String> = (0..source.zip.len())
        .filter_map(|i| archive::entry(source.zip, i).map(|e| e.name))
        .collect();
    let mut texts = vec![
        ("content.xml".to_owned(), String::new(), Role::Document),
        (
            "styles.xml".to_owned(),
            "page header".to_owned(),
            Role::RunningHead,
        ),
        ("meta.xml".to_owned(), "property".to_owned(), Role::Metadata),
    ];
    // Formulas, charts and documents that were put in.
    for name in &names {
        if let Some(folder) = name.strip_suffix("/content.xml") {
            texts.push((name.clone(), folder.to_owned(), Role::Document));
        }
    }
    let mut passages = Vec::new();
    let mut hidden = Vec::new();
    for (name, place, role) in texts {
        let Some(bytes) = source.member(reader, file, &name) else {
            if name == "content.xml" {
                reader.unread(&file.path, UnreadReason::Damaged, "OpenDocument file");
            }
            continue;
        };
        let mut walker = Walker::new(&place, role, name == "meta.xml");
        walker.left = reader.budget.text_left();
        if !xml::walk(&bytes, |node| walker.node(node)) {
            reader.unread(&file.path, UnreadReason::Damaged, "OpenDocument file");
        }
        if walker.over {
            reader.limit(&file.path, Limit::TextBytes);
        }
        let (mut found, mut unseen) = walker.finish();
        passages.append(&mut found);
        hidden.append(&mut unseen);
    }
    for place in hidden {
        reader.finding(Kind::HiddenContent, &file.path, &place, 0.8, &place);
    }
    reader.document(&file.path, file.disposition, passages);
    for name in names {
        if reader.budget_is_spent() {
            return;
        }
        if is_object(&name)
            && let Some(bytes) = source.member(reader, file, &name)
        {
            reader.member(file, &name, &bytes);
        }
    }
}

/// Pictures, objects of other programs, and databases, that lie in the document as they are.
fn is_object(name: &str) -> bool {
    let known = name.contains('/')
        || matches!(
            name,
            "content.xml"
                | "styles.xml"
                | "meta.xml"
                | "settings.xml"
                | "mimetype"
                | "manifest.rdf"
                | "layout-cache"
        );
    let folders = ["Pictures/", "media/", "database/"];
    let inside = folders.iter().any(|folder| name.starts_with(folder));
    !known || (inside && !name.ends_with('/'))
}
