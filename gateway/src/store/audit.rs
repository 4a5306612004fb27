//! The audit log: one hash chain for each school, over ciphertext.

use aws_lc_rs::digest::{Context, SHA256};
use rusqlite::{OptionalExtension, params};

use super::{StoreError, Tx};
use crate::ids::SchoolId;

/// A line of the log; `body` is sealed.
pub struct AuditRow {
    pub seq: i64,
    pub at: i64,
    pub action: String,
    pub previous: Vec<u8>,
    pub hash: Vec<u8>,
    pub body: Vec<u8>,
}

/// Appends a line to the school's chain.
///
/// # Errors
/// The store's.
pub fn append(
    tx: &Tx,
    school: SchoolId,
    at: i64,
    action: &str,
    body: &[u8],
) -> Result<(), StoreError> {
    let last: Option<(i64, Vec<u8>)> = tx
        .prepare_cached(
            "SELECT seq, hash FROM audit WHERE school_id = ?1 ORDER BY seq DESC LIMIT 1",
        )?
        .query_row([school.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (seq, previous) = match last {
        Some((seq, hash)) => (seq + 1, hash),
        None => (1, vec![0; 32]),
    };
    let hash = link(school, seq, at, action, &previous, body);
    tx.prepare_cached(
        "INSERT INTO audit (school_id, seq, at, action, previous, hash, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        school.as_bytes(),
        seq,
        at,
        action,
        previous,
        hash,
        body
    ])?;
    Ok(())
}

/// The hash of a line: over all its fields and the hash before it.
pub fn link(
    school: SchoolId,
    seq: i64,
    at: i64,
    action: &str,
    previous: &[u8],
    body: &[u8],
) -> Vec<u8> {
    let mut context = Context::new(&SHA256);
    context.update(school.as_bytes());
    context.update(&seq.to_be_bytes());
    context.update(&at.to_be_bytes());
    context.update(&(action.len() as u64).to_be_bytes());
    context.update(action.as_bytes());
    context.update(previous);
    context.update(body);
    context.finish().as_ref().to_vec()
}

/// The lines of a school from `seq` on.
///
/// # Errors
/// The store's.
pub fn from(tx: &Tx, school: SchoolId, seq: i64, most: usize) -> Result<Vec<AuditRow>, StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT seq, at, action, previous, hash, body FROM audit
         WHERE school_id = ?1 AND seq >= ?2 ORDER BY seq LIMIT ?3",
    )?;
    let rows = statement.query_map(params![school.as_bytes(), seq, most as i64], |row| {
        Ok(AuditRow {
            seq: row.get(0)?,
            at: row.get(1)?,
            action: row.get(2)?,
            previous: row.get(3)?,
            hash: row.get(4)?,
            body: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
