//! Answers to what people write to the gateway itself.

use schoolgate_policies::Verdict;

use super::Notices;
use crate::clock::Micros;
use crate::ids::{CaseId, SchoolId, SpoolId};
use crate::notify::{self, Notice, NoticeError, Offer, Remedied};
use crate::remedy;
use crate::stop::Stop;

impl Notices {
    /// What a sender is told of a reply to a hold notice; `offer` while it still waits.
    ///
    /// # Errors
    /// The sender's address is none.
    pub fn remedied(
        &self,
        school: SchoolId,
        case: CaseId,
        stop: &Stop,
        what: &Remedied,
        offer: Option<Offer>,
        now: Micros,
    ) -> Result<Notice, NoticeError> {
        let mut told = self.stop_of(school, &case.to_string(), stop, None);
        told.offer = offer;
        self.write(school, now, |sending, _| {
            notify::remedied(sending, &told, what)
        })
    }

    /// Tells somebody that a sender had a held message sent for a stated reason.
    ///
    /// # Errors
    /// The address is none.
    pub fn overridden(
        &self,
        school: SchoolId,
        case: CaseId,
        stop: &Stop,
        to: &str,
        reason: &str,
        now: Micros,
    ) -> Result<Notice, NoticeError> {
        let told = self.stop_of(school, &case.to_string(), stop, None);
        self.write(school, now, |sending, _| {
            notify::overridden(sending, &told, to, reason)
        })
    }

    /// The answer to mail at an address that nobody reads.
    ///
    /// # Errors
    /// The address is none.
    pub fn nobody_reads(
        &self,
        school: SchoolId,
        to: &str,
        now: Micros,
    ) -> Result<Notice, NoticeError> {
        self.write(school, now, |sending, school| {
            notify::nobody_reads(sending, to, &school.headteacher)
        })
    }

    /// What enforcing would say to a draft, or that it names nobody (`None`).
    ///
    /// # Errors
    /// The sender's address is none.
    pub fn checked(
        &self,
        school: SchoolId,
        message: SpoolId,
        draft: &Stop,
        verdict: Option<Verdict>,
        tips: &Stop,
        now: Micros,
    ) -> Result<Notice, NoticeError> {
        let id = message.to_string();
        let told = self.stop_of(school, &id, draft, None);
        let Some(verdict) = verdict else {
            return self.write(school, now, |sending, school| {
                let check = remedy::check_address(sending.mail_domain);
                notify::check_for_whom(sending, &draft.sender, &school.headteacher, &check)
            });
        };
        let told = match draft.reasons.is_empty() {
            // Nothing stops it: there is no reason to give.
            true => notify::Stop {
                reasons: Vec::new(),
                ..told
            },
            false => told,
        };
        let tips = match tips.reasons.is_empty() {
            true => Vec::new(),
            false => self.stop_of(school, &id, tips, None).reasons,
        };
        self.write(school, now, |sending, _| {
            notify::checked(sending, &told, verdict, &tips)
        })
    }

    /// Tells a sender that no more drafts are checked for a while.
    ///
    /// # Errors
    /// The sender's address is none.
    pub fn too_many_checks(
        &self,
        school: SchoolId,
        to: &str,
        now: Micros,
    ) -> Result<Notice, NoticeError> {
        self.write(school, now, |sending, school| {
            notify::too_many_checks(sending, to, &school.headteacher)
        })
    }
}
