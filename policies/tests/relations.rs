//! Who sends, and what each recipient is.

mod school;

use school::*;
use schoolgate_detectors::{Category, Sensitivity};
use schoolgate_policies::{Relation, SenderGroup};

#[test]
fn recipients_come_in_the_order_of_the_forward_paths() {
    assert_eq!(
        letter(&[
            HEAD,
            "gus@oak.example",
            "office@beech.example",
            "office@elm.example",
            "ann@pupils.oak.example",
            MOTHER,
            COUNCIL,
            "hal.private@btinternet.com",
            "mother.ash@gmial.com",
            STRANGER,
            BUSINESS,
        ])
        .relations(),
        [
            Relation::Staff,
            Relation::Governor,
            Relation::SisterSchool,
            Relation::SisterSchool,
            Relation::Pupil,
            Relation::Contact,
            Relation::Agency,
            Relation::OwnPersonal,
            Relation::LookAlike,
            Relation::Webmail,
            Relation::Other,
        ]
    );
}

#[test]
fn an_unlisted_mailbox_of_the_school_is_staff() {
    assert_eq!(
        letter(&["new.colleague@oak.example"]).relations(),
        [Relation::Staff]
    );
    assert_eq!(
        letter(&["99.office@oak.example"]).relations(),
        [Relation::Staff]
    );
}

#[test]
fn a_subdomain_that_the_school_does_not_name_is_not_the_school() {
    assert_eq!(
        letter(&["x@lists.oak.example"]).relations(),
        [Relation::Other]
    );
}

#[test]
fn what_is_no_address_is_other() {
    for odd in [
        "",
        "postmaster",
        "@",
        "x@",
        "\"a@b\"@c.test",
        "ünïcode@ünï.example",
    ] {
        assert_eq!(letter(&[odd]).relations(), [Relation::Other], "{odd}");
    }
}

#[test]
fn an_agency_keeps_its_kind() {
    let facts = letter(&[COUNCIL, "x@nhs.net"]).facts();
    assert_eq!(
        facts.recipients[0].agency.as_deref(),
        Some("local-authority")
    );
    assert_eq!(facts.recipients[1].agency.as_deref(), Some("health"));
}

#[test]
fn the_pupils_who_are_not_theirs_are_listed() {
    let facts = letter(&[MOTHER]).ordinary(CAL).ordinary(ANN).facts();
    assert_eq!(facts.recipients[0].relation, Relation::OtherPupilsContact);
    assert_eq!(facts.recipients[0].not_theirs, [CAL]);
}

#[test]
fn a_court_flag_goes_before_everything_else() {
    // Ben's father may write about Ben; the mail is about Ann too.
    let both = letter(&[FATHER]).ordinary(BEN).ordinary(ANN).ordinary(CAL);
    assert_eq!(both.relations(), [Relation::ContactUnderCourtFlag]);
}

#[test]
fn a_mailbox_of_two_people_has_responsibility_when_one_has() {
    let mut shared = letter(&[STEPFATHER]).ordinary(ANN);
    let mut second = shared.known.contacts[0].clone();
    second.email = Some(STEPFATHER.into());
    shared.known.contacts.push(second);
    assert_eq!(shared.relations(), [Relation::OwnContact]);
}

#[test]
fn a_family_shares_a_number() {
    let facts = letter(&[MOTHER, STEPFATHER, FATHER, CALS_MOTHER, STRANGER]).facts();
    let family = |i: usize| facts.recipients[i].family;
    assert!(family(0).is_some());
    assert_eq!(family(0), family(1));
    assert_eq!(family(0), family(2));
    assert_ne!(family(0), family(3));
    assert_eq!(family(4), None);
}

#[test]
fn who_stands_in_to_or_cc_is_visible() {
    let mut letter = letter(&[MOTHER, FATHER, CALS_MOTHER]);
    letter
        .inspection
        .headers
        .to
        .push(mailbox("Mother.Ash@GMAIL.com"));
    letter.inspection.headers.cc.push(mailbox(FATHER));
    let visible: Vec<bool> = letter
        .facts()
        .recipients
        .iter()
        .map(|r| r.visible)
        .collect();
    assert_eq!(visible, [true, true, false]);
}

