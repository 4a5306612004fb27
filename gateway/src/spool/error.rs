//! Why the spool could not take a message.

use crate::keys::KeyError;
use crate::store::StoreError;

/// What failed; all are temporary to the sender (4xx).
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// Less space is left than `limits.free_space`.
    #[error("the disk has {free} octets left, fewer than the {wanted} that are kept free")]
    NoSpace { free: u64, wanted: u64 },
    #[error("cannot write content: {0}")]
    Write(#[source] std::io::Error),
    #[error("cannot read content of {id}: {source}")]
    Read {
        id: crate::ids::SpoolId,
        source: std::io::Error,
    },
    /// The content on disk does not verify: changed, cut or under another key.
    #[error("content of {0} does not verify")]
    Damaged(crate::ids::SpoolId),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl SpoolError {
    /// Whether it is for want of space (452) rather than a fault (451).
    pub fn is_space(&self) -> bool {
        match self {
            Self::NoSpace { .. } => true,
            Self::Write(e) => e.kind() == std::io::ErrorKind::StorageFull,
            Self::Store(e) => e.is_full(),
            _ => false,
        }
    }
}
