//! Who may decide about a stopped message, for each kind of mail that its usual approver
//! must not see, and the referrals that never wait.

mod school;

use school::{ANN, BUSINESS, HEAD, Letter, MOTHER, STRANGER, TEACHER, mailbox};
use schoolgate_detectors::roster::{Agency, Staff};
use schoolgate_detectors::{
    Category, Encryption, MarkingLevel, MarkingPlace, Sensitivity, UnreadReason,
};
use schoolgate_policies::{Counterpart, Decider, Matter, Office, Verdict};

const DSL: &str = "dsl@oak.example";
const DEPUTY: &str = "deputy@oak.example";
const CHAIR: &str = "gus@oak.example";
const UNION: &str = "rep@neu.org.uk";
const LADO: &str = "lado@oakshire.gov.uk";
const MASH: &str = "referrals@mash.example";
/// One letter off.
const NOT_MASH: &str = "referrals@rnash.example";

/// A letter of the made-up school, with a safeguarding lead, a deputy and a referral desk.
fn letter(from: &str, to: &[&str]) -> Letter {
    let mut letter = school::letter(to);
    letter.envelope.reverse_path = from.into();
    letter.inspection.headers.from = vec![mailbox(from)];
    let staff = |name: &str, email: &str, role: &str| Staff {
        name: name.into(),
        email: email.into(),
        role: role.into(),
        personal_email: None,
        personal_phone: None,
        home_address: None,
    };
    letter.known.staff.extend([
        staff("Dora Dell", DSL, "Designated Safeguarding Lead"),
        staff("Del Dean", DEPUTY, "Deputy Head / Deputy DSL"),
        staff("Safeguarding mailbox", "safeguarding@oak.example", "DSL"),
        staff("Priya Poole", "dpo@oak.example", "Data Protection Officer"),
    ]);
    letter.known.agencies.push(Agency {
        domain: "mash.example".into(),
        kind: "MASH".into(),
    });
    letter
}

/// Grave matter about a pupil.
fn safeguarding(letter: Letter) -> Letter {
    letter.about(
        &[ANN],
        &[Category::Safeguarding],
        Sensitivity::HighlySensitive,
    )
}

#[track_caller]
fn check(letter: &Letter, matter: Matter, deciders: &[(Office, &str)]) {
    let route = letter.decision().route;
    let deciders: Vec<Decider> = deciders
        .iter()
        .map(|(office, address)| Decider {
            office: *office,
            address: (*address).into(),
        })
        .collect();
    assert_eq!((route.matter, route.deciders), (matter, deciders));
}

fn is_fast(letter: &Letter) -> bool {
    letter.facts().route.fast_lane.is_some()
}

#[test]
fn ordinary_mail_is_for_the_usual_approver() {
    check(&letter(TEACHER, &[MOTHER, BUSINESS]), Matter::Ordinary, &[]);
}

#[test]
fn mail_to_a_union_is_its_senders_alone_and_still_stopped() {
    let plain = letter(TEACHER, &[UNION]);
    check(&plain, Matter::Confidant(Counterpart::Union), &[]);
    assert_eq!(plain.answer().0, Verdict::Deliver);
    let about =
        letter(TEACHER, &[UNION]).about(&[ANN], &[Category::Attainment], Sensitivity::Personal);
    let decision = about.decision();
    assert_eq!(decision.verdict(), Verdict::Hold, "there is no reviewer");
    assert_eq!(decision.recipients[0].own_verdict, Verdict::Quarantine);
    assert!(!decision.concerns().is_empty());
}

#[test]
fn a_copy_to_a_union_spares_nobody_else() {
    let mixed = letter(TEACHER, &[UNION, STRANGER]).about(
        &[ANN],
        &[Category::Health],
        Sensitivity::Sensitive,
    );
    assert!(
        mixed
            .decision()
            .recipients
            .iter()
            .all(|r| r.verdict == Verdict::Hold)
    );
}

#[test]
fn a_copy_to_the_head_keeps_nothing_from_the_head() {
    check(&letter(TEACHER, &[UNION, HEAD]), Matter::Ordinary, &[]);
}

