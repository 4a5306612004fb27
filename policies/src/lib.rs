//! May this sender send it to this recipient?
//!
//! [`relate`] says what each recipient is to the pupils concerned, [`decide`] applies
//! the school's pack and returns a [`Decision`]: a verdict for each recipient with
//! its rule, findings and clause.
//!
//! This crate is pure. It knows facts, inspections, packs and clauses; it knows
//! nothing of bytes, storage, async or the clock.

pub mod decision;
pub mod facts;

pub use decision::{Concern, Decision, FiredRule, Mode, RecipientDecision, Verdict};
pub use facts::{
    Envelope, Facts, Recipient, Relation, RosterState, SchoolFacts, Sender, SenderGroup, Stance,
};
