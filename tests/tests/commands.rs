//! The command line: what it says, what it changes, and with which exit status.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::process::Output;

use schoolgate_tests::client::submit;
use schoolgate_tests::gateway::{self, Gateway};
use schoolgate_tests::mail::assert_unchanged;
use schoolgate_tests::next_hop::NextHop;
use schoolgate_tests::program::{fixture, repository};
use schoolgate_tests::school::{
    Changes, HEADTEACHER, MOTHER, OUTSIDER, TEACHER, class_list, own_child, unmarked,
};

fn stdout(out: &Output) -> String {
    String::from_utf8_lossy(&out.stdout).into_owned()
}

fn stderr(out: &Output) -> String {
    String::from_utf8_lossy(&out.stderr).into_owned()
}

#[tokio::test]
async fn the_shipped_configurations_are_in_order() {
    for name in ["schoolgate.toml", "schoolgate.smallest.toml"] {
        let text = fs::read_to_string(repository().join("deploy").join(name)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join(name);
        fs::write(&config, &text).unwrap();
        let out = gateway::run(&config, &["config", "check"]).await;
        assert!(out.status.success(), "{name}: {}", stderr(&out));
        if name.contains("smallest") {
            let lines = text
                .lines()
                .filter(|line| !line.is_empty() && !line.starts_with('#'))
                .count();
            assert!(lines < 15, "the smallest has {lines} lines");
        }
    }
}

/// Every key that the sample shows in a comment is a key, and its value is of the right kind.
#[tokio::test]
async fn what_the_sample_configuration_comments_out_can_be_uncommented() {
    let text = fs::read_to_string(repository().join("deploy/schoolgate.toml")).unwrap();
    let uncommented: Vec<&str> = text
        .lines()
        .map(|line| match line.strip_prefix('#') {
            // Prose has a blank behind the sign.
            Some(key) if key.starts_with(|c: char| c.is_ascii_lowercase() || c == '[') => key,
            _ => line,
        })
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("schoolgate.toml");
    fs::write(&config, uncommented.join("\n")).unwrap();
    let out = gateway::run(&config, &["config", "check"]).await;
    // The files that the examples name are not there: that is said only once every key
    // and every value has been understood.
    let said = stderr(&out);
    assert!(said.contains("cannot read the password file"), "{said}");
    for word in ["unknown", "missing", "invalid", "expected", "duplicate"] {
        assert!(!said.contains(word), "{said}");
    }
}

#[tokio::test]
async fn every_mistake_in_a_configuration_is_told_with_its_line_and_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("schoolgate.toml");
    let check = async |text: &str| {
        fs::write(&config, text).unwrap();
        let out = gateway::run(&config, &["config", "check"]).await;
        assert_eq!(out.status.code(), Some(2), "{text}: {}", stdout(&out));
        stderr(&out)
    };
    let smallest =
        fs::read_to_string(repository().join("deploy/schoolgate.smallest.toml")).unwrap();
    // An unknown key, with the nearest word.
    let said = check(&smallest.replacen("hostname", "hostnam", 1)).await;
    assert!(said.contains("schoolgate.toml:"), "{said}");
    assert!(said.contains("`hostname`"), "{said}");
    // Several mistakes at once.
    let said = check(
        &smallest
            .replacen("[[next_hop]]", "[[next_hop]]\nuser = \"gate\"", 1)
            .replacen("headteacher = \"", "headteacher = \"no address ", 1),
    )
    .await;
    assert!(said.contains("password_file"), "{said}");
    assert!(said.contains("is not a mail address"), "{said}");
    // A cloud's shared range without the school's secret.
    let said = check(&smallest.replacen("[[client]]", "[[client]]\nshared = true", 1)).await;
    assert!(said.contains("secret_header"), "{said}");
    // No such file.
    let out = gateway::run(&folder.path().join("none.toml"), &["config", "check"]).await;
    assert_eq!(out.status.code(), Some(2));
    assert!(stderr(&out).contains("none.toml"), "{}", stderr(&out));
}

#[tokio::test]
async fn usage_mistakes_exit_with_2() {
    let gateway = Gateway::configured(&[[127, 0, 0, 1].into_socket()], &Changes::default());
    for arguments in [
        ["quarantine", "relase"].as_slice(),
        &["quarantine", "show"],
        &["nonsense"],
    ] {
        let out = gateway.run(arguments).await;
        assert_eq!(
            out.status.code(),
            Some(2),
            "{arguments:?}: {}",
            stderr(&out)
        );
    }
}

trait IntoSocket {
    fn into_socket(self) -> std::net::SocketAddr;
}

impl IntoSocket for [u8; 4] {
    fn into_socket(self) -> std::net::SocketAddr {
        (self, 2526).into()
    }
}

