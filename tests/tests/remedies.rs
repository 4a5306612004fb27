//! What staff write to the gateway itself, through the real Postfix, as they do it.
#![allow(clippy::unwrap_used)]

use schoolgate_tests::client::submit;
use schoolgate_tests::gateway::Gateway;
use schoolgate_tests::mail::{assert_unchanged, field};
use schoolgate_tests::next_hop::{NextHop, Taken};
use schoolgate_tests::postfix::Postfix;
use schoolgate_tests::school::{
    HEADTEACHER, MOTHER, OUTSIDER, TEACHER, class_list, message, unmarked,
};

const GATE: &str = "@gate.oaklane.example";
const OTHER_SCHOOL: &str = "office@hazel-lane.example";

/// The reply address of a notice.
fn reply_address(notice: &Taken) -> String {
    let field = field(&notice.content, "Reply-To").unwrap();
    let address = field.trim().trim_matches(['<', '>']).to_owned();
    assert!(
        address.starts_with("reply-") && address.ends_with(GATE),
        "{address}"
    );
    address
}

/// A reply as it is typed above the quoted notice.
fn reply(to: &str, line: &str) -> Vec<u8> {
    message(
        TEACHER,
        to,
        "Re: Your message is waiting for you",
        &format!("{line}\n\nCallum\n\nOn Mon, 2 Nov 2026, the mail check wrote:\n> CANCEL\n> MARK"),
    )
}

/// A behaviour log for the sister school in an open attachment: held, but a reason may send it.
fn open_attachment() -> Vec<u8> {
    let plain = message(
        TEACHER,
        OTHER_SCHOOL,
        "SENSITIVE: behaviour log",
        "--b\nContent-Type: text/plain\n\nThe log that you asked for is attached.\n--b\n\
         Content-Type: text/plain; name=\"log.txt\"\n\
         Content-Disposition: attachment; filename=\"log.txt\"\n\n\
         Isla Fenwick (born 14 November 2017) was given two detentions for hitting.\n--b--",
    );
    String::from_utf8(plain)
        .unwrap()
        .replace(
            "Content-Type: text/plain; charset=utf-8",
            "Content-Type: multipart/mixed; boundary=b",
        )
        .into_bytes()
}

/// The letters of the gateway to the teacher, once there are so many.
async fn letters(next_hop: &NextHop, count: usize) -> Vec<Taken> {
    let of_teacher = |taken: &[Taken]| -> Vec<Taken> {
        taken
            .iter()
            .filter(|t| t.from.is_empty() && t.recipients == [TEACHER])
            .cloned()
            .collect()
    };
    let taken = next_hop
        .until("letters to the teacher", |taken| {
            of_teacher(taken).len() >= count
        })
        .await;
    of_teacher(&taken)
}

fn assert_nothing_went_to_the_gateway(next_hop: &NextHop) {
    let went = |t: &Taken| t.recipients.iter().any(|r| r.ends_with(GATE));
    assert!(!next_hop.taken().iter().any(went));
}

async fn states(gateway: &Gateway) -> Vec<String> {
    let cases = gateway.json(&["quarantine", "list", "--all"]).await;
    let state = |case: &serde_json::Value| case["state"].as_str().unwrap().to_owned();
    cases.iter().map(state).collect()
}

#[tokio::test]
async fn a_one_word_reply_has_the_marking_added_and_the_message_sent() {
    let next_hop = NextHop::start().await;
    let gateway = Gateway::start(&[next_hop.address]).await;
    let postfix = Postfix::relaying_to(gateway.smtp);
    let held = unmarked();
    submit(postfix.address, TEACHER, &[MOTHER], &held).await;
    let notice = next_hop.until_taken_for(TEACHER).await;
    let to = reply_address(&notice);

    submit(
        postfix.address,
        TEACHER,
        &[&to],
        &reply(&to, "Mark, please"),
    )
    .await;
    let taken = next_hop.until_taken_for(MOTHER).await;
    assert_eq!(taken.from, TEACHER);
    // One Received field of the gateway's, and the marking: all else is as it was sent.
    let expected = String::from_utf8(held).unwrap();
    let expected = expected.replace("Subject: Isla", "Subject: HIGHLY SENSITIVE: Isla");
    assert_unchanged(&taken.content, expected.as_bytes());
    letters(&next_hop, 2).await;
    assert_eq!(states(&gateway).await, ["marked"]);
    assert_nothing_went_to_the_gateway(&next_hop);
    assert_eq!(postfix.queued(), 0);
}

