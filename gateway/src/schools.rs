//! The schools as they run: settings, pack, roster, directory and registers, replaced whole on reload.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use schoolgate_policies::RosterState;

use crate::audit::Actor;
use crate::clock::Micros;
use crate::config::{self, Settings};
use crate::ids::SchoolId;
use crate::judge::{ContextError, DatedRoster, SchoolContext, load_pack_with_text};
use crate::keys::Vault;
use crate::registers;
use crate::roster::{self, RosterError};
use crate::store::{Store, StoreError, rosters};

/// A school in use.
pub struct School {
    pub settings: config::School,
    pub context: SchoolContext,
    /// The version of the roster that verdicts cite.
    pub roster_digest: Option<String>,
}

impl School {
    /// Who decides on a stopped message, the first in charge first. Nobody decides on
    /// their own; safeguarding matter is for the DSL and the headteacher only.
    pub fn reviewers(&self, sender: &str, safeguarding: bool) -> Vec<String> {
        let settings = &self.settings;
        let candidates = if safeguarding {
            vec![&settings.dsl, &settings.headteacher]
        } else {
            vec![&settings.headteacher]
        };
        let mut reviewers: Vec<String> = Vec::new();
        // The DPO stands in where the message is the headteacher's own.
        for person in candidates.into_iter().chain([&settings.dpo]) {
            let is_dpo_in_reserve = std::ptr::eq(person, &settings.dpo) && !reviewers.is_empty();
            let is_known = reviewers.iter().any(|r| r.eq_ignore_ascii_case(person));
            if !person.eq_ignore_ascii_case(sender) && !is_dpo_in_reserve && !is_known {
                reviewers.push(person.clone());
            }
        }
        reviewers
    }
}

/// Why a school cannot be put to use.
#[derive(Debug, thiserror::Error)]
pub enum SchoolError {
    #[error("the roster of school {school}: {source}")]
    Roster { school: String, source: RosterError },
    #[error("school {school}: {source}")]
    Context {
        school: String,
        source: ContextError,
    },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// All schools in use.
#[derive(Default)]
pub struct Schools {
    by_row: RwLock<HashMap<SchoolId, Arc<School>>>,
}

impl Schools {
    /// The school of a row.
    pub fn of_row(&self, row: SchoolId) -> Option<Arc<School>> {
        self.by_row.read().ok()?.get(&row).cloned()
    }

    /// All of them.
    pub fn all(&self) -> Vec<Arc<School>> {
        self.by_row
            .read()
            .map(|schools| schools.values().cloned().collect())
            .unwrap_or_default()
    }

    /// Puts the schools of a configuration to use; all or, on any error, none.
    ///
    /// # Errors
    /// A pack or roster cannot be used: what ran before goes on.
    pub async fn load(
        &self,
        settings: &Settings,
        store: &Store,
        vault: &Vault,
        now: Micros,
    ) -> Result<(), SchoolError> {
        let mut loaded = HashMap::new();
        for school in &settings.schools {
            let Some(row) = vault.school(&school.id) else {
                continue;
            };
            loaded.insert(
                row,
                Arc::new(load_one(settings, school, row, store, vault, now).await?),
            );
        }
        if let Ok(mut by_row) = self.by_row.write() {
            *by_row = loaded;
        }
        Ok(())
    }
}

async fn load_one(
    settings: &Settings,
    school: &config::School,
    row: SchoolId,
    store: &Store,
    vault: &Vault,
    now: Micros,
) -> Result<School, SchoolError> {
    let roster_error = |source| SchoolError::Roster {
        school: school.id.clone(),
        source,
    };
    if let Some(folder) = &school.roster {
        import_if_newer(store, vault, row, folder, now)
            .await
            .map_err(roster_error)?;
    }
    let active = roster::active(store, vault, row)
        .await
        .map_err(roster_error)?;
    let context_error = |source| SchoolError::Context {
        school: school.id.clone(),
        source,
    };
    let (pack, text) = load_pack_with_text(school.pack.as_deref()).map_err(context_error)?;
    let digest = pack.digest.clone();
    store
        .write(move |tx| rosters::keep_pack(tx, row, &digest, &text, now))
        .await?;
    let roster_digest = active.as_ref().map(|active| active.digest.clone());
    let dated = active.map(|active| DatedRoster {
        roster: active.roster,
        imported_at: active.imported_at,
    });
    let exceptions = registers::entries(store, vault, row).await?;
    let context = SchoolContext::new(settings, school, pack, dated.as_ref(), exceptions)
        .map_err(context_error)?;
    let state = context.roster_state(now);
    if state != RosterState::Fresh {
        tracing::warn!(school = %school.id, ?state,
            "the roster is missing or stale: rules on relations only monitor. Import one with: schoolgate roster import");
    }
    Ok(School {
        settings: school.clone(),
        context,
        roster_digest,
    })
}

/// Imports a roster folder when its files are newer than the active roster.
async fn import_if_newer(
    store: &Store,
    vault: &Vault,
    school: SchoolId,
    folder: &std::path::Path,
    now: Micros,
) -> Result<(), RosterError> {
    let newest = std::fs::read_dir(folder)
        .map_err(|source| RosterError::Folder {
            path: folder.to_owned(),
            source,
        })?
        .filter_map(Result::ok)
        .filter_map(|file| file.metadata().ok()?.modified().ok())
        .filter_map(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
        .filter_map(|age| i64::try_from(age.as_micros()).ok())
        .max();
    let active = store.read(move |tx| rosters::active(tx, school)).await?;
    if let (Some(newest), Some(active)) = (newest, &active)
        && newest <= active.imported_at
    {
        return Ok(());
    }
    let files = roster::read_folder(folder)?;
    let imported =
        roster::import_files(store, vault, school, &files, false, &Actor::system(), now).await?;
    for problem in &imported.problems {
        tracing::warn!(%problem, "a row of the roster was not used");
    }
    Ok(())
}
