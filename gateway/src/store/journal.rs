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

/// A line as it is read back; `body` is sealed.
pub struct StoredLine {
    pub id: JournalId,
    pub message: SpoolId,
    pub received_at: i64,
    pub body: Vec<u8>,
}

/// In the order of the index on the time, or each page would sort all that follows.
const LINES: &str = "SELECT id, message_id, received_at, body FROM journal
     WHERE school_id = ?1 AND received_at < ?2 AND (received_at, id) > (?3, ?4)
     ORDER BY received_at, id LIMIT ?5";

impl StoredLine {
    /// Behind which the next page begins.
    pub fn place(&self) -> (i64, JournalId) {
        (self.received_at, self.id)
    }
}

/// The lines of a school from one time up to another, the oldest first, a page from
/// `after` on: at most so many lines, and no more after so many octets.
///
/// # Errors
/// The store's.
pub fn lines(
    tx: &Tx,
    school: SchoolId,
    (from, to): (i64, i64),
    after: Option<(i64, JournalId)>,
    (most, octets): (usize, usize),
) -> Result<Vec<StoredLine>, StoreError> {
    let (time, id) = match after {
        Some((time, id)) => (time, *id.as_bytes()),
        None => (from, [0; 16]),
    };
    let mut statement = tx.prepare_cached(LINES)?;
    let mut rows = statement.query(params![school.as_bytes(), to, time, id, most as i64])?;
    let mut lines = Vec::new();
    let mut read = 0;
    while read < octets
        && let Some(row) = rows.next()?
    {
        let body: Vec<u8> = row.get(3)?;
        read += body.len();
        lines.push(StoredLine {
            id: JournalId::from_bytes(id16(row, 0)?),
            message: SpoolId::from_bytes(id16(row, 1)?),
            received_at: row.get(2)?,
            body,
        });
    }
    Ok(lines)
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

#[cfg(test)]
mod tests {
    use super::*;

    const SCHOOL: [u8; 16] = [7; 16];

    /// A store with four lines, each of a hundred octets.
    fn four_lines() -> Tx {
        let store = rusqlite::Connection::open_in_memory().unwrap();
        store
            .execute_batch(include_str!("sql/0001_first.sql"))
            .unwrap();
        for number in 1..=4 {
            let line = JournalRow {
                id: JournalId::from_bytes([number; 16]),
                school: SchoolId::from_bytes(SCHOOL),
                message: SpoolId::new(),
                received_at: i64::from(number) - 1,
                verdict: Verdict::Deliver,
                message_id_index: None,
                sender_index: None,
                body: vec![0; 100],
            };
            insert(&store, &line).unwrap();
        }
        store
    }

    fn check(span: (i64, i64), after: Option<u8>, most: (usize, usize), expected: &[u8]) {
        let store = four_lines();
        let after = after.map(|n| (i64::from(n) - 1, JournalId::from_bytes([n; 16])));
        let school = SchoolId::from_bytes(SCHOOL);
        let lines = lines(&store, school, span, after, most).unwrap();
        let ids: Vec<u8> = lines.iter().map(|line| line.id.as_bytes()[0]).collect();
        assert_eq!(ids, expected);
        let other = SchoolId::from_bytes([8; 16]);
        assert!(
            super::lines(&store, other, span, None, most)
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn a_page_ends_with_its_lines_or_its_octets_and_the_next_begins_behind_it() {
        let all = (0, 9);
        check(all, None, (10, 10_000), &[1, 2, 3, 4]);
        check(all, None, (3, 10_000), &[1, 2, 3]);
        check(all, Some(3), (3, 10_000), &[4]);
        check(all, Some(4), (3, 10_000), &[]);
        // A line that is larger than the page is a page.
        check(all, None, (10, 1), &[1]);
        check(all, Some(1), (10, 150), &[2, 3]);
        check((1, 3), None, (10, 10_000), &[2, 3]);
    }

    #[test]
    fn a_page_is_found_by_its_time_and_not_by_sorting_the_journal() {
        let store = four_lines();
        let plan: Vec<String> = store
            .prepare(&format!("EXPLAIN QUERY PLAN {LINES}"))
            .unwrap()
            .query_map(params![SCHOOL, 9, 0, [0_u8; 16], 10], |row| row.get(3))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        let plan = plan.join("; ");
        assert!(
            plan.contains("journal_time (school_id=? AND received_at"),
            "{plan}"
        );
        assert!(!plan.contains("TEMP B-TREE FOR ORDER BY"), "{plan}");
    }
}
