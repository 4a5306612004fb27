//! What becomes of messages over days: holds, answers, tips, loops, reloads. The real
//! gateway in this process with real workers, a next hop that keeps what it gets, and a
//! clock that the tests move.

#![allow(clippy::unwrap_used)]

mod consequences;
mod desk;
mod drafts;
mod packs;
mod protected;
mod registers;
mod remedies;

use desk::{Desk, golden};
use schoolgate::audit::Actor;
use schoolgate::clock::{DAY, MINUTE};
use schoolgate::review::{Decision, ReviewError};
use schoolgate::store::cases::CaseState;
use schoolgate::store::recipients::Standing;
use schoolgate::store::tickets::{self, TicketState};

const ENFORCE: &str = "stance = \"enforce\"";
const TEACHER: &str = "daniel.achebe@oaklane.example";
const HEAD: &str = "margaret.ellery@oaklane.example";
const TECHNICIAN: &str = "ken.arkwright@oaklane.example";
const OTHER_PARENT: &str = "stranger@elsewhere.example";

/// A message about a pupil that the baseline quarantines for a stranger.
fn about_a_pupil(message_id: &str) -> Vec<u8> {
    format!(
        "From: {TEACHER}\r\nTo: {OTHER_PARENT}\r\nSubject: Homework\r\n\
         Message-ID: <{message_id}@oaklane.example>\r\n\r\n{}\r\n",
        about()
    )
    .into_bytes()
}

/// A sentence about somebody on the roster, with a date of birth.
fn about() -> String {
    let pupils = std::fs::read_to_string(desk::fixtures().join("school/pupils.csv")).unwrap();
    let row: Vec<&str> = pupils.lines().nth(1).unwrap().split(',').collect();
    format!(
        "{} {} (born {}) has been moved to the SEN register.",
        row[2], row[1], row[5]
    )
}

fn head() -> Actor {
    Actor {
        name: HEAD.into(),
        role: "headteacher".into(),
    }
}

#[tokio::test]
async fn an_answer_counts_once_and_settles_the_ticket() {
    let desk = Desk::start(ENFORCE).await;
    let id = desk
        .send(TEACHER, &[OTHER_PARENT], &about_a_pupil("once"))
        .await;
    assert_eq!(desk.settled(id).await, [Standing::Quarantined]);
    desk.received(|r| r.to == [HEAD]).await;
    desk.received(|r| r.to == [TEACHER]).await;

    let review = desk.gateway.installation.desk();
    let case = review.list(None, false).await.unwrap().remove(0);
    let own = Actor {
        name: TEACHER.into(),
        role: "teacher".into(),
    };
    let refused = review.answer(&case, &Decision::Release, &own).await;
    assert!(matches!(refused, Err(ReviewError::OwnMessage)));
    let actor = head();
    let (first, second) = tokio::join!(
        review.answer(&case, &Decision::Release, &actor),
        review.answer(&case, &Decision::Release, &actor),
    );
    assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
    desk.gateway.queue.wake();
    assert_eq!(desk.settled(id).await, [Standing::Taken]);
    let delivered = desk.received(|r| r.to == [OTHER_PARENT]).await;
    assert_eq!(delivered.reverse_path, TEACHER);
    let (store, case) = (&desk.gateway.installation.store, case.row.id);
    let ticket = store
        .read(move |tx| tickets::of_case(tx, case))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(ticket.state, TicketState::NoIncident);
    let copies = desk
        .all_received()
        .iter()
        .filter(|r| r.to == [OTHER_PARENT])
        .count();
    assert_eq!(copies, 1);
    desk.gateway.stop().await;
}

