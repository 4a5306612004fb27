//! How often a password may be guessed: few at once, and few wrong ones from one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// Wrong passwords from one address within [`WINDOW`].
const MOST: u32 = 10;
const WINDOW: Duration = Duration::from_secs(10 * 60);
/// Addresses remembered; beyond it the oldest windows go.
const ADDRESSES: usize = 10_000;
/// Checks under way at once: each takes memory and a processor on purpose.
const AT_ONCE: usize = 2;

/// Shared by all sessions.
pub(super) struct Attempts {
    wrong: Mutex<HashMap<IpAddr, (u32, Instant)>>,
    checks: Semaphore,
}

impl Attempts {
    pub(super) fn new() -> Self {
        Self {
            wrong: Mutex::new(HashMap::new()),
            checks: Semaphore::new(AT_ONCE),
        }
    }

    /// Waits for its turn to check a password; `None` when this address guessed too often.
    pub(super) async fn turn(&self, address: IpAddr) -> Option<SemaphorePermit<'_>> {
        let permit = self.checks.acquire().await.ok()?;
        // Asked only now: others of this address may have failed while it waited.
        (!self.is_spent(address)).then_some(permit)
    }

    fn is_spent(&self, address: IpAddr) -> bool {
        let wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        wrong
            .get(&address)
            .is_some_and(|(count, since)| *count >= MOST && since.elapsed() < WINDOW)
    }

    /// A password was wrong.
    pub(super) fn failed(&self, address: IpAddr) {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        if wrong.len() >= ADDRESSES {
            wrong.retain(|_, (_, since)| since.elapsed() < WINDOW);
            if wrong.len() >= ADDRESSES
                && let Some(oldest) = wrong.iter().min_by_key(|(_, (_, s))| *s).map(|(a, _)| *a)
            {
                wrong.remove(&oldest);
            }
        }
        let entry = wrong.entry(address).or_insert((0, Instant::now()));
        if entry.1.elapsed() >= WINDOW {
            *entry = (0, Instant::now());
        }
        entry.0 = entry.0.saturating_add(1);
    }

    /// A password was right.
    pub(super) fn succeeded(&self, address: IpAddr) {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        wrong.remove(&address);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn guessing_is_stopped_and_forgotten_in_time() {
        let attempts = Attempts::new();
        let guesser = IpAddr::from([192, 0, 2, 66]);
        for _ in 0..MOST {
            assert!(attempts.turn(guesser).await.is_some());
            attempts.failed(guesser);
        }
        assert!(attempts.turn(guesser).await.is_none());
        assert!(attempts.turn(IpAddr::from([192, 0, 2, 10])).await.is_some());
        tokio::time::advance(WINDOW).await;
        assert!(attempts.turn(guesser).await.is_some());
        attempts.failed(guesser);
        assert!(attempts.turn(guesser).await.is_some());
    }
}
