//! A reply for each recipient.

use std::sync::Mutex;

use super::double::{Double, Say, Script, line};
use super::*;

const THREE: &[&str] = &["a@one.example", "b@two.example", "c@three.example"];

/// One next hop, one message.
async fn one(script: Script, mail: &Outgoing, expected: &[&str]) -> Double {
    let double = Double::start(script).await;
    let hops = over(&[&double]);
    check(&attempt(&hops, &[0], mail).await, expected);
    double
}

fn by_recipient() -> Script {
    Script::new(|at| match at.command {
        c if c.contains("<b@") => line("450 4.2.0 come back later"),
        c if c.contains("<c@") => line("550 5.1.1 no such user"),
        _ => None,
    })
}

#[tokio::test]
async fn each_recipient_gets_its_own_answer() {
    let expected = [
        "taken 0 250 2.0.0",
        "deferred 0 450 4.2.0 refused",
        "failed 0 550 5.1.1",
    ];
    let double = one(by_recipient(), &mail(THREE), &expected).await;
    assert_eq!(double.messages().len(), 1);
}

#[tokio::test]
async fn and_without_pipelining_too() {
    let expected = [
        "taken 0 250 2.0.0",
        "deferred 0 450 4.2.0 refused",
        "failed 0 550 5.1.1",
    ];
    one(
        by_recipient().without("PIPELINING"),
        &mail(THREE),
        &expected,
    )
    .await;
}

#[tokio::test]
async fn nothing_is_sent_when_nobody_is_accepted() {
    let script = Script::new(|at| match at.command {
        c if c.starts_with("RCPT") => line("550 5.1.1 no such user"),
        _ => None,
    });
    let double = one(script, &mail(&THREE[..2]), &["failed 0 550 5.1.1"; 2]).await;
    assert!(double.said("DATA").is_empty());
    assert_eq!(double.said("RSET").len(), 1);
}

#[tokio::test]
async fn replies_of_several_lines_are_one_reply() {
    let script = Script::new(|at| match at.command {
        c if c.starts_with("RCPT") => line("550-5.1.1 no such\r\n550-5.1.1 user\r\n550 5.1.1 here"),
        _ => None,
    });
    let double = Double::start(script).await;
    let outcomes = attempt(&over(&[&double]), &[0], &mail(&THREE[..1])).await;
    let Outcome::Failed { reply, .. } = &outcomes[0] else {
        panic!("{outcomes:?}");
    };
    assert_eq!(reply.to_string(), "550 5.1.1 no such user here");
}

#[tokio::test]
async fn a_refusal_in_latin_1_is_a_refusal() {
    let script = Script::new(|at| match at.command {
        c if c.starts_with("RCPT") => line("550 5.1.1 destinataire supprim\u{e9}"),
        _ => None,
    });
    one(script, &mail(&THREE[..1]), &["failed 0 550 5.1.1"]).await;
}

#[tokio::test]
async fn a_refusal_after_the_dot_is_everybodys() {
    let script = Script::new(|at| match at.command {
        "." => line("554 5.6.0 not this content"),
        c if c.contains("<b@") => line("450 4.2.0 later"),
        _ => None,
    });
    let expected = [
        "failed 0 554 5.6.0",
        "deferred 0 450 4.2.0 refused",
        "failed 0 554 5.6.0",
    ];
    one(script, &mail(THREE), &expected).await;
}

#[tokio::test]
async fn a_deferral_after_the_dot_is_everybodys() {
    let script = Script::new(|at| match at.command {
        "." => line("451 4.3.0 disk full"),
        _ => None,
    });
    one(
        script,
        &mail(&THREE[..2]),
        &["deferred 0 451 4.3.0 refused"; 2],
    )
    .await;
}

#[tokio::test]
async fn a_refusal_of_data_is_everybodys() {
    let script = Script::new(|at| match at.command {
        "DATA" => line("554 5.7.1 no"),
        _ => None,
    });
    one(script, &mail(&THREE[..2]), &["failed 0 554 5.7.1"; 2]).await;
    let script = Script::new(|at| match at.command {
        "DATA" => line("451 4.3.0 not now"),
        _ => None,
    });
    one(
        script,
        &mail(&THREE[..2]),
        &["deferred 0 451 4.3.0 refused"; 2],
    )
    .await;
}

#[tokio::test]
async fn a_refused_sender_fails_everybody() {
    let script = Script::new(|at| match at.command {
        c if c.starts_with("MAIL") => line("550 5.1.8 sender unknown"),
        _ => None,
    });
    one(script, &mail(&THREE[..2]), &["failed 0 550 5.1.8"; 2]).await;
}

#[tokio::test]
async fn a_missing_log_in_bounces_nobody() {
    let script = Script::new(|at| match at.command {
        c if c.starts_with("MAIL") => line("530 5.7.0 authentication required"),
        _ => None,
    });
    one(
        script,
        &mail(&THREE[..1]),
        &["deferred 0 530 5.7.0 configuration"],
    )
    .await;
}

#[tokio::test]
async fn a_connection_that_drops_after_the_dot_leaves_doubt() {
    let script = Script::new(|at| (at.command == ".").then_some(Say::Drop));
    let double = one(
        script,
        &mail(&THREE[..2]),
        &["deferred 0 451 4.4.2 in-doubt"; 2],
    )
    .await;
    assert_eq!(double.messages().len(), 1, "it had the content");
}

#[tokio::test]
async fn a_next_hop_that_falls_silent_after_the_dot_leaves_doubt() {
    let script = Script::new(|at| (at.command == ".").then_some(Say::Silence));
    one(
        script,
        &mail(&THREE[..1]),
        &["deferred 0 451 4.4.2 in-doubt"],
    )
    .await;
}

