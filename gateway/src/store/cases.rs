//! Stops that wait for an answer, and the judgements behind them.

use rusqlite::{OptionalExtension, params};
use schoolgate_policies::Verdict;

use super::recipients::verdict_code;
use super::{StoreError, Tx, id16};
use crate::ids::{CaseId, SchoolId, SpoolId};

/// What kind of stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CaseKind {
    Hold,
    Quarantine,
    Reject,
    /// Kept without being judged: a loop, a foreign reverse-path, no school.
    Kept,
    /// It has left, and is looked at afterwards: a referral that never waits.
    Review,
}

impl CaseKind {
    fn code(self) -> i64 {
        match self {
            Self::Hold => 1,
            Self::Quarantine => 2,
            Self::Reject => 3,
            Self::Kept => 4,
            Self::Review => 5,
        }
    }

    fn from_code(code: i64) -> Self {
        match code {
            1 => Self::Hold,
            3 => Self::Reject,
            4 => Self::Kept,
            5 => Self::Review,
            _ => Self::Quarantine,
        }
    }
}

/// How a case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CaseState {
    Open,
    Released,
    Refused,
    /// A reviewer gave it back to the sender.
    Returned,
    /// Nobody answered in time; it went back to the sender.
    Expired,
    /// Its sender called it off.
    Cancelled,
    /// Its sender had the marking added; it was judged anew.
    Marked,
}

impl CaseState {
    fn code(self) -> i64 {
        match self {
            Self::Open => 0,
            Self::Released => 1,
            Self::Refused => 2,
            Self::Returned => 3,
            Self::Expired => 4,
            Self::Cancelled => 5,
            Self::Marked => 6,
        }
    }

    fn from_code(code: i64) -> Self {
        match code {
            0 => Self::Open,
            1 => Self::Released,
            2 => Self::Refused,
            3 => Self::Returned,
            5 => Self::Cancelled,
            6 => Self::Marked,
            _ => Self::Expired,
        }
    }
}

/// A case; `body` is sealed.
pub struct CaseRow {
    pub id: CaseId,
    pub school: SchoolId,
    pub message: SpoolId,
    pub kind: CaseKind,
    pub state: CaseState,
    pub group_index: Vec<u8>,
    pub opened_at: i64,
    pub expires_at: Option<i64>,
    pub answered_at: Option<i64>,
    pub body: Vec<u8>,
}

/// Adds a case.
///
/// # Errors
/// The store's.
pub fn insert(tx: &Tx, case: &CaseRow) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO cases (id, school_id, message_id, kind, state, group_index, opened_at,
                            expires_at, answered_at, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute(params![
        case.id.as_bytes(),
        case.school.as_bytes(),
        case.message.as_bytes(),
        case.kind.code(),
        case.state.code(),
        case.group_index,
        case.opened_at,
        case.expires_at,
        case.answered_at,
        case.body,
    ])?;
    add_message(tx, case.id, case.message)
}

/// Puts another transaction of the same message into a case.
///
/// # Errors
/// The store's.
pub fn add_message(tx: &Tx, case: CaseId, message: SpoolId) -> Result<(), StoreError> {
    tx.prepare_cached("INSERT INTO case_messages (case_id, message_id) VALUES (?1, ?2)")?
        .execute(params![case.as_bytes(), message.as_bytes()])?;
    Ok(())
}

const COLUMNS: &str = "id, school_id, message_id, kind, state, group_index, opened_at, \
                       expires_at, answered_at, body";

fn case(row: &rusqlite::Row<'_>) -> rusqlite::Result<CaseRow> {
    Ok(CaseRow {
        id: CaseId::from_bytes(id16(row, 0)?),
        school: SchoolId::from_bytes(id16(row, 1)?),
        message: SpoolId::from_bytes(id16(row, 2)?),
        kind: CaseKind::from_code(row.get(3)?),
        state: CaseState::from_code(row.get(4)?),
        group_index: row.get(5)?,
        opened_at: row.get(6)?,
        expires_at: row.get(7)?,
        answered_at: row.get(8)?,
        body: row.get(9)?,
    })
}

/// The case with this id.
///
/// # Errors
/// The store's.
pub fn get(tx: &Tx, id: CaseId) -> Result<Option<CaseRow>, StoreError> {
    Ok(tx
        .prepare_cached(&format!("SELECT {COLUMNS} FROM cases WHERE id = ?1"))?
        .query_row([id.as_bytes()], case)
        .optional()?)
}

