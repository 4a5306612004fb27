//! One-time tokens of hold notices, and how often senders asked something of the gateway.

use rusqlite::{OptionalExtension, params};

use super::{StoreError, Tx, id16};
use crate::ids::{CaseId, SchoolId};

/// A token as it is written.
pub struct NewRemedy {
    /// The keyed index of the token.
    pub token_index: Vec<u8>,
    pub school: SchoolId,
    pub case: CaseId,
    pub expires_at: i64,
}

/// A token as it is read.
pub struct RemedyRow {
    pub case: CaseId,
    pub expires_at: i64,
    pub used_at: Option<i64>,
}

/// What a sender asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// To have a held message sent for a stated reason.
    Override,
    /// To have a draft checked.
    Check,
    /// Something that is answered in words and changes nothing.
    Words,
    /// Nothing: a word after a delivery, which is noted so that nobody gets many.
    Tip,
    /// The rule of such a word.
    TipOfRule,
}

impl Asked {
    fn code(self) -> i64 {
        match self {
            Self::Override => 0,
            Self::Check => 1,
            Self::Words => 2,
            Self::Tip => 3,
            Self::TipOfRule => 4,
        }
    }
}

/// Adds a token.
///
/// # Errors
/// The store's.
pub fn insert(tx: &Tx, new: &NewRemedy) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO remedies (token_index, school_id, case_id, expires_at) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![
        new.token_index,
        new.school.as_bytes(),
        new.case.as_bytes(),
        new.expires_at
    ])?;
    Ok(())
}

/// The token with this index, if it is this school's.
///
/// # Errors
/// The store's.
pub fn find(
    tx: &Tx,
    school: SchoolId,
    token_index: &[u8],
) -> Result<Option<RemedyRow>, StoreError> {
    Ok(tx
        .prepare_cached(
            "SELECT case_id, expires_at, used_at FROM remedies
             WHERE token_index = ?1 AND school_id = ?2",
        )?
        .query_row(params![token_index, school.as_bytes()], |row| {
            Ok(RemedyRow {
                case: CaseId::from_bytes(id16(row, 0)?),
                expires_at: row.get(1)?,
                used_at: row.get(2)?,
            })
        })
        .optional()?)
}

/// Whether a token may still be used.
///
/// # Errors
/// The store's.
pub fn is_good(tx: &Tx, token_index: &[u8], now: i64) -> Result<bool, StoreError> {
    Ok(tx
        .prepare_cached(
            "SELECT 1 FROM remedies
             WHERE token_index = ?1 AND used_at IS NULL AND expires_at > ?2",
        )?
        .exists(params![token_index, now])?)
}

/// Uses a token up.
///
/// # Errors
/// The store's.
pub fn spend(tx: &Tx, token_index: &[u8], now: i64) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE remedies SET used_at = ?2 WHERE token_index = ?1 AND used_at IS NULL",
    )?
    .execute(params![token_index, now])?;
    Ok(())
}

/// Notes that a sender asked.
///
/// # Errors
/// The store's.
pub fn note(
    tx: &Tx,
    school: SchoolId,
    sender_index: &[u8],
    what: Asked,
    about: Option<&[u8]>,
    now: i64,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO asked (school_id, sender_index, what, about, at) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        school.as_bytes(),
        sender_index,
        what.code(),
        about,
        now
    ])?;
    Ok(())
}

/// Whether a sender asked the same about the same message since `since`.
///
/// # Errors
/// The store's.
pub fn asked_about(
    tx: &Tx,
    school: SchoolId,
    sender_index: &[u8],
    what: Asked,
    about: &[u8],
    since: i64,
) -> Result<bool, StoreError> {
    Ok(tx
        .prepare_cached(
            "SELECT 1 FROM asked WHERE school_id = ?1 AND sender_index = ?2 AND what = ?3
               AND about = ?4 AND at > ?5",
        )?
        .exists(params![
            school.as_bytes(),
            sender_index,
            what.code(),
            about,
            since
        ])?)
}

/// How often a sender asked since `since`.
///
/// # Errors
/// The store's.
pub fn count(
    tx: &Tx,
    school: SchoolId,
    sender_index: &[u8],
    what: Asked,
    since: i64,
) -> Result<i64, StoreError> {
    Ok(tx
        .prepare_cached(
            "SELECT count(*) FROM asked
             WHERE school_id = ?1 AND sender_index = ?2 AND what = ?3 AND at > ?4",
        )?
        .query_row(
            params![school.as_bytes(), sender_index, what.code(), since],
            |row| row.get(0),
        )?)
}

/// Forgets tokens that ended before `tokens`, and what was asked before `asked`.
///
/// # Errors
/// The store's.
pub fn forget(tx: &Tx, tokens: i64, asked: i64) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM remedies WHERE expires_at < ?1")?
        .execute([tokens])?;
    tx.prepare_cached("DELETE FROM asked WHERE at < ?1")?
        .execute([asked])?;
    Ok(())
}
