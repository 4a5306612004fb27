//! The workers together: who waits, who works, who is replaced.

use std::io;
use std::os::unix::net::UnixStream as BlockingStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};

use jiff::civil::Date;
use schoolgate_detectors::Inspection;
use schoolgate_detectors::pictures::{Digest, PictureTexts};
use tokio::process::Child;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, oneshot};

use super::cage::{Cage, Enforcement};
use super::error::{Abort, InspectError};
use super::process::{self, Answer, Program, Question, Worker};
use super::school::School;
use crate::config::InspectionSettings;

/// Idle workers kept at most, however few may work at once: a trust's schools take
/// turns, and starting a worker costs more than keeping one.
const IDLE: usize = 16;

/// Worker processes. Whoever waits longest is served next, by whichever worker of the
/// school is free, or by a new one.
pub struct Pool {
    settings: InspectionSettings,
    /// One permit for each worker that may be at work.
    permits: Semaphore,
    /// The longest idle first.
    idle: Mutex<Vec<Worker>>,
    starter: mpsc::Sender<Start>,
    cage: Mutex<Option<Cage>>,
    started: AtomicU64,
    aborted: AtomicU64,
    closing: AtomicBool,
}

/// What the health endpoint and `doctor` say of the workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    /// How many may be at work at once.
    pub workers: usize,
    /// How many are at work.
    pub busy: usize,
    /// How many wait for a message.
    pub idle: usize,
    /// How many were started since the gateway was.
    pub started: u64,
    /// How often one failed on a message, first attempts included.
    pub aborted: u64,
    /// The fences around a worker; `None` before the first was started.
    pub cage: Option<Cage>,
}

/// An order to the thread that starts processes.
struct Start {
    runtime: Handle,
    reply: oneshot::Sender<io::Result<(Child, BlockingStream)>>,
}

impl Pool {
    /// A pool of `EXE worker` processes. None is started before it is needed.
    pub fn new(exe: PathBuf, settings: &InspectionSettings) -> Self {
        Self::with_program(Program::worker(exe), settings)
    }

    /// A pool of another program that speaks the workers' protocol.
    pub fn with_program(program: Program, settings: &InspectionSettings) -> Self {
        let (starter, orders) = mpsc::channel();
        // A worker dies with the thread that started it (PR_SET_PDEATHSIG), so one thread
        // that lives as long as the pool starts them all.
        std::thread::spawn(move || start_on_order(&program, &orders));
        Self {
            permits: Semaphore::new(settings.workers.max(1)),
            settings: settings.clone(),
            idle: Mutex::new(Vec::new()),
            starter,
            cage: Mutex::new(None),
            started: AtomicU64::new(0),
            aborted: AtomicU64::new(0),
            closing: AtomicBool::new(false),
        }
    }

    /// Looks into one message on a given day: the first pass, and the only one where it
    /// wants no pictures.
    ///
    /// A worker that fails costs one retry, in a new worker.
    ///
    /// # Errors
    /// [`InspectError::Aborted`]: two workers failed, judge [`super::aborted`] instead.
    /// Otherwise the machine's trouble: the message stays undecided, try again.
    pub async fn inspect(
        &self,
        school: &School,
        today: Date,
        content: &[u8],
    ) -> Result<Inspection, InspectError> {
        let question = Question::Inspect(today);
        inspection(self.ask(school, &question, content).await?)
    }

    /// The first line that the sender of a message wrote, read in a worker as everything
    /// that others made.
    ///
    /// # Errors
    /// As for [`Pool::inspect`].
    pub async fn opening(
        &self,
        school: &School,
        today: Date,
        content: &[u8],
    ) -> Result<Option<String>, InspectError> {
        match self.ask(school, &Question::Opening(today), content).await? {
            Answer::Opening(line) => Ok(line),
            Answer::Inspection(_) | Answer::Pictures(_) => Err(unfitting()),
        }
    }

    /// The second pass: the same with what was read in the pictures.
    ///
    /// # Errors
    /// As for [`Pool::inspect`].
    pub async fn inspect_with_texts(
        &self,
        school: &School,
        today: Date,
        content: &[u8],
        texts: &PictureTexts,
    ) -> Result<Inspection, InspectError> {
        let question = Question::Second(today, texts);
        inspection(self.ask(school, &question, content).await?)
    }

    /// The files of some of a message's pictures: as many as are handed out at once, none
    /// when no more of them can be had.
    ///
    /// # Errors
    /// As for [`Pool::inspect`].
    pub async fn pictures(
        &self,
        school: &School,
        content: &[u8],
        wanted: &[Digest],
    ) -> Result<Vec<(Digest, Vec<u8>)>, InspectError> {
        let question = Question::Pictures(wanted);
        match self.ask(school, &question, content).await? {
            Answer::Pictures(files) => Ok(files),
            Answer::Inspection(_) | Answer::Opening(_) => Err(unfitting()),
        }
    }

    async fn ask(
        &self,
        school: &School,
        question: &Question<'_>,
        content: &[u8],
    ) -> Result<Answer, InspectError> {
        // tokio's semaphore is fair: permits go out in the order of asking.
        let _permit = self
            .permits
            .acquire()
            .await
            .map_err(|_| InspectError::Closed)?;
        if self.closing.load(Ordering::Acquire) {
            return Err(InspectError::Closed);
        }
        let worker = match self.take_idle(school).await {
            Some(worker) => worker,
            None => self.start(school).await?,
        };
        match self.attempt(worker, school, question, content).await {
            Ok(answer) => return Ok(answer),
            Err(why) => {
                tracing::warn!(school = school.id(), %why, "inspection failed, trying again");
            }
        }
        let worker = self.start(school).await?;
        self.attempt(worker, school, question, content)
            .await
            .map_err(|why| {
                tracing::error!(school = school.id(), %why, "inspection failed twice");
                InspectError::Aborted { why }
            })
    }

