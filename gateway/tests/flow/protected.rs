//! Mail that its usual approver must not see, and referrals that never wait.

use schoolgate::audit::{Actor, Entry};
use schoolgate::clock::{DAY, MINUTE};
use schoolgate::ids::CaseId;
use schoolgate::review::{Case, Decision, ReviewError};
use schoolgate::store::cases::{CaseKind, CaseState};
use schoolgate::store::recipients::Standing;
use schoolgate::store::tickets;

use crate::desk::{Desk, Received};
use crate::{ENFORCE, HEAD, TECHNICIAN, about};

const TEACHER: &str = "callum.birch@oaklane.example";
const DSL: &str = "owen.treadgold@oaklane.example";
const DEPUTY: &str = "deputy.dsl@oaklane.example";
const CHAIR: &str = "chair@oaklane.example";
const UNION: &str = "rep@neu.org.uk";
const SOCIAL_CARE: &str = "duty@socialcare.brookshire.example";
/// One letter more.
const NOT_SOCIAL_CARE: &str = "duty@socialcare.brookshires.example";
const STRANGER: &str = "stranger@elsewhere.example";
/// At the end of the school's table in the desk's configuration.
const OFFICES: &str = "foreign_reverse_path = \"refuse\"";

/// A message about a pupil that the baseline stops outside.
fn message(from: &str, to: &str, subject: &str, text: &str) -> Vec<u8> {
    let id = format!("{from}{to}{subject}").replace(|c: char| !c.is_ascii_alphanumeric(), "");
    format!(
        "From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{id}@oaklane.example>\r\n\
         \r\n{text}\r\n"
    )
    .into_bytes()
}

/// Safeguarding matter about a pupil on the roster.
fn disclosure() -> String {
    format!(
        "{} She told her teacher that her uncle hits her. We make a child protection referral \
         under section 47.",
        about()
    )
}

impl Desk {
    /// A school with a deputy safeguarding lead.
    async fn with_deputy(extra: &str) -> Self {
        let desk = Self::start(ENFORCE).await;
        desk.configure(|text| {
            let text = text.replace(
                "[[client]]",
                &format!("deputy_dsl = \"{DEPUTY}\"\n{OFFICES}\n[[client]]"),
            );
            text.replacen(ENFORCE, &format!("{ENFORCE}\n{extra}"), 1)
        })
        .await;
        desk
    }

