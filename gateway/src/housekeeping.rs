//! What happens by itself: holds go back, keys turn, what is old is forgotten.

use std::sync::Arc;
use std::time::Duration;

use schoolgate_policies::RosterState;
use tokio::sync::watch;

use crate::clock::{DAY, HOUR, MINUTE, Micros, show};
use crate::config::Settings;
use crate::delivery::NextHops;
use crate::installation::Installation;
use crate::notices::Alarm;
use crate::observing::report_yesterday;
use crate::queue::Queue;
use crate::store::{StoreError, journal, messages, remedies, schools};

/// How often it looks.
const LOOK: Duration = Duration::from_secs(20);
/// How long a finished message without a case is remembered in the spool.
const REMEMBER: Micros = DAY;
/// How long a token that ended is told from one that never was.
const TOKENS: Micros = 30 * DAY;
/// How long it is remembered that a sender asked: longer than any limit looks back.
const ASKED: Micros = 2 * DAY;
/// Rows forgotten in one transaction, so that no session waits for it.
const AT_ONCE: usize = 500;

/// The broom.
pub struct Housekeeping {
    installation: Installation,
    queue: Arc<Queue>,
    hops: watch::Receiver<Arc<NextHops>>,
    settings: watch::Receiver<Arc<Settings>>,
    last_hour: Micros,
    last_day: Micros,
}

impl Housekeeping {
    /// For a gateway that runs.
    pub fn new(
        installation: Installation,
        queue: Arc<Queue>,
        hops: watch::Receiver<Arc<NextHops>>,
        settings: watch::Receiver<Arc<Settings>>,
    ) -> Self {
        Self {
            installation,
            queue,
            hops,
            settings,
            last_hour: 0,
            last_day: 0,
        }
    }

    /// Sweeps until `shutdown`.
    pub async fn run(mut self, mut shutdown: watch::Receiver<bool>) {
        loop {
            self.sweep().await;
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                _ = shutdown.wait_for(|stop| *stop) => return,
            }
        }
    }

    async fn sweep(&mut self) {
        let installation = &self.installation;
        let now = installation.clock.now();
        match installation.desk().expire().await {
            Ok(0) => {}
            Ok(count) => {
                tracing::info!(count, "held messages went back to their senders");
                self.queue.wake();
            }
            Err(error) => tracing::error!(%error, "cannot look for expired cases"),
        }
        let stance = self.settings.borrow().stance;
        match report_yesterday(installation, stance).await {
            Ok(0) => {}
            Ok(_) => self.queue.wake(),
            Err(error) => tracing::error!(%error, "cannot write the daily report"),
        }
        self.hops.borrow().close_idle();
        crate::ops::sum_up_metrics();
        if now - self.last_hour >= HOUR {
            self.last_hour = now;
            if let Err(error) = turn(installation, self.journal(), now).await {
                tracing::error!(%error, "the hourly housekeeping failed; it is tried again");
                self.last_hour = now - HOUR + 5 * MINUTE;
            }
        }
        if now - self.last_day >= DAY {
            self.last_day = now;
            self.tell_of_rosters(now).await;
        }
    }

    /// How long the journal is kept.
    fn journal(&self) -> Micros {
        i64::try_from(self.settings.borrow().journal.as_micros()).unwrap_or(i64::MAX)
    }

    /// A stale roster turns rules off: the technician hears of it each day.
    async fn tell_of_rosters(&self, now: Micros) {
        let installation = &self.installation;
        for school in installation.schools.all() {
            if school.context.roster_state(now) != RosterState::Stale {
                continue;
            }
            let Some(row) = installation.vault.school(&school.settings.id) else {
                continue;
            };
            let since = school
                .context
                .roster_imported_at
                .map(show)
                .unwrap_or_default();
            let detail = format!("school {}, imported {since}", school.settings.id);
            send_alarm(installation, row, Alarm::RosterStale, &detail).await;
            self.queue.wake();
        }
    }
}

/// Sends the technician an alarm of its own, outside any other transaction.
pub(crate) async fn send_alarm(
    installation: &Installation,
    school: crate::ids::SchoolId,
    alarm: Alarm,
    detail: &str,
) {
    let now = installation.clock.now();
    let sent = async {
        let notice = installation
            .notices
            .alarm(school, alarm, detail, now)
            .map_err(|e| e.to_string())?;
        let notice = installation
            .spool
            .prepare_notice(school, notice)
            .await
            .map_err(|e| e.to_string())?;
        installation
            .store
            .write(move |tx| notice.insert(tx, now))
            .await
            .map_err(|e| e.to_string())
    };
    if let Err(error) = sent.await {
        tracing::error!(%error, "cannot write an alarm to the technician");
    }
}

async fn turn(installation: &Installation, journal: Micros, now: Micros) -> Result<(), StoreError> {
    installation.vault.turn(now).await?;
    loop {
        let (messages, lines) = installation
            .store
            .write(move |tx| {
                Ok((
                    messages::forget(tx, now - REMEMBER, AT_ONCE)?,
                    journal::forget(tx, now - journal, AT_ONCE)?,
                ))
            })
            .await?;
        if messages < AT_ONCE && lines < AT_ONCE {
            break;
        }
    }
    installation
        .store
        .write(move |tx| remedies::forget(tx, now - TOKENS, now - ASKED))
        .await?;
    let destroyed = installation
        .store
        .write(move |tx| schools::destroy_spent_epochs(tx, now - HOUR, now))
        .await?;
    if destroyed > 0 {
        tracing::info!(destroyed, "destroyed the keys of content that is gone");
    }
    Ok(())
}
