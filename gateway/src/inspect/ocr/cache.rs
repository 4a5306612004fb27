//! What was read in pictures, by digest; in memory only, and bounded.
//!
//! A letterhead or a logo comes back with every message: it is read once. The text of a
//! scanned form lies here as long as memory allows and is gone with the process.

use std::collections::{BTreeMap, HashMap};

use schoolgate_detectors::pictures::{Digest, PictureText};

/// What an entry takes beside its text, octets, about.
const ENTRY: usize = 160;

/// The longest unused is forgotten first.
pub(super) struct Cache {
    /// Octets.
    room: usize,
    used: usize,
    clock: u64,
    entries: HashMap<Digest, (u64, PictureText)>,
    /// The entries by their last use.
    order: BTreeMap<u64, Digest>,
}

impl Cache {
    /// A cache of so many octets.
    pub(super) fn new(room: usize) -> Self {
        Self {
            room,
            used: 0,
            clock: 0,
            entries: HashMap::new(),
            order: BTreeMap::new(),
        }
    }

    /// What was read in the picture.
    pub(super) fn get(&mut self, digest: &Digest) -> Option<PictureText> {
        let (used_at, text) = self.entries.get_mut(digest)?;
        self.clock += 1;
        self.order.remove(used_at);
        *used_at = self.clock;
        self.order.insert(self.clock, *digest);
        Some(text.clone())
    }

    /// Remembers it, and forgets others until there is room.
    pub(super) fn put(&mut self, digest: Digest, text: &PictureText) {
        let size = size(text);
        if size > self.room || self.entries.contains_key(&digest) {
            return;
        }
        while self.used + size > self.room {
            let Some((_, oldest)) = self.order.pop_first() else {
                break;
            };
            if let Some((_, text)) = self.entries.remove(&oldest) {
                self.used = self.used.saturating_sub(self::size(&text));
            }
        }
        self.clock += 1;
        self.used += size;
        self.order.insert(self.clock, digest);
        self.entries.insert(digest, (self.clock, text.clone()));
    }
}

fn size(text: &PictureText) -> usize {
    match text {
        PictureText::Text(text) => ENTRY + text.len(),
        PictureText::NotRead(_) => ENTRY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(n: u8) -> Digest {
        Digest([n; 32])
    }

    fn text(length: usize) -> PictureText {
        PictureText::Text("x".repeat(length))
    }

    #[test]
    fn the_longest_unused_goes_first() {
        let mut cache = Cache::new(3 * (ENTRY + 10));
        for n in 0..3 {
            cache.put(digest(n), &text(10));
        }
        assert!(cache.get(&digest(0)).is_some());
        cache.put(digest(3), &text(10));
        assert!(cache.get(&digest(1)).is_none());
        for n in [0, 2, 3] {
            assert_eq!(cache.get(&digest(n)), Some(text(10)), "{n}");
        }
    }

    #[test]
    fn it_never_holds_more_than_it_may() {
        let mut cache = Cache::new(1000);
        for n in 0..200 {
            cache.put(digest(n), &text(usize::from(n) * 7));
            assert!(cache.used <= 1000);
            assert_eq!(cache.entries.len(), cache.order.len());
        }
        cache.put(digest(250), &text(2000));
        assert!(
            cache.get(&digest(250)).is_none(),
            "larger than the whole cache"
        );
    }
}
