//! The words in cells and options.

use std::collections::BTreeSet;

use schoolgate_detectors::Category;
use schoolgate_detectors::identifiers::upn;
use schoolgate_policies::exceptions::{ALLOWANCES, Allowance, Permission};

/// The word in the matter of a permission that stands for photographs.
pub const PHOTO: &str = "photo";

/// The entries of one cell.
pub(super) fn listed(text: &str) -> Vec<&str> {
    text.split([';', ',', '|', ' '])
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .collect()
}

/// A UPN as the roster has it.
///
/// # Errors
/// What it should look like.
pub fn parse_upn(text: &str) -> Result<String, &'static str> {
    let upn = text.trim().to_uppercase();
    match upn::is_valid(&upn) {
        true => Ok(upn),
        false => Err("this is no UPN: a letter, then twelve characters; one of them may be a slip"),
    }
}

/// The categories of a permission, and whether photographs are among them.
///
/// # Errors
/// A word is unknown; the text names the nearest.
pub fn parse_matter(words: &[&str]) -> Result<(BTreeSet<Category>, bool), String> {
    let mut categories = BTreeSet::new();
    let mut photos = false;
    for word in words {
        let folded = word.to_lowercase().replace('_', "-");
        if folded == PHOTO {
            photos = true;
        } else if let Some(category) = Category::parse(&folded) {
            categories.insert(category);
        } else {
            let known = Category::ALL.iter().map(|c| c.as_str()).chain([PHOTO]);
            return Err(unknown("category", &folded, known));
        }
    }
    Ok((categories, photos))
}

/// What a permission allows besides.
///
/// # Errors
/// A word is unknown; the text names the nearest.
pub fn parse_allowances(words: &[&str]) -> Result<BTreeSet<Allowance>, String> {
    words
        .iter()
        .map(|word| {
            let folded = word.to_lowercase();
            ALLOWANCES
                .iter()
                .find(|(_, known)| *known == folded)
                .map(|(allowance, _)| *allowance)
                .ok_or_else(|| {
                    unknown(
                        "allowance",
                        &folded,
                        ALLOWANCES.iter().map(|(_, word)| *word),
                    )
                })
        })
        .collect()
}

fn unknown<'k>(what: &str, word: &str, known: impl Iterator<Item = &'k str>) -> String {
    let known: Vec<&str> = known.collect();
    let nearest = known
        .iter()
        .map(|k| (strsim::damerau_levenshtein(k, word), *k))
        .filter(|(slips, _)| *slips <= 3)
        .min();
    match nearest {
        Some((_, nearest)) => format!("a {what} is unknown; did you mean {nearest}?"),
        None => format!("a {what} is unknown; there are {}", known.join(", ")),
    }
}

/// Whether a family agrees, as information systems write it.
pub fn parse_consent(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "given" | "yes" | "y" | "true" | "1" | "granted" | "agreed" | "consented" => Some(true),
        "withheld" | "no" | "n" | "false" | "0" | "refused" | "declined" | "denied"
        | "withdrawn" => Some(false),
        _ => None,
    }
}

/// The words for what a permission is for.
pub fn matter(permission: &Permission) -> Vec<&'static str> {
    let photo = permission.photos.then_some(PHOTO);
    let categories = permission.categories.iter().map(|c| c.as_str());
    categories.chain(photo).collect()
}

/// The words for what a permission allows besides.
pub fn allowances(permission: &Permission) -> Vec<&'static str> {
    ALLOWANCES
        .iter()
        .filter(|(allowance, _)| permission.allows.contains(allowance))
        .map(|(_, word)| *word)
        .collect()
}
