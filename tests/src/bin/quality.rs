//! `make quality`: how well the gateway agrees with the labels of the made-up schools.
//!
//! Prints precision and recall, worst first, for the messages that may be tuned on and for
//! the tenth that may not. `--mistakes` lists each wrong answer (never of the held-out tenth).
//! `--corpus DIR`, `--config FILE` and `--roster DIR` measure on another set.
#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use schoolgate_tests::corpus::{self, Quality, School};
use schoolgate_tests::program::{fixture, schoolgate};

fn main() {
    let mut folder = None;
    let mut config = fixture("schoolgate.toml");
    let mut roster = fixture("school");
    let mut mistakes = false;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut path = || PathBuf::from(arguments.next().expect("a path after the option"));
        match argument.as_str() {
            "--mistakes" => mistakes = true,
            "--corpus" => folder = Some(path()),
            "--config" => config = path(),
            "--roster" => roster = path(),
            other => panic!("{other} is no option: --mistakes, --corpus, --config, --roster"),
        }
    }
    let sets = match folder {
        Some(corpus) => vec![School {
            title: "These",
            corpus,
            config,
            roster,
        }],
        None => corpus::schools(),
    };
    for set in sets {
        let cases = corpus::read(&set.corpus);
        let answers = corpus::judge(&cases, schoolgate(), &set.config, &set.roster);
        let pairs = || cases.iter().zip(&answers);
        if mistakes {
            for (case, answer) in pairs().filter(|(case, _)| !case.held_out) {
                if let Some(line) = corpus::mistake(case, answer) {
                    println!("{line}");
                }
            }
            println!();
        }
        for (title, held_out) in [("tuned on", false), ("held out", true)] {
            let chosen = pairs().filter(|(case, _)| case.held_out == held_out);
            let count = chosen.clone().count();
            if count > 0 {
                println!("{}, {title}: {count} messages", set.title);
                println!("{}", Quality::of(chosen).show());
            }
        }
    }
}
