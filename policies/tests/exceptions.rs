//! Registered exceptions: what each lets through, what it never does, and what is said of
//! one that has lapsed.
#![allow(clippy::unwrap_used)]

mod school;

use std::collections::BTreeSet;

use proptest::prelude::*;
use school::*;
use schoolgate_detectors::{Category, Encryption, Kind, PupilId, Sensitivity, UnreadReason};
use schoolgate_policies::exceptions::{Allowance, Entry, EntryError, Permission, What, Whom};
use schoolgate_policies::{ExceptionKind, Relation, Verdict};

fn permission(recipient: &str, categories: &[Category]) -> Permission {
    Permission {
        sender: TEACHER.into(),
        recipient: Whom::parse(recipient).unwrap(),
        categories: categories.iter().copied().collect(),
        photos: false,
        allows: BTreeSet::new(),
        pupils: Vec::new(),
    }
}

fn attendance(recipient: &str) -> What {
    What::Permission(permission(recipient, &[Category::Attendance]))
}

fn trusted(recipient: &str, agency: &str) -> What {
    What::TrustedRecipient {
        recipient: Whom::parse(recipient).unwrap(),
        agency: agency.into(),
    }
}

#[test]
fn a_permission_lets_its_sender_recipient_and_category_pass() {
    for (to, relation) in [
        (STEPFATHER, Relation::ContactWithoutResponsibility),
        (STRANGER, Relation::Webmail),
        (BUSINESS, Relation::Other),
    ] {
        let plain = letter(&[to]).ordinary(ANN);
        assert_eq!(plain.answer().0, Verdict::Quarantine, "{to}");
        let permitted = plain.registered(attendance(to));
        assert_eq!(permitted.relations(), [relation]);
        permitted.passes();
    }
    let by_domain = letter(&[BUSINESS]).ordinary(ANN);
    by_domain
        .registered(attendance("@printer.example"))
        .passes();
    let mut everybody = permission(STRANGER, &[Category::Attendance]);
    everybody.sender = "*".into();
    let everybody = What::Permission(everybody);
    letter(&[STRANGER])
        .ordinary(ANN)
        .registered(everybody)
        .passes();
}

#[test]
fn a_permission_reaches_nobody_and_nothing_else() {
    let stays = |letter: Letter| {
        assert_eq!(letter.answer().0, Verdict::Quarantine);
        assert!(letter.decision().exceptions.is_empty());
    };
    let plain = || letter(&[STRANGER]).ordinary(ANN);
    stays(plain().registered(attendance(BUSINESS)));
    stays(plain().registered(attendance("@mail.yahoo.example")));
    stays(plain().special(ANN).registered(attendance(STRANGER)));
    let mut other = permission(STRANGER, &[Category::Attendance]);
    other.sender = HEAD.into();
    stays(plain().registered(What::Permission(other)));
    // A second recipient is not covered by the first's permission.
    let two = letter(&[STRANGER, "a.nother@yahoo.com"]).ordinary(ANN);
    assert_eq!(
        two.registered(attendance(STRANGER)).answer().0,
        Verdict::Quarantine
    );
    // A pupil does not speak for the school, nor does somebody from outside.
    let mut everybody = permission(STRANGER, &[Category::Attendance]);
    everybody.sender = "*".into();
    for from in ["ann@pupils.oak.example", "x@elsewhere.example"] {
        let mut message = plain().registered(What::Permission(everybody.clone()));
        message.envelope.reverse_path = from.into();
        assert_eq!(message.answer().0, Verdict::Quarantine, "{from}");
    }
}

