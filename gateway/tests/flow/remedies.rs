//! Senders answer a hold notice by mail.

use std::sync::Arc;

use mail_parser::MessageParser;
use schoolgate::clock::{DAY, HOUR};
use schoolgate::ids::SpoolId;
use schoolgate::inspect::{Pool, Program};
use schoolgate::remedy::OwnMail;
use schoolgate::review::Case;
use schoolgate::store::cases::CaseState;
use schoolgate::store::recipients::Standing;
use tokio::sync::watch;

use crate::desk::{Desk, Received, golden};
use crate::{ENFORCE, HEAD, OTHER_PARENT};

/// Sends the golden message without a marking.
const SENCO: &str = "bernadette.foxley@oaklane.example";
/// On the staff list.
const TEACHER: &str = "callum.birch@oaklane.example";
const MOTHER: &str = "ingrid.castell@mail.example";
const OTHER_SCHOOL: &str = "office@hazel-lane.example";
const GATE: &str = "@gate.oaklane.example";

/// Held for its marking alone.
fn unmarked() -> Vec<u8> {
    golden("marking/01-confidential.eml")
}

/// Held because its attachment is open, by a rule that a reason may override.
fn open_attachment(message_id: &str) -> Vec<u8> {
    format!(
        "From: {TEACHER}\r\nTo: {OTHER_SCHOOL}\r\nSubject: SENSITIVE: behaviour log\r\n\
         Message-ID: <{message_id}@oaklane.example>\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n\
         Dear colleague, the log that you asked for is attached.\r\n--b\r\n\
         Content-Type: text/plain; name=\"log.txt\"\r\n\
         Content-Disposition: attachment; filename=\"log.txt\"\r\n\r\n\
         Isla Fenwick (born 14 November 2017) was given two detentions for hitting.\r\n--b--\r\n"
    )
    .into_bytes()
}

