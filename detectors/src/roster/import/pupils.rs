//! pupils.csv: one row for each pupil, or for each pupil and contact.

use super::sheet::{Row, Sheet};
use super::{Collector, Problem, columns, contacts, email, is_yes, parse_date};
use crate::identifiers::upn;
use crate::roster::Pupil;

pub(super) fn read(sheet: &Sheet, collector: &mut Collector<'_>) {
    let column = |aliases| sheet.column(aliases);
    let (surname, forename, full_name) = (
        column(columns::SURNAME),
        column(columns::FORENAME),
        column(columns::FULL_NAME),
    );
    let upn_column = column(columns::UPN);
    let dob_column = column(columns::DOB);
    if (surname.is_none() || forename.is_none()) && full_name.is_none() {
        collector.problems.push(Problem {
            file: sheet.file.clone(),
            row: None,
            column: Some("legal_surname, legal_forename".into()),
            message: "there is no column for surname and forename; add the headings legal_surname and legal_forename".into(),
            fatal: true,
        });
        return;
    }
    let contact_columns = contacts::Columns::beside_pupils(sheet);

    for row in &sheet.rows {
        let Some((surname, forename)) = pupil_name(row, surname, forename, full_name) else {
            collector.problem(
                &sheet.file,
                Some(row.line),
                None,
                "surname or forename is missing; the row was left out; complete it in the export",
            );
            continue;
        };
        let written_upn = row
            .get(upn_column)
            .map(|text| text.to_uppercase().replace(' ', ""));
        let upn = written_upn.clone().filter(|written| {
            let valid = upn::is_valid(written);
            if !valid {
                let message = if written.contains("E+") {
                    "Excel turned the number into a rounded one; format the column as text and export again; the pupil was taken without it"
                } else {
                    "the check letter or length of this UPN is wrong; the pupil was taken without it; correct it in the export"
                };
                collector.problem(&sheet.file, Some(row.line), sheet.heading(upn_column), message);
            }
            valid
        });
        let dob = row.get(dob_column).and_then(|text| match parse_date(text) {
            Ok(date) => Some(date),
            Err(message) => {
                collector.problem(
                    &sheet.file,
                    Some(row.line),
                    sheet.heading(dob_column),
                    message,
                );
                None
            }
        });
        let admission_number = row.owned(column(columns::ADMISSION));
        let id = collector.id(
            upn.as_deref(),
            admission_number.as_deref(),
            &surname,
            &forename,
            dob,
        );
        let preferred_forename = row.get(column(columns::PREFERRED_FORENAME)).map(|name| {
            // "Preferred name" may hold the whole name.
            let (first, rest) = name.split_once(' ').unwrap_or((name, ""));
            if rest.eq_ignore_ascii_case(&surname) {
                first.to_owned()
            } else {
                name.to_owned()
            }
        });
        let pupil = Pupil {
            id,
            upn,
            legal_surname: surname,
            legal_forename: forename,
            preferred_forename,
            preferred_surname: row.owned(column(columns::PREFERRED_SURNAME)),
            dob,
            year_group: row.owned(column(columns::YEAR)),
            class: row.owned(column(columns::CLASS)),
            admission_number,
            address: row.owned(column(columns::ADDRESS)),
            postcode: row.owned(column(columns::POSTCODE)),
            email: row.get(column(columns::PUPIL_EMAIL)).and_then(email),
            sen_status: row.owned(column(columns::SEN)),
            fsm: row.get(column(columns::FSM)).is_some_and(is_yes),
            lac: row.get(column(columns::LAC)).is_some_and(is_yes),
        };
        collector.add(pupil, written_upn.as_deref());
        if let Some(columns) = &contact_columns {
            contacts::read_row(sheet, row, columns, id, collector);
        }
    }
}

/// Surname and forename of a row, from two columns or from one.
fn pupil_name(
    row: &Row,
    surname: Option<usize>,
    forename: Option<usize>,
    full: Option<usize>,
) -> Option<(String, String)> {
    if let (Some(surname), Some(forename)) = (row.owned(surname), row.owned(forename)) {
        return Some((surname, forename));
    }
    let full = row.get(full)?;
    let (surname, forename) = full.split_once(',').or_else(|| {
        full.rsplit_once(' ')
            .map(|(forename, surname)| (surname, forename))
    })?;
    let (surname, forename) = (surname.trim(), forename.trim());
    (!surname.is_empty() && !forename.is_empty()).then(|| (surname.to_owned(), forename.to_owned()))
}
