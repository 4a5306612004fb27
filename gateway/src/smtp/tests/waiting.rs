//! Clients that are slow, or say nothing: the clock is moved, not waited for.

use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, sleep};

use super::harness::{Gate, settings};

async fn gate() -> Gate {
    Gate::open(settings()).await
}

#[tokio::test(start_paused = true)]
async fn a_silent_client_is_told_after_five_minutes() {
    let gate = gate().await;
    let mut client = gate.wire("127.0.0.1");
    let began = Instant::now();
    client.expect("220").await;
    client.expect("421 4.4.2").await;
    assert!(began.elapsed() >= Duration::from_secs(300));
    client.expect_end().await;
}

#[tokio::test(start_paused = true)]
async fn an_octet_now_and_then_does_not_keep_a_command_open() {
    let gate = gate().await;
    let mut client = gate.wire("127.0.0.1");
    client.expect("220").await;
    for _ in 0..4 {
        client.send("N").await;
        sleep(Duration::from_secs(70)).await;
    }
    client.expect("421 4.4.2").await;
}

#[tokio::test(start_paused = true)]
async fn content_that_stops_is_discarded_after_three_minutes() {
    let gate = gate().await;
    let mut client = gate.wire("127.0.0.1");
    client.expect("220").await;
    client.envelope("a@oak.example").await;
    client.ask("DATA", "354").await;
    client.send("Subject: x\r\n").await;
    let began = Instant::now();
    client.expect("421 4.4.2").await;
    assert!(began.elapsed() >= Duration::from_secs(180));
    assert_eq!(gate.discarded(), 1);
    assert!(gate.kept().is_empty());
}

#[tokio::test(start_paused = true)]
async fn content_that_trickles_is_too_slow_in_the_end() {
    let gate = gate().await;
    for begin in ["DATA\r\n", "BDAT 4000\r\n"] {
        let mut client = gate.wire("127.0.0.1");
        client.expect("220").await;
        client.envelope("a@oak.example").await;
        client.send(begin).await;
        if begin.starts_with("DATA") {
            client.expect("354").await;
        }
        for _ in 0..5 {
            client.send("x").await;
            sleep(Duration::from_secs(130)).await;
        }
        client.send("x").await;
        client.expect("421 4.4.2").await;
        client.expect_end().await;
    }
    assert!(gate.kept().is_empty());
}

#[tokio::test(start_paused = true)]
async fn slow_content_within_bounds_is_taken() {
    let gate = gate().await;
    let mut client = gate.wire("127.0.0.1");
    client.expect("220").await;
    client.envelope("a@oak.example").await;
    client.ask("DATA", "354").await;
    for _ in 0..4 {
        client.send("x: y\r\n").await;
        sleep(Duration::from_secs(100)).await;
    }
    client.ask(".", "250").await;
    assert_eq!(gate.kept().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_reads_no_reply_loses_its_session() {
    let gate = gate().await;
    let mut client = gate.wire("127.0.0.1");
    // Far more than the pipe holds in either direction, and no reply is read.
    let many = "HELP\r\n".repeat(40_000);
    let began = Instant::now();
    let sent = client.stream.write_all(many.as_bytes()).await;
    assert!(sent.is_err(), "the session is gone");
    assert!(began.elapsed() >= Duration::from_secs(300));
}

#[tokio::test(start_paused = true)]
async fn a_transaction_that_does_not_end_is_cut_off_at_shutdown() {
    let gate = gate().await;
    let mut client = gate.client().await;
    client.envelope("a@oak.example").await;
    gate.shutdown.send(true).unwrap();
    let began = Instant::now();
    gate.served.await.unwrap();
    assert!(began.elapsed() >= Duration::from_secs(30));
    client.expect_end().await;
}
