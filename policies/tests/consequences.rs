//! What follows from a rule besides its verdict, who may send what, and when.

mod school;

use school::*;
use schoolgate_detectors::roster::Staff;
use schoolgate_detectors::{Category, Kind, MarkingLevel, MarkingPlace, Sensitivity};
use schoolgate_policies::{
    Decision, MarkAt, Mode, Pack, Severity, Stance, Told, Verdict, decide, examine, explain,
};

fn pack(more: &str) -> Pack {
    let text = format!("name = \"own\"\nextends = \"baseline\"\n{more}");
    Pack::load(&text, &|_| None).unwrap_or_else(|errors| panic!("{errors}"))
}

fn refused(more: &str) -> String {
    let text = format!("name = \"own\"\nextends = \"baseline\"\n{more}");
    Pack::load(&text, &|_| None)
        .expect_err("a pack with a mistake")
        .to_string()
}

fn of(letter: &Letter, pack: &Pack) -> Decision {
    decide(&letter.facts(), &letter.inspection, pack)
}

/// About Ann's health to her mother, without a marking.
fn unmarked() -> Letter {
    letter(&[MOTHER]).about(&[ANN], &[Category::Health], Sensitivity::HighlySensitive)
}

const MARKS: &str = "[[rules]]\nid = \"marking.special\"\nthen = \"deliver\"\nmark = \"subject\"\n\
                     require-tls = true\ntip = \"Next time put {marking} {where}.\"\n";

#[test]
fn a_rule_that_marks_lets_the_message_go_with_the_marking_that_it_needs() {
    let decision = of(&unmarked(), &pack(MARKS));
    assert_eq!(decision.verdict(), Verdict::Deliver);
    let adds = decision.adds().expect("a marking");
    assert_eq!(adds.word, "HIGHLY SENSITIVE");
    assert_eq!(adds.level, MarkingLevel::HighlySensitive);
    assert_eq!(adds.at, MarkAt::Subject);
    assert!(decision.requires_tls());
    let rule = decision.rules.iter().find(|r| r.id == "marking.special");
    let tip = rule.and_then(|rule| rule.acts.tip.as_deref());
    assert_eq!(
        tip,
        Some("Next time put HIGHLY SENSITIVE at the start of the subject.")
    );
}

#[test]
fn what_is_marked_already_is_not_marked_again() {
    let text = format!(
        "{MARKS}[[rules]]\nid = \"own.always\"\nconcern = \"marking\"\nwhen = \"outside\"\n\
         then = \"deliver\"\nclauses = []\nmark = \"header\"\n"
    );
    let marked = unmarked().marked(MarkingLevel::HighlySensitive, MarkingPlace::Subject);
    let decision = of(&marked, &pack(&text));
    assert!(decision.rules.iter().any(|r| r.id == "own.always"));
    assert_eq!(decision.adds(), None);
    assert!(of(&unmarked(), &pack(&text)).adds().is_some());
}

#[test]
fn watching_changes_nothing_and_nudging_only_tells() {
    let rule = |mode: &str| {
        pack(&format!(
            "[[rules]]\nid = \"own.all\"\nconcern = \"marking\"\nwhen = \"outside\"\n\
             then = \"hold\"\nmode = \"{mode}\"\nclauses = []\nmark = \"subject\"\n\
             require-tls = true\nnotify = [\"headteacher\"]\nticket = \"suspected\"\n\
             severity = \"high\"\nalert = \"dsl\"\ntip = \"Think.\"\n"
        ))
    };
    let acts = |mode: &str, stance: Stance| {
        let mut letter = letter(&[BUSINESS]);
        letter.stance = stance;
        let decision = of(&letter, &rule(mode));
        (decision.rules[0].mode, decision)
    };
    let (_, enforced) = acts("enforce", Stance::Enforce);
    assert!(enforced.adds().is_some() && enforced.requires_tls() && enforced.opens_ticket());
    assert_eq!(enforced.severity(), Some(Severity::High));
    assert_eq!(enforced.told().len(), 1);
    assert_eq!(enforced.told()[0].0, Told::Headteacher);

    let (mode, nudged) = acts("nudge", Stance::Enforce);
    assert_eq!(mode, Mode::Nudge);
    assert!(nudged.adds().is_none() && !nudged.requires_tls() && !nudged.opens_ticket());
    assert_eq!(nudged.told().len(), 1);
    assert_eq!(nudged.alerts().len(), 1);

    let (mode, observed) = acts("enforce", Stance::Observe);
    assert_eq!(mode, Mode::Monitor);
    assert!(observed.adds().is_none() && observed.told().is_empty());
    assert_eq!(
        observed.alerts().len(),
        1,
        "a child at risk is told of all the same"
    );

    let (_, monitored) = acts("monitor", Stance::Enforce);
    assert!(monitored.alerts().is_empty());
}

