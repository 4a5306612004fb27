//! What a good reply does. The act, the end of the case, the audit line, the token and the
//! reply itself are one transaction: each happens once or not at all.

use std::sync::Arc;

use schoolgate_detectors::Sensitivity;
use schoolgate_policies::pack::RemedyTerms;
use schoolgate_policies::{Barred, Remedies, Stance, Verdict, remedies as policy};

use super::command::Command;
use super::mailbox::{OwnMail, RemedyError, Reply, sender, signed, take_in};
use super::offer::{Grounds, in_words};
use super::subject::with_marking;
use crate::audit::Line;
use crate::clock::{DAY, Micros};
use crate::ids::SpoolId;
use crate::judge::{Judgement, judge, judgement_place};
use crate::notify::{Notice, Remedied};
use crate::spool::{Loaded, Prepared};
use crate::stop::Answer;
use crate::store::cases::{self, CaseKind, CaseState};
use crate::store::messages;
use crate::store::recipients::{self, Standing};
use crate::store::remedies::{self, Asked};
use crate::store::tickets::{self, TicketState};

/// What may be done about a held message as things stand now.
pub(super) struct Prospects {
    remedies: Remedies,
    /// In the order of the store; a tenant may have split one message.
    messages: Vec<SpoolId>,
    contents: Vec<Arc<[u8]>>,
    terms: RemedyTerms,
    mail_domain: String,
}

impl Prospects {
    pub(super) fn grounds<'a>(&'a self, reply: &'a Reply<'_>) -> Grounds<'a> {
        Grounds {
            remedies: &self.remedies,
            terms: &self.terms,
            school: &reply.school.settings,
            sender: &reply.stop.sender,
            signed: signed(&self.contents),
            mail_domain: &self.mail_domain,
            route: &reply.stop.route,
        }
    }
}

/// An act, ready for its transaction.
struct Act {
    state: CaseState,
    standing: Standing,
    ticket: TicketState,
    action: &'static str,
    /// The sender's own words, for the case and the audit log.
    note: String,
    letters: Vec<Notice>,
    /// The messages that take the place of the held ones.
    marked: Vec<Prepared>,
    /// The messages of the case, as the act was made for them.
    messages: Vec<SpoolId>,
    /// How many overrides a day; `None` when it is none.
    at_most: Option<u32>,
}

/// What came of an act.
enum Done {
    Performed {
        files: Vec<SpoolId>,
        reply: bool,
    },
    /// The case was answered in the meantime.
    Late,
    /// The sender has had as many overrides as a day has.
    TooMany,
    /// This reply was dealt with elsewhere.
    Elsewhere,
    /// The case has got another message.
    Changed,
}

impl OwnMail {
    /// Does what a reply asks, or says why not.
    pub(super) async fn obey(
        &self,
        reply: &Reply<'_>,
        command: Command,
    ) -> Result<(), RemedyError> {
        match command {
            Command::Cancel => self.cancel(reply).await,
            Command::Mark => self.mark(reply).await,
            Command::Send { reason } => self.send(reply, reason).await,
        }
    }

    async fn cancel(&self, reply: &Reply<'_>) -> Result<(), RemedyError> {
        let letter = self.letter(reply, &Remedied::Cancelled)?;
        let act = Act {
            state: CaseState::Cancelled,
            standing: Standing::Returned,
            ticket: TicketState::NearMiss,
            action: "case.cancel",
            note: String::new(),
            letters: vec![letter],
            marked: Vec::new(),
            messages: self.messages_of(reply).await?,
            at_most: None,
        };
        self.perform(reply, act).await
    }

    async fn send(&self, reply: &Reply<'_>, reason: String) -> Result<(), RemedyError> {
        let prospects = self.prospects(reply).await?;
        if let Err(barred) = prospects.remedies.send {
            let why = barred.why().to_owned();
            return self
                .say_it_waits(reply, Remedied::NotDone { why }, &prospects)
                .await;
        }
        let now = self.clock.now();
        let people = prospects.grounds(reply).told();
        let Some(told) = in_words(&people, &reply.stop.route) else {
            let why = "there is nobody else at the school who could be told of it".to_owned();
            return self
                .say_it_waits(reply, Remedied::NotDone { why }, &prospects)
                .await;
        };
        let mut letters = vec![self.letter(
            reply,
            &Remedied::Sent {
                reason: reason.clone(),
                told,
            },
        )?];
        for (_, person) in &people {
            let (school, case) = (reply.loaded.row.school, reply.case.id);
            let letter =
                self.notices
                    .overridden(school, case, &reply.stop, person, &reason, now)?;
            letters.push(letter);
        }
        let act = Act {
            state: CaseState::Released,
            standing: Standing::Queued,
            ticket: TicketState::NoIncident,
            action: "case.override",
            note: reason,
            letters,
            marked: Vec::new(),
            messages: prospects.messages,
            at_most: Some(prospects.terms.overrides_a_day),
        };
        self.perform(reply, act).await
    }

