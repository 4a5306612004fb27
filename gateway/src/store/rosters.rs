//! Imported rosters and packs: immutable versions, one of each active.

use rusqlite::{OptionalExtension, params};

use super::{StoreError, Tx, id16};
use crate::ids::{RosterId, SchoolId};

/// A roster; `body` is sealed.
pub struct RosterRow {
    pub id: RosterId,
    pub school: SchoolId,
    pub digest: String,
    pub imported_at: i64,
    pub pupils: i64,
    pub contacts: i64,
    pub staff: i64,
    pub body: Vec<u8>,
}

/// Adds a roster and makes it the active one. The one before stays for a rollback;
/// older ones go.
///
/// # Errors
/// The store's.
pub fn insert(tx: &Tx, roster: &RosterRow) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM rosters WHERE school_id = ?1 AND active = 0",
        [roster.school.as_bytes()],
    )?;
    tx.execute(
        "UPDATE rosters SET active = 0 WHERE school_id = ?1",
        [roster.school.as_bytes()],
    )?;
    tx.execute(
        "INSERT INTO rosters (id, school_id, digest, imported_at, active, pupils, contacts, staff, body)
         VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?7, ?8)",
        params![
            roster.id.as_bytes(),
            roster.school.as_bytes(),
            roster.digest,
            roster.imported_at,
            roster.pupils,
            roster.contacts,
            roster.staff,
            roster.body,
        ],
    )?;
    Ok(())
}

/// The active roster of a school.
///
/// # Errors
/// The store's.
pub fn active(tx: &Tx, school: SchoolId) -> Result<Option<RosterRow>, StoreError> {
    Ok(tx
        .prepare_cached(
            "SELECT id, digest, imported_at, pupils, contacts, staff, body FROM rosters
             WHERE school_id = ?1 AND active = 1",
        )?
        .query_row([school.as_bytes()], |row| {
            Ok(RosterRow {
                id: RosterId::from_bytes(id16(row, 0)?),
                school,
                digest: row.get(1)?,
                imported_at: row.get(2)?,
                pupils: row.get(3)?,
                contacts: row.get(4)?,
                staff: row.get(5)?,
                body: row.get(6)?,
            })
        })
        .optional()?)
}

/// Says that the active roster was confirmed as still current.
///
/// # Errors
/// The store's.
pub fn confirm(tx: &Tx, id: RosterId, now: i64) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE rosters SET imported_at = ?2 WHERE id = ?1",
        params![id.as_bytes(), now],
    )?;
    Ok(())
}

/// The text of a pack that verdicts cite; not that of the packs that it extends.
///
/// # Errors
/// The store's.
pub fn pack_text(tx: &Tx, school: SchoolId, digest: &str) -> Result<Option<String>, StoreError> {
    Ok(tx
        .prepare_cached("SELECT body FROM packs WHERE school_id = ?1 AND digest = ?2")?
        .query_row(params![school.as_bytes(), digest], |row| row.get(0))
        .optional()?)
}

/// Keeps the text of a pack that verdicts cite.
///
/// # Errors
/// The store's.
pub fn keep_pack(
    tx: &Tx,
    school: SchoolId,
    digest: &str,
    text: &str,
    now: i64,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO packs (school_id, digest, loaded_at, body) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (school_id, digest) DO UPDATE SET loaded_at = ?3",
        params![school.as_bytes(), digest, now, text],
    )?;
    Ok(())
}
