//! Every limit, and what is on the right side of it.

use super::harness::{Gate, OAK_CLIENT, settings_with};

async fn gate(limits: &str) -> Gate {
    Gate::open(settings_with(OAK_CLIENT, limits)).await
}

/// The reply to one message under these limits.
async fn reply(limits: &str, content: &str) -> String {
    let gate = gate(limits).await;
    let mut client = gate.client().await;
    client.ask("EHLO mail.oak.example", "250").await;
    let reply = client.deliver("a@oak.example", content).await;
    assert_eq!(
        gate.kept().len(),
        usize::from(reply.starts_with("250")),
        "{reply}"
    );
    client.ask("NOOP", "250").await;
    reply
}

#[tokio::test]
async fn a_size_that_is_announced_too_great_is_refused_at_mail() {
    let gate = gate("message_size = 65536").await;
    let mut client = gate.client().await;
    client.ask("EHLO mail.oak.example", "250").await;
    client
        .ask("MAIL FROM:<a@oak.example> SIZE=65537", "552 5.3.4")
        .await;
    client
        .ask(
            "MAIL FROM:<a@oak.example> SIZE=99999999999999999999",
            "552 5.3.4",
        )
        .await;
    client
        .ask("MAIL FROM:<a@oak.example> SIZE=65536", "250")
        .await;
}

#[tokio::test]
async fn a_message_is_as_big_as_the_limit_at_most() {
    let fits = format!("\r\n{}\r\n", "x".repeat(65_532));
    assert!(
        reply("message_size = 65536", &fits)
            .await
            .starts_with("250")
    );
    let more = format!("\r\n{}\r\n", "x".repeat(65_533));
    assert!(
        reply("message_size = 65536", &more)
            .await
            .starts_with("552 5.3.4")
    );
    let much = "x\r\n".repeat(100_000);
    assert!(
        reply("message_size = 65536", &much)
            .await
            .starts_with("552 5.3.4")
    );
}

#[tokio::test]
async fn a_line_is_as_long_as_the_limit_at_most() {
    let limits = "line_length = 2000";
    let line = |n: usize| format!("\r\n{}\r\n", "x".repeat(n));
    assert!(reply(limits, &line(2000)).await.starts_with("250"));
    assert!(reply(limits, &line(2001)).await.starts_with("550 5.6.0"));
}

#[tokio::test]
async fn a_header_is_as_big_as_the_limit_at_most() {
    let limits = "header_size = 100";
    let header = |n: usize| format!("A: {}\r\n\r\nbody\r\n", "x".repeat(n - 7));
    assert!(reply(limits, &header(100)).await.starts_with("250"));
    assert!(reply(limits, &header(101)).await.starts_with("552 5.3.4"));
    assert!(
        reply(limits, &"no header\r\n".repeat(20))
            .await
            .starts_with("552 5.3.4")
    );
}

#[tokio::test]
async fn mail_in_a_loop_is_refused() {
    let content = |n: usize| format!("{}\r\n", "Received: by a; b\r\n".repeat(n));
    assert!(reply("received = 5", &content(5)).await.starts_with("250"));
    assert!(
        reply("received = 5", &content(6))
            .await
            .starts_with("554 5.4.6")
    );
}

#[tokio::test]
async fn recipients_beyond_the_limit_come_later() {
    let gate = gate("recipients = 2\nerrors = 3").await;
    let mut client = gate.client().await;
    client.ask("EHLO mail.oak.example", "250").await;
    client.ask("MAIL FROM:<a@oak.example>", "250").await;
    client.ask("RCPT TO:<b@home.example>", "250").await;
    client.ask("RCPT TO:<c@home.example>", "250").await;
    for _ in 0..5 {
        client.ask("RCPT TO:<d@home.example>", "452 4.5.3").await;
    }
    client.ask("DATA", "354").await;
    client.ask(".", "250").await;
    assert_eq!(gate.only().0.recipients.len(), 2);
}

#[tokio::test]
async fn a_session_takes_so_many_recipients() {
    let gate = gate("recipients_per_session = 3").await;
    let mut client = gate.client().await;
    client.ask("EHLO mail.oak.example", "250").await;
    client.deliver("a@oak.example", "x\r\n").await;
    client.ask("MAIL FROM:<a@oak.example>", "250").await;
    client.ask("RCPT TO:<b@home.example>", "250").await;
    client.ask("RCPT TO:<c@home.example>", "250").await;
    client.ask("RCPT TO:<d@home.example>", "452 4.5.3").await;
    client.ask("DATA", "354").await;
    client.ask(".", "250").await;
    client.ask("MAIL FROM:<a@oak.example>", "421 4.5.3").await;
    client.expect_end().await;
}

#[tokio::test]
async fn sessions_of_one_client_are_counted() {
    let gate = gate("sessions_per_client = 2").await;
    let first = gate.client().await;
    let mut second = gate.client().await;
    let mut third = gate.connect().await;
    third.expect("421 4.7.0").await;
    third.expect_end().await;
    second.ask("QUIT", "221").await;
    second.expect_end().await;
    // The place is free once the session's task is gone; it closes before it goes.
    drop(second);
    loop {
        let mut next = gate.connect().await;
        if next.reply().await.starts_with("220") {
            break;
        }
    }
    drop(first);
}

#[tokio::test]
async fn sessions_in_all_are_counted() {
    let gate = gate("sessions = 1").await;
    let _first = gate.client().await;
    assert_eq!(gate.service.open_sessions(), 1);
    gate.connect().await.expect("421 4.7.0").await;
}

#[tokio::test]
async fn errors_end_a_session() {
    let gate = gate("errors = 3").await;
    let mut client = gate.client().await;
    client.ask("FROB", "500").await;
    client.ask("EHLO mail.oak.example", "250").await;
    client.ask("MAIL FROM:<a@elsewhere.example>", "550").await;
    client.ask("FROB", "500").await;
    client.expect("421 4.7.0").await;
    client.expect_end().await;
}

#[tokio::test]
async fn long_command_lines_are_refused() {
    let gate = gate("").await;
    let mut client = gate.client().await;
    client
        .ask(&format!("NOOP {}", "x".repeat(993)), "250")
        .await;
    client
        .ask(&format!("NOOP {}", "x".repeat(994)), "500 5.5.2")
        .await;
    client.ask("NOOP", "250").await;
    client.send("x".repeat(13_000)).await;
    client.expect("500 5.5.2").await;
    client.expect_end().await;
}

#[tokio::test]
async fn strangers_cannot_take_every_session() {
    let elsewhere = OAK_CLIENT.replace("127.0.0.1", "192.0.2.10");
    let gate = Gate::open(settings_with(&elsewhere, "sessions = 20")).await;
    let _first = gate.client().await;
    let mut second = gate.client().await;
    gate.connect().await.expect("421 4.7.0").await;
    second.ask("EHLO mail.oak.example", "250").await;
    second.ask("MAIL FROM:<a@oak.example>", "550 5.7.1").await;
}

#[tokio::test]
async fn content_streams_through_in_small_pieces() {
    let gate = gate("").await;
    let mut client = gate.client().await;
    client.ask("EHLO mail.oak.example", "250").await;
    let content = format!("Subject: x\r\n\r\n{}", "0123456789\r\n".repeat(700_000));
    let reply = client.deliver("a@oak.example", &content).await;
    assert!(reply.starts_with("250"), "{reply}");
    assert!(gate.only().1.ends_with(content.as_bytes()));
    let largest = gate.double.0.lock().unwrap().largest_write;
    assert!(largest <= 64 * 1024, "{largest} octets at once");
}