#[tokio::test]
async fn a_hold_that_nobody_answers_goes_back_after_five_school_days() {
    let desk = Desk::start(ENFORCE).await;
    let content = golden("marking/01-confidential.eml");
    let text = String::from_utf8_lossy(&content);
    let address = |name: &str| {
        let line = text.lines().find(|l| l.starts_with(name)).unwrap();
        let start = line.rfind('<').map_or(name.len(), |i| i + 1);
        line[start..].trim().trim_end_matches('>').to_owned()
    };
    let (from, to) = (address("From:"), address("To:"));
    let id = desk.send(&from, &[&to], &content).await;
    assert_eq!(desk.settled(id).await, [Standing::Held]);
    let notice = desk.received(|r| r.to == [from.as_str()]).await;
    assert_eq!(notice.reverse_path, "");

    desk.clock.advance(3 * DAY);
    assert_eq!(desk.gateway.installation.desk().expire().await.unwrap(), 0);
    desk.clock.advance(5 * DAY);
    let review = desk.gateway.installation.desk();
    // The housekeeping may have been here first.
    review.expire().await.unwrap();
    desk.gateway.queue.wake();
    assert_eq!(desk.settled(id).await, [Standing::Returned]);
    let cases = review.list(None, true).await.unwrap();
    assert_eq!(cases[0].row.state, CaseState::Expired);
    desk.received(|r| r.to == [from.as_str()] && r.content.contains("message/rfc822"))
        .await;
    assert!(!desk.all_received().iter().any(|r| r.to == [to.as_str()]));
    desk.gateway.stop().await;
}

#[tokio::test]
async fn a_split_message_is_one_case_and_one_notice() {
    let desk = Desk::start(ENFORCE).await;
    let content = about_a_pupil("split");
    let first = desk
        .send(TEACHER, &["one@elsewhere.example"], &content)
        .await;
    let second = desk
        .send(TEACHER, &["two@elsewhere.example"], &content)
        .await;
    desk.settled(first).await;
    desk.settled(second).await;
    desk.received(|r| r.to == [HEAD]).await;
    let review = desk.gateway.installation.desk();
    let cases = review.list(None, false).await.unwrap();
    assert_eq!(cases.len(), 1);
    assert_eq!(cases[0].stop.recipients.len(), 2);
    review
        .answer(
            &cases[0],
            &Decision::Refuse {
                note: "Not to outsiders.".into(),
            },
            &head(),
        )
        .await
        .unwrap();
    assert_eq!(desk.settled(first).await, [Standing::Refused]);
    assert_eq!(desk.settled(second).await, [Standing::Refused]);
    desk.gateway.queue.wake();
    desk.received(|r| r.content.contains("Not to outsiders."))
        .await;
    let told = desk
        .all_received()
        .iter()
        .filter(|r| r.to == [HEAD])
        .count();
    assert_eq!(told, 1);
    desk.gateway.stop().await;
}

#[tokio::test]
async fn observing_delivers_and_reports_the_next_day() {
    let desk = Desk::start("verdict_header = true").await;
    let id = desk
        .send(TEACHER, &[OTHER_PARENT], &about_a_pupil("observe"))
        .await;
    assert_eq!(desk.settled(id).await, [Standing::Taken]);
    let delivered = desk.received(|r| r.to == [OTHER_PARENT]).await;
    let verdict = "X-Schoolgate-Verdict: deliver; would-be=quarantine;\r\n rule=";
    assert!(delivered.content.contains(verdict), "{}", delivered.content);
    // To the afternoon of the next day, whatever the time is now.
    desk.clock.advance(DAY);
    while schoolgate::clock::local(desk.clock.now()).hour() < 7 {
        desk.clock.advance(60 * MINUTE);
    }
    let installation = &desk.gateway.installation;
    let stance = schoolgate_policies::Stance::Observe;
    schoolgate::observing::report_yesterday(installation, stance)
        .await
        .unwrap();
    desk.gateway.queue.wake();
    let report = desk.received(|r| r.to == [HEAD]).await;
    assert!(
        report.content.contains("would have stopped"),
        "{}",
        report.content
    );
    assert_eq!(
        schoolgate::observing::report_yesterday(installation, stance)
            .await
            .unwrap(),
        0,
        "a day is reported once"
    );
    desk.gateway.stop().await;
}

#[tokio::test]
async fn pilot_senders_are_enforced_while_others_are_observed() {
    let desk = Desk::start(&format!("pilot_senders = [\"{TEACHER}\"]")).await;
    let id = desk
        .send(TEACHER, &[OTHER_PARENT], &about_a_pupil("pilot"))
        .await;
    assert_eq!(desk.settled(id).await, [Standing::Quarantined]);
    let id = desk
        .send(HEAD, &[OTHER_PARENT], &about_a_pupil("watched"))
        .await;
    assert_eq!(desk.settled(id).await, [Standing::Taken]);
    desk.gateway.stop().await;
}

