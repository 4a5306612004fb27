//! One look at every passage: identifiers, pupils, phrases, secrets.

use std::collections::{BTreeMap, BTreeSet};

use super::lexicon::{self, Hit, Wording};
use super::table::{self, RowOf, Tables};
use super::tally::{Dampening, Tally};
use crate::category::{Category, Sensitivity};
use crate::credentials::{self, Locks};
use crate::finding::Kind;
use crate::identifiers::{self, Setting, Sighting, date_of_birth, mrz, phone, postcode};
use crate::inspection::{Disposition, Identification, PartPath};
use crate::normalise::clean;
use crate::roster::PupilId;
use crate::roster::home;
use crate::roster::index::RosterIndex;
use crate::roster::key::{Tag, Word, joined, key, literal, single, words as roster_words};
use crate::roster::matching::{self, Named};
use crate::settings::Settings;
use crate::staff_details;
use crate::text::{Body, Document, Role};
use crate::words;

/// Octets of one passage within which "the same paragraph" still means something: a PDF
/// gives whole pages.
const PARAGRAPH: usize = 1500;
/// Octets between an identity and what raises it.
const BESIDE: usize = 120;

/// What a look is taken with.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    pub roster: &'a RosterIndex,
    pub settings: &'a Settings,
    /// The locked files of the message.
    pub locks: &'a Locks,
    /// The names of those who write to each other, whole, as the header gives them.
    pub correspondents: &'a BTreeSet<Word>,
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

/// Looks at the documents of one part.
pub(super) fn page(documents: &[&Document], known: &Known<'_>) -> Option<Page> {
    let document = documents.first()?;
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
        is_forwarded: false,
    };
    let mut wording = Wording::default();
    for passage in documents.iter().flat_map(|document| &document.passages) {
        if is_address_field(passage.role, &passage.place) || passage.role == Role::Classification {
            continue;
        }
        match &passage.body {
            Body::Text(text) => {
                let mut cleaned = clean(text);
                if passage.role == Role::FileName {
                    cleaned = cleaned.replace(['_', '.'], " ");
                }
                for (offset, paragraph) in paragraphs(&cleaned) {
                    let place = if offset == 0 {
                        passage.place.clone()
                    } else {
                        format!("{}, line {}", passage.place, offset + 1)
                    };
                    text_unit(
                        &mut page,
                        paragraph,
                        place,
                        passage.role,
                        known,
                        &mut wording,
                    );
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
            }
        }
    }
    page.is_forwarded = page.disposition == Disposition::Body
        && page.units.iter().any(|unit| unit.role == Role::Quoted)
        && !page.units.iter().any(|unit| unit.role == Role::Body);
    page.dampening = Dampening::of(&wording);
    for unit in &mut page.units {
        let dampening = Dampening {
            quoted: unit.role == Role::Quoted,
            ..page.dampening
        };
        for &hit in &unit.hits {
            unit.tally.add(hit, dampening);
        }
        unit.tally.merge(&unit.facts);
        let own = page.is_forwarded || unit.role != Role::Quoted;
        if own && !matches!(unit.role, Role::FileName | Role::Subject) {
            page.length += unit.length;
        }
    }
    Some(page)
}

/// Cuts a long text at blank lines or line ends, with the number of the line where each
/// piece begins. A line without end is cut too: what is compared within a paragraph must
/// stay small, whoever wrote it.
fn paragraphs(text: &str) -> Vec<(usize, &str)> {
    if text.len() <= PARAGRAPH {
        return vec![(0, text)];
    }
    let mut pieces = Vec::new();
    let (mut start, mut first_line, mut at, mut line) = (0, 0, 0, 0);
    for whole_line in text.split_inclusive('\n') {
        let mut rest = whole_line;
        while !rest.is_empty() {
            let (piece, next) = rest.split_at(line_cut(rest));
            rest = next;
            at += piece.len();
            let blank = piece.trim().is_empty();
            if (blank && at - start > PARAGRAPH / 4) || at - start > PARAGRAPH {
                pieces.push((first_line, text.get(start..at).unwrap_or_default()));
                (start, first_line) = (at, line + usize::from(rest.is_empty()));
            }
        }
        line += 1;
    }
    if start < text.len() {
        pieces.push((first_line, text.get(start..).unwrap_or_default()));
    }
    pieces
}

