//! Messages and their contents.

use rusqlite::{OptionalExtension, params};

use super::{StoreError, Tx, id16};
use crate::ids::{SchoolId, SpoolId};

/// Where a message came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A client of the school.
    Relayed,
    /// A notice of our own.
    Notice,
    /// A delivery status notification of our own.
    Dsn,
}

impl Origin {
    fn code(self) -> i64 {
        match self {
            Self::Relayed => 0,
            Self::Notice => 1,
            Self::Dsn => 2,
        }
    }

    pub(super) fn from_code(code: i64) -> Self {
        match code {
            1 => Self::Notice,
            2 => Self::Dsn,
            _ => Self::Relayed,
        }
    }
}

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Durable, not judged.
    Accepted,
    /// Judged; recipients have states of their own.
    Decided,
    /// No recipient waits for anything; the content is gone.
    Finished,
}

impl State {
    pub(super) fn code(self) -> i64 {
        match self {
            Self::Accepted => 0,
            Self::Decided => 1,
            Self::Finished => 2,
        }
    }

    fn from_code(code: i64) -> Self {
        match code {
            0 => Self::Accepted,
            1 => Self::Decided,
            _ => Self::Finished,
        }
    }
}

/// A message as it is written; blobs are sealed.
pub struct NewMessage {
    pub id: SpoolId,
    pub school: SchoolId,
    pub origin: Origin,
    pub state: State,
    pub received_at: i64,
    pub size: i64,
    pub arrival: Vec<u8>,
    pub digest: Vec<u8>,
    pub body_digest: Vec<u8>,
    pub message_id_index: Option<Vec<u8>>,
    pub sender_index: Option<Vec<u8>>,
    pub data_key: Vec<u8>,
    /// The sealed content, unless it lies in a file.
    pub body: Option<Vec<u8>>,
}

/// A message as it is read.
#[derive(Clone)]
pub struct MessageRow {
    pub id: SpoolId,
    pub school: SchoolId,
    pub origin: Origin,
    pub state: State,
    pub received_at: i64,
    pub size: i64,
    pub arrival: Vec<u8>,
    pub digest: Vec<u8>,
    pub body_digest: Vec<u8>,
    pub attempts: i64,
    pub marker_seen_at: Option<i64>,
}

/// The content's row.
pub struct ContentRow {
    pub data_key: Vec<u8>,
    pub length: i64,
    pub body: Option<Vec<u8>>,
}

/// Adds a message and its content.
///
/// # Errors
/// The store's.
pub fn insert(tx: &Tx, new: &NewMessage) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO messages (id, school_id, origin, state, received_at, size, arrival, digest,
                               body_digest, message_id_index, sender_index)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute(params![
        new.id.as_bytes(),
        new.school.as_bytes(),
        new.origin.code(),
        new.state.code(),
        new.received_at,
        new.size,
        new.arrival,
        new.digest,
        new.body_digest,
        new.message_id_index,
        new.sender_index,
    ])?;
    tx.prepare_cached(
        "INSERT INTO contents (message_id, data_key, length, body) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![new.id.as_bytes(), new.data_key, new.size, new.body])?;
    Ok(())
}

const COLUMNS: &str = "id, school_id, origin, state, received_at, size, arrival, digest, \
                       body_digest, attempts, marker_seen_at";

fn message(row: &rusqlite::Row<'_>) -> rusqlite::Result<MessageRow> {
    Ok(MessageRow {
        id: SpoolId::from_bytes(id16(row, 0)?),
        school: SchoolId::from_bytes(id16(row, 1)?),
        origin: Origin::from_code(row.get(2)?),
        state: State::from_code(row.get(3)?),
        received_at: row.get(4)?,
        size: row.get(5)?,
        arrival: row.get(6)?,
        digest: row.get(7)?,
        body_digest: row.get(8)?,
        attempts: row.get(9)?,
        marker_seen_at: row.get(10)?,
    })
}

/// The message with this id.
///
/// # Errors
/// The store's.
pub fn get(tx: &Tx, id: SpoolId) -> Result<Option<MessageRow>, StoreError> {
    Ok(tx
        .prepare_cached(&format!("SELECT {COLUMNS} FROM messages WHERE id = ?1"))?
        .query_row([id.as_bytes()], message)
        .optional()?)
}

/// Its content.
///
/// # Errors
/// The store's.
pub fn content(tx: &Tx, id: SpoolId) -> Result<Option<ContentRow>, StoreError> {
    Ok(tx
        .prepare_cached("SELECT data_key, length, body FROM contents WHERE message_id = ?1")?
        .query_row([id.as_bytes()], |row| {
            Ok(ContentRow {
                data_key: row.get(0)?,
                length: row.get(1)?,
                body: row.get(2)?,
            })
        })
        .optional()?)
}

