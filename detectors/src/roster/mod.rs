//! Who belongs to the school: pupils, their contacts, staff, trusted agencies.

mod model;

pub use model::{Agency, Contact, CourtFlag, Parental, Pupil, PupilId, Roster, Staff};
