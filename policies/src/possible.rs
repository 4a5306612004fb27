//! Whether a condition can hold for any message at all.
//!
//! A condition is turned into claims about a few quantities (the recipient's relation,
//! the sensitivity, sets of categories, counts, yes-or-no questions), and a world is
//! sought in which all of them are true. The worlds are more than the real messages, so
//! "never" is certain, while "possibly" may be wrong. The work is bounded: a condition
//! too tangled to be settled is "possibly".

use std::collections::BTreeSet;

use schoolgate_detectors::{Category, Confidence, Kind, MarkingLevel, Sensitivity, UnreadReason};

use crate::condition::{Condition, FILE_TYPES, GROUPS, Leaf, RELATIONS};
use crate::facts::{Relation, SenderGroup};

/// How many steps may still be made.
#[derive(Debug)]
pub(crate) struct Effort(u32);

impl Effort {
    pub fn new(steps: u32) -> Self {
        Self(steps)
    }

    pub fn is_spent(&self) -> bool {
        self.0 == 0
    }

    fn spend(&mut self) -> Option<()> {
        self.0 = self.0.checked_sub(1)?;
        Some(())
    }
}

/// The most steps for one question.
const MOST_STEPS: u32 = 4_000;
/// The most choices that are open at once.
const MOST_CHOICES: usize = 48;
/// The most choices one after another: each is a call, and the stack is short.
const MOST_CHOSEN: usize = 128;

/// Conditions under comparison, by their place in the list.
pub(crate) struct Conditions<'a> {
    holding: Vec<Claim<'a>>,
    failing: Vec<Claim<'a>>,
}

impl<'a> Conditions<'a> {
    pub fn new(list: impl Iterator<Item = &'a Condition>) -> Self {
        let mut flags = Vec::new();
        let (holding, failing) = list
            .map(|c| (claim(c, true, &mut flags), claim(c, false, &mut flags)))
            .unzip();
        Self { holding, failing }
    }

    /// Whether all of the first can be true of one message and recipient while none of
    /// the second is. `None`: it was not settled.
    pub fn together(&self, holds: &[usize], fails: &[usize], effort: &mut Effort) -> Option<bool> {
        let holding = holds.iter().filter_map(|i| self.holding.get(*i));
        let failing = fails.iter().filter_map(|i| self.failing.get(*i));
        let mut own = Effort(effort.0.min(MOST_STEPS));
        let given = own.0;
        let claims = holding.chain(failing).collect();
        let answer = solve(claims, Vec::new(), World::new(), 0, &mut own);
        effort.0 -= given - own.0;
        answer
    }

    /// Whether the second certainly holds wherever the first does.
    pub fn implies(&self, first: usize, second: usize, effort: &mut Effort) -> bool {
        self.together(&[first], &[second], effort) == Some(false)
    }
}

/// A quantity with few values; a set of them is a mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Relation,
    /// On the staff list, a pupil, in the school's domain but on no list, or foreign.
    Origin,
    /// None, personal, sensitive, highly sensitive.
    Sensitivity,
    /// The same, of the most sensitive open attachment.
    Open,
    /// None, the lower level, the upper level.
    Marking,
}

const FIELDS: [(Field, u32); 5] = [
    (Field::Relation, (1 << RELATIONS.len()) - 1),
    (Field::Origin, 0b1111),
    (Field::Sensitivity, 0b1111),
    (Field::Open, 0b1111),
    (Field::Marking, 0b111),
];

/// A quantity that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Number {
    Pupils,
    Families,
    Recipients,
    Forwards,
}

/// A quantity of which several may be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Members {
    Categories,
    Unread,
    /// Groups of people on the staff list: one may belong to several.
    Groups,
    Files,
}

