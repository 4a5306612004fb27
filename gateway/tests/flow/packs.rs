//! The school's pack while mail flows: changed, refused, and asked about the past.

use std::collections::BTreeMap;
use std::sync::Arc;

use schoolgate::clock::{DAY, HOUR};
use schoolgate::ids::{JournalId, SpoolId};
use schoolgate::keys::Purpose;
use schoolgate::replay::{Note, Replayed, Tally, replay_journal};
use schoolgate::store::journal::{self, JournalRow};
use schoolgate::store::recipients::Standing;
use schoolgate_policies::replay::{Answer, Change};
use schoolgate_policies::{Pack, Verdict};
use serde_json::Value;

use crate::desk::{Desk, golden};
use crate::{ENFORCE, OTHER_PARENT, TEACHER, about_a_pupil};

/// The golden message without a marking, and to whom it goes.
const SENCO: &str = "bernadette.foxley@oaklane.example";
const MOTHER: &str = "ingrid.castell@mail.example";

/// Holds what is not marked, as the baseline does.
const STRICT: &str = "name = \"own\"\nextends = \"baseline\"\n";
/// Only watches it.
const LENIENT: &str = "name = \"own\"\nextends = \"baseline\"\n\
    [[rules]]\nid = \"marking.special\"\nmode = \"monitor\"\n\
    [[rules]]\nid = \"marking.near-miss\"\nmode = \"monitor\"\n";

fn pack(text: &str) -> Pack {
    Pack::load(text, &|_| None).unwrap()
}

/// The unmarked message under another Message-ID.
fn unmarked(message_id: &str) -> Vec<u8> {
    let text = String::from_utf8(golden("marking/01-confidential.eml")).unwrap();
    let lines =
        text.lines().map(
            |line| match line.to_ascii_lowercase().starts_with("message-id:") {
                true => format!("Message-ID: <{message_id}@oaklane.example>\r\n"),
                false => format!("{line}\r\n"),
            },
        );
    lines.collect::<String>().into_bytes()
}

impl Desk {
    fn write_pack(&self, text: &str) {
        std::fs::write(self.folder.path().join("own.toml"), text).unwrap();
    }

    /// Every line of the journal, opened, by the message's id.
    async fn journal(&self) -> BTreeMap<String, Value> {
        let installation = &self.gateway.installation;
        let row = installation.vault.school("oaklane").unwrap();
        let lines = installation
            .store
            .read(move |tx| journal::lines(tx, row, (0, i64::MAX), None, (1000, usize::MAX)))
            .await
            .unwrap();
        let keys = installation.vault.of(row).unwrap();
        let opened = lines.iter().map(|line| {
            let place = format!("journal.body:{}", line.id);
            let body = keys.open_json(&place, &line.body).unwrap();
            (line.message.to_string(), body)
        });
        opened.collect()
    }

    /// Adds a line to the journal as another program may have written it.
    async fn write_line(&self, body: &Value) -> SpoolId {
        let installation = &self.gateway.installation;
        let row = installation.vault.school("oaklane").unwrap();
        let keys = installation.vault.of(row).unwrap();
        let (id, message) = (JournalId::new(), SpoolId::new());
        let place = format!("journal.body:{id}");
        let line = JournalRow {
            id,
            school: row,
            message,
            received_at: installation.clock.now(),
            verdict: Verdict::Deliver,
            message_id_index: None,
            sender_index: None,
            body: keys.seal_json(Purpose::Record, &place, body).unwrap(),
        };
        installation
            .store
            .write(move |tx| journal::insert(tx, &line))
            .await
            .unwrap();
        message
    }

