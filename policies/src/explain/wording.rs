//! Words and numbers: lists, plurals, and what stands in a rule's placeholders.

use std::collections::{BTreeMap, BTreeSet};

use schoolgate_detectors::{
    Category, Encryption, Finding, Inspection, Kind, MarkingTerms, Sensitivity,
};

use crate::facts::Relation;
use crate::pack::template;

/// What the placeholders of a sentence are filled with.
pub(crate) struct Blanks<'a> {
    pub relations: BTreeSet<Relation>,
    pub findings: &'a [usize],
    pub categories: BTreeSet<Category>,
    pub sensitivity: Sensitivity,
    pub inspection: &'a Inspection,
    pub terms: &'a MarkingTerms,
}

/// A rule's sentence with its places filled.
pub(crate) fn sentence(text: &str, blanks: &Blanks<'_>) -> String {
    template::fill(text, &|name| match name {
        "relation" => joined(blanks.relations.iter().map(|r| r.label().to_owned()), "and"),
        "found" => found(blanks),
        "marking" => marking(blanks),
        "files" => files(blanks.inspection),
        _ => String::new(),
    })
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn joined(items: impl Iterator<Item = String>, last: &str) -> String {
    let items: Vec<String> = items.collect();
    match items.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [before @ .., end] => format!("{} {last} {end}", before.join(", ")),
    }
}

/// So many of a kind: `a UPN`, `30 names of pupils`.
pub(crate) fn counted(kind: Kind, count: u32) -> String {
    if count <= 1 {
        return kind.label().to_owned();
    }
    let many = match kind {
        Kind::Upn => "unique pupil numbers (UPN)",
        Kind::Uln => "unique learner numbers (ULN)",
        Kind::NhsNumber => "NHS numbers",
        Kind::Nino => "National Insurance numbers",
        Kind::Phone => "telephone numbers",
        Kind::Postcode => "postcodes",
        Kind::DateOfBirth => "dates of birth",
        Kind::Email => "e-mail addresses",
        Kind::RosterName => "names of pupils",
        Kind::RosterForename => "first names of pupils",
        Kind::RosterUpn => "UPNs of pupils",
        Kind::RosterContact => "addresses of pupils' contacts",
        Kind::PupilTable => "lists of pupils",
        Kind::Credential => "passwords or log-ins",
        // What cannot be counted in a sentence stays as it is.
        _ => return kind.label().to_owned(),
    };
    format!("{count} {many}")
}

/// How many distinct values findings of one kind stand for. Pupils are counted once
/// however many parts name them.
pub(crate) fn distinct<'a>(findings: impl Iterator<Item = &'a Finding>) -> u32 {
    let mut pupils = BTreeSet::new();
    let mut others: u32 = 0;
    for finding in findings {
        if finding.subjects.is_empty() {
            others = others.saturating_add(finding.count.max(1));
        } else {
            pupils.extend(finding.subjects.iter().copied());
        }
    }
    others.saturating_add(u32::try_from(pupils.len()).unwrap_or(u32::MAX))
}

fn found(blanks: &Blanks<'_>) -> String {
    let mut kinds: BTreeMap<Kind, Vec<&Finding>> = BTreeMap::new();
    for finding in blanks
        .findings
        .iter()
        .filter_map(|i| blanks.inspection.findings.get(*i))
    {
        kinds.entry(finding.kind).or_default().push(finding);
    }
    kinds.remove(&Kind::CategoryPhrase);
    let mut items: Vec<String> = kinds
        .into_iter()
        .map(|(kind, list)| counted(kind, distinct(list.into_iter())))
        .collect();
    if !blanks.categories.is_empty() {
        let labels = blanks.categories.iter().map(|c| c.label().to_owned());
        items.push(format!("information about {}", joined(labels, "and")));
    }
    if items.is_empty() {
        items.push("personal information about a pupil".into());
    }
    joined(items.into_iter(), "and")
}

fn marking(blanks: &Blanks<'_>) -> String {
    let words = if blanks.sensitivity >= Sensitivity::HighlySensitive {
        &blanks.terms.highly_sensitive
    } else {
        &blanks.terms.sensitive
    };
    words.first().cloned().unwrap_or_else(|| "SENSITIVE".into())
}

/// The attachments that matter, without their names: a name can be a pupil's.
fn files(inspection: &Inspection) -> String {
    let unread: BTreeSet<_> = inspection
        .unread
        .iter()
        .filter(|u| u.reason.stops())
        .map(|u| &u.part)
        .collect();
    let types: Vec<&str> = inspection
        .parts
        .iter()
        .filter(|p| {
            unread.contains(&p.path)
                || (p.name.is_some()
                    && (matches!(
                        p.encryption,
                        Encryption::Weak(_) | Encryption::PasswordBeside(_)
                    ) || (p.sensitivity >= Sensitivity::Sensitive
                        && !p.encryption.is_strong())))
        })
        .map(|p| p.actual_type.as_str())
        .collect();
    match types.as_slice() {
        [] => "the attachment".into(),
        [""] => "an attachment".into(),
        [one] => format!("an attachment ({one})"),
        many => format!("{} attachments", many.len()),
    }
}
