//! What an attempt came to: recorded with the reports to the sender in one transaction.

use std::sync::atomic::Ordering;

use super::{QUOTA_PAUSE, Queue, QueueError};
use crate::audit::{Actor, Entry, Line};
use crate::clock::{HOUR, Micros};
use crate::delivery::dsn::{self, Report, ReportedRecipient};
use crate::delivery::{Deferral, Outcome, Own, Reply, TlsProof, retry};
use crate::dispatch::JournalBody;
use crate::ids::{JournalId, RecipientId};
use crate::keys::Purpose;
use crate::notices::Alarm;
use crate::spool::{Loaded, LoadedRecipient, Prepared};
use crate::store::journal;
use crate::store::messages::{self, Origin};
use crate::store::recipients::{self, Standing};
use crate::store::{StoreError, Tx};

/// A message older than this that is still tried is worth a word to its sender (RFC 5321 §4.5.4.1).
const DELAY: Micros = 4 * HOUR;
/// An alarm of one kind is not repeated within this time.
const ALARM_EVERY: Micros = HOUR;

/// One recipient's new state.
struct Change {
    id: RecipientId,
    standing: Standing,
    next_attempt_at: Micros,
    reply: Vec<u8>,
    answered: bool,
}

/// The recipients that reports to the sender are about.
#[derive(Default)]
struct Reports {
    failed: Vec<ReportedRecipient>,
    delayed: Vec<ReportedRecipient>,
    relayed: Vec<ReportedRecipient>,
    told_of_delay: Vec<RecipientId>,
}

/// The record of a referral that has left.
struct ReferralLeft {
    audit: Line,
    journal: Option<(JournalId, Vec<u8>)>,
}

impl ReferralLeft {
    fn append(&self, tx: &Tx) -> Result<(), StoreError> {
        if let Some((line, body)) = &self.journal {
            journal::set_body(tx, *line, body)?;
        }
        self.audit.append(tx)
    }
}

/// The place of a recipient's last reply, for its seal.
pub fn reply_place(id: RecipientId) -> String {
    format!("recipients.reply:{id}")
}

impl Queue {
    pub(super) async fn settle(
        &self,
        loaded: &Loaded,
        content: &[u8],
        outcomes: Vec<(RecipientId, Outcome)>,
    ) -> Result<(), QueueError> {
        let now = self.clock.now();
        let mut changes = Vec::new();
        let mut reports = Reports::default();
        let mut alarm = None;
        let mut ways: Vec<(String, TlsProof)> = Vec::new();
        for (id, outcome) in outcomes {
            let Some(recipient) = loaded.recipients.iter().find(|r| r.row.id == id) else {
                continue;
            };
            count(&outcome);
            if let Outcome::Taken { proof, .. } = &outcome
                && loaded.arrival.handling.referral
            {
                ways.push((recipient.path.path.clone(), *proof));
            }
            if let Some(raised) = self.alarm_for(&outcome) {
                alarm = Some(raised);
            }
            changes.push(self.change(loaded, recipient, outcome, &mut reports, now)?);
        }
        let mut prepared = self.write_reports(loaded, content, &reports, now).await?;
        if let Some((alarm, detail)) = alarm.filter(|(alarm, _)| self.is_first(*alarm, now)) {
            let notice = self.notices.alarm(loaded.row.school, alarm, &detail, now)?;
            prepared.push(self.spool.prepare_notice(loaded.row.school, notice).await?);
        }
        let wrote = !prepared.is_empty();
        let message = loaded.row.id;
        let referral = self.referral_left(loaded, &ways, now).await?;
        let file_left = self
            .store
            .write(move |tx| {
                for change in &changes {
                    recipients::attempted(
                        tx,
                        change.id,
                        change.standing,
                        change.next_attempt_at,
                        Some(&change.reply),
                        change.answered,
                        now,
                    )?;
                }
                for id in &reports.told_of_delay {
                    recipients::told_of_delay(tx, *id, now)?;
                }
                for report in &prepared {
                    report.insert(tx, now)?;
                }
                if let Some(left) = &referral {
                    left.append(tx)?;
                }
                messages::finish(tx, message, now)
            })
            .await?;
        if file_left == Some(true) {
            self.spool.discard_file(message).await;
        }
        if wrote {
            self.wake();
        }
        Ok(())
    }

