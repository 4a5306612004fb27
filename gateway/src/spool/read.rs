//! Messages read back: rows, envelope, content.

use std::sync::Arc;

use super::accept::Spool;
use super::content::Content;
use super::place::{arrival_place, key_place, path_place};
use super::{Arrival, ArrivalRecipient, Handling, SpoolError};
use crate::ids::{SchoolId, SpoolId};
use crate::keys::{Key, Purpose, SchoolKeys};
use crate::store::{messages, recipients};

/// A message for inspection or delivery. The sealed columns that `arrival` and `path`
/// were opened from are left empty in the rows.
pub struct Loaded {
    pub row: messages::MessageRow,
    pub arrival: Arrival,
    pub recipients: Vec<LoadedRecipient>,
}

/// An entry read back.
#[derive(Clone)]
pub struct LoadedRecipient {
    pub row: recipients::RecipientRow,
    pub path: ArrivalRecipient,
}

impl Loaded {
    /// The same message for some of its recipients only.
    pub fn only(&self, wanted: impl Fn(&LoadedRecipient) -> bool) -> Self {
        let recipients: Vec<LoadedRecipient> = self
            .recipients
            .iter()
            .filter(|recipient| wanted(recipient))
            .cloned()
            .collect();
        Self {
            row: self.row.clone(),
            arrival: Arrival {
                recipients: recipients.iter().map(|r| r.path.clone()).collect(),
                ..self.arrival.clone()
            },
            recipients,
        }
    }
}

impl Spool {
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

    /// A message with what its verdict asks of the delivery, and its sealed envelope.
    ///
    /// # Errors
    /// The cipher's.
    pub fn handled(
        &self,
        loaded: &Loaded,
        handling: Handling,
    ) -> Result<(Loaded, Vec<u8>), SpoolError> {
        let mut handled = loaded.only(|_| true);
        handled.arrival.handling = handling;
        let envelope = Arrival {
            recipients: Vec::new(),
            ..handled.arrival.clone()
        };
        let keys = self.vault.of(loaded.row.school)?;
        let sealed = keys.seal_json(Purpose::Record, &arrival_place(loaded.row.id), &envelope)?;
        Ok((handled, sealed))
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
            handling: Handling::default(),
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
