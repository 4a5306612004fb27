//! Registers at the command line: imported, listed, entered, ended, exported.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::Output;

use schoolgate_tests::gateway;
use schoolgate_tests::program::fixture;
use schoolgate_tests::school::{Changes, configuration};
use serde_json::Value;

/// A permission for all of next month, in the words of a file.
fn permissions(expires: &str) -> String {
    format!(
        "sender,recipient,categories,reason,expires\n\
         *,minder@pennywell-minding.example,attendance,After school,{expires}\n"
    )
}

fn in_days(days: i64) -> String {
    let today = jiff::Zoned::now().date();
    today
        .saturating_add(jiff::Span::new().days(days))
        .to_string()
}

fn stderr(out: &Output) -> String {
    String::from_utf8_lossy(&out.stderr).into_owned()
}

/// One object a line.
fn lines(out: &Output) -> Vec<Value> {
    assert!(out.status.success(), "{}", stderr(out));
    String::from_utf8_lossy(&out.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn config(folder: &Path) -> std::path::PathBuf {
    let local = "127.0.0.1:0".parse().unwrap();
    let hop = "127.0.0.1:25".parse().unwrap();
    let text = configuration(
        &folder.join("data"),
        local,
        local,
        &[hop],
        &Changes::default(),
    );
    let config = folder.join("schoolgate.toml");
    fs::write(&config, text).unwrap();
    config
}

#[tokio::test]
async fn what_is_imported_is_listed_ended_and_exported() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path());
    let file = folder.path().join("permissions.csv");
    let path = file.to_str().unwrap();
    fs::write(&file, permissions(&in_days(20))).unwrap();
    let register = async |args: &[&str]| {
        let args: Vec<&str> = std::iter::once("register")
            .chain(args.iter().copied())
            .collect();
        gateway::run(&config, &args).await
    };
    let imported = lines(&register(&["import", path, "--json"]).await);
    assert_eq!(imported[0]["entered"], 1);
    let again = lines(&register(&["import", path, "--json"]).await);
    assert_eq!(
        (&again[0]["entered"], &again[0]["unchanged"]),
        (&0.into(), &1.into())
    );
    // The same until another day takes its place.
    fs::write(&file, permissions(&in_days(200))).unwrap();
    let renewed = lines(&register(&["import", path, "--json"]).await);
    assert_eq!(
        (&renewed[0]["entered"], &renewed[0]["ended"]),
        (&1.into(), &1.into())
    );

    let whom = "minder@pennywell-minding.example";
    let listed = lines(&register(&["list", "--about", whom, "--json"]).await);
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["until"], in_days(200));
    let all = lines(&register(&["list", "--all", "--json"]).await);
    assert_eq!(all.len(), 2);
    assert!(all.iter().any(|entry| entry["ended_by"].is_string()));

    let id = listed[0]["id"].as_str().unwrap();
    let exported = register(&["export", "--kind", "permission"]).await;
    let text = String::from_utf8_lossy(&exported.stdout).into_owned();
    assert!(text.contains(id) && text.lines().count() == 2, "{text}");
    let ended = register(&["end", id, "--why", "Moved away"]).await;
    assert!(ended.status.success(), "{}", stderr(&ended));
    let twice = register(&["end", id, "--why", "Moved away"]).await;
    assert_eq!(twice.status.code(), Some(1));
    assert!(
        stderr(&twice).contains("ended already"),
        "{}",
        stderr(&twice)
    );
    assert_eq!(lines(&register(&["list", "--json"]).await).len(), 0);
}

#[tokio::test]
async fn mistakes_change_nothing_and_say_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path());
    let file = folder.path().join("permissions.csv");
    let good = permissions(&in_days(20));
    fs::write(&file, format!("{good}*,@gmail.com,health,Why,soon\n")).unwrap();
    let import = ["register", "import", file.to_str().unwrap()];
    let out = gateway::run(&config, &import).await;
    assert!(!out.status.success());
    for part in [
        "nothing was changed",
        "row 3, column recipient: at this domain anybody can have a mailbox",
        "row 3, column expires: this is no date; write it as year-month-day",
    ] {
        assert!(stderr(&out).contains(part), "{part}: {}", stderr(&out));
    }
    let list = gateway::run(&config, &["register", "list", "--json"]).await;
    assert_eq!(lines(&list).len(), 0);
    let add = [
        "register",
        "add",
        "permission",
        "--sender",
        "*",
        "--recipient",
        "minder@pennywell-minding.example",
        "--for",
        "attendance",
        "--reason",
        "After school",
    ];
    let out = gateway::run(&config, &add).await;
    assert!(
        stderr(&out).contains("a permission needs its last day"),
        "{}",
        stderr(&out)
    );
}

#[tokio::test]
async fn check_takes_registers_from_files() {
    let message = fixture("messages/exceptions/01-step-father-permitted.eml");
    let config = fixture("schoolgate.toml");
    let (roster, registers) = (fixture("school"), fixture("registers"));
    let verdict = async |day: &str, with: bool| {
        let mut args = vec![
            "check",
            "--json",
            "--roster",
            roster.to_str().unwrap(),
            "--on",
            day,
        ];
        if with {
            args.extend(["--registers", registers.to_str().unwrap()]);
        }
        args.push(message.to_str().unwrap());
        lines(&gateway::run(&config, &args).await).remove(0)
    };
    let permitted = verdict("2026-11-24", true).await;
    assert_eq!(permitted["verdict"], "deliver");
    assert_eq!(permitted["exceptions"][0]["id"], "permissions.csv:2");
    assert_eq!(verdict("2026-11-24", false).await["verdict"], "quarantine");
    let lapsed = verdict("2027-09-01", true).await;
    assert_eq!(lapsed["verdict"], "quarantine");
    assert_eq!(lapsed["exceptions"][0]["lapsed"], true);
}