    async fn replay(&self, pack: &Pack) -> (Tally, Vec<Replayed>) {
        let installation = &self.gateway.installation;
        let row = installation.vault.school("oaklane").unwrap();
        let school = installation.schools.of_row(row).unwrap();
        let until = installation.clock.now() + HOUR;
        let mut each = Vec::new();
        let keep = |replayed: &Replayed| each.push(replayed.clone());
        let span = (until - DAY, until);
        let tally = replay_journal(installation, row, &school, pack, span, keep)
            .await
            .unwrap();
        (tally, each)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pack_is_changed_while_mail_flows_and_a_refused_one_changes_nothing() {
    let desk = Arc::new(Desk::start_with_pack(ENFORCE, Some(STRICT)).await);
    let first = desk.send(SENCO, &[MOTHER], &unmarked("first")).await;
    assert_eq!(desk.settled(first).await, [Standing::Held]);

    let senders: Vec<_> = (0..3)
        .map(|sender| {
            let desk = Arc::clone(&desk);
            tokio::spawn(async move {
                let mut sent = Vec::new();
                for i in 0..8 {
                    let content = unmarked(&format!("flow-{sender}-{i}"));
                    sent.push(desk.send(SENCO, &[MOTHER], &content).await);
                }
                sent
            })
        })
        .collect();
    for text in [
        LENIENT,
        STRICT,
        "name = \"own\"\nextends = \"basline\"\n",
        LENIENT,
    ] {
        desk.write_pack(text);
        desk.gateway.reload().await;
    }
    let mut standings = BTreeMap::new();
    for sender in senders {
        for id in sender.await.unwrap() {
            standings.insert(id.to_string(), desk.settled(id).await);
        }
    }
    assert_eq!(standings.len(), 24);
    // Each was judged whole by one of the packs, and none was lost.
    let journal = desk.journal().await;
    let (strict, lenient) = (pack(STRICT).digest, pack(LENIENT).digest);
    for (id, standing) in standings {
        let digest = journal[&id]["decision"]["pack_digest"].as_str().unwrap();
        let expected = match digest {
            digest if digest == strict => Standing::Held,
            digest if digest == lenient => Standing::Taken,
            other => panic!("judged by {other}"),
        };
        assert_eq!(standing, [expected]);
    }

    // What is refused leaves the last good one in place, whatever is wrong with it.
    let wrong = ["", "nonsense", "name = \"own\"\nextends = \"none-such\"\n"];
    for (i, wrong) in wrong.into_iter().enumerate() {
        desk.write_pack(wrong);
        desk.gateway.reload().await;
        let content = unmarked(&format!("wrong-{i}"));
        let id = desk.send(SENCO, &[MOTHER], &content).await;
        assert_eq!(desk.settled(id).await, [Standing::Taken], "{wrong}");
    }
    std::fs::remove_file(desk.folder.path().join("own.toml")).unwrap();
    desk.gateway.reload().await;
    let id = desk.send(SENCO, &[MOTHER], &unmarked("gone")).await;
    assert_eq!(desk.settled(id).await, [Standing::Taken]);
    desk.write_pack(STRICT);
    desk.gateway.reload().await;
    let id = desk.send(SENCO, &[MOTHER], &unmarked("last")).await;
    assert_eq!(desk.settled(id).await, [Standing::Held]);
    desk.gateway.stop().await;
}

#[tokio::test]
async fn the_journal_answers_for_another_pack() {
    let desk = Desk::start_with_pack(ENFORCE, Some(STRICT)).await;
    let held = desk.send(SENCO, &[MOTHER], &unmarked("held")).await;
    assert_eq!(desk.settled(held).await, [Standing::Held]);
    let stopped = desk
        .send(TEACHER, &[OTHER_PARENT], &about_a_pupil("stopped"))
        .await;
    assert_eq!(desk.settled(stopped).await, [Standing::Quarantined]);

    let (tally, each) = desk.replay(&pack(STRICT)).await;
    assert_eq!((tally.messages, tally.unchanged), (2, 2));
    assert!(tally.notes.is_empty(), "{tally:?}");
    assert!(!each.iter().any(Replayed::is_remarkable));

    let (tally, each) = desk.replay(&pack(LENIENT)).await;
    assert_eq!((tally.unchanged, tally.changed, tally.open), (1, 1, 0));
    let moved = &tally.changes[0];
    assert_eq!(
        (moved.before, moved.after),
        (Verdict::Hold, Verdict::Deliver)
    );
    assert_eq!((moved.count, tally.changes.len()), (1, 1));
    let stops = tally.rules["marking.special"];
    // It stopped the other message too, which a stricter rule still stops.
    assert_eq!((stops.before, stops.after), (2, 0));
    let ids: Vec<SpoolId> = each.iter().map(|r| r.message).collect();
    assert_eq!(ids, [held, stopped]);
    assert_eq!(each[0].replay.change(), Some(Change::Verdict));

    // The pack that decided is known by what the store kept of it, though another runs.
    desk.write_pack(LENIENT);
    desk.gateway.reload().await;
    let (tally, _) = desk
        .replay(&pack("name = \"x\"\nextends = \"baseline\"\n"))
        .await;
    assert_eq!((tally.unchanged, tally.open), (2, 0));

    // With other words for the markings, what hangs on them stays open.
    let words =
        "name = \"x\"\nextends = \"baseline\"\n[markings]\nhighly-sensitive = [\"SECRET\"]\n";
    let (tally, each) = desk.replay(&pack(words)).await;
    assert_eq!((tally.unchanged, tally.changed, tally.open), (1, 0, 1));
    assert!(matches!(each[0].replay.after, Answer::Open { .. }));
    assert!(each[0].is_remarkable());
    desk.gateway.stop().await;
}

#[tokio::test]
async fn what_the_journal_cannot_answer_is_said_and_counted() {
    let desk = Desk::start_with_pack(ENFORCE, Some(STRICT)).await;
    let held = desk.send(SENCO, &[MOTHER], &unmarked("held")).await;
    assert_eq!(desk.settled(held).await, [Standing::Held]);
    let line = desk.journal().await.remove(&held.to_string()).unwrap();

    // An older program with other detectors, which did not say yet what is special.
    let mut older = line.clone();
    older["inspection"]["detectors"] = "0.0.1".into();
    older.as_object_mut().unwrap().remove("roster").unwrap();
    for subject in older["inspection"]["subjects"].as_array_mut().unwrap() {
        subject.as_object_mut().unwrap().remove("special").unwrap();
    }
    let older = desk.write_line(&older).await;
    // Another roster, on which the mother stood as nobody.
    let mut other = line.clone();
    other["roster"] = "0000".into();
    other["facts"]["recipients"][0]["relation"] = "other".into();
    other["facts"]["recipients"][0]["family"] = Value::Null;
    other["inspection"]["subjects"][0]["pupils"] = Value::Array(Vec::new());
    let other = desk.write_line(&other).await;
    let none = desk.write_line(&"not a line".into()).await;

    let (tally, each) = desk.replay(&pack(STRICT)).await;
    assert_eq!((tally.messages, tally.unreadable), (3, 1));
    assert!(!each.iter().any(|r| r.message == none));
    let of = |id: SpoolId| each.iter().find(|r| r.message == id).unwrap();
    assert!(of(held).notes.is_empty());
    let notes: Vec<Note> = of(older).notes.iter().copied().collect();
    assert_eq!(notes, [Note::OtherDetectors, Note::RosterNotKept]);
    assert!(matches!(of(older).replay.after, Answer::Open { .. }));
    assert_eq!(tally.open, 1);
    let notes: Vec<Note> = of(other).notes.iter().copied().collect();
    let expected = [Note::OtherRoster, Note::UnknownPupils, Note::OtherRelations];
    assert_eq!(notes, expected);
    assert_eq!(tally.notes[&Note::OtherRelations], 1);
    // As she was: nobody whom the school knows. As she is: a mother, and not to be told
    // about a child who is not on the roster.
    assert_eq!(of(other).replay.change(), Some(Change::Verdict));
    desk.gateway.stop().await;
}
