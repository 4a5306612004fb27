//! Packs as a technician writes them: what is refused, and in which words.

use schoolgate_detectors::MarkingTerms;
use schoolgate_policies::{Mode, Pack, Verdict};

const RULE: &str = r#"
name = "oak"
[clauses]
"1" = "Words."
[[rules]]
id = "a.b"
concern = "marking"
when = "outside"
then = "hold"
clauses = ["1"]
why = "Because."
remedy = "Do."
"#;

fn load(text: &str) -> Result<Pack, String> {
    Pack::load(text, &|_| None).map_err(|e| e.to_string())
}

#[track_caller]
fn refused(text: &str, expected: &str) {
    let got = load(text).expect_err("the pack should be refused");
    assert_eq!(got, expected);
}

#[track_caller]
fn refused_with(change: (&str, &str), expected: &str) {
    assert!(RULE.contains(change.0), "the sample has no {}", change.0);
    refused(&RULE.replacen(change.0, change.1, 1), expected);
}

#[test]
fn the_sample_is_accepted() {
    let pack = load(RULE).expect("accepted");
    assert_eq!(pack.rules.len(), 1);
    assert_eq!(pack.title, "oak");
    assert_eq!(pack.digest.len(), 64);
}

#[test]
fn the_baseline_is_accepted_and_every_rule_cites_a_clause_that_is_quoted() {
    let pack = Pack::baseline().expect("accepted");
    assert!(pack.rules.len() > 20);
    for rule in &pack.rules {
        assert!(!rule.clauses.is_empty(), "{}", rule.id);
        assert!(rule.id.starts_with(rule.concern.as_str()), "{}", rule.id);
        for clause in &rule.clauses {
            assert!(pack.clauses.contains_key(clause), "{clause}");
        }
    }
    for clause in pack.clauses.keys() {
        assert!(
            pack.rules.iter().any(|r| r.clauses.contains(clause)),
            "the clause {clause} is quoted and no rule serves it"
        );
    }
}

#[test]
fn the_baseline_uses_the_detectors_words_for_markings() {
    let pack = Pack::baseline().expect("accepted");
    assert_eq!(pack.marking_terms(), MarkingTerms::default());
}

#[test]
fn unknown_keys_name_the_nearest() {
    refused_with(
        ("when =", "whne ="),
        "line 6, column 6: the rule `a.b` needs a `when`\n\
         line 8, column 1: unknown key `whne`; did you mean `when`?",
    );
    refused_with(
        ("name =", "nmae ="),
        "line 2, column 1: unknown key `nmae`; did you mean `name`?",
    );
}

#[test]
fn unknown_words_name_the_nearest() {
    refused_with(
        ("\"hold\"", "\"hodl\""),
        "line 9, column 8: unknown verdict `hodl`; did you mean `hold`?",
    );
    refused_with(
        ("\"marking\"", "\"markings\""),
        "line 7, column 11: unknown concern `markings`; did you mean `marking`?",
    );
    refused_with(
        ("\"outside\"", "\"outsied\""),
        "line 8, column 8: unknown condition `outsied`; did you mean `outside`?",
    );
    refused_with(
        ("\"outside\"", "{ relation = [\"webmial\"] }"),
        "line 8, column 22: unknown relation `webmial`; did you mean `webmail`?",
    );
    refused_with(
        ("\"outside\"", "{ found = \"uk.upm\" }"),
        "line 8, column 18: unknown kind of finding `uk.upm`; did you mean `uk.upn`?",
    );
    refused_with(
        ("\"outside\"", "{ category = \"helth\" }"),
        "line 8, column 21: unknown category `helth`; did you mean `health`?",
    );
    refused_with(
        ("[\"1\"]", "[\"2\"]"),
        "line 10, column 12: unknown clause `2`; did you mean `1`?",
    );
}

#[test]
fn a_word_far_from_all_lists_what_is_valid() {
    refused_with(
        ("\"hold\"", "\"incinerate\""),
        "line 9, column 8: unknown verdict `incinerate`; valid are deliver, hold, quarantine, reject",
    );
}

#[test]
fn placeholders_are_checked() {
    refused_with(
        ("Because.", "A {fuond} b."),
        "line 11, column 7: unknown placeholder `{fuond}`; did you mean `{found}`?",
    );
    refused_with(
        ("Do.", "Do {this"),
        "line 12, column 10: `remedy` has a brace that nothing closes: `this`",
    );
}

