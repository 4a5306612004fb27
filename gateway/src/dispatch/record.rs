//! The verdict and all that goes with it, in one transaction: recipients, judgement,
//! journal, case, ticket, audit line, notices. Then the acts.

use std::sync::Arc;

use schoolgate_detectors::Inspection;
use schoolgate_policies::{FiredRule, Matter, Mode, Told as Role, Verdict, remedies};

use super::bodies::{exceptions, handling_in_words, journal_body, reasons, stop_of, ticket_body};
use super::{DispatchError, Dispatcher};
use crate::audit::{Actor, Entry, Line};
use crate::breach;
use crate::clock::{MINUTE, Micros};
use crate::ids::{CaseId, JournalId, RecipientId};
use crate::judge::{Judged, Judgement, judgement_place};
use crate::keys::{Purpose, Vault};
use crate::notices::{self, Became, Telling, Told};
use crate::remedy::{Grounds, NewOffer};
use crate::review::urgent;
use crate::schools::School;
use crate::spool::{Handling, InMemory, Loaded, Prepared};
use crate::stop::Stop;
use crate::store::cases::{self, CaseKind, CaseRow, CaseState};
use crate::store::journal::{self, JournalRow};
use crate::store::messages;
use crate::store::recipients::{self, Standing};
use crate::store::remedies::{self as store_remedies, NewRemedy};
use crate::store::tickets::{self, TicketRow};
use crate::store::{StoreError, Tx};

/// Within this time, transactions of one sender with one Message-ID are one message that
/// a tenant split.
const SPLIT: Micros = 10 * MINUTE;

/// What was seen and decided of one message.
pub(super) struct Seen<'a> {
    pub inspection: &'a Inspection,
    pub judged: &'a Judged,
    /// Whether the sender may be answered by a notice.
    pub may_answer: bool,
    /// Whether the message carries a DKIM signature.
    pub signed: bool,
}

/// What need not be read back for the delivery.
pub(super) struct Carried {
    /// The content that was inspected.
    pub content: Option<Arc<[u8]>>,
    pub memory: Option<InMemory>,
}

/// A stop with its case, ticket and notices, ready for the transaction.
pub(super) struct PreparedStop {
    pub case: CaseRow,
    pub stop: Stop,
    pub ticket: Option<TicketRow>,
    pub notices: Vec<Prepared>,
    /// The token by which the sender of a hold may answer.
    pub remedy: Option<NewRemedy>,
}

/// A referral to be looked at after it has left, ready for the transaction.
struct PreparedReview {
    case: CaseRow,
    notices: Vec<Prepared>,
}

