//! One row of a register's file.

use jiff::civil::Date;
use schoolgate_detectors::roster::SheetRow;
use schoolgate_policies::ExceptionKind;
use schoolgate_policies::address::fold;
use schoolgate_policies::exceptions::{Permission, What, Whom};

use super::Mistake;
use super::columns::{Columns, Field};
use super::words::{listed, parse_allowances, parse_consent, parse_matter, parse_upn};
use crate::registers::record::{Draft, Grounds};

/// One row, and what is wrong with it.
pub struct Cells<'a> {
    pub file: &'a str,
    pub row: &'a SheetRow,
    pub columns: &'a Columns,
    pub mistakes: Vec<Mistake>,
}

impl<'a> Cells<'a> {
    /// The text of a cell.
    pub fn get(&self, field: Field) -> Option<&'a str> {
        self.row.get(Some(self.columns.place(field)?))
    }

    /// A mistake in this row.
    pub fn mistake(&self, field: Option<Field>, what: String) -> Mistake {
        Mistake {
            file: self.file.to_owned(),
            row: Some(self.row.line),
            column: field.map(|field| field.heading().to_owned()),
            what,
        }
    }

    fn wrong(&mut self, field: Field, what: impl Into<String>) {
        let mistake = self.mistake(Some(field), what.into());
        self.mistakes.push(mistake);
    }

    fn text(&mut self, field: Field) -> Option<&'a str> {
        let text = self.get(field);
        if text.is_none() {
            self.wrong(field, "it is empty");
        }
        text
    }

    fn address(&mut self, field: Field) -> Option<String> {
        self.text(field).map(fold)
    }

    fn date(&mut self, field: Field) -> Option<Date> {
        let text = self.get(field)?;
        match text.parse() {
            Ok(date) if text.len() == 10 => Some(date),
            _ => {
                self.wrong(
                    field,
                    "this is no date; write it as year-month-day, 2027-07-21",
                );
                None
            }
        }
    }

    fn pupil(&mut self, field: Field, text: &str) -> Option<String> {
        match parse_upn(text) {
            Ok(upn) => Some(upn),
            Err(what) => {
                self.wrong(field, what);
                None
            }
        }
    }

    fn pupils(&mut self) -> Vec<String> {
        let texts = self.get(Field::Pupils).map(listed).unwrap_or_default();
        texts
            .into_iter()
            .filter_map(|text| self.pupil(Field::Pupils, text))
            .collect()
    }

    fn whom(&mut self) -> Option<Whom> {
        match Whom::parse(self.text(Field::Recipient)?) {
            Ok(whom) => Some(whom),
            Err(error) => {
                self.wrong(Field::Recipient, error.to_string());
                None
            }
        }
    }

    /// What the row says; `None`, or mistakes, where it cannot be used.
    pub fn draft(&mut self, kind: ExceptionKind, today: Date) -> Option<Draft> {
        let until = self.date(Field::Expires);
        let from = self.date(Field::Starts).unwrap_or_else(|| {
            // What has lapsed began before it did.
            until.map_or(today, |until| until.min(today))
        });
        let what = self.what(kind)?;
        let owned = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Some(Draft {
            from,
            until,
            what,
            grounds: Grounds {
                reason: owned(self.get(Field::Reason)),
                granted_by: owned(self.get(Field::GrantedBy)),
                risk_assessment: owned(self.get(Field::RiskAssessment)),
            },
        })
    }

    fn what(&mut self, kind: ExceptionKind) -> Option<What> {
        Some(match kind {
            ExceptionKind::Permission => {
                let sender = self.address(Field::Sender);
                let recipient = self.whom();
                let words = self.text(Field::Categories).map(listed).unwrap_or_default();
                let (categories, photos) = match parse_matter(&words) {
                    Ok(matter) => matter,
                    Err(what) => {
                        self.wrong(Field::Categories, what);
                        return None;
                    }
                };
                let words = self.get(Field::Allows).map(listed).unwrap_or_default();
                let allows = match parse_allowances(&words) {
                    Ok(allows) => allows,
                    Err(what) => {
                        self.wrong(Field::Allows, what);
                        return None;
                    }
                };
                What::Permission(Permission {
                    pupils: self.pupils(),
                    sender: sender?,
                    recipient: recipient?,
                    categories,
                    photos,
                    allows,
                })
            }
            ExceptionKind::TrustedRecipient => {
                let (recipient, agency) = (self.whom(), self.text(Field::Kind));
                What::TrustedRecipient {
                    recipient: recipient?,
                    agency: agency?.to_lowercase(),
                }
            }
            ExceptionKind::DualRole => {
                let (staff, personal) = (self.address(Field::Staff), self.address(Field::Personal));
                What::DualRole {
                    pupils: self.pupils(),
                    staff: staff?,
                    personal: personal?,
                }
            }
            ExceptionKind::FamilyException => {
                let (staff, upn) = (self.address(Field::Staff), self.text(Field::Pupil));
                What::FamilyException {
                    pupil: self.pupil(Field::Pupil, upn?)?,
                    staff: staff?,
                    address: self.get(Field::FamilyAddress).map(fold),
                }
            }
            ExceptionKind::ImageConsent => {
                let upn = self.text(Field::Pupil)?;
                let consent = self.text(Field::Consent)?;
                let given = match parse_consent(consent) {
                    Some(given) => given,
                    None => {
                        self.wrong(Field::Consent, "write given or withheld (or yes, no)");
                        return None;
                    }
                };
                What::ImageConsent {
                    pupil: self.pupil(Field::Pupil, upn)?,
                    given,
                }
            }
            ExceptionKind::ImageOptOut => What::ImageOptOut {
                staff: self.address(Field::Staff)?,
            },
        })
    }
}
