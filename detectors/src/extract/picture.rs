//! Pictures, met wherever they lie: as parts, in documents, in archives, on a PDF's pages.

use lopdf::{Document, ObjectId};

use super::{File, Reader, text_passage};
use crate::inspection::{Disposition, PartPath, UnreadReason};
use crate::pictures::{Digest, Format, Met, Reading, Seen, exif, format, lines, pdf};
use crate::text::Role;

impl<'s> Reader<'s> {
    /// A file that is a picture. Its part is accounted for.
    pub(super) fn picture(&mut self, file: &File<'_>, kind: Format) {
        let (width, height) = format::size(file.bytes).unwrap_or((0, 0));
        let inside = exif::read(file.bytes, kind);
        let written = inside
            .notes
            .into_iter()
            .map(|note| text_passage(note.place, Role::Metadata, note.text))
            .collect();
        self.document(&file.path, file.disposition, written);
        let met = Met {
            part: &file.path,
            place: "",
            format: kind,
            width,
            height,
            digest: Digest::of(file.bytes),
            octets: file.bytes.len(),
            camera: inside.camera,
        };
        let seen = self
            .eyes
            .meet(met, self.settings, || Some(file.bytes.to_vec()));
        self.take_picture(&file.path, file.disposition, "", kind, &seen);
    }

    /// The pictures on a PDF's pages: how many of them there are.
    pub(super) fn pictures_on_pages(
        &mut self,
        file: &File<'_>,
        document: &Document,
        pages: impl Iterator<Item = (u32, ObjectId)>,
    ) -> usize {
        let found = pdf::find(document, pages);
        for picture in &found {
            let place = format!("page {}", picture.page);
            let met = Met {
                part: &file.path,
                place: &place,
                format: picture.format,
                width: picture.width,
                height: picture.height,
                digest: picture.digest(),
                octets: picture.stream.content.len(),
                camera: None,
            };
            let seen = self
                .eyes
                .meet(met, self.settings, || picture.file(document));
            self.take_picture(&file.path, file.disposition, &place, picture.format, &seen);
        }
        found.len()
    }

    /// Takes over what is known of a picture's text.
    fn take_picture(
        &mut self,
        path: &PartPath,
        disposition: Disposition,
        place: &str,
        kind: Format,
        seen: &Seen<'_>,
    ) {
        match seen {
            Seen::Text(text) => self.document(path, disposition, lines::passages(text, place)),
            Seen::Noted(Reading::Small | Reading::Off | Reading::Read) => {
                self.unread(path, UnreadReason::Media, kind.noun());
            }
            // If nobody brings the text, the picture stays unread.
            Seen::Noted(Reading::Wanted) => {
                self.unread(path, UnreadReason::PictureNotRead, "picture not read");
            }
            Seen::Noted(Reading::NotRead(why)) => {
                let detail = format!("picture not read: {}", why.label());
                self.unread(path, UnreadReason::PictureNotRead, &detail);
            }
        }
    }
}