impl Dispatcher {
    pub(super) async fn record(
        &self,
        school: &Arc<School>,
        loaded: &Arc<Loaded>,
        seen: &Seen<'_>,
        carried: Carried,
    ) -> Result<(), DispatchError> {
        let Seen {
            inspection, judged, ..
        } = *seen;
        let now = self.clock.now();
        let keys = self.vault.of(loaded.row.school)?;
        let id = loaded.row.id;
        let decision = &judged.decision;
        let verdict = decision.verdict();
        let handling = Handling::of(decision);
        let cooling = match handling.referral {
            true => 0,
            false => self.settings.borrow().delivery.cooling_off.as_micros() as i64,
        };
        let stopped = verdict > Verdict::Deliver;
        // When a delivery can begin at once, the verdict and "in doubt" are one commit.
        // Whoever sees the message in between sees it as what it is about to be.
        let Carried { content, memory } = carried;
        let slot = match (cooling == 0 && !stopped, content) {
            (true, Some(content)) => self.queue.slot(id).map(|slot| (slot, content)),
            _ => None,
        };
        let queued = match slot {
            Some(_) => Standing::InDoubt,
            None => Standing::Queued,
        };
        let entries: Vec<(RecipientId, Verdict, Standing)> = loaded
            .recipients
            .iter()
            .enumerate()
            .map(|(i, recipient)| {
                // A recipient without a verdict would be a fault of ours: it does not leave.
                let verdict = decision
                    .recipients
                    .get(i)
                    .filter(|d| d.address == recipient.path.path)
                    .map_or(Verdict::Quarantine, |d| d.verdict);
                (recipient.row.id, verdict, standing(verdict, queued))
            })
            .collect();
        let message_id_index = inspection
            .headers
            .message_id
            .as_ref()
            .map(|m| keys.index("message-id", m));
        let stop = match stopped {
            true => Some(self.prepare_stop(school, loaded, seen, now).await?),
            false => None,
        };
        let tip = match stopped {
            true => None,
            false => self.prepare_tip(school, loaded, seen, now).await?,
        };
        let words = self
            .prepare_words(school, loaded, seen, stop.as_ref(), now)
            .await?;
        let handled = match handling.is_usual() {
            true => None,
            false => Some(self.spool.handled(loaded, handling)?),
        };
        // What lies in memory does not know how it is to be handled.
        let (loaded, envelope, memory) = match handled {
            None => (Arc::clone(loaded), None, memory),
            Some((handled, envelope)) => (Arc::new(handled), Some(envelope), None),
        };
        let loaded = &loaded;
        let review = self.prepare_review(school, loaded, seen, now).await?;
        let told = tip.is_some() || !words.is_empty() || review.is_some();
        let judgement = Judgement {
            facts: judged.facts.clone(),
            inspection: inspection.clone(),
            decision: decision.clone(),
            roster: school.roster_digest.clone(),
        };
        let judgement = keys.seal_json(
            Purpose::Record,
            &judgement_place(&id.to_string()),
            &judgement,
        )?;
        let journal_id = JournalId::new();
        let line = JournalRow {
            id: journal_id,
            school: loaded.row.school,
            message: id,
            received_at: loaded.row.received_at,
            verdict,
            message_id_index,
            sender_index: Some(keys.index("address", &loaded.arrival.reverse_path)),
            body: keys.seal_json(
                Purpose::Record,
                &format!("journal.body:{journal_id}"),
                &journal_body(loaded, school, inspection, judged),
            )?,
        };
        // Who reads the log need not be one of those who may know of it.
        let (what, more) = match decision.route.is_protected() {
            true => ("judged", String::new()),
            false => (
                verdict.as_str(),
                handling_in_words(&loaded.arrival.handling, seen.signed) + &exceptions(decision),
            ),
        };
        let audit = Line::seal(
            keys,
            now,
            "message.judge",
            &Entry {
                actor: Actor::system(),
                object: id.to_string(),
                detail: format!(
                    "{what} by pack {} ({}), detectors {}{more}",
                    decision.pack, decision.pack_digest, inspection.detectors,
                ),
            },
        )?;
        let keeps_journal = !self.settings.borrow().journal.is_zero();
        let vault = Arc::clone(&self.vault);
        let decided = self
            .store
            .write(move |tx| {
                if !messages::decide(tx, id, now)? {
                    return Ok(false);
                }
                for (recipient, verdict, standing) in &entries {
                    recipients::judge(tx, *recipient, *verdict, *standing, now + cooling, now)?;
                }
                cases::insert_judgement(tx, id, line.school, verdict, &judgement, now)?;
                if keeps_journal {
                    journal::insert(tx, &line)?;
                }
                audit.append(tx)?;
                if let Some(envelope) = &envelope {
                    messages::set_arrival(tx, id, envelope)?;
                }
                if let Some(review) = &review {
                    cases::insert(tx, &review.case)?;
                    for notice in &review.notices {
                        notice.insert(tx, now)?;
                    }
                }
                if let Some(stop) = &stop {
                    open_case(tx, &vault, stop, now)?;
                }
                if let Some(tip) = &tip {
                    tip.insert(tx, now)?;
                }
                for notice in &words {
                    notice.insert(tx, now)?;
                }
                Ok(true)
            })
            .await?;
        metrics::counter!("schoolgate_verdicts", "verdict" => verdict.as_str()).increment(1);
        if decision.route.is_protected() {
            tracing::info!(%id, school = %school.settings.id, "judged");
        } else {
            tracing::info!(
                %id,
                school = %school.settings.id,
                verdict = verdict.as_str(),
                would_be = decision.would_be.as_str(),
                rules = %decision.rules.iter().map(|r| r.id.as_str()).collect::<Vec<_>>().join(","),
                recipients = loaded.recipients.len(),
                "judged"
            );
        }
        match slot {
            _ if !decided => {}
            Some((slot, content)) => slot.deliver(Arc::clone(loaded), content, memory),
            None if cooling == 0 && !stopped => self.queue.push(id, memory),
            None => {}
        }
        if decided && (stopped || told) {
            // Notices are due, or the split let some recipients through.
            self.queue.wake();
        }
        Ok(())
    }

    /// What people whom rules name are told, and the alert that a child may be at risk.
    async fn prepare_words(
        &self,
        school: &Arc<School>,
        loaded: &Loaded,
        seen: &Seen<'_>,
        stopped: Option<&PreparedStop>,
        now: Micros,
    ) -> Result<Vec<Prepared>, DispatchError> {
        let Seen {
            inspection, judged, ..
        } = *seen;
        let (number, became) = match stopped {
            None => (loaded.row.id.to_string(), Became::Sent),
            Some(stop) if stop.case.kind == CaseKind::Reject => {
                (stop.case.id.to_string(), Became::Returned)
            }
            Some(stop) => (stop.case.id.to_string(), Became::Waits),
        };
        let people = told(school, inspection, judged, stopped);
        let notices =
            self.notices
                .rules_applied(loaded.row.school, &number, &people, became, now)?;
        let mut words = Vec::new();
        for notice in notices {
            words.push(self.spool.prepare_notice(loaded.row.school, notice).await?);
        }
        Ok(words)
    }

