//! How it has to be marked, locked and readable.

use schoolgate_detectors::{
    Category, Encryption, Kind, MarkingLevel, MarkingPlace, Sensitivity, UnreadReason,
};
use schoolgate_policies::Mode;
use schoolgate_policies::Verdict::{Deliver, Hold, Quarantine};

use crate::aes;
use crate::school::*;

// Markings.

#[test]
fn special_matter_to_the_own_parent_needs_the_marking() {
    letter(&[MOTHER]).special(ANN).stops(Hold, &["marking"]);
    letter(&[MOTHER])
        .special(ANN)
        .marked(MarkingLevel::HighlySensitive, MarkingPlace::FirstLine)
        .passes();
}

#[test]
fn ordinary_but_sensitive_matter_to_the_own_parent_needs_none() {
    letter(&[MOTHER])
        .about(&[ANN], &[Category::Behaviour], Sensitivity::Sensitive)
        .passes();
}

#[test]
fn a_marking_in_the_footer_does_not_count() {
    for place in [
        MarkingPlace::Footer,
        MarkingPlace::Quoted,
        MarkingPlace::FileName,
    ] {
        letter(&[COUNCIL])
            .ordinary(ANN)
            .marked(MarkingLevel::Sensitive, place)
            .stops(Hold, &["marking"]);
    }
}

#[test]
fn a_misspelt_marking_does_not_count_and_is_named() {
    let decision = letter(&[COUNCIL])
        .special(ANN)
        .found(Kind::MarkingNearMiss)
        .decision();
    assert_eq!(decision.verdict(), Hold);
    let rule = decision.rules.iter().find(|r| r.id == "marking.near-miss");
    let rule = rule.expect("the near miss is reported");
    assert!(rule.remedy.contains("HIGHLY SENSITIVE"), "{}", rule.remedy);
    assert_eq!(rule.clauses, ["001-17"]);
}

#[test]
fn a_near_miss_in_harmless_mail_passes() {
    letter(&[COUNCIL, BUSINESS])
        .found(Kind::MarkingNearMiss)
        .passes();
}

#[test]
fn too_low_a_marking_is_told_after_delivery() {
    let decision = letter(&[COUNCIL]).special(ANN).sensitive().decision();
    assert_eq!(decision.verdict(), Deliver);
    assert_eq!(decision.rules[0].id, "marking.too-low");
    assert_eq!(decision.rules[0].mode, Mode::Nudge);
}

// Attachments.

#[test]
fn an_open_attachment_with_special_matter_is_held() {
    let open = letter(&[COUNCIL]).special(ANN).sensitive();
    open.clone()
        .attached("ehcp.docx", Sensitivity::HighlySensitive, Encryption::None)
        .stops(Hold, &["attachment-encryption"]);
    open.clone()
        .attached(
            "ehcp.pdf",
            Sensitivity::Sensitive,
            Encryption::Weak("owner password only".into()),
        )
        .stops(Hold, &["attachment-encryption"]);
    open.attached("menu.docx", Sensitivity::Personal, Encryption::None)
        .passes();
}

#[test]
fn an_open_member_of_an_open_archive_is_held_and_of_a_locked_one_not() {
    let open = letter(&[COUNCIL]).special(ANN).sensitive();
    open.clone()
        .attached("a.zip", Sensitivity::None, Encryption::None)
        .member("2/a.zip/ehcp.docx", Sensitivity::Sensitive)
        .stops(Hold, &["attachment-encryption"]);
    open.attached("a.zip", Sensitivity::None, aes())
        .member("2/a.zip/ehcp.docx", Sensitivity::Sensitive)
        .passes();
}

#[test]
fn a_sensitive_list_to_an_agency_is_held_unless_locked() {
    let list = letter(&[COUNCIL])
        .about(&[ANN], &[Category::Attainment], Sensitivity::Sensitive)
        .sensitive();
    list.clone()
        .attached("marks.xlsx", Sensitivity::Sensitive, Encryption::None)
        .stops(Hold, &["attachment-encryption"]);
    list.attached("marks.xlsx", Sensitivity::None, aes())
        .passes();
}

#[test]
fn an_ordinary_letter_attached_for_the_own_parent_passes() {
    letter(&[MOTHER])
        .about(&[ANN], &[Category::Attendance], Sensitivity::Sensitive)
        .attached("attendance.pdf", Sensitivity::Sensitive, Encryption::None)
        .passes();
}

#[test]
fn the_password_beside_is_held_outside_only() {
    letter(&[COUNCIL])
        .found(Kind::PasswordBeside)
        .stops(Hold, &["attachment-encryption"]);
    letter(&[BUSINESS])
        .attached(
            "a.zip",
            Sensitivity::None,
            Encryption::PasswordBeside("AES".into()),
        )
        .stops(Hold, &["attachment-encryption"]);
    letter(&[HEAD]).found(Kind::PasswordBeside).passes();
}

