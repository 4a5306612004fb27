//! One look at every passage: identifiers, pupils, phrases, secrets; then a second one, at
//! the sentences near somebody, for what their words say together ([`concepts`]).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

use super::circle::Circle;
use super::concepts::{self, About};
use super::lexicon::{Hit, Wording};
use super::paragraphs::paragraphs;
use super::prose::text_unit;
use super::resolve::ABOUT_ONE;
use super::row::row_unit;
use super::table::Tables;
use super::tally::{Dampening, Tally};
use crate::credentials::{self, Locks};
use crate::finding::Kind;
use crate::inspection::{Disposition, Identification, PartPath};
use crate::marking::{Terms, Unmarked};
use crate::normalise::clean;
use crate::roster::PupilId;
use crate::roster::index::RosterIndex;
use crate::roster::key::{Tag, Word};
use crate::settings::Settings;
use crate::text::{Body, Document, Passage, Role};
use crate::words;

/// Octets of a page up to which every sentence is near whoever it names.
const ALL_NEAR: usize = 16_000;

/// What a look is taken with.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    pub roster: &'a RosterIndex,
    pub settings: &'a Settings,
    /// The locked files of the message.
    pub locks: &'a Locks,
    /// The names of those who write to each other, whole, as the header gives them.
    pub correspondents: &'a BTreeSet<Word>,
    /// Those who write and are written to.
    pub circle: &'a Circle,
}

/// Somebody identified.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Anchor {
    /// Sorted; empty for somebody whom the roster does not know.
    pub pupils: Vec<PupilId>,
    /// Tells those apart whom the roster does not know.
    pub stranger: u64,
    pub how: Identification,
    pub confidence: f32,
    /// The name as it stands, for the masked excerpt.
    pub text: String,
}

/// A first name that identifies nobody.
#[derive(Debug, Clone)]
pub(super) struct First {
    pub candidates: Vec<PupilId>,
    /// The forename as the roster has it.
    pub given: Word,
    pub text: String,
}

/// What one passage gave.
#[derive(Debug)]
pub(super) struct Unit {
    pub place: String,
    pub role: Role,
    pub is_row: bool,
    /// The table that a row belongs to.
    pub table: Option<String>,
    pub anchors: Vec<Anchor>,
    pub firsts: Vec<First>,
    pub hits: Vec<Hit>,
    /// What numbers, headings and dates say by themselves.
    pub facts: Tally,
    /// Phrases and facts together, dampened.
    pub tally: Tally,
    pub length: usize,
    /// Where the names stand, in octets.
    pub names: Vec<Range<usize>>,
    /// The passage of the part and the octets of its cleaned text; a row has none.
    pub source: Option<(usize, Range<usize>)>,
    /// Classes, years and teachers that it names, as keys of a forename.
    pub places: Vec<(Tag, Word)>,
    /// Initials that are spoken of as somebody.
    pub initials: Vec<Word>,
    /// Surnames of adults and families that it names.
    pub families: Vec<Word>,
    /// Who is greeted, by whatever name.
    pub greeted: Vec<Word>,
    /// Whether it speaks of one child, by whatever word.
    pub of_one: bool,
    /// Whether its words were read together already ([`Unit::read_concepts`]).
    pub is_read: bool,
}

impl Unit {
    /// Reads what its words say together: what is said of everybody is taken out, what words
    /// say together is put in.
    fn read_concepts(&mut self, text: &str, tokens: &[words::Token], about: About) {
        let said = concepts::read(text, tokens, &self.names, about);
        let within =
            |ranges: &[Range<usize>], hit: &Hit| ranges.iter().any(|range| range.contains(&hit.at));
        self.hits.retain(|hit| {
            let learnt = concepts::is_learnt(hit.category) && within(&said.schoolwork, hit);
            !learnt && !within(&said.generic, hit)
        });
        self.hits.extend(said.hits);
        self.of_one = said.of_one;
        self.is_read = true;
    }

    /// Whether it identifies or mentions anybody, be it by initials.
    pub fn is_of_somebody(&self) -> bool {
        !self.anchors.is_empty() || !self.firsts.is_empty() || !self.initials.is_empty()
    }
}

/// An identifier, a secret or a private detail, for the report.
pub(super) struct Item {
    pub kind: Kind,
    pub value: String,
    pub place: String,
    pub confidence: f32,
    pub pupils: Vec<PupilId>,
    pub excerpt: crate::finding::Masked,
}

