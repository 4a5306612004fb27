//! With the real spool behind the door.

use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};

use super::harness::{Client, settings, without_trace};
use crate::clock::Clock;
use crate::keys::Vault;
use crate::smtp::{Service, serve};
use crate::spool::{Spool, UNASSIGNED};
use crate::store::Store;

#[tokio::test]
async fn what_is_answered_250_lies_in_the_spool() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let clock = Clock::default();
    let keys = ["oak", "elm", UNASSIGNED].map(|id| (id, folder.path().join(format!("{id}.key"))));
    let schools = keys.iter().map(|(id, key)| (*id, *id, key.as_path()));
    let vault = Vault::open(&store, schools, clock.now()).await.unwrap();
    let (fresh, mut arrived) = mpsc::unbounded_channel();
    let content = folder.path().join("content");
    std::fs::create_dir_all(&content).unwrap();
    let spool = Spool::new(store, Arc::new(vault), content, clock, 0, fresh);

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (_settings, settings) = watch::channel(Arc::new(settings()));
    let (_tls, tls) = watch::channel(None);
    let (_shutdown, stop) = watch::channel(false);
    let service = Arc::new(Service::new(spool, settings, tls));
    tokio::spawn(serve(vec![listener], service, stop));

    let mut client = Client::new(TcpStream::connect(address).await.unwrap());
    client.expect("220").await;
    client.ask("EHLO mail.oak.example", "250").await;
    let sent = "Subject: trip\r\n\r\nBring a coat.\r\n";
    let reply = client.deliver("a@oak.example", sent).await;
    assert!(reply.starts_with("250 2.0.0 OK, kept as "), "{reply}");
    let fresh = arrived.recv().await.unwrap();
    assert!(reply.ends_with(&fresh.id.to_string()), "{reply}");
    let kept = fresh.memory.unwrap();
    assert_eq!(without_trace(kept.content()), sent.as_bytes());
}