    /// What is looked at after a referral has left.
    async fn prepare_review(
        &self,
        school: &Arc<School>,
        loaded: &Loaded,
        seen: &Seen<'_>,
        now: Micros,
    ) -> Result<Option<PreparedReview>, DispatchError> {
        let Seen {
            inspection, judged, ..
        } = *seen;
        let Some(lane) = &judged.decision.route.fast_lane else {
            return Ok(None);
        };
        let keys = self.vault.of(loaded.row.school)?;
        let reasons = reasons(school, inspection, &judged.decision, |r| {
            r.verdict > Verdict::Deliver
        });
        let mut stop = stop_of(school, inspection, judged, reasons);
        // Who looks at it afterwards is who decides about it now.
        stop.route.deciders = lane.reviewers.clone();
        stop.reviewers = lane.reviewers.iter().map(|r| r.address.clone()).collect();
        if stop.route.matter == Matter::Ordinary {
            stop.route.matter = Matter::Safeguarding;
        }
        let case = CaseId::new();
        let mut notices = Vec::new();
        if let Some(first) = stop.reviewers.first() {
            let notice =
                self.notices
                    .review_referral(loaded.row.school, case, &stop, first, now)?;
            notices.push(self.spool.prepare_notice(loaded.row.school, notice).await?);
        }
        Ok(Some(PreparedReview {
            case: CaseRow {
                id: case,
                school: loaded.row.school,
                message: loaded.row.id,
                kind: CaseKind::Review,
                state: CaseState::Open,
                group_index: keys.index("group", &loaded.row.id.to_string()),
                opened_at: now,
                expires_at: None,
                answered_at: None,
                body: stop.seal(keys, case)?,
            },
            notices,
        }))
    }

    async fn prepare_stop(
        &self,
        school: &Arc<School>,
        loaded: &Loaded,
        seen: &Seen<'_>,
        now: Micros,
    ) -> Result<PreparedStop, DispatchError> {
        let Seen {
            inspection, judged, ..
        } = *seen;
        let keys = self.vault.of(loaded.row.school)?;
        let decision = &judged.decision;
        let verdict = decision.verdict();
        let case = CaseId::new();
        let reasons = reasons(school, inspection, decision, |r| {
            r.mode == Mode::Enforce && r.verdict > Verdict::Deliver
        });
        let stop = stop_of(school, inspection, judged, reasons);
        let kind = match verdict {
            Verdict::Hold => CaseKind::Hold,
            Verdict::Reject => CaseKind::Reject,
            _ => CaseKind::Quarantine,
        };
        // What nobody else may see goes back to its sender, never on to another approver.
        let returns = kind == CaseKind::Hold
            || (kind == CaseKind::Quarantine && decision.route.is_protected());
        let is_urgent = kind == CaseKind::Quarantine && decision.route.is_urgent();
        let expires_at = returns.then(|| match is_urgent {
            true => now + urgent::PATIENCE,
            false => notices::goes_back_at(now),
        });
        let ticket = match kind {
            _ if kind != CaseKind::Reject && decision.opens_ticket() => Some(breach::suspect(
                keys,
                &school.settings.controller,
                case,
                &ticket_body(inspection, judged, &stop),
                now,
            )?),
            _ => None,
        };
        let new_offer = match expires_at.filter(|_| kind == CaseKind::Hold) {
            Some(expires_at) if seen.may_answer => {
                let settings = self.settings.borrow().clone();
                let pack = &school.context.pack;
                let grounds = Grounds {
                    remedies: &remedies(&judged.facts, inspection, decision, pack),
                    terms: &pack.remedies,
                    school: &school.settings,
                    sender: &stop.sender,
                    signed: seen.signed,
                    mail_domain: &settings.mail_domain,
                    route: &decision.route,
                };
                Some(NewOffer::new(keys, case, expires_at, &grounds)?)
            }
            _ => None,
        };
        let (offer, remedy) = match new_offer {
            Some(new) => (Some(new.offer), Some(new.row)),
            None => (None, None),
        };
        let mut prepared = Vec::new();
        let notices = self.notices.on_stop(
            loaded.row.school,
            case,
            &stop,
            Telling {
                kind,
                may_answer: seen.may_answer,
                goes_back_at: expires_at,
                offer,
            },
            now,
        )?;
        for notice in notices {
            prepared.push(self.spool.prepare_notice(loaded.row.school, notice).await?);
        }
        if kind == CaseKind::Reject && seen.may_answer {
            prepared.extend(self.refusal(loaded, &stop, now).await?);
        }
        // Without a Message-ID nothing tells that two transactions are one message.
        let group = match &inspection.headers.message_id {
            // Who may know of one part of a split message need not know of another.
            Some(message_id) => format!(
                "{}\n{message_id}{}",
                loaded.arrival.reverse_path,
                match decision.route.is_protected() {
                    true => decision.route.id(),
                    false => "",
                }
            ),
            None => loaded.row.id.to_string(),
        };
        let closed = kind == CaseKind::Reject;
        Ok(PreparedStop {
            case: CaseRow {
                id: case,
                school: loaded.row.school,
                message: loaded.row.id,
                kind,
                state: if closed {
                    CaseState::Returned
                } else {
                    CaseState::Open
                },
                group_index: keys.index("group", &group),
                opened_at: now,
                expires_at,
                answered_at: closed.then_some(now),
                body: stop.seal(keys, case)?,
            },
            stop,
            ticket,
            notices: prepared,
            remedy,
        })
    }
}