/// What one document gave.
pub(super) struct Page {
    pub part: PartPath,
    pub disposition: Disposition,
    pub units: Vec<Unit>,
    pub items: Vec<Item>,
    pub tables: Tables,
    /// The end of the paragraph before, on which a secret may lean.
    pub before: String,
    /// The columns of passwords, by table.
    pub logins: BTreeMap<String, credentials::Columns>,
    pub dampening: Dampening,
    /// Octets of the text that is the writer's own.
    pub length: usize,
    /// The same so far, while it is looked at; what is quoted is left out.
    written: usize,
    /// Whether all its text is an older message's, as in a forwarded one: then that is the
    /// text that belongs together.
    pub is_forwarded: bool,
}

impl Page {
    /// Whether a unit is the subject line of the message or of a forwarded one, which the
    /// readers give as quoted.
    pub fn is_subject_line(&self, unit: &Unit) -> bool {
        unit.role == Role::Subject
            || (self.disposition == Disposition::Header
                && unit.role == Role::Quoted
                && unit.place.eq_ignore_ascii_case("subject"))
    }

    /// Whether a unit is of the text that this page is about.
    pub fn is_own(&self, unit: &Unit) -> bool {
        self.is_forwarded || unit.role != Role::Quoted
    }
}

/// Header fields that hold addresses or traces: the envelope's matter, not the text's.
fn is_address_field(role: Role, place: &str) -> bool {
    const FIELDS: [&str; 14] = [
        "from",
        "to",
        "cc",
        "bcc",
        "sender",
        "reply-to",
        "return-path",
        "delivered-to",
        "message-id",
        "received",
        "references",
        "in-reply-to",
        "authentication-results",
        "date",
    ];
    let place = place.to_ascii_lowercase();
    role == Role::HeaderField
        && (FIELDS.contains(&place.as_str())
            || [
                "x-",
                "list-",
                "resent-",
                "arc-",
                "dkim-",
                "autocrypt",
                "disposition-notification",
            ]
            .iter()
            .any(|prefix| place.starts_with(prefix)))
}

/// A passage's text as it is looked at.
fn cleaned(passage: &Passage, text: &str) -> String {
    let cleaned = clean(text);
    if passage.role == Role::FileName {
        cleaned.replace(['_', '.'], " ")
    } else {
        cleaned
    }
}

/// The words of a paragraph, kept until the next one was looked at: if anybody is named in
/// it or beside it, they are read together at once, and need not be cut out of the text again.
struct Held {
    unit: usize,
    /// The passage, and where the paragraph stands in it.
    text: Rc<str>,
    range: Range<usize>,
    tokens: Vec<words::Token>,
}

/// Looks at the documents of one part.
pub(super) fn page(
    documents: &[(usize, &Document)],
    known: &Known<'_>,
    terms: &Terms,
    unmarked: &mut Unmarked,
) -> Option<Page> {
    let (_, document) = documents.first()?;
    let mut page = Page {
        part: document.part.clone(),
        disposition: document.disposition,
        units: Vec::new(),
        items: Vec::new(),
        tables: BTreeMap::new(),
        before: String::new(),
        logins: BTreeMap::new(),
        dampening: Dampening::default(),
        length: 0,
        written: 0,
        is_forwarded: false,
    };
    let mut wording = Wording::default();
    let mut held: Option<Held> = None;
    for (number, (document, place_in_document, passage)) in passages(documents).enumerate() {
        if is_address_field(passage.role, &passage.place) || passage.role == Role::Classification {
            continue;
        }
        match &passage.body {
            Body::Text(text) => {
                let cleaned: Rc<str> = cleaned(passage, text).into();
                let mut start = 0;
                let mut may_be_marked = false;
                for (line, paragraph) in paragraphs(&cleaned) {
                    let place = if line == 0 {
                        passage.place.clone()
                    } else {
                        format!("{}, line {}", passage.place, line + 1)
                    };
                    let tokens = words::tokens(paragraph);
                    may_be_marked |= terms.may_stand_in(&tokens);
                    text_unit(
                        &mut page,
                        paragraph,
                        &tokens,
                        place,
                        passage.role,
                        known,
                        &mut wording,
                    );
                    let range = start..start + paragraph.len();
                    if let Some(unit) = page.units.last_mut() {
                        unit.source = Some((number, range.clone()));
                        if !matches!(unit.role, Role::Quoted | Role::FileName | Role::Subject) {
                            page.written += unit.length;
                        }
                    }
                    page.read_held(&mut held);
                    held = Some(Held {
                        unit: page.units.len().saturating_sub(1),
                        text: Rc::clone(&cleaned),
                        range,
                        tokens,
                    });
                    start += paragraph.len();
                }
                if !may_be_marked {
                    unmarked.note(document, place_in_document);
                }
            }
            Body::Row { table, cells, .. } => {
                row_unit(
                    &mut page,
                    table,
                    cells,
                    &passage.place,
                    passage.role,
                    known,
                    &mut wording,
                );
                page.read_held(&mut held);
            }
        }
    }
    page.read_held(&mut held);
    page.is_forwarded = page.disposition == Disposition::Body
        && page.units.iter().any(|unit| unit.role == Role::Quoted)
        && !page.units.iter().any(|unit| unit.role == Role::Body);
    page.dampening = Dampening::of(&wording);
    page.length = page
        .units
        .iter()
        .filter(|unit| page.is_own(unit))
        .filter(|unit| !matches!(unit.role, Role::FileName | Role::Subject))
        .map(|unit| unit.length)
        .sum();
    Some(page)
}

