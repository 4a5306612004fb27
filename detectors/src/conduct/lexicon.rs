//! `lexicon/conduct.toml`, read once.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::disguise::Hidden;
use super::pattern::{Element, Pattern};
use super::words::Word;
use crate::roster::key;
use crate::word_table::WordTable;

/// What a pattern says of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Says {
    Obscene,
    Discriminatory,
    Threatening,
    Insulting,
    ChainLetter,
    Selling,
    Gambling,
    Political,
    /// A child speaks of harm done to it, or that it would do to itself.
    AtRisk,
    /// Somebody's words are told, in this sentence.
    Told,
    /// The text is a record of an incident.
    Record,
    /// The text is about teaching, literature or rules.
    Taught,
    /// It is meant in fun among friends.
    Joking,
    /// Only sounds like conduct: takes the words of a pattern along.
    Harmless,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Classes of words that are strong by themselves and looked for behind a disguise.
    disguised: Vec<String>,
    classes: BTreeMap<String, Vec<String>>,
    patterns: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    says: Says,
    /// 10 and more is the strong degree. In the classes of private use weights add up, and
    /// what speaks against has one below nought.
    #[serde(default)]
    weight: i32,
    #[serde(default)]
    aimed: bool,
    any: Vec<String>,
}

/// The lexicon, ready to look with.
pub(super) struct Lexicon {
    ids: WordTable<u32>,
    /// The same while the lexicon is read.
    adding: BTreeMap<key::Word, u32>,
    /// The classes of each word, a bit for each.
    classes: Vec<u64>,
    pub hidden: Hidden,
    patterns: Vec<Pattern>,
    /// By word: the patterns that may begin with it.
    starts: Vec<Vec<Start>>,
}

/// A pattern that may begin with a word, and what its second word must be.
#[derive(Debug, Clone, Copy)]
struct Start {
    pattern: u32,
    /// Whether it may do without a certain second word.
    open: bool,
    /// The classes that the second word may be of.
    classes: u64,
    /// A bit for each word that it may be ([`bit`]), which other words share.
    words: u64,
}

/// A word's bit in a set that is only roughly told.
fn bit(id: u32) -> u64 {
    if id == 0 { 0 } else { 1 << (id % 64) }
}

/// A pattern where it stands: words `from..to`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hit {
    pub pattern: u32,
    pub from: usize,
    pub to: usize,
}

static LEXICON: LazyLock<Option<Lexicon>> = LazyLock::new(|| load().ok());

/// The lexicon. It is part of the program and a test reads it; should it be broken all the
/// same, there is none.
pub(super) fn get() -> Option<&'static Lexicon> {
    LEXICON.as_ref()
}

pub(super) fn load() -> Result<Lexicon, String> {
    let file: File = toml::from_str(include_str!("../../lexicon/conduct.toml"))
        .map_err(|error| error.to_string())?;
    if file.classes.len() > 64 {
        return Err("more than 64 classes".into());
    }
    let mut lexicon = Lexicon {
        ids: WordTable::default(),
        adding: BTreeMap::new(),
        classes: vec![0],
        hidden: Hidden::default(),
        patterns: Vec::new(),
        starts: Vec::new(),
    };
    let mut bits: BTreeMap<&str, u64> = BTreeMap::new();
    let mut hidden = Vec::new();
    for (number, (name, words)) in file.classes.iter().enumerate() {
        let bit = 1u64 << number;
        bits.insert(name, bit);
        for word in words.iter().flat_map(|word| forms(word)) {
            let id = lexicon.add(&word)?;
            if let Some(own) = lexicon.classes.get_mut(id as usize) {
                *own |= bit;
            }
            if file.disguised.contains(name) {
                hidden.push((word.as_bytes().into(), id));
            }
        }
    }
    lexicon.hidden = Hidden::new(hidden);
    for group in &file.patterns {
        for text in &group.any {
            let elements = lexicon.elements(text, &bits)?;
            lexicon.patterns.push(Pattern {
                elements,
                says: group.says,
                weight: group.weight,
                aimed: group.aimed,
            });
        }
    }
    lexicon.ids = WordTable::of(std::mem::take(&mut lexicon.adding));
    lexicon.index()?;
    Ok(lexicon)
}

