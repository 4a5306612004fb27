//! What is said within reach of somebody, and how sensitive that makes it.

use std::collections::BTreeMap;

use super::lexicon::{Hit, Wording};
use crate::category::{Category, Sensitivity};

/// Categories with what speaks for each.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Tally {
    categories: BTreeMap<Category, Weighed>,
    /// What makes it sensitive without a category: a date of birth beside the name.
    floor: Sensitivity,
}

#[derive(Debug, Clone, PartialEq)]
struct Weighed {
    weight: i32,
    phrases: std::collections::BTreeSet<u32>,
    floor: Sensitivity,
}

/// What weakens the phrases of a text.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Dampening {
    pub points: i32,
    pub newsletter: bool,
    pub policy: bool,
    pub quoted: bool,
}

impl Dampening {
    /// By the wording of the whole document. One such phrase stands in many letters; two
    /// make a kind of text.
    pub fn of(wording: &Wording) -> Dampening {
        let policy = wording.policy.len() >= 2;
        let newsletter = wording.newsletter.len() >= 2;
        let mut points = 0;
        if policy {
            points = 6;
        } else if newsletter {
            points = 4;
        } else if !wording.anonymous.is_empty() {
            points = 3;
        }
        Dampening {
            points,
            newsletter,
            policy,
            quoted: false,
        }
    }

    /// Whether phrases reach only the names of their own paragraph.
    pub fn is_narrow(self) -> bool {
        self.newsletter || self.policy
    }
}

impl Tally {
    /// Adds a phrase, as far as the dampening leaves anything of it.
    pub fn add(&mut self, hit: Hit, dampening: Dampening) {
        let weight = if dampening.quoted {
            hit.weight - hit.weight / 2
        } else {
            hit.weight
        } - dampening.points;
        if weight > 0 {
            self.note(hit.category, weight, hit.floor, hit.phrase);
        }
    }

    /// Adds what a heading or a number says by itself.
    pub fn note(&mut self, category: Category, weight: i32, floor: Sensitivity, phrase: u32) {
        let entry = self.categories.entry(category).or_insert(Weighed {
            weight,
            phrases: Default::default(),
            floor,
        });
        entry.weight = entry.weight.max(weight);
        entry.floor = entry.floor.max(floor);
        entry.phrases.insert(phrase);
    }

    /// Raises the floor without a category.
    pub fn raise(&mut self, floor: Sensitivity) {
        self.floor = self.floor.max(floor);
    }

    /// Takes over everything of another tally.
    pub fn merge(&mut self, other: &Tally) {
        self.floor = self.floor.max(other.floor);
        for (category, weighed) in &other.categories {
            for &phrase in &weighed.phrases {
                self.note(*category, weighed.weight, weighed.floor, phrase);
            }
        }
    }

    /// The categories, in the order of the table.
    pub fn categories(&self) -> Vec<Category> {
        self.categories.keys().copied().collect()
    }

    /// Whether special matter is said that must be marked.
    pub fn has_special(&self) -> bool {
        self.categories.iter().any(|(category, weighed)| {
            category.is_special() && weighed.floor >= Sensitivity::Sensitive
        })
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.categories.is_empty() && self.floor == Sensitivity::None
    }

    /// How sensitive it is that this is said of somebody, `people` being on one list.
    ///
    /// A floor holds by itself. Special matters add up besides: highest weight of each
    /// category, two more for a second phrase, and the size of the list.
    pub fn sensitivity(&self, people: u32) -> Sensitivity {
        let floor = self
            .categories
            .values()
            .map(|weighed| weighed.floor)
            .max()
            .unwrap_or_default();
        let mut level = Sensitivity::Personal.max(self.floor).max(floor);
        if people >= 3 && !self.is_empty() {
            level = level.max(Sensitivity::Sensitive);
        }
        let special: i32 = self
            .categories
            .iter()
            .filter(|(category, weighed)| {
                weighed.floor >= Sensitivity::Sensitive
                    && (category.is_special() || **category == Category::Behaviour)
            })
            .map(|(_, weighed)| weighed.weight + if weighed.phrases.len() > 1 { 2 } else { 0 })
            .sum();
        let bulk = match people {
            0..=2 => 0,
            3..=9 => 3,
            10..=29 => 6,
            _ => 10,
        };
        if special > 0 && special + bulk >= 12 {
            level = Sensitivity::HighlySensitive;
        }
        level
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(category: Category, weight: i32, floor: Sensitivity, phrase: u32) -> Hit {
        Hit {
            category,
            weight,
            floor,
            phrase,
            at: 0,
        }
    }

    #[test]
    fn floors_hold_and_special_matters_add_up() {
        let mut tally = Tally::default();
        assert_eq!(tally.sensitivity(1), Sensitivity::Personal);
        tally.add(
            hit(Category::Attendance, 4, Sensitivity::Personal, 1),
            Dampening::default(),
        );
        assert_eq!(tally.sensitivity(1), Sensitivity::Personal);
        assert_eq!(tally.sensitivity(3), Sensitivity::Sensitive);
        tally.add(
            hit(Category::Send, 6, Sensitivity::Sensitive, 2),
            Dampening::default(),
        );
        assert_eq!(tally.sensitivity(1), Sensitivity::Sensitive);
        tally.add(
            hit(Category::Behaviour, 6, Sensitivity::Sensitive, 3),
            Dampening::default(),
        );
        assert_eq!(tally.sensitivity(1), Sensitivity::HighlySensitive);
    }

    #[test]
    fn a_policy_weakens_weak_phrases_only() {
        let mut wording = Wording::default();
        wording.policy.extend([1, 2]);
        let policy = Dampening::of(&wording);
        let mut tally = Tally::default();
        tally.add(
            hit(Category::Attendance, 4, Sensitivity::Personal, 1),
            policy,
        );
        assert!(tally.is_empty());
        tally.add(
            hit(Category::Safeguarding, 10, Sensitivity::HighlySensitive, 2),
            policy,
        );
        assert_eq!(tally.sensitivity(1), Sensitivity::HighlySensitive);
    }

    #[test]
    fn merging_is_independent_of_the_order() {
        let mut one = Tally::default();
        one.note(Category::Send, 6, Sensitivity::Sensitive, 1);
        let mut two = Tally::default();
        two.note(Category::Send, 8, Sensitivity::HighlySensitive, 2);
        two.raise(Sensitivity::Sensitive);
        let (mut a, mut b) = (one.clone(), two.clone());
        a.merge(&two);
        b.merge(&one);
        assert_eq!(a, b);
    }
}