#[test]
fn every_mistake_is_reported_not_the_first() {
    let text = RULE
        .replacen("\"hold\"", "\"hodl\"", 1)
        .replacen("\"outside\"", "\"outsied\"", 1)
        .replacen("clauses = [\"1\"]", "", 1);
    let got = load(&text).expect_err("refused");
    assert_eq!(
        got,
        "line 6, column 6: the rule `a.b` lacks `clauses`\n\
         line 8, column 8: unknown condition `outsied`; did you mean `outside`?\n\
         line 9, column 8: unknown verdict `hodl`; did you mean `hold`?"
    );
}

#[test]
fn a_condition_has_one_key_of_the_right_type() {
    refused_with(
        ("\"outside\"", "{ relation = \"other\", pupils = 3 }"),
        "line 8, column 8: a condition has exactly one key; join several with `all` or `any`",
    );
    refused_with(
        ("\"outside\"", "{ pupils = \"3\" }"),
        "line 8, column 19: `pupils` must be a whole number from 1 to 999999, not a value of type string",
    );
    refused_with(
        ("\"outside\"", "{ pupils = -3 }"),
        "line 8, column 19: `pupils` must be a whole number from 1 to 999999, not a value of type integer",
    );
    refused_with(
        ("\"outside\"", "{ all = [] }"),
        "line 8, column 16: `all` joins nothing",
    );
    refused_with(
        ("\"outside\"", "{ relation = [] }"),
        "line 8, column 21: `relation` names nothing",
    );
    refused_with(
        ("\"outside\"", "true"),
        "line 8, column 8: a condition must be a word or a table with one key, not a value of type boolean",
    );
    refused_with(
        ("\"outside\"", "{ found = \"uk.upn\", confidence = 1.5 }"),
        "line 8, column 41: `confidence` must be a number from 0 to 1, not a value of type float",
    );
}

#[test]
fn broken_toml_is_placed() {
    let got = load("name = \"oak\"\ntitle = \n").expect_err("refused");
    assert!(got.starts_with("line 2, column "), "{got}");
}

#[test]
fn a_rule_stands_once() {
    let tail = RULE.split("[[rules]]").nth(1).unwrap_or_default();
    refused(
        &format!("{RULE}[[rules]]{tail}"),
        "line 14, column 6: the rule `a.b` stands here twice",
    );
}

#[test]
fn a_pack_without_a_name_is_refused() {
    refused("title = \"x\"", "line 1, column 1: a pack needs a `name`");
}

#[test]
fn a_later_rule_adjusts_or_replaces() {
    let text = r#"
name = "oak"
extends = "baseline"
[clauses]
"O-1" = "Ours."
[[rules]]
id = "marking.too-low"
mode = "enforce"
[[rules]]
id = "credentials.anybody"
concern = "credentials"
when = { all = ["outside", { found = "credential" }] }
then = "reject"
clauses = ["O-1"]
why = "A password."
remedy = "Take it out."
"#;
    let baseline = Pack::baseline().expect("accepted");
    let pack = load(text).expect("accepted");
    assert_eq!(pack.rules.len(), baseline.rules.len());
    assert_eq!(pack.extends, ["baseline"]);
    let low = pack.rule("marking.too-low").expect("inherited");
    assert_eq!(low.mode, Mode::Enforce);
    assert_eq!(low.clauses, ["001-17"]);
    let credentials = pack.rule("credentials.anybody").expect("replaced");
    assert_eq!(credentials.then, Verdict::Reject);
    assert_eq!(credentials.clauses, ["O-1"]);
    assert_ne!(pack.digest, baseline.digest);
}

#[test]
fn changing_a_rule_that_is_not_there_names_the_nearest() {
    refused(
        "name = \"oak\"\nextends = \"baseline\"\n[[rules]]\nid = \"marking.to-low\"\nmode = \"off\"\n",
        "line 4, column 6: unknown rule to change (it has no `when`) `marking.to-low`; \
         did you mean `marking.too-low`?",
    );
}

#[test]
fn an_unknown_parent_is_refused() {
    refused(
        "name = \"oak\"\nextends = \"basline\"\n",
        "line 2, column 11: unknown pack `basline`; did you mean `baseline`?",
    );
}

#[test]
fn a_circle_of_parents_is_refused() {
    let round = "name = \"a\"\nextends = \"b\"\n";
    let got = Pack::load(round, &|name| {
        Some(format!("name = \"{name}\"\nextends = \"b\"\n"))
    });
    let got = got.expect_err("refused").to_string();
    assert!(got.contains("in a circle"), "{got}");
    assert!(got.starts_with("in the pack `b`, line 2"), "{got}");
}

