//! The decision: the pack's rules, applied to each recipient.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use schoolgate_detectors::Inspection;

use crate::condition::Leaf;
use crate::decision::{Decision, FiredRule, Mode, RecipientDecision, Verdict};
use crate::explain::wording::{self, Blanks};
use crate::facts::{Facts, Recipient, RosterState, Stance};
use crate::matter::{Matter, Message, Profile, hints_at_pupils};
use crate::pack::{Pack, Rule};

/// Applies the pack to every recipient.
///
/// Total and pure: it never fails, and neither the order of the findings nor that of
/// the recipients changes a verdict. Every rule that applies is reported, also those
/// that only monitor; the strictest verdict governs all recipients unless the pack
/// splits.
pub fn decide(facts: &Facts, inspection: &Inspection, pack: &Pack) -> Decision {
    let message = Message::new(facts, inspection, &pack.settings);
    let mut groups: BTreeMap<Profile<'_>, Vec<usize>> = BTreeMap::new();
    for (i, recipient) in facts.recipients.iter().enumerate() {
        groups.entry(Profile::of(recipient)).or_default().push(i);
    }
    let groups: Vec<Group<'_>> = groups
        .into_values()
        .filter_map(|members| {
            let example = facts.recipients.get(*members.first()?)?;
            Some(Group {
                example,
                matter: message.matter(example),
                members,
            })
        })
        .collect();

    let lane = facts.route.fast_lane.as_ref();
    let is_fast = |i: usize| {
        let recipient = facts.recipients.get(i);
        recipient.is_some_and(|r| lane.is_some_and(|lane| lane.carries(&r.address)))
    };
    // Where nobody but the sender may look at it, there is no reviewer to wait for.
    let stop = |verdict: Verdict| match verdict {
        Verdict::Quarantine if facts.route.is_senders_alone() => Verdict::Hold,
        verdict => verdict,
    };
    let mut own = vec![Verdict::Deliver; facts.recipients.len()];
    let mut would_be = Verdict::Deliver;
    let mut fired = Vec::new();
    for rule in pack.rules.iter().filter(|r| r.mode != Mode::Off) {
        let applies: Vec<&Group<'_>> = groups
            .iter()
            .filter(|g| message.holds(&rule.when, g.example, &g.matter))
            .collect();
        if applies.is_empty() {
            continue;
        }
        let members: BTreeSet<usize> = applies.iter().flat_map(|g| &g.members).copied().collect();
        // What never waits is recorded and looked at afterwards.
        let all_fast = members.iter().all(|member| is_fast(*member));
        let mode = match effective(rule, facts) {
            mode if all_fast => mode.min(Mode::Monitor),
            mode => mode,
        };
        if rule.mode == Mode::Enforce && !all_fast {
            would_be = would_be.max(stop(rule.then));
        }
        if mode == Mode::Enforce {
            for member in &members {
                if let Some(verdict) = own.get_mut(*member).filter(|_| !is_fast(*member)) {
                    *verdict = rule.then.max(*verdict);
                }
            }
        }
        let recipients: Vec<&Recipient> = members
            .iter()
            .filter_map(|i| facts.recipients.get(*i))
            .collect();
        fired.push(fire(rule, mode, &recipients, &applies, inspection, pack));
    }
    // Stable: rules of one strictness stay in the order of the pack.
    fired.sort_by_key(|f| (Reverse(f.verdict), Reverse(f.mode)));

    let strictest = own.iter().copied().max().unwrap_or_default();
    let recipients = facts
        .recipients
        .iter()
        .zip(own)
        .enumerate()
        .map(|(i, (recipient, own_verdict))| RecipientDecision {
            address: recipient.address.clone(),
            verdict: match pack.split || is_fast(i) {
                true => stop(own_verdict),
                false => stop(strictest),
            },
            own_verdict,
        })
        .collect();
    let mut route = facts.route.clone();
    if let Some(lane) = &mut route.fast_lane
        && facts.stance == Stance::Enforce
    {
        lane.marking = message.marking_to_add(pack);
    }
    Decision {
        pack: pack.name.clone(),
        pack_digest: pack.digest.clone(),
        recipients,
        rules: fired,
        sensitivity: groups
            .iter()
            .map(|g| g.matter.sensitivity)
            .max()
            .unwrap_or_default()
            .max(inspection.sensitivity()),
        would_be,
        route,
    }
}

