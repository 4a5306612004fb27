//! A picture is read whichever way up it lies: a page that was scanned or photographed
//! sideways says nothing to somebody who does not turn it.

use std::time::{Duration, Instant};

use super::child::Task;
use super::process::{self, Outcome, Question, Reading};
use crate::config::OcrSettings;
use crate::inspect::process::Program;

/// Letters in words of three and more below which a picture may lie sideways, or hold no text.
const FEW: usize = 40;

/// Reads a picture as it lies and, where that gives hardly a word, as its text stands.
pub(super) async fn read(
    program: &Program,
    settings: &OcrSettings,
    picture: &[u8],
    limit: Duration,
) -> Reading {
    let begun = Instant::now();
    let upright = process::read(program, settings, picture, Question::UPRIGHT, limit).await;
    let Outcome::Text(text) = &upright.outcome else {
        return upright;
    };
    let found = letters(text);
    if found >= FEW {
        return upright;
    }
    let question = Question {
        task: Task::Orientation,
        turn: 0,
    };
    let left = limit.saturating_sub(begun.elapsed());
    let seen = process::read(program, settings, picture, question, left).await;
    // Where that says nothing (no text, no data for it) the first answer is the answer.
    let Some(turn) = (match &seen.outcome {
        Outcome::Text(said) => turn(said),
        _ => None,
    }) else {
        return upright;
    };
    let question = Question {
        task: Task::Text,
        turn,
    };
    let left = limit.saturating_sub(begun.elapsed());
    let turned = process::read(program, settings, picture, question, left).await;
    match &turned.outcome {
        Outcome::Text(text) if letters(text) <= found => upright,
        // Not finished is not read: there is text, and nobody knows which.
        _ => turned,
    }
}

fn letters(text: &str) -> usize {
    text.split_whitespace()
        .map(|word| word.chars().filter(|c| c.is_alphabetic()).count())
        .filter(|letters| *letters >= 3)
        .sum()
}

/// By how many degrees the picture is to be turned clockwise, if at all.
fn turn(said: &str) -> Option<u16> {
    let value = said
        .lines()
        .find_map(|line| line.strip_prefix("Rotate:"))?
        .trim();
    match value {
        "90" => Some(90),
        "180" => Some(180),
        "270" => Some(270),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_turn_is_read_from_what_tesseract_says() {
        let said = "Page number: 0\nOrientation in degrees: 270\nRotate: 90\nOrientation confidence: 9.1\n";
        assert_eq!(turn(said), Some(90));
        assert_eq!(turn("Rotate: 0\n"), None);
        assert_eq!(turn("Rotate: 9999999\n"), None);
        assert_eq!(turn(""), None);
    }

    #[test]
    fn leaves_and_hair_are_no_words() {
        assert_eq!(letters("a | ee ~ i l . x"), 0);
        assert_eq!(letters("Isla Fenwick 4M"), 11);
    }
}
