//! A store that is full or failing, clients that vanish, and the end of the gateway.

use super::harness::{Gate, Mood, settings};

const CONTENT: &str = "Subject: x\r\n\r\nbody\r\n";

/// The reply to the content of a message under a mood; the session must go on.
async fn reply_in(mood: Mood) -> String {
    let gate = Gate::open(settings()).await;
    gate.mood(mood);
    let mut client = gate.client().await;
    client.ask("EHLO mail.oak.example", "250").await;
    let reply = client.deliver("a@oak.example", CONTENT).await;
    assert!(gate.kept().is_empty());
    assert_eq!(gate.discarded(), 1);
    gate.mood(Mood::Good);
    let again = client.deliver("a@oak.example", CONTENT).await;
    assert!(again.starts_with("250"), "{again}");
    reply
}

#[tokio::test]
async fn a_full_store_is_452_and_a_failing_one_451() {
    assert!(reply_in(Mood::WritesFull).await.starts_with("452 4.3.1"));
    assert!(reply_in(Mood::WritesFail).await.starts_with("451 4.3.0"));
    assert!(reply_in(Mood::AcceptFull).await.starts_with("452 4.3.1"));
    assert!(reply_in(Mood::AcceptFails).await.starts_with("451 4.3.0"));
}

#[tokio::test]
async fn without_room_nothing_begins() {
    let gate = Gate::open(settings()).await;
    let mut client = gate.client().await;
    client.envelope("a@oak.example").await;
    gate.mood(Mood::NoRoom);
    client.ask("DATA", "452 4.3.1").await;
    client.ask("MAIL FROM:<a@oak.example>", "452 4.3.1").await;
    gate.mood(Mood::Good);
    client.envelope("a@oak.example").await;
    gate.mood(Mood::NoRoom);
    client.send("BDAT 4 LAST\r\nab\r\nNOOP\r\n").await;
    client.expect("452 4.3.1").await;
    client.expect("250").await;
}

#[tokio::test]
async fn a_full_store_refuses_chunks_too() {
    let gate = Gate::open(settings()).await;
    gate.mood(Mood::WritesFull);
    let mut client = gate.client().await;
    client.envelope("a@oak.example").await;
    client.send("BDAT 6\r\na\r\n\r\nb").await;
    client.expect("452 4.3.1").await;
    client.send("BDAT 2 LAST\r\n\r\n").await;
    client.expect("503").await;
    client.ask("RSET", "250").await;
}

#[tokio::test]
async fn a_client_that_vanishes_leaves_nothing() {
    for part in [
        "DATA\r\nSubject: x\r\n\r\nbody",
        "BDAT 900 LAST\r\nSubject: x\r\n\r\n",
        "BDAT 3\r\na\r\n",
    ] {
        let gate = Gate::open(settings()).await;
        let mut client = gate.client().await;
        client.envelope("a@oak.example").await;
        client.send(part).await;
        let replies = client.finish().await;
        assert!(replies.iter().all(|r| !r.contains("kept")), "{replies:?}");
        assert!(gate.kept().is_empty());
        while gate.service.open_sessions() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(gate.discarded(), 1);
    }
}

#[tokio::test]
async fn a_half_closed_client_gets_its_replies() {
    let gate = Gate::open(settings()).await;
    let mut client = gate.client().await;
    client
        .send(format!(
            "EHLO mail.oak.example\r\nMAIL FROM:<a@oak.example>\r\nRCPT TO:<b@home.example>\r\n\
             DATA\r\n{CONTENT}.\r\nNOO"
        ))
        .await;
    let replies = client.finish().await;
    assert_eq!(replies.len(), 5, "{replies:?}");
    assert!(replies[4].starts_with("250 2.0.0"), "{replies:?}");
    assert_eq!(gate.kept().len(), 1);
}

#[tokio::test]
async fn at_shutdown_idle_sessions_end_and_open_transactions_are_finished() {
    let gate = Gate::open(settings()).await;
    let mut idle = gate.client().await;
    let mut busy = gate.client().await;
    busy.envelope("a@oak.example").await;
    busy.ask("DATA", "354").await;
    gate.shutdown.send(true).unwrap();
    idle.expect("421 4.3.2").await;
    idle.expect_end().await;
    busy.send(format!("{CONTENT}.\r\n")).await;
    busy.expect("250 2.0.0").await;
    busy.expect("421 4.3.2").await;
    busy.expect_end().await;
    drop((idle, busy));
    let address = gate.address;
    assert_eq!(gate.kept().len(), 1);
    gate.served.await.unwrap();
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
