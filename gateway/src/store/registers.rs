//! Registered exceptions: entered, ended, never deleted.

use rusqlite::{Row, params};
use schoolgate_policies::ExceptionKind;

use super::{StoreError, Tx, id16};
use crate::ids::{ExceptionId, SchoolId};

/// An entry; `body` and `ending` are sealed.
pub struct ExceptionRow {
    pub id: ExceptionId,
    pub kind: ExceptionKind,
    pub entered_at: i64,
    pub ended_at: Option<i64>,
    pub body: Vec<u8>,
    pub ending: Option<Vec<u8>>,
}

const COLUMNS: &str = "id, kind, entered_at, ended_at, body, ending";

fn number(kind: ExceptionKind) -> i64 {
    match kind {
        ExceptionKind::Permission => 1,
        ExceptionKind::TrustedRecipient => 2,
        ExceptionKind::DualRole => 3,
        ExceptionKind::FamilyException => 4,
        ExceptionKind::ImageConsent => 5,
        ExceptionKind::ImageOptOut => 6,
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<ExceptionRow> {
    let kind: i64 = row.get(1)?;
    let kind = ExceptionKind::ALL.iter().find(|k| number(**k) == kind);
    Ok(ExceptionRow {
        id: ExceptionId::from_bytes(id16(row, 0)?),
        kind: *kind.ok_or(rusqlite::Error::IntegralValueOutOfRange(1, 0))?,
        entered_at: row.get(2)?,
        ended_at: row.get(3)?,
        body: row.get(4)?,
        ending: row.get(5)?,
    })
}

/// Enters one, with the blind indexes of what it is about.
///
/// # Errors
/// The store's.
pub fn insert(
    tx: &Tx,
    school: SchoolId,
    row: &ExceptionRow,
    keys: &[Vec<u8>],
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO exceptions (id, school_id, kind, entered_at, body) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        row.id.as_bytes(),
        school.as_bytes(),
        number(row.kind),
        row.entered_at,
        row.body,
    ])?;
    for key in keys {
        tx.prepare_cached(
            "INSERT OR IGNORE INTO exception_keys (exception_id, school_id, key_index)
             VALUES (?1, ?2, ?3)",
        )?
        .execute(params![row.id.as_bytes(), school.as_bytes(), key])?;
    }
    Ok(())
}

/// Ends one; false when it has ended already.
///
/// # Errors
/// The store's.
pub fn end(
    tx: &Tx,
    school: SchoolId,
    id: ExceptionId,
    at: i64,
    ending: &[u8],
) -> Result<bool, StoreError> {
    let changed = tx
        .prepare_cached(
            "UPDATE exceptions SET ended_at = ?3, ending = ?4
             WHERE id = ?1 AND school_id = ?2 AND ended_at IS NULL",
        )?
        .execute(params![id.as_bytes(), school.as_bytes(), at, ending])?;
    Ok(changed > 0)
}

/// All of a school, in the order in which they were entered.
///
/// # Errors
/// The store's.
pub fn all(tx: &Tx, school: SchoolId) -> Result<Vec<ExceptionRow>, StoreError> {
    let sql =
        format!("SELECT {COLUMNS} FROM exceptions WHERE school_id = ?1 ORDER BY entered_at, id");
    let mut statement = tx.prepare_cached(&sql)?;
    let rows = statement.query_map([school.as_bytes()], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Those of a school in which an address, a domain or a UPN stands, by its blind index.
///
/// # Errors
/// The store's.
pub fn about(tx: &Tx, school: SchoolId, key: &[u8]) -> Result<Vec<ExceptionRow>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM exceptions WHERE id IN
             (SELECT exception_id FROM exception_keys WHERE school_id = ?1 AND key_index = ?2)
         ORDER BY entered_at, id"
    );
    let mut statement = tx.prepare_cached(&sql)?;
    let rows = statement.query_map(params![school.as_bytes(), key], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}
