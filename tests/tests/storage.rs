//! What lies on disk, and what happens when there is no more of it.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use schoolgate_tests::client::{Client, submit};
use schoolgate_tests::gateway::Gateway;
use schoolgate_tests::next_hop::NextHop;
use schoolgate_tests::school::{
    Changes, HEADTEACHER, MOTHER, OUTSIDER, TEACHER, class_list, message, own_child,
};

fn files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            files(&entry.path(), found);
        } else if entry.file_type().unwrap().is_file() {
            found.push(entry.path());
        }
    }
}

#[tokio::test]
async fn nothing_personal_lies_on_disk_in_clear() {
    let next_hop = NextHop::start().await;
    let mut gateway = Gateway::start(&[next_hop.address]).await;
    submit(gateway.smtp, TEACHER, &[OUTSIDER], &class_list()).await;
    next_hop.until_taken_for(HEADTEACHER).await;
    // Large contents lie apart from the rows; this one is stopped as well, and stays.
    let large = message(
        TEACHER,
        OUTSIDER,
        "A long letter",
        &"Isla Fenwick, UPN K838304122101, reads about the weir and the mill.\n".repeat(60_000),
    );
    submit(gateway.smtp, TEACHER, &[OUTSIDER], &large).await;
    next_hop
        .until("both notices", |all| {
            let to_head = all.iter().filter(|t| t.recipients == [HEADTEACHER]);
            to_head.count() == 2
        })
        .await;

    let data = gateway.data();
    let look = |when: &str| {
        let mut found = Vec::new();
        files(&data, &mut found);
        assert!(found.iter().any(|f| f.ends_with("schoolgate.db")));
        let mut octets = 0;
        for path in found {
            // What is delivered is removed meanwhile.
            let Ok(bytes) = fs::read(&path) else { continue };
            octets += bytes.len();
            for secret in [
                "Fenwick",
                "fenwick",
                "K838304122101",
                "castlecoaches",
                "callum.birch",
                "The class list",
                "weir and the mill",
            ] {
                let inside = bytes
                    .windows(secret.len())
                    .any(|window| window == secret.as_bytes());
                assert!(!inside, "{secret} lies in {} {when}", path.display());
            }
        }
        assert!(octets > large.len(), "the contents are not among the files");
    };
    look("while it runs");
    gateway.stop().await;
    look("after it stopped");
}

#[tokio::test]
async fn without_room_on_disk_the_sender_keeps_the_message() {
    let next_hop = NextHop::start().await;
    let gateway = Gateway::configured(&[next_hop.address], &Changes::default());
    let text = fs::read_to_string(gateway.config()).unwrap();
    fs::write(
        gateway.config(),
        text.replace("free_space = 0", "free_space = 9223372036854775807"),
    )
    .unwrap();
    let mut gateway = gateway;
    gateway.start_again().await;
    let mut client = Client::connect(gateway.smtp).await.unwrap();
    let reply = client
        .send(TEACHER, &[MOTHER], &own_child(MOTHER))
        .await
        .unwrap();
    assert_eq!(reply.code, 452, "{reply:?}");
    assert!(reply.text.starts_with("4.3.1 "), "{reply:?}");
}

#[tokio::test]
async fn a_second_gateway_on_the_same_data_folder_is_refused() {
    let next_hop = NextHop::start().await;
    let gateway = Gateway::start(&[next_hop.address]).await;
    let out = gateway.run(&["serve"]).await;
    assert!(!out.status.success());
    let text = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(text.contains("another schoolgate"), "{text}");
}
