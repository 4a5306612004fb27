//! Mail on its way out: what is due is tried, the answers are recorded, and what cannot
//! be delivered goes back to its sender.

mod outcome;
mod slot;

pub use outcome::reply_place;
pub use slot::Slot;

use std::collections::HashSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use schoolgate_policies::Decision;
use tokio::sync::{Notify, Semaphore, mpsc, watch};

use crate::clock::{Clock, MINUTE, Micros, SECOND};
use crate::config::Settings;
use crate::delivery::{Asked, Deferral, NextHops, Outcome, Outgoing, OutgoingRecipient, Reply};
use crate::ids::{RecipientId, SpoolId};
use crate::installation::Installation;
use crate::judge::{Judgement, judgement_place};
use crate::keys::Vault;
use crate::notices::{Alarm, Notices};
use crate::remedy::with_marking;
use crate::schools::Schools;
use crate::spool::marker::Marker;
use crate::spool::{InMemory, Loaded, LoadedRecipient, Spool, SpoolError};
use crate::store::messages::Origin;
use crate::store::recipients::{self, Standing};
use crate::store::{Store, StoreError, cases};

/// The longest the queue sleeps without looking: other processes change it too.
const LOOK: Duration = Duration::from_secs(30);
/// Attempts whose outcomes wait for their commit at once. They share commits, and the
/// next hops need not wait for the disk.
const SETTLING: usize = 64;
/// How long a quota answer of a next hop stops all deliveries.
const QUOTA_PAUSE: i64 = 15 * MINUTE;

/// The queue and its runner.
pub struct Queue {
    store: Store,
    vault: Arc<Vault>,
    spool: Spool,
    schools: Arc<Schools>,
    notices: Notices,
    clock: Clock,
    settings: watch::Receiver<Arc<Settings>>,
    hops: watch::Receiver<Arc<NextHops>>,
    handed: mpsc::UnboundedSender<(SpoolId, Option<InMemory>)>,
    look: Notify,
    active: Mutex<HashSet<SpoolId>>,
    /// One for each delivery that may be under way.
    permits: Arc<Semaphore>,
    concurrency: usize,
    /// One for each outcome being recorded.
    settling: Arc<Semaphore>,
    paused_until: AtomicI64,
    /// When an alarm of each kind was raised last.
    alarmed: Mutex<Vec<(Alarm, Micros)>>,
}

/// What the runner takes from [`Queue::push`].
pub type Handed = mpsc::UnboundedReceiver<(SpoolId, Option<InMemory>)>;

