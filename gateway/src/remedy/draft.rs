//! Check before send: a message that names the check address is a draft. It goes to
//! nobody; its sender is told what enforcing would say, and nothing of it is kept.

use schoolgate_detectors::{Inspection, Mailbox};
use schoolgate_policies::{Envelope, Mode, Stance, Verdict};

use super::address::{self, Own};
use super::mailbox::{OwnMail, RemedyError, is_staff, sender, take_in};
use crate::audit::{Entry, Line};
use crate::clock::{HOUR, MINUTE, Micros};
use crate::dispatch::{reasons, stop_of};
use crate::ids::RecipientId;
use crate::judge::judge;
use crate::schools::School;
use crate::spool::Loaded;
use crate::stop::Stop;
use crate::store::recipients::Standing;
use crate::store::remedies::{self, Asked};

/// Drafts that are checked for one sender within [`WITHIN`]. Once more they are told so,
/// then nobody answers.
const CHECKS: i64 = 30;
const WITHIN: Micros = HOUR;
/// Within this time, drafts with one Message-ID are one that a tenant split: one answer does.
const SPLIT: Micros = 10 * MINUTE;

impl OwnMail {
    /// Whether a message names the check address in To or Cc. A mail server may split a
    /// message, so that the envelope of one half does not show it.
    pub fn names_the_check(
        &self,
        school: &School,
        loaded: &Loaded,
        inspection: &Inspection,
    ) -> bool {
        let mail_domain = self.mail_domain();
        is_staff(school, &loaded.arrival.reverse_path)
            && addressed(inspection)
                .any(|mailbox| address::own(&mailbox.address, &mail_domain) == Some(Own::Check))
    }

    /// Answers a draft and takes all of it in.
    ///
    /// # Errors
    /// The store's or the cipher's: nothing was done.
    pub async fn check(
        &self,
        school: &School,
        loaded: &Loaded,
        inspection: &Inspection,
    ) -> Result<(), RemedyError> {
        let now = self.clock.now();
        let mail_domain = self.mail_domain();
        let row = loaded.row.school;
        let keys = self.vault.of(row)?;
        let to = &loaded.arrival.reverse_path;
        let mut forward_paths: Vec<String> = Vec::new();
        for mailbox in addressed(inspection) {
            let path = &mailbox.address;
            let is_known = forward_paths.iter().any(|p| p.eq_ignore_ascii_case(path));
            if !is_known && address::own(path, &mail_domain).is_none() {
                forward_paths.push(path.clone());
            }
        }
        let for_nobody = forward_paths.is_empty();
        let envelope = Envelope {
            reverse_path: to.clone(),
            forward_paths,
        };
        let judged = judge(&school.context, &envelope, inspection, Stance::Enforce, now);
        let decision = &judged.decision;
        let told = |wanted: &dyn Fn(Mode, Verdict) -> bool| -> Stop {
            let reasons = reasons(school, inspection, decision, |r| wanted(r.mode, r.verdict));
            stop_of(school, inspection, &judged, reasons)
        };
        let mut draft = told(&|mode, verdict| mode == Mode::Enforce && verdict > Verdict::Deliver);
        draft.sender.clone_from(to);
        let tips = told(&|mode, _| mode == Mode::Nudge);
        let verdict = (!for_nobody).then(|| decision.verdict());
        let letter = self
            .notices
            .checked(row, loaded.row.id, &draft, verdict, &tips, now)?;
        let letter = self.spool.prepare_notice(row, letter).await?;
        let enough = self.notices.too_many_checks(row, to, now)?;
        let enough = self.spool.prepare_notice(row, enough).await?;
        let entry = Entry {
            actor: sender(to),
            object: loaded.row.id.to_string(),
            detail: "a draft was checked; no copy is kept".into(),
        };
        let line = Line::seal(keys, now, "draft.check", &entry)?;
        let sender_index = self.sender_index(row, to)?;
        let about = inspection
            .headers
            .message_id
            .as_ref()
            .map(|id| keys.index("message-id", id));
        let message = loaded.row.id;
        let ids: Vec<RecipientId> = loaded
            .recipients
            .iter()
            .filter(|recipient| recipient.row.standing == Standing::Unjudged)
            .map(|recipient| recipient.row.id)
            .collect();
        let file = self
            .store
            .write(move |tx| {
                let Some(file) = take_in(tx, message, &ids, now)? else {
                    return Ok(false);
                };
                if let Some(about) = &about {
                    let since = now - SPLIT;
                    if remedies::asked_about(tx, row, &sender_index, Asked::Check, about, since)? {
                        return Ok(file);
                    }
                }
                let asked = remedies::count(tx, row, &sender_index, Asked::Check, now - WITHIN)?;
                if asked > CHECKS {
                    return Ok(file);
                }
                remedies::note(tx, row, &sender_index, Asked::Check, about.as_deref(), now)?;
                let answer = if asked < CHECKS { &letter } else { &enough };
                answer.insert(tx, now)?;
                line.append(tx)?;
                Ok(file)
            })
            .await?;
        metrics::counter!("schoolgate_own_mail", "what" => "draft.check").increment(1);
        self.discard(message, file).await;
        Ok(())
    }
}

/// To and Cc of a message.
fn addressed(inspection: &Inspection) -> impl Iterator<Item = &Mailbox> {
    let headers = &inspection.headers;
    headers.to.iter().chain(&headers.cc)
}
