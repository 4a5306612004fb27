//! Who teaches whom, as far as the roster says: from the classes of the pupils and what
//! stands in a member of staff's role ("Year 4 teacher", "Class teacher 4M").

use std::collections::{BTreeMap, BTreeSet};

use super::key::{self, Word, words};
use super::{Pupil, Staff};

/// Surnames of teachers and teaching assistants by class and by year group.
#[derive(Debug, Default)]
pub(super) struct Teaching {
    classes: BTreeMap<String, BTreeSet<Word>>,
    years: BTreeMap<String, BTreeSet<Word>>,
}

impl Teaching {
    /// Reads the roles of the staff; classes are those that pupils are in.
    pub fn of(staff: &[Staff], pupils: &[Pupil]) -> Teaching {
        let known: BTreeSet<String> = pupils
            .iter()
            .filter_map(|pupil| pupil.class.as_deref().and_then(key::class))
            .collect();
        let mut teaching = Teaching::default();
        for member in staff {
            let Some(surname) = words(&member.name).last().map(|last| Word::of(last)) else {
                continue;
            };
            let role = words(&member.role);
            let teaches = role.iter().any(|word| {
                matches!(
                    word.as_str(),
                    "teacher" | "teaching" | "tutor" | "ta" | "assistant" | "class" | "form"
                )
            });
            if !teaches {
                continue;
            }
            for (at, word) in role.iter().enumerate() {
                let pair = role.get(at + 1).map(|next| format!("{word}{next}"));
                for text in pair.iter().chain([word]) {
                    if known.contains(text) {
                        let class = teaching.classes.entry(text.clone()).or_default();
                        class.insert(surname);
                    } else if text.contains(|c: char| c.is_ascii_digit()) || text == "reception" {
                        let year = key::year_group(text);
                        if let Some(year) = year.filter(|_| !text.starts_with(char::is_numeric)) {
                            teaching.years.entry(year).or_default().insert(surname);
                        }
                    }
                }
            }
        }
        teaching
    }

    /// The surnames of those who teach a pupil.
    pub fn teachers(&self, pupil: &Pupil) -> impl Iterator<Item = Word> {
        let class = pupil.class.as_deref().and_then(key::class);
        let year = pupil.year_group.as_deref().and_then(key::year_group);
        let by_class = class.and_then(|class| self.classes.get(&class));
        let by_year = year.and_then(|year| self.years.get(&year));
        by_class.into_iter().chain(by_year).flatten().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::super::PupilId;
    use super::*;

    #[test]
    fn a_role_says_which_class_or_year() {
        let pupil = |class: &str, year: &str| Pupil {
            year_group: Some(year.into()),
            class: Some(class.into()),
            ..Pupil::named(PupilId(1), "Ava", "Shah")
        };
        let member = |name: &str, role: &str| Staff {
            name: name.into(),
            email: String::new(),
            role: role.into(),
            personal_email: None,
            personal_phone: None,
            home_address: None,
        };
        let pupils = [pupil("4M", "4"), pupil("Oak", "1")];
        let staff = [
            member("Mrs Ruth Kestrel", "Class teacher 4M"),
            member("Ann Reed", "Year 4 teacher"),
            member("Jo Birch", "TA, Oak class"),
            member("Sam Young", "Governor"),
        ];
        let teaching = Teaching::of(&staff, &pupils);
        let of = |pupil: &Pupil| teaching.teachers(pupil).collect::<Vec<_>>();
        let [four, oak] = &pupils;
        assert_eq!(of(four), [Word::of("kestrel"), Word::of("reed")]);
        assert_eq!(of(oak), [Word::of("birch")]);
    }
}
