//! The labelled corpora of the fixtures: what a person from the school would say about each
//! message, and how well the gateway agrees.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;
use serde_json::Value;

use crate::program::fixture;

/// What a person from the school says about a message under the baseline.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// Whether it must be held, quarantined or rejected.
    pub stop: bool,
    /// The concerns that a right answer names.
    pub concerns: Vec<String>,
    /// What is said about pupils, whether or not it may go.
    pub categories: Vec<String>,
    /// For the reader.
    pub why: String,
    /// The reverse-path.
    pub from: String,
    /// The forward-paths.
    pub to: Vec<String>,
}

/// A message with its label.
#[derive(Debug)]
pub struct Case {
    /// Below the corpus, without ending.
    pub name: String,
    pub path: PathBuf,
    pub label: Label,
    /// Kept away from whoever tunes the recognisers.
    pub held_out: bool,
}

/// What the gateway said about a case.
#[derive(Debug)]
pub struct Answer {
    pub stopped: bool,
    pub concerns: BTreeSet<String>,
    pub categories: BTreeSet<String>,
    /// The rules that stopped it.
    pub rules: Vec<String>,
}

/// A made-up school with labelled messages.
#[derive(Debug)]
pub struct School {
    pub title: &'static str,
    pub corpus: PathBuf,
    pub config: PathBuf,
    pub roster: PathBuf,
}

/// The schools of the fixtures.
#[must_use]
pub fn schools() -> Vec<School> {
    let first = School {
        title: "Oak Lane Primary School",
        corpus: fixture("corpus"),
        config: fixture("schoolgate.toml"),
        roster: fixture("school"),
    };
    let others = [
        ("Fernbrook Academy", "fernbrook"),
        ("Quarrymoor Academy", "quarrymoor"),
        ("Our Lady of the Weir", "ladyweir"),
    ];
    let others = others.map(|(title, folder)| School {
        title,
        corpus: fixture(&format!("{folder}/corpus")),
        config: fixture(&format!("{folder}/schoolgate.toml")),
        roster: fixture(&format!("{folder}/school")),
    });
    std::iter::once(first).chain(others).collect()
}

/// Every case below a folder, in the order of their names.
///
/// # Panics
/// A message without a label, a label without a message, or one that does not parse.
pub fn read(folder: &Path) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(below) = folders.pop() {
        for entry in fs::read_dir(&below).unwrap() {
            let path = entry.unwrap().path();
            let name = path.to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if let Some(stem) = name.strip_suffix(".label.toml") {
                let text = fs::read_to_string(&path).unwrap();
                let label = toml::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
                let path = PathBuf::from(format!("{stem}.eml"));
                assert!(path.is_file(), "{name} labels nothing");
                let name = path.strip_prefix(folder).unwrap().with_extension("");
                let name = name.to_string_lossy().into_owned();
                let held_out = name.starts_with("heldout");
                cases.push(Case {
                    name,
                    path,
                    label,
                    held_out,
                });
            } else if let Some(stem) = name.strip_suffix(".eml") {
                let label = PathBuf::from(format!("{stem}.label.toml"));
                assert!(label.is_file(), "{name} has no label");
            }
        }
    }
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

/// The answers of `schoolgate check --json`, in the order of the cases.
///
/// # Panics
/// The program does not run, or leaves out a message.
pub fn judge(cases: &[Case], program: &Path, config: &Path, roster: &Path) -> Vec<Answer> {
    let folder = tempfile::tempdir().unwrap();
    let envelopes = folder.path().join("envelopes");
    let mut command = Command::new(program);
    command.args(["check", "--json", "--config"]).arg(config);
    command.arg("--roster").arg(roster);
    command.arg("--envelopes").arg(&envelopes);
    let mut lines = String::new();
    for (number, case) in cases.iter().enumerate() {
        let file = format!("{number:04}.eml");
        let line = serde_json::json!({
            "file": file,
            "envelope_from": case.label.from,
            "envelope_to": case.label.to,
        });
        writeln!(lines, "{line}").unwrap();
        let path = folder.path().join(file);
        fs::copy(&case.path, &path).unwrap();
        command.arg(path);
    }
    fs::write(&envelopes, lines).unwrap();
    let out = command.output().unwrap();
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{said}");
    let answers: Vec<Answer> = String::from_utf8(out.stdout)
        .unwrap()
        .lines()
        .map(|line| answer(&serde_json::from_str(line).unwrap()))
        .collect();
    assert_eq!(answers.len(), cases.len(), "one verdict for each message");
    answers
}

