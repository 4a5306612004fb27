//! What went through, without content.

use rusqlite::{OptionalExtension, params};
use schoolgate_policies::Verdict;

use super::recipients::verdict_code;
use super::{StoreError, Tx, id16};
use crate::ids::{JournalId, SchoolId, SpoolId};

/// A line; `body` is sealed.
pub struct JournalRow {
    pub id: JournalId,
    pub school: SchoolId,
    pub message: SpoolId,
    pub received_at: i64,
    pub verdict: Verdict,
    pub message_id_index: Option<Vec<u8>>,
    pub sender_index: Option<Vec<u8>>,
    pub body: Vec<u8>,
}

/// Adds a line.
///
/// # Errors
/// The store's.
pub fn insert(tx: &Tx, line: &JournalRow) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO journal (id, school_id, message_id, received_at, verdict, message_id_index,
                              sender_index, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        line.id.as_bytes(),
        line.school.as_bytes(),
        line.message.as_bytes(),
        line.received_at,
        verdict_code(line.verdict),
        line.message_id_index,
        line.sender_index,
        line.body,
    ])?;
    Ok(())
}

/// The sealed line of a message, if the journal has it.
///
/// # Errors
/// The store's.
pub fn of_message(tx: &Tx, message: SpoolId) -> Result<Option<(JournalId, Vec<u8>)>, StoreError> {
    Ok(tx
        .prepare_cached("SELECT id, body FROM journal WHERE message_id = ?1")?
        .query_row([message.as_bytes()], |row| {
            Ok((JournalId::from_bytes(id16(row, 0)?), row.get(1)?))
        })
        .optional()?)
}

/// Replaces the sealed body of a line.
///
/// # Errors
/// The store's.
pub fn set_body(tx: &Tx, id: JournalId, body: &[u8]) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE journal SET body = ?2 WHERE id = ?1")?
        .execute(params![id.as_bytes(), body])?;
    Ok(())
}

/// Forgets lines older than `before`. Returns how many.
///
/// # Errors
/// The store's.
pub fn forget(tx: &Tx, before: i64, most: usize) -> Result<usize, StoreError> {
    Ok(tx
        .prepare_cached(
            "DELETE FROM journal WHERE id IN
             (SELECT id FROM journal WHERE received_at < ?1 LIMIT ?2)",
        )?
        .execute(params![before, most as i64])?)
}

/// The sealed lines of a school between two times, a page from `after` on.
///
/// # Errors
/// The store's.
pub fn between(
    tx: &Tx,
    school: SchoolId,
    from: i64,
    to: i64,
    after: Option<JournalId>,
    most: usize,
) -> Result<Vec<(JournalId, Vec<u8>)>, StoreError> {
    let after = after.map_or([0; 16], |id| *id.as_bytes());
    let mut statement = tx.prepare_cached(
        "SELECT id, body FROM journal
         WHERE school_id = ?1 AND received_at >= ?2 AND received_at < ?3 AND id > ?4
         ORDER BY id LIMIT ?5",
    )?;
    let rows = statement.query_map(
        params![school.as_bytes(), from, to, after, most as i64],
        |row| Ok((JournalId::from_bytes(id16(row, 0)?), row.get(1)?)),
    )?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Until when a school's days are reported, microseconds.
///
/// # Errors
/// The store's.
pub fn reported_until(tx: &Tx, school: SchoolId) -> Result<Option<i64>, StoreError> {
    Ok(tx
        .prepare_cached("SELECT reported_until FROM reports WHERE school_id = ?1")?
        .query_row([school.as_bytes()], |row| row.get(0))
        .optional()?)
}

/// Notes that a school's days are reported until `until`.
///
/// # Errors
/// The store's.
pub fn set_reported_until(tx: &Tx, school: SchoolId, until: i64) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO reports (school_id, reported_until) VALUES (?1, ?2)
         ON CONFLICT (school_id) DO UPDATE SET reported_until = ?2",
        params![school.as_bytes(), until],
    )?;
    Ok(())
}
