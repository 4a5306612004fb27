//! How fast the golden messages are inspected and decided on, in this process, without
//! workers, store or network.
//!
//! `cargo bench --package schoolgate-tests --bench judge`

// A bench ends by panicking when its ground is missing.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use schoolgate::clock::Clock;
use schoolgate::judge::{SchoolContext, judge};
use schoolgate::roster::{read_files, read_folder};
use schoolgate_detectors::inspect;
use schoolgate_detectors::roster::index::RosterIndex;
use schoolgate_policies::{Envelope, Stance};
use schoolgate_tests::mail::field;
use schoolgate_tests::program::fixture;
use schoolgate_tests::school::school_table;

fn main() {
    divan::main();
}

/// What every message is judged with.
struct Ground {
    context: SchoolContext,
    index: RosterIndex,
    messages: Vec<(Envelope, Vec<u8>)>,
}

fn messages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            messages(&path, found);
        } else if path.extension().is_some_and(|e| e == "eml") {
            found.push(path);
        }
    }
}

/// The addresses in a field, near enough for timing.
fn addresses(content: &[u8], name: &str) -> Vec<String> {
    field(content, name)
        .unwrap_or_default()
        .split(|c: char| c.is_whitespace() || "<>,;\"".contains(c))
        .filter(|word| word.contains('@'))
        .map(ToOwned::to_owned)
        .collect()
}

impl Ground {
    /// `most` leaves out the messages that are larger, octets.
    fn new(most: usize) -> Self {
        let text = format!(
            "hostname = \"gate.oaklane.example\"\n{}[[client]]\nname = \"m\"\nnetworks = [\"127.0.0.1\"]\n\
             [[next_hop]]\nhost = \"127.0.0.1\"\n",
            school_table("")
        );
        let settings = schoolgate::config::parse(&text, Path::new(".")).unwrap();
        let school = &settings.schools[0];
        let now = Clock::default().now();
        let (context, _) = SchoolContext::load(&settings, school, None, now).unwrap();
        let files = read_folder(&fixture("school")).unwrap();
        let roster = read_files(&files, school.id.as_bytes()).roster;
        let mut paths = Vec::new();
        messages(&fixture("messages"), &mut paths);
        paths.sort();
        let messages = paths
            .iter()
            .map(|path| fs::read(path).unwrap())
            .filter(|content| content.len() <= most)
            .map(|content| {
                let envelope = Envelope {
                    reverse_path: addresses(&content, "From").pop().unwrap_or_default(),
                    forward_paths: [addresses(&content, "To"), addresses(&content, "Cc")].concat(),
                };
                (envelope, content)
            })
            .collect();
        Self {
            context,
            index: RosterIndex::build(&roster),
            messages,
        }
    }

    fn octets(&self) -> usize {
        self.messages.iter().map(|(_, content)| content.len()).sum()
    }

    fn judge_all(&self, now: i64) {
        let settings = self.context.inspection.settings();
        for (envelope, content) in &self.messages {
            let inspection = inspect(content, &self.index, settings);
            divan::black_box(judge(
                &self.context,
                envelope,
                &inspection,
                Stance::Enforce,
                now,
            ));
        }
    }
}

fn bench(bencher: Bencher, ground: &Ground) {
    let now = Clock::default().now();
    bencher
        .counter(ItemsCount::new(ground.messages.len()))
        .counter(BytesCount::new(ground.octets()))
        .bench(|| ground.judge_all(now));
}

/// Every golden message: documents, archives and locked files too.
#[divan::bench(sample_count = 10)]
fn all_golden_messages(bencher: Bencher) {
    bench(bencher, &Ground::new(usize::MAX));
}

/// Those of at most 4 KiB: ordinary letters.
#[divan::bench(sample_count = 20)]
fn small_golden_messages(bencher: Bencher) {
    bench(bencher, &Ground::new(4096));
}
