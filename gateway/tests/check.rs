//! `schoolgate check` through its front door: the real program, its real workers.

// The helpers below are parts of tests.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

const CONFIG: &str = r#"
hostname = "gate.oak.example"

[[school]]
id = "oak"
name = "Oak Primary School"
controller = "Woodland Trust"
domains = ["oak.example"]
headteacher = "head@oak.example"
technician = "it@oak.example"

[[school]]
id = "elm"
name = "Elm Primary School"
controller = "Woodland Trust"
domains = ["elm.example"]
headteacher = "head@elm.example"
technician = "it@elm.example"

[[client]]
name = "mail server"
networks = ["192.0.2.10"]

[[next_hop]]
host = "smtp.oak.example"
"#;

const PUPILS: &str = "\
upn,legal_surname,legal_forename,dob,year_group,class
H801200001001,Quillfeather,Jemima,2016-03-04,4,4B
Z823432112019,Thistlewood,Barnaby,2015-10-21,5,5A
";

const CONTACTS: &str = "\
pupil_upn,name,relationship,parental_responsibility,email,phone,court_order
H801200001001,Rosalind Quillfeather,Mother,Yes,rosalind.q@home.example,07700 900101,
Z823432112019,Edmund Thistlewood,Father,Yes,edmund.t@home.example,07700 900102,
";

const STAFF: &str = "\
name,email,role
Tabitha Fernsby,t.fernsby@oak.example,Teacher
Ottoline Marsh,head@oak.example,Headteacher
";

/// A folder with configuration, roster and messages.
fn school() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("schoolgate.toml"), CONFIG).unwrap();
    fs::create_dir(at("roster")).unwrap();
    fs::create_dir(at("mail")).unwrap();
    fs::write(at("roster/pupils.csv"), PUPILS).unwrap();
    fs::write(at("roster/contacts.csv"), CONTACTS).unwrap();
    fs::write(at("roster/staff.csv"), STAFF).unwrap();
    folder
}