#[test]
fn a_mistake_in_the_parent_is_named_there() {
    let child = "name = \"a\"\nextends = \"b\"\n[[rules]]\nid = \"x.y\"\nmode = \"off\"\n";
    let got = Pack::load(child, &|_| Some("name = \"b\"\nspilt = true\n".into()));
    assert_eq!(
        got.expect_err("refused").to_string(),
        "in the pack `b`, line 2, column 1: unknown key `spilt`; did you mean `split`?"
    );
}

#[test]
fn size_depth_and_number_of_rules_are_bounded() {
    let large = format!("name = \"a\"\n#{}", "x".repeat(1 << 20));
    assert!(
        load(&large)
            .expect_err("refused")
            .contains("at most 1048576 octets")
    );

    let deep = |n: usize| {
        let when = format!("{}\"outside\"{}", "{ not = ".repeat(n), " }".repeat(n));
        load(&RULE.replacen("\"outside\"", &when, 1))
    };
    assert!(deep(31).is_ok());
    assert!(
        deep(33)
            .expect_err("refused")
            .contains("nested deeper than 32")
    );
    // The TOML reader itself stops at a depth that no stack minds.
    assert!(deep(20_000).is_err());
    let dotted = format!("name = \"a\"\n{} = 1\n", vec!["a"; 200_000].join("."));
    assert!(load(&dotted).is_err());
    let header = format!("name = \"a\"\n[{}]\n", vec!["a"; 200_000].join("."));
    assert!(load(&header).is_err());

    let tail = RULE.split("[[rules]]").nth(1).unwrap_or_default();
    let mut many = RULE.to_owned();
    for i in 0..2_000 {
        many.push_str(&format!(
            "[[rules]]{}",
            tail.replace("a.b", &format!("r{i}"))
        ));
    }
    assert!(
        load(&many)
            .expect_err("refused")
            .contains("at most 2000 rules")
    );
}

#[test]
fn the_number_of_mistakes_in_an_answer_is_bounded() {
    let text: String = (0..5_000).map(|i| format!("wrong{i} = 1\n")).collect();
    let errors = Pack::load(&text, &|_| None).expect_err("refused");
    assert!(errors.mistakes.len() <= 100);
}

#[test]
fn figures_and_markings_are_read() {
    let pack = load(
        "name = \"a\"\nextends = \"baseline\"\nsplit = true\n\
         [settings]\nmax-visible-families = 3\n\
         [markings]\nsensitive = \"AMBER\"\nnear-misses = []\n",
    )
    .expect("accepted");
    assert!(pack.split);
    assert_eq!(pack.settings.max_visible_families, 3);
    assert_eq!(pack.settings.roster_stale_days, 35);
    let terms = pack.marking_terms();
    assert_eq!(terms.sensitive, ["AMBER"]);
    assert_eq!(terms.highly_sensitive[0], "HIGHLY SENSITIVE");
    assert!(terms.near_misses.is_empty());
}

#[test]
fn what_ships_can_be_extended_by_name_and_a_file_beside_goes_first() {
    for name in Pack::shipped_names() {
        let text = format!("name = \"own\"\nextends = \"{name}\"\n");
        let pack = load(&text).expect("accepted");
        assert_eq!(pack.extends.first().map(String::as_str), Some(name));
        let shipped = Pack::shipped(name).expect("it ships").expect("accepted");
        assert_eq!(pack.rules.len(), shipped.rules.len());
    }
    assert!(Pack::shipped("policy-005").is_none());
    let beside = |name: &str| (name == "ban-outside").then(|| RULE.to_owned());
    let own = "name = \"own\"\nextends = \"ban-outside\"\n";
    let pack = Pack::load(own, &beside).expect("accepted");
    assert_eq!(pack.rules.len(), 1);
    refused(
        "name = \"own\"\nextends = \"mark-and-encrypts\"\n",
        "line 2, column 11: unknown pack `mark-and-encrypts`; did you mean `mark-and-encrypt`?",
    );
}

#[test]
fn a_pack_can_cite_its_own_clauses_only() {
    let text = "name = \"own\"\nextends = \"baseline\"\nown-clauses = true\n\
        [clauses]\n\"4.2\" = \"Mark it.\"\n\"4.3\" = \"Lock it.\"\n\
        [coverage]\n\"4.2\".rules = [\"marking.special\"]\n\"4.3\".beyond = \"It cannot.\"\n";
    let pack = load(text).expect("accepted");
    let clauses = |id: &str| pack.rule(id).expect("a rule").clauses.clone();
    assert_eq!(clauses("marking.special"), ["4.2"]);
    assert!(clauses("credentials.anybody").is_empty());
    assert_eq!(pack.clauses.len(), 2);
    let many = text.replace("marking.special", "marking.*");
    let pack = load(&many).expect("accepted");
    for rule in &pack.rules {
        let marking = rule.id.starts_with("marking.");
        assert_eq!(rule.clauses == ["4.2"], marking, "{}", rule.id);
    }
    // Without the key the clauses of both are cited.
    let pack = load(&text.replace("own-clauses = true\n", "")).expect("accepted");
    let rule = pack.rule("marking.special").expect("a rule");
    assert_eq!(rule.clauses, ["001-17", "001-16", "003-15", "4.2"]);
}

