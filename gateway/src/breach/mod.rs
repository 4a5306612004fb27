//! Breach tickets: opened with a quarantine, settled by the reviewer's answer.
//!
//! UK GDPR Art. 33(1) gives 72 hours from awareness. Until a person says when the school
//! became aware, the deadline is counted from the detection and is provisional.

use serde::{Deserialize, Serialize};

use crate::clock::{HOUR, Micros};
use crate::ids::{CaseId, TicketId};
use crate::keys::{KeyError, Purpose, SchoolKeys};
use crate::store::tickets::{TicketRow, TicketState};

/// The time that Art. 33(1) gives.
pub const CLOCK: Micros = 72 * HOUR;

/// What a ticket knows from its first moment. Data subjects are counted, not named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketBody {
    /// One sentence, without personal data.
    pub what: String,
    pub sensitivity: String,
    /// Categories of data, in words.
    pub categories: Vec<String>,
    /// How many people the data concern, as far as was seen.
    pub people: u32,
    /// What each recipient is, in words, with how many.
    pub recipients: Vec<(String, u32)>,
    /// Whether every sensitive attachment was really encrypted.
    pub encrypted: bool,
    /// How grave the pack takes it to be, until a person has looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    /// Rules and clauses.
    pub rules: Vec<(String, Vec<String>)>,
    /// It is about a message that its usual approver must not know of.
    #[serde(default)]
    pub protected: bool,
}

/// A suspicion about a quarantined message.
///
/// # Errors
/// The cipher's.
pub fn suspect(
    keys: &SchoolKeys,
    controller: &str,
    case: CaseId,
    body: &TicketBody,
    now: Micros,
) -> Result<TicketRow, KeyError> {
    let id = TicketId::new();
    Ok(TicketRow {
        id,
        school: keys.id,
        controller: controller.to_owned(),
        case: Some(case),
        state: TicketState::Suspected,
        opened_at: now,
        aware_at: None,
        deadline_at: now + CLOCK,
        closed_at: None,
        body: keys.seal_json(Purpose::Long, &place(id), body)?,
    })
}

/// Opens the body of a ticket.
///
/// # Errors
/// It does not verify.
pub fn open(keys: &SchoolKeys, row: &TicketRow) -> Result<TicketBody, KeyError> {
    keys.open_json(&place(row.id), &row.body)
}

fn place(id: TicketId) -> String {
    format!("tickets.body:{id}")
}
