//! Rows made ready for a transaction: sealed, but not yet written.

use std::net::Ipv4Addr;

use super::accept::Spool;
use super::content::Received;
use super::place::{arrival_place, key_place, path_place};
use super::read::{Loaded, LoadedRecipient};
use super::{Arrival, ArrivalRecipient, ClientFacts, Handling, SpoolError};
use crate::ids::{RecipientId, SchoolId, SpoolId};
use crate::keys::Purpose;
use crate::notify::Notice;
use crate::store::messages::{self, NewMessage, Origin, State};
use crate::store::recipients::{self, NewRecipient, Standing};
use crate::store::{StoreError, Tx};

impl Spool {
    #[allow(clippy::too_many_arguments)] // A row has this many columns.
    pub(super) fn prepare(
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
            client: ClientFacts {
                name: "schoolgate".into(),
                address: Ipv4Addr::LOCALHOST.into(),
                helo: String::new(),
                tls: None,
                user: None,
            },
            markers: Vec::new(),
            keep: None,
            handling: Handling::default(),
        };
        let received = incoming.finish().await?;
        let now = self.clock.now();
        let prepared =
            self.prepare(id, school, origin, State::Decided, &arrival, &received, now)?;
        received.keep();
        Ok(prepared)
    }

    /// Prepares a message once more with other content, for those of its recipients whom it
    /// is held from. It is judged like one that has just come in.
    ///
    /// # Errors
    /// The disk's or the cipher's.
    pub async fn prepare_changed(
        &self,
        held: &Loaded,
        content: &[u8],
    ) -> Result<Prepared, SpoolError> {
        let mut incoming = self.begin();
        let id = incoming.id();
        incoming.write(content).await?;
        let arrival = Arrival {
            recipients: held
                .recipients
                .iter()
                .filter(|recipient| recipient.row.standing == Standing::Held)
                .map(|recipient| recipient.path.clone())
                .collect(),
            // They were looked at when it came in.
            markers: Vec::new(),
            keep: None,
            // Its new verdict says what it asks.
            handling: Handling::default(),
            ..held.arrival.clone()
        };
        let received = incoming.finish().await?;
        let prepared = self.prepare(
            id,
            held.row.school,
            Origin::Relayed,
            State::Accepted,
            &arrival,
            &received,
            self.clock.now(),
        )?;
        received.keep();
        Ok(prepared)
    }

    /// Prepares a notice, with [`Spool::prepare_own`].
    ///
    /// # Errors
    /// The cipher's.
    pub async fn prepare_notice(
        &self,
        school: SchoolId,
        notice: Notice,
    ) -> Result<Prepared, SpoolError> {
        self.prepare_own(school, Origin::Notice, &notice.to, notice.content)
            .await
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

    /// How many forward-paths it has.
    pub(super) fn recipients(&self) -> usize {
        self.entries.len()
    }

    /// The message as [`Spool::load`] would give it once it is inserted.
    pub(super) fn loaded(&self, arrival: Arrival) -> Loaded {
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