/// Why an attempt could not be made or recorded. The recipients stay due.
#[derive(Debug, thiserror::Error)]
pub(crate) enum QueueError {
    #[error(transparent)]
    Spool(#[from] SpoolError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Key(#[from] crate::keys::KeyError),
    #[error(transparent)]
    Notice(#[from] crate::notify::NoticeError),
}

impl Queue {
    /// A queue, and what its runner is given.
    pub fn new(
        installation: &Installation,
        settings: watch::Receiver<Arc<Settings>>,
        hops: watch::Receiver<Arc<NextHops>>,
    ) -> (Arc<Self>, Handed) {
        let (handed, taken) = mpsc::unbounded_channel();
        let concurrency = settings.borrow().delivery.concurrency;
        let queue = Self {
            store: installation.store.clone(),
            vault: Arc::clone(&installation.vault),
            spool: installation.spool.clone(),
            schools: Arc::clone(&installation.schools),
            notices: installation.notices.clone(),
            clock: installation.clock.clone(),
            settings,
            hops,
            handed,
            look: Notify::new(),
            active: Mutex::new(HashSet::new()),
            permits: Arc::new(Semaphore::new(concurrency)),
            concurrency,
            settling: Arc::new(Semaphore::new(SETTLING)),
            paused_until: AtomicI64::new(0),
            alarmed: Mutex::new(Vec::new()),
        };
        (Arc::new(queue), taken)
    }

    /// Hands over a message that is due now.
    pub fn push(&self, id: SpoolId, memory: Option<InMemory>) {
        // The runner ends only with the process; then the next start finds it due.
        let _ = self.handed.send((id, memory));
    }

    /// Something may have become due.
    pub fn wake(&self) {
        self.look.notify_one();
    }

    /// A person says that the quota's time is over.
    pub fn unpause(&self) {
        self.paused_until.store(0, Ordering::Relaxed);
        self.wake();
    }

    /// Until when deliveries are stopped by a quota, microseconds.
    pub fn paused_until(&self) -> Option<i64> {
        let until = self.paused_until.load(Ordering::Relaxed);
        (until > self.clock.now()).then_some(until)
    }

    /// Delivers what is due until `shutdown`.
    pub async fn run(self: Arc<Self>, mut taken: Handed, mut shutdown: watch::Receiver<bool>) {
        let mut pause = Duration::ZERO;
        loop {
            let handed = tokio::select! {
                biased;
                _ = shutdown.wait_for(|stop| *stop) => break,
                handed = taken.recv() => handed,
                () = self.look.notified() => None,
                () = tokio::time::sleep(pause) => None,
            };
            match handed {
                Some((id, memory)) => self.begin(id, memory).await,
                None => pause = self.look_for_due().await,
            }
        }
        // Attempts under way end; a half-sent message is in doubt in the store already.
        let ended = async {
            let all = |permits: usize| u32::try_from(permits).unwrap_or(u32::MAX);
            let _permits = self.permits.acquire_many(all(self.concurrency)).await;
            let _settling = self.settling.acquire_many(all(SETTLING)).await;
        };
        let _ = tokio::time::timeout(Duration::from_secs(20), ended).await;
        self.permits.close();
    }

    /// Begins all that is due; returns how long nothing will be.
    async fn look_for_due(self: &Arc<Self>) -> Duration {
        let now = self.clock.now();
        if let Some(until) = self.paused_until() {
            return micros(until - now).min(LOOK);
        }
        let found = self
            .store
            .read(move |tx| Ok((recipients::due(tx, now, 200)?, recipients::next_due(tx)?)))
            .await;
        let (due, next) = match found {
            Ok(found) => found,
            Err(error) => {
                tracing::error!(%error, "cannot read the queue");
                return Duration::from_secs(5);
            }
        };
        let mut begun = false;
        for id in due {
            let is_active = self.active.lock().is_ok_and(|active| active.contains(&id));
            if !is_active {
                begun = true;
                self.begin(id, None).await;
            }
        }
        match next {
            // More is due than was read at once, or it is under way: look again soon.
            Some(next) if next <= now && begun => Duration::from_millis(50),
            Some(next) if next <= now => Duration::from_secs(1),
            Some(next) => micros(next - now).min(LOOK),
            None => LOOK,
        }
    }

    async fn begin(self: &Arc<Self>, id: SpoolId, memory: Option<InMemory>) {
        if self.paused_until().is_some() {
            return;
        }
        let Ok(permit) = Arc::clone(&self.permits).acquire_owned().await else {
            return;
        };
        if let Some(slot) = Slot::take(self, id, permit) {
            slot.deliver_due(memory);
        }
    }

    /// Delivers those recipients of a message who are due.
    async fn deliver_due(
        &self,
        id: SpoolId,
        memory: Option<InMemory>,
        slot: &mut Slot,
    ) -> Result<(), QueueError> {
        let now = self.clock.now();
        if let Some(memory) = memory {
            // Handed over with its verdict, so all of it is due. That nobody stopped it
            // since, recording "in doubt" will tell.
            let loaded = memory.loaded();
            let due: Vec<&LoadedRecipient> = loaded.recipients.iter().collect();
            let content = Arc::clone(memory.content());
            return self
                .attempt(loaded, &due, content, Doubt::ToRecord, slot)
                .await;
        }
        let Some(loaded) = self.spool.load(id).await? else {
            return Ok(());
        };
        let due: Vec<&LoadedRecipient> = loaded
            .recipients
            .iter()
            .filter(|r| matches!(r.row.standing, Standing::Queued | Standing::InDoubt))
            .filter(|r| r.row.next_attempt_at <= now)
            .collect();
        if due.is_empty() {
            return Ok(());
        }
        let content = match self.spool.content(id, loaded.row.school).await {
            Ok(content) => content,
            Err(error @ (SpoolError::Damaged(_) | SpoolError::Key(_))) => {
                return self.defer_damaged(&loaded, &due, &error).await;
            }
            Err(error) => return Err(error.into()),
        };
        self.attempt(&loaded, &due, content, Doubt::ToRecord, slot)
            .await
    }

    /// Content that cannot be read back is tried again on the usual schedule, since a
    /// backup may bring it back, and goes to its sender as undeliverable in the end.
    async fn defer_damaged(
        &self,
        loaded: &Loaded,
        due: &[&LoadedRecipient],
        error: &SpoolError,
    ) -> Result<(), QueueError> {
        tracing::error!(id = %loaded.row.id, %error, "content cannot be read back");
        let outcomes = due
            .iter()
            .map(|recipient| {
                let outcome = Outcome::Deferred {
                    hop: None,
                    reply: Reply::new(451, "4.3.0 The stored content cannot be read back"),
                    why: Deferral::Refused,
                };
                (recipient.row.id, outcome)
            })
            .collect();
        self.settle(loaded, &[], outcomes).await
    }

    /// Makes one attempt for `due` and records what came of it.
    async fn attempt(
        &self,
        loaded: &Loaded,
        due: &[&LoadedRecipient],
        content: Arc<[u8]>,
        doubt: Doubt,
        slot: &mut Slot,
    ) -> Result<(), QueueError> {
        let now = self.clock.now();
        let order = self.order(loaded, due);
        let trace = self.trace(loaded, due).await?;
        // The marking is all that changes of what was inspected.
        let content = match loaded.arrival.handling.subject_marking() {
            Some(marking) => with_marking(&content, marking).into(),
            None => content,
        };
        let prefer_tls = loaded.arrival.handling.referral.then(|| {
            match self.settings.borrow().tls_required_header {
                Some(_) => Asked::Yes,
                None => Asked::No,
            }
        });
        let outgoing = Outgoing {
            prefer_tls,
            ..outgoing(loaded, due, content, trace)
        };
        let hops = Arc::clone(&self.hops.borrow());
        let store = self.store.clone();
        let outcomes = hops
            .attempt(&order, &outgoing, |ids: Vec<RecipientId>| {
                let store = store.clone();
                async move {
                    if doubt == Doubt::Recorded {
                        return Ok(());
                    }
                    let wanted = ids.len();
                    let doubted = store
                        .write(move |tx| recipients::doubt(tx, &ids, now))
                        .await
                        .map_err(|e| e.to_string())?;
                    // Somebody stopped one of them in the meantime: do not send.
                    match doubted == wanted {
                        true => Ok(()),
                        false => Err("a recipient no longer waits for delivery".to_owned()),
                    }
                }
            })
            .await;
        slot.settle().await;
        self.settle(loaded, &outgoing.content, outcomes).await
    }

    /// The next hops in turn. A server that is there for some domains only gets no other
    /// mail, and a referral to such a domain goes there first.
    fn order(&self, loaded: &Loaded, due: &[&LoadedRecipient]) -> Vec<usize> {
        let settings = self.settings.borrow().clone();
        let order = match self.schools.of_row(loaded.row.school) {
            Some(school) => school.settings.next_hops.clone(),
            None => (0..settings.next_hops.len()).collect(),
        };
        let is_for_all = |hop: &usize| {
            settings.next_hops.get(*hop).is_some_and(|hop| {
                due.iter().all(|recipient| {
                    let domain = recipient.path.path.rsplit_once('@').map(|(_, d)| d);
                    let own = |own: &String| domain.is_some_and(|d| own.eq_ignore_ascii_case(d));
                    hop.final_for.iter().any(own)
                })
            })
        };
        let passes_on = |hop: &usize| {
            let hop = settings.next_hops.get(*hop);
            hop.is_none_or(|hop| hop.final_for.is_empty())
        };
        let direct = order.iter().copied().filter(is_for_all);
        direct
            .chain(order.iter().copied().filter(passes_on))
            .collect()
    }

    /// The fields that are put before the content: our marker, and the verdict where the
    /// technician wants it.
    async fn trace(
        &self,
        loaded: &Loaded,
        due: &[&LoadedRecipient],
    ) -> Result<Vec<u8>, QueueError> {
        if loaded.row.origin != Origin::Relayed {
            return Ok(Vec::new());
        }
        let keys = self.vault.of(loaded.row.school)?;
        let paths: Vec<&str> = due.iter().map(|r| r.path.path.as_str()).collect();
        let marker = Marker::sign(
            keys,
            loaded.row.id,
            &loaded.arrival.reverse_path,
            &paths,
            &loaded.row.body_digest,
        );
        let mut trace = marker.field().into_bytes();
        let handling = &loaded.arrival.handling;
        trace.extend_from_slice(handling.fields().as_bytes());
        if let (true, Some(header)) = (
            handling.require_tls || handling.referral,
            &self.settings.borrow().tls_required_header,
        ) {
            trace.extend_from_slice(format!("{header}\r\n").as_bytes());
        }
        if self.settings.borrow().verdict_header {
            let id = loaded.row.id;
            let sealed = self.store.read(move |tx| cases::judgement(tx, id)).await?;
            if let Some(sealed) = sealed {
                let judgement: Judgement =
                    keys.open_json(&judgement_place(&id.to_string()), &sealed)?;
                trace.extend_from_slice(verdict_field(&judgement.decision).as_bytes());
            }
        }
        Ok(trace)
    }
}

/// What enforcing would have done, and by which rules: for the tenant's own rules, and for
/// a technician who compares before the stance is changed.
fn verdict_field(decision: &Decision) -> String {
    let rules: Vec<&str> = decision.rules.iter().map(|r| r.id.as_str()).collect();
    let mut field = format!(
        "X-Schoolgate-Verdict: {}; would-be={}",
        decision.verdict().as_str(),
        decision.would_be.as_str()
    );
    // One rule a line: a line may not grow beyond 998 octets (RFC 5322 §2.1.1).
    for rule in rules {
        field.push_str(";\r\n rule=");
        field.push_str(rule);
    }
    field.push_str("\r\n");
    field
}

fn outgoing(
    loaded: &Loaded,
    due: &[&LoadedRecipient],
    content: Arc<[u8]>,
    trace: Vec<u8>,
) -> Outgoing {
    Outgoing {
        id: loaded.row.id,
        reverse_path: loaded.arrival.reverse_path.clone(),
        recipients: due
            .iter()
            .map(|r| OutgoingRecipient {
                id: r.row.id,
                path: r.path.path.clone(),
                notify: r.path.notify.clone(),
                orcpt: r.path.orcpt.clone(),
            })
            .collect(),
        ret: loaded.arrival.ret.clone(),
        envid: loaded.arrival.envid.clone(),
        smtputf8: loaded.arrival.smtputf8,
        eight_bit: loaded.arrival.eight_bit,
        content,
        trace,
        require_tls: loaded.arrival.handling.require_tls,
        prefer_tls: None,
    }
}

/// Whether the store says already that a transmission may be under way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Doubt {
    /// It is recorded before the dot.
    ToRecord,
    /// It was recorded with the verdict.
    Recorded,
}

fn micros(duration: i64) -> Duration {
    Duration::from_micros(u64::try_from(duration.max(SECOND / 100)).unwrap_or(0))
}