fn message(to: &str, subject: &str, text: &str) -> String {
    format!(
        "From: Tabitha Fernsby <t.fernsby@oak.example>\r\nTo: <{to}>\r\nSubject: {subject}\r\n\
         Date: Mon, 5 Jan 2026 09:00:00 +0000\r\nMessage-ID: <1@oak.example>\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    )
}

const SEND: &str = "Jemima Quillfeather in 4B now has an education, health and care plan \
    for autism. Her UPN is H801200001001 and her date of birth is 4 March 2016.";

fn check(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_schoolgate"))
        .current_dir(folder)
        .args(["check", "--config", "schoolgate.toml", "--roster", "roster"])
        .args(arguments)
        .output()
        .unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout.clone())
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn verdicts_come_in_order_and_in_the_stable_form() {
    let folder = school();
    let mail = folder.path().join("mail");
    let put = |name: &str, text: String| fs::write(mail.join(name), text).unwrap();
    put(
        "1-friend.eml",
        message("somebody@elsewhere.example", "Hello", SEND),
    );
    put(
        "2-colleague.eml",
        message("head@oak.example", "Hello", SEND),
    );
    put(
        "3-mother.eml",
        message(
            "rosalind.q@home.example",
            "Trip",
            "Jemima Quillfeather can come on the trip to the farm.",
        ),
    );
    put(
        "4-father.eml",
        message(
            "edmund.t@home.example",
            "Trip",
            "Jemima Quillfeather can come on the trip to the farm.",
        ),
    );
    put("5-nothing.eml", String::new());
    fs::write(
        mail.join("6-noise.eml"),
        [0xff, 0x00, 0x0d, 0x80].repeat(500),
    )
    .unwrap();
    put(
        "7-weather.eml",
        message(
            "somebody@elsewhere.example",
            "Snow",
            "The school is closed tomorrow because of the snow.",
        ),
    );
    fs::write(mail.join("notes.txt"), "not a message").unwrap();
    std::os::unix::fs::symlink("/nonexistent", mail.join("8-gone.eml")).unwrap();

    let reports = lines(&check(folder.path(), &["--json", "mail"]));
    let verdicts: Vec<(&str, &str)> = reports
        .iter()
        .map(|r| (r["file"].as_str().unwrap(), r["verdict"].as_str().unwrap()))
        .collect();
    let stopped = |at: usize| verdicts[at].1 != "deliver";
    assert_eq!(reports.len(), 8, "{verdicts:?}");
    assert!(verdicts.is_sorted_by_key(|(file, _)| *file), "{verdicts:?}");
    assert_eq!(verdicts[0], ("1-friend.eml", "quarantine"));
    assert_eq!(verdicts[1], ("2-colleague.eml", "deliver"));
    assert_eq!(verdicts[2], ("3-mother.eml", "deliver"));
    assert!(stopped(3), "{verdicts:?}");
    assert_eq!(verdicts[6], ("7-weather.eml", "deliver"));
    assert_eq!(verdicts[7], ("8-gone.eml", "hold"));
    assert!(reports[7]["error"].is_string());
    assert!(reports[0]["error"].is_null());

    let first = &reports[0];
    let keys: Vec<&String> = first.as_object().unwrap().keys().collect();
    let mut wanted = vec![
        "file",
        "verdict",
        "concerns",
        "sensitivity",
        "categories",
        "rules",
        "findings",
        "unread",
        "elapsed_ms",
        "error",
    ];
    wanted.sort_unstable();
    assert_eq!(keys, wanted);
    assert!(
        first["concerns"]
            .as_array()
            .unwrap()
            .contains(&"pupil-data".into())
    );
    assert_eq!(
        first["rules"][0]["recipients"][0],
        "somebody@elsewhere.example"
    );
    assert!(
        first["rules"][0]["clauses"]
            .as_array()
            .is_some_and(|c| !c.is_empty())
    );
    assert!(
        first["findings"]
            .as_array()
            .unwrap()
            .iter()
            .all(|f| f["kind"].is_string()
                && f["part"].is_string()
                && f["where"].is_string()
                && f["confidence"].is_number()
                && f["count"].is_number())
    );
    assert!(!first.to_string().contains("Quillfeather"));
}

#[test]
fn options_and_lines_for_files_give_the_envelope() {
    let folder = school();
    let path = folder.path().join("mail/a.eml");
    fs::write(path, message("head@oak.example", "Hello", SEND)).unwrap();
    let verdict = |arguments: &[&str]| {
        let mut all = vec!["--json"];
        all.extend(arguments);
        all.push("mail/a.eml");
        lines(&check(folder.path(), &all))[0]["verdict"].clone()
    };
    assert_eq!(verdict(&[]), "deliver");
    assert_eq!(
        verdict(&["--rcpt-to", "somebody@elsewhere.example"]),
        "quarantine"
    );
    let line = r#"{"file": "a.eml", "envelope_from": "t.fernsby@oak.example", "envelope_to": ["somebody@elsewhere.example"]}"#;
    fs::write(folder.path().join("envelopes.jsonl"), line).unwrap();
    assert_eq!(verdict(&["--envelopes", "envelopes.jsonl"]), "quarantine");
    // A folder named like a school is that school's roster.
    fs::create_dir(folder.path().join("roster/elm")).unwrap();
    fs::write(folder.path().join("roster/elm/pupils.csv"), PUPILS).unwrap();
    // Seen from the trust's other school, the first is another school, not a colleague.
    assert_ne!(verdict(&["--mail-from", "head@elm.example"]), "deliver");
}

#[test]
fn people_read_why_and_which_clause() {
    let folder = school();
    let path = folder.path().join("mail/a.eml");
    fs::write(path, message("somebody@elsewhere.example", "Hello", SEND)).unwrap();
    let output = check(folder.path(), &["mail/a.eml"]);
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("mail/a.eml: quarantine\n"), "{text}");
    assert!(text.contains("[00"), "{text}");
    assert!(text.ends_with("1 message: 1 quarantine\n"), "{text}");
    assert!(!text.contains("Quillfeather"), "{text}");
}

#[test]
fn wrong_usage_and_configuration_are_status_2() {
    let folder = school();
    fs::write(folder.path().join("mail/a.eml"), "x").unwrap();
    for arguments in [
        &["mail/none.eml"][..],
        &["--roster", "none", "mail/a.eml"],
        &["--envelopes", "none", "mail/a.eml"],
        &["--unknown", "mail/a.eml"],
        &[],
    ] {
        let output = check(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty());
        assert!(!output.stderr.is_empty());
    }
    fs::write(folder.path().join("schoolgate.toml"), "hostnam = 1").unwrap();
    assert_eq!(check(folder.path(), &["mail/a.eml"]).status.code(), Some(2));
}
