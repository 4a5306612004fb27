//! What goes out is what came in, or nothing.

use proptest::prelude::*;

use super::double::{Double, Script};
use super::*;

async fn sent(content: &[u8], trace: &[u8]) -> Vec<u8> {
    let double = Double::start(Script::good()).await;
    let mut mail = mail(&["a@one.example"]);
    mail.content = content.into();
    mail.trace = trace.to_vec();
    check(
        &attempt(&over(&[&double]), &[0], &mail).await,
        &["taken 0 250 2.0.0"],
    );
    double.messages().remove(0)
}

#[tokio::test]
async fn dots_long_lines_and_eight_bits_are_kept() {
    let long = "x".repeat(5000);
    let content = format!(
        "Subject: folded\r\n\tline\r\n\r\n.\r\n..\r\n.dot\r\n{long}\r\ncaf\u{e9} \u{1f600}\r\n\r\n\r\n.\r\n"
    );
    assert_eq!(sent(content.as_bytes(), b"").await, content.as_bytes());
}

#[tokio::test]
async fn trace_fields_come_first() {
    let trace = b"Received: from a by b;\r\n\tTue, 1 Sep 2026 09:00:00 +0000\r\n";
    let expected = [&trace[..], CONTENT].concat();
    assert_eq!(sent(CONTENT, trace).await, expected);
}

#[tokio::test]
async fn content_of_almost_nothing() {
    assert_eq!(sent(b"\r\n", b"").await, b"\r\n");
    assert_eq!(sent(b"\r\n\r\n", b"").await, b"\r\n\r\n");
    assert_eq!(sent(b"", b"A: b\r\n").await, b"A: b\r\n");
}

#[tokio::test]
async fn content_of_many_pieces() {
    // A dot at the start of a line falls on every place of a piece's end.
    let mut content = b"A: b\r\n\r\n".to_vec();
    while content.len() < 300_000 {
        let line = ".".repeat(1 + content.len() % 71);
        content.extend_from_slice(line.as_bytes());
        content.extend_from_slice(b"\r\n");
    }
    assert!(sent(&content, b"").await == content);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn any_lines_arrive_as_they_are(
        lines in prop::collection::vec(prop::collection::vec(
            prop_oneof![Just(b'.'), Just(b'a'), any::<u8>()].prop_filter("no line end", |b| *b != b'\r' && *b != b'\n'),
            0..40,
        ), 1..20)
    ) {
        let content: Vec<u8> = lines.iter().flat_map(|l| [l.as_slice(), b"\r\n"].concat()).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        prop_assert_eq!(runtime.block_on(sent(&content, b"")), content);
    }
}

async fn refused(script: Script, mail: &Outgoing, expected: &[&str]) {
    let double = Double::start(script).await;
    check(&attempt(&over(&[&double]), &[0], mail).await, expected);
}

fn eight_bit() -> Outgoing {
    let mut mail = mail(&["a@one.example"]);
    mail.content = "Subject: x\r\n\r\ncaf\u{e9}\r\n".as_bytes().into();
    mail
}

#[tokio::test]
async fn eight_bits_are_never_re_encoded() {
    let double = Double::start(Script::good().without("8BITMIME")).await;
    check(
        &attempt(&over(&[&double]), &[0], &eight_bit()).await,
        &["failed 0 554 5.6.3"],
    );
    assert!(double.said("MAIL").is_empty(), "it was not even offered");
}

#[tokio::test]
async fn seven_bits_need_no_8bitmime() {
    let mut seven = mail(&["a@one.example"]);
    seven.eight_bit = true;
    refused(
        Script::good().without("8BITMIME"),
        &seven,
        &["taken 0 250 2.0.0"],
    )
    .await;
}

#[tokio::test]
async fn another_next_hop_may_carry_what_one_cannot() {
    let first = Double::start(Script::good().without("8BITMIME")).await;
    let second = Double::start(Script::good()).await;
    let hops = over(&[&first, &second]);
    check(
        &attempt(&hops, &[0, 1], &eight_bit()).await,
        &["taken 1 250 2.0.0"],
    );
}

#[tokio::test]
async fn an_unreachable_next_hop_might_carry_it() {
    let able = Double::start(Script::new(|at| {
        (at.command == "CONNECT").then_some(super::double::Say::Drop)
    }))
    .await;
    let unable = Double::start(Script::good().without("8BITMIME")).await;
    let hops = over(&[&able, &unable]);
    let expected = ["deferred 0 451 4.4.1 unreachable"];
    check(&attempt(&hops, &[0, 1], &eight_bit()).await, &expected);
    // Now the other one comes first, and still nobody's mail is bounced.
    check(&attempt(&hops, &[1, 0], &eight_bit()).await, &expected);
}

#[tokio::test]
async fn an_internationalised_address_needs_smtputf8() {
    let mail = mail(&["zo\u{eb}@one.example", "b@two.example"]);
    let expected = ["failed 0 553 5.6.7", "taken 0 250 2.0.0"];
    refused(Script::good().without("SMTPUTF8"), &mail, &expected).await;
    refused(Script::good(), &mail, &["taken 0 250 2.0.0"; 2]).await;
}

#[tokio::test]
async fn a_message_above_the_announced_size_is_not_sent() {
    let script = Script::good().without("SIZE").with("SIZE 20");
    refused(script, &mail(&["a@one.example"]), &["failed 0 552 5.3.4"]).await;
    let script = Script::good().without("SIZE").with("SIZE 0");
    refused(script, &mail(&["a@one.example"]), &["taken 0 250 2.0.0"]).await;
}

#[tokio::test]
async fn parameters_are_given_when_needed_and_known() {
    let double = Double::start(Script::good()).await;
    let hops = over(&[&double]);
    let mut mail = eight_bit();
    mail.reverse_path = String::new();
    mail.ret = Some("FULL".into());
    mail.envid = Some("a+b".into());
    mail.recipients[0].notify = Some("SUCCESS,FAILURE".into());
    mail.recipients[0].orcpt = Some("rfc822;a+b@one.example".into());
    let outcomes = attempt(&hops, &[0], &mail).await;
    assert!(matches!(
        outcomes[0],
        Outcome::Taken {
            dsn_passed_on: true,
            ..
        }
    ));
    let length = mail.content.len();
    assert_eq!(
        double.said("MAIL"),
        [format!(
            "MAIL FROM:<> SIZE={length} BODY=8BITMIME RET=FULL ENVID=a+2Bb"
        )]
    );
    assert_eq!(
        double.said("RCPT"),
        ["RCPT TO:<a@one.example> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;a+2Bb@one.example"]
    );
}

#[tokio::test]
async fn dsn_parameters_stay_here_when_the_next_hop_does_not_know_them() {
    let double = Double::start(Script::good().without("DSN").without("SIZE")).await;
    let mut mail = mail(&["a@one.example"]);
    mail.ret = Some("FULL".into());
    mail.recipients[0].notify = Some("SUCCESS".into());
    let outcomes = attempt(&over(&[&double]), &[0], &mail).await;
    assert!(matches!(
        outcomes[0],
        Outcome::Taken {
            dsn_passed_on: false,
            ..
        }
    ));
    assert_eq!(double.said("MAIL"), ["MAIL FROM:<office@ashgrove.example>"]);
    assert_eq!(double.said("RCPT"), ["RCPT TO:<a@one.example>"]);
}
