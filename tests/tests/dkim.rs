//! A signature made before the gateway still holds behind it.
#![allow(clippy::unwrap_used)]

use schoolgate_tests::client::submit;
use schoolgate_tests::dkim::{signed, verifies};
use schoolgate_tests::gateway::Gateway;
use schoolgate_tests::mail::assert_unchanged;
use schoolgate_tests::next_hop::NextHop;
use schoolgate_tests::postfix::Postfix;
use schoolgate_tests::school::{MOTHER, TEACHER, message, own_child};

#[tokio::test]
async fn a_signed_message_verifies_after_the_gateway() {
    let next_hop = NextHop::start().await;
    let gateway = Gateway::start(&[next_hop.address]).await;
    let postfix = Postfix::relaying_to(gateway.smtp);
    let (message, record) = signed(&own_child(MOTHER));
    assert!(verifies(&message, &record), "the signature itself");
    submit(postfix.address, TEACHER, &[MOTHER], &message).await;
    let taken = next_hop.until_taken_for(MOTHER).await;
    assert_unchanged(&taken.content, &message);
    assert!(verifies(&taken.content, &record));
    // The check can fail: one changed octet breaks it.
    let broken = String::from_utf8(taken.content)
        .unwrap()
        .replace("94 per cent", "95 per cent");
    assert!(!verifies(broken.as_bytes(), &record));
}

/// What careless relays change: blanks at line ends, blank lines at the end, tabs in folded
/// fields, eight-bit text, lines longer than 998 octets, a body without a final line end's
/// company.
#[tokio::test]
async fn bytes_that_relays_like_to_tidy_stay_as_they_are() {
    let next_hop = NextHop::start().await;
    let gateway = Gateway::start(&[next_hop.address]).await;
    let long = "a".repeat(4000);
    let mut text = String::from_utf8(message(
        TEACHER,
        MOTHER,
        "The autumn fair \r\n\tand  its   cakes",
        &format!("Caf\u{e9} \u{a3}3 \t \n\n..\n.\n. \n{long}\n--\u{20}\n\n\n"),
    ))
    .unwrap();
    // `message` made CRLF of LF; the fold above had its CR already.
    text = text.replace("\r\r\n", "\r\n");
    let (message, record) = signed(text.as_bytes());
    submit(gateway.smtp, TEACHER, &[MOTHER], &message).await;
    let taken = next_hop.until_taken_for(MOTHER).await;
    assert_unchanged(&taken.content, &message);
    assert!(verifies(&taken.content, &record));
}
