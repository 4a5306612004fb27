//! What the lists say of a word: `lexicon/names.toml`, the beginnings of the lexicon's phrases
//! and the words of its concepts. One look-up a word answers for all of them.

use std::collections::{BTreeSet, HashMap};
use std::num::NonZero;
use std::sync::LazyLock;

use serde::Deserialize;

use super::PlaceWord;
use crate::recognise::{concepts, lexicon};
use crate::roster::key::Word;
use crate::word_table::WordTable;

/// What the lists say of one word.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Flags {
    pub common: bool,
    pub title: bool,
    pub greeting: bool,
    pub opener: bool,
    pub job: bool,
    /// Whether any wording of a concept has the word.
    pub matter: bool,
    pub place: Option<PlaceWord>,
    pub phrase: Option<NonZero<u16>>,
    pub concept: Option<NonZero<u16>>,
}

/// The lists of `lexicon/names.toml`.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct NameWords {
    common: BTreeSet<String>,
    titles: BTreeSet<String>,
    greetings: BTreeSet<String>,
    openers: BTreeSet<String>,
    /// What grown-ups are.
    jobs: BTreeSet<String>,
}

static LISTED: LazyLock<WordTable<Flags>> = LazyLock::new(|| {
    let lists: NameWords =
        toml::from_str(include_str!("../../lexicon/names.toml")).unwrap_or_default();
    let mut flags: HashMap<Word, Flags> = HashMap::new();
    let mut mark = |word: Word, mark: fn(&mut Flags)| mark(flags.entry(word).or_default());
    for (list, of) in [
        (
            lists.common,
            (|flags| flags.common = true) as fn(&mut Flags),
        ),
        (lists.titles, |flags| flags.title = true),
        (lists.greetings, |flags| flags.greeting = true),
        (lists.openers, |flags| flags.opener = true),
        (lists.jobs, |flags| flags.job = true),
    ] {
        for word in list {
            mark(Word::of(&word), of);
        }
    }
    for (words, of) in [
        (
            ["class", "form", "group"].as_slice(),
            (|flags| flags.place = Some(PlaceWord::Class)) as fn(&mut Flags),
        ),
        (&["year", "yr", "y", "nc"], |flags| {
            flags.place = Some(PlaceWord::Year);
        }),
        (&["reception"], |flags| {
            flags.place = Some(PlaceWord::Reception);
        }),
        (&["in", "from"], |flags| {
            flags.place = Some(PlaceWord::Within);
        }),
    ] {
        for word in words {
            mark(Word::of(word), of);
        }
    }
    for (word, number) in lexicon::beginnings() {
        flags.entry(word).or_default().phrase = NonZero::new(number);
    }
    for word in concepts::words() {
        flags.entry(word).or_default().matter = true;
    }
    for (word, number) in concepts::beginnings() {
        flags.entry(word).or_default().concept = NonZero::new(number);
    }
    WordTable::of(flags)
});

/// All lists at once.
pub(super) fn listed() -> &'static WordTable<Flags> {
    &LISTED
}

/// What the lists say of a word.
pub(super) fn of(word: Word) -> Flags {
    LISTED.get(word).copied().unwrap_or_default()
}
