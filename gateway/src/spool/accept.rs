//! The promise behind 250: content and envelope are on disk, in one commit.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc;

use super::content::{Content, Incoming, Received, content_path};
use super::marker::Marker;
use super::{Arrival, ArrivalRecipient, KeepReason, SpoolError};
use crate::clock::Clock;
use crate::ids::{RecipientId, SchoolId, SpoolId};
use crate::keys::{Key, Purpose, SchoolKeys, Vault};
use crate::store::messages::{self, NewMessage, Origin, State};
use crate::store::recipients::{self, NewRecipient, Standing};
use crate::store::{Store, StoreError, Tx};

/// The slug of the row that owns mail of which no school could be told.
pub const UNASSIGNED: &str = "unassigned";

/// Messages that may wait in memory for their verdict, in octets; the rest is read back.
const IN_MEMORY: usize = 48 << 20;
/// What a message and each of its recipients take beside the content, in octets, about.
const ROW: usize = 512;

/// A message that was just accepted, on its way to inspection.
pub struct Fresh {
    pub id: SpoolId,
    /// What was just written of it, when it is small and memory allows.
    pub memory: Option<InMemory>,
}

/// A message that need not be read back: it counts against the memory for waiting messages.
#[derive(Clone)]
pub struct InMemory {
    content: Arc<[u8]>,
    loaded: Arc<Loaded>,
    _share: Arc<Share>,
}

impl InMemory {
    /// The plain content.
    pub fn content(&self) -> &Arc<[u8]> {
        &self.content
    }

    /// Its rows as they were committed with it. What changed since, only the store knows.
    pub fn loaded(&self) -> &Arc<Loaded> {
        &self.loaded
    }
}

struct Share {
    size: usize,
    total: Arc<AtomicUsize>,
}

impl Drop for Share {
    fn drop(&mut self) {
        self.total.fetch_sub(self.size, Ordering::Relaxed);
    }
}

/// A message for inspection or delivery. The sealed columns that `arrival` and `path`
/// were opened from are left empty in the rows.
pub struct Loaded {
    pub row: messages::MessageRow,
    pub arrival: Arrival,
    pub recipients: Vec<LoadedRecipient>,
}

/// An entry read back.
pub struct LoadedRecipient {
    pub row: recipients::RecipientRow,
    pub path: ArrivalRecipient,
}

/// The spool.
#[derive(Clone)]
pub struct Spool {
    store: Store,
    vault: Arc<Vault>,
    folder: Arc<PathBuf>,
    clock: Clock,
    free_space: u64,
    fresh: mpsc::UnboundedSender<Fresh>,
    in_memory: Arc<AtomicUsize>,
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
            in_memory: Arc::new(AtomicUsize::new(0)),
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
            .and_then(|small| self.remember(small, &prepared, arrival));
        self.store.write(move |tx| prepared.insert(tx, now)).await?;
        received.keep();
        // The dispatcher ends only with the process; then the next start finds the message.
        let _ = self.fresh.send(Fresh { id, memory });
        Ok(id)
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

    fn remember(&self, small: &[u8], new: &Prepared, arrival: Arrival) -> Option<InMemory> {
        let size = small.len() + ROW * (1 + new.entries.len());
        if self.in_memory.fetch_add(size, Ordering::Relaxed) + size > IN_MEMORY {
            self.in_memory.fetch_sub(size, Ordering::Relaxed);
            return None;
        }
        Some(InMemory {
            content: small.into(),
            loaded: Arc::new(new.loaded(arrival)),
            _share: Arc::new(Share {
                size,
                total: Arc::clone(&self.in_memory),
            }),
        })
    }

