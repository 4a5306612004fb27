//! The one store: envelope, state, verdict, case, ticket and audit in one SQLite database.
//!
//! All SQL stands below this folder. One thread writes: it gathers the jobs that wait,
//! runs each in a savepoint and commits once for all (`writer.rs`). Readers have
//! connections of their own.

pub mod audit;
pub mod cases;
mod error;
pub mod journal;
pub mod messages;
pub mod recipients;
pub mod registers;
pub mod remedies;
pub mod rosters;
pub mod schools;
pub mod tickets;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rusqlite::{Connection, OpenFlags};

pub use error::StoreError;
use writer::Writer;

/// A connection inside a transaction, or one that only reads.
pub type Tx = Connection;

/// Pages of the log (4 KiB each) after which they are moved to the database. Most content
/// is deleted soon after it came, so a longer log spares writing what is gone by then.
const CHECKPOINT: i64 = 4000;

/// The steps from nothing to the shape that this program writes, never changed once they
/// are out: a store has taken as many of them as its `user_version` says.
const STEPS: &[&str] = &[
    include_str!("sql/0001_first.sql"),
    include_str!("sql/0002_remedies.sql"),
    include_str!("sql/0003_registers.sql"),
];
/// The shape that this program writes.
const VERSION: i64 = STEPS.len() as i64;

/// A handle to the store; cheap to clone.
#[derive(Clone)]
pub struct Store {
    writer: Writer,
    readers: Arc<Readers>,
}

impl Store {
    /// Opens the store in a data folder and brings its shape up to date.
    ///
    /// # Errors
    /// The folder is not writable, or the store is newer than this program.
    pub fn open(data_dir: &Path) -> Result<Store, StoreError> {
        let path = data_dir.join("schoolgate.db");
        let mut connection = connect(&path, OpenFlags::default())?;
        migrate(&mut connection, &path)?;
        Ok(Store {
            writer: Writer::start(connection),
            readers: Arc::new(Readers {
                path,
                idle: Mutex::new(Vec::new()),
            }),
        })
    }

    /// Runs `job` in a transaction; `Ok` only once the commit is on disk.
    ///
    /// An error of the job undoes the job alone; the others of its group stay.
    ///
    /// # Errors
    /// The job's own, or the commit's.
    pub async fn write<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Tx) -> Result<T, StoreError> + Send + 'static,
    {
        self.writer.run(job).await
    }

    /// Runs a query on a connection that only reads.
    ///
    /// # Errors
    /// The query's own.
    pub async fn read<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Tx) -> Result<T, StoreError> + Send + 'static,
    {
        let readers = Arc::clone(&self.readers);
        tokio::task::spawn_blocking(move || {
            let connection = readers.take()?;
            let result = query(&connection);
            readers.give_back(connection);
            result
        })
        .await
        .map_err(|_| StoreError::Stopped)?
    }

    /// Waits until everything handed over is committed, and stops the writer.
    pub async fn close(&self) {
        self.writer.close().await;
    }
}

struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    fn take(&self) -> Result<Connection, StoreError> {
        if let Ok(mut idle) = self.idle.lock()
            && let Some(connection) = idle.pop()
        {
            return Ok(connection);
        }
        connect(
            &self.path,
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )
    }

    fn give_back(&self, connection: Connection) {
        if let Ok(mut idle) = self.idle.lock()
            && idle.len() < 4
        {
            idle.push(connection);
        }
    }
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(std::time::Duration::from_secs(10))?;
        connection.set_prepared_statement_cache_capacity(64);
        if !flags.contains(OpenFlags::SQLITE_OPEN_READ_ONLY) {
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.pragma_update(None, "synchronous", "FULL")?;
            // What a savepoint may have to put back stays in memory. SQLite would write it to
            // a temporary file: more writes than all that it commits.
            connection.pragma_update(None, "temp_store", "MEMORY")?;
            connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT)?;
        }
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "trusted_schema", false)?;
        Ok(connection)
    };
    open().map_err(|source| StoreError::Open {
        path: path.to_owned(),
        source,
    })
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > VERSION {
        return Err(StoreError::Newer {
            path: path.to_owned(),
            found,
            known: VERSION,
        });
    }
    for (step, sql) in STEPS
        .iter()
        .enumerate()
        .skip(usize::try_from(found).unwrap_or(0))
    {
        let tx = connection.transaction()?;
        tx.execute_batch(sql)?;
        tx.pragma_update(None, "user_version", step as i64 + 1)?;
        tx.commit()?;
    }
    Ok(())
}

/// Reads a sixteen-byte id out of a row.
pub(crate) fn id16(row: &rusqlite::Row<'_>, index: usize) -> rusqlite::Result<[u8; 16]> {
    row.get(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_store_of_the_first_shape_is_brought_up_to_date() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("schoolgate.db");
        let old = Connection::open(&path).unwrap();
        old.execute_batch(include_str!("sql/0001_first.sql"))
            .unwrap();
        old.pragma_update(None, "user_version", 1).unwrap();
        old.execute("INSERT INTO schools VALUES (x'00', 'oak', 'oak', 0)", [])
            .unwrap();
        drop(old);
        let store = Store::open(folder.path()).unwrap();
        let kept = store
            .read(|tx| {
                let version: i64 = tx.query_row("PRAGMA user_version", [], |row| row.get(0))?;
                let tokens: i64 =
                    tx.query_row("SELECT count(*) FROM remedies", [], |row| row.get(0))?;
                let schools: i64 =
                    tx.query_row("SELECT count(*) FROM schools", [], |row| row.get(0))?;
                Ok((version, tokens, schools))
            })
            .await
            .unwrap();
        assert_eq!(kept, (VERSION, 0, 1));
        store.close().await;
    }
}
