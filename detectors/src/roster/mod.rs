//! Who belongs to the school: pupils, their contacts, staff, trusted agencies.

mod entries;
pub(crate) mod home;
mod import;
pub mod index;
pub(crate) mod key;
pub(crate) mod matching;
mod model;
mod teaching;

pub use entries::staff_name_keys;
pub use import::{Import, Problem, RosterFile, Sheet, SheetRow, import};
pub use index::{IndexError, RosterIndex};
pub use model::{Agency, Contact, CourtFlag, Parental, Pupil, PupilId, Roster, Staff};
