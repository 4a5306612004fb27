//! The registers as CSV files: read with every mistake by file, row and column, and
//! written so that they can be read again.

mod columns;
mod row;
#[cfg(test)]
mod tests;
mod words;
mod write;

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use jiff::civil::Date;
use schoolgate_detectors::roster::{RosterFile, Sheet};
use schoolgate_policies::ExceptionKind;

use self::columns::{Columns, Field, needed};
use self::row::Cells;
use super::record::Draft;

pub use words::{allowances, matter, parse_allowances, parse_consent, parse_matter, parse_upn};
pub use write::write;

/// The file of each kind.
pub const FILES: &[(ExceptionKind, &str)] = &[
    (ExceptionKind::Permission, "permissions.csv"),
    (ExceptionKind::TrustedRecipient, "trusted_recipients.csv"),
    (ExceptionKind::DualRole, "dual_roles.csv"),
    (ExceptionKind::FamilyException, "family_exceptions.csv"),
    (ExceptionKind::ImageConsent, "image_consents.csv"),
    (ExceptionKind::ImageOptOut, "image_opt_outs.csv"),
];

/// Something wrong with a file, without anybody's data in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    pub file: String,
    /// The heading is row 1.
    pub row: Option<u64>,
    pub column: Option<String>,
    /// What is wrong, and what to do.
    pub what: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(row) = self.row {
            write!(f, ", row {row}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
        }
        write!(f, ": {}", self.what)
    }
}

/// What files hold.
#[derive(Debug, Clone, Default)]
pub struct Sheets {
    /// Each with its file and row.
    pub drafts: Vec<(String, Draft)>,
    /// The kinds of which there was a file.
    pub kinds: BTreeSet<ExceptionKind>,
    pub mistakes: Vec<Mistake>,
    /// What was passed over, and why.
    pub notes: Vec<String>,
}

/// The kind that a file is for, by its name: `consent list.csv` holds consents.
pub fn kind_of(name: &str) -> Option<ExceptionKind> {
    let name = name.rsplit(['/', '\\']).next()?.to_lowercase();
    // The more telling word first: "image opt-outs", "photo permissions".
    [
        ("opt", ExceptionKind::ImageOptOut),
        ("consent", ExceptionKind::ImageConsent),
        ("trusted", ExceptionKind::TrustedRecipient),
        ("dual", ExceptionKind::DualRole),
        ("famil", ExceptionKind::FamilyException),
        ("permission", ExceptionKind::Permission),
    ]
    .into_iter()
    .find(|(word, _)| name.contains(word))
    .map(|(_, kind)| kind)
}

/// Reads the files of a folder. A folder without any holds a mistake.
///
/// # Errors
/// The folder or a file cannot be read.
pub fn read_folder(path: &Path, today: Date) -> std::io::Result<Sheets> {
    let mut names: Vec<String> = std::fs::read_dir(path)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<std::io::Result<_>>()?;
    names.retain(|name| name.to_lowercase().ends_with(".csv"));
    names.sort();
    let mut sheets = Sheets::default();
    for name in &names {
        let bytes = std::fs::read(path.join(name))?;
        read(name, &bytes, kind_of(name), today, &mut sheets);
    }
    if names.is_empty() {
        let known: Vec<&str> = FILES.iter().map(|(_, name)| *name).collect();
        sheets.mistakes.push(Mistake {
            file: "the folder".into(),
            row: None,
            column: None,
            what: format!("it holds none of {}", known.join(", ")),
        });
    }
    Ok(sheets)
}

/// Reads one file. Without a kind it is passed over with a mistake.
pub fn read(
    name: &str,
    bytes: &[u8],
    kind: Option<ExceptionKind>,
    today: Date,
    sheets: &mut Sheets,
) {
    let Some(kind) = kind else {
        let known: Vec<&str> = FILES.iter().map(|(_, name)| *name).collect();
        sheets.mistakes.push(Mistake {
            file: name.to_owned(),
            row: None,
            column: None,
            what: format!(
                "its name does not tell what it holds; call it {}",
                known.join(" or ")
            ),
        });
        return;
    };
    sheets.kinds.insert(kind);
    let mut problems = Vec::new();
    let sheet = Sheet::read(&RosterFile { name, bytes }, &mut problems);
    sheets
        .mistakes
        .extend(problems.into_iter().map(|problem| Mistake {
            file: problem.file,
            row: problem.row,
            column: problem.column,
            what: problem.message,
        }));
    let Some(sheet) = sheet else { return };
    let columns = Columns::of(&sheet);
    for heading in columns.unknown(&sheet) {
        sheets
            .notes
            .push(format!("{name}: the column {heading} is not used"));
    }
    let missing: Vec<&str> = needed(kind)
        .iter()
        .filter(|field| columns.place(**field).is_none())
        .map(|field| field.heading())
        .collect();
    if !missing.is_empty() {
        sheets.mistakes.push(Mistake {
            file: name.to_owned(),
            row: None,
            column: None,
            what: format!("it lacks the column(s) {}", missing.join(", ")),
        });
        return;
    }
    for row in &sheet.rows {
        let mut cells = Cells {
            file: name,
            row,
            columns: &columns,
            mistakes: Vec::new(),
        };
        if cells.get(Field::Ended).is_some() {
            sheets.notes.push(format!(
                "{name}, row {}: it has ended and was passed over",
                row.line
            ));
            continue;
        }
        if kind == ExceptionKind::ImageConsent && cells.get(Field::Consent).is_none() {
            sheets.notes.push(format!(
                "{name}, row {}: nothing is said, so consent is missing",
                row.line
            ));
            continue;
        }
        let draft = cells.draft(kind, today);
        match draft {
            Some(draft) if cells.mistakes.is_empty() => match draft.check() {
                Ok(()) => sheets.drafts.push((format!("{name}:{}", row.line), draft)),
                Err(error) => sheets.mistakes.push(cells.mistake(None, error.to_string())),
            },
            _ => sheets.mistakes.append(&mut cells.mistakes),
        }
    }
}
