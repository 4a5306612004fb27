//! A technician tries another pack on the mail that has passed, and puts it into force
//! while mail flows.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use schoolgate_tests::client::{Client, submit};
use schoolgate_tests::gateway::Gateway;
use schoolgate_tests::next_hop::NextHop;
use schoolgate_tests::school::{
    Changes, HEADTEACHER, MOTHER, OUTSIDER, TEACHER, class_list, own_child, unmarked,
};
use serde_json::Value;

const STRICT: &str = "name = \"oak-lane\"\nextends = \"baseline\"\n";
/// The marking is only watched for.
const LENIENT: &str = "name = \"oak-lane\"\nextends = \"baseline\"\n\
    [[rules]]\nid = \"marking.special\"\nmode = \"monitor\"\n";

/// A gateway whose pack can be written, and where that lies.
async fn with_pack(next_hop: &NextHop) -> (Gateway, PathBuf) {
    let changes = Changes {
        school: "pack = \"own.toml\"".to_owned(),
        ..Changes::default()
    };
    let mut gateway = Gateway::configured(&[next_hop.address], &changes);
    let pack = gateway.config().with_file_name("own.toml");
    fs::write(&pack, STRICT).unwrap();
    gateway.start_again().await;
    (gateway, pack)
}

/// Reloads, and waits until the log says one more of these words.
async fn reload(gateway: &Gateway, words: &str) {
    let count = |log: String| log.matches(words).count();
    let before = count(gateway.log());
    gateway.signal(rustix::process::Signal::HUP);
    let mut ticks = tokio::time::interval(Duration::from_millis(50));
    tokio::time::timeout(Duration::from_secs(60), async {
        while count(gateway.log()) == before {
            ticks.tick().await;
        }
    })
    .await
    .unwrap_or_else(|_| panic!("it does not say {words:?}: {}", gateway.log()));
}

async fn session(gateway: &Gateway) -> Client {
    let mut session = Client::connect(gateway.smtp).await.unwrap();
    session.command("EHLO mail.oaklane.example").await.unwrap();
    session
}

/// The messages that a replay names, and its sums.
async fn replay(gateway: &Gateway, pack: &str) -> (Vec<Value>, Value) {
    let mut lines = gateway
        .json(&["policy", "replay", pack, "--since", "1d"])
        .await;
    let sums = lines.pop().unwrap();
    (lines, sums["summary"].clone())
}

#[tokio::test]
async fn another_pack_is_tried_on_the_mail_that_has_passed() {
    let next_hop = NextHop::start().await;
    let (gateway, own) = with_pack(&next_hop).await;
    submit(gateway.smtp, TEACHER, &[MOTHER], &own_child(MOTHER)).await;
    next_hop.until_taken_for(MOTHER).await;
    let mut session = session(&gateway).await;
    let reply = session.send(TEACHER, &[MOTHER], &unmarked()).await.unwrap();
    next_hop.until_taken_for(TEACHER).await;
    submit(gateway.smtp, TEACHER, &[OUTSIDER], &class_list()).await;
    next_hop.until_taken_for(HEADTEACHER).await;

    let lenient = own.with_file_name("lenient.toml");
    fs::write(&lenient, LENIENT).unwrap();
    let lenient = lenient.display().to_string();
    let (lines, sums) = replay(&gateway, &lenient).await;
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(lines[0]["before"], "hold");
    assert_eq!(lines[0]["after"], "deliver");
    assert_eq!(lines[0]["before_rules"][0], "marking.special");
    let id = lines[0]["message"].as_str().unwrap();
    assert!(reply.text.contains(id), "{reply:?} {id}");
    assert_eq!(sums["messages"], 3);
    assert_eq!(sums["unchanged"], 2);
    assert_eq!(sums["changed"], 1);
    assert_eq!(sums["open"], 0);
    let moved = serde_json::json!([{"before": "hold", "after": "deliver", "count": 1}]);
    assert_eq!(sums["changes"], moved);

    // For people: the same, and nobody is named.
    let said = gateway
        .text(&["policy", "replay", &lenient, "--since", "1d"])
        .await;
    assert!(
        said.contains("hold \u{2192} deliver  marking.special"),
        "{said}"
    );
    assert!(
        said.contains("3 message(s): 2 unchanged, 1 with another"),
        "{said}"
    );
    for person in ["@", "enwick", "Isla", "attendance", "class list"] {
        assert!(!said.contains(person), "{person}: {said}");
    }
    let summary = gateway
        .text(&["policy", "replay", &lenient, "--since", "1d", "--summary"])
        .await;
    assert!(!summary.contains(id), "{summary}");

    // A pack with a mistake is refused with its line, and nothing is judged.
    let out = gateway
        .run(&["policy", "replay", "no-such.toml", "--since", "1d"])
        .await;
    assert!(!out.status.success() && out.stdout.is_empty());
    for wrong in [
        ["--since", "tomorrow", "--school", "oak-lane"],
        ["--since", "2999-01-01", "--school", "oak-lane"],
        ["--since", "1d", "--school", "elm-lane"],
    ] {
        let arguments: Vec<&str> = ["policy", "replay", "baseline"]
            .into_iter()
            .chain(wrong)
            .collect();
        let out = gateway.run(&arguments).await;
        assert_eq!(out.status.code(), Some(2), "{wrong:?}");
    }
}

#[tokio::test]
async fn a_pack_goes_into_force_while_mail_flows_and_a_refused_one_does_not() {
    let next_hop = NextHop::start().await;
    let (gateway, own) = with_pack(&next_hop).await;
    submit(gateway.smtp, TEACHER, &[MOTHER], &unmarked()).await;
    next_hop.until_taken_for(TEACHER).await;
    assert!(next_hop.taken_for(MOTHER).is_empty());

    // A session that began before goes on, and what it sends is judged by the new pack.
    let mut session = session(&gateway).await;
    fs::write(&own, LENIENT).unwrap();
    reload(&gateway, "reloaded").await;
    session.send(TEACHER, &[MOTHER], &unmarked()).await.unwrap();
    next_hop.until_taken_for(MOTHER).await;

    fs::write(&own, LENIENT.replace("monitor", "monitr")).unwrap();
    reload(&gateway, "what ran before goes on").await;
    assert!(gateway.log().contains("monitr"), "the mistake is named");
    next_hop.forget();
    submit(gateway.smtp, TEACHER, &[MOTHER], &unmarked()).await;
    next_hop.until_taken_for(MOTHER).await;

    // Of what has passed, the pack of before would have stopped the two that went out.
    fs::write(&own, STRICT).unwrap();
    let (lines, sums) = replay(&gateway, &own.display().to_string()).await;
    assert_eq!(sums["messages"], 3, "{sums}");
    assert_eq!(sums["unchanged"], 1, "{sums}");
    let moved = serde_json::json!([{"before": "deliver", "after": "hold", "count": 2}]);
    assert_eq!(sums["changes"], moved, "{sums}");
    for line in lines {
        assert_eq!(line["after_rules"][0], "marking.special", "{line}");
    }
}
