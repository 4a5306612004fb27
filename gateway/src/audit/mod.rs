//! Who did or saw what: sealed lines in a hash chain for each school.

use serde::{Deserialize, Serialize};

use crate::clock::Micros;
use crate::ids::SchoolId;
use crate::keys::{KeyError, Purpose, SchoolKeys};
use crate::store::{Store, StoreError, Tx, audit};

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// A person's address or log-in, or `schoolgate` itself.
    pub name: String,
    /// The role in which they act: `system`, `command line`, `headteacher` …
    pub role: String,
}

impl Actor {
    /// The gateway itself.
    pub fn system() -> Self {
        Self {
            name: "schoolgate".into(),
            role: "system".into(),
        }
    }

    /// Somebody whom the case names and the log does not.
    pub fn withheld() -> Self {
        Self {
            name: "withheld".into(),
            role: "withheld".into(),
        }
    }
}

/// What a line tells. It names things by id; what they say stays where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub actor: Actor,
    /// The thing concerned: a spool, case or ticket id, a digest.
    pub object: String,
    /// In words, without content of messages.
    pub detail: String,
}

/// A line ready to be appended in a transaction.
pub struct Line {
    school: SchoolId,
    action: &'static str,
    at: Micros,
    body: Vec<u8>,
}

impl Line {
    /// Seals a line.
    ///
    /// # Errors
    /// The cipher's.
    pub fn seal(
        keys: &SchoolKeys,
        at: Micros,
        action: &'static str,
        entry: &Entry,
    ) -> Result<Self, KeyError> {
        Ok(Self {
            school: keys.id,
            action,
            at,
            body: keys.seal_json(Purpose::Long, "audit.body", entry)?,
        })
    }

    /// Appends it to the school's chain.
    ///
    /// # Errors
    /// The store's.
    pub fn append(&self, tx: &Tx) -> Result<(), StoreError> {
        audit::append(tx, self.school, self.at, self.action, &self.body)
    }
}

/// What a walk along a chain found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Lines that hold.
    pub lines: i64,
    /// The last hash, to compare with one kept elsewhere.
    pub head: String,
    /// The first line that does not hold, and why.
    pub broken: Option<(i64, String)>,
}

/// Walks the chain of a school from its first line.
///
/// # Errors
/// The store's.
pub async fn verify(store: &Store, school: SchoolId) -> Result<Verified, StoreError> {
    store
        .read(move |tx| {
            let mut verified = Verified {
                lines: 0,
                head: String::new(),
                broken: None,
            };
            let mut previous = vec![0; 32];
            loop {
                let rows = audit::from(tx, school, verified.lines + 1, 1000)?;
                if rows.is_empty() {
                    break;
                }
                for row in rows {
                    let wanted = verified.lines + 1;
                    let why = if row.seq != wanted {
                        Some(format!("line {wanted} is missing"))
                    } else if row.previous != previous {
                        Some("it does not follow the line before".to_owned())
                    } else if row.hash
                        != audit::link(
                            school,
                            row.seq,
                            row.at,
                            &row.action,
                            &row.previous,
                            &row.body,
                        )
                    {
                        Some("it was altered".to_owned())
                    } else {
                        None
                    };
                    if let Some(why) = why {
                        verified.broken = Some((wanted, why));
                        return Ok(verified);
                    }
                    previous = row.hash;
                    verified.lines = row.seq;
                }
            }
            verified.head = crate::keys::hex(&previous).to_string();
            Ok(verified)
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::keys::Vault;

    async fn chain(folder: &std::path::Path, lines: usize) -> (Store, SchoolId) {
        let store = Store::open(folder).unwrap();
        let clock = Clock::default();
        let key = folder.join("oak.key");
        let schools = [("oak", "Oak", key.as_path())];
        let vault = Vault::open(&store, schools.into_iter(), clock.now())
            .await
            .unwrap();
        let school = vault.school("oak").unwrap();
        for i in 0..lines {
            let entry = Entry {
                actor: Actor::system(),
                object: format!("{i}"),
                detail: "something was done".into(),
            };
            let line = Line::seal(vault.of(school).unwrap(), clock.now(), "test", &entry).unwrap();
            store.write(move |tx| line.append(tx)).await.unwrap();
        }
        (store, school)
    }

    async fn broken_after(sql: &'static str) -> Option<(i64, String)> {
        let folder = tempfile::tempdir().unwrap();
        let (store, school) = chain(folder.path(), 5).await;
        assert_eq!(verify(&store, school).await.unwrap().lines, 5);
        store
            .write(move |tx| Ok(tx.execute(sql, [])?))
            .await
            .unwrap();
        verify(&store, school).await.unwrap().broken
    }

    #[tokio::test]
    async fn altering_cutting_and_reordering_are_found() {
        let altered = broken_after("UPDATE audit SET action = 'other' WHERE seq = 3").await;
        assert_eq!(altered, Some((3, "it was altered".into())));
        let cut = broken_after("DELETE FROM audit WHERE seq = 2").await;
        assert_eq!(cut, Some((2, "line 2 is missing".into())));
        let swapped = broken_after(
            "UPDATE audit SET seq = CASE seq WHEN 3 THEN 104 WHEN 4 THEN 103 END WHERE seq IN (3, 4);",
        )
        .await;
        assert!(swapped.is_some());
    }
}
