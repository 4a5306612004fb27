//! Who may have what about whom.

use schoolgate_detectors::{Category, Encryption, Kind, PupilId, Sensitivity, UnreadReason};
use schoolgate_policies::Verdict::{Deliver, Hold, Quarantine};

use crate::aes;
use crate::school::*;

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
