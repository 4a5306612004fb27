//! What follows from a rule besides its verdict, done by the gateway.

use schoolgate::clock::DAY;
use schoolgate::ids::SpoolId;
use schoolgate::store::recipients::Standing;
use schoolgate::store::remedies::{self, Asked};
use schoolgate::store::tickets;

use crate::desk::{Desk, Received, golden};
use crate::{ENFORCE, HEAD, OTHER_PARENT, TEACHER, TECHNICIAN, about_a_pupil};

const SENCO: &str = "bernadette.foxley@oaklane.example";
const MOTHER: &str = "ingrid.castell@mail.example";
const DSL: &str = "owen.treadgold@oaklane.example";
const PUPIL: &str = "isla.fenwick@pupils.oaklane.example";

/// The school adds the marking itself instead of holding for it.
const MARKS: &str = "name = \"own\"\nextends = \"baseline\"\n\
    [[rules]]\nid = \"marking.special\"\nthen = \"deliver\"\nmark = \"subject\"\n\
    notify = [\"headteacher\", \"technician\"]\ntip = \"Put {marking} there yourself.\"\n\
    [[rules]]\nid = \"marking.near-miss\"\nmode = \"monitor\"\n";

fn unmarked() -> Vec<u8> {
    golden("marking/01-confidential.eml")
}