/// Where a line that is too long is cut: behind a sentence, else at a space.
fn line_cut(line: &str) -> usize {
    const MOST: usize = 4 * PARAGRAPH;
    if line.len() <= MOST {
        return line.len();
    }
    let mut end = MOST;
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    let head = line.get(..end).unwrap_or_default();
    head.rfind(". ")
        .map(|at| at + 2)
        .or_else(|| head.rfind(' ').map(|at| at + 1))
        .filter(|&at| at > MOST / 2)
        .unwrap_or(end)
}

fn text_unit(
    page: &mut Page,
    text: &str,
    place: String,
    role: Role,
    known: &Known<'_>,
    wording: &mut Wording,
) {
    let &Known {
        roster,
        settings,
        locks,
        correspondents,
    } = known;
    let hits = lexicon::find(text, wording);
    let sightings = identifiers::find(text, Setting::Prose);
    let tokens = words::tokens(text);
    let mut matches = matching::find(text, &tokens, roster);
    matches
        .named
        .retain(|named| !is_correspondent(text, named, correspondents));
    staff_homes(page, text, &tokens, &place, roster);
    if role == Role::Body {
        for (start, end) in staff_details::own(text, &tokens, &sightings) {
            let detail = text.get(start..end).unwrap_or_default();
            page.items
                .push(staff_item(Kind::StaffDetails, detail, &place, 0.75));
        }
    }
    if role != Role::Quoted
        && let Some((start, end)) = staff_details::matter(text, &tokens, roster)
    {
        let name = text.get(start..end).unwrap_or_default();
        page.items
            .push(staff_item(Kind::StaffMatter, name, &place, 0.8));
    }
    let mut facts = Tally::default();
    let mut anchors: Vec<Anchor> = matches
        .named
        .iter()
        .map(|named| Anchor {
            pupils: named.pupils.clone(),
            stranger: 0,
            how: named.how,
            confidence: named.confidence,
            text: text
                .get(named.start..named.end)
                .unwrap_or_default()
                .to_owned(),
        })
        .collect();
    let named_near = |start: usize, end: usize| {
        matches
            .named
            .iter()
            .any(|named| is_beside((named.start, named.end), (start, end)))
    };
    let stranger_near = |start: usize, end: usize| {
        matches
            .strangers
            .iter()
            .find(|&&stranger| is_beside(stranger, (start, end)))
    };
    for sighting in &sightings {
        let (start, end) = (sighting.start, sighting.end);
        match sighting.kind {
            kind if kind.is_pupil_number() => {
                if matches!(kind, Kind::Chi | Kind::HealthAndCare) && sighting.confidence >= 0.5 {
                    facts.note(Category::Health, 6, Sensitivity::Sensitive, u32::MAX);
                }
                let known = if sighting.kind == Kind::Upn {
                    roster.by_upn(&sighting.value)
                } else {
                    Vec::new()
                };
                let birth_near = sightings.iter().any(|other| {
                    other.kind == Kind::DateOfBirth
                        && other.confidence >= 0.5
                        && is_beside((other.start, other.end), (start, end))
                });
                if !known.is_empty() {
                    anchors.push(Anchor {
                        pupils: known,
                        stranger: 0,
                        how: Identification::Number,
                        confidence: 0.98,
                        text: String::new(),
                    });
                } else if sighting.confidence >= 0.5
                    && (stranger_near(start, end).is_some() || birth_near)
                    && !named_near(start, end)
                    && !is_spoken_for(&sightings, kind, &matches.named, roster)
                {
                    anchors.push(Anchor {
                        pupils: Vec::new(),
                        stranger: literal(&sighting.value).0,
                        how: Identification::Number,
                        confidence: sighting.confidence * 0.9,
                        text: String::new(),
                    });
                }
                if sighting.confidence >= 0.5
                    && (named_near(start, end) || stranger_near(start, end).is_some() || birth_near)
                {
                    facts.raise(Sensitivity::Sensitive);
                }
            }
            Kind::AdmissionNumber => {
                let pupils = roster.by_admission_number(&sighting.value);
                if pupils.len() == 1 {
                    anchors.push(Anchor {
                        pupils,
                        stranger: 0,
                        how: Identification::Number,
                        confidence: 0.9,
                        text: String::new(),
                    });
                }
            }
            // A passport of a child is a name, a date of birth and a number in one.
            Kind::Mrz => {
                let child = mrz::birth(&sighting.value)
                    .is_some_and(|birth| date_of_birth::is_pupils_age(birth, settings.today));
                if named_near(start, end) {
                    facts.raise(Sensitivity::Sensitive);
                } else if child {
                    facts.raise(Sensitivity::Sensitive);
                    anchors.push(Anchor {
                        pupils: Vec::new(),
                        stranger: literal(&sighting.value).0,
                        how: Identification::Number,
                        confidence: 0.95,
                        text: String::new(),
                    });
                }
            }
            Kind::Passport if named_near(start, end) => facts.raise(Sensitivity::Sensitive),
            Kind::NhsNumber => {
                facts.note(Category::Health, 6, Sensitivity::Sensitive, u32::MAX);
            }
            Kind::DateOfBirth if sighting.confidence >= 0.5 => {
                let pupils_age = sighting
                    .value
                    .parse()
                    .is_ok_and(|birth| date_of_birth::is_pupils_age(birth, settings.today));
                if pupils_age {
                    facts.raise(Sensitivity::Sensitive);
                }
            }
            Kind::Phone
                if sighting.confidence >= 0.85 && !is_own_phone(&sighting.value, settings) =>
            {
                facts.note(Category::Contact, 4, Sensitivity::Sensitive, u32::MAX);
            }
            Kind::Postcode
                if sighting.confidence >= 0.8 && !is_own_postcode(&sighting.value, settings) =>
            {
                facts.note(Category::Contact, 4, Sensitivity::Sensitive, u32::MAX - 1);
            }
            _ => {}
        }
    }
    // A first name with a date that is that pupil's date of birth.
    let mut firsts = Vec::new();
    for first in matches.first_names {
        let name = text.get(first.start..first.end).unwrap_or_default();
        let forename = joined(&roster_words(name));
        let by_birth = sightings
            .iter()
            .filter(|sighting| {
                sighting.kind == Kind::DateOfBirth
                    && is_beside((sighting.start, sighting.end), (first.start, first.end))
            })
            .filter_map(|sighting| sighting.value.parse().ok())
            .map(|birth| {
                roster.find(key(
                    Tag::ForenameBirth,
                    forename,
                    crate::roster::key::date(birth),
                ))
            })
            .find(|found| found.len() == 1);
        match by_birth {
            Some(pupils) => {
                facts.raise(Sensitivity::Sensitive);
                anchors.push(Anchor {
                    pupils,
                    stranger: 0,
                    how: Identification::ForenameAndContext,
                    confidence: 0.85,
                    text: name.to_owned(),
                });
            }
            None => firsts.push(First {
                candidates: first.candidates,
                text: name.to_owned(),
            }),
        }
    }
    // The attribution line of a reply names the person who wrote, not a pupil.
    let attribution = role == Role::Quoted
        && ["wrote:", "From:", "Sent:", "To:"]
            .iter()
            .any(|word| text.contains(word));
    for sighting in sightings
        .iter()
        .filter(|sighting| sighting.kind == Kind::Email)
    {
        let known = contact_of(&sighting.value, roster);
        if !known.is_empty() && !attribution {
            anchors.push(Anchor {
                pupils: known,
                stranger: 0,
                how: Identification::ContactAddress,
                confidence: 0.8,
                text: String::new(),
            });
        }
    }
    if role != Role::FileName {
        let secrets = credentials::find_behind(&page.before, text, locks);
        page.before = credentials::tail(text).to_owned();
        page.items.extend(
            secrets
                .into_iter()
                .map(|secret| secret_item(secret, &place)),
        );
    }
    let births: Vec<bool> = sightings
        .iter()
        .map(|sighting| sighting.kind == Kind::DateOfBirth && sighting.confidence < 0.5)
        .collect();
    note_sightings(page, sightings, &births, &place, roster, settings);
    let length = text.len();
    page.units.push(Unit {
        place,
        role,
        is_row: false,
        table: None,
        anchors,
        firsts,
        hits,
        facts,
        tally: Tally::default(),
        length,
    });
}

