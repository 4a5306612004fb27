//! The entry of each forward-path.

use rusqlite::{OptionalExtension, params};
use schoolgate_policies::Verdict;

use super::messages::Origin;
use super::{StoreError, Tx, id16};
use crate::ids::{RecipientId, SchoolId, SpoolId};

/// What a recipient waits for, or how it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// The verdict.
    Unjudged,
    /// Delivery.
    Queued,
    /// Delivery; a transmission was begun whose answer is not known.
    InDoubt,
    /// Taken by the next hop: all that can be known.
    Taken,
    /// The sender, to put it right.
    Held,
    /// A reviewer.
    Quarantined,
    /// Could not be delivered; a DSN went to the sender where one may.
    Failed,
    /// A reviewer refused it.
    Refused,
    /// It went back to its sender.
    Returned,
    /// The verdict was reject; a DSN went to the sender.
    Rejected,
    /// It was for the gateway itself, which took it in: nothing went out.
    Consumed,
    /// Its sender had the marking added: it went on as another message.
    Replaced,
}

impl Standing {
    const ALL: [Standing; 12] = [
        Self::Unjudged,
        Self::Queued,
        Self::InDoubt,
        Self::Taken,
        Self::Held,
        Self::Quarantined,
        Self::Failed,
        Self::Refused,
        Self::Returned,
        Self::Rejected,
        Self::Consumed,
        Self::Replaced,
    ];

    /// The number in the store.
    pub fn code(self) -> i64 {
        Self::ALL.iter().position(|s| *s == self).unwrap_or(0) as i64
    }

    /// The standing with this number.
    pub fn from_code(code: i64) -> Self {
        usize::try_from(code)
            .ok()
            .and_then(|i| Self::ALL.get(i).copied())
            .unwrap_or(Self::Quarantined)
    }

    /// As lists show it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Unjudged => "being inspected",
            Self::Queued => "queued",
            Self::InDoubt => "in doubt",
            Self::Taken => "taken by the next hop",
            Self::Held => "held",
            Self::Quarantined => "quarantined",
            Self::Failed => "undeliverable",
            Self::Refused => "refused",
            Self::Returned => "returned to the sender",
            Self::Rejected => "rejected",
            Self::Consumed => "taken in by the gateway",
            Self::Replaced => "sent on with a marking",
        }
    }
}

/// The number of a verdict in the store.
pub fn verdict_code(verdict: Verdict) -> i64 {
    match verdict {
        Verdict::Deliver => 0,
        Verdict::Hold => 1,
        Verdict::Quarantine => 2,
        Verdict::Reject => 3,
    }
}

/// The verdict with this number.
pub fn verdict_from_code(code: i64) -> Verdict {
    match code {
        0 => Verdict::Deliver,
        1 => Verdict::Hold,
        3 => Verdict::Reject,
        _ => Verdict::Quarantine,
    }
}

/// An entry as it is written; `path` is sealed.
pub struct NewRecipient {
    pub id: RecipientId,
    pub position: i64,
    pub path: Vec<u8>,
    pub path_index: Vec<u8>,
    pub standing: Standing,
    pub next_attempt_at: i64,
}

/// An entry as it is read.
#[derive(Clone)]
pub struct RecipientRow {
    pub id: RecipientId,
    pub message: SpoolId,
    pub school: SchoolId,
    pub path: Vec<u8>,
    pub verdict: Option<Verdict>,
    pub standing: Standing,
    pub next_attempt_at: i64,
    pub attempts: i64,
    pub doubts: i64,
    pub reply: Option<Vec<u8>>,
    pub delay_told_at: Option<i64>,
}

/// Adds an entry.
///
/// # Errors
/// The store's.
pub fn insert(
    tx: &Tx,
    message: SpoolId,
    school: SchoolId,
    new: &NewRecipient,
    now: i64,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO recipients (id, message_id, school_id, position, path, path_index, state,
                                 next_attempt_at, changed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        new.id.as_bytes(),
        message.as_bytes(),
        school.as_bytes(),
        new.position,
        new.path,
        new.path_index,
        new.standing.code(),
        new.next_attempt_at,
        now,
    ])?;
    Ok(())
}

const COLUMNS: &str = "id, message_id, school_id, path, verdict, state, next_attempt_at, \
                       attempts, doubts, reply, delay_told_at";