#[test]
fn a_permission_that_names_pupils_is_for_them_alone() {
    let mut own = permission(CALS_MOTHER, &[Category::Attendance]);
    own.pupils = vec![upn(ANN)];
    let named = What::Permission(own);
    // Cal's mother minds Ann: only with Ann's name, and only Ann.
    letter(&[CALS_MOTHER])
        .ordinary(ANN)
        .registered(named.clone())
        .passes();
    let loose = letter(&[CALS_MOTHER])
        .ordinary(ANN)
        .registered(attendance(CALS_MOTHER));
    loose.stops(Verdict::Quarantine, &["misdirected"]);
    let both = letter(&[CALS_MOTHER])
        .ordinary(ANN)
        .ordinary(BEN)
        .registered(named.clone());
    both.stops(Verdict::Quarantine, &["misdirected"]);
    let stranger =
        letter(&[CALS_MOTHER]).about(&[], &[Category::Attendance], Sensitivity::Personal);
    stranger
        .registered(named)
        .stops(Verdict::Quarantine, &["misdirected"]);
    // One whom the roster does not have makes the permission no wider.
    let mut unknown = permission(STRANGER, &[Category::Attendance]);
    unknown.pupils = vec!["gone".into()];
    let unknown = letter(&[STRANGER])
        .ordinary(ANN)
        .registered(What::Permission(unknown));
    assert_eq!(unknown.answer().0, Verdict::Quarantine);
}

#[test]
fn marking_and_encryption_stay_due_unless_the_permission_says_so() {
    let health = permission(STRANGER, &[Category::Health]);
    let message = || letter(&[STRANGER]).special(ANN);
    message()
        .registered(What::Permission(health.clone()))
        .stops(Verdict::Hold, &["marking"]);
    message()
        .sensitive()
        .registered(What::Permission(health.clone()))
        .passes();
    let file = || {
        message()
            .sensitive()
            .attached("a.xlsx", Sensitivity::Sensitive, Encryption::None)
    };
    file()
        .registered(What::Permission(health.clone()))
        .stops(Verdict::Hold, &["attachment-encryption"]);
    let mut freer = health.clone();
    freer.allows = [Allowance::Unmarked, Allowance::Unencrypted].into();
    file().registered(What::Permission(freer.clone())).passes();
    message()
        .registered(What::Permission(freer.clone()))
        .passes();
    // What is locked cannot be seen to be of the permitted matter.
    let locked = || {
        letter(&[STRANGER]).attached("a.zip", Sensitivity::None, Encryption::Strong("AES".into()))
    };
    locked()
        .registered(What::Permission(freer))
        .stops(Verdict::Hold, &["uninspectable"]);
    let mut locks = health;
    locks.allows = [Allowance::Locked].into();
    locked().registered(What::Permission(locks)).passes();
}

#[test]
fn no_permission_lifts_what_must_never_pass() {
    let mut all = permission(STRANGER, Category::ALL);
    all.photos = true;
    all.allows = [
        Allowance::Unmarked,
        Allowance::Unencrypted,
        Allowance::Locked,
    ]
    .into();
    for (kind, concern) in [
        (Kind::Credential, "credentials"),
        (Kind::ConductThreat, "conduct"),
        (Kind::MimeAmbiguous, "uninspectable"),
    ] {
        let message = letter(&[STRANGER])
            .found(kind)
            .registered(What::Permission(all.clone()));
        message.stops(Verdict::Hold, &[concern]);
    }
    let unread = letter(&[STRANGER]).unread("2/a.bin", UnreadReason::Damaged);
    unread
        .registered(What::Permission(all.clone()))
        .stops(Verdict::Hold, &["uninspectable"]);
    // A court's word goes before the headteacher's.
    all.recipient = Whom::parse(FATHER).unwrap();
    let flagged = letter(&[FATHER])
        .ordinary(ANN)
        .registered(What::Permission(all));
    flagged.stops(Verdict::Quarantine, &["misdirected"]);
}

#[test]
fn a_lapsed_permission_says_when_it_ended_and_names_nobody() {
    let message = letter(&[STRANGER])
        .ordinary(ANN)
        .lapsed(attendance(STRANGER));
    message.stops(Verdict::Quarantine, &["pupil-data"]);
    let decision = message.decision();
    let rule = decision.governing().unwrap();
    for text in [&rule.why, &rule.reviewer] {
        assert!(text.contains("ended on 3 July 2026"), "{text}");
        assert!(!text.contains("yahoo"), "{text}");
    }
    let [noted] = decision.exceptions.as_slice() else {
        panic!("{:?}", decision.exceptions)
    };
    assert!(noted.lapsed && noted.rules == ["pupil-data.unknown-recipient"]);
    // Renewed, it is no matter any more.
    let renewed = message.registered(attendance(STRANGER)).decision();
    assert_eq!(renewed.verdict(), Verdict::Deliver);
    assert!(renewed.exceptions.iter().all(|e| !e.lapsed));
    // One that somebody ended today counts no longer today.
    let mut ended = letter(&[STRANGER])
        .ordinary(ANN)
        .registered(attendance(STRANGER));
    ended.registered[0].ended = Some(TODAY);
    assert!(
        ended
            .decision()
            .governing()
            .unwrap()
            .why
            .contains("ended on 24 November 2026")
    );
    // What ended years ago is not spoken of.
    let mut old = letter(&[STRANGER])
        .ordinary(ANN)
        .lapsed(attendance(STRANGER));
    old.registered[0].until = Some(jiff::civil::date(2024, 7, 3));
    assert!(old.decision().exceptions.is_empty());
}