fn row_unit(
    page: &mut Page,
    table_name: &str,
    cells: &[String],
    place: &str,
    role: Role,
    known: &Known<'_>,
    wording: &mut Wording,
) {
    let &Known {
        roster,
        settings,
        locks,
        ..
    } = known;
    let rows = page.tables.entry(table_name.to_owned()).or_default();
    let row = rows.read(cells, roster, settings.today);
    let mut anchors = Vec::new();
    let mut hits = Vec::new();
    let mut firsts = Vec::new();
    let mut length = 0;
    let mut facts = row.tally;
    match &row.of {
        RowOf::Roster(pupils, how) => anchors.push(Anchor {
            pupils: pupils.clone(),
            stranger: 0,
            how: *how,
            confidence: 0.95,
            text: table::name_in(cells),
        }),
        RowOf::Unknown(digest) => anchors.push(Anchor {
            pupils: Vec::new(),
            stranger: *digest,
            how: Identification::TableRow,
            confidence: 0.8,
            text: String::new(),
        }),
        RowOf::Nobody => {}
    }
    for cell in cells.iter().filter(|cell| !cell.trim().is_empty()) {
        let text = clean(cell);
        length += text.len();
        if row.heading {
            // Headings speak through their columns.
            let _ = lexicon::find(&text, wording);
            continue;
        }
        hits.extend(lexicon::find(&text, wording));
        let tokens = words::tokens(&text);
        staff_homes(page, &text, &tokens, place, roster);
        // A cell with a sentence in it may name others than its row.
        if tokens.len() >= 2 && !matches!(row.of, RowOf::Roster(..)) || tokens.len() >= 4 {
            let matches = matching::find(&text, &tokens, roster);
            anchors.extend(matches.named.into_iter().map(|named| {
                Anchor {
                    text: text
                        .get(named.start..named.end)
                        .unwrap_or_default()
                        .to_owned(),
                    pupils: named.pupils,
                    stranger: 0,
                    how: named.how,
                    confidence: named.confidence,
                }
            }));
            if anchors.is_empty() {
                firsts.extend(matches.first_names.into_iter().map(|first| {
                    First {
                        text: text
                            .get(first.start..first.end)
                            .unwrap_or_default()
                            .to_owned(),
                        candidates: first.candidates,
                    }
                }));
            }
        }
    }
    row_secrets(page, table_name, cells, place, locks);
    if anchors.is_empty() {
        facts = Tally::default();
    }
    let sightings: Vec<Sighting> = row
        .sightings
        .into_iter()
        .map(|(_, sighting)| sighting)
        .collect();
    let plain = vec![false; sightings.len()];
    note_sightings(page, sightings, &plain, place, roster, settings);
    page.units.push(Unit {
        place: place.to_owned(),
        role,
        is_row: true,
        table: Some(table_name.to_owned()),
        anchors,
        firsts,
        hits,
        facts,
        tally: Tally::default(),
        length,
    });
}