/// A letter of the gateway with its line breaks taken out.
fn said(letter: &Received) -> String {
    let text = letter.content.replace("=\r\n", "");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Desk {
    async fn told(&self, who: &str, about: &str) -> String {
        let letter = self
            .received(|r| r.to == [who] && r.reverse_path.is_empty() && said(r).contains(about))
            .await;
        said(&letter)
    }

    async fn tips(&self, sender: &str) -> i64 {
        let installation = &self.gateway.installation;
        let school = installation.vault.school("oaklane").unwrap();
        let index = installation
            .vault
            .of(school)
            .unwrap()
            .index("address", sender);
        installation
            .store
            .read(move |tx| remedies::count(tx, school, &index, Asked::Tip, 0))
            .await
            .unwrap()
    }

    async fn attempted(&self, id: SpoolId) {
        let spool = &self.gateway.installation.spool;
        let tried = async {
            while spool.load(id).await.unwrap().unwrap().recipients[0]
                .row
                .attempts
                == 0
            {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(60), tried)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_marking_is_added_and_people_are_told() {
    let desk = Desk::start_with_pack(ENFORCE, Some(MARKS)).await;
    let id = desk.send(SENCO, &[MOTHER], &unmarked()).await;
    assert_eq!(desk.settled(id).await, [Standing::Taken]);
    let marked = desk.received(|r| r.to == [MOTHER]).await;
    let subject = "SENSITIVE: CONFIDENTIAL: annual review\r\n";
    assert!(marked.content.contains(subject), "{}", marked.content);
    let original = String::from_utf8(unmarked()).unwrap();
    let (_, body) = original.split_once("\r\n\r\n").unwrap_or_default();
    assert!(marked.content.ends_with(body), "only the subject changes");

    let tip = desk.told(SENCO, "We put").await;
    assert!(tip.contains("at the start of the subject"), "{tip}");
    assert!(tip.contains("there yourself."), "{tip}");
    for who in [HEAD, TECHNICIAN] {
        let word = desk.told(who, "is on its way").await;
        for secret in ["Castell", MOTHER, SENCO, "annual review"] {
            assert!(!word.contains(secret), "{secret}: {word}");
        }
    }
    desk.gateway.stop().await;
}

#[tokio::test]
async fn nobody_gets_the_same_tip_twice_a_day() {
    let desk = Desk::start_with_pack(ENFORCE, Some(MARKS)).await;
    for count in [1, 1] {
        let id = desk.send(SENCO, &[MOTHER], &unmarked()).await;
        assert_eq!(desk.settled(id).await, [Standing::Taken]);
        assert_eq!(desk.tips(SENCO).await, count);
    }
    desk.clock.advance(DAY + DAY / 24);
    let id = desk.send(SENCO, &[MOTHER], &unmarked()).await;
    assert_eq!(desk.settled(id).await, [Standing::Taken]);
    assert_eq!(desk.tips(SENCO).await, 2);
    desk.gateway.stop().await;
}

#[tokio::test]
async fn what_must_go_over_tls_waits_where_there_is_none() {
    let pack = "name = \"own\"\nextends = \"baseline\"\n[[rules]]\nid = \"own.tls\"\n\
                concern = \"pupil-data\"\nwhen = { relation = [\"other\"] }\nthen = \"deliver\"\n\
                clauses = []\nrequire-tls = true\n";
    let desk = Desk::start_with_pack(ENFORCE, Some(pack)).await;
    let order = b"From: a\r\nSubject: Paper\r\n\r\nTwelve boxes of paper, please.\r\n";
    let id = desk.send(TEACHER, &[OTHER_PARENT], order).await;
    desk.attempted(id).await;
    assert_eq!(
        desk.standings_when(id, |s| s == [Standing::Queued]).await,
        [Standing::Queued]
    );
    // The technician may have been told why it waits.
    let went_out = |r: &Received| r.to == [OTHER_PARENT];
    assert!(!desk.all_received().iter().any(went_out), "in clear");
    desk.gateway.stop().await;
}

#[tokio::test]
async fn a_pupils_cry_for_help_reaches_the_safeguarding_lead_and_waits_for_nobody() {
    let desk = Desk::start(ENFORCE).await;
    let cry = format!(
        "From: {PUPIL}\r\nTo: {TEACHER}\r\nSubject: hi\r\n\r\n\
         Sir, I don't want to be here any more. My dad hits me.\r\n"
    );
    let id = desk.send(PUPIL, &[TEACHER], cry.as_bytes()).await;
    assert_eq!(desk.settled(id).await, [Standing::Taken]);
    let alert = desk.told(DSL, "child is at risk").await;
    assert!(
        alert.contains(PUPIL) && alert.contains("on its way"),
        "{alert}"
    );
    assert!(!alert.contains("hits me"), "{alert}");
    desk.gateway.stop().await;
}

#[tokio::test]
async fn what_is_stopped_of_it_waits_for_the_safeguarding_lead_alone() {
    let desk = Desk::start(ENFORCE).await;
    let cry = format!(
        "From: {PUPIL}\r\nTo: {OTHER_PARENT}\r\nSubject: hi\r\n\r\n\
         It is Isla Fenwick (born 14 November 2017). I was told that I have autism and \
         i just wanna die.\r\n"
    );
    let id = desk.send(PUPIL, &[OTHER_PARENT], cry.as_bytes()).await;
    assert_eq!(desk.settled(id).await, [Standing::Quarantined]);
    desk.told(DSL, "child is at risk").await;
    let answer = desk.told(PUPIL, "is being checked").await;
    assert!(!answer.contains("headteacher has been asked"), "{answer}");
    let review = desk.gateway.installation.desk();
    let case = review.list(None, true).await.unwrap().remove(0);
    assert_eq!(case.stop.reviewers, [DSL]);
    assert!(case.stop.for_dsl);
    assert!(!desk.all_received().iter().any(|r| r.to == [HEAD]));
    desk.gateway.stop().await;
}

#[tokio::test]
async fn tickets_are_as_the_rule_says() {
    let pack = "name = \"own\"\nextends = \"baseline\"\n\
                [[rules]]\nid = \"pupil-data.unknown-recipient\"\nticket = \"none\"\n\
                [[rules]]\nid = \"marking.special\"\nmode = \"off\"\n\
                [[rules]]\nid = \"marking.sensitive\"\nmode = \"off\"\n\
                [[rules]]\nid = \"own.menus\"\nconcern = \"conduct\"\n\
                when = { all = [{ sender = [\"senco\"] }, { recipients = 1 }] }\n\
                then = \"hold\"\nclauses = []\nticket = \"suspected\"\nseverity = \"high\"\n";
    let desk = Desk::start_with_pack(ENFORCE, Some(pack)).await;
    let id = desk
        .send(TEACHER, &[OTHER_PARENT], &about_a_pupil("quiet"))
        .await;
    assert_eq!(desk.settled(id).await, [Standing::Quarantined]);
    let installation = &desk.gateway.installation;
    let list = |tx: &schoolgate::store::Tx| tickets::list(tx, None, 10);
    assert!(installation.store.read(list).await.unwrap().is_empty());

    let menu = b"From: a\r\nSubject: The menu\r\n\r\nSoup and bread.\r\n";
    let id = desk.send(SENCO, &[OTHER_PARENT], menu).await;
    assert_eq!(desk.settled(id).await, [Standing::Held]);
    let rows = installation.store.read(list).await.unwrap();
    let keys = installation.vault.of(rows[0].school).unwrap();
    let body = schoolgate::breach::open(keys, &rows[0]).unwrap();
    assert_eq!(body.severity.as_deref(), Some("high"));
    desk.gateway.stop().await;
}
