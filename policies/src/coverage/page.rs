//! The coverage of a policy as a page.

use super::{ClauseCoverage, Kept, Service, ServingFeature, ServingRule};
use crate::decision::{Mode, Verdict};
use crate::explain::page::{Block, Inline, Item, Page, markdown as in_markdown};
use crate::pack::Pack;

/// As Markdown: the count first, then clause by clause.
pub fn markdown(pack: &Pack, list: &[ClauseCoverage]) -> String {
    let title = match pack.policy.title.as_str() {
        "" => pack.title.as_str(),
        title => title,
    };
    let mut blocks = vec![
        Block::Heading(1, format!("What keeps each clause of: {title}")),
        Block::Paragraph(vec![Inline::Plain(tally(list))]),
    ];
    for kept in Kept::ALL {
        let items: Vec<Item> = list
            .iter()
            .filter(|c| c.kept == *kept)
            .map(|clause| Item {
                text: vec![
                    Inline::Strong(clause.clause.clone()),
                    Inline::Plain(": ".into()),
                    Inline::Quoted(clause.words.clone()),
                ],
                under: reasons(clause)
                    .into_iter()
                    .map(|reason| vec![Inline::Plain(reason)])
                    .collect(),
            })
            .collect();
        if !items.is_empty() {
            blocks.push(Block::Heading(2, heading(*kept).into()));
            blocks.push(Block::List(items));
        }
    }
    in_markdown(&Page {
        title: title.to_owned(),
        blocks,
    })
}

/// How many clauses are kept in which way, in one sentence.
pub fn tally(list: &[ClauseCoverage]) -> String {
    let counts: Vec<String> = Kept::ALL
        .iter()
        .filter_map(
            |kept| match list.iter().filter(|c| c.kept == *kept).count() {
                0 => None,
                count => Some(format!("{count} {}", kept.label())),
            },
        )
        .collect();
    let clauses = if list.len() == 1 { "clause" } else { "clauses" };
    format!("{} {clauses}: {}.", list.len(), counts.join(", "))
}

/// What keeps a clause, a sentence for each.
pub fn reasons(clause: &ClauseCoverage) -> Vec<String> {
    let rules = clause.rules.iter().map(|rule| {
        let ServingRule { id, mode, verdict } = rule;
        let what = match (mode, verdict) {
            (Mode::Off, _) => "is switched off",
            (Mode::Monitor, _) | (_, Verdict::Deliver) => "records it",
            (Mode::Nudge, _) => "tells the sender afterwards",
            (Mode::Enforce, Verdict::Hold) => "holds it for the sender",
            (Mode::Enforce, Verdict::Quarantine) => "keeps it for a reviewer",
            (Mode::Enforce, Verdict::Reject) => "sends it back",
        };
        format!("The rule {id} {what}.")
    });
    let features = clause.features.iter().map(|feature| {
        let ServingFeature {
            id,
            service,
            what,
            waits_for,
        } = feature;
        let does = match service {
            Service::Enforces => "Enforced",
            Service::Evidences => "Shown",
            Service::Supports => "Supported",
        };
        match waits_for {
            None => format!("{does} by {id}: {what}."),
            Some(work) => format!("Not yet: {id} ({what}) waits for {work}."),
        }
    });
    let mut said: Vec<String> = rules
        .chain(features)
        .chain(clause.beyond.iter().cloned())
        .collect();
    if said.is_empty() {
        said.push("No rule in force serves it.".into());
    }
    said
}

fn heading(kept: Kept) -> &'static str {
    match kept {
        Kept::Enforced => "Enforced",
        Kept::Watched => "Watched: recorded, or told to the sender afterwards",
        Kept::Evidenced => "Evidenced",
        Kept::Supported => "Supported",
        Kept::Waiting => "Waiting for later work",
        Kept::OutOfReach => "Out of reach of a mail gateway",
        Kept::Unaccounted => "Not accounted for",
    }
}
