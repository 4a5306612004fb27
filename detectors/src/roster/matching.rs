//! Pupils of the roster in a text: tokenise once, look pairs up, confirm by neighbours.
//!
//! The cost depends on the text alone. Every word is looked up as a forename; only
//! after one is found are its neighbours tried as surnames, classes and years.

use super::PupilId;
use super::index::RosterIndex;
use super::key::{Tag, Word, key};
use crate::inspection::Identification;
use crate::words::{Gap, PlaceWord, Token};

/// Words of one forename or surname.
const NAME_WORDS: usize = 3;
/// How far from a first name its class or year may stand, in words.
const CONTEXT_WORDS: usize = 6;

/// Pupils named in a text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Named {
    /// Several are namesakes. Sorted.
    pub pupils: Vec<PupilId>,
    pub how: Identification,
    pub confidence: f32,
    /// Octets of the cleaned text.
    pub start: usize,
    pub end: usize,
}

/// A first name, or one that narrows to too many.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FirstName {
    pub candidates: Vec<PupilId>,
    pub start: usize,
    pub end: usize,
}

/// Everything the roster knows in a text.
#[derive(Debug, Default)]
pub(crate) struct Matches {
    pub named: Vec<Named>,
    pub first_names: Vec<FirstName>,
    /// Two or three capitalised words in a row that are nobody on the roster but look
    /// like a person's name.
    pub strangers: Vec<(usize, usize)>,
}

/// A run of words that may be one name.
#[derive(Clone, Copy)]
struct Span {
    from: usize,
    to: usize,
    word: Word,
}

/// Finds pupils in the words of a text.
pub(crate) fn find(text: &str, tokens: &[Token], roster: &RosterIndex) -> Matches {
    let mut matches = Matches::default();
    if roster.is_empty() {
        find_strangers(tokens, &[], &mut matches);
        return matches;
    }
    let places = Places::of(tokens, roster);
    let mut taken = vec![false; tokens.len()];
    // Most words begin no name of anybody's; the rest of the work is for those that may.
    let likely: Vec<usize> = (0..tokens.len())
        .filter(|&from| spans(tokens, from).any(|span| roster.may_name(span.word)))
        .collect();
    // Forename first everywhere, then surname first in what is left: in "Ann Bell, Carl
    // Dunn" no "Bell, Carl" is read.
    for order in [Order::ForenameFirst, Order::SurnameFirst] {
        for &from in &likely {
            if let Some((named, last)) = full_name(tokens, from, order, roster, &taken, &places) {
                if let Some(run) = taken.get_mut(from..=last) {
                    run.fill(true);
                }
                matches.named.extend(named);
            }
        }
    }
    let mut likely = likely.into_iter().peekable();
    for from in 0..tokens.len() {
        if likely.next_if_eq(&from).is_some() {
            first_name(tokens, from, roster, &mut taken, &places, &mut matches);
        }
        initials(text, tokens, from, roster, &taken, &places, &mut matches);
        initial_and_surname(tokens, from, roster, &mut taken, &places, &mut matches);
    }
    matches.named.sort_by_key(|named| named.start);
    find_strangers(tokens, &taken, &mut matches);
    matches
}

#[derive(Clone, Copy, PartialEq)]
enum Order {
    ForenameFirst,
    SurnameFirst,
}

/// The runs of up to three words from a place on, each as one name; shortest first.
fn spans(tokens: &[Token], from: usize) -> impl Iterator<Item = Span> {
    let mut word = Word::EMPTY;
    let mut open = true;
    (0..NAME_WORDS).map_while(move |more| {
        let to = from + more;
        let token = tokens.get(to)?;
        if more > 0 && !matches!(token.gap, Gap::Space | Gap::Hyphen) {
            open = false;
        }
        if !open || token.digits {
            return None;
        }
        word = if more == 0 {
            token.word
        } else {
            chain(word, token)
        };
        Some(Span { from, to, word })
    })
}

/// Continues a name's digest with the next token's folded text.
fn chain(word: Word, token: &Token) -> Word {
    word.then(&token.folded)
}

/// Whether every word of a run has a capital.
fn capitals(tokens: &[Token], from: usize, to: usize) -> bool {
    tokens
        .get(from..=to)
        .is_some_and(|run| run.iter().all(|token| token.capital))
}

fn has_common(tokens: &[Token], from: usize, to: usize) -> bool {
    tokens
        .get(from..=to)
        .is_some_and(|run| run.iter().any(|token| token.common))
}

