//! Whether one address or domain looks like another without being it.
//!
//! A typing slip is one edit away: a letter more, less, other, or two swapped. A
//! deliberate imitation uses letters that look alike.

/// Whether two texts differ but would be taken for one another: one edit apart, or
/// the same once look-alike letters are folded. Both in lower case.
pub fn alike(one: &str, other: &str) -> bool {
    if one == other {
        return false;
    }
    // Lengths first: the distance costs a table, and most pairs are far apart.
    let (a, b) = (one.chars().count(), other.chars().count());
    (a.abs_diff(b) <= 1 && strsim::osa_distance(one, other) == 1)
        || (a.abs_diff(b) <= 4 && skeleton(one) == skeleton(other))
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

/// The text with look-alike letters folded to one of them.
fn skeleton(text: &str) -> String {
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
/// Jo Smith. Titles are left out; a bare first name is nobody's in particular.
pub fn fits_name(local: &str, name: &str) -> bool {
    let words = name_words(name);
    let (Some(first), Some(last)) = (words.first(), words.last()) else {
        return false;
    };
    if words.len() < 2 || last.chars().count() < 3 {
        return false;
    }
    let bare: String = local
        .split('+')
        .next()
        .unwrap_or_default()
        .chars()
        .filter(|c| c.is_alphabetic())
        .flat_map(char::to_lowercase)
        .collect();
    let initial: String = first.chars().take(1).collect();
    bare == format!("{first}{last}")
        || bare == format!("{last}{first}")
        || bare == format!("{initial}{last}")
        || bare == format!("{last}{initial}")
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
            assert!(alike(one, other), "{one} {other}");
        }
    }

    #[test]
    fn the_same_and_the_different_are_not_alike() {
        for (one, other) in [
            ("gmail.com", "gmail.com"),
            ("hotmail.com", "gmail.com"),
            ("oak.example", "elm.example"),
        ] {
            assert!(!alike(one, other), "{one} {other}");
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