#[test]
fn a_decision_records_the_exception_that_let_it_through() {
    let decision = letter(&[STRANGER])
        .ordinary(ANN)
        .registered(attendance(STRANGER))
        .decision();
    let [applied] = decision.exceptions.as_slice() else {
        panic!("{:?}", decision.exceptions)
    };
    assert_eq!(applied.kind, ExceptionKind::Permission);
    assert_eq!(applied.id, "e0");
    assert_eq!(applied.recipients, [STRANGER]);
    assert_eq!(applied.rules, ["pupil-data.unknown-recipient"]);
    // Either of two would do: both are named.
    let both = letter(&[STRANGER])
        .ordinary(ANN)
        .registered(attendance(STRANGER))
        .registered(attendance(STRANGER));
    assert_eq!(both.decision().exceptions.len(), 2);
    // What needs no exception records none.
    let own = letter(&[MOTHER])
        .ordinary(ANN)
        .registered(attendance(MOTHER));
    assert!(own.decision().exceptions.is_empty());
}

#[test]
fn a_trusted_recipient_is_what_they_were_registered_as() {
    let tutor = "a.tutor@yahoo.com";
    let message = letter(&[tutor]).ordinary(ANN).sensitive();
    assert_eq!(message.relations(), [Relation::Webmail]);
    let known = message.clone().registered(trusted(tutor, "tutor"));
    assert_eq!(known.relations(), [Relation::Agency]);
    known.passes();
    assert_eq!(
        known.decision().exceptions[0].kind,
        ExceptionKind::TrustedRecipient
    );
    letter(&[tutor])
        .ordinary(ANN)
        .registered(trusted(tutor, "tutor"))
        .stops(Verdict::Hold, &["marking"]);
    let school = letter(&["x@fir.example"]).registered(trusted("fir.example", "sister-school"));
    assert_eq!(school.relations(), [Relation::SisterSchool]);
    let lapsed = message.lapsed(trusted(tutor, "tutor"));
    assert_eq!(lapsed.relations(), [Relation::Webmail]);
    let why = lapsed.decision().governing().unwrap().why.clone();
    assert!(
        why.contains("trusted recipients until 3 July 2026"),
        "{why}"
    );
    // Nobody's own mailbox becomes an agency, and no family.
    for to in [TEACHERS_OWN, MOTHER, FATHER] {
        let message = letter(&[to]).ordinary(CAL);
        let with = message.clone().registered(trusted(to, "tutor"));
        assert_eq!(with.relations(), message.relations(), "{to}");
    }
}

#[test]
fn staff_who_are_parents_are_written_to_as_parents() {
    // Tess has another address, at which she is Ben's stepmother.
    let home = "tess.teasel@outlook.com";
    let parent = What::DualRole {
        staff: TEACHER.into(),
        personal: home.into(),
        pupils: vec![upn(BEN)],
    };
    let own = letter(&[home]).ordinary(BEN);
    assert_eq!(own.relations(), [Relation::OwnPersonal]);
    let own = own.registered(parent.clone());
    assert_eq!(own.relations(), [Relation::OwnContact]);
    own.passes();
    assert_eq!(own.decision().exceptions[0].kind, ExceptionKind::DualRole);
    let list = letter(&[home])
        .ordinary(BEN)
        .ordinary(ANN)
        .ordinary(CAL)
        .registered(parent.clone());
    assert_eq!(list.relations(), [Relation::OwnPersonal]);
    list.stops(Verdict::Quarantine, &["pupil-data", "personal-address"]);
    // Work is no parent's matter.
    let work = letter(&[home]).registered(parent.clone());
    assert_eq!(work.relations(), [Relation::OwnPersonal]);
    // The office's letter to all parents is.
    let mut office = letter(&[home]).registered(parent.clone());
    office.envelope.reverse_path = HEAD.into();
    assert_eq!(office.relations(), [Relation::Contact]);
    let lapsed = letter(&[home]).ordinary(BEN).lapsed(parent);
    assert!(
        lapsed
            .decision()
            .governing()
            .unwrap()
            .why
            .contains("parent's address until 3 July 2026")
    );
}

