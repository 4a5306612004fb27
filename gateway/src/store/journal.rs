//! What went through, without content.

use rusqlite::params;
use schoolgate_policies::Verdict;

use super::recipients::verdict_code;
use super::{StoreError, Tx};
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
