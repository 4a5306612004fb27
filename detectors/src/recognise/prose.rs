//! One look at a paragraph.

use std::collections::BTreeSet;

use super::items::{
    contact_of, is_own_phone, is_own_postcode, note_sightings, secret_item, staff_homes, staff_item,
};
use super::lexicon::{self, Wording};
use super::look::{Anchor, First, Known, Page, Unit};
use super::tally::Tally;
use crate::category::{Category, Sensitivity};
use crate::credentials;
use crate::finding::Kind;
use crate::identifiers::{self, Setting, Sighting, date_of_birth, mrz};
use crate::inspection::Identification;
use crate::roster::PupilId;
use crate::roster::index::RosterIndex;
use crate::roster::key::{Tag, Word, joined, key, literal, words as roster_words};
use crate::roster::matching::{self, Named};
use crate::staff_details;
use crate::text::Role;
use crate::words;

/// Octets between an identity and what raises it.
const BESIDE: usize = 120;
/// Octets between a name and the date of birth that follows it.
const NEXT: usize = 24;

pub(super) fn text_unit(
    page: &mut Page,
    text: &str,
    tokens: &[words::Token],
    place: String,
    role: Role,
    known: &Known<'_>,
    wording: &mut Wording,
) {
    let &Known {
        roster,
        settings,
        locks,
        correspondents,
        ..
    } = known;
    let hits = lexicon::find(text, tokens, wording);
    let sightings = identifiers::find(text, Setting::Prose);
    let mut matches = matching::find(text, tokens, roster);
    matches.named.retain(|named| {
        !is_correspondent(text, named, correspondents) && !is_calendar(text, named)
    });
    staff_homes(page, text, tokens, &place, roster);
    if role == Role::Body {
        for (start, end) in staff_details::own(text, tokens, &sightings) {
            let detail = text.get(start..end).unwrap_or_default();
            page.items
                .push(staff_item(Kind::StaffDetails, detail, &place, 0.75));
        }
    }
    if role != Role::Quoted
        && let Some((start, end)) = staff_details::matter(text, tokens, roster)
    {
        let name = text.get(start..end).unwrap_or_default();
        page.items
            .push(staff_item(Kind::StaffMatter, name, &place, 0.8));
    }
    let mut facts = Tally::default();
    let mut anchors: Vec<Anchor> = matches
        .named
        .iter()
        .map(|named| Anchor {
            pupils: named.pupils.clone(),
            stranger: 0,
            how: named.how,
            confidence: named.confidence,
            text: text
                .get(named.start..named.end)
                .unwrap_or_default()
                .to_owned(),
        })
        .collect();
    let named_near = |start: usize, end: usize| {
        matches
            .named
            .iter()
            .any(|named| is_beside((named.start, named.end), (start, end)))
    };
    let stranger_near = |start: usize, end: usize| {
        matches
            .strangers
            .iter()
            .find(|&&stranger| is_beside(stranger, (start, end)))
    };
    let stranger_beside = |start: usize| {
        let last = matches.strangers.iter().rev().find(|one| one.1 <= start);
        last.filter(|one| start - one.1 <= NEXT)
    };
    let own = own_common_names(tokens, &matches, known);
    for sighting in &sightings {
        let (start, end) = (sighting.start, sighting.end);
        match sighting.kind {
            kind if kind.is_pupil_number() => {
                if matches!(kind, Kind::Chi | Kind::HealthAndCare) && sighting.confidence >= 0.5 {
                    facts.note(Category::Health, 6, Sensitivity::Sensitive, u32::MAX);
                }
                let known = if sighting.kind == Kind::Upn {
                    roster.by_upn(&sighting.value)
                } else {
                    Vec::new()
                };
                let birth_near = sightings.iter().any(|other| {
                    other.kind == Kind::DateOfBirth
                        && other.confidence >= 0.5
                        && is_beside((other.start, other.end), (start, end))
                });
                if !known.is_empty() {
                    anchors.push(Anchor {
                        pupils: known,
                        stranger: 0,
                        how: Identification::Number,
                        confidence: 0.98,
                        text: String::new(),
                    });
                } else if sighting.confidence >= 0.5
                    && (stranger_near(start, end).is_some() || birth_near)
                    && !named_near(start, end)
                    && !is_spoken_for(&sightings, kind, &matches.named, roster)
                {
                    anchors.push(Anchor {
                        pupils: Vec::new(),
                        stranger: literal(&sighting.value).0,
                        how: Identification::Number,
                        confidence: sighting.confidence * 0.9,
                        text: String::new(),
                    });
                }
                if sighting.confidence >= 0.5
                    && (named_near(start, end) || stranger_near(start, end).is_some() || birth_near)
                {
                    facts.raise(Sensitivity::Sensitive);
                }
            }
            Kind::AdmissionNumber => {
                let pupils = roster.by_admission_number(&sighting.value);
                if pupils.len() == 1 {
                    anchors.push(Anchor {
                        pupils,
                        stranger: 0,
                        how: Identification::Number,
                        confidence: 0.9,
                        text: String::new(),
                    });
                }
            }
            // A passport of a child is a name, a date of birth and a number in one.
            Kind::Mrz => {
                let child = mrz::birth(&sighting.value)
                    .is_some_and(|birth| date_of_birth::is_pupils_age(birth, settings.today));
                if named_near(start, end) {
                    facts.raise(Sensitivity::Sensitive);
                } else if child {
                    facts.raise(Sensitivity::Sensitive);
                    anchors.push(Anchor {
                        pupils: Vec::new(),
                        stranger: literal(&sighting.value).0,
                        how: Identification::Number,
                        confidence: 0.95,
                        text: String::new(),
                    });
                }
            }
            Kind::Passport if named_near(start, end) => facts.raise(Sensitivity::Sensitive),
            Kind::NhsNumber => {
                facts.note(Category::Health, 6, Sensitivity::Sensitive, u32::MAX);
            }
            Kind::DateOfBirth if sighting.confidence >= 0.5 => {
                let pupils_age = sighting
                    .value
                    .parse()
                    .is_ok_and(|birth| date_of_birth::is_pupils_age(birth, settings.today));
                if pupils_age {
                    facts.raise(Sensitivity::Sensitive);
                }
                // A stranger's name beside a child's date of birth is a child of another
                // school's.
                if let (true, Some(&(from, to)), false) =
                    (pupils_age, stranger_beside(start), named_near(start, end))
                {
                    let name = text.get(from..to).unwrap_or_default();
                    anchors.push(Anchor {
                        pupils: Vec::new(),
                        stranger: joined(&roster_words(name)).0,
                        how: Identification::FullName,
                        confidence: 0.7,
                        text: String::new(),
                    });
                }
            }
            Kind::Phone
                if sighting.confidence >= 0.85 && !is_own_phone(&sighting.value, settings) =>
            {
                facts.note(Category::Contact, 4, Sensitivity::Sensitive, u32::MAX);
            }
            Kind::Postcode
                if sighting.confidence >= 0.8 && !is_own_postcode(&sighting.value, settings) =>
            {
                facts.note(Category::Contact, 4, Sensitivity::Sensitive, u32::MAX - 1);
            }
            _ => {}
        }
    }
    let names = matches
        .named
        .iter()
        .map(|named| named.start..named.end)
        .chain(
            matches
                .first_names
                .iter()
                .map(|first| first.start..first.end),
        )
        .collect();
    // A first name with a date that is that pupil's date of birth.
    let mut firsts = Vec::new();
    let is_heading = matches!(role, Role::Subject | Role::FileName)
        || (role == Role::Quoted && place.eq_ignore_ascii_case("subject"));
    for first in matches.first_names {
        // Alone in a text, a first name is how its writer signs.
        if first.alone && !is_heading {
            continue;
        }
        let name = text.get(first.start..first.end).unwrap_or_default();
        if is_month(text, first.start, name) {
            continue;
        }
        let by_birth = sightings
            .iter()
            .filter(|sighting| {
                sighting.kind == Kind::DateOfBirth
                    && is_beside((sighting.start, sighting.end), (first.start, first.end))
            })
            .filter_map(|sighting| sighting.value.parse().ok())
            .map(|birth| {
                roster.find(key(
                    Tag::ForenameBirth,
                    first.given,
                    crate::roster::key::date(birth),
                ))
            })
            .find(|found| found.len() == 1);
        match by_birth {
            Some(pupils) => {
                facts.raise(Sensitivity::Sensitive);
                anchors.push(Anchor {
                    pupils,
                    stranger: 0,
                    how: Identification::ForenameAndContext,
                    confidence: 0.85,
                    text: name.to_owned(),
                });
            }
            None => firsts.push(First {
                candidates: first.candidates,
                given: first.given,
                text: name.to_owned(),
            }),
        }
    }
    firsts.extend(own);
    // The attribution line of a reply names the person who wrote, not a pupil.
    let attribution = role == Role::Quoted
        && ["wrote:", "From:", "Sent:", "To:"]
            .iter()
            .any(|word| text.contains(word));
    for sighting in sightings
        .iter()
        .filter(|sighting| sighting.kind == Kind::Email)
    {
        let known = contact_of(&sighting.value, roster);
        if !known.is_empty() && !attribution {
            anchors.push(Anchor {
                pupils: known,
                stranger: 0,
                how: Identification::ContactAddress,
                confidence: 0.8,
                text: String::new(),
            });
        }
    }
    if role != Role::FileName {
        let secrets = credentials::find_behind(&page.before, text, locks);
        page.before = credentials::tail(text).to_owned();
        page.items.extend(
            secrets
                .into_iter()
                .map(|secret| secret_item(secret, &place)),
        );
    }
    let births: Vec<bool> = sightings
        .iter()
        .map(|sighting| sighting.kind == Kind::DateOfBirth && sighting.confidence < 0.5)
        .collect();
    note_sightings(page, sightings, &births, &place, roster, settings);
    let length = text.len();
    page.units.push(Unit {
        place,
        role,
        is_row: false,
        table: None,
        anchors,
        firsts,
        hits,
        facts,
        tally: Tally::default(),
        length,
        names,
        source: None,
        places: matches.places,
        initials: matches.initials,
        families: matches.families,
        greeted: matches.greeted,
        of_one: false,
        is_read: false,
    });
}

