//! The next hops and their open connections.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::commands::{Needs, is_sound_path};
use super::error::NextHopError;
use super::link::{Encryption, Link, NoLink};
use super::reply::{Own, Reply};
use super::tls::ClientTls;
use super::transaction::{Onward, Turn, carry};
use super::{Asked, Deferral, Outcome, Outgoing, TlsProof};
use crate::config::{Delivery, NextHop, TlsLevel};
use crate::ids::RecipientId;

/// How long a connection may wait for its next message.
const IDLE: Duration = Duration::from_secs(30);
/// Messages over one connection, after which it is made anew.
const MESSAGES: u32 = 100;
/// How long a next hop that could not be reached stands behind the others.
const COOLING: Duration = Duration::from_secs(30);

/// All next hops, ready to send to.
pub struct NextHops {
    hostname: String,
    reply_time: Duration,
    batch: usize,
    most_idle: usize,
    hops: Vec<Hop>,
}

struct Hop {
    settings: NextHop,
    tls: Option<ClientTls>,
    idle: Mutex<Vec<Link>>,
    down_until: Mutex<Option<Instant>>,
}

/// The standing of one recipient between next hops.
type Provisional = HashMap<usize, Outcome>;

impl NextHops {
    /// Loads certificates and keys. The indexes of `hops` are those of
    /// [`NextHops::attempt`] and of every [`Outcome`].
    pub fn new(
        hops: &[NextHop],
        hostname: &str,
        delivery: &Delivery,
    ) -> Result<NextHops, NextHopError> {
        let hops = hops
            .iter()
            .map(|settings| {
                Ok(Hop {
                    tls: ClientTls::load(settings)?,
                    settings: settings.clone(),
                    idle: Mutex::default(),
                    down_until: Mutex::default(),
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(NextHops {
            hostname: hostname.to_owned(),
            reply_time: delivery.reply,
            batch: delivery.batch.max(1),
            most_idle: delivery.concurrency.max(1),
            hops,
        })
    }

    /// Makes one attempt: tries the next hops at `order` in turn until each recipient is
    /// settled, and answers for every recipient of `mail` once, in their order.
    ///
    /// A next hop that cannot be reached, answers 421, or refuses the session or MAIL with
    /// 4xx passes the message on to the next one; one that was found so lately stands last.
    /// A recipient's own 4xx defers it, 5xx fails it. What one next hop cannot carry
    /// (SIZE, 8BITMIME, SMTPUTF8) fails only when no other in `order` can carry it or may
    /// be able to once it is reached.
    ///
    /// `before_dot` is awaited when the next hop has agreed to take the content for those
    /// recipients and nothing of it is sent: it records "in doubt". When it fails nothing
    /// is sent, and they are deferred.
    pub async fn attempt<F, Fut>(
        &self,
        order: &[usize],
        mail: &Outgoing,
        before_dot: F,
    ) -> Vec<(RecipientId, Outcome)>
    where
        F: Fn(Vec<RecipientId>) -> Fut + Send + Sync,
        Fut: Future<Output = Result<(), String>> + Send,
    {
        let needs = Needs::of(mail);
        let mut settled: HashMap<usize, Outcome> = HashMap::new();
        let mut provisional = Provisional::new();
        let mut pending: Vec<usize> = Vec::new();
        let sound = is_sound_path(&mail.reverse_path);
        for (at, recipient) in mail.recipients.iter().enumerate() {
            let wrong = match (sound, is_sound_path(&recipient.path)) {
                (false, _) => Own::BadReversePath,
                (true, false) => Own::BadForwardPath,
                (true, true) if recipient.path.is_empty() => Own::BadForwardPath,
                (true, true) => {
                    pending.push(at);
                    continue;
                }
            };
            settled.insert(at, failed(None, wrong.into()));
        }

        for hop in self.in_order(order) {
            if pending.is_empty() {
                break;
            }
            pending = self
                .deliver_to(
                    hop,
                    mail,
                    &needs,
                    pending,
                    &before_dot,
                    &mut settled,
                    &mut provisional,
                )
                .await;
        }

        let unsettled = || Outcome::Deferred {
            hop: None,
            reply: Own::NoNextHop.into(),
            why: Deferral::Configuration,
        };
        mail.recipients
            .iter()
            .enumerate()
            .map(|(at, recipient)| {
                let outcome = settled
                    .remove(&at)
                    .or_else(|| provisional.remove(&at))
                    .unwrap_or_else(unsettled);
                (recipient.id, outcome)
            })
            .collect()
    }

    /// Closes connections that have been idle for too long. Call it now and then.
    pub fn close_idle(&self) {
        for hop in &self.hops {
            let stale: Vec<Link> = {
                let mut idle = lock(&hop.idle);
                let (fresh, stale) = idle.drain(..).partition(|l| l.idle_since.elapsed() < IDLE);
                *idle = fresh;
                stale
            };
            stale.into_iter().for_each(Link::close);
        }
    }

    /// Says goodbye on every idle connection, for a graceful stop.
    pub fn close_all(&self) {
        for hop in &self.hops {
            let all = std::mem::take(&mut *lock(&hop.idle));
            all.into_iter().for_each(Link::close);
        }
    }

    /// Connects, greets, encrypts and logs in without sending anything, for `doctor`.
    /// Answers how the connection is encrypted, or the reply that stood in the way.
    pub async fn probe(&self, hop: usize) -> Result<Option<String>, Reply> {
        let Some(hop) = self.hops.get(hop) else {
            return Err(Own::NoNextHop.into());
        };
        let link = self
            .open(hop, hop.encryption(false))
            .await
            .map_err(|NoLink(reply)| reply)?;
        let tls = link.tls.clone();
        link.close();
        Ok(tls)
    }

    /// The given order, with those last that could not be reached a moment ago.
    fn in_order(&self, order: &[usize]) -> Vec<usize> {
        let (up, down): (Vec<usize>, Vec<usize>) = order
            .iter()
            .filter(|&&at| at < self.hops.len())
            .partition(|&&at| !self.hops.get(at).is_some_and(Hop::is_down));
        up.into_iter().chain(down).collect()
    }

    /// One next hop; answers who is left for the following one.
    #[allow(
        clippy::too_many_arguments,
        reason = "the attempt's state, passed on whole"
    )]
    async fn deliver_to<F, Fut>(
        &self,
        at: usize,
        mail: &Outgoing,
        needs: &Needs,
        mut pending: Vec<usize>,
        before_dot: &F,
        settled: &mut HashMap<usize, Outcome>,
        provisional: &mut Provisional,
    ) -> Vec<usize>
    where
        F: Fn(Vec<RecipientId>) -> Fut,
        Fut: Future<Output = Result<(), String>>,
    {
        let Some(hop) = self.hops.get(at) else {
            return pending;
        };
        let mut encryption = hop.encryption(mail.require_tls || hop.can_check_for(mail));
        if mail.require_tls && hop.tls.is_none() {
            let why = Deferral::Configuration;
            pass_on(provisional, &pending, at, Own::NotEncrypted.into(), why);
            return pending;
        }
        let mut passed_on = Vec::new();
        let mut link: Option<Link> = None;
        // A connection from the pool may have died there; then one that is new is tried.
        let mut pool = true;
        while !pending.is_empty() {
            let mut current = match link.take() {
                Some(link) => link,
                None => match self.take_for(hop, mail, &mut encryption, pool).await {
                    Ok(link) => link,
                    Err(NoLink(reply)) => {
                        hop.note_down(true);
                        tracing::warn!(
                            hop = hop.settings.name,
                            codes = reply.codes(),
                            "next hop cannot be used"
                        );
                        let why = match reply.is_about_us() || reply.status_is(7, 4) {
                            true => Deferral::Configuration,
                            false => Deferral::Unreachable,
                        };
                        pass_on(provisional, &pending, at, reply, why);
                        passed_on.append(&mut pending);
                        break;
                    }
                },
            };

            // What it cannot carry is another next hop's, or nobody's.
            pending.retain(|&r| {
                let Some(recipient) = mail.recipients.get(r) else {
                    return false;
                };
                match needs.obstacle(&current.abilities, recipient) {
                    None => true,
                    Some(own) => {
                        provisional
                            .entry(r)
                            .or_insert_with(|| failed(Some(at), own.into()));
                        passed_on.push(r);
                        false
                    }
                }
            });
            if pending.is_empty() {
                self.put_back(hop, current);
                break;
            }

            let batch: Vec<usize> = pending.drain(..self.batch.min(pending.len())).collect();
            let reused = current.reused;
            let Turn {
                settled: done,
                onward,
                usable,
            } = carry(&mut current, at, mail, needs, &batch, before_dot).await;
            let checked = current.checked;
            settled.extend(done.into_iter().map(|(r, outcome)| {
                let path = mail.recipients.get(r).map_or("", |r| r.path.as_str());
                (r, hop.proven(outcome, path, mail, checked))
            }));
            current.reused = false;
            if usable && current.sent < MESSAGES {
                link = Some(current);
            } else {
                current.close();
            }
            match onward {
                Onward::Done => {}
                Onward::Again(mut rest) => {
                    rest.append(&mut pending);
                    pending = rest;
                }
                Onward::NextHop {
                    mut rest, stale, ..
                } if stale && reused => {
                    rest.append(&mut pending);
                    pending = rest;
                    pool = false;
                }
                Onward::NextHop {
                    rest, reply, why, ..
                } => {
                    hop.note_down(why == Deferral::Unreachable);
                    let rest: Vec<usize> = rest.into_iter().chain(pending.drain(..)).collect();
                    pass_on(provisional, &rest, at, reply, why);
                    passed_on.extend(rest);
                }
                Onward::Quota { rest, reply } => {
                    let quota = Outcome::Quota { hop: at, reply };
                    for r in rest.into_iter().chain(pending.drain(..)) {
                        settled.insert(r, quota.clone());
                    }
                }
            }
        }
        if let Some(link) = link {
            self.put_back(hop, link);
        }
        passed_on
    }

    /// A connection for a message. One that only prefers TLS takes what there is.
    async fn take_for(
        &self,
        hop: &Hop,
        mail: &Outgoing,
        encryption: &mut Encryption,
        pool: bool,
    ) -> Result<Link, NoLink> {
        let usual = hop.encryption(mail.require_tls);
        match self.take(hop, *encryption, pool).await {
            Err(_) if *encryption != usual => {
                *encryption = usual;
                self.take(hop, usual, pool).await
            }
            taken => taken,
        }
    }

    async fn take(&self, hop: &Hop, encryption: Encryption, pool: bool) -> Result<Link, NoLink> {
        if pool {
            self.close_idle();
            let mut idle = lock(&hop.idle);
            let fits = |l: &Link| encryption != Encryption::Checked || l.checked;
            // The last one put back is the likeliest to live.
            if let Some(at) = idle.iter().rposition(fits) {
                let mut link = idle.remove(at);
                link.reused = true;
                return Ok(link);
            }
        }
        let link = self.open(hop, encryption).await?;
        hop.note_down(false);
        Ok(link)
    }

    async fn open(&self, hop: &Hop, encryption: Encryption) -> Result<Link, NoLink> {
        Link::open(
            &hop.settings,
            hop.tls.as_ref(),
            encryption,
            &self.hostname,
            self.reply_time,
        )
        .await
    }

    fn put_back(&self, hop: &Hop, mut link: Link) {
        link.idle_since = Instant::now();
        let mut idle = lock(&hop.idle);
        if idle.len() < self.most_idle {
            idle.push(link);
        } else {
            drop(idle);
            link.close();
        }
    }
}

impl Hop {
    fn encryption(&self, required: bool) -> Encryption {
        match self.settings.tls {
            _ if required || self.settings.login.is_some() => Encryption::Checked,
            TlsLevel::None => Encryption::Never,
            TlsLevel::Opportunistic => Encryption::IfOffered,
            TlsLevel::Required => Encryption::Checked,
        }
    }

    /// Whether a message would rather go over a checked connection, and this hop has one.
    fn can_check_for(&self, mail: &Outgoing) -> bool {
        let checks = self.tls.as_ref().is_some_and(|tls| tls.checked.is_some());
        mail.prefer_tls.is_some() && checks
    }

    /// The outcome with what is known of TLS.
    fn proven(&self, outcome: Outcome, path: &str, mail: &Outgoing, checked: bool) -> Outcome {
        match outcome {
            Outcome::Taken {
                hop,
                reply,
                tls,
                dsn_passed_on,
                ..
            } => {
                let own = &self.settings.final_for;
                let asked = mail.prefer_tls == Some(Asked::Yes);
                Outcome::Taken {
                    hop,
                    reply,
                    tls,
                    proof: TlsProof::of(path, checked, own, asked),
                    dsn_passed_on,
                }
            }
            other => other,
        }
    }

    fn is_down(&self) -> bool {
        lock(&self.down_until).is_some_and(|until| Instant::now() < until)
    }

    fn note_down(&self, down: bool) {
        *lock(&self.down_until) = down.then(|| Instant::now() + COOLING);
    }
}

/// A next hop that was not reached may yet carry what another could not.
fn pass_on(provisional: &mut Provisional, who: &[usize], hop: usize, reply: Reply, why: Deferral) {
    for &r in who {
        provisional.insert(
            r,
            Outcome::Deferred {
                hop: Some(hop),
                reply: reply.clone(),
                why,
            },
        );
    }
}

fn failed(hop: Option<usize>, reply: Reply) -> Outcome {
    Outcome::Failed { hop, reply }
}

/// The guarded values stay whole whatever panics, so a poisoned lock is taken over.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