    /// What is recorded when a referral has left: over which TLS, in the audit log and in the
    /// journal. The log names no recipient.
    async fn referral_left(
        &self,
        loaded: &Loaded,
        ways: &[(String, TlsProof)],
        now: Micros,
    ) -> Result<Option<ReferralLeft>, QueueError> {
        let Some(worst) = ways.iter().map(|(_, proof)| *proof).max() else {
            return Ok(None);
        };
        let keys = self.vault.of(loaded.row.school)?;
        let marked = match loaded.arrival.handling.subject_marking() {
            Some(marking) => format!(", {marking} added"),
            None => String::new(),
        };
        let entry = Entry {
            actor: Actor::system(),
            object: loaded.row.id.to_string(),
            detail: format!("{}{marked}", worst.label()),
        };
        let id = loaded.row.id;
        let line = self
            .store
            .read(move |tx| journal::of_message(tx, id))
            .await?;
        let journal = match line {
            None => None,
            Some((line, sealed)) => {
                let place = format!("journal.body:{line}");
                let mut body: JournalBody = keys.open_json(&place, &sealed)?;
                body.referral.extend(ways.iter().cloned());
                Some((line, keys.seal_json(Purpose::Record, &place, &body)?))
            }
        };
        metrics::counter!("schoolgate_referrals", "tls" => match worst {
            TlsProof::Seen => "seen",
            TlsProof::Asked => "asked",
            TlsProof::Neither => "neither",
        })
        .increment(1);
        Ok(Some(ReferralLeft {
            audit: Line::seal(keys, now, "referral.leave", &entry)?,
            journal,
        }))
    }

    fn change(
        &self,
        loaded: &Loaded,
        recipient: &LoadedRecipient,
        outcome: Outcome,
        reports: &mut Reports,
        now: Micros,
    ) -> Result<Change, QueueError> {
        let settings = self.settings.borrow().clone();
        let id = recipient.row.id;
        let attempts = u32::try_from(recipient.row.attempts)
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        let later = retry::next_attempt(&settings.delivery.retry, attempts, loaded.row.id, now);
        let host = |hop: Option<usize>| {
            hop.and_then(|hop| settings.next_hops.get(hop))
                .map(|hop| hop.host.clone())
        };
        let reported = |reply: &Reply, hop: Option<usize>| ReportedRecipient {
            path: recipient.path.path.clone(),
            notify: recipient.path.notify.clone(),
            orcpt: recipient.path.orcpt.clone(),
            reply: reply.clone(),
            remote: host(hop),
            last_attempt_at: Some(now),
            explanation: None,
        };
        let expired = retry::expired(loaded.row.received_at, now, settings.delivery.expire);
        let (standing, next_attempt_at, reply, answered) = match outcome {
            Outcome::Taken {
                hop,
                reply,
                dsn_passed_on,
                ..
            } => {
                if !dsn_passed_on {
                    reports.relayed.push(reported(&reply, Some(hop)));
                }
                (Standing::Taken, now, reply, true)
            }
            Outcome::Failed { hop, reply } => {
                reports.failed.push(reported(&reply, hop));
                (Standing::Failed, now, reply, true)
            }
            Outcome::Deferred { hop, reply, why } if expired => {
                // In doubt at the end of its time: said so, since it may have arrived.
                let last = match why {
                    Deferral::Refused => reply,
                    _ => Own::Expired.into(),
                };
                reports.failed.push(reported(&last, hop));
                (Standing::Failed, now, last, true)
            }
            Outcome::Deferred { hop, reply, why } => {
                let is_late = now - loaded.row.received_at >= DELAY;
                if is_late && recipient.row.delay_told_at.is_none() {
                    reports.delayed.push(reported(&reply, hop));
                    reports.told_of_delay.push(id);
                }
                match why {
                    Deferral::InDoubt => (Standing::InDoubt, later, reply, false),
                    _ => (Standing::Queued, later, reply, true),
                }
            }
            Outcome::Quota { reply, .. } => {
                self.paused_until
                    .store(now + QUOTA_PAUSE, Ordering::Relaxed);
                (Standing::Queued, now + QUOTA_PAUSE, reply, true)
            }
        };
        tracing::info!(
            id = %loaded.row.id,
            standing = standing.label(),
            reply = %reply.codes(),
            attempts,
            "delivery"
        );
        let keys = self.vault.of(loaded.row.school)?;
        Ok(Change {
            id,
            standing,
            next_attempt_at,
            reply: keys.seal(
                Purpose::Record,
                &reply_place(id),
                reply.to_string().as_bytes(),
            )?,
            answered,
        })
    }