/// First names that are ordinary words too, or written small, in a letter to that child's own
/// family: to Lily's father "Lily is settled" is no flower, and "re: darcy" is his Darcy.
/// "May I" and "in May" stay what they are.
fn own_common_names(
    tokens: &[words::Token],
    matches: &matching::Matches,
    known: &Known<'_>,
) -> Vec<First> {
    const NOT_AFTER: [&str; 12] = [
        "in", "by", "until", "till", "since", "from", "the", "of", "last", "next", "this", "early",
    ];
    const NOT_BEFORE: [&str; 9] = ["i", "we", "you", "they", "he", "she", "it", "the", "there"];
    let one_of = |token: Option<&words::Token>, list: &[&str]| {
        token.is_some_and(|token| list.iter().any(|word| Word::of(word) == token.word))
    };
    let children = &known.circle.children;
    if children.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (at, token) in tokens
        .iter()
        .enumerate()
        .filter(|(_, token)| token.capital == token.common)
    {
        let seen = |start: usize, end: usize| start <= token.start && token.end <= end;
        let before = at.checked_sub(1).and_then(|at| tokens.get(at));
        if matches
            .named
            .iter()
            .any(|named| seen(named.start, named.end))
            || matches
                .first_names
                .iter()
                .any(|first| seen(first.start, first.end))
            || before.is_some_and(|token| token.title)
            || (token.common
                && (one_of(before, &NOT_AFTER)
                    || one_of(tokens.get(at + 1), &NOT_BEFORE)
                    || tokens.get(at + 1).is_none_or(|next| next.capital)
                    || (at == 0 && tokens.len() < 3)))
            || !known.roster.may_name(token.word)
        {
            continue;
        }
        let candidates: Vec<PupilId> = known
            .roster
            .by_forename(token.word)
            .into_iter()
            .filter(|id| children.contains(id))
            .collect();
        if !candidates.is_empty() {
            found.push(First {
                candidates,
                given: token.word,
                text: "…".to_owned(),
            });
        }
    }
    found
}

