//! The decision: the pack's rules, applied to each recipient.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use schoolgate_detectors::{Inspection, Sensitivity};

use crate::acts::MarkAt;
use crate::decision::{Decision, FiredRule, Mode, RecipientDecision, Verdict};
use crate::exceptions::{AppliedException, Effects, Exception};
use crate::facts::{Facts, Recipient, RosterState, Stance};
use crate::matter::{Matter, Message, Profile};
use crate::pack::{Pack, Rule};
use crate::route::Route;
use crate::telling::{Telling, marking};

/// Applies the pack to every recipient.
///
/// Total and pure: it never fails, and neither the order of the findings nor that of
/// the recipients changes a verdict. Every rule that applies is reported, also those
/// that only monitor; the strictest verdict governs all recipients unless the pack
/// splits.
pub fn decide(facts: &Facts, inspection: &Inspection, pack: &Pack) -> Decision {
    let message = Message::new(facts, inspection, &pack.settings);
    // Where nobody but the sender may look at it, there is no reviewer to wait for.
    let stop = |verdict: Verdict| match verdict {
        Verdict::Quarantine if facts.route.is_senders_alone() => Verdict::Hold,
        verdict => verdict,
    };
    let groups = groups(facts, &message);
    let mut verdicts = vec![Verdict::Deliver; groups.len()];
    let mut would_be = Verdict::Deliver;
    let mut telling = Telling::new(facts, &message, pack, &groups);
    let mut fired = Vec::new();
    for rule in pack.rules.iter().filter(|r| r.mode != Mode::Off) {
        // Most rules ask something that is the same for everybody, and the answer is no.
        let for_all = message.holds_for_all(&rule.when);
        let applies: Vec<usize> = match for_all {
            Some(false) => continue,
            Some(true) => (0..groups.len()).collect(),
            None => groups
                .iter()
                .enumerate()
                .filter(|(_, g)| message.holds(&rule.when, g.example, &g.matter))
                .map(|(i, _)| i)
                .collect(),
        };
        if applies.is_empty() {
            continue;
        }
        // What never waits is recorded, and looked at afterwards.
        let waits = |group: &usize| groups.get(*group).is_some_and(|g| !g.never_waits);
        let mode = match effective(rule, facts) {
            mode if applies.iter().any(waits) => mode,
            mode => mode.min(Mode::Monitor),
        };
        if rule.mode == Mode::Enforce && applies.iter().any(waits) {
            would_be = would_be.max(stop(rule.then));
        }
        if mode == Mode::Enforce {
            for group in applies.iter().filter(|group| waits(group)) {
                if let Some(verdict) = verdicts.get_mut(*group) {
                    *verdict = rule.then.max(*verdict);
                }
            }
        }
        fired.push(telling.fired(rule, mode, applies));
    }
    // Stable: rules of one strictness stay in the order of the pack.
    fired.sort_by_key(|f| (Reverse(f.verdict), Reverse(f.mode)));

    let mut own = vec![Verdict::Deliver; facts.recipients.len()];
    for (group, verdict) in groups.iter().zip(&verdicts) {
        for member in &group.members {
            if let Some(place) = own.get_mut(*member) {
                *place = *verdict;
            }
        }
    }
    confine(&mut fired, &facts.route);
    let strictest = own.iter().copied().max().unwrap_or_default();
    let recipients = facts
        .recipients
        .iter()
        .zip(own)
        .map(|(recipient, own_verdict)| RecipientDecision {
            address: recipient.address.clone(),
            verdict: match pack.split || facts.route.never_waits(&recipient.address) {
                true => stop(own_verdict),
                false => stop(strictest),
            },
            own_verdict,
        })
        .collect();
    let sensitivity = groups
        .iter()
        .map(|g| g.matter.sensitivity)
        .max()
        .unwrap_or_default()
        .max(inspection.sensitivity());
    let mut route = facts.route.clone();
    if let Some(lane) = &mut route.fast_lane
        && facts.stance == Stance::Enforce
        && fired.iter().all(|rule| rule.adds.is_none())
    {
        // A referral is sensitive even where nothing in it could be read.
        let sensitivity = sensitivity.max(Sensitivity::Sensitive);
        lane.marking = marking(MarkAt::Subject, sensitivity, &message, pack);
    }
    let exceptions = exceptions(&message, &groups, facts, pack);
    for exception in exceptions.iter().filter(|e| e.lapsed) {
        let said = exception.sentence();
        for rule in fired.iter_mut().filter(|f| exception.rules.contains(&f.id)) {
            for text in [&mut rule.why, &mut rule.reviewer] {
                text.push(' ');
                text.push_str(&said);
            }
        }
    }
    Decision {
        pack: pack.name.clone(),
        pack_digest: pack.digest.clone(),
        recipients,
        rules: fired,
        sensitivity,
        would_be,
        route,
        exceptions,
    }
}

