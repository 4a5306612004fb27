//! Each of the baseline's ground rules: what it stops, and the near miss that passes.

mod school;

use school::*;
use schoolgate_detectors::{
    Category, Encryption, Kind, MarkingLevel, MarkingPlace, PupilId, Sensitivity, UnreadReason,
};
use schoolgate_policies::Verdict::{Deliver, Hold, Quarantine};
use schoolgate_policies::{Mode, RosterState, Stance};

fn aes() -> Encryption {
    Encryption::Strong("AES-256".into())
}

// Inside the school.

#[test]
fn inside_mail_about_pupils_passes() {
    letter(&[
        HEAD,
        "gus@oak.example",
        "office@oak.example",
        "99.office@oak.example",
    ])
    .special(ANN)
    .attached("ehcp.docx", Sensitivity::HighlySensitive, Encryption::None)
    .found(Kind::StaffDetails)
    .unread("3", UnreadReason::Damaged)
    .passes();
}

#[test]
fn inside_mail_with_a_password_is_held() {
    letter(&[HEAD])
        .found(Kind::Credential)
        .stops(Hold, &["credentials"]);
}

#[test]
fn a_weak_guess_at_a_password_passes() {
    let mut letter = letter(&[HEAD]).found(Kind::Credential);
    letter.inspection.findings[0].confidence = schoolgate_detectors::Confidence::new(0.3);
    letter.passes();
}

#[test]
fn a_pupils_mailbox_is_not_inside() {
    letter(&["22.cal@oak.example"])
        .ordinary(ANN)
        .stops(Quarantine, &["pupil-data"]);
    letter(&["x@pupils.oak.example"])
        .ordinary(ANN)
        .stops(Quarantine, &["pupil-data"]);
}

#[test]
fn a_pupil_may_be_told_about_themselves() {
    letter(&["ann@pupils.oak.example"]).ordinary(ANN).passes();
    letter(&["22.ann.ash@oak.example"]).ordinary(ANN).passes();
}

#[test]
fn a_pupil_and_a_colleague_are_judged_together() {
    let decision = letter(&[HEAD, "x@pupils.oak.example"])
        .ordinary(ANN)
        .decision();
    assert_eq!(decision.verdict(), Quarantine);
    assert_eq!(decision.recipients[0].verdict, Quarantine);
    assert_eq!(decision.recipients[0].own_verdict, Deliver);
}

// Pupil data to the outside.

#[test]
fn pupil_data_to_a_stranger_is_quarantined() {
    letter(&[STRANGER])
        .ordinary(ANN)
        .stops(Quarantine, &["pupil-data"]);
}

#[test]
fn pupil_data_to_a_business_is_quarantined() {
    letter(&[BUSINESS])
        .ordinary(ANN)
        .stops(Quarantine, &["pupil-data"]);
}

#[test]
fn mail_without_pupils_passes_to_anybody() {
    letter(&[STRANGER, BUSINESS, MOTHER, COUNCIL, FATHER]).passes();
}

#[test]
fn nobodys_data_passes() {
    letter(&[BUSINESS])
        .about(&[ANN], &[], Sensitivity::None)
        .passes();
}

#[test]
fn own_child_to_the_mother_passes() {
    letter(&[MOTHER]).ordinary(ANN).passes();
}

#[test]
fn both_siblings_to_the_mother_pass() {
    letter(&["MOTHER.ASH@GMAIL.COM"])
        .ordinary(ANN)
        .ordinary(BEN)
        .passes();
}

#[test]
fn another_child_besides_is_misdirected() {
    letter(&[MOTHER])
        .ordinary(ANN)
        .ordinary(CAL)
        .stops(Quarantine, &["misdirected"]);
}

#[test]
fn another_childs_parent_is_misdirected() {
    letter(&[CALS_MOTHER])
        .ordinary(ANN)
        .stops(Quarantine, &["misdirected"]);
}

#[test]
fn a_namesake_is_whoever_the_recipient_belongs_to() {
    letter(&[CALS_MOTHER])
        .about(
            &[CAL, OTHER_CAL],
            &[Category::Attendance],
            Sensitivity::Personal,
        )
        .passes();
}

