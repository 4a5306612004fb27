//! Pupils by their first name: with a class, a year, a teacher or the surname's first letter
//! that fits one pupil it identifies; otherwise it is a mention.

use super::nicknames;
use super::places::{PlaceKind, Places};
use super::{
    FirstName, Matches, Named, Span, before, bounds, follows_a_name, follows_title, has_common,
    longest_first, mark,
};
use crate::inspection::Identification;
use crate::roster::PupilId;
use crate::roster::index::RosterIndex;
use crate::roster::key::{Tag, Word, key, single};
use crate::words::{Gap, Token};

/// Words that a mail has by itself when its name stands alone in it.
const ALONE: usize = 2;

/// A single forename. `informal` says that the text does without capitals.
pub(super) fn first_name(
    tokens: &[Token],
    from: usize,
    roster: &RosterIndex,
    informal: bool,
    taken: &mut [bool],
    places: &Places,
    matches: &mut Matches,
) {
    let is_free = |taken: &[bool], at: usize| taken.get(at) == Some(&false);
    if !is_free(taken, from) {
        return;
    }
    for span in longest_first(tokens, from) {
        if !roster.may_name(span.word) || !(span.from..=span.to).all(|at| is_free(taken, at)) {
            continue;
        }
        let Some(token) = tokens.get(span.from) else {
            return;
        };
        let common = has_common(tokens, span.from, span.to);
        if common && token.capital && token.opens() && token.gap != Gap::Start {
            continue;
        }
        let Some((given, candidates)) = candidates(span, roster) else {
            continue;
        };
        if follows_title(tokens, from)
            || follows_a_name(tokens, from)
            || goes_on(tokens, span.to, places)
        {
            return;
        }
        let lettered = lettered(tokens, span, given, roster);
        let end = span.to + usize::from(lettered.is_some());
        let Some((start, end)) = bounds(tokens, span.from, end) else {
            return;
        };
        let mut named = |pupils: Vec<PupilId>, confidence: f32, taken: &mut [bool]| {
            mark(taken, span);
            matches.named.push(Named {
                pupils,
                how: Identification::ForenameAndContext,
                confidence,
                start,
                end,
            });
        };
        for place in places.near(span.from, span.to) {
            // A small letter is a name's only beside a class, and a word's that is a name
            // only with the surname's letter too.
            if !token.capital && (place.kind != PlaceKind::Class || (common && lettered.is_none()))
            {
                continue;
            }
            let mut narrowed = place.pupils(given, roster);
            if let Some(fitting) = &lettered {
                narrowed.retain(|pupil| fitting.contains(pupil));
            }
            if narrowed.len() == 1 {
                named(narrowed, 0.8, taken);
                return;
            }
        }
        match lettered {
            Some(fitting) if fitting.len() == 1 && token.capital => {
                named(fitting, 0.75, taken);
                return;
            }
            // "Grace B" where every Grace has another surname.
            Some(fitting) if fitting.is_empty() => return,
            _ => {}
        }
        if !token.capital && (!informal || common) {
            continue;
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
        let alone = tokens.len() <= ALONE;
        // "Poppy's stammer": a word that owns something is a name.
        let last = tokens.get(span.to).map_or(0, |token| token.end);
        let owns = tokens
            .get(span.to + 1)
            .is_some_and(|next| next.gap == Gap::Space && next.start >= last + 3);
        let opens = common && token.opens() && !alone && !owns;
        let doubtful = greeted || beside_figure || opens;
        if !doubtful {
            mark(taken, span);
            matches.first_names.push(FirstName {
                candidates,
                given,
                alone,
                start,
                end,
            });
        }
        return;
    }
}

/// The pupils of a forename as it is written, else of those that it is short for.
fn candidates(span: Span, roster: &RosterIndex) -> Option<(Word, Vec<PupilId>)> {
    std::iter::once(&span.word)
        .chain(nicknames::whole(span.word))
        .map(|&given| (given, roster.by_forename(given)))
        .find(|(_, pupils)| !pupils.is_empty())
}

/// "Isla F": of the pupils with this forename those whose surname begins with the letter
/// behind it. `None` when there is no such letter.
fn lettered(
    tokens: &[Token],
    span: Span,
    given: Word,
    roster: &RosterIndex,
) -> Option<Vec<PupilId>> {
    let letter = tokens.get(span.to + 1)?;
    let name = tokens.get(span.to)?;
    let is_letter = letter.length == 1 && !letter.digits && letter.gap == Gap::Space;
    // "Isla I think", "Zoe a bit".
    let is_word = matches!(letter.folded.as_str(), "i" | "a" | "x");
    let after = tokens.get(span.to + 2);
    let opens_name = after
        .is_some_and(|next| next.capital && next.gap == Gap::Stop && !next.opener)
        && letter.capital
        && after.is_some_and(|next| roster.knows(single(Tag::Surname, next.word)));
    if !is_letter || is_word || opens_name || (name.capital && !letter.capital) {
        return None;
    }
    Some(roster.find(key(Tag::ForenameLetter, given, letter.word)))
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