    #[allow(clippy::too_many_arguments)] // A row has this many columns.
    fn prepare(
        &self,
        id: SpoolId,
        school: SchoolId,
        origin: Origin,
        state: State,
        arrival: &Arrival,
        received: &Received,
        now: i64,
    ) -> Result<Prepared, SpoolError> {
        let keys = self.vault.of(school)?;
        let standing = match state {
            State::Accepted => Standing::Unjudged,
            _ => Standing::Queued,
        };
        let entries = arrival
            .recipients
            .iter()
            .enumerate()
            .map(|(position, recipient)| {
                let id = RecipientId::new();
                Ok(NewRecipient {
                    id,
                    position: position as i64,
                    path: keys.seal_json(Purpose::Record, &path_place(id), recipient)?,
                    path_index: keys.index("address", &recipient.path),
                    standing,
                    next_attempt_at: now,
                })
            })
            .collect::<Result<Vec<_>, SpoolError>>()?;
        // The forward-paths have rows of their own.
        let envelope = Arrival {
            recipients: Vec::new(),
            ..arrival.clone()
        };
        let body = match &received.small {
            Some(small) => {
                let mut sealed = Vec::with_capacity(small.len() + 16);
                sealed.extend_from_slice(small);
                received.key.seal_chunk(0, true, &mut sealed)?;
                Some(sealed)
            }
            None => None,
        };
        Ok(Prepared {
            message: NewMessage {
                id,
                school,
                origin,
                state,
                received_at: now,
                size: received.length as i64,
                arrival: keys.seal_json(Purpose::Record, &arrival_place(id), &envelope)?,
                digest: keys.digest(&received.digest),
                body_digest: keys.digest(&received.body_digest),
                message_id_index: None,
                sender_index: Some(keys.index("address", &arrival.reverse_path)),
                data_key: keys.seal(Purpose::Content, &key_place(id), received.key.expose())?,
                body,
            },
            entries,
        })
    }

    /// Prepares a message of our own (a notice, a DSN), to be inserted in the transaction
    /// that gives cause to it. It is delivered without being judged: we wrote it.
    ///
    /// # Errors
    /// The cipher's.
    pub async fn prepare_own(
        &self,
        school: SchoolId,
        origin: Origin,
        to: &str,
        content: Vec<u8>,
    ) -> Result<Prepared, SpoolError> {
        let mut incoming = self.begin();
        let id = incoming.id();
        incoming.write(&content).await?;
        let arrival = Arrival {
            school: self.vault.slug(school).map(str::to_owned),
            reverse_path: String::new(),
            recipients: vec![ArrivalRecipient {
                path: to.to_owned(),
                notify: Some("NEVER".into()),
                orcpt: None,
            }],
            ret: None,
            envid: None,
            smtputf8: !to.is_ascii(),
            eight_bit: !content.is_ascii(),
            client: super::ClientFacts {
                name: "schoolgate".into(),
                address: std::net::Ipv4Addr::LOCALHOST.into(),
                helo: String::new(),
                tls: None,
                user: None,
            },
            markers: Vec::new(),
            keep: None,
        };
        let received = incoming.finish().await?;
        let now = self.clock.now();
        let prepared =
            self.prepare(id, school, origin, State::Decided, &arrival, &received, now)?;
        received.keep();
        Ok(prepared)
    }

    /// Reads a message's rows back.
    ///
    /// # Errors
    /// The store's, or a row does not verify.
    pub async fn load(&self, id: SpoolId) -> Result<Option<Loaded>, SpoolError> {
        let rows = self
            .store
            .read(move |tx| {
                let Some(message) = messages::get(tx, id)? else {
                    return Ok(None);
                };
                Ok(Some((message, recipients::of_message(tx, id)?)))
            })
            .await?;
        let Some((mut row, entries)) = rows else {
            return Ok(None);
        };
        let keys = self.vault.of(row.school)?;
        let sealed = std::mem::take(&mut row.arrival);
        let mut arrival: Arrival = keys.open_json(&arrival_place(id), &sealed)?;
        let recipients = entries
            .into_iter()
            .map(|entry| open_recipient(keys, entry))
            .collect::<Result<Vec<_>, SpoolError>>()?;
        arrival.recipients = recipients.iter().map(|r| r.path.clone()).collect();
        Ok(Some(Loaded {
            row,
            arrival,
            recipients,
        }))
    }