/// The passages of a part, each with its document and its place there.
fn passages<'a>(
    documents: &'a [(usize, &Document)],
) -> impl Iterator<Item = (usize, usize, &'a Passage)> {
    documents.iter().flat_map(|(number, document)| {
        (0..)
            .zip(&document.passages)
            .map(|(place, passage)| (*number, place, passage))
    })
}

impl Page {
    /// Whether it identifies or mentions anybody.
    pub fn names_somebody(&self) -> bool {
        self.units.iter().any(|unit| unit.is_of_somebody())
    }

    /// Reads the words of the paragraph that waits, if somebody is named in it or beside it
    /// and the message is too long to be about one child alone.
    fn read_held(&mut self, held: &mut Option<Held>) {
        let Some(held) = held.take() else { return };
        if self.written > ABOUT_ONE
            && self.is_beside_somebody(held.unit)
            && let Some(unit) = self.units.get_mut(held.unit)
            && let Some(text) = held.text.get(held.range)
        {
            unit.read_concepts(text, &held.tokens, About::Several);
        }
    }

    /// The second look: at the paragraphs near somebody that were not read at the first.
    pub fn read_concepts(&mut self, documents: &[(usize, &Document)], about: About) {
        let near = self.near();
        let all: Vec<&Passage> = passages(documents).map(|(.., passage)| passage).collect();
        let mut current: Option<(usize, String)> = None;
        for (unit, near) in self.units.iter_mut().zip(near) {
            let (true, false, Some((number, range))) = (near, unit.is_read, &unit.source) else {
                continue;
            };
            if current.as_ref().is_none_or(|(held, _)| held != number) {
                current = all.get(*number).and_then(|passage| match &passage.body {
                    Body::Text(text) => Some((*number, cleaned(passage, text))),
                    Body::Row { .. } => None,
                });
            }
            let text = current
                .as_ref()
                .and_then(|(_, text)| text.get(range.clone()))
                .unwrap_or_default();
            unit.read_concepts(text, &words::tokens(text), about);
        }
    }

    /// Which paragraphs are near somebody: all of a short page, else those beside a name.
    fn near(&self) -> Vec<bool> {
        let short = self.units.iter().map(|unit| unit.length).sum::<usize>() <= ALL_NEAR;
        (0..self.units.len())
            .map(|at| short || self.is_beside_somebody(at))
            .collect()
    }

    /// Whether somebody is named in a paragraph or in one of its neighbours.
    fn is_beside_somebody(&self, at: usize) -> bool {
        let named = |at: usize| self.units.get(at).is_some_and(Unit::is_of_somebody);
        named(at) || named(at + 1) || at.checked_sub(1).is_some_and(named)
    }

    /// Weighs what was said, phrases and facts together.
    pub fn weigh(&mut self) {
        for unit in &mut self.units {
            let dampening = Dampening {
                quoted: unit.role == Role::Quoted,
                ..self.dampening
            };
            for &hit in &unit.hits {
                unit.tally.add(hit, dampening);
            }
            unit.tally.merge(&unit.facts);
        }
    }
}
