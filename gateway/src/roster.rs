//! The roster's way into the store: imported as an immutable version, replaced whole.

use std::path::{Path, PathBuf};

use schoolgate_detectors::Roster;
use schoolgate_detectors::roster::{Import, RosterFile, import};
use schoolgate_policies::RosterState;

use crate::audit::{Actor, Entry, Line};
use crate::clock::{DAY, Micros};
use crate::ids::{RosterId, SchoolId};
use crate::keys::{KeyError, Purpose, Vault};
use crate::store::rosters::{self, RosterRow};
use crate::store::{Store, StoreError};

/// After this time a roster is stale: rules on relations only monitor (design, "stance").
pub const STALE: Micros = 35 * DAY;

/// The share of pupils, in percent, that an import may remove without being confirmed.
const MAY_LEAVE: usize = 30;

/// Why a roster was not taken. The one before stays.
#[derive(Debug, thiserror::Error)]
pub enum RosterError {
    #[error(
        "cannot read the roster folder {path}: {source}. Check the path and that this user may read it"
    )]
    Folder {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("the roster folder {0} holds no .csv or .xml file")]
    NoFiles(PathBuf),
    #[error("the roster cannot be used:\n{}", .0.iter().map(|p| format!("  {p}")).collect::<Vec<_>>().join("\n"))]
    Unusable(Vec<String>),
    #[error(
        "{missing} of {before} pupils would vanish. If that is right, import again with --confirm"
    )]
    TooManyLeave { missing: usize, before: usize },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// What an import did.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Imported {
    pub digest: String,
    pub pupils: usize,
    pub contacts: usize,
    pub staff: usize,
    pub agencies: usize,
    /// The same files as the active roster: only its date was renewed.
    pub unchanged: bool,
    /// What was wrong with single rows.
    pub problems: Vec<String>,
}

/// The active roster of a school.
pub struct Active {
    pub roster: Roster,
    pub digest: String,
    pub imported_at: Micros,
}

impl Active {
    /// Whether it can be relied upon at `now`.
    pub fn state(&self, now: Micros) -> RosterState {
        if now - self.imported_at > STALE {
            RosterState::Stale
        } else {
            RosterState::Fresh
        }
    }
}

/// The files of a roster folder.
///
/// # Errors
/// The folder or a file cannot be read.
pub fn read_folder(path: &Path) -> Result<Vec<(String, Vec<u8>)>, RosterError> {
    let folder = |source| RosterError::Folder {
        path: path.to_owned(),
        source,
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).map_err(folder)? {
        let entry = entry.map_err(folder)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let lower = name.to_lowercase();
        if lower.ends_with(".csv") || lower.ends_with(".xml") {
            files.push((name, std::fs::read(entry.path()).map_err(folder)?));
        }
    }
    if files.is_empty() {
        return Err(RosterError::NoFiles(path.to_owned()));
    }
    files.sort();
    Ok(files)
}

/// Reads the files without keeping anything.
pub fn read_files(files: &[(String, Vec<u8>)], salt: &[u8]) -> Import {
    let files: Vec<RosterFile<'_>> = files
        .iter()
        .map(|(name, bytes)| RosterFile { name, bytes })
        .collect();
    import(&files, salt)
}

/// Imports the files as the school's new roster.
///
/// # Errors
/// The files are unusable, too many pupils would vanish, or the store fails: then the
/// roster before stays.
pub async fn import_files(
    store: &Store,
    vault: &Vault,
    school: SchoolId,
    files: &[(String, Vec<u8>)],
    confirmed: bool,
    actor: &Actor,
    now: Micros,
) -> Result<Imported, RosterError> {
    let keys = vault.of(school)?;
    let read = read_files(files, &keys.pupil_salt());
    if !read.is_usable() {
        return Err(RosterError::Unusable(
            read.problems.iter().map(ToString::to_string).collect(),
        ));
    }
    let before = active(store, vault, school).await?;
    if let Some(before) = &before
        && !confirmed
    {
        let kept: std::collections::HashSet<_> = read.roster.pupils.iter().map(|p| p.id).collect();
        let missing = before
            .roster
            .pupils
            .iter()
            .filter(|p| !kept.contains(&p.id))
            .count();
        if missing * 100 > before.roster.pupils.len() * MAY_LEAVE {
            return Err(RosterError::TooManyLeave {
                missing,
                before: before.roster.pupils.len(),
            });
        }
    }
    let unchanged = before.is_some_and(|b| b.digest == read.digest);
    let id = RosterId::new();
    let row = RosterRow {
        id,
        school,
        digest: read.digest.clone(),
        imported_at: now,
        pupils: read.roster.pupils.len() as i64,
        contacts: read.roster.contacts.len() as i64,
        staff: read.roster.staff.len() as i64,
        body: keys.seal_json(Purpose::Long, &place(id), &read.roster)?,
    };
    let line = Line::seal(
        keys,
        now,
        "roster.import",
        &Entry {
            actor: actor.clone(),
            object: read.digest.clone(),
            detail: format!(
                "{} pupils, {} contacts, {} staff",
                row.pupils, row.contacts, row.staff
            ),
        },
    )?;
    store
        .write(move |tx| {
            if unchanged {
                if let Some(active) = rosters::active(tx, school)? {
                    rosters::confirm(tx, active.id, now)?;
                }
            } else {
                rosters::insert(tx, &row)?;
            }
            line.append(tx)
        })
        .await?;
    Ok(Imported {
        digest: read.digest,
        pupils: read.roster.pupils.len(),
        contacts: read.roster.contacts.len(),
        staff: read.roster.staff.len(),
        agencies: read.roster.agencies.len(),
        unchanged,
        problems: read.problems.iter().map(ToString::to_string).collect(),
    })
}

/// The active roster, opened.
///
/// # Errors
/// The store's, or it does not verify.
pub async fn active(
    store: &Store,
    vault: &Vault,
    school: SchoolId,
) -> Result<Option<Active>, RosterError> {
    let Some(row) = store.read(move |tx| rosters::active(tx, school)).await? else {
        return Ok(None);
    };
    let roster = vault.of(school)?.open_json(&place(row.id), &row.body)?;
    Ok(Some(Active {
        roster,
        digest: row.digest,
        imported_at: row.imported_at,
    }))
}

fn place(id: RosterId) -> String {
    format!("rosters.body:{id}")
}
