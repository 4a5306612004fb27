//! Pupils by their initials.

use super::places::{PlaceKind, Places};
use super::{Matches, Named, bounds, chain, follows_a_name, follows_title};
use crate::inspection::Identification;
use crate::roster::index::RosterIndex;
use crate::roster::key::{Tag, Word, key};
use crate::words::{Gap, Token};

/// How far the class of initials may stand that are spoken of as somebody, in words.
const SPOKEN_OF: usize = 40;
/// Initials kept of one text.
const MOST: usize = 16;
/// What initials do or have when they are somebody's.
const VERBS: [&str; 24] = [
    "is", "was", "has", "had", "needs", "should", "can", "cant", "did", "didnt", "said", "says",
    "told", "came", "hit", "got", "gets", "hasnt", "isnt", "wasnt", "will", "wont", "kicked",
    "punched",
];
/// Two capitals that are a thing of school life as often as somebody.
const THINGS: [&str; 27] = [
    "pe", "re", "ta", "ht", "it", "dt", "pp", "ok", "uk", "tv", "ai", "hr", "am", "pm", "cp", "la",
    "ep", "ot", "pa", "eh", "sl", "gp", "rj", "fs", "ks", "cc", "dh",
];

/// "T.W. (Y5)", "TW in 4B": two initials beside a class or year that fit one pupil.
pub(super) fn initials(
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
    // Initials are weak: the class or year must be next to them, or they must be spoken of
    // as somebody.
    let somebody = is_somebody(text, tokens, at, last);
    let reach = if somebody { SPOKEN_OF } else { 2 };
    for place in places.within(at, last, reach) {
        let (tag, word_of_place) = match place.kind {
            PlaceKind::Class => (Tag::InitialsClass, place.word),
            PlaceKind::Year => (Tag::InitialsYear, place.word),
            PlaceKind::Teacher => continue,
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
    if somebody && matches.initials.len() < MOST {
        matches.initials.push(word);
    }
}

/// "R Castell, Year 4", "Castell, R. (4M)": one initial and a surname near a class or year
/// that fit one pupil.
pub(super) fn initial_and_surname(
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
            PlaceKind::Teacher => continue,
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

/// Whether initials are spoken of as somebody: "BM should be on stage 4", "TW's mum".
fn is_somebody(text: &str, tokens: &[Token], first: usize, last: usize) -> bool {
    let (Some(one), Some(end)) = (tokens.get(first), tokens.get(last)) else {
        return false;
    };
    if THINGS.contains(&one.folded.as_str()) {
        return false;
    }
    let owns = text
        .get(end.end..)
        .is_some_and(|rest| rest.starts_with("'s"));
    owns || tokens
        .get(last + 1)
        .is_some_and(|next| next.gap == Gap::Space && VERBS.contains(&next.folded.as_str()))
}