    async fn configure(&self, change: impl FnOnce(String) -> String) {
        let path = self.folder.path().join("schoolgate.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, change(text)).unwrap();
        self.gateway.reload().await;
    }

    /// Every case, also those that no list shows.
    async fn cases(&self) -> Vec<Case> {
        self.gateway
            .installation
            .desk()
            .list(None, true)
            .await
            .unwrap()
    }

    /// What a technician or headteacher sees at the command line.
    async fn shown(&self) -> usize {
        let desk = self.gateway.installation.desk();
        desk.list_unprotected(None, true).await.unwrap().len()
    }

    fn letters_to(&self, person: &str) -> Vec<Received> {
        let mut letters = self.all_received();
        letters.retain(|r| r.to == [person] && r.reverse_path.is_empty());
        letters
    }

    /// The audit lines with this action.
    async fn audit(&self, action: &'static str) -> Vec<Entry> {
        let installation = &self.gateway.installation;
        let school = installation.vault.school("oaklane").unwrap();
        let rows = installation
            .store
            .read(move |tx| schoolgate::store::audit::from(tx, school, 1, 1000))
            .await
            .unwrap();
        let keys = installation.vault.of(school).unwrap();
        rows.iter()
            .filter(|row| row.action == action)
            .map(|row| keys.open_json("audit.body", &row.body).unwrap())
            .collect()
    }

    /// The details of the audit lines with this action.
    async fn audit_details(&self, action: &'static str) -> Vec<String> {
        let entries = self.audit(action).await;
        entries.into_iter().map(|entry| entry.detail).collect()
    }

    async fn ticket_of(&self, case: CaseId) -> Option<bool> {
        let installation = &self.gateway.installation;
        let row = installation
            .store
            .read(move |tx| tickets::of_case(tx, case))
            .await
            .unwrap()?;
        let keys = installation.vault.of(row.school).unwrap();
        Some(schoolgate::breach::open(keys, &row).unwrap().protected)
    }

    /// Nobody but these was written to by the gateway.
    fn assert_told_only(&self, people: &[&str]) {
        for letter in self.all_received() {
            if letter.reverse_path.is_empty() {
                let to = letter.to.join(", ");
                assert!(people.contains(&to.as_str()), "{to} was told");
            }
        }
    }
}

fn by(person: &str) -> Actor {
    Actor {
        name: person.into(),
        role: "command line".into(),
    }
}

#[tokio::test]
async fn mail_to_a_union_is_held_for_its_sender_and_known_to_nobody_else() {
    let desk = Desk::start(ENFORCE).await;
    let content = message(TEACHER, UNION, "My grievance", &about());
    let id = desk.send(TEACHER, &[UNION], &content).await;
    assert_eq!(desk.settled(id).await, [Standing::Held]);
    let notice = desk.received(|r| r.to == [TEACHER]).await;
    assert!(!notice.content.contains(HEAD), "{}", notice.content);
    assert_eq!(desk.shown().await, 0);
    let case = desk.cases().await.remove(0);
    assert_eq!(case.row.kind, CaseKind::Hold);
    assert_eq!(desk.ticket_of(case.row.id).await, None);
    let review = desk.gateway.installation.desk();
    let number = case.row.id.to_string();
    let digits = &number[number.len() - 8..];
    assert!(matches!(
        review.find(digits).await,
        Err(ReviewError::NoCase(_))
    ));
    let whole = review.find(&number).await.unwrap();
    for person in [HEAD, "root", DSL] {
        let released = review.answer(&whole, &Decision::Release, &by(person)).await;
        assert!(
            matches!(released, Err(ReviewError::NotYours(_))),
            "{person}"
        );
        let read = review.reveal(&whole, &by(person), "curiosity").await;
        assert!(matches!(read, Err(ReviewError::NotYours(_))), "{person}");
    }
    let judged = desk.audit_details("message.judge").await;
    assert!(
        judged.iter().all(|d| d.starts_with("judged by pack")),
        "{judged:?}"
    );

    // Nobody answers: it goes back to its sender, and still nobody else hears of it.
    desk.clock.advance(8 * DAY);
    review.expire().await.unwrap();
    desk.gateway.queue.wake();
    assert_eq!(desk.settled(id).await, [Standing::Returned]);
    desk.received(|r| r.to == [TEACHER] && r.content.contains("message/rfc822"))
        .await;
    desk.assert_told_only(&[TEACHER, TECHNICIAN]);
    assert!(
        desk.letters_to(TECHNICIAN)
            .iter()
            .all(|l| !l.content.contains("case"))
    );
    assert!(!desk.all_received().iter().any(|r| r.to == [UNION]));
    desk.gateway.stop().await;
}

#[tokio::test]
async fn a_concern_about_the_head_is_decided_by_the_chair() {
    let desk = Desk::start(ENFORCE).await;
    let private = "invented-chair@outlook.com";
    desk.configure(|text| text.replace("[[client]]", &format!("chair = \"{CHAIR}\"\n[[client]]")))
        .await;
    let text = format!("{} Mrs Ellery hid this from the governors.", about());
    let to = [CHAIR, private];
    let id = desk
        .send(TEACHER, &to, &message(TEACHER, CHAIR, "A concern", &text))
        .await;
    let standings = desk.settled(id).await;
    assert_eq!(standings, [Standing::Quarantined, Standing::Quarantined]);
    let notice = desk
        .received(|r| r.to == [CHAIR] && r.reverse_path.is_empty())
        .await;
    let case = desk.cases().await.remove(0);
    let number = case.row.id.to_string().replace('-', "");
    let unfolded = notice.content.replace("=\r\n", "");
    assert!(unfolded.contains(&number), "{unfolded}");
    assert_eq!(desk.shown().await, 0);
    assert_eq!(desk.ticket_of(case.row.id).await, Some(true));
    desk.received(|r| r.to == [TEACHER]).await;
    desk.assert_told_only(&[CHAIR, TEACHER]);
    let review = desk.gateway.installation.desk();
    let case = review.find(&number).await.unwrap();
    let refused = review.answer(&case, &Decision::Release, &by(HEAD)).await;
    assert!(matches!(refused, Err(ReviewError::NotYours(_))));
    review
        .answer(&case, &Decision::Release, &by(CHAIR))
        .await
        .unwrap();
    desk.gateway.queue.wake();
    assert_eq!(desk.settled(id).await, [Standing::Taken, Standing::Taken]);
    // The case knows who decided; the log, which others may read, does not.
    let answered = review.find(&number).await.unwrap().stop.answer.unwrap();
    assert_eq!(answered.by.name, CHAIR);
    let line = desk.audit("case.release").await.remove(0);
    assert_eq!(
        (line.actor, line.detail),
        (Actor::withheld(), String::new())
    );
    desk.gateway.stop().await;
}

#[tokio::test]
async fn the_heads_own_mail_goes_to_the_deputy_and_back_when_nobody_answers() {
    let deputy = "deputy.head@oaklane.example";
    let desk = Desk::start(ENFORCE).await;
    desk.configure(|text| {
        text.replace(
            "[[client]]",
            &format!("deputy_head = \"{deputy}\"\n[[client]]"),
        )
    })
    .await;
    let content = message(HEAD, STRANGER, "Homework", &about());
    let id = desk.send(HEAD, &[STRANGER], &content).await;
    assert_eq!(desk.settled(id).await, [Standing::Quarantined]);
    desk.received(|r| r.to == [deputy]).await;
    let case = desk.cases().await.remove(0);
    let review = desk.gateway.installation.desk();
    let own = review.answer(&case, &Decision::Release, &by(HEAD)).await;
    assert!(matches!(own, Err(ReviewError::OwnMessage)));
    desk.clock.advance(8 * DAY);
    review.expire().await.unwrap();
    desk.gateway.queue.wake();
    assert_eq!(desk.settled(id).await, [Standing::Returned]);
    desk.assert_told_only(&[deputy, HEAD, TECHNICIAN]);
    desk.gateway.stop().await;
}

#[tokio::test]
async fn a_referral_goes_at_once_marked_recorded_and_looked_at_afterwards() {
    let desk = Desk::with_deputy("[delivery]\ncooling_off_seconds = 3600").await;
    let content = message(DSL, SOCIAL_CARE, "Isla", &disclosure());
    let id = desk.send(DSL, &[SOCIAL_CARE], &content).await;
    assert_eq!(desk.settled(id).await, [Standing::Taken]);
    let delivered = desk.received(|r| r.to == [SOCIAL_CARE]).await;
    let marked = delivered
        .content
        .contains("Subject: HIGHLY SENSITIVE: Isla")
        || delivered
            .content
            .contains("Subject: HIGHLY SENSITIVE: Isla");
    assert!(marked, "{}", delivered.content);
    let left = desk.audit_details("referral.leave").await;
    assert_eq!(left.len(), 1);
    assert!(
        left[0].starts_with("TLS neither seen nor asked for"),
        "{left:?}"
    );
    desk.received(|r| r.to == [DEPUTY]).await;
    let case = desk.cases().await.remove(0);
    assert_eq!(case.row.kind, CaseKind::Review);
    assert_eq!(desk.shown().await, 0);
    let review = desk.gateway.installation.desk();
    review
        .answer(&case, &Decision::Release, &by(DEPUTY))
        .await
        .unwrap();
    assert_eq!(desk.cases().await[0].row.state, CaseState::Released);
    desk.assert_told_only(&[DEPUTY]);
    desk.gateway.stop().await;
}

#[tokio::test]
async fn a_referral_asks_for_tls_where_the_mail_service_has_a_rule_for_it() {
    let desk = Desk::with_deputy("tls_required_header = \"X-Require-TLS: yes\"").await;
    let content = message(DSL, SOCIAL_CARE, "HIGHLY SENSITIVE: Isla", &disclosure());
    let id = desk.send(DSL, &[SOCIAL_CARE], &content).await;
    assert_eq!(desk.settled(id).await, [Standing::Taken]);
    let delivered = desk.received(|r| r.to == [SOCIAL_CARE]).await;
    assert!(delivered.content.contains("X-Require-TLS: yes\r\n"));
    assert!(
        delivered
            .content
            .contains("Subject: HIGHLY SENSITIVE: Isla")
    );
    assert_eq!(
        desk.audit_details("referral.leave").await,
        ["TLS asked for"]
    );
    // Other mail asks for nothing.
    let other = message(DSL, SOCIAL_CARE, "Minutes", "The meeting begins at two.");
    let id = desk.send(DSL, &[SOCIAL_CARE], &other).await;
    assert_eq!(desk.settled(id).await, [Standing::Taken]);
    let delivered = desk.received(|r| r.content.contains("Minutes")).await;
    assert!(!delivered.content.contains("X-Require-TLS"));
    desk.gateway.stop().await;
}

#[tokio::test]
async fn who_else_gets_a_referral_is_stopped_all_the_same() {
    let desk = Desk::with_deputy("").await;
    let content = message(DSL, SOCIAL_CARE, "Isla", &disclosure());
    let id = desk.send(DSL, &[SOCIAL_CARE, STRANGER], &content).await;
    let standings = desk.settled(id).await;
    assert_eq!(standings[0], Standing::Taken);
    assert_eq!(standings[1], Standing::Quarantined);
    // Closing the review lets nothing else out.
    let review = desk.gateway.installation.desk();
    let cases = desk.cases().await;
    let look = cases
        .iter()
        .find(|c| c.row.kind == CaseKind::Review)
        .unwrap();
    let reviewer = look.stop.reviewers[0].clone();
    review
        .answer(look, &Decision::Release, &by(&reviewer))
        .await
        .unwrap();
    assert_eq!(desk.settled(id).await[1], Standing::Quarantined);
    desk.gateway.stop().await;
}

#[tokio::test]
async fn a_referral_to_an_agency_that_nobody_verified_is_urgent() {
    let desk = Desk::with_deputy("").await;
    let content = message(DSL, NOT_SOCIAL_CARE, "Referral", &disclosure());
    let id = desk.send(DSL, &[NOT_SOCIAL_CARE], &content).await;
    assert_eq!(desk.settled(id).await, [Standing::Quarantined]);
    let notice = desk.received(|r| r.to == [DEPUTY]).await;
    assert!(notice.content.contains("URGENT"));
    let own = desk.received(|r| r.to == [DSL]).await;
    assert!(
        own.content
            .contains("URGENT: your referral has not gone out")
    );
    desk.assert_told_only(&[DEPUTY, DSL]);
    // Half an hour later the headteacher is asked too.
    let review = desk.gateway.installation.desk();
    desk.clock.advance(31 * MINUTE);
    review.expire().await.unwrap();
    desk.gateway.queue.wake();
    let asked = desk.received(|r| r.to == [HEAD]).await;
    assert!(asked.content.contains("URGENT"));
    let case = desk.cases().await.remove(0);
    assert_eq!(case.row.state, CaseState::Open);
    // Then everybody was asked, and it goes back to its sender.
    for _ in 0..2 {
        desk.clock.advance(61 * MINUTE);
        review.expire().await.unwrap();
    }
    desk.gateway.queue.wake();
    assert_eq!(desk.settled(id).await, [Standing::Returned]);
    assert!(
        !desk
            .all_received()
            .iter()
            .any(|r| r.to == [NOT_SOCIAL_CARE])
    );
    desk.gateway.stop().await;
}

#[tokio::test]
async fn what_others_write_brings_nothing_into_the_fast_lane() {
    let desk = Desk::with_deputy("").await;
    let subject = "URGENT SAFEGUARDING REFERRAL";
    let by_teacher = message(TEACHER, SOCIAL_CARE, subject, &disclosure());
    let id = desk.send(TEACHER, &[SOCIAL_CARE], &by_teacher).await;
    assert_eq!(desk.settled(id).await, [Standing::Held]);
    // From shows the safeguarding lead; the mail server let a teacher in.
    let shown = message(DSL, SOCIAL_CARE, &format!("{subject} 2"), &disclosure());
    let id = desk.send(TEACHER, &[SOCIAL_CARE], &shown).await;
    assert_eq!(desk.settled(id).await, [Standing::Held]);
    for subject in ["Union matter", "LADO", "Whistleblowing"] {
        let content = message(TEACHER, STRANGER, subject, &about());
        let id = desk.send(TEACHER, &[STRANGER], &content).await;
        assert_eq!(desk.settled(id).await, [Standing::Quarantined], "{subject}");
    }
    assert_eq!(desk.audit_details("referral.leave").await.len(), 0);
    desk.gateway.stop().await;
}

#[tokio::test]
async fn the_journal_knows_over_which_tls_a_referral_left() {
    let desk = Desk::with_deputy("").await;
    let content = message(DSL, SOCIAL_CARE, "Isla", &disclosure());
    let id = desk.send(DSL, &[SOCIAL_CARE], &content).await;
    assert_eq!(desk.settled(id).await, [Standing::Taken]);
    let installation = &desk.gateway.installation;
    let (line, sealed) = installation
        .store
        .read(move |tx| schoolgate::store::journal::of_message(tx, id))
        .await
        .unwrap()
        .unwrap();
    let keys = installation
        .vault
        .of(installation.vault.school("oaklane").unwrap())
        .unwrap();
    let body: schoolgate::dispatch::JournalBody = keys
        .open_json(&format!("journal.body:{line}"), &sealed)
        .unwrap();
    assert_eq!(body.referral.len(), 1);
    assert_eq!(body.referral[0].0, SOCIAL_CARE);
    desk.gateway.stop().await;
}
