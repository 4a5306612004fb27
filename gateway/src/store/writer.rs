//! One thread writes. It takes every job that waits, runs each in a savepoint, commits
//! once, and only then answers: many sessions share one flush of the disk.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::{StoreError, Tx};

/// The most jobs that share a commit.
const GROUP: usize = 512;

type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
type Job = Box<dyn FnOnce(&Tx) -> (bool, Answer) + Send>;

#[derive(Clone)]
pub(super) struct Writer {
    jobs: Arc<Mutex<Option<mpsc::Sender<Job>>>>,
    thread: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl Writer {
    pub(super) fn start(connection: Connection) -> Self {
        let (jobs, waiting) = mpsc::channel(GROUP * 4);
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || write_all(&connection, waiting))
            .ok();
        Self {
            jobs: Arc::new(Mutex::new(Some(jobs))),
            thread: Arc::new(Mutex::new(thread)),
        }
    }

    pub(super) async fn run<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Tx) -> Result<T, StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |tx| {
            let result = job(tx);
            let worked = result.is_ok();
            let tell: Answer = Box::new(move |commit| {
                // The caller may have gone; what was committed stays.
                let _ = answer.send(result.and_then(|value| commit.map(|()| value)));
            });
            (worked, tell)
        });
        let sender = self.jobs.lock().ok().and_then(|jobs| jobs.clone());
        match sender {
            Some(sender) => sender.send(job).await.map_err(|_| StoreError::Stopped)?,
            None => return Err(StoreError::Stopped),
        }
        answered.await.map_err(|_| StoreError::Stopped)?
    }

    pub(super) async fn close(&self) {
        if let Ok(mut jobs) = self.jobs.lock() {
            jobs.take();
        }
        let thread = self.thread.lock().ok().and_then(|mut t| t.take());
        if let Some(thread) = thread {
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }
}

fn write_all(connection: &Connection, mut waiting: mpsc::Receiver<Job>) {
    let mut group = Vec::with_capacity(GROUP);
    while let Some(first) = waiting.blocking_recv() {
        group.push(first);
        while group.len() < GROUP {
            match waiting.try_recv() {
                Ok(job) => group.push(job),
                Err(_) => break,
            }
        }
        metrics::counter!("schoolgate_store_commits").increment(1);
        metrics::counter!("schoolgate_store_jobs").increment(group.len() as u64);
        write_group(connection, group.drain(..));
    }
    // Leaves the next start, and a copy of the file, without a log to replay.
    let _ = connection.pragma_update(None, "wal_checkpoint", "TRUNCATE");
}

/// Runs a statement that is prepared once.
fn run(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(drop)
}

fn write_group(connection: &Connection, group: impl Iterator<Item = Job>) {
    let mut answers: Vec<Answer> = Vec::new();
    let begun = run(connection, "BEGIN IMMEDIATE");
    for job in group {
        if begun.is_err() || connection.is_autocommit() {
            // Nothing may run outside the transaction, which SQLite itself ends when the
            // disk is full: dropping the job tells its caller.
            continue;
        }
        if let Err(error) = run(connection, "SAVEPOINT job") {
            tracing::error!(%error, "the store cannot set a savepoint");
            continue;
        }
        let Ok((worked, answer)) = catch_unwind(AssertUnwindSafe(|| job(connection))) else {
            // One broken job must not stop the thread that everybody needs.
            tracing::error!("a job of the store panicked");
            let _ = connection.execute_batch("ROLLBACK TO job; RELEASE job");
            continue;
        };
        let ended = if worked {
            run(connection, "RELEASE job")
        } else {
            connection.execute_batch("ROLLBACK TO job; RELEASE job")
        };
        match ended {
            Ok(()) => answers.push(answer),
            Err(error) => answer(Err(error.into())),
        }
    }
    let commit = begun.and_then(|()| run(connection, "COMMIT"));
    if let Err(error) = &commit {
        tracing::error!(%error, "the store cannot commit");
        metrics::counter!("schoolgate_store_failures").increment(1);
        // After a failed COMMIT the transaction may still be open.
        let _ = connection.execute_batch("ROLLBACK");
    }
    for answer in answers {
        answer(match &commit {
            Ok(()) => Ok(()),
            Err(error) => Err(StoreError::Commit(error.to_string())),
        });
    }
}
