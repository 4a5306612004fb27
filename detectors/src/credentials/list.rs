//! Lines of a user's name and a password: "26dayma - Turnip3Cloud".

use super::likeness::{self, Likeness};

/// What such a list is introduced with; without it, it may be one of articles.
const TALK: [&str; 10] = [
    "reset",
    "locked out",
    "log in",
    "log-in",
    "login",
    "log on",
    "logon",
    "password",
    "account",
    "username",
];

/// What a user's name and a password are for, where neither is called so.
const USES: [&str; 12] = [
    "log",
    "account",
    "pcs",
    "pc ",
    "laptop",
    "chromebook",
    "app",
    "machine",
    "sign in",
    "computer",
    "password",
    "portal",
];

/// Whether a word looks like a chosen password: letters large and small, and figures.
fn is_chosen(word: &str) -> bool {
    word.len() >= 7
        && word.contains(|c: char| c.is_ascii_digit())
        && word.contains(char::is_lowercase)
        && word.contains(char::is_uppercase)
        && likeness::of(word) >= Likeness::Mixed
}

/// The same of a word with the signs around it. A figure is the rarest of what it needs.
fn may_be_chosen(word: &str) -> bool {
    word.bytes().any(|octet| octet.is_ascii_digit()) && is_chosen(likeness::core(word))
}

/// The passwords handed over right behind a user's name: "cover.staff and then Heron-Reed-58".
pub(super) fn behind_users(text: &str) -> Vec<(&str, usize)> {
    const JOINS: [&str; 9] = ["and", "then", "with", "/", "-", ":", "+", "&", "plus"];
    let base = text.as_ptr() as usize;
    if !text.split_whitespace().any(may_be_chosen) {
        return Vec::new();
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut found = Vec::new();
    for (number, word) in words.iter().enumerate() {
        let core = likeness::core(word);
        if !is_chosen(core) || likeness::of(core) != Likeness::Strong {
            continue;
        }
        let before = words.get(..number).unwrap_or_default();
        let mut joins = before.iter().rev();
        let joined = joins
            .by_ref()
            .take(3)
            .find(|word| !JOINS.contains(&word.to_lowercase().as_str()));
        if joined.is_some_and(|user| likeness::is_user_name(likeness::core(user)))
            && before
                .last()
                .is_some_and(|join| JOINS.contains(&join.to_lowercase().as_str()))
        {
            found.push((core, (core.as_ptr() as usize).saturating_sub(base)));
        }
    }
    let lower = text.to_lowercase();
    if USES.iter().any(|word| lower.contains(word)) {
        found
    } else {
        Vec::new()
    }
}

/// The passwords of a list, each with its place. One line alone is no list.
pub(super) fn passwords(text: &str) -> Vec<(&str, usize)> {
    let base = text.as_ptr() as usize;
    let found: Vec<(&str, usize)> = text
        .lines()
        .filter(|line| line.bytes().any(|octet| octet.is_ascii_digit()))
        .filter_map(|line| {
            let words: Vec<&str> = line
                .split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|'))
                .filter(|word| word.contains(char::is_alphanumeric))
                .collect();
            let (last, others) = words.split_last()?;
            let user = others.last()?;
            let core = likeness::core(last);
            let is_line = others.len() <= 4
                && likeness::is_user_name(likeness::core(user))
                && is_chosen(core);
            is_line.then(|| (core, (core.as_ptr() as usize).saturating_sub(base)))
        })
        .collect();
    if found.len() < 2 {
        return Vec::new();
    }
    let lower = text.to_lowercase();
    if TALK.iter().any(|word| lower.contains(word)) {
        found
    } else {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_pairs_are_passwords() {
        for text in [
            "Reset these, please:\n26dayma - Turnip3Cloud\n26foxel - Barrel8Snow",
            "New log-ins\nInvented Child 25chilin Purple7Kite\nOther Child 25chiloth Copper4Drum",
        ] {
            assert_eq!(passwords(text).len(), 2, "{text}");
        }
        assert_eq!(
            behind_users("On the laptop use supply.room and then Heron-Basket-58."),
            [("Heron-Basket-58", 39)]
        );
    }

    #[test]
    fn articles_and_single_lines_are_none() {
        for text in [
            "Account 4411\nitem26 - Pencil\nitem27 - Ruler",
            "Reset it: 26dayma - Turnip3Cloud",
            "7b1 maths Room12\n7b2 maths Room14",
        ] {
            assert!(passwords(text).is_empty(), "{text}");
        }
        assert!(behind_users("Use the laptop and then Worksheet-12.").is_empty());
    }
}
