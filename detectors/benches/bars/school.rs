//! Made-up schools of any size, with names as unevenly spread as they really are.

use jiff::civil::date;
use schoolgate_detectors::roster::{Contact, Pupil, PupilId, Roster, Staff};

/// Numbers without a pattern, the same in every run (SplitMix64).
pub struct Draw(u64);

impl Draw {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit.max(1) as u64) as usize
    }

    pub fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

/// Two pupils in three have one of these.
const FORENAMES: [&str; 48] = [
    "Oliver",
    "Ava",
    "Theo",
    "Isla",
    "Noah",
    "Mia",
    "Leo",
    "Ivy",
    "Arthur",
    "Zara",
    "George",
    "Lily",
    "Freddie",
    "Amelia",
    "Mohammed",
    "Aisha",
    "Jack",
    "Grace",
    "Harry",
    "Poppy",
    "Alfie",
    "Freya",
    "Archie",
    "Evie",
    "Thomas",
    "Ella",
    "Oscar",
    "Rosie",
    "Will",
    "Summer",
    "Mark",
    "April",
    "Lucas",
    "Sophia",
    "Max",
    "Hope",
    "Ethan",
    "Maya",
    "Daniel",
    "Eva",
    "Adam",
    "Zoë",
    "Mary-Jane",
    "Kofi",
    "Ayaan",
    "Hana",
    "Idris",
    "Chloe",
];
/// One pupil in ten has one of these, which are words besides.
const WORD_SURNAMES: [&str; 24] = [
    "Field", "Park", "Day", "Long", "Short", "Friday", "Gate", "Cook", "Bake", "Market", "Hall",
    "Green", "Brown", "Young", "Price", "Waters", "Winter", "Bell", "Wood", "Cross", "Read",
    "Book", "Way", "Power",
];
const ONSETS: [&str; 18] = [
    "b", "br", "c", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "st", "t", "th", "w",
];
const MIDDLES: [&str; 8] = ["a", "e", "i", "o", "u", "ea", "or", "ar"];
const ENDS: [&str; 12] = [
    "ton", "ley", "man", "well", "by", "den", "s", "ford", "rick", "lin", "wood", "kin",
];

fn invented(draw: &mut Draw, syllables: usize) -> String {
    let mut name = String::new();
    for _ in 0..syllables {
        name.push_str(draw.of(&ONSETS));
        name.push_str(draw.of(&MIDDLES));
    }
    name.push_str(draw.of(&ENDS));
    let mut letters = name.chars();
    letters
        .next()
        .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
        .unwrap_or_default()
}

/// A pupil's names by number; the same in a roster of any size.
pub fn name(number: u64) -> (String, String) {
    let mut draw = Draw::new(number);
    let forename = match draw.below(3) {
        0 => invented(&mut draw, 1),
        _ => draw.of(&FORENAMES).to_owned(),
    };
    let surname = match draw.below(20) {
        0 | 1 => draw.of(&WORD_SURNAMES).to_owned(),
        2 => format!("{}-{}", invented(&mut draw, 1), invented(&mut draw, 1)),
        3..=9 => invented(&mut draw, 1),
        _ => invented(&mut draw, 2),
    };
    (forename, surname)
}

/// A roster with everything that an import gives: numbers, classes, dates of birth, and
/// two contacts for each pupil.
pub fn roster(pupils: u64) -> Roster {
    let contacts = (0..pupils * 2)
        .map(|number| Contact {
            pupil: PupilId(number / 2),
            name: String::new(),
            relationship: String::new(),
            parental_responsibility: Default::default(),
            email: Some(format!("parent{number}@mail.example")),
            phone: None,
            court: Default::default(),
        })
        .collect();
    let staff = (0..pupils / 10)
        .map(|number| {
            let (forename, surname) = name(u64::MAX - number);
            Staff {
                name: format!("Mrs {forename} {surname}"),
                email: format!("staff{number}@school.example"),
                role: "Teacher".into(),
                personal_email: Some(format!("staff{number}@home.example")),
                personal_phone: None,
                home_address: None,
            }
        })
        .collect();
    Roster {
        pupils: (0..pupils).map(pupil).collect(),
        contacts,
        staff,
        agencies: Vec::new(),
    }
}

fn pupil(number: u64) -> Pupil {
    let (forename, surname) = name(number);
    let year = number % 14;
    Pupil {
        upn: Some(format!("A{number:012}")),
        dob: Some(date(
            2008 + year as i16,
            1 + (number % 12) as i8,
            1 + (number % 28) as i8,
        )),
        year_group: Some(year.to_string()),
        class: Some(format!(
            "{year}{}",
            char::from(b'A' + (number / 14 % 8) as u8)
        )),
        admission_number: Some(format!("{number:06}")),
        ..Pupil::named(PupilId(number), &forename, &surname)
    }
}