/// Secrets of a row: in a column that its heading calls passwords, and what the cells
/// together say.
fn row_secrets(page: &mut Page, table: &str, cells: &[String], place: &str, locks: &Locks) {
    let columns = page.logins.entry(table.to_owned()).or_default();
    let mut found: Vec<credentials::Secret> = columns
        .read(cells)
        .into_iter()
        .map(|value| credentials::Secret {
            value: value.to_owned(),
            of_file: false,
        })
        .collect();
    if found.is_empty() {
        found = credentials::find(&clean(&cells.join("  ")), locks);
    }
    page.items
        .extend(found.into_iter().map(|secret| secret_item(secret, place)));
}

/// Whether a paragraph names as many pupils as it holds numbers of a kind: on a statement
/// of results the candidate's name stands further off than the name of the exam board.
fn is_spoken_for(
    sightings: &[Sighting],
    kind: Kind,
    named: &[Named],
    roster: &RosterIndex,
) -> bool {
    let numbers: BTreeSet<&str> = sightings
        .iter()
        .filter(|sighting| sighting.kind == kind && sighting.confidence >= 0.5)
        .filter(|sighting| kind != Kind::Upn || roster.by_upn(&sighting.value).is_empty())
        .map(|sighting| sighting.value.as_str())
        .collect();
    let pupils: BTreeSet<&[PupilId]> = named.iter().map(|named| &named.pupils[..]).collect();
    pupils.len() >= numbers.len()
}

