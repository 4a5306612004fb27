//! What a verdict asks of the delivery.

use schoolgate_policies::Decision;
use serde::{Deserialize, Serialize};

/// Kept with the envelope, so that every attempt does the same, also after a restart. Most
/// mail has none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Handling {
    /// It is a referral that never waits.
    pub referral: Option<Referral>,
}

/// How a referral leaves: over the best TLS that there is, but it leaves.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Referral {
    /// The marking to put before the subject.
    pub marking: Option<String>,
}

impl Handling {
    /// What a decision asks.
    pub fn of(decision: &Decision) -> Self {
        Self {
            referral: decision.route.fast_lane.as_ref().map(|lane| Referral {
                marking: lane.marking.clone(),
            }),
        }
    }

    /// Whether the delivery is like any other.
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the message may leave without the TLS that it would rather have.
    pub fn prefers_tls(&self) -> bool {
        self.referral.is_some()
    }

    /// The marking to put before the subject.
    pub fn subject_marking(&self) -> Option<&str> {
        self.referral.as_ref()?.marking.as_deref()
    }
}