/// Recipients to whom the message says the same.
pub(crate) struct Group<'a> {
    pub example: &'a Recipient,
    pub matter: Matter,
    /// Indexes of the recipients, in their order.
    pub members: Vec<usize>,
    /// It is a referral to them.
    pub never_waits: bool,
    /// The exceptions about them, lapsed ones too.
    bearing: Vec<&'a Exception>,
}

/// What rules tell others stays within the route: of protected correspondence nobody is told
/// that a rule applied, and a referral waits for no TLS.
fn confine(fired: &mut [FiredRule], route: &Route) {
    for rule in fired {
        if route.is_protected() {
            rule.acts.notify.clear();
        }
        if route.fast_lane.is_some() {
            rule.acts.require_tls = false;
        }
    }
}

fn groups<'a>(facts: &'a Facts, message: &Message<'_>) -> Vec<Group<'a>> {
    let mut groups: BTreeMap<(bool, Profile<'_>), Vec<usize>> = BTreeMap::new();
    for (i, recipient) in facts.recipients.iter().enumerate() {
        let profile = Profile::of(i, recipient, message.settings, &facts.exceptions);
        let never_waits = facts.route.never_waits(&recipient.address);
        groups.entry((never_waits, profile)).or_default().push(i);
    }
    groups
        .into_iter()
        .filter_map(|((never_waits, _), members)| {
            let first = *members.first()?;
            let example = facts.recipients.get(first)?;
            let bearing: Vec<&Exception> = facts
                .exceptions
                .iter()
                .filter(|exception| exception.bears_on(first))
                .collect();
            let counting: Vec<&Exception> = bearing.iter().copied().filter(|e| !e.lapsed).collect();
            Some(Group {
                example,
                matter: message.matter_with(example, &counting),
                members,
                never_waits,
                bearing,
            })
        })
        .collect()
}

/// Which exceptions lifted a rule that would have stopped something, and which lapsed ones
/// would have.
fn exceptions(
    message: &Message<'_>,
    groups: &[Group<'_>],
    facts: &Facts,
    pack: &Pack,
) -> Vec<AppliedException> {
    let mut effects = Effects::default();
    for group in groups.iter().filter(|group| !group.bearing.is_empty()) {
        effects.compare(&group.members, &group.bearing, &|counting| {
            let recipient = recipient_when(group, counting);
            let counted: Vec<&Exception> = counting
                .iter()
                .filter_map(|i| group.bearing.get(*i).copied())
                .collect();
            let matter = message.matter_with(recipient, &counted);
            pack.rules
                .iter()
                .map(|rule| {
                    rule.mode != Mode::Off
                        && rule.then > Verdict::Deliver
                        && message.holds(&rule.when, recipient, &matter)
                })
                .collect()
        });
    }
    effects.applied(
        |i| {
            let recipient = facts.recipients.get(i);
            recipient.map(|r| r.address.clone()).unwrap_or_default()
        },
        |i| pack.rules.get(i).map(|r| r.id.clone()).unwrap_or_default(),
    )
}

/// The recipient as they are when these exceptions count. At most one that counts now
/// changes what somebody is.
fn recipient_when<'a>(group: &Group<'a>, counting: &BTreeSet<usize>) -> &'a Recipient {
    let bearing = group.bearing.iter().enumerate();
    bearing
        .filter(|(i, exception)| exception.lapsed == counting.contains(i))
        .find_map(|(_, exception)| exception.otherwise())
        .unwrap_or(group.example)
}

/// How far a rule goes now: an observing installation and a roster that is missing or
/// old let it do no more than watch.
fn effective(rule: &Rule, facts: &Facts) -> Mode {
    let watch = facts.stance == Stance::Observe
        || (rule.needs_roster && facts.roster != RosterState::Fresh);
    if watch {
        rule.mode.min(Mode::Monitor)
    } else {
        rule.mode
    }
}
