//! Packs: a school's policy as data.
//!
//! `written` is what the text says, `checked` what the program uses, `load` the way
//! from one to the other. Packs are hostile input too: size, depth and number of rules
//! are bounded, and everything that has no meaning is refused with its place.

mod checked;
mod error;
mod load;
mod reader;
mod remedies;
pub(crate) mod template;
mod when;
mod written;

pub use checked::{Pack, PackSettings, Rule};
pub use error::{Mistake, PackErrors};
pub use remedies::{RemedyTerms, Signature, Told};
pub use template::PLACEHOLDERS;

/// The longest text of a pack, in octets.
pub const MOST_BYTES: usize = 1 << 20;
/// The deepest nesting of conditions.
pub const MOST_DEEP: usize = 32;
/// The most rules in one text.
pub const MOST_RULES: usize = 2_000;
/// The longest chain of packs that extend each other.
const MOST_PARENTS: usize = 8;