#[test]
fn words_do_not_make_a_confidant() {
    for subject in [
        "Union matter",
        "LADO referral",
        "Whistleblowing: confidential",
    ] {
        let mut letter =
            letter(TEACHER, &[STRANGER]).about(&[ANN], &[Category::Health], Sensitivity::Sensitive);
        letter.inspection.headers.subject = subject.into();
        check(&letter, Matter::Ordinary, &[]);
        assert_eq!(letter.answer().0, Verdict::Quarantine, "{subject}");
    }
}

#[test]
fn a_concern_about_the_head_is_for_the_chair() {
    let mut concern = letter(TEACHER, &[CHAIR]);
    check(&concern, Matter::Ordinary, &[]);
    concern.inspection.speaks_of = vec!["headteacher".into()];
    check(&concern, Matter::AboutHead, &[(Office::Chair, CHAIR)]);
    // To the designated officer it is nobody's but the sender's.
    let mut concern = letter(TEACHER, &[LADO]);
    concern.inspection.speaks_of = vec!["headteacher".into()];
    check(&concern, Matter::Confidant(Counterpart::Lado), &[]);
}

#[test]
fn what_is_locked_may_be_about_the_head() {
    let locked = letter(TEACHER, &[CHAIR]).attached(
        "a.zip",
        Sensitivity::None,
        Encryption::Strong("AES".into()),
    );
    check(&locked, Matter::AboutHead, &[(Office::Chair, CHAIR)]);
}

#[test]
fn nobody_decides_about_what_is_said_of_them() {
    let mut concern = letter(
        TEACHER,
        &["trust@outside.example", "other.governor@oak.example"],
    );
    concern.known.staff.push(Staff {
        name: "Olga Other".into(),
        email: "other.governor@oak.example".into(),
        role: "Governor".into(),
        personal_email: None,
        personal_phone: None,
        home_address: None,
    });
    concern.inspection.speaks_of = vec!["headteacher".into(), "chair".into()];
    check(&concern, Matter::AboutHead, &[]);
}

#[test]
fn the_heads_own_mail_is_for_the_deputy_then_the_data_protection_officer() {
    let own = [
        (Office::DeputyHead, DEPUTY),
        (Office::Dpo, "dpo@oak.example"),
    ];
    check(&letter(HEAD, &[STRANGER]), Matter::FromHead, &own);
    // Whoever shows the head as the author is not decided by the head either.
    let mut shown = letter(TEACHER, &[STRANGER]);
    shown.inspection.headers.from = vec![mailbox(HEAD)];
    check(&shown, Matter::FromHead, &own);
}

#[test]
fn a_safeguarding_leads_mail_is_for_a_deputy() {
    let own = safeguarding(letter(DSL, &[MOTHER]));
    check(&own, Matter::Safeguarding, &[(Office::DeputyDsl, DEPUTY)]);
    let deputys = safeguarding(letter(DEPUTY, &[MOTHER]));
    check(&deputys, Matter::Safeguarding, &[(Office::Dsl, DSL)]);
    check(&letter(DSL, &[MOTHER]), Matter::Ordinary, &[]);
}

#[test]
fn an_answer_to_an_access_request_is_for_the_data_protection_officer() {
    let mut answer =
        letter(TEACHER, &[STRANGER]).about(&[ANN], &[Category::Health], Sensitivity::Sensitive);
    answer.inspection.headers.subject = "Your subject access request".into();
    check(
        &answer,
        Matter::Access,
        &[
            (Office::Dpo, "dpo@oak.example"),
            (Office::Headteacher, HEAD),
        ],
    );
    assert_eq!(answer.answer().0, Verdict::Quarantine);
}

#[test]
fn governors_mail_is_for_the_chair_and_never_for_the_chair_about_the_own() {
    let mut clerk = letter("clerk@oak.example", &[STRANGER]);
    clerk.known.staff.push(Staff {
        name: "Cleo Clerk".into(),
        email: "clerk@oak.example".into(),
        role: "Clerk to the Governors".into(),
        personal_email: None,
        personal_phone: None,
        home_address: None,
    });
    check(&clerk, Matter::Governance, &[(Office::Chair, CHAIR)]);
    check(&letter(CHAIR, &[STRANGER]), Matter::Governance, &[]);
}