    /// How the workers are.
    pub fn health(&self) -> Health {
        let workers = self.settings.workers.max(1);
        Health {
            workers,
            busy: workers.saturating_sub(self.permits.available_permits()),
            idle: lock(&self.idle).len(),
            started: self.started.load(Ordering::Relaxed),
            aborted: self.aborted.load(Ordering::Relaxed),
            cage: *lock(&self.cage),
        }
    }

    /// Starts a worker for a school before it is needed, and says how it is caged.
    /// At start-up this shows early what would otherwise trouble the first message.
    ///
    /// # Errors
    /// No worker can be started.
    pub async fn prepare(&self, school: &School) -> Result<Cage, InspectError> {
        let worker = self.start(school).await?;
        let cage = worker.cage();
        self.keep(worker).await;
        Ok(cage)
    }

    /// Sends those who wait away with [`InspectError::Closed`], waits for the messages
    /// under way and ends all workers.
    pub async fn shutdown(&self) {
        self.closing.store(true, Ordering::Release);
        let all = u32::try_from(self.settings.workers.max(1)).unwrap_or(u32::MAX);
        let under_way = self.permits.acquire_many(all).await;
        self.permits.close();
        drop(under_way);
        let idle = std::mem::take(&mut *lock(&self.idle));
        for worker in idle {
            worker.end().await;
        }
    }

    async fn attempt(
        &self,
        mut worker: Worker,
        school: &School,
        question: &Question<'_>,
        content: &[u8],
    ) -> Result<Answer, Abort> {
        // If this future is dropped, the worker is dropped with it and thereby killed.
        let answer = worker
            .ask(school, question, content, self.settings.deadline)
            .await;
        match &answer {
            Ok(_) if worker.is_fresh(self.settings.messages_per_worker) => self.keep(worker).await,
            Ok(_) => worker.end().await,
            Err(_) => {
                self.aborted.fetch_add(1, Ordering::Relaxed);
                worker.end().await;
            }
        }
        answer
    }

    /// The idle worker of this school that was used last. Those of its former roster or
    /// settings and those that died are cleared away.
    async fn take_idle(&self, school: &School) -> Option<Worker> {
        let (taken, gone) = {
            let mut idle = lock(&self.idle);
            let mut gone = Vec::new();
            let mut kept = Vec::with_capacity(idle.len());
            for mut worker in idle.drain(..) {
                if worker.is_alive() && !worker.is_outdated_for(school) {
                    kept.push(worker);
                } else {
                    gone.push(worker);
                }
            }
            *idle = kept;
            let at = idle.iter().rposition(|worker| worker.serves(school));
            (at.map(|at| idle.remove(at)), gone)
        };
        for worker in gone {
            worker.end().await;
        }
        taken
    }

    async fn keep(&self, worker: Worker) {
        let surplus = {
            let mut idle = lock(&self.idle);
            idle.push(worker);
            let most = IDLE.max(self.settings.workers);
            (idle.len() > most).then(|| idle.remove(0))
        };
        if let Some(worker) = surplus {
            worker.end().await;
        }
    }

    async fn start(&self, school: &School) -> Result<Worker, InspectError> {
        let (reply, started) = oneshot::channel();
        let order = Start {
            runtime: Handle::current(),
            reply,
        };
        self.starter.send(order).map_err(|_| InspectError::Closed)?;
        let (child, socket) =
            started
                .await
                .map_err(|_| InspectError::Closed)?
                .map_err(|source| InspectError::NoWorker {
                    doing: "starting its process",
                    source,
                })?;
        let worker = Worker::bind(child, socket, school, &self.settings).await?;
        self.started.fetch_add(1, Ordering::Relaxed);
        self.note_cage(worker.cage());
        Ok(worker)
    }

    /// Says once how well the kernel cages the workers.
    fn note_cage(&self, cage: Cage) {
        let mut known = lock(&self.cage);
        if *known == Some(cage) {
            return;
        }
        *known = Some(cage);
        if cage.seccomp != Enforcement::Full {
            tracing::error!(
                "this kernel lacks seccomp: a worker that is taken over can reach files and network"
            );
        }
        if cage.landlock != Enforcement::Full {
            tracing::warn!(enforced = ?cage.landlock, "this kernel lacks Landlock or a part of it");
        }
    }
}

fn inspection(answer: Answer) -> Result<Inspection, InspectError> {
    match answer {
        Answer::Inspection(inspection) => Ok(*inspection),
        Answer::Pictures(_) | Answer::Opening(_) => Err(unfitting()),
    }
}

/// A worker's answer is matched with its question, so this is never seen.
fn unfitting() -> InspectError {
    InspectError::Aborted {
        why: Abort::Nonsense {
            what: "it answers another question",
        },
    }
}

/// The workers are plain data; a panic elsewhere leaves them usable.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn start_on_order(program: &Program, orders: &mpsc::Receiver<Start>) {
    while let Ok(order) = orders.recv() {
        let _context = order.runtime.enter();
        // Who ordered it may have gone; then the process is dropped and killed.
        let _ = order.reply.send(process::start(program));
    }
}
