//! The concepts and patterns as the files of `lexicon/` write them, made ready for look-ups.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;

use super::Present;
use crate::category::{Category, Sensitivity};
use crate::recognise::lexicon::SOURCES;
use crate::recognise::spelling::Spelling;
use crate::roster::key::Word;
use crate::word_table::WordTable;

const SHARED: &str = include_str!("../../../lexicon/concepts.toml");
/// Words between the concepts of a pattern that says nothing else.
const WITHIN: usize = 10;
/// The concept of one child: its words and every name.
pub(super) const ONE: &str = "one";
/// The concept of everybody and nobody: in such a sentence only a name means somebody.
pub(super) const MANY: &str = "many";
/// The concept of what is taught and written about: any word for one child outweighs it.
pub(super) const TOPIC: &str = "topic";

/// The concept of many people who yet may be told of one: "he told everyone". Only in a
/// sentence without a word for one child it speaks of everybody.
const CROWD: &str = "crowd";
/// The concept of one child by pronoun.
const PRONOUN: &str = "pronoun";
/// Words that begin a note whose subject goes without saying: "was fasting so sat out".
const ELIDED: &str = "elided";
/// Those of whom a sentence may speak in a message about one child, other than that child.
const OTHERS: &str = "others";
/// Words with which a sentence begins that has a subject of its own.
const FRAMED: &str = "framed";
/// The concept of what a child writes or learns about: a project on asthma.
pub(super) const SCHOOLWORK: &str = "schoolwork";

pub(super) type Id = u16;

#[derive(Deserialize)]
struct File {
    category: Option<Category>,
    floor: Option<Sensitivity>,
    /// Long words that are often spelt wrongly.
    #[serde(default)]
    misspelt: String,
    #[serde(default)]
    concepts: BTreeMap<String, String>,
    #[serde(default)]
    patterns: Vec<Written>,
}

/// A pattern as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    /// What a notice calls it.
    says: String,
    category: Option<Category>,
    weight: i32,
    floor: Option<Sensitivity>,
    /// Groups of concepts, alternatives parted by `|`; one of each group must stand there.
    all: Vec<String>,
    /// Concepts whose presence in the sentence says that it is something else.
    #[serde(default)]
    not: Vec<String>,
    within: Option<usize>,
}

pub(super) struct Pattern {
    pub says: String,
    pub category: Category,
    pub weight: i32,
    pub floor: Sensitivity,
    pub all: Vec<Vec<Id>>,
    pub not: Vec<Id>,
    pub within: usize,
}

/// One word of a wording.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Element {
    Word(Word),
    /// A number.
    Number,
    /// Any one word.
    Any,
}

/// One way to say a concept: its first word leads here, these follow.
pub(super) struct Wording {
    pub concept: Id,
    pub rest: Vec<Element>,
    /// Which of its words, the first included, count in capitals only.
    pub upper: Vec<usize>,
}

#[derive(Default)]
pub(super) struct Concepts {
    pub names: BTreeMap<String, Id>,
    pub wordings: BTreeMap<Word, Vec<Wording>>,
    /// The wordings that begin with a number.
    pub numbered: Vec<Wording>,
    /// Every word that a wording has anywhere.
    pub words: BTreeSet<Word>,
    pub patterns: Vec<Pattern>,
    /// By concept: the patterns whose first group holds it.
    pub by_concept: Vec<Vec<usize>>,
    pub special: Special,
    pub spelling: Spelling,
    /// Where [`beginnings`] tells the wordings of a word, for words that are spelt wrongly.
    pub numbers: WordTable<u16>,
    /// The wordings by the same number, less one: those of one word, and those that any word
    /// or a number follows.
    pub lists: Vec<Vec<Wording>>,
    /// The wordings by their first two words ([`pair`]). Hundreds begin with "is" or "not";
    /// the second word tells the few that may stand there.
    pub pairs: WordTable<Vec<Wording>>,
}

/// The digest of two words as the beginning of a wording.
pub(super) fn pair(first: Word, second: Word) -> Word {
    Word(first.0.rotate_left(32).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ second.0)
}

/// The concepts that mean something to this program.
#[derive(Default, Clone, Copy)]
pub(super) struct Special {
    pub one: Option<Id>,
    pub many: Option<Id>,
    pub topic: Option<Id>,
    pub crowd: Option<Id>,
    pub pronoun: Option<Id>,
    pub elided: Option<Id>,
    pub others: Option<Id>,
    pub framed: Option<Id>,
    pub schoolwork: Option<Id>,
}

/// The files are part of the program and a test reads them; should one be broken all the
/// same, there are no concepts and that test says so.
pub(super) static CONCEPTS: LazyLock<Concepts> = LazyLock::new(|| load().unwrap_or_default());

