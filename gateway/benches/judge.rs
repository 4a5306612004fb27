//! How fast a message is inspected and decided, on the golden messages: the detectors and
//! the policy alone, in this process, without workers, store or network.

use std::path::{Path, PathBuf};

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use schoolgate::clock::Clock;
use schoolgate::config::{self, Settings};
use schoolgate::judge::{SchoolContext, judge};
use schoolgate::roster;
use schoolgate_detectors::roster::index::RosterIndex;
use schoolgate_detectors::{Inspection, inspect};
use schoolgate_policies::{Envelope, Stance};

fn main() {
    divan::main();
}

/// The golden messages with the school that they are judged by.
struct Golden {
    context: SchoolContext,
    index: RosterIndex,
    messages: Vec<Vec<u8>>,
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures")
}

fn settings() -> Settings {
    let text = r#"
hostname = "gate.oaklane.example"
[[school]]
id = "oak-lane"
name = "Oak Lane Primary School"
domains = ["oaklane.example", "pupils.oaklane.example"]
headteacher = "margaret.ellery@oaklane.example"
technician = "ken.arkwright@oaklane.example"
roster = "school"
pupil_mailboxes = ["*@pupils.oaklane.example"]
[[client]]
name = "mail-server"
networks = ["127.0.0.1"]
[[next_hop]]
host = "hop.example"
"#;
    config::parse(text, &fixtures()).expect("the configuration is right")
}

fn gather(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            gather(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "eml") {
            found.push(path);
        }
    }
}

impl Golden {
    fn read() -> Self {
        let settings = settings();
        let school = settings.schools.first().expect("a school");
        let (context, _) =
            SchoolContext::load(&settings, school, None, Vec::new(), Clock::default().now())
                .expect("the school is right");
        let files = roster::read_folder(&fixtures().join("school")).expect("the roster");
        let people = roster::read_files(&files, school.id.as_bytes()).roster;
        let mut paths = Vec::new();
        gather(&fixtures().join("messages"), &mut paths);
        paths.sort();
        Self {
            context,
            index: RosterIndex::build(&people),
            messages: paths
                .iter()
                .map(|path| std::fs::read(path).expect("a message"))
                .collect(),
        }
    }

    fn inspect(&self, content: &[u8]) -> Inspection {
        inspect(content, &self.index, self.context.inspection.settings())
    }

    fn decide(&self, inspection: &Inspection, now: i64) -> schoolgate::judge::Judged {
        let address = |mailbox: &schoolgate_detectors::Mailbox| mailbox.address.clone();
        let envelope = Envelope {
            reverse_path: inspection
                .headers
                .from
                .iter()
                .map(address)
                .next()
                .unwrap_or_default(),
            forward_paths: inspection.headers.to.iter().map(address).collect(),
        };
        judge(&self.context, &envelope, inspection, Stance::Enforce, now)
    }
}

/// All golden messages from octets to verdict.
#[divan::bench]
fn inspect_and_decide(bencher: Bencher) {
    let golden = Golden::read();
    let now = Clock::default().now();
    let octets: usize = golden.messages.iter().map(Vec::len).sum();
    bencher
        .counter(ItemsCount::new(golden.messages.len()))
        .counter(BytesCount::new(octets))
        .bench_local(|| {
            for content in &golden.messages {
                let inspection = golden.inspect(black_box(content));
                black_box(golden.decide(&inspection, now));
            }
        });
}

/// The verdict alone.
#[divan::bench]
fn decide_only(bencher: Bencher) {
    let golden = Golden::read();
    let now = Clock::default().now();
    let inspections: Vec<Inspection> = golden
        .messages
        .iter()
        .map(|content| golden.inspect(content))
        .collect();
    bencher
        .counter(ItemsCount::new(inspections.len()))
        .bench_local(|| {
            for inspection in &inspections {
                black_box(golden.decide(black_box(inspection), now));
            }
        });
}

/// A plain message of 4 KB that concerns nobody: most of a school's mail.
#[divan::bench]
fn plain_news(bencher: Bencher) {
    let golden = Golden::read();
    let now = Clock::default().now();
    let sentence = "The trip to the museum will leave at nine from the main car park.\r\n";
    let content = format!(
        "From: Callum Birch <callum.birch@oaklane.example>\r\nTo: <reader@news.example>\r\n\
         Subject: News\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}",
        sentence.repeat(60)
    );
    bencher
        .counter(ItemsCount::new(1_usize))
        .counter(BytesCount::new(content.len()))
        .bench_local(|| {
            let inspection = golden.inspect(black_box(content.as_bytes()));
            black_box(golden.decide(&inspection, now))
        });
}
