//! Who may relay, for which school. Never an open relay.

use super::harness::{ELM_SECRET, Gate, OAK_CLIENT, OAK_SECRET, settings_with, without_trace};
use crate::spool::KeepReason;

const BOTH: &str = "[[client]]\nname = \"trust mail\"\nnetworks = [\"127.0.0.1\"]\n";
const SHARED: &str = "[[client]]\nname = \"cloud\"\nnetworks = [\"127.0.0.1\"]\nshared = true\n";
const ELM: &str =
    "[[client]]\nname = \"elm mail\"\nnetworks = [\"127.0.0.1\"]\nschools = [\"elm\"]\n";

async fn gate(clients: &str) -> Gate {
    Gate::open(settings_with(clients, "")).await
}

/// The reply to MAIL.
async fn mail(clients: &str, address: &str, reverse_path: &str) -> String {
    let gate = gate(clients).await;
    let mut client = gate.wire(address);
    client.expect("220").await;
    client.ask("EHLO mail.oak.example", "250").await;
    client.send(format!("MAIL FROM:<{reverse_path}>\r\n")).await;
    client.reply().await
}

/// The last reply to a whole message, and the gate.
async fn deliver(clients: &str, reverse_path: &str, content: &str) -> (String, Gate) {
    let gate = gate(clients).await;
    let mut client = gate.client().await;
    client.ask("EHLO mail.oak.example", "250").await;
    let reply = client.deliver(reverse_path, content).await;
    (reply, gate)
}

async fn kept(
    clients: &str,
    reverse_path: &str,
    content: &str,
) -> (Option<String>, Option<KeepReason>, String) {
    let (reply, gate) = deliver(clients, reverse_path, content).await;
    assert!(reply.starts_with("250"), "{reply}");
    let (arrival, bytes) = gate.only();
    let content = String::from_utf8(without_trace(&bytes)).unwrap();
    (arrival.school, arrival.keep, content)
}

async fn refused(clients: &str, reverse_path: &str, content: &str) {
    let (reply, gate) = deliver(clients, reverse_path, content).await;
    assert!(reply.starts_with("550 5.7.1"), "{reply}");
    assert!(gate.kept().is_empty());
    assert_eq!(gate.discarded(), 1);
}

#[tokio::test]
async fn a_stranger_is_refused_before_data() {
    for reverse_path in ["a@oak.example", "a@elsewhere.example", ""] {
        let reply = mail(OAK_CLIENT, "192.0.2.66", reverse_path).await;
        assert!(reply.starts_with("550 5.7.1 192.0.2.66"), "{reply}");
    }
}

#[tokio::test]
async fn a_client_speaks_for_its_own_schools_only() {
    for reverse_path in [
        "a@elm.example",
        "a@elsewhere.example",
        "a@sub.oak.example",
        "a@[127.0.0.1]",
    ] {
        let reply = mail(OAK_CLIENT, "127.0.0.1", reverse_path).await;
        assert!(reply.starts_with("550 5.7.1"), "{reply}");
    }
    assert!(
        mail(OAK_CLIENT, "127.0.0.1", "a@OAK.Example")
            .await
            .starts_with("250")
    );
    assert!(
        mail(BOTH, "127.0.0.1", "a@elm.example")
            .await
            .starts_with("250")
    );
}

#[tokio::test]
async fn an_ipv4_address_in_ipv6_is_the_same_client() {
    assert!(
        mail(OAK_CLIENT, "::ffff:127.0.0.1", "a@oak.example")
            .await
            .starts_with("250")
    );
}

#[tokio::test]
async fn the_school_follows_from_the_reverse_path() {
    assert_eq!(
        kept(BOTH, "a@elm.example", "\r\n").await.0.as_deref(),
        Some("elm")
    );
    assert_eq!(
        kept(BOTH, "a@oak.example", "\r\n").await.0.as_deref(),
        Some("oak")
    );
}

#[tokio::test]
async fn an_empty_reverse_path_is_the_only_schools_or_is_left_open() {
    let (school, keep, _) = kept(OAK_CLIENT, "", "Auto-Submitted: auto-replied\r\n\r\n").await;
    assert_eq!((school.as_deref(), keep), (Some("oak"), None));
    let (school, keep, _) = kept(BOTH, "", "\r\n").await;
    assert_eq!((school, keep), (None, None));
    let (school, _, _) = kept(BOTH, "", "From: MAILER-DAEMON@elm.example\r\n\r\n").await;
    assert_eq!(school.as_deref(), Some("elm"));
    let both = "From: a@elm.example, b@oak.example\r\n\r\n";
    assert_eq!(kept(BOTH, "", both).await.0, None);
    // From chooses only among the schools of the client.
    let (school, _, _) = kept(OAK_CLIENT, "", "From: a@elm.example\r\n\r\n").await;
    assert_eq!(school.as_deref(), Some("oak"));
}

#[tokio::test]
async fn a_foreign_reverse_path_is_held_where_the_school_holds() {
    let (school, keep, _) = kept(ELM, "friend@elsewhere.example", "\r\n").await;
    assert_eq!(school.as_deref(), Some("elm"));
    assert_eq!(keep, Some(KeepReason::ForeignReversePath));
}