#[tokio::test]
async fn a_released_message_arrives_unchanged_and_its_ticket_closes_without_incident() {
    let next_hop = NextHop::start().await;
    let gateway = Gateway::start(&[next_hop.address]).await;
    let message = class_list();
    submit(gateway.smtp, TEACHER, &[OUTSIDER], &message).await;
    next_hop.until_taken_for(HEADTEACHER).await;

    let list = gateway.json(&["quarantine", "list"]).await;
    let [case] = list.as_slice() else {
        panic!("{list:?}")
    };
    assert_eq!(case["verdict"], "quarantine");
    assert_eq!(case["sender"], TEACHER);
    let id = case["case"].as_str().unwrap();
    let tickets = gateway.json(&["ticket", "list"]).await;
    assert_eq!(tickets[0]["state"], "suspected", "{tickets:?}");

    let shown = gateway.text(&["quarantine", "show", id]).await;
    assert!(shown.contains("pupil-data"), "{shown}");
    assert!(
        !shown.contains("K838304122101"),
        "found, not repeated: {shown}"
    );
    // Content only with a purpose, and then it is on record.
    let out = gateway.run(&["quarantine", "show", id, "--reveal"]).await;
    assert_eq!(out.status.code(), Some(2), "{}", stdout(&out));
    let revealed = gateway
        .text(&[
            "quarantine",
            "show",
            id,
            "--reveal",
            "--purpose",
            "to decide on it",
        ])
        .await;
    assert_unchanged(revealed.as_bytes(), &message);

    gateway
        .text(&["quarantine", "release", id, "--by", HEADTEACHER])
        .await;
    let taken = next_hop.until_taken_for(OUTSIDER).await;
    assert_unchanged(&taken.content, &message);
    assert!(gateway.json(&["quarantine", "list"]).await.is_empty());
    let tickets = gateway.json(&["ticket", "list"]).await;
    assert_eq!(tickets[0]["state"], "no-incident", "{tickets:?}");
    let ticket = tickets[0]["ticket"].as_str().unwrap();
    let shown = gateway.text(&["ticket", "show", ticket]).await;
    assert!(shown.contains(ticket), "{shown}");
    // An answer is given once.
    let out = gateway.run(&["quarantine", "refuse", id]).await;
    assert!(!out.status.success(), "{}", stdout(&out));
}

#[tokio::test]
async fn a_refused_message_never_leaves_and_its_ticket_is_a_near_miss() {
    let next_hop = NextHop::start().await;
    let gateway = Gateway::start(&[next_hop.address]).await;
    submit(gateway.smtp, TEACHER, &[OUTSIDER], &class_list()).await;
    next_hop.until_taken_for(HEADTEACHER).await;
    next_hop.until_taken_for(TEACHER).await;
    let list = gateway.json(&["quarantine", "list"]).await;
    let id = list[0]["case"].as_str().unwrap();
    gateway
        .text(&[
            "quarantine",
            "refuse",
            id,
            "--note",
            "Please use the council's portal.",
        ])
        .await;
    let told = next_hop
        .until("the refusal to the sender", |all| {
            all.iter().any(|t| {
                t.recipients == [TEACHER]
                    && String::from_utf8_lossy(&t.content).contains("council's portal")
            })
        })
        .await;
    assert!(told.iter().all(|t| t.recipients != [OUTSIDER]));
    let tickets = gateway.json(&["ticket", "list"]).await;
    assert_eq!(tickets[0]["state"], "near-miss", "{tickets:?}");
    assert!(gateway.json(&["quarantine", "list"]).await.is_empty());
}

#[tokio::test]
async fn a_held_message_can_be_returned_with_a_note() {
    let next_hop = NextHop::start().await;
    let gateway = Gateway::start(&[next_hop.address]).await;
    submit(gateway.smtp, TEACHER, &[MOTHER], &unmarked()).await;
    next_hop.until_taken_for(TEACHER).await;
    let list = gateway.json(&["quarantine", "list"]).await;
    assert_eq!(list[0]["verdict"], "hold", "{list:?}");
    let id = list[0]["case"].as_str().unwrap();
    gateway
        .text(&[
            "quarantine",
            "return",
            id,
            "--note",
            "Mark it and send it again.",
        ])
        .await;
    next_hop
        .until("the return to the sender", |all| {
            all.iter().any(|t| {
                t.recipients == [TEACHER]
                    && String::from_utf8_lossy(&t.content).contains("Mark it and send it again.")
            })
        })
        .await;
    assert!(next_hop.taken_for(MOTHER).is_empty());
}

