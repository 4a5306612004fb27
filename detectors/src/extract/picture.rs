//! Pictures, met wherever they lie: as parts, in documents, in archives, on a PDF's pages.

use lopdf::{Document, ObjectId};

use super::{File, Reader, text_passage};
use crate::inspection::{Disposition, PartPath, UnreadReason};
use crate::pictures::{Digest, Format, Met, Reading, Seen, exif, format, lines, pdf};
use crate::text::Role;

/// What the name of a picture says when it is a single capitalised word: people name
/// pictures for whom they show. A name alone is no text in which a first name would count.
fn whom_it_shows(name: &str) -> Option<String> {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let word = stem.trim_end_matches(|c: char| c.is_ascii_digit() || " _-()".contains(c));
    let mut letters = word.chars();
    let capital = letters.next().is_some_and(char::is_uppercase);
    let rest = letters.clone().count() >= 2 && letters.all(|c| c.is_lowercase() || c == '\'');
    (capital && rest).then(|| format!("{word} is in the picture"))
}

impl<'s> Reader<'s> {
    /// A file that is a picture. Its part is accounted for.
    pub(super) fn picture(&mut self, file: &File<'_>, kind: Format) {
        let (width, height) = format::size(file.bytes).unwrap_or((0, 0));
        let inside = exif::read(file.bytes, kind);
        let shown = file.name.as_deref().and_then(whom_it_shows);
        let written = inside
            .notes
            .into_iter()
            .map(|note| text_passage(note.place, Role::Metadata, note.text))
            .chain(shown.map(|text| text_passage("file name", Role::FileName, text)))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_capitalised_word_is_whom_a_picture_shows() {
        for name in ["Isla.jpg", "Isla 2.jpg", "Isla_(3).JPG", "Zoë.png"] {
            assert!(whom_it_shows(name).is_some(), "{name}");
        }
        for name in [
            "IMG_2041.jpg",
            "rose.jpg",
            "Class 4M.jpg",
            "DSC.jpg",
            "",
            ".jpg",
            "J.jpg",
        ] {
            assert!(whom_it_shows(name).is_none(), "{name}");
        }
    }
}
