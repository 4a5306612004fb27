//! The golden messages of fixtures/messages, each with its expected verdict beside it.
//!
//! Each is judged as it lies there and with the other line ends. A difference writes the
//! verdict to NN-slug.actual.toml; `BLESS=1` takes it as the expected one.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use schoolgate_tests::mail::with_crlf;
use schoolgate_tests::program::{fixture, schoolgate};
use schoolgate_tests::school::school_table;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What is expected of a message.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    verdict: String,
    concerns: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sensitivity: Option<String>,
    /// For the reader.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    envelope: Option<Envelope>,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    from: String,
    to: Vec<String>,
}

struct Case {
    /// Below fixtures/messages, without ending.
    stem: String,
    content: Vec<u8>,
    expected: Expected,
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// Every message with its expectation; an orphan of either kind fails.
fn cases() -> Vec<Case> {
    let root = fixture("messages");
    let mut found = Vec::new();
    files(&root, &mut found);
    let mut stems: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for path in &found {
        let name = path
            .strip_prefix(&root)
            .unwrap()
            .to_string_lossy()
            .into_owned();
        let known = [".eml", ".expected.toml", ".actual.toml", ".md"];
        let ending = known
            .into_iter()
            .find(|ending| name.ends_with(ending))
            .unwrap_or_else(|| panic!("{name} is no part of a case"));
        let stem = name.strip_suffix(ending).unwrap().to_owned();
        stems.entry(stem).or_default().insert(ending);
    }
    let mut cases = Vec::new();
    for (stem, endings) in stems {
        assert!(endings.contains(".eml"), "{stem} has no message");
        assert!(
            endings.contains(".expected.toml") || blessing(),
            "{stem} has no expected verdict"
        );
        let path = root.join(format!("{stem}.expected.toml"));
        let expected = match fs::read_to_string(&path) {
            Ok(text) => toml::from_str(&text).unwrap_or_else(|error| panic!("{stem}: {error}")),
            Err(_) => Expected {
                verdict: String::new(),
                concerns: Vec::new(),
                sensitivity: None,
                why: None,
                envelope: None,
            },
        };
        let content = fs::read(root.join(format!("{stem}.eml"))).unwrap();
        cases.push(Case {
            stem,
            content,
            expected,
        });
    }
    assert!(cases.len() >= 60, "only {} golden messages", cases.len());
    cases
}

fn blessing() -> bool {
    std::env::var_os("BLESS").is_some()
}

/// The verdicts of `schoolgate check --json` on contents, in their order.
fn judged(cases: &[Case], contents: &[Vec<u8>]) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("schoolgate.toml");
    let next_hop = "[[next_hop]]\nhost = \"127.0.0.1\"\n";
    let client = "[[client]]\nname = \"mail-server\"\nnetworks = [\"127.0.0.1\"]\n";
    // A slow machine is no finding.
    let inspection = "[inspection]\ndeadline_seconds = 120\n[ocr]\nenabled = true\n\
                      message_seconds = 300\npicture_seconds = 120\n";
    let text = format!(
        "hostname = \"gate.oaklane.example\"\n{inspection}{}{client}{next_hop}",
        school_table("")
    );
    fs::write(&config, text).unwrap();
    let mut lines = String::new();
    let mut command = std::process::Command::new(schoolgate());
    command
        .arg("check")
        .arg("--json")
        .arg("--config")
        .arg(&config);
    command.arg("--roster").arg(fixture("school"));
    // Permissions run out: the fixtures' registers are those of one day.
    command.arg("--registers").arg(fixture("registers"));
    command.arg("--on").arg("2026-11-24");
    let envelopes = folder.path().join("envelopes");
    command.arg("--envelopes").arg(&envelopes);
    for (number, (case, content)) in cases.iter().zip(contents).enumerate() {
        let path = folder.path().join(format!("{number:04}.eml"));
        fs::write(&path, content).unwrap();
        if let Some(envelope) = &case.expected.envelope {
            let line = serde_json::json!({
                "file": format!("{number:04}.eml"),
                "envelope_from": envelope.from,
                "envelope_to": envelope.to,
            });
            lines.push_str(&format!("{line}\n"));
        }
        command.arg(&path);
    }
    fs::write(&envelopes, lines).unwrap();
    let out = command.output().unwrap();
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    let verdicts: Vec<Value> = String::from_utf8(out.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(verdicts.len(), cases.len(), "one verdict for each message");
    verdicts
}

/// The verdict in the form of an expectation.
fn actual(case: &Case, verdict: &Value) -> Expected {
    let text = |key: &str| verdict[key].as_str().unwrap_or_default().to_owned();
    let mut concerns: Vec<String> = verdict["concerns"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|concern| concern.as_str().unwrap_or_default().to_owned())
        .collect();
    concerns.sort();
    Expected {
        verdict: text("verdict"),
        concerns,
        // Only compared where a message is about it.
        sensitivity: case
            .expected
            .sensitivity
            .as_ref()
            .map(|_| text("sensitivity").replace(' ', "-")),
        why: case.expected.why.clone(),
        envelope: case.expected.envelope.clone(),
    }
}

fn differs(expected: &Expected, actual: &Expected) -> bool {
    let mut concerns = expected.concerns.clone();
    concerns.sort();
    expected.verdict != actual.verdict
        || concerns != actual.concerns
        || expected.sensitivity != actual.sensitivity
}

#[test]
fn every_golden_message_gets_its_verdict() {
    let cases = cases();
    let as_they_lie: Vec<Vec<u8>> = cases.iter().map(|case| case.content.clone()).collect();
    let mut wrong = Vec::new();
    for (case, verdict) in cases.iter().zip(judged(&cases, &as_they_lie)) {
        let stem = fixture("messages").join(&case.stem);
        let beside = |ending: &str| PathBuf::from(format!("{}{ending}", stem.display()));
        let actual = actual(case, &verdict);
        let text = toml::to_string(&actual).unwrap();
        if !differs(&case.expected, &actual) {
            let _ = fs::remove_file(beside(".actual.toml"));
        } else if blessing() {
            fs::write(beside(".expected.toml"), text).unwrap();
            let _ = fs::remove_file(beside(".actual.toml"));
        } else {
            fs::write(beside(".actual.toml"), text).unwrap();
            wrong.push(format!(
                "{}: expected {} {:?} {}, got {} {:?} {}\n    rules {}\n    error {}",
                case.stem,
                case.expected.verdict,
                case.expected.concerns,
                case.expected.sensitivity.as_deref().unwrap_or(""),
                actual.verdict,
                actual.concerns,
                actual.sensitivity.as_deref().unwrap_or(""),
                verdict["rules"],
                verdict["error"],
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} golden messages differ:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
}

/// Mail clients write LF files, SMTP carries CRLF: the verdict must not hang on it.
#[test]
fn line_ends_change_no_verdict() {
    // Base64 and 8-bit attachments may not be touched by this: all fixtures encode theirs.
    let cases = cases();
    let crlf: Vec<Vec<u8>> = cases.iter().map(|case| with_crlf(&case.content)).collect();
    let lf: Vec<Vec<u8>> = crlf
        .iter()
        .map(|content| {
            let mut out = Vec::with_capacity(content.len());
            for (i, byte) in content.iter().enumerate() {
                if !(*byte == b'\r' && content.get(i + 1) == Some(&b'\n')) {
                    out.push(*byte);
                }
            }
            out
        })
        .collect();
    for ((case, a), b) in cases
        .iter()
        .zip(judged(&cases, &lf))
        .zip(judged(&cases, &crlf))
    {
        for key in ["verdict", "concerns", "sensitivity"] {
            assert_eq!(a[key], b[key], "{}: {key} with LF and with CRLF", case.stem);
        }
    }
}

/// Half of what is tried is mail that must pass, and every concern is shown by some message.
#[test]
fn the_golden_messages_try_both_sides() {
    let cases = cases();
    let passing = cases
        .iter()
        .filter(|case| case.expected.verdict == "deliver")
        .count();
    assert!(
        passing * 2 >= cases.len(),
        "only {passing} of {} pass",
        cases.len()
    );
    for concern in [
        "pupil-data",
        "attachment-encryption",
        "marking",
        "personal-address",
        "misdirected",
        "mass-disclosure",
        "staff-details",
        "credentials",
        "photo",
        "uninspectable",
    ] {
        assert!(
            cases
                .iter()
                .any(|case| case.expected.concerns.iter().any(|c| c == concern)),
            "no golden message shows {concern}"
        );
    }
}

/// Each identifier that is looked for is found in some golden message.
#[test]
fn every_identifier_has_a_golden_message() {
    let cases = cases();
    let contents: Vec<Vec<u8>> = cases.iter().map(|case| case.content.clone()).collect();
    let mut seen = BTreeSet::new();
    for verdict in judged(&cases, &contents) {
        for finding in verdict["findings"].as_array().into_iter().flatten() {
            seen.insert(finding["kind"].as_str().unwrap_or_default().to_owned());
        }
    }
    for kind in [
        "uk.upn",
        "uk.uln",
        "uk.nhs-number",
        "uk.phone",
        "uk.postcode",
        "date-of-birth",
        "roster.name",
        "roster.forename",
        "roster.upn",
        "pupil-table",
        "category",
        "staff.details",
        "credential",
        "encryption.password-beside",
        "encryption.weak",
        "encryption.strong",
        "marking.near-miss",
    ] {
        assert!(
            seen.contains(kind),
            "no golden message shows {kind}; seen: {seen:?}"
        );
    }
}