/// `fuck{,s,ing}` is three words.
fn forms(word: &str) -> Vec<String> {
    match word.split_once('{') {
        Some((stem, endings)) => endings
            .trim_end_matches('}')
            .split(',')
            .map(|ending| format!("{stem}{ending}"))
            .collect(),
        None => vec![word.to_owned()],
    }
}

impl Lexicon {
    /// The number of a word, by its digest in lower case without apostrophes; 0 when it is not
    /// listed.
    pub fn id(&self, word: key::Word) -> u32 {
        self.ids.get(word).copied().unwrap_or_default()
    }

    /// A pattern by its number.
    pub fn pattern(&self, number: u32) -> Option<&Pattern> {
        self.patterns.get(number as usize)
    }

    /// All patterns in a text, the longest reading of each at each place.
    pub fn hits(&self, words: &[Word]) -> Vec<Hit> {
        let mut hits = Vec::new();
        for (from, word) in words.iter().enumerate().filter(|(_, word)| word.id != 0) {
            let Some(starts) = self.starts.get(word.id as usize) else {
                continue;
            };
            // Scores of patterns begin with "you" or "the"; the second word tells most of them
            // by two bit masks.
            let next = words.get(from + 1).filter(|next| !next.opens);
            let next = next.map_or(0, |next| next.id);
            let classes = self.classes.get(next as usize).copied().unwrap_or_default();
            let may = |start: &&Start| {
                start.open || start.classes & classes != 0 || start.words & bit(next) != 0
            };
            for &Start {
                pattern: number, ..
            } in starts.iter().filter(may)
            {
                let Some(pattern) = self.pattern(number) else {
                    continue;
                };
                let end = super::pattern::end(&pattern.elements, words, from, &self.classes);
                if let Some(to) = end {
                    hits.push(Hit {
                        pattern: number,
                        from,
                        to,
                    });
                }
            }
        }
        hits
    }

    fn add(&mut self, word: &str) -> Result<u32, String> {
        let word = word.replace('\'', "");
        let letters = word
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if word.is_empty() || !letters {
            return Err(format!("{word:?} is no word in lower case"));
        }
        let digest = key::Word::of(&word);
        if let Some(&id) = self.adding.get(&digest) {
            return Ok(id);
        }
        let id = u32::try_from(self.classes.len()).map_err(|error| error.to_string())?;
        self.adding.insert(digest, id);
        self.classes.push(0);
        Ok(id)
    }

    fn elements(&mut self, text: &str, bits: &BTreeMap<&str, u64>) -> Result<Vec<Element>, String> {
        let mut elements = Vec::new();
        for piece in text.split_whitespace() {
            let (piece, optional) = match piece.strip_suffix('?') {
                Some(piece) => (piece, true),
                None => (piece, false),
            };
            let mut element = Element {
                any: piece == "_",
                words: Vec::new(),
                classes: 0,
                optional,
            };
            for either in piece.split('|').filter(|either| *either != "_") {
                match either.strip_prefix('<').and_then(|e| e.strip_suffix('>')) {
                    Some(name) => {
                        element.classes |= bits
                            .get(name)
                            .ok_or_else(|| format!("{text:?}: no class {name:?}"))?;
                    }
                    None => {
                        for word in forms(either) {
                            element.words.push(self.add(&word)?);
                        }
                    }
                }
            }
            elements.push(element);
        }
        match elements.first() {
            Some(first) if !first.optional && !first.any => Ok(elements),
            _ => Err(format!("{text:?} must begin with a word or a class")),
        }
    }

    fn index(&mut self) -> Result<(), String> {
        self.starts = vec![Vec::new(); self.classes.len()];
        for (number, pattern) in self.patterns.iter().enumerate() {
            let number = u32::try_from(number).map_err(|error| error.to_string())?;
            let Some(first) = pattern.elements.first() else {
                continue;
            };
            let second = pattern.elements.get(1);
            let start = Start {
                pattern: number,
                open: second.is_none_or(|second| second.any || second.optional),
                classes: second.map_or(0, |second| second.classes),
                words: second.map_or(0, |second| {
                    second.words.iter().fold(0, |all, &id| all | bit(id))
                }),
            };
            for (id, list) in (0u32..).zip(self.starts.iter_mut()) {
                if first.fits(id, &self.classes) {
                    list.push(start);
                }
            }
        }
        Ok(())
    }
}
