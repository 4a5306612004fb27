//! The stage without Tesseract: what is done when it is not there, or there is no time.
//! With it: `tests/tests/pictures.rs`.

use std::time::Duration;

use schoolgate_detectors::pictures::{Digest, NotRead, PictureText};

use super::*;

fn settings() -> OcrSettings {
    OcrSettings {
        enabled: true,
        program: "/nonexistent/tesseract".into(),
        languages: "eng".into(),
        data: None,
        at_once: 1,
        message: Duration::from_secs(60),
        picture: Duration::from_secs(30),
        memory: 1 << 30,
        pixels: 50_000_000,
        cache: 1 << 20,
    }
}

fn ocr() -> Ocr {
    Ocr::new(&Program::this(), &settings())
}

#[tokio::test]
async fn a_missing_program_is_said_and_is_no_failure() {
    let ocr = ocr();
    let why = ocr.probe().await.unwrap_err();
    assert!(why.contains("tesseract-ocr"), "{why}");
    let health = ocr.health();
    assert_eq!(health.trouble, Some(why));
    assert_eq!(health.problems().len(), 1);
    let text = ocr
        .read_one(&settings(), Digest::of(b"x"), b"x", Duration::from_secs(9))
        .await;
    assert_eq!(text, PictureText::NotRead(NotRead::NoProgram));
    // It may be installed any time, so that answer is not remembered.
    assert_eq!(ocr.known(&[Digest::of(b"x")]), None);
}

#[tokio::test]
async fn where_it_is_switched_off_nothing_is_wrong() {
    let ocr = ocr();
    let _ = ocr.probe().await;
    ocr.replace(&OcrSettings {
        enabled: false,
        ..settings()
    });
    assert!(!ocr.is_enabled());
    assert!(ocr.health().problems().is_empty());
}

#[tokio::test]
async fn a_message_whose_pictures_are_all_known_needs_no_turn() {
    let ocr = ocr();
    let (logo, form) = (Digest::of(b"logo"), Digest::of(b"form"));
    let text = PictureText::Text("Oak Lane Primary School".into());
    lock(&ocr.cache).put(logo, &text);
    assert_eq!(ocr.known(&[logo]), Some(PictureTexts::from([(logo, text)])));
    assert_eq!(ocr.known(&[logo, form]), None);
}

#[tokio::test]
async fn turns_are_few_and_end_with_the_gateway() {
    let ocr = Arc::new(ocr());
    let turn = ocr.turn().await.unwrap();
    assert_eq!(ocr.health().busy, 1);
    let second = tokio::spawn({
        let ocr = Arc::clone(&ocr);
        async move { ocr.turn().await.map(drop) }
    });
    while ocr.health().waiting == 0 {
        tokio::task::yield_now().await;
    }
    ocr.close();
    assert!(matches!(second.await.unwrap(), Err(InspectError::Closed)));
    assert_eq!(ocr.health().waiting, 0);
    drop(turn);
    assert_eq!(ocr.health().busy, 0);
}

#[test]
fn texts_beyond_what_a_worker_takes_are_not_read() {
    let long = PictureText::Text("x".repeat(TEXTS / 2));
    let mut texts: PictureTexts = (0..3).map(|n| (Digest([n; 32]), long.clone())).collect();
    bound(&mut texts);
    let unread = |text: &PictureText| *text == PictureText::NotRead(NotRead::Large);
    assert_eq!(texts.values().filter(|text| unread(text)).count(), 1);
}
