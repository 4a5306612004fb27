//! Each verb, in order and out of it.

use super::harness::{Gate, OAK_CLIENT, settings, settings_with, without_trace};

async fn play(dialogue: &str) -> Gate {
    let gate = Gate::open(settings()).await;
    gate.connect().await.play(dialogue).await;
    gate
}

#[tokio::test]
async fn a_message_is_relayed_with_its_envelope() {
    let gate = play(
        "S: 220 gate.oak.example
         C: EHLO mail.oak.example
         S: 250-gate.oak.example
         C: MAIL FROM:<Office@oak.example> SIZE=100 BODY=8BITMIME RET=HDRS ENVID=QQ+2B314
         S: 250 2.1.0
         C: RCPT TO:<a@home.example> NOTIFY=success,delay ORCPT=rfc822;A+2Bb@home.example
         S: 250 2.1.5
         C: RCPT TO:<\"b c\"@[192.0.2.1]> NOTIFY=NEVER
         S: 250 2.1.5
         C: RCPT TO:<@old.example:postmaster@home.example>
         S: 250 2.1.5
         C: RCPT TO:<Postmaster>
         S: 250 2.1.5
         C: DATA
         S: 354
         C: Subject: trip
         C:
         C: Bring a coat.
         C: .
         S: 250 2.0.0 OK, kept as 07070707070707070707070707070707
         C: QUIT
         S: 221 2.0.0",
    )
    .await;
    let (arrival, content) = gate.only();
    assert_eq!(arrival.school.as_deref(), Some("oak"));
    assert_eq!(arrival.reverse_path, "Office@oak.example");
    assert_eq!(arrival.ret.as_deref(), Some("HDRS"));
    assert_eq!(arrival.envid.as_deref(), Some("QQ+314"));
    assert!(arrival.eight_bit && !arrival.smtputf8);
    assert_eq!(arrival.keep, None);
    assert_eq!(arrival.client.name, "oak mail");
    assert_eq!(arrival.client.helo, "mail.oak.example");
    assert_eq!(arrival.client.tls, None);
    let paths: Vec<&str> = arrival.recipients.iter().map(|r| r.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "a@home.example",
            "\"b c\"@[192.0.2.1]",
            "postmaster@home.example",
            "Postmaster"
        ]
    );
    assert_eq!(
        arrival.recipients[0].notify.as_deref(),
        Some("SUCCESS,DELAY")
    );
    assert_eq!(
        arrival.recipients[0].orcpt.as_deref(),
        Some("rfc822;A+b@home.example")
    );
    assert_eq!(arrival.recipients[1].notify.as_deref(), Some("NEVER"));
    assert_eq!(
        without_trace(&content),
        b"Subject: trip\r\n\r\nBring a coat.\r\n"
    );
    let trace = String::from_utf8(content).unwrap();
    assert!(trace.starts_with(
        "Received: from mail.oak.example ([127.0.0.1])\r\n\tby gate.oak.example with ESMTP id 0707"
    ));
    assert!(!trace.contains("for <"), "several recipients are not named");
}

#[tokio::test]
async fn ehlo_says_what_is_offered() {
    let gate = Gate::open(settings()).await;
    let reply = gate
        .client()
        .await
        .ask("EHLO mail.oak.example", "250")
        .await;
    let lines: Vec<&str> = reply.split('|').map(|l| &l[4..]).collect();
    assert_eq!(
        lines,
        [
            "gate.oak.example",
            "SIZE 67108864",
            "PIPELINING",
            "8BITMIME",
            "SMTPUTF8",
            "ENHANCEDSTATUSCODES",
            "DSN",
            "CHUNKING"
        ],
        "no STARTTLS without a certificate, no AUTH in clear, never BINARYMIME"
    );
}

#[tokio::test]
async fn helo_will_do() {
    let gate = play(
        "S: 220
         C: HELO old.oak.example
         S: 250 gate.oak.example
         C: mail from: <a@oak.example>
         S: 250
         C: rcpt to: <b@home.example>
         S: 250
         C: data
         S: 354
         C: .
         S: 250",
    )
    .await;
    let text = String::from_utf8(gate.only().1).unwrap();
    assert!(text.contains(" with SMTP id "), "{text}");
    assert!(text.contains("\tfor <b@home.example>;"), "{text}");
}

#[tokio::test]
async fn verbs_out_of_order_are_told_so() {
    play(
        "S: 220
         C: MAIL FROM:<a@oak.example>
         S: 503 5.5.1
         C: EHLO
         S: 501 5.5.4
         C: EHLO bad;name
         S: 501 5.5.4
         C: EHLO mail.oak.example
         S: 250
         C: RCPT TO:<b@home.example>
         S: 503 5.5.1
         C: DATA
         S: 503 5.5.1
         C: MAIL FROM:<a@oak.example>
         S: 250
         C: MAIL FROM:<a@oak.example>
         S: 503 5.5.1
         C: DATA
         S: 554 5.5.1
         C: DATA now
         S: 501 5.5.4
         C: QUIT now
         S: 501 5.5.4",
    )
    .await;
}

#[tokio::test]
async fn rset_and_ehlo_forget_the_transaction() {
    play(
        "S: 220
         C: EHLO mail.oak.example
         S: 250
         C: MAIL FROM:<a@oak.example>
         S: 250
         C: RSET x
         S: 501
         C: RSET
         S: 250 2.0.0
         C: RCPT TO:<b@home.example>
         S: 503
         C: MAIL FROM:<a@oak.example>
         S: 250
         C: EHLO mail.oak.example
         S: 250
         C: RCPT TO:<b@home.example>
         S: 503",
    )
    .await;
}

