//! Why a message or a session was refused: for the log a word, for the client a reply.

use std::path::PathBuf;

use super::reply::Reply;
use crate::config::Limits;

/// Why the spool could not take content; to the client always temporary. Whoever makes
/// one logs its cause: the session only says what kind it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IntakeError {
    /// For want of space (452).
    #[error("there is no room for more mail")]
    NoSpace,
    /// For any other fault (451).
    #[error("the store failed")]
    Failed,
}

/// Why the listener's certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A PEM file is missing, unreadable or holds nothing of the kind.
    #[error("cannot read {what} from {path}: {source}")]
    Read {
        what: &'static str,
        path: PathBuf,
        source: rustls::pki_types::pem::Error,
    },
    /// The file of certificate authorities yields none that can be used.
    #[error("cannot use the client authorities of {path}: {reason}")]
    ClientAuthorities { path: PathBuf, reason: String },
    /// Certificate and key do not make a server.
    #[error("cannot use the listener's certificate and key: {0}")]
    Unusable(#[from] rustls::Error),
}

/// Why a message was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    BareLineEnd,
    Nul,
    LongLine,
    TooBig,
    HeaderTooBig,
    TooManyHops,
    NoSecretHeader,
    ForeignReversePath,
    NoSpace,
    StoreFailed,
}

impl Refusal {
    /// A word for the log and the metric.
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::BareLineEnd => "bare-line-end",
            Self::Nul => "nul",
            Self::LongLine => "long-line",
            Self::TooBig => "too-big",
            Self::HeaderTooBig => "header-too-big",
            Self::TooManyHops => "too-many-hops",
            Self::NoSecretHeader => "no-secret-header",
            Self::ForeignReversePath => "foreign-reverse-path",
            Self::NoSpace => "no-space",
            Self::StoreFailed => "store-failed",
        }
    }

    /// What the client is told.
    pub(super) fn reply(self, limits: &Limits) -> Reply {
        match self {
            Self::BareLineEnd => Reply::bare_line_end(),
            Self::Nul => Reply::nul(),
            Self::LongLine => Reply::content_line_too_long(limits.line_length),
            Self::TooBig => Reply::message_too_big(limits.message_size),
            Self::HeaderTooBig => Reply::header_too_big(limits.header_size),
            Self::TooManyHops => Reply::too_many_hops(),
            Self::NoSecretHeader => Reply::no_secret_header(),
            Self::ForeignReversePath => Reply::foreign_reverse_path(),
            Self::NoSpace => Reply::no_space(),
            Self::StoreFailed => Reply::store_failed(),
        }
    }
}

impl From<IntakeError> for Refusal {
    fn from(error: IntakeError) -> Self {
        match error {
            IntakeError::NoSpace => Self::NoSpace,
            IntakeError::Failed => Self::StoreFailed,
        }
    }
}