/// Whom rules name, each with the rules that do; nobody of their own message, and nobody
/// who decides about it and so knows of it already.
fn told(
    school: &School,
    inspection: &Inspection,
    judged: &Judged,
    stopped: Option<&PreparedStop>,
) -> Vec<Told> {
    let settings = &school.settings;
    let sender = &judged.facts.sender.address;
    let address = |role: Role| match role {
        Role::Headteacher => &settings.headteacher,
        Role::Dsl => &settings.dsl,
        Role::Dpo => &settings.dpo,
        Role::Technician => &settings.technician,
    };
    let decision = &judged.decision;
    let of = |to: &str, rules: &[&FiredRule], at_risk: bool| {
        let reasons = reasons(school, inspection, decision, |r| {
            rules.iter().any(|rule| rule.id == r.rule)
        });
        Told {
            to: to.to_owned(),
            stop: stop_of(school, inspection, judged, reasons),
            at_risk,
        }
    };
    let mut people = Vec::new();
    let alerts = decision.alerts();
    if !alerts.is_empty() {
        // The lead's own message is for the headteacher.
        let lead = match settings.dsl.eq_ignore_ascii_case(sender) {
            true => &settings.headteacher,
            false => &settings.dsl,
        };
        people.push(of(lead, &alerts, true));
    }
    for (role, rules) in decision.told() {
        let to = address(role);
        let decides = stopped.is_some_and(|stop| {
            stop.case.kind == CaseKind::Quarantine
                && stop
                    .stop
                    .reviewers
                    .iter()
                    .any(|r| r.eq_ignore_ascii_case(to))
        });
        let known = people.iter().any(|p: &Told| p.to.eq_ignore_ascii_case(to));
        if !decides && !known && !to.eq_ignore_ascii_case(sender) {
            people.push(of(to, &rules, false));
        }
    }
    people
}

/// Opens the case, or puts the message into that of the same split message: then there is
/// one notice and one case.
pub(super) fn open_case(
    tx: &Tx,
    vault: &Vault,
    stop: &PreparedStop,
    now: Micros,
) -> Result<(), StoreError> {
    let new = &stop.case;
    let known = cases::open_of_group(tx, new.school, &new.group_index, new.kind, now - SPLIT)?;
    if let Some(known) = known {
        let keys = vault.of(new.school)?;
        let mut body = Stop::open(keys, &known)?;
        body.recipients.extend(stop.stop.recipients.iter().cloned());
        for reason in &stop.stop.reasons {
            if !body.reasons.iter().any(|r| r.rule == reason.rule) {
                body.reasons.push(reason.clone());
            }
        }
        cases::add_message(tx, known.id, new.message)?;
        return cases::set_body(tx, known.id, &body.seal(keys, known.id)?);
    }
    cases::insert(tx, new)?;
    if let Some(ticket) = &stop.ticket {
        tickets::insert(tx, ticket)?;
    }
    if let Some(remedy) = &stop.remedy {
        store_remedies::insert(tx, remedy)?;
    }
    for notice in &stop.notices {
        notice.insert(tx, now)?;
    }
    Ok(())
}

fn standing(verdict: Verdict, queued: Standing) -> Standing {
    match verdict {
        Verdict::Deliver => queued,
        Verdict::Hold => Standing::Held,
        Verdict::Quarantine => Standing::Quarantined,
        Verdict::Reject => Standing::Rejected,
    }
}
