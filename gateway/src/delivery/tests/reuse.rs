//! Connections that serve more than one message.

use super::double::{Double, Say, Script, line};
use super::*;

async fn send(hops: &NextHops, times: usize) {
    for _ in 0..times {
        check(
            &attempt(hops, &[0], &mail(&["a@one.example"])).await,
            &["taken 0 250 2.0.0"],
        );
    }
}

#[tokio::test]
async fn one_connection_carries_many_messages() {
    let double = Double::start(Script::good()).await;
    send(&over(&[&double]), 5).await;
    assert_eq!(double.sessions().len(), 1);
    assert_eq!(double.messages().len(), 5);
    assert_eq!(double.said("EHLO").len(), 1);
}

#[tokio::test]
async fn but_not_for_ever() {
    let double = Double::start(Script::good()).await;
    send(&over(&[&double]), 101).await;
    assert_eq!(double.sessions().len(), 2);
}

#[tokio::test]
async fn one_that_was_closed_in_the_meantime_is_replaced() {
    let script = Script::new(|at| match at.command {
        // It takes one message and leaves.
        "." => Some(Say::Last("250 2.0.0 taken".to_owned())),
        _ => None,
    });
    let double = Double::start(script).await;
    send(&over(&[&double]), 3).await;
    assert_eq!(double.messages().len(), 3);
}

#[tokio::test]
async fn one_that_says_421_when_used_again_is_replaced() {
    let script = Script::new(|at| match at.command {
        c if c.starts_with("MAIL") && at.taken == 1 => {
            Some(Say::Last("421 4.4.2 you were idle".to_owned()))
        }
        _ => None,
    });
    let double = Double::start(script).await;
    send(&over(&[&double]), 3).await;
    assert_eq!(double.sessions().len(), 3);
}

#[tokio::test]
async fn an_idle_one_is_closed_in_time() {
    let double = Double::start(Script::good()).await;
    let hops = over(&[&double]);
    send(&hops, 1).await;
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(31)).await;
    tokio::time::resume();
    send(&hops, 1).await;
    assert_eq!(double.sessions().len(), 2);
}

#[tokio::test]
async fn a_refusal_does_not_spoil_the_connection() {
    let script = Script::new(|at| match at.command {
        c if c.contains("<b@") => line("550 5.1.1 no such user"),
        _ => None,
    });
    let double = Double::start(script).await;
    let hops = over(&[&double]);
    check(
        &attempt(&hops, &[0], &mail(&["b@two.example"])).await,
        &["failed 0 550 5.1.1"],
    );
    send(&hops, 1).await;
    assert_eq!(double.sessions().len(), 1);
}

#[tokio::test]
async fn messages_at_once_have_connections_of_their_own() {
    let double = Double::start(Script::good()).await;
    let hops = over(&[&double]);
    let (one, two) = (mail(&["a@one.example"]), mail(&["b@two.example"]));
    let (first, second) = tokio::join!(attempt(&hops, &[0], &one), attempt(&hops, &[0], &two));
    check(&[first, second].concat(), &["taken 0 250 2.0.0"; 2]);
    assert_eq!(double.sessions().len(), 2);
}

#[tokio::test]
async fn goodbye_is_said() {
    let double = Double::start(Script::good()).await;
    let hops = over(&[&double]);
    send(&hops, 1).await;
    hops.close_all();
    // The next session comes after the goodbye on this one thread.
    while double.said("QUIT").is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(double.said("QUIT").len(), 1);
}

#[tokio::test]
async fn an_attempt_runs_in_a_task_of_its_own() {
    let double = Double::start(Script::good()).await;
    let hops = std::sync::Arc::new(over(&[&double]));
    let tasks: Vec<_> = (0..3)
        .map(|_| {
            let hops = hops.clone();
            tokio::spawn(async move { attempt(&hops, &[0], &mail(&["a@one.example"])).await })
        })
        .collect();
    for task in tasks {
        check(&task.await.unwrap(), &["taken 0 250 2.0.0"]);
    }
}

#[tokio::test]
async fn one_that_has_gone_silent_is_replaced() {
    let script = Script::new(|at| {
        let again = at.command.starts_with("MAIL") && at.taken == 1;
        // A little longer than we wait.
        again.then_some(Say::SilenceFor(Duration::from_secs(301)))
    });
    let double = Double::start(script).await;
    let hops = over(&[&double]);
    send(&hops, 2).await;
    assert_eq!(double.sessions().len(), 2);
}
