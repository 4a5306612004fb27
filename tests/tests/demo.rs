//! What `make run` shows.
#![allow(clippy::unwrap_used)]

use std::process::Stdio;

use schoolgate_tests::program::schoolgate;

#[tokio::test]
async fn the_demo_shows_every_verdict_and_ends() {
    let child = tokio::process::Command::new(schoolgate())
        .args(["demo", "--once"])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let out = tokio::time::timeout(std::time::Duration::from_secs(180), child)
        .await
        .expect("it ends")
        .unwrap();
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(
        out.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&out.stderr)
    );
    for word in [
        "deliver",
        "hold",
        "quarantine",
        "001-",
        "made up",
        "A scanned register",
    ] {
        assert!(text.contains(word), "no {word}: {text}");
    }
}
