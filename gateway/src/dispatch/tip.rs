//! A word to the sender after a delivery, where a rule nudges, teaches or marks.

use std::sync::Arc;

use schoolgate_policies::pack::Signature;
use schoolgate_policies::{Mode, Verdict};

use super::bodies::{reasons, stop_of};
use super::record::Seen;
use super::{DispatchError, Dispatcher};
use crate::clock::{DAY, Micros};
use crate::ids::SchoolId;
use crate::schools::School;
use crate::spool::{Handling, Loaded, Prepared};
use crate::store::remedies::{self as store_remedies, Asked};
use crate::store::{StoreError, Tx};

impl Dispatcher {
    /// A word to the sender of a delivered message, where a rule only nudges, teaches, or
    /// had a marking added: not too often, and not twice a day for the same rule.
    pub(super) async fn prepare_tip(
        &self,
        school: &Arc<School>,
        loaded: &Loaded,
        seen: &Seen<'_>,
        now: Micros,
    ) -> Result<Option<PreparedTip>, DispatchError> {
        let Seen {
            inspection, judged, ..
        } = *seen;
        if !seen.may_answer {
            return Ok(None);
        }
        let pack = &school.context.pack;
        let mut reasons = reasons(school, inspection, &judged.decision, |r| {
            let says_something = !r.tip.is_empty() || r.adds.is_some();
            r.mode == Mode::Nudge
                || (r.mode == Mode::Enforce && r.verdict == Verdict::Deliver && says_something)
        });
        if reasons.is_empty() {
            return Ok(None);
        }
        let breaks_signature = seen.signed
            && pack.remedies.signature == Signature::Broken
            && Handling::of(&judged.decision).changes_subject();
        let marked = reasons.iter_mut().find(|r| !r.done.is_empty());
        if let (true, Some(reason)) = (breaks_signature, marked) {
            reason.done.push_str(
                " Your email had an electronic signature (DKIM), which no longer fits; another \
                 mail server may trust it less.",
            );
        }
        let keys = self.vault.of(loaded.row.school)?;
        let limit = TipLimit {
            school: loaded.row.school,
            sender: keys.index("address", &loaded.arrival.reverse_path),
            most: i64::from(pack.settings.tips_a_day),
            since: now - DAY,
        };
        let rules: Vec<(String, Vec<u8>)> = reasons
            .iter()
            .map(|r| (r.rule.clone(), keys.index("tip", &r.rule)))
            .collect();
        let (asked, known) = (limit.clone(), rules.clone());
        let fresh = self.store.read(move |tx| asked.fresh(tx, &known)).await?;
        reasons.retain(|r| fresh.contains(&r.rule));
        if reasons.is_empty() {
            return Ok(None);
        }
        let tip = stop_of(school, inspection, judged, reasons);
        let notice = self
            .notices
            .tip(loaded.row.school, loaded.row.id, &tip, now)?;
        let notice = self.spool.prepare_notice(loaded.row.school, notice).await?;
        let rules = rules.into_iter().filter(|(rule, _)| fresh.contains(rule));
        Ok(Some(PreparedTip {
            notice,
            rules: rules.map(|(_, index)| index).collect(),
            limit,
        }))
    }
}

/// A word to the sender after a delivery, ready for the transaction.
pub(super) struct PreparedTip {
    notice: Prepared,
    /// The keyed indexes of its rules.
    rules: Vec<Vec<u8>>,
    limit: TipLimit,
}

/// How many such words one sender gets.
#[derive(Clone)]
struct TipLimit {
    school: SchoolId,
    /// The keyed index of the sender.
    sender: Vec<u8>,
    most: i64,
    since: Micros,
}

impl TipLimit {
    /// The rules of which the sender has not been told lately; none when there were enough.
    fn fresh(&self, tx: &Tx, rules: &[(String, Vec<u8>)]) -> Result<Vec<String>, StoreError> {
        let Self {
            school,
            sender,
            most,
            since,
        } = self;
        if store_remedies::count(tx, *school, sender, Asked::Tip, *since)? >= *most {
            return Ok(Vec::new());
        }
        let mut fresh = Vec::new();
        for (rule, about) in rules {
            let what = Asked::TipOfRule;
            if !store_remedies::asked_about(tx, *school, sender, what, about, *since)? {
                fresh.push(rule.clone());
            }
        }
        Ok(fresh)
    }
}

impl PreparedTip {
    /// Sends it, unless another message was quicker and used the sender's share up.
    pub(super) fn insert(&self, tx: &Tx, now: Micros) -> Result<(), StoreError> {
        let TipLimit {
            school,
            sender,
            most,
            since,
        } = &self.limit;
        if store_remedies::count(tx, *school, sender, Asked::Tip, *since)? >= *most {
            return Ok(());
        }
        store_remedies::note(tx, *school, sender, Asked::Tip, None, now)?;
        for rule in &self.rules {
            store_remedies::note(tx, *school, sender, Asked::TipOfRule, Some(rule), now)?;
        }
        self.notice.insert(tx, now)
    }
}
