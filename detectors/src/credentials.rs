//! Passwords and log-ins in a text.
//!
//! What: "password: Xyz123", "PIN is 4821", "username … password …".
//!
//! Why: an account that a mail gives away opens everything behind it, and a password
//! beside the locked file locks nothing.
//!
//! How checked: the word, then a sign or "is", then something that looks like a secret
//! and not like prose: it has a figure or a sign, or stands alone at the line's end.
//!
//! Examples: `password: Sunflower7!`. Not: "password reset", "your password is the child's
//! date of birth", "password: sent by text".

use std::sync::LazyLock;

use regex::Regex;

static SHAPE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?i-u:\b(?:passwords?|passphrase|pass ?code|pwd|pword|p/w|pw|log-?in code|access code)\b)(?i)[ ]*(?:for [^\n:=]{1,40}?)?[ ]*(?:[:=]|is|are|-)[ :]*["'(]?([^\s"'()]{4,64})"#,
    )
    .ok()
});

/// The secrets that a cleaned text gives away.
pub(crate) fn find(text: &str) -> Vec<String> {
    let Some(shape) = SHAPE.as_ref() else {
        return Vec::new();
    };
    shape
        .captures_iter(text)
        .filter_map(|found| {
            let secret = found.get(1)?;
            let value = secret.as_str().trim_end_matches(['.', ',', ';']);
            let ends_line = text
                .get(secret.end()..)
                .is_none_or(|rest| rest.is_empty() || rest.starts_with('\n'));
            looks_secret(value, ends_line, found.get(0)?.as_str()).then(|| value.to_owned())
        })
        .collect()
}

fn looks_secret(value: &str, ends_line: bool, whole: &str) -> bool {
    let figure = value.contains(|c: char| c.is_ascii_digit());
    let letter = value.contains(char::is_alphabetic);
    let sign = value.contains(['!', '@', '#', '$', '%', '^', '&', '*', '?', '+', '£']);
    if value.chars().count() < 4 || value.starts_with("http") || value.contains("://") {
        return false;
    }
    // "password: Sunflower" alone on its line is one; "password is required" is prose.
    let introduced =
        whole.contains([':', '=']) && ends_line && value.chars().any(char::is_uppercase);
    (figure && (letter || sign || value.len() >= 4)) || (sign && letter) || introduced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found() {
        for (text, secret) in [
            ("The password: Sunflower7!", "Sunflower7!"),
            ("password for the file is Jamie2014.", "Jamie2014"),
            ("pw=hunter22", "hunter22"),
            ("Passcode: 482913", "482913"),
            ("Password: Sunflower\nThanks", "Sunflower"),
        ] {
            assert_eq!(find(text), [secret], "{text}");
        }
    }

    #[test]
    fn prose_gives_nothing_away() {
        for text in [
            "Please choose a password. It is required.",
            "Your password is the child's date of birth",
            "password reset link: https://school.example/reset?x=12345",
            "The password is sent by text message",
            "password policy",
            "We talked about passwords - children liked it",
        ] {
            assert!(find(text).is_empty(), "{text}");
        }
    }
}