/// The messages that wait for a verdict, oldest first, after a given id.
///
/// # Errors
/// The store's.
pub fn waiting(tx: &Tx, after: Option<SpoolId>, most: usize) -> Result<Vec<SpoolId>, StoreError> {
    let after = after.map_or([0; 16], |id| *id.as_bytes());
    let mut statement = tx.prepare_cached(
        "SELECT id FROM messages WHERE state = 0 AND id > ?1 ORDER BY id LIMIT ?2",
    )?;
    let rows = statement.query_map(params![after, most as i64], |row| {
        Ok(SpoolId::from_bytes(id16(row, 0)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Moves a message from accepted to decided. False when another has decided it already.
///
/// # Errors
/// The store's.
pub fn decide(tx: &Tx, id: SpoolId, now: i64) -> Result<bool, StoreError> {
    Ok(tx
        .prepare_cached(
            "UPDATE messages SET state = 1, decided_at = ?2 WHERE id = ?1 AND state = 0",
        )?
        .execute(params![id.as_bytes(), now])?
        == 1)
}

/// Replaces the sealed envelope of a message.
///
/// # Errors
/// The store's.
pub fn set_arrival(tx: &Tx, id: SpoolId, arrival: &[u8]) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE messages SET arrival = ?2 WHERE id = ?1")?
        .execute(params![id.as_bytes(), arrival])?;
    Ok(())
}

/// Gives a kept message back to be judged, with its sealed envelope. Its recipients wait
/// for a verdict again.
///
/// # Errors
/// The store's.
pub fn judge_after_all(tx: &Tx, id: SpoolId, arrival: &[u8], now: i64) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE messages SET state = 0, arrival = ?2 WHERE id = ?1 AND state = 1",
        params![id.as_bytes(), arrival],
    )?;
    tx.execute(
        "UPDATE recipients SET state = 0, verdict = NULL, changed_at = ?2
         WHERE message_id = ?1 AND state = 5",
        params![id.as_bytes(), now],
    )?;
    Ok(())
}

/// Notes that a message's marker came back. False when it had before.
///
/// # Errors
/// The store's.
pub fn see_marker(tx: &Tx, id: SpoolId, now: i64) -> Result<bool, StoreError> {
    Ok(tx
        .prepare_cached(
            "UPDATE messages SET marker_seen_at = ?2 WHERE id = ?1 AND marker_seen_at IS NULL",
        )?
        .execute(params![id.as_bytes(), now])?
        == 1)
}

/// Finishes a message none of whose recipients waits: its content goes. Returns whether a
/// content file is left to delete, or `None` when somebody still waits.
///
/// # Errors
/// The store's.
pub fn finish(tx: &Tx, id: SpoolId, now: i64) -> Result<Option<bool>, StoreError> {
    let open: i64 = tx
        .prepare_cached(
            "SELECT count(*) FROM recipients WHERE message_id = ?1 AND state IN (0, 1, 2, 4, 5)",
        )?
        .query_row([id.as_bytes()], |row| row.get(0))?;
    if open > 0 {
        return Ok(None);
    }
    tx.prepare_cached(
        "UPDATE messages SET state = 2, finished_at = ?2 WHERE id = ?1 AND state = 1",
    )?
    .execute(params![id.as_bytes(), now])?;
    let in_file: Option<bool> = tx
        .prepare_cached("DELETE FROM contents WHERE message_id = ?1 RETURNING body IS NULL")?
        .query_row([id.as_bytes()], |row| row.get(0))
        .optional()?;
    Ok(Some(in_file.unwrap_or(false)))
}

/// Forgets finished messages without a case that ended before `before`. Returns how many.
///
/// # Errors
/// The store's.
pub fn forget(tx: &Tx, before: i64, most: usize) -> Result<usize, StoreError> {
    let ids: Vec<[u8; 16]> = tx
        .prepare_cached(
            "SELECT id FROM messages WHERE state = 2 AND finished_at < ?1
               AND NOT EXISTS (SELECT 1 FROM case_messages WHERE message_id = messages.id)
             ORDER BY finished_at LIMIT ?2",
        )?
        .query_map(params![before, most as i64], |row| id16(row, 0))?
        .collect::<Result<_, _>>()?;
    for id in &ids {
        for table in ["judgements", "recipients", "contents"] {
            tx.prepare_cached(&format!("DELETE FROM {table} WHERE message_id = ?1"))?
                .execute([id])?;
        }
        tx.prepare_cached("DELETE FROM messages WHERE id = ?1")?
            .execute([id])?;
    }
    Ok(ids.len())
}

/// Whether a content file named by this id belongs to a message.
///
/// # Errors
/// The store's.
pub fn has_content_file(tx: &Tx, id: SpoolId) -> Result<bool, StoreError> {
    Ok(tx
        .prepare_cached("SELECT 1 FROM contents WHERE message_id = ?1 AND body IS NULL")?
        .exists([id.as_bytes()])?)
}

/// Counts for health: waiting for a verdict, and the age of the oldest.
///
/// # Errors
/// The store's.
pub fn backlog(tx: &Tx) -> Result<(i64, Option<i64>), StoreError> {
    Ok(tx
        .prepare_cached("SELECT count(*), min(received_at) FROM messages WHERE state = 0")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?)
}
