//! Open lists, personal addresses, staff's own details, conduct, and what the installation's
//! state makes of it.

use schoolgate_detectors::{Kind, UnreadReason};
use schoolgate_policies::Verdict::{Deliver, Hold, Quarantine};
use schoolgate_policies::{Mode, RosterState, Stance};

use crate::school::*;

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
