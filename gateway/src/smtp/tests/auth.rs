//! AUTH.

use argon2::password_hash::PasswordHasher;
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::harness::{Client, Gate, OAK_CLIENT};
use super::starttls::Authority;

const PASSWORD: &str = "correct horse battery";

/// As cheap as argon2 gets: what is tested is not its strength.
fn hash(password: &str) -> String {
    let params = Params::new(8, 1, 1, None).unwrap();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password(password.as_bytes())
        .unwrap()
        .to_string()
}

fn by_login(name: &str, school: &str, user: &str, password: &str) -> String {
    format!(
        "[[client]]\nname = \"{name}\"\nschools = [\"{school}\"]\n[[client.login]]\n\
         user = \"{user}\"\npassword_hash = \"{}\"\n",
        hash(password)
    )
}

async fn ready(clients: &str) -> (Gate, Client<TlsStream<TcpStream>>) {
    let authority = Authority::new();
    let gate = authority.gate(clients).await;
    let mut client = authority.session(&gate, None).await.unwrap();
    client.ask("EHLO mail.oak.example", "250").await;
    (gate, client)
}

fn plain(user: &str, password: &str) -> String {
    STANDARD.encode(format!("\0{user}\0{password}"))
}

#[tokio::test]
async fn plain_admits_with_the_right_password() {
    let (gate, mut client) = ready(&by_login("copier", "oak", "copier", PASSWORD)).await;
    let offered = client.ask("EHLO mail.oak.example", "250").await;
    assert!(offered.contains("AUTH PLAIN LOGIN"), "{offered}");
    client.ask("MAIL FROM:<a@oak.example>", "550 5.7.1").await;
    client
        .ask(
            &format!("AUTH PLAIN {}", plain("copier", PASSWORD)),
            "235 2.7.0",
        )
        .await;
    client
        .ask(&format!("AUTH PLAIN {}", plain("copier", PASSWORD)), "503")
        .await;
    let reply = client.deliver("a@oak.example", "\r\n").await;
    assert!(reply.starts_with("250"), "{reply}");
    let (arrival, content) = gate.only();
    assert_eq!(arrival.client.user.as_deref(), Some("copier"));
    assert!(
        String::from_utf8(content)
            .unwrap()
            .contains(" with ESMTPSA id ")
    );
}

#[tokio::test]
async fn plain_takes_its_response_on_a_line_of_its_own() {
    let (_gate, mut client) = ready(&by_login("copier", "oak", "copier", PASSWORD)).await;
    assert_eq!(client.ask("auth plain", "334").await, "334 ");
    client.ask(&plain("copier", PASSWORD), "235").await;
}

#[tokio::test]
async fn login_asks_for_name_and_password() {
    let (_gate, mut client) = ready(&by_login("copier", "oak", "copier", PASSWORD)).await;
    client.ask("AUTH LOGIN", "334 VXNlcm5hbWU6").await;
    client
        .ask(&STANDARD.encode("copier"), "334 UGFzc3dvcmQ6")
        .await;
    client.ask(&STANDARD.encode(PASSWORD), "235 2.7.0").await;
}

#[tokio::test]
async fn wrong_names_and_passwords_are_refused_alike() {
    let (_gate, mut client) = ready(&by_login("copier", "oak", "copier", PASSWORD)).await;
    let mut replies = Vec::new();
    for (user, password) in [("copier", "wrong"), ("nobody", PASSWORD), ("copier", "")] {
        client
            .send(format!("AUTH PLAIN {}\r\n", plain(user, password)))
            .await;
        replies.push(client.reply().await);
    }
    assert!(replies.iter().all(|r| r == &replies[0]), "{replies:?}");
    assert!(replies[0].starts_with("535 5.7.8"), "{replies:?}");
    client.ask("MAIL FROM:<a@oak.example>", "550 5.7.1").await;
}

#[tokio::test]
async fn bad_exchanges_are_told_so() {
    let (_gate, mut client) = ready(&by_login("copier", "oak", "copier", PASSWORD)).await;
    client.ask("AUTH", "504 5.5.4").await;
    client.ask("AUTH CRAM-MD5", "504 5.5.4").await;
    client.ask("AUTH PLAIN !!!", "501 5.5.2").await;
    client.ask("AUTH PLAIN =", "501 5.5.2").await;
    client.ask("AUTH PLAIN", "334").await;
    client.ask("*", "501 5.7.0").await;
    client.ask("AUTH LOGIN", "334").await;
    client.ask("*", "501 5.7.0").await;
    client.ask("NOOP", "250").await;
}

#[tokio::test]
async fn in_clear_it_is_neither_offered_nor_taken() {
    let authority = Authority::new();
    let gate = authority
        .gate(&by_login("copier", "oak", "copier", PASSWORD))
        .await;
    let mut client = gate.client().await;
    let offered = client.ask("EHLO mail.oak.example", "250").await;
    assert!(!offered.contains("AUTH"), "{offered}");
    client
        .ask(
            &format!("AUTH PLAIN {}", plain("copier", PASSWORD)),
            "538 5.7.11",
        )
        .await;
}

#[tokio::test]
async fn without_logins_there_is_no_auth() {
    let (_gate, mut client) = ready(OAK_CLIENT).await;
    client.ask("AUTH PLAIN", "502 5.5.1").await;
}

#[tokio::test]
async fn all_that_is_given_must_hold() {
    let clients = by_login("far", "oak", "copier", PASSWORD).replace(
        "[[client.login]]",
        "networks = [\"192.0.2.0/24\"]\n[[client.login]]",
    );
    let (_gate, mut client) = ready(&clients).await;
    client
        .ask(&format!("AUTH PLAIN {}", plain("copier", PASSWORD)), "235")
        .await;
    client.ask("MAIL FROM:<a@oak.example>", "550 5.7.1").await;
}

#[tokio::test]
async fn users_of_one_name_are_told_apart_by_password() {
    let clients = format!(
        "{}{}",
        by_login("one", "oak", "copier", "first password"),
        by_login("two", "elm", "copier", "second password")
    );
    let (_gate, mut client) = ready(&clients).await;
    client
        .ask(
            &format!("AUTH PLAIN {}", plain("copier", "first password")),
            "235",
        )
        .await;
    client.ask("MAIL FROM:<a@elm.example>", "550 5.7.1").await;
    client.ask("MAIL FROM:<a@oak.example>", "250").await;
}

#[tokio::test]
async fn guessing_is_stopped() {
    let (gate, mut client) = ready(&by_login("copier", "oak", "copier", PASSWORD)).await;
    for guess in 0..10 {
        client
            .ask(
                &format!("AUTH PLAIN {}", plain("copier", &guess.to_string())),
                "535",
            )
            .await;
    }
    client
        .ask(
            &format!("AUTH PLAIN {}", plain("copier", PASSWORD)),
            "454 4.7.0",
        )
        .await;
    drop(gate);
}
