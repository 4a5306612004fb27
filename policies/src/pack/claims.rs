//! What a pack claims for its clauses: `[coverage]`.

use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::DeTable;

use super::Pack;
use super::reader::{Node, Reader};
use crate::coverage::{FEATURES, Feature};

/// The longest reason why a clause is out of reach, in characters.
const MOST_REASON: usize = 400;
/// The most rules or features for one clause.
const MOST_OF_EACH: usize = 100;
/// The most words for rules in one text: each is held against every rule.
const MOST_WORDS: usize = 2_000;
/// The most pairs of a clause and a rule that serves it; a school's policy has hundreds.
const MOST_PAIRS: usize = 50_000;

/// What keeps a clause besides the rules that serve it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claim {
    /// The gateway itself stops what breaks it.
    pub enforced: Vec<Feature>,
    /// They show whether it is kept.
    pub evidence: Vec<Feature>,
    /// They make it easier to keep.
    pub support: Vec<Feature>,
    /// Why a mail gateway can do no more.
    pub beyond: Option<String>,
}

/// The same as written, with the rules that serve the clause.
pub(crate) struct WrittenClaim {
    pub clause: Spanned<String>,
    pub rules: Vec<Spanned<String>>,
    pub claim: Claim,
}

/// Reads the table: a clause's id, and what keeps it.
pub(crate) fn read(reader: &mut Reader<'_>, pack: &DeTable<'_>) -> Vec<WrittenClaim> {
    let Some(table) = pack
        .get("coverage")
        .and_then(|n| reader.table(n, "coverage"))
    else {
        return Vec::new();
    };
    let mut claims = Vec::new();
    for (key, node) in table.iter().take(super::MOST_CLAUSES) {
        let Some(entry) = reader.table(node, key.get_ref()) else {
            continue;
        };
        reader.only(
            entry,
            &["rules", "enforced", "evidence", "support", "beyond"],
        );
        if entry.is_empty() {
            reader.mistake(node.span(), "it names nothing that keeps the clause");
        }
        claims.push(WrittenClaim {
            clause: Spanned::new(key.span(), key.get_ref().to_string()),
            rules: match entry.get("rules") {
                Some(n) => reader.strings(n, "rules"),
                None => Vec::new(),
            }
            .into_iter()
            .take(MOST_OF_EACH)
            .collect(),
            claim: Claim {
                enforced: features(reader, entry.get("enforced"), "enforced"),
                evidence: features(reader, entry.get("evidence"), "evidence"),
                support: features(reader, entry.get("support"), "support"),
                beyond: entry
                    .get("beyond")
                    .and_then(|n| reader.line(n, "beyond", MOST_REASON)),
            },
        });
    }
    let words: usize = claims.iter().map(|c| c.rules.len()).sum();
    if words > MOST_WORDS {
        let span = pack.get("coverage").map_or(0..0, |n| n.span());
        reader.mistake(
            span,
            format!("`coverage` names rules more than {MOST_WORDS} times"),
        );
        claims.clear();
    }
    claims
}

fn features(reader: &mut Reader<'_>, node: Option<&Node<'_>>, key: &str) -> Vec<Feature> {
    let Some(node) = node else {
        return Vec::new();
    };
    reader
        .strings(node, key)
        .iter()
        .take(MOST_OF_EACH)
        .filter_map(|text| reader.one_of(text, "feature", FEATURES))
        .collect()
}

/// Puts the clauses into the rules that serve them, and keeps what else keeps them.
pub(crate) fn settle(
    reader: &mut Reader<'_>,
    pack: &mut Pack,
    claims: Vec<WrittenClaim>,
    base_refused: bool,
) {
    let Pack {
        clauses,
        rules,
        claims: kept,
        ..
    } = pack;
    kept.retain(|clause, _| clauses.contains_key(clause));
    // What a rule cites by its own word; a clause stands in the table once.
    let cited: Vec<BTreeSet<String>> = rules
        .iter()
        .map(|r| r.clauses.iter().cloned().collect())
        .collect();
    let mut pairs = 0;
    for written in claims {
        let clause = written.clause.get_ref();
        if !clauses.contains_key(clause) && !base_refused {
            let valid = clauses.keys().map(String::as_str);
            reader.unknown(written.clause.span(), "clause", clause, valid);
        }
        let mut serving = BTreeSet::new();
        for word in &written.rules {
            let named = rules.iter().enumerate();
            let named = named.filter(|(_, rule)| names(word.get_ref(), &rule.id));
            let mut found = false;
            serving.extend(named.map(|(i, _)| i).inspect(|_| found = true));
            if !found && !base_refused {
                let valid = rules.iter().map(|r| r.id.as_str());
                reader.unknown(word.span(), "rule", word.get_ref(), valid);
            }
        }
        pairs += serving.len();
        if pairs > MOST_PAIRS {
            let what = format!("more than {MOST_PAIRS} times a rule serves a clause");
            reader.mistake(written.clause.span(), what);
            return;
        }
        for (i, rule) in rules.iter_mut().enumerate() {
            let already = cited.get(i).is_some_and(|c| c.contains(clause));
            if serving.contains(&i) && !already {
                rule.clauses.push(clause.clone());
            }
        }
        kept.insert(clause.clone(), written.claim);
    }
}

/// Whether a word of the table names a rule: its id, or `marking.*` for all that begin so.
fn names(word: &str, id: &str) -> bool {
    match word.strip_suffix('*') {
        Some(start) if start.ends_with('.') => id.starts_with(start),
        _ => word == id,
    }
}
