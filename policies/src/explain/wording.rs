//! Words and numbers: lists, plurals, and what stands in a rule's placeholders.

use std::collections::{BTreeMap, BTreeSet};

use schoolgate_detectors::{
    Category, Encryption, Finding, Inspection, Kind, MarkingPlace, Sensitivity,
};

use crate::matter::hints_at_pupils;
use crate::pack::{Pack, Rule, template};

/// What the placeholders of a sentence are filled with.
pub(crate) struct Blanks<'a> {
    pub relation: &'a str,
    pub found: &'a str,
    pub files: &'a str,
    pub sensitivity: Sensitivity,
    pub pack: &'a Pack,
    pub clauses: &'a [String],
}

/// A rule's sentence with its places filled.
pub(crate) fn sentence(text: &str, blanks: &Blanks<'_>) -> String {
    template::fill(text, &|name| match name {
        "relation" => blanks.relation.into(),
        "found" => blanks.found.into(),
        "marking" => marking(blanks).into(),
        "where" => place(&blanks.pack.settings.marking_places).into(),
        "files" => blanks.files.into(),
        "clauses" => clauses(blanks.clauses).into(),
        "limit" => blanks.pack.settings.max_visible_families.to_string().into(),
        _ => "".into(),
    })
}

/// A rule's sentence as it may read, for people who look at the rule itself.
pub(crate) fn specimen(text: &str, rule: &Rule, pack: &Pack) -> String {
    template::fill(text, &|name| match name {
        "relation" => "(who it is)".into(),
        "found" => "(what was found)".into(),
        "marking" => pack
            .markings
            .sensitive
            .first()
            .map_or("", String::as_str)
            .into(),
        "where" => place(&pack.settings.marking_places).into(),
        "files" => "the attachment".into(),
        "clauses" => clauses(&rule.clauses).into(),
        "limit" => pack.settings.max_visible_families.to_string().into(),
        _ => "".into(),
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

/// So many of a kind: `a unique pupil number (UPN)`, `the names of 30 pupils`.
pub(crate) fn counted(kind: Kind, count: u32) -> String {
    if count <= 1 {
        return kind.label().to_owned();
    }
    let many = match kind {
        Kind::RosterName => return format!("the names of {count} pupils"),
        Kind::RosterForename => return format!("the first names of {count} pupils"),
        Kind::RosterUpn => return format!("the UPNs of {count} pupils"),
        Kind::PupilTable => return format!("a list of {count} pupils"),
        Kind::Upn => "unique pupil numbers (UPN)",
        Kind::Uln => "unique learner numbers (ULN)",
        Kind::NhsNumber => "NHS numbers",
        Kind::Nino => "National Insurance numbers",
        Kind::Uci => "exam candidates' identifiers (UCI)",
        Kind::Scn => "Scottish candidate numbers (SCN)",
        Kind::Chi => "CHI numbers",
        Kind::HealthAndCare => "Health and Care numbers",
        Kind::AdmissionNumber => "pupils' admission numbers",
        Kind::Trn => "teacher reference numbers",
        Kind::Dbs => "DBS certificate numbers",
        Kind::Passport => "passport numbers",
        Kind::DrivingLicence => "driving licence numbers",
        Kind::BankAccount => return format!("the details of {count} bank accounts"),
        Kind::PaymentCard => "payment card numbers",
        Kind::Iban => "international bank account numbers (IBAN)",
        Kind::Vehicle => "vehicle registrations",
        Kind::Phone => "telephone numbers",
        Kind::Postcode => "postcodes",
        Kind::DateOfBirth => "dates of birth",
        Kind::Email => "e-mail addresses",
        Kind::RosterContact => "addresses of pupils' contacts",
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
            // A list may hold some whom the roster does not know.
            let known = u32::try_from(finding.subjects.len()).unwrap_or(u32::MAX);
            others = others.saturating_add(finding.count.saturating_sub(known));
        }
    }
    others.saturating_add(u32::try_from(pupils.len()).unwrap_or(u32::MAX))
}

/// Kinds that say that somebody is meant, the strongest first: one of them is enough in a
/// sentence.
pub(crate) const PEOPLE: [Kind; 5] = [
    Kind::PupilTable,
    Kind::RosterName,
    Kind::RosterForename,
    Kind::RosterUpn,
    Kind::RosterContact,
];

/// Categories, the gravest first. A sentence names the first of them.
const GRAVEST: [Category; 16] = [
    Category::Safeguarding,
    Category::Criminal,
    Category::Court,
    Category::LookedAfter,
    Category::Health,
    Category::Send,
    Category::Biometric,
    Category::Ethnicity,
    Category::Religion,
    Category::Exclusion,
    Category::Behaviour,
    Category::FreeMeals,
    Category::Attendance,
    Category::Attainment,
    Category::Contact,
    Category::Staff,
];
/// More categories than this are "other matters".
const CATEGORIES: usize = 3;

/// What was found, the strongest first and in three pieces at most: who, by what number,
/// and what is said.
pub(crate) fn found(
    findings: &[usize],
    categories: &BTreeSet<Category>,
    inspection: &Inspection,
) -> String {
    let mut kinds: BTreeMap<Kind, Vec<&Finding>> = BTreeMap::new();
    for finding in findings.iter().filter_map(|i| inspection.findings.get(*i)) {
        kinds.entry(finding.kind).or_default().push(finding);
    }
    let count = |kind: Kind| {
        kinds
            .get(&kind)
            .map(|list| distinct(list.iter().copied()))
            .filter(|count| *count > 0)
    };
    let numbers = count(Kind::RosterUpn).or(count(Kind::Upn));
    let mut items = Vec::new();
    match PEOPLE
        .into_iter()
        .find_map(|kind| count(kind).map(|count| (kind, count)))
    {
        // A number that names a pupil by itself is said as what it is.
        None | Some((Kind::RosterUpn | Kind::RosterContact, _)) if numbers.is_some() => {
            items.extend(numbers.map(|count| counted(Kind::Upn, count)));
        }
        Some((kind, count)) => {
            let mut who = counted(kind, count);
            match numbers {
                Some(_) if count <= 1 => who.push_str(" with the UPN"),
                Some(_) => who.push_str(" with their UPNs"),
                None => {}
            }
            items.push(who);
        }
        None => {}
    }
    items.extend(matter(categories));
    if items.is_empty() {
        // Nothing about pupils: a password, a colleague's number, a hidden sheet.
        items.extend(
            kinds
                .keys()
                .filter(|kind| !hints_at_pupils(**kind))
                .filter_map(|kind| count(*kind).map(|count| counted(*kind, count)))
                .take(CATEGORIES),
        );
    }
    if items.is_empty() {
        items.push("personal information about a pupil".into());
    }
    joined(items.into_iter(), "and")
}

/// "information about …", the gravest categories by name.
pub(crate) fn matter(categories: &BTreeSet<Category>) -> Option<String> {
    let mut labels: Vec<String> = GRAVEST
        .into_iter()
        .filter(|category| categories.contains(category))
        .map(|category| category.label().to_owned())
        .collect();
    if labels.is_empty() {
        return None;
    }
    if labels.len() > CATEGORIES {
        labels.truncate(CATEGORIES - 1);
        labels.push("other matters".into());
    }
    Some(format!(
        "information about {}",
        joined(labels.into_iter(), "and")
    ))
}

/// Where to put a marking, in words.
fn place(places: &[MarkingPlace]) -> &'static str {
    match places.first() {
        Some(MarkingPlace::FirstLine) => "in the first line of the email",
        Some(MarkingPlace::Header) => "on the email with your mail program's label",
        _ => "at the start of the subject",
    }
}

/// `clause 001-17`, `clauses 001-17 and 003-15`.
pub(crate) fn clauses(ids: &[String]) -> String {
    match ids {
        [] => "the school's policy".into(),
        [one] => format!("clause {one}"),
        many => format!("clauses {}", joined(many.iter().cloned(), "and")),
    }
}

fn marking<'a>(blanks: &Blanks<'a>) -> &'a str {
    let terms = &blanks.pack.markings;
    let words = if blanks.sensitivity >= Sensitivity::HighlySensitive {
        &terms.highly_sensitive
    } else {
        &terms.sensitive
    };
    words.first().map_or("SENSITIVE", String::as_str)
}

/// The attachments that matter, without their names: a name can be a pupil's.
pub(crate) fn files(inspection: &Inspection) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_has_its_rank() {
        for category in Category::ALL {
            assert!(GRAVEST.contains(category), "{}", category.as_str());
        }
    }
}
