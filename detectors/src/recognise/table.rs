//! Tables of pupils: what a column holds is said by its heading, who a row is about by
//! its cells.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::cells::{is_adult, is_name, says_something, splits};
use super::columns::{Column, column, spoken_column};
use super::tally::Tally;
use crate::category::{Category, Sensitivity};
use crate::finding::Kind;
use crate::identifiers::{self, Setting, Sighting, date_of_birth};
use crate::inspection::Identification;
use crate::normalise::{clean, squash};
use crate::roster::PupilId;
use crate::roster::index::RosterIndex;
use crate::roster::key::{self, Tag, Word, joined, key, words};

/// Whom a row is about.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum RowOf {
    Roster(Vec<PupilId>, Identification),
    /// A pupil whom the roster does not know; the digest tells such rows apart.
    Unknown(u64),
    Nobody,
}

/// What a row gave.
pub(crate) struct Row {
    pub of: RowOf,
    pub sightings: Vec<(usize, Sighting)>,
    /// What its columns say by themselves.
    pub tally: Tally,
    /// Whether it is the heading row.
    pub heading: bool,
}

/// A table while its rows pass by.
#[derive(Default)]
pub(crate) struct Table {
    columns: Vec<Option<Column>>,
    rows: u32,
    /// Pupils of the roster and others in its rows.
    pub known: BTreeSet<Vec<PupilId>>,
    pub unknown: BTreeSet<u64>,
    /// Unknown pupils whom a valid number vouches for.
    pub vouched: BTreeSet<u64>,
    /// Whether the headings are those of a list of pupils.
    pub is_pupils: bool,
    /// Whether they are those of a register of children: with numbers and dates of birth a
    /// row is somebody, however its cells are filled.
    is_register: bool,
    /// What all its rows together say.
    pub tally: Tally,
}

impl Table {
    /// Distinct pupils so far.
    pub fn people(&self) -> u32 {
        let unknown = if self.is_pupils {
            self.unknown.len()
        } else {
            self.vouched.len()
        };
        u32::try_from(self.known.len() + unknown).unwrap_or(u32::MAX)
    }