#[test]
fn family_may_be_written_to_from_home() {
    let niece = What::FamilyException {
        staff: TEACHER.into(),
        pupil: upn(ANN),
        address: None,
    };
    let mut message = letter(&["ann@pupils.oak.example"]);
    message
        .inspection
        .headers
        .reply_to
        .push(mailbox(TEACHERS_OWN));
    message.stops(Verdict::Hold, &["personal-address"]);
    let known = message.clone().registered(niece.clone());
    known.passes();
    let lapsed = message.clone().lapsed(niece.clone());
    assert!(
        lapsed
            .decision()
            .governing()
            .unwrap()
            .why
            .contains("family exception")
    );
    let mut other = message;
    other.envelope.forward_paths = vec![CALS_MOTHER.into()];
    other
        .registered(niece)
        .stops(Verdict::Hold, &["personal-address"]);
}

#[test]
fn pictures_follow_the_families_consent() {
    let consent = |pupil: PupilId, given| What::ImageConsent {
        pupil: upn(pupil),
        given,
    };
    let pictured = |pupils: &[PupilId]| {
        letter(&[BUSINESS])
            .found_in(Kind::Photograph, "2/a.jpg", "", 1, &[])
            .found_in(Kind::PictureNamed, "2/a.jpg", "", 1, pupils)
    };
    pictured(&[ANN]).stops(Verdict::Quarantine, &["photo"]);
    let given = pictured(&[ANN]).registered(consent(ANN, true));
    given.passes();
    assert!(
        given
            .decision()
            .rules
            .iter()
            .any(|r| r.id == "photo.caption")
    );
    for stopped in [
        pictured(&[ANN]).registered(consent(ANN, false)),
        pictured(&[ANN])
            .registered(consent(ANN, true))
            .registered(consent(ANN, false)),
        pictured(&[ANN, CAL]).registered(consent(ANN, true)),
        pictured(&[]).registered(consent(ANN, true)),
        pictured(&[ANN]).lapsed(consent(ANN, true)),
    ] {
        stopped.stops(Verdict::Quarantine, &["photo"]);
    }
    let lapsed = pictured(&[ANN]).lapsed(consent(ANN, true)).decision();
    assert!(
        lapsed
            .governing()
            .unwrap()
            .why
            .contains("agreement to pictures ended on 3 July 2026")
    );
    let own = pictured(&[ANN]).registered(consent(ANN, false));
    let mut own = own.ordinary(ANN);
    own.envelope.forward_paths = vec![MOTHER.into()];
    own.passes();
}

#[test]
fn a_colleague_who_does_not_want_it_is_in_no_picture() {
    let mut message = letter(&[BUSINESS]).found_in(Kind::Photograph, "2/a.jpg", "", 1, &[]);
    message.inspection.staff_at_pictures =
        schoolgate_detectors::roster::staff_name_keys("Hal Holm")[..1].to_vec();
    message.passes();
    let out = |staff: &str| What::ImageOptOut {
        staff: staff.into(),
    };
    message.clone().registered(out(TEACHER)).passes();
    message
        .registered(out(HEAD))
        .stops(Verdict::Hold, &["photo"]);
}

