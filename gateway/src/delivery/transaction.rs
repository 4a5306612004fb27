//! One transaction over one connection: MAIL, RCPT for each recipient, DATA, the dot.

use std::future::Future;

use super::commands::{Needs, mail_command, rcpt_command};
use super::link::Link;
use super::reply::{Own, Reply};
use super::{Deferral, Outcome, Outgoing, OutgoingRecipient, TlsProof};
use crate::ids::RecipientId;

/// Content goes out in pieces of this size, so that a large one is not doubled in memory.
const PIECE: usize = 64 * 1024;

/// Where a batch stands after its transaction.
pub(super) struct Turn {
    /// Indexes into the message's recipients with what came of each.
    pub(super) settled: Vec<(usize, Outcome)>,
    pub(super) onward: Onward,
    /// The connection can serve again.
    pub(super) usable: bool,
}

/// What is to be done for those who are not settled.
pub(super) enum Onward {
    /// Nobody is left.
    Done,
    /// One transaction takes no more recipients: these go in the next.
    Again(Vec<usize>),
    /// This next hop did not want the message or went away before it had the content.
    NextHop {
        rest: Vec<usize>,
        reply: Reply,
        why: Deferral,
        /// Nothing was answered at all: a pooled connection that had been closed.
        stale: bool,
    },
    /// The sending quota is used up.
    Quota { rest: Vec<usize>, reply: Reply },
}

/// Who is where in the transaction.
struct Batch<'a> {
    hop: usize,
    mail: &'a Outgoing,
    settled: Vec<(usize, Outcome)>,
}

impl Batch<'_> {
    fn settle(&mut self, who: impl IntoIterator<Item = usize>, outcome: &Outcome) {
        self.settled
            .extend(who.into_iter().map(|r| (r, outcome.clone())));
    }

    fn deferred(&self, reply: Reply, why: Deferral) -> Outcome {
        Outcome::Deferred {
            hop: Some(self.hop),
            reply,
            why,
        }
    }

    fn failed(&self, reply: Reply) -> Outcome {
        Outcome::Failed {
            hop: Some(self.hop),
            reply,
        }
    }

    fn turn(self, onward: Onward, usable: bool) -> Turn {
        Turn {
            settled: self.settled,
            onward,
            usable,
        }
    }

    fn next_hop(self, rest: Vec<usize>, reply: Reply, why: Deferral) -> Turn {
        let onward = match rest.is_empty() {
            true => Onward::Done,
            false => Onward::NextHop {
                rest,
                reply,
                why,
                stale: false,
            },
        };
        self.turn(onward, false)
    }

    fn quota(self, rest: Vec<usize>, reply: Reply) -> Turn {
        self.turn(Onward::Quota { rest, reply }, false)
    }
}

