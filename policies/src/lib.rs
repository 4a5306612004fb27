//! May this sender send it to this recipient?
//!
//! [`relate`] says what each recipient is to the pupils concerned, [`decide`] applies
//! the school's pack and returns a [`Decision`]: a verdict for each recipient with
//! its rule, findings and clause.
//!
//! This crate is pure. It knows facts, inspections, packs and clauses; it knows
//! nothing of bytes, storage, async or the clock.

pub mod acts;
pub mod address;
pub mod condition;
pub mod counterpart;
pub mod coverage;
mod decide;
pub mod decision;
pub mod destination;
pub mod directory;
pub mod examine;
pub mod exceptions;
pub mod explain;
pub mod facts;
mod families;
mod fast_lane;
pub mod filetype;
mod forwards;
mod kinds;
pub mod lookalike;
mod matter;
pub mod office;
pub mod pack;
mod possible;
mod relation;
mod remedy;
pub mod replay;
mod role;
mod roles;
mod route;
mod telling;
pub mod trial;
mod visible;
pub mod webmail;

pub use acts::{Acts, AddedMarking, Alert, MarkAt, Offering, Severity, TicketWish, Told};
pub use counterpart::Counterpart;
pub use decide::decide;
pub use decision::{Addresses, Concern, Decision, FiredRule, Mode, RecipientDecision, Verdict};
pub use destination::Destination;
pub use directory::Directory;
pub use exceptions::{AppliedException, Exception, ExceptionKind, Registers};
pub use facts::{
    Envelope, Facts, Recipient, Relation, RosterState, SchoolFacts, Sender, SenderGroup, Stance,
};
pub use fast_lane::{FastLane, ReferralSign};
pub use forwards::subject_prefixes;
pub use office::Office;
pub use pack::{Pack, PackErrors, Rule};
pub use relation::{relate, relate_with};
pub use remedy::{Barred, Remedies, remedies};
pub use route::{Decider, Matter, Route, route};
