//! STARTTLS good, bad and hostile; certificates; log-in.

use std::sync::atomic::{AtomicUsize, Ordering};

use secrecy::SecretString;

use super::certificates::Authority;
use super::double::{Double, Say, Script, line};
use super::*;
use crate::config::Login;
use crate::delivery::{Asked, TlsProof};

const ME: &str = "127.0.0.1";

fn tls_script(authority: &Authority, name: &str) -> Script {
    let mut script = Script::good();
    script.tls = Some(authority.server(name));
    script
}

fn required(double: &Double, authority: &Authority) -> NextHop {
    NextHop {
        tls: TlsLevel::Required,
        ca: Some(authority.file()),
        ..hop(double.port)
    }
}

fn opportunistic(double: &Double) -> NextHop {
    NextHop {
        tls: TlsLevel::Opportunistic,
        ..hop(double.port)
    }
}

async fn tls_of(hop: NextHop) -> Option<String> {
    let outcomes = attempt(&next_hops(&[hop]), &[0], &mail(&["a@one.example"])).await;
    match outcomes.into_iter().next() {
        Some(Outcome::Taken { tls, .. }) => tls,
        other => panic!("{other:?}"),
    }
}

async fn fails(hop: NextHop, expected: &str) {
    let outcomes = attempt(&next_hops(&[hop]), &[0], &mail(&["a@one.example"])).await;
    check(&outcomes, &[expected]);
}

#[tokio::test]
async fn a_good_server_with_a_checked_certificate() {
    let authority = Authority::new();
    let double = Double::start(tls_script(&authority, ME)).await;
    let tls = tls_of(required(&double, &authority)).await;
    assert_eq!(tls.as_deref(), Some("TLSv1.3, certificate checked"));
    assert_eq!(
        double.said("EHLO").len(),
        2,
        "once in clear, once encrypted"
    );
    assert_eq!(double.messages(), [CONTENT.to_vec()]);
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let authority = Authority::new();
    let double = Double::start(tls_script(&authority, "other.example")).await;
    fails(
        required(&double, &authority),
        "deferred 0 451 4.7.4 configuration",
    )
    .await;
    assert!(double.said("MAIL").is_empty());
}

#[tokio::test]
async fn a_certificate_of_another_authority_is_refused() {
    let authority = Authority::new();
    let double = Double::start(tls_script(&Authority::new(), ME)).await;
    fails(
        required(&double, &authority),
        "deferred 0 451 4.7.4 configuration",
    )
    .await;
}

#[tokio::test]
async fn required_means_never_in_clear() {
    let authority = Authority::new();
    let double = Double::start(Script::good()).await;
    fails(
        required(&double, &authority),
        "deferred 0 451 4.7.4 configuration",
    )
    .await;
    assert!(double.said("MAIL").is_empty());
}

#[tokio::test]
async fn a_refused_starttls_is_as_none_at_all() {
    let authority = Authority::new();
    let mut script = Script::new(|at| match at.command {
        "STARTTLS" => line("454 4.7.0 not now"),
        _ => None,
    });
    script.tls = Some(authority.server(ME));
    let double = Double::start(script.clone()).await;
    fails(
        required(&double, &authority),
        "deferred 0 451 4.7.4 configuration",
    )
    .await;
    let double = Double::start(script).await;
    assert_eq!(tls_of(opportunistic(&double)).await, None);
}

#[tokio::test]
async fn opportunistic_takes_any_certificate() {
    let double = Double::start(tls_script(&Authority::new(), "other.example")).await;
    let tls = tls_of(opportunistic(&double)).await;
    assert_eq!(tls.as_deref(), Some("TLSv1.3, certificate not checked"));
}

#[tokio::test]
async fn opportunistic_goes_in_clear_where_nothing_is_offered() {
    let double = Double::start(Script::good()).await;
    assert_eq!(tls_of(opportunistic(&double)).await, None);
}

#[tokio::test]
async fn opportunistic_goes_in_clear_when_the_handshake_fails() {
    // The go-ahead, and then no TLS: the double closes instead.
    let mut script = Script::new(|at| match at.command {
        "STARTTLS" => Some(Say::Last("220 2.0.0 go on".to_owned())),
        _ => None,
    });
    script.tls = Some(Authority::new().server(ME));
    let double = Double::start(script).await;
    assert_eq!(tls_of(opportunistic(&double)).await, None);
    assert_eq!(double.sessions().len(), 2);
}

#[tokio::test]
async fn replies_injected_before_the_handshake_are_refused() {
    let authority = Authority::new();
    for hop in [opportunistic as fn(&Double) -> NextHop, |d| NextHop {
        tls: TlsLevel::Required,
        ..hop(d.port)
    }] {
        let mut script = tls_script(&authority, ME);
        script.inject = Some("250-injected\r\n250 AUTH PLAIN".to_owned());
        let double = Double::start(script).await;
        let hop = NextHop {
            ca: Some(authority.file()),
            ..hop(&double)
        };
        fails(hop, "deferred 0 451 4.5.0 unreachable").await;
        assert!(double.said("MAIL").is_empty());
        assert_eq!(double.sessions().len(), 1, "and no second try in clear");
    }
}