#[derive(Debug, Clone)]
enum Claim<'a> {
    All(Vec<Claim<'a>>),
    Any(Vec<Claim<'a>>),
    In(Field, u32),
    /// From the first number on, below the second.
    Between(Number, u32, u32),
    SomeOf(Members, u64),
    NoneOf(Members, u64),
    Flag(usize, bool),
    Found(&'a Leaf, bool),
}

fn claim<'a>(condition: &'a Condition, holds: bool, flags: &mut Vec<&'a Leaf>) -> Claim<'a> {
    match condition {
        Condition::All(list) | Condition::Any(list) => {
            let claims = list.iter().map(|c| claim(c, holds, flags)).collect();
            // De Morgan: none of `any` is all of `not`.
            if matches!(condition, Condition::All(_)) == holds {
                Claim::All(claims)
            } else {
                Claim::Any(claims)
            }
        }
        Condition::Not(inner) => claim(inner, !holds, flags),
        Condition::Leaf(leaf) => {
            let claim = asked(leaf, flags);
            if holds { claim } else { denied(claim) }
        }
    }
}

fn denied(claim: Claim<'_>) -> Claim<'_> {
    match claim {
        Claim::All(list) => Claim::Any(list.into_iter().map(denied).collect()),
        Claim::Any(list) => Claim::All(list.into_iter().map(denied).collect()),
        Claim::In(field, mask) => Claim::In(field, all_of(field) & !mask),
        Claim::Between(number, low, high) => Claim::Any(vec![
            Claim::Between(number, 0, low),
            Claim::Between(number, high, u32::MAX),
        ]),
        Claim::SomeOf(members, mask) => Claim::NoneOf(members, mask),
        Claim::NoneOf(members, mask) => Claim::SomeOf(members, mask),
        Claim::Flag(flag, yes) => Claim::Flag(flag, !yes),
        Claim::Found(leaf, yes) => Claim::Found(leaf, !yes),
    }
}

fn all_of(field: Field) -> u32 {
    FIELDS
        .iter()
        .find(|(f, _)| *f == field)
        .map_or(0, |(_, mask)| *mask)
}

/// What a leaf asks, as a claim. What `matter.rs` answers must follow from it.
fn asked<'a>(leaf: &'a Leaf, flags: &mut Vec<&'a Leaf>) -> Claim<'a> {
    use Relation as R;
    match leaf {
        Leaf::Relation(set) => relations(|r| set.contains(&r)),
        Leaf::Outside => relations(|r| !r.is_inside()),
        Leaf::PupilData => level(Field::Sensitivity, Sensitivity::Personal),
        Leaf::Sensitivity(floor) => level(Field::Sensitivity, *floor),
        Leaf::UnprotectedAttachment(floor) => level(Field::Open, *floor),
        Leaf::AboutOthers => Claim::Any(vec![
            // `relate` calls a contact so for this very reason.
            relations(|r| r == R::OtherPupilsContact),
            Claim::All(vec![
                relations(|r| matches!(r, R::ContactUnderCourtFlag | R::Pupil)),
                flag(leaf, flags),
            ]),
            Claim::All(vec![
                relations(|r| !r.has_family() && r != R::Pupil),
                level(Field::Sensitivity, Sensitivity::Personal),
            ]),
        ]),
        Leaf::SpeaksOfPupils => Claim::Any(vec![
            level(Field::Sensitivity, Sensitivity::Personal),
            flag(leaf, flags),
        ]),
        Leaf::Category(set) => Claim::SomeOf(Members::Categories, categories(|c| set.contains(&c))),
        Leaf::SpecialCategory => {
            Claim::SomeOf(Members::Categories, categories(Category::is_special))
        }
        Leaf::Pupils(floor) => Claim::Between(Number::Pupils, *floor, u32::MAX),
        Leaf::VisibleFamilies(Some(limit)) => {
            Claim::Between(Number::Families, limit.saturating_add(1), u32::MAX)
        }
        Leaf::Unread(set) => Claim::SomeOf(Members::Unread, unread(set)),
        Leaf::Sender(set) => sender(set),
        Leaf::SpeaksOf(set) => Claim::Any(vec![
            Claim::SomeOf(Members::Categories, categories(|c| set.contains(&c))),
            flag(leaf, flags),
        ]),
        Leaf::FileType(set) => Claim::SomeOf(
            Members::Files,
            bits(FILE_TYPES.iter().map(|(kind, _)| set.contains(kind))),
        ),
        Leaf::Recipients(least) => Claim::Between(Number::Recipients, *least, u32::MAX),
        Leaf::Forwarded(least) => Claim::Between(Number::Forwards, *least, u32::MAX),
        // To be within hours and outside them is one question.
        Leaf::Hours { name, within } => {
            let known = flags.iter().position(
                |known| matches!(known, Leaf::Hours { name: other, .. } if other == name),
            );
            let place = known.unwrap_or_else(|| {
                flags.push(leaf);
                flags.len() - 1
            });
            Claim::Flag(place, *within)
        }
        Leaf::Unmarked => Claim::In(Field::Marking, 0b001),
        Leaf::MarkingTooLow => Claim::Any(
            // The marking covers less than the matter asks for.
            [
                (0b010, MarkingLevel::Sensitive),
                (0b100, MarkingLevel::HighlySensitive),
            ]
            .into_iter()
            .map(|(marking, covers)| {
                let above = !mask_up_to(covers.covers()) & all_of(Field::Sensitivity);
                Claim::All(vec![
                    Claim::In(Field::Marking, marking),
                    Claim::In(Field::Sensitivity, above),
                ])
            })
            .collect(),
        ),
        Leaf::Found { .. } => Claim::Found(leaf, true),
        // Yes or no, and nothing else depends on it.
        _ => flag(leaf, flags),
    }
}

/// Who is on the staff list may belong to several groups; the others belong to one.
fn sender<'a>(set: &BTreeSet<SenderGroup>) -> Claim<'a> {
    let staff = bits(
        GROUPS
            .iter()
            .map(|(group, _)| origin(*group) == 0 && set.contains(group)),
    );
    let others = GROUPS
        .iter()
        .filter(|(group, _)| origin(*group) > 0 && set.contains(group))
        .fold(0, |mask, (group, _)| mask | (1 << origin(*group)));
    let mut claims = Vec::new();
    if staff != 0 {
        claims.push(Claim::All(vec![
            Claim::In(Field::Origin, 0b0001),
            Claim::SomeOf(Members::Groups, staff),
        ]));
    }
    if others != 0 {
        claims.push(Claim::In(Field::Origin, others));
    }
    Claim::Any(claims)
}

fn origin(group: SenderGroup) -> u32 {
    match group {
        SenderGroup::Pupil => 1,
        SenderGroup::Unlisted => 2,
        SenderGroup::Foreign => 3,
        _ => 0,
    }
}

fn flag<'a>(leaf: &'a Leaf, flags: &mut Vec<&'a Leaf>) -> Claim<'a> {
    let known = flags.iter().position(|known| *known == leaf);
    Claim::Flag(
        known.unwrap_or_else(|| {
            flags.push(leaf);
            flags.len() - 1
        }),
        true,
    )
}

fn mask(bits: impl Iterator<Item = bool>) -> u32 {
    bits.enumerate()
        .fold(0, |mask, (i, set)| mask | (u32::from(set) << i))
}

fn relations<'a>(wanted: impl Fn(Relation) -> bool) -> Claim<'a> {
    Claim::In(
        Field::Relation,
        mask(RELATIONS.iter().map(|(relation, _)| wanted(*relation))),
    )
}

/// The bits of the levels up to this one.
fn mask_up_to(level: Sensitivity) -> u32 {
    match level {
        Sensitivity::None => 0b0001,
        Sensitivity::Personal => 0b0011,
        Sensitivity::Sensitive => 0b0111,
        Sensitivity::HighlySensitive => 0b1111,
    }
}

fn level<'a>(field: Field, floor: Sensitivity) -> Claim<'a> {
    let below = mask_up_to(floor) >> 1;
    Claim::In(field, all_of(field) & !below)
}

fn categories(wanted: impl Fn(Category) -> bool) -> u64 {
    bits(Category::ALL.iter().map(|c| wanted(*c)))
}

fn unread(set: &BTreeSet<UnreadReason>) -> u64 {
    bits(
        crate::condition::UNREAD_REASONS
            .iter()
            .map(|(reason, _)| set.contains(reason)),
    )
}

fn bits(wanted: impl Iterator<Item = bool>) -> u64 {
    wanted
        .take(64)
        .enumerate()
        .fold(0, |bits, (i, set)| bits | (u64::from(set) << i))
}

/// What is settled so far.
#[derive(Clone)]
struct World<'a> {
    fields: [u32; 5],
    /// From the first on, below the second; in the order of [`Number`].
    numbers: [(u32, u32); 4],
    /// In the order of [`Members`]: those that are not there, and sets of which at least
    /// one is.
    absent: [u64; 4],
    some_of: [Vec<u64>; 4],
    yes: Vec<usize>,
    no: Vec<usize>,
    found: Vec<&'a Leaf>,
    not_found: Vec<&'a Leaf>,
}

impl<'a> World<'a> {
    fn new() -> Self {
        Self {
            fields: FIELDS.map(|(_, mask)| mask),
            numbers: [(0, u32::MAX); 4],
            absent: [0; 4],
            some_of: Default::default(),
            yes: Vec::new(),
            no: Vec::new(),
            found: Vec::new(),
            not_found: Vec::new(),
        }
    }

    /// Takes a claim that is no list. False: it contradicts what is settled.
    fn take(&mut self, claim: &Claim<'a>) -> bool {
        match claim {
            Claim::All(_) | Claim::Any(_) => true,
            Claim::In(field, mask) => {
                let place = &mut self.fields[*field as usize];
                *place &= mask;
                *place != 0
            }
            Claim::Between(number, low, high) => {
                let place = &mut self.numbers[*number as usize];
                *place = (place.0.max(*low), place.1.min(*high));
                place.0 < place.1
            }
            Claim::SomeOf(members, mask) => {
                self.some_of[*members as usize].push(*mask);
                mask & !self.absent[*members as usize] != 0
            }
            Claim::NoneOf(members, mask) => {
                let absent = &mut self.absent[*members as usize];
                *absent |= mask;
                let absent = *absent;
                self.some_of[*members as usize]
                    .iter()
                    .all(|some| some & !absent != 0)
            }
            Claim::Flag(flag, true) => {
                self.yes.push(*flag);
                !self.no.contains(flag)
            }
            Claim::Flag(flag, false) => {
                self.no.push(*flag);
                !self.yes.contains(flag)
            }
            Claim::Found(leaf, true) => {
                self.found.push(leaf);
                !self.not_found.iter().any(|not| shows(leaf, not))
            }
            Claim::Found(leaf, false) => {
                self.not_found.push(leaf);
                !self.found.iter().any(|found| shows(found, leaf))
            }
        }
    }

    /// What is true of every message.
    fn is_consistent(&mut self) -> bool {
        let [relation, _, sensitivity, ..] = &mut self.fields;
        // Somebody is concerned when something is said, and when anybody is counted.
        if !self.some_of[Members::Categories as usize].is_empty()
            || self.numbers[Number::Pupils as usize].0 > 0
        {
            *sensitivity &= 0b1110;
        }
        // A contact is called just that when the message concerns no pupil.
        let Claim::In(_, contact) = relations(|r| r == Relation::Contact) else {
            return true;
        };
        if *sensitivity & 0b0001 == 0 {
            *relation &= !contact;
        }
        if *relation == contact {
            *sensitivity &= 0b0001;
        }
        *relation != 0 && *sensitivity != 0
    }
}

/// Whether the first, when found, is found by the second's question too.
fn shows(found: &Leaf, asked: &Leaf) -> bool {
    match (parts_of(found), parts_of(asked)) {
        (Some((kinds, count, sure)), Some((wanted, least, floor))) => {
            kinds.is_subset(wanted) && count >= least && sure >= floor
        }
        _ => false,
    }
}

fn parts_of(leaf: &Leaf) -> Option<(&BTreeSet<Kind>, u32, Confidence)> {
    match leaf {
        Leaf::Found {
            kinds,
            at_least,
            confidence,
        } => Some((kinds, *at_least, *confidence)),
        _ => None,
    }
}

/// Seeks a world in which every claim is true. `None`: out of effort.
fn solve<'c, 'a>(
    mut todo: Vec<&'c Claim<'a>>,
    mut choices: Vec<&'c [Claim<'a>]>,
    mut world: World<'a>,
    chosen: usize,
    effort: &mut Effort,
) -> Option<bool> {
    while let Some(claim) = todo.pop() {
        effort.spend()?;
        match claim {
            Claim::All(list) => todo.extend(list),
            Claim::Any(list) => match list.as_slice() {
                [only] => todo.push(only),
                list => choices.push(list),
            },
            single if !world.take(single) => return Some(false),
            _ => {}
        }
    }
    if !world.is_consistent() {
        return Some(false);
    }
    if choices.len() > MOST_CHOICES || chosen > MOST_CHOSEN {
        return None;
    }
    let Some(options) = choices.pop() else {
        return Some(true);
    };
    for option in options {
        effort.spend()?;
        if solve(
            vec![option],
            choices.clone(),
            world.clone(),
            chosen + 1,
            effort,
        )? {
            return Some(true);
        }
    }
    Some(false)
}

#[cfg(test)]
mod tests;