#[test]
fn a_namesakes_parent_is_misdirected_when_the_pupil_is_certain() {
    letter(&[OTHER_CALS_FATHER])
        .ordinary(CAL)
        .stops(Quarantine, &["misdirected"]);
}

#[test]
fn no_parental_responsibility_is_quarantined() {
    letter(&[STEPFATHER])
        .ordinary(ANN)
        .stops(Quarantine, &["pupil-data"]);
}

#[test]
fn no_parental_responsibility_does_not_matter_for_a_newsletter() {
    letter(&[STEPFATHER]).passes();
}

#[test]
fn a_court_flag_is_misdirected() {
    letter(&[FATHER])
        .ordinary(ANN)
        .stops(Quarantine, &["misdirected"]);
}

#[test]
fn a_court_flag_is_of_one_child_only() {
    letter(&[FATHER]).ordinary(BEN).passes();
}

#[test]
fn a_locked_file_to_a_contact_under_a_court_flag_is_misdirected() {
    letter(&[FATHER])
        .attached("report.pdf", Sensitivity::None, aes())
        .stops(Quarantine, &["misdirected"]);
}

#[test]
fn a_pupil_of_nobody_is_not_the_recipients_own() {
    letter(&[MOTHER])
        .about(&[], &[], Sensitivity::Personal)
        .stops(Quarantine, &["misdirected"]);
    letter(&[BUSINESS])
        .about(&[], &[], Sensitivity::Personal)
        .stops(Quarantine, &["pupil-data"]);
}

#[test]
fn one_wrong_recipient_stops_the_message() {
    letter(&[MOTHER, STRANGER])
        .ordinary(ANN)
        .stops(Quarantine, &["pupil-data"]);
}

// First names.

#[test]
fn a_first_name_alone_is_nobodys_data() {
    letter(&[STRANGER]).mentions(&[ANN], &[]).passes();
    letter(&[CALS_MOTHER])
        .mentions(&[ANN], &[Category::Attendance])
        .passes();
}

#[test]
fn a_first_name_to_the_own_contact_identifies() {
    let letter = letter(&[MOTHER]).mentions(&[ANN, CAL], &[Category::Health]);
    letter.stops(Hold, &["marking"]);
    assert_eq!(letter.facts().recipients[0].mentioned, vec![ANN]);
    letter.sensitive().passes();
}

#[test]
fn a_first_name_with_ordinary_matter_to_the_own_contact_passes() {
    letter(&[MOTHER])
        .mentions(&[ANN], &[Category::Attendance])
        .passes();
}

#[test]
fn a_stranger_in_copy_of_a_letter_to_the_family_can_tell_who_is_meant() {
    letter(&[MOTHER, CALS_MOTHER])
        .mentions(&[ANN], &[Category::Attendance])
        .stops(Quarantine, &["misdirected"]);
    letter(&[MOTHER, BUSINESS])
        .mentions(&[ANN], &[Category::Attendance])
        .stops(Quarantine, &["pupil-data"]);
}

#[test]
fn a_greeting_by_first_name_to_two_families_passes() {
    letter(&[MOTHER, CALS_MOTHER])
        .mentions(&[ANN], &[])
        .passes();
}

#[test]
fn first_names_in_a_circular_identify_nobody() {
    let mut known = roster();
    let mut to = vec![MOTHER.to_owned()];
    for i in 10..20 {
        let mut contact = known.contacts[0].clone();
        contact.pupil = PupilId(i);
        contact.email = Some(format!("parent{i}@family.example"));
        to.push(format!("parent{i}@family.example"));
        known.contacts.push(contact);
    }
    let to: Vec<&str> = to.iter().map(String::as_str).collect();
    let mut letter = letter(&to).mentions(&[ANN], &[Category::Health]);
    letter.known = known;
    letter.passes();
}

// Agencies and other schools.

#[test]
fn an_agency_needs_the_marking() {
    letter(&[COUNCIL]).ordinary(ANN).stops(Hold, &["marking"]);
    letter(&[COUNCIL]).ordinary(ANN).sensitive().passes();
}

