//! All keys in memory, and the rows that hold them wrapped.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, RwLock};

use aws_lc_rs::hmac;

use super::{Key, KeyError, Master};
use crate::ids::{EpochId, SchoolId};
use crate::store::{Store, StoreError, schools};

/// What an epoch's key seals, and so how long it lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Data keys of messages; a day.
    Content,
    /// Envelopes, judgements and the journal; a week.
    Record,
    /// Cases, tickets, audit, roster; a year.
    Long,
}

impl Purpose {
    const ALL: [Purpose; 3] = [Self::Content, Self::Record, Self::Long];

    /// The word in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::Record => "record",
            Self::Long => "long",
        }
    }

    /// How long one epoch lasts, in microseconds.
    fn length(self) -> i64 {
        let days = match self {
            Self::Content => 1,
            Self::Record => 7,
            Self::Long => 365,
        };
        days * 86_400_000_000
    }
}

struct Epoch {
    key: Key,
    purpose: Purpose,
    ends_at: i64,
}

/// The keys of one school.
pub struct SchoolKeys {
    /// The school's row.
    pub id: SchoolId,
    master: Master,
    index: hmac::Key,
    marker: hmac::Key,
    epochs: RwLock<HashMap<EpochId, Arc<Epoch>>>,
}

/// The keys of every school.
pub struct Vault {
    store: Store,
    schools: HashMap<SchoolId, SchoolKeys>,
    by_slug: HashMap<String, SchoolId>,
}

impl Vault {
    /// Reads the master keys (or makes them for a new school) and unwraps what they hold.
    ///
    /// `schools` gives each school's slug, controller and master key file.
    ///
    /// # Errors
    /// A master key is missing for a school that has rows, is exposed, or is another one.
    pub async fn open<'a>(
        store: &Store,
        school_list: impl Iterator<Item = (&'a str, &'a str, &'a Path)>,
        now: i64,
    ) -> Result<Vault, StoreError> {
        let mut vault = Vault {
            store: store.clone(),
            schools: HashMap::new(),
            by_slug: HashMap::new(),
        };
        for (slug, controller, path) in school_list {
            let keys = SchoolKeys::open(store, slug, controller, path, now).await?;
            vault.by_slug.insert(slug.to_owned(), keys.id);
            vault.schools.insert(keys.id, keys);
        }
        Ok(vault)
    }

    /// The row of the school with this configured id.
    pub fn school(&self, slug: &str) -> Option<SchoolId> {
        self.by_slug.get(slug).copied()
    }

    /// The configured id of a row.
    pub fn slug(&self, id: SchoolId) -> Option<&str> {
        self.by_slug
            .iter()
            .find(|(_, school)| **school == id)
            .map(|(slug, _)| slug.as_str())
    }

    /// The keys of a school.
    ///
    /// # Errors
    /// The school is not configured.
    pub fn of(&self, school: SchoolId) -> Result<&SchoolKeys, KeyError> {
        self.schools.get(&school).ok_or(KeyError::NoSchool(school))
    }

    /// Makes the epochs that cover `now` and the time soon after, and reads those that
    /// another process made. Called at start and every hour.
    ///
    /// # Errors
    /// The store's.
    pub async fn turn(&self, now: i64) -> Result<(), StoreError> {
        for keys in self.schools.values() {
            keys.turn(&self.store, now).await?;
        }
        Ok(())
    }
}