#[tokio::test]
async fn the_small_verbs_answer() {
    play(
        "S: 220
         C: NOOP
         S: 250 2.0.0
         C: NOOP and more
         S: 250 2.0.0
         C: VRFY a@oak.example
         S: 252 2.0.0
         C: EXPN staff
         S: 502 5.5.1
         C: HELP
         S: 214 2.0.0
         C: TURN
         S: 500 5.5.1
         C:
         S: 500 5.5.1
         C: STARTTLS
         S: 502 5.5.1
         C: AUTH PLAIN
         S: 502 5.5.1
         C: quit
         S: 221 2.0.0",
    )
    .await;
}

#[tokio::test]
async fn bad_paths_are_refused() {
    play(
        "S: 220
         C: EHLO mail.oak.example
         S: 250
         C: MAIL FROM:a@oak.example
         S: 501 5.1.7
         C: MAIL TO:<a@oak.example>
         S: 501 5.1.7
         C: MAIL FROM:<a@oak.example
         S: 501 5.1.7
         C: MAIL FROM:<a@oak.example>SIZE=1
         S: 501 5.5.4
         C: MAIL FROM:<a@oak.example>
         S: 250
         C: RCPT TO:<>
         S: 501 5.1.3
         C: RCPT TO:<somebody>
         S: 501 5.1.3
         C: RCPT TO:<b c@home.example>
         S: 501 5.1.3",
    )
    .await;
}

#[tokio::test]
async fn bad_parameters_are_refused() {
    let gate = Gate::open(settings_with(OAK_CLIENT, "errors = 100")).await;
    let mut client = gate.client().await;
    client.ask("EHLO mail.oak.example", "250").await;
    for (parameters, reply) in [
        ("FROB=1", "555 5.5.4"),
        ("SIZE=x", "501 5.5.4"),
        ("SIZE", "501 5.5.4"),
        ("BODY=9BIT", "501 5.5.4"),
        ("BODY=BINARYMIME", "555 5.6.1"),
        ("RET=SOME", "501 5.5.4"),
        ("RET=FULL RET=FULL", "501 5.5.4"),
        ("ENVID=a+0Ab", "501 5.5.4"),
        ("SMTPUTF8=1", "501 5.5.4"),
        ("AUTH=", "501 5.5.4"),
    ] {
        client
            .ask(&format!("MAIL FROM:<a@oak.example> {parameters}"), reply)
            .await;
    }
    client.ask("MAIL FROM:<a@oak.example> AUTH=<>", "250").await;
    for (parameters, reply) in [
        ("NOTIFY=NEVER,DELAY", "501 5.5.4"),
        ("NOTIFY=", "501 5.5.4"),
        ("ORCPT=nothing", "501 5.5.4"),
        ("SIZE=1", "555 5.5.4"),
    ] {
        client
            .ask(&format!("RCPT TO:<b@home.example> {parameters}"), reply)
            .await;
    }
}

#[tokio::test]
async fn non_ascii_addresses_need_smtputf8() {
    let gate = Gate::open(settings()).await;
    let mut client = gate.client().await;
    client.ask("EHLO mail.oak.example", "250").await;
    client
        .ask("MAIL FROM:<zo\u{eb}@oak.example>", "553 5.6.7")
        .await;
    client.ask("MAIL FROM:<a@oak.example>", "250").await;
    client
        .ask("RCPT TO:<zo\u{eb}@home.example>", "553 5.6.7")
        .await;
    client.ask("RSET", "250").await;
    client
        .ask(
            "MAIL FROM:<zo\u{eb}@oak.example> SMTPUTF8 BODY=8BITMIME",
            "250",
        )
        .await;
    client
        .ask("RCPT TO:<am\u{e9}lie@home.example>", "250")
        .await;
    client.ask("DATA", "354").await;
    client.ask(".", "250").await;
    let (arrival, content) = gate.only();
    assert!(arrival.smtputf8);
    assert_eq!(arrival.reverse_path, "zo\u{eb}@oak.example");
    assert!(
        String::from_utf8(content)
            .unwrap()
            .contains(" with UTF8SMTP id ")
    );
}

#[tokio::test]
async fn pipelined_commands_are_answered_in_order_and_together() {
    let gate = Gate::open(settings()).await;
    let mut client = gate.client().await;
    client
        .send(
            "EHLO mail.oak.example\r\nMAIL FROM:<a@oak.example>\r\nRCPT TO:<b@home.example>\r\n\
             RCPT TO:<bad>\r\nDATA\r\n",
        )
        .await;
    for start in ["250-", "250 2.1.0", "250 2.1.5", "501 5.1.3", "354"] {
        client.expect(start).await;
    }
    client
        .send("one\r\n.\r\nMAIL FROM:<a@oak.example>\r\nQUIT\r\n")
        .await;
    for start in ["250 2.0.0", "250 2.1.0", "221"] {
        client.expect(start).await;
    }
    client.expect_end().await;
    assert_eq!(gate.kept().len(), 1);
}

#[tokio::test]
async fn markers_are_handed_on_and_stay() {
    let gate = Gate::open(settings()).await;
    let mut client = gate.client().await;
    client.ask("EHLO mail.oak.example", "250").await;
    let content =
        "X-Schoolgate-Marker: v1;abc\r\n def\r\nSubject: x\r\n\r\nX-Schoolgate-Marker: body\r\n";
    let reply = client.deliver("a@oak.example", content).await;
    assert!(reply.starts_with("250"), "{reply}");
    let (arrival, kept) = gate.only();
    assert_eq!(arrival.markers, ["v1;abc def"]);
    assert_eq!(without_trace(&kept), content.as_bytes());
}