/// Whether a pupil's name is rather that of somebody who writes or is written to: greeted,
/// signing, or before an address in the heading of an older message.
fn is_correspondent(text: &str, named: &Named, correspondents: &BTreeSet<Word>) -> bool {
    let before = text.get(..named.start).unwrap_or_default();
    let after = text.get(named.end..).unwrap_or_default();
    let name = text.get(named.start..named.end).unwrap_or_default();
    if !correspondents.contains(&joined(&roster_words(name))) {
        return false;
    }
    let start = before.rsplit('\n').next().unwrap_or_default();
    let rest = after.split('\n').next().unwrap_or_default();
    let greeted = start
        .split_whitespace()
        .next_back()
        .is_some_and(words::is_greeting)
        && rest
            .trim()
            .trim_end_matches([',', '!', '.', ':'])
            .is_empty();
    let alone = !start.contains(char::is_alphanumeric) && !rest.contains(char::is_alphanumeric);
    greeted || alone || rest.trim_start_matches(['"', ' ']).starts_with('<')
}

/// Where colleagues live.
fn staff_homes(
    page: &mut Page,
    text: &str,
    tokens: &[words::Token],
    place: &str,
    roster: &RosterIndex,
) {
    for house in home::houses(tokens) {
        if roster.knows(house.key) {
            let address = text.get(house.start..house.end).unwrap_or_default();
            page.items
                .push(staff_item(Kind::StaffDetails, address, place, 0.9));
        }
    }
}

/// A private detail or matter of a colleague.
fn staff_item(kind: Kind, value: &str, place: &str, confidence: f32) -> Item {
    Item {
        kind,
        value: value.to_owned(),
        place: place.to_owned(),
        confidence,
        pupils: Vec::new(),
        excerpt: crate::finding::Masked::words(value),
    }
}

/// What a password in a text becomes.
fn secret_item(secret: credentials::Secret, place: &str) -> Item {
    let length = secret.value.chars().count().min(12);
    Item {
        kind: if secret.of_file {
            Kind::PasswordBeside
        } else {
            Kind::Credential
        },
        value: secret.value,
        place: place.to_owned(),
        confidence: 0.8,
        pupils: Vec::new(),
        excerpt: crate::finding::Masked::plain(&"*".repeat(length)),
    }
}

/// Whether two stretches of a text lie beside each other.
fn is_beside(one: (usize, usize), other: (usize, usize)) -> bool {
    one.0 <= other.1.saturating_add(BESIDE) && other.0 <= one.1.saturating_add(BESIDE)
}

fn contact_of(address: &str, roster: &RosterIndex) -> Vec<PupilId> {
    let mut known = roster.by_contact(address);
    known.extend(roster.by_mailbox(address));
    known.sort_unstable();
    known.dedup();
    known
}

