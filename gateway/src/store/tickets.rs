//! Breach tickets.

use rusqlite::{OptionalExtension, params};

use super::{StoreError, Tx, id16};
use crate::ids::{CaseId, SchoolId, TicketId};

/// What became of a suspicion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TicketState {
    /// Stopped; nobody has answered yet.
    Suspected,
    /// A reviewer refused it: nothing left.
    NearMiss,
    /// A reviewer released it: normal sharing.
    NoIncident,
    /// It left, and should not have.
    Breach,
}

impl TicketState {
    fn code(self) -> i64 {
        match self {
            Self::Suspected => 0,
            Self::NearMiss => 1,
            Self::NoIncident => 2,
            Self::Breach => 3,
        }
    }

    fn from_code(code: i64) -> Self {
        match code {
            1 => Self::NearMiss,
            2 => Self::NoIncident,
            3 => Self::Breach,
            _ => Self::Suspected,
        }
    }

    /// As lists show it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Suspected => "suspected",
            Self::NearMiss => "near miss",
            Self::NoIncident => "no incident",
            Self::Breach => "breach",
        }
    }
}

/// A ticket; `body` is sealed.
pub struct TicketRow {
    pub id: TicketId,
    pub school: SchoolId,
    pub controller: String,
    pub case: Option<CaseId>,
    pub state: TicketState,
    pub opened_at: i64,
    pub aware_at: Option<i64>,
    pub deadline_at: i64,
    pub closed_at: Option<i64>,
    pub body: Vec<u8>,
}

/// Adds a ticket.
///
/// # Errors
/// The store's.
pub fn insert(tx: &Tx, ticket: &TicketRow) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO tickets (id, school_id, controller, case_id, state, opened_at, aware_at,
                              deadline_at, closed_at, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute(params![
        ticket.id.as_bytes(),
        ticket.school.as_bytes(),
        ticket.controller,
        ticket.case.map(|c| *c.as_bytes()),
        ticket.state.code(),
        ticket.opened_at,
        ticket.aware_at,
        ticket.deadline_at,
        ticket.closed_at,
        ticket.body,
    ])?;
    Ok(())
}

const COLUMNS: &str = "id, school_id, controller, case_id, state, opened_at, aware_at, \
                       deadline_at, closed_at, body";

fn ticket(row: &rusqlite::Row<'_>) -> rusqlite::Result<TicketRow> {
    Ok(TicketRow {
        id: TicketId::from_bytes(id16(row, 0)?),
        school: SchoolId::from_bytes(id16(row, 1)?),
        controller: row.get(2)?,
        case: row.get::<_, Option<[u8; 16]>>(3)?.map(CaseId::from_bytes),
        state: TicketState::from_code(row.get(4)?),
        opened_at: row.get(5)?,
        aware_at: row.get(6)?,
        deadline_at: row.get(7)?,
        closed_at: row.get(8)?,
        body: row.get(9)?,
    })
}

/// The tickets, newest first.
///
/// # Errors
/// The store's.
pub fn list(tx: &Tx, school: Option<SchoolId>, most: usize) -> Result<Vec<TicketRow>, StoreError> {
    let mut statement = tx.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM tickets WHERE (?1 IS NULL OR school_id = ?1)
         ORDER BY opened_at DESC LIMIT ?2"
    ))?;
    let school = school.map(|s| *s.as_bytes());
    let rows = statement.query_map(params![school, most as i64], ticket)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The tickets whose id begins or ends with these hexadecimal digits, at most three.
///
/// # Errors
/// The store's.
pub fn with_digits(tx: &Tx, digits: &str) -> Result<Vec<TicketRow>, StoreError> {
    let mut statement = tx.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM tickets
         WHERE lower(hex(id)) LIKE ?1 || '%' OR lower(hex(id)) LIKE '%' || ?1 LIMIT 3"
    ))?;
    let rows = statement.query_map([digits.to_lowercase()], ticket)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The ticket of a case.
///
/// # Errors
/// The store's.
pub fn of_case(tx: &Tx, case: CaseId) -> Result<Option<TicketRow>, StoreError> {
    Ok(tx
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM tickets WHERE case_id = ?1 LIMIT 1"
        ))?
        .query_row([case.as_bytes()], ticket)
        .optional()?)
}

/// Moves the suspected ticket of a case to its end; others stay as they are.
///
/// # Errors
/// The store's.
pub fn settle(tx: &Tx, case: CaseId, state: TicketState, now: i64) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE tickets SET state = ?2, closed_at = ?3 WHERE case_id = ?1 AND state = 0",
    )?
    .execute(params![case.as_bytes(), state.code(), now])?;
    Ok(())
}
