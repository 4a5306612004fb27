//! The registers: what the headteacher has permitted, whom the school trusts, which staff
//! are parents, who is family, who agrees to pictures. Kept in the store, sealed; each
//! change is a line of the audit log; nothing is deleted.

mod record;
mod sheets;

use jiff::civil::Date;
use schoolgate_policies::exceptions::{Entry, EntryError};

use crate::audit::{Actor, Entry as AuditEntry, Line};
use crate::clock::{self, Micros};
use crate::ids::{ExceptionId, SchoolId};
use crate::keys::{KeyError, SchoolKeys, Vault};
use crate::store::registers::{self, ExceptionRow};
use crate::store::{Store, StoreError};

pub use record::{Draft, Ending, Grounds, Record, ending_soon};
pub use sheets::{
    FILES, Mistake, Sheets, allowances, kind_of, matter, parse_allowances, parse_consent,
    parse_matter, parse_upn, read, read_folder, write,
};

/// Why a register was not changed.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    #[error("{0}")]
    Entry(#[from] EntryError),
    #[error(
        "there is no entry {0} in this school's registers; `schoolgate register list --all` shows them"
    )]
    Unknown(String),
    #[error("it has ended already")]
    Ended,
    #[error("nothing was changed, since there are mistakes:\n{}", .0.iter().map(|m| format!("  {m}")).collect::<Vec<_>>().join("\n"))]
    Mistakes(Vec<Mistake>),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// What an import did.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Imported {
    pub entered: usize,
    /// In force already, with the same words.
    pub unchanged: usize,
    /// Ended, since something else took their place or the file no longer has them.
    pub ended: usize,
    /// What was passed over, and why.
    pub notes: Vec<String>,
}

/// The registers of one school.
pub struct Register<'a> {
    store: &'a Store,
    keys: &'a SchoolKeys,
    actor: Actor,
    now: Micros,
}

/// A change, ready for its transaction.
enum Change {
    Enter(ExceptionRow, Vec<Vec<u8>>, Line),
    End(ExceptionId, Vec<u8>, Line),
}

impl<'a> Register<'a> {
    /// Opens a school's registers for somebody.
    ///
    /// # Errors
    /// The school is not configured.
    pub fn of(
        store: &'a Store,
        vault: &'a Vault,
        school: SchoolId,
        actor: Actor,
        now: Micros,
    ) -> Result<Self, KeyError> {
        Ok(Self {
            store,
            keys: vault.of(school)?,
            actor,
            now,
        })
    }

    fn today(&self) -> Date {
        clock::date(self.now)
    }

    /// Everything ever entered, the oldest first.
    ///
    /// # Errors
    /// The store's, or a record does not verify.
    pub async fn all(&self) -> Result<Vec<Record>, RegisterError> {
        let school = self.keys.id;
        let rows = self
            .store
            .read(move |tx| registers::all(tx, school))
            .await?;
        rows.iter()
            .map(|row| Ok(Record::open(self.keys, row)?))
            .collect()
    }

    /// The entries in which an address, a domain or a UPN stands.
    ///
    /// # Errors
    /// The same.
    pub async fn about(&self, whom: &str) -> Result<Vec<Record>, RegisterError> {
        let school = self.keys.id;
        let key = index(self.keys, whom);
        let rows = self
            .store
            .read(move |tx| registers::about(tx, school, &key))
            .await?;
        rows.iter()
            .map(|row| Ok(Record::open(self.keys, row)?))
            .collect()
    }