#[test]
fn a_referral_to_a_verified_agency_never_waits() {
    let referral = safeguarding(letter(DSL, &[MASH]));
    let decision = referral.decision();
    assert_eq!(decision.verdict(), Verdict::Deliver);
    assert_eq!(decision.would_be, Verdict::Deliver);
    assert!(decision.concerns().is_empty());
    assert!(!decision.rules.is_empty(), "what applies is still recorded");
    let lane = decision.route.fast_lane.unwrap();
    let marking = lane.marking.expect("a marking that is added");
    assert_eq!(marking.word, "HIGHLY SENSITIVE");
    let reviewers: Vec<&str> = lane.reviewers.iter().map(|d| d.address.as_str()).collect();
    assert_eq!(reviewers, [DEPUTY, HEAD]);
}

#[test]
fn a_referral_that_is_marked_too_low_gets_the_marking_that_it_needs() {
    let marking = |level| {
        let referral = safeguarding(letter(DSL, &[MASH])).marked(level, MarkingPlace::Subject);
        let lane = referral.decision().route.fast_lane.unwrap();
        lane.marking.map(|marking| marking.word)
    };
    let needed = "HIGHLY SENSITIVE".to_owned();
    assert_eq!(marking(MarkingLevel::Sensitive), Some(needed));
    assert_eq!(marking(MarkingLevel::HighlySensitive), None);
}

#[test]
fn others_who_get_a_referral_are_not_spared() {
    let mixed = safeguarding(letter(DSL, &[MASH, STRANGER]));
    let verdicts: Vec<Verdict> = mixed
        .decision()
        .recipients
        .iter()
        .map(|r| r.verdict)
        .collect();
    assert_eq!(verdicts, [Verdict::Deliver, Verdict::Quarantine]);
}

#[test]
fn a_lead_may_say_that_it_is_a_referral_and_what_cannot_be_read_counts_as_one() {
    let mut said = letter(DSL, &[MASH]);
    assert!(!is_fast(&said));
    said.inspection.headers.subject = "Referral".into();
    assert!(is_fast(&said));
    let unread = letter(DSL, &[MASH]).unread("2", UnreadReason::PictureNotRead);
    assert!(is_fast(&unread));
}

#[test]
fn nobody_else_gets_into_the_fast_lane() {
    let mut teacher = safeguarding(letter(TEACHER, &[MASH]));
    teacher.inspection.headers.subject = "URGENT SAFEGUARDING REFERRAL".into();
    assert!(!is_fast(&teacher));
    assert_eq!(teacher.answer().0, Verdict::Hold);
    // From shows the lead, the envelope does not; and the other way round.
    teacher.inspection.headers.from = vec![mailbox(DSL)];
    assert!(!is_fast(&teacher));
    let mut other = safeguarding(letter(DSL, &[MASH]));
    other.inspection.headers.from = vec![mailbox(TEACHER)];
    assert!(!is_fast(&other));
    other.inspection.headers.from = vec![mailbox(DSL), mailbox(TEACHER)];
    assert!(!is_fast(&other));
    other.inspection.headers.from = vec![mailbox(DSL)];
    other.inspection.headers.sender = vec![mailbox(TEACHER)];
    assert!(!is_fast(&other));
}

#[test]
fn an_agency_that_is_not_verified_is_urgent_and_for_the_deputy() {
    for to in [
        NOT_MASH,
        "referrals@below.mash.example",
        "duty@anywhere.gov.uk",
    ] {
        let referral = safeguarding(letter(DSL, &[to]));
        assert!(!is_fast(&referral), "{to}");
        assert!(referral.answer().0 > Verdict::Deliver, "{to}");
        check(
            &referral,
            Matter::UnverifiedReferral,
            &[
                (Office::DeputyDsl, DEPUTY),
                (Office::Headteacher, HEAD),
                (Office::Dpo, "dpo@oak.example"),
            ],
        );
        assert!(referral.decision().route.is_urgent());
    }
}
