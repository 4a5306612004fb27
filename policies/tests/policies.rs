//! The five policies that ship: every clause is accounted for, and each that a rule serves
//! has a message that the rule stops and a near miss that it lets pass.
//!
//! The messages lie in fixtures/policies. They are inspected, related and decided upon here
//! as the gateway does it, with the made-up school's roster.

// The messages and the roster are files; the crate itself still reads none.
#![allow(clippy::disallowed_methods)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

use schoolgate_detectors::roster::{RosterFile, RosterIndex, import};
use schoolgate_detectors::{OwnIdentity, Roster, Settings, inspect};
use schoolgate_policies::coverage::{ClauseCoverage, Kept, coverage};
use schoolgate_policies::{
    Decision, Directory, Envelope, Facts, Mode, Pack, RosterState, SchoolFacts, Stance, Verdict,
    decide, relate,
};
use serde::Deserialize;

/// The policies with the number of their clauses that a gateway can serve.
const POLICIES: [(&str, usize); 5] = [
    ("000", 27),
    ("001", 58),
    ("002", 48),
    ("003", 44),
    ("004", 23),
];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn pack(number: &str) -> Pack {
    Pack::shipped(&format!("policy-{number}"))
        .expect("it ships")
        .unwrap_or_else(|errors| panic!("policy-{number}: {errors}"))
}

/// What is expected of a message.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    /// Clauses that a rule keeps by applying to the message.
    #[serde(default, rename = "for")]
    stops: Vec<String>,
    /// Clauses of which no rule applies, under policies that let the message pass.
    #[serde(default)]
    against: Vec<String>,
    /// For the reader.
    #[allow(dead_code)]
    why: String,
    from: String,
    to: Vec<String>,
    /// When it was sent; in the morning of a school day without it.
    sent: Option<jiff::Timestamp>,
}

struct Case {
    name: String,
    content: Vec<u8>,
    expected: Expected,
}

fn below(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            below(&path, found)?;
        } else if path.extension().is_some_and(|e| e == "eml") {
            found.push(path);
        }
    }
    Ok(())
}

fn cases() -> Vec<Case> {
    let root = repository().join("fixtures/policies");
    let mut found = Vec::new();
    below(&root, &mut found).expect("fixtures/policies can be read");
    found.sort();
    found
        .iter()
        .map(|path| {
            let name = path
                .strip_prefix(&root)
                .expect("below it")
                .with_extension("");
            let name = name.display().to_string();
            let label = path.with_extension("expected.toml");
            let text = fs::read_to_string(&label).unwrap_or_else(|e| panic!("{name}: {e}"));
            Case {
                content: fs::read(path).expect("it can be read"),
                expected: toml::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}")),
                name,
            }
        })
        .collect()
}

/// The school of fixtures/school, as fixtures/schoolgate.toml describes it.
struct School {
    facts: SchoolFacts,
    directory: Directory,
    index: RosterIndex,
}

impl School {
    fn open() -> Self {
        let folder = repository().join("fixtures/school");
        let files: Vec<(String, Vec<u8>)> = ["pupils", "contacts", "staff", "agencies"]
            .iter()
            .map(|name| format!("{name}.csv"))
            .map(|name| {
                let bytes = fs::read(folder.join(&name)).expect("the roster can be read");
                (name, bytes)
            })
            .collect();
        let files: Vec<RosterFile<'_>> = files
            .iter()
            .map(|(name, bytes)| RosterFile { name, bytes })
            .collect();
        let imported = import(&files, b"oaklane");
        assert!(imported.is_usable(), "{:?}", imported.problems);
        let roster: Roster = imported.roster;
        let facts = SchoolFacts {
            domains: vec!["oaklane.example".into()],
            pupil_mailboxes: vec!["*@pupils.oaklane.example".into()],
            ..SchoolFacts::default()
        };
        Self {
            directory: Directory::new(&roster, &facts),
            index: RosterIndex::build(&roster),
            facts,
        }
    }

    fn judge(&self, case: &Case, pack: &Pack) -> Decision {
        let settings = Settings {
            own: OwnIdentity {
                domains: self.facts.domains.clone(),
                phones: vec!["01632960500".into()],
                postcodes: vec!["DT97 1AA".into()],
            },
            marking: pack.marking_terms(),
            ..Settings::on(jiff::civil::date(2026, 11, 5))
        };
        let inspection = inspect(&case.content, &self.index, &settings);
        let envelope = Envelope {
            reverse_path: case.expected.from.clone(),
            forward_paths: case.expected.to.clone(),
        };
        let (sender, recipients) = relate(&envelope, &inspection, &self.directory, &self.facts);
        let facts = Facts {
            envelope,
            sender,
            recipients,
            stance: Stance::Enforce,
            roster: RosterState::Fresh,
            route: schoolgate_policies::Route::default(),
            now: case
                .expected
                .sent
                .unwrap_or_else(|| "2026-11-05T10:00:00Z".parse().expect("a time"))
                .as_microsecond(),
            exceptions: Vec::new(),
        };
        decide(&facts, &inspection, pack)
    }
}