fn text_of(received: &Received) -> String {
    let message = MessageParser::new()
        .parse(received.content.as_bytes())
        .unwrap();
    let text = message.body_text(0).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn reply_to(received: &Received) -> String {
    let message = MessageParser::new()
        .parse(received.content.as_bytes())
        .unwrap();
    let address = message.reply_to().unwrap().first().unwrap();
    address.address().unwrap().to_owned()
}

/// A reply as a mail program writes it, above the quoted notice.
fn reply(from: &str, to: &str, line: &str) -> Vec<u8> {
    format!(
        "From: {from}\r\nTo: {to}\r\nSubject: AW: Your message is waiting for you\r\n\
         In-Reply-To: <x{GATE}>\r\n\r\n{line}\r\n\r\n-- \r\nJo\r\n\r\n\
         On Tue, 24 Nov 2026 at 10:00, the mail check wrote:\r\n> MARK\r\n> CANCEL\r\n"
    )
    .into_bytes()
}

impl Desk {
    /// Sends a message that is held, and gives its id and the notice.
    async fn hold(&self, from: &str, to: &str, content: &[u8]) -> (SpoolId, Received) {
        let before = self.letters(from).len();
        let id = self.send(from, &[to], content).await;
        assert_eq!(self.settled(id).await, [Standing::Held]);
        let notice = self.letter_after(from, before).await;
        assert!(notice.content.contains("is waiting for you"));
        (id, notice)
    }

    /// The letters of the gateway to somebody, the oldest first.
    fn letters(&self, to: &str) -> Vec<Received> {
        let mut letters = self.all_received();
        letters.retain(|r| r.to == [to] && r.reverse_path.is_empty());
        letters
    }

    /// The first letter after so many.
    async fn letter_after(&self, to: &str, before: usize) -> Received {
        self.received(|_| self.letters(to).len() > before).await;
        self.letters(to).remove(before)
    }

    /// Replies, waits until the reply is taken in, and gives the answer.
    async fn answer(&self, from: &str, notice: &Received, line: &str) -> Received {
        let before = self.letters(from).len();
        let to = reply_to(notice);
        let id = self.send(from, &[&to], &reply(from, &to, line)).await;
        assert_eq!(self.settled(id).await, [Standing::Consumed]);
        assert!(
            self.gateway
                .installation
                .spool
                .content(id, self.school())
                .await
                .is_err(),
            "the reply is kept"
        );
        self.letter_after(from, before).await
    }

    fn school(&self) -> schoolgate::ids::SchoolId {
        self.gateway.installation.vault.school("oaklane").unwrap()
    }

    async fn case(&self) -> Case {
        let review = self.gateway.installation.desk();
        review.list(None, true).await.unwrap().remove(0)
    }

    async fn audited(&self, action: &'static str) -> usize {
        let school = self.school();
        let store = &self.gateway.installation.store;
        let rows = store
            .read(move |tx| schoolgate::store::audit::from(tx, school, 1, 1000))
            .await
            .unwrap();
        rows.iter().filter(|row| row.action == action).count()
    }

    fn assert_nothing_was_relayed_to_the_gateway(&self) {
        let relayed = |r: &Received| r.to.iter().any(|to| to.ends_with(GATE));
        assert!(!self.all_received().iter().any(relayed));
    }
}

#[tokio::test]
async fn cancel_ends_the_message_and_counts_once() {
    let desk = Desk::start(ENFORCE).await;
    let (id, notice) = desk.hold(SENCO, MOTHER, &unmarked()).await;
    assert!(
        reply_to(&notice).starts_with("reply-"),
        "{}",
        reply_to(&notice)
    );
    assert!(text_of(&notice).contains("CANCEL"));
    let answer = desk.answer(SENCO, &notice, "Cancel, please.").await;
    assert!(text_of(&answer).contains("not sent to anybody"));
    assert_eq!(desk.settled(id).await, [Standing::Returned]);
    let case = desk.case().await;
    assert_eq!(case.row.state, CaseState::Cancelled);
    assert_eq!(case.stop.answer.unwrap().by.name, SENCO);
    assert_eq!(desk.audited("case.cancel").await, 1);

    // The token is used up.
    let late = desk.answer(SENCO, &notice, "MARK").await;
    assert!(
        text_of(&late).contains("you had called it off"),
        "{}",
        text_of(&late)
    );
    assert!(!desk.all_received().iter().any(|r| r.to == [MOTHER]));
    desk.assert_nothing_was_relayed_to_the_gateway();
    desk.gateway.stop().await;
}

#[tokio::test]
async fn mark_adds_the_marking_and_changes_nothing_else() {
    let desk = Desk::start(ENFORCE).await;
    let (id, notice) = desk.hold(SENCO, MOTHER, &unmarked()).await;
    let offered = text_of(&notice);
    assert!(
        offered.contains("we put HIGHLY SENSITIVE at the start"),
        "{offered}"
    );
    assert!(!offered.contains("SEND because"), "{offered}");
    // A telephone that writes HTML only.
    let to = reply_to(&notice);
    let html = format!(
        "From: {SENCO}\r\nTo: {to}\r\nSubject: Re: x\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/html; charset=utf-8\r\n\r\n<html><body><div dir=\"auto\">Mark</div>\
         <div><br></div><div>Sent from my phone</div><blockquote type=\"cite\">CANCEL</blockquote>\
         </body></html>\r\n"
    );
    let taken = desk.send(SENCO, &[&to], html.as_bytes()).await;
    assert_eq!(desk.settled(taken).await, [Standing::Consumed]);
    let delivered = desk.received(|r| r.to == [MOTHER]).await;
    assert_eq!(desk.settled(id).await, [Standing::Replaced]);
    assert_eq!(delivered.reverse_path, SENCO);
    let sent = String::from_utf8(unmarked()).unwrap();
    let sent = sent.replace("\r\n", "\n").replace('\n', "\r\n");
    let expected = sent.replace("Subject: CONF", "Subject: HIGHLY SENSITIVE: CONF");
    assert!(
        delivered.content.ends_with(&expected),
        "{}",
        delivered.content
    );
    assert_eq!(desk.case().await.row.state, CaseState::Marked);
    assert_eq!(desk.audited("case.mark").await, 1);
    desk.gateway.stop().await;
}

#[tokio::test]
async fn a_broken_signature_is_told() {
    let desk = Desk::start(ENFORCE).await;
    let mut signed = b"DKIM-Signature: v=1; d=oaklane.example; h=from:subject; b=AAAA\r\n".to_vec();
    signed.extend_from_slice(&unmarked());
    let (_, notice) = desk.hold(SENCO, MOTHER, &signed).await;
    assert!(text_of(&notice).contains("DKIM"));
    let answer = desk.answer(SENCO, &notice, "MARK").await;
    assert!(text_of(&answer).contains("DKIM"));
    desk.received(|r| r.to == [MOTHER]).await;
    desk.gateway.stop().await;
}

#[tokio::test]
async fn mail_that_is_signed_later_has_no_signature_to_break() {
    let pack = "name = \"own\"\nextends = \"baseline\"\n[remedies]\nsignature = \"signed-after\"\n";
    let desk = Desk::start_with_pack(ENFORCE, Some(pack)).await;
    let mut signed = b"DKIM-Signature: v=1; d=oaklane.example; h=from:subject; b=AAAA\r\n".to_vec();
    signed.extend_from_slice(&unmarked());
    let (_, notice) = desk.hold(SENCO, MOTHER, &signed).await;
    assert!(!text_of(&notice).contains("DKIM"));
    desk.gateway.stop().await;
}

#[tokio::test]
async fn a_reason_sends_it_and_is_recorded_and_told() {
    let desk = Desk::start(ENFORCE).await;
    let content = open_attachment("reason");
    let (id, notice) = desk.hold(TEACHER, OTHER_SCHOOL, &content).await;
    let offered = text_of(&notice);
    assert!(offered.contains("SEND because"), "{offered}");
    assert!(offered.contains("the headteacher"), "{offered}");

    let asked = desk.answer(TEACHER, &notice, "SEND").await;
    assert!(text_of(&asked).contains("we need your reason"));
    assert_eq!(desk.settled(id).await, [Standing::Held]);

    let line = "SEND because they cannot open our locked files.";
    let answer = desk.answer(TEACHER, &notice, line).await;
    assert!(text_of(&answer).contains("they cannot open our locked files."));
    let delivered = desk.received(|r| r.to == [OTHER_SCHOOL]).await;
    assert!(
        delivered
            .content
            .ends_with(std::str::from_utf8(&content).unwrap())
    );
    assert_eq!(desk.settled(id).await, [Standing::Taken]);
    let told = desk.received(|r| r.to == [HEAD]).await;
    let told = text_of(&told);
    assert!(
        told.contains("they cannot open our locked files."),
        "{told}"
    );
    assert!(
        !told.contains("Fenwick") && !told.contains("log.txt"),
        "{told}"
    );
    let case = desk.case().await;
    assert_eq!(case.row.state, CaseState::Released);
    assert_eq!(
        case.stop.answer.unwrap().note,
        "they cannot open our locked files."
    );
    assert_eq!(desk.audited("case.override").await, 1);
    desk.gateway.stop().await;
}

#[tokio::test]
async fn overrides_are_few_a_day_and_every_one_is_counted() {
    let pack = "name = \"own\"\nextends = \"baseline\"\n[remedies]\noverrides-a-day = 1\n\
                told = [\"dsl\", \"headteacher\"]\n";
    let desk = Desk::start_with_pack(ENFORCE, Some(pack)).await;
    let (_, first) = desk
        .hold(TEACHER, OTHER_SCHOOL, &open_attachment("first"))
        .await;
    let (second, notice) = desk
        .hold(TEACHER, OTHER_SCHOOL, &open_attachment("second"))
        .await;
    let line = "SEND because they cannot open our locked files.";
    let answer = desk.answer(TEACHER, &first, line).await;
    assert!(text_of(&answer).contains("on its way"));
    desk.received(|r| r.to == [OTHER_SCHOOL]).await;
    let refused = desk.answer(TEACHER, &notice, line).await;
    assert!(
        text_of(&refused).contains("24 hours"),
        "{}",
        text_of(&refused)
    );
    assert_eq!(desk.settled(second).await, [Standing::Held]);
    // The refusal used nothing up: the next day the same token works.
    desk.clock.advance(DAY + HOUR);
    let answer = desk.answer(TEACHER, &notice, line).await;
    assert!(
        text_of(&answer).contains("on its way"),
        "{}",
        text_of(&answer)
    );
    assert_eq!(desk.settled(second).await, [Standing::Taken]);
    assert_eq!(desk.audited("case.override").await, 2);
    desk.gateway.stop().await;
}

#[tokio::test]
async fn highly_sensitive_matter_is_never_sent_for_a_reason() {
    let pack = "name = \"own\"\nextends = \"baseline\"\n\
                [[rules]]\nid = \"marking.special\"\noverride = true\n\
                [[rules]]\nid = \"marking.near-miss\"\noverride = true\n";
    let desk = Desk::start_with_pack(ENFORCE, Some(pack)).await;
    let (id, notice) = desk.hold(SENCO, MOTHER, &unmarked()).await;
    assert!(!text_of(&notice).contains("SEND because"));
    let answer = desk
        .answer(SENCO, &notice, "SEND because she is waiting for it.")
        .await;
    assert!(
        text_of(&answer).contains("highly sensitive"),
        "{}",
        text_of(&answer)
    );
    assert_eq!(desk.settled(id).await, [Standing::Held]);
    assert_eq!(desk.audited("case.override").await, 0);
    desk.gateway.stop().await;
}

#[tokio::test]
async fn a_token_in_other_hands_tells_nothing() {
    let desk = Desk::start(ENFORCE).await;
    let (id, notice) = desk.hold(SENCO, MOTHER, &unmarked()).await;
    let stolen = desk.answer(TEACHER, &notice, "CANCEL").await;
    assert_eq!(desk.settled(id).await, [Standing::Held]);
    assert_eq!(desk.audited("remedy.refuse").await, 1);
    // No word differs from the answer to a token that never was.
    let made_up = format!("reply-{}{GATE}", "a".repeat(32));
    let content = reply(TEACHER, &made_up, "CANCEL");
    let guess = desk.send(TEACHER, &[&made_up], &content).await;
    assert_eq!(desk.settled(guess).await, [Standing::Consumed]);
    let guessed = desk.letter_after(TEACHER, 1).await;
    assert_eq!(text_of(&stolen), text_of(&guessed));
    // The right sender still can.
    desk.answer(SENCO, &notice, "CANCEL").await;
    assert_eq!(desk.settled(id).await, [Standing::Returned]);
    desk.gateway.stop().await;
}

#[tokio::test]
async fn machines_and_outsiders_are_taken_in_without_a_word() {
    let desk = Desk::start(ENFORCE).await;
    let (id, notice) = desk.hold(SENCO, MOTHER, &unmarked()).await;
    let to = reply_to(&notice);
    let letters = desk.letters(SENCO).len();
    let mut automatic = b"Auto-Submitted: auto-replied\r\n".to_vec();
    automatic.extend_from_slice(&reply(SENCO, &to, "CANCEL"));
    for (from, content) in [
        (SENCO, automatic.as_slice()),
        ("", reply(SENCO, &to, "CANCEL").as_slice()),
    ] {
        let taken = desk.send(from, &[&to], content).await;
        assert_eq!(desk.settled(taken).await, [Standing::Consumed]);
    }
    assert_eq!(desk.settled(id).await, [Standing::Held]);
    // Whatever was written would have been sent before this answer.
    let answer = desk.answer(SENCO, &notice, "CANCEL").await;
    assert!(text_of(&answer).contains("not sent to anybody"));
    assert_eq!(desk.letters(SENCO).len(), letters + 1);
    desk.assert_nothing_was_relayed_to_the_gateway();
    desk.gateway.stop().await;
}

#[tokio::test]
async fn other_recipients_of_a_reply_get_it_and_the_gateway_is_not_among_them() {
    let desk = Desk::start(ENFORCE).await;
    let (id, notice) = desk.hold(SENCO, MOTHER, &unmarked()).await;
    let to = reply_to(&notice);
    let both = desk
        .send(SENCO, &[&to, OTHER_PARENT], &reply(SENCO, &to, "CANCEL"))
        .await;
    assert_eq!(
        desk.settled(both).await,
        [Standing::Consumed, Standing::Taken]
    );
    desk.received(|r| r.to == [OTHER_PARENT]).await;
    assert_eq!(desk.settled(id).await, [Standing::Returned]);
    desk.assert_nothing_was_relayed_to_the_gateway();
    desk.gateway.stop().await;
}

#[tokio::test]
async fn one_token_does_not_send_what_was_slipped_into_its_case() {
    let desk = Desk::start(ENFORCE).await;
    let content = open_attachment("twice");
    let (first, notice) = desk.hold(TEACHER, OTHER_SCHOOL, &content).await;
    // The same Message-ID within minutes looks like a split message.
    let other = String::from_utf8(content)
        .unwrap()
        .replace("Isla Fenwick", "William Young");
    let second = desk.send(TEACHER, &[OTHER_SCHOOL], other.as_bytes()).await;
    assert_eq!(desk.settled(second).await, [Standing::Held]);
    let line = "SEND because they cannot open our locked files.";
    let answer = desk.answer(TEACHER, &notice, line).await;
    assert!(
        text_of(&answer).contains("Nothing has happened"),
        "{}",
        text_of(&answer)
    );
    for id in [first, second] {
        assert_eq!(desk.settled(id).await, [Standing::Held]);
    }
    desk.gateway.stop().await;
}

#[tokio::test]
async fn what_is_not_understood_uses_nothing_up() {
    let desk = Desk::start(ENFORCE).await;
    let (id, notice) = desk.hold(SENCO, MOTHER, &unmarked()).await;
    let answer = desk
        .answer(SENCO, &notice, "Mark Rose is in my class")
        .await;
    let said = text_of(&answer);
    assert!(
        said.contains("did not understand") && said.contains("CANCEL"),
        "{said}"
    );
    assert_eq!(reply_to(&answer), reply_to(&notice));
    assert_eq!(desk.settled(id).await, [Standing::Held]);
    desk.answer(SENCO, &answer, "CANCEL").await;
    assert_eq!(desk.settled(id).await, [Standing::Returned]);
    desk.gateway.stop().await;
}

#[tokio::test]
async fn of_two_replies_at_once_one_counts() {
    let desk = Desk::start(ENFORCE).await;
    let (id, notice) = desk.hold(SENCO, MOTHER, &unmarked()).await;
    let to = reply_to(&notice);
    let to = [to.as_str()];
    let (cancel, mark) = (reply(SENCO, to[0], "CANCEL"), reply(SENCO, to[0], "MARK"));
    let (cancel, mark) =
        tokio::join!(desk.send(SENCO, &to, &cancel), desk.send(SENCO, &to, &mark),);
    for reply in [cancel, mark] {
        assert_eq!(desk.settled(reply).await, [Standing::Consumed]);
    }
    let acts = desk.audited("case.cancel").await + desk.audited("case.mark").await;
    assert_eq!(acts, 1);
    let late = desk.letter_after(SENCO, 2).await;
    let letters = desk.letters(SENCO);
    assert!(
        letters
            .iter()
            .any(|l| text_of(l).contains("no longer waited"))
    );
    drop(late);
    let standing = desk.settled(id).await;
    let marked = standing == [Standing::Replaced];
    assert!(marked || standing == [Standing::Returned]);
    if marked {
        desk.received(|r| r.to == [MOTHER]).await;
    }
    desk.gateway.stop().await;
}

#[tokio::test]
async fn after_its_time_a_reply_is_told_so() {
    let desk = Desk::start(ENFORCE).await;
    let (id, notice) = desk.hold(SENCO, MOTHER, &unmarked()).await;
    desk.clock.advance(8 * DAY);
    // The housekeeping may have been here first.
    desk.gateway.installation.desk().expire().await.unwrap();
    assert_eq!(desk.settled(id).await, [Standing::Returned]);
    desk.gateway.queue.wake();
    desk.letter_after(SENCO, 1).await;
    let late = desk.answer(SENCO, &notice, "MARK").await;
    assert!(
        text_of(&late).contains("it went back to you"),
        "{}",
        text_of(&late)
    );
    assert!(!desk.all_received().iter().any(|r| r.to == [MOTHER]));
    desk.gateway.stop().await;
}

#[tokio::test]
async fn a_commit_that_fails_leaves_reply_and_message_as_they_were() {
    let desk = Desk::start(ENFORCE).await;
    let (id, notice) = desk.hold(SENCO, MOTHER, &unmarked()).await;
    let installation = &desk.gateway.installation;
    let store = installation.store.clone();
    store
        .write(|tx| {
            tx.execute_batch(
                "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END",
            )?;
            Ok(())
        })
        .await
        .unwrap();
    let to = reply_to(&notice);
    let taken = desk.send(SENCO, &[&to], &reply(SENCO, &to, "CANCEL")).await;
    let settings = desk.gateway.settings();
    let program = Program::worker(env!("CARGO_BIN_EXE_schoolgate").into());
    let (_sender, receiver) = watch::channel(Arc::clone(&settings));
    let own_mail = OwnMail {
        store: store.clone(),
        vault: Arc::clone(&installation.vault),
        spool: installation.spool.clone(),
        notices: installation.notices.clone(),
        pool: Arc::new(Pool::with_program(program, &settings.inspection)),
        clock: installation.clock.clone(),
        settings: receiver,
    };
    let loaded = installation.spool.load(taken).await.unwrap().unwrap();
    let content = installation
        .spool
        .content(taken, desk.school())
        .await
        .unwrap();
    let school = installation.schools.of_row(desk.school());
    let failed = own_mail
        .take(school.as_ref(), &loaded, Some(&content))
        .await;
    assert!(failed.is_err());
    let standing = |loaded: schoolgate::spool::Loaded| loaded.recipients[0].row.standing;
    let reply_now = installation.spool.load(taken).await.unwrap().unwrap();
    let held_now = installation.spool.load(id).await.unwrap().unwrap();
    assert_eq!(standing(reply_now), Standing::Unjudged);
    assert_eq!(standing(held_now), Standing::Held);
    assert_eq!(desk.case().await.row.state, CaseState::Open);

    store
        .write(|tx| {
            tx.execute_batch("DROP TRIGGER full")?;
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(desk.settled(taken).await, [Standing::Consumed]);
    assert_eq!(desk.settled(id).await, [Standing::Returned]);
    assert_eq!(desk.audited("case.cancel").await, 1);
    desk.gateway.stop().await;
}

#[tokio::test]
async fn a_sender_who_writes_on_and_on_is_answered_so_often() {
    let desk = Desk::start(ENFORCE).await;
    let to = format!("schoolgate{GATE}");
    for _ in 0..12 {
        let id = desk
            .send(TEACHER, &[&to], &reply(TEACHER, &to, "Hello"))
            .await;
        assert_eq!(desk.settled(id).await, [Standing::Consumed]);
    }
    desk.letter_after(TEACHER, 9).await;
    desk.clock.advance(2 * HOUR);
    let id = desk
        .send(TEACHER, &[&to], &reply(TEACHER, &to, "Hello"))
        .await;
    assert_eq!(desk.settled(id).await, [Standing::Consumed]);
    desk.letter_after(TEACHER, 10).await;
    assert_eq!(desk.letters(TEACHER).len(), 11);
    desk.gateway.stop().await;
}
