//! What a pack claims for its clauses: `[coverage]`.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::DeTable;

use super::reader::{Node, Reader};
use crate::coverage::{FEATURES, Feature};

/// The longest reason why a clause is out of reach, in characters.
const MOST_REASON: usize = 400;
/// The most rules or features for one clause.
const MOST_OF_EACH: usize = 100;

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

/// Keeps the claims for the clauses that the pack still quotes.
pub(crate) fn keep_quoted(
    claims: &mut BTreeMap<String, Claim>,
    clauses: &BTreeMap<String, String>,
) {
    claims.retain(|clause, _| clauses.contains_key(clause));
}
