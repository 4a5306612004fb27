//! Packs: a school's policy as data.
//!
//! `written` is what the text says, `checked` what the program uses, `load` the way
//! from one to the other. Packs are hostile input too: size, depth and number of rules
//! are bounded, and everything that has no meaning is refused with its place.

mod acts;
mod checked;
mod claims;
mod error;
mod example;
pub(crate) mod exceptions;
mod head;
pub(crate) mod hours;
mod load;
mod outsiders;
mod reader;
mod remedies;
mod shipped;
mod switches;
pub(crate) mod template;
mod when;
mod words;
mod written;

pub use checked::{Origin, Pack, PackSettings, Rule};
pub use claims::Claim;
pub use error::{Mistake, PackErrors};
pub use example::{About, Example, ExampleAttachment, ExampleFinding, Lock};
pub(crate) use head::said as day_in_words;
pub use head::{Contact, PolicyDocument, Review};
pub use hours::{Hours, Span};
pub use outsiders::{AiGate, AiRegister, Outsiders};
pub use remedies::{RemedyTerms, Signature};
pub use template::PLACEHOLDERS;
pub(crate) use written::PLACES as MARKING_PLACES;

/// The longest text of a pack, in octets.
pub const MOST_BYTES: usize = 1 << 20;
/// The deepest nesting of conditions.
pub const MOST_DEEP: usize = 32;
/// The most rules in one text.
pub const MOST_RULES: usize = 2_000;
/// The most examples in one text.
pub const MOST_EXAMPLES: usize = 2_000;
/// The most clauses in one text.
pub const MOST_CLAUSES: usize = 2_000;
/// The longest chain of packs that extend each other.
const MOST_PARENTS: usize = 8;
