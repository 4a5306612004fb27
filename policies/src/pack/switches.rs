//! The choices of a pack that its rules ask for by name: `[switches]`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::Spanned;
use toml::de::DeTable;

use super::Pack;
use super::reader::Reader;

/// The most switches in one text.
const MOST_SWITCHES: usize = 100;
/// The longest name of a switch, in characters.
pub(crate) const MOST_NAME: usize = 80;

/// Reads the table: a name, and whether it is on.
pub(crate) fn read(reader: &mut Reader<'_>, pack: &DeTable<'_>) -> Vec<(Spanned<String>, bool)> {
    let Some(table) = pack
        .get("switches")
        .and_then(|n| reader.table(n, "switches"))
    else {
        return Vec::new();
    };
    if table.len() > MOST_SWITCHES {
        let span = pack.get("switches").map_or(0..0, |n| n.span());
        reader.mistake(span, format!("a pack has at most {MOST_SWITCHES} switches"));
    }
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let mut switches = Vec::new();
    for (key, node) in table.iter().take(MOST_SWITCHES) {
        let name = key.get_ref();
        if name.is_empty() || name.len() > MOST_NAME || !name.chars().all(fits) {
            reader.mistake(
                key.span(),
                "a switch's name is made of small letters, digits and `-`, at most 80 of them",
            );
        }
        if let Some(on) = reader.boolean(node, name) {
            switches.push((Spanned::new(key.span(), name.to_string()), on));
        }
    }
    switches
}

/// The switches that a text names, and those that were there before it.
pub(crate) struct Settled {
    inherited: BTreeSet<String>,
    new: Vec<Spanned<String>>,
}

/// Sets the switches as the text says.
pub(crate) fn settle(
    switches: &mut BTreeMap<String, bool>,
    written: Vec<(Spanned<String>, bool)>,
) -> Settled {
    let inherited: BTreeSet<String> = switches.keys().cloned().collect();
    let mut new = Vec::new();
    for (name, on) in written {
        switches.insert(name.get_ref().clone(), on);
        if !inherited.contains(name.get_ref()) {
            new.push(name);
        }
    }
    Settled { inherited, new }
}

/// Notes each switch that no rule asks for, a slip that would change nothing unseen, and
/// each that a rule asks for and no text names.
pub(crate) fn check(
    reader: &mut Reader<'_>,
    pack: &Pack,
    settled: &Settled,
    rules: &BTreeMap<String, Range<usize>>,
) {
    let known = &pack.settings.switches;
    let mut asked = BTreeSet::new();
    for rule in &pack.rules {
        for switch in rule.when.switches() {
            asked.insert(switch);
            if !known.contains_key(switch) {
                // Its place is known to within its rule.
                let span = rules.get(&rule.id).cloned().unwrap_or(0..0);
                reader.unknown(span, "switch", switch, known.keys().map(String::as_str));
            }
        }
    }
    for switch in &settled.new {
        if !asked.contains(switch.get_ref().as_str()) {
            let valid = settled.inherited.iter().map(String::as_str);
            let what = "switch (no rule asks for it)";
            reader.unknown(switch.span(), what, switch.get_ref(), valid);
        }
    }
}
