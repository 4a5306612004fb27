//! A word from the command line to the running gateway: something changed, look again.
//!
//! What changed is in the store already; the word only spares waiting. A lost one costs
//! seconds, so nothing is answered.

use std::io;
use std::path::{Path, PathBuf};

use tokio::net::UnixDatagram;

/// What the gateway is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// The queue or a case changed.
    Wake,
    /// Try now what waits, a quota's pause too.
    Retry,
    /// Roster, pack or configuration changed.
    Reload,
}

impl Word {
    fn as_bytes(self) -> &'static [u8] {
        match self {
            Self::Wake => b"wake",
            Self::Retry => b"retry",
            Self::Reload => b"reload",
        }
    }
}

fn path(data_dir: &Path) -> PathBuf {
    data_dir.join("control.sock")
}

/// Tells the gateway of this data folder; false when none runs.
pub async fn tell(data_dir: &Path, word: Word) -> bool {
    let Ok(socket) = UnixDatagram::unbound() else {
        return false;
    };
    socket
        .send_to(word.as_bytes(), path(data_dir))
        .await
        .is_ok()
}

/// The gateway's ear.
pub struct Ear {
    socket: UnixDatagram,
}

impl Ear {
    /// Listens. The data folder's lock is held: a socket left there is nobody's.
    ///
    /// # Errors
    /// The socket cannot be made.
    pub fn open(data_dir: &Path) -> io::Result<Self> {
        let path = path(data_dir);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        Ok(Self {
            socket: UnixDatagram::bind(path)?,
        })
    }

    /// The next word; what is no word is passed over.
    pub async fn hear(&self) -> Word {
        let mut buffer = [0; 16];
        loop {
            match self.socket.recv(&mut buffer).await.map(|n| &buffer[..n]) {
                Ok(b"wake") => return Word::Wake,
                Ok(b"retry") => return Word::Retry,
                Ok(b"reload") => return Word::Reload,
                Ok(_) => {}
                Err(_) => tokio::time::sleep(std::time::Duration::from_secs(1)).await,
            }
        }
    }
}
