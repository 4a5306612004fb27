//! Content files whose row is gone.

use super::SpoolError;
use super::accept::Spool;
use super::content::content_path;
use crate::ids::SpoolId;
use crate::store::messages;

impl Spool {
    /// Deletes a content file whose row is gone.
    pub async fn discard_file(&self, id: SpoolId) {
        if let Err(error) = tokio::fs::remove_file(content_path(&self.folder, id)).await {
            tracing::warn!(%id, %error, "cannot delete a content file; the housekeeping will");
        }
    }

    /// Deletes content files that no row names: sessions that ended with the process.
    /// Only for the start, before anything is received. Returns how many.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub async fn sweep_files(&self) -> Result<usize, SpoolError> {
        let mut swept = 0;
        let mut folders = tokio::fs::read_dir(self.folder.as_path())
            .await
            .map_err(SpoolError::Write)?;
        while let Some(folder) = folders.next_entry().await.map_err(SpoolError::Write)? {
            if !folder.file_type().await.is_ok_and(|t| t.is_dir()) {
                continue;
            }
            let mut files = tokio::fs::read_dir(folder.path())
                .await
                .map_err(SpoolError::Write)?;
            while let Some(file) = files.next_entry().await.map_err(SpoolError::Write)? {
                let Some(id) = file.file_name().to_str().and_then(SpoolId::parse) else {
                    continue;
                };
                let named = self
                    .store
                    .read(move |tx| messages::has_content_file(tx, id))
                    .await?;
                if !named && tokio::fs::remove_file(file.path()).await.is_ok() {
                    swept += 1;
                }
            }
        }
        Ok(swept)
    }
}
