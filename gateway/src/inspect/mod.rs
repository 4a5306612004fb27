//! Parsers are the enemy's door: messages are looked into by caged worker processes.
//!
//! A [`Pool`] starts the same binary again as `schoolgate worker`. A worker serves one
//! school: it gets that school's roster index in a sealed memfd over a socket, prepares
//! itself, then locks itself in ([`cage`]) and only from then on sees message content.
//! The parent keeps the time, takes the answer for untrusted ([`answer`]), replaces a
//! worker after every oddity, and tries a message once more before it gives it up as
//! [`InspectError::Aborted`], for which [`aborted`] makes the inspection to be judged.
//!
//! Where pictures matter there are two passes ([`passes`]) and a reading of pictures
//! between them ([`ocr`]), in cages of its own.

mod answer;
mod cage;
mod error;
mod frame;
#[cfg(fuzzing)]
pub mod fuzzing;
pub mod ocr;
mod passes;
mod picture_files;
mod pool;
mod process;
mod school;
pub mod worker;

#[cfg(test)]
mod tests;

pub use cage::{Cage, Enforcement};
pub use error::{Abort, InspectError};
pub use ocr::{Ocr, OcrHealth};
pub use passes::{Need, second_pass};
pub use pool::{Health, Pool};
pub use process::Program;
pub use school::School;

use schoolgate_detectors::{
    Disposition, Encryption, Headers, Inspection, Part, PartPath, Sensitivity, Unread, UnreadReason,
};

/// The inspection of a message that no worker got to the end of: one part that stands
/// for the whole message (`size` octets), unread. The packs hold it as `uninspectable`.
pub fn aborted(abort: &Abort, size: u64) -> Inspection {
    let path = PartPath("1".into());
    Inspection {
        detectors: schoolgate_detectors::VERSION.into(),
        headers: Headers::default(),
        parts: vec![Part {
            path: path.clone(),
            name: None,
            disposition: Disposition::Body,
            declared_type: String::new(),
            actual_type: "message".into(),
            bytes: size,
            encryption: Encryption::None,
            sensitivity: Sensitivity::None,
            text_bytes: 0,
        }],
        unread: vec![Unread {
            part: path,
            reason: UnreadReason::Aborted,
            detail: abort.to_string(),
        }],
        ..Inspection::default()
    }
}
