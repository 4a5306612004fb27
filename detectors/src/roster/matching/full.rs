//! Pupils by forename and surname, in either order.

use super::nicknames;
use super::places::Places;
use super::{Named, Span, before, bounds, capitals, follows_title, has_common, longest_first};
use crate::inspection::Identification;
use crate::roster::PupilId;
use crate::roster::index::RosterIndex;
use crate::roster::key::{Tag, Word, key};
use crate::words::{Gap, Token};

/// A full name that begins at this word. The outer `Some` says that the words are
/// used up; the inner is empty when they name a member of staff or an adult.
pub(super) fn full_name(
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
    for first in longest_first(tokens, from) {
        if !roster.may_name(first.word) {
            continue;
        }
        let known = roster.knows(key(first_tag, first.word, Word::EMPTY))
            || (order == Order::ForenameFirst && !nicknames::whole(first.word).is_empty());
        if !known {
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
            for second in longest_first(tokens, second_from) {
                if !roster.may_name(second.word) {
                    continue;
                }
                let (forename, surname) = match order {
                    Order::ForenameFirst => (first, second),
                    Order::SurnameFirst => (second, first),
                };
                if !free(second.to) {
                    continue;
                }
                let Some((given, pupils)) = by_name(forename, surname, roster) else {
                    continue;
                };
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
                if follows_title(tokens, from)
                    || has_a_job(tokens, second.to)
                    || roster.is_staff(forename.word, surname.word)
                {
                    return Some((None, second.to));
                }
                let pupils = places.narrow(pupils, given, first.from, second.to, roster);
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

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Order {
    ForenameFirst,
    SurnameFirst,
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

/// The pupils of a name as it is written, else with the forename that the written one is
/// short for; with the forename that the roster knows.
fn by_name(forename: Span, surname: Span, roster: &RosterIndex) -> Option<(Word, Vec<PupilId>)> {
    std::iter::once(&forename.word)
        .chain(nicknames::whole(forename.word))
        .map(|&given| (given, roster.by_name(given, surname.word)))
        .find(|(_, pupils)| !pupils.is_empty())
}

/// "Is Grace Hope still the OT", "Grace Hope, our speaker": what a grown-up is follows the
/// name, behind an article and in the same breath.
fn has_a_job(tokens: &[Token], last: usize) -> bool {
    const LINKS: [&str; 6] = ["is", "still", "was", "as", "now", "whos"];
    const ARTICLES: [&str; 6] = ["the", "our", "your", "a", "an", "their"];
    let mut at = last + 1;
    while tokens
        .get(at)
        .is_some_and(|token| token.gap == Gap::Space && LINKS.contains(&token.folded.as_str()))
    {
        at += 1;
    }
    let linked = at > last + 1
        || tokens
            .get(last + 1)
            .is_some_and(|token| token.gap == Gap::Comma);
    let article = tokens
        .get(at)
        .is_some_and(|token| ARTICLES.contains(&token.folded.as_str()));
    let job = (at + 1..=at + 2).any(|at| {
        tokens
            .get(at)
            .is_some_and(|token| token.job && token.gap == Gap::Space)
    });
    linked && article && job
}