/// The cases whose id begins with these hexadecimal digits, at most three.
///
/// # Errors
/// The store's.
pub fn with_prefix(tx: &Tx, digits: &str) -> Result<Vec<CaseId>, StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT id FROM cases WHERE lower(hex(id)) LIKE ?1 || '%' OR lower(hex(id)) LIKE '%' || ?1 LIMIT 3",
    )?;
    let rows = statement.query_map([digits.to_lowercase()], |row| {
        Ok(CaseId::from_bytes(id16(row, 0)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The open case of the same split message, opened since `since`.
///
/// # Errors
/// The store's.
pub fn open_of_group(
    tx: &Tx,
    school: SchoolId,
    group: &[u8],
    kind: CaseKind,
    since: i64,
) -> Result<Option<CaseRow>, StoreError> {
    Ok(tx
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM cases
             WHERE school_id = ?1 AND group_index = ?2 AND kind = ?3 AND opened_at >= ?4 AND state = 0
             ORDER BY opened_at DESC LIMIT 1"
        ))?
        .query_row(params![school.as_bytes(), group, kind.code(), since], case)
        .optional()?)
}

/// Gives an open case a new time, and its body. False when it was answered meanwhile.
///
/// # Errors
/// The store's.
pub fn wait_until(tx: &Tx, id: CaseId, expires_at: i64, body: &[u8]) -> Result<bool, StoreError> {
    Ok(tx
        .prepare_cached("UPDATE cases SET expires_at = ?2, body = ?3 WHERE id = ?1 AND state = 0")?
        .execute(params![id.as_bytes(), expires_at, body])?
        == 1)
}

/// Replaces the sealed body of a case.
///
/// # Errors
/// The store's.
pub fn set_body(tx: &Tx, id: CaseId, body: &[u8]) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE cases SET body = ?2 WHERE id = ?1")?
        .execute(params![id.as_bytes(), body])?;
    Ok(())
}

/// The cases, newest first: only open ones, or all.
///
/// # Errors
/// The store's.
pub fn list(
    tx: &Tx,
    school: Option<SchoolId>,
    all: bool,
    most: usize,
) -> Result<Vec<CaseRow>, StoreError> {
    let mut statement = tx.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM cases
         WHERE (?1 IS NULL OR school_id = ?1) AND (?2 OR state = 0)
         ORDER BY opened_at DESC LIMIT ?3"
    ))?;
    let school = school.map(|s| *s.as_bytes());
    let rows = statement.query_map(params![school, all, most as i64], case)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The open cases whose time is up.
///
/// # Errors
/// The store's.
pub fn expired(tx: &Tx, now: i64, most: usize) -> Result<Vec<CaseRow>, StoreError> {
    let mut statement = tx.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM cases WHERE state = 0 AND expires_at <= ?1 ORDER BY expires_at LIMIT ?2"
    ))?;
    let rows = statement.query_map(params![now, most as i64], case)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Answers an open case. False when it was answered already: an answer counts once.
///
/// # Errors
/// The store's.
pub fn answer(
    tx: &Tx,
    id: CaseId,
    state: CaseState,
    body: &[u8],
    now: i64,
) -> Result<bool, StoreError> {
    Ok(tx
        .prepare_cached(
            "UPDATE cases SET state = ?2, answered_at = ?3, body = ?4 WHERE id = ?1 AND state = 0",
        )?
        .execute(params![id.as_bytes(), state.code(), now, body])?
        == 1)
}

/// The messages that lie in a case.
///
/// # Errors
/// The store's.
pub fn messages(tx: &Tx, id: CaseId) -> Result<Vec<SpoolId>, StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT message_id FROM case_messages WHERE case_id = ?1 ORDER BY message_id",
    )?;
    let rows = statement.query_map([id.as_bytes()], |row| {
        Ok(SpoolId::from_bytes(id16(row, 0)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The newest case in which a message lies.
///
/// # Errors
/// The store's.
pub fn of_message(tx: &Tx, message: SpoolId) -> Result<Option<CaseId>, StoreError> {
    Ok(tx
        .prepare_cached(
            "SELECT case_id FROM case_messages WHERE message_id = ?1 ORDER BY case_id DESC LIMIT 1",
        )?
        .query_row([message.as_bytes()], |row| {
            Ok(CaseId::from_bytes(id16(row, 0)?))
        })
        .optional()?)
}

/// Keeps the sealed grounds of a verdict.
///
/// # Errors
/// The store's.
pub fn insert_judgement(
    tx: &Tx,
    message: SpoolId,
    school: SchoolId,
    verdict: Verdict,
    body: &[u8],
    now: i64,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO judgements (message_id, school_id, judged_at, verdict, body)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        message.as_bytes(),
        school.as_bytes(),
        now,
        verdict_code(verdict),
        body
    ])?;
    Ok(())
}

/// The sealed grounds of a verdict.
///
/// # Errors
/// The store's.
pub fn judgement(tx: &Tx, message: SpoolId) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(tx
        .prepare_cached("SELECT body FROM judgements WHERE message_id = ?1")?
        .query_row([message.as_bytes()], |row| row.get(0))
        .optional()?)
}
