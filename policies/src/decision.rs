//! The answer: a verdict for each recipient, with its reasons.

use schoolgate_detectors::Sensitivity;
use serde::{Deserialize, Serialize};

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
    pub recipients: Vec<String>,
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
            .filter(|r| r.mode == Mode::Enforce && r.verdict > Verdict::Deliver)
            .map(|r| r.concern)
            .collect();
        concerns.sort();
        concerns.dedup();
        concerns
    }

    /// The rule that governs: the first enforced one.
    pub fn governing(&self) -> Option<&FiredRule> {
        self.rules
            .iter()
            .find(|r| r.mode == Mode::Enforce && r.verdict > Verdict::Deliver)
    }
}
