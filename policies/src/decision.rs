//! The answer: a verdict for each recipient, with its reasons.

use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::Arc;

use schoolgate_detectors::Sensitivity;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::acts::{Acts, AddedMarking, Severity, TicketWish, Told};

use crate::exceptions::AppliedException;
use crate::route::Route;

/// What happens to a message for one recipient, from the mildest to the strictest.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    #[default]
    Deliver,
    /// Waits for the sender to put it right.
    Hold,
    /// Waits for a reviewer.
    Quarantine,
    /// Goes back as a DSN.
    Reject,
}

impl Verdict {
    /// The word as packs and JSON write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deliver => "deliver",
            Self::Hold => "hold",
            Self::Quarantine => "quarantine",
            Self::Reject => "reject",
        }
    }
}

/// What a rule is about. The set is fixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Concern {
    PupilData,
    AttachmentEncryption,
    Marking,
    PersonalAddress,
    Misdirected,
    MassDisclosure,
    StaffDetails,
    Conduct,
    Photo,
    Credentials,
    Uninspectable,
}

impl Concern {
    /// Every concern.
    pub const ALL: &'static [Concern] = &[
        Self::PupilData,
        Self::AttachmentEncryption,
        Self::Marking,
        Self::PersonalAddress,
        Self::Misdirected,
        Self::MassDisclosure,
        Self::StaffDetails,
        Self::Conduct,
        Self::Photo,
        Self::Credentials,
        Self::Uninspectable,
    ];

    /// The word as packs and JSON write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PupilData => "pupil-data",
            Self::AttachmentEncryption => "attachment-encryption",
            Self::Marking => "marking",
            Self::PersonalAddress => "personal-address",
            Self::Misdirected => "misdirected",
            Self::MassDisclosure => "mass-disclosure",
            Self::StaffDetails => "staff-details",
            Self::Conduct => "conduct",
            Self::Photo => "photo",
            Self::Credentials => "credentials",
            Self::Uninspectable => "uninspectable",
        }
    }

    /// The concern with this word.
    pub fn parse(id: &str) -> Option<Concern> {
        Self::ALL.iter().copied().find(|c| c.as_str() == id)
    }
}

/// How far a rule goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    Off,
    /// Recorded only.
    Monitor,
    /// Delivered; the sender is told after.
    Nudge,
    #[default]
    Enforce,
}

/// A rule that applied, to whom, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FiredRule {
    /// The rule's id in the pack.
    pub id: String,
    pub concern: Concern,
    /// The verdict that it asks for.
    pub verdict: Verdict,
    /// The mode in which it ran, after stance and roster state.
    pub mode: Mode,
    /// The clauses that it serves, as the pack cites them (`001-17`).
    pub clauses: Vec<String>,
    /// The forward-paths to which it applies.
    pub recipients: Addresses,
    /// Indexes into `Inspection::findings` that it rests on.
    pub findings: Vec<usize>,
    /// Why, in one sentence without personal data.
    pub why: String,
    /// What to do, in the words of the pack.
    pub remedy: String,
    /// Why, in one sentence to the reviewer; empty in decisions of before it was kept.
    #[serde(default)]
    pub reviewer: String,
    /// Why, in a few words; empty in decisions of before it was kept.
    #[serde(default)]
    pub line: String,
    /// What is due besides the verdict; its tip has its places filled.
    #[serde(default, skip_serializing_if = "Acts::is_empty")]
    pub acts: Acts,
    /// The marking that it adds; none where the message has it already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adds: Option<AddedMarking>,
}

impl FiredRule {
    /// Whether it stops the message, as things stand.
    pub fn stops(&self) -> bool {
        self.mode == Mode::Enforce && self.verdict > Verdict::Deliver
    }
}

/// Forward-paths in the order of the envelope. Rules that apply to the same people share
/// one list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses(Arc<[String]>);

impl Default for Addresses {
    fn default() -> Self {
        Self(Arc::from([]))
    }
}