/// A full name that begins at this word. The outer `Some` says that the words are
/// used up; the inner is empty when they name a member of staff or an adult.
fn full_name(
    tokens: &[Token],
    from: usize,
    order: Order,
    roster: &RosterIndex,
    taken: &[bool],
    places: &Places,
) -> Option<(Option<Named>, usize)> {
    if taken.get(from).copied().unwrap_or(true) {
        return None;
    }
    let free = |to: usize| taken.get(from..=to).is_some_and(|run| !run.contains(&true));
    let first_tag = if order == Order::ForenameFirst {
        Tag::Forename
    } else {
        Tag::Surname
    };
    // The longest run first: "Mary Jane" before "Mary".
    let mut firsts: Vec<Span> = spans(tokens, from).collect();
    firsts.reverse();
    for first in firsts {
        if !roster.knows(key(first_tag, first.word, Word::EMPTY)) {
            continue;
        }
        // Forename first: one middle name or initial may stand between.
        let skips: &[usize] = if order == Order::ForenameFirst {
            &[0, 1]
        } else {
            &[0]
        };
        for &skip in skips {
            let second_from = first.to + 1 + skip;
            let Some(next) = tokens.get(second_from) else {
                continue;
            };
            let gap_ok = match order {
                Order::ForenameFirst if skip == 0 => {
                    next.gap == Gap::Space || (next.gap == Gap::Line && next.capital)
                }
                Order::ForenameFirst => {
                    let middle = tokens.get(first.to + 1);
                    middle.is_some_and(|middle| {
                        middle.capital
                            && middle.gap == Gap::Space
                            && !middle.digits
                            && (next.gap == Gap::Space
                                || (next.gap == Gap::Stop && middle.length == 1))
                    })
                }
                Order::SurnameFirst => matches!(next.gap, Gap::Comma | Gap::Space),
            };
            if !gap_ok {
                continue;
            }
            let mut seconds: Vec<Span> = spans(tokens, second_from).collect();
            seconds.reverse();
            for second in seconds {
                let (forename, surname) = match order {
                    Order::ForenameFirst => (first, second),
                    Order::SurnameFirst => (second, first),
                };
                if !free(second.to) {
                    continue;
                }
                let pupils = roster.by_name(forename.word, surname.word);
                if pupils.is_empty() {
                    continue;
                }
                let all_capitals = capitals(tokens, from, second.to);
                let common = has_common(tokens, first.from, first.to)
                    || has_common(tokens, second.from, second.to);
                let strict = common
                    || skip == 1
                    || (order == Order::SurnameFirst && next.gap == Gap::Space)
                    || next.gap == Gap::Line;
                if strict && !all_capitals {
                    continue;
                }
                if order == Order::SurnameFirst
                    && next.gap == Gap::Comma
                    && ends_a_name(tokens, from)
                {
                    continue;
                }
                if follows_title(tokens, from) || roster.is_staff(forename.word, surname.word) {
                    return Some((None, second.to));
                }
                let pupils = places.narrow(pupils, forename.word, first.from, second.to, roster);
                let confidence = if all_capitals { 0.95 } else { 0.8 };
                let (start, end) = bounds(tokens, from, second.to)?;
                return Some((
                    Some(Named {
                        pupils,
                        how: Identification::FullName,
                        confidence,
                        start,
                        end,
                    }),
                    second.to,
                ));
            }
        }
    }
    None
}

fn bounds(tokens: &[Token], from: usize, to: usize) -> Option<(usize, usize)> {
    Some((tokens.get(from)?.start, tokens.get(to)?.end))
}

fn before(tokens: &[Token], at: usize) -> Option<&Token> {
    tokens.get(at.checked_sub(1)?)
}

/// "Mrs Young", "Dr. T Walker": an adult.
fn follows_title(tokens: &[Token], at: usize) -> bool {
    let Some(token) = tokens.get(at) else {
        return false;
    };
    if !matches!(token.gap, Gap::Space | Gap::Stop) {
        return false;
    }
    let Some(previous) = before(tokens, at) else {
        return false;
    };
    previous.title
        || (previous.length == 1
            && previous.capital
            && matches!(previous.gap, Gap::Space | Gap::Stop)
            && before(tokens, at - 1).is_some_and(|token| token.title))
}

/// "Ann Bell, Carl": a capitalised word before a surname makes the surname end of
/// somebody else's name.
fn ends_a_name(tokens: &[Token], at: usize) -> bool {
    let (Some(token), Some(previous)) = (tokens.get(at), before(tokens, at)) else {
        return false;
    };
    token.gap == Gap::Space
        && previous.capital
        && !previous.greeting
        && !previous.opener
        && !previous.digits
}

