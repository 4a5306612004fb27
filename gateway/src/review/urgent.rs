//! Referrals that were stopped because nobody could tell that they go to an agency: they
//! wait for minutes, and ever more people are asked.

use schoolgate_policies::Office;

use super::{Case, Desk, ReviewError};
use crate::audit::{Actor, Entry, Line};
use crate::clock::{MINUTE, Micros};
use crate::stop::Stop;
use crate::store::cases;

/// How long those who were asked first have, before others are asked too.
pub const PATIENCE: Micros = 30 * MINUTE;

/// For how long each further circle has the time to answer; then it goes back to its sender.
const FURTHER: [Micros; 2] = [30 * MINUTE, 60 * MINUTE];

/// Who is asked as things stand: the safeguarding leads, then the headteacher too, then
/// everybody who may decide.
pub fn asked(stop: &Stop) -> Vec<&str> {
    let in_circle = |office: Office| match office {
        Office::DeputyDsl | Office::Dsl => true,
        Office::Headteacher => stop.escalated >= 1,
        _ => stop.escalated >= 2,
    };
    let deciders = &stop.route.deciders;
    let asked: Vec<&str> = deciders
        .iter()
        .filter(|decider| in_circle(decider.office))
        .map(|decider| decider.address.as_str())
        .collect();
    match asked.is_empty() {
        true => deciders
            .iter()
            .take(1)
            .map(|d| d.address.as_str())
            .collect(),
        false => asked,
    }
}

/// How long the next circle has; `None` when there is no further one.
pub(super) fn next_circle(stop: &Stop) -> Option<Micros> {
    let further = usize::try_from(stop.escalated).ok()?;
    FURTHER
        .get(further)
        .copied()
        .filter(|_| stop.route.is_urgent())
}

impl Desk {
    /// Asks the next circle.
    pub(super) async fn escalate(&self, case: &Case, time: Micros) -> Result<(), ReviewError> {
        let now = self.clock.now();
        let keys = self.vault.of(case.row.school)?;
        let mut stop = case.stop.clone();
        stop.escalated += 1;
        let (id, school, expires_at) = (case.row.id, case.row.school, now + time);
        let body = stop.seal(keys, id)?;
        let mut notices = Vec::new();
        for notice in self.notices.urgent(school, id, &stop, expires_at, now)? {
            notices.push(self.spool.prepare_notice(school, notice).await?);
        }
        let entry = Entry {
            actor: Actor::system(),
            object: id.to_string(),
            detail: format!("circle {}", stop.escalated + 1),
        };
        let line = Line::seal(keys, now, "case.escalate", &entry)?;
        self.store
            .write(move |tx| {
                if !cases::wait_until(tx, id, expires_at, &body)? {
                    return Ok(());
                }
                for notice in &notices {
                    notice.insert(tx, now)?;
                }
                line.append(tx)
            })
            .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use schoolgate_detectors::Sensitivity;
    use schoolgate_policies::{Decider, Matter, Route};

    fn check(escalated: u32, offices: &[Office], expected: &[&str], further: bool) {
        let decider = |office: &Office| Decider {
            office: *office,
            address: office.as_str().to_owned(),
        };
        let stop = Stop {
            sender: String::new(),
            sender_name: String::new(),
            subject: String::new(),
            recipients: Vec::new(),
            reasons: Vec::new(),
            sensitivity: Sensitivity::None,
            kept: None,
            reviewers: Vec::new(),
            safeguarding: true,
            for_dsl: false,
            answer: None,
            escalated,
            route: Route {
                matter: Matter::UnverifiedReferral,
                deciders: offices.iter().map(decider).collect(),
                fast_lane: None,
            },
        };
        assert_eq!(asked(&stop), expected);
        assert_eq!(next_circle(&stop).is_some(), further);
    }

    #[test]
    fn ever_more_people_are_asked() {
        let all = [Office::DeputyDsl, Office::Headteacher, Office::Dpo];
        check(0, &all, &["deputy-dsl"], true);
        check(1, &all, &["deputy-dsl", "headteacher"], true);
        check(2, &all, &["deputy-dsl", "headteacher", "dpo"], false);
        check(0, &all[1..], &["headteacher"], true);
        check(0, &[], &[], true);
    }
}
