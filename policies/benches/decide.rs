//! What one decision costs with many recipients and a long pack.
//!
//! `cargo bench -p schoolgate-policies`

use std::fmt::Write;

use schoolgate_detectors::{Category, Kind, PupilId, Sensitivity};
use schoolgate_policies::{Pack, decide};

#[path = "../tests/school/mod.rs"]
mod school;

use school::{ANN, CAL, COUNCIL, MOTHER, letter};

fn main() {
    divan::main();
}

/// The baseline with enough rules of a school's own to make so many.
fn text(rules: usize) -> String {
    let mut text = String::from("name = \"bench\"\nextends = \"baseline\"\n");
    let missing = rules.saturating_sub(school::baseline().rules.len());
    for number in 0..missing {
        let _ = write!(
            text,
            "[[rules]]\nid = \"own.{number}\"\nconcern = \"pupil-data\"\n\
             when = {{ all = [\"outside\", \"pupil-data\", {{ pupils = {} }}, {{ category = [\"health\"] }}] }}\n\
             then = \"hold\"\nclauses = []\nwhy = \"This email has {{found}} in it.\"\nremedy = \"Ask.\"\n",
            number + 2
        );
    }
    text
}

fn pack(rules: usize) -> Pack {
    Pack::load(&text(rules), &|_| None).expect("a pack")
}

#[divan::bench(args = [60, 1_000])]
fn decide_50_recipients(bencher: divan::Bencher<'_, '_>, rules: usize) {
    let pack = pack(rules);
    assert!(pack.rules.len() >= rules);
    let strangers: Vec<String> = (0..48)
        .map(|number| format!("person{number}@firm{number}.example"))
        .collect();
    let mut to: Vec<&str> = strangers.iter().map(String::as_str).collect();
    to.extend([MOTHER, COUNCIL]);
    let mut letter = letter(&to).special(ANN).ordinary(CAL);
    for number in 0..30 {
        letter = letter
            .about(
                &[PupilId(100 + number)],
                &[Category::Send],
                Sensitivity::Sensitive,
            )
            .found_in(
                Kind::RosterName,
                "1",
                "paragraph 1",
                1,
                &[PupilId(100 + number)],
            );
    }
    let facts = letter.facts();
    assert_eq!(facts.recipients.len(), 50);
    bencher.bench(|| decide(&facts, &letter.inspection, &pack));
}

#[divan::bench(args = [60, 1_000])]
fn load(bencher: divan::Bencher<'_, '_>, rules: usize) {
    let text = text(rules);
    bencher.bench(|| Pack::load(&text, &|_| None).expect("a pack"));
}

/// What `policy check` costs: every rule against every other, and the examples.
#[divan::bench(args = [60, 1_000], sample_count = 5, sample_size = 1)]
fn examine(bencher: divan::Bencher<'_, '_>, rules: usize) {
    let pack = pack(rules);
    bencher.bench(|| schoolgate_policies::examine::examine(&pack, jiff::civil::date(2026, 11, 24)));
}
