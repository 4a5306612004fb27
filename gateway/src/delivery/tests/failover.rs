//! Several next hops, and connections that break.

use super::double::{Double, Say, Script, line};
use super::*;

/// A first next hop as scripted, then a good one; answers both.
async fn first_fails(script: Script, expected: &str) -> (Double, Double) {
    let first = Double::start(script).await;
    let second = Double::start(Script::good()).await;
    let hops = over(&[&first, &second]);
    let outcomes = attempt(&hops, &[0, 1], &mail(&["a@one.example", "b@two.example"])).await;
    check(&outcomes, &[expected; 2]);
    (first, second)
}

fn at_stage(stage: &'static str, say: fn() -> Say) -> Script {
    Script::new(move |at| at.command.starts_with(stage).then(say))
}

#[tokio::test]
async fn a_dropped_connection_moves_on_at_every_stage_before_the_content() {
    for stage in ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"] {
        let (_, second) = first_fails(at_stage(stage, || Say::Drop), "taken 1 250 2.0.0").await;
        assert_eq!(second.messages().len(), 1, "{stage}");
    }
}

#[tokio::test]
async fn and_so_does_421() {
    for stage in ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"] {
        let script = at_stage(stage, || Say::Last("421 4.3.2 closing".to_owned()));
        first_fails(script, "taken 1 250 2.0.0").await;
    }
}

#[tokio::test]
async fn and_so_does_silence() {
    // The clock runs by itself once the double is silent: no test waits.
    for stage in ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"] {
        let double = Double::start(at_stage(stage, || Say::Silence)).await;
        let outcomes = attempt(&over(&[&double]), &[0], &mail(&["a@one.example"])).await;
        check(&outcomes, &["deferred 0 451 4.4.2 unreachable"]);
        tokio::time::resume();
    }
}

#[tokio::test]
async fn a_refused_session_moves_on() {
    for greeting in ["554 5.3.2 no service", "450 4.3.2 busy"] {
        let script = Script::new(move |at| match at.command {
            "CONNECT" => line(greeting),
            _ => None,
        });
        first_fails(script, "taken 1 250 2.0.0").await;
    }
}

#[tokio::test]
async fn a_4xx_on_mail_moves_on() {
    let script = Script::new(|at| match at.command {
        c if c.starts_with("MAIL") => line("451 4.3.0 not now"),
        _ => None,
    });
    first_fails(script, "taken 1 250 2.0.0").await;
}

#[tokio::test]
async fn a_recipients_own_4xx_does_not_move_on() {
    let script = Script::new(|at| match at.command {
        c if c.starts_with("RCPT") => line("450 4.2.0 later"),
        _ => None,
    });
    let (_, second) = first_fails(script, "deferred 0 450 4.2.0 refused").await;
    assert!(second.sessions().is_empty());
}

#[tokio::test]
async fn doubt_does_not_move_on() {
    // Another next hop at once would make the duplicate sure.
    let (_, second) =
        first_fails(at_stage(".", || Say::Drop), "deferred 0 451 4.4.2 in-doubt").await;
    assert!(second.sessions().is_empty());
}

#[tokio::test]
async fn a_break_within_the_content_leaves_doubt() {
    let script = Script::new(|at| (at.command == "CONTENT").then_some(Say::Drop));
    first_fails(script, "deferred 0 451 4.4.2 in-doubt").await;
}

#[tokio::test]
async fn when_all_are_down_everybody_waits() {
    let first = Double::start(at_stage("CONNECT", || Say::Drop)).await;
    let second = Double::start(at_stage("CONNECT", || Say::Last("421 4.3.2 down".into()))).await;
    let hops = over(&[&first, &second]);
    let outcomes = attempt(&hops, &[0, 1], &mail(&["a@one.example"])).await;
    check(&outcomes, &["deferred 1 421 4.3.2 unreachable"]);
}

#[tokio::test]
async fn a_closed_port_is_unreachable() {
    let port = {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .unwrap();
        listener.local_addr().unwrap().port()
    };
    let outcomes = attempt(&next_hops(&[hop(port)]), &[0], &mail(&["a@one.example"])).await;
    check(&outcomes, &["deferred 0 451 4.4.1 unreachable"]);
}

#[tokio::test]
async fn no_next_hop_is_a_matter_of_configuration() {
    let outcomes = attempt(&next_hops(&[]), &[0, 7], &mail(&["a@one.example"])).await;
    check(&outcomes, &["deferred - 451 4.3.5 configuration"]);
}

#[tokio::test]
async fn answers_given_before_the_break_hold() {
    let script = Script::new(|at| match at.command {
        c if c.contains("<a@") => line("550 5.1.1 no such user"),
        c if c.contains("<b@") => Some(Say::Drop),
        _ => None,
    });
    let first = Double::start(script).await;
    let second = Double::start(Script::good()).await;
    let hops = over(&[&first, &second]);
    let outcomes = attempt(&hops, &[0, 1], &mail(&["a@one.example", "b@two.example"])).await;
    check(&outcomes, &["failed 0 550 5.1.1", "taken 1 250 2.0.0"]);
}

#[tokio::test]
async fn one_that_was_down_a_moment_ago_stands_last() {
    let first = Double::start(at_stage("CONNECT", || Say::Drop)).await;
    let second = Double::start(Script::good()).await;
    let hops = over(&[&first, &second]);
    for _ in 0..3 {
        let outcomes = attempt(&hops, &[0, 1], &mail(&["a@one.example"])).await;
        check(&outcomes, &["taken 1 250 2.0.0"]);
    }
    assert_eq!(
        first.sessions().len(),
        1,
        "it was not asked again and again"
    );
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(31)).await;
    tokio::time::resume();
    attempt(&hops, &[0, 1], &mail(&["a@one.example"])).await;
    assert_eq!(first.sessions().len(), 2, "but in time it is");
}

#[tokio::test]
async fn a_server_that_knows_helo_only_still_takes_mail() {
    let script = Script::new(|at| match at.command {
        c if c.starts_with("EHLO") => line("502 5.5.2 what"),
        _ => None,
    });
    let double = Double::start(script).await;
    let outcomes = attempt(&over(&[&double]), &[0], &mail(&["a@one.example"])).await;
    check(&outcomes, &["taken 0 250 2.0.0"]);
    assert_eq!(double.said("MAIL"), ["MAIL FROM:<office@ashgrove.example>"]);
}