    /// Reports go only to the school's own senders, and never about our own mail.
    async fn write_reports(
        &self,
        loaded: &Loaded,
        content: &[u8],
        reports: &Reports,
        now: Micros,
    ) -> Result<Vec<Prepared>, QueueError> {
        let to = &loaded.arrival.reverse_path;
        let mut prepared = Vec::new();
        if loaded.row.origin != Origin::Relayed || !self.notices.may_write_to(loaded.row.school, to)
        {
            return Ok(prepared);
        }
        let settings = self.settings.borrow().clone();
        let expire = settings.delivery.expire.as_micros() as i64;
        for (recipients, kind) in [
            (&reports.failed, Kind::Failure),
            (&reports.delayed, Kind::Delay),
            (&reports.relayed, Kind::Relayed),
        ] {
            if recipients.is_empty() {
                continue;
            }
            let id = uuid::Uuid::now_v7().simple().to_string();
            let report = Report {
                hostname: &settings.hostname,
                id: &id,
                at: now,
                to,
                arrived_at: loaded.row.received_at,
                envid: loaded.arrival.envid.as_deref(),
                ret: loaded.arrival.ret.as_deref(),
                recipients,
                original: content,
            };
            let written = match kind {
                Kind::Failure => dsn::failure(&report),
                Kind::Delay => dsn::delay(&report, loaded.row.received_at + expire),
                Kind::Relayed => dsn::relayed(&report),
            };
            if let Some(bytes) = written {
                prepared.push(
                    self.spool
                        .prepare_own(loaded.row.school, Origin::Dsn, to, bytes)
                        .await?,
                );
            }
        }
        Ok(prepared)
    }

    fn alarm_for(&self, outcome: &Outcome) -> Option<(Alarm, String)> {
        let detail = |hop: Option<usize>, reply: &Reply| {
            let settings = self.settings.borrow();
            let name = hop
                .and_then(|hop| settings.next_hops.get(hop))
                .map(|h| h.name.as_str());
            match name {
                Some(name) => format!("next hop {name}: {}", reply.codes()),
                None => reply.codes(),
            }
        };
        match outcome {
            Outcome::Quota { hop, reply } => Some((Alarm::Quota, detail(Some(*hop), reply))),
            Outcome::Deferred { hop, reply, why } => match why {
                Deferral::Unreachable => Some((Alarm::NextHopDown, detail(*hop, reply))),
                Deferral::Configuration => Some((Alarm::NextHopRefusesUs, detail(*hop, reply))),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether this kind of alarm was not raised within the last hour.
    fn is_first(&self, alarm: Alarm, now: Micros) -> bool {
        let Ok(mut raised) = self.alarmed.lock() else {
            return false;
        };
        match raised.iter_mut().find(|(kind, _)| *kind == alarm) {
            Some((_, at)) if now - *at < ALARM_EVERY => false,
            Some((_, at)) => {
                *at = now;
                true
            }
            None => {
                raised.push((alarm, now));
                true
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Failure,
    Delay,
    Relayed,
}

fn count(outcome: &Outcome) {
    let outcome = match outcome {
        Outcome::Taken { .. } => "taken",
        Outcome::Deferred { .. } => "deferred",
        Outcome::Failed { .. } => "failed",
        Outcome::Quota { .. } => "quota",
    };
    metrics::counter!("schoolgate_deliveries", "outcome" => outcome).increment(1);
}
