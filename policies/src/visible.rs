//! Who sees whose address.

use std::collections::BTreeSet;

use schoolgate_detectors::Inspection;

use crate::address::{fold, split};
use crate::facts::{Facts, Relation};
use crate::webmail;

/// How many families see each other's addresses in To and Cc.
///
/// An unregistered private address counts as a family of its own. Addresses that stand
/// in the header but in another transaction count too: some mail systems send one
/// message in several transactions, and every copy shows the whole list.
pub(crate) fn visible_families(facts: &Facts, inspection: &Inspection) -> u32 {
    let mut families = BTreeSet::new();
    let mut strangers = BTreeSet::new();
    let headers = &inspection.headers;
    let mut shown = headers
        .to
        .iter()
        .chain(&headers.cc)
        .map(|m| fold(&m.address))
        .filter(|address| webmail::is_webmail(split(address).1))
        .peekable();
    if shown.peek().is_some() {
        let known: BTreeSet<String> = facts.recipients.iter().map(|r| fold(&r.address)).collect();
        strangers.extend(shown.filter(|address| !known.contains(address)));
    }
    for recipient in facts.recipients.iter().filter(|r| r.visible) {
        match (recipient.family, recipient.relation) {
            (_, Relation::Staff | Relation::Governor | Relation::Pupil) => {}
            (Some(family), _) => {
                families.insert(family);
            }
            (None, Relation::Webmail | Relation::LookAlike) => {
                strangers.insert(fold(&recipient.address));
            }
            (None, _) => {}
        }
    }
    u32::try_from(families.len() + strangers.len()).unwrap_or(u32::MAX)
}