#[tokio::test]
async fn a_server_that_speaks_out_of_turn_is_refused() {
    let script = Script::new(|at| match at.command {
        "CONNECT" => line("220 hello\r\n250 too early"),
        _ => None,
    });
    let double = Double::start(script).await;
    fails(hop(double.port), "deferred 0 451 4.5.0 unreachable").await;
}

#[tokio::test]
async fn what_was_announced_in_clear_is_forgotten() {
    let authority = Authority::new();
    let ehlos = AtomicUsize::new(0);
    let mut script = Script::new(move |at| match at.command {
        c if c.starts_with("EHLO") && ehlos.fetch_add(1, Ordering::Relaxed) == 0 => {
            line("250-double\r\n250-STARTTLS\r\n250-8BITMIME\r\n250 DSN")
        }
        c if c.starts_with("EHLO") => line("250 double"),
        _ => None,
    });
    script.tls = Some(authority.server(ME));
    let double = Double::start(script).await;
    let mut mail = mail(&["a@one.example"]);
    mail.content = "A: b\r\n\r\ncaf\u{e9}\r\n".as_bytes().into();
    let hops = next_hops(&[required(&double, &authority)]);
    check(&attempt(&hops, &[0], &mail).await, &["failed 0 554 5.6.3"]);
}

#[tokio::test]
async fn our_own_certificate_is_shown() {
    let authority = Authority::new();
    let mut script = Script::good();
    script.tls = Some(authority.server_for_known_clients(ME));
    let double = Double::start(script).await;
    let with = NextHop {
        client_certificate: Some(authority.issue("gate.ashgrove.example")),
        ..required(&double, &authority)
    };
    assert!(tls_of(with).await.is_some());
    let outcomes = attempt(
        &next_hops(&[required(&double, &authority)]),
        &[0],
        &mail(&["a@one.example"]),
    )
    .await;
    assert!(
        matches!(outcomes[0], Outcome::Deferred { .. }),
        "{outcomes:?}"
    );
}

fn login() -> Option<Login> {
    Some(Login {
        user: "gate".into(),
        password: SecretString::from("open sesame".to_owned()),
    })
}

#[tokio::test]
async fn log_in_by_plain_over_tls() {
    let authority = Authority::new();
    let double = Double::start(tls_script(&authority, ME).with("AUTH LOGIN PLAIN")).await;
    let hop = NextHop {
        login: login(),
        ..required(&double, &authority)
    };
    assert!(tls_of(hop).await.is_some());
    // base64 of NUL gate NUL open sesame.
    assert_eq!(double.said("AUTH"), ["AUTH PLAIN AGdhdGUAb3BlbiBzZXNhbWU="]);
}

#[tokio::test]
async fn log_in_by_login_where_that_is_all() {
    let authority = Authority::new();
    let mut script = Script::new(|at| match at.command {
        "AUTH LOGIN" => line("334 VXNlcm5hbWU6"),
        "Z2F0ZQ==" => line("334 UGFzc3dvcmQ6"),
        "b3BlbiBzZXNhbWU=" => line("235 2.7.0 welcome"),
        _ => None,
    })
    .with("AUTH LOGIN");
    script.tls = Some(authority.server(ME));
    let double = Double::start(script).await;
    let hop = NextHop {
        login: login(),
        ..required(&double, &authority)
    };
    assert!(tls_of(hop).await.is_some());
}

#[tokio::test]
async fn a_refused_log_in_bounces_nobody() {
    let authority = Authority::new();
    let mut script = Script::new(|at| match at.command {
        c if c.starts_with("AUTH") => line("535 5.7.8 wrong"),
        _ => None,
    })
    .with("AUTH PLAIN");
    script.tls = Some(authority.server(ME));
    let double = Double::start(script).await;
    let hop = NextHop {
        login: login(),
        ..required(&double, &authority)
    };
    fails(hop, "deferred 0 535 5.7.8 configuration").await;
}

#[tokio::test]
async fn no_password_goes_out_in_clear_whatever_the_settings() {
    let double = Double::start(Script::good().with("AUTH PLAIN")).await;
    for tls in [TlsLevel::None, TlsLevel::Opportunistic] {
        let hop = NextHop {
            login: login(),
            tls,
            ..hop(double.port)
        };
        fails(hop, "deferred 0 451 4.7.4 configuration").await;
    }
    assert!(double.said("AUTH").is_empty());
}

#[tokio::test]
async fn a_message_may_ask_for_encryption_by_itself() {
    let authority = Authority::new();
    let clear = Double::start(Script::good()).await;
    let checked = Double::start(tls_script(&authority, ME).with("REQUIRETLS")).await;
    let hops = next_hops(&[
        hop(clear.port),
        NextHop {
            ca: Some(authority.file()),
            ..opportunistic(&checked)
        },
    ]);
    let mut mail = mail(&["a@one.example"]);
    // An unchecked connection lies ready in the pool and must not serve.
    check(&attempt(&hops, &[1], &mail).await, &["taken 1 250 2.0.0"]);
    mail.require_tls = true;
    let outcomes = attempt(&hops, &[0, 1], &mail).await;
    let Outcome::Taken { tls, .. } = &outcomes[0] else {
        panic!("{outcomes:?}");
    };
    assert_eq!(tls.as_deref(), Some("TLSv1.3, certificate checked"));
    assert!(checked.said("MAIL")[1].ends_with(" REQUIRETLS"));
    assert!(clear.sessions().is_empty());
}

