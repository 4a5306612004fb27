//! The words of a rule: placeholders that are missing or say nothing, sentences that are
//! hard to read, words that accuse.

use schoolgate_detectors::Kind;

use super::{Gravity, Remark, about_rule, place_in};
use crate::condition::Leaf;
use crate::decision::{Mode, Verdict};
use crate::pack::template::places;
use crate::pack::{Pack, Rule};

/// Sentences harder than for this age, in years, are worth a remark.
const HARD: f32 = 15.0;
/// The longest few words for a list, in characters.
const MOST_LINE: usize = 80;

/// Words that accuse; a notice informs.
const ACCUSING: &[&str] = &[
    "illegal",
    "guilty",
    "offence",
    "violat",
    "misconduct",
    "breached",
    "you have broken",
    "disciplinary",
    "your fault",
];

pub(super) fn examine(pack: &Pack, remarks: &mut Vec<Remark>) {
    for rule in pack.rules.iter().filter(|r| r.mode > Mode::Monitor) {
        let Some(origin) = place_in(pack, rule) else {
            continue;
        };
        let mut say = |gravity, what| remarks.push(about_rule(gravity, rule, origin, what));
        missing(pack, rule, &mut say);
        for (key, text) in texts(rule) {
            idle(rule, key, text, &mut say);
            let lower = text.to_lowercase();
            for word in ACCUSING.iter().filter(|word| lower.contains(**word)) {
                say(
                    Gravity::Note,
                    format!("`{key}` may sound like an accusation: `{word}`"),
                );
            }
        }
        let age = reading_age(&format!("{} {}", rule.why, rule.remedy));
        if age > HARD {
            say(
                Gravity::Note,
                format!(
                    "its words suit readers of {age:.0} years; shorter sentences and words help"
                ),
            );
        }
        if rule.one_line().chars().count() > MOST_LINE {
            say(
                Gravity::Note,
                format!("`line` is longer than {MOST_LINE} characters, too long for a list"),
            );
        }
    }
}

fn texts(rule: &Rule) -> impl Iterator<Item = (&'static str, &str)> {
    [
        Some(("why", rule.why.as_str())),
        Some(("remedy", rule.remedy.as_str())),
        rule.reviewer.as_deref().map(|text| ("reviewer", text)),
        rule.line.as_deref().map(|text| ("line", text)),
        rule.acts.tip.as_deref().map(|text| ("tip", text)),
    ]
    .into_iter()
    .flatten()
}

/// Who is to mark a message must be told with which word.
fn missing(pack: &Pack, rule: &Rule, say: &mut dyn FnMut(Gravity, String)) {
    let mut leaves = Vec::new();
    rule.when.positive_leaves(&mut leaves);
    let asks_for_marking = leaves.iter().any(|leaf| {
        matches!(
            leaf,
            Leaf::Unmarked | Leaf::MarkingTooLow | Leaf::MarkingNearMiss
        )
    });
    let terms = &pack.markings;
    let mut words = terms.sensitive.iter().chain(&terms.highly_sensitive);
    let says_it =
        places(&rule.remedy).any(|p| p == "marking") || words.any(|w| rule.remedy.contains(w));
    if asks_for_marking && rule.then > Verdict::Deliver && !says_it {
        say(
            Gravity::Warning,
            "`remedy` does not say what to type: `{marking}` is missing".into(),
        );
    }
}

/// A placeholder that can only ever say the same is a slip.
fn idle(rule: &Rule, key: &str, text: &str, say: &mut dyn FnMut(Gravity, String)) {
    let mut leaves = Vec::new();
    rule.when.positive_leaves(&mut leaves);
    for place in places(text) {
        let about = match place {
            "files" if !leaves.iter().any(|l| asks_about_files(l)) => "files",
            "found" if !leaves.iter().any(|l| finds(l)) => "anything that is found",
            "limit" if !leaves.iter().any(|l| matches!(l, Leaf::VisibleFamilies(_))) => {
                "how many families see each other"
            }
            _ => continue,
        };
        say(
            Gravity::Warning,
            format!("`{key}` says `{{{place}}}`, and the rule does not ask about {about}"),
        );
    }
}

fn asks_about_files(leaf: &Leaf) -> bool {
    match leaf {
        Leaf::UnprotectedAttachment(_)
        | Leaf::EncryptedAttachment
        | Leaf::PasswordBeside
        | Leaf::FileType(_)
        | Leaf::Unread(_) => true,
        Leaf::Found { kinds, .. } => kinds.iter().any(|kind| {
            matches!(
                kind,
                Kind::EncryptionWeak
                    | Kind::EncryptionStrong
                    | Kind::PasswordBeside
                    | Kind::HiddenContent
                    | Kind::MisleadingName
                    | Kind::LimitReached
            )
        }),
        _ => false,
    }
}

/// Whether a message to which the leaf applies has something to name.
fn finds(leaf: &Leaf) -> bool {
    !matches!(
        leaf,
        Leaf::Relation(_)
            | Leaf::Outside
            | Leaf::Sender(_)
            | Leaf::Unmarked
            | Leaf::MarkingTooLow
            | Leaf::VisibleFamilies(_)
            | Leaf::Recipients(_)
            | Leaf::Forwarded(_)
            | Leaf::Hours { .. }
    )
}

/// The age, in years, at which a text is read with ease: the Flesch-Kincaid grade
/// (Kincaid and others, 1975) and five.
pub fn reading_age(text: &str) -> f32 {
    let mut words: u16 = 0;
    let mut syllables: u16 = 0;
    for word in text.split_whitespace() {
        // A placeholder is read as what stands there.
        if word.contains(['{', '}']) {
            words = words.saturating_add(2);
            syllables = syllables.saturating_add(3);
        } else if word.chars().any(char::is_alphabetic) {
            words = words.saturating_add(1);
            syllables = syllables.saturating_add(syllables_of(word));
        }
    }
    let ends = |c: char| matches!(c, '.' | '!' | '?' | ':' | ';');
    let sentences = text
        .split_inclusive(ends)
        .filter(|s| s.chars().any(char::is_alphabetic))
        .count()
        .max(1);
    if words == 0 {
        return 0.0;
    }
    let sentences = f32::from(u16::try_from(sentences).unwrap_or(u16::MAX));
    let words = f32::from(words);
    0.39 * words / sentences + 11.8 * f32::from(syllables) / words - 15.59 + 5.0
}

/// Syllables by their vowels; an `e` at the end is silent.
fn syllables_of(word: &str) -> u16 {
    let letters: String = word
        .to_lowercase()
        .chars()
        .filter(|c| c.is_ascii_alphabetic())
        .collect();
    let vowel = |c: char| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y');
    let mut count: u16 = 0;
    let mut before = false;
    for c in letters.chars() {
        let now = vowel(c);
        if now && !before {
            count = count.saturating_add(1);
        }
        before = now;
    }
    let silent = letters.ends_with('e') && !letters.ends_with("le");
    if silent && count > 1 {
        count - 1
    } else {
        count.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_words_suit_the_young_and_long_ones_do_not() {
        let easy = "Put the word at the start of the subject. Then send it again.";
        let hard = "Notwithstanding organisational considerations, inappropriate dissemination of \
                    identifiable confidential information necessitates immediate remediation.";
        assert!(reading_age(easy) < 9.0, "{}", reading_age(easy));
        assert!(reading_age(hard) > 20.0, "{}", reading_age(hard));
        assert!(reading_age("") < 1.0);
    }
}
