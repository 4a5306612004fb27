//! From the text of a pack to a checked [`Pack`], joined with what it extends.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use aws_lc_rs::digest;
use schoolgate_detectors::MarkingTerms;

use super::checked::{Origin, Pack, PackSettings, Rule};
use super::claims;
use super::error::{Mistake, PackErrors};
use super::head::PolicyDocument;
use super::reader::Reader;
use super::remedies::RemedyTerms;
use super::switches;
use super::words;
use super::written::{self, WrittenPack, WrittenRule};
use super::{MOST_BYTES, MOST_PARENTS};
use crate::acts::{Acts, TicketWish};
use crate::condition::{Condition, Leaf};
use crate::decision::{Mode, Verdict};

impl Pack {
    /// Reads and checks a pack. `parent` gives the text of the pack with a name, for
    /// `extends`; the packs that ship are known without it.
    ///
    /// # Errors
    /// Every mistake, with line, column and the nearest valid word.
    pub fn load(text: &str, parent: &dyn Fn(&str) -> Option<String>) -> Result<Pack, PackErrors> {
        load(text, None, &mut Vec::new(), parent).map_err(|mistakes| PackErrors { mistakes })
    }
}

fn load(
    text: &str,
    asked_as: Option<&str>,
    above: &mut Vec<String>,
    parent: &dyn Fn(&str) -> Option<String>,
) -> Result<Pack, Vec<Mistake>> {
    let mut reader = Reader::new(text, asked_as.map(str::to_owned));
    if text.len() > MOST_BYTES {
        reader.mistake(0..0, format!("a pack has at most {MOST_BYTES} octets"));
        return Err(reader.mistakes);
    }
    let written = written::read(&mut reader, text);
    let (base, refused) = match base(&mut reader, &written, above, parent) {
        Ok(base) => (base, Vec::new()),
        Err(refused) => (None, refused),
    };
    let pack = join(&mut reader, text, written, base, !refused.is_empty());
    let mut mistakes = reader.mistakes;
    mistakes.sort_by_key(|m| (m.line, m.column));
    mistakes.extend(refused);
    if mistakes.is_empty() {
        Ok(pack)
    } else {
        Err(mistakes)
    }
}

