//! Who may send through the live port, and what cannot be smuggled through it.
#![allow(clippy::unwrap_used)]

use std::net::IpAddr;

use schoolgate_tests::client::{Client, submit};
use schoolgate_tests::gateway::Gateway;
use schoolgate_tests::mail::assert_unchanged;
use schoolgate_tests::next_hop::NextHop;
use schoolgate_tests::school::{Changes, MOTHER, OUTSIDER, TEACHER, message, own_child};

const STRANGER: [u8; 4] = [127, 200, 0, 9];
const SHARED: [u8; 4] = [127, 200, 1, 9];
const SECRET: &str = "X-Oak-Lane-Gate: 2c7f0d1e9b8a4f63a51d";

#[tokio::test]
async fn it_is_no_open_relay() {
    let next_hop = NextHop::start().await;
    let gateway = Gateway::start(&[next_hop.address]).await;
    let own: IpAddr = [127, 0, 0, 1].into();
    let stranger: IpAddr = STRANGER.into();
    // From where, as whom, to whom, and whether it is taken.
    let matrix = [
        (own, TEACHER, MOTHER, true),
        (own, TEACHER, TEACHER, true),
        (own, "", OUTSIDER, true),
        (own, "someone@elsewhere.example", OUTSIDER, false),
        (own, "someone@elsewhere.example", TEACHER, false),
        (
            own,
            "teacher@oaklane.example.elsewhere.example",
            OUTSIDER,
            false,
        ),
        (stranger, TEACHER, MOTHER, false),
        (stranger, TEACHER, TEACHER, false),
        (stranger, "", TEACHER, false),
        (stranger, "", OUTSIDER, false),
        (stranger, "someone@elsewhere.example", OUTSIDER, false),
        (stranger, "someone@elsewhere.example", TEACHER, false),
    ];
    for (from, reverse_path, forward_path, taken) in matrix {
        let case = format!("{from} <{reverse_path}> to <{forward_path}>");
        // A refusal at the door is one too.
        let mut client = match Client::connect_from(from, gateway.smtp).await {
            Ok(client) => client,
            Err(error) => {
                assert!(
                    !taken && error.to_string().contains("5.7.1"),
                    "{case}: {error}"
                );
                continue;
            }
        };
        let message = message(
            TEACHER,
            forward_path,
            "The coach",
            "Please have the coach at the gate at nine.",
        );
        let reply = client
            .send(reverse_path, &[forward_path], &message)
            .await
            .unwrap();
        if taken {
            assert_eq!(reply.code, 250, "{case}: {}", reply.text);
        } else {
            assert_eq!(reply.code, 550, "{case}: {}", reply.text);
            assert!(reply.text.starts_with("5.7.1 "), "{case}: {}", reply.text);
        }
    }
    // Refusals before DATA left nothing behind.
    next_hop.until_taken_for(MOTHER).await;
    let foreign = |from: &str| from.contains("elsewhere");
    assert!(next_hop.taken().iter().all(|t| !foreign(&t.from)));
}

#[tokio::test]
async fn relay_tricks_in_paths_are_refused() {
    let next_hop = NextHop::start().await;
    let gateway = Gateway::start(&[next_hop.address]).await;
    for path in [
        "<@oaklane.example:victim@elsewhere.example>",
        "<victim@elsewhere.example@oaklane.example>",
        "<victim%elsewhere.example@>",
        "<>",
        "<a@b.example\u{0}@oaklane.example>",
        "< >",
        "<a b@elsewhere.example>",
    ] {
        let mut client = Client::connect(gateway.smtp).await.unwrap();
        client.command("EHLO client.oaklane.example").await.unwrap();
        let reply = client
            .command(&format!("MAIL FROM:<{TEACHER}>"))
            .await
            .unwrap();
        assert_eq!(reply.code, 250);
        let reply = client.command(&format!("RCPT TO:{path}")).await.unwrap();
        // A source route may be stripped (RFC 5321 §4.1.1.3); it is never followed.
        if path.starts_with("<@") && reply.code == 250 {
            continue;
        }
        assert!(reply.code >= 500, "{path:?}: {reply:?}");
    }
}

