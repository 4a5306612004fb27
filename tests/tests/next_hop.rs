//! A next hop that says 450, 550 or nothing, recipient by recipient.
#![allow(clippy::unwrap_used)]

use schoolgate_tests::client::submit;
use schoolgate_tests::gateway::Gateway;
use schoolgate_tests::mail::{assert_unchanged, field};
use schoolgate_tests::next_hop::{Answer, NextHop};
use schoolgate_tests::school::{MOTHER, TEACHER, message, own_child};

const FIRST: &str = "first@castlecoaches.example";
const BUSY: &str = "busy@castlecoaches.example";
const GONE: &str = "gone@castlecoaches.example";

fn ordinary() -> Vec<u8> {
    message(
        TEACHER,
        FIRST,
        "The coach on Thursday",
        "Dear all,\n\nplease have the coach at the gate at nine.\n\nCallum Birch",
    )
}

#[tokio::test]
async fn each_recipient_gets_what_its_own_answer_asks_for() {
    let next_hop = NextHop::start().await;
    next_hop.answer(BUSY, &[Answer::Say("450 4.2.1 Mailbox busy")]);
    next_hop.answer(GONE, &[Answer::Say("550 5.1.1 No such user")]);
    let gateway = Gateway::start(&[next_hop.address]).await;
    let message = ordinary();
    submit(gateway.smtp, TEACHER, &[FIRST, BUSY, GONE], &message).await;

    // 250: taken, and once.
    let first = next_hop.until_taken_for(FIRST).await;
    assert_unchanged(&first.content, &message);
    // 550: the sender gets a DSN (RFC 3464) from nobody.
    let report = next_hop.until_taken_for(TEACHER).await;
    assert_eq!(report.from, "");
    let kind = field(&report.content, "Content-Type").unwrap();
    assert!(kind.contains("report-type=delivery-status"), "{kind}");
    let text = String::from_utf8_lossy(&report.content).into_owned();
    assert!(
        text.contains(&format!("Final-Recipient: rfc822; {GONE}")),
        "{text}"
    );
    assert!(text.contains("Status: 5.1.1"), "{text}");
    assert!(!text.contains(BUSY), "a busy mailbox is no failure: {text}");
    // 450: waits, and goes at the next attempt.
    assert!(next_hop.taken_for(BUSY).is_empty());
    let queue = gateway.json(&["queue", "list"]).await;
    assert_eq!(queue.len(), 1, "{queue:?}");
    gateway.text(&["queue", "retry"]).await;
    let busy = next_hop.until_taken_for(BUSY).await;
    assert_unchanged(&busy.content, &message);
    assert_eq!(busy.recipients, [BUSY]);

    assert_eq!(next_hop.taken_for(FIRST).len(), 1);
    assert_eq!(next_hop.attempts_on(GONE), 1, "550 is final");
}

#[tokio::test]
async fn a_connection_dropped_at_a_recipient_is_tried_again() {
    let next_hop = NextHop::start().await;
    next_hop.answer(BUSY, &[Answer::Drop]);
    let gateway = Gateway::start(&[next_hop.address]).await;
    let message = ordinary();
    submit(gateway.smtp, TEACHER, &[BUSY], &message).await;
    next_hop.until_attempted(BUSY, 1).await;
    retry_until_taken(&gateway, &next_hop, BUSY).await;
    assert_eq!(next_hop.taken_for(BUSY).len(), 1);
}

#[tokio::test]
async fn a_connection_dropped_after_the_final_dot_is_in_doubt_and_tried_again() {
    let next_hop = NextHop::start().await;
    next_hop.answer_content(&[Answer::Drop]);
    let gateway = Gateway::start(&[next_hop.address]).await;
    let message = own_child(MOTHER);
    submit(gateway.smtp, TEACHER, &[MOTHER], &message).await;
    next_hop.until_attempted(MOTHER, 1).await;
    retry_until_taken(&gateway, &next_hop, MOTHER).await;
    let taken = next_hop.taken_for(MOTHER).remove(0);
    assert_unchanged(&taken.content, &message);
}

#[tokio::test]
async fn content_refused_for_good_goes_back_to_its_sender() {
    let next_hop = NextHop::start().await;
    next_hop.answer_content(&[Answer::Say("554 5.7.1 Not this")]);
    let gateway = Gateway::start(&[next_hop.address]).await;
    submit(gateway.smtp, TEACHER, &[MOTHER], &own_child(MOTHER)).await;
    let report = next_hop.until_taken_for(TEACHER).await;
    let text = String::from_utf8_lossy(&report.content).into_owned();
    assert!(text.contains("Status: 5.7.1"), "{text}");
    assert!(next_hop.taken_for(MOTHER).is_empty());
}

#[tokio::test]
async fn the_second_next_hop_takes_over_from_one_that_is_away() {
    let away = std::net::SocketAddr::new(schoolgate_tests::address::own(), 2526);
    let next_hop = NextHop::start().await;
    let gateway = Gateway::start(&[away, next_hop.address]).await;
    submit(gateway.smtp, TEACHER, &[MOTHER], &own_child(MOTHER)).await;
    next_hop.until_taken_for(MOTHER).await;
}

/// Asks for attempts until one succeeds: the first request can come before the failed
/// attempt is recorded.
async fn retry_until_taken(gateway: &Gateway, next_hop: &NextHop, recipient: &str) {
    let asking = async {
        let mut ticks = tokio::time::interval(std::time::Duration::from_millis(500));
        loop {
            ticks.tick().await;
            gateway.text(&["queue", "retry"]).await;
        }
    };
    tokio::select! {
        _ = next_hop.until_taken_for(recipient) => (),
        () = asking => (),
    }
}