/// The pack that this one extends, or the mistakes in that.
fn base(
    reader: &mut Reader<'_>,
    written: &WrittenPack,
    above: &mut Vec<String>,
    parent: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<Pack>, Vec<Mistake>> {
    let Some(extends) = &written.extends else {
        return Ok(None);
    };
    let name = extends.get_ref();
    if above.contains(name) || above.len() >= MOST_PARENTS {
        reader.mistake(
            extends.span(),
            format!("`{name}` is extended in a circle, or more than {MOST_PARENTS} packs deep"),
        );
        return Err(Vec::new());
    }
    let text = match parent(name) {
        Some(text) => text,
        None => match Pack::shipped_text(name) {
            Some(text) => text.to_owned(),
            None => {
                reader.unknown(extends.span(), "pack", name, Pack::shipped_names());
                return Err(Vec::new());
            }
        },
    };
    above.push(name.clone());
    let loaded = load(&text, Some(name), above, parent);
    above.pop();
    loaded.map(Some)
}

fn join(
    reader: &mut Reader<'_>,
    text: &str,
    written: WrittenPack,
    base: Option<Pack>,
    base_refused: bool,
) -> Pack {
    let name = match &written.name {
        Some(name) => {
            let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            if name.get_ref().is_empty() || !name.get_ref().chars().all(fits) {
                reader.mistake(
                    name.span(),
                    "a pack's name is made of small letters, digits and `-`",
                );
            }
            name.get_ref().clone()
        }
        None => {
            if reader.mistakes.is_empty() {
                reader.mistake(0..0, "a pack needs a `name`");
            }
            String::new()
        }
    };
    let mut extends = Vec::new();
    let mut parent_digest = String::new();
    let mut pack = match base {
        Some(base) => {
            extends.push(base.name.clone());
            extends.extend(base.extends.iter().cloned());
            parent_digest.clone_from(&base.digest);
            base
        }
        None => Pack {
            name: String::new(),
            title: String::new(),
            digest: String::new(),
            extends: Vec::new(),
            policy: PolicyDocument::default(),
            contacts: Vec::new(),
            split: false,
            settings: PackSettings::default(),
            remedies: RemedyTerms::default(),
            markings: MarkingTerms::default(),
            clauses: BTreeMap::new(),
            own_clauses: BTreeSet::new(),
            claims: BTreeMap::new(),
            rules: Vec::new(),
            examples: Vec::new(),
        },
    };
    pack.title = written.title.unwrap_or_else(|| name.clone());
    pack.name = name;
    pack.digest = digest_of(text, &parent_digest);
    pack.extends = extends;
    pack.policy = written
        .policy
        .unwrap_or_else(|| std::mem::take(&mut pack.policy));
    pack.contacts = written
        .contacts
        .unwrap_or_else(|| std::mem::take(&mut pack.contacts));
    pack.split = written.split.unwrap_or(pack.split);
    let settings = &mut pack.settings;
    settings.max_visible_families = written
        .settings
        .max_visible_families
        .unwrap_or(settings.max_visible_families);
    settings.roster_stale_days = written
        .settings
        .roster_stale_days
        .unwrap_or(settings.roster_stale_days);
    settings.tips_a_day = written.settings.tips_a_day.unwrap_or(settings.tips_a_day);
    settings.hours.extend(written.hours);
    written.remedies.join(&mut pack.remedies);
    let markings = written.markings;
    if let Some(words) = markings.sensitive {
        pack.markings.sensitive = words;
    }
    if let Some(words) = markings.highly_sensitive {
        pack.markings.highly_sensitive = words;
    }
    if let Some(words) = markings.near_misses {
        pack.markings.near_misses = words;
    }
    if let Some(places) = markings.places {
        pack.settings.marking_places = places;
    }
    written.outsiders.settle(&mut pack.settings.outsiders);
    let switches = switches::settle(&mut pack.settings.switches, written.switches);
    pack.own_clauses = written.clauses.keys().cloned().collect();
    if written.only_own_clauses {
        pack.clauses.clear();
        for rule in &mut pack.rules {
            rule.clauses.clear();
        }
    }
    pack.clauses.extend(written.clauses);
    let mut seen = BTreeSet::new();
    let mut rule_spans = BTreeMap::new();
    for rule in written.rules {
        if !seen.insert(rule.id.get_ref().clone()) {
            let id = rule.id.get_ref();
            reader.mistake(rule.id.span(), format!("the rule `{id}` stands here twice"));
            continue;
        }
        rule_spans.insert(rule.id.get_ref().clone(), rule.id.span());
        take(reader, &mut pack, rule, base_refused);
    }
    claims::settle(reader, &mut pack, written.claims, base_refused);
    if !base_refused {
        switches::check(reader, &pack, &switches, &rule_spans);
    }
    for example in &written.examples {
        for (id, span) in &example.named {
            if pack.rule(id).is_none() && !base_refused {
                let valid = pack.rules.iter().map(|r| r.id.as_str());
                reader.unknown(span.clone(), "rule", id, valid);
            }
        }
    }
    pack.examples = written.examples.into_iter().map(|e| e.example).collect();
    pack
}

/// Adds a rule, or changes the inherited one of the same id.
fn take(reader: &mut Reader<'_>, pack: &mut Pack, written: WrittenRule, base_refused: bool) {
    let id = written.id.get_ref().clone();
    let span = written.id.span();
    let origin = Origin {
        pack: pack.name.clone(),
        line: reader.line_of(span.start),
    };
    for clause in written.clauses.iter().flatten() {
        if !pack.clauses.contains_key(clause.get_ref()) && !base_refused {
            let valid = pack.clauses.keys().map(String::as_str);
            reader.unknown(clause.span(), "clause", clause.get_ref(), valid);
        }
    }
    let clauses = written
        .clauses
        .map(|list| list.into_iter().map(toml::Spanned::into_inner).collect());
    let place = pack.rules.iter().position(|r| r.id == id);

    let Some(when) = written.when else {
        match place.and_then(|i| pack.rules.get_mut(i)) {
            Some(rule) => {
                rule.concern = written.concern.unwrap_or(rule.concern);
                rule.then = written.then.unwrap_or(rule.then);
                rule.mode = written.mode.unwrap_or(rule.mode);
                rule.clauses = clauses.unwrap_or_else(|| std::mem::take(&mut rule.clauses));
                rule.why = written.why.unwrap_or_else(|| std::mem::take(&mut rule.why));
                rule.remedy = written
                    .remedy
                    .unwrap_or_else(|| std::mem::take(&mut rule.remedy));
                rule.reviewer = written.reviewer.or_else(|| rule.reviewer.take());
                rule.line = written.line.or_else(|| rule.line.take());
                rule.needs_roster = written.needs_roster.unwrap_or(rule.needs_roster);
                rule.overridable = written.overridable.unwrap_or(rule.overridable);
                written.acts.join(&mut rule.acts);
                rule.changed = Some(origin);
                check_override(reader, span.clone(), rule);
                check_consequences(reader, span, rule);
            }
            None if base_refused => {}
            None if pack.extends.is_empty() => {
                reader.mistake(span, format!("the rule `{id}` needs a `when`"));
            }
            None => {
                let valid = pack.rules.iter().map(|r| r.id.as_str());
                reader.unknown(span, "rule to change (it has no `when`)", &id, valid);
            }
        }
        return;
    };
    if !written.lacks.is_empty() {
        let keys = written.lacks.join("`, `");
        reader.mistake(span.clone(), format!("the rule `{id}` lacks `{keys}`"));
    }
    for leaf in when.iter().flat_map(named_hours) {
        if !pack.settings.hours.contains_key(leaf) && !base_refused {
            let valid = pack.settings.hours.keys().map(String::as_str);
            reader.unknown(span.clone(), "hours", leaf, valid);
        }
    }
    let (Some(when), Some(concern), Some(then), Some(clauses)) =
        (when, written.concern, written.then, clauses)
    else {
        return;
    };
    let standard = words::standard(concern);
    let mut acts = Acts::default();
    written.acts.join(&mut acts);
    let rule = Rule {
        id,
        concern,
        needs_roster: written.needs_roster.unwrap_or_else(|| when.needs_roster()),
        when,
        then,
        mode: written.mode.unwrap_or(Mode::Enforce),
        clauses,
        overridable: written.overridable.unwrap_or(false),
        why: written.why.unwrap_or_else(|| standard.why.to_owned()),
        remedy: written.remedy.unwrap_or_else(|| standard.remedy.to_owned()),
        reviewer: written.reviewer,
        line: written.line,
        acts,
        origin,
        changed: None,
    };
    check_override(reader, span.clone(), &rule);
    check_consequences(reader, span, &rule);
    match place.and_then(|i| pack.rules.get_mut(i)) {
        Some(old) => *old = rule,
        None => pack.rules.push(rule),
    }
}

fn named_hours(when: &Condition) -> Vec<&str> {
    let mut leaves = Vec::new();
    when.leaves(&mut leaves);
    leaves
        .into_iter()
        .filter_map(|leaf| match leaf {
            Leaf::Hours { name, .. } => Some(name.as_str()),
            _ => None,
        })
        .collect()
}

/// What a rule may not conclude.
fn check_consequences(reader: &mut Reader<'_>, span: Range<usize>, rule: &Rule) {
    let id = &rule.id;
    let stops = rule.then > Verdict::Deliver;
    // When somebody writes is their own affair: no message waits for it.
    if stops && rule.mode == Mode::Enforce && !named_hours(&rule.when).is_empty() {
        let what = format!(
            "the rule `{id}` asks for the time, so its mode can be only off, monitor or nudge"
        );
        reader.mistake(span.clone(), what);
    }
    if rule.acts.ticket == Some(TicketWish::Suspected) && !stops {
        let what = format!("the rule `{id}` wants a ticket, which only a rule that stops can open");
        reader.mistake(span, what);
    }
}

/// `override` lets a sender answer a hold; some harm is beyond anybody's word.
fn check_override(reader: &mut Reader<'_>, span: std::ops::Range<usize>, rule: &Rule) {
    if !rule.overridable {
        return;
    }
    let (id, concern) = (&rule.id, rule.concern.as_str());
    if !rule.concern.may_be_overridden() {
        let what = format!("the rule `{id}` cannot have `override`: nobody may override {concern}");
        reader.mistake(span, what);
    } else if rule.then != Verdict::Hold {
        let what = format!("the rule `{id}` has `override`, which only a rule that holds can have");
        reader.mistake(span, what);
    }
}

fn digest_of(text: &str, parent: &str) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(parent.as_bytes());
    context.update(b"\n");
    context.update(text.as_bytes());
    context
        .finish()
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
