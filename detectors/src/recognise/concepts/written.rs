//! The concepts as the files of `lexicon/` write them, made ready for look-ups.

use super::*;

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

    pub(super) fn word(&mut self, word: &str) -> Element {
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
