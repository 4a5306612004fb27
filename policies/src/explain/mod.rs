//! Rules, packs and decisions in plain English.
//!
//! What is said here goes into notices, the console and the demo's table. It names
//! what was found and where, masked, and never repeats it.

mod changes;
mod decision;
mod pack;
pub(crate) mod page;
mod rule;
pub(crate) mod wording;

pub use changes::{Change, changes};
pub use decision::{CitedClause, Explanation, Reason, decision};
pub use pack::{pack, packs_html};
pub use rule::rule;