#[test]
fn a_quarantine_opens_a_ticket_and_a_hold_does_not_unless_the_rule_says_so() {
    let hold = of(&unmarked(), &baseline());
    assert_eq!(hold.verdict(), Verdict::Hold);
    assert!(!hold.opens_ticket());
    let wanted = "[[rules]]\nid = \"marking.special\"\nticket = \"suspected\"\n";
    assert!(of(&unmarked(), &pack(wanted)).opens_ticket());
    let stranger =
        letter(&[STRANGER]).about(&[ANN], &[Category::Attendance], Sensitivity::Personal);
    assert!(of(&stranger, &baseline()).opens_ticket());
    let unwanted = "[[rules]]\nid = \"pupil-data.unknown-recipient\"\nticket = \"none\"\n";
    let decision = of(&stranger, &pack(unwanted));
    assert_eq!(decision.verdict(), Verdict::Quarantine);
    assert!(!decision.opens_ticket());
}

#[test]
fn mistakes_in_what_follows_are_refused_with_the_nearest_word() {
    let rule = |line: &str| refused(&format!("[[rules]]\nid = \"marking.special\"\n{line}\n"));
    assert!(rule("mark = \"subjct\"").contains("did you mean `subject`"));
    assert!(rule("notify = [\"headteecher\"]").contains("did you mean `headteacher`"));
    assert!(rule("requiretls = true").contains("did you mean `require-tls`"));
    assert!(rule("alert = \"dls\"").contains("did you mean `dsl`"));
    assert!(rule("severity = \"hihg\"").contains("did you mean `high`"));
    assert!(rule("tip = \"Put {markin} there.\"").contains("{marking}"));
    assert!(rule("then = \"deliver\"\nticket = \"suspected\"").contains("only a rule that stops"));
}

#[test]
fn what_follows_can_be_taken_away_again() {
    let parent = format!("name = \"parent\"\nextends = \"baseline\"\n{MARKS}");
    let child = "name = \"child\"\nextends = \"parent\"\n[[rules]]\nid = \"marking.special\"\n\
                 mark = \"none\"\nrequire-tls = false\nthen = \"hold\"\n";
    let child = Pack::load(child, &|name| (name == "parent").then(|| parent.clone()))
        .unwrap_or_else(|errors| panic!("{errors}"));
    let acts = &child.rule("marking.special").expect("inherited").acts;
    assert_eq!(acts.mark, None);
    assert!(!acts.require_tls);
    assert!(acts.tip.is_some());
}

#[test]
fn a_rule_says_what_follows_from_it() {
    let marked = pack(MARKS);
    let sentence = explain::rule(marked.rule("marking.special").expect("a rule"));
    assert!(
        sentence.contains("besides, the marking is put at the start of the subject"),
        "{sentence}"
    );
    let changes = explain::changes(&baseline(), &marked);
    let said = |piece: &str| changes.iter().any(|c| c.what.contains(piece));
    assert!(
        said("checked TLS") && said("the tip was nothing"),
        "{changes:?}"
    );
}

#[test]
fn a_marking_where_none_counts_is_remarked_upon() {
    let text = format!("[markings]\nplaces = [\"first-line\"]\n{MARKS}");
    let remarks = examine::examine(&pack(&text), jiff::civil::date(2026, 9, 1));
    assert!(
        remarks
            .iter()
            .any(|r| r.what.contains("says that none counts"))
    );
}

/// A message from somebody with this role.
fn from(role: &str, to: &[&str]) -> Letter {
    let mut letter = letter(to);
    letter.envelope.reverse_path = "some.body@oak.example".into();
    letter.known.staff.push(Staff {
        name: "Some Body".into(),
        email: "some.body@oak.example".into(),
        role: role.into(),
        personal_email: None,
        personal_phone: None,
        home_address: None,
    });
    letter
}

#[test]
fn who_may_send_what_goes_by_the_role() {
    let own = pack(
        "[[rules]]\nid = \"own.send\"\nconcern = \"pupil-data\"\n\
         when = { all = [\"outside\", { category = [\"send\"] }, \
         { not = { sender = [\"senco\", \"headteacher\", \"dsl\"] } }] }\n\
         then = \"quarantine\"\nclauses = [\"001-56\"]\n",
    );
    let fires = |role: &str| {
        let letter =
            from(role, &[COUNCIL]).about(&[ANN], &[Category::Send], Sensitivity::Sensitive);
        of(&letter, &own).rules.iter().any(|r| r.id == "own.send")
    };
    assert!(fires("Teacher") && fires("Supply teacher") && fires("Site manager"));
    assert!(!fires("Deputy Head / SENCO") && !fires("Teacher and DDSL") && !fires("Headteacher"));
}

