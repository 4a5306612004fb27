//! Keeps what it is sent as files of a Maildir: what a next hop does, in small.

use std::io;
use std::path::{Path, PathBuf};

use tokio::io::AsyncWriteExt;

use crate::ids::SpoolId;
use crate::smtp::{Intake, IntakeError};
use crate::spool::Arrival;

/// A folder with `tmp`, `new` and `cur`.
pub struct Maildir {
    folder: PathBuf,
}

/// A message being received.
pub struct Letter {
    id: SpoolId,
    content: Vec<u8>,
}

impl Maildir {
    /// Makes the folder.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn open(folder: &Path) -> io::Result<Self> {
        for name in ["tmp", "new", "cur"] {
            std::fs::create_dir_all(folder.join(name))?;
        }
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    async fn keep(&self, letter: &Letter) -> io::Result<()> {
        let name = format!("{}.schoolgate-demo", letter.id);
        let draft = self.folder.join("tmp").join(&name);
        let mut file = tokio::fs::File::create(&draft).await?;
        file.write_all(&letter.content).await?;
        file.sync_all().await?;
        tokio::fs::rename(draft, self.folder.join("new").join(name)).await
    }
}

impl Intake for Maildir {
    type Incoming = Letter;

    fn check_room(&self) -> Result<(), IntakeError> {
        Ok(())
    }

    fn begin(&self) -> Letter {
        Letter {
            id: SpoolId::new(),
            content: Vec::new(),
        }
    }

    fn id(letter: &Letter) -> SpoolId {
        letter.id
    }

    async fn write(&self, letter: &mut Letter, bytes: &[u8]) -> Result<(), IntakeError> {
        letter.content.extend_from_slice(bytes);
        Ok(())
    }

    async fn accept(&self, letter: Letter, _arrival: Arrival) -> Result<SpoolId, IntakeError> {
        self.keep(&letter).await.map_err(|_| IntakeError::Failed)?;
        Ok(letter.id)
    }
}
