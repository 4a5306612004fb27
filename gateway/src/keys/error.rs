//! Why something could not be sealed or opened.

use std::path::PathBuf;

/// What failed.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error(
        "cannot read the master key {path}: {source}. Restore it from the backup of the keys: without it nothing in the store can be read"
    )]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error(
        "cannot write the master key {path}: {source}. Check that this user may write the folder"
    )]
    Write {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("the master key {path} may be read by others. Run: chmod 600 {path}")]
    Exposed { path: PathBuf },
    #[error("{path} is not a master key")]
    Malformed { path: PathBuf },
    #[error(
        "the store was written under master key {wanted}, and {path} holds {found}. Put the right key back"
    )]
    WrongMaster {
        wanted: String,
        found: String,
        path: PathBuf,
    },
    #[error("the cipher failed")]
    Cipher,
    /// Changed, cut, or sealed for another place.
    #[error("a sealed record does not verify")]
    Damaged,
    /// The epoch's key was destroyed: what it sealed is erased.
    #[error("the key of epoch {0} is destroyed or unknown")]
    NoEpoch(crate::ids::EpochId),
    #[error("school {0} has no keys")]
    NoSchool(crate::ids::SchoolId),
}
