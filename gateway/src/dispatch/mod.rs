//! From accepted to decided: every message gets a recorded verdict, and only then acts follow.
//!
//! There is no way from "not yet inspected" to delivery but through [`record`].

mod bodies;
mod kept;
mod record;
mod refusal;
mod tip;

pub use bodies::JournalBody;
pub(crate) use bodies::{reasons, stop_of};

use std::sync::Arc;
use std::time::Duration;

use schoolgate_detectors::Inspection;
use schoolgate_detectors::pictures::{Digest, PictureTexts};
use schoolgate_policies::Envelope;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc, watch};

use crate::clock::Clock;
use crate::config::Settings;
use crate::ids::SpoolId;
use crate::inspect::ocr::Turn;
use crate::inspect::{self, Abort, InspectError, Need, Ocr, Pool};
use crate::judge::judge;
use crate::keys::Vault;
use crate::notices::Notices;
use crate::queue::Queue;
use crate::remedy::{self, OwnMail, RemedyError, Taken};
use crate::schools::{School, Schools};
use crate::spool::{Fresh, Loaded, Spool, SpoolError};
use crate::store::messages::{self, State};
use crate::store::{Store, StoreError};

/// Messages being judged at once for each worker: the next is read while one is inspected.
const AHEAD: usize = 3;
/// Messages whose verdicts wait for their commit at once. They share commits, and the
/// workers need not wait for the disk.
const RECORDING: usize = 64;

/// Takes accepted messages through inspection to their verdict.
pub struct Dispatcher {
    /// Another process gave messages back to be judged.
    pub look: Notify,
    pub store: Store,
    pub vault: Arc<Vault>,
    pub spool: Spool,
    pub schools: Arc<Schools>,
    pub pool: Arc<Pool>,
    pub ocr: Arc<Ocr>,
    pub queue: Arc<Queue>,
    pub notices: Notices,
    pub own_mail: OwnMail,
    pub clock: Clock,
    pub settings: watch::Receiver<Arc<Settings>>,
}

