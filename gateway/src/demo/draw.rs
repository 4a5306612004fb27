//! Draws the pupils of the made-up school and their families from the lists of names.

use std::collections::BTreeSet;

use super::names::{BOYS, FATHERS, GIRLS, MOTHERS, STREETS, SURNAMES};

/// The year in which the school year of the demonstration begins.
const SCHOOL_YEAR: u32 = 2026;

/// Two forms in each year.
const CLASSES: [(&str, &str); 14] = [
    ("RA", "R"),
    ("RB", "R"),
    ("1A", "1"),
    ("1B", "1"),
    ("2A", "2"),
    ("2B", "2"),
    ("3A", "3"),
    ("3B", "3"),
    ("4A", "4"),
    ("4B", "4"),
    ("5A", "5"),
    ("5B", "5"),
    ("6A", "6"),
    ("6B", "6"),
];

/// UPN 2.0 (Government Data Standards Catalogue): the letters of the check digit in the
/// order of their values; I, O and S are left out.
pub(super) const UPN_LETTERS: &[u8; 23] = b"ABCDEFGHJKLMNPQRTUVWXYZ";

pub(super) struct Pupil {
    pub surname: String,
    pub forename: String,
    pub sex: &'static str,
    pub class: &'static str,
    pub year: &'static str,
    pub upn: String,
    pub born: (u32, u32, u32),
    pub address: String,
    pub postcode: String,
    pub sen: &'static str,
    pub fsm: &'static str,
    pub contacts: Vec<Contact>,
}

impl Pupil {
    pub fn born_for_people(&self) -> String {
        let (year, month, day) = self.born;
        format!("{day:02}/{month:02}/{year}")
    }
}

#[derive(Clone)]
pub(super) struct Contact {
    pub name: String,
    pub relationship: &'static str,
    /// `yes`, `no`, or empty for unknown.
    pub responsibility: &'static str,
    pub email: String,
    pub phone: String,
    pub court_order: &'static str,
}

/// The pupils whom messages speak of: surname, forename, sex, class, mother, father, plan.
pub(super) const NAMED: [(&str, &str, &str, &str, &str, &str, &str); 4] = [
    ("Merriweather", "Tabitha", "F", "4B", "Lorna", "Duncan", "N"),
    ("Quickfall", "Rowan", "M", "2A", "Imelda", "Tobias", "N"),
    ("Penhallow", "Jago", "M", "5B", "Morwenna", "Denzil", "E"),
    ("Ormerod", "Linnet", "F", "3A", "Hester", "Silas", "N"),
];
pub(super) const PUPIL: usize = 0;
pub(super) const OTHER: usize = 1;
pub(super) const WITH_PLAN: usize = 2;
pub(super) const PROTECTED: usize = 3;

/// What the dice gave.
pub(super) struct Drawn {
    pub pupils: Vec<Pupil>,
}

impl Drawn {
    pub fn new() -> Self {
        let mut dice = Dice::new(0x57_69_6C_6C_6F_77);
        let mut addresses = Addresses::default();
        let mut pupils: Vec<Pupil> = Vec::new();
        for (surname, forename, sex, class, mother, father, sen) in NAMED {
            let year = year_of(class);
            let contacts = [(mother, "Mother"), (father, "Father")]
                .map(|(parent, relationship)| Contact {
                    name: format!("{parent} {surname}"),
                    relationship,
                    responsibility: "yes",
                    email: addresses.new_address(parent, surname, &mut dice),
                    phone: addresses.new_phone(),
                    court_order: "",
                })
                .into();
            pupils.push(new_pupil(
                surname, forename, sex, class, year, sen, contacts, None, &mut dice,
            ));
        }
        if let Some(father) = pupils
            .get_mut(PROTECTED)
            .and_then(|p| p.contacts.last_mut())
        {
            father.court_order = "Child arrangements order: no contact and no information";
        }

        let mut taken: BTreeSet<(String, String)> = pupils
            .iter()
            .map(|p| (p.surname.clone(), p.forename.clone()))
            .collect();
        for (index, (class, year)) in CLASSES.into_iter().enumerate() {
            let size = 28 + (index + 1) % 2 + usize::from(index == 13);
            let mut girls = dice.shuffled(GIRLS);
            let mut boys = dice.shuffled(BOYS);
            while pupils.iter().filter(|p| p.class == class).count() < size {
                let (sex, pool) = if dice.below(2) == 0 {
                    ("F", &mut girls)
                } else {
                    ("M", &mut boys)
                };
                // A first name stands once in a class, as it should for a class's teacher.
                let Some(forename) = pool.pop() else { continue };
                // Every sixth has an older or younger sibling in the school.
                let sibling = (dice.below(6) == 0 && pupils.len() > 40)
                    .then(|| dice.below(pupils.len() - NAMED.len()) + NAMED.len())
                    .and_then(|older| pupils.get(older))
                    .filter(|older| older.year != year)
                    .map(|older| {
                        let home = (older.address.clone(), older.postcode.clone());
                        (older.surname.clone(), older.contacts.clone(), home)
                    });
                let (surname, contacts, home) = match sibling {
                    Some((surname, contacts, home)) => (surname, contacts, Some(home)),
                    None => {
                        let surname = (*dice.choose(SURNAMES)).to_owned();
                        let contacts = addresses.new_parents(&surname, &mut dice);
                        (surname, contacts, None)
                    }
                };
                if !taken.insert((surname.clone(), forename.to_owned())) {
                    continue;
                }
                let sen = match dice.below(25) {
                    0 => "E",
                    1..=4 => "K",
                    _ => "N",
                };
                pupils.push(new_pupil(
                    &surname, forename, sex, class, year, sen, contacts, home, &mut dice,
                ));
            }
        }
        for (index, pupil) in pupils.iter_mut().enumerate() {
            let allocated = SCHOOL_YEAR - years_at_school(pupil.year);
            pupil.upn = upn(allocated, index);
        }
        Self { pupils }
    }
}