#[tokio::test]
async fn a_foreign_reverse_path_of_many_schools_needs_the_header() {
    refused(BOTH, "friend@elsewhere.example", "Subject: x\r\n\r\n").await;
    refused(
        BOTH,
        "friend@elsewhere.example",
        &format!("{OAK_SECRET}\r\n\r\n"),
    )
    .await;
    let (school, keep, content) = kept(
        BOTH,
        "friend@elsewhere.example",
        &format!("{ELM_SECRET}\r\n\r\n"),
    )
    .await;
    assert_eq!(school.as_deref(), Some("elm"));
    assert_eq!(keep, Some(KeepReason::ForeignReversePath));
    assert_eq!(content, "\r\n");
}

#[tokio::test]
async fn a_shared_client_proves_its_school_and_the_proof_is_stripped() {
    let content = format!("Subject: x\r\n{OAK_SECRET}\r\nTo: y\r\n\r\n{OAK_SECRET}\r\n");
    let (school, keep, content) = kept(SHARED, "a@oak.example", &content).await;
    assert_eq!((school.as_deref(), keep), (Some("oak"), None));
    assert_eq!(
        content,
        format!("Subject: x\r\nTo: y\r\n\r\n{OAK_SECRET}\r\n"),
        "only the header is looked at"
    );
}

#[tokio::test]
async fn a_shared_client_without_the_right_header_is_refused_after_data() {
    refused(SHARED, "a@oak.example", "Subject: x\r\n\r\n").await;
    refused(
        SHARED,
        "a@oak.example",
        "X-Oak-Secret: 0123456789abcdef0124\r\n\r\n",
    )
    .await;
    refused(SHARED, "a@oak.example", "X-Oak-Secret:\r\n\r\n").await;
    refused(SHARED, "", "Subject: x\r\n\r\n").await;
    refused(
        SHARED,
        "a@oak.example",
        &format!("Subject: x\r\n\r\n{OAK_SECRET}\r\n"),
    )
    .await;
    // It proves another school than the one it speaks for.
    refused(SHARED, "a@elm.example", &format!("{OAK_SECRET}\r\n\r\n")).await;
}

#[tokio::test]
async fn a_shared_client_is_refused_at_mail_for_a_domain_of_nobody() {
    let only_oak = format!("{SHARED}schools = [\"oak\"]\n");
    let reply = mail(&only_oak, "127.0.0.1", "a@elsewhere.example").await;
    assert!(reply.starts_with("550 5.7.1"), "{reply}");
}

#[tokio::test]
async fn an_empty_reverse_path_of_a_shared_client_goes_by_its_header() {
    let (school, _, _) = kept(SHARED, "", &format!("{ELM_SECRET}\r\n\r\n")).await;
    assert_eq!(school.as_deref(), Some("elm"));
}

#[tokio::test]
async fn a_header_that_stands_folded_or_in_other_case_counts() {
    let folded = "x-oak-SECRET:\r\n\t0123456789abcdef0123 \r\nSubject: x\r\n\r\n";
    let (school, _, content) = kept(SHARED, "a@oak.example", folded).await;
    assert_eq!(school.as_deref(), Some("oak"));
    assert_eq!(content, "Subject: x\r\n\r\n");
}

#[tokio::test]
async fn a_secret_of_a_client_of_its_own_chooses_and_is_stripped() {
    let (school, _, content) = kept(BOTH, "", &format!("{OAK_SECRET}\r\nA: b\r\n\r\n")).await;
    assert_eq!(school.as_deref(), Some("oak"));
    assert_eq!(content, "A: b\r\n\r\n");
}

#[tokio::test]
async fn the_clients_own_entry_comes_before_the_shared_one() {
    let clients = format!("{SHARED}\n{OAK_CLIENT}");
    let (reply, gate) = deliver(&clients, "a@oak.example", "\r\n").await;
    assert!(reply.starts_with("250"), "{reply}");
    assert_eq!(gate.only().0.client.name, "oak mail");
}

#[tokio::test]
async fn settings_change_from_the_next_session_on() {
    let gate = gate(OAK_CLIENT).await;
    let mut before = gate.client().await;
    before.ask("EHLO mail.oak.example", "250").await;
    gate.settings
        .send(std::sync::Arc::new(settings_with(
            ELM,
            "message_size = 70000",
        )))
        .unwrap();
    before.ask("MAIL FROM:<a@oak.example>", "250").await;
    let mut after = gate.client().await;
    let offered = after.ask("EHLO mail.oak.example", "250").await;
    assert!(offered.contains("SIZE 70000"), "{offered}");
    after.ask("MAIL FROM:<a@elm.example>", "250").await;
}

#[tokio::test]
async fn schools_of_one_trust_share_a_domain_and_tell_themselves_apart_by_header() {
    let mut settings = settings_with(SHARED, "");
    for school in &mut settings.schools {
        school.controller = "Trees Trust".into();
    }
    let gate = Gate::open(settings).await;
    let mut client = gate.client().await;
    client.ask("EHLO mail.oak.example", "250").await;
    for secret in [OAK_SECRET, ELM_SECRET] {
        let content = format!("{secret}\r\n\r\n");
        let reply = client.deliver("a@oak.example", &content).await;
        assert!(reply.starts_with("250"), "{reply}");
    }
    let schools: Vec<_> = gate
        .kept()
        .into_iter()
        .map(|(a, _)| (a.school, a.keep))
        .collect();
    assert_eq!(
        schools,
        [
            (Some("oak".to_owned()), None),
            (Some("elm".to_owned()), None)
        ]
    );
}
