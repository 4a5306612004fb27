//! What forenames are shortened to (`lexicon/nicknames.toml`): the roster may know Tobias
//! only, whom everybody calls Toby.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use crate::roster::key::Word;

/// The whole forenames, with their short forms. The file is part of the program, and a test
/// reads it.
fn written() -> BTreeMap<String, Vec<String>> {
    toml::from_str(include_str!("../../../lexicon/nicknames.toml")).unwrap_or_default()
}

static WHOLE: LazyLock<HashMap<Word, Vec<Word>>> = LazyLock::new(|| {
    let mut whole: HashMap<Word, Vec<Word>> = HashMap::new();
    for (name, shorts) in written() {
        for short in shorts {
            whole
                .entry(Word::of(&short))
                .or_default()
                .push(Word::of(&name));
        }
    }
    whole
});

static SHORT: LazyLock<HashMap<Word, Vec<Word>>> = LazyLock::new(|| {
    written()
        .iter()
        .map(|(name, shorts)| (Word::of(name), shorts.iter().map(|s| Word::of(s)).collect()))
        .collect()
});

/// The forenames that a short one stands for.
pub(super) fn whole(short: Word) -> &'static [Word] {
    WHOLE.get(&short).map_or(&[], Vec::as_slice)
}

/// What a forename is shortened to, so that the index's filter of names lets it through.
pub(crate) fn short_for(whole: Word) -> &'static [Word] {
    SHORT.get(&whole).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_read() {
        assert!(written().len() > 50);
        assert!(whole(Word::of("toby")).contains(&Word::of("tobias")));
        assert!(short_for(Word::of("tobias")).contains(&Word::of("toby")));
    }
}
