//! What waits for an answer, and the answers: release, refuse, return.
//!
//! An answer counts once, whatever is clicked twice or by two people: the case moves from
//! open in the transaction that moves its recipients, settles its ticket and writes the
//! audit line.

mod error;
pub mod urgent;

use std::sync::Arc;

use schoolgate_policies::Verdict;

pub use error::ReviewError;

use crate::audit::{Actor, Line};
use crate::clock::{Clock, Micros};
use crate::ids::{CaseId, SchoolId, SpoolId};
use crate::keys::Vault;
use crate::notices::{self, Notices};
use crate::notify::Notice;
use crate::spool::{KeepReason, Spool};
use crate::stop::{Answer, Stop};
use crate::store::cases::{self, CaseKind, CaseRow, CaseState};
use crate::store::messages;
use crate::store::recipients::{self, Standing};
use crate::store::tickets::{self, TicketState};
use crate::store::{Store, StoreError};

/// What a reviewer, a sender or time decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It goes to everybody it was meant for.
    Release,
    /// It goes nowhere; the sender is told.
    Refuse { note: String },
    /// It goes back to its sender with a note.
    Return { note: String },
    /// Nobody answered in time: it goes back to its sender.
    Expire,
}

impl Decision {
    fn state(&self) -> CaseState {
        match self {
            Self::Release => CaseState::Released,
            Self::Refuse { .. } => CaseState::Refused,
            Self::Return { .. } => CaseState::Returned,
            Self::Expire => CaseState::Expired,
        }
    }

    fn standing(&self) -> Standing {
        match self {
            Self::Release => Standing::Queued,
            Self::Refuse { .. } => Standing::Refused,
            Self::Return { .. } | Self::Expire => Standing::Returned,
        }
    }

    /// Released is normal sharing; everything else left nothing out.
    fn ticket(&self) -> TicketState {
        match self {
            Self::Release => TicketState::NoIncident,
            _ => TicketState::NearMiss,
        }
    }

    fn action(&self) -> &'static str {
        match self {
            Self::Release => "case.release",
            Self::Refuse { .. } => "case.refuse",
            Self::Return { .. } => "case.return",
            Self::Expire => "case.expire",
        }
    }

    fn note(&self) -> &str {
        match self {
            Self::Refuse { note } | Self::Return { note } => note,
            Self::Release | Self::Expire => "",
        }
    }
}

/// Digits of a whole number.
const WHOLE: usize = 32;

/// A case with its stop opened.
pub struct Case {
    pub row: CaseRow,
    pub stop: Stop,
}

/// The desk at which cases are answered.
#[derive(Clone)]
pub struct Desk {
    pub store: Store,
    pub vault: Arc<Vault>,
    pub spool: Spool,
    pub clock: Clock,
    pub notices: Notices,
}

impl Desk {
    /// The cases, newest first: open ones, or all.
    ///
    /// # Errors
    /// The store's.
    pub async fn list(
        &self,
        school: Option<SchoolId>,
        all: bool,
    ) -> Result<Vec<Case>, ReviewError> {
        let rows = self
            .store
            .read(move |tx| cases::list(tx, school, all, 1000))
            .await?;
        rows.into_iter().map(|row| self.open(row)).collect()
    }

    /// The same for those who are told of no protected correspondence: it is absent, and so
    /// is its number.
    ///
    /// # Errors
    /// The store's.
    pub async fn list_unprotected(
        &self,
        school: Option<SchoolId>,
        all: bool,
    ) -> Result<Vec<Case>, ReviewError> {
        let mut cases = self.list(school, all).await?;
        cases.retain(|case| !case.stop.route.is_protected());
        Ok(cases)
    }

