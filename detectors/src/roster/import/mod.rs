//! Reading a roster: four CSV files, or a DfE Common Transfer File.
//!
//! Management information systems have no fixed export, so headings are found through
//! a table of aliases ([`columns`]) and a row that cannot be used is a [`Problem`],
//! not a failure. Problems never quote a name, number or address: they say which file,
//! row and column, and what to do.

mod columns;
mod contacts;
mod ctf;
mod directory;
mod pupils;
mod sheet;

use std::collections::BTreeMap;

use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::{Pupil, PupilId, Roster};
use crate::normalise::{clean, fold};
pub use sheet::{Row as SheetRow, Sheet};

/// One file of a roster.
#[derive(Clone, Copy)]
pub struct RosterFile<'a> {
    /// Its name; `pupils.csv`, `contacts.csv`, `staff.csv`, `agencies.csv` or `….xml`.
    pub name: &'a str,
    pub bytes: &'a [u8],
}

/// Something wrong with a roster file, without anybody's data in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub file: String,
    /// The line of the file, the heading being line 1.
    pub row: Option<u64>,
    /// The heading as the file has it, or the field that has none.
    pub column: Option<String>,
    /// What is wrong, and what to do.
    pub message: String,
    /// Whether the file or the import cannot be used at all.
    pub fatal: bool,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(row) = self.row {
            write!(f, ", row {row}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column {column:?}")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// What an import made.
pub struct Import {
    pub roster: Roster,
    pub problems: Vec<Problem>,
    /// SHA-256 of the files, in hexadecimal: the name of this version of the roster.
    pub digest: String,
}

impl Import {
    /// Whether the roster may be used: no problem is fatal.
    pub fn is_usable(&self) -> bool {
        !self.problems.iter().any(|problem| problem.fatal)
    }
}

/// Reads the files of a roster. The salt belongs to the school and stays the same from
/// import to import, so that pupils keep their ids and nobody else can guess them.
pub fn import(files: &[RosterFile<'_>], salt: &[u8]) -> Import {
    let mut collector = Collector {
        salt,
        roster: Roster::default(),
        problems: Vec::new(),
        by_upn: BTreeMap::new(),
        by_admission: BTreeMap::new(),
        by_id: BTreeMap::new(),
    };
    let mut later = Vec::new();
    for file in files {
        match Kind::of(file) {
            Some(Kind::Ctf) => ctf::read(file, &mut collector),
            Some(Kind::Pupils) => {
                if let Some(sheet) = Sheet::read(file, &mut collector.problems) {
                    pupils::read(&sheet, &mut collector);
                }
            }
            Some(kind) => later.push((kind, file)),
            None => collector.problems.push(Problem {
                file: file.name.into(),
                row: None,
                column: None,
                message: "not one of pupils.csv, contacts.csv, staff.csv, agencies.csv or a Common Transfer File; it was not read".into(),
                fatal: false,
            }),
        }
    }
    for (kind, file) in later {
        let Some(sheet) = Sheet::read(file, &mut collector.problems) else {
            continue;
        };
        match kind {
            Kind::Contacts => contacts::read(&sheet, &mut collector),
            Kind::Staff => directory::read_staff(&sheet, &mut collector),
            Kind::Agencies => directory::read_agencies(&sheet, &mut collector),
            Kind::Pupils | Kind::Ctf => {}
        }
    }
    if collector.roster.pupils.is_empty() {
        collector.problems.push(Problem {
            file: "roster".into(),
            row: None,
            column: None,
            message: "no pupil could be read; give a pupils.csv with the columns upn, legal_surname, legal_forename, dob, year_group, class".into(),
            fatal: true,
        });
    }
    Import {
        roster: collector.roster,
        problems: collector.problems,
        digest: digest(files),
    }
}

/// What a file holds, by its name.
enum Kind {
    Pupils,
    Contacts,
    Staff,
    Agencies,
    Ctf,
}

impl Kind {
    fn of(file: &RosterFile<'_>) -> Option<Kind> {
        let base = file.name.rsplit(['/', '\\']).next().unwrap_or(file.name);
        let name = base.to_ascii_lowercase();
        if name.ends_with(".xml") {
            return Some(Kind::Ctf);
        }
        let stem = name
            .strip_suffix(".csv")
            .or_else(|| name.strip_suffix(".tsv"))
            .or_else(|| name.strip_suffix(".txt"))?;
        // The more telling word first: "pupil contacts.csv" holds contacts.
        for (word, kind) in [
            ("contact", Kind::Contacts),
            ("parent", Kind::Contacts),
            ("staff", Kind::Staff),
            ("agenc", Kind::Agencies),
            ("pupil", Kind::Pupils),
            ("student", Kind::Pupils),
        ] {
            if stem.contains(word) {
                return Some(kind);
            }
        }
        None
    }
}

fn digest(files: &[RosterFile<'_>]) -> String {
    let mut sorted: Vec<_> = files.iter().collect();
    sorted.sort_by_key(|file| file.name);
    let mut hasher = Sha256::new();
    for file in sorted {
        for field in [file.name.as_bytes(), file.bytes] {
            hasher.update((field.len() as u64).to_be_bytes());
            hasher.update(field);
        }
    }
    hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The roster as it grows, with what rows are joined by.
struct Collector<'a> {
    salt: &'a [u8],
    roster: Roster,
    problems: Vec<Problem>,
    by_upn: BTreeMap<String, PupilId>,
    by_admission: BTreeMap<String, PupilId>,
    by_id: BTreeMap<PupilId, usize>,
}

impl Collector<'_> {
    /// The id of a pupil: the first eight octets of a salted SHA-256 of the UPN, else of
    /// the admission number, else of name and date of birth.
    fn id(
        &self,
        upn: Option<&str>,
        admission: Option<&str>,
        surname: &str,
        forename: &str,
        dob: Option<Date>,
    ) -> PupilId {
        let (tag, text) = match (upn, admission) {
            (Some(upn), _) => ("upn", upn.to_owned()),
            (None, Some(admission)) => ("admission", admission.to_owned()),
            (None, None) => {
                let dob = dob.map(|dob| dob.to_string()).unwrap_or_default();
                (
                    "name",
                    format!("{}|{}|{dob}", fold(&clean(surname)), fold(&clean(forename))),
                )
            }
        };
        let mut hasher = Sha256::new();
        hasher.update((self.salt.len() as u64).to_be_bytes());
        hasher.update(self.salt);
        hasher.update(tag.as_bytes());
        hasher.update([0]);
        hasher.update(text.as_bytes());
        let first = hasher
            .finalize()
            .iter()
            .take(8)
            .fold(0u64, |id, &byte| (id << 8) | u64::from(byte));
        PupilId(first)
    }

    /// Adds a pupil, or completes the one already there: exports repeat a pupil for each
    /// contact and class.
    fn add(&mut self, pupil: Pupil, written_upn: Option<&str>) {
        let id = pupil.id;
        if let Some(upn) = written_upn {
            self.by_upn.insert(upn.to_owned(), id);
        }
        if let Some(number) = &pupil.admission_number {
            self.by_admission.insert(number.clone(), id);
        }
        let Some(known) = self
            .by_id
            .get(&id)
            .and_then(|&at| self.roster.pupils.get_mut(at))
        else {
            self.by_id.insert(id, self.roster.pupils.len());
            self.roster.pupils.push(pupil);
            return;
        };
        let fill = |known: &mut Option<String>, new: Option<String>| {
            if known.is_none() {
                *known = new;
            }
        };
        fill(&mut known.upn, pupil.upn);
        fill(&mut known.preferred_forename, pupil.preferred_forename);
        fill(&mut known.preferred_surname, pupil.preferred_surname);
        fill(&mut known.year_group, pupil.year_group);
        fill(&mut known.class, pupil.class);
        fill(&mut known.admission_number, pupil.admission_number);
        fill(&mut known.address, pupil.address);
        fill(&mut known.postcode, pupil.postcode);
        fill(&mut known.email, pupil.email);
        fill(&mut known.sen_status, pupil.sen_status);
        known.dob = known.dob.or(pupil.dob);
        known.fsm |= pupil.fsm;
        known.lac |= pupil.lac;
    }

    fn problem(
        &mut self,
        file: &str,
        row: Option<u64>,
        column: Option<&str>,
        message: impl Into<String>,
    ) {
        self.problems.push(Problem {
            file: file.into(),
            row,
            column: column.map(str::to_owned),
            message: message.into(),
            fatal: false,
        });
    }
}

/// A date as exports write it: day first with `/`, `-` or `.`, two or four digits of
/// year; or ISO, with or without a time after it.
fn parse_date(text: &str) -> Result<Date, &'static str> {
    let text = text.trim();
    let day_part = text.split([' ', 'T']).next().unwrap_or(text);
    let fields: Vec<&str> = day_part.split(['/', '-', '.']).collect();
    let [first, second, third] = fields.as_slice() else {
        return Err("this is no date; write it as dd/mm/yyyy");
    };
    let number = |text: &str| -> Result<i16, &'static str> {
        text.parse()
            .map_err(|_| "this is no date; write it as dd/mm/yyyy")
    };
    let (year, month, day) = if first.len() == 4 {
        (number(first)?, number(second)?, number(third)?)
    } else {
        (number(third)?, number(second)?, number(first)?)
    };
    if (13..=31).contains(&month) && (1..=12).contains(&day) {
        return Err("day and month look swapped (US order); export dates as dd/mm/yyyy");
    }
    let year = match third.len() {
        // Pupils and people at work were born after 1930.
        2 if first.len() != 4 => year + if year < 30 { 2000 } else { 1900 },
        _ => year,
    };
    let narrow = |value: i16| {
        i8::try_from(value).map_err(|_| "there is no such date; correct it in the export")
    };
    Date::new(year, narrow(month)?, narrow(day)?)
        .ok()
        .filter(|date| date.year() >= 1900)
        .ok_or("there is no such date; correct it in the export")
}

/// A telephone number as digits in national form.
fn national_phone(text: &str) -> Option<String> {
    let digits: String = text
        .chars()
        .filter(|c| c.is_ascii_digit() || *c == '+')
        .collect();
    let national = if let Some(rest) = digits
        .strip_prefix("+44")
        .or_else(|| digits.strip_prefix("0044"))
    {
        format!("0{}", rest.trim_start_matches('0'))
    } else {
        digits
    };
    (national.len() >= 10 && national.starts_with('0') && !national.contains('+'))
        .then_some(national)
}

/// An address in lower case, when it is one.
fn email(text: &str) -> Option<String> {
    let text = text
        .trim()
        .trim_matches(['<', '>'])
        .trim_start_matches("mailto:");
    let (local, domain) = text.split_once('@')?;
    (!local.is_empty()
        && domain.contains('.')
        && !text.contains(char::is_whitespace)
        && !domain.contains('@'))
    .then(|| text.to_lowercase())
}

/// Whether a cell says yes.
fn is_yes(text: &str) -> bool {
    matches!(
        fold(text.trim()).as_str(),
        "y" | "yes" | "t" | "true" | "1" | "x" | "eligible" | "current"
    )
}

#[cfg(test)]
mod tests;
