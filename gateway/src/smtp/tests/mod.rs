//! Through the front door: a real listener, raw octets, an intake that records.

mod admission;
mod auth;
mod chunking;
mod dialogues;
mod faults;
mod harness;
mod limits;
mod smuggling;
mod spooled;
mod starttls;
mod waiting;

pub(in crate::smtp) use harness::settings;
