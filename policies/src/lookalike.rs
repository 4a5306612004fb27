//! Whether one address or domain looks like another without being it.
//!
//! A typing slip is one edit away: a letter more, less, other, or two swapped. A
//! deliberate imitation uses letters that look alike.

/// Whether two texts are one typing slip apart. Both in lower case.
pub fn one_slip(one: &str, other: &str) -> bool {
    // Lengths first: the distance costs a table, and most pairs are far apart.
    one.chars().count().abs_diff(other.chars().count()) <= 1
        && strsim::osa_distance(one, other) == 1
}

/// A name so long that two slips in it still show which was meant.
const LONG: usize = 10;

/// Whether two long texts are at most two typing slips apart, `posket` for `poskitt`.
pub fn two_slips(one: &str, other: &str) -> bool {
    let (length, another) = (one.chars().count(), other.chars().count());
    length.min(another) >= LONG
        && length.abs_diff(another) <= 2
        && strsim::osa_distance(one, other) <= 2
}

/// Public suffixes of British public bodies, which imitations continue with `.com` and the like.
const PUBLIC: &[&str] = &[
    ".gov.uk",
    ".sch.uk",
    ".nhs.uk",
    ".ac.uk",
    ".police.uk",
    ".nhs.net",
];

/// The public domain that a domain pretends to lie in: `oakshire.gov.uk.com`, `nhs.co`.
pub fn pretends_public(domain: &str) -> Option<String> {
    for ending in [".com", ".co", ".net", ".org", ".info"] {
        if let Some(stem) = domain.strip_suffix(ending) {
            let dotted = format!(".{stem}");
            if PUBLIC.iter().any(|p| dotted.ends_with(p)) {
                return Some(stem.to_owned());
            }
        }
    }
    match domain {
        "nhs.co" | "nhs.com" | "nhs.org" => Some("nhs.net".into()),
        _ => None,
    }
}

/// The text with look-alike letters folded to one of them: two different texts with one
/// skeleton are taken for one another by whoever reads them. Lower case in.
pub fn skeleton(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        folded.push(match c {
            '0' | 'о' | 'ο' | 'ö' | 'ó' | 'ò' => 'o',
            '1' | 'i' | 'і' | 'ı' | 'í' | 'ì' | 'ï' | '|' => 'l',
            'а' | 'α' | 'à' | 'á' | 'ä' => 'a',
            'е' | 'ё' | 'é' | 'è' | 'ë' => 'e',
            'с' | 'ç' => 'c',
            'р' | 'ρ' => 'p',
            'х' | 'χ' => 'x',
            'у' | 'ý' => 'y',
            'ѕ' | '5' => 's',
            'ԁ' => 'd',
            'һ' => 'h',
            'ј' => 'j',
            'ü' | 'ú' | 'υ' => 'u',
            'ν' => 'v',
            'к' | 'κ' => 'k',
            'т' | 'τ' => 't',
            'ո' | 'ñ' => 'n',
            other => other,
        });
    }
    folded
        .replace("rn", "m")
        .replace("vv", "w")
        .replace("cl", "d")
}

/// Whether a mailbox name is one that belongs to an office rather than a person, so that
/// the same name elsewhere proves nothing.
pub fn is_generic(local: &str) -> bool {
    const GENERIC: &[&str] = &[
        "accounts",
        "admin",
        "bookings",
        "contact",
        "data",
        "enquiries",
        "family",
        "finance",
        "hello",
        "help",
        "info",
        "office",
        "postmaster",
        "reception",
        "sales",
        "school",
        "support",
        "team",
    ];
    GENERIC.contains(&local)
}

/// Whether a mailbox name could be this person's: `j.smith`, `jsmith82`, `smith.jo` for
/// Jo Smith. A bare first name is nobody's in particular.
pub fn fits_name(local: &str, name: &str) -> bool {
    let bare = bare_name(local);
    name_forms(name).contains(&bare)
}

/// Whether a mailbox name bears this person's name among other words: `idris.webb71`,
/// `home-iwebb`, `webb.idris.private` for Idris Webb.
pub fn bears_name(local: &str, name: &str) -> bool {
    if fits_name(local, name) {
        return true;
    }
    let spelt = spelt_names(local);
    let forms = name_forms(name);
    spelt.iter().any(|form| forms.contains(form))
}

/// The names that a mailbox name may spell: each word of four letters and more, and each two words
/// that stand together.
pub(crate) fn spelt_names(local: &str) -> Vec<String> {
    let words: Vec<String> = local
        .split('+')
        .next()
        .unwrap_or_default()
        .to_lowercase()
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    let pairs = words.windows(2).map(|pair| pair.concat());
    let long = words.iter().filter(|word| word.chars().count() >= 5);
    pairs.chain(long.cloned()).collect()
}

