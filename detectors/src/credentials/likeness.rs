//! Whether a piece of text looks like a secret, and how much.

/// How much a token looks like something that only a lock understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Likeness {
    /// A word, a date, an address: only a label right before it makes it a secret.
    Plain,
    /// Figures: a code, when something says so.
    Figures,
    /// Letters with figures or signs, but short or like a reference.
    Mixed,
    /// Nothing that people write to each other otherwise.
    Strong,
}

/// Beginnings of keys that services give out, with the least length of the whole.
const PREFIXES: [(&str, usize); 20] = [
    ("sk-", 24),
    ("sk_live_", 20),
    ("sk_test_", 20),
    ("rk_live_", 20),
    ("whsec_", 20),
    ("ghp_", 30),
    ("gho_", 30),
    ("ghs_", 30),
    ("github_pat_", 30),
    ("glpat-", 20),
    ("xoxb-", 20),
    ("xoxp-", 20),
    ("xapp-", 20),
    ("AKIA", 20),
    ("ASIA", 20),
    ("AIza", 35),
    ("ya29.", 30),
    ("SG.", 30),
    ("hf_", 25),
    ("npm_", 30),
];

/// The token without the signs of a sentence around it.
pub(super) fn core(token: &str) -> &str {
    let token = token.trim_start_matches(['"', '\'', '(', '[', '<', '`', '*']);
    let token =
        token.trim_end_matches(['"', '\'', ')', ']', '>', '`', '.', ',', ';', ':', '*', '#']);
    // "Sunflower!" is a cheer, "Sunflower7!" a password.
    if token.contains(|c: char| c.is_ascii_digit()) {
        token
    } else {
        token.trim_end_matches(['!', '?'])
    }
}

/// Whether a token is a word and the signs of its sentence, as most are: it is [`Plain`]
/// without a closer look.
///
/// [`Plain`]: Likeness::Plain
pub(super) fn is_word(token: &str) -> bool {
    token
        .bytes()
        .all(|octet| octet.is_ascii_alphabetic() || b".,;:'\"()".contains(&octet))
}

/// Whether a token is a key of a known service, or a signed token.
pub(super) fn is_service_key(token: &str) -> bool {
    const SHORTEST: usize = 20;
    if token.len() < SHORTEST {
        return false;
    }
    let known = PREFIXES
        .iter()
        .any(|(prefix, least)| token.starts_with(prefix) && token.len() >= *least);
    let signed = token.starts_with("eyJ") && token.len() > 60 && token.matches('.').count() == 2;
    let clean = token
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"-_.=/+".contains(&b));
    clean && (signed || (known && is_varied(token)))
}

/// Whether letters and figures alternate as chance would have it.
pub(super) fn is_varied(token: &str) -> bool {
    let digits = token.bytes().filter(u8::is_ascii_digit).count();
    let letters = token.bytes().filter(u8::is_ascii_alphabetic).count();
    let mut seen = [false; 256];
    for byte in token.bytes() {
        if let Some(slot) = seen.get_mut(usize::from(byte)) {
            *slot = true;
        }
    }
    let distinct = seen.iter().filter(|seen| **seen).count();
    digits >= 2 && letters >= 4 && distinct >= 9
}

/// How much a token looks like a secret.
pub(super) fn of(token: &str) -> Likeness {
    if is_word(token) {
        return Likeness::Plain;
    }
    let length = token.chars().count();
    if !(4..=64).contains(&length) || is_address(token) || is_date_or_time(token) {
        return Likeness::Plain;
    }
    let digits = token.chars().filter(char::is_ascii_digit).count();
    let letters = token.chars().filter(|c| c.is_alphabetic()).count();
    let sign = token.contains([
        '!', '@', '#', '$', '%', '^', '&', '*', '?', '£', '_', '~', '=',
    ]);
    if letters == 0 {
        return if digits >= 4 && token.chars().all(|c| c.is_ascii_digit() || c == '-') {
            Likeness::Figures
        } else {
            Likeness::Plain
        };
    }
    if digits == 0 && !sign {
        // Three words joined are the pass phrase that everybody is told to choose.
        let words: Vec<&str> = token.split('-').collect();
        let phrase = words.len() >= 3
            && words
                .iter()
                .all(|word| word.len() >= 4 && word.chars().all(char::is_alphabetic));
        return if phrase {
            Likeness::Mixed
        } else {
            Likeness::Plain
        };
    }
    let lower = token.contains(char::is_lowercase);
    let joined = token.contains('-') && letters >= 6;
    if length >= 7
        && lower
        && letters >= 3
        && (sign && (digits > 0 || letters >= 6) || digits >= 1 && (joined || digits >= 2))
    {
        Likeness::Strong
    } else if digits > 0 || (sign && length >= 6 && !token.contains(['*', '+'])) {
        Likeness::Mixed
    } else {
        Likeness::Plain
    }
}

/// Web and mail addresses, paths, file names.
fn is_address(token: &str) -> bool {
    let dotted = token.rsplit_once('.').is_some_and(|(stem, ending)| {
        (2..=8).contains(&ending.len())
            && ending.chars().all(|c| c.is_ascii_alphabetic())
            && stem.chars().last().is_some_and(char::is_alphanumeric)
    });
    token.contains("://")
        || token.starts_with("www.")
        || token.starts_with('/')
        || token.contains('\\')
        || dotted
        || token.matches('/').count() > 0
}

fn is_date_or_time(token: &str) -> bool {
    let lower = token.to_lowercase();
    let ordinal = [
        "st", "nd", "rd", "th", "am", "pm", "p", "cm", "mm", "kg", "mb", "gb",
    ]
    .iter()
    .any(|end| {
        lower.strip_suffix(end).is_some_and(|stem| {
            !stem.is_empty()
                && stem
                    .chars()
                    .all(|c| c.is_ascii_digit() || ".:-".contains(c))
        })
    });
    let figures = token.chars().filter(char::is_ascii_digit).count();
    let parts = token.split(['-', '/', '.', ':']).count();
    let all = token
        .chars()
        .all(|c| c.is_ascii_digit() || "-/.:£,".contains(c));
    ordinal || token.starts_with('£') || (all && parts >= 2 && (figures < 8 || parts == 3))
}

/// Whether a word looks like a user's name: small letters with figures or a full stop.
pub(super) fn is_user_name(word: &str) -> bool {
    word.len() >= 4
        && word.contains(|c: char| c.is_ascii_lowercase())
        && word.contains(|c: char| c.is_ascii_digit() || c == '.')
        && word
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_look_like_nothing_else() {
        for token in [
            "Kestrel!Gate77",
            "brookford-1947-conker",
            "Biscuit2019",
            "OakLane2026!",
            "purple-badger-31",
            "purpletiger42",
        ] {
            assert_eq!(of(token), Likeness::Strong, "{token}");
        }
        assert!(is_service_key("ghp_9fK2mQ7xTz4LwB8rVn31cHsYpE06abcd"));
        assert!(!is_service_key("sk-learn-and-other-libraries-are-fun"));
    }

    #[test]
    fn references_dates_and_addresses_do_not() {
        for token in [
            "Thursday",
            "14/06/2026",
            "14-06-2026",
            "8.15",
            "3.30pm",
            "21st",
            "£180",
            "oaklane.example",
            "j.smith@oaklane.example",
            "https://x.example/a1b2c3d4",
            "marks2026.xlsx",
            "INC-0041902",
            "DT97",
        ] {
            assert!(of(token) < Likeness::Strong, "{token}");
        }
    }
}