#[tokio::test]
async fn cooling_off_lies_between_verdict_and_first_attempt() {
    let desk = Desk::start("stance = \"enforce\"\n[delivery]\ncooling_off_seconds = 3600").await;
    let content = b"From: a\r\nSubject: The menu\r\n\r\nSoup.\r\n";
    let id = desk.send(TEACHER, &[OTHER_PARENT], content).await;
    let queued = |s: &[Standing]| s == [Standing::Queued];
    desk.standings_when(id, queued).await;
    desk.gateway.queue.wake();
    assert!(desk.all_received().is_empty());
    desk.clock.advance(61 * MINUTE);
    desk.gateway.queue.wake();
    assert_eq!(desk.settled(id).await, [Standing::Taken]);
    desk.gateway.stop().await;
}

#[tokio::test]
async fn a_message_that_comes_back_is_kept_and_alarms_the_technician() {
    let desk = Desk::start(ENFORCE).await;
    let content = b"From: a\r\nSubject: The menu\r\n\r\nSoup.\r\n";
    let id = desk.send(TEACHER, &[OTHER_PARENT], content).await;
    assert_eq!(desk.settled(id).await, [Standing::Taken]);
    let delivered = desk.received(|r| r.to == [OTHER_PARENT]).await;
    let back = desk
        .send(TEACHER, &[OTHER_PARENT], delivered.content.as_bytes())
        .await;
    assert_eq!(desk.settled(back).await, [Standing::Quarantined]);
    desk.received(|r| r.to == [TECHNICIAN]).await;
    let review = desk.gateway.installation.desk();
    let case = review.list(None, false).await.unwrap().remove(0);
    let released = review.answer(&case, &Decision::Release, &head()).await;
    assert!(matches!(released, Err(ReviewError::CannotLeave(_))));
    // Replayed once more, it exempts nothing: it is judged like any other.
    let replayed = desk
        .send(TEACHER, &[OTHER_PARENT], delivered.content.as_bytes())
        .await;
    assert_eq!(desk.settled(replayed).await, [Standing::Taken]);
    desk.gateway.stop().await;
}

#[tokio::test]
async fn a_null_reverse_path_exempts_nothing_and_is_told_to_the_reviewer() {
    let desk = Desk::start(ENFORCE).await;
    let id = desk.send("", &[OTHER_PARENT], &about_a_pupil("null")).await;
    assert_eq!(desk.settled(id).await, [Standing::Quarantined]);
    desk.received(|r| r.to == [HEAD]).await;
    assert!(!desk.all_received().iter().any(|r| r.to == [TEACHER]));
    desk.gateway.stop().await;
}

#[tokio::test]
async fn a_foreign_reverse_path_is_judged_before_it_is_released() {
    let desk = Desk::start(ENFORCE).await;
    let path = desk.folder.path().join("schoolgate.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let held = text.replace("[[client]]", "foreign_reverse_path = \"hold\"\n[[client]]");
    std::fs::write(&path, held).unwrap();
    desk.gateway.reload().await;
    let id = desk
        .send(
            "someone@abroad.example",
            &[OTHER_PARENT],
            &about_a_pupil("foreign"),
        )
        .await;
    assert_eq!(desk.settled(id).await, [Standing::Quarantined]);
    let review = desk.gateway.installation.desk();
    let case = review.list(None, false).await.unwrap().remove(0);
    review
        .answer(&case, &Decision::Release, &head())
        .await
        .unwrap();
    schoolgate::control::tell(
        &desk.gateway.installation.settings.data_dir,
        schoolgate::control::Word::Wake,
    )
    .await;
    // Judged now, it is stopped for what it says.
    assert_eq!(desk.settled(id).await, [Standing::Quarantined]);
    let cases = review.list(None, false).await.unwrap();
    assert_eq!(cases.len(), 1);
    assert!(cases[0].stop.kept.is_none());
    assert!(!desk.all_received().iter().any(|r| r.to == [OTHER_PARENT]));
    desk.gateway.stop().await;
}

