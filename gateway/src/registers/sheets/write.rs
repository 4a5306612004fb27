//! Registers as files that can be read again.

use jiff::civil::Date;
use schoolgate_policies::ExceptionKind;
use schoolgate_policies::exceptions::What;

use super::columns::{Field, OF_ALL, written};
use super::words::{allowances, matter};
use crate::clock;
use crate::registers::record::Record;

/// The entries of one kind as a file.
///
/// # Errors
/// It cannot be written to memory.
pub fn write(kind: ExceptionKind, records: &[&Record]) -> std::io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let fields: Vec<Field> = written(kind).iter().chain(OF_ALL).copied().collect();
    writer.write_record(fields.iter().map(|field| field.heading()))?;
    for record in records {
        writer.write_record(fields.iter().map(|field| cell(record, *field)))?;
    }
    writer
        .into_inner()
        .map_err(|error| std::io::Error::other(error.to_string()))
}

/// What an entry says, in a cell.
fn cell(record: &Record, field: Field) -> String {
    let entry = &record.entry;
    let ending = record.ending.as_ref();
    let date = |date: Option<Date>| date.map(|d| d.to_string()).unwrap_or_default();
    match (field, &entry.what) {
        (Field::Reason, _) => record.grounds.reason.clone(),
        (Field::RiskAssessment, _) => record.grounds.risk_assessment.clone(),
        (Field::GrantedBy, _) => record.grounds.granted_by.clone(),
        (Field::Starts, _) => entry.from.to_string(),
        (Field::Expires, _) => date(entry.until),
        (Field::Id, _) => entry.id.clone(),
        (Field::EnteredBy, _) => record.entered_by.name.clone(),
        (Field::EnteredAt, _) => clock::show(record.entered_at),
        (Field::Ended, _) => date(entry.ended),
        (Field::EndedBy, _) => ending.map(|e| e.by.name.clone()).unwrap_or_default(),
        (Field::EndedWhy, _) => ending.map(|e| e.why.clone()).unwrap_or_default(),
        (Field::Sender, What::Permission(p)) => p.sender.clone(),
        (Field::Recipient, What::Permission(p)) => p.recipient.as_str().to_owned(),
        (Field::Categories, What::Permission(p)) => matter(p).join(" "),
        (Field::Pupils, What::Permission(p)) => p.pupils.join(" "),
        (Field::Allows, What::Permission(p)) => allowances(p).join(" "),
        (Field::Recipient, What::TrustedRecipient { recipient, .. }) => {
            recipient.as_str().to_owned()
        }
        (Field::Kind, What::TrustedRecipient { agency, .. }) => agency.clone(),
        (
            Field::Staff,
            What::DualRole { staff, .. }
            | What::FamilyException { staff, .. }
            | What::ImageOptOut { staff },
        ) => staff.clone(),
        (Field::Personal, What::DualRole { personal, .. }) => personal.clone(),
        (Field::Pupils, What::DualRole { pupils, .. }) => pupils.join(" "),
        (Field::Pupil, What::FamilyException { pupil, .. } | What::ImageConsent { pupil, .. }) => {
            pupil.clone()
        }
        (Field::FamilyAddress, What::FamilyException { address, .. }) => {
            address.clone().unwrap_or_default()
        }
        (Field::Consent, What::ImageConsent { given, .. }) => match given {
            true => "given".into(),
            false => "withheld".into(),
        },
        _ => String::new(),
    }
}
