//! The tools for whoever writes a pack: what they print and with which exit status.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use schoolgate_tests::program::{fixture, schoolgate};
use schoolgate_tests::school::{MOTHER, TEACHER, message, own_child, school_table, unmarked};

/// Runs `schoolgate policy …` in a folder.
fn policy(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(schoolgate())
        .arg("policy")
        .args(arguments)
        .current_dir(folder)
        .env_remove("SCHOOLGATE_CONFIG")
        .output()
        .unwrap()
}

fn stdout(out: &Output) -> String {
    String::from_utf8_lossy(&out.stdout).into_owned()
}

fn stderr(out: &Output) -> String {
    String::from_utf8_lossy(&out.stderr).into_owned()
}

/// What it prints when it succeeds.
#[track_caller]
fn text(folder: &Path, arguments: &[&str]) -> String {
    let out = policy(folder, arguments);
    assert!(out.status.success(), "{arguments:?}: {}", stderr(&out));
    stdout(&out)
}

/// A folder with a started pack, `oak.toml`.
fn started() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let pack = text(folder.path(), &["start", "oak-primary"]);
    fs::write(folder.path().join("oak.toml"), pack).unwrap();
    folder
}

fn change(folder: &Path, from: &str, to: &str) {
    let path = folder.join("oak.toml");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn a_started_pack_is_in_order_and_its_examples_hold() {
    let folder = started();
    let said = text(folder.path(), &["check", "oak.toml", "--strict"]);
    assert!(
        said.contains("28 rules") || said.contains("rules, "),
        "{said}"
    );
    assert!(said.contains("2 examples"), "{said}");
    let shipped = text(
        folder.path(),
        &["start", "elm-primary", "--from", "ban-outside"],
    );
    fs::write(folder.path().join("elm.toml"), shipped).unwrap();
    let said = text(folder.path(), &["explain", "elm.toml"]);
    assert!(said.contains("pupil-data.banned"), "{said}");
    let out = policy(folder.path(), &["start", "elm", "--from", "ban-outsde"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(stderr(&out).contains("policy-004"), "{}", stderr(&out));
    let said = text(folder.path(), &["check", "baseline", "--strict"]);
    assert!(said.contains("baseline: the pack `baseline`"), "{said}");
    assert_eq!(
        policy(folder.path(), &["start", "Oak Primary"])
            .status
            .code(),
        Some(2)
    );
}

#[test]
fn check_names_file_line_and_nearest_word_and_fails() {
    let folder = started();
    change(
        folder.path(),
        "then = \"quarantine\"",
        "then = \"quarantin\"",
    );
    let out = policy(folder.path(), &["check", "oak.toml"]);
    assert_eq!(out.status.code(), Some(2), "{}", stderr(&out));
    let said = stdout(&out);
    assert!(said.starts_with("oak.toml:"), "{said}");
    assert!(
        said.contains("mistake: unknown verdict `quarantin`"),
        "{said}"
    );
    assert!(said.contains("did you mean `quarantine`?"), "{said}");
}

#[test]
fn a_mistake_in_the_pack_that_is_extended_is_named_in_its_file() {
    let folder = started();
    change(
        folder.path(),
        "extends = \"baseline\"",
        "extends = \"trust\"",
    );
    fs::write(
        folder.path().join("trust.toml"),
        "name = \"trust\"\nextends = \"baseline\"\nspilt = true\n",
    )
    .unwrap();
    let out = policy(folder.path(), &["check", "oak.toml", "--json"]);
    assert_eq!(out.status.code(), Some(2));
    let line: serde_json::Value =
        serde_json::from_str(stdout(&out).lines().next().unwrap()).unwrap();
    assert_eq!(line["file"], "trust.toml");
    assert_eq!(line["line"], 3);
    assert_eq!(line["gravity"], "mistake");
}

#[test]
fn an_example_that_fails_and_a_rule_that_never_applies_are_told() {
    let folder = started();
    change(
        folder.path(),
        "{ pupils = 20 }",
        "{ pupils = 20 }, { not = \"pupil-data\" }",
    );
    let out = policy(folder.path(), &["check", "oak.toml"]);
    // The rule only watches, so the verdict holds; that it applies does not.
    assert_eq!(out.status.code(), Some(2));
    let said = stdout(&out);
    assert!(said.contains("it can never apply"), "{said}");
    assert!(
        said.contains("the rule `own.many-pupils-outside` does not apply"),
        "{said}"
    );

    let folder = started();
    let title = "A year group's marks to a shop";
    change(folder.path(), title, r"\u001b[2Jgone");
    change(folder.path(), "pupils = 60", "pupils = 1");
    let out = policy(folder.path(), &["check", "oak.toml"]);
    assert!(stdout(&out).contains("[2Jgone"), "{}", stdout(&out));
    assert!(!stdout(&out).contains('\u{1b}'));

    let folder = started();
    let claim = "\"1.3\".evidence = [\"audit-log\", \"journal\"]\n";
    change(folder.path(), claim, "");
    let path = folder.path();
    assert!(policy(path, &["check", "oak.toml"]).status.success());
    let strict = policy(path, &["check", "oak.toml", "--strict"]);
    assert_eq!(strict.status.code(), Some(2));
    assert!(stdout(&strict).contains("no rule serves it"));
}

#[test]
fn governors_get_a_page_in_html_and_in_markdown() {
    let folder = started();
    let html = text(folder.path(), &["explain", "oak.toml", "--html"]);
    assert!(html.starts_with("<!DOCTYPE html>"), "{html}");
    assert!(html.contains("Acceptable use of ICT"), "{html}");
    assert!(html.contains("<strong>own.many-pupils-outside</strong>"));
    assert!(!html.contains("<script") && !html.contains("http://") && !html.contains("https://"));
    let markdown = text(folder.path(), &["explain", "oak.toml", "--markdown"]);
    assert!(markdown.starts_with("# Outgoing mail\n"), "{markdown}");
    assert!(
        markdown.contains("The sender reads: \u{201c}"),
        "{markdown}"
    );
    assert!(!markdown.contains("{found}"), "{markdown}");
}

#[test]
fn diff_says_what_changed_in_words() {
    let folder = started();
    fs::copy(
        folder.path().join("oak.toml"),
        folder.path().join("old.toml"),
    )
    .unwrap();
    let same = text(folder.path(), &["diff", "old.toml", "oak.toml"]);
    assert_eq!(same, "They say the same.\n");
    change(folder.path(), "{ pupils = 20 }", "{ pupils = 10 }");
    change(folder.path(), "mode = \"monitor\"\n", "mode = \"nudge\"\n");
    let said = text(folder.path(), &["diff", "old.toml", "oak.toml"]);
    assert!(
        said.contains("own.many-pupils-outside: goes further"),
        "{said}"
    );
    assert!(said.contains("applies to more messages"), "{said}");
    let lines = text(folder.path(), &["diff", "baseline", "oak.toml", "--json"]);
    assert!(lines.lines().all(|l| l.starts_with('{')), "{lines}");
}

#[test]
fn messages_are_tried_with_a_pack_that_is_not_in_force() {
    let folder = started();
    let path = folder.path();
    fs::write(path.join("schoolgate.toml"), configuration(path)).unwrap();
    fs::create_dir(path.join("mail")).unwrap();
    fs::write(path.join("mail/1.eml"), own_child(MOTHER)).unwrap();
    fs::write(path.join("mail/2.eml"), unmarked()).unwrap();
    let tour = message(
        TEACHER,
        "sales@castlecoaches.example",
        "The tour",
        "Dear all,\n\nthank you.\n",
    );
    fs::write(path.join("mail/3.eml"), tour).unwrap();
    change(path, "mode = \"monitor\"\n", "mode = \"enforce\"\n");
    change(
        path,
        "when = { all = [\"outside\", { pupils = 20 }, ",
        "when = { all = [\"outside\", ",
    );
    let verdicts = |pack: &str| -> Vec<String> {
        let out = text(
            path,
            &["try", pack, "--config", "schoolgate.toml", "--json", "mail"],
        );
        let read = |line: &str| -> serde_json::Value { serde_json::from_str(line).unwrap() };
        out.lines()
            .map(|l| read(l)["verdict"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(verdicts("baseline"), ["deliver", "hold", "deliver"]);
    assert_eq!(
        verdicts("oak.toml"),
        ["quarantine", "quarantine", "quarantine"]
    );
    let out = text(
        path,
        &["try", "oak.toml", "--config", "schoolgate.toml", "mail"],
    );
    assert!(
        out.contains("1.eml: quarantine (the pack in force says deliver)"),
        "{out}"
    );
    let missing = policy(
        path,
        &["try", "none.toml", "--config", "schoolgate.toml", "mail"],
    );
    assert_eq!(missing.status.code(), Some(2));
}

fn configuration(folder: &Path) -> String {
    let data: PathBuf = folder.join("data");
    assert!(fixture("school").is_dir());
    format!(
        "hostname = \"gate.oaklane.example\"\ndata_dir = {data:?}\n{}\n\
         [[next_hop]]\nhost = \"127.0.0.1\"\nport = 2599\ntls = \"none\"\n\
         [[client]]\nname = \"mail-server\"\nnetworks = [\"127.0.0.1/32\"]\n",
        school_table("")
    )
}

#[test]
fn coverage_names_rule_feature_or_reason_for_each_clause() {
    let folder = tempfile::tempdir().unwrap();
    let said = text(folder.path(), &["coverage", "policy-001"]);
    for line in [
        "001-17: enforced: \u{201c}These should be marked",
        "    The rule marking.special holds it for the sender.",
        "001-25: evidenced: ",
        "    Not yet: breach-workflow (",
        "policy-001: 58 clauses: ",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    // As people count, not as letters are sorted.
    assert!(said.find("\n001-9:").unwrap() < said.find("\n001-10:").unwrap());
    let said = text(folder.path(), &["coverage", "policy-002", "--markdown"]);
    assert!(said.contains("## Out of reach of a mail gateway"), "{said}");
    let said = text(folder.path(), &["coverage", "policy-004", "--json"]);
    let clauses: Vec<serde_json::Value> = said
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(clauses.len(), 23);
    assert_eq!(clauses[2]["rules"][0]["id"], "credentials.anybody");
}

/// The whole program says of the policies' messages what their files claim.
#[test]
fn the_policies_that_ship_judge_their_messages() {
    let folder = tempfile::tempdir().unwrap();
    for number in ["000", "001", "002", "003", "004"] {
        let pack = format!("policy-{number}");
        let enforced: BTreeSet<String> = text(folder.path(), &["coverage", &pack, "--json"])
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
            .filter(|clause| {
                let rules = clause["rules"].as_array().unwrap();
                rules.iter().any(|rule| rule["mode"] == "enforce")
            })
            .map(|clause| clause["clause"].as_str().unwrap().to_owned())
            .collect();
        let config = fixture("schoolgate.toml");
        let roster = fixture("school");
        let messages = fixture("policies");
        let said = text(
            folder.path(),
            &[
                "try",
                &pack,
                "--json",
                "--config",
                config.to_str().unwrap(),
                "--roster",
                roster.to_str().unwrap(),
                messages.to_str().unwrap(),
            ],
        );
        let mut judged = 0;
        for line in said.lines() {
            let verdict: serde_json::Value = serde_json::from_str(line).unwrap();
            let file = verdict["file"].as_str().unwrap();
            let name = file.strip_suffix(".eml").unwrap();
            let path = messages.join(format!("{name}.expected.toml"));
            let expected: toml::Table =
                toml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
            let clauses = |key: &str| -> Vec<String> {
                let list = expected.get(key).and_then(|list| list.as_array());
                list.into_iter()
                    .flatten()
                    .map(|clause| clause.as_str().unwrap().to_owned())
                    .filter(|clause| clause.starts_with(number))
                    .collect()
            };
            let cited: BTreeSet<&str> = verdict["rules"]
                .as_array()
                .unwrap()
                .iter()
                .flat_map(|rule| rule["clauses"].as_array().unwrap())
                .map(|clause| clause.as_str().unwrap())
                .collect();
            for clause in clauses("for") {
                let shown = !enforced.contains(&clause) || cited.contains(clause.as_str());
                assert!(shown, "{file} for {clause}: {line}");
            }
            if !clauses("against").is_empty() {
                assert_eq!(verdict["verdict"], "deliver", "{file}: {line}");
            }
            judged += 1;
        }
        assert!(judged >= 60, "{judged} messages");
    }
}

#[test]
fn a_school_can_name_a_pack_that_ships() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("schoolgate.toml");
    let text = format!(
        "hostname = \"gate.oaklane.example\"\n{}[[client]]\nname = \"mail-server\"\n\
         networks = [\"127.0.0.1\"]\n[[next_hop]]\nhost = \"127.0.0.1\"\n",
        school_table("pack = \"policy-004\"")
    );
    fs::write(&config, text).unwrap();
    let said = self::text(
        folder.path(),
        &["explain", "--config", config.to_str().unwrap()],
    );
    assert!(said.contains("from the pack policy-004"), "{said}");
    fs::write(folder.path().join("care-plan.eml"), unmarked()).unwrap();
    let out = Command::new(schoolgate())
        .args(["check", "--json", "--config"])
        .arg(&config)
        .arg(folder.path().join("care-plan.eml"))
        .output()
        .unwrap();
    let said = stdout(&out);
    assert!(said.contains("\"004-17\""), "{said} {}", stderr(&out));
}