fn recipient(row: &rusqlite::Row<'_>) -> rusqlite::Result<RecipientRow> {
    Ok(RecipientRow {
        id: RecipientId::from_bytes(id16(row, 0)?),
        message: SpoolId::from_bytes(id16(row, 1)?),
        school: SchoolId::from_bytes(id16(row, 2)?),
        path: row.get(3)?,
        verdict: row.get::<_, Option<i64>>(4)?.map(verdict_from_code),
        standing: Standing::from_code(row.get(5)?),
        next_attempt_at: row.get(6)?,
        attempts: row.get(7)?,
        doubts: row.get(8)?,
        reply: row.get(9)?,
        delay_told_at: row.get(10)?,
    })
}

/// The entries of a message, in the order of the envelope.
///
/// # Errors
/// The store's.
pub fn of_message(tx: &Tx, message: SpoolId) -> Result<Vec<RecipientRow>, StoreError> {
    let mut statement = tx.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM recipients WHERE message_id = ?1 ORDER BY position"
    ))?;
    let rows = statement.query_map([message.as_bytes()], recipient)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The messages that have an entry due by `now`, the longest due first.
///
/// # Errors
/// The store's.
pub fn due(tx: &Tx, now: i64, most: usize) -> Result<Vec<SpoolId>, StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT message_id, min(next_attempt_at) AS due FROM recipients
         WHERE state IN (1, 2) AND next_attempt_at <= ?1
         GROUP BY message_id ORDER BY due LIMIT ?2",
    )?;
    let rows = statement.query_map(params![now, most as i64], |row| {
        Ok(SpoolId::from_bytes(id16(row, 0)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// When the next entry falls due.
///
/// # Errors
/// The store's.
pub fn next_due(tx: &Tx) -> Result<Option<i64>, StoreError> {
    Ok(tx
        .prepare_cached("SELECT min(next_attempt_at) FROM recipients WHERE state IN (1, 2)")?
        .query_row([], |row| row.get(0))?)
}

/// Gives an entry its verdict and what it now waits for. [`Standing::InDoubt`] when its
/// first transmission begins with the verdict.
///
/// # Errors
/// The store's.
pub fn judge(
    tx: &Tx,
    id: RecipientId,
    verdict: Verdict,
    standing: Standing,
    next_attempt_at: i64,
    now: i64,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE recipients SET verdict = ?2, state = ?3, doubts = doubts + (?3 = 2),
                next_attempt_at = ?4, changed_at = ?5
         WHERE id = ?1 AND state = 0",
    )?
    .execute(params![
        id.as_bytes(),
        verdict_code(verdict),
        standing.code(),
        next_attempt_at,
        now
    ])?;
    Ok(())
}

/// Records that a transmission begins whose answer may never be seen. Only entries that
/// still wait for delivery; returns how many.
///
/// # Errors
/// The store's.
pub fn doubt(tx: &Tx, ids: &[RecipientId], now: i64) -> Result<usize, StoreError> {
    let mut changed = 0;
    for id in ids {
        changed += tx
            .prepare_cached(
                "UPDATE recipients SET state = 2, doubts = doubts + 1, changed_at = ?2
                 WHERE id = ?1 AND state IN (1, 2)",
            )?
            .execute(params![id.as_bytes(), now])?;
    }
    Ok(changed)
}

/// The end or the next step of a delivery attempt; `reply` is sealed. `answered` says that
/// the next hop's answer is known, which clears the doubt of this attempt.
///
/// # Errors
/// The store's.
pub fn attempted(
    tx: &Tx,
    id: RecipientId,
    standing: Standing,
    next_attempt_at: i64,
    reply: Option<&[u8]>,
    answered: bool,
    now: i64,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE recipients SET state = ?2, next_attempt_at = ?3, attempts = attempts + 1,
                doubts = CASE WHEN state = 2 AND ?6 AND doubts > 0 THEN doubts - 1 ELSE doubts END,
                reply = coalesce(?4, reply), changed_at = ?5
         WHERE id = ?1 AND state IN (1, 2)",
    )?
    .execute(params![
        id.as_bytes(),
        standing.code(),
        next_attempt_at,
        reply,
        now,
        answered,
    ])?;
    Ok(())
}

/// Notes that the sender was told of a delay.
///
/// # Errors
/// The store's.
pub fn told_of_delay(tx: &Tx, id: RecipientId, now: i64) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE recipients SET delay_told_at = ?2 WHERE id = ?1")?
        .execute(params![id.as_bytes(), now])?;
    Ok(())
}

/// Moves the held and quarantined entries of a message on. Returns how many.
///
/// # Errors
/// The store's.
pub fn answer(
    tx: &Tx,
    message: SpoolId,
    standing: Standing,
    now: i64,
) -> Result<usize, StoreError> {
    Ok(tx
        .prepare_cached(
            "UPDATE recipients SET state = ?2, next_attempt_at = ?3, changed_at = ?3
             WHERE message_id = ?1 AND state IN (4, 5)",
        )?
        .execute(params![message.as_bytes(), standing.code(), now])?)
}

/// Takes in entries that are for the gateway itself. Returns how many: none when another
/// was first.
///
/// # Errors
/// The store's.
pub fn consume(tx: &Tx, ids: &[RecipientId], now: i64) -> Result<usize, StoreError> {
    let mut changed = 0;
    for id in ids {
        changed += tx
            .prepare_cached(
                "UPDATE recipients SET state = ?2, changed_at = ?3 WHERE id = ?1 AND state = 0",
            )?
            .execute(params![id.as_bytes(), Standing::Consumed.code(), now])?;
    }
    Ok(changed)
}

/// Makes queued entries due now: of one message, or of all. Returns how many.
///
/// # Errors
/// The store's.
pub fn hasten(tx: &Tx, message: Option<SpoolId>, now: i64) -> Result<usize, StoreError> {
    let sql =
        "UPDATE recipients SET next_attempt_at = ?1 WHERE state IN (1, 2) AND next_attempt_at > ?1";
    Ok(match message {
        Some(id) => tx
            .prepare_cached(&format!("{sql} AND message_id = ?2"))?
            .execute(params![now, id.as_bytes()])?,
        None => tx.prepare_cached(sql)?.execute([now])?,
    })
}

/// A message in the queue, for lists.
pub struct QueueRow {
    pub message: SpoolId,
    pub school: SchoolId,
    pub received_at: i64,
    pub size: i64,
    pub arrival: Vec<u8>,
    pub waiting: i64,
    pub in_doubt: i64,
    pub attempts: i64,
    pub next_attempt_at: i64,
    pub origin: Origin,
    /// The id and sealed reply of the entry that was answered last.
    pub last: Option<(RecipientId, Vec<u8>)>,
}

/// The messages with entries that wait for a verdict or for delivery.
///
/// # Errors
/// The store's.
pub fn queue(tx: &Tx, most: usize) -> Result<Vec<QueueRow>, StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT m.id, m.school_id, m.received_at, m.size, m.arrival,
                count(*), sum(r.state = 2), max(r.attempts), min(r.next_attempt_at), m.origin
         FROM recipients r JOIN messages m ON m.id = r.message_id
         WHERE r.state IN (0, 1, 2) GROUP BY m.id ORDER BY m.received_at LIMIT ?1",
    )?;
    let rows = statement.query_map([most as i64], |row| {
        Ok(QueueRow {
            message: SpoolId::from_bytes(id16(row, 0)?),
            school: SchoolId::from_bytes(id16(row, 1)?),
            received_at: row.get(2)?,
            size: row.get(3)?,
            arrival: row.get(4)?,
            waiting: row.get(5)?,
            in_doubt: row.get(6)?,
            attempts: row.get(7)?,
            next_attempt_at: row.get(8)?,
            origin: Origin::from_code(row.get(9)?),
            last: None,
        })
    })?;
    let mut rows: Vec<QueueRow> = rows.collect::<Result<_, _>>()?;
    for row in &mut rows {
        row.last = tx
            .prepare_cached(
                "SELECT id, reply FROM recipients
                 WHERE message_id = ?1 AND state IN (1, 2) AND reply IS NOT NULL
                 ORDER BY changed_at DESC LIMIT 1",
            )?
            .query_row([row.message.as_bytes()], |r| {
                Ok((RecipientId::from_bytes(id16(r, 0)?), r.get(1)?))
            })
            .optional()?;
    }
    Ok(rows)
}

/// How many entries stand where, for metrics.
///
/// # Errors
/// The store's.
pub fn counts(tx: &Tx) -> Result<Vec<(Standing, i64)>, StoreError> {
    let mut statement =
        tx.prepare_cached("SELECT state, count(*) FROM recipients GROUP BY state")?;
    let rows = statement.query_map([], |row| {
        Ok((Standing::from_code(row.get(0)?), row.get(1)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