impl Deref for Addresses {
    type Target = [String];

    fn deref(&self) -> &[String] {
        &self.0
    }
}

impl FromIterator<String> for Addresses {
    fn from_iter<I: IntoIterator<Item = String>>(addresses: I) -> Self {
        Self(addresses.into_iter().collect())
    }
}

impl Serialize for Addresses {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Addresses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::<String>::deserialize(deserializer).map(|list| list.into_iter().collect())
    }
}

/// The verdict for one recipient.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecipientDecision {
    pub address: String,
    /// What happens, the whole message's strictest unless the pack splits.
    pub verdict: Verdict,
    /// What this recipient alone would get.
    pub own_verdict: Verdict,
}

/// The whole answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// Name of the pack and the digest of its text.
    pub pack: String,
    pub pack_digest: String,
    pub recipients: Vec<RecipientDecision>,
    /// Every rule that applied, the strictest first; monitored ones too.
    pub rules: Vec<FiredRule>,
    pub sensitivity: Sensitivity,
    /// What enforcing would have said, when stance or roster softened it.
    pub would_be: Verdict,
    /// Who may decide about a stop, and so who may know of the message.
    #[serde(default)]
    pub route: Route,
    /// The registered exceptions that lifted a rule, and lapsed ones that would have.
    #[serde(default)]
    pub exceptions: Vec<AppliedException>,
}

impl Decision {
    /// The strictest verdict over the recipients.
    pub fn verdict(&self) -> Verdict {
        self.recipients
            .iter()
            .map(|r| r.verdict)
            .max()
            .unwrap_or_default()
    }

    /// The concerns of the rules that decided (enforced ones), sorted, once each.
    pub fn concerns(&self) -> Vec<Concern> {
        let mut concerns: Vec<Concern> = self
            .rules
            .iter()
            .filter(|r| r.stops())
            .map(|r| r.concern)
            .collect();
        concerns.sort();
        concerns.dedup();
        concerns
    }

    /// The rule that governs: the first enforced one.
    pub fn governing(&self) -> Option<&FiredRule> {
        self.rules.iter().find(|r| r.stops())
    }

    /// The marking to add when the message leaves: the highest that a rule asks for.
    pub fn adds(&self) -> Option<&AddedMarking> {
        self.rules.iter().filter_map(|r| r.adds.as_ref()).max()
    }

    /// Whether the message may leave only over TLS with a checked certificate.
    pub fn requires_tls(&self) -> bool {
        self.rules.iter().any(|r| r.acts.require_tls)
    }

    /// Who is told that rules applied, and by which.
    pub fn told(&self) -> Vec<(Told, Vec<&FiredRule>)> {
        let everybody: BTreeSet<Told> = self
            .rules
            .iter()
            .flat_map(|r| r.acts.notify.iter().copied())
            .collect();
        let by = |who: Told| {
            let rules = self.rules.iter().filter(|r| r.acts.notify.contains(&who));
            (who, rules.collect())
        };
        everybody.into_iter().map(by).collect()
    }

    /// The rules by which the designated safeguarding lead must know at once.
    pub fn alerts(&self) -> Vec<&FiredRule> {
        let due = |r: &&FiredRule| r.acts.alert.is_some();
        self.rules.iter().filter(due).collect()
    }

    /// Whether the stop opens a ticket: a quarantine does unless its rule says otherwise,
    /// a hold when its rule says so.
    pub fn opens_ticket(&self) -> bool {
        // What nobody but its sender knows of is nobody's ticket.
        let mut stopping = self.rules.iter().filter(|r| r.stops());
        !self.route.is_senders_alone()
            && stopping.any(|r| match r.acts.ticket {
                Some(wish) => wish == TicketWish::Suspected,
                None => r.verdict == Verdict::Quarantine,
            })
    }

    /// How grave the ticket is to be taken at first: the gravest that a rule names.
    pub fn severity(&self) -> Option<Severity> {
        self.rules.iter().filter_map(|r| r.acts.severity).max()
    }
}
