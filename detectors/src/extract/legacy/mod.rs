//! Office documents of 1997 to 2003.

pub(super) mod xls;

use std::io::Cursor;

use office_oxide::doc::{DocDocument, SubDocumentKind};
use office_oxide::ppt::{PptDocument, TextType};

use super::{File, Reader, guarded, text_passage};
use crate::finding::Kind;
use crate::inspection::UnreadReason;
use crate::text::{Passage, Role};

/// What in a compound file makes it which document, as `compound` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Program {
    Word,
    Excel,
    PowerPoint,
}

impl Program {
    fn noun(self) -> &'static str {
        match self {
            Self::Word => "Word 97-2003 document",
            Self::Excel => "Excel 97-2003 workbook",
            Self::PowerPoint => "PowerPoint 97-2003 presentation",
        }
    }
}

/// Reads the document.
pub(super) fn read(reader: &mut Reader<'_>, file: &File<'_>, program: Program) {
    let outcome = match program {
        Program::Word => doc(file.bytes),
        Program::Excel => xls::read(reader, file),
        Program::PowerPoint => ppt(reader, file),
    };
    match outcome {
        Some(text) => {
            if !text.whole {
                reader.unread(&file.path, UnreadReason::Damaged, program.noun());
            }
            if text.objects {
                let noun = "an object inside an old Office document";
                reader.unread(&file.path, UnreadReason::UnknownFormat, noun);
            }
            reader.document(&file.path, file.disposition, text.passages);
        }
        None => reader.unread(&file.path, UnreadReason::Damaged, program.noun()),
    }
}

/// What was read of a document.
struct Content {
    passages: Vec<Passage>,
    /// Nothing is missing.
    whole: bool,
    objects: bool,
}

/// The crate's `Document` would start a thread; its documents proper do not.
fn doc(bytes: &[u8]) -> Option<Content> {
    guarded(|| {
        let document = DocDocument::from_reader(Cursor::new(bytes)).ok()?;
        let mut passages = Vec::new();
        paragraphs(
            &mut passages,
            "paragraph",
            Role::Document,
            document.plain_text_ref(),
        );
        for part in document.subdocuments() {
            let (place, role) = match part.kind {
                SubDocumentKind::Footnotes => ("footnote", Role::Document),
                SubDocumentKind::Endnotes => ("endnote", Role::Document),
                SubDocumentKind::TextBoxes => ("text box", Role::Document),
                SubDocumentKind::HeadersFooters => ("page header or footer", Role::RunningHead),
                SubDocumentKind::HeaderTextBoxes => ("page header", Role::RunningHead),
                SubDocumentKind::Comments => ("comment", Role::Metadata),
            };
            paragraphs(&mut passages, place, role, &part.text);
        }
        if let Some(summary) = document.summary_properties() {
            properties(&mut passages, summary);
        }
        Some(Content {
            passages,
            whole: document.text_complete(),
            objects: false,
        })
    })
    .flatten()
}

fn paragraphs(passages: &mut Vec<Passage>, place: &str, role: Role, text: &str) {
    let lines = text.split(['\n', '\r', '\u{b}', '\u{c}']);
    for (i, line) in lines.filter(|l| !l.trim().is_empty()).enumerate() {
        passages.push(text_passage(
            format!("{place} {}", i + 1),
            role,
            line.trim(),
        ));
    }
}

fn properties(passages: &mut Vec<Passage>, summary: &office_oxide::cfb::SummaryProperties) {
    for text in [
        &summary.title,
        &summary.subject,
        &summary.author,
        &summary.keywords,
        &summary.comments,
    ]
    .into_iter()
    .flatten()
    {
        passages.push(text_passage("property", Role::Metadata, text.as_str()));
    }
}

fn ppt(reader: &mut Reader<'_>, file: &File<'_>) -> Option<Content> {
    let deck = guarded(|| PptDocument::from_reader(Cursor::new(file.bytes)).ok()).flatten()?;
    let mut passages = Vec::new();
    let mut objects = false;
    for (i, slide) in deck.slides.iter().enumerate() {
        let slide_place = format!("slide {}", i + 1);
        if slide.hidden {
            let note = "a slide that is not shown";
            reader.finding(Kind::HiddenContent, &file.path, &slide_place, 0.4, note);
        }
        let shown = if slide.hidden {
            Role::Hidden
        } else {
            Role::Document
        };
        for run in &slide.text_runs {
            let text = run.text.replace(['\r', '\u{b}'], "\n");
            let notes = run.text_type == TextType::Notes;
            let (place, role) = if notes {
                (format!("{slide_place}, speaker notes"), Role::Document)
            } else {
                (slide_place.clone(), shown)
            };
            passages.push(text_passage(place, role, text));
        }
        for table in &slide.tables {
            for (number, row) in table.rows.iter().enumerate() {
                let cells = row
                    .iter()
                    .map(|runs| {
                        runs.iter()
                            .map(|r| r.text.as_str())
                            .collect::<Vec<_>>()
                            .join(" ")
                    })
                    .collect();
                passages.push(xls::row(&slide_place, number as u32 + 1, 0, cells, shown));
            }
        }
        objects |= !slide.ole_object_refs.is_empty();
    }
    for run in &deck.master_text {
        passages.push(text_passage("slide master", Role::RunningHead, &*run.text));
    }
    if let Some(summary) = deck.summary_properties() {
        properties(&mut passages, summary);
    }
    Some(Content {
        passages,
        whole: deck.text_complete(),
        objects,
    })
}
