//! What a sender is told of a message that was rejected.

use super::{DispatchError, Dispatcher};
use crate::clock::Micros;
use crate::delivery::Own;
use crate::delivery::dsn::{self, Report, ReportedRecipient};
use crate::spool::{Loaded, Prepared};
use crate::stop::Stop;
use crate::store::messages::Origin;

impl Dispatcher {
    /// The DSN of a rejected message to its sender.
    pub(super) async fn refusal(
        &self,
        loaded: &Loaded,
        stop: &Stop,
        now: Micros,
    ) -> Result<Option<Prepared>, DispatchError> {
        let settings = self.settings.borrow().clone();
        let content = self.spool.content(loaded.row.id, loaded.row.school).await?;
        let recipients: Vec<ReportedRecipient> = loaded
            .arrival
            .recipients
            .iter()
            .map(|recipient| ReportedRecipient {
                path: recipient.path.clone(),
                notify: recipient.notify.clone(),
                orcpt: recipient.orcpt.clone(),
                reply: Own::Policy.into(),
                remote: None,
                last_attempt_at: None,
                explanation: Some(stop.why()),
            })
            .collect();
        let to = &loaded.arrival.reverse_path;
        let report = dsn::failure(&Report {
            hostname: &settings.hostname,
            id: &uuid::Uuid::now_v7().simple().to_string(),
            at: now,
            to,
            arrived_at: loaded.row.received_at,
            envid: loaded.arrival.envid.as_deref(),
            ret: loaded.arrival.ret.as_deref(),
            recipients: &recipients,
            original: &content,
        });
        Ok(match report {
            Some(report) => Some(
                self.spool
                    .prepare_own(loaded.row.school, Origin::Dsn, to, report)
                    .await?,
            ),
            None => None,
        })
    }
}
