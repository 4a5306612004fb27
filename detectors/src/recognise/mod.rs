//! What the documents of a message say, and about whom.
//!
//! Four steps. Every passage is looked at once: identifiers, pupils, phrases
//! ([`look`]). Where somebody is named, the sentences near the names are read for what
//! their words say together ([`concepts`]). Then each identity gathers what is said within its reach: its own
//! paragraph or row, the paragraphs beside it, the subject line and file names, the
//! whole of a short message or of a document about one pupil ([`reach`]). From that
//! follow subjects, mentions and findings ([`report`]).
//!
//! Nothing here reads a file format; nothing here knows a recipient.

mod cells;
mod circle;
mod columns;
pub(crate) mod concepts;
mod items;
pub(crate) mod lexicon;
mod look;
mod paragraphs;
mod prose;
mod reach;
mod report;
mod resolve;
mod row;
mod spelling;
mod table;
mod tally;

use std::collections::BTreeMap;

use self::circle::Circle;
use self::look::Known;
use crate::addresses;
use crate::category::Sensitivity;
use crate::conduct;
use crate::credentials::Locks;
use crate::extract::Reading;
use crate::finding::{Confidence, Finding, Kind, Masked};
use crate::greeting;
use crate::inspection::{Encryption, Headers, Inspection, Marking, Mention, PartPath, Subject};
use crate::marking;
use crate::offices;
use crate::pictures::photograph;
use crate::roster::index::RosterIndex;
use crate::school_matter;
use crate::settings::Settings;
use crate::text::Document;

/// What was recognised in the documents of one message.
#[derive(Debug, Default)]
pub struct Recognised {
    pub findings: Vec<Finding>,
    pub subjects: Vec<Subject>,
    pub mentions: Vec<Mention>,
    pub markings: Vec<Marking>,
    /// How sensitive what was read in each part is, for the parts that name somebody.
    pub sensitivity: BTreeMap<PartPath, Sensitivity>,
}

/// Looks at the documents of one message.
pub(crate) fn recognise(
    documents: &[Document],
    headers: &Headers,
    known: &Known<'_>,
) -> Recognised {
    // The readers give a part's name, its description and its text one by one; they
    // speak of the same thing.
    let mut places: BTreeMap<&PartPath, usize> = BTreeMap::new();
    let mut parts: Vec<Vec<(usize, &Document)>> = Vec::new();
    for (number, document) in documents.iter().enumerate() {
        let place = *places.entry(&document.part).or_insert(parts.len());
        match parts.get_mut(place) {
            Some(part) => part.push((number, document)),
            None => parts.push(vec![(number, document)]),
        }
    }
    let terms = marking::Terms::new(&known.settings.marking);
    let mut unmarked = marking::Unmarked::of(documents);
    let mut pages: Vec<look::Page> = Vec::with_capacity(parts.len());
    let mut read: Vec<&[(usize, &Document)]> = Vec::with_capacity(parts.len());
    for part in &parts {
        if let Some(page) = look::page(part, known, &terms, &mut unmarked) {
            pages.push(page);
            read.push(part);
        }
    }
    let nobody = !pages.iter().any(look::Page::names_somebody);
    if !nobody || !known.circle.children.is_empty() {
        let about = resolve::about(&pages);
        for (page, part) in pages.iter_mut().zip(&read) {
            page.read_concepts(part, about);
        }
    }
    pages.iter_mut().for_each(look::Page::weigh);
    if nobody {
        resolve::unnamed(&mut pages, known);
    } else {
        resolve::names(&mut pages, known);
    }
    let reached = reach::gather(&pages, &known.circle.purpose);
    let mut recognised = report::report(&pages, reached);
    let markings = marking::find(documents, &terms, &unmarked);
    recognised.findings.extend(markings.near_misses);
    recognised
        .findings
        .extend(addresses::personal_senders(headers));
    recognised
        .findings
        .extend(conduct::find(documents, headers));
    recognised.markings = markings.markings;
    recognised
}

/// Puts the answer of the readers and that of the recognisers together.
pub fn assemble(reading: Reading, roster: &RosterIndex, settings: &Settings) -> Inspection {
    let Reading {
        headers,
        mut parts,
        documents,
        mut findings,
        unread,
        pictures,
        opened_by,
    } = reading;
    let locks = Locks {
        any: parts.iter().any(|part| part.encryption != Encryption::None),
        opened_by,
    };
    let known = Known {
        roster,
        settings,
        locks: &locks,
        correspondents: &addresses::correspondents(&headers, roster),
        circle: &Circle::of(&headers, roster),
    };
    let recognised = recognise(&documents, &headers, &known);
    for part in &mut parts {
        let inside = format!("{}/", part.path);
        part.sensitivity = recognised
            .sensitivity
            .iter()
            .filter(|(path, _)| **path == part.path || path.as_str().starts_with(&inside))
            .map(|(_, &sensitivity)| sensitivity)
            .max()
            .unwrap_or_default()
            .max(part.sensitivity);
    }
    findings.extend(recognised.findings);
    findings.extend(photograph::findings(
        &pictures,
        &documents,
        &recognised.subjects,
        &recognised.mentions,
        &known.circle.children,
    ));
    findings.extend(school_matter::missing(&documents, &parts));
    limit(&mut findings, settings.limits.findings);
    Inspection {
        detectors: crate::VERSION.into(),
        headers,
        parts,
        findings,
        subjects: recognised.subjects,
        mentions: recognised.mentions,
        greeted: greeting::greeted(&documents),
        speaks_of: offices::spoken_of(&documents, &settings.offices),
        staff_at_pictures: photograph::staff(&pictures, &documents, roster),
        markings: recognised.markings,
        unread,
        pictures,
    }
}

/// Keeps so many findings and counts the rest in one more.
fn limit(findings: &mut Vec<Finding>, most: u32) {
    let most = most as usize;
    if findings.len() <= most {
        return;
    }
    // What hides or stops something outranks what merely counts.
    findings
        .sort_by_key(|finding| !matches!(finding.kind, Kind::LimitReached | Kind::MimeAmbiguous));
    let left_out = findings.len() - most;
    findings.truncate(most);
    findings.push(Finding {
        category: None,
        kind: Kind::LimitReached,
        part: PartPath(String::new()),
        place: "findings".into(),
        confidence: Confidence::new(1.0),
        count: u32::try_from(left_out).unwrap_or(u32::MAX),
        subjects: Vec::new(),
        excerpt: Masked::plain("findings"),
    });
}

#[cfg(test)]
mod tests;
