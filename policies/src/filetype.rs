//! What sort of file a part is, for rules that ask.
//!
//! The bytes decide first, by the noun that the detectors have for them; the ending of
//! the name counts besides, since a program under a harmless noun is a program once it is
//! saved under its name.

use schoolgate_detectors::{Disposition, Part};

/// A sort of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileType {
    /// Programs, installers and scripts.
    Program,
    Database,
    Archive,
    /// Sound and film.
    Media,
    Picture,
    Spreadsheet,
    /// Texts, presentations and PDF documents.
    Document,
    /// A message that is attached.
    Message,
}

impl FileType {
    /// What sentences call one.
    pub fn label(self) -> &'static str {
        match self {
            Self::Program => "a program",
            Self::Database => "a database",
            Self::Archive => "an archive",
            Self::Media => "a sound or a film",
            Self::Picture => "a picture",
            Self::Spreadsheet => "a spreadsheet",
            Self::Document => "a document",
            Self::Message => "an attached message",
        }
    }
}

impl FileType {
    /// A noun for what the bytes of one are, for examples.
    pub(crate) fn noun(self) -> &'static str {
        NOUNS
            .iter()
            .find(|(_, kind)| *kind == self)
            .map_or("file", |(noun, _)| *noun)
    }
}

/// By a piece of the noun for what the bytes are; the first that fits counts.
const NOUNS: &[(&str, FileType)] = &[
    ("program", FileType::Program),
    ("software package", FileType::Program),
    (" script", FileType::Program),
    ("installer", FileType::Program),
    ("database", FileType::Database),
    ("e-mail message", FileType::Message),
    ("mailbox", FileType::Message),
    ("workbook", FileType::Spreadsheet),
    ("comma-separated", FileType::Spreadsheet),
    ("tab-separated", FileType::Spreadsheet),
    ("spreadsheet", FileType::Spreadsheet),
    ("archive", FileType::Archive),
    ("gzip", FileType::Archive),
    ("xz file", FileType::Archive),
    ("bzip2", FileType::Archive),
    ("zstd", FileType::Archive),
    ("disk image", FileType::Archive),
    ("sound", FileType::Media),
    ("film", FileType::Media),
    ("picture", FileType::Picture),
    ("document", FileType::Document),
    ("presentation", FileType::Document),
    ("notebook", FileType::Document),
    ("opendocument", FileType::Document),
    ("iwork", FileType::Document),
];

/// By the ending of the name.
const ENDINGS: &[(&str, FileType)] = &[
    (
        "exe msi com scr pif bat cmd ps1 psm1 vbs vbe js jse wsf wsh hta jar lnk reg cpl dll sys \
      appx msix apk ipa dmg pkg deb rpm sh command app gadget inf chm iso img vhd vhdx xll",
        FileType::Program,
    ),
    (
        "mdb accdb accde sqlite sqlite3 db dbf sql bak kdbx fmp12 odb",
        FileType::Database,
    ),
    (
        "zip 7z rar tar gz tgz bz2 xz zst cab arj lzh",
        FileType::Archive,
    ),
    (
        "mp3 wav m4a aac flac ogg wma mp4 m4v mov avi mkv wmv webm mpg mpeg 3gp",
        FileType::Media,
    ),
    (
        "jpg jpeg png gif bmp tif tiff webp heic heif",
        FileType::Picture,
    ),
    (
        "xls xlsx xlsm xlsb xlt xltx csv tsv ods numbers",
        FileType::Spreadsheet,
    ),
    (
        "doc docx docm odt rtf pdf ppt pptx pps ppsx odp pages key one pub",
        FileType::Document,
    ),
    ("eml msg mbox", FileType::Message),
];

/// What sorts of file a part is: by its bytes, and by its name.
pub(crate) fn of(part: &Part) -> impl Iterator<Item = FileType> {
    let is_file = matches!(
        part.disposition,
        Disposition::Attachment | Disposition::Member
    );
    let attached = (part.disposition == Disposition::Message).then_some(FileType::Message);
    let noun = part.actual_type.to_lowercase();
    let shown = NOUNS
        .iter()
        .find(|(piece, _)| is_file && noun.contains(piece))
        .map(|(_, kind)| *kind);
    let name = part.name.as_deref().unwrap_or_default().to_lowercase();
    let ending = name.trim_end_matches(['.', ' ']).rsplit_once('.');
    let named = ending.filter(|_| is_file).and_then(|(_, ending)| {
        ENDINGS
            .iter()
            .find(|(endings, _)| endings.split_ascii_whitespace().any(|e| e == ending))
            .map(|(_, kind)| *kind)
    });
    attached.into_iter().chain(shown).chain(named)
}

#[cfg(test)]
mod tests {
    use super::*;
    use schoolgate_detectors::{Encryption, PartPath, Sensitivity};

    fn part(name: &str, noun: &str) -> Part {
        Part {
            path: PartPath("2".into()),
            name: Some(name.into()),
            disposition: Disposition::Attachment,
            declared_type: "application/octet-stream".into(),
            actual_type: noun.into(),
            bytes: 1,
            encryption: Encryption::None,
            sensitivity: Sensitivity::None,
            text_bytes: 0,
        }
    }

    fn is(part: &Part, wanted: FileType) -> bool {
        of(part).any(|kind| kind == wanted)
    }

    #[test]
    fn the_bytes_count_and_so_does_the_name() {
        assert!(is(&part("game.txt", "Windows program"), FileType::Program));
        assert!(is(&part("game.EXE. ", "plain text"), FileType::Program));
        assert!(!is(&part("game.exe.txt", "plain text"), FileType::Program));
        assert!(is(
            &part("marks", "Excel 97-2003 workbook"),
            FileType::Spreadsheet
        ));
        assert!(is(&part("a.accdb", "Access database"), FileType::Database));
        assert!(!is(&part("a.doc", "Word document"), FileType::Archive));
        assert!(is(&part("clip.mp4", "sound or film"), FileType::Media));
    }
}
