//! The packs that decided in the past, as far as they can still be put together.

use std::collections::HashMap;
use std::sync::Arc;

use schoolgate_policies::Pack;

use crate::ids::SchoolId;
use crate::judge::kept_pack;
use crate::schools::School;
use crate::store::{Store, StoreError, rosters};

/// So many are remembered; there are seldom more than a handful.
const MOST: usize = 64;

/// The packs of a school by their digests.
pub(super) struct Packs<'a> {
    store: &'a Store,
    row: SchoolId,
    school: &'a School,
    known: HashMap<String, Option<Arc<Pack>>>,
}

impl<'a> Packs<'a> {
    /// With the pack in force and the one that is tried.
    pub fn new(store: &'a Store, row: SchoolId, school: &'a School, pack: &Pack) -> Self {
        let at_hand = [&school.context.pack, pack];
        Self {
            store,
            row,
            school,
            known: at_hand
                .into_iter()
                .map(|pack| (pack.digest.clone(), Some(Arc::new(pack.clone()))))
                .collect(),
        }
    }

    /// The pack with this digest; `None` when its text, or that of a pack that it extends,
    /// is no longer what it was.
    ///
    /// # Errors
    /// The store's.
    pub async fn of(&mut self, digest: &str) -> Result<Option<Arc<Pack>>, StoreError> {
        if let Some(known) = self.known.get(digest) {
            return Ok(known.clone());
        }
        let (row, wanted) = (self.row, digest.to_owned());
        let text = self
            .store
            .read(move |tx| rosters::pack_text(tx, row, &wanted))
            .await?;
        let path = self.school.settings.pack.as_deref();
        let pack = text
            .and_then(|text| kept_pack(&text, path, digest))
            .map(Arc::new);
        if self.known.len() < MOST {
            self.known.insert(digest.to_owned(), pack.clone());
        }
        Ok(pack)
    }
}