impl SchoolKeys {
    async fn open(
        store: &Store,
        slug: &str,
        controller: &str,
        path: &Path,
        now: i64,
    ) -> Result<SchoolKeys, StoreError> {
        let known = {
            let slug = slug.to_owned();
            store.read(move |tx| schools::find(tx, &slug)).await?
        };
        let master = match known {
            // A school with rows under a lost key must not start afresh unnoticed.
            Some(_) => Master::open(path)?,
            None => Master::open_or_create(path)?,
        };
        let fresh = [("index", Key::random()?), ("marker", Key::random()?)];
        let fresh: Vec<(&'static str, Vec<u8>)> = fresh
            .iter()
            .map(|(purpose, key)| {
                let place = format!("school_keys:{slug}:{purpose}");
                Ok((*purpose, master.key.seal(place.as_bytes(), key.expose())?))
            })
            .collect::<Result<_, KeyError>>()?;
        let (slug_owned, controller, master_id) =
            (slug.to_owned(), controller.to_owned(), master.id.clone());
        let (id, wrapped) = store
            .write(move |tx| schools::ensure(tx, &slug_owned, &controller, &master_id, &fresh, now))
            .await?;
        let mut keys = HashMap::new();
        for row in wrapped {
            if row.master_id != master.id {
                return Err(KeyError::WrongMaster {
                    wanted: row.master_id,
                    found: master.id,
                    path: path.to_owned(),
                }
                .into());
            }
            let place = format!("school_keys:{slug}:{}", row.purpose);
            let bytes = master.key.open(place.as_bytes(), &row.wrapped)?;
            keys.insert(row.purpose, hmac::Key::new(hmac::HMAC_SHA256, &bytes));
        }
        let mut take = |purpose: &str| keys.remove(purpose).ok_or(KeyError::NoSchool(id));
        let school = SchoolKeys {
            id,
            index: take("index")?,
            marker: take("marker")?,
            master,
            epochs: RwLock::new(HashMap::new()),
        };
        school.turn(store, now).await?;
        Ok(school)
    }

    async fn turn(&self, store: &Store, now: i64) -> Result<(), StoreError> {
        let id = self.id;
        let rows = store.read(move |tx| schools::epochs(tx, id)).await?;
        self.learn(rows)?;
        for purpose in Purpose::ALL {
            // A tenth of an epoch ahead, so that a seal never has to wait for a commit.
            let soon = now + purpose.length() / 10;
            if self.newest(purpose).is_some_and(|(_, e)| e.ends_at > soon) {
                continue;
            }
            let epoch = EpochId::new();
            let key = Key::random()?;
            let wrapped = self.master.key.seal(&epoch_place(epoch), key.expose())?;
            let row = schools::EpochRow {
                id: epoch,
                purpose: purpose.as_str().to_owned(),
                master_id: self.master.id.clone(),
                wrapped,
                starts_at: now,
                ends_at: now + purpose.length(),
            };
            let stored = row.clone();
            store
                .write(move |tx| schools::insert_epoch(tx, id, &stored))
                .await?;
            self.learn(vec![row])?;
        }
        Ok(())
    }

    fn learn(&self, rows: Vec<schools::EpochRow>) -> Result<(), KeyError> {
        let mut epochs = self.epochs.write().map_err(|_| KeyError::Cipher)?;
        let seen: Vec<EpochId> = rows.iter().map(|row| row.id).collect();
        if rows.len() > 1 {
            epochs.retain(|id, _| seen.contains(id));
        }
        for row in rows {
            if epochs.contains_key(&row.id) {
                continue;
            }
            let Some(purpose) = Purpose::ALL.into_iter().find(|p| p.as_str() == row.purpose) else {
                continue;
            };
            let bytes = self.master.key.open(&epoch_place(row.id), &row.wrapped)?;
            let key = Key::new(&bytes)?;
            epochs.insert(
                row.id,
                Arc::new(Epoch {
                    key,
                    purpose,
                    ends_at: row.ends_at,
                }),
            );
        }
        Ok(())
    }

    fn newest(&self, purpose: Purpose) -> Option<(EpochId, Arc<Epoch>)> {
        let epochs = self.epochs.read().ok()?;
        epochs
            .iter()
            .filter(|(_, epoch)| epoch.purpose == purpose)
            .max_by_key(|(id, epoch)| (epoch.ends_at, **id))
            .map(|(id, epoch)| (*id, Arc::clone(epoch)))
    }

    /// Seals `plain` under the current epoch of `purpose`, for one place (`table.column:id`).
    ///
    /// # Errors
    /// The cipher fails, or there is no epoch.
    pub fn seal(&self, purpose: Purpose, place: &str, plain: &[u8]) -> Result<Vec<u8>, KeyError> {
        let (id, epoch) = self.newest(purpose).ok_or(KeyError::NoSchool(self.id))?;
        let sealed = epoch.key.seal(place.as_bytes(), plain)?;
        let mut out = Vec::with_capacity(16 + sealed.len());
        out.extend_from_slice(id.as_bytes());
        out.extend_from_slice(&sealed);
        Ok(out)
    }

    /// Opens what [`SchoolKeys::seal`] made for the same place.
    ///
    /// # Errors
    /// The record was changed or moved, or its epoch is destroyed.
    pub fn open_sealed(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, KeyError> {
        let (id, rest) = sealed.split_first_chunk::<16>().ok_or(KeyError::Damaged)?;
        let id = EpochId::from_bytes(*id);
        let epoch = {
            let epochs = self.epochs.read().map_err(|_| KeyError::Cipher)?;
            epochs.get(&id).cloned().ok_or(KeyError::NoEpoch(id))?
        };
        epoch.key.open(place.as_bytes(), rest)
    }

    /// Seals a value as JSON.
    ///
    /// # Errors
    /// The cipher fails.
    pub fn seal_json<T: serde::Serialize>(
        &self,
        purpose: Purpose,
        place: &str,
        value: &T,
    ) -> Result<Vec<u8>, KeyError> {
        let plain = serde_json::to_vec(value).map_err(|_| KeyError::Cipher)?;
        self.seal(purpose, place, &plain)
    }

    /// Opens a value that was sealed as JSON.
    ///
    /// # Errors
    /// The record was changed or moved, or its epoch is destroyed.
    pub fn open_json<T: serde::de::DeserializeOwned>(
        &self,
        place: &str,
        sealed: &[u8],
    ) -> Result<T, KeyError> {
        serde_json::from_slice(&self.open_sealed(place, sealed)?).map_err(|_| KeyError::Damaged)
    }

    /// The blind index of a value: equal values have equal indexes, and nobody without
    /// the key can test a guess. `field` keeps the indexes of different columns apart.
    pub fn index(&self, field: &str, value: &str) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.index);
        context.update(field.as_bytes());
        context.update(&[0]);
        context.update(value.trim().to_lowercase().as_bytes());
        context.sign().as_ref()[..16].to_vec()
    }

    /// A keyed digest of bytes: tells copies apart without being a fingerprint for others.
    pub fn digest(&self, digest: &[u8]) -> Vec<u8> {
        hmac::sign(&self.index, digest).as_ref().to_vec()
    }

    /// The signature of our marker header over its fields.
    pub fn sign_marker(&self, fields: &[u8]) -> Vec<u8> {
        hmac::sign(&self.marker, fields).as_ref()[..24].to_vec()
    }

    /// Whether a marker's signature is ours, in constant time.
    pub fn is_marker(&self, fields: &[u8], signature: &[u8]) -> bool {
        subtle::ConstantTimeEq::ct_eq(self.sign_marker(fields).as_slice(), signature).into()
    }

    /// A secret that is stable for this school, for the ids of pupils.
    pub fn pupil_salt(&self) -> Vec<u8> {
        hmac::sign(&self.index, b"pupil ids").as_ref().to_vec()
    }
}

fn epoch_place(id: EpochId) -> Vec<u8> {
    format!("epochs.wrapped:{id}").into_bytes()
}
