//! Why a case could not be shown or answered.

use crate::ids::CaseId;
use crate::keys::KeyError;
use crate::spool::SpoolError;

/// What failed, in words for the person who tried.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    #[error("there is no case {0}. List them with: schoolgate quarantine list --all")]
    NoCase(String),
    #[error("several cases fit {0}. Give more of its digits")]
    Ambiguous(String),
    #[error("give at least four digits of the case")]
    TooShort,
    #[error("case {0} was answered already")]
    Answered(CaseId),
    #[error(
        "case {0} cannot be released: it came back in a circle, or belongs to no school. \
         Put the mail server's rule right, then return it to its sender or refuse it"
    )]
    CannotLeave(CaseId),
    #[error(
        "case {0} is decided by those who were told of it, and by nobody else. Give --by with the address to which the notice went"
    )]
    NotYours(CaseId),
    #[error("nobody decides on their own message. Ask another reviewer")]
    OwnMessage,
    #[error(transparent)]
    Notice(#[from] crate::notify::NoticeError),
    #[error(transparent)]
    Spool(#[from] SpoolError),
    #[error(transparent)]
    Key(#[from] KeyError),
}
