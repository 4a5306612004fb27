//! A pack as its text says it, before it is joined with the pack that it extends.

use std::collections::BTreeMap;

use schoolgate_detectors::MarkingPlace;
use toml::Spanned;
use toml::de::DeTable;

use super::acts::{self, WrittenActs};
use super::claims::{self, WrittenClaim};
use super::example::{self, WrittenExample};
use super::head::{self, Contact, PolicyDocument};
use super::hours::{self, Hours};
use super::outsiders::{self, WrittenOutsiders};
use super::reader::{Node, Reader};
use super::remedies::WrittenRemedies;
use super::switches;
use super::template;
use super::{MOST_CLAUSES, MOST_EXAMPLES, MOST_RULES, when};
use crate::condition::Condition;
use crate::decision::{Concern, Mode, Verdict};

/// Everything is optional: what a pack leaves out it takes from the one it extends.
#[derive(Default)]
pub(crate) struct WrittenPack {
    pub name: Option<Spanned<String>>,
    pub title: Option<String>,
    pub extends: Option<Spanned<String>>,
    pub policy: Option<PolicyDocument>,
    pub contacts: Option<Vec<Contact>>,
    pub split: Option<bool>,
    pub settings: WrittenSettings,
    pub hours: Hours,
    pub remedies: WrittenRemedies,
    pub markings: WrittenMarkings,
    pub outsiders: WrittenOutsiders,
    pub switches: Vec<(Spanned<String>, bool)>,
    /// The inherited rules cite only this text's clauses.
    pub only_own_clauses: bool,
    pub clauses: BTreeMap<String, String>,
    pub claims: Vec<WrittenClaim>,
    pub rules: Vec<WrittenRule>,
    pub examples: Vec<WrittenExample>,
}

#[derive(Default)]
pub(crate) struct WrittenSettings {
    pub max_visible_families: Option<u32>,
    pub roster_stale_days: Option<u32>,
    pub tips_a_day: Option<u32>,
}

#[derive(Default)]
pub(crate) struct WrittenMarkings {
    pub sensitive: Option<Vec<String>>,
    pub highly_sensitive: Option<Vec<String>>,
    pub near_misses: Option<Vec<String>>,
    pub places: Option<Vec<MarkingPlace>>,
}

/// A rule, or the change of an inherited one when it has no `when`.
pub(crate) struct WrittenRule {
    pub id: Spanned<String>,
    pub concern: Option<Concern>,
    /// `Some(None)`: there is one, and it holds a mistake.
    pub when: Option<Option<Condition>>,
    pub then: Option<Verdict>,
    pub mode: Option<Mode>,
    pub clauses: Option<Vec<Spanned<String>>>,
    pub why: Option<String>,
    pub remedy: Option<String>,
    pub reviewer: Option<String>,
    pub line: Option<String>,
    pub needs_roster: Option<bool>,
    pub acts: WrittenActs,
    pub overridable: Option<bool>,
    /// The keys of a whole rule that are not there at all.
    pub lacks: Vec<&'static str>,
}

pub(crate) const VERDICTS: &[(Verdict, &str)] = &[
    (Verdict::Deliver, "deliver"),
    (Verdict::Hold, "hold"),
    (Verdict::Quarantine, "quarantine"),
    (Verdict::Reject, "reject"),
];

pub(crate) const MODES: &[(Mode, &str)] = &[
    (Mode::Off, "off"),
    (Mode::Monitor, "monitor"),
    (Mode::Nudge, "nudge"),
    (Mode::Enforce, "enforce"),
];

/// Where a marking may stand.
pub(crate) const PLACES: &[(MarkingPlace, &str)] = &[
    (MarkingPlace::Subject, "subject"),
    (MarkingPlace::FirstLine, "first-line"),
    (MarkingPlace::Header, "header"),
];

/// The longest clause, in characters.
const MOST_QUOTED: usize = 4_000;
/// The longest marking, in characters, and the most of them.
const MOST_MARKING: usize = 100;
const MOST_MARKINGS: usize = 100;

const RULE_KEYS: &[&str] = &[
    "id",
    "concern",
    "when",
    "then",
    "mode",
    "clauses",
    "why",
    "remedy",
    "reviewer",
    "line",
    "needs-roster",
    "override",
];

