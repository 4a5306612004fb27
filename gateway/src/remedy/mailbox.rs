//! What becomes of mail in the gateway's own domain: every such forward-path is taken in,
//! in the transaction that does what is asked.

use std::sync::Arc;

use tokio::sync::watch;

use super::address::{self, Own};
use super::command::{Command, Unclear};
use super::subject::is_signed;
use super::token::Token;
use crate::audit::Actor;
use crate::clock::{Clock, MINUTE, Micros};
use crate::config::Settings;
use crate::ids::{RecipientId, SchoolId, SpoolId};
use crate::inspect::{InspectError, Pool};
use crate::keys::{SchoolKeys, Vault};
use crate::notices::Notices;
use crate::notify::Remedied;
use crate::schools::School;
use crate::spool::{Loaded, LoadedRecipient, Spool, SpoolError};
use crate::stop::Stop;
use crate::store::cases::{self, CaseRow, CaseState};
use crate::store::messages;
use crate::store::recipients::{self, Standing};
use crate::store::remedies::{self, RemedyRow};
use crate::store::{Store, StoreError, Tx};

/// How far apart two looks at a clock may be when a token is at its end.
const GRACE: Micros = MINUTE;

/// Why mail to the gateway could not be dealt with now. It stays and is tried again.
#[derive(Debug, thiserror::Error)]
pub enum RemedyError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Spool(#[from] SpoolError),
    #[error(transparent)]
    Key(#[from] crate::keys::KeyError),
    #[error(transparent)]
    Notice(#[from] crate::notify::NoticeError),
    #[error(transparent)]
    Inspect(#[from] InspectError),
    #[error("another part of the held message came in meanwhile")]
    Changed,
}

/// The gateway's own mailbox.
pub struct OwnMail {
    pub store: Store,
    pub vault: Arc<Vault>,
    pub spool: Spool,
    pub notices: Notices,
    pub pool: Arc<Pool>,
    pub clock: Clock,
    pub settings: watch::Receiver<Arc<Settings>>,
}

/// What is left of a message after the gateway took in what is its own.
pub struct Taken {
    /// `None`: nothing was the gateway's, the message is what it was.
    pub changed: Option<Rest>,
    /// The sender wants it checked: it goes to nobody.
    pub draft: bool,
}

/// The message for its other recipients.
pub struct Rest(pub Option<Loaded>);

/// One reply to a hold notice.
pub(super) struct Reply<'a> {
    pub school: &'a Arc<School>,
    pub loaded: &'a Loaded,
    pub recipient: RecipientId,
    pub keys: &'a SchoolKeys,
    pub token: Token,
    pub token_index: Vec<u8>,
    pub case: CaseRow,
    pub stop: Stop,
}

impl OwnMail {
    /// Takes in what of a message is for the gateway, and does what it asks. `school` is
    /// `None` for mail that belongs to none; `content` is `None` when it cannot be read.
    ///
    /// # Errors
    /// The store's or the machine's: nothing was done, or the rest of it is done next time.
    pub async fn take(
        &self,
        school: Option<&Arc<School>>,
        loaded: &Loaded,
        content: Option<&[u8]>,
    ) -> Result<Taken, RemedyError> {
        let mail_domain = self.settings.borrow().mail_domain.clone();
        let waits = |r: &&LoadedRecipient| r.row.standing == Standing::Unjudged;
        let own: Vec<(RecipientId, Own)> = loaded
            .recipients
            .iter()
            .filter(waits)
            .filter_map(|r| Some((r.row.id, address::own(&r.path.path, &mail_domain)?)))
            .collect();
        let all_wait = loaded.recipients.iter().all(|r| waits(&r));
        if own.is_empty() && all_wait {
            return Ok(Taken {
                changed: None,
                draft: false,
            });
        }
        let sender = &loaded.arrival.reverse_path;
        // Automatic mail, outsiders and mail that is only kept are taken in without a word.
        let heard = school
            .zip(content)
            .filter(|_| loaded.arrival.keep.is_none())
            .filter(|(_, content)| self.notices.may_answer(loaded.row.school, content, sender));
        let Some((school, content)) = heard else {
            let ids: Vec<RecipientId> = own.iter().map(|(id, _)| *id).collect();
            metrics::counter!("schoolgate_own_mail", "what" => "ignored").increment(1);
            self.take_in(loaded.row.id, ids.clone()).await?;
            return Ok(left(loaded, &ids, false));
        };
        let mut gone = Vec::new();
        let mut draft = false;
        for (id, purpose) in own {
            match purpose {
                Own::Check if is_staff(school, sender) => {
                    draft = true;
                    continue;
                }
                Own::Check => {
                    metrics::counter!("schoolgate_own_mail", "what" => "ignored").increment(1);
                    self.take_in(loaded.row.id, vec![id]).await?;
                }
                Own::Nobody => self.say_nobody_reads(school, loaded, id).await?,
                Own::Reply(token) => self.reply(school, loaded, id, token, content).await?,
            }
            gone.push(id);
        }
        Ok(left(loaded, &gone, draft))
    }

    /// A reply to a hold notice.
    async fn reply(
        &self,
        school: &Arc<School>,
        loaded: &Loaded,
        recipient: RecipientId,
        token: Token,
        content: &[u8],
    ) -> Result<(), RemedyError> {
        let keys = self.vault.of(loaded.row.school)?;
        let (row_school, index) = (loaded.row.school, token.index(keys));
        let found = {
            let index = index.clone();
            self.store
                .read(move |tx| {
                    let Some(remedy) = remedies::find(tx, row_school, &index)? else {
                        return Ok(None);
                    };
                    Ok(cases::get(tx, remedy.case)?.map(|case| (remedy, case)))
                })
                .await?
        };
        let Some((remedy, case)) = found else {
            return self.say_nobody_reads(school, loaded, recipient).await;
        };
        let stop = Stop::open(keys, &case)?;
        if !stop
            .sender
            .eq_ignore_ascii_case(&loaded.arrival.reverse_path)
        {
            return self.refuse_stranger(school, loaded, recipient, &case).await;
        }
        let reply = Reply {
            school,
            loaded,
            recipient,
            keys,
            token,
            token_index: index,
            case,
            stop,
        };
        if let Some(how) = self.ended(&reply.case, &remedy) {
            return self.answer(&reply, Remedied::Late { how }, None).await;
        }
        let today = self.clock.today();
        let line = match self
            .pool
            .opening(&school.context.inspection, today, content)
            .await
        {
            // A reply that kills its reader says nothing that could be obeyed.
            Err(InspectError::Aborted { .. }) => None,
            line => line?,
        };
        let command = line.as_deref().map_or(Err(Unclear::Unknown), Command::read);
        match command {
            Ok(command) => self.obey(&reply, command).await,
            Err(unclear) => {
                let what = match unclear {
                    Unclear::NoReason => Remedied::NoReason,
                    Unclear::Unknown => Remedied::Unclear,
                };
                let prospects = self.prospects(&reply).await?;
                self.say_it_waits(&reply, what, &prospects).await
            }
        }
    }

    /// How a message ended that no longer waits for its sender.
    pub(super) fn ended(&self, case: &CaseRow, remedy: &RemedyRow) -> Option<&'static str> {
        let out_of_time = remedy.expires_at <= self.clock.now();
        match case.state {
            CaseState::Open if remedy.used_at.is_some() => Some("it was answered already"),
            CaseState::Open if out_of_time => {
                Some("the time for it is up, and it comes back to you")
            }
            state => how_it_ended(state),
        }
    }

    /// Whether a token can still be used in a transaction at `now`.
    pub(super) fn still_good(
        tx: &Tx,
        case: crate::ids::CaseId,
        token_index: &[u8],
        now: Micros,
    ) -> Result<bool, StoreError> {
        let open = cases::get(tx, case)?.is_some_and(|case| case.state == CaseState::Open);
        Ok(open && remedies::is_good(tx, token_index, now - GRACE)?)
    }

    /// Takes forward-paths in without a word.
    pub(super) async fn take_in(
        &self,
        message: SpoolId,
        ids: Vec<RecipientId>,
    ) -> Result<(), RemedyError> {
        let now = self.clock.now();
        let file = self
            .store
            .write(move |tx| Ok(take_in(tx, message, &ids, now)?.unwrap_or(false)))
            .await?;
        self.discard(message, file).await;
        Ok(())
    }

    pub(super) async fn discard(&self, message: SpoolId, file: bool) {
        if file {
            self.spool.discard_file(message).await;
        }
    }

    pub(super) fn sender_index(
        &self,
        school: SchoolId,
        address: &str,
    ) -> Result<Vec<u8>, RemedyError> {
        Ok(self.vault.of(school)?.index("address", address))
    }

    pub(super) fn mail_domain(&self) -> String {
        self.settings.borrow().mail_domain.clone()
    }
}

/// Who acts by mail.
pub(super) fn sender(address: &str) -> Actor {
    Actor {
        name: address.to_owned(),
        role: "sender".into(),
    }
}

/// Takes in forward-paths, and ends the message when they were its last. `None`: another
/// was first, and nothing was done. Otherwise whether a content file is left to delete.
pub(super) fn take_in(
    tx: &Tx,
    message: SpoolId,
    ids: &[RecipientId],
    now: Micros,
) -> Result<Option<bool>, StoreError> {
    if recipients::consume(tx, ids, now)? == 0 {
        return Ok(None);
    }
    let waits = recipients::of_message(tx, message)?
        .iter()
        .any(|recipient| recipient.standing == Standing::Unjudged);
    if waits {
        return Ok(Some(false));
    }
    messages::decide(tx, message, now)?;
    Ok(Some(messages::finish(tx, message, now)?.unwrap_or(false)))
}

/// The message for those whom the gateway did not take in, now or before.
fn left(loaded: &Loaded, gone: &[RecipientId], draft: bool) -> Taken {
    let rest = loaded.only(|recipient| {
        recipient.row.standing == Standing::Unjudged && !gone.contains(&recipient.row.id)
    });
    Taken {
        changed: Some(Rest((!rest.recipients.is_empty()).then_some(rest))),
        draft,
    }
}

/// Whether somebody on the staff list, or in charge, has this address.
pub(super) fn is_staff(school: &School, address: &str) -> bool {
    let address = address.to_lowercase();
    let settings = &school.settings;
    let in_charge = [
        &settings.headteacher,
        &settings.dsl,
        &settings.dpo,
        &settings.technician,
    ];
    let directory = &school.context.directory;
    !directory.is_pupil_mailbox(&address)
        && (directory.staff(&address).is_some()
            || in_charge.iter().any(|a| a.eq_ignore_ascii_case(&address)))
}

/// How a case ended; `None` while it waits.
pub(super) fn how_it_ended(state: CaseState) -> Option<&'static str> {
    match state {
        CaseState::Open => None,
        CaseState::Released => Some("it had been sent"),
        CaseState::Refused => Some("it had been refused"),
        CaseState::Returned => Some("it had been given back to you"),
        CaseState::Expired => Some("the time for it was up, and it went back to you"),
        CaseState::Cancelled => Some("you had called it off"),
        CaseState::Marked => Some("the marking had been added, and it was checked again"),
    }
}

/// Whether a held message carries a signature.
pub(super) fn signed(contents: &[Arc<[u8]>]) -> bool {
    contents.iter().any(|content| is_signed(content))
}
