//! Where mail lies from 250 to its end: content encrypted once, an entry for each
//! forward-path, one durable commit for many sessions.

mod accept;
mod content;
mod error;
mod files;
mod handling;
pub mod marker;
mod memory;
mod place;
mod prepare;
mod read;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

pub use accept::{Spool, UNASSIGNED};
pub use content::Incoming;
pub use error::SpoolError;
pub use handling::Handling;
pub use memory::{Fresh, InMemory};
pub use prepare::Prepared;
pub use read::{Loaded, LoadedRecipient, open_arrival};

/// What a session hands over with the content of one message.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Arrival {
    /// The school's id by connection and secret header; `None` leaves it to the sender.
    pub school: Option<String>,
    /// Without angle brackets; empty for the null reverse-path.
    pub reverse_path: String,
    pub recipients: Vec<ArrivalRecipient>,
    /// RFC 3461 RET: `FULL` or `HDRS`.
    pub ret: Option<String>,
    /// RFC 3461 ENVID, decoded.
    pub envid: Option<String>,
    /// RFC 6531 SMTPUTF8 was given.
    pub smtputf8: bool,
    /// RFC 6152 BODY=8BITMIME was given.
    pub eight_bit: bool,
    pub client: ClientFacts,
    /// Values of the marker fields in its header; the spool verifies them.
    pub markers: Vec<String>,
    /// Keep it without judging: the reason is a stop of its own.
    pub keep: Option<KeepReason>,
    /// What the verdict asks of the delivery.
    #[serde(default, skip_serializing_if = "Handling::is_usual")]
    pub handling: Handling,
}

/// One forward-path with its RFC 3461 parameters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArrivalRecipient {
    /// Without angle brackets, as received.
    pub path: String,
    /// RFC 3461 NOTIFY: `NEVER` or a list of `SUCCESS`, `FAILURE`, `DELAY`.
    pub notify: Option<String>,
    /// RFC 3461 ORCPT, decoded, with its type (`rfc822;a@b.example`).
    pub orcpt: Option<String>,
}

/// Who connected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientFacts {
    /// The configured client's name.
    pub name: String,
    pub address: IpAddr,
    pub helo: String,
    /// TLS protocol version when encrypted.
    pub tls: Option<String>,
    /// The SMTP AUTH user.
    pub user: Option<String>,
}

/// Why a message is kept without being judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeepReason {
    /// Its reverse-path is in a foreign domain, and the school holds such mail.
    ForeignReversePath,
    /// It carries a valid marker of ours: it came back.
    Loop,
    /// No school could be told.
    NoSchool,
}