/// How a message that prefers TLS was taken: the connection, and what is known.
async fn preferring(hops: &[NextHop], path: &str, asked: Asked) -> (Option<String>, TlsProof) {
    let mut mail = mail(&[path]);
    mail.prefer_tls = Some(asked);
    let order: Vec<usize> = (0..hops.len()).collect();
    match attempt(&next_hops(hops), &order, &mail)
        .await
        .into_iter()
        .next()
    {
        Some(Outcome::Taken { tls, proof, .. }) => (tls, proof),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn tls_is_seen_at_the_recipients_own_server_only() {
    let authority = Authority::new();
    let double = Double::start(tls_script(&authority, ME)).await;
    let own = NextHop {
        final_for: vec!["one.example".into()],
        ..required(&double, &authority)
    };
    let (tls, proof) = preferring(std::slice::from_ref(&own), "a@one.example", Asked::No).await;
    assert_eq!(tls.as_deref(), Some("TLSv1.3, certificate checked"));
    assert_eq!(proof, TlsProof::Seen);
    let (_, proof) = preferring(&[own], "a@two.example", Asked::No).await;
    assert_eq!(proof, TlsProof::Neither);
}

#[tokio::test]
async fn who_prefers_a_checked_certificate_goes_on_without() {
    let authority = Authority::new();
    // The certificate is for another server.
    let double = Double::start(tls_script(&authority, "other.example")).await;
    let hop_with_ca = NextHop {
        ca: Some(authority.file()),
        ..opportunistic(&double)
    };
    let (tls, proof) = preferring(&[hop_with_ca], "a@one.example", Asked::Yes).await;
    assert_eq!(tls.as_deref(), Some("TLSv1.3, certificate not checked"));
    assert_eq!(proof, TlsProof::Asked);
    // There is no TLS at all.
    let clear = Double::start(Script::good()).await;
    let hop_in_clear = NextHop {
        ca: Some(authority.file()),
        ..opportunistic(&clear)
    };
    let (tls, proof) = preferring(&[hop_in_clear], "a@one.example", Asked::No).await;
    assert_eq!((tls, proof), (None, TlsProof::Neither));
}

#[tokio::test]
async fn an_opportunistic_hop_is_checked_for_who_prefers_it() {
    let authority = Authority::new();
    let double = Double::start(tls_script(&authority, ME)).await;
    let hop = NextHop {
        ca: Some(authority.file()),
        ..opportunistic(&double)
    };
    let (tls, _) = preferring(&[hop], "a@one.example", Asked::No).await;
    assert_eq!(tls.as_deref(), Some("TLSv1.3, certificate checked"));
}

#[tokio::test]
async fn mistakes_name_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "nothing here").unwrap();
    let authority = Authority::new();
    let (certificate, _) = authority.issue("one.example");
    let (_, other_key) = authority.issue("two.example");
    let base = NextHop {
        tls: TlsLevel::Required,
        ca: Some(authority.file()),
        ..hop(25)
    };
    let wrong = [
        (
            NextHop {
                ca: Some(empty.clone()),
                ..base.clone()
            },
            "empty.pem",
        ),
        (
            NextHop {
                ca: Some("/nonexistent/ca.pem".into()),
                ..base.clone()
            },
            "/nonexistent/ca.pem",
        ),
        (
            NextHop {
                client_certificate: Some((certificate.clone(), empty)),
                ..base.clone()
            },
            "empty.pem",
        ),
        (
            NextHop {
                client_certificate: Some((certificate, other_key)),
                ..base.clone()
            },
            "one.example.pem",
        ),
        (
            NextHop {
                host: "not a name".into(),
                ..base
            },
            "not a name",
        ),
    ];
    for (hop, names) in wrong {
        let error = NextHops::new(&[hop], "gate.ashgrove.example", &delivery())
            .err()
            .unwrap();
        assert!(error.to_string().contains(names), "{error}");
        assert!(
            error.to_string().contains("Give "),
            "{error} says what to do"
        );
    }
}

#[tokio::test]
async fn a_probe_tells_how_it_went() {
    let authority = Authority::new();
    let double = Double::start(tls_script(&authority, ME)).await;
    let hops = next_hops(&[required(&double, &authority), hop(double.port)]);
    assert_eq!(
        hops.probe(0).await.unwrap().as_deref(),
        Some("TLSv1.3, certificate checked")
    );
    assert_eq!(hops.probe(1).await.unwrap(), None);
    assert_eq!(hops.probe(7).await.unwrap_err().codes(), "451 4.3.5");
    assert!(double.said("MAIL").is_empty());
}
