//! Delivery against a scripted next hop on loopback.

mod certificates;
mod content;
mod double;
mod encryption;
mod failover;
mod recipients;
mod reuse;

use std::time::Duration;

use double::Double;

use super::{Deferral, NextHops, Outcome, Outgoing, OutgoingRecipient};
use crate::config::{Delivery, NextHop, TlsLevel};
use crate::ids::{RecipientId, SpoolId};

const CONTENT: &[u8] = b"From: office@ashgrove.example\r\nSubject: Trip\r\n\r\nBring a coat.\r\n";

fn delivery() -> Delivery {
    Delivery {
        batch: 50,
        concurrency: 4,
        cooling_off: Duration::ZERO,
        retry: vec![Duration::from_secs(60)],
        expire: Duration::from_secs(3600),
        reply: Duration::from_secs(300),
    }
}

fn hop(port: u16) -> NextHop {
    NextHop {
        name: format!("double-{port}"),
        host: "127.0.0.1".into(),
        port,
        tls: TlsLevel::None,
        final_for: Vec::new(),
        ca: None,
        client_certificate: None,
        login: None,
    }
}

fn next_hops(hops: &[NextHop]) -> NextHops {
    NextHops::new(hops, "gate.ashgrove.example", &delivery()).unwrap()
}

fn over(doubles: &[&Double]) -> NextHops {
    next_hops(&doubles.iter().map(|d| hop(d.port)).collect::<Vec<_>>())
}

fn mail(paths: &[&str]) -> Outgoing {
    Outgoing {
        id: SpoolId::new(),
        reverse_path: "office@ashgrove.example".into(),
        recipients: paths.iter().map(|p| recipient(p)).collect(),
        ret: None,
        envid: None,
        smtputf8: false,
        eight_bit: false,
        content: CONTENT.into(),
        trace: Vec::new(),
        require_tls: false,
        prefer_tls: None,
    }
}

fn recipient(path: &str) -> OutgoingRecipient {
    OutgoingRecipient {
        id: RecipientId::new(),
        path: path.to_owned(),
        notify: None,
        orcpt: None,
    }
}

/// Attempts over all next hops in order; the outcomes are in the recipients' order.
async fn attempt(hops: &NextHops, order: &[usize], mail: &Outgoing) -> Vec<Outcome> {
    let answers = hops.attempt(order, mail, |_| async { Ok(()) }).await;
    let ids: Vec<_> = answers.iter().map(|(id, _)| *id).collect();
    let expected: Vec<_> = mail.recipients.iter().map(|r| r.id).collect();
    assert_eq!(ids, expected, "every recipient is answered once");
    answers.into_iter().map(|(_, outcome)| outcome).collect()
}

/// An outcome in a few words: what, at which hop, with which codes.
fn words(outcome: &Outcome) -> String {
    let at = |hop: &Option<usize>| hop.map_or("-".to_owned(), |h| h.to_string());
    match outcome {
        Outcome::Taken { hop, reply, .. } => format!("taken {hop} {}", reply.codes()),
        Outcome::Deferred { hop, reply, why } => {
            let why = match why {
                Deferral::Refused => "refused",
                Deferral::Unreachable => "unreachable",
                Deferral::Configuration => "configuration",
                Deferral::InDoubt => "in-doubt",
                Deferral::NotRecorded => "not-recorded",
            };
            format!("deferred {} {} {why}", at(hop), reply.codes())
        }
        Outcome::Failed { hop, reply } => format!("failed {} {}", at(hop), reply.codes()),
        Outcome::Quota { hop, reply } => format!("quota {hop} {}", reply.codes()),
    }
}

fn check(outcomes: &[Outcome], expected: &[&str]) {
    let outcomes: Vec<String> = outcomes.iter().map(words).collect();
    assert_eq!(outcomes, expected);
}

/// With its `tracing` feature lettre writes whole messages and passwords to the log.
#[test]
fn lettre_does_not_log() {
    let lock = include_str!("../../../../Cargo.lock");
    let package = lock
        .split("[[package]]")
        .find(|p| p.contains("name = \"lettre\""))
        .unwrap();
    assert!(package.contains("\"tokio-rustls\""), "the right package");
    assert!(!package.contains("\"tracing\""));
}
