//! The parsers of this module as the fuzz targets reach them; in no other build.

use schoolgate_detectors::Limits;

use super::{answer, frame};

/// What a worker might answer.
pub fn answer(data: &[u8]) {
    let _ = answer::read(data, 4096, &Limits::default());
}

/// Frames one after another.
pub fn frames(mut data: &[u8]) {
    while let Ok(Some(_)) = frame::receive_blocking(&mut data) {}
}
