//! What follows from a rule besides its verdict: marking, TLS, people told, a ticket, a tip.

use serde::{Deserialize, Serialize};

use schoolgate_detectors::MarkingLevel;

use crate::condition::word_of;
use crate::decision::Mode;

/// What a rule does besides its verdict. Everything is left out by default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Acts {
    /// The marking that the matter needs is added there when the message leaves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mark: Option<MarkAt>,
    /// The message leaves only over TLS with a checked certificate, or waits.
    #[serde(skip_serializing_if = "is_false")]
    pub require_tls: bool,
    /// What the notice offers the sender.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offer: Option<Offering>,
    /// Who is told that the rule applied, without content.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notify: Vec<Told>,
    /// Whether a stop opens a ticket; without a word, a quarantine does and a hold does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<TicketWish>,
    /// How grave the ticket is to be taken at first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Who must know at once, since a child may be at risk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alert: Option<Alert>,
    /// One sentence that teaches, carried by the sender's notice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tip: Option<String>,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// Where a marking is added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MarkAt {
    /// At the start of the subject: everybody sees it.
    Subject,
    /// In a header field that mail programs show as a label.
    Header,
}

/// What a notice offers besides the sender's own remedies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Offering {
    /// To send each recipient a message of their own, who then sees nobody else.
    SingleMessages,
}

/// Who is told, by role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Told {
    Headteacher,
    Dsl,
    Dpo,
    Technician,
}

impl Told {
    /// As sentences name them.
    pub fn label(self) -> &'static str {
        match self {
            Self::Headteacher => "the headteacher",
            Self::Dsl => "the designated safeguarding lead",
            Self::Dpo => "the data protection officer",
            Self::Technician => "the technician",
        }
    }
}

/// Whether a stop opens a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TicketWish {
    None,
    Suspected,
}

/// How grave a ticket is to be taken before a person has looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    Low,
    Medium,
    High,
}

impl Severity {
    /// The word as packs and tickets write it.
    pub fn as_str(self) -> &'static str {
        word_of(SEVERITIES, &self)
    }
}

/// Who must know at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Alert {
    Dsl,
}

/// A marking that a rule adds to the message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct AddedMarking {
    pub level: MarkingLevel,
    pub at: MarkAt,
    /// As the pack spells it.
    pub word: String,
}

pub(crate) const MARK_AT: &[(MarkAt, &str)] =
    &[(MarkAt::Subject, "subject"), (MarkAt::Header, "header")];
pub(crate) const OFFERINGS: &[(Offering, &str)] = &[(Offering::SingleMessages, "single-messages")];
pub(crate) const TOLD: &[(Told, &str)] = &[
    (Told::Headteacher, "headteacher"),
    (Told::Dsl, "dsl"),
    (Told::Dpo, "dpo"),
    (Told::Technician, "technician"),
];
pub(crate) const TICKETS: &[(TicketWish, &str)] = &[
    (TicketWish::None, "none"),
    (TicketWish::Suspected, "suspected"),
];
pub(crate) const SEVERITIES: &[(Severity, &str)] = &[
    (Severity::Low, "low"),
    (Severity::Medium, "medium"),
    (Severity::High, "high"),
];
pub(crate) const ALERTS: &[(Alert, &str)] = &[(Alert::Dsl, "dsl")];

/// The words by which examples name what follows from a rule.
pub(crate) const NAMES: &[&str] = &[
    "mark-subject",
    "mark-header",
    "require-tls",
    "offer-single-messages",
    "notify-headteacher",
    "notify-dsl",
    "notify-dpo",
    "notify-technician",
    "ticket",
    "alert-dsl",
    "tip",
];

impl Acts {
    /// Whether nothing follows.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What of it is due, for a rule in a mode that stance or roster may have softened.
    ///
    /// A rule that only nudges tells people and touches nothing. Where the installation
    /// merely watches, a child at risk is still somebody's concern: the alert is due.
    pub(crate) fn due(&self, written: Mode, effective: Mode) -> Self {
        match effective {
            Mode::Enforce => self.clone(),
            Mode::Nudge => Self {
                notify: self.notify.clone(),
                alert: self.alert,
                tip: self.tip.clone(),
                ..Self::default()
            },
            Mode::Monitor if written >= Mode::Nudge => Self {
                alert: self.alert,
                ..Self::default()
            },
            Mode::Monitor | Mode::Off => Self::default(),
        }
    }

    /// What follows, by the words that examples use.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        let told = |who: Told, name| self.notify.contains(&who).then_some(name);
        [
            (self.mark == Some(MarkAt::Subject)).then_some("mark-subject"),
            (self.mark == Some(MarkAt::Header)).then_some("mark-header"),
            self.require_tls.then_some("require-tls"),
            self.offer.map(|_| "offer-single-messages"),
            told(Told::Headteacher, "notify-headteacher"),
            told(Told::Dsl, "notify-dsl"),
            told(Told::Dpo, "notify-dpo"),
            told(Told::Technician, "notify-technician"),
            (self.ticket == Some(TicketWish::Suspected)).then_some("ticket"),
            self.alert.map(|_| "alert-dsl"),
            self.tip.as_ref().map(|_| "tip"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// What follows, each as a clause of a sentence. A tip is shown in its own words.
    pub(crate) fn said(&self) -> Vec<String> {
        let mut said = Vec::new();
        match self.mark {
            Some(MarkAt::Subject) => {
                said.push("the marking is put at the start of the subject".to_owned());
            }
            Some(MarkAt::Header) => said.push("the marking is put in its header".to_owned()),
            None => {}
        }
        if self.require_tls {
            said.push("it leaves only over a checked TLS connection".to_owned());
        }
        if self.offer.is_some() {
            said.push(
                "the sender is shown how to send each recipient a message of their own".to_owned(),
            );
        }
        if self.alert.is_some() {
            said.push("the designated safeguarding lead is told at once".to_owned());
        }
        for who in &self.notify {
            said.push(format!("{} is told", who.label()));
        }
        match (self.ticket, self.severity) {
            (Some(TicketWish::None), _) => said.push("no ticket is opened".to_owned()),
            (Some(TicketWish::Suspected), Some(severity)) => {
                said.push(format!(
                    "a ticket of {} severity is opened",
                    severity.as_str()
                ));
            }
            (Some(TicketWish::Suspected), None) => said.push("a ticket is opened".to_owned()),
            (None, Some(severity)) => {
                said.push(format!("its ticket has {} severity", severity.as_str()));
            }
            (None, None) => {}
        }
        said
    }
}
