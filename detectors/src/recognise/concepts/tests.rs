use super::lexicon::{self, MANY, ONE, SCHOOLWORK, TOPIC};
use super::*;
use crate::category::Sensitivity;
use crate::words::tokens;
use proptest::prelude::*;

fn said(text: &str) -> Vec<Category> {
    let mut categories: Vec<Category> = read(text, &tokens(text), &[], About::Several)
        .hits
        .iter()
        .map(|hit| hit.category)
        .collect();
    categories.sort_unstable();
    categories.dedup();
    categories
}

#[test]
fn the_files_are_whole() {
    let lexicon = lexicon::load().expect("the concepts");
    assert!(lexicon.patterns.len() > 50);
    for pattern in &lexicon.patterns {
        assert!(!pattern.all.is_empty(), "{}", pattern.says);
    }
    for name in [ONE, MANY, TOPIC, SCHOOLWORK] {
        assert!(lexicon.names.contains_key(name), "{name}");
    }
}

#[test]
fn words_have_their_regular_forms() {
    for (stem, form) in [
        ("bruise", "bruising"),
        ("bully", "bullied"),
        ("hit", "hitting"),
        ("punch", "punches"),
    ] {
        assert!(
            lexicon::inflected(stem).iter().any(|word| word == form),
            "{form}"
        );
    }
}

#[test]
fn matter_is_known_in_words_that_no_list_holds() {
    use Category::*;
    for (text, category) in [
        (
            "She scratches her arms with scissors when it gets too much.",
            Safeguarding,
        ),
        (
            "He turned up with no coat again and a bruise the shape of a hand.",
            Safeguarding,
        ),
        (
            "She told me dad hits her when he has been drinking.",
            Safeguarding,
        ),
        (
            "The police came to the house again on Saturday night.",
            Safeguarding,
        ),
        (
            "He often has nothing to eat at home before school.",
            Safeguarding,
        ),
        (
            "She says she wants to disappear and not wake up.",
            Safeguarding,
        ),
        (
            "Her inhaler ran out and she was wheezy all afternoon.",
            Health,
        ),
        ("She wets herself most days.", Health),
        ("She's not eating and has lost weight.", Health),
        ("He has been referred to the paediatrician.", Health),
        ("We think he is on the spectrum.", Send),
        ("He needs ear defenders and a visual timetable.", Send),
        ("His speech therapist has sent new targets.", Send),
        (
            "She cannot pay, mum has lost her job and they are in a hostel.",
            FreeMeals,
        ),
        ("Dad is not allowed to collect him.", Court),
        ("His parents have split up.", Court),
        ("He has been with his foster carers since May.", LookedAfter),
        ("His dad is in prison.", Criminal),
        ("The family is Muslim and he is fasting.", Religion),
        ("She kicked another girl and lost her playtime.", Behaviour),
        (
            "He is two levels below where he should be in reading.",
            Attainment,
        ),
        ("He was off school for three days.", Attendance),
        (
            "She has been sent home on a fixed term exclusion.",
            Exclusion,
        ),
    ] {
        assert!(said(text).contains(&category), "{text}: {:?}", said(text));
    }
}

#[test]
fn what_is_said_of_everybody_is_said_of_nobody() {
    for text in [
        "If your child has asthma, please make sure that he or she has an inhaler in school.",
        "Children with an EHC plan need more support at transition.",
        "Any child who is hungry at breakfast can come to the club.",
        "All parents should tell us about allergies.",
    ] {
        let text_said = read(text, &tokens(text), &[], About::Several);
        assert!(text_said.hits.is_empty(), "{text}: {:?}", said(text));
        assert_eq!(text_said.generic.len(), 1, "{text}");
    }
}

#[test]
fn ordinary_words_of_a_school_day_are_no_special_matter() {
    for text in [
        "Please send her in with wellies and a packed lunch.",
        "He fell over at football and grazed his knee, a plaster sorted it.",
        "She was brilliant in the assembly and told the whole story of the fire.",
        "Can you send us his date of birth for the tournament form?",
        "He needs a new tie and his reading book back by Friday.",
        "We can't wait to see her in the nativity.",
        "The order for his jumper is in, she can collect it from the office.",
    ] {
        let special: Vec<Category> = said(text).into_iter().filter(|c| c.is_special()).collect();
        let floors = read(text, &tokens(text), &[], About::Several)
            .hits
            .iter()
            .filter(|hit| hit.category.is_special())
            .map(|hit| hit.floor)
            .max()
            .unwrap_or_default();
        assert!(floors < Sensitivity::Sensitive, "{text}: {special:?}");
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in "[a-z .,'\\n]{0,300}|\\PC{0,200}") {
        let names = vec![Range { start: 0, end: 4 }];
        let _ = read(&text, &tokens(&text), &names, About::One);
        let _ = read_cell(&text, &tokens(&text));
    }
}
