//! Under which keys the index knows somebody: every form in which a name is written.

use std::collections::BTreeMap;

use super::key::{self, Tag, Word, joined, key, single, words};
use super::matching::short_for;
use super::{Pupil, PupilId, Roster};

/// The forms in which a forename is written: whole, and its first word.
fn forename_forms(name: &str) -> Vec<Word> {
    let words = words(name);
    let mut forms = Vec::new();
    if !words.is_empty() {
        forms.push(joined(&words));
    }
    if words.len() > 1 && words.first().is_some_and(|first| first.chars().count() > 1) {
        forms.push(joined(words.get(..1).unwrap_or_default()));
    }
    forms
}

/// The forms in which a surname is written: whole; a double one also by either half.
/// Particles (`van`, `de`, `al` …) are never a half.
fn surname_forms(name: &str) -> Vec<Word> {
    let words = words(name);
    let mut forms = Vec::new();
    if !words.is_empty() {
        forms.push(joined(&words));
    }
    if words.len() > 1 {
        for half in [words.first(), words.last()].into_iter().flatten() {
            if half.chars().count() > 3 {
                forms.push(Word::of(half));
            }
        }
    }
    forms
}

pub(super) fn pupil_keys(pupil: &Pupil, mut add: impl FnMut(u64), names: &mut Vec<Word>) {
    let chosen =
        |preferred: &Option<String>| preferred.clone().filter(|name| !name.trim().is_empty());
    let forenames: Vec<String> = std::iter::once(pupil.legal_forename.clone())
        .chain(chosen(&pupil.preferred_forename))
        .collect();
    let surnames: Vec<String> = std::iter::once(pupil.legal_surname.clone())
        .chain(chosen(&pupil.preferred_surname))
        .collect();
    let class = pupil
        .class
        .as_deref()
        .and_then(key::class)
        .map(|class| Word::of(&class));
    let year = pupil
        .year_group
        .as_deref()
        .and_then(key::year_group)
        .map(|year| Word::of(&year));

    for forename in forenames.iter().flat_map(|name| forename_forms(name)) {
        for surname in surnames.iter().flat_map(|name| surname_forms(name)) {
            add(key(Tag::FullName, forename, surname));
        }
        add(single(Tag::Forename, forename));
        names.push(forename);
        names.extend(short_for(forename));
        for surname in &surnames {
            if let Some(letter) = words(surname).first().and_then(|word| word.chars().next()) {
                let letter = Word::of(letter.encode_utf8(&mut [0; 4]));
                add(key(Tag::ForenameLetter, forename, letter));
            }
        }
        if let Some(class) = class {
            add(key(Tag::ForenameClass, forename, class));
        }
        if let Some(year) = year {
            add(key(Tag::ForenameYear, forename, year));
        }
        if let Some(dob) = pupil.dob {
            add(key(Tag::ForenameBirth, forename, key::date(dob)));
        }
    }
    for surname in surnames.iter().flat_map(|name| surname_forms(name)) {
        add(single(Tag::Surname, surname));
        names.push(surname);
    }
    for forename in &forenames {
        for surname in &surnames {
            let Some(initials) = initials(forename, surname) else {
                continue;
            };
            if let Some(class) = class {
                add(key(Tag::InitialsClass, initials, class));
            }
            if let Some(year) = year {
                add(key(Tag::InitialsYear, initials, year));
            }
        }
    }
    if let Some(class) = class {
        add(single(Tag::Class, class));
    }
    for (tag, value) in [
        (Tag::Upn, &pupil.upn),
        (Tag::Admission, &pupil.admission_number),
        (Tag::PupilEmail, &pupil.email),
    ] {
        if let Some(value) = value.as_deref().filter(|value| !value.trim().is_empty()) {
            add(single(tag, key::literal(value)));
        }
    }
}

/// Every form of a pupil's forenames.
pub(super) fn given_names(pupil: &Pupil) -> Vec<Word> {
    std::iter::once(&pupil.legal_forename)
        .chain(&pupil.preferred_forename)
        .flat_map(|name| forename_forms(name))
        .collect()
}

/// "Dear Gwen, Zachary …", or "Mrs Larkwell's Freya" where the child is called otherwise: the
/// keys of contacts by their first name, and by a surname that is none of the child's.
pub(super) fn contact_names(roster: &Roster, mut add: impl FnMut(PupilId, u64)) {
    let pupils: BTreeMap<PupilId, &Pupil> = roster.pupils.iter().map(|p| (p.id, p)).collect();
    for contact in &roster.contacts {
        let name = words(&contact.name);
        let (Some(pupil), Some(last)) = (pupils.get(&contact.pupil), name.last()) else {
            continue;
        };
        let surname = Word::of(last);
        let shared = std::iter::once(&pupil.legal_surname)
            .chain(&pupil.preferred_surname)
            .any(|own| surname_forms(own).contains(&surname));
        let first = name.first().map(|first| Word::of(first));
        let called = (name.len() > 1 && !shared).then_some(surname);
        for forename in given_names(pupil) {
            for name in called.iter().chain(&first) {
                add(pupil.id, key(Tag::ForenameContact, forename, *name));
            }
        }
    }
}

/// The first letters of forename and surname, as `T.W.` or `TW` folds to them.
fn initials(forename: &str, surname: &str) -> Option<Word> {
    let first = |name: &str| words(name).first().and_then(|word| word.chars().next());
    let mut letters = String::new();
    letters.push(first(forename)?);
    letters.push(first(surname)?);
    Some(Word::of(&letters))
}

/// A member of staff is named in one field, with or without a title.
/// The keys under which a member of staff is known by name: as they stand in
/// [`crate::Inspection::staff_at_pictures`], and nobody else can tell whose they are.
pub fn staff_name_keys(name: &str) -> Vec<u64> {
    let mut keys = Vec::new();
    staff_keys(name, |key| keys.push(key));
    keys
}

pub(super) fn staff_keys(name: &str, mut add: impl FnMut(u64)) {
    let mut words = words(name);
    if words.len() > 2
        && words
            .first()
            .is_some_and(|first| crate::words::is_title(first))
    {
        words.remove(0);
    }
    // "Jones, Sam" and "Sam Jones" are the same member of staff.
    if let (Some(first), Some(last)) = (words.first(), words.last())
        && words.len() >= 2
    {
        let (first, last) = (Word::of(first), Word::of(last));
        add(key(Tag::StaffName, first, last));
        add(key(Tag::StaffName, last, first));
        add(single(Tag::StaffForename, first));
        add(single(Tag::StaffSurname, last));
        let whole = joined(words.get(1..).unwrap_or_default());
        add(key(Tag::StaffName, first, whole));
    }
}
