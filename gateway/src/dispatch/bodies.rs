//! A message in the words that are kept and told: the stop, its ticket, the journal's line.

use std::collections::BTreeMap;

use schoolgate_detectors::{Category, Inspection, Sensitivity};
use schoolgate_policies::{
    AddedMarking, Decision, Facts, MarkAt, SenderGroup, explain, subject_prefixes,
};
use serde::{Deserialize, Serialize};

use crate::breach::TicketBody;
use crate::delivery::TlsProof;
use crate::judge::Judged;
use crate::schools::School;
use crate::spool::{Handling, Loaded};
use crate::stop::{Stop, StopReason, StopRecipient};

/// What a rule's `offer = "single-messages"` adds to what the sender may do.
const SINGLE_MESSAGES: &str = "Or send each person an email of their own: the mail merge of \
                               your mail program does that in one go.";

/// A line of the journal: who, to whom, what was seen, without content or excerpt.
#[derive(Serialize, Deserialize)]
pub struct JournalBody {
    pub reverse_path: String,
    pub forward_paths: Vec<String>,
    pub message_id: Option<String>,
    pub digest: String,
    pub size: i64,
    pub inspection: Inspection,
    pub decision: Decision,
    pub facts: Facts,
    /// For a referral that never waits: what was known of TLS when each agency's copy left.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub referral: Vec<(String, TlsProof)>,
    /// The version of the roster, by which a replay tells whether it is still that of
    /// today; `None` without one, and in lines of before it was kept.
    #[serde(default)]
    pub roster: Option<String>,
}

/// What people are told of a message.
pub(crate) fn stop_of(
    school: &School,
    inspection: &Inspection,
    judged: &Judged,
    reasons: Vec<StopReason>,
) -> Stop {
    let facts = &judged.facts;
    // A pupil's cry for help waits in nobody's queue but that of who is there for it.
    let for_dsl = facts.sender.group == SenderGroup::Pupil && !judged.decision.alerts().is_empty();
    let safeguarding = for_dsl
        || inspection
            .subjects
            .iter()
            .any(|s| s.categories.contains(&Category::Safeguarding));
    let mut reviewers = school.reviewers(&facts.sender.address, safeguarding);
    if for_dsl {
        reviewers.truncate(1);
    }
    Stop {
        sender: facts.sender.address.clone(),
        sender_name: facts.sender.name.clone(),
        subject: inspection.headers.subject.clone(),
        recipients: facts
            .recipients
            .iter()
            .zip(&judged.decision.recipients)
            .map(|(recipient, decided)| StopRecipient {
                address: recipient.address.clone(),
                relation: recipient.relation.label().to_owned(),
                verdict: decided.verdict,
            })
            .collect(),
        reasons,
        sensitivity: judged.decision.sensitivity,
        kept: None,
        reviewers: match judged.decision.route.is_protected() {
            true => {
                let deciders = judged.decision.route.deciders.iter();
                deciders.map(|decider| decider.address.clone()).collect()
            }
            false => reviewers,
        },
        safeguarding,
        for_dsl,
        answer: None,
        escalated: 0,
        route: judged.decision.route.clone(),
    }
}

/// The rules that are `wanted`, in the words of the pack.
pub(crate) fn reasons(
    school: &School,
    inspection: &Inspection,
    decision: &Decision,
    wanted: impl Fn(&explain::Reason) -> bool,
) -> Vec<StopReason> {
    explain::decision(decision, inspection, &school.context.pack)
        .reasons
        .into_iter()
        .filter(wanted)
        .map(|r| StopReason {
            rule: r.rule,
            concern: r.concern,
            sentence: r.sentence,
            clauses: r.clauses.into_iter().map(|c| (c.id, c.quote)).collect(),
            found: r.found,
            remedy: match r.offers_single_messages {
                true => format!("{} {SINGLE_MESSAGES}", r.remedy),
                false => r.remedy,
            },
            reviewer: r.reviewer,
            line: r.line,
            tip: r.tip,
            done: r.adds.map(|adds| done(&adds)).unwrap_or_default(),
        })
        .collect()
}

/// What was done about a missing marking, in a sentence.
fn done(adds: &AddedMarking) -> String {
    match adds.at {
        MarkAt::Subject => format!("We put {} at the start of the subject.", adds.word),
        MarkAt::Header => format!("We labelled the email {}.", adds.word),
    }
}

pub(super) fn ticket_body(inspection: &Inspection, judged: &Judged, stop: &Stop) -> TicketBody {
    let mut categories: Vec<Category> = inspection
        .subjects
        .iter()
        .flat_map(|s| s.categories.iter().copied())
        .collect();
    categories.sort();
    categories.dedup();
    let mut recipients: BTreeMap<String, u32> = BTreeMap::new();
    for recipient in &judged.facts.recipients {
        *recipients
            .entry(recipient.relation.label().to_owned())
            .or_default() += 1;
    }
    TicketBody {
        severity: judged
            .decision
            .severity()
            .map(|severity| severity.as_str().to_owned()),
        what: stop.why(),
        sensitivity: stop.sensitivity.as_str().to_owned(),
        categories: categories.iter().map(|c| c.label().to_owned()).collect(),
        people: inspection.subjects.iter().map(|s| s.count).sum(),
        recipients: recipients.into_iter().collect(),
        encrypted: inspection
            .parts
            .iter()
            .filter(|p| p.sensitivity >= Sensitivity::Sensitive)
            .all(|p| p.encryption.is_strong()),
        rules: stop
            .reasons
            .iter()
            .map(|r| {
                (
                    r.rule.clone(),
                    r.clauses.iter().map(|c| c.0.clone()).collect(),
                )
            })
            .collect(),
        protected: judged.decision.route.is_protected(),
    }
}

pub(super) fn journal_body(
    loaded: &Loaded,
    school: &School,
    inspection: &Inspection,
    judged: &Judged,
) -> JournalBody {
    let mut inspection = inspection.clone();
    // The journal holds no excerpt, and of the subject only how often the message was
    // forwarded (governance, retention).
    for finding in &mut inspection.findings {
        finding.excerpt = schoolgate_detectors::Masked::default();
    }
    inspection.headers.subject = subject_prefixes(&inspection.headers.subject).to_owned();
    JournalBody {
        reverse_path: loaded.arrival.reverse_path.clone(),
        forward_paths: loaded
            .arrival
            .recipients
            .iter()
            .map(|r| r.path.clone())
            .collect(),
        message_id: inspection.headers.message_id.clone(),
        digest: crate::keys::hex(&loaded.row.digest).to_string(),
        size: loaded.row.size,
        decision: judged.decision.clone(),
        facts: judged.facts.clone(),
        referral: Vec::new(),
        roster: school.roster_digest.clone(),
        inspection,
    }
}

/// What the audit line says of an unusual delivery.
pub(super) fn handling_in_words(handling: &Handling, signed: bool) -> String {
    let mut words = String::new();
    if let Some(mark) = &handling.mark {
        words.push_str(&format!(", {} added", mark.word));
        if signed && handling.changes_subject() {
            words.push_str(" (a DKIM signature may no longer fit)");
        }
    }
    if handling.require_tls {
        words.push_str(", TLS required");
    }
    words
}

/// The exceptions that made a difference, by their ids.
pub(super) fn exceptions(decision: &Decision) -> String {
    let said = decision.exceptions.iter().map(|exception| {
        let how = if exception.lapsed { "lapsed" } else { "lifted" };
        format!(
            ", {} {} ({how}: {})",
            exception.kind.as_str(),
            exception.id,
            exception.rules.join(" ")
        )
    });
    said.collect()
}
