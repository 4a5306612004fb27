use super::*;
use crate::roster::Pupil;
use crate::roster::key::{joined, words};
use proptest::prelude::*;

fn pupil(number: u64, forename: &str, surname: &str) -> Pupil {
    Pupil::named(PupilId(number), forename, surname)
}

fn name(forename: &str, surname: &str) -> (Word, Word) {
    (joined(&words(forename)), joined(&words(surname)))
}

#[test]
fn names_are_found_in_every_form() {
    let mut one = pupil(1, "Mary-Jane", "Carter-Hughes");
    one.preferred_forename = Some("MJ".into());
    let roster = Roster {
        pupils: vec![one],
        ..Roster::default()
    };
    let index = RosterIndex::build(&roster);
    for (forename, surname) in [
        ("Mary Jane", "Carter Hughes"),
        ("mary-jane", "carter-hughes"),
        ("Mary", "Carter-Hughes"),
        ("MJ", "Hughes"),
    ] {
        let (forename, surname) = name(forename, surname);
        assert_eq!(index.by_name(forename, surname), [PupilId(1)]);
    }
    let (forename, surname) = name("Jane", "Hughes");
    assert!(index.by_name(forename, surname).is_empty());
}

#[test]
fn namesakes_are_all_found() {
    let roster = Roster {
        pupils: vec![
            pupil(5, "Ava", "Shah"),
            pupil(9, "Ava", "Shah"),
            pupil(7, "Ava", "Lee"),
        ],
        ..Roster::default()
    };
    let index = RosterIndex::build(&roster);
    let (forename, surname) = name("Ava", "Shah");
    assert_eq!(index.by_name(forename, surname), [PupilId(5), PupilId(9)]);
    assert_eq!(index.by_forename(forename).len(), 3);
}

#[test]
fn bytes_go_there_and_back() {
    let roster = Roster {
        pupils: vec![pupil(3, "Theo", "Walker")],
        ..Roster::default()
    };
    let built = RosterIndex::build(&roster);
    let read = RosterIndex::from_bytes(built.as_bytes().to_vec()).expect("an index");
    let (forename, surname) = name("Theo", "Walker");
    assert_eq!(read.by_name(forename, surname), [PupilId(3)]);
    assert_eq!(read.len(), 1);
    let arc: Arc<[u8]> = built.as_bytes().into();
    assert!(RosterIndex::from_bytes(arc).is_ok());
}

#[test]
fn wrong_bytes_are_refused_by_name() {
    assert_eq!(
        RosterIndex::from_bytes(vec![0; 99]).unwrap_err(),
        IndexError::NotAnIndex
    );
    let mut bytes = RosterIndex::empty().as_bytes().to_vec();
    bytes.push(0);
    assert!(matches!(
        RosterIndex::from_bytes(bytes.clone()),
        Err(IndexError::Length { .. })
    ));
    bytes[8] = 9;
    assert_eq!(
        RosterIndex::from_bytes(bytes).unwrap_err(),
        IndexError::Version(9)
    );
}

#[test]
fn a_large_roster_stays_small_for_each_pupil() {
    let forenames = [
        "Oliver", "Ava", "Theo", "Isla", "Noah", "Mia", "Leo", "Ivy", "Arthur", "Zara",
    ];
    let pupils: Vec<Pupil> = (0..20_000u64)
        .map(|n| {
            let mut one = pupil(
                n,
                forenames[(n % 10) as usize],
                &format!("Surname{}", n / 3),
            );
            one.upn = Some(format!("A{n:012}"));
            one.admission_number = Some(format!("{n:06}"));
            one.year_group = Some(format!("{}", n % 7));
            one.class = Some(format!("{}{}", n % 7, (b'A' + (n % 4) as u8) as char));
            one.dob = Some(jiff::civil::date(
                2012 + (n % 7) as i16,
                1 + (n % 12) as i8,
                1 + (n % 28) as i8,
            ));
            one
        })
        .collect();
    let contacts = (0..40_000u64)
        .map(|n| super::super::Contact {
            pupil: PupilId(n / 2),
            name: String::new(),
            relationship: String::new(),
            parental_responsibility: Default::default(),
            email: Some(format!("parent{n}@mail.example")),
            phone: None,
            court: Default::default(),
        })
        .collect();
    let index = RosterIndex::build(&Roster {
        pupils,
        contacts,
        ..Roster::default()
    });
    let each = index.as_bytes().len() / index.len();
    assert!(each <= 120, "{each} octets for each pupil");
    assert_eq!(index.by_contact("parent31@mail.example"), [PupilId(15)]);
    assert_eq!(index.by_admission_number("000042"), [PupilId(42)]);
    assert_eq!(index.by_forename(Word::of("oliver")).len(), LIST_LIMIT);
}

proptest! {
    #[test]
    fn damaged_bytes_never_panic(flips in proptest::collection::vec((0usize..4000, any::<u8>()), 1..40), probe: u64) {
        let roster = Roster {
            pupils: (0..30).map(|n| pupil(n, "Ava", &format!("Shah{}", n % 4))).collect(),
            ..Roster::default()
        };
        let mut bytes = RosterIndex::build(&roster).as_bytes().to_vec();
        for (at, value) in flips {
            let length = bytes.len();
            bytes[at % length] = value;
        }
        if let Ok(index) = RosterIndex::from_bytes(bytes) {
            let (forename, surname) = name("Ava", "Shah1");
            index.by_name(forename, surname);
            index.find(probe);
        }
    }
}