#[test]
fn what_keeps_a_clause_is_checked_word_by_word() {
    let text =
        "name = \"own\"\nextends = \"baseline\"\n[clauses]\n\"4.2\" = \"Mark it.\"\n[coverage]\n";
    let refused = |line: &str, expected: &str| refused(&format!("{text}{line}\n"), expected);
    refused(
        "\"4.2\".rules = [\"marking.specials\"]",
        "line 6, column 16: unknown rule `marking.specials`; did you mean `marking.special`?",
    );
    refused(
        "\"4.3\".rules = [\"marking.special\"]",
        "line 6, column 1: unknown clause `4.3`; did you mean `4.2`?",
    );
    refused(
        "\"4.2\".evidence = [\"audit-logs\"]",
        "line 6, column 19: unknown feature `audit-logs`; did you mean `audit-log`?",
    );
    refused(
        "\"4.2\".suport = [\"audit-log\"]",
        "line 6, column 7: unknown key `suport`; did you mean `support`?",
    );
}

#[test]
fn a_table_of_coverage_of_any_size_is_read_within_bounds() {
    let mut text = String::from("name = \"own\"\n[clauses]\n");
    for number in 0..2_000 {
        text.push_str(&format!("\"{number}\" = \"W.\"\n"));
    }
    text.push_str("[coverage]\n");
    for number in 0..2_000 {
        text.push_str(&format!("\"{number}\".rules = [\"a.*\"]\n"));
    }
    for number in 0..500 {
        text.push_str(&format!(
            "[[rules]]\nid = \"a.{number}\"\nconcern = \"marking\"\nwhen = \"outside\"\n\
             then = \"hold\"\nclauses = []\n"
        ));
    }
    let got = load(&text).expect_err("refused");
    assert!(got.contains("more than 50000 times"), "{got}");
    let each = text.replace("[\"a.*\"]", "[\"a.1\"]");
    let pack = load(&each).expect("accepted");
    assert_eq!(schoolgate_policies::coverage::coverage(&pack).len(), 2_000);
    let twice = text.replace("[\"a.*\"]", "[\"a.1\", \"a.2\"]");
    let got = load(&twice).expect_err("refused");
    assert!(got.contains("names rules more than 2000 times"), "{got}");
}

#[test]
fn switches_and_registers_are_read_and_checked() {
    let rule = "concern = \"marking\"\nthen = \"hold\"\nclauses = []\n";
    let text = format!(
        "name = \"own\"\nextends = \"ban-outside\"\n[switches]\ninside-only = true\n\
         [ai]\nallowed = [\"@Copilot.Example.\"]\ngate = \"risk-assessment\"\n\
         [agencies]\nlawful-disclosure = [\"Social Care\"]\n\
         [[rules]]\nid = \"a.b\"\nwhen = {{ switch = \"inside-only\" }}\n{rule}"
    );
    let pack = load(&text).expect("accepted");
    assert_eq!(pack.settings.switches.get("inside-only"), Some(&true));
    assert_eq!(
        pack.settings.switches.get("ordinary-to-family"),
        Some(&true)
    );
    let outsiders = &pack.settings.outsiders;
    assert!(outsiders.agreed("copilot.example") && !outsiders.agreed("other.example"));
    assert!(outsiders.is_lawful("social_care") && !outsiders.is_lawful("police"));
    refused(
        &text.replace(
            "{ switch = \"inside-only\" }",
            "{ switch = \"inside-onyl\" }",
        ),
        "line 11, column 6: unknown switch `inside-onyl`; did you mean `inside-only`?",
    );
    refused(
        "name = \"own\"\nextends = \"ban-outside\"\n[switches]\ninside-onyl = true\n",
        "line 4, column 1: unknown switch (no rule asks for it) `inside-onyl`; did you mean `inside-only`?",
    );
    refused(
        &text.replace("risk-assessment", "risk-asessment"),
        "line 7, column 8: unknown gate `risk-asessment`; did you mean `risk-assessment`?",
    );
    refused(
        "name = \"own\"\n[ai]\nallowed = [\"me@copilot.example\"]\n",
        "line 3, column 12: `allowed` names no such thing",
    );
}