/// The policy of a clause: `001` of `001-17`.
fn policy_of(clause: &str) -> &str {
    clause.split('-').next().unwrap_or_default()
}

fn fired(decision: &Decision) -> String {
    let rules: Vec<String> = decision
        .rules
        .iter()
        .map(|r| format!("{} ({:?} {:?})", r.id, r.mode, r.clauses))
        .collect();
    format!("{}: {}", decision.verdict().as_str(), rules.join(", "))
}

/// What is wrong with a message for one of its clauses.
fn wrong(decision: &Decision, clause: &ClauseCoverage, stops: bool) -> Option<String> {
    let cites = |mode: Mode| {
        decision
            .rules
            .iter()
            .filter(|r| mode < Mode::Enforce || r.verdict > Verdict::Deliver)
            .any(|r| r.mode >= mode && r.clauses.contains(&clause.clause))
    };
    let enforced = clause
        .rules
        .iter()
        .any(|r| r.mode == Mode::Enforce && r.verdict > Verdict::Deliver);
    let least = if enforced {
        Mode::Enforce
    } else {
        Mode::Monitor
    };
    if stops && !cites(least) {
        Some(format!(
            "no rule that serves it applies; {}",
            fired(decision)
        ))
    } else if stops && enforced && decision.verdict() == Verdict::Deliver {
        Some("it is delivered".into())
    } else if !stops && cites(least) {
        Some(format!(
            "a rule that serves it applies; {}",
            fired(decision)
        ))
    } else if !stops && decision.verdict() != Verdict::Deliver {
        Some(format!("it does not pass; {}", fired(decision)))
    } else {
        None
    }
}

#[test]
fn every_clause_of_the_five_policies_is_accounted_for() {
    for (number, clauses) in POLICIES {
        let pack = pack(number);
        let list = coverage(&pack);
        assert_eq!(list.len(), clauses, "policy-{number}");
        for clause in &list {
            assert_eq!(policy_of(&clause.clause), number, "{}", clause.clause);
            assert_ne!(clause.kept, Kept::Unaccounted, "{}", clause.clause);
        }
        for rule in &pack.rules {
            let stops = rule.mode >= Mode::Nudge && rule.then > Verdict::Deliver;
            assert!(
                !stops || !rule.clauses.is_empty(),
                "policy-{number}: `{}` stops mail and cites no clause",
                rule.id
            );
        }
    }
}

#[test]
fn each_clause_that_a_rule_serves_has_a_message_for_it_and_a_near_miss() {
    let mut shown: BTreeMap<String, [usize; 2]> = BTreeMap::new();
    for case in cases() {
        for clause in &case.expected.stops {
            shown.entry(clause.clone()).or_default()[0] += 1;
        }
        for clause in &case.expected.against {
            shown.entry(clause.clone()).or_default()[1] += 1;
        }
    }
    let mut lacking = Vec::new();
    let mut served = BTreeSet::new();
    for (number, _) in POLICIES {
        for clause in coverage(&pack(number)) {
            if clause.rules.is_empty() {
                continue;
            }
            let [for_it, against] = shown.get(&clause.clause).copied().unwrap_or_default();
            if for_it == 0 || against == 0 {
                lacking.push(format!(
                    "{} ({for_it} for, {against} against)",
                    clause.clause
                ));
            }
            served.insert(clause.clause);
        }
    }
    for clause in shown.keys() {
        assert!(served.contains(clause), "no rule serves {clause}");
    }
    assert!(
        lacking.is_empty(),
        "{} clauses lack a message: {}",
        lacking.len(),
        lacking.join(", ")
    );
}

#[test]
fn the_messages_of_the_policies_get_their_verdicts() {
    let school = School::open();
    let packs: BTreeMap<&str, (Pack, BTreeMap<String, ClauseCoverage>)> = POLICIES
        .iter()
        .map(|(number, _)| {
            let pack = pack(number);
            let clauses = coverage(&pack);
            let clauses = clauses.into_iter().map(|c| (c.clause.clone(), c)).collect();
            (*number, (pack, clauses))
        })
        .collect();
    let mut mistakes = Vec::new();
    for case in cases() {
        let named = case.expected.stops.iter().map(|c| (c, true));
        let named = named.chain(case.expected.against.iter().map(|c| (c, false)));
        let mut decisions: BTreeMap<&str, Decision> = BTreeMap::new();
        for (id, stops) in named {
            let number = policy_of(id);
            let Some((pack, clauses)) = packs.get(number) else {
                mistakes.push(format!("{}: there is no policy of {id}", case.name));
                continue;
            };
            let Some(clause) = clauses.get(id) else {
                mistakes.push(format!("{}: there is no clause {id}", case.name));
                continue;
            };
            let decision = decisions
                .entry(number)
                .or_insert_with(|| school.judge(&case, pack));
            if let Some(what) = wrong(decision, clause, stops) {
                let side = if stops { "for" } else { "against" };
                mistakes.push(format!("{}: {side} {id}: {what}", case.name));
            }
        }
    }
    assert!(
        mistakes.is_empty(),
        "{} mistakes:\n{}",
        mistakes.len(),
        mistakes.join("\n")
    );
}