#[allow(clippy::too_many_arguments)]
fn new_pupil(
    surname: &str,
    forename: &str,
    sex: &'static str,
    class: &'static str,
    year: &'static str,
    sen: &'static str,
    contacts: Vec<Contact>,
    home: Option<(String, String)>,
    dice: &mut Dice,
) -> Pupil {
    // A school year runs from September to August.
    let (month, day) = (dice.below(12) as u32 + 1, dice.below(28) as u32 + 1);
    let first = SCHOOL_YEAR - 5 - years_at_school(year);
    let (address, postcode) = home.unwrap_or_else(|| {
        (
            format!("{} {}, Millford", dice.below(90) + 1, dice.choose(STREETS)),
            format!(
                "DT98 {}{}{}",
                dice.below(8) + 2,
                dice.choose(&["A", "B", "D", "E", "F", "G", "H"]),
                dice.choose(&["P", "Q", "R", "T", "U", "W", "X"]),
            ),
        )
    });
    Pupil {
        surname: surname.to_owned(),
        forename: forename.to_owned(),
        sex,
        class,
        year,
        upn: String::new(),
        born: (first + u32::from(month < 9), month, day),
        address,
        postcode,
        sen,
        fsm: if dice.below(4) == 0 { "Y" } else { "N" },
        contacts,
    }
}

fn year_of(class: &str) -> &'static str {
    CLASSES
        .iter()
        .find(|(name, _)| *name == class)
        .map_or("R", |(_, year)| year)
}

/// Years since the reception year.
fn years_at_school(year: &str) -> u32 {
    year.parse().unwrap_or(0)
}

/// A permanent UPN: check letter, authority 839, establishment 2417, year of allocation,
/// serial. The letter is the sum of the digits, weighted 2 to 13, modulo 23.
fn upn(allocated: u32, serial: usize) -> String {
    let digits = format!("8392417{:02}{serial:03}", allocated % 100);
    let sum: u32 = digits
        .bytes()
        .zip(2_u32..)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    let letter = UPN_LETTERS[sum as usize % UPN_LETTERS.len()];
    format!("{}{digits}", char::from(letter))
}

pub(super) fn local_part(forename: &str, surname: &str) -> String {
    let plain = |name: &str| -> String {
        name.chars()
            .flat_map(char::to_lowercase)
            .filter_map(|c| match c {
                'ó' | 'ú' | 'ñ' | 'è' | 'é' | 'ë' | 'ï' | 'í' | 'ł' => Some(match c {
                    'ó' => 'o',
                    'ú' => 'u',
                    'ñ' => 'n',
                    'ï' | 'í' => 'i',
                    'ł' => 'l',
                    _ => 'e',
                }),
                c if c.is_ascii_alphabetic() => Some(c),
                _ => None,
            })
            .collect()
    };
    format!("{}.{}", plain(forename), plain(surname))
}

/// Gives every parent a mailbox and a telephone of their own.
#[derive(Default)]
struct Addresses {
    taken: BTreeSet<String>,
    phones: u32,
}

impl Addresses {
    fn new_address(&mut self, forename: &str, surname: &str, dice: &mut Dice) -> String {
        let domain = dice.choose(&["mail.example", "family.example", "letterbox.example"]);
        let stem = local_part(forename, surname);
        (1..)
            .map(|n| match n {
                1 => format!("{stem}@{domain}"),
                n => format!("{stem}{n}@{domain}"),
            })
            .find(|address| self.taken.insert(address.clone()))
            .unwrap_or_default()
    }

    /// From the ranges that Ofcom keeps for drama; once they are used up they begin again.
    fn new_phone(&mut self) -> String {
        self.phones += 1;
        match self.phones % 1000 {
            n if self.phones <= 500 => format!("07700 900{n:03}"),
            n => format!("01632 960{n:03}"),
        }
    }

    fn new_parents(&mut self, surname: &str, dice: &mut Dice) -> Vec<Contact> {
        let mut parents = vec![(*dice.choose(MOTHERS), "Mother")];
        if dice.below(2) == 0 {
            parents.push((*dice.choose(FATHERS), "Father"));
        }
        parents
            .into_iter()
            .map(|(forename, relationship)| Contact {
                name: format!("{forename} {surname}"),
                relationship,
                responsibility: if dice.below(8) == 0 { "" } else { "yes" },
                email: self.new_address(forename, surname, dice),
                phone: self.new_phone(),
                court_order: "",
            })
            .collect()
    }
}

/// Numbers that look random and are the same on every run: SplitMix64.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `limit`, which is not 0.
    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn choose<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    fn shuffled<'a>(&mut self, list: &[&'a str]) -> Vec<&'a str> {
        let mut list = list.to_vec();
        for index in (1..list.len()).rev() {
            list.swap(index, self.below(index + 1));
        }
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_letter_is_that_of_the_published_example() {
        // T823430118808: 361 modulo 23 is 16.
        let sum: u32 = "823430118808"
            .bytes()
            .zip(2..)
            .map(|(d, w)| u32::from(d - b'0') * w)
            .sum();
        assert_eq!(UPN_LETTERS[sum as usize % 23], b'T');
        assert_eq!(upn(2022, 7).len(), 13);
    }
}