#[test]
fn an_agency_below_a_listed_domain_is_one() {
    let letter = letter(&["a@social-care.oakshire.gov.uk", "b@ward.nhs.net"]).special(ANN);
    letter.clone().sensitive().passes();
    letter.stops(Hold, &["marking"]);
}

#[test]
fn a_sister_school_is_asked_for_the_marking() {
    for sister in ["office@beech.example", "office@elm.example"] {
        letter(&[sister]).ordinary(ANN).stops(Hold, &["marking"]);
        letter(&[sister]).ordinary(ANN).sensitive().passes();
    }
}

#[test]
fn an_agency_gets_ordinary_mail_unmarked() {
    letter(&[COUNCIL]).passes();
}

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

// Open lists.

fn families(count: usize) -> Vec<String> {
    (0..count)
        .map(|i| format!("family-no-{i}@gmail.com"))
        .collect()
}

#[test]
fn six_families_in_to_are_a_mass_disclosure_and_five_are_not() {
    let six = families(6);
    let six: Vec<&str> = six.iter().map(String::as_str).collect();
    letter(&six).in_to().stops(Quarantine, &["mass-disclosure"]);
    letter(&six).passes();
    letter(&six[..5]).in_to().passes();
}

#[test]
fn addresses_of_one_family_count_once() {
    let five = families(5);
    let mut to: Vec<&str> = five.iter().map(String::as_str).collect();
    to.truncate(4);
    to.extend([MOTHER, STEPFATHER, FATHER]);
    letter(&to).in_to().passes();
    to.push(CALS_MOTHER);
    letter(&to).in_to().stops(Quarantine, &["mass-disclosure"]);
}

#[test]
fn businesses_and_colleagues_in_to_are_no_families() {
    let to: Vec<String> = (0..9).map(|i| format!("a@firm{i}.example")).collect();
    let to: Vec<&str> = to
        .iter()
        .map(String::as_str)
        .chain([HEAD, TEACHER])
        .collect();
    letter(&to).in_to().passes();
}

#[test]
fn a_list_that_was_split_into_transactions_still_counts() {
    let mut letter = letter(&["family-no-0@gmail.com"]);
    for address in families(6) {
        letter.inspection.headers.to.push(mailbox(&address));
    }
    letter.stops(Quarantine, &["mass-disclosure"]);
}

// Personal addresses.

#[test]
fn the_own_personal_address_is_held() {
    letter(&["hal.private@btinternet.com"]).stops(Hold, &["personal-address"]);
}

#[test]
fn an_address_like_the_senders_name_is_their_own() {
    for own in [
        "t.teasel@gmail.com",
        "tess.teasel82@hotmail.co.uk",
        "TTeasel@yahoo.com",
    ] {
        letter(&[own]).stops(Hold, &["personal-address"]);
    }
    letter(&["t.teasel@printer.example"]).passes();
    letter(&["tansy.teasel@gmail.com"]).passes();
}

#[test]
fn pupil_data_to_a_personal_address_is_quarantined_too() {
    letter(&["hal.private@btinternet.com"])
        .ordinary(ANN)
        .stops(Quarantine, &["pupil-data", "personal-address"]);
}

#[test]
fn a_teacher_who_is_a_parent_is_a_parent_at_home() {
    let mut from_head = letter(&[TEACHERS_OWN]).ordinary(DOT);
    from_head.envelope.reverse_path = HEAD.into();
    from_head.passes();
    // To oneself, about one's own child, is a parent's business; about others it is not.
    letter(&[TEACHERS_OWN]).ordinary(DOT).passes();
    letter(&[TEACHERS_OWN])
        .ordinary(ANN)
        .stops(Quarantine, &["pupil-data", "personal-address"]);
    letter(&[TEACHERS_OWN]).stops(Hold, &["personal-address"]);
    // At the school address the same person is a colleague.
    letter(&[TEACHER]).ordinary(ANN).passes();
}

#[test]
fn a_personal_reply_address_is_held_outside() {
    let mut letter = letter(&[MOTHER]);
    letter
        .inspection
        .headers
        .reply_to
        .push(mailbox("t.private@gmail.com"));
    letter.stops(Hold, &["personal-address"]);
    letter.envelope.forward_paths = vec![HEAD.into()];
    letter.passes();
}