#[test]
fn the_time_is_the_schools_and_never_stops_a_message() {
    let late = |then: &str| {
        format!(
            "[hours]\noffice = {{ from = \"08:00\", to = \"18:00\" }}\n\
             [[rules]]\nid = \"own.late\"\nconcern = \"conduct\"\n\
             when = {{ all = [{{ relation = [\"contact\"] }}, {{ sent-outside = \"office\" }}] }}\n\
             then = \"hold\"\nmode = \"{then}\"\nclauses = []\n"
        )
    };
    assert!(refused(&late("enforce")).contains("only off, monitor or nudge"));
    let slip = late("nudge").replace("outside = \"office\"", "outside = \"ofice\"");
    assert!(refused(&slip).contains("did you mean `office`"));
    let pack = pack(&late("nudge"));
    let fires = |at: &str| {
        let letter = letter(&[MOTHER]);
        let mut facts = letter.facts();
        facts.now = at
            .parse::<jiff::Timestamp>()
            .expect("a time")
            .as_microsecond();
        decide(&facts, &letter.inspection, &pack)
            .rules
            .iter()
            .any(|r| r.id == "own.late")
    };
    // A Wednesday in summer: half past five by UTC is half past six at the school.
    assert!(fires("2026-07-15T17:30:00Z"));
    assert!(!fires("2026-01-14T17:30:00Z"));
    assert!(fires("2026-01-17T10:00:00Z"), "a Saturday");
}

#[test]
fn a_forwarded_chain_is_counted_by_its_subject_too() {
    let own = pack(
        "[[rules]]\nid = \"own.chain\"\nconcern = \"conduct\"\nwhen = { forwarded = 3 }\n\
         then = \"hold\"\nclauses = []\n",
    );
    let fires = |subject: &str| {
        let mut letter = letter(&[BUSINESS]);
        letter.inspection.headers.subject = subject.into();
        of(&letter, &own).rules.iter().any(|r| r.id == "own.chain")
    };
    assert!(fires("FW: Fwd: RE: fw: so funny"));
    assert!(!fires("FW: Fwd: the trip: forward: planning"));
}

#[test]
fn conduct_is_asked_by_class_and_degree() {
    let rule = |when: &str| {
        format!(
            "[[rules]]\nid = \"own.words\"\nconcern = \"conduct\"\nwhen = {when}\n\
             then = \"hold\"\nclauses = []\n"
        )
    };
    let fires = |when: &str, kind: Kind| {
        let letter = letter(&[BUSINESS]).found(kind);
        of(&letter, &pack(&rule(when)))
            .rules
            .iter()
            .any(|r| r.id == "own.words")
    };
    let strong = "{ conduct = [\"obscene\", \"threatening\"] }";
    assert!(fires(strong, Kind::ConductThreat) && !fires(strong, Kind::ConductTone));
    let mild = "{ conduct = [\"obscene\"], degree = \"mild\" }";
    assert!(fires(mild, Kind::ConductTone) && !fires(mild, Kind::ConductObscene));
    let any = "{ conduct = [\"selling\"], degree = \"any\" }";
    assert!(fires(any, Kind::ConductSelling) && fires(any, Kind::ConductPrivateUse));
    assert!(refused(&rule("{ conduct = [\"obscen\"] }")).contains("did you mean `obscene`"));
    assert!(refused(&rule("{ conduct = [\"obscene\"], degree = \"stong\" }")).contains("`strong`"));
}

/// As many rules as a pack may have, each of another condition, for fifty people of whom
/// no two are alike: the work is bounded by rules times people and ends at once.
#[test]
fn a_long_pack_decides_for_many_people_all_the_same() {
    let rules: String = (0..1_000)
        .map(|number| {
            format!(
                "[[rules]]\nid = \"own.{number}\"\nconcern = \"pupil-data\"\n\
                 when = {{ all = [\"outside\", {{ pupils = {} }}, \
                 {{ any = [{{ found = [\"uk.upn\"], at-least = {} }}, \"unmarked\"] }}] }}\n\
                 then = \"hold\"\nclauses = []\nwhy = \"This email has {{found}} in it.\"\n",
                number % 40 + 1,
                number + 1
            )
        })
        .collect();
    let pack = pack(&rules);
    let mut letter = letter(&[MOTHER, COUNCIL]);
    for number in 0..30 {
        letter = letter.about(
            &[schoolgate_detectors::PupilId(100 + number)],
            &[Category::Send],
            Sensitivity::Sensitive,
        );
    }
    let mut facts = letter.facts();
    let mother = facts.recipients[0].clone();
    for number in 0..48 {
        let mut other = mother.clone();
        other.address = format!("parent{number}@mail.example");
        other.mentioned = vec![schoolgate_detectors::PupilId(100 + number)];
        facts.envelope.forward_paths.push(other.address.clone());
        facts.recipients.push(other);
    }
    let decision = decide(&facts, &letter.inspection, &pack);
    let own = decision.rules.iter().filter(|r| r.id.starts_with("own."));
    assert_eq!(
        own.count(),
        750,
        "those that ask for thirty pupils or fewer"
    );
    assert_eq!(decision.verdict(), Verdict::Quarantine);
}