/// Reads the text. Mistakes are noted in the reader; what can be read is returned.
pub(crate) fn read(reader: &mut Reader<'_>, text: &str) -> WrittenPack {
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut pack = WrittenPack::default();
    for error in &errors {
        let message = error.message().trim().replace('\n', ", ");
        reader.mistake(error.span().unwrap_or(0..0), message);
    }
    if !errors.is_empty() {
        // What a recovering parser makes of the rest would only raise phantom mistakes.
        return pack;
    }
    let table = document.get_ref();
    reader.only(
        table,
        &[
            "name",
            "title",
            "extends",
            "policy",
            "contacts",
            "split",
            "settings",
            "hours",
            "remedies",
            "switches",
            "markings",
            "agencies",
            "ai",
            "webmail",
            "own-clauses",
            "clauses",
            "coverage",
            "rules",
            "examples",
        ],
    );
    pack.name = table.get("name").and_then(|n| reader.string(n, "name"));
    pack.title = table
        .get("title")
        .and_then(|n| reader.string(n, "title"))
        .map(Spanned::into_inner);
    pack.extends = table
        .get("extends")
        .and_then(|n| reader.string(n, "extends"));
    pack.policy = table.get("policy").and_then(|n| head::policy(reader, n));
    pack.contacts = table
        .get("contacts")
        .and_then(|n| head::contacts(reader, n));
    pack.split = table.get("split").and_then(|n| reader.boolean(n, "split"));
    if let Some(node) = table.get("settings") {
        pack.settings = settings(reader, node);
    }
    if let Some(node) = table.get("hours") {
        pack.hours = hours::read(reader, node);
    }
    if let Some(node) = table.get("remedies") {
        pack.remedies = WrittenRemedies::read(reader, node);
    }
    if let Some(node) = table.get("markings") {
        pack.markings = markings(reader, node);
    }
    pack.outsiders = outsiders::read(reader, table);
    pack.switches = switches::read(reader, table);
    pack.only_own_clauses = table
        .get("own-clauses")
        .and_then(|n| reader.boolean(n, "own-clauses"))
        .unwrap_or(false);
    pack.claims = claims::read(reader, table);
    if let Some(clauses) = table
        .get("clauses")
        .and_then(|n| reader.table(n, "clauses"))
    {
        if clauses.len() > MOST_CLAUSES {
            let span = table.get("clauses").map_or(0..0, |n| n.span());
            reader.mistake(span, format!("a pack has at most {MOST_CLAUSES} clauses"));
        }
        for (key, node) in clauses.iter().take(MOST_CLAUSES) {
            if node
                .get_ref()
                .as_str()
                .is_some_and(|quote| quote.chars().count() > MOST_QUOTED)
            {
                reader.mistake(
                    node.span(),
                    format!("a clause is at most {MOST_QUOTED} characters long"),
                );
            }
            if let Some(quote) = reader.string(node, key.get_ref()) {
                pack.clauses
                    .insert(key.get_ref().to_string(), quote.into_inner());
            }
        }
    }
    if let Some(list) = table.get("rules").and_then(|n| reader.array(n, "rules")) {
        if list.len() > MOST_RULES {
            let span = list.get(MOST_RULES).map_or(0..0, |n| n.span());
            reader.mistake(span, format!("a pack has at most {MOST_RULES} rules"));
        }
        pack.rules = list
            .iter()
            .take(MOST_RULES)
            .filter_map(|node| rule(reader, node))
            .collect();
    }
    if let Some(list) = table
        .get("examples")
        .and_then(|n| reader.array(n, "examples"))
    {
        if list.len() > MOST_EXAMPLES {
            let span = list.get(MOST_EXAMPLES).map_or(0..0, |n| n.span());
            reader.mistake(span, format!("a pack has at most {MOST_EXAMPLES} examples"));
        }
        pack.examples = list
            .iter()
            .take(MOST_EXAMPLES)
            .filter_map(|node| example::read(reader, node))
            .collect();
    }
    pack
}

fn settings(reader: &mut Reader<'_>, node: &Node<'_>) -> WrittenSettings {
    let Some(table) = reader.table(node, "settings") else {
        return WrittenSettings::default();
    };
    reader.only(
        table,
        &["max-visible-families", "roster-stale-days", "tips-a-day"],
    );
    let mut number = |key: &str| {
        table
            .get(key)
            .and_then(|n| reader.number(n, key, 0..100_001))
    };
    WrittenSettings {
        max_visible_families: number("max-visible-families"),
        roster_stale_days: number("roster-stale-days"),
        tips_a_day: number("tips-a-day"),
    }
}