#[tokio::test]
async fn a_changed_audit_log_is_found() {
    let next_hop = NextHop::start().await;
    let mut gateway = Gateway::start(&[next_hop.address]).await;
    submit(gateway.smtp, TEACHER, &[OUTSIDER], &class_list()).await;
    next_hop.until_taken_for(HEADTEACHER).await;
    let list = gateway.json(&["quarantine", "list"]).await;
    let id = list[0]["case"].as_str().unwrap().to_owned();
    gateway.text(&["quarantine", "refuse", &id]).await;
    gateway.stop().await;

    let chains = gateway.json(&["audit", "verify"]).await;
    assert!(chains[0]["lines"].as_u64().unwrap() >= 2, "{chains:?}");
    // Take a line out of the middle, as somebody with the file could.
    let database = rusqlite::Connection::open(gateway.data().join("schoolgate.db")).unwrap();
    let removed = database
        .execute(
            "DELETE FROM audit WHERE rowid = (SELECT min(rowid) + 1 FROM audit)",
            [],
        )
        .unwrap();
    assert_eq!(removed, 1);
    drop(database);
    let out = gateway.run(&["audit", "verify"]).await;
    assert_eq!(out.status.code(), Some(1), "{}", stdout(&out));
    assert!(stdout(&out).contains("broken"), "{}", stdout(&out));
}

#[tokio::test]
async fn a_roster_is_imported_with_its_problems_named_and_nobody_repeated() {
    let next_hop = NextHop::start().await;
    let gateway = Gateway::start(&[next_hop.address]).await;
    let shown = gateway.json(&["roster", "show"]).await;
    assert_eq!(shown[0]["state"], "fresh", "{shown:?}");
    let before = shown[0]["pupils"].as_i64().unwrap();
    assert!(before > 50, "{shown:?}");

    let folder = tempfile::tempdir().unwrap();
    for name in ["pupils.csv", "contacts.csv", "staff.csv", "agencies.csv"] {
        fs::copy(fixture("school").join(name), folder.path().join(name)).unwrap();
    }
    let pupils = folder.path().join("pupils.csv");
    let mut text = fs::read_to_string(&pupils).unwrap();
    text.push_str("A838304122199,Secretname,Wrongcheck,,,2017-11-14,F,4,4M,,,,,,\n");
    text.push_str("K838304122101,Fenwick,Isla,,,2017-31-31,F,4,4M,,,,,,\n");
    fs::write(&pupils, text).unwrap();
    let path = folder.path().display().to_string();
    let said = gateway
        .text(&["roster", "import", &path, "--school", "oak-lane"])
        .await;
    assert!(said.contains("pupils.csv"), "the file is named: {said}");
    assert!(!said.contains("Secretname"), "nobody is repeated: {said}");

    // A folder without a roster changes nothing.
    let empty = tempfile::tempdir().unwrap();
    let path = empty.path().display().to_string();
    let out = gateway.run(&["roster", "import", &path]).await;
    assert!(!out.status.success());
    let out = gateway
        .run(&["roster", "import", &path, "--school", "elm-lane"])
        .await;
    assert_eq!(out.status.code(), Some(2), "{}", stderr(&out));
    let shown = gateway.json(&["roster", "show"]).await;
    assert!(shown[0]["pupils"].as_i64().unwrap() >= before, "{shown:?}");
}

#[tokio::test]
async fn a_reload_with_a_mistake_keeps_the_old_configuration_and_says_why() {
    let next_hop = NextHop::start().await;
    let gateway = Gateway::start(&[next_hop.address]).await;
    let good = fs::read_to_string(gateway.config()).unwrap();
    fs::write(gateway.config(), format!("nonsense = 1\n{good}")).unwrap();
    gateway.signal(rustix::process::Signal::HUP);
    let mut ticks = tokio::time::interval(std::time::Duration::from_millis(50));
    tokio::time::timeout(std::time::Duration::from_secs(60), async {
        while !gateway.log().contains("nonsense") {
            ticks.tick().await;
        }
    })
    .await
    .expect("it says what is wrong");
    submit(gateway.smtp, TEACHER, &[MOTHER], &own_child(MOTHER)).await;
    next_hop.until_taken_for(MOTHER).await;
}

#[tokio::test]
async fn the_policy_is_explained_in_sentences_with_clauses() {
    let gateway = Gateway::configured(&[[127, 0, 0, 1].into_socket()], &Changes::default());
    let text = gateway.text(&["policy", "explain"]).await;
    assert!(text.contains("SENSITIVE"), "{text}");
    assert!(text.contains("001-"), "{text}");
    let rules = gateway.json(&["policy", "explain"]).await;
    assert!(rules.len() >= 10, "{rules:?}");
}

#[tokio::test]
async fn the_doctor_names_what_ails_with_a_remedy() {
    let away = std::net::SocketAddr::new(schoolgate_tests::address::own(), 2526);
    let gateway = Gateway::configured(&[away], &Changes::default());
    let signs = gateway.run(&["doctor", "--json"]).await;
    let text = stdout(&signs);
    let bad: Vec<serde_json::Value> = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .filter(|sign: &serde_json::Value| sign["state"] == "bad")
        .collect();
    assert!(!bad.is_empty(), "{text}{}", stderr(&signs));
    assert!(
        bad.iter()
            .all(|sign| sign["remedy"].as_str().is_some_and(|r| !r.is_empty())),
        "{bad:?}"
    );
    assert!(!signs.status.success());
}
