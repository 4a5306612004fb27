//! Registered exceptions in the running gateway: entered, counting at once, lapsing by
//! themselves, renewed, ended, and every step written down.

use schoolgate::audit;
use schoolgate::clock::DAY;
use schoolgate::control::{self, Word};
use schoolgate::ids::SpoolId;
use schoolgate::judge::{Judgement, judgement_place};
use schoolgate::registers::{Draft, Grounds, Register, RegisterError};
use schoolgate::store::cases;
use schoolgate::store::recipients::Standing;
use schoolgate_detectors::Category;
use schoolgate_policies::exceptions::{Allowance, Permission, What, Whom};

use super::desk::Desk;
use super::{ENFORCE, HEAD, OTHER_PARENT, TEACHER, about_a_pupil, head};

/// So many days the permission of this test lasts.
const LASTS: i64 = 2;
/// A word that stands nowhere else.
const REASON: &str = "Zuckerhutreise";

fn register(desk: &Desk) -> Register<'_> {
    let installation = &desk.gateway.installation;
    let row = installation.vault.school("oaklane").unwrap();
    let now = installation.clock.now();
    Register::of(&installation.store, &installation.vault, row, head(), now).unwrap()
}

fn permission(desk: &Desk) -> Draft {
    let today = desk.clock.today();
    Draft {
        from: today,
        until: Some(today.saturating_add(jiff::Span::new().days(LASTS))),
        what: What::Permission(Permission {
            sender: TEACHER.into(),
            recipient: Whom::parse(OTHER_PARENT).unwrap(),
            categories: Category::ALL.iter().copied().collect(),
            photos: false,
            allows: [Allowance::Unmarked].into(),
            pupils: Vec::new(),
        }),
        grounds: Grounds {
            reason: REASON.into(),
            ..Grounds::default()
        },
    }
}

async fn judgement(desk: &Desk, id: SpoolId) -> Judgement {
    let installation = &desk.gateway.installation;
    let row = installation.vault.school("oaklane").unwrap();
    let sealed = installation
        .store
        .read(move |tx| cases::judgement(tx, id))
        .await
        .unwrap()
        .unwrap();
    let keys = installation.vault.of(row).unwrap();
    keys.open_json(&judgement_place(&id.to_string()), &sealed)
        .unwrap()
}

/// Sends the message and waits for what becomes of it.
async fn send(desk: &Desk, message_id: &str) -> (SpoolId, Standing) {
    let content = about_a_pupil(message_id);
    let id = desk.send(TEACHER, &[OTHER_PARENT], &content).await;
    (id, desk.settled(id).await[0])
}

#[tokio::test]
async fn a_permission_counts_at_once_lapses_by_itself_and_is_written_down() {
    let desk = Desk::start(ENFORCE).await;
    assert_eq!(send(&desk, "before").await.1, Standing::Quarantined);

    let id = register(&desk).enter(permission(&desk)).await.unwrap();
    desk.gateway.reload().await;
    let (message, standing) = send(&desk, "permitted").await;
    assert_eq!(standing, Standing::Taken);
    let applied = judgement(&desk, message).await.decision.exceptions;
    assert_eq!(applied.len(), 1);
    assert!(applied[0].id == id && !applied[0].lapsed, "{applied:?}");

    // It ends with its last day, without anybody's doing.
    desk.clock.advance((LASTS + 1) * DAY);
    let (message, standing) = send(&desk, "lapsed").await;
    assert_eq!(standing, Standing::Quarantined);
    let decision = judgement(&desk, message).await.decision;
    assert!(decision.exceptions[0].lapsed);
    let said = "ended on ";
    for person in [HEAD, TEACHER] {
        desk.received(|r| r.to == [person] && r.content.contains(said))
            .await;
    }

    let record = register(&desk).find(&id[id.len() - 8..]).await.unwrap();
    let until = desk.clock.today().saturating_add(jiff::Span::new().days(5));
    let renewed = register(&desk).renew(&record, until, None).await.unwrap();
    desk.gateway.reload().await;
    assert_eq!(send(&desk, "renewed").await.1, Standing::Taken);

    let record = register(&desk).find(&renewed).await.unwrap();
    register(&desk)
        .end(&record, "No longer needed")
        .await
        .unwrap();
    let record = register(&desk).find(&renewed).await.unwrap();
    let again = register(&desk).end(&record, "Twice").await;
    assert!(matches!(again, Err(RegisterError::Ended)));
    desk.gateway.reload().await;
    assert_eq!(send(&desk, "ended").await.1, Standing::Quarantined);

    // Everything is there to be read, by whom and why, and found by address.
    let all = register(&desk)
        .about(&OTHER_PARENT.to_uppercase())
        .await
        .unwrap();
    assert_eq!(all.len(), 2);
    assert!(
        all.iter()
            .all(|r| r.entered_by == head() && r.ending.is_some())
    );
    assert_eq!(
        register(&desk)
            .about("nobody@elsewhere.example")
            .await
            .unwrap(),
        []
    );
    let installation = &desk.gateway.installation;
    let row = installation.vault.school("oaklane").unwrap();
    let log = audit::verify(&installation.store, row).await.unwrap();
    assert!(log.broken.is_none());
    let actions: Vec<String> = installation
        .store
        .read(move |tx| schoolgate::store::audit::from(tx, row, 1, 1000))
        .await
        .unwrap()
        .into_iter()
        .map(|line| line.action)
        .filter(|action| action.starts_with("exception."))
        .collect();
    assert_eq!(
        actions,
        [
            "exception.enter",
            "exception.end",
            "exception.enter",
            "exception.end"
        ]
    );
    desk.gateway.stop().await;
    // Reasons and addresses lie sealed.
    for name in ["schoolgate.db", "schoolgate.db-wal"] {
        let bytes = std::fs::read(desk.folder.path().join("data").join(name)).unwrap_or_default();
        let bare = |word: &str| bytes.windows(word.len()).any(|w| w == word.as_bytes());
        assert!(!bare(REASON) && !bare(OTHER_PARENT), "{name}");
    }
}

#[tokio::test]
async fn a_word_from_the_command_line_is_enough() {
    let desk = Desk::start(ENFORCE).await;
    register(&desk).enter(permission(&desk)).await.unwrap();
    let data = &desk.gateway.installation.settings.data_dir;
    assert!(control::tell(data, Word::Reload).await);
    let schools = &desk.gateway.installation.schools;
    let loaded = async {
        while schools.all().iter().all(|s| s.context.registers.is_empty()) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), loaded)
        .await
        .unwrap();
    assert_eq!(send(&desk, "told").await.1, Standing::Taken);
    desk.gateway.stop().await;
}