/// Whether a paragraph names as many pupils as it holds numbers of a kind: on a statement
/// of results the candidate's name stands further off than the name of the exam board.
fn is_spoken_for(
    sightings: &[Sighting],
    kind: Kind,
    named: &[Named],
    roster: &RosterIndex,
) -> bool {
    let numbers: BTreeSet<&str> = sightings
        .iter()
        .filter(|sighting| sighting.kind == kind && sighting.confidence >= 0.5)
        .filter(|sighting| kind != Kind::Upn || roster.by_upn(&sighting.value).is_empty())
        .map(|sighting| sighting.value.as_str())
        .collect();
    let pupils: BTreeSet<&[PupilId]> = named.iter().map(|named| &named.pupils[..]).collect();
    pupils.len() >= numbers.len()
}

/// Whether a pupil's name is rather that of somebody who writes or is written to: greeted,
/// signing, or before an address in the heading of an older message.
fn is_correspondent(text: &str, named: &Named, correspondents: &BTreeSet<Word>) -> bool {
    let before = text.get(..named.start).unwrap_or_default();
    let after = text.get(named.end..).unwrap_or_default();
    let name = text.get(named.start..named.end).unwrap_or_default();
    if !correspondents.contains(&joined(&roster_words(name))) {
        return false;
    }
    let start = before.rsplit('\n').next().unwrap_or_default();
    let rest = after.split('\n').next().unwrap_or_default();
    let greeted = start
        .split_whitespace()
        .next_back()
        .is_some_and(words::is_greeting)
        && rest
            .trim()
            .trim_end_matches([',', '!', '.', ':'])
            .is_empty();
    let alone = !start.contains(char::is_alphanumeric) && !rest.contains(char::is_alphanumeric);
    greeted || alone || rest.trim_start_matches(['"', ' ']).starts_with('<')
}

