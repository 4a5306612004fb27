//! A whole pack as a page that governors can read.

use std::collections::BTreeSet;

use super::page::{self, Block, Inline, Item, Page};
use super::rule::rule as sentence;
use super::wording::{joined, specimen};
use crate::condition::word_of;
use crate::coverage::{coverage, reasons};
use crate::decision::{Concern, Mode, Verdict};
use crate::pack::{AiGate, MARKING_PLACES, Pack, Rule, day_in_words, hours};

/// The pack as Markdown: its policy, its figures, its markings, its rules by concern with
/// what the sender reads, its clauses.
pub fn pack(pack: &Pack) -> String {
    page::markdown(&compose(pack))
}

/// Packs as one HTML document, each on a page of its own when printed.
pub fn packs_html<'p>(packs: impl IntoIterator<Item = &'p Pack>) -> String {
    let pages: Vec<Page> = packs.into_iter().map(compose).collect();
    page::html(&pages)
}

fn compose(pack: &Pack) -> Page {
    let mut blocks = vec![Block::Heading(1, pack.title.clone())];
    head(pack, &mut blocks);
    blocks.push(Block::Heading(2, "How to read this page".into()));
    blocks.push(Block::List(vec![
        Item::plain(
            "A message that waits for its sender is held: the sender puts it right and sends it \
             again, or gets it back after five school days.",
        ),
        Item::plain(
            "A message that waits for a reviewer is in quarantine: the headteacher, or whom the \
             school named, releases it or refuses it.",
        ),
        Item::plain(if pack.split {
            "Each recipient gets their own verdict."
        } else {
            "The strictest verdict governs the whole message."
        }),
        Item::plain(format!(
            "More than {} families who see each other's addresses are a mass disclosure.",
            pack.settings.max_visible_families
        )),
        Item::plain(format!(
            "A roster older than {} days is not relied upon.",
            pack.settings.roster_stale_days
        )),
        Item::plain(overrides(pack)),
    ]));
    markings(pack, &mut blocks);
    outsiders(pack, &mut blocks);
    if !pack.settings.hours.is_empty() {
        let item = |(name, spans): (&String, &Vec<hours::Span>)| {
            Item::plain(format!("{name}: {}", hours::said(spans)))
        };
        blocks.push(Block::Heading(2, "Hours".into()));
        blocks.push(Block::List(pack.settings.hours.iter().map(item).collect()));
    }
    blocks.push(Block::Heading(2, "Rules".into()));
    for concern in Concern::ALL {
        let rules: Vec<Item> = pack
            .rules
            .iter()
            .filter(|r| r.concern == *concern)
            .map(|r| entry(r, pack))
            .collect();
        if !rules.is_empty() {
            blocks.push(Block::Heading(3, heading(*concern).into()));
            blocks.push(Block::List(rules));
        }
    }
    clauses(pack, &mut blocks);
    blocks.push(Block::Paragraph(vec![Inline::Plain(format!(
        "This page was made from the pack {} ({}).",
        pack.name,
        pack.digest.get(..12).unwrap_or_default()
    ))]));
    Page {
        title: pack.title.clone(),
        blocks,
    }
}

fn head(pack: &Pack, blocks: &mut Vec<Block>) {
    let policy = &pack.policy;
    let mut facts = Vec::new();
    if !policy.title.is_empty() {
        facts.push(format!("The policy: {}.", policy.title));
    }
    if !policy.approved_by.is_empty() {
        facts.push(format!("Approved by: {}.", policy.approved_by));
    }
    if let Some(day) = policy.reviewed {
        facts.push(format!("Last reviewed on {}.", day_in_words(day)));
    }
    if let Some(day) = policy.next_review {
        facts.push(format!("To be reviewed again by {}.", day_in_words(day)));
    }
    if !pack.extends.is_empty() {
        facts.push(format!("It builds on: {}.", pack.extends.join(", ")));
    }
    if !facts.is_empty() {
        blocks.push(Block::List(facts.into_iter().map(Item::plain).collect()));
    }
    if !pack.contacts.is_empty() {
        blocks.push(Block::Heading(2, "Whom to ask, in this order".into()));
        blocks.push(Block::List(
            pack.contacts
                .iter()
                .map(|c| Item::plain(format!("{}: {}", c.role, c.reach)))
                .collect(),
        ));
    }
}

/// How far a sender's own word goes.
fn overrides(pack: &Pack) -> String {
    let told = pack.remedies.told.iter().map(|t| t.label().to_owned());
    format!(
        "Where a rule says so, the sender may have a held message sent for a stated reason: at \
         most {} times in 24 hours, never about more than {} pupils, and {} will be told.",
        pack.remedies.overrides_a_day,
        pack.remedies.most_pupils,
        joined(told, "and")
    )
}