#[tokio::test]
async fn doubt_is_recorded_before_the_content_goes_out() {
    let double = Double::start(by_recipient()).await;
    let hops = over(&[&double]);
    let mail = mail(THREE);
    let recorded = Mutex::new(Vec::new());
    let _ = hops
        .attempt(&[0], &mail, |ids| {
            assert!(double.messages().is_empty(), "nothing went out yet");
            assert_eq!(double.said("DATA").len(), 1, "and it was wanted");
            recorded.lock().unwrap().push(ids);
            async { Ok(()) }
        })
        .await;
    // Only for those who were accepted.
    assert_eq!(*recorded.lock().unwrap(), [vec![mail.recipients[0].id]]);
}

#[tokio::test]
async fn nothing_goes_out_when_doubt_cannot_be_recorded() {
    let double = Double::start(Script::good()).await;
    let hops = over(&[&double]);
    let answers = hops
        .attempt(&[0], &mail(&THREE[..2]), |_| async {
            Err("disk full".to_owned())
        })
        .await;
    let outcomes: Vec<Outcome> = answers.into_iter().map(|(_, o)| o).collect();
    check(&outcomes, &["deferred 0 451 4.3.0 not-recorded"; 2]);
    // The next message over a new connection proves that no half of this one lingered.
    check(
        &attempt(&hops, &[0], &mail(&THREE[..1])).await,
        &["taken 0 250 2.0.0"],
    );
    assert_eq!(double.messages(), [CONTENT.to_vec()]);
}

#[tokio::test]
async fn recipients_go_in_batches() {
    let double = Double::start(Script::good()).await;
    let mut settings = delivery();
    settings.batch = 2;
    let hops = NextHops::new(&[hop(double.port)], "gate.ashgrove.example", &settings).unwrap();
    let paths = [
        "a@x.example",
        "b@x.example",
        "c@x.example",
        "d@x.example",
        "e@x.example",
    ];
    check(
        &attempt(&hops, &[0], &mail(&paths)).await,
        &["taken 0 250 2.0.0"; 5],
    );
    let sessions = double.sessions();
    assert_eq!(sessions.len(), 1);
    let verbs: Vec<&str> = sessions[0].iter().map(|c| &c[..4]).collect();
    let batch = |n| [&["MAIL"][..], &["RCPT"; 2][..n], &["DATA"]].concat();
    let expected = [vec!["EHLO"], batch(2), batch(2), batch(1)].concat();
    assert_eq!(verbs, expected);
}

#[tokio::test]
async fn too_many_recipients_go_in_another_transaction() {
    let seen = Mutex::new(0);
    let script = Script::new(move |at| {
        let mut seen = seen.lock().unwrap();
        match at.command {
            c if c.starts_with("MAIL") => *seen = 0,
            c if c.starts_with("RCPT") => {
                *seen += 1;
                if *seen > 1 {
                    return line("452 4.5.3 too many recipients");
                }
            }
            _ => {}
        }
        None
    });
    let double = one(script, &mail(THREE), &["taken 0 250 2.0.0"; 3]).await;
    assert_eq!(double.messages().len(), 3);
}

#[tokio::test]
async fn a_sending_quota_stops_everything_else() {
    let script = Script::new(|at| match at.command {
        c if c.contains("<b@") => line("550 5.4.5 Daily SMTP relay limit exceeded"),
        _ => None,
    });
    let double = one(script, &mail(THREE), &["quota 0 550 5.4.5"; 3]).await;
    assert!(double.messages().is_empty());
}

#[tokio::test]
async fn a_sending_quota_on_mail_and_after_the_dot() {
    for place in ["MAIL", "DATA", "."] {
        let script = Script::new(move |at| match at.command {
            c if c.starts_with(place) => line("550 5.7.1 daily quota exceeded"),
            _ => None,
        });
        one(script, &mail(&THREE[..2]), &["quota 0 550 5.7.1"; 2]).await;
    }
}

#[tokio::test]
async fn a_full_mailbox_is_one_recipients_matter() {
    let script = Script::new(|at| match at.command {
        c if c.contains("<a@") => line("452 4.2.2 mailbox full"),
        c if c.contains("<b@") => line("552 5.2.2 mailbox over quota"),
        _ => None,
    });
    let expected = [
        "deferred 0 452 4.2.2 refused",
        "failed 0 552 5.2.2",
        "taken 0 250 2.0.0",
    ];
    one(script, &mail(THREE), &expected).await;
}

#[tokio::test]
async fn malformed_paths_never_reach_the_wire() {
    let double = one(
        Script::good(),
        &mail(&["a@one.example> NOTIFY=NEVER", "b@two.example"]),
        &["failed - 553 5.1.3", "taken 0 250 2.0.0"],
    )
    .await;
    assert_eq!(double.said("RCPT"), ["RCPT TO:<b@two.example>"]);
    let mut bad = mail(&["b@two.example"]);
    bad.reverse_path = "a@b.example\r\nRCPT TO:<x@y.example>".into();
    one(Script::good(), &bad, &["failed - 553 5.1.7"]).await;
}

#[tokio::test]
async fn odd_but_lawful_paths_go_out_as_they_are() {
    let paths = ["postmaster", "\"a b\"@one.example", "x@[192.0.2.1]"];
    let double = one(Script::good(), &mail(&paths), &["taken 0 250 2.0.0"; 3]).await;
    let expected: Vec<String> = paths.iter().map(|p| format!("RCPT TO:<{p}>")).collect();
    assert_eq!(double.said("RCPT"), expected);
}