    async fn mark(&self, reply: &Reply<'_>) -> Result<(), RemedyError> {
        let prospects = self.prospects(reply).await?;
        let Some(marking) = prospects.remedies.marking.clone() else {
            let why = "the marking alone is not enough for it".to_owned();
            return self
                .say_it_waits(reply, Remedied::NotDone { why }, &prospects)
                .await;
        };
        let breaks_signature = prospects.grounds(reply).breaks_signature();
        let mut marked = Vec::new();
        for (message, content) in prospects.messages.iter().zip(&prospects.contents) {
            let held = self.held(*message).await?;
            let content = with_marking(content, &marking);
            marked.push(self.spool.prepare_changed(&held, &content).await?);
        }
        let note = match breaks_signature {
            true => format!("{marking}; the DKIM signature no longer holds"),
            false => marking.clone(),
        };
        let letter = self.letter(
            reply,
            &Remedied::Marked {
                marking,
                breaks_signature,
            },
        )?;
        let act = Act {
            state: CaseState::Marked,
            standing: Standing::Replaced,
            ticket: TicketState::NearMiss,
            action: "case.mark",
            note,
            letters: vec![letter],
            marked,
            messages: prospects.messages.clone(),
            at_most: None,
        };
        self.perform(reply, act).await
    }

    fn letter(&self, reply: &Reply<'_>, what: &Remedied) -> Result<Notice, RemedyError> {
        let (school, case) = (reply.loaded.row.school, reply.case.id);
        let now = self.clock.now();
        Ok(self
            .notices
            .remedied(school, case, &reply.stop, what, None, now)?)
    }

    async fn messages_of(&self, reply: &Reply<'_>) -> Result<Vec<SpoolId>, RemedyError> {
        let case = reply.case.id;
        Ok(self.store.read(move |tx| cases::messages(tx, case)).await?)
    }

    async fn held(&self, message: SpoolId) -> Result<Loaded, RemedyError> {
        let loaded = self.spool.load(message).await?;
        Ok(loaded.ok_or(crate::spool::SpoolError::Damaged(message))?)
    }

    /// Judges the held messages again from what was seen in them, by today's pack, roster
    /// and exceptions: what a hold has become since counts.
    pub(super) async fn prospects(&self, reply: &Reply<'_>) -> Result<Prospects, RemedyError> {
        let context = &reply.school.context;
        let pack = &context.pack;
        let now = self.clock.now();
        let messages = self.messages_of(reply).await?;
        let mut remedies = Remedies {
            marking: None,
            send: match reply.case.kind {
                CaseKind::Hold => Ok(()),
                _ => Err(Barred::NotHeld),
            },
        };
        let mut contents: Vec<Arc<[u8]>> = Vec::new();
        let mut markable = reply.case.kind == CaseKind::Hold;
        for message in &messages {
            let id = *message;
            let sealed = self.store.read(move |tx| cases::judgement(tx, id)).await?;
            let sealed = sealed.ok_or(crate::store::StoreError::Unreadable {
                what: "a judgement",
                why: "it is gone".into(),
            })?;
            let then: Judgement = reply
                .keys
                .open_json(&judgement_place(&id.to_string()), &sealed)?;
            let envelope = &then.facts.envelope;
            let judged = judge(context, envelope, &then.inspection, Stance::Enforce, now);
            let decision = &judged.decision;
            let here = match decision.verdict() {
                // Nothing would hold it today: then either word lets it go.
                Verdict::Deliver => Remedies {
                    marking: pack.markings.sensitive.first().cloned(),
                    send: Ok(()),
                },
                _ => policy(&judged.facts, &then.inspection, decision, pack),
            };
            remedies.send = remedies.send.and(here.send);
            markable &= here.marking.is_some();
            // Of two levels the upper one stands for both.
            if remedies.marking.is_none() || decision.sensitivity >= Sensitivity::HighlySensitive {
                remedies.marking = here.marking;
            }
            match self.spool.content(id, reply.loaded.row.school).await {
                Ok(content) => contents.push(content),
                // What cannot be read back cannot be marked.
                Err(_) => markable = false,
            }
        }
        if !markable {
            remedies.marking = None;
        }
        if !self.are_one(&messages).await? {
            remedies.send = remedies.send.and(Err(Barred::Several));
        }
        Ok(Prospects {
            remedies,
            messages,
            contents,
            terms: pack.remedies.clone(),
            mail_domain: self.mail_domain(),
        })
    }

