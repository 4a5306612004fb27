//! What `policy check` and `policy diff` say of packs.

use jiff::civil::{Date, date};
use schoolgate_policies::examine::{Gravity, Remark, examine, reading_age};
use schoolgate_policies::explain::{Change, changes};
use schoolgate_policies::trial::Trial;
use schoolgate_policies::{Pack, Verdict};

const TODAY: Date = date(2026, 11, 24);

/// A pack without anything to remark.
const GOOD: &str = r#"
name = "oak"
[clauses]
"1" = "Words."
[[rules]]
id = "a.open"
concern = "pupil-data"
when = { all = ["outside", "pupil-data", { pupils = 5 }] }
then = "quarantine"
clauses = ["1"]
why = "This email has {found} in it."
remedy = "Ask the office."
[[examples]]
title = "many"
to = "other"
about = { pupils = 5 }
expect = "quarantine"
rules = "a.open"
[[examples]]
title = "few"
to = "other"
about = { pupils = 4 }
expect = "deliver"
not-rules = "a.open"
"#;

fn load(text: &str) -> Pack {
    Pack::load(text, &|_| None).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

fn remarks(text: &str) -> Vec<Remark> {
    examine(&load(text), TODAY)
}

/// A remark as `line gravity what`.
fn said(remark: &Remark) -> String {
    let line = remark.origin.as_ref().map_or(0, |o| o.line);
    format!("{line} {} {}", remark.gravity.as_str(), remark.what)
}

/// The pack with one more rule, written with these keys.
fn with_rule(keys: &str) -> String {
    format!(
        "{GOOD}[[rules]]\nid = \"b.new\"\nconcern = \"marking\"\nclauses = [\"1\"]\nwhy = \"Why.\"\n\
         remedy = \"Put {{marking}} {{where}}.\"\n{keys}\n"
    )
}

#[track_caller]
fn remarked(text: &str, expected: &str) {
    let remarks: Vec<String> = remarks(text).iter().map(said).collect();
    assert!(
        remarks.iter().any(|r| r.contains(expected)),
        "`{expected}` is not among {remarks:#?}"
    );
}

#[test]
fn a_good_pack_has_nothing_to_remark() {
    assert_eq!(remarks(GOOD), []);
}

#[test]
fn what_ships_has_no_mistake_and_no_warning_and_examples_for_and_against_each_rule() {
    let baseline = Pack::baseline().expect("it loads");
    let shipped = Pack::shipped_names().map(|name| {
        Pack::shipped(name)
            .expect("it ships")
            .unwrap_or_else(|errors| panic!("{name}: {errors}"))
    });
    let started = Pack::shipped_names().map(|from| {
        let starter = load(&Pack::starter_text("oak-primary", from));
        assert_eq!(starter.name, "oak-primary");
        assert_eq!(starter.extends.first().map(String::as_str), Some(from));
        starter
    });
    for pack in shipped.chain(started) {
        for remark in examine(&pack, TODAY) {
            let said = format!("{}: {}", pack.name, said(&remark));
            // When a policy is due for review is not for its pack to mend.
            let review = remark.what.contains("due for review");
            assert!(review || remark.gravity == Gravity::Note, "{said}");
            assert!(!remark.what.contains("example"), "{said}");
        }
    }
    assert!(baseline.examples.len() >= baseline.rules.len());
}

#[test]
fn a_rule_that_contradicts_itself_is_told_with_its_line() {
    let text = with_rule(
        r#"when = { all = ["outside", { relation = "staff" }] }
then = "hold""#,
    );
    remarked(&text, "26 warning it can never apply");
    let text = with_rule(
        r#"when = { any = ["outside", { not = "outside" }] }
then = "hold""#,
    );
    remarked(&text, "warning it applies to every message");
}

#[test]
fn a_rule_that_another_covers_is_told() {
    let covered = r#"when = { all = [{ relation = "webmail" }, { pupils = 9 }, { sensitivity = "sensitive" }] }
then = "hold""#;
    remarked(&with_rule(covered), "it never decides: `a.open`");
    remarked(
        &with_rule(&format!("{covered}\nmode = \"nudge\"")),
        "it never has its say: `a.open`",
    );
    let same = with_rule(
        r#"when = { all = [{ pupils = 5 }, { not = { relation = ["staff", "governor"] } }] }
then = "quarantine""#,
    )
    .replace("concern = \"marking\"", "concern = \"pupil-data\"");
    remarked(&same, "it says the same as `a.open`");
    // Stricter than what covers it, or only recorded: it has its use.
    for use_of_it in [
        covered.replace("hold", "reject"),
        format!("{covered}\nmode = \"monitor\""),
    ] {
        let remarks = remarks(&with_rule(&use_of_it));
        assert!(
            !remarks.iter().any(|r| r.what.contains("never")),
            "{remarks:?}"
        );
    }
    // While the roster is old the other rule only watches.
    let leaning = with_rule(covered).replacen(
        "then = \"quarantine\"",
        "then = \"quarantine\"\nneeds-roster = true",
        1,
    );
    let leaning = leaning.replace("{ relation = \"webmail\" }", "\"outside\"");
    let remarks = remarks(&leaning);
    assert!(
        !remarks.iter().any(|r| r.what.contains("never")),
        "{remarks:?}"
    );
}

#[test]
fn words_that_do_not_fit_are_told() {
    let unmarked = r#"when = { all = ["outside", "unmarked"] }
then = "hold""#;
    let ok = with_rule(unmarked);
    assert!(!remarks(&ok).iter().any(|r| r.what.contains("marking")));
    remarked(
        &ok.replace("Put {marking} {where}.", "Mark it."),
        "`{marking}` is missing",
    );
    remarked(
        &ok.replace("\"Why.\"", "\"See {files}.\""),
        "`why` says `{files}`",
    );
    remarked(
        &ok.replace("\"Why.\"", "\"See {found}.\""),
        "`why` says `{found}`",
    );
    remarked(
        &ok.replace("\"Why.\"", "\"Over {limit}.\""),
        "`why` says `{limit}`",
    );
    remarked(
        &ok.replace("\"Why.\"", "\"You have violated the policy.\""),
        "accusation",
    );
    let hard = "Notwithstanding organisational considerations, inappropriate dissemination of \
                identifiable confidential information necessitates immediate remediation.";
    remarked(
        &ok.replace("\"Why.\"", &format!("\"{hard}\"")),
        "readers of",
    );
    let long = format!("{}\nline = \"{}\"", unmarked, "long ".repeat(20));
    remarked(&with_rule(&long), "too long for a list");
}

#[test]
fn clauses_markings_and_reviews_are_looked_at() {
    remarked(
        &GOOD.replace(
            "\"1\" = \"Words.\"",
            "\"1\" = \"Words.\"\n\"2\" = \"More.\"",
        ),
        "0 warning the clause `2` is quoted, and no rule serves it",
    );
    remarked(
        &GOOD.replace(
            "then = \"quarantine\"",
            "then = \"quarantine\"\nmode = \"off\"",
        ),
        "the clause `1` is served only by rules that are switched off",
    );
    remarked(
        &GOOD.replace(
            "[clauses]",
            "[markings]\nnear-misses = [\"Sensitive\"]\n[clauses]",
        ),
        "accepted and a near miss at once",
    );
    remarked(
        &GOOD.replace(
            "[clauses]",
            "[policy]\ntitle = \"Use of ICT\"\nnext-review = 2026-09-01\n[clauses]",
        ),
        "warning Use of ICT was due for review on 1 September 2026.",
    );
    remarked(
        &GOOD.replace("clauses = [\"1\"]", "clauses = []"),
        "names no clause",
    );
}

#[test]
fn an_example_that_fails_is_a_mistake() {
    remarked(
        &GOOD.replace("about = { pupils = 4 }", "about = { pupils = 6 }"),
        "19 mistake the example \u{201c}few\u{201d} fails: the verdict is quarantine by `a.open`, not deliver",
    );
    remarked(
        &GOOD.replace("about = { pupils = 4 }", "about = { pupils = 6 }"),
        "the rule `a.open` applies",
    );
    remarked(
        &GOOD.replace("about = { pupils = 5 }", "about = { pupils = 1 }"),
        "the rule `a.open` does not apply",
    );
    let without = GOOD.split("[[examples]]").next().unwrap_or_default();
    remarked(without, "6 note no example names it");
}

#[test]
fn the_text_of_an_example_is_read_by_the_detectors() {
    let baseline = Pack::baseline().expect("it loads");
    let run = |keys: &str| {
        let text =
            format!("name = \"a\"\nextends = \"baseline\"\n[[examples]]\ntitle = \"t\"\n{keys}\n");
        let pack = load(&text);
        Trial::of(&baseline).run(&pack.examples[0])
    };
    let unmarked = run(r#"to = "own-contact"
text = "{pupil} has an EHCP and was referred to CAMHS for self-harm."
expect = "hold"
rules = "marking.special""#);
    assert_eq!(unmarked.wrong, Vec::<String>::new());
    let marked = run(r#"to = "own-contact"
subject = "HIGHLY SENSITIVE: our talk"
text = "{pupil} has an EHCP and was referred to CAMHS for self-harm."
expect = "deliver"
not-rules = "marking.special""#);
    assert_eq!(marked.wrong, Vec::<String>::new());
    let stranger = run(r#"to = "other"
text = "{pupil} and {other-pupil} were absent on Monday."
expect = "quarantine"
rules = "pupil-data.unknown-recipient""#);
    assert_eq!(stranger.wrong, Vec::<String>::new());
    let nothing = run(r#"to = "other"
text = "Please send us twelve boxes of paper."
expect = "hold""#);
    assert_eq!(nothing.wrong, ["the verdict is deliver, not hold"]);
}

#[test]
fn mistakes_in_examples_are_placed_and_the_nearest_word_is_named() {
    let refused = |from: &str, to: &str| {
        assert!(GOOD.contains(from), "{from}");
        let text = GOOD.replacen(from, to, 1);
        Pack::load(&text, &|_| None)
            .expect_err("refused")
            .to_string()
    };
    assert_eq!(
        refused("rules = \"a.open\"", "rules = \"a.opne\""),
        "line 18, column 9: unknown rule `a.opne`; did you mean `a.open`?"
    );
    assert_eq!(
        refused("to = \"other\"", "to = \"othr\""),
        "line 15, column 6: unknown relation `othr`; did you mean `other`?"
    );
    assert_eq!(
        refused("expect = \"quarantine\"\n", ""),
        "line 13, column 1: an example needs a `expect`"
    );
    assert!(
        refused("about = { pupils = 5 }", "visible-families = 6")
            .contains("needs families in `to`")
    );
    assert!(refused("to = \"other\"", "to = \"contact\"").contains("say `own-contact`"));
    assert!(refused("about = { pupils = 5 }", "abuot = 1").contains("did you mean `about`?"));
}

#[test]
fn the_head_is_read_and_checked() {
    let pack = load(
        "name = \"a\"\n[policy]\ntitle = \"T\"\nreviewed = 2026-01-02\nnext-review = \"2027-01-02\"\n\
         [[contacts]]\nrole = \"Office\"\nreach = \"office@oak.example\"\n[markings]\nplaces = [\"first-line\"]\n",
    );
    assert_eq!(pack.policy.next_review, Some(date(2027, 1, 2)));
    assert_eq!(pack.contacts[0].role, "Office");
    let refused = |text: &str| {
        Pack::load(&format!("name = \"a\"\n{text}"), &|_| None)
            .expect_err("refused")
            .to_string()
    };
    assert_eq!(
        refused("[policy]\nreviewed = 2026-01-02\nnext-review = 2025-01-02\n"),
        "line 4, column 15: `next-review` must come after `reviewed`"
    );
    assert!(refused("[policy]\nreviewed = 3\n").contains("a day such as 2026-09-01"));
    assert_eq!(
        refused("[markings]\nplaces = [\"subjcet\"]\n"),
        "line 3, column 11: unknown place of a marking `subjcet`; did you mean `subject`?"
    );
    assert_eq!(
        refused("[[contacts]]\nrole = \"x\"\n"),
        "line 2, column 1: a contact needs a `reach`"
    );
}

#[test]
fn a_rule_without_words_takes_its_concerns_own() {
    let text = GOOD
        .replace("why = \"This email has {found} in it.\"\n", "")
        .replace("remedy = \"Ask the office.\"\n", "");
    let pack = load(&text);
    let decision = Trial::of(&pack).decide(&pack.examples[0]);
    let rule = decision.governing().expect("it stops");
    assert_eq!(rule.verdict, Verdict::Quarantine);
    assert_eq!(
        rule.why,
        "This email has the names of 5 pupils in it, and it would go to an outside address that \
         the school does not know."
    );
    assert!(!rule.remedy.is_empty());
    assert_eq!(rule.reviewer, rule.why);
    assert_eq!(
        rule.line,
        "data about pupils, to an outside address that the school does not know"
    );
}

#[test]
fn a_marking_counts_only_where_the_pack_lets_it_stand() {
    let example = r#"
[[examples]]
title = "t"
to = "own-contact"
about = { categories = "health" }
marking = "sensitive"
marking-place = "subject"
expect = "hold"
rules = "marking.special"
"#;
    let text = format!(
        "name = \"a\"\nextends = \"baseline\"\n[markings]\nplaces = [\"first-line\"]\n{example}"
    );
    let pack = load(&text);
    let trial = Trial::of(&pack);
    assert_eq!(trial.run(&pack.examples[0]).wrong, Vec::<String>::new());
    let decision = trial.decide(&pack.examples[0]);
    let remedy = &decision.governing().expect("it stops").remedy;
    assert!(
        remedy.contains("in the first line of the email"),
        "{remedy}"
    );
}

#[test]
fn the_words_of_what_ships_can_be_read_at_about_twelve() {
    let baseline = Pack::baseline().expect("it loads");
    let ages: Vec<f32> = baseline
        .rules
        .iter()
        .map(|r| reading_age(&format!("{} {}", r.why, r.remedy)))
        .collect();
    let mean = ages.iter().sum::<f32>() / ages.len() as f32;
    assert!(mean < 13.0, "{mean}");
}

#[track_caller]
fn changed(old: &str, new: &str) -> Vec<String> {
    changes(&load(old), &load(new))
        .iter()
        .map(|Change { about, what }| format!("{about}: {what}"))
        .collect()
}

#[test]
fn a_diff_is_said_in_words() {
    assert_eq!(changed(GOOD, GOOD), Vec::<String>::new());
    let wider = GOOD.replacen("pupils = 5", "pupils = 2", 1);
    assert_eq!(
        changed(GOOD, &wider),
        [
            "a.open: applies to more messages: before, when the recipient is outside the school \
             or a pupil, the message holds personal data of a pupil and 5 pupils or more are \
             concerned; now, when the recipient is outside the school or a pupil, the message \
             holds personal data of a pupil and 2 pupils or more are concerned",
            "example \u{201c}few\u{201d}: its verdict was \u{201c}deliver\u{201d} and is \u{201c}quarantine\u{201d}",
        ]
    );
    let same = GOOD.replacen("\"outside\", \"pupil-data\", ", "\"outside\", ", 1);
    assert_eq!(
        changed(GOOD, &same),
        ["a.open: is written differently and applies to the same messages"]
    );
    let milder = GOOD.replacen(
        "then = \"quarantine\"",
        "then = \"hold\"\nmode = \"nudge\"",
        1,
    );
    let said = changed(GOOD, &milder);
    assert!(
        said[0].contains("goes less far: it was enforced"),
        "{said:?}"
    );
    assert!(said[1].contains("is milder"), "{said:?}");
    let reworded = GOOD.replace("Ask the office.", "Ask the head.").replace(
        "\"1\" = \"Words.\"",
        "\"1\" = \"Other words.\"\n\"2\" = \"New.\"",
    );
    assert_eq!(
        changed(GOOD, &reworded),
        [
            "a.open: what to do was \u{201c}Ask the office.\u{201d} and is \u{201c}Ask the head.\u{201d}",
            "clause 1: its words was \u{201c}Words.\u{201d} and is \u{201c}Other words.\u{201d}",
            "clause 2: is new: \u{201c}New.\u{201d}",
        ]
    );
    let more = with_rule("when = \"outside\"\nthen = \"hold\"");
    assert!(changed(GOOD, &more)[0].starts_with("b.new: is new: When the recipient"));
    assert!(changed(&more, GOOD)[0].starts_with("b.new: is gone; it said: When"));
}

#[test]
fn a_diff_says_what_a_senders_word_may_do() {
    let held = GOOD.replacen("then = \"quarantine\"", "then = \"hold\"", 1);
    let overridable = held.replacen("then = \"hold\"", "then = \"hold\"\noverride = true", 1);
    let allowed = "a.open: the sender may now have the message sent for a stated reason";
    assert_eq!(changed(&held, &overridable), [allowed]);
    let refused = "a.open: the sender may no longer have the message sent for a stated reason";
    assert_eq!(changed(&overridable, &held), [refused]);
    let terms =
        "[remedies]\nmost-pupils = 1\ntold = [\"dpo\"]\nsignature = \"signed-after\"\n[[rules]]";
    assert_eq!(
        changed(&held, &held.replacen("[[rules]]", terms, 1)),
        [
            "remedies: the most pupils whom such a message may be about was \u{201c}3\u{201d} and \
             is \u{201c}1\u{201d}",
            "remedies: who is told of it: \u{201c}the data protection officer\u{201d} added",
            "remedies: who is told of it: \u{201c}the headteacher\u{201d} taken away",
            "remedies: mail is now signed behind the gateway",
        ]
    );
}

/// A hostile pack: many rules, each with a tangle.
#[test]
fn a_pack_of_a_thousand_rules_is_examined_within_bounds() {
    let mut text = String::from("name = \"big\"\n");
    for i in 0..1_000 {
        let tangle: Vec<String> = (0..12)
            .map(|j| {
                format!(
                    "{{ any = [{{ pupils = {} }}, {{ found = [\"uk.upn\"], at-least = {} }}] }}",
                    i + j + 1,
                    i + j + 1
                )
            })
            .collect();
        text.push_str(&format!(
            "[[rules]]\nid = \"r{i}\"\nconcern = \"conduct\"\nwhen = {{ all = [{}] }}\nthen = \"hold\"\nclauses = []\n",
            tangle.join(", ")
        ));
    }
    let remarks = remarks(&text);
    assert!(remarks.iter().any(|r| r.what.contains("too many rules")));
}