    /// Prepares to have a kept message judged after all: the sealed envelope without the
    /// reason for keeping it.
    ///
    /// # Errors
    /// The message is gone, or does not verify.
    pub async fn envelope_to_judge(&self, id: SpoolId) -> Result<Vec<u8>, SpoolError> {
        let loaded = self.load(id).await?.ok_or(SpoolError::Damaged(id))?;
        let envelope = Arrival {
            recipients: Vec::new(),
            keep: None,
            ..loaded.arrival
        };
        let keys = self.vault.of(loaded.row.school)?;
        Ok(keys.seal_json(Purpose::Record, &arrival_place(id), &envelope)?)
    }

    /// Reads a message's content back.
    ///
    /// # Errors
    /// It is gone, or does not verify.
    pub async fn content(&self, id: SpoolId, school: SchoolId) -> Result<Arc<[u8]>, SpoolError> {
        let row = self
            .store
            .read(move |tx| messages::content(tx, id))
            .await?
            .ok_or(SpoolError::Damaged(id))?;
        let key = self
            .vault
            .of(school)?
            .open_sealed(&key_place(id), &row.data_key)?;
        let key = Key::new(&key)?;
        let plain = match row.body {
            Some(sealed) => Content::open_row(id, &key, sealed)?,
            None => {
                let length = u64::try_from(row.length).map_err(|_| SpoolError::Damaged(id))?;
                Content::open_file(&self.folder, id, &key, length).await?
            }
        };
        Ok(plain.into())
    }

    /// Deletes a content file whose row is gone.
    pub async fn discard_file(&self, id: SpoolId) {
        if let Err(error) = tokio::fs::remove_file(content_path(&self.folder, id)).await {
            tracing::warn!(%id, %error, "cannot delete a content file; the housekeeping will");
        }
    }

    /// Deletes content files that no row names: sessions that ended with the process.
    /// Only for the start, before anything is received. Returns how many.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub async fn sweep_files(&self) -> Result<usize, SpoolError> {
        let mut swept = 0;
        let mut folders = tokio::fs::read_dir(self.folder.as_path())
            .await
            .map_err(SpoolError::Write)?;
        while let Some(folder) = folders.next_entry().await.map_err(SpoolError::Write)? {
            if !folder.file_type().await.is_ok_and(|t| t.is_dir()) {
                continue;
            }
            let mut files = tokio::fs::read_dir(folder.path())
                .await
                .map_err(SpoolError::Write)?;
            while let Some(file) = files.next_entry().await.map_err(SpoolError::Write)? {
                let Some(id) = file.file_name().to_str().and_then(SpoolId::parse) else {
                    continue;
                };
                let named = self
                    .store
                    .read(move |tx| messages::has_content_file(tx, id))
                    .await?;
                if !named && tokio::fs::remove_file(file.path()).await.is_ok() {
                    swept += 1;
                }
            }
        }
        Ok(swept)
    }
}

/// A message ready to be inserted.
pub struct Prepared {
    message: NewMessage,
    entries: Vec<NewRecipient>,
}

impl Prepared {
    /// Its id.
    pub fn id(&self) -> SpoolId {
        self.message.id
    }

    /// The message as [`Spool::load`] would give it once it is inserted.
    fn loaded(&self, arrival: Arrival) -> Loaded {
        let new = &self.message;
        let recipients = self
            .entries
            .iter()
            .zip(&arrival.recipients)
            .map(|(entry, path)| LoadedRecipient {
                row: recipients::RecipientRow {
                    id: entry.id,
                    message: new.id,
                    school: new.school,
                    path: Vec::new(),
                    verdict: None,
                    standing: entry.standing,
                    next_attempt_at: entry.next_attempt_at,
                    attempts: 0,
                    doubts: 0,
                    reply: None,
                    delay_told_at: None,
                },
                path: path.clone(),
            })
            .collect();
        Loaded {
            row: messages::MessageRow {
                id: new.id,
                school: new.school,
                origin: new.origin,
                state: new.state,
                received_at: new.received_at,
                size: new.size,
                arrival: Vec::new(),
                digest: new.digest.clone(),
                body_digest: new.body_digest.clone(),
                attempts: 0,
                marker_seen_at: None,
            },
            arrival,
            recipients,
        }
    }

