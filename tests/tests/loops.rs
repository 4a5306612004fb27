//! What comes back, and what comes in pieces.
#![allow(clippy::unwrap_used)]

use schoolgate_tests::client::submit;
use schoolgate_tests::gateway::Gateway;
use schoolgate_tests::mail::assert_unchanged;
use schoolgate_tests::next_hop::NextHop;
use schoolgate_tests::school::{
    HEADTEACHER, MOTHER, OUTSIDER, TEACHER, TECHNICIAN, class_list, own_child,
};

#[tokio::test]
async fn a_message_that_comes_back_is_kept_and_the_technician_told() {
    let next_hop = NextHop::start().await;
    let gateway = Gateway::start(&[next_hop.address]).await;
    let message = own_child(MOTHER);
    submit(gateway.smtp, TEACHER, &[MOTHER], &message).await;
    let taken = next_hop.until_taken_for(MOTHER).await;
    assert_unchanged(&taken.content, &message);
    // A next hop with a wrong route hands back what it was given.
    submit(gateway.smtp, TEACHER, &[MOTHER], &taken.content).await;
    let alarm = next_hop.until_taken_for(TECHNICIAN).await;
    assert_eq!(alarm.from, "");
    assert_eq!(next_hop.taken_for(MOTHER).len(), 1, "it went round");
}

#[tokio::test]
async fn too_many_received_fields_are_a_loop() {
    let next_hop = NextHop::start().await;
    let gateway = Gateway::start(&[next_hop.address]).await;
    let hop = b"Received: from a.example by b.example; Mon, 02 Nov 2026 09:00:00 +0000\r\n";
    let message = [hop.repeat(40), own_child(MOTHER)].concat();
    let mut client = schoolgate_tests::client::Client::connect(gateway.smtp)
        .await
        .unwrap();
    let reply = client.send(TEACHER, &[MOTHER], &message).await.unwrap();
    assert_eq!(reply.code, 554, "{reply:?}");
    assert!(reply.text.contains("5.4.6"), "{reply:?}");
}

/// Exchange Online splits one message with many recipients into several transactions.
#[tokio::test]
async fn a_message_in_several_transactions_makes_one_case_and_one_notice() {
    let next_hop = NextHop::start().await;
    let gateway = Gateway::start(&[next_hop.address]).await;
    let message = class_list();
    submit(gateway.smtp, TEACHER, &[OUTSIDER], &message).await;
    next_hop.until_taken_for(HEADTEACHER).await;
    submit(
        gateway.smtp,
        TEACHER,
        &["bookings@castlecoaches.example"],
        &message,
    )
    .await;
    // Ordinary mail behind it: when that has arrived, the second part was judged too.
    let mut ticks = tokio::time::interval(std::time::Duration::from_millis(100));
    tokio::time::timeout(std::time::Duration::from_secs(60), async {
        loop {
            ticks.tick().await;
            let cases = gateway.json(&["quarantine", "list"]).await;
            if cases[0]["messages"]
                .as_array()
                .is_some_and(|m| m.len() == 2)
            {
                assert_eq!(cases.len(), 1, "{cases:?}");
                break;
            }
        }
    })
    .await
    .expect("both parts are in one case");
    assert_eq!(gateway.json(&["ticket", "list"]).await.len(), 1);
    assert_eq!(next_hop.taken_for(HEADTEACHER).len(), 1, "one notice");
    // One answer is for both.
    let cases = gateway.json(&["quarantine", "list"]).await;
    let case = cases[0]["case"].as_str().unwrap();
    gateway
        .text(&["quarantine", "release", case, "--by", HEADTEACHER])
        .await;
    next_hop.until_taken_for(OUTSIDER).await;
    next_hop
        .until_taken_for("bookings@castlecoaches.example")
        .await;
}