#[test]
fn a_reply_address_of_a_service_is_not_personal() {
    let mut letter = letter(&[MOTHER]);
    letter
        .inspection
        .headers
        .reply_to
        .push(mailbox("survey@forms.example"));
    letter.passes();
}

// Look-alikes.

#[test]
fn a_mistyped_webmail_domain_is_misdirected() {
    for slip in [
        "mother.ash@gmial.com",
        "mother.ash@gmail.con",
        "x@hotmial.com",
    ] {
        letter(&[slip])
            .ordinary(ANN)
            .stops(Quarantine, &["misdirected"]);
    }
}

#[test]
fn a_mistyped_local_part_is_misdirected() {
    let slip = letter(&["mother.ahs@gmail.com"]).ordinary(ANN);
    slip.stops(Quarantine, &["misdirected"]);
    assert_eq!(
        slip.facts().recipients[0].looks_like.as_deref(),
        Some(MOTHER)
    );
}

#[test]
fn the_same_name_at_another_provider_is_misdirected() {
    letter(&["mother.ash@hotmail.com"])
        .ordinary(ANN)
        .stops(Quarantine, &["misdirected"]);
}

#[test]
fn an_imitated_school_or_council_is_misdirected() {
    for imitation in ["head@0ak.example", "duty@oakshire.gov.uk.com", "x@nhs.co"] {
        letter(&[imitation])
            .ordinary(ANN)
            .sensitive()
            .stops(Quarantine, &["misdirected"]);
    }
}

#[test]
fn a_look_alike_without_pupils_is_told_after_delivery() {
    let decision = letter(&["mother.ash@gmial.com"]).decision();
    assert_eq!(decision.verdict(), Deliver);
    assert_eq!(decision.rules[0].mode, Mode::Nudge);
}

#[test]
fn a_tagged_address_is_another_address_that_names_its_twin() {
    let tagged = letter(&["mother.ash+school@gmail.com"]).ordinary(ANN);
    tagged.stops(Quarantine, &["pupil-data"]);
    assert_eq!(
        tagged.facts().recipients[0].looks_like.as_deref(),
        Some(MOTHER)
    );
}

// Details of staff.

#[test]
fn private_details_of_staff_are_held_outside() {
    for to in [MOTHER, BUSINESS, COUNCIL, "ann@pupils.oak.example"] {
        letter(&[to])
            .found(Kind::StaffDetails)
            .stops(Hold, &["staff-details"]);
    }
    letter(&[HEAD]).found(Kind::StaffDetails).passes();
    letter(&[MOTHER]).found(Kind::Phone).passes();
}

#[test]
fn a_password_to_the_outside_is_held() {
    letter(&[BUSINESS])
        .found(Kind::Credential)
        .stops(Hold, &["credentials"]);
}

// Stance and roster.

#[test]
fn an_observing_installation_delivers_and_records() {
    let mut letter = letter(&[STRANGER])
        .special(ANN)
        .unread("2", UnreadReason::Damaged);
    letter.stance = Stance::Observe;
    let decision = letter.decision();
    assert_eq!(decision.verdict(), Deliver);
    assert_eq!(decision.would_be, Quarantine);
    assert!(decision.rules.iter().all(|r| r.mode == Mode::Monitor));
    assert!(decision.rules.len() >= 3);
    assert!(decision.governing().is_none());
}

#[test]
fn without_a_fresh_roster_rules_on_relations_only_monitor() {
    for state in [RosterState::Missing, RosterState::Stale] {
        let mut stranger = letter(&[STRANGER]).ordinary(ANN);
        stranger.roster = state;
        let decision = stranger.decision();
        assert_eq!(decision.verdict(), Deliver);
        assert_eq!(decision.would_be, Quarantine);

        // What needs no roster goes on.
        let mut special = letter(&[STRANGER]).special(ANN);
        special.roster = state;
        special.stops(Hold, &["marking"]);
        let mut password = letter(&[HEAD]).found(Kind::Credential);
        password.roster = state;
        password.stops(Hold, &["credentials"]);
    }
}

#[test]
fn no_recipients_are_nobodys_business() {
    letter(&[]).special(ANN).passes();
}