pub(super) fn load() -> Result<Concepts, String> {
    let mut loaded = Concepts::default();
    let mut files = Vec::new();
    for source in std::iter::once(SHARED).chain(SOURCES) {
        files.push(toml::from_str::<File>(source).map_err(|error| error.to_string())?);
    }
    for (name, wordings) in files.iter().flat_map(|file| &file.concepts) {
        let id = Id::try_from(loaded.names.len()).map_err(|error| error.to_string())?;
        if loaded.names.insert(name.clone(), id).is_some() {
            return Err(format!("the concept {name} is there twice"));
        }
        for wording in wordings.split(',') {
            loaded.add(id, wording)?;
        }
    }
    if loaded.names.len() > Present::MOST {
        return Err(format!("more than {} concepts", Present::MOST));
    }
    let special = |name| loaded.names.get(name).copied();
    loaded.special = Special {
        one: special(ONE),
        many: special(MANY),
        topic: special(TOPIC),
        crowd: special(CROWD),
        pronoun: special(PRONOUN),
        elided: special(ELIDED),
        others: special(OTHERS),
        framed: special(FRAMED),
        schoolwork: special(SCHOOLWORK),
    };
    loaded.by_concept = vec![Vec::new(); loaded.names.len()];
    let misspelt: Vec<&str> = files
        .iter()
        .flat_map(|file| file.misspelt.split(','))
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .collect();
    loaded
        .words
        .extend(misspelt.iter().map(|word| Word::of(word)));
    loaded.spelling = Spelling::of(misspelt.iter().copied());
    for file in files {
        for written in file.patterns {
            let category = written
                .category
                .or(file.category)
                .ok_or_else(|| format!("{} has no category", written.says))?;
            let floor = written.floor.or(file.floor).unwrap_or_default();
            let mut all = Vec::new();
            for group in &written.all {
                all.push(loaded.ids(group.split('|'))?);
            }
            let not = loaded.ids(written.not.iter().map(String::as_str))?;
            let number = loaded.patterns.len();
            for &concept in all.first().into_iter().flatten() {
                if let Some(patterns) = loaded.by_concept.get_mut(usize::from(concept)) {
                    patterns.push(number);
                }
            }
            loaded.patterns.push(Pattern {
                says: written.says,
                category,
                weight: written.weight,
                floor,
                all,
                not,
                within: written.within.unwrap_or(WITHIN),
            });
        }
    }
    let mut numbers = Vec::new();
    let mut pairs: BTreeMap<Word, Vec<Wording>> = BTreeMap::new();
    for (first, wordings) in std::mem::take(&mut loaded.wordings) {
        let mut list = Vec::new();
        for wording in wordings {
            match wording.rest.first() {
                Some(&Element::Word(second)) => {
                    pairs.entry(pair(first, second)).or_default().push(wording);
                }
                _ => list.push(wording),
            }
        }
        loaded.lists.push(list);
        let number = u16::try_from(loaded.lists.len()).map_err(|error| error.to_string())?;
        numbers.push((first, number));
    }
    loaded.numbers = WordTable::of(numbers);
    loaded.pairs = WordTable::of(pairs);
    Ok(loaded)
}

impl Concepts {
    fn ids<'a>(&self, names: impl Iterator<Item = &'a str>) -> Result<Vec<Id>, String> {
        names
            .map(|name| {
                self.names
                    .get(name.trim())
                    .copied()
                    .ok_or_else(|| format!("there is no concept {name}"))
            })
            .collect()
    }

    /// Adds one way to say a concept, in all forms of its words.
    fn add(&mut self, concept: Id, wording: &str) -> Result<(), String> {
        let upper: Vec<usize> = (0..)
            .zip(wording.split_whitespace())
            .filter(|(_, word)| word.contains(|c: char| c.is_uppercase()))
            .map(|(place, _)| place)
            .collect();
        let mut forms: Vec<Vec<Element>> = vec![Vec::new()];
        for word in wording.to_lowercase().split_whitespace() {
            let spellings: Vec<Element> = match (word, word.strip_prefix('~')) {
                ("_", _) => vec![Element::Any],
                ("#", _) => vec![Element::Number],
                (_, Some(stem)) => inflected(stem).iter().map(|w| self.word(w)).collect(),
                _ => vec![self.word(word)],
            };
            forms = forms
                .iter()
                .flat_map(|form| {
                    spellings.iter().map(move |&spelling| {
                        let mut longer = form.clone();
                        longer.push(spelling);
                        longer
                    })
                })
                .collect();
        }
        for form in forms {
            let Some((&first, rest)) = form.split_first() else {
                return Err("a wording without words".to_owned());
            };
            let wording = Wording {
                concept,
                rest: rest.to_vec(),
                upper: upper.clone(),
            };
            match first {
                Element::Word(first) => self.wordings.entry(first).or_default().push(wording),
                Element::Number => self.numbered.push(wording),
                Element::Any => return Err("a wording that begins with any word".to_owned()),
            }
        }
        Ok(())
    }

    fn word(&mut self, word: &str) -> Element {
        let word = Word::of(word);
        self.words.insert(word);
        Element::Word(word)
    }

    /// The wordings that begin with a word, by its number.
    pub(super) fn beginning(&self, number: Option<u16>) -> &[Wording] {
        number
            .and_then(|number| self.lists.get(usize::from(number) - 1))
            .map_or(&[], Vec::as_slice)
    }
}

/// The regular forms of a word: plural, past, participle. One too many does no harm.
pub(super) fn inflected(stem: &str) -> Vec<String> {
    let mut forms: Vec<String> = ["", "s", "es", "ed", "d", "ing"]
        .iter()
        .map(|ending| format!("{stem}{ending}"))
        .collect();
    if let Some(root) = stem.strip_suffix('e') {
        forms.push(format!("{root}ing"));
    }
    if let Some(root) = stem.strip_suffix('y') {
        forms.extend([format!("{root}ies"), format!("{root}ied")]);
    }
    if let Some(last) = stem.chars().next_back() {
        forms.extend([format!("{stem}{last}ed"), format!("{stem}{last}ing")]);
    }
    forms
}
