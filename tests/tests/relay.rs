//! A school's mail through the real Postfix in front, the gateway, and a real next hop behind.
#![allow(clippy::unwrap_used)]

use schoolgate_tests::client::submit;
use schoolgate_tests::gateway::Gateway;
use schoolgate_tests::mail::{assert_unchanged, field, with_crlf};
use schoolgate_tests::next_hop::NextHop;
use schoolgate_tests::postfix::Postfix;
use schoolgate_tests::school::{
    HEADTEACHER, MOTHER, OTHER_MOTHER, OUTSIDER, TEACHER, class_list, own_child, unmarked,
};

/// What the other tests take for granted: Postfix alone carries a message unchanged.
#[tokio::test]
async fn postfix_alone_carries_a_message_unchanged() {
    let next_hop = NextHop::start().await;
    let postfix = Postfix::relaying_to(next_hop.address);
    let message = own_child(MOTHER);
    submit(postfix.address, TEACHER, &[MOTHER], &message).await;
    let taken = next_hop.until_taken_for(MOTHER).await;
    assert_unchanged(&taken.content, &message);
}

#[tokio::test]
async fn a_parent_about_her_own_child_gets_every_byte() {
    let next_hop = NextHop::start().await;
    let gateway = Gateway::start(&[next_hop.address]).await;
    let postfix = Postfix::relaying_to(gateway.smtp);
    let message = own_child(MOTHER);
    submit(postfix.address, TEACHER, &[MOTHER], &message).await;

    let taken = next_hop.until_taken_for(MOTHER).await;
    assert_eq!(taken.from, TEACHER);
    assert_eq!(taken.recipients, [MOTHER]);
    assert_unchanged(&taken.content, &message);
    let received = field(&taken.content, "Received").unwrap();
    assert!(received.contains("by gate.oaklane.example"), "{received}");
    assert!(gateway.json(&["quarantine", "list"]).await.is_empty());
}

#[tokio::test]
async fn between_two_postfixes_the_message_arrives_in_a_maildir() {
    let behind = Postfix::keeping(&["mail.example"]);
    let gateway = Gateway::start(&[behind.address]).await;
    let front = Postfix::relaying_to(gateway.smtp);
    let message = own_child(MOTHER);
    submit(front.address, TEACHER, &[MOTHER], &message).await;

    // Postfix shows no event when it has put a message away, so it is looked for.
    let mut ticks = tokio::time::interval(std::time::Duration::from_millis(200));
    let kept = tokio::time::timeout(std::time::Duration::from_secs(120), async {
        loop {
            ticks.tick().await;
            if let Some(kept) = behind.kept().pop() {
                return kept;
            }
        }
    })
    .await
    .expect("it arrives");
    assert_unchanged(&with_crlf(&kept), &message);
}

#[tokio::test]
async fn a_class_list_to_an_outsider_waits_and_the_head_is_told() {
    let next_hop = NextHop::start().await;
    let gateway = Gateway::start(&[next_hop.address]).await;
    let postfix = Postfix::relaying_to(gateway.smtp);
    submit(postfix.address, TEACHER, &[OUTSIDER], &class_list()).await;

    let notice = next_hop.until_taken_for(HEADTEACHER).await;
    assert_eq!(notice.from, "", "a notice must not be answered by machines");
    assert!(field(&notice.content, "Auto-Submitted").is_some());
    let text = String::from_utf8_lossy(&notice.content).into_owned();
    for secret in ["Fenwick", "Young", "K838304122101", "14 November 2017"] {
        assert!(
            !text.contains(secret),
            "the notice repeats {secret}: {text}"
        );
    }
    let to_sender = next_hop.until_taken_for(TEACHER).await;
    assert_eq!(to_sender.from, "");

    let quarantined = gateway.json(&["quarantine", "list"]).await;
    assert_eq!(quarantined.len(), 1, "{quarantined:?}");
    let tickets = gateway.json(&["ticket", "list"]).await;
    assert_eq!(tickets.len(), 1, "{tickets:?}");
    assert!(next_hop.taken_for(OUTSIDER).is_empty());
    assert_eq!(postfix.queued(), 0, "the gateway took it over");
}

#[tokio::test]
async fn unmarked_special_needs_are_held_and_the_sender_is_told_what_to_do() {
    let next_hop = NextHop::start().await;
    let gateway = Gateway::start(&[next_hop.address]).await;
    let postfix = Postfix::relaying_to(gateway.smtp);
    submit(postfix.address, TEACHER, &[MOTHER], &unmarked()).await;

    let notice = next_hop.until_taken_for(TEACHER).await;
    let text = String::from_utf8_lossy(&notice.content).into_owned();
    assert!(text.contains("SENSITIVE"), "what to type: {text}");
    assert!(text.contains("001-"), "the clause: {text}");
    assert!(!text.contains("autism"), "the matter itself: {text}");
    assert!(next_hop.taken_for(MOTHER).is_empty());
    // A hold opens no ticket.
    assert!(gateway.json(&["ticket", "list"]).await.is_empty());
}

#[tokio::test]
async fn the_strictest_recipient_governs_the_message() {
    let next_hop = NextHop::start().await;
    let gateway = Gateway::start(&[next_hop.address]).await;
    let message = own_child(MOTHER);
    submit(gateway.smtp, TEACHER, &[MOTHER, OTHER_MOTHER], &message).await;

    // The notice is sent after the verdict: from then on nothing of the message may move.
    next_hop.until_taken_for(HEADTEACHER).await;
    assert!(next_hop.taken_for(MOTHER).is_empty());
    assert!(next_hop.taken_for(OTHER_MOTHER).is_empty());
}

#[tokio::test]
async fn observing_delivers_everything_and_records_what_would_have_stopped() {
    let next_hop = NextHop::start().await;
    let changes = schoolgate_tests::school::Changes::default();
    let gateway = Gateway::configured(&[next_hop.address], &changes);
    let text = std::fs::read_to_string(gateway.config()).unwrap();
    std::fs::write(
        gateway.config(),
        text.replace(
            "stance = \"enforce\"",
            "stance = \"observe\"\nverdict_header = true",
        ),
    )
    .unwrap();
    let mut gateway = gateway;
    gateway.start_again().await;
    submit(gateway.smtp, TEACHER, &[OUTSIDER], &class_list()).await;
    let taken = next_hop.until_taken_for(OUTSIDER).await;
    let verdict = field(&taken.content, "X-Schoolgate-Verdict").unwrap();
    assert!(verdict.contains("quarantine"), "{verdict}");
    assert!(gateway.json(&["quarantine", "list"]).await.is_empty());
}