/// The mailbox names that hold a person's whole first and last name, in either order.
pub(crate) fn full_name_forms(name: &str) -> Vec<String> {
    match name_words(name).as_slice() {
        [first, .., last] if first.chars().count() >= 2 && last.chars().count() >= 3 => {
            vec![format!("{first}{last}"), format!("{last}{first}")]
        }
        _ => Vec::new(),
    }
}

/// A mailbox name without its tag, digits and separators, in lower case.
pub(crate) fn bare_name(local: &str) -> String {
    local
        .split('+')
        .next()
        .unwrap_or_default()
        .chars()
        .filter(|c| c.is_alphabetic())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The mailbox names, bare, that a person with this name is likely to have. Titles are
/// left out; none for a name of one word or with a very short surname.
pub(crate) fn name_forms(name: &str) -> Vec<String> {
    let words = name_words(name);
    match words.as_slice() {
        [first, .., last] if last.chars().count() >= 3 => {
            let initial: String = first.chars().take(1).collect();
            vec![
                format!("{first}{last}"),
                format!("{last}{first}"),
                format!("{initial}{last}"),
                format!("{last}{initial}"),
            ]
        }
        _ => Vec::new(),
    }
}

fn name_words(name: &str) -> Vec<String> {
    const TITLES: &[&str] = &[
        "mr",
        "mrs",
        "miss",
        "ms",
        "mx",
        "dr",
        "prof",
        "professor",
        "rev",
        "revd",
        "sir",
        "fr",
    ];
    // "Smith, Jo" is Jo Smith.
    let turned = match name.split_once(',') {
        Some((last, first)) => format!("{first} {last}"),
        None => name.to_owned(),
    };
    turned
        .split_whitespace()
        .map(|word| {
            word.chars()
                .filter(|c| c.is_alphabetic())
                .flat_map(char::to_lowercase)
                .collect::<String>()
        })
        .filter(|word| !word.is_empty() && !TITLES.contains(&word.as_str()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_and_imitations_are_alike() {
        for (one, other) in [
            ("gmial.com", "gmail.com"),
            ("gmai.com", "gmail.com"),
            ("hotmail.con", "hotmail.com"),
            ("exarnple.test", "example.test"),
            ("0ak.example", "oak.example"),
            ("oаk.example", "oak.example"),
        ] {
            let imitates = skeleton(one) == skeleton(other);
            assert!(one_slip(one, other) || imitates, "{one} {other}");
        }
    }

    #[test]
    fn the_different_are_not_alike() {
        for (one, other) in [("hotmail.com", "gmail.com"), ("oak.example", "elm.example")] {
            let imitates = skeleton(one) == skeleton(other);
            assert!(!one_slip(one, other) && !imitates, "{one} {other}");
        }
    }

    #[test]
    fn public_bodies_are_imitated_with_a_further_ending() {
        assert_eq!(
            pretends_public("oakshire.gov.uk.com").as_deref(),
            Some("oakshire.gov.uk")
        );
        assert_eq!(pretends_public("nhs.co").as_deref(), Some("nhs.net"));
        assert_eq!(pretends_public("oakshire.gov.uk"), None);
        assert_eq!(pretends_public("example.com"), None);
    }

    #[test]
    fn two_slips_show_in_a_long_name_only() {
        assert!(two_slips("gwen.posket", "gwen.poskitt"));
        assert!(!two_slips("jo.ash", "jo.oak"));
        assert!(!two_slips("gwen.fenwick", "gwen.crompton"));
    }

    #[test]
    fn a_mailbox_may_bear_a_name_among_other_words() {
        for local in [
            "private-idris.webb71",
            "webb.idris.home",
            "home-iwebb",
            "idriswebb+x",
        ] {
            assert!(bears_name(local, "Idris Webb"), "{local}");
        }
        for local in ["idris.crompton", "webb", "family.webb", "w.idris.smith", ""] {
            assert!(!bears_name(local, "Idris Webb"), "{local}");
        }
    }

    #[test]
    fn a_mailbox_fits_its_owner_only() {
        for local in [
            "j.smith",
            "jo.smith",
            "josmith82",
            "smith_jo",
            "smithj",
            "JSmith+school",
        ] {
            assert!(fits_name(local, "Mrs Jo Smith"), "{local}");
        }
        assert!(fits_name("j.smith", "Smith, Jo"));
        for local in ["jo", "smith", "j.smythe", "a.smith", ""] {
            assert!(!fits_name(local, "Jo Smith"), "{local}");
        }
        assert!(!fits_name("mrssmith", "Mrs Smith"));
    }
}