/// Whether a capitalised word that is no opening word runs straight into this one.
fn follows_a_name(tokens: &[Token], at: usize) -> bool {
    let (Some(token), Some(previous)) = (tokens.get(at), before(tokens, at)) else {
        return false;
    };
    matches!(token.gap, Gap::Space | Gap::Hyphen)
        && previous.capital
        && !previous.opens()
        && !previous.greeting
        && !previous.opener
        && !previous.digits
}

/// A single forename: with a class, year or date of birth that fits one pupil it
/// identifies; otherwise it is a mention.
fn first_name(
    tokens: &[Token],
    from: usize,
    roster: &RosterIndex,
    taken: &mut [bool],
    places: &Places,
    matches: &mut Matches,
) {
    let is_free = |taken: &[bool], at: usize| taken.get(at) == Some(&false);
    if !is_free(taken, from) {
        return;
    }
    let mut runs: Vec<Span> = spans(tokens, from)
        .filter(|span| (span.from..=span.to).all(|at| is_free(taken, at)))
        .collect();
    runs.reverse();
    for span in runs {
        let Some(token) = tokens.get(span.from) else {
            return;
        };
        let common = has_common(tokens, span.from, span.to);
        if !token.capital || (common && token.opens() && token.gap != Gap::Start) {
            continue;
        }
        let candidates = roster.by_forename(span.word);
        if candidates.is_empty() {
            continue;
        }
        if follows_title(tokens, from)
            || follows_a_name(tokens, from)
            || goes_on(tokens, span.to, places)
        {
            return;
        }
        let Some((start, end)) = bounds(tokens, span.from, span.to) else {
            return;
        };
        let near = places.near(span.from, span.to);
        for place in near {
            let narrowed = place.pupils(span.word, roster);
            if narrowed.len() == 1 {
                mark(taken, span);
                matches.named.push(Named {
                    pupils: narrowed,
                    how: Identification::ForenameAndContext,
                    confidence: 0.8,
                    start,
                    end,
                });
                return;
            }
        }
        // A greeting or a signature names the reader or the writer, and a common word that
        // opens the text is no name.
        let greeted = before(tokens, from).is_some_and(|previous| previous.greeting);
        // "4 April", "May 2026": a month, not a child.
        let beside_figure = common
            && [from.checked_sub(1), Some(span.to + 1)]
                .into_iter()
                .flatten()
                .filter_map(|at| tokens.get(at))
                .any(|neighbour| neighbour.digits);
        let doubtful = greeted || beside_figure || (common && token.opens());
        if !doubtful && tokens.len() > 2 {
            mark(taken, span);
            matches.first_names.push(FirstName {
                candidates,
                start,
                end,
            });
        }
        return;
    }
}

fn mark(taken: &mut [bool], span: Span) {
    if let Some(run) = taken.get_mut(span.from..=span.to) {
        run.fill(true);
    }
}

/// Whether another capitalised word follows that would be the surname of somebody else.
fn goes_on(tokens: &[Token], last: usize, places: &Places) -> bool {
    // "Rory's EHCP": what somebody has is no name of theirs.
    let end = tokens.get(last).map_or(0, |token| token.end);
    tokens.get(last + 1).is_some_and(|next| {
        next.capital
            && next.start <= end.saturating_add(1)
            && matches!(next.gap, Gap::Space | Gap::Hyphen)
            && !next.digits
            && next.length > 1
            && !places.is_place(last + 1)
    })
}

/// "T.W. (Y5)", "TW in 4B": two initials beside a class or year that fit one pupil.
fn initials(
    text: &str,
    tokens: &[Token],
    at: usize,
    roster: &RosterIndex,
    taken: &[bool],
    places: &Places,
    matches: &mut Matches,
) {
    let Some(token) = tokens.get(at) else { return };
    if taken.get(at) != Some(&false) || !token.capital {
        return;
    }
    let (word, last) = if token.length == 2
        && !token.digits
        && text
            .get(token.start..token.end)
            .is_some_and(|t| t.chars().all(char::is_uppercase))
    {
        (token.word, at)
    } else if token.length == 1 {
        match tokens.get(at + 1) {
            Some(second)
                if second.length == 1
                    && second.capital
                    && second.gap == Gap::Stop
                    && !tokens
                        .get(at + 2)
                        .is_some_and(|third| third.length == 1 && third.gap == Gap::Stop) =>
            {
                (chain(token.word, second), at + 1)
            }
            _ => return,
        }
    } else {
        return;
    };
    if places.is_place(at) || follows_title(tokens, at) {
        return;
    }
    // Initials are weak: the class or year must be next to them.
    for place in places.within(at, last, 2) {
        let (tag, word_of_place) = match place.kind {
            PlaceKind::Class => (Tag::InitialsClass, place.word),
            PlaceKind::Year => (Tag::InitialsYear, place.word),
        };
        let found = roster.find(key(tag, word, word_of_place));
        if let ([_], Some((start, end))) = (found.as_slice(), bounds(tokens, at, last)) {
            matches.named.push(Named {
                pupils: found,
                how: Identification::ForenameAndContext,
                confidence: 0.7,
                start,
                end,
            });
            return;
        }
    }
}

