//! Targets that speak: SMTP, workers and what they answer, next hops, packs, configuration.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use schoolgate::delivery::{Reply, Status};
use schoolgate::{config, inspect, smtp};
use schoolgate_fuzz::{count_own_panics, target};
use schoolgate_policies::Pack;

fuzz_target!(init: { check_target(); count_own_panics() }, |data: &[u8]| {
    let text = || std::str::from_utf8(data).unwrap_or_default();
    match target() {
        "smtp-command" => smtp::fuzzing::command(data),
        "smtp-dot" => smtp::fuzzing::dots(data),
        "smtp-header" => smtp::fuzzing::header(data),
        "worker-answer" => inspect::fuzzing::answer(data),
        "worker-frame" => inspect::fuzzing::frames(data),
        "reply" => {
            let _ = Status::parse(text());
            if let Some(reply) = Reply::parse(text()) {
                let _ = (reply.status_or_class(), reply.codes(), reply.text().len());
            }
        }
        "pack" => drop(Pack::load(text(), &|_| None)),
        "config" => drop(config::parse(text(), Path::new("/nowhere"))),
        _ => {}
    }
});

fn check_target() {
    let known = [
        "smtp-command",
        "smtp-dot",
        "smtp-header",
        "worker-answer",
        "worker-frame",
        "reply",
        "pack",
        "config",
    ];
    assert!(
        known.contains(&target()),
        "FUZZ_TARGET is none of the targets"
    );
}