    /// The one case whose id begins or ends with these digits.
    ///
    /// # Errors
    /// None, or several.
    pub async fn find(&self, digits: &str) -> Result<Case, ReviewError> {
        let digits: String = digits
            .chars()
            .filter(char::is_ascii_hexdigit)
            .collect::<String>()
            .to_lowercase();
        if digits.len() < 4 {
            return Err(ReviewError::TooShort);
        }
        let wanted = digits.clone();
        let found = self
            .store
            .read(move |tx| cases::with_prefix(tx, &wanted))
            .await?;
        let mut cases = Vec::new();
        for id in found {
            let case = self.get(id).await?;
            // Some digits of a protected case find nothing: only who was told the whole
            // number knows of it.
            if digits.len() == WHOLE || !case.stop.route.is_protected() {
                cases.push(case);
            }
        }
        match (cases.pop(), cases.is_empty()) {
            (None, _) => Err(ReviewError::NoCase(digits)),
            (Some(case), true) => Ok(case),
            (Some(_), false) => Err(ReviewError::Ambiguous(digits)),
        }
    }

    /// The case with this id.
    ///
    /// # Errors
    /// There is none.
    pub async fn get(&self, id: CaseId) -> Result<Case, ReviewError> {
        let row = self
            .store
            .read(move |tx| cases::get(tx, id))
            .await?
            .ok_or_else(|| ReviewError::NoCase(id.to_string()))?;
        self.open(row)
    }

    fn open(&self, row: CaseRow) -> Result<Case, ReviewError> {
        let stop = Stop::open(self.vault.of(row.school)?, &row)?;
        Ok(Case { row, stop })
    }

    /// Reads the content of a stopped message for a person, and records that.
    ///
    /// # Errors
    /// The content is gone, or the audit line cannot be written: then nothing is shown.
    pub async fn reveal(
        &self,
        case: &Case,
        actor: &Actor,
        purpose: &str,
    ) -> Result<Arc<[u8]>, ReviewError> {
        let named = |r: &String| r.eq_ignore_ascii_case(&actor.name);
        if case.stop.route.is_protected() && !case.stop.reviewers.iter().any(named) {
            return Err(ReviewError::NotYours(case.row.id));
        }
        let content = self
            .spool
            .content(case.row.message, case.row.school)
            .await?;
        let detail = format!("content shown; purpose: {purpose}");
        let entry = case.stop.audit_entry(case.row.id, actor, detail);
        let line = Line::seal(
            self.vault.of(case.row.school)?,
            self.clock.now(),
            "content.reveal",
            &entry,
        )?;
        self.store.write(move |tx| line.append(tx)).await?;
        Ok(content)
    }

    /// Answers a case, once.
    ///
    /// # Errors
    /// It was answered already, the actor is its sender, or the store fails: then nothing changed.
    pub async fn answer(
        &self,
        case: &Case,
        decision: &Decision,
        actor: &Actor,
    ) -> Result<(), ReviewError> {
        if case.row.state != CaseState::Open {
            return Err(ReviewError::Answered(case.row.id));
        }
        if actor.name.eq_ignore_ascii_case(&case.stop.sender) {
            return Err(ReviewError::OwnMessage);
        }
        let named = |r: &String| r.eq_ignore_ascii_case(&actor.name);
        if case.stop.route.is_protected()
            && *decision != Decision::Expire
            && !case.stop.reviewers.iter().any(named)
        {
            return Err(ReviewError::NotYours(case.row.id));
        }
        let judge_first = match (decision, case.stop.kept) {
            (Decision::Release, Some(KeepReason::Loop | KeepReason::NoSchool)) => {
                return Err(ReviewError::CannotLeave(case.row.id));
            }
            // Nothing leaves without a verdict of its own.
            (Decision::Release, Some(KeepReason::ForeignReversePath)) => {
                Some(self.spool.envelope_to_judge(case.row.message).await?)
            }
            _ => None,
        };
        let now = self.clock.now();
        let keys = self.vault.of(case.row.school)?;
        let mut stop = case.stop.clone();
        stop.answer = Some(Answer {
            by: actor.clone(),
            at: now,
            note: decision.note().to_owned(),
        });
        let body = stop.seal(keys, case.row.id)?;
        let entry = stop.audit_entry(case.row.id, actor, decision.note().to_owned());
        let action = match case.row.kind {
            CaseKind::Review => "case.review",
            _ => decision.action(),
        };
        let line = Line::seal(keys, now, action, &entry)?;
        let mut notices = Vec::new();
        if let Some(letter) = self.letter(case, decision, now).await? {
            notices.push(self.spool.prepare_notice(case.row.school, letter).await?);
        }
        let (id, kind, decision) = (case.row.id, case.row.kind, decision.clone());
        let answered = self
            .store
            .write(move |tx| {
                if !cases::answer(tx, id, decision.state(), &body, now)? {
                    return Ok(None);
                }
                let mut files: Vec<SpoolId> = Vec::new();
                // What is looked at afterwards has left, and what waits for others is not meant.
                let waiting = match kind {
                    CaseKind::Review => Vec::new(),
                    _ => cases::messages(tx, id)?,
                };
                for message in waiting {
                    if let Some(envelope) = &judge_first {
                        messages::judge_after_all(tx, message, envelope, now)?;
                        continue;
                    }
                    recipients::answer(tx, message, decision.standing(), now)?;
                    if messages::finish(tx, message, now)? == Some(true) {
                        files.push(message);
                    }
                }
                tickets::settle(tx, id, decision.ticket(), now)?;
                for notice in &notices {
                    notice.insert(tx, now)?;
                }
                line.append(tx)?;
                Ok(Some(files))
            })
            .await?;
        let Some(files) = answered else {
            return Err(ReviewError::Answered(case.row.id));
        };
        for file in files {
            self.spool.discard_file(file).await;
        }
        Ok(())
    }