#[tokio::test]
async fn a_shared_client_needs_the_schools_secret() {
    let next_hop = NextHop::start().await;
    let changes = Changes {
        school: format!("secret_header = \"{SECRET}\""),
        tables: "[[client]]\nname = \"cloud\"\nnetworks = [\"127.200.1.0/24\"]\nshared = true\n"
            .into(),
        ..Changes::default()
    };
    let gateway = Gateway::start_with(&[next_hop.address], &changes).await;
    let plain = own_child(MOTHER);
    let with = |field: &str| [field.as_bytes(), b"\r\n", &plain].concat();

    for wrong in [
        plain.clone(),
        with("X-Oak-Lane-Gate: guessed-guessed-guessed"),
        with("X-Oak-Lane-Gate:"),
    ] {
        let mut client = Client::connect_from(SHARED.into(), gateway.smtp)
            .await
            .unwrap();
        let reply = client.send(TEACHER, &[MOTHER], &wrong).await.unwrap();
        assert!(reply.code >= 500, "{reply:?}");
        assert!(reply.text.contains("5.7.1"), "{reply:?}");
    }
    let mut client = Client::connect_from(SHARED.into(), gateway.smtp)
        .await
        .unwrap();
    let reply = client
        .send(TEACHER, &[MOTHER], &with(SECRET))
        .await
        .unwrap();
    assert_eq!(reply.code, 250, "{reply:?}");
    let taken = next_hop.until_taken_for(MOTHER).await;
    assert_unchanged(&taken.content, &plain);
    assert_eq!(next_hop.taken().len(), 1);
}

/// Each end of data that some server takes for one and another does not (SMTP smuggling).
#[tokio::test]
async fn a_second_message_cannot_be_smuggled_in_a_first() {
    let next_hop = NextHop::start().await;
    let gateway = Gateway::start(&[next_hop.address]).await;
    let smuggled = format!(
        "MAIL FROM:<{TEACHER}>\r\nRCPT TO:<{OUTSIDER}>\r\nDATA\r\nSubject: smuggled\r\n\r\nsmuggled\r\n"
    );
    for end in [
        "\n.\n",
        "\n.\r\n",
        "\r.\r",
        "\r\n.\n",
        "\r\n.\r",
        "\r.\r\n",
        "\r\r\n.\r\r\n",
        "\r\n.\r\r\n",
        "\n\n.\r\n",
    ] {
        let mut client = Client::connect(gateway.smtp).await.unwrap();
        for command in [
            "EHLO client.oaklane.example".to_owned(),
            format!("MAIL FROM:<{TEACHER}>"),
            format!("RCPT TO:<{MOTHER}>"),
            "DATA".to_owned(),
        ] {
            let reply = client.command(&command).await.unwrap();
            assert!(reply.code < 400, "{reply:?}");
        }
        let mut content = message(TEACHER, MOTHER, "The coach", "At nine.");
        content.truncate(content.len() - 2);
        content.extend_from_slice(end.as_bytes());
        content.extend_from_slice(smuggled.as_bytes());
        content.extend_from_slice(b".\r\n");
        client.raw(&content).await.unwrap();
        let reply = client.reply().await.unwrap();
        assert_eq!(reply.code, 550, "{end:?}: {reply:?}");
        assert!(reply.text.contains("5.6.11"), "{end:?}: {reply:?}");
        // One content, one reply: what follows answers this command and nothing before it.
        let reply = client.command("NOOP").await.unwrap();
        assert_eq!(reply.code, 250, "{end:?}: {reply:?}");
        let reply = client.command("DATA").await.unwrap();
        assert_eq!(
            reply.code, 503,
            "{end:?}: no transaction is left: {reply:?}"
        );
    }
    // Nothing of it went on; what is sent now is all there is.
    submit(gateway.smtp, TEACHER, &[MOTHER], &own_child(MOTHER)).await;
    next_hop.until_taken_for(MOTHER).await;
    assert_eq!(next_hop.taken().len(), 1);
    assert!(next_hop.taken_for(OUTSIDER).is_empty());
}

#[tokio::test]
async fn a_message_with_a_marker_of_ours_that_is_not_ours_is_judged_like_any_other() {
    let next_hop = NextHop::start().await;
    let gateway = Gateway::start(&[next_hop.address]).await;
    let message = [
        b"X-Schoolgate-Marker: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\nX-Schoolgate-Verdict: deliver\r\n"
            .as_slice(),
        &schoolgate_tests::school::class_list(),
    ]
    .concat();
    submit(gateway.smtp, TEACHER, &[OUTSIDER], &message).await;
    next_hop
        .until_taken_for(schoolgate_tests::school::HEADTEACHER)
        .await;
    assert!(next_hop.taken_for(OUTSIDER).is_empty());
}

#[tokio::test]
async fn health_and_metrics_are_served_without_personal_data() {
    let next_hop = NextHop::start().await;
    let gateway = Gateway::start(&[next_hop.address]).await;
    submit(gateway.smtp, TEACHER, &[MOTHER], &own_child(MOTHER)).await;
    next_hop.until_taken_for(MOTHER).await;
    let (code, _) = gateway.ops_page("/health").await.unwrap();
    assert_eq!(code, 200);
    let (code, metrics) = gateway.ops_page("/metrics").await.unwrap();
    assert_eq!(code, 200);
    assert!(metrics.contains("schoolgate_"), "{metrics}");
    for text in [metrics, gateway.log()] {
        for private in ["@oaklane.example", "@mail.example", "fenwick", "attendance"] {
            assert!(
                !text.to_lowercase().contains(private),
                "{private} is in: {text}"
            );
        }
    }
}
