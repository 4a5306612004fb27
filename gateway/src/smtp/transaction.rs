//! A mail transaction: the envelope as it grows from MAIL to the end of content.

use super::content::Content;
use super::path::ReversePath;
use crate::spool::ArrivalRecipient;

/// From MAIL to 250, or to whatever ends it before.
pub(super) struct Transaction<C> {
    pub reverse_path: ReversePath,
    /// The client it was admitted for, an index into the session's settings.
    pub client: usize,
    pub ret: Option<String>,
    pub envid: Option<String>,
    pub smtputf8: bool,
    pub eight_bit: bool,
    pub recipients: Vec<ArrivalRecipient>,
    /// How far BDAT has come.
    pub chunks: Chunks<C>,
}

/// The state of BDAT (RFC 3030 §2).
pub(super) enum Chunks<C> {
    /// None yet: DATA may come as well.
    None,
    Receiving(Box<Content<C>>),
    /// One was refused: only RSET leads on.
    Failed,
}