/// Whether a first name is rather the month or season when something is: "new in May".
fn is_month(text: &str, start: usize, name: &str) -> bool {
    const MONTHS: [&str; 7] = [
        "may", "april", "june", "august", "summer", "autumn", "winter",
    ];
    const WHEN: [&str; 9] = [
        "in", "until", "till", "since", "during", "last", "next", "early", "late",
    ];
    let before = text.get(..start).unwrap_or_default();
    let previous = before.split_whitespace().next_back().unwrap_or_default();
    MONTHS.contains(&name.to_lowercase().as_str())
        && WHEN.contains(&previous.to_lowercase().as_str())
}

/// Whether a name is rather a day or a season: "the May Day bank holiday", "our Summer Fair".
fn is_calendar(text: &str, named: &Named) -> bool {
    const SEASONS: [&str; 9] = [
        "may",
        "april",
        "june",
        "august",
        "summer",
        "autumn",
        "winter",
        "easter",
        "christmas",
    ];
    const ARTICLES: [&str; 8] = ["the", "our", "a", "this", "next", "last", "your", "early"];
    const DAYS: [&str; 6] = [
        "bank",
        "holiday",
        "holidays",
        "weekend",
        "celebrations",
        "fair",
    ];
    let name = text.get(named.start..named.end).unwrap_or_default();
    let first = name.split_whitespace().next().unwrap_or_default();
    let before = text.get(..named.start).unwrap_or_default();
    let after = text.get(named.end..).unwrap_or_default();
    let is_one = |word: Option<&str>, list: &[&str]| {
        word.is_some_and(|word| {
            let word = word
                .trim_matches(|c: char| !c.is_alphanumeric())
                .to_lowercase();
            list.contains(&word.as_str())
        })
    };
    is_one(Some(first), &SEASONS)
        && (is_one(before.split_whitespace().next_back(), &ARTICLES)
            || is_one(after.split_whitespace().next(), &DAYS))
}

/// Whether two stretches of a text lie beside each other.
fn is_beside(one: (usize, usize), other: (usize, usize)) -> bool {
    one.0 <= other.1.saturating_add(BESIDE) && other.0 <= one.1.saturating_add(BESIDE)
}
