//! BDAT.

use super::harness::{Gate, OAK_CLIENT, settings, settings_with, without_trace};

async fn ready() -> (Gate, super::harness::Client<tokio::net::TcpStream>) {
    let gate = Gate::open(settings()).await;
    let mut client = gate.client().await;
    client.envelope("a@oak.example").await;
    (gate, client)
}

#[tokio::test]
async fn chunks_make_one_message() {
    let (gate, mut client) = ready().await;
    client.send("BDAT 12\r\nSubject: x\r\n").await;
    client.expect("250 2.0.0 12 octets").await;
    client
        .send("BDAT 0\r\nBDAT 3\r\n\r\n.BDAT 4 LAST\r\n\r\n.\n")
        .await;
    client.expect("250 2.0.0 0 octets").await;
    client.expect("250 2.0.0 3 octets").await;
    client.expect("550 5.6.11").await;
    client.envelope("a@oak.example").await;
    client
        .send("BDAT 12\r\nSubject: x\r\nBDAT 8 LAST\r\n\r\n.\r\n..\n")
        .await;
    client.expect("250").await;
    client.expect("550 5.6.11").await;
    client.envelope("a@oak.example").await;
    // CRLF may be split between chunks, and dots are only dots.
    client
        .send("BDAT 11\r\nSubject: x\rBDAT 9 last\r\n\n\r\n.\r\n..\r")
        .await;
    client.expect("250").await;
    client.expect("550 5.6.11").await;
    client.envelope("a@oak.example").await;
    client
        .send("BDAT 11\r\nSubject: x\rBDAT 10 last\r\n\n\r\n.\r\n..\r\n")
        .await;
    client.expect("250").await;
    client.expect("250 2.0.0 OK").await;
    assert_eq!(
        without_trace(&gate.only().1),
        b"Subject: x\r\n\r\n.\r\n..\r\n"
    );
}

#[tokio::test]
async fn an_empty_last_chunk_ends_a_message() {
    let (gate, mut client) = ready().await;
    client.send("BDAT 5\r\na\r\nb\r\nBDAT 0 LAST\r\n").await;
    client.expect("250").await;
    // The chunk ended within "b CR": its LF came too late, as the first octet of a command.
    client.expect("500 5.5.2").await;
    client.expect_end().await;
    assert!(gate.kept().is_empty());
    let (gate, mut client) = ready().await;
    client.send("BDAT 6\r\na\r\nb\r\nBDAT 0 LAST\r\n").await;
    client.expect("250").await;
    client.expect("250 2.0.0 OK").await;
    assert_eq!(without_trace(&gate.only().1), b"a\r\nb\r\n");
}

#[tokio::test]
async fn the_last_line_end_is_added_where_it_lacks() {
    let (gate, mut client) = ready().await;
    client.send("BDAT 15 LAST\r\nSubject: x\r\n\r\nb").await;
    client.expect("250 2.0.0 OK").await;
    assert_eq!(without_trace(&gate.only().1), b"Subject: x\r\n\r\nb\r\n");
}

#[tokio::test]
async fn bare_line_ends_are_refused_here_too() {
    for content in ["a\nb", "a\rb", "a\0b", "ab\r"] {
        let (gate, mut client) = ready().await;
        client
            .send(format!("BDAT {} LAST\r\n{content}NOOP\r\n", content.len()))
            .await;
        client.expect("550 5.6.").await;
        client.expect("250").await;
        assert!(gate.kept().is_empty());
    }
}

#[tokio::test]
async fn a_refused_chunk_fails_the_transaction() {
    let (gate, mut client) = ready().await;
    client
        .send("BDAT 3\r\na\nbBDAT 5 LAST\r\nQUIT\rNOOP\r\n")
        .await;
    client.expect("550 5.6.11").await;
    client.expect("503 5.5.1").await;
    client.expect("250 2.0.0").await;
    client.ask("RCPT TO:<c@home.example>", "503").await;
    client.ask("DATA", "503").await;
    client.ask("RSET", "250").await;
    let reply = client.deliver("a@oak.example", "x\r\n").await;
    assert!(reply.starts_with("250"), "{reply}");
    assert_eq!(gate.kept().len(), 1);
}

#[tokio::test]
async fn chunks_out_of_place_are_read_away() {
    let gate = Gate::open(settings()).await;
    let mut client = gate.client().await;
    client
        .send("BDAT 6\r\nQUIT\r\nEHLO mail.oak.example\r\nBDAT 6 LAST\r\nQUIT\r\n")
        .await;
    client.expect("503 5.5.1").await;
    client.expect("250").await;
    client.expect("503 5.5.1").await;
    client.ask("MAIL FROM:<a@oak.example>", "250").await;
    client.send("BDAT 6 LAST\r\nQUIT\r\n").await;
    client.expect("554 5.5.1").await;
    client.ask("RCPT TO:<b@home.example>", "250").await;
}

#[tokio::test]
async fn a_size_that_cannot_be_read_closes_the_session() {
    for size in [
        "99999999999999999999999",
        "4294967296",
        "-1",
        "+5",
        "",
        "x",
        "5 FIRST",
    ] {
        let (gate, mut client) = ready().await;
        client.send(format!("BDAT {size}\r\nQUIT\r\n")).await;
        client.expect("501 5.5.4").await;
        client.expect_end().await;
        assert!(gate.kept().is_empty());
    }
}

#[tokio::test]
async fn a_chunk_beyond_the_limit_is_read_away_and_refused() {
    let gate = Gate::open(settings_with(OAK_CLIENT, "message_size = 65536")).await;
    let mut client = gate.client().await;
    client.envelope("a@oak.example").await;
    let content = "0123456\r\n".repeat(10_000);
    client
        .send(format!("BDAT {}\r\n{content}NOOP\r\n", content.len()))
        .await;
    client.expect("552 5.3.4").await;
    client.expect("250").await;
    assert_eq!(gate.discarded(), 1);
}

#[tokio::test]
async fn data_and_rcpt_have_no_place_behind_bdat() {
    let (_gate, mut client) = ready().await;
    client.send("BDAT 3\r\na\r\n").await;
    client.expect("250").await;
    client.ask("DATA", "503 5.5.1").await;
    client.ask("RCPT TO:<c@home.example>", "503 5.5.1").await;
    client.ask("MAIL FROM:<a@oak.example>", "503 5.5.1").await;
    client.ask("BDAT 0 LAST", "250 2.0.0 OK").await;
}
