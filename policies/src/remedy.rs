//! What the sender of a held message may do about it by answering: add the marking, or
//! have it sent all the same for a good reason.
//!
//! Whoever has taken over a mailbox can answer notices too. So what does harm in one go
//! is never sent on a sender's word, whatever a pack says.

use std::collections::BTreeSet;

use schoolgate_detectors::{
    Inspection, Marking, MarkingLevel, MarkingPlace, PartPath, PupilId, Sensitivity,
};

use crate::address::fold;
use crate::counterpart;
use crate::decide::decide;
use crate::decision::{Concern, Decision, FiredRule, Mode, Verdict};
use crate::facts::Facts;
use crate::pack::Pack;

/// What a sender may do about a hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedies {
    /// The marking to put before the subject, if with it the message may go.
    pub marking: Option<String>,
    /// Whether the sender may have it sent as it is, for a stated reason.
    pub send: Result<(), Barred>,
}

/// Why a sender's reason does not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Barred {
    /// It is not held, or not only: a reviewer decides.
    NotHeld,
    /// A rule that holds it has no `override = true`.
    Rule,
    /// Only people on the staff list answer for what they send.
    Sender,
    /// The matter is highly sensitive.
    HighlySensitive,
    /// Passwords and log-ins, or addresses of many families.
    Concern,
    /// It is about more pupils than the pack allows.
    Pupils,
    /// Several different messages wait under one number.
    Several,
    /// A part was not read, so nobody knows what is in it.
    Unread,
}

impl Barred {
    /// The reason to a member of staff, after "because".
    pub fn why(self) -> &'static str {
        match self {
            Self::NotHeld => "somebody else has to look at it first",
            Self::Rule => "the school\u{2019}s policy does not allow it for this kind of message",
            Self::Sender => "only people on the staff list can do that",
            Self::HighlySensitive => "what is in it is highly sensitive",
            Self::Concern => "it would give away passwords or the addresses of many families",
            Self::Pupils => "it is about more than a few pupils",
            Self::Several => "several different messages wait under this number",
            Self::Unread => "a part of it could not be checked",
        }
    }
}

/// What the sender may do about this decision. Pure, as [`decide`] is.
pub fn remedies(
    facts: &Facts,
    inspection: &Inspection,
    decision: &Decision,
    pack: &Pack,
) -> Remedies {
    if decision.verdict() != Verdict::Hold {
        return Remedies {
            marking: None,
            send: Err(Barred::NotHeld),
        };
    }
    Remedies {
        marking: marking_that_helps(facts, inspection, decision, pack),
        send: may_send(facts, inspection, decision, pack),
    }
}

/// The lowest marking with which the pack lets the message go, asked of the pack itself.
fn marking_that_helps(
    facts: &Facts,
    inspection: &Inspection,
    decision: &Decision,
    pack: &Pack,
) -> Option<String> {
    let lower = (MarkingLevel::Sensitive, &pack.markings.sensitive);
    let upper = (
        MarkingLevel::HighlySensitive,
        &pack.markings.highly_sensitive,
    );
    let highly = decision.sensitivity >= Sensitivity::HighlySensitive;
    let levels = if highly {
        vec![upper]
    } else {
        vec![lower, upper]
    };
    levels.into_iter().find_map(|(level, words)| {
        let mut marked = inspection.clone();
        marked.markings.push(Marking {
            level,
            place: MarkingPlace::Subject,
            part: PartPath::header(),
        });
        (decide(facts, &marked, pack).verdict() == Verdict::Deliver)
            .then(|| words.first().cloned())
            .flatten()
    })
}

fn may_send(
    facts: &Facts,
    inspection: &Inspection,
    decision: &Decision,
    pack: &Pack,
) -> Result<(), Barred> {
    let holding: Vec<&FiredRule> = decision
        .rules
        .iter()
        .filter(|rule| rule.mode == Mode::Enforce && rule.verdict > Verdict::Deliver)
        .collect();
    // A pack, or a roster that is old, may let a rule only watch; what it saw is there
    // all the same.
    let harms = |rule: &FiredRule| rule.concern.harms_at_once();
    let never = |rule: &&FiredRule| !rule.concern.may_be_overridden();
    if decision.rules.iter().any(harms) || holding.iter().any(never) {
        return Err(Barred::Concern);
    }
    let named = |rule: &&FiredRule| pack.rule(&rule.id).is_some_and(|rule| rule.overridable);
    // Where no reviewer may look, the sender's word is the only way on. It reaches none but
    // the confidants of the lists, and what does harm in one go stays barred.
    let confided = decision.route.is_senders_alone()
        && facts.recipients.iter().all(|recipient| {
            counterpart::of(&fold(&recipient.address), recipient.agency.as_deref()).is_some()
        });
    if holding.is_empty() || !(confided || holding.iter().all(named)) {
        return Err(Barred::Rule);
    }
    if !facts.sender.group.is_staff() {
        return Err(Barred::Sender);
    }
    if decision.sensitivity >= Sensitivity::HighlySensitive {
        return Err(Barred::HighlySensitive);
    }
    if pupils(facts, inspection) > pack.remedies.most_pupils {
        return Err(Barred::Pupils);
    }
    if inspection.unread.iter().any(|part| part.reason.stops()) {
        return Err(Barred::Unread);
    }
    Ok(())
}

/// How many pupils a message is about, counting generously.
fn pupils(facts: &Facts, inspection: &Inspection) -> u32 {
    let known: BTreeSet<PupilId> = inspection
        .subjects
        .iter()
        .flat_map(|subject| subject.pupils.iter().copied())
        .collect();
    let mentioned: BTreeSet<PupilId> = facts
        .recipients
        .iter()
        .flat_map(|recipient| recipient.mentioned.iter().copied())
        .filter(|pupil| !known.contains(pupil))
        .collect();
    let subjects = inspection
        .subjects
        .iter()
        .fold(0u32, |sum, subject| sum.saturating_add(subject.count));
    subjects.saturating_add(u32::try_from(mentioned.len()).unwrap_or(u32::MAX))
}

impl Concern {
    /// Passwords and open lists of families do their harm at once.
    fn harms_at_once(self) -> bool {
        matches!(self, Self::Credentials | Self::MassDisclosure)
    }

    /// Whether a rule of this concern may say `override = true`: not for what does its harm
    /// at once, and nothing unread can be answered for.
    pub fn may_be_overridden(self) -> bool {
        !self.harms_at_once() && self != Self::Uninspectable
    }
}