    /// The entry with this id, or with the one id that ends so.
    ///
    /// # Errors
    /// There is none, or several end so.
    pub async fn find(&self, id: &str) -> Result<Record, RegisterError> {
        let wanted = id.trim().to_lowercase().replace('-', "");
        let mut fitting = self
            .all()
            .await?
            .into_iter()
            .filter(|record| wanted.len() >= 6 && record.entry.id.ends_with(&wanted));
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => Ok(only),
            _ => Err(RegisterError::Unknown(id.to_owned())),
        }
    }

    /// Enters something; the id under which it stands.
    ///
    /// # Errors
    /// It may not stand in a register, or the store fails.
    pub async fn enter(&self, draft: Draft) -> Result<String, RegisterError> {
        let (id, change) = self.entering(draft)?;
        self.make(vec![change]).await?;
        Ok(id)
    }

    /// Ends an entry from now on.
    ///
    /// # Errors
    /// It has ended, or the store fails.
    pub async fn end(&self, record: &Record, why: &str) -> Result<(), RegisterError> {
        if why.trim().is_empty() {
            return Err(EntryError::NoReason.into());
        }
        if record.ending.is_some() {
            return Err(RegisterError::Ended);
        }
        self.make(vec![self.ending(record, why)?]).await
    }

    /// Enters the same again until another day, and ends the old entry. What has lapsed
    /// begins anew today.
    ///
    /// # Errors
    /// It has been ended, the day may not be, or the store fails.
    pub async fn renew(
        &self,
        record: &Record,
        until: Date,
        reason: Option<&str>,
    ) -> Result<String, RegisterError> {
        if record.ending.is_some() {
            return Err(RegisterError::Ended);
        }
        let mut grounds = record.grounds.clone();
        if let Some(reason) = reason {
            reason.clone_into(&mut grounds.reason);
        }
        let (id, change) = self.entering(Draft {
            from: self.today(),
            until: Some(until),
            what: record.entry.what.clone(),
            grounds,
        })?;
        let ended = self.ending(record, &format!("renewed as {id}"))?;
        self.make(vec![ended, change]).await?;
        Ok(id)
    }

    /// Enters what a file has and the register has not. An entry about the same that says
    /// something else is ended; with `replace`, one that the files of its kind no longer
    /// have is too. All in one transaction.
    ///
    /// # Errors
    /// A row has a mistake: then nothing is changed.
    pub async fn import(&self, sheets: Sheets, replace: bool) -> Result<Imported, RegisterError> {
        if !sheets.mistakes.is_empty() {
            return Err(RegisterError::Mistakes(sheets.mistakes));
        }
        let mut imported = Imported {
            notes: sheets.notes,
            ..Imported::default()
        };
        let today = self.today();
        let known: Vec<Record> = self
            .all()
            .await?
            .into_iter()
            .filter(|record| record.counts_from(today))
            .collect();
        let mut kept = vec![false; known.len()];
        let mut changes = Vec::new();
        for (place, draft) in sheets.drafts {
            if draft.until.is_some_and(|until| until < today) {
                let note = format!("{place}: it has lapsed already and was not entered");
                imported.notes.push(note);
                continue;
            }
            let same = known.iter().position(|r| r.says_the_same_as(&draft));
            if let Some(keep) = same.and_then(|i| kept.get_mut(i)) {
                *keep = true;
                imported.unchanged += 1;
                continue;
            }
            for (record, keep) in known.iter().zip(&mut kept) {
                if !*keep && record.is_about_the_same_as(&draft) {
                    *keep = true;
                    imported.ended += 1;
                    changes.push(self.ending(record, "another word took its place at an import")?);
                }
            }
            changes.push(self.entering(draft)?.1);
            imported.entered += 1;
        }
        if replace {
            for (record, _) in known.iter().zip(&kept).filter(|(_, keep)| !**keep) {
                if sheets.kinds.contains(&record.entry.what.kind()) {
                    imported.ended += 1;
                    changes.push(self.ending(record, "the imported file no longer has it")?);
                }
            }
        }
        self.make(changes).await?;
        Ok(imported)
    }

    fn entering(&self, draft: Draft) -> Result<(String, Change), RegisterError> {
        draft.check()?;
        let id = ExceptionId::new();
        let keys = draft.what.about();
        let keys = keys.into_iter().map(|key| index(self.keys, key)).collect();
        let (kind, until) = (draft.what.kind(), draft.until);
        let row = ExceptionRow {
            id,
            kind,
            entered_at: self.now,
            ended_at: None,
            body: record::seal(self.keys, id, draft, &self.actor)?,
            ending: None,
        };
        let detail = match until {
            Some(until) => format!("{} until {until}", kind.as_str()),
            None => format!("{} until it is ended", kind.as_str()),
        };
        let line = self.line("exception.enter", &id.to_string(), detail)?;
        Ok((id.to_string(), Change::Enter(row, keys, line)))
    }

    fn ending(&self, record: &Record, why: &str) -> Result<Change, RegisterError> {
        let id = ExceptionId::parse(&record.entry.id)
            .ok_or_else(|| RegisterError::Unknown(record.entry.id.clone()))?;
        let ending = Ending {
            by: self.actor.clone(),
            at: self.now,
            why: why.trim().to_owned(),
        };
        let sealed = record::seal_ending(self.keys, id, &ending)?;
        let kind = record.entry.what.kind().as_str().to_owned();
        let line = self.line("exception.end", &record.entry.id, kind)?;
        Ok(Change::End(id, sealed, line))
    }

    fn line(
        &self,
        action: &'static str,
        object: &str,
        detail: String,
    ) -> Result<Line, RegisterError> {
        let entry = AuditEntry {
            actor: self.actor.clone(),
            object: object.to_owned(),
            detail,
        };
        Ok(Line::seal(self.keys, self.now, action, &entry)?)
    }

    async fn make(&self, changes: Vec<Change>) -> Result<(), RegisterError> {
        let (school, now) = (self.keys.id, self.now);
        let whole = self
            .store
            .write(move |tx| {
                for change in &changes {
                    match change {
                        Change::Enter(row, keys, line) => {
                            registers::insert(tx, school, row, keys)?;
                            line.append(tx)?;
                        }
                        Change::End(id, ending, line) => {
                            // Somebody else was faster: theirs stands.
                            if registers::end(tx, school, *id, now, ending)? {
                                line.append(tx)?;
                            }
                        }
                    }
                }
                Ok(())
            })
            .await;
        Ok(whole?)
    }
}

/// What a school has registered, as the policies want it.
///
/// # Errors
/// The store's, or a record does not verify.
pub async fn entries(
    store: &Store,
    vault: &Vault,
    school: SchoolId,
) -> Result<Vec<Entry>, StoreError> {
    let keys = vault.of(school)?;
    let rows = store.read(move |tx| registers::all(tx, school)).await?;
    rows.iter()
        .map(|row| Ok(Record::open(keys, row)?.entry))
        .collect()
}

/// The blind index of an address, a domain or a UPN.
fn index(keys: &SchoolKeys, whom: &str) -> Vec<u8> {
    keys.index("exception", whom)
}