#[test]
fn a_weakly_locked_file_is_held() {
    letter(&[COUNCIL])
        .attached(
            "a.zip",
            Sensitivity::None,
            Encryption::Weak("ZipCrypto".into()),
        )
        .unread("2/a.zip", UnreadReason::WeaklyEncrypted)
        .stops(Hold, &["attachment-encryption", "uninspectable"]);
}

#[test]
fn a_brochure_with_an_owner_password_passes() {
    letter(&[BUSINESS])
        .attached(
            "brochure.pdf",
            Sensitivity::None,
            Encryption::Weak("owner".into()),
        )
        .found(Kind::EncryptionWeak)
        .passes();
}

// A really locked file.

#[test]
fn a_locked_file_goes_to_agencies_marked() {
    let locked = letter(&[COUNCIL])
        .attached("a.zip", Sensitivity::None, aes())
        .unread("2/a.zip", UnreadReason::Encrypted);
    locked.clone().sensitive().passes();
    locked.stops(Hold, &["marking"]);
}

#[test]
fn a_locked_file_goes_to_a_business_when_nothing_speaks_of_pupils() {
    let locked = letter(&[BUSINESS]).attached("payroll.zip", Sensitivity::None, aes());
    locked.passes();
    locked
        .found(Kind::CategoryPhrase)
        .stops(Hold, &["uninspectable"]);
}

#[test]
fn a_locked_file_to_an_unknown_private_address_is_held() {
    letter(&[STRANGER])
        .attached("a.zip", Sensitivity::None, aes())
        .stops(Hold, &["uninspectable"]);
}

#[test]
fn a_locked_file_to_a_registered_contact_passes() {
    letter(&[MOTHER])
        .attached("a.zip", Sensitivity::None, aes())
        .passes();
}

// Unread.

#[test]
fn unread_is_held_outside() {
    for reason in [
        UnreadReason::UnknownFormat,
        UnreadReason::Damaged,
        UnreadReason::Limit,
        UnreadReason::Aborted,
    ] {
        for to in [MOTHER, COUNCIL, BUSINESS, "x@pupils.oak.example"] {
            letter(&[to])
                .unread("2", reason)
                .stops(Hold, &["uninspectable"]);
        }
        letter(&[HEAD]).unread("2", reason).passes();
    }
}

#[test]
fn media_is_noted_not_held() {
    letter(&[BUSINESS])
        .unread("2/photo.jpg", UnreadReason::Media)
        .passes();
}

#[test]
fn a_picture_that_was_not_read_is_held_only_where_pupils_are_spoken_of() {
    let letter_with = |to| letter(&[to]).unread("2/scan.png", UnreadReason::PictureNotRead);
    letter_with(BUSINESS).passes();
    letter_with(BUSINESS)
        .found(Kind::CategoryPhrase)
        .stops(Hold, &["uninspectable"]);
    letter_with(HEAD).found(Kind::CategoryPhrase).passes();
}

// Photographs.

#[test]
fn a_photograph_with_a_name_is_quarantined_outside_but_for_the_childs_own_family() {
    let named = |to| {
        letter(&[to])
            .found(Kind::Photograph)
            .found(Kind::PictureNamed)
    };
    named(BUSINESS).stops(Quarantine, &["photo"]);
    named(STRANGER).stops(Quarantine, &["photo"]);
    named(MOTHER).stops(Quarantine, &["photo"]);
    named(MOTHER).ordinary(ANN).passes();
    named(HEAD).passes();
}

#[test]
fn a_photograph_from_a_telephone_counts_where_words_speak_of_children() {
    for telling in [Kind::PicturePhone, Kind::PicturePlace] {
        let photograph = || letter(&[BUSINESS]).found(Kind::Photograph).found(telling);
        photograph().passes();
        photograph()
            .found(Kind::PictureOfChildren)
            .stops(Quarantine, &["photo"]);
    }
    // The school's own camera.
    letter(&[BUSINESS])
        .found(Kind::Photograph)
        .found(Kind::PictureOfChildren)
        .passes();
}

#[test]
fn a_marked_photograph_may_go_to_an_agency() {
    let named = || letter(&[COUNCIL]).ordinary(ANN).found(Kind::PictureNamed);
    named().sensitive().passes();
    named().stops(Quarantine, &["marking", "photo"]);
}

#[test]
fn an_ambiguous_message_is_held_outside() {
    letter(&[BUSINESS])
        .found(Kind::MimeAmbiguous)
        .stops(Hold, &["uninspectable"]);
    letter(&[BUSINESS])
        .found(Kind::LimitReached)
        .stops(Hold, &["uninspectable"]);
    letter(&[HEAD]).found(Kind::MimeAmbiguous).passes();
}

#[test]
fn a_misleading_name_is_only_recorded() {
    let decision = letter(&[BUSINESS]).found(Kind::MisleadingName).decision();
    assert_eq!(decision.verdict(), Deliver);
    assert_eq!(decision.rules[0].mode, Mode::Monitor);
    assert_eq!(decision.would_be, Deliver);
}
