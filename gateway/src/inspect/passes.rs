//! From the first pass to the second: the pictures are read in between.

use jiff::civil::Date;
use schoolgate_detectors::Inspection;

use super::error::InspectError;
use super::ocr::{Ocr, Turn};
use super::pool::Pool;
use super::school::School;

/// What a message's pictures, listed by the first pass, need before the second.
pub enum Need {
    /// None of them is worth reading: the first pass is the answer.
    Nothing,
    /// Every text is known: the second pass can follow at once.
    Texts(schoolgate_detectors::PictureTexts),
    /// Somebody has to read, and perhaps to wait for a turn.
    Reading(Vec<schoolgate_detectors::pictures::Digest>),
}

impl Need {
    /// By what the first pass wants.
    pub fn of(first: &Inspection, ocr: &Ocr) -> Self {
        let wanted = first.wanted_pictures();
        if wanted.is_empty() {
            return Self::Nothing;
        }
        match ocr.known(&wanted) {
            Some(texts) => Self::Texts(texts),
            None => Self::Reading(wanted),
        }
    }
}

/// Reads the pictures and looks again, in the turn that the caller waited for.
///
/// # Errors
/// As for [`Pool::inspect`].
pub async fn second_pass(
    pool: &Pool,
    ocr: &Ocr,
    turn: Turn,
    school: &School,
    today: Date,
    content: &[u8],
    wanted: &[schoolgate_detectors::pictures::Digest],
) -> Result<Inspection, InspectError> {
    let texts = ocr.read(turn, pool, school, content, wanted).await?;
    pool.inspect_with_texts(school, today, content, &texts)
        .await
}
