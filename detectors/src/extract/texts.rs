//! Plain texts and web pages, with the files that stand encoded in them.

use super::budget::Limit;
use super::{File, Reader, charset, encrypted, envelope, html, inline_files, pgp, text_body};
use crate::finding::Kind;
use crate::inspection::{Disposition, UnreadReason};

impl Reader<'_> {
    /// Plain text: a body, or a text file.
    pub(super) fn text(&mut self, file: &File<'_>) {
        let left = self.budget.text_left();
        let bytes = self.within_text(file, left);
        let (bytes, members) = inline_files::split(bytes);
        let text = charset::decode(&bytes, file.charset.as_deref());
        self.plain(file, &text);
        if let Some(other) = charset::second_reading(&bytes, file.charset.as_deref()) {
            self.plain(file, &other);
        }
        self.inline_files(file, members);
    }

    /// Reads files that stood encoded in a text.
    pub(super) fn inline_files(&mut self, file: &File<'_>, members: Vec<inline_files::InlineFile>) {
        for member in members {
            self.budget.charge_unpacked(member.bytes.len() as u64);
            if member.damaged {
                let path = file.path.child(&member.name);
                self.unread(&path, UnreadReason::Damaged, "a file inside a text");
            }
            self.member(file, &member.name, &member.bytes);
        }
    }

    pub(super) fn plain(&mut self, file: &File<'_>, text: &str) {
        let passages = text_body::passages(text, file.role);
        if text.contains("-----BEGIN PGP MESSAGE-----") {
            pgp::read(
                self,
                &File {
                    bytes: text.as_bytes(),
                    ..file.clone()
                },
            );
        }
        self.document(&file.path, file.disposition, passages);
    }

    /// The letters of a signature say nothing; what stands beside them does.
    pub(super) fn beside_signature(&mut self, file: &File<'_>) {
        let text = charset::decode(file.bytes, None);
        let mut inside = false;
        let rest: Vec<&str> = text
            .lines()
            .filter(|line| {
                let was = inside;
                inside =
                    (inside || line.starts_with("-----BEGIN")) && !line.starts_with("-----END");
                !was && !inside
            })
            .collect();
        self.plain(file, &rest.join("\n"));
    }

    pub(super) fn html(&mut self, file: &File<'_>) {
        let left = self.budget.text_left();
        let bytes = self.within_text(file, left);
        let declared = file
            .charset
            .clone()
            .or_else(|| html::declared_charset(bytes));
        let text = charset::decode(bytes, declared.as_deref());
        let page = html::read(&text, file.role);
        if let Some(service) = envelope::service(&text) {
            encrypted::lock_strong(self, &file.path, service);
        }
        if page.hidden {
            let path = file.path.clone();
            self.finding(
                Kind::HiddenContent,
                &path,
                "hidden text",
                0.5,
                "text that a mail program does not show",
            );
        }
        self.document(&file.path, file.disposition, page.passages);
        self.embedded_files(file, &page.files);
    }

    /// Reads the files in the `data:` addresses of a page.
    pub(super) fn embedded_files(&mut self, file: &File<'_>, files: &[html::Embedded]) {
        for (i, embedded) in files.iter().enumerate() {
            self.budget.charge_unpacked(embedded.bytes.len() as u64);
            self.file(File {
                path: file.path.child(&format!("inline {}", i + 1)),
                name: None,
                declared: embedded.declared.clone(),
                charset: None,
                disposition: Disposition::Member,
                role: file.role,
                depth: file.depth + 1,
                bytes: &embedded.bytes,
            });
        }
    }

    /// The bytes that the text budget still covers.
    pub(super) fn within_text<'b>(&mut self, file: &File<'b>, left: u64) -> &'b [u8] {
        let allowed = usize::try_from(left).unwrap_or(usize::MAX);
        match file.bytes.get(..allowed) {
            Some(start) if start.len() < file.bytes.len() => {
                let path = file.path.clone();
                self.limit(&path, Limit::TextBytes);
                start
            }
            _ => file.bytes,
        }
    }
}
