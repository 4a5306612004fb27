//! What a verdict asks of a delivery.

use schoolgate_policies::{AddedMarking, Decision, MarkAt};
use serde::{Deserialize, Serialize};

/// Kept with the envelope, so that every attempt does the same, also after a restart and
/// after a reviewer's release. Most mail has none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Handling {
    /// It leaves only over TLS with a checked certificate.
    pub require_tls: bool,
    /// The marking that is added.
    pub mark: Option<AddedMarking>,
    /// It is a referral that never waits: it leaves over the best TLS that there is, but it
    /// leaves.
    pub referral: bool,
}

impl Handling {
    /// What a decision asks.
    pub fn of(decision: &Decision) -> Self {
        let lane = decision.route.fast_lane.as_ref();
        Self {
            require_tls: decision.requires_tls(),
            mark: decision
                .adds()
                .or(lane.and_then(|lane| lane.marking.as_ref()))
                .cloned(),
            referral: lane.is_some(),
        }
    }

    /// Whether the delivery is like any other.
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// Whether what it adds stands where DKIM signatures look (RFC 6376 §5.4.1).
    pub fn changes_subject(&self) -> bool {
        self.subject_marking().is_some()
    }

    /// The marking to put before the subject.
    pub fn subject_marking(&self) -> Option<&str> {
        let subject = self.mark.as_ref().filter(|m| m.at == MarkAt::Subject);
        subject.map(|mark| mark.word.as_str())
    }

    /// The fields to put before the content. Mail programs show the word of the second as a
    /// label ("confidential"), whatever a school calls its levels (RFC 4021 §2.1.55).
    pub fn fields(&self) -> String {
        match &self.mark {
            Some(mark) if mark.at == MarkAt::Header => {
                let word: String = mark
                    .word
                    .chars()
                    .filter(|c| c.is_ascii() && !c.is_ascii_control())
                    .collect();
                format!("X-Protective-Marking: {word}\r\nSensitivity: Company-Confidential\r\n")
            }
            _ => String::new(),
        }
    }
}
