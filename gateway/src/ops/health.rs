//! Whether mail flows, in words and in numbers.

use std::sync::Arc;

use schoolgate_policies::RosterState;
use serde::Serialize;

use crate::clock::{Clock, MINUTE, Micros, show};
use crate::inspect::{Ocr, Pool};
use crate::queue::Queue;
use crate::schools::Schools;
use crate::spool::Spool;
use crate::store::{Store, messages, recipients};

/// What health looks at.
#[derive(Clone)]
pub struct Probe {
    pub store: Store,
    pub spool: Spool,
    pub queue: Arc<Queue>,
    pub pool: Arc<Pool>,
    pub ocr: Arc<Ocr>,
    pub schools: Arc<Schools>,
    pub clock: Clock,
}

/// The answer of `/health`.
#[derive(Debug, Serialize)]
pub struct Health {
    /// `ok`, `degraded` (mail flows, something needs a hand) or `failing`.
    pub status: &'static str,
    /// What is wrong, each with what to do.
    pub problems: Vec<String>,
    pub waiting_for_verdict: i64,
    pub queued: i64,
    pub held: i64,
    pub quarantined: i64,
    pub workers: usize,
    pub workers_busy: usize,
    /// Messages whose pictures are being read, and that wait for it.
    pub ocr_busy: usize,
    pub ocr_waiting: usize,
}

/// Waiting longer than this for a verdict is worth a word.
const SLOW: Micros = 5 * MINUTE;

impl Probe {
    /// Looks at everything now.
    pub async fn look(&self) -> Health {
        let now = self.clock.now();
        let mut problems = Vec::new();
        let mut failing = false;
        if let Err(error) = self.spool.check_room() {
            failing = true;
            problems.push(format!("New mail is refused for now: {error}."));
        }
        let figures = self
            .store
            .read(|tx| Ok((messages::backlog(tx)?, recipients::counts(tx)?)))
            .await;
        let ((waiting, oldest), counts) = match figures {
            Ok(figures) => figures,
            Err(error) => {
                failing = true;
                problems.push(format!("The store cannot be read: {error}."));
                ((0, None), Vec::new())
            }
        };
        if let Some(oldest) = oldest
            && now - oldest > SLOW
        {
            problems.push(format!(
                "A message has waited for its verdict since {}.",
                show(oldest)
            ));
        }
        if let Some(until) = self.queue.paused_until() {
            problems.push(format!(
                "The next hop reported a quota; delivery pauses until {}.",
                show(until)
            ));
        }
        for school in self.schools.all() {
            let state = school.context.roster_state(now);
            if state != RosterState::Fresh {
                problems.push(format!(
                    "The roster of {} is {}: rules on relations only monitor. Import one with: schoolgate roster import.",
                    school.settings.id,
                    match state {
                        RosterState::Missing => "missing",
                        _ => "older than it may be",
                    }
                ));
            }
        }
        let pool = self.pool.health();
        if let Some(cage) = &pool.cage {
            problems.extend(cage.lacks());
        }
        let ocr = self.ocr.health();
        problems.extend(ocr.problems());
        let count = |wanted: recipients::Standing| {
            counts
                .iter()
                .find(|(s, _)| *s == wanted)
                .map_or(0, |(_, n)| *n)
        };
        let health = Health {
            status: match (failing, problems.is_empty()) {
                (true, _) => "failing",
                (false, false) => "degraded",
                (false, true) => "ok",
            },
            problems,
            waiting_for_verdict: waiting,
            queued: count(recipients::Standing::Queued) + count(recipients::Standing::InDoubt),
            held: count(recipients::Standing::Held),
            quarantined: count(recipients::Standing::Quarantined),
            workers: pool.workers,
            workers_busy: pool.busy,
            ocr_busy: ocr.busy,
            ocr_waiting: ocr.waiting,
        };
        health.publish();
        health
    }
}

impl Health {
    fn publish(&self) {
        metrics::gauge!("schoolgate_waiting_for_verdict").set(self.waiting_for_verdict as f64);
        metrics::gauge!("schoolgate_recipients", "standing" => "queued").set(self.queued as f64);
        metrics::gauge!("schoolgate_recipients", "standing" => "held").set(self.held as f64);
        metrics::gauge!("schoolgate_recipients", "standing" => "quarantined")
            .set(self.quarantined as f64);
        metrics::gauge!("schoolgate_workers").set(self.workers as f64);
        metrics::gauge!("schoolgate_workers_busy").set(self.workers_busy as f64);
        metrics::gauge!("schoolgate_ocr_busy").set(self.ocr_busy as f64);
        metrics::gauge!("schoolgate_ocr_waiting").set(self.ocr_waiting as f64);
    }
}
