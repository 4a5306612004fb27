//! The figures that an inspection has to keep, each printed beside its bar.
//!
//! `cargo bench -p schoolgate-detectors --bench bars`, with a part of a figure's name to
//! measure it alone. Everything runs on one thread; the median of at least nine runs counts,
//! in processor time where the system tells it, since other programs may share the machine.
//!
//! Where the work goes, in instructions for each octet of plain text (callgrind, 200 KB, a
//! roster of 2,000; some 80 would keep the bar of 120 MB/s, 600 are spent): passwords and their
//! cues 120, the roster's names 115, what words say together 100, conduct 60, cutting into words
//! 50, identifiers 40, reading the message 30, memory 80. No recogniser stands out any more: what
//! bounds the figure is that five of them walk over the words of the text for themselves, and
//! that conduct and passwords cut the text into words once more, by rules of their own.
//! A message with documents is bounded likewise; inflating and reading its XML is a tenth of it.

// A bench is there to read the clock, which the detectors may not.
#![allow(clippy::disallowed_methods)]

mod mail;
mod school;

use std::hint::black_box;
use std::time::{Duration, Instant};

use jiff::civil::date;
use schoolgate_detectors::{RosterIndex, Settings, inspect};

/// Octets of the plain text.
const TEXT: usize = 4 << 20;
/// How long one figure is measured for, at least.
const PATIENCE: Duration = Duration::from_secs(2);

fn main() {
    let only: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let wanted = |name: &str| only.is_empty() || only.iter().any(|part| name.contains(part));
    let settings = Settings::on(date(2026, 11, 24));
    let ten_thousand = RosterIndex::build(&school::roster(10_000));

    if wanted("plain text") {
        let text = mail::plain(TEXT);
        let taken = median(|| inspect(&text, &ten_thousand, &settings));
        let speed = TEXT as f64 / taken.as_secs_f64() / 1e6;
        report(
            "plain text, 10,000 pupils",
            speed,
            "MB/s",
            Bar::AtLeast(120.0),
        );
    }
    if wanted("4 KB mail") {
        let mail = mail::plain(3800);
        let taken = median(|| inspect(&mail, &ten_thousand, &settings));
        report("4 KB mail", millis(taken), "ms", Bar::AtMost(0.3));
    }
    if wanted("500 KB mail") {
        let mail = mail::large();
        let found = inspect(&mail, &ten_thousand, &settings);
        assert!(found.unread.is_empty(), "{:?}", found.unread);
        assert!(found.subjects.len() >= 900);
        let taken = median(|| inspect(&mail, &ten_thousand, &settings));
        report(
            "500 KB mail with DOCX and XLSX",
            millis(taken),
            "ms",
            Bar::AtMost(25.0),
        );
    }
    if wanted("a million pupils") {
        let text = mail::plain(TEXT);
        let thousand = RosterIndex::build(&school::roster(1000));
        let million = RosterIndex::build(&school::roster(1_000_000));
        report(
            "index, octets for each of a million pupils",
            million.as_bytes().len() as f64 / million.len() as f64,
            "",
            Bar::AtMost(120.0),
        );
        // In turns, so that what else the machine does meets both alike.
        let mut ratios: Vec<f64> = (0..11)
            .map(|_| {
                let few = once(|| inspect(&text, &thousand, &settings));
                let many = once(|| inspect(&text, &million, &settings));
                many.as_secs_f64() / few.as_secs_f64()
            })
            .collect();
        ratios.sort_by(f64::total_cmp);
        report(
            "a million pupils against a thousand",
            ratios[ratios.len() / 2],
            "times",
            Bar::AtMost(1.2),
        );
    }
}

enum Bar {
    AtLeast(f64),
    AtMost(f64),
}

fn report(name: &str, figure: f64, unit: &str, bar: Bar) {
    let (words, limit, kept) = match bar {
        Bar::AtLeast(limit) => ("at least", limit, figure >= limit),
        Bar::AtMost(limit) => ("at most", limit, figure <= limit),
    };
    let verdict = if kept { "kept" } else { "MISSED" };
    println!("{name:<44} {figure:>9.3} {unit:<6} (bar: {words} {limit}) {verdict}");
}

fn millis(taken: Duration) -> f64 {
    taken.as_secs_f64() * 1e3
}

/// Runs the work often enough for the clock, and says what one run took.
fn once<T>(work: impl Fn() -> T) -> Duration {
    let (start, begun) = (processor(), Instant::now());
    let mut runs = 0;
    while runs == 0 || begun.elapsed() < Duration::from_millis(200) {
        black_box(work());
        runs += 1;
    }
    let taken = match (start, processor()) {
        (Some(start), Some(end)) => end.saturating_sub(start),
        _ => begun.elapsed(),
    };
    taken / runs
}

/// The processor time of this thread so far, by Linux's own account of it.
fn processor() -> Option<Duration> {
    let account = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanos = account.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanos))
}

fn median<T>(work: impl Fn() -> T) -> Duration {
    let begun = Instant::now();
    let mut runs = Vec::new();
    while runs.len() < 9 || begun.elapsed() < PATIENCE {
        runs.push(once(&work));
    }
    runs.sort_unstable();
    runs[runs.len() / 2]
}