fn answer(line: &Value) -> Answer {
    let texts = |key: &str| -> Vec<String> {
        let all = line[key].as_array().into_iter().flatten();
        all.filter_map(|text| text.as_str().map(str::to_owned))
            .collect()
    };
    let rules = line["rules"].as_array().into_iter().flatten();
    Answer {
        stopped: line["verdict"] != "deliver",
        concerns: texts("concerns").into_iter().collect(),
        categories: texts("categories").into_iter().collect(),
        rules: rules
            .filter_map(|rule| rule["id"].as_str().map(str::to_owned))
            .collect(),
    }
}

/// So many of so many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    pub of: usize,
    pub hit: usize,
}

impl Share {
    fn count(&mut self, hit: bool) {
        self.of += 1;
        self.hit += usize::from(hit);
    }

    /// From 0 to 1; of nothing, all.
    pub fn value(self) -> f64 {
        if self.of == 0 {
            return 1.0;
        }
        // Counts of messages are far below 2^53.
        #[allow(clippy::cast_precision_loss)]
        let (hit, of) = (self.hit as f64, self.of as f64);
        hit / of
    }

    fn show(self) -> String {
        format!(
            "{:5.1} %  {:>4} of {}",
            self.value() * 100.0,
            self.hit,
            self.of
        )
    }
}

/// How well answers agree with labels.
#[derive(Debug, Default)]
pub struct Quality {
    /// Of what must stop, stopped.
    pub recall: Share,
    /// Of what was stopped, rightly.
    pub precision: Share,
    /// Of what must pass, stopped.
    pub false_stops: Share,
    /// For each concern: of the messages that raise it, those where it is named.
    pub concerns: BTreeMap<String, Share>,
    /// For each category: of what must stop with it, stopped.
    pub stopped: BTreeMap<String, Share>,
    /// For each category: of the messages with it, those where it was seen.
    pub seen: BTreeMap<String, Share>,
}

impl Quality {
    /// Compares.
    pub fn of<'a>(pairs: impl Iterator<Item = (&'a Case, &'a Answer)>) -> Self {
        let mut quality = Self::default();
        for (Case { label, .. }, answer) in pairs {
            if label.stop {
                quality.recall.count(answer.stopped);
            } else {
                quality.false_stops.count(answer.stopped);
            }
            if answer.stopped {
                quality.precision.count(label.stop);
            }
            for concern in &label.concerns {
                let share = quality.concerns.entry(concern.clone()).or_default();
                share.count(answer.concerns.contains(concern));
            }
            for category in &label.categories {
                if label.stop {
                    let share = quality.stopped.entry(category.clone()).or_default();
                    share.count(answer.stopped);
                }
                let share = quality.seen.entry(category.clone()).or_default();
                share.count(answer.categories.contains(category));
            }
        }
        quality
    }

    /// The figures, worst first.
    pub fn show(&self) -> String {
        let mut text = String::new();
        let lines = [
            ("recall of stopping", self.recall),
            ("precision of stopping", self.precision),
            ("false stops", self.false_stops),
        ];
        for (name, share) in lines {
            let _ = writeln!(text, "  {name:<28}{}", share.show());
        }
        let tables = [
            ("concern named", &self.concerns),
            ("category, of what must stop", &self.stopped),
            ("category seen", &self.seen),
        ];
        for (title, table) in tables {
            let _ = writeln!(text, "  {title}");
            let mut rows: Vec<_> = table.iter().collect();
            rows.sort_by(|a, b| a.1.value().total_cmp(&b.1.value()).then(a.0.cmp(b.0)));
            for (name, share) in rows {
                let _ = writeln!(text, "    {name:<26}{}", share.show());
            }
        }
        text
    }
}

/// Why an answer is wrong, in a line; `None` when it is right.
pub fn mistake(case: &Case, answer: &Answer) -> Option<String> {
    let label = &case.label;
    let missing: Vec<&str> = label
        .concerns
        .iter()
        .map(String::as_str)
        .filter(|concern| !answer.concerns.contains(*concern))
        .collect();
    let what = if label.stop && !answer.stopped {
        "MISSED"
    } else if !label.stop && answer.stopped {
        "FALSE STOP"
    } else if !missing.is_empty() {
        "not named"
    } else {
        return None;
    };
    Some(format!(
        "{what:<10} {}\n             {} {}{}",
        case.name,
        label.why,
        if missing.is_empty() {
            String::new()
        } else {
            format!("Expected {}. ", missing.join(", "))
        },
        if answer.rules.is_empty() {
            String::new()
        } else {
            format!("Stopped by {}.", answer.rules.join(", "))
        },
    ))
}
