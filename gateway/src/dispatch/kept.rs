//! Mail that is kept without being judged: a loop, a foreign reverse-path, no school.

use schoolgate_detectors::Sensitivity;
use schoolgate_policies::{Route, Verdict};

use super::record::{PreparedStop, open_case};
use super::{DispatchError, Dispatcher};
use crate::audit::{Actor, Entry, Line};
use crate::ids::CaseId;
use crate::spool::{KeepReason, Loaded};
use crate::stop::{Stop, StopRecipient};
use crate::store::cases::{CaseKind, CaseRow, CaseState};
use crate::store::messages;
use crate::store::recipients::{self, Standing};

impl Dispatcher {
    pub(super) async fn keep(
        &self,
        loaded: &Loaded,
        reason: KeepReason,
    ) -> Result<(), DispatchError> {
        let now = self.clock.now();
        let keys = self.vault.of(loaded.row.school)?;
        let case = CaseId::new();
        let school = self.schools.of_row(loaded.row.school);
        let stop = Stop {
            sender: loaded.arrival.reverse_path.clone(),
            sender_name: String::new(),
            subject: String::new(),
            recipients: loaded
                .arrival
                .recipients
                .iter()
                .map(|r| StopRecipient {
                    address: r.path.clone(),
                    relation: "not judged".into(),
                    verdict: Verdict::Quarantine,
                })
                .collect(),
            reasons: Vec::new(),
            sensitivity: Sensitivity::None,
            kept: Some(reason),
            reviewers: school
                .as_ref()
                .map(|s| s.reviewers(&loaded.arrival.reverse_path, false))
                .unwrap_or_default(),
            safeguarding: false,
            for_dsl: false,
            answer: None,
            escalated: 0,
            route: Route::default(),
        };
        let mut prepared = Vec::new();
        for notice in self.notices.on_kept(loaded.row.school, case, &stop, now)? {
            prepared.push(self.spool.prepare_notice(loaded.row.school, notice).await?);
        }
        let prepared = PreparedStop {
            case: CaseRow {
                id: case,
                school: loaded.row.school,
                message: loaded.row.id,
                kind: CaseKind::Kept,
                state: CaseState::Open,
                group_index: keys.index("group", &loaded.row.id.to_string()),
                opened_at: now,
                expires_at: None,
                answered_at: None,
                body: stop.seal(keys, case)?,
            },
            stop,
            ticket: None,
            notices: prepared,
            remedy: None,
        };
        let entry = Entry {
            actor: Actor::system(),
            object: loaded.row.id.to_string(),
            detail: format!("kept without judging: {reason:?}"),
        };
        let audit = Line::seal(keys, now, "message.keep", &entry)?;
        let id = loaded.row.id;
        let entries: Vec<_> = loaded.recipients.iter().map(|r| r.row.id).collect();
        let vault = std::sync::Arc::clone(&self.vault);
        self.store
            .write(move |tx| {
                if !messages::decide(tx, id, now)? {
                    return Ok(());
                }
                for entry in entries {
                    recipients::judge(
                        tx,
                        entry,
                        Verdict::Quarantine,
                        Standing::Quarantined,
                        now,
                        now,
                    )?;
                }
                audit.append(tx)?;
                open_case(tx, &vault, &prepared, now)
            })
            .await?;
        tracing::warn!(%id, ?reason, "kept without judging");
        metrics::counter!("schoolgate_kept").increment(1);
        self.queue.wake();
        Ok(())
    }
}
