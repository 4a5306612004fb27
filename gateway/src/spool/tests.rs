//! The spool as a whole: what is accepted is there afterwards, once, and unreadable.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::accept::{Spool, UNASSIGNED};
use super::marker::Marker;
use super::memory::Fresh;
use super::read::Loaded;
use super::{Arrival, ArrivalRecipient, ClientFacts, Handling, KeepReason};
use crate::clock::Clock;
use crate::ids::SpoolId;
use crate::keys::Vault;
use crate::store::Store;
use crate::store::recipients::{self, Standing};

fn arrival(markers: Vec<String>) -> Arrival {
    Arrival {
        school: Some("oak".into()),
        reverse_path: "t@oak.example".into(),
        recipients: vec![ArrivalRecipient {
            path: "p@mail.example".into(),
            notify: None,
            orcpt: None,
        }],
        ret: None,
        envid: None,
        smtputf8: false,
        eight_bit: false,
        client: ClientFacts {
            name: "test".into(),
            address: std::net::Ipv4Addr::LOCALHOST.into(),
            helo: "mail.oak.example".into(),
            tls: None,
            user: None,
        },
        markers,
        keep: None,
        handling: Handling::default(),
    }
}

async fn spool(folder: &Path) -> (Spool, Arc<Vault>, mpsc::UnboundedReceiver<Fresh>) {
    let store = Store::open(folder).unwrap();
    let clock = Clock::default();
    let (oak, none) = (
        folder.join("keys/oak.key"),
        folder.join("keys/unassigned.key"),
    );
    let schools = [
        ("oak", "Oak", oak.as_path()),
        (UNASSIGNED, "", none.as_path()),
    ];
    let vault = Vault::open(&store, schools.into_iter(), clock.now())
        .await
        .unwrap();
    let vault = Arc::new(vault);
    let (fresh, arrived) = mpsc::unbounded_channel();
    let content = folder.join("content");
    std::fs::create_dir_all(&content).unwrap();
    let spool = Spool::new(store, Arc::clone(&vault), content, clock, 0, fresh);
    (spool, vault, arrived)
}

async fn accept(spool: &Spool, content: &[u8], arrival: Arrival) -> SpoolId {
    let mut incoming = spool.begin();
    incoming.write(content).await.unwrap();
    spool.accept(incoming, arrival).await.unwrap()
}

#[tokio::test]
async fn what_was_accepted_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let large = vec![b'x'; 300_000];
    let ids = {
        let (spool, _, _arrived) = spool(folder.path()).await;
        let small = accept(&spool, b"Subject: s\r\n\r\nhello\r\n", arrival(vec![])).await;
        let large = accept(&spool, &large, arrival(vec![])).await;
        spool.store.close().await;
        [small, large]
    };
    let (spool, _, _arrived) = spool(folder.path()).await;
    assert_eq!(spool.sweep_files().await.unwrap(), 0);
    for id in ids {
        let loaded = spool.load(id).await.unwrap().unwrap();
        assert_eq!(loaded.recipients[0].path.path, "p@mail.example");
        let content = spool.content(id, loaded.row.school).await.unwrap();
        assert_eq!(content.len() as i64, loaded.row.size);
    }
}

#[tokio::test]
async fn what_is_remembered_is_what_would_be_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let (spool, _, mut arrived) = spool(folder.path()).await;
    let content = b"Subject: s\r\n\r\nhello\r\n";
    let id = accept(&spool, content, arrival(vec![])).await;
    let fresh = arrived.recv().await.unwrap();
    let memory = fresh.memory.unwrap();
    let read = spool.load(id).await.unwrap().unwrap();
    let told = |loaded: &Loaded| {
        let row = &loaded.row;
        let rows: Vec<_> = loaded
            .recipients
            .iter()
            .map(|r| (r.row.id, r.row.message, r.row.standing, r.path.clone()))
            .collect();
        let arrival = serde_json::to_string(&loaded.arrival).unwrap();
        let message = (row.id, row.school, row.origin, row.state, row.size);
        (message, row.body_digest.clone(), arrival, rows)
    };
    assert_eq!(told(memory.loaded()), told(&read));
    assert_eq!(&memory.content()[..], content);
}

#[tokio::test]
async fn a_verdict_that_begins_the_delivery_counts_one_doubt_until_the_answer() {
    let folder = tempfile::tempdir().unwrap();
    let (spool, _, _arrived) = spool(folder.path()).await;
    let id = accept(&spool, b"Subject: s\r\n\r\nhello\r\n", arrival(vec![])).await;
    let entry = spool.load(id).await.unwrap().unwrap().recipients[0].row.id;
    let standing = async || {
        let row = spool
            .load(id)
            .await
            .unwrap()
            .unwrap()
            .recipients
            .remove(0)
            .row;
        (row.standing, row.doubts)
    };
    spool
        .store
        .write(move |tx| {
            let verdict = schoolgate_policies::Verdict::Deliver;
            recipients::judge(tx, entry, verdict, Standing::InDoubt, 1, 1)
        })
        .await
        .unwrap();
    assert_eq!(standing().await, (Standing::InDoubt, 1));
    spool
        .store
        .write(move |tx| recipients::attempted(tx, entry, Standing::Queued, 2, None, true, 2))
        .await
        .unwrap();
    assert_eq!(standing().await, (Standing::Queued, 0));
}

#[tokio::test]
async fn a_message_that_comes_back_is_kept_once() {
    let folder = tempfile::tempdir().unwrap();
    let (spool, vault, _arrived) = spool(folder.path()).await;
    let content = b"Subject: s\r\n\r\nhello\r\n";
    let id = accept(&spool, content, arrival(vec![])).await;
    let row = spool.load(id).await.unwrap().unwrap().row;
    let keys = vault.of(row.school).unwrap();
    let marker = Marker::sign(
        keys,
        id,
        "t@oak.example",
        &["p@mail.example"],
        &row.body_digest,
    );
    let field = marker.field().replace("\r\n", "");
    let value = field.split_once(':').unwrap().1.to_owned();

    let keep_of = async |content: &[u8], value: String| {
        let id = accept(&spool, content, arrival(vec![value])).await;
        spool.load(id).await.unwrap().unwrap().arrival.keep
    };
    assert_eq!(
        keep_of(b"Subject: s\r\n\r\nother\r\n", value.clone()).await,
        None
    );
    let forged = value.replace('a', "b");
    assert_eq!(keep_of(content, forged).await, None);
    assert_eq!(
        keep_of(content, value.clone()).await,
        Some(KeepReason::Loop)
    );
    assert_eq!(keep_of(content, value).await, None);
}

#[tokio::test]
async fn nothing_readable_lies_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let (spool, _, _arrived) = spool(folder.path()).await;
    accept(
        &spool,
        b"Subject: planted\r\n\r\nplantedword\r\n",
        arrival(vec![]),
    )
    .await;
    accept(
        &spool,
        "plantedword ".repeat(30_000).as_bytes(),
        arrival(vec![]),
    )
    .await;
    spool.store.close().await;
    let mut folders = vec![folder.path().to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            for word in [&b"plantedword"[..], b"mail.example", b"oak.example"] {
                let found = bytes.windows(word.len()).any(|w| w == word);
                assert!(!found, "{} holds plain text", path.display());
            }
        }
    }
}