#[test]
fn what_may_not_be_registered_is_refused() {
    for (text, error) in [
        ("gmail.com", EntryError::WebmailDomain),
        ("@outlook.com", EntryError::WebmailDomain),
        ("co.uk", EntryError::PublicDomain),
        ("nobody", EntryError::NoRecipient),
        ("a b@c.example", EntryError::NoRecipient),
    ] {
        assert_eq!(Whom::parse(text), Err(error), "{text}");
    }
    let entry = |what, until| Entry {
        id: String::new(),
        from: TODAY,
        until,
        ended: None,
        what,
    };
    let next_year = Some(jiff::civil::date(2027, 11, 24));
    assert_eq!(entry(attendance(STRANGER), next_year).check(), Ok(()));
    assert_eq!(
        entry(attendance(STRANGER), None).check(),
        Err(EntryError::NoEnd)
    );
    let later = Some(jiff::civil::date(2027, 12, 24));
    assert_eq!(
        entry(attendance(STRANGER), later).check(),
        Err(EntryError::TooLong)
    );
    let governor = entry(trusted("x@gov.example", "Governors"), None);
    assert_eq!(governor.check(), Err(EntryError::NotOutside));
}

#[test]
fn facts_of_before_exceptions_are_still_read() {
    let mut facts = serde_json::to_value(letter(&[STRANGER]).facts()).unwrap();
    facts.as_object_mut().unwrap().remove("exceptions");
    let read: schoolgate_policies::Facts = serde_json::from_value(facts).unwrap();
    assert!(read.exceptions.is_empty());
    let full = letter(&[STRANGER]).registered(attendance(STRANGER)).facts();
    let text = serde_json::to_string(&full).unwrap();
    assert_eq!(
        serde_json::from_str::<schoolgate_policies::Facts>(&text).unwrap(),
        full
    );
}

fn some_category() -> impl Strategy<Value = Category> {
    prop::sample::select(Category::ALL)
}

proptest! {
    /// Whatever lapsed makes no verdict milder, and whatever it is, no other recipient's.
    #[test]
    fn an_expired_exception_never_counts(
        categories in prop::collection::vec(some_category(), 0..4),
        about in prop::sample::select(&[ANN, BEN, CAL, DOT][..]),
        to in prop::sample::select(&[STRANGER, STEPFATHER, CALS_MOTHER, BUSINESS, TEACHERS_OWN, COUNCIL][..]),
        level in prop::sample::select(&[Sensitivity::Personal, Sensitivity::Sensitive, Sensitivity::HighlySensitive][..]),
        kind in 0..3,
        age in 1..1000_i64,
    ) {
        let plain = letter(&[to]).about(&[about], &categories, level);
        let mut wide = permission(to, Category::ALL);
        wide.allows = [Allowance::Unmarked, Allowance::Unencrypted, Allowance::Locked].into();
        let what = match kind {
            0 => What::Permission(wide),
            1 => trusted(to, "health"),
            _ => What::DualRole { staff: TEACHER.into(), personal: to.into(), pupils: vec![upn(about)] },
        };
        let mut lapsed = plain.clone().lapsed(what);
        lapsed.registered[0].until = Some(TODAY.saturating_sub(jiff::Span::new().days(age)));
        prop_assert_eq!(lapsed.answer(), plain.answer());
        prop_assert_eq!(lapsed.relations(), plain.relations());
    }

    /// A permission softens the verdict only for its recipient, and only when it names
    /// every category of the message.
    #[test]
    fn a_permission_never_widens(
        said in prop::collection::btree_set(some_category(), 0..4),
        covered in prop::collection::btree_set(some_category(), 1..6),
        to in prop::sample::select(&[STRANGER, STEPFATHER, BUSINESS][..]),
        permitted in prop::sample::select(&[STRANGER, STEPFATHER, BUSINESS, "@printer.example"][..]),
    ) {
        let categories: Vec<Category> = said.iter().copied().collect();
        let plain = letter(&[to]).about(&[ANN], &categories, Sensitivity::Sensitive).sensitive();
        let list: Vec<Category> = covered.iter().copied().collect();
        let with = plain.clone().registered(What::Permission(permission(permitted, &list)));
        let is_for = permitted == to || (permitted.starts_with('@') && to.ends_with(permitted));
        let covers = is_for && said.is_subset(&covered);
        prop_assert_eq!(with.answer() != plain.answer(), covers);
        prop_assert_eq!(!with.decision().exceptions.is_empty(), covers);
    }
}