fn markings(pack: &Pack, blocks: &mut Vec<Block>) {
    let places =
        pack.settings
            .marking_places
            .iter()
            .map(|place| match word_of(MARKING_PLACES, place) {
                "subject" => "the subject".to_owned(),
                "first-line" => "the first line of the text".to_owned(),
                _ => "the mail program's own label".to_owned(),
            });
    let mut items = vec![
        Item::plain(format!(
            "The lower level: {}",
            pack.markings.sensitive.join(", ")
        )),
        Item::plain(format!(
            "The upper level: {}",
            pack.markings.highly_sensitive.join(", ")
        )),
        Item::plain(format!("A marking counts in {}.", joined(places, "or"))),
    ];
    if !pack.markings.near_misses.is_empty() {
        items.push(Item::plain(format!(
            "Does not count, and the notice says what to type: {}",
            pack.markings.near_misses.join(", ")
        )));
    }
    blocks.push(Block::Heading(2, "Markings".into()));
    blocks.push(Block::List(items));
}

/// What the school has agreed about others, and its choices.
fn outsiders(pack: &Pack, blocks: &mut Vec<Block>) {
    let outsiders = &pack.settings.outsiders;
    let list = |set: &BTreeSet<String>| joined(set.iter().cloned(), "and");
    let mut items = Vec::new();
    if !outsiders.lawful.is_empty() {
        items.push(format!(
            "The law lets or makes the school tell what they must know to agencies of these \
             kinds, marked and locked: {}.",
            list(&outsiders.lawful)
        ));
    }
    if !outsiders.ai.allowed.is_empty() {
        items.push(format!(
            "AI services in use: {}.",
            list(&outsiders.ai.allowed)
        ));
    }
    if outsiders.ai.gate != AiGate::None {
        items.push(format!(
            "Any other AI service needs {} first.",
            outsiders.ai.gate.label()
        ));
    }
    if !outsiders.webmail_also.is_empty() {
        items.push(format!(
            "Counted as private mailboxes too: {}.",
            list(&outsiders.webmail_also)
        ));
    }
    if !outsiders.webmail_except.is_empty() {
        items.push(format!(
            "Not counted as private mailboxes: {}.",
            list(&outsiders.webmail_except)
        ));
    }
    for (switch, on) in &pack.settings.switches {
        let state = if *on { "on" } else { "off" };
        items.push(format!("The switch {switch} is {state}."));
    }
    if !items.is_empty() {
        blocks.push(Block::Heading(2, "Agreed with others, and chosen".into()));
        blocks.push(Block::List(items.into_iter().map(Item::plain).collect()));
    }
}

/// A rule: its sentence, and what people read when it applies.
fn entry(rule: &Rule, pack: &Pack) -> Item {
    let mut under = Vec::new();
    let told = match rule.mode {
        Mode::Enforce => rule.then > Verdict::Deliver,
        Mode::Nudge => true,
        Mode::Monitor | Mode::Off => false,
    };
    if told {
        under.push(vec![
            Inline::Plain("The sender reads: ".into()),
            Inline::Quoted(specimen(&rule.why, rule, pack)),
        ]);
        under.push(vec![
            Inline::Plain("What to do: ".into()),
            Inline::Quoted(specimen(&rule.remedy, rule, pack)),
        ]);
    }
    if let Some(tip) = &rule.acts.due(rule.mode, rule.mode).tip {
        under.push(vec![
            Inline::Plain("The tip in the notice: ".into()),
            Inline::Quoted(specimen(tip, rule, pack)),
        ]);
    }
    if let Some(reviewer) = &rule.reviewer {
        under.push(vec![
            Inline::Plain("The reviewer reads: ".into()),
            Inline::Quoted(specimen(reviewer, rule, pack)),
        ]);
    }
    Item {
        text: vec![
            Inline::Strong(rule.id.clone()),
            Inline::Plain(format!(": {}", sentence(rule))),
        ],
        under,
    }
}

fn clauses(pack: &Pack, blocks: &mut Vec<Block>) {
    if pack.clauses.is_empty() {
        return;
    }
    let items = coverage(pack)
        .into_iter()
        .map(|clause| Item {
            under: reasons(&clause)
                .into_iter()
                .map(|reason| vec![Inline::Plain(reason)])
                .collect(),
            text: vec![
                Inline::Strong(clause.clause),
                Inline::Plain(": ".into()),
                Inline::Quoted(clause.words),
            ],
        })
        .collect();
    blocks.push(Block::Heading(2, "Clauses".into()));
    blocks.push(Block::List(items));
}

/// The concern as a heading.
fn heading(concern: Concern) -> &'static str {
    match concern {
        Concern::PupilData => "Data about pupils",
        Concern::AttachmentEncryption => "Locked attachments",
        Concern::Marking => "Markings",
        Concern::PersonalAddress => "Personal addresses",
        Concern::Misdirected => "Wrong recipients",
        Concern::MassDisclosure => "Open lists of recipients",
        Concern::StaffDetails => "Private details of staff",
        Concern::Conduct => "Conduct",
        Concern::Photo => "Pictures of pupils",
        Concern::Credentials => "Passwords",
        Concern::Uninspectable => "What cannot be checked",
    }
}