#[tokio::test]
async fn a_reply_with_a_reason_sends_the_message_and_tells_the_head() {
    let next_hop = NextHop::start().await;
    let gateway = Gateway::start(&[next_hop.address]).await;
    let postfix = Postfix::relaying_to(gateway.smtp);
    let held = open_attachment();
    submit(postfix.address, TEACHER, &[OTHER_SCHOOL], &held).await;
    let to = reply_address(&next_hop.until_taken_for(TEACHER).await);

    let line = "SEND because the school cannot open our locked files";
    submit(postfix.address, TEACHER, &[&to], &reply(&to, line)).await;
    let taken = next_hop.until_taken_for(OTHER_SCHOOL).await;
    assert_unchanged(&taken.content, &held);
    let told = next_hop.until_taken_for(HEADTEACHER).await;
    let told = String::from_utf8_lossy(&told.content).into_owned();
    assert!(told.contains("the school cannot open our locked"), "{told}");
    assert_eq!(states(&gateway).await, ["released"]);
    assert_nothing_went_to_the_gateway(&next_hop);
}

#[tokio::test]
async fn a_draft_comes_back_with_its_verdict_and_goes_to_nobody() {
    let next_hop = NextHop::start().await;
    let gateway = Gateway::start(&[next_hop.address]).await;
    let postfix = Postfix::relaying_to(gateway.smtp);
    let check = format!("check{GATE}");
    // Pupils cannot try out here what is noticed, and are not written to.
    let pupil = "ada@pupils.oaklane.example";
    for to in [&check, &format!("schoolgate{GATE}")] {
        let asked = message(pupil, OUTSIDER, "Is this seen?", "Isla Fenwick");
        submit(postfix.address, pupil, &[to], &asked).await;
    }
    submit(postfix.address, TEACHER, &[OUTSIDER, &check], &class_list()).await;
    let answer = letters(&next_hop, 1).await.remove(0);
    let subject = field(&answer.content, "Subject").unwrap();
    assert_eq!(subject, "Your draft would be stopped");
    assert!(next_hop.taken_for(pupil).is_empty());
    assert!(next_hop.taken_for(OUTSIDER).is_empty());
    assert!(next_hop.taken_for(HEADTEACHER).is_empty());
    assert!(states(&gateway).await.is_empty());
    assert!(gateway.json(&["queue", "list"]).await.is_empty());
    assert_nothing_went_to_the_gateway(&next_hop);
}

#[tokio::test]
async fn a_reply_that_was_taken_is_obeyed_once_though_the_gateway_is_killed() {
    let next_hop = NextHop::start().await;
    let mut gateway = Gateway::start(&[next_hop.address]).await;
    submit(gateway.smtp, TEACHER, &[MOTHER], &unmarked()).await;
    let to = reply_address(&next_hop.until_taken_for(TEACHER).await);
    let reply = reply(&to, "MARK");
    // As soon as 250 is there, the power fails.
    submit(gateway.smtp, TEACHER, &[&to], &reply).await;
    gateway.kill().await;
    gateway.start_again().await;
    next_hop.until_taken_for(MOTHER).await;
    letters(&next_hop, 2).await;
    assert_eq!(states(&gateway).await, ["marked"]);
    // A second reply finds the token used up.
    submit(gateway.smtp, TEACHER, &[&to], &reply).await;
    let late = letters(&next_hop, 3).await.remove(2);
    let subject = field(&late.content, "Subject").unwrap();
    assert!(
        subject.starts_with("Your message no longer waits"),
        "{subject}"
    );
    assert_nothing_went_to_the_gateway(&next_hop);
}