    /// What kind of list it is, by its columns.
    pub fn shape(&self) -> &'static str {
        let about = |wanted: Category| {
            self.columns
                .iter()
                .flatten()
                .any(|column| matches!(column, Column::About(category, _) if *category == wanted))
        };
        if about(Category::Attendance) {
            "register"
        } else if about(Category::Attainment) {
            "marksheet"
        } else if self.is_register {
            "export of pupil records"
        } else if self.has(Column::Class) || self.has(Column::Year) {
            "class list"
        } else {
            "list"
        }
    }

    /// Whether it is worth calling a list: three are one, and so is any register of children.
    pub fn is_list(&self) -> bool {
        self.people() >= 3 || (self.is_register && self.people() > 0)
    }

    /// Reads the next row.
    pub fn read(&mut self, cells: &[String], roster: &RosterIndex, today: Date) -> Row {
        self.rows = self.rows.saturating_add(1);
        let cells: Vec<String> = cells
            .iter()
            .map(|cell| clean(cell).trim().to_owned())
            .collect();
        if self.is_heading(&cells) {
            return Row {
                of: RowOf::Nobody,
                sightings: Vec::new(),
                tally: Tally::default(),
                heading: true,
            };
        }
        let mut sightings = Vec::new();
        let mut tally = Tally::default();
        for (at, cell) in cells
            .iter()
            .enumerate()
            .filter(|(_, cell)| !cell.is_empty())
        {
            let column = self.columns.get(at).copied().flatten();
            let setting = match column {
                Some(Column::Identifier(kind)) => Setting::Column(kind),
                _ => Setting::Prose,
            };
            sightings.extend(
                identifiers::find(cell, setting)
                    .into_iter()
                    .map(|sighting| (at, sighting)),
            );
            match column {
                Some(Column::About(category, floor)) if says_something(cell) => {
                    let floor = if category == Category::Send
                        && matches!(squash(cell).as_str(), "e" | "ehcp")
                    {
                        Sensitivity::HighlySensitive
                    } else {
                        floor
                    };
                    tally.note(category, 6, floor, u32::MAX - at as u32);
                }
                Some(
                    Column::Address
                    | Column::Identifier(Kind::Phone | Kind::Postcode | Kind::Email),
                ) => {
                    tally.note(
                        Category::Contact,
                        4,
                        Sensitivity::Sensitive,
                        u32::MAX - at as u32,
                    );
                }
                Some(Column::Identifier(Kind::NhsNumber | Kind::Chi | Kind::HealthAndCare)) => {
                    tally.note(
                        Category::Health,
                        6,
                        Sensitivity::Sensitive,
                        u32::MAX - at as u32,
                    );
                }
                Some(Column::Identifier(kind))
                    if kind.is_pupil_number()
                        || matches!(kind, Kind::DateOfBirth | Kind::Passport | Kind::Mrz) =>
                {
                    tally.raise(Sensitivity::Sensitive)
                }
                _ => {}
            }
        }
        let (of, vouched) = self.row_of(&cells, &sightings, roster, today);
        match &of {
            RowOf::Roster(pupils, _) => {
                self.known.insert(pupils.clone());
            }
            RowOf::Unknown(digest) => {
                self.unknown.insert(*digest);
                if vouched {
                    self.vouched.insert(*digest);
                }
            }
            RowOf::Nobody => tally = Tally::default(),
        }
        self.tally.merge(&tally);
        Row {
            of,
            sightings,
            tally,
            heading: false,
        }
    }

    /// A heading row has two headings that we know, or is the first and has one and no figures.
    fn is_heading(&mut self, cells: &[String]) -> bool {
        let columns: Vec<Option<Column>> = cells.iter().map(|cell| column(cell)).collect();
        let known = columns.iter().flatten().count();
        let filled = cells.iter().filter(|cell| !cell.is_empty()).count();
        let figures = cells
            .iter()
            .any(|cell| cell.contains(|c: char| c.is_ascii_digit()));
        if known < 2 && !(known == 1 && self.rows == 1 && filled >= 2 && !figures) {
            return false;
        }
        let has = |wanted: &[Column]| {
            columns
                .iter()
                .flatten()
                .any(|column| wanted.contains(column))
        };
        let named = has(&[Column::Forename, Column::Surname, Column::FullName]);
        let of_pupils = has(&[
            Column::Class,
            Column::Year,
            Column::Admission,
            Column::Identifier(Kind::Upn),
            Column::Identifier(Kind::Uln),
            Column::Identifier(Kind::Uci),
            Column::Identifier(Kind::Scn),
            Column::Identifier(Kind::DateOfBirth),
        ]) || columns.iter().flatten().any(|column| {
            matches!(
                column,
                Column::About(
                    Category::Send
                        | Category::FreeMeals
                        | Category::LookedAfter
                        | Category::Attainment
                        | Category::Attendance,
                    _
                )
            )
        });
        let says_pupil = cells.iter().any(|cell| {
            let squashed = squash(cell);
            squashed.contains("pupil") || squashed.contains("student") || squashed.contains("child")
        });
        // A list with jobs or subjects in it is one of staff.
        let of_staff = cells.iter().any(|cell| {
            matches!(
                squash(cell).as_str(),
                "role"
                    | "jobtitle"
                    | "post"
                    | "salary"
                    | "staff"
                    | "staffname"
                    | "teacher"
                    | "governor"
                    | "department"
                    | "subject"
                    | "company"
                    | "organisation"
            )
        });
        self.is_pupils = (named || has(&[Column::Identifier(Kind::Upn)]))
            && (of_pupils || says_pupil)
            && !of_staff;
        self.is_register = self.is_pupils
            && has(&[Column::Identifier(Kind::Upn), Column::Identifier(Kind::Uln)])
            && has(&[Column::Identifier(Kind::DateOfBirth)]);
        // A heading in words says what its column is about as a sentence would: "Date EHC
        // plan last reviewed". What kind of list it is the plain headings have settled.
        self.columns = columns
            .into_iter()
            .zip(cells)
            .map(|(column, cell)| column.or_else(|| spoken_column(cell)))
            .collect();
        true
    }

    fn cell<'a>(&self, cells: &'a [String], wanted: Column) -> Option<&'a str> {
        let at = self
            .columns
            .iter()
            .position(|column| *column == Some(wanted))?;
        cells
            .get(at)
            .map(String::as_str)
            .filter(|cell| !cell.is_empty())
    }

    fn row_of(
        &self,
        cells: &[String],
        sightings: &[(usize, Sighting)],
        roster: &RosterIndex,
        today: Date,
    ) -> (RowOf, bool) {
        let number = sightings
            .iter()
            .map(|(_, sighting)| sighting)
            .find(|sighting| sighting.kind.is_pupil_number() && sighting.confidence >= 0.5);
        for (_, sighting) in sightings
            .iter()
            .filter(|(_, sighting)| sighting.kind == Kind::Upn)
        {
            let found = roster.by_upn(&sighting.value);
            if !found.is_empty() {
                return (RowOf::Roster(found, Identification::Number), true);
            }
        }
        if let Some(admission) = self.cell(cells, Column::Admission) {
            let found = roster.by_admission_number(admission);
            if found.len() == 1 {
                return (RowOf::Roster(found, Identification::Number), true);
            }
        }
        let birth: Option<Date> = sightings
            .iter()
            .filter(|(_, sighting)| sighting.kind == Kind::DateOfBirth)
            .find_map(|(_, sighting)| sighting.value.parse().ok());
        match self.name(cells, roster, birth) {
            Name::Roster(pupils, how) => return (RowOf::Roster(pupils, how), true),
            Name::Adult => return (RowOf::Nobody, false),
            Name::Stranger(digest) => {
                let child = birth.is_some_and(|birth| date_of_birth::is_pupils_age(birth, today));
                // Whoever is too old or too young to be at school is nobody's pupil.
                if number.is_none() && birth.is_some() && !child {
                    return (RowOf::Nobody, false);
                }
                if number.is_some()
                    || self.is_pupils
                    || (child && self.has(Column::Identifier(Kind::DateOfBirth)))
                {
                    let vouched = number.is_some() || child;
                    return (RowOf::Unknown(digest), vouched);
                }
            }
            Name::None => {}
        }
        for (_, sighting) in sightings
            .iter()
            .filter(|(_, sighting)| sighting.kind == Kind::Email)
        {
            for found in [
                roster.by_contact(&sighting.value),
                roster.by_mailbox(&sighting.value),
            ] {
                if !found.is_empty() {
                    return (RowOf::Roster(found, Identification::ContactAddress), true);
                }
            }
        }
        let numbered = [
            Column::Identifier(Kind::Upn),
            Column::Identifier(Kind::Uln),
            Column::Admission,
        ]
        .into_iter()
        .find_map(|column| self.cell(cells, column));
        if let (true, None, Some(cell)) = (self.is_register, number, numbered) {
            return (RowOf::Unknown(key::literal(cell).0), true);
        }
        match (number, birth) {
            (Some(number), Some(_)) => (RowOf::Unknown(Word::of(&number.value).0), true),
            (Some(number), None) if self.is_pupils => {
                (RowOf::Unknown(Word::of(&number.value).0), true)
            }
            _ => (RowOf::Nobody, false),
        }
    }

    fn has(&self, wanted: Column) -> bool {
        self.columns.contains(&Some(wanted))
    }

    /// The name in a row: by its headings, else in two neighbouring cells.
    fn name(&self, cells: &[String], roster: &RosterIndex, birth: Option<Date>) -> Name {
        let class = self
            .cell(cells, Column::Class)
            .and_then(key::class)
            .map(|class| Word::of(&class));
        let year = self
            .cell(cells, Column::Year)
            .and_then(key::year_group)
            .map(|year| Word::of(&year));
        let forename = self.cell(cells, Column::Forename);
        let surname = self.cell(cells, Column::Surname);
        let mut pairs: Vec<(Word, Word)> = Vec::new();
        let mut stranger = None;
        if let (Some(forename), Some(surname)) = (forename, surname) {
            if is_adult(forename) || is_adult(surname) {
                return Name::Adult;
            }
            pairs.push((joined(&words(forename)), joined(&words(surname))));
            stranger = Some(joined(&words(&format!("{forename} {surname}"))).0);
        } else if let Some(full) = self.cell(cells, Column::FullName) {
            if is_adult(full) {
                return Name::Adult;
            }
            pairs = splits(full);
            if pairs.is_empty() {
                pairs.push((joined(&words(full)), Word::EMPTY));
            }
            if !full.contains(|c: char| c.is_ascii_digit())
                && !words(full).is_empty()
                && words(full).len() <= 5
            {
                stranger = Some(joined(&words(full)).0);
            }
        } else if let Some(name) = forename {
            pairs.push((joined(&words(name)), Word::EMPTY));
            stranger = Some(joined(&words(name)).0);
        } else {
            // Names stand among the first columns; a row of thousands is not searched.
            for (at, cell) in cells.iter().enumerate().take(64) {
                let Some(next) = cells
                    .get(at + 1..)
                    .and_then(|rest| rest.iter().find(|cell| !cell.is_empty()))
                else {
                    break;
                };
                if is_name(cell) && is_name(next) {
                    let (a, b) = (joined(&words(cell)), joined(&words(next)));
                    pairs.extend([(a, b), (b, a)]);
                }
            }
        }
        for (forename, surname) in &pairs {
            if roster.is_staff(*forename, *surname) {
                return Name::Adult;
            }
            let mut found = roster.by_name(*forename, *surname);
            if found.len() > 1 {
                let narrow = [
                    birth.map(|birth| key(Tag::ForenameBirth, *forename, key::date(birth))),
                    class.map(|class| key(Tag::ForenameClass, *forename, class)),
                    year.map(|year| key(Tag::ForenameYear, *forename, year)),
                ];
                for narrower in narrow.into_iter().flatten() {
                    let there = roster.find(narrower);
                    let both: Vec<PupilId> = found
                        .iter()
                        .copied()
                        .filter(|id| there.contains(id))
                        .collect();
                    if !both.is_empty() {
                        found = both;
                        break;
                    }
                }
            }
            if !found.is_empty() {
                return Name::Roster(found, Identification::FullName);
            }
        }
        // A first name with a class, year or date of birth in the same row.
        for (forename, surname) in &pairs {
            let alone = *surname == Word::EMPTY;
            let narrow = [
                birth.map(|birth| key(Tag::ForenameBirth, *forename, key::date(birth))),
                class
                    .filter(|_| alone)
                    .map(|class| key(Tag::ForenameClass, *forename, class)),
                year.filter(|_| alone)
                    .map(|year| key(Tag::ForenameYear, *forename, year)),
            ];
            for narrower in narrow.into_iter().flatten() {
                let found = roster.find(narrower);
                if found.len() == 1 {
                    return Name::Roster(found, Identification::ForenameAndContext);
                }
            }
        }
        stranger.map_or(Name::None, Name::Stranger)
    }
}

enum Name {
    Roster(Vec<PupilId>, Identification),
    /// A member of staff, or somebody with a title.
    Adult,
    Stranger(u64),
    None,
}

/// Tables by the part and the name that their rows carry.
pub(crate) type Tables = BTreeMap<String, Table>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_headings_of_a_register_make_its_rows_children() {
        let row = |cells: &[&str]| -> Vec<String> { cells.iter().map(|&c| c.into()).collect() };
        let today = jiff::civil::date(2026, 11, 24);
        let mut table = Table::default();
        let headings = row(&[
            "Unique ID",
            "UPN",
            "Date of birth",
            "Date EHC plan last reviewed",
        ]);
        assert!(table.read(&headings, &RosterIndex::empty(), today).heading);
        let empty = table.read(&row(&["", "", "", ""]), &RosterIndex::empty(), today);
        assert_eq!(empty.of, RowOf::Nobody);
        let filled = row(&["7", "made up", "01/02/2015", "03/04/2026"]);
        let child = table.read(&filled, &RosterIndex::empty(), today);
        assert!(matches!(child.of, RowOf::Unknown(_)));
        assert_eq!(child.tally.categories(), [Category::Send]);
        assert_eq!((table.people(), table.vouched.len()), (1, 1));
    }
}
