//! What is in a message, and about whom?
//!
//! [`inspect`] takes the bytes of a message and the school's roster index and
//! returns an [`Inspection`]: every part, what was found in it and where, which
//! pupils it concerns, and what could not be read and why.
//!
//! This crate is pure. It knows nothing of SMTP, recipients, storage, rules,
//! async or the clock: "today" is an argument, and the same bytes give the same
//! answer. Hostile content is not an error: it is a finding or an unread part.

pub mod addresses;
pub mod category;
mod conduct;
mod credentials;
pub mod extract;
pub mod finding;
mod greeting;
pub mod identifiers;
pub mod inspection;
mod marking;
mod normalise;
mod offices;
mod opening;
pub mod pictures;
pub mod recognise;
pub mod roster;
mod school_matter;
pub mod settings;
mod staff_details;
pub mod text;
mod word_table;
mod words;

pub use category::{Category, Sensitivity};
pub use finding::{Confidence, Finding, Kind, Masked};
pub use greeting::{MOST_GREETED, NameDigest};
pub use inspection::{
    Disposition, Encryption, Headers, Identification, Inspection, Mailbox, Marking, MarkingLevel,
    MarkingPlace, Mention, Part, PartPath, Subject, Unread, UnreadReason,
};
pub use offices::OfficeHolders;
pub use opening::opening;
pub use pictures::{Picture, PictureText, PictureTexts};
pub use roster::{PupilId, Roster, RosterIndex};
pub use settings::{Limits, MarkingTerms, OwnIdentity, PictureSettings, Settings};

/// The version that every verdict cites, so that a replay knows which eyes looked.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Reads a message and says what is in it and about whom. Never fails and never panics:
/// what can't be read is [`Inspection::unread`].
pub fn inspect(message: &[u8], roster: &RosterIndex, settings: &Settings) -> Inspection {
    let reading = extract::read(message, settings);
    recognise::assemble(reading, roster, settings)
}

/// The second pass: the same with the texts of the pictures that the first one wanted
/// ([`Inspection::wanted_pictures`]). A picture without a text in `texts` is unread.
pub fn inspect_with_texts(
    message: &[u8],
    roster: &RosterIndex,
    settings: &Settings,
    texts: &PictureTexts,
) -> Inspection {
    let reading = extract::read_texts(message, settings, texts);
    recognise::assemble(reading, roster, settings)
}
