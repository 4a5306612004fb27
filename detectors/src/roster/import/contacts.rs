//! contacts.csv: one row for each contact of each pupil.

use super::sheet::{Row, Sheet};
use super::{Collector, Problem, columns, email, national_phone};
use crate::normalise::fold;
use crate::roster::{Contact, CourtFlag, Parental, PupilId};

/// Where a contact's fields stand.
pub(super) struct Columns {
    name: Option<usize>,
    title: Option<usize>,
    forename: Option<usize>,
    surname: Option<usize>,
    relationship: Option<usize>,
    responsibility: Option<usize>,
    email: Option<usize>,
    phone: Option<usize>,
    court: Option<usize>,
}

impl Columns {
    /// In a file of contacts, where `forename` and `email` are the contact's.
    fn alone(sheet: &Sheet) -> Columns {
        let either = |clear, plain| sheet.column(clear).or_else(|| sheet.column(plain));
        Columns {
            name: either(columns::CONTACT_NAME, &["name", "fullname"]),
            forename: either(
                columns::CONTACT_FORENAME,
                &["forename", "firstname", "givenname"],
            ),
            surname: either(
                columns::CONTACT_SURNAME,
                &["surname", "lastname", "familyname"],
            ),
            email: either(columns::CONTACT_EMAIL, columns::EMAIL),
            ..Columns::shared(sheet)
        }
    }

    /// In a file of pupils, where only clear headings are the contact's. None when the
    /// file has no contacts.
    pub fn beside_pupils(sheet: &Sheet) -> Option<Columns> {
        let found = Columns {
            name: sheet.column(columns::CONTACT_NAME),
            forename: sheet.column(columns::CONTACT_FORENAME),
            surname: sheet.column(columns::CONTACT_SURNAME),
            email: sheet.column(columns::CONTACT_EMAIL),
            ..Columns::shared(sheet)
        };
        (found.email.is_some() && (found.name.is_some() || found.surname.is_some()))
            .then_some(found)
    }

    fn shared(sheet: &Sheet) -> Columns {
        Columns {
            name: None,
            forename: None,
            surname: None,
            email: None,
            title: sheet.column(columns::TITLE),
            relationship: sheet.column(columns::RELATIONSHIP),
            responsibility: sheet.column(columns::RESPONSIBILITY),
            phone: sheet.column(columns::PHONE),
            court: sheet.column(columns::COURT),
        }
    }
}

pub(super) fn read(sheet: &Sheet, collector: &mut Collector<'_>) {
    let columns = Columns::alone(sheet);
    let upn = sheet.column(columns::UPN);
    let admission = sheet.column(columns::ADMISSION);
    if upn.is_none() && admission.is_none() {
        collector.problems.push(Problem {
            file: sheet.file.clone(),
            row: None,
            column: Some("pupil_upn".into()),
            message: "there is no column that says whose contact each row is; add the heading pupil_upn or admission_number".into(),
            fatal: true,
        });
        return;
    }
    if columns.email.is_none() {
        collector.problem(&sheet.file, None, Some("email"), "there is no column of e-mail addresses, so no recipient can be recognised as a contact; add the heading email");
    }
    if columns.court.is_none() {
        collector.problem(&sheet.file, None, Some("court_order"), "there is no column for court orders, so they count as unknown; add the heading court_order, empty where there is none");
    }
    for row in &sheet.rows {
        let pupil = row
            .get(upn)
            .and_then(|upn| collector.by_upn.get(&upn.to_uppercase().replace(' ', "")))
            .or_else(|| {
                row.get(admission)
                    .and_then(|number| collector.by_admission.get(number))
            })
            .copied();
        let Some(pupil) = pupil else {
            let heading = sheet.heading(upn.or(admission));
            collector.problem(&sheet.file, Some(row.line), heading, "no pupil in the roster has this number; the contact was left out; correct the number or add the pupil");
            continue;
        };
        read_row(sheet, row, &columns, pupil, collector);
    }
}

/// The contact in one row, if it names one.
pub(super) fn read_row(
    sheet: &Sheet,
    row: &Row,
    columns: &Columns,
    pupil: PupilId,
    collector: &mut Collector<'_>,
) {
    let name = row.owned(columns.name).or_else(|| {
        let parts: Vec<&str> = [columns.title, columns.forename, columns.surname]
            .into_iter()
            .filter_map(|column| row.get(column))
            .collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    });
    let written = row.get(columns.email);
    let address = written.and_then(email);
    if written.is_some() && address.is_none() {
        collector.problem(
            &sheet.file,
            Some(row.line),
            sheet.heading(columns.email),
            "this is no e-mail address; the contact was taken without it; correct it in the export",
        );
    }
    if name.is_none() && address.is_none() {
        if columns.name.is_some() || columns.surname.is_some() {
            collector.problem(
                &sheet.file,
                Some(row.line),
                None,
                "the contact has neither name nor address; the row was left out",
            );
        }
        return;
    }
    let court = match columns.court {
        None => CourtFlag::Unknown,
        Some(column) => court_flag(row.get(Some(column)), sheet.heading(Some(column))),
    };
    let contact = Contact {
        pupil,
        name: name.unwrap_or_default(),
        relationship: row.owned(columns.relationship).unwrap_or_default(),
        parental_responsibility: parental(row.get(columns.responsibility)),
        email: address,
        phone: row.get(columns.phone).and_then(national_phone),
        court,
    };
    // Exports by class repeat a contact; a repeated row must not weaken a court flag.
    let same = |known: &&mut Contact| {
        known.pupil == contact.pupil && known.email == contact.email && known.name == contact.name
    };
    match collector
        .roster
        .contacts
        .iter_mut()
        .rev()
        .take(64)
        .find(same)
    {
        Some(known) => {
            if severity(contact.court) > severity(known.court) {
                known.court = contact.court;
            }
        }
        None => collector.roster.contacts.push(contact),
    }
}

fn severity(flag: CourtFlag) -> u8 {
    match flag {
        CourtFlag::None => 0,
        CourtFlag::Unknown => 1,
        CourtFlag::Restricted => 2,
        CourtFlag::NoContact => 3,
    }
}

/// An empty cell under the heading says "none"; any text is a restriction. A plain
/// "no" is an answer to the heading's question, not an order.
pub(super) fn court_flag(cell: Option<&str>, heading: Option<&str>) -> CourtFlag {
    let Some(text) = cell else {
        return CourtFlag::None;
    };
    let folded = fold(text);
    let words = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    if matches!(
        words.as_str(),
        "n" | "no" | "none" | "false" | "f" | "0" | "nil" | "" | "n a" | "na"
    ) {
        return CourtFlag::None;
    }
    if words == "unknown" {
        return CourtFlag::Unknown;
    }
    let heading = heading.map(crate::normalise::squash).unwrap_or_default();
    let forbids = [
        "no contact",
        "not contact",
        "nocontact",
        "must not collect",
        "barred",
        "non molestation",
        "restraining",
        "no access",
    ]
    .iter()
    .any(|phrase| words.contains(phrase));
    if forbids || matches!(heading.as_str(), "nocontact" | "donotcontact" | "barred") {
        CourtFlag::NoContact
    } else {
        CourtFlag::Restricted
    }
}

fn parental(cell: Option<&str>) -> Parental {
    match cell.map(|text| fold(text.trim())).as_deref() {
        Some("y" | "yes" | "t" | "true" | "1") => Parental::Yes,
        Some("n" | "no" | "f" | "false" | "0") => Parental::No,
        _ => Parental::Unknown,
    }
}
