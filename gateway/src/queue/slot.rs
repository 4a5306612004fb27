//! The right to deliver one message now.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;

use super::{Doubt, Queue, QueueError};
use crate::ids::SpoolId;
use crate::spool::{InMemory, Loaded, LoadedRecipient};

/// One of the deliveries that may be under way, for one message, which nobody else
/// delivers meanwhile. Dropping it gives it back.
pub struct Slot {
    queue: Arc<Queue>,
    id: SpoolId,
    /// First one of the deliveries, then one of the outcomes being recorded.
    permit: Option<OwnedSemaphorePermit>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Ok(mut active) = self.queue.active.lock() {
            active.remove(&self.id);
        }
    }
}

impl Queue {
    /// A slot for a message that is about to get its verdict, if one is free now.
    pub fn slot(self: &Arc<Self>, id: SpoolId) -> Option<Slot> {
        if self.paused_until().is_some() {
            return None;
        }
        let permit = Arc::clone(&self.permits).try_acquire_owned().ok()?;
        Slot::take(self, id, permit)
    }
}

impl Slot {
    /// `None` when the message is being delivered already.
    pub(super) fn take(
        queue: &Arc<Queue>,
        id: SpoolId,
        permit: OwnedSemaphorePermit,
    ) -> Option<Slot> {
        if !queue
            .active
            .lock()
            .is_ok_and(|mut active| active.insert(id))
        {
            return None;
        }
        Some(Slot {
            queue: Arc::clone(queue),
            id,
            permit: Some(permit),
        })
    }

    /// Delivers a message to all its recipients. The caller has committed the verdict and,
    /// with it, "in doubt" for each of them. `memory` is held as long as the content is.
    pub fn deliver(mut self, loaded: Arc<Loaded>, content: Arc<[u8]>, memory: Option<InMemory>) {
        let queue = Arc::clone(&self.queue);
        tokio::spawn(async move {
            let due: Vec<&LoadedRecipient> = loaded.recipients.iter().collect();
            let made = queue
                .attempt(&loaded, &due, content, Doubt::Recorded, &mut self)
                .await;
            drop(memory);
            self.end(made).await;
        });
    }

    /// Delivers those recipients who are due, in a task of its own.
    pub(super) fn deliver_due(mut self, memory: Option<InMemory>) {
        let queue = Arc::clone(&self.queue);
        tokio::spawn(async move {
            let made = queue.deliver_due(self.id, memory, &mut self).await;
            self.end(made).await;
        });
    }

    /// The transmission is over and only its record is left: another may begin.
    pub(super) async fn settle(&mut self) {
        if let Ok(permit) = Arc::clone(&self.queue.settling).acquire_owned().await {
            self.permit = Some(permit);
        }
    }

    async fn end(self, made: Result<(), QueueError>) {
        if let Err(error) = made {
            tracing::error!(id = %self.id, %error, "a delivery could not be made or recorded");
            // The recipients stay due; a pause keeps a broken store from spinning.
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
    }
}
