//! The made-up school of `schoolgate demo`: who belongs to it, and the mail it sends.
//!
//! Everybody and everything here is invented. Nothing depends on a file beside the
//! program, so that the demonstration runs wherever the binary does.

mod attachments;
mod draw;
pub mod messages;
mod names;
pub mod school;
