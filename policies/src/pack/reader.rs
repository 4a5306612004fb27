//! Reads TOML values with their places and notes every mistake instead of stopping at
//! the first.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{Mistake, nearest};

/// More mistakes than this help nobody.
const MOST_MISTAKES: usize = 100;

/// A value with its place in the text.
pub(crate) type Node<'i> = Spanned<DeValue<'i>>;

/// The text under reading and what is wrong with it.
pub(crate) struct Reader<'t> {
    text: &'t str,
    pack: Option<String>,
    pub(crate) mistakes: Vec<Mistake>,
}

impl<'t> Reader<'t> {
    pub(crate) fn new(text: &'t str, pack: Option<String>) -> Self {
        Self {
            text,
            pack,
            mistakes: Vec::new(),
        }
    }

    pub(crate) fn mistake(&mut self, span: Range<usize>, what: impl Into<String>) {
        self.note(span, what.into(), None);
    }

    fn note(&mut self, span: Range<usize>, what: String, nearest: Option<String>) {
        if self.mistakes.len() >= MOST_MISTAKES {
            return;
        }
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            + 1;
        self.mistakes.push(Mistake {
            pack: self.pack.clone(),
            line,
            column,
            what,
            nearest,
        });
    }

    /// Notes a word that is not in its vocabulary.
    pub(crate) fn unknown<'a>(
        &mut self,
        span: Range<usize>,
        what: &str,
        word: &str,
        valid: impl Iterator<Item = &'a str> + Clone,
    ) {
        if self.mistakes.len() >= MOST_MISTAKES {
            return;
        }
        let near = nearest(word, valid.clone());
        let mut text = format!("unknown {what} `{}`", shortened(word));
        if near.is_none() {
            let all: Vec<&str> = valid.take(30).collect();
            if !all.is_empty() {
                text.push_str(&format!("; valid are {}", all.join(", ")));
            }
        }
        self.note(span, text, near);
    }

    /// Refuses keys that have no meaning here.
    pub(crate) fn only(&mut self, table: &DeTable<'_>, valid: &[&str]) {
        for key in table.keys() {
            let word: &str = key.get_ref();
            if !valid.contains(&word) {
                self.unknown(key.span(), "key", word, valid.iter().copied());
            }
        }
    }

    fn wrong_type(&mut self, node: &Node<'_>, key: &str, wanted: &str) {
        let found = node.get_ref().type_str();
        self.mistake(
            node.span(),
            format!("`{key}` must be {wanted}, not a value of type {found}"),
        );
    }

    pub(crate) fn table<'n, 'i>(
        &mut self,
        node: &'n Node<'i>,
        key: &str,
    ) -> Option<&'n DeTable<'i>> {
        let table = node.get_ref().as_table();
        if table.is_none() {
            self.wrong_type(node, key, "a table");
        }
        table
    }

    pub(crate) fn array<'n, 'i>(
        &mut self,
        node: &'n Node<'i>,
        key: &str,
    ) -> Option<&'n [Node<'i>]> {
        let array = node.get_ref().as_array();
        if array.is_none() {
            self.wrong_type(node, key, "a list");
        }
        array.map(|a| &a[..])
    }

    pub(crate) fn string(&mut self, node: &Node<'_>, key: &str) -> Option<Spanned<String>> {
        match node.get_ref().as_str() {
            Some(text) => Some(Spanned::new(node.span(), text.to_owned())),
            None => {
                self.wrong_type(node, key, "text in quotes");
                None
            }
        }
    }

    /// A list of texts, or one text for a list of one.
    pub(crate) fn strings(&mut self, node: &Node<'_>, key: &str) -> Vec<Spanned<String>> {
        if node.get_ref().is_str() {
            return self.string(node, key).into_iter().collect();
        }
        match self.array(node, key) {
            Some(list) => list.iter().filter_map(|n| self.string(n, key)).collect(),
            None => Vec::new(),
        }
    }

    pub(crate) fn boolean(&mut self, node: &Node<'_>, key: &str) -> Option<bool> {
        let value = node.get_ref().as_bool();
        if value.is_none() {
            self.wrong_type(node, key, "true or false");
        }
        value
    }

    /// A whole number within bounds.
    pub(crate) fn number(&mut self, node: &Node<'_>, key: &str, range: Range<u32>) -> Option<u32> {
        let number = node
            .get_ref()
            .as_integer()
            .and_then(|i| u32::from_str_radix(i.as_str(), i.radix()).ok())
            .filter(|n| range.contains(n));
        if number.is_none() {
            let (low, high) = (range.start, range.end.saturating_sub(1));
            self.wrong_type(node, key, &format!("a whole number from {low} to {high}"));
        }
        number
    }

    /// A day, written as a date of TOML or in quotes.
    pub(crate) fn day(&mut self, node: &Node<'_>, key: &str) -> Option<jiff::civil::Date> {
        let written = match node.get_ref() {
            DeValue::Datetime(when) if when.time.is_none() => when.to_string(),
            DeValue::String(text) => text.to_string(),
            _ => String::new(),
        };
        let day = written.parse().ok();
        if day.is_none() {
            self.wrong_type(node, key, "a day such as 2026-09-01");
        }
        day
    }

    /// A day with its time of day, as a clock on the wall shows it.
    pub(crate) fn moment(&mut self, node: &Node<'_>, key: &str) -> Option<jiff::civil::DateTime> {
        let written = match node.get_ref() {
            DeValue::Datetime(when) if when.offset.is_none() => when.to_string(),
            DeValue::String(text) => text.to_string(),
            _ => String::new(),
        };
        let moment = written.parse().ok();
        if moment.is_none() {
            self.wrong_type(node, key, "a day and a time such as 2026-09-01T18:30:00");
        }
        moment
    }

    /// A text of one line that is neither blank nor longer than `most` characters.
    pub(crate) fn line(&mut self, node: &Node<'_>, key: &str, most: usize) -> Option<String> {
        let text = self.string(node, key)?;
        if text.get_ref().trim().is_empty() {
            self.mistake(text.span(), format!("`{key}` is blank"));
            return None;
        }
        if text.get_ref().chars().count() > most {
            self.mistake(
                text.span(),
                format!("`{key}` is longer than {most} characters"),
            );
            return None;
        }
        Some(text.into_inner())
    }

    /// The line of an octet in the text, from 1.
    pub(crate) fn line_of(&self, place: usize) -> usize {
        let before = self.text.get(..place).unwrap_or(self.text);
        before.matches('\n').count() + 1
    }

    /// A share from 0 to 1.
    pub(crate) fn share(&mut self, node: &Node<'_>, key: &str) -> Option<f32> {
        let written = match node.get_ref() {
            DeValue::Float(f) => f.as_str().parse::<f32>().ok(),
            DeValue::Integer(i) => i.as_str().parse::<f32>().ok(),
            _ => None,
        };
        let share = written.filter(|s| (0.0..=1.0).contains(s));
        if share.is_none() {
            self.wrong_type(node, key, "a number from 0 to 1");
        }
        share
    }

    /// One word of a vocabulary.
    pub(crate) fn word<T: Copy>(
        &mut self,
        node: &Node<'_>,
        key: &str,
        what: &str,
        words: &[(T, &'static str)],
    ) -> Option<T> {
        let text = self.string(node, key)?;
        self.one_of(&text, what, words)
    }

    /// Several words of a vocabulary; an empty list is a mistake.
    pub(crate) fn words<T: Copy + Ord>(
        &mut self,
        node: &Node<'_>,
        key: &str,
        what: &str,
        words: &[(T, &'static str)],
    ) -> std::collections::BTreeSet<T> {
        let texts = self.strings(node, key);
        if texts.is_empty() && node.get_ref().as_array().is_some_and(|a| a.is_empty()) {
            self.mistake(node.span(), format!("`{key}` names nothing"));
        }
        texts
            .iter()
            .filter_map(|text| self.one_of(text, what, words))
            .collect()
    }

    pub(crate) fn one_of<T: Copy>(
        &mut self,
        text: &Spanned<String>,
        what: &str,
        words: &[(T, &'static str)],
    ) -> Option<T> {
        let found = words.iter().find(|(_, word)| *word == text.get_ref());
        if found.is_none() {
            let valid = words.iter().map(|(_, word)| *word);
            self.unknown(text.span(), what, text.get_ref(), valid);
        }
        found.map(|(value, _)| *value)
    }
}

/// A word cut to what an error message should hold.
pub(crate) fn shortened(word: &str) -> String {
    let mut short: String = word.chars().filter(|c| !c.is_control()).take(60).collect();
    if word.chars().count() > 60 {
        short.push('…');
    }
    short
}
