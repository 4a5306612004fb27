use super::*;
use crate::pack::Pack;

/// The conditions of a pack with these two.
fn conditions(list: &[&str]) -> Vec<Condition> {
    let mut text = String::from("name = \"a\"\n");
    for (i, when) in list.iter().enumerate() {
        text.push_str(&format!(
            "[[rules]]\nid = \"r{i}\"\nconcern = \"conduct\"\nwhen = {when}\nthen = \"hold\"\nclauses = []\n"
        ));
    }
    let pack = Pack::load(&text, &|_| None).unwrap_or_else(|e| panic!("{e}"));
    pack.rules.into_iter().map(|r| r.when).collect()
}

#[track_caller]
fn check_ever(when: &str, expected: bool) {
    let conditions = conditions(&[when]);
    let answer = Conditions::new(conditions.iter()).together(&[0], &[], &mut Effort::new(10_000));
    assert_eq!(answer, Some(expected), "{when}");
}

#[track_caller]
fn check_implies(first: &str, second: &str, expected: bool) {
    let conditions = conditions(&[first, second]);
    let answer = Conditions::new(conditions.iter()).implies(0, 1, &mut Effort::new(10_000));
    assert_eq!(answer, expected, "{first} => {second}");
}

#[test]
fn what_contradicts_itself_never_holds() {
    check_ever(
        r#"{ all = ["outside", { relation = ["staff", "governor"] }] }"#,
        false,
    );
    check_ever(r#"{ all = ["unmarked", "marking-too-low"] }"#, false);
    check_ever(
        r#"{ all = [{ pupils = 3 }, { not = { pupils = 2 } }] }"#,
        false,
    );
    check_ever(
        r#"{ all = ["special-category", { not = "pupil-data" }] }"#,
        false,
    );
    check_ever(
        r#"{ all = [{ relation = "own-contact" }, "about-others"] }"#,
        false,
    );
    check_ever(
        r#"{ all = [{ relation = "contact" }, "pupil-data"] }"#,
        false,
    );
    check_ever(
        r#"{ all = [{ category = "health" }, { not = "special-category" }] }"#,
        false,
    );
    check_ever(
        r#"{ all = [{ found = ["uk.upn"], at-least = 5 }, { not = { found = ["uk.upn", "uk.uln"] } }] }"#,
        false,
    );
    check_ever(
        r#"{ all = [{ unread = "damaged" }, { not = "unread" }] }"#,
        false,
    );
    check_ever(
        r#"{ not = { any = ["outside", { not = "outside" }] } }"#,
        false,
    );
}

#[test]
fn what_can_hold_is_not_denied() {
    check_ever("\"outside\"", true);
    check_ever(
        r#"{ all = ["outside", { category = "behaviour" }, { not = "special-category" }] }"#,
        true,
    );
    check_ever(
        r#"{ all = ["marking-too-low", "marking-near-miss", "pupil-data"] }"#,
        true,
    );
    check_ever(
        r#"{ not = { any = ["unmarked", { sensitivity = "sensitive" }] } }"#,
        true,
    );
    check_ever(
        r#"{ all = [{ found = ["uk.upn"] }, { not = { found = ["uk.upn"], at-least = 2 } }] }"#,
        true,
    );
}

#[test]
fn one_rule_covers_another() {
    check_implies(
        r#"{ all = ["outside", "pupil-data"] }"#,
        "\"outside\"",
        true,
    );
    check_implies(
        "\"outside\"",
        r#"{ all = ["outside", "pupil-data"] }"#,
        false,
    );
    check_implies(r#"{ sensitivity = "sensitive" }"#, "\"pupil-data\"", true);
    check_implies(r#"{ pupils = 9 }"#, r#"{ pupils = 3 }"#, true);
    check_implies(r#"{ relation = "webmail" }"#, "\"outside\"", true);
    check_implies("\"password-beside\"", "\"encrypted-attachment\"", false);
}

/// Many choices, each of which leads to another: the stack must not end first.
#[test]
fn a_long_chain_of_choices_is_given_up() {
    fn nest(depth: usize) -> String {
        match depth {
            0 => "\"outside\"".to_owned(),
            _ => format!(
                "{{ any = [{{ all = [{}, \"unmarked\"] }}, {{ pupils = {depth} }}] }}",
                nest(depth - 1)
            ),
        }
    }
    let branches = vec![nest(14); 40];
    let conditions = conditions(&[&format!("{{ all = [{}] }}", branches.join(", "))]);
    let mut effort = Effort::new(10_000);
    let answer = Conditions::new(conditions.iter()).together(&[0], &[], &mut effort);
    assert_ne!(answer, Some(false));
}

#[test]
fn a_tangle_is_given_up_and_not_denied() {
    let pairs: Vec<String> = (0..60)
        .map(|i| {
            format!(
                "{{ any = [{{ pupils = {} }}, {{ found = [\"uk.upn\"], at-least = {} }}] }}",
                i + 1,
                i + 1
            )
        })
        .collect();
    let when = format!(
        "{{ all = [{}, {{ not = {{ pupils = 60 }} }}, {{ not = {{ found = [\"uk.upn\"], at-least = 60 }} }}] }}",
        pairs.join(", ")
    );
    let conditions = conditions(&[&when]);
    let mut effort = Effort::new(10_000);
    let answer = Conditions::new(conditions.iter()).together(&[0], &[], &mut effort);
    assert_ne!(answer, Some(true));
}
