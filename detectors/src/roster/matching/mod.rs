//! Pupils of the roster in a text: tokenise once, look pairs up, confirm by neighbours.
//!
//! The cost depends on the text alone. Every word is looked up as a forename; only
//! after one is found are its neighbours tried as surnames, classes and years.

mod first;
mod full;
mod initials;
mod nicknames;
mod places;
mod strangers;

use self::first::first_name;
use self::full::{Order, full_name};
use self::initials::{initial_and_surname, initials};
pub(crate) use self::nicknames::short_for;
use self::places::{PlaceKind, Places};
use self::strangers::find_strangers;
use super::PupilId;
use super::index::RosterIndex;
use super::key::{Tag, Word};
use crate::inspection::Identification;
use crate::words::{Gap, Token};

/// Words of one forename or surname.
const NAME_WORDS: usize = 3;
/// How far from a first name its class or year may stand, in words.
const CONTEXT_WORDS: usize = 6;
/// Families looked at in one text.
const FAMILIES: usize = 32;

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
    /// The forename as the roster has it.
    pub given: Word,
    /// Whether hardly anything stands beside it: in a subject line it is what the message
    /// is about, in a text it is how somebody signs.
    pub alone: bool,
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
    /// Classes, years and teachers: the key under which a forename would be found there.
    pub places: Vec<(Tag, Word)>,
    /// Initials that are spoken of as somebody but have no class beside them.
    pub initials: Vec<Word>,
    /// Surnames of adults who are somebody's parents perhaps: "Mr Larkwell", "the Larkwells",
    /// "the Jagger family".
    pub families: Vec<Word>,
    /// Who is greeted, by whatever name.
    pub greeted: Vec<Word>,
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
    let names = roster.names();
    let likely: Vec<usize> = (0..tokens.len())
        .filter(|&from| spans(tokens, from).any(|span| names.may_be(span.word)))
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
    let informal = is_informal(tokens);
    matches.families = families(tokens);
    matches.greeted = greeted(tokens);
    let mut likely = likely.into_iter().peekable();
    for from in 0..tokens.len() {
        if likely.next_if_eq(&from).is_some() {
            first_name(
                tokens,
                from,
                roster,
                informal,
                &mut taken,
                &places,
                &mut matches,
            );
        }
        if is_short_capital(tokens, from) || is_short_capital(tokens, from + 1) {
            initials(text, tokens, from, roster, &taken, &places, &mut matches);
            initial_and_surname(tokens, from, roster, &mut taken, &places, &mut matches);
        }
    }
    matches.named.sort_by_key(|named| named.start);
    find_strangers(tokens, &taken, &mut matches);
    matches.places = places
        .all()
        .iter()
        .map(|place| {
            let tag = match place.kind {
                PlaceKind::Class => Tag::ForenameClass,
                PlaceKind::Year => Tag::ForenameYear,
                PlaceKind::Teacher => Tag::ForenameTeacher,
            };
            (tag, place.word)
        })
        .collect();
    matches
}

/// One or two letters that may be initials.
fn is_short_capital(tokens: &[Token], at: usize) -> bool {
    tokens
        .get(at)
        .is_some_and(|token| token.capital && token.length <= 2)
}

/// Whether most sentences and lines of a text begin with a small letter.
fn is_informal(tokens: &[Token]) -> bool {
    let opening = || tokens.iter().filter(|token| token.opens() && !token.digits);
    opening().filter(|token| token.capital).count() * 2 < opening().count()
}

/// The words by which somebody is greeted.
fn greeted(tokens: &[Token]) -> Vec<Word> {
    tokens
        .windows(2)
        .filter_map(|pair| match pair {
            [one, two] if one.greeting && two.capital && !two.title => Some(two.word),
            _ => None,
        })
        .take(FAMILIES)
        .collect()
}

/// The surnames that adults or a whole family bear in a text.
fn families(tokens: &[Token]) -> Vec<Word> {
    // Told by their digests: this is asked of every word.
    const THE: Word = Word::of("the");
    const HOUSES: [Word; 2] = [Word::of("family"), Word::of("household")];
    let mut found = Vec::new();
    for pair in tokens.windows(2) {
        let [one, two] = pair else { continue };
        if two.gap != Gap::Space {
            continue;
        }
        if one.title && two.capital {
            found.push(two.word);
        } else if one.capital && HOUSES.contains(&two.word) {
            found.push(one.word);
        } else if two.capital
            && one.word == THE
            && let Some(surname) = two.folded.strip_suffix('s')
        {
            found.push(Word::of(surname));
        }
        if found.len() >= FAMILIES {
            break;
        }
    }
    found
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

/// The same runs, longest first: "Mary Jane" before "Mary".
fn longest_first(tokens: &[Token], from: usize) -> impl Iterator<Item = Span> {
    let mut runs = [None; NAME_WORDS];
    for (place, span) in runs.iter_mut().rev().zip(spans(tokens, from)) {
        *place = Some(span);
    }
    runs.into_iter().flatten()
}

/// Continues a name's digest with the next token's.
fn chain(word: Word, token: &Token) -> Word {
    word.join(token.word, token.folded.len())
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

fn mark(taken: &mut [bool], span: Span) {
    if let Some(run) = taken.get_mut(span.from..=span.to) {
        run.fill(true);
    }
}
