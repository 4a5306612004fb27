//! One look at the row of a table.

use super::cells;
use super::concepts;
use super::items::{note_sightings, secret_item, staff_homes};
use super::lexicon::{self, Wording};
use super::look::{Anchor, First, Known, Page, Unit};
use super::table::RowOf;
use super::tally::Tally;
use crate::credentials::{self, Locks};
use crate::identifiers::Sighting;
use crate::inspection::Identification;
use crate::normalise::clean;
use crate::roster::matching;
use crate::text::Role;
use crate::words;

pub(super) fn row_unit(
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
            text: cells::name_in(cells),
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
        let tokens = words::tokens(&text);
        if row.heading {
            // Headings speak through their columns.
            let _ = lexicon::find(&text, &tokens, wording);
            continue;
        }
        hits.extend(lexicon::find(&text, &tokens, wording));
        staff_homes(page, &text, &tokens, place, roster);
        if !matches!(row.of, RowOf::Nobody) {
            hits.extend(concepts::read_cell(&text, &tokens));
        }
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
                let within = matches.first_names.into_iter().filter(|first| !first.alone);
                firsts.extend(within.map(|first| {
                    First {
                        given: first.given,
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
        names: Vec::new(),
        source: None,
        places: Vec::new(),
        initials: Vec::new(),
        families: Vec::new(),
        greeted: Vec::new(),
        of_one: !matches!(row.of, RowOf::Nobody),
        is_read: true,
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