fn is_own_phone(national: &str, settings: &Settings) -> bool {
    settings
        .own
        .phones
        .iter()
        .any(|own| own == national || phone::national(own).as_deref() == Some(national))
}

fn is_own_postcode(value: &str, settings: &Settings) -> bool {
    settings
        .own
        .postcodes
        .iter()
        .any(|own| postcode::parse(own).as_deref() == Some(value))
}

/// Keeps the identifiers that are worth a finding.
fn note_sightings(
    page: &mut Page,
    sightings: Vec<Sighting>,
    skip: &[bool],
    place: &str,
    roster: &RosterIndex,
    settings: &Settings,
) {
    for (at, sighting) in sightings.into_iter().enumerate() {
        let mut kinds = Vec::new();
        match sighting.kind {
            Kind::Upn => {
                let known = roster.by_upn(&sighting.value);
                if !known.is_empty() {
                    kinds.push((Kind::RosterUpn, 0.98, known.clone()));
                }
                if sighting.confidence >= 0.5 || !known.is_empty() {
                    kinds.push((
                        Kind::Upn,
                        sighting
                            .confidence
                            .max(if known.is_empty() { 0.0 } else { 0.98 }),
                        known,
                    ));
                }
            }
            Kind::AdmissionNumber => {
                let known = roster.by_admission_number(&sighting.value);
                if known.len() == 1 {
                    kinds.push((Kind::AdmissionNumber, 0.9, known));
                }
            }
            Kind::Phone => {
                if roster.knows(single(Tag::StaffPrivate, literal(&sighting.value))) {
                    kinds.push((Kind::StaffDetails, 0.95, Vec::new()));
                }
                if sighting.confidence >= 0.5 && !is_own_phone(&sighting.value, settings) {
                    kinds.push((Kind::Phone, sighting.confidence, Vec::new()));
                }
            }
            Kind::Postcode => {
                let foreign = !is_own_postcode(&sighting.value, settings);
                if foreign && sighting.confidence >= 0.5 {
                    kinds.push((Kind::Postcode, sighting.confidence, Vec::new()));
                }
            }
            Kind::Email => {
                let known = contact_of(&sighting.value, roster);
                if !known.is_empty() {
                    kinds.push((Kind::RosterContact, 0.9, known));
                }
                if roster.knows(single(Tag::StaffPrivate, literal(&sighting.value))) {
                    kinds.push((Kind::StaffDetails, 0.95, Vec::new()));
                }
                let own = crate::addresses::domain(&sighting.value).is_some_and(|domain| {
                    settings
                        .own
                        .domains
                        .iter()
                        .any(|own| own.eq_ignore_ascii_case(&domain))
                });
                if sighting.confidence >= 0.5 && !own {
                    kinds.push((Kind::Email, sighting.confidence, Vec::new()));
                }
            }
            _ if sighting.confidence >= 0.5 && skip.get(at) != Some(&true) => {
                kinds.push((sighting.kind, sighting.confidence, Vec::new()));
            }
            _ => {}
        }
        for (kind, confidence, pupils) in kinds {
            page.items.push(Item {
                kind,
                value: sighting.value.clone(),
                place: place.to_owned(),
                confidence,
                pupils,
                excerpt: sighting.masked(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn endless_lines_are_cut_behind_a_sentence() {
        let text = "Theo Walker came home. ".repeat(2000);
        let pieces = paragraphs(&text);
        assert!(pieces.len() > 4);
        assert!(
            pieces
                .iter()
                .all(|(_, piece)| piece.starts_with("Theo") && piece.len() <= 4 * PARAGRAPH)
        );
    }

    proptest! {
        #[test]
        fn cutting_loses_nothing(text in "[a-zé .\\n]{0,9000}") {
            let joined: String = paragraphs(&text).into_iter().map(|(_, piece)| piece).collect();
            prop_assert_eq!(joined, text);
        }
    }
}
