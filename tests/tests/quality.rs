//! The bars of `make quality`, on the labelled messages of all made-up schools together.
#![allow(clippy::unwrap_used)]

use schoolgate_tests::corpus::{self, Quality};
use schoolgate_tests::program::schoolgate;

/// Of what must stop, at least so much is stopped.
const RECALL: f64 = 0.98;
/// Of what must pass, at most so much is stopped.
const FALSE_STOPS: f64 = 0.01;
/// Of what must stop, for each category and each concern.
const EACH: f64 = 0.9;

#[test]
fn the_labelled_messages_are_judged_as_people_would() {
    let mut cases = Vec::new();
    let mut answers = Vec::new();
    for school in corpus::schools() {
        let of_school = corpus::read(&school.corpus);
        answers.extend(corpus::judge(
            &of_school,
            schoolgate(),
            &school.config,
            &school.roster,
        ));
        cases.extend(of_school);
    }
    assert!(cases.len() >= 500, "only {} messages", cases.len());
    let passing = cases.iter().filter(|case| !case.label.stop).count();
    assert!(passing * 2 >= cases.len(), "only {passing} must pass");

    let quality = Quality::of(cases.iter().zip(&answers));
    let mut below = Vec::new();
    if quality.recall.value() < RECALL {
        below.push("too much passes that must stop".to_owned());
    }
    if quality.false_stops.value() > FALSE_STOPS {
        below.push("too much is stopped that must pass".to_owned());
    }
    for (name, share) in quality.stopped.iter().chain(&quality.concerns) {
        if share.value() < EACH {
            below.push(format!("{name} is missed too often"));
        }
    }
    let mistakes: Vec<String> = cases
        .iter()
        .zip(&answers)
        .filter(|(case, _)| !case.held_out)
        .filter_map(|(case, answer)| corpus::mistake(case, answer))
        .collect();
    assert!(
        below.is_empty(),
        "{}\n{}\n{}",
        below.join("\n"),
        quality.show(),
        mistakes.join("\n")
    );
}