/// "R Castell, Year 4", "Castell, R. (4M)": one initial and a surname near a class or year
/// that fit one pupil.
fn initial_and_surname(
    tokens: &[Token],
    at: usize,
    roster: &RosterIndex,
    taken: &mut [bool],
    places: &Places,
    matches: &mut Matches,
) {
    let (Some(one), Some(two)) = (tokens.get(at), tokens.get(at + 1)) else {
        return;
    };
    let is_initial = |token: &Token| token.length == 1 && token.capital && !token.digits;
    let (initial, name, gap_ok) = if is_initial(one) {
        (one, two, matches!(two.gap, Gap::Space | Gap::Stop))
    } else {
        (two, one, matches!(two.gap, Gap::Space | Gap::Comma))
    };
    let free = taken.get(at) == Some(&false) && taken.get(at + 1) == Some(&false);
    if !free || !gap_ok || !is_initial(initial) || !name.capital || name.length < 3 {
        return;
    }
    if follows_title(tokens, at) || follows_a_name(tokens, at) {
        return;
    }
    let pupils = roster.find(key(Tag::Surname, name.word, Word::EMPTY));
    let Some(letter) = name.folded.chars().next().filter(|_| !pupils.is_empty()) else {
        return;
    };
    let letters = Word::of(&initial.folded).then(letter.encode_utf8(&mut [0; 4]));
    for place in places.near(at, at + 1) {
        let tag = match place.kind {
            PlaceKind::Class => Tag::InitialsClass,
            PlaceKind::Year => Tag::InitialsYear,
        };
        let mut found = roster.find(key(tag, letters, place.word));
        found.retain(|pupil| pupils.contains(pupil));
        if let ([_], Some((start, end))) = (found.as_slice(), bounds(tokens, at, at + 1)) {
            if let Some(run) = taken.get_mut(at..=at + 1) {
                run.fill(true);
            }
            matches.named.push(Named {
                pupils: found,
                how: Identification::ForenameAndContext,
                confidence: 0.8,
                start,
                end,
            });
            return;
        }
    }
}

/// Two capitalised words in a row that are no sentence's beginning: somebody's name,
/// perhaps. Only evidence beside a number makes anything of it.
fn find_strangers(tokens: &[Token], taken: &[bool], matches: &mut Matches) {
    let mut at = 0;
    while let (Some(first), Some(second)) = (tokens.get(at), tokens.get(at + 1)) {
        let free = taken.get(at) != Some(&true) && taken.get(at + 1) != Some(&true);
        let person = |token: &Token| {
            token.capital
                && !token.digits
                && token.length > 1
                && !token.title
                && !token.greeting
                && !token.opener
        };
        if free
            && person(first)
            && person(second)
            && matches!(second.gap, Gap::Space | Gap::Comma)
            && !follows_title(tokens, at)
        {
            matches.strangers.push((first.start, second.end));
            at += 2;
        } else {
            at += 1;
        }
    }
}

/// A class or a year group in the text.
#[derive(Clone, Copy)]
struct Place {
    from: usize,
    to: usize,
    word: Word,
    kind: PlaceKind,
}

#[derive(Clone, Copy, PartialEq)]
enum PlaceKind {
    Class,
    Year,
}

impl Place {
    fn pupils(&self, forename: Word, roster: &RosterIndex) -> Vec<PupilId> {
        let tag = match self.kind {
            PlaceKind::Class => Tag::ForenameClass,
            PlaceKind::Year => Tag::ForenameYear,
        };
        roster.find(key(tag, forename, self.word))
    }
}

/// The classes and year groups of a text, in order.
struct Places(Vec<Place>);