    /// Whether all messages of a case say the same: whoever sends something else under the
    /// Message-ID of a held message does not get it out with that one's token.
    async fn are_one(&self, messages: &[SpoolId]) -> Result<bool, RemedyError> {
        let mut digest = None;
        for message in messages {
            let row = self.held(*message).await?.row;
            if digest.get_or_insert_with(|| row.body_digest.clone()) != &row.body_digest {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn perform(&self, reply: &Reply<'_>, act: Act) -> Result<(), RemedyError> {
        let now = self.clock.now();
        let new: Vec<SpoolId> = act.marked.iter().map(Prepared::id).collect();
        let (action, at_most) = (act.action, act.at_most);
        match self.commit(reply, act, now).await? {
            Done::Performed { files, reply: file } => {
                metrics::counter!("schoolgate_own_mail", "what" => action).increment(1);
                tracing::info!(case = %reply.case.id, action, "a sender answered a hold");
                for id in files {
                    self.spool.discard_file(id).await;
                }
                self.discard(reply.loaded.row.id, file).await;
                for id in new {
                    self.spool.announce(id);
                }
                Ok(())
            }
            Done::Elsewhere => Ok(()),
            Done::Changed => Err(RemedyError::Changed),
            Done::Late => {
                let how = "it was answered already";
                self.answer(reply, Remedied::Late { how }, None).await
            }
            Done::TooMany => {
                let most = at_most.unwrap_or_default();
                let why = match most {
                    0 => "the school does not allow it by mail".to_owned(),
                    _ => format!(
                        "you have had {most} messages sent for a reason within 24 hours, which \
                         is the most that the school allows"
                    ),
                };
                let prospects = self.prospects(reply).await?;
                self.say_it_waits(reply, Remedied::NotDone { why }, &prospects)
                    .await
            }
        }
    }

    async fn commit(&self, reply: &Reply<'_>, act: Act, now: Micros) -> Result<Done, RemedyError> {
        let school = reply.loaded.row.school;
        let by = sender(&reply.stop.sender);
        let mut stop = reply.stop.clone();
        stop.answer = Some(Answer {
            by: by.clone(),
            at: now,
            note: act.note.clone(),
        });
        let case = reply.case.id;
        let body = stop.seal(reply.keys, case)?;
        let entry = stop.audit_entry(case, &by, act.note.clone());
        let line = Line::seal(reply.keys, now, act.action, &entry)?;
        let mut letters = Vec::new();
        for letter in act.letters {
            letters.push(self.spool.prepare_notice(school, letter).await?);
        }
        let sender_index = self.sender_index(school, &reply.stop.sender)?;
        let token_index = reply.token_index.clone();
        let (message, recipient) = (reply.loaded.row.id, reply.recipient);
        let (state, standing, ticket) = (act.state, act.standing, act.ticket);
        let (marked, expected, at_most) = (act.marked, act.messages, act.at_most);
        let done = self
            .store
            .write(move |tx| {
                if !Self::still_good(tx, case, &token_index, now)? {
                    return Ok(Done::Late);
                }
                if cases::messages(tx, case)? != expected {
                    return Ok(Done::Changed);
                }
                if let Some(most) = at_most {
                    let what = Asked::Override;
                    if remedies::count(tx, school, &sender_index, what, now - DAY)?
                        >= i64::from(most)
                    {
                        return Ok(Done::TooMany);
                    }
                }
                let Some(reply) = take_in(tx, message, &[recipient], now)? else {
                    return Ok(Done::Elsewhere);
                };
                cases::answer(tx, case, state, &body, now)?;
                remedies::spend(tx, &token_index, now)?;
                if at_most.is_some() {
                    remedies::note(tx, school, &sender_index, Asked::Override, None, now)?;
                }
                let mut files = Vec::new();
                for held in expected {
                    recipients::answer(tx, held, standing, now)?;
                    if messages::finish(tx, held, now)? == Some(true) {
                        files.push(held);
                    }
                }
                for message in &marked {
                    message.insert(tx, now)?;
                }
                tickets::settle(tx, case, ticket, now)?;
                for letter in &letters {
                    letter.insert(tx, now)?;
                }
                line.append(tx)?;
                Ok(Done::Performed { files, reply })
            })
            .await?;
        Ok(done)
    }
}