/// Recipients to whom the message says the same.
struct Group<'a> {
    example: &'a Recipient,
    matter: Matter,
    members: Vec<usize>,
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

fn fire(
    rule: &Rule,
    mode: Mode,
    recipients: &[&Recipient],
    applies: &[&Group<'_>],
    inspection: &Inspection,
    pack: &Pack,
) -> FiredRule {
    let mut leaves = Vec::new();
    rule.when.positive_leaves(&mut leaves);
    let findings = evidence(&leaves, recipients, inspection);
    let sensitivity = applies
        .iter()
        .map(|g| g.matter.sensitivity)
        .max()
        .unwrap_or_default();
    let categories = applies
        .iter()
        .flat_map(|g| &g.matter.categories)
        .copied()
        .collect();
    let relations = recipients.iter().map(|r| r.relation).collect();
    let blanks = Blanks {
        relations,
        findings: &findings,
        categories,
        sensitivity,
        inspection,
        pack,
        clauses: &rule.clauses,
    };
    let why = wording::sentence(&rule.why, &blanks);
    FiredRule {
        id: rule.id.clone(),
        concern: rule.concern,
        verdict: rule.then,
        mode,
        clauses: rule.clauses.clone(),
        recipients: recipients.iter().map(|r| r.address.clone()).collect(),
        why: why.clone(),
        remedy: wording::sentence(&rule.remedy, &blanks),
        // Most rules say the same to both, and finding the words costs the most.
        reviewer: match &rule.reviewer {
            Some(own) => wording::sentence(own, &blanks),
            None => why,
        },
        line: wording::sentence(rule.one_line(), &blanks),
        findings,
    }
}

/// The findings that a rule rests on, by index.
fn evidence(leaves: &[&Leaf], recipients: &[&Recipient], inspection: &Inspection) -> Vec<usize> {
    use schoolgate_detectors::Kind;
    let about_pupils = leaves.iter().any(|leaf| {
        matches!(
            leaf,
            Leaf::PupilData
                | Leaf::AboutOthers
                | Leaf::SpeaksOfPupils
                | Leaf::Sensitivity(_)
                | Leaf::Category(_)
                | Leaf::SpecialCategory
                | Leaf::Pupils(_)
                | Leaf::UnprotectedAttachment(_)
        )
    });
    let mentioned = recipients.iter().any(|r| !r.mentioned.is_empty());
    let shows = |leaf: &Leaf, kind: Kind| match leaf {
        Leaf::Found { kinds, .. } => kinds.contains(&kind),
        Leaf::PasswordBeside => kind == Kind::PasswordBeside,
        Leaf::EncryptedAttachment => kind == Kind::EncryptionStrong,
        Leaf::MarkingNearMiss | Leaf::Unmarked => kind == Kind::MarkingNearMiss,
        Leaf::Unread(_) => matches!(kind, Kind::LimitReached | Kind::EncryptionWeak),
        Leaf::UnprotectedAttachment(_) => kind == Kind::EncryptionWeak,
        Leaf::PersonalSender => kind == Kind::PersonalSender,
        Leaf::MimeAmbiguous => kind == Kind::MimeAmbiguous,
        _ => false,
    };
    inspection
        .findings
        .iter()
        .enumerate()
        .filter(|(_, f)| {
            let of_pupils = about_pupils
                && match f.kind {
                    Kind::RosterForename => mentioned,
                    Kind::StaffDetails | Kind::Credential => false,
                    kind => !f.subjects.is_empty() || hints_at_pupils(kind),
                };
            of_pupils || leaves.iter().any(|leaf| shows(leaf, f.kind))
        })
        .map(|(i, _)| i)
        .collect()
}