/// Why a message could not be judged now. It stays where it is and is tried again.
#[derive(Debug, thiserror::Error)]
enum DispatchError {
    #[error(transparent)]
    Spool(#[from] SpoolError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Key(#[from] crate::keys::KeyError),
    #[error(transparent)]
    Notice(#[from] crate::notify::NoticeError),
    #[error(transparent)]
    Inspect(#[from] InspectError),
    #[error(transparent)]
    Remedy(#[from] RemedyError),
    #[error("the message's school is not configured")]
    NoSchool,
}

fn envelope_of(loaded: &Loaded) -> Envelope {
    let recipients = loaded.arrival.recipients.iter();
    Envelope {
        reverse_path: loaded.arrival.reverse_path.clone(),
        forward_paths: recipients.map(|r| r.path.clone()).collect(),
    }
}

/// How much is judged at once.
struct Room {
    /// One for each message being read or inspected.
    ahead: Arc<Semaphore>,
    /// One for each verdict being recorded.
    recording: Semaphore,
}

impl Room {
    async fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.ahead).acquire_owned().await.ok()
    }
}

impl Dispatcher {
    /// Judges what waits from before, then what arrives, until `shutdown`.
    pub async fn run(
        self: Arc<Self>,
        mut fresh: mpsc::UnboundedReceiver<Fresh>,
        shutdown: watch::Receiver<bool>,
    ) {
        let workers = self.settings.borrow().inspection.workers;
        let room = Arc::new(Room {
            ahead: Arc::new(Semaphore::new(workers * AHEAD)),
            recording: Semaphore::new(RECORDING),
        });
        let before = tokio::spawn(Arc::clone(&self).run_backlog(
            SpoolId::new(),
            Arc::clone(&room),
            shutdown.clone(),
        ));
        let mut stopping = shutdown.clone();
        loop {
            let next = tokio::select! {
                next = fresh.recv() => next,
                () = self.look.notified() => {
                    // Two that judge the same message do no harm: one verdict is recorded.
                    tokio::spawn(Arc::clone(&self).run_backlog(
                        SpoolId::new(),
                        Arc::clone(&room),
                        shutdown.clone(),
                    ));
                    continue;
                }
                _ = stopping.wait_for(|stop| *stop) => None,
            };
            let Some(next) = next else { break };
            let Some(place) = room.place().await else {
                break;
            };
            let dispatcher = Arc::clone(&self);
            let shutdown = shutdown.clone();
            tokio::spawn(dispatcher.judge_until_recorded(next, Arc::clone(&room), place, shutdown));
        }
        before.abort();
        // What is under way ends; what has not begun is found at the next start.
        let ended = async {
            let all = |permits: usize| u32::try_from(permits).unwrap_or(u32::MAX);
            let _ahead = room.ahead.acquire_many(all(workers * AHEAD)).await;
            let _recording = room.recording.acquire_many(all(RECORDING)).await;
        };
        let _ = tokio::time::timeout(Duration::from_secs(20), ended).await;
    }

    /// Judges what was accepted before this start: ids below `end`.
    async fn run_backlog(
        self: Arc<Self>,
        end: SpoolId,
        room: Arc<Room>,
        shutdown: watch::Receiver<bool>,
    ) {
        let mut after = None;
        loop {
            let page = self
                .store
                .read(move |tx| messages::waiting(tx, after, 500))
                .await;
            let page = match page {
                Ok(page) => page,
                Err(error) => {
                    tracing::error!(%error, "cannot read what waits; trying again");
                    tokio::time::sleep(Duration::from_secs(5)).await;
                    continue;
                }
            };
            let Some(last) = page.last().copied() else {
                return;
            };
            for id in page.into_iter().filter(|id| *id < end) {
                let Some(place) = room.place().await else {
                    return;
                };
                let fresh = Fresh { id, memory: None };
                tokio::spawn(Arc::clone(&self).judge_until_recorded(
                    fresh,
                    Arc::clone(&room),
                    place,
                    shutdown.clone(),
                ));
            }
            if last >= end {
                return;
            }
            after = Some(last);
        }
    }

    /// A store that fails now must not lose the message: it is tried until it is recorded.
    async fn judge_until_recorded(
        self: Arc<Self>,
        fresh: Fresh,
        room: Arc<Room>,
        place: OwnedSemaphorePermit,
        mut shutdown: watch::Receiver<bool>,
    ) {
        let mut place = Some(place);
        let mut pause = Duration::from_secs(1);
        loop {
            if place.is_none() {
                place = room.place().await;
            }
            match self.judge_one(&fresh, &room, &mut place).await {
                Ok(()) => return,
                Err(error) => {
                    tracing::error!(id = %fresh.id, %error, "cannot judge a message; it waits");
                    metrics::counter!("schoolgate_dispatch_failures").increment(1);
                }
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = shutdown.wait_for(|stop| *stop) => return,
            }
            pause = (pause * 2).min(Duration::from_secs(60));
        }
    }

    /// `place` is given up once only the commit is waited for.
    async fn judge_one(
        &self,
        fresh: &Fresh,
        room: &Room,
        place: &mut Option<OwnedSemaphorePermit>,
    ) -> Result<(), DispatchError> {
        let loaded = match &fresh.memory {
            Some(memory) => Arc::clone(memory.loaded()),
            None => match self.spool.load(fresh.id).await? {
                Some(loaded) => Arc::new(loaded),
                None => return Ok(()),
            },
        };
        if loaded.row.state != State::Accepted {
            return Ok(());
        }
        let school = self.schools.of_row(loaded.row.school);
        let mut content = self.content(fresh, &loaded).await;
        let readable = match &content {
            Ok(content) => Some(&content[..]),
            Err(SpoolError::Damaged(_) | SpoolError::Key(_)) => None,
            Err(_) => return content.map(drop).map_err(Into::into),
        };
        // What is for the gateway itself goes no further, whatever becomes of the rest.
        let taken = self
            .own_mail
            .take(school.as_ref(), &loaded, readable)
            .await?;
        let Taken { changed, draft } = taken;
        let (loaded, memory) = match changed {
            None => (loaded, fresh.memory.clone()),
            Some(rest) => {
                self.queue.wake();
                match rest.0 {
                    // What lies in memory still names all of its recipients.
                    Some(rest) => (Arc::new(rest), None),
                    None => return Ok(()),
                }
            }
        };
        if let Some(reason) = loaded.arrival.keep {
            return self.keep(&loaded, reason).await;
        }
        let school = school.ok_or(DispatchError::NoSchool)?;
        let reverse_path = &loaded.arrival.reverse_path;
        let (inspection, may_answer) = match &content {
            Ok(first_sight) => {
                let may_answer =
                    self.notices
                        .may_answer(loaded.row.school, first_sight, reverse_path);
                let inspection = self.inspect(&school, first_sight, &loaded).await?;
                let inspection = match Need::of(&inspection, &self.ocr) {
                    Need::Nothing => inspection,
                    Need::Texts(texts) => {
                        self.look_again(&school, first_sight, &texts, &loaded)
                            .await?
                    }
                    Need::Reading(_) if self.never_waits(&school, &loaded, &inspection) => {
                        inspection
                    }
                    Need::Reading(wanted) => {
                        // It may take a minute: neither place nor memory is kept meanwhile
                        // from mail without pictures.
                        drop(content);
                        place.take();
                        let turn = self.ocr.turn().await?;
                        content = self.content(fresh, &loaded).await;
                        match &content {
                            Ok(content) => {
                                self.read_pictures(&school, content, &loaded, turn, &wanted)
                                    .await?
                            }
                            Err(_) => return content.map(drop).map_err(Into::into),
                        }
                    }
                };
                (inspection, may_answer)
            }
            // Damaged on disk: it can never be inspected, so it never leaves.
            Err(error @ (SpoolError::Damaged(_) | SpoolError::Key(_))) => {
                tracing::error!(id = %fresh.id, %error, "content cannot be read back");
                (inspect::aborted(&Abort::Damaged, 0), true)
            }
            Err(_) => return content.map(drop).map_err(Into::into),
        };
        let names_the_check =
            || may_answer && self.own_mail.names_the_check(&school, &loaded, &inspection);
        if draft || names_the_check() {
            self.own_mail.check(&school, &loaded, &inspection).await?;
            self.queue.wake();
            return Ok(());
        }
        let envelope = envelope_of(&loaded);
        let stance = self.settings.borrow().stance_for(reverse_path);
        let judged = judge(
            &school.context,
            &envelope,
            &inspection,
            stance,
            self.clock.now(),
        );
        metrics::histogram!("schoolgate_message_octets").record(loaded.row.size as f64);
        let seen = record::Seen {
            inspection: &inspection,
            judged: &judged,
            may_answer: may_answer && self.notices.may_write_to(loaded.row.school, reverse_path),
            signed: content
                .as_ref()
                .is_ok_and(|content| remedy::is_signed(content)),
        };
        let carried = record::Carried {
            content: content.ok(),
            memory,
        };
        // When many verdicts wait, so do the workers.
        let _recording = room.recording.acquire().await;
        place.take();
        self.record(&school, &loaded, &seen, carried).await
    }

    /// Whether a message is a referral that waits for no picture. Its pictures are unread
    /// then, for everybody to whom it goes.
    fn never_waits(&self, school: &School, loaded: &Loaded, inspection: &Inspection) -> bool {
        let stance = self
            .settings
            .borrow()
            .stance_for(&loaded.arrival.reverse_path);
        let (context, envelope) = (&school.context, envelope_of(loaded));
        let judged = judge(context, &envelope, inspection, stance, self.clock.now());
        judged.facts.route.fast_lane.is_some()
    }

    /// The content, from memory where it still lies there.
    async fn content(&self, fresh: &Fresh, loaded: &Loaded) -> Result<Arc<[u8]>, SpoolError> {
        match &fresh.memory {
            Some(memory) => Ok(Arc::clone(memory.content())),
            None => self.spool.content(fresh.id, loaded.row.school).await,
        }
    }

    /// The first pass.
    async fn inspect(
        &self,
        school: &School,
        content: &[u8],
        loaded: &Loaded,
    ) -> Result<Inspection, DispatchError> {
        let started = std::time::Instant::now();
        let result = self
            .pool
            .inspect(&school.context.inspection, self.clock.today(), content)
            .await;
        metrics::histogram!("schoolgate_inspection_seconds")
            .record(started.elapsed().as_secs_f64());
        self.finished(result, content, loaded)
    }

    /// The second pass, with texts that were known.
    async fn look_again(
        &self,
        school: &School,
        content: &[u8],
        texts: &PictureTexts,
        loaded: &Loaded,
    ) -> Result<Inspection, DispatchError> {
        let (school, today) = (&school.context.inspection, self.clock.today());
        let result = self
            .pool
            .inspect_with_texts(school, today, content, texts)
            .await;
        self.finished(result, content, loaded)
    }

    /// Reads the pictures, then the second pass.
    async fn read_pictures(
        &self,
        school: &School,
        content: &[u8],
        loaded: &Loaded,
        turn: Turn,
        wanted: &[Digest],
    ) -> Result<Inspection, DispatchError> {
        let (school, today) = (&school.context.inspection, self.clock.today());
        let (pool, ocr) = (&self.pool, &self.ocr);
        let result = inspect::second_pass(pool, ocr, turn, school, today, content, wanted).await;
        self.finished(result, content, loaded)
    }

    /// What two workers broke on is judged as such; the machine's trouble is tried again.
    fn finished(
        &self,
        result: Result<Inspection, InspectError>,
        content: &[u8],
        loaded: &Loaded,
    ) -> Result<Inspection, DispatchError> {
        match result {
            Err(InspectError::Aborted { why }) => {
                tracing::warn!(id = %loaded.row.id, %why, "a message could not be inspected");
                metrics::counter!("schoolgate_uninspectable").increment(1);
                Ok(inspect::aborted(&why, content.len() as u64))
            }
            other => Ok(other?),
        }
    }
}
