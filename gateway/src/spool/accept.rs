//! The promise behind 250: content and envelope are on disk, in one commit.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::content::{Incoming, Received};
use super::marker::Marker;
use super::memory::{Fresh, Memory};
use super::{Arrival, KeepReason, SpoolError};
use crate::clock::Clock;
use crate::ids::{SchoolId, SpoolId};
use crate::keys::Vault;
use crate::store::messages::{self, Origin, State};
use crate::store::{Store, StoreError};

/// The slug of the row that owns mail of which no school could be told.
pub const UNASSIGNED: &str = "unassigned";

/// The spool.
#[derive(Clone)]
pub struct Spool {
    pub(super) store: Store,
    pub(super) vault: Arc<Vault>,
    pub(super) folder: Arc<PathBuf>,
    pub(super) clock: Clock,
    free_space: u64,
    fresh: mpsc::UnboundedSender<Fresh>,
    memory: Memory,
}

impl Spool {
    /// A spool whose large contents lie in `folder`; accepted messages go to `fresh`.
    pub fn new(
        store: Store,
        vault: Arc<Vault>,
        folder: PathBuf,
        clock: Clock,
        free_space: u64,
        fresh: mpsc::UnboundedSender<Fresh>,
    ) -> Self {
        Self {
            store,
            vault,
            folder: Arc::new(folder),
            clock,
            free_space,
            fresh,
            memory: Memory::default(),
        }
    }

    /// Whether there is room for more.
    ///
    /// # Errors
    /// [`SpoolError::NoSpace`], or the disk does not answer.
    pub fn check_room(&self) -> Result<(), SpoolError> {
        let disk =
            rustix::fs::statvfs(self.folder.as_path()).map_err(|e| SpoolError::Write(e.into()))?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        if free < self.free_space {
            return Err(SpoolError::NoSpace {
                free,
                wanted: self.free_space,
            });
        }
        Ok(())
    }

    /// Begins to receive content.
    pub fn begin(&self) -> Incoming {
        Incoming::begin(Arc::clone(&self.folder))
    }

    /// Takes responsibility for a message: `Ok` only after the commit is on disk.
    ///
    /// # Errors
    /// The disk's or the store's; then nothing was taken.
    pub async fn accept(
        &self,
        incoming: Incoming,
        arrival: Arrival,
    ) -> Result<SpoolId, SpoolError> {
        // In a task of its own: a session that is cancelled in the middle must not take
        // the file from under a row that is being committed.
        let spool = self.clone();
        tokio::spawn(async move { spool.accept_whole(incoming, arrival).await })
            .await
            .map_err(|_| StoreError::Stopped)?
    }

    async fn accept_whole(
        &self,
        incoming: Incoming,
        mut arrival: Arrival,
    ) -> Result<SpoolId, SpoolError> {
        let id = incoming.id();
        let received = incoming.finish().await?;
        let now = self.clock.now();
        let school = arrival
            .school
            .as_deref()
            .and_then(|slug| self.vault.school(slug));
        let school = match school {
            Some(school) => school,
            None => {
                arrival.keep.get_or_insert(KeepReason::NoSchool);
                self.unassigned()?
            }
        };
        if self.came_back(&arrival, &received, now).await? {
            arrival.keep = Some(KeepReason::Loop);
        }
        let prepared = self.prepare(
            id,
            school,
            Origin::Relayed,
            State::Accepted,
            &arrival,
            &received,
            now,
        )?;
        let memory = received
            .small
            .as_ref()
            .and_then(|small| self.memory.remember(small, &prepared, arrival));
        self.store.write(move |tx| prepared.insert(tx, now)).await?;
        received.keep();
        // The dispatcher ends only with the process; then the next start finds the message.
        let _ = self.fresh.send(Fresh { id, memory });
        Ok(id)
    }

    /// Hands on a message that is in the store already, to be judged.
    pub fn announce(&self, id: SpoolId) {
        // The dispatcher ends only with the process; then the next start finds the message.
        let _ = self.fresh.send(Fresh { id, memory: None });
    }

    fn unassigned(&self) -> Result<SchoolId, SpoolError> {
        self.vault
            .school(UNASSIGNED)
            .ok_or(SpoolError::Store(StoreError::Unreadable {
                what: "the unassigned school",
                why: "it has no row".into(),
            }))
    }

    /// Whether a marker of ours, over this very body, stands in the header for the first time.
    async fn came_back(
        &self,
        arrival: &Arrival,
        received: &Received,
        now: i64,
    ) -> Result<bool, SpoolError> {
        for value in &arrival.markers {
            let Some(marker) = Marker::parse(value) else {
                continue;
            };
            let Some(row) = self
                .store
                .read(move |tx| messages::get(tx, marker.id))
                .await?
            else {
                continue;
            };
            let keys = self.vault.of(row.school)?;
            let is_ours = marker.verify(keys, &keys.digest(&received.body_digest));
            if is_ours
                && self
                    .store
                    .write(move |tx| messages::see_marker(tx, marker.id, now))
                    .await?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
