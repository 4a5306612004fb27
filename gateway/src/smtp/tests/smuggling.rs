//! What must not end a message, and what must not be a command.

use proptest::prelude::*;

use super::harness::{Gate, OAK_CLIENT, settings, settings_with, without_trace};

const BEFORE: &str = "EHLO mail.oak.example\r\nMAIL FROM:<a@oak.example>\r\n\
    RCPT TO:<b@home.example>\r\nDATA\r\n";

/// Sends one message whose content holds `between`, then a second in disguise.
async fn smuggle(between: &str) -> (Vec<String>, usize) {
    let gate = Gate::open(settings()).await;
    let mut client = gate.client().await;
    client
        .send(format!(
            "{BEFORE}Subject: one\r\n\r\nfirst{between}MAIL FROM:<head@oak.example>\r\n\
             RCPT TO:<c@home.example>\r\nDATA\r\nSubject: two\r\n\r\nsecond\r\n.\r\nNOOP\r\n"
        ))
        .await;
    let replies = client.finish().await;
    let kept = gate.kept().len();
    (replies, kept)
}

/// The whole content is one message, which is refused; the session goes on behind it.
async fn refused(between: &str, reply: &str) {
    let (replies, kept) = smuggle(between).await;
    assert_eq!(kept, 0, "{between:?}");
    assert_eq!(replies.len(), 6, "{between:?}: {replies:?}");
    assert!(replies[4].starts_with(reply), "{between:?}: {replies:?}");
    assert!(
        replies[5].starts_with("250 2.0.0"),
        "{between:?}: {replies:?}"
    );
}

#[tokio::test]
async fn bare_line_ends_around_the_dot_end_nothing() {
    for between in [
        "\n.\n",
        "\n.\r\n",
        "\r\n.\n",
        "\n.\r",
        "\r.\r",
        "\r\n.\r",
        "\r.\r\n",
        "\r.\n",
        "\r\n.\r\r\n",
        "\r\r\n.\r\r\n",
        "\n\n.\n\n",
        "\r\n\n.\r\n",
        "\r\n.\n\r\n",
        "\n\r.\n\r",
    ] {
        refused(between, "550 5.6.11").await;
    }
}

#[tokio::test]
async fn a_nul_around_the_dot_ends_nothing() {
    for between in ["\r\n\0.\r\n", "\r\n.\0\r\n", "\0.\0"] {
        refused(between, "550 5.6.0").await;
    }
}

#[tokio::test]
async fn a_bare_cr_or_lf_anywhere_is_refused_after_the_true_end() {
    for between in ["\n", "\r", "x\ny", "x\ry", "\r\r\n", "\r\n\r", "\r\n\n"] {
        refused(between, "550 5.6.11").await;
    }
}

#[tokio::test]
async fn the_true_end_is_the_end() {
    let (replies, kept) = smuggle("\r\n.\r\n").await;
    assert_eq!(kept, 2);
    assert_eq!(replies.len(), 10, "{replies:?}");
}

#[tokio::test]
async fn a_dot_straight_after_data_ends_it() {
    let gate = Gate::open(settings()).await;
    let mut client = gate.client().await;
    client.envelope("a@oak.example").await;
    client.ask("DATA", "354").await;
    client.ask(".", "250 2.0.0").await;
    assert_eq!(without_trace(&gate.only().1), b"");
}

#[tokio::test]
async fn stuffed_dots_come_out_single() {
    let gate = Gate::open(settings()).await;
    let mut client = gate.client().await;
    client.envelope("a@oak.example").await;
    client.ask("DATA", "354").await;
    client
        .ask("..x: y\r\n\r\n..\r\n...\r\n.z\r\n.", "250")
        .await;
    assert_eq!(
        without_trace(&gate.only().1),
        b".x: y\r\n\r\n.\r\n..\r\nz\r\n"
    );
}

#[tokio::test]
async fn a_command_line_with_a_bare_line_end_closes_the_session() {
    for line in [
        "NOOP\nMAIL FROM:<a@oak.example>\r\n",
        "NOOP\rNOOP\r\n",
        "NO\0OP\r\n",
        "\n",
    ] {
        let gate = Gate::open(settings()).await;
        let mut client = gate.client().await;
        client.ask("EHLO mail.oak.example", "250").await;
        client.send(format!("{line}NOOP\r\n")).await;
        client.expect("500 5.5.2").await;
        client.expect_end().await;
    }
}

#[tokio::test]
async fn content_is_kept_octet_by_octet() {
    let gate = Gate::open(settings()).await;
    let mut client = gate.client().await;
    client.envelope("a@oak.example").await;
    client.ask("DATA", "354").await;
    let long = "x".repeat(5000);
    let mut content =
        format!("Subject: Fwd\r\n folded\r\nX-Odd : y \r\n\r\n{long}\r\n \r\n").into_bytes();
    content.extend_from_slice(b"caf\xe9 \xff\xfe\r\n");
    client.send(&content).await;
    client.ask(".", "250").await;
    assert_eq!(without_trace(&gate.only().1), content);
}

/// The codes of a whole session and what it left, for input in any pieces.
fn outcome(input: &[u8], cuts: &[usize]) -> (Vec<String>, Vec<Vec<u8>>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let gate = Gate::open(settings_with(
            OAK_CLIENT,
            "header_size = 40\nline_length = 30",
        ))
        .await;
        let mut client = gate.wire("127.0.0.1");
        let mut cuts: Vec<usize> = cuts.iter().map(|c| c % (input.len() + 1)).collect();
        cuts.extend([0, input.len()]);
        cuts.sort_unstable();
        for piece in cuts.windows(2).map(|w| &input[w[0]..w[1]]) {
            client.send(piece).await;
            for _ in 0..4 {
                tokio::task::yield_now().await;
            }
        }
        let replies = client.finish().await;
        let kept = gate.kept().iter().map(|(_, c)| without_trace(c)).collect();
        (replies, kept)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_split_of_a_session_gives_the_same(
        lines in proptest::collection::vec(
            prop_oneof![
                4 => "[a-c.]{0,3}\r\n",
                2 => Just("\r\n".to_owned()),
                1 => "[a.\r\n]{0,4}",
                1 => Just("Received: x\r\n".to_owned()),
            ],
            0..8,
        ),
        cuts in proptest::collection::vec(0usize..400, 0..5),
    ) {
        let input = format!("{BEFORE}{}\r\n.\r\nBDAT 3\r\nabcRSET\r\nNOOP\r\nQUIT\r\n", lines.concat());
        prop_assert_eq!(outcome(input.as_bytes(), &cuts), outcome(input.as_bytes(), &[]));
    }

    #[test]
    fn no_input_breaks_a_session(input in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut all = BEFORE.as_bytes().to_vec();
        all.extend_from_slice(&input);
        let (replies, _) = outcome(&all, &[]);
        prop_assert!(replies.len() >= 5);
    }
}
