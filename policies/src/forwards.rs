//! How often a message was forwarded.

use std::collections::BTreeSet;

use schoolgate_detectors::{Disposition, Inspection};

/// How often a message was forwarded: as attachments inside each other, or by the subject.
pub(crate) fn forwards(inspection: &Inspection) -> u32 {
    let messages: BTreeSet<&str> = inspection
        .parts
        .iter()
        .filter(|p| p.disposition == Disposition::Message)
        .map(|p| p.path.as_str())
        .collect();
    let depth = |path: &str| {
        let around = path.match_indices('/').filter_map(|(i, _)| path.get(..i));
        1 + around.filter(|outer| messages.contains(outer)).count()
    };
    let nested = messages.iter().map(|path| depth(path)).max().unwrap_or(0);
    let said = subject_prefixes(&inspection.headers.subject)
        .split(':')
        .filter(|prefix| is_forward(prefix))
        .count();
    u32::try_from(nested.max(said)).unwrap_or(u32::MAX)
}

fn is_forward(prefix: &str) -> bool {
    let prefix = prefix.trim();
    prefix.eq_ignore_ascii_case("fw") || prefix.eq_ignore_ascii_case("fwd")
}

/// What mail programs put before a subject ("Re: Fwd:"), and nothing of the subject.
pub fn subject_prefixes(subject: &str) -> &str {
    let mut rest = subject;
    while let Some((prefix, after)) = rest.split_once(':') {
        if !is_forward(prefix) && !prefix.trim().eq_ignore_ascii_case("re") {
            break;
        }
        rest = after;
    }
    subject.strip_suffix(rest).unwrap_or_default()
}
