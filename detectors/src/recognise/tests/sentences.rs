//! Many sentences in many voices: what is seen in each.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sentences {
    /// By category.
    said: BTreeMap<Category, Vec<String>>,
    nothing: Vec<String>,
}

fn sentences() -> Sentences {
    toml::from_str(include_str!("sentences.toml")).unwrap()
}

fn roster() -> RosterIndex {
    RosterIndex::build(&Roster {
        pupils: vec![
            pupil(PupilId(1), "Oscar", "Penhale", "4", "4B", date(2018, 2, 3)),
            pupil(PupilId(2), "Amina", "Rahim", "5", "5K", date(2017, 2, 3)),
        ],
        ..Roster::default()
    })
}

/// The full name of the child whom a sentence is about.
fn child(sentence: &str) -> &'static str {
    let is_hers = ["Amina", "She ", "she", "her ", "Her "]
        .iter()
        .any(|word| sentence.contains(word));
    if is_hers && !sentence.contains("Oscar") {
        "Amina Rahim"
    } else {
        "Oscar Penhale"
    }
}

fn recognised(documents: &[Document], roster: &RosterIndex) -> Recognised {
    recognise(
        documents,
        &Headers::default(),
        &Known {
            roster,
            settings: &settings(),
            locks: &Locks::default(),
            correspondents: &Default::default(),
            circle: &Default::default(),
        },
    )
}

#[test]
fn what_is_said_of_a_child_is_seen() {
    let roster = roster();
    for (category, list) in sentences().said {
        for sentence in list {
            let documents = [
                header(child(&sentence)),
                body(&["Hello Jo", &sentence, "Thanks", "Pat"]),
            ];
            let seen = recognised(&documents, &roster)
                .subjects
                .iter()
                .any(|subject| subject.categories.contains(&category));
            assert!(seen, "{}: {sentence}", category.as_str());
        }
    }
}

#[test]
fn what_is_said_of_other_things_is_not_the_childs() {
    let roster = roster();
    for sentence in sentences().nothing {
        let coat = format!("{} has left a coat in the hall.", child(&sentence));
        let documents = [
            header("Monday"),
            body(&["Hello Jo", &sentence, &coat, "Thanks", "Pat"]),
        ];
        let level = recognised(&documents, &roster)
            .subjects
            .iter()
            .map(|subject| subject.sensitivity)
            .max();
        assert_eq!(level, Some(Sensitivity::Personal), "{sentence}");
    }
}