#[tokio::test]
async fn a_bad_reload_keeps_the_old() {
    let desk = Desk::start(ENFORCE).await;
    let path = desk.folder.path().join("schoolgate.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("enforce", "enforced")).unwrap();
    desk.gateway.reload().await;
    assert_eq!(
        desk.gateway.settings().stance,
        schoolgate_policies::Stance::Enforce
    );
    std::fs::write(&path, text.replace("enforce", "observe")).unwrap();
    desk.gateway.reload().await;
    assert_eq!(
        desk.gateway.settings().stance,
        schoolgate_policies::Stance::Observe
    );
    let id = desk
        .send(TEACHER, &[OTHER_PARENT], &about_a_pupil("reloaded"))
        .await;
    assert_eq!(desk.settled(id).await, [Standing::Taken]);
    desk.gateway.stop().await;
}

#[tokio::test]
async fn each_school_is_judged_by_its_own_roster_and_keeps_its_own_log() {
    let elm = "[[school]]\nid = \"elm\"\nname = \"Elm Primary School\"\n\
               domains = [\"elm.example\"]\nheadteacher = \"head@elm.example\"\n\
               technician = \"it@elm.example\"\n";
    let desk = Desk::start(&format!("{ENFORCE}\n{elm}")).await;
    let content = about_a_pupil("two-schools");
    let oak = desk.send(TEACHER, &[OTHER_PARENT], &content).await;
    assert_eq!(desk.settled(oak).await, [Standing::Quarantined]);
    // Elm has no roster: it knows none of Oak Lane's pupils, and its rules on relations
    // only monitor. (A child with a date of birth would be seen without one.)
    let text = String::from_utf8(content)
        .unwrap()
        .replace(TEACHER, "t@elm.example");
    let (before, after) = text.split_once(" (born").unwrap();
    let (_, after) = after.split_once(')').unwrap();
    let text = format!("{before}{after}");
    let other = desk
        .send("t@elm.example", &[OTHER_PARENT], text.as_bytes())
        .await;
    assert_eq!(desk.settled(other).await, [Standing::Taken]);

    let installation = &desk.gateway.installation;
    for slug in ["oaklane", "elm"] {
        let row = installation.vault.school(slug).unwrap();
        let log = schoolgate::audit::verify(&installation.store, row)
            .await
            .unwrap();
        assert!(log.broken.is_none() && log.lines >= 1, "{slug}: {log:?}");
        let cases = installation.desk().list(Some(row), true).await.unwrap();
        assert_eq!(cases.len(), usize::from(slug == "oaklane"), "{slug}");
    }
    // What is sealed for one school does not open with another's keys.
    let elm = installation.vault.school("elm").unwrap();
    assert!(installation.spool.content(oak, elm).await.is_err());
    desk.gateway.stop().await;
}

#[tokio::test]
async fn content_that_is_gone_waits_on_the_schedule_and_leaves_nothing_out() {
    let desk = Desk::start("stance = \"enforce\"\n[delivery]\ncooling_off_seconds = 3600").await;
    let mut content = b"From: a\r\nSubject: The menu\r\n\r\n".to_vec();
    content.extend(
        "Soup and bread, every day of the week.\r\n"
            .repeat(6_000)
            .bytes(),
    );
    let id = desk.send(TEACHER, &[OTHER_PARENT], &content).await;
    desk.standings_when(id, |s| s == [Standing::Queued]).await;
    let folder = desk.folder.path().join("data/content");
    let name = id.to_string();
    std::fs::remove_file(folder.join(&name[name.len() - 2..]).join(&name)).unwrap();
    desk.clock.advance(61 * MINUTE);
    desk.gateway.queue.wake();
    let spool = &desk.gateway.installation.spool;
    let tried = async {
        loop {
            let loaded = spool.load(id).await.unwrap().unwrap();
            if loaded.recipients[0].row.attempts > 0 {
                return loaded;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let loaded = tokio::time::timeout(std::time::Duration::from_secs(60), tried)
        .await
        .unwrap();
    assert_eq!(loaded.recipients[0].row.standing, Standing::Queued);
    assert!(loaded.recipients[0].row.next_attempt_at > desk.clock.now());
    assert!(desk.all_received().is_empty());
    desk.gateway.stop().await;
}