    /// Inserts it.
    ///
    /// # Errors
    /// The store's.
    pub fn insert(&self, tx: &Tx, now: i64) -> Result<(), StoreError> {
        messages::insert(tx, &self.message)?;
        for entry in &self.entries {
            recipients::insert(tx, self.message.id, self.message.school, entry, now)?;
        }
        Ok(())
    }
}

fn open_recipient(
    keys: &SchoolKeys,
    mut row: recipients::RecipientRow,
) -> Result<LoadedRecipient, SpoolError> {
    let sealed = std::mem::take(&mut row.path);
    let path = keys.open_json(&path_place(row.id), &sealed)?;
    Ok(LoadedRecipient { row, path })
}

/// Opens the sealed envelope of a message, for lists.
///
/// # Errors
/// It does not verify.
pub fn open_arrival(keys: &SchoolKeys, id: SpoolId, sealed: &[u8]) -> Result<Arrival, SpoolError> {
    Ok(keys.open_json(&arrival_place(id), sealed)?)
}

fn arrival_place(id: SpoolId) -> String {
    format!("messages.arrival:{id}")
}

fn path_place(id: RecipientId) -> String {
    format!("recipients.path:{id}")
}

fn key_place(id: SpoolId) -> String {
    format!("contents.data_key:{id}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spool::ClientFacts;
    use std::path::Path;

    fn arrival(markers: Vec<String>) -> Arrival {
        Arrival {
            school: Some("oak".into()),
            reverse_path: "t@oak.example".into(),
            recipients: vec![ArrivalRecipient {
                path: "p@mail.example".into(),
                notify: None,
                orcpt: None,
            }],
            ret: None,
            envid: None,
            smtputf8: false,
            eight_bit: false,
            client: ClientFacts {
                name: "test".into(),
                address: std::net::Ipv4Addr::LOCALHOST.into(),
                helo: "mail.oak.example".into(),
                tls: None,
                user: None,
            },
            markers,
            keep: None,
        }
    }

    async fn spool(folder: &Path) -> (Spool, Arc<Vault>, mpsc::UnboundedReceiver<Fresh>) {
        let store = Store::open(folder).unwrap();
        let clock = Clock::default();
        let (oak, none) = (
            folder.join("keys/oak.key"),
            folder.join("keys/unassigned.key"),
        );
        let schools = [
            ("oak", "Oak", oak.as_path()),
            (UNASSIGNED, "", none.as_path()),
        ];
        let vault = Vault::open(&store, schools.into_iter(), clock.now())
            .await
            .unwrap();
        let vault = Arc::new(vault);
        let (fresh, arrived) = mpsc::unbounded_channel();
        let content = folder.join("content");
        std::fs::create_dir_all(&content).unwrap();
        let spool = Spool::new(store, Arc::clone(&vault), content, clock, 0, fresh);
        (spool, vault, arrived)
    }

    async fn accept(spool: &Spool, content: &[u8], arrival: Arrival) -> SpoolId {
        let mut incoming = spool.begin();
        incoming.write(content).await.unwrap();
        spool.accept(incoming, arrival).await.unwrap()
    }

    #[tokio::test]
    async fn what_was_accepted_is_there_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let large = vec![b'x'; 300_000];
        let ids = {
            let (spool, _, _arrived) = spool(folder.path()).await;
            let small = accept(&spool, b"Subject: s\r\n\r\nhello\r\n", arrival(vec![])).await;
            let large = accept(&spool, &large, arrival(vec![])).await;
            spool.store.close().await;
            [small, large]
        };
        let (spool, _, _arrived) = spool(folder.path()).await;
        assert_eq!(spool.sweep_files().await.unwrap(), 0);
        for id in ids {
            let loaded = spool.load(id).await.unwrap().unwrap();
            assert_eq!(loaded.recipients[0].path.path, "p@mail.example");
            let content = spool.content(id, loaded.row.school).await.unwrap();
            assert_eq!(content.len() as i64, loaded.row.size);
        }
    }

    #[tokio::test]
    async fn what_is_remembered_is_what_would_be_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let (spool, _, mut arrived) = spool(folder.path()).await;
        let content = b"Subject: s\r\n\r\nhello\r\n";
        let id = accept(&spool, content, arrival(vec![])).await;
        let fresh = arrived.recv().await.unwrap();
        let memory = fresh.memory.unwrap();
        let read = spool.load(id).await.unwrap().unwrap();
        let told = |loaded: &Loaded| {
            let row = &loaded.row;
            let rows: Vec<_> = loaded
                .recipients
                .iter()
                .map(|r| (r.row.id, r.row.message, r.row.standing, r.path.clone()))
                .collect();
            let arrival = serde_json::to_string(&loaded.arrival).unwrap();
            let message = (row.id, row.school, row.origin, row.state, row.size);
            (message, row.body_digest.clone(), arrival, rows)
        };
        assert_eq!(told(memory.loaded()), told(&read));
        assert_eq!(&memory.content()[..], content);
    }

    #[tokio::test]
    async fn a_verdict_that_begins_the_delivery_counts_one_doubt_until_the_answer() {
        let folder = tempfile::tempdir().unwrap();
        let (spool, _, _arrived) = spool(folder.path()).await;
        let id = accept(&spool, b"Subject: s\r\n\r\nhello\r\n", arrival(vec![])).await;
        let entry = spool.load(id).await.unwrap().unwrap().recipients[0].row.id;
        let standing = async || {
            let row = spool
                .load(id)
                .await
                .unwrap()
                .unwrap()
                .recipients
                .remove(0)
                .row;
            (row.standing, row.doubts)
        };
        spool
            .store
            .write(move |tx| {
                let verdict = schoolgate_policies::Verdict::Deliver;
                recipients::judge(tx, entry, verdict, Standing::InDoubt, 1, 1)
            })
            .await
            .unwrap();
        assert_eq!(standing().await, (Standing::InDoubt, 1));
        spool
            .store
            .write(move |tx| recipients::attempted(tx, entry, Standing::Queued, 2, None, true, 2))
            .await
            .unwrap();
        assert_eq!(standing().await, (Standing::Queued, 0));
    }

    #[tokio::test]
    async fn a_message_that_comes_back_is_kept_once() {
        let folder = tempfile::tempdir().unwrap();
        let (spool, vault, _arrived) = spool(folder.path()).await;
        let content = b"Subject: s\r\n\r\nhello\r\n";
        let id = accept(&spool, content, arrival(vec![])).await;
        let row = spool.load(id).await.unwrap().unwrap().row;
        let keys = vault.of(row.school).unwrap();
        let marker = Marker::sign(
            keys,
            id,
            "t@oak.example",
            &["p@mail.example"],
            &row.body_digest,
        );
        let field = marker.field().replace("\r\n", "");
        let value = field.split_once(':').unwrap().1.to_owned();

        let keep_of = async |content: &[u8], value: String| {
            let id = accept(&spool, content, arrival(vec![value])).await;
            spool.load(id).await.unwrap().unwrap().arrival.keep
        };
        assert_eq!(
            keep_of(b"Subject: s\r\n\r\nother\r\n", value.clone()).await,
            None
        );
        let forged = value.replace('a', "b");
        assert_eq!(keep_of(content, forged).await, None);
        assert_eq!(
            keep_of(content, value.clone()).await,
            Some(KeepReason::Loop)
        );
        assert_eq!(keep_of(content, value).await, None);
    }

    #[tokio::test]
    async fn nothing_readable_lies_on_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let (spool, _, _arrived) = spool(folder.path()).await;
        accept(
            &spool,
            b"Subject: planted\r\n\r\nplantedword\r\n",
            arrival(vec![]),
        )
        .await;
        accept(
            &spool,
            "plantedword ".repeat(30_000).as_bytes(),
            arrival(vec![]),
        )
        .await;
        spool.store.close().await;
        let mut folders = vec![folder.path().to_path_buf()];
        while let Some(next) = folders.pop() {
            for entry in std::fs::read_dir(next).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let bytes = std::fs::read(&path).unwrap();
                for word in [&b"plantedword"[..], b"mail.example", b"oak.example"] {
                    let found = bytes.windows(word.len()).any(|w| w == word);
                    assert!(!found, "{} holds plain text", path.display());
                }
            }
        }
    }
}