fn markings(reader: &mut Reader<'_>, node: &Node<'_>) -> WrittenMarkings {
    let Some(table) = reader.table(node, "markings") else {
        return WrittenMarkings::default();
    };
    reader.only(
        table,
        &["sensitive", "highly-sensitive", "near-misses", "places"],
    );
    let mut list = |key: &str, may_be_empty: bool| {
        let node = table.get(key)?;
        let words = reader.strings(node, key);
        if words.is_empty() && !may_be_empty {
            reader.mistake(node.span(), format!("`{key}` needs at least one word"));
        }
        if let Some(blank) = words.iter().find(|w| w.get_ref().trim().is_empty()) {
            reader.mistake(blank.span(), "a marking cannot be blank");
        }
        let long = |w: &&Spanned<String>| w.get_ref().chars().count() > MOST_MARKING;
        if let Some(long) = words.iter().find(long) {
            reader.mistake(
                long.span(),
                format!("a marking is at most {MOST_MARKING} characters long"),
            );
        }
        if words.len() > MOST_MARKINGS {
            reader.mistake(
                node.span(),
                format!("`{key}` names more than {MOST_MARKINGS} markings"),
            );
        }
        Some(words.into_iter().map(Spanned::into_inner).collect())
    };
    WrittenMarkings {
        sensitive: list("sensitive", false),
        highly_sensitive: list("highly-sensitive", false),
        near_misses: list("near-misses", true),
        places: table.get("places").map(|node| {
            let texts = reader.strings(node, "places");
            if texts.is_empty() {
                reader.mistake(node.span(), "`places` names nothing");
            }
            let mut places = Vec::new();
            for text in &texts {
                if let Some(place) = reader.one_of(text, "place of a marking", PLACES)
                    && !places.contains(&place)
                {
                    places.push(place);
                }
            }
            places
        }),
    }
}

fn rule(reader: &mut Reader<'_>, node: &Node<'_>) -> Option<WrittenRule> {
    let table = reader.table(node, "rules")?;
    let keys: Vec<&str> = RULE_KEYS.iter().chain(acts::KEYS).copied().collect();
    reader.only(table, &keys);
    let concerns: Vec<_> = Concern::ALL.iter().map(|c| (*c, c.as_str())).collect();
    let concern = table
        .get("concern")
        .and_then(|n| reader.word(n, "concern", "concern", &concerns));
    let when = table.get("when").map(|n| when::condition(reader, n, 1));
    let then = table
        .get("then")
        .and_then(|n| reader.word(n, "then", "verdict", VERDICTS));
    let mode = table
        .get("mode")
        .and_then(|n| reader.word(n, "mode", "mode", MODES));
    let clauses = table.get("clauses").map(|n| reader.strings(n, "clauses"));
    let why = sentence(reader, table, "why");
    let remedy = sentence(reader, table, "remedy");
    let reviewer = sentence(reader, table, "reviewer");
    let line = sentence(reader, table, "line");
    let needs_roster = table
        .get("needs-roster")
        .and_then(|n| reader.boolean(n, "needs-roster"));
    let acts = WrittenActs::read(reader, table);
    let overridable = table
        .get("override")
        .and_then(|n| reader.boolean(n, "override"));
    let Some(id) = table.get("id") else {
        reader.mistake(node.span(), "a rule needs an `id`");
        return None;
    };
    let id = reader.string(id, "id")?;
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    if id.get_ref().is_empty() || id.get_ref().len() > 80 || !id.get_ref().chars().all(fits) {
        reader.mistake(
            id.span(),
            "a rule's id is made of small letters, digits, `-` and `.`, at most 80 of them",
        );
        return None;
    }
    Some(WrittenRule {
        id,
        concern,
        when,
        then,
        mode,
        clauses,
        why,
        remedy,
        reviewer,
        line,
        needs_roster,
        acts,
        overridable,
        lacks: ["concern", "then", "clauses"]
            .into_iter()
            .filter(|key| !table.contains_key(*key))
            .collect(),
    })
}

fn sentence(reader: &mut Reader<'_>, table: &DeTable<'_>, key: &str) -> Option<String> {
    let text = table.get(key).and_then(|n| reader.string(n, key))?;
    template::check(reader, &text, key);
    Some(text.into_inner())
}