#[test]
fn a_listed_private_mailbox_of_a_governor_is_private() {
    let mut letter = letter(&["gus.private@gmail.com"]);
    letter.known.staff[2].email = "gus.private@gmail.com".into();
    assert_eq!(letter.relations(), [Relation::OwnPersonal]);
}

#[test]
fn the_sender_is_known_by_the_staff_list() {
    for (path, group, name) in [
        (TEACHER, SenderGroup::Teacher, "Tess Teasel"),
        (HEAD, SenderGroup::Headteacher, "Hal Holm"),
        ("gus@oak.example", SenderGroup::Governor, "Gus Governor"),
        ("22.cal@oak.example", SenderGroup::Pupil, "Tess Teasel"),
        ("new@oak.example", SenderGroup::Unlisted, "Tess Teasel"),
        ("x@elsewhere.example", SenderGroup::Foreign, "Tess Teasel"),
    ] {
        let mut letter = letter(&[MOTHER]);
        letter.envelope.reverse_path = path.into();
        let sender = letter.facts().sender;
        assert_eq!(
            (sender.group, sender.name.as_str()),
            (group, name),
            "{path}"
        );
        assert_eq!(sender.address, path);
    }
}

#[test]
fn a_null_reverse_path_leaves_the_from_address() {
    let mut letter = letter(&[STRANGER]).ordinary(ANN);
    letter.envelope.reverse_path = String::new();
    assert_eq!(letter.facts().sender.address, TEACHER);
    // And is judged like any other.
    letter.stops(schoolgate_policies::Verdict::Quarantine, &["pupil-data"]);
}

#[test]
fn a_private_reverse_path_is_a_personal_sender() {
    let mut letter = letter(&[MOTHER]);
    letter.envelope.reverse_path = "hal.private@btinternet.com".into();
    let sender = letter.facts().sender;
    assert_eq!(
        sender.personal_address.as_deref(),
        Some("hal.private@btinternet.com")
    );
}

#[test]
fn whose_pupil_mailbox_it_is_follows_from_the_name_when_one_fits() {
    let own = letter(&["22.ben.ash@oak.example"]).ordinary(BEN).facts();
    assert!(own.recipients[0].not_theirs.is_empty());
    // Two pupils are called Cal Cedar: it is not known which of them this is.
    let either = letter(&["22.cal.cedar@oak.example"]).ordinary(CAL).facts();
    assert_eq!(either.recipients[0].not_theirs, [CAL]);
}

#[test]
fn generic_and_short_mailboxes_are_not_taken_for_slips() {
    // `dad@outlook.com` is registered.
    assert_eq!(
        letter(&["dab@outlook.com"]).relations(),
        [Relation::Webmail]
    );
    assert_eq!(letter(&["dad@gmail.com"]).relations(), [Relation::Webmail]);
}

#[test]
fn a_slip_at_either_end_or_in_the_middle_is_seen() {
    for slip in [
        "nother.ash",
        "mother.asg",
        "motehr.ash",
        "mothr.ash",
        "mmother.ash",
        "m0ther.ash",
    ] {
        let address = format!("{slip}@gmail.com");
        assert_eq!(
            letter(&[&address]).relations(),
            [Relation::LookAlike],
            "{slip}"
        );
    }
    assert_eq!(
        letter(&["brother.oak@gmail.com"]).relations(),
        [Relation::Webmail]
    );
}

#[test]
fn without_a_roster_outsiders_are_strangers() {
    let mut empty =
        letter(&[MOTHER, COUNCIL, HEAD]).about(&[], &[Category::Health], Sensitivity::Sensitive);
    empty.known = Default::default();
    assert_eq!(
        empty.relations(),
        [Relation::Webmail, Relation::Other, Relation::Staff]
    );
}
