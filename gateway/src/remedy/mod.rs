//! Mail to the gateway itself: what senders ask of it, and what they are told.
//!
//! The gateway has a mail domain of its own (`mail_domain`), which no mail server accepts
//! mail for, so that mail to it comes by the outgoing way. All of it is taken in; none of
//! it is ever sent on. Three things are written to there: the reply address in a hold
//! notice (`address.rs`, `token.rs`), whose first line says what to do (`command.rs`,
//! `act.rs`, `subject.rs`); the check-before-send address (`draft.rs`); and addresses
//! that nobody reads.
//!
//! An answer goes only to the school's own senders, never to automatic mail, and only so
//! often. Whoever has no good token learns nothing, not even whether there is such a case.

mod act;
mod address;
mod command;
mod draft;
mod mailbox;
mod offer;
mod subject;
mod token;
mod words;

pub use address::check as check_address;
pub use mailbox::{OwnMail, RemedyError, Taken};
pub use offer::{Grounds, NewOffer};
pub use subject::is_signed;
pub(crate) use subject::with_marking;
