//! Schools, their wrapped keys and epochs.

use rusqlite::{OptionalExtension, params};

use super::{StoreError, Tx, id16};
use crate::ids::{EpochId, SchoolId};

/// A key of a school, wrapped by its master key.
pub struct WrappedKey {
    pub purpose: String,
    pub master_id: String,
    pub wrapped: Vec<u8>,
}

/// An epoch whose key is not destroyed.
#[derive(Clone)]
pub struct EpochRow {
    pub id: EpochId,
    pub purpose: String,
    pub master_id: String,
    pub wrapped: Vec<u8>,
    pub starts_at: i64,
    pub ends_at: i64,
}

/// The row of a school.
///
/// # Errors
/// The store's.
pub fn find(tx: &Tx, slug: &str) -> Result<Option<SchoolId>, StoreError> {
    Ok(tx
        .prepare_cached("SELECT id FROM schools WHERE slug = ?1")?
        .query_row([slug], |row| id16(row, 0))
        .optional()?
        .map(SchoolId::from_bytes))
}

/// Makes the school's row and keys where they are missing; returns what is there.
///
/// # Errors
/// The store's.
pub fn ensure(
    tx: &Tx,
    slug: &str,
    controller: &str,
    master_id: &str,
    fresh: &[(&'static str, Vec<u8>)],
    now: i64,
) -> Result<(SchoolId, Vec<WrappedKey>), StoreError> {
    let id = match find(tx, slug)? {
        Some(id) => {
            tx.execute(
                "UPDATE schools SET controller = ?2 WHERE id = ?1 AND controller <> ?2",
                params![id.as_bytes(), controller],
            )?;
            id
        }
        None => {
            let id = SchoolId::new();
            tx.execute(
                "INSERT INTO schools (id, slug, controller, created_at) VALUES (?1, ?2, ?3, ?4)",
                params![id.as_bytes(), slug, controller, now],
            )?;
            for (purpose, wrapped) in fresh {
                tx.execute(
                    "INSERT INTO school_keys (school_id, purpose, master_id, wrapped)
                     VALUES (?1, ?2, ?3, ?4)",
                    params![id.as_bytes(), purpose, master_id, wrapped],
                )?;
            }
            id
        }
    };
    let mut statement = tx.prepare_cached(
        "SELECT purpose, master_id, wrapped FROM school_keys WHERE school_id = ?1",
    )?;
    let keys = statement
        .query_map([id.as_bytes()], |row| {
            Ok(WrappedKey {
                purpose: row.get(0)?,
                master_id: row.get(1)?,
                wrapped: row.get(2)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok((id, keys))
}

/// Replaces the holders of the school's roles. `people` gives role, blind index, sealed
/// address and whether the role is the controller's.
///
/// # Errors
/// The store's.
pub fn set_roles(
    tx: &Tx,
    school: SchoolId,
    people: &[(String, Vec<u8>, Vec<u8>, bool)],
) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM roles WHERE school_id = ?1",
        [school.as_bytes()],
    )?;
    for (role, index, sealed, controller_wide) in people {
        tx.execute(
            "INSERT INTO roles (school_id, role, person_index, person, controller_wide)
             VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
            params![school.as_bytes(), role, index, sealed, controller_wide],
        )?;
    }
    Ok(())
}

/// The epochs of a school whose keys are not destroyed.
///
/// # Errors
/// The store's.
pub fn epochs(tx: &Tx, school: SchoolId) -> Result<Vec<EpochRow>, StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT id, purpose, master_id, wrapped, starts_at, ends_at FROM epochs
         WHERE school_id = ?1 AND destroyed_at IS NULL",
    )?;
    let rows = statement.query_map([school.as_bytes()], |row| {
        Ok(EpochRow {
            id: EpochId::from_bytes(id16(row, 0)?),
            purpose: row.get(1)?,
            master_id: row.get(2)?,
            wrapped: row.get(3)?,
            starts_at: row.get(4)?,
            ends_at: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Adds an epoch.
///
/// # Errors
/// The store's.
pub fn insert_epoch(tx: &Tx, school: SchoolId, epoch: &EpochRow) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO epochs (id, school_id, purpose, master_id, wrapped, starts_at, ends_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            epoch.id.as_bytes(),
            school.as_bytes(),
            epoch.purpose,
            epoch.master_id,
            epoch.wrapped,
            epoch.starts_at,
            epoch.ends_at
        ],
    )?;
    Ok(())
}

/// Destroys the keys of content epochs that ended before `before` and seal no content any
/// more, so that what they sealed is erased. Returns how many.
///
/// # Errors
/// The store's.
pub fn destroy_spent_epochs(tx: &Tx, before: i64, now: i64) -> Result<usize, StoreError> {
    // The first sixteen octets of a sealed value name its epoch.
    Ok(tx.execute(
        "UPDATE epochs SET wrapped = x'', destroyed_at = ?2
         WHERE purpose = 'content' AND destroyed_at IS NULL AND ends_at < ?1
           AND NOT EXISTS (SELECT 1 FROM contents WHERE substr(contents.data_key, 1, 16) = epochs.id)",
        params![before, now],
    )?)
}