    /// The mail that goes with an answer: only to the school's own sender.
    async fn letter(
        &self,
        case: &Case,
        decision: &Decision,
        now: Micros,
    ) -> Result<Option<Notice>, ReviewError> {
        let school = case.row.school;
        if case.row.kind == CaseKind::Review
            || !self.notices.may_write_to(school, &case.stop.sender)
        {
            return Ok(None);
        }
        let original = match decision {
            Decision::Return { .. } | Decision::Expire => {
                // What cannot be read any more cannot be attached; the notice says so.
                self.spool.content(case.row.message, school).await.ok()
            }
            _ => None,
        };
        let letter = match decision {
            Decision::Release if case.row.kind == cases::CaseKind::Hold => return Ok(None),
            Decision::Release => notices::Letter::Released,
            Decision::Refuse { note } => notices::Letter::Refused { note },
            Decision::Return { note } => notices::Letter::Returned {
                note,
                original: original.as_deref(),
            },
            Decision::Expire => notices::Letter::Expired {
                original: original.as_deref(),
            },
        };
        Ok(Some(self.notices.letter(
            school,
            case.row.id,
            &case.stop,
            &letter,
            now,
        )?))
    }

    /// Gives back the cases whose time is up. Returns how many.
    ///
    /// # Errors
    /// The store's; what was done stays done.
    pub async fn expire(&self) -> Result<usize, ReviewError> {
        let now = self.clock.now();
        let rows = self
            .store
            .read(move |tx| cases::expired(tx, now, 200))
            .await?;
        let mut count = 0;
        for row in rows {
            let id = row.id;
            let answer = match self.open(row) {
                Ok(case) => match urgent::next_circle(&case.stop) {
                    Some(time) => self.escalate(&case, time).await,
                    None => {
                        self.answer(&case, &Decision::Expire, &Actor::system())
                            .await
                    }
                },
                Err(error) => Err(error),
            };
            match answer {
                Ok(()) => count += 1,
                Err(error) => tracing::error!(case = %id, %error, "cannot return an expired case"),
            }
        }
        Ok(count)
    }
}

/// The strictest verdict in a case.
pub fn verdict(stop: &Stop) -> Verdict {
    stop.recipients
        .iter()
        .map(|r| r.verdict)
        .max()
        .unwrap_or(Verdict::Quarantine)
}

impl From<StoreError> for ReviewError {
    fn from(error: StoreError) -> Self {
        Self::Spool(error.into())
    }
}