impl Places {
    fn of(tokens: &[Token], roster: &RosterIndex) -> Places {
        let mut places = Vec::new();
        let announces = |at: Option<usize>, what: PlaceWord| {
            at.and_then(|at| tokens.get(at))
                .is_some_and(|token| token.place == Some(what))
        };
        for (at, token) in tokens.iter().enumerate() {
            if let Some(next) = tokens.get(at + 1)
                && token.place == Some(PlaceWord::Year)
                && matches!(next.gap, Gap::Space | Gap::Hyphen)
                && let Some(year) = super::key::year_group(&next.folded)
            {
                places.push(Place {
                    from: at,
                    to: at + 1,
                    word: Word::of(&year),
                    kind: PlaceKind::Year,
                });
            }
            let short_year = Some(&token.folded)
                .filter(|_| token.digits)
                .and_then(|folded| folded.strip_prefix("yr").or(folded.strip_prefix('y')));
            if let Some(year) = short_year
                .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
                .and_then(super::key::year_group)
            {
                places.push(Place {
                    from: at,
                    to: at,
                    word: Word::of(&year),
                    kind: PlaceKind::Year,
                });
            }
            if token.place == Some(PlaceWord::Reception) {
                places.push(Place {
                    from: at,
                    to: at,
                    word: Word::of("r"),
                    kind: PlaceKind::Year,
                });
            }
            // A class name with a figure in it speaks for itself; one that is a word needs
            // "class" beside it, or its capital and "in" or "from" before it.
            let within = token.capital && announces(at.checked_sub(1), PlaceWord::Within);
            let after_class = announces(at.checked_sub(1), PlaceWord::Class);
            // Most words have none of it anywhere near.
            let any_reason = within
                || after_class
                || tokens
                    .iter()
                    .skip(at)
                    .take(NAME_WORDS + 1)
                    .any(|near| near.digits || near.place == Some(PlaceWord::Class));
            if !any_reason {
                continue;
            }
            let mut word = Word::EMPTY;
            let mut figure = false;
            for to in at..(at + NAME_WORDS).min(tokens.len()) {
                let Some(part) = tokens.get(to) else { break };
                if to > at && part.gap == Gap::Line {
                    break;
                }
                word = chain(word, part);
                figure |= part.digits;
                let bare_number = part.folded.bytes().all(|byte| byte.is_ascii_digit()) && to == at;
                if ((figure && !bare_number)
                    || within
                    || after_class
                    || announces(Some(to + 1), PlaceWord::Class))
                    && roster.knows(key(Tag::Class, word, Word::EMPTY))
                {
                    places.push(Place {
                        from: at,
                        to,
                        word,
                        kind: PlaceKind::Class,
                    });
                }
            }
        }
        Places(places)
    }

    /// The places that begin in a range of words. They lie in order, so no search is long.
    fn starting(&self, first: usize, last: usize) -> &[Place] {
        let low = self.0.partition_point(|place| place.from < first);
        let high = self.0.partition_point(|place| place.from <= last);
        self.0.get(low..high).unwrap_or_default()
    }

    fn is_place(&self, at: usize) -> bool {
        self.starting(at.saturating_sub(NAME_WORDS), at)
            .iter()
            .any(|place| (place.from..=place.to).contains(&at))
    }

    /// The places near a run of words: classes first, as they say more.
    fn near(&self, from: usize, to: usize) -> Vec<Place> {
        self.within(from, to, CONTEXT_WORDS)
    }

    fn within(&self, from: usize, to: usize, words: usize) -> Vec<Place> {
        let mut near: Vec<Place> = self
            .starting(from.saturating_sub(words + NAME_WORDS), to + words)
            .iter()
            .filter(|place| place.from <= to + words && from <= place.to + words)
            .copied()
            .collect();
        near.sort_by_key(|place| (place.kind == PlaceKind::Year, place.from.abs_diff(from)));
        near
    }

    /// Of namesakes those in a class or year that stands near.
    fn narrow(
        &self,
        pupils: Vec<PupilId>,
        forename: Word,
        from: usize,
        to: usize,
        roster: &RosterIndex,
    ) -> Vec<PupilId> {
        if pupils.len() < 2 {
            return pupils;
        }
        for place in self.near(from, to) {
            let there = place.pupils(forename, roster);
            let both: Vec<PupilId> = pupils
                .iter()
                .copied()
                .filter(|id| there.contains(id))
                .collect();
            if !both.is_empty() {
                return both;
            }
        }
        pupils
    }
}
