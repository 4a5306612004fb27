//! Text in pictures, read by the real Tesseract in its cage, on the way through the gateway.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::Write;
use std::process::{Command, Output, Stdio};

use schoolgate_tests::client::submit;
use schoolgate_tests::gateway::Gateway;
use schoolgate_tests::mail::assert_unchanged;
use schoolgate_tests::next_hop::NextHop;
use schoolgate_tests::program::{fixture, schoolgate};
use schoolgate_tests::school::{Changes, HEADTEACHER, MOTHER, OUTSIDER, TEACHER, own_child};

/// A golden message with a scan.
fn scan(name: &str) -> Vec<u8> {
    fs::read(fixture("messages/scans").join(name)).unwrap()
}

fn reading(more: &str) -> Changes {
    Changes {
        tables: format!(
            "[ocr]\nenabled = true\nat_once = 1\nmessage_seconds = 300\npicture_seconds = 120\n{more}"
        ),
        ..Changes::default()
    }
}

/// The case that the gateway holds, as its reviewer sees it.
async fn the_case(gateway: &Gateway) -> String {
    let list = gateway.json(&["quarantine", "list"]).await;
    let [case] = list.as_slice() else {
        panic!("{list:?}")
    };
    let id = case["case"].as_str().unwrap();
    let shown = gateway.json(&["quarantine", "show", id]).await;
    serde_json::to_string(&shown).unwrap()
}

#[tokio::test]
async fn a_scanned_register_to_an_outsider_is_stopped_and_names_what_was_read() {
    let next_hop = NextHop::start().await;
    let gateway = Gateway::start_with(&[next_hop.address], &reading("")).await;
    submit(gateway.smtp, TEACHER, &[OUTSIDER], &scan("01-register.eml")).await;
    next_hop.until_taken_for(HEADTEACHER).await;
    let case = the_case(&gateway).await;
    assert!(case.contains("pupil-data"), "{case}");
    assert!(case.contains("read by OCR"), "{case}");
    assert!(case.contains("register.png"), "{case}");
    assert!(next_hop.taken_for(OUTSIDER).is_empty());
    assert!(!gateway.log().contains("Fenwick"), "content in the log");
}

#[tokio::test]
async fn a_pdf_of_nothing_but_pictures_is_read_page_by_page() {
    let next_hop = NextHop::start().await;
    let gateway = Gateway::start_with(&[next_hop.address], &reading("")).await;
    submit(
        gateway.smtp,
        TEACHER,
        &[OUTSIDER],
        &scan("02-register-pdf.eml"),
    )
    .await;
    next_hop.until_taken_for(HEADTEACHER).await;
    let case = the_case(&gateway).await;
    assert!(case.contains("pupil-data"), "{case}");
    assert!(case.contains("page 2, read by OCR"), "{case}");
}

#[tokio::test]
async fn mail_without_pictures_does_not_wait_for_those_that_are_read() {
    let next_hop = NextHop::start().await;
    let gateway = Gateway::start_with(&[next_hop.address], &reading("")).await;
    let letter = scan("08-own-childs-letter.eml");
    let plain = own_child(MOTHER);
    submit(gateway.smtp, TEACHER, &[MOTHER], &letter).await;
    submit(gateway.smtp, TEACHER, &[MOTHER], &plain).await;
    let taken = next_hop
        .until("both letters", |taken| taken.len() == 2)
        .await;
    assert_unchanged(&taken[0].content, &plain);
    assert_unchanged(&taken[1].content, &letter);
    let (_, metrics) = gateway.ops_page("/metrics").await.unwrap();
    assert!(
        metrics.contains("schoolgate_ocr_pictures{outcome=\"read\"} 1"),
        "{metrics}"
    );
}

#[tokio::test]
async fn without_tesseract_mail_flows_and_health_and_doctor_say_so() {
    let next_hop = NextHop::start().await;
    let missing = reading("program = \"/nonexistent/tesseract\"\n");
    let gateway = Gateway::start_with(&[next_hop.address], &missing).await;
    // A letter about nobody passes; about a pupil it waits for somebody to look.
    let invoice = scan("09-invoice.eml");
    submit(gateway.smtp, TEACHER, &[OUTSIDER], &invoice).await;
    next_hop.until_taken_for(OUTSIDER).await;
    let (_, health) = gateway.ops_page("/health").await.unwrap();
    assert!(
        health.contains("The text in pictures is not read"),
        "{health}"
    );
    let doctor = gateway.run(&["doctor", "--json"]).await;
    let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(said.contains("install tesseract-ocr"), "{said}");
}

/// Starts the process that reads a picture, with another program in Tesseract's place.
fn caged(program: &str, picture: &[u8], folder: &std::path::Path) -> Output {
    let mut child = Command::new(schoolgate())
        .args(["ocr", "--program", program, "--languages", "eng"])
        .args([
            "--memory",
            "1073741824",
            "--cpu-seconds",
            "20",
            "--pixels",
            "50000000",
            "--task",
            "text",
        ])
        .arg("--data")
        .arg(folder)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    // It may end before it took everything.
    let _ = input.write_all(picture);
    drop(input);
    child.wait_with_output().unwrap()
}

const BLANK: &[u8] =
    b"P5\n16 1\n255\n\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff";

/// A shell in Tesseract's place, which is called with `stdin` as its first argument, runs
/// the file of that name: it tries what a program that was taken over would try.
#[test]
fn whatever_runs_in_tesseracts_place_reaches_no_network_no_file_and_no_program() {
    let folder = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    let secret = outside.path().join("master.key");
    fs::write(&secret, "secret").unwrap();
    let script = format!(
        "echo alive\n\
         read line < {secret:?} && echo \"read $line\"\n\
         echo x > {folder:?}/written && echo wrote\n\
         exec 3<>/dev/tcp/127.0.0.1/9 ; echo \"network $?\"\n\
         ( echo forked )\n\
         echo env $(set)\n\
         exec /usr/bin/id\n",
        folder = folder.path(),
    );
    fs::write(folder.path().join("stdin"), script).unwrap();
    let out = caged("/bin/bash", BLANK, folder.path());
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(said.contains("schoolgate-ocr"), "{said}");
    assert!(said.contains("alive"), "the shell runs: {said}");
    // The filter stands on every kernel that this runs on; Landlock on newer ones.
    assert!(said.contains("\"seccomp\":\"full\""), "{said}");
    assert!(!said.contains("network 0"), "{said}");
    assert!(!said.contains("forked"), "{said}");
    if said.contains("\"landlock\":\"full\"") {
        assert!(!said.contains("read secret"), "{said}");
        assert!(!said.contains("wrote"), "{said}");
        assert!(!said.contains("uid="), "{said}");
    }
}

#[test]
fn bombs_and_rubbish_end_before_tesseract_begins() {
    let folder = tempfile::tempdir().unwrap();
    let mut bomb = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    bomb.extend(30_000_u32.to_be_bytes());
    bomb.extend(30_000_u32.to_be_bytes());
    bomb.extend([1, 0, 0, 0, 0, 0, 0, 0, 0]);
    // The checksum of the head is wrong, so it is damaged; a right one is too large.
    let damaged = caged("/usr/bin/tesseract", &bomb, folder.path());
    assert_eq!(damaged.status.code(), Some(65));
    let wide = b"P5\n30000 30000\n255\n";
    let large = caged("/usr/bin/tesseract", wide, folder.path());
    assert_eq!(large.status.code(), Some(66));
    let none = caged("/nonexistent/tesseract", BLANK, folder.path());
    assert_eq!(none.status.code(), Some(64));
}