/// Carries the message for the recipients at `batch` over `link`.
pub(super) async fn carry<F, Fut>(
    link: &mut Link,
    hop: usize,
    mail: &Outgoing,
    needs: &Needs,
    batch: &[usize],
    before_dot: &F,
) -> Turn
where
    F: Fn(Vec<RecipientId>) -> Fut,
    Fut: Future<Output = Result<(), String>>,
{
    let members: Vec<(usize, &OutgoingRecipient)> = batch
        .iter()
        .filter_map(|&at| mail.recipients.get(at).map(|r| (at, r)))
        .collect();
    let everybody = || members.iter().map(|(at, _)| *at).collect::<Vec<_>>();
    let mut state = Batch {
        hop,
        mail,
        settled: Vec::new(),
    };

    let recipients: Vec<&OutgoingRecipient> = members.iter().map(|(_, r)| *r).collect();
    let mut commands = vec![mail_command(mail, needs, &link.abilities, &recipients)];
    commands.extend(recipients.iter().map(|r| rcpt_command(r, &link.abilities)));
    let mut exchange = link.exchange(&commands).await;

    // MAIL.
    let Some(answer) = exchange.replies.next() else {
        let own = exchange.broken.unwrap_or(Own::Unreachable);
        let onward = Onward::NextHop {
            rest: everybody(),
            reply: own.into(),
            why: Deferral::Unreachable,
            stale: matches!(own, Own::Unreachable | Own::Slow),
        };
        return state.turn(onward, false);
    };
    if !answer.is_positive() {
        if answer.is_sending_quota() {
            return state.quota(everybody(), answer);
        }
        if answer.is_about_us() {
            return state.next_hop(everybody(), answer, Deferral::Configuration);
        }
        if answer.is_permanent() {
            let failed = state.failed(answer);
            state.settle(everybody(), &failed);
            return state.turn(Onward::Done, false);
        }
        let onward = Onward::NextHop {
            rest: everybody(),
            // RFC 5321 §3.8: 421 is also how a server leaves a connection that was idle.
            stale: answer.code() == 421,
            reply: answer,
            why: Deferral::Unreachable,
        };
        return state.turn(onward, false);
    }

    // RCPT, each with its own reply.
    let mut accepted: Vec<usize> = Vec::new();
    let mut again: Vec<usize> = Vec::new();
    let mut left = members.iter().map(|(at, _)| *at);
    while let Some(at) = left.next() {
        let Some(answer) = exchange.replies.next() else {
            let own = exchange.broken.unwrap_or(Own::Unreachable);
            let rest = unsettled(accepted, again, Some(at), left);
            return state.next_hop(rest, own.into(), Deferral::Unreachable);
        };
        if answer.is_positive() {
            accepted.push(at);
        } else if answer.code() == 421 {
            let rest = unsettled(accepted, again, Some(at), left);
            return state.next_hop(rest, answer, Deferral::Unreachable);
        } else if answer.is_sending_quota() {
            let rest = unsettled(accepted, again, Some(at), left);
            return state.quota(rest, answer);
        } else if answer.is_about_us() {
            let rest = unsettled(accepted, again, Some(at), left);
            return state.next_hop(rest, answer, Deferral::Configuration);
        } else if answer.is_too_many_recipients() && !accepted.is_empty() {
            again.push(at);
        } else if answer.is_permanent() {
            let failed = state.failed(answer);
            state.settle([at], &failed);
        } else {
            let deferred = state.deferred(answer, Deferral::Refused);
            state.settle([at], &deferred);
        }
    }

    if accepted.is_empty() {
        let usable = matches!(link.say("RSET").await, Ok(reply) if reply.is_positive());
        return state.turn(Onward::Done, usable);
    }

    // DATA.
    match link.say("DATA").await {
        Ok(answer) if answer.code() == 354 => {}
        Ok(answer) if answer.is_sending_quota() => {
            let rest = unsettled(accepted, again, None, left);
            return state.quota(rest, answer);
        }
        Ok(answer) if answer.code() == 421 || answer.is_about_us() => {
            let why = match answer.code() {
                421 => Deferral::Unreachable,
                _ => Deferral::Configuration,
            };
            let rest = unsettled(accepted, again, None, left);
            return state.next_hop(rest, answer, why);
        }
        Ok(answer) if answer.is_permanent() => {
            let failed = state.failed(answer);
            state.settle(accepted, &failed);
            return state.turn(onward(again), false);
        }
        Ok(answer) if answer.code() / 100 == 4 => {
            let deferred = state.deferred(answer, Deferral::Refused);
            state.settle(accepted, &deferred);
            return state.turn(onward(again), false);
        }
        other => {
            let reply = other.map_or_else(Reply::from, |_| Own::Garbled.into());
            let rest = unsettled(accepted, again, None, left);
            return state.next_hop(rest, reply, Deferral::Unreachable);
        }
    }

    // Whatever happens from here on, the record says that it may have left.
    let ids = accepted
        .iter()
        .filter_map(|&at| mail.recipients.get(at).map(|r| r.id))
        .collect();
    if before_dot(ids).await.is_err() {
        // Closing before the dot takes the message back (RFC 5321 §4.1.1.10).
        let deferred = state.deferred(Own::NotRecorded.into(), Deferral::NotRecorded);
        state.settle(accepted, &deferred);
        state.settle(again, &deferred);
        return state.turn(Onward::Done, false);
    }

    // The content and the dot: one reply for all who were accepted.
    let answer = link.content(pieces(state.mail), state.mail.length()).await;
    link.sent += 1;
    match answer {
        Ok(reply) if reply.is_positive() => {
            let taken = Outcome::Taken {
                hop,
                reply,
                tls: link.tls.clone(),
                // Who knows the next hop says more.
                proof: TlsProof::Neither,
                dsn_passed_on: link.abilities.dsn,
            };
            state.settle(accepted, &taken);
            state.turn(onward(again), true)
        }
        Ok(reply) if reply.is_sending_quota() => {
            let rest = unsettled(accepted, again, None, left);
            state.quota(rest, reply)
        }
        Ok(reply) if reply.is_permanent() => {
            let failed = state.failed(reply);
            state.settle(accepted, &failed);
            state.turn(onward(again), true)
        }
        Ok(reply) if reply.code() / 100 == 4 => {
            let usable = reply.code() != 421;
            let deferred = state.deferred(reply, Deferral::Refused);
            state.settle(accepted, &deferred);
            state.turn(onward(again), usable)
        }
        // No reply, or none that says anything: a duplicate is better than a loss.
        _ => {
            let deferred = state.deferred(Own::InDoubt.into(), Deferral::InDoubt);
            state.settle(accepted, &deferred);
            state.turn(onward(again), false)
        }
    }
}

fn onward(again: Vec<usize>) -> Onward {
    match again.is_empty() {
        true => Onward::Done,
        false => Onward::Again(again),
    }
}

fn unsettled(
    accepted: Vec<usize>,
    again: Vec<usize>,
    this: Option<usize>,
    left: impl Iterator<Item = usize>,
) -> Vec<usize> {
    accepted
        .into_iter()
        .chain(again)
        .chain(this)
        .chain(left)
        .collect()
}

/// The octets to send, less the one CRLF that lettre writes before the dot.
pub(super) fn pieces(mail: &Outgoing) -> impl Iterator<Item = &[u8]> {
    let (trace, content): (&[u8], &[u8]) = match mail.content.strip_suffix(b"\r\n") {
        Some(content) => (&mail.trace, content),
        None if mail.content.is_empty() => {
            (mail.trace.strip_suffix(b"\r\n").unwrap_or(&mail.trace), &[])
        }
        None => (&mail.trace, &mail.content),
    };
    trace.chunks(PIECE).chain(content.chunks(PIECE))
}
