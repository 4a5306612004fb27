//! Mail out: transactions with the school's next hops, a verdict for each recipient.
//!
//! [`NextHops::attempt`] makes one attempt and says for each recipient what came of it.
//! It knows nothing of the store or of the clock on the wall: what is due, what is
//! recorded and when to give up are the scheduler's. [`retry`] reckons the next attempt
//! and [`dsn`] writes the reports to the sender.

mod abilities;
mod commands;
pub mod dsn;
mod error;
mod link;
mod next_hops;
mod prelude;
mod proof;
mod quota;
mod reply;
pub mod retry;
mod stream;
mod tls;
mod transaction;

#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use error::NextHopError;
pub use next_hops::NextHops;
pub use proof::TlsProof;
pub use reply::{Own, Reply, Status};

use crate::ids::{RecipientId, SpoolId};

/// A message that may go out, with those recipients for whom it is due.
#[derive(Clone)]
pub struct Outgoing {
    pub id: SpoolId,
    /// Without angle brackets; empty for the null reverse-path.
    pub reverse_path: String,
    pub recipients: Vec<OutgoingRecipient>,
    /// RFC 3461 RET: `FULL` or `HDRS`.
    pub ret: Option<String>,
    /// RFC 3461 ENVID, decoded.
    pub envid: Option<String>,
    /// RFC 6531 SMTPUTF8 was given to us.
    pub smtputf8: bool,
    /// RFC 6152 BODY=8BITMIME was given to us. What counts is whether the content needs it.
    pub eight_bit: bool,
    /// The content as it came in; it ends with CRLF.
    pub content: Arc<[u8]>,
    /// Header fields to put before it, each ended by CRLF; may be empty.
    pub trace: Vec<u8>,
    /// Only over TLS to a next hop whose certificate is checked.
    pub require_tls: bool,
    /// Over TLS with a checked certificate where that works, else as the next hop is spoken
    /// to: the message never waits for it. Its header asks for TLS.
    pub prefer_tls: Option<Asked>,
}

/// Whether a message's header asks the next hop for TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    Yes,
    No,
}

/// One forward-path of an outgoing message.
#[derive(Clone)]
pub struct OutgoingRecipient {
    pub id: RecipientId,
    /// Without angle brackets, as received.
    pub path: String,
    /// RFC 3461 NOTIFY.
    pub notify: Option<String>,
    /// RFC 3461 ORCPT, decoded, with its type (`rfc822;a@b.example`).
    pub orcpt: Option<String>,
}

/// What came of an attempt for one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The next hop has taken responsibility.
    Taken {
        /// Index into the configured next hops.
        hop: usize,
        reply: Reply,
        /// Protocol version and whether the certificate was checked; `None` in clear.
        tls: Option<String>,
        /// What is known of the way to the recipient's own server.
        proof: TlsProof,
        /// The next hop knows DSN and has the sender's wishes. When false and NOTIFY asks
        /// for SUCCESS, a "relayed" report is ours to send (RFC 3461 §5.2.2).
        dsn_passed_on: bool,
    },
    /// Not now: try again.
    Deferred {
        hop: Option<usize>,
        reply: Reply,
        why: Deferral,
    },
    /// Never: report to the sender.
    Failed { hop: Option<usize>, reply: Reply },
    /// We have sent more than this next hop allows. Stop sending to it, tell the
    /// technician, and keep the message: nothing is wrong with it.
    Quota { hop: usize, reply: Reply },
}

/// Why a recipient was deferred: what the scheduler may have to tell the technician.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deferral {
    /// A 4xx reply for this recipient or this message.
    Refused,
    /// No next hop could be reached, or none would talk to us.
    Unreachable,
    /// Log-in or encryption failed: it needs a person.
    Configuration,
    /// The connection broke after the content went out: it may have been taken, and the
    /// next attempt may make a duplicate.
    InDoubt,
    /// `before_dot` failed; nothing was sent.
    NotRecorded,
}

impl std::fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outgoing")
            .field("id", &self.id)
            .field("recipients", &self.recipients.len())
            .field("length", &self.length())
            .finish_non_exhaustive()
    }
}

impl Outgoing {
    /// Octets that will go out.
    pub fn length(&self) -> u64 {
        (self.trace.len() + self.content.len()) as u64
    }
}
