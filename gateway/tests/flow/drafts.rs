//! Check before send: a draft comes back with its verdict and goes to nobody.

use mail_parser::MessageParser;
use schoolgate::store::recipients::Standing;

use crate::desk::{Desk, Received};
use crate::{ENFORCE, OTHER_PARENT, about};

/// On the staff list.
const TEACHER: &str = "callum.birch@oaklane.example";
const CHECK: &str = "check@gate.oaklane.example";

fn draft(to: &str, body: &str) -> Vec<u8> {
    format!("From: {TEACHER}\r\nTo: {to}\r\nSubject: Homework\r\n\r\n{body}\r\n").into_bytes()
}

fn text_of(received: &Received) -> String {
    let message = MessageParser::new()
        .parse(received.content.as_bytes())
        .unwrap();
    let text = message.body_text(0).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Desk {
    /// Sends a draft whose recipients all are taken in; the answer, with its subject.
    async fn checked(&self, to: &[&str], content: &[u8]) -> (String, String) {
        let before = self.answers().len();
        let id = self.send(TEACHER, to, content).await;
        let standings = self.settled(id).await;
        assert!(
            standings.iter().all(|s| *s == Standing::Consumed),
            "{standings:?}"
        );
        let installation = &self.gateway.installation;
        let school = installation.vault.school("oaklane").unwrap();
        assert!(installation.spool.content(id, school).await.is_err());
        let store = &installation.store;
        let judged = store
            .read(move |tx| schoolgate::store::cases::judgement(tx, id))
            .await
            .unwrap();
        assert!(judged.is_none(), "something of the draft is kept");
        self.received(|_| self.answers().len() > before).await;
        let answer = self.answers().remove(before);
        let message = MessageParser::new()
            .parse(answer.content.as_bytes())
            .unwrap();
        (message.subject().unwrap().to_owned(), text_of(&answer))
    }

    fn answers(&self) -> Vec<Received> {
        let mut answers = self.all_received();
        answers.retain(|r| r.to == [TEACHER]);
        answers
    }
}

#[tokio::test]
async fn a_draft_is_judged_for_those_it_names_and_goes_to_nobody() {
    // Judged as if enforcing, though everything is delivered here.
    let desk = Desk::start("").await;
    let to = format!("{OTHER_PARENT}, {CHECK}");
    let (subject, text) = desk
        .checked(&[OTHER_PARENT, CHECK], &draft(&to, &about()))
        .await;
    assert_eq!(subject, "Your draft would be stopped");
    assert!(text.contains("What to do:"), "{text}");
    // The mail server may show the gateway one recipient at a time.
    let (subject, _) = desk.checked(&[CHECK], &draft(&to, &about())).await;
    assert_eq!(subject, "Your draft would be stopped");
    let (subject, _) = desk.checked(&[OTHER_PARENT], &draft(&to, &about())).await;
    assert_eq!(subject, "Your draft would be stopped");
    let (subject, _) = desk.checked(&[CHECK], &draft(&to, "Soup on Monday.")).await;
    assert_eq!(subject, "Your draft may go");
    let (subject, _) = desk.checked(&[CHECK], &draft(CHECK, &about())).await;
    assert_eq!(subject, "Who is your draft for?");

    assert!(!desk.all_received().iter().any(|r| r.to != [TEACHER]));
    let review = desk.gateway.installation.desk();
    assert!(review.list(None, true).await.unwrap().is_empty());
    let store = &desk.gateway.installation.store;
    let school = desk.gateway.installation.vault.school("oaklane").unwrap();
    let lines = store
        .read(move |tx| {
            schoolgate::store::journal::lines(tx, school, (0, i64::MAX), None, (10, 1_000_000))
        })
        .await
        .unwrap();
    assert!(lines.is_empty(), "a draft is in the journal");
    desk.gateway.stop().await;
}

#[tokio::test]
async fn the_halves_of_a_split_draft_have_one_answer() {
    let desk = Desk::start(ENFORCE).await;
    let text = draft(&format!("{OTHER_PARENT}, {CHECK}"), "Soup on Monday.");
    let whole = [b"Message-ID: <d1@oaklane.example>\r\n".as_slice(), &text].concat();
    for to in [CHECK, OTHER_PARENT] {
        let id = desk.send(TEACHER, &[to], &whole).await;
        assert_eq!(desk.settled(id).await, [Standing::Consumed]);
    }
    // A draft that came later is answered later.
    desk.checked(&[CHECK], &text).await;
    assert_eq!(desk.answers().len(), 2);
    desk.gateway.stop().await;
}

#[tokio::test]
async fn an_automatic_message_is_no_draft() {
    let desk = Desk::start(ENFORCE).await;
    let text = draft(&format!("{OTHER_PARENT}, {CHECK}"), "I am away.");
    let automatic = [b"Auto-Submitted: auto-replied\r\n".as_slice(), &text].concat();
    let id = desk.send(TEACHER, &[OTHER_PARENT], &automatic).await;
    assert_eq!(desk.settled(id).await, [Standing::Taken]);
    assert!(desk.answers().is_empty());
    desk.gateway.stop().await;
}

#[tokio::test]
async fn only_the_staff_list_may_ask() {
    let desk = Desk::start(ENFORCE).await;
    // Somebody in the domain who is on no list could otherwise try out what is not seen.
    for from in ["nobody.known@oaklane.example", ""] {
        let id = desk.send(from, &[CHECK], &draft(CHECK, &about())).await;
        assert_eq!(desk.settled(id).await, [Standing::Consumed]);
    }
    let mut automatic = b"Auto-Submitted: auto-generated\r\n".to_vec();
    automatic.extend_from_slice(&draft(CHECK, &about()));
    let id = desk.send(TEACHER, &[CHECK], &automatic).await;
    assert_eq!(desk.settled(id).await, [Standing::Consumed]);
    // To others their message goes as any other: what they wrote is no draft.
    let both = draft(&format!("{OTHER_PARENT}, {CHECK}"), "Soup on Monday.");
    let id = desk
        .send(
            "nobody.known@oaklane.example",
            &[OTHER_PARENT, CHECK],
            &both,
        )
        .await;
    assert_eq!(
        desk.settled(id).await,
        [Standing::Taken, Standing::Consumed]
    );
    let received = desk.all_received();
    assert!(
        received.iter().all(|r| r.to == [OTHER_PARENT]),
        "somebody was answered"
    );
    desk.gateway.stop().await;
}

#[tokio::test]
async fn drafts_are_checked_so_often_and_no_more() {
    let desk = Desk::start(ENFORCE).await;
    let content = draft(&format!("{OTHER_PARENT}, {CHECK}"), "Soup on Monday.");
    for _ in 0..32 {
        let id = desk.send(TEACHER, &[CHECK], &content).await;
        assert_eq!(desk.settled(id).await, [Standing::Consumed]);
    }
    desk.received(|_| desk.answers().len() == 31).await;
    let told = desk
        .answers()
        .iter()
        .filter(|r| text_of(r).contains("Please wait a while"))
        .count();
    assert_eq!(told, 1);
    desk.gateway.stop().await;
}
