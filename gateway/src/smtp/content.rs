//! The content of one message on its way to the spool, whichever command brings it:
//! counted, checked, its header read and its Received field put before it. What was
//! refused is read to its end and dropped.
//!
//! Only the header block is held in memory, up to its limit; the body goes on piece by piece.

use std::sync::Arc;

use super::error::Refusal;
use super::header::{self, HeaderFacts};
use super::intake::Intake;
use super::strict::{Fault, Strict};
use crate::config::Settings;
use crate::ids::SpoolId;

/// A message that is being received.
pub(super) struct Content<C> {
    settings: Arc<Settings>,
    incoming: Option<C>,
    trace: String,
    header: Header,
    strict: Strict,
    octets: u64,
    refusal: Option<Refusal>,
}

enum Header {
    Collecting(Vec<u8>),
    Read(HeaderFacts),
}

/// Content that came to its end without a fault.
pub(super) struct Complete<C> {
    pub incoming: C,
    pub facts: HeaderFacts,
    pub octets: u64,
}

impl<C> Content<C> {
    /// Begins a message; `trace` makes its Received field.
    pub(super) fn begin<I: Intake<Incoming = C>>(
        intake: &I,
        settings: Arc<Settings>,
        trace: impl FnOnce(SpoolId) -> String,
    ) -> Self {
        let incoming = intake.begin();
        Self {
            trace: trace(I::id(&incoming)),
            incoming: Some(incoming),
            header: Header::Collecting(Vec::new()),
            strict: Strict::new(settings.limits.line_length),
            octets: 0,
            refusal: None,
            settings,
        }
    }

    /// Why it will not be taken, if that is known already.
    pub(super) fn refusal(&self) -> Option<Refusal> {
        self.refusal
    }

    /// How many octets came.
    pub(super) fn octets(&self) -> u64 {
        self.octets
    }

    /// The first reason stands. What was kept so far is discarded.
    fn refuse(&mut self, refusal: Refusal) {
        self.refusal.get_or_insert(refusal);
        self.incoming = None;
        self.header = Header::Collecting(Vec::new());
    }

    /// Takes the next piece.
    pub(super) async fn push<I: Intake<Incoming = C>>(&mut self, intake: &I, piece: &[u8]) {
        self.octets = self.octets.saturating_add(piece.len() as u64);
        if self.refusal.is_some() {
            return;
        }
        if let Some(fault) = self.strict.push(piece) {
            return self.refuse(fault.into());
        }
        if self.octets > self.settings.limits.message_size {
            return self.refuse(Refusal::TooBig);
        }
        let Header::Collecting(block) = &mut self.header else {
            return self.write(intake, piece).await;
        };
        let limit = self.settings.limits.header_size;
        let searched = block.len();
        let room = limit.saturating_sub(searched).min(piece.len());
        let (head, _) = piece.split_at(room);
        block.extend_from_slice(head);
        match header::end(block, searched) {
            Some(end) => {
                block.truncate(end);
                let used = end.saturating_sub(searched);
                self.read_header(intake).await;
                if self.refusal.is_none() {
                    let body = piece.get(used..).unwrap_or_default();
                    self.write(intake, body).await;
                }
            }
            None if room < piece.len() => self.refuse(Refusal::HeaderTooBig),
            None => {}
        }
    }

    /// The header block is whole: reads it and writes it behind the Received field.
    async fn read_header<I: Intake<Incoming = C>>(&mut self, intake: &I) {
        let Header::Collecting(block) = &mut self.header else {
            return;
        };
        let block = std::mem::take(block);
        let (facts, kept) = header::read(&block, &self.settings.schools);
        if facts.received > self.settings.limits.received {
            return self.refuse(Refusal::TooManyHops);
        }
        self.header = Header::Read(facts);
        let mut first = std::mem::take(&mut self.trace).into_bytes();
        first.extend_from_slice(&kept);
        self.write(intake, &first).await;
    }

    async fn write<I: Intake<Incoming = C>>(&mut self, intake: &I, bytes: &[u8]) {
        let Some(incoming) = &mut self.incoming else {
            return;
        };
        if !bytes.is_empty()
            && let Err(error) = intake.write(incoming, bytes).await
        {
            self.refuse(error.into());
        }
    }

    /// The end came. Content from BDAT may lack the last CRLF, which DATA needs to carry
    /// it on: it is added, the one change to what a client sent (RFC 3030 §2 has the
    /// receiver care for line ends when it relays without CHUNKING).
    pub(super) async fn finish<I: Intake<Incoming = C>>(
        mut self,
        intake: &I,
    ) -> Result<Complete<C>, Refusal> {
        if self.refusal.is_none()
            && let Some(fault) = self.strict.finish()
        {
            self.refuse(fault.into());
        }
        if self.refusal.is_none() && !self.strict.ends_in_crlf() {
            self.push(intake, b"\r\n").await;
        }
        if self.refusal.is_none() && matches!(self.header, Header::Collecting(_)) {
            self.read_header(intake).await;
        }
        if let Some(refusal) = self.refusal {
            return Err(refusal);
        }
        match (self.incoming, self.header) {
            (Some(incoming), Header::Read(facts)) => Ok(Complete {
                incoming,
                facts,
                octets: self.octets,
            }),
            // Cannot be: without a refusal both are there.
            _ => Err(Refusal::StoreFailed),
        }
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::BareLineEnd => Self::BareLineEnd,
            Fault::Nul => Self::Nul,
            Fault::LongLine => Self::LongLine,
        }
    }
}
