//! An entry with its grounds: why, who said so, who typed it in, who ended it.

use jiff::civil::Date;
use schoolgate_policies::ExceptionKind;
use schoolgate_policies::exceptions::{Entry, EntryError, Standing, What};
use serde::{Deserialize, Serialize};

use crate::audit::Actor;
use crate::clock::{self, Micros};
use crate::ids::ExceptionId;
use crate::keys::{KeyError, Purpose, SchoolKeys};
use crate::store::registers::ExceptionRow;

/// Why something was registered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grounds {
    pub reason: String,
    /// Who decided it; empty: the headteacher.
    pub granted_by: String,
    /// Where the risk assessment is (clauses 001-28 and 003-38); may be empty.
    pub risk_assessment: String,
}

/// Something to be registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub from: Date,
    pub until: Option<Date>,
    pub what: What,
    pub grounds: Grounds,
}

impl Draft {
    /// Whether it may be registered.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self) -> Result<(), EntryError> {
        self.entry(String::new()).check()?;
        let needs_reason = matches!(
            self.what,
            What::Permission(_) | What::TrustedRecipient { .. } | What::FamilyException { .. }
        );
        if needs_reason && self.grounds.reason.trim().is_empty() {
            return Err(EntryError::NoReason);
        }
        Ok(())
    }

    /// The entry that it becomes.
    pub fn entry(&self, id: String) -> Entry {
        Entry {
            id,
            from: self.from,
            until: self.until,
            ended: None,
            what: self.what.clone(),
        }
    }
}

/// Who ended an entry, when and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    pub by: Actor,
    pub at: Micros,
    pub why: String,
}

/// An entry as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub entry: Entry,
    pub grounds: Grounds,
    pub entered_by: Actor,
    pub entered_at: Micros,
    pub ending: Option<Ending>,
}

/// What is sealed when it is entered.
#[derive(Serialize, Deserialize)]
struct Body {
    from: Date,
    until: Option<Date>,
    what: What,
    grounds: Grounds,
    by: Actor,
}

impl Record {
    /// Opens a row.
    ///
    /// # Errors
    /// It does not verify.
    pub(super) fn open(keys: &SchoolKeys, row: &ExceptionRow) -> Result<Self, KeyError> {
        let body: Body = keys.open_json(&body_place(row.id), &row.body)?;
        let ending: Option<Ending> = match &row.ending {
            Some(sealed) => Some(keys.open_json(&ending_place(row.id), sealed)?),
            None => None,
        };
        Ok(Self {
            entry: Entry {
                id: row.id.to_string(),
                from: body.from,
                until: body.until,
                ended: row.ended_at.map(clock::date),
                what: body.what,
            },
            grounds: body.grounds,
            entered_by: body.by,
            entered_at: row.entered_at,
            ending,
        })
    }

    /// Whether it counts on this day or will.
    pub fn counts_from(&self, today: Date) -> bool {
        !matches!(self.entry.standing(today), Standing::Lapsed(_))
    }

    /// Whether an import need not enter this again.
    pub(super) fn says_the_same_as(&self, draft: &Draft) -> bool {
        self.entry.what == draft.what
            && self.entry.until == draft.until
            && self.grounds == draft.grounds
    }

    /// Whether the draft is another word about the same people, which takes this one's place.
    pub(super) fn is_about_the_same_as(&self, draft: &Draft) -> bool {
        match (&self.entry.what, &draft.what) {
            (What::ImageConsent { pupil: a, .. }, What::ImageConsent { pupil: b, .. }) => a == b,
            (What::ImageOptOut { staff: a }, What::ImageOptOut { staff: b }) => a == b,
            (
                What::TrustedRecipient { recipient: a, .. },
                What::TrustedRecipient { recipient: b, .. },
            ) => a == b,
            (
                What::DualRole {
                    staff: a,
                    personal: at,
                    ..
                },
                What::DualRole {
                    staff: b,
                    personal: there,
                    ..
                },
            ) => (a, at) == (b, there),
            (
                What::FamilyException {
                    staff: a, pupil, ..
                },
                What::FamilyException {
                    staff: b,
                    pupil: other,
                    ..
                },
            ) => (a, pupil) == (b, other),
            // Several permissions may stand beside each other; only the same one, until
            // another day or for another reason, is renewed.
            (a, b) => a == b,
        }
    }
}

/// What ends within so many days: how many of each kind, and the first day.
pub fn ending_soon(
    records: &[Record],
    today: Date,
    days: i64,
) -> Vec<(ExceptionKind, usize, Date)> {
    let horizon = today.saturating_add(jiff::Span::new().days(days));
    ExceptionKind::ALL
        .iter()
        .filter_map(|kind| {
            let ends: Vec<Date> = records
                .iter()
                .filter(|record| record.entry.what.kind() == *kind)
                .filter(|record| record.entry.standing(today) == Standing::InForce)
                .filter_map(|record| record.entry.until)
                .filter(|until| *until <= horizon)
                .collect();
            Some((*kind, ends.len(), *ends.iter().min()?))
        })
        .collect()
}

/// Seals what is entered.
pub(super) fn seal(
    keys: &SchoolKeys,
    id: ExceptionId,
    draft: Draft,
    by: &Actor,
) -> Result<Vec<u8>, KeyError> {
    let body = Body {
        from: draft.from,
        until: draft.until,
        what: draft.what,
        grounds: draft.grounds,
        by: by.clone(),
    };
    keys.seal_json(Purpose::Long, &body_place(id), &body)
}

/// Seals an ending.
pub(super) fn seal_ending(
    keys: &SchoolKeys,
    id: ExceptionId,
    ending: &Ending,
) -> Result<Vec<u8>, KeyError> {
    keys.seal_json(Purpose::Long, &ending_place(id), ending)
}

fn body_place(id: ExceptionId) -> String {
    format!("exceptions.body:{id}")
}

fn ending_place(id: ExceptionId) -> String {
    format!("exceptions.ending:{id}")
}
