//! What was just written and need not be read back, while memory allows.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Arrival;
use super::prepare::Prepared;
use super::read::Loaded;
use crate::ids::SpoolId;

/// Messages that may wait in memory for their verdict, in octets; the rest is read back.
const IN_MEMORY: usize = 48 << 20;
/// What a message and each of its recipients take beside the content, in octets, about.
const ROW: usize = 512;

/// A message that was just accepted, on its way to inspection.
pub struct Fresh {
    pub id: SpoolId,
    /// What was just written of it, when it is small and memory allows.
    pub memory: Option<InMemory>,
}

/// A message that need not be read back: it counts against the memory for waiting messages.
#[derive(Clone)]
pub struct InMemory {
    content: Arc<[u8]>,
    loaded: Arc<Loaded>,
    _share: Arc<Share>,
}

impl InMemory {
    /// The plain content.
    pub fn content(&self) -> &Arc<[u8]> {
        &self.content
    }

    /// Its rows as they were committed with it. What changed since, only the store knows.
    pub fn loaded(&self) -> &Arc<Loaded> {
        &self.loaded
    }
}

struct Share {
    size: usize,
    total: Arc<AtomicUsize>,
}

impl Drop for Share {
    fn drop(&mut self) {
        self.total.fetch_sub(self.size, Ordering::Relaxed);
    }
}

/// The memory for waiting messages.
#[derive(Clone, Default)]
pub(super) struct Memory {
    total: Arc<AtomicUsize>,
}

impl Memory {
    /// Remembers a message, unless memory is full.
    pub(super) fn remember(
        &self,
        small: &[u8],
        new: &Prepared,
        arrival: Arrival,
    ) -> Option<InMemory> {
        let size = small.len() + ROW * (1 + new.recipients());
        if self.total.fetch_add(size, Ordering::Relaxed) + size > IN_MEMORY {
            self.total.fetch_sub(size, Ordering::Relaxed);
            return None;
        }
        Some(InMemory {
            content: small.into(),
            loaded: Arc::new(new.loaded(arrival)),
            _share: Arc::new(Share {
                size,
                total: Arc::clone(&self.total),
            }),
        })
    }
}
