//! SMTP in: the envelope and the bytes, strictly parsed.
//!
//! RFC 5321 with SIZE (1870), PIPELINING (2920), 8BITMIME (6152), SMTPUTF8 (6531),
//! STARTTLS (3207), AUTH (4954), enhanced status codes (2034), DSN (3461) and CHUNKING
//! (3030, without BINARYMIME). Content streams through; nothing here knows how it is
//! kept ([`Intake`] does), what is in it or what becomes of it.
//!
//! The way of a session: [`listener`] takes the connection, [`session`] reads its
//! commands ([`line`], [`command`]) and gives each to its verb's file; [`content`]
//! takes what DATA ([`dot`]) and BDAT bring, checks it ([`strict`], [`header`]) and
//! hands it on; [`reply`] says what came of it.

mod admission;
mod attempts;
mod auth;
mod bdat;
mod command;
mod content;
mod data;
mod dot;
mod ehlo;
mod error;
#[cfg(fuzzing)]
pub mod fuzzing;
mod header;
mod intake;
mod line;
mod listener;
mod mail;
mod parameter;
mod path;
mod rcpt;
mod reply;
mod session;
mod starttls;
mod strict;
mod timeouts;
mod tls;
mod trace;
mod transaction;
mod wire;

#[cfg(test)]
mod tests;

pub use error::{IntakeError, TlsError};
pub use intake::Intake;
pub use listener::{Service, serve};
pub use tls::server_config;
