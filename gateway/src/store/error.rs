//! Why the store could not do it.

/// What failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error(
        "cannot open the store {path}: {source}. Check that the folder exists and that this user may write it"
    )]
    Open {
        path: std::path::PathBuf,
        source: rusqlite::Error,
    },
    #[error(
        "the store {path} has version {found}, newer than this program's {known}. Install the newer schoolgate"
    )]
    Newer {
        path: std::path::PathBuf,
        found: i64,
        known: i64,
    },
    #[error("the store refused: {0}")]
    Sql(#[from] rusqlite::Error),
    #[error("the commit failed: {0}")]
    Commit(String),
    #[error("the store's writer has stopped")]
    Stopped,
    /// A row that cannot be read back: damaged, or sealed under a destroyed key.
    #[error("a record of {what} cannot be read: {why}")]
    Unreadable { what: &'static str, why: String },
    #[error(transparent)]
    Key(#[from] crate::keys::KeyError),
}

impl StoreError {
    /// Whether the disk or the database is full.
    pub fn is_full(&self) -> bool {
        match self {
            Self::Sql(rusqlite::Error::SqliteFailure(e, _)) => {
                e.code == rusqlite::ErrorCode::DiskFull
            }
            Self::Commit(why) => why.contains("full"),
            _ => false,
        }
    }
}
