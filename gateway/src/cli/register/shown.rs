//! An entry of a register as lists and programs get it.

use jiff::civil::Date;
use schoolgate_policies::ExceptionKind;
use schoolgate_policies::exceptions::{Standing, What};
use serde::Serialize;

use crate::clock::show;
use crate::registers::{self, Record};

/// An entry as lists and programs get it.
#[derive(Serialize)]
pub struct Shown {
    pub id: String,
    pub kind: ExceptionKind,
    pub standing: &'static str,
    pub from: Date,
    until: Option<Date>,
    #[serde(flatten)]
    what: What,
    pub reason: String,
    pub granted_by: String,
    pub risk_assessment: String,
    pub entered_by: String,
    pub entered_at: String,
    ended: Option<Date>,
    pub ended_by: Option<String>,
    pub ended_why: Option<String>,
}

impl Shown {
    /// An entry, on a day.
    pub fn of(record: Record, today: Date) -> Self {
        let (standing, ended) = match record.entry.standing(today) {
            Standing::Ahead => ("ahead", None),
            Standing::InForce => ("in force", None),
            Standing::Lapsed(on) => ("ended", Some(on)),
        };
        Self {
            standing,
            ended,
            kind: record.entry.what.kind(),
            id: record.entry.id,
            from: record.entry.from,
            until: record.entry.until,
            what: record.entry.what,
            reason: record.grounds.reason,
            granted_by: match record.grounds.granted_by {
                nobody if nobody.is_empty() => "headteacher".into(),
                somebody => somebody,
            },
            risk_assessment: record.grounds.risk_assessment,
            entered_by: record.entered_by.name,
            entered_at: show(record.entered_at),
            ended_by: record.ending.as_ref().map(|e| e.by.name.clone()),
            ended_why: record.ending.map(|e| e.why),
        }
    }

    /// What it says, in a few words.
    pub fn words(&self) -> String {
        let for_pupils = |pupils: &[String]| match pupils {
            [] => String::new(),
            pupils => format!(", about {}", pupils.join(" ")),
        };
        match &self.what {
            What::Permission(permission) => {
                let allows = registers::allowances(permission).join(", ");
                let who = match permission.sender.as_str() {
                    "*" => "everybody",
                    sender => sender,
                };
                format!(
                    "{who} to {}: {}{}{}",
                    permission.recipient.as_str(),
                    registers::matter(permission).join(", "),
                    for_pupils(&permission.pupils),
                    match allows.is_empty() {
                        true => String::new(),
                        false => format!(" ({allows})"),
                    }
                )
            }
            What::TrustedRecipient { recipient, agency } => {
                format!("{} as {agency}", recipient.as_str())
            }
            What::DualRole {
                staff,
                personal,
                pupils,
            } => format!("{staff} is a parent at {personal}{}", for_pupils(pupils)),
            What::FamilyException {
                staff,
                pupil,
                address,
            } => format!(
                "{staff} and {pupil}{}",
                address
                    .iter()
                    .map(|at| format!(", at {at}"))
                    .collect::<String>()
            ),
            What::ImageConsent { pupil, given } => match given {
                true => format!("{pupil}: given"),
                false => format!("{pupil}: withheld"),
            },
            What::ImageOptOut { staff } => staff.clone(),
        }
    }

    /// Until when, in words.
    pub fn until(&self) -> String {
        match (self.ended, self.until, self.standing) {
            (Some(ended), _, _) => format!("ended {ended}"),
            (None, Some(until), "ahead") => format!("from {} to {until}", self.from),
            (None, Some(until), _) => until.to_string(),
            (None, None, _) => "until ended".into(),
        }
    }
}
