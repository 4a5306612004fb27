//! Willow Brook Primary School: some four hundred pupils, drawn anew and the same on
//! every run.

use std::collections::BTreeSet;

use super::names::{BOYS, COLLEAGUES, FATHERS, GIRLS, MOTHERS, STREETS, SURNAMES};

/// The school's mail domain.
pub const DOMAIN: &str = "willowbrook.example";

/// The school's own telephone, as letters print it.
pub const PHONE: &str = "01632 960700";

/// The school's own postcode, in a district that was never given out.
pub const POSTCODE: &str = "DT98 1AA";

const NAME: &str = "Willow Brook Primary School";

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
const UPN_LETTERS: &[u8; 23] = b"ABCDEFGHJKLMNPQRTUVWXYZ";

/// A person with a mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub name: String,
    pub email: String,
}

impl Person {
    fn new(name: &str, email: &str) -> Self {
        Self {
            name: name.to_owned(),
            email: email.to_owned(),
        }
    }

    /// The name without the forename, as a letter addresses its reader.
    pub fn surname(&self) -> &str {
        self.name.rsplit(' ').next().unwrap_or(&self.name)
    }
}

/// A pupil whom the messages speak of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Child {
    pub forename: String,
    pub surname: String,
    pub class: String,
    pub upn: String,
    /// `dd/mm/yyyy`.
    pub born: String,
    /// The contacts, in the order of the roster.
    pub parents: Vec<Person>,
}

impl Child {
    /// Forename and surname.
    pub fn name(&self) -> String {
        format!("{} {}", self.forename, self.surname)
    }

    /// The first contact's address; empty for a child who has none.
    pub fn parent(&self) -> &str {
        self.parents.first().map_or("", |p| p.email.as_str())
    }
}

/// The people whom the messages need, taken from the roster.
#[derive(Debug, Clone)]
pub struct DemoSchool {
    pub name: &'static str,
    pub domain: &'static str,
    /// The school's own telephone.
    pub phone: &'static str,
    pub headteacher: Person,
    /// The designated safeguarding lead.
    pub safeguarding_lead: Person,
    pub senco: Person,
    pub office: Person,
    /// Teaches [`DemoSchool::pupil`].
    pub teacher: Person,
    /// On the roster as the teacher's own; goes to no parent.
    pub teacher_private_phone: &'static str,
    pub teacher_webmail: &'static str,
    /// A pupil with two parents who both have parental responsibility.
    pub pupil: Child,
    /// Of another class and family.
    pub other_pupil: Child,
    /// Has an education, health and care plan.
    pub pupil_with_plan: Child,
    /// Her father stands under a court order.
    pub protected_pupil: Child,
    pub flagged_contact: Person,
    /// A class, each row of a list: UPN, surname, forename, date of birth, class.
    pub class_list: Vec<[String; 5]>,
    /// One address of each of eight families.
    pub families: Vec<String>,
    /// At a trusted agency.
    pub psychologist: Person,
    /// At a trusted agency.
    pub social_worker: Person,
    /// Firms, on no list.
    pub outfitter: Person,
    pub caterer: Person,
}

impl Default for DemoSchool {
    fn default() -> Self {
        Self::new()
    }
}

impl DemoSchool {
    /// The school, the same on every run.
    pub fn new() -> Self {
        let drawn = Drawn::new();
        let child = |index: usize| drawn.child(index);
        let class_list = drawn
            .pupils
            .iter()
            .filter(|p| p.class == "4B")
            .map(|p| {
                [
                    p.upn.clone(),
                    p.surname.clone(),
                    p.forename.clone(),
                    p.born_for_people(),
                    p.class.to_owned(),
                ]
            })
            .collect();
        let protected_pupil = child(PROTECTED);
        let flagged_contact = protected_pupil
            .parents
            .last()
            .cloned()
            .unwrap_or_else(|| Person::new("", ""));
        let mut seen = BTreeSet::new();
        let families = drawn
            .pupils
            .iter()
            .skip(NAMED.len())
            .filter_map(|p| p.contacts.first())
            .map(|c| c.email.clone())
            .filter(|email| seen.insert(email.clone()))
            .take(8)
            .collect();
        Self {
            name: NAME,
            domain: DOMAIN,
            phone: PHONE,
            headteacher: colleague("Winifred Stannard", "head"),
            safeguarding_lead: colleague("Gideon Larkham", "gideon.larkham"),
            senco: colleague("Perpetua Vane", "perpetua.vane"),
            office: colleague("School Office", "office"),
            teacher: colleague("Roland Ashby", "roland.ashby"),
            teacher_private_phone: TEACHER_PHONE,
            teacher_webmail: TEACHER_WEBMAIL,
            pupil: child(PUPIL),
            other_pupil: child(OTHER),
            pupil_with_plan: child(WITH_PLAN),
            protected_pupil,
            flagged_contact,
            class_list,
            families,
            psychologist: Person::new(
                "Educational Psychology Service",
                "referrals@edpsych.brookshire.example",
            ),
            social_worker: Person::new(
                "Children's Social Care",
                "duty@social-care.brookshire.example",
            ),
            outfitter: Person::new("Thistle & Thread", "orders@thistle-and-thread.example"),
            caterer: Person::new("Copper Kettle Catering", "kitchen@copperkettle.example"),
        }
    }
}

/// The roster of the school as the four files of a roster folder: name and content.
pub fn roster_files() -> Vec<(String, String)> {
    let drawn = Drawn::new();
    let mut pupils = Table::new(
        "upn,legal_surname,legal_forename,preferred_forename,preferred_surname,dob,sex,year_group,\
         class,admission_number,address,postcode,sen_status,fsm,lac",
    );
    let mut contacts =
        Table::new("pupil_upn,name,relationship,parental_responsibility,email,phone,court_order");
    for (index, p) in drawn.pupils.iter().enumerate() {
        let (year, month, day) = p.born;
        pupils.row(&[
            &p.upn,
            &p.surname,
            &p.forename,
            "",
            "",
            &format!("{year}-{month:02}-{day:02}"),
            p.sex,
            p.year,
            p.class,
            &format!("{:05}", 3100 + index),
            &p.address,
            &p.postcode,
            p.sen,
            p.fsm,
            "N",
        ]);
        for c in &p.contacts {
            contacts.row(&[
                &p.upn,
                &c.name,
                c.relationship,
                c.responsibility,
                &c.email,
                &c.phone,
                c.court_order,
            ]);
        }
    }
    let mut staff = Table::new("name,email,role,personal_email,personal_phone,home_address");
    for member in staff_list() {
        staff.row(&member.each_ref().map(String::as_str));
    }
    let mut agencies = Table::new("domain,kind");
    for (domain, kind) in AGENCIES {
        agencies.row(&[domain, kind]);
    }
    [
        ("pupils.csv", pupils),
        ("contacts.csv", contacts),
        ("staff.csv", staff),
        ("agencies.csv", agencies),
    ]
    .map(|(name, table)| (name.to_owned(), table.text))
    .into()
}

const AGENCIES: [(&str, &str); 5] = [
    ("social-care.brookshire.example", "social-care"),
    ("edpsych.brookshire.example", "local-authority"),
    ("sendteam.brookshire.example", "local-authority"),
    ("brookshire-police.example", "police"),
    ("camhs.brookshire-health.example", "health"),
];

const TEACHER_PHONE: &str = "07700 900515";
/// At a real webmail domain, since the rule on webmail is shown with it; the local part is
/// invented, and the demonstration's next hop delivers nowhere.
const TEACHER_WEBMAIL: &str = "invented-roland-ashby@gmail.com";

fn colleague(name: &str, local: &str) -> Person {
    Person::new(name, &format!("{local}@{DOMAIN}"))
}

/// Name, address, role, private address, private telephone, home.
fn staff_list() -> Vec<[String; 6]> {
    let named = [
        [
            "Winifred Stannard",
            "head",
            "Headteacher",
            "",
            "07700 900511",
            "3 Orchard Steps, Millford, DT98 2QA",
        ],
        [
            "Gideon Larkham",
            "gideon.larkham",
            "DSL",
            "",
            "07700 900512",
            "",
        ],
        [
            "Perpetua Vane",
            "perpetua.vane",
            "SENCO",
            "",
            "07700 900513",
            "",
        ],
        ["School Office", "office", "Office", "", "", ""],
        [
            "Roland Ashby",
            "roland.ashby",
            "Teacher",
            TEACHER_WEBMAIL,
            TEACHER_PHONE,
            "Flat 2, 40 Harbour View, Millford, DT98 5TD",
        ],
        ["Safeguarding mailbox", "safeguarding", "DSL", "", "", ""],
        ["Hubert Castlemaine", "chair", "Governor", "", "", ""],
        ["Clarissa Overbury", "technician", "Technician", "", "", ""],
    ];
    let mut list: Vec<[String; 6]> = named
        .into_iter()
        .map(|member| {
            let mut member = member.map(str::to_owned);
            member[1] = format!("{}@{DOMAIN}", member[1]);
            member
        })
        .collect();
    for (index, (forename, surname)) in COLLEAGUES.iter().enumerate() {
        let role = match index {
            0..=12 => "Teacher",
            13..=24 => "Teaching assistant",
            25..=28 => "Midday supervisor",
            _ => "Office",
        };
        list.push([
            format!("{forename} {surname}"),
            format!("{}@{DOMAIN}", local_part(forename, surname)),
            role.to_owned(),
            String::new(),
            format!("07700 900{:03}", 520 + index),
            String::new(),
        ]);
    }
    list
}

/// A table of comma-separated values (RFC 4180, with LF).
struct Table {
    text: String,
}

impl Table {
    fn new(heading: &str) -> Self {
        Self {
            text: format!("{heading}\n"),
        }
    }

    fn row(&mut self, cells: &[&str]) {
        for (index, cell) in cells.iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            if cell.contains([',', '"', '\n']) {
                self.text.push('"');
                self.text.push_str(&cell.replace('"', "\"\""));
                self.text.push('"');
            } else {
                self.text.push_str(cell);
            }
        }
        self.text.push('\n');
    }
}

struct Pupil {
    surname: String,
    forename: String,
    sex: &'static str,
    class: &'static str,
    year: &'static str,
    upn: String,
    born: (u32, u32, u32),
    address: String,
    postcode: String,
    sen: &'static str,
    fsm: &'static str,
    contacts: Vec<Contact>,
}

impl Pupil {
    fn born_for_people(&self) -> String {
        let (year, month, day) = self.born;
        format!("{day:02}/{month:02}/{year}")
    }
}

#[derive(Clone)]
struct Contact {
    name: String,
    relationship: &'static str,
    /// `yes`, `no`, or empty for unknown.
    responsibility: &'static str,
    email: String,
    phone: String,
    court_order: &'static str,
}

/// The pupils whom messages speak of: surname, forename, sex, class, mother, father, plan.
const NAMED: [(&str, &str, &str, &str, &str, &str, &str); 4] = [
    ("Merriweather", "Tabitha", "F", "4B", "Lorna", "Duncan", "N"),
    ("Quickfall", "Rowan", "M", "2A", "Imelda", "Tobias", "N"),
    ("Penhallow", "Jago", "M", "5B", "Morwenna", "Denzil", "E"),
    ("Ormerod", "Linnet", "F", "3A", "Hester", "Silas", "N"),
];
const PUPIL: usize = 0;
const OTHER: usize = 1;
const WITH_PLAN: usize = 2;
const PROTECTED: usize = 3;

/// What the dice gave.
struct Drawn {
    pupils: Vec<Pupil>,
}

impl Drawn {
    fn new() -> Self {
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

    fn child(&self, index: usize) -> Child {
        let pupil = &self.pupils[index];
        Child {
            forename: pupil.forename.clone(),
            surname: pupil.surname.clone(),
            class: pupil.class.to_owned(),
            upn: pupil.upn.clone(),
            born: pupil.born_for_people(),
            parents: pupil
                .contacts
                .iter()
                .map(|c| Person::new(&c.name, &c.email))
                .collect(),
        }
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

fn local_part(forename: &str, surname: &str) -> String {
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

    /// The cells of a table that has no line breaks within its cells.
    fn rows(name: &str) -> Vec<Vec<String>> {
        let (_, text) = roster_files()
            .into_iter()
            .find(|(file, _)| file == name)
            .unwrap();
        text.lines()
            .skip(1)
            .map(|line| {
                let mut cells = vec![String::new()];
                let mut quoted = false;
                for c in line.chars() {
                    match c {
                        '"' => quoted = !quoted,
                        ',' if !quoted => cells.push(String::new()),
                        c => cells.last_mut().unwrap().push(c),
                    }
                }
                cells
            })
            .collect()
    }

    #[test]
    fn about_four_hundred_pupils_with_about_six_hundred_contacts() {
        let pupils = rows("pupils.csv").len();
        let contacts = rows("contacts.csv").len();
        assert!((390..=410).contains(&pupils), "{pupils}");
        assert!((550..=650).contains(&contacts), "{contacts}");
        assert_eq!(rows("staff.csv").len(), 40);
        assert!(rows("pupils.csv").iter().all(|row| row.len() == 15));
        assert!(rows("contacts.csv").iter().all(|row| row.len() == 7));
        assert!(rows("staff.csv").iter().all(|row| row.len() == 6));
    }

    #[test]
    fn the_same_on_every_run() {
        assert_eq!(roster_files(), roster_files());
    }

    #[test]
    fn every_upn_is_valid_and_stands_once() {
        let mut seen = BTreeSet::new();
        for row in rows("pupils.csv") {
            let upn = &row[0];
            assert_eq!(upn.len(), 13, "{upn}");
            let sum: usize = upn[1..]
                .chars()
                .enumerate()
                .map(|(i, c)| (i + 2) * c.to_digit(10).unwrap() as usize)
                .sum();
            assert_eq!(upn.as_bytes()[0], UPN_LETTERS[sum % 23], "{upn}");
            assert!(seen.insert(upn.clone()), "{upn} twice");
        }
    }

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

    #[test]
    fn contacts_belong_to_pupils() {
        let upns: BTreeSet<String> = rows("pupils.csv")
            .into_iter()
            .map(|r| r[0].clone())
            .collect();
        for row in rows("contacts.csv") {
            assert!(upns.contains(&row[0]));
            assert!(
                row[4].is_ascii() && row[4].ends_with(".example"),
                "{}",
                row[4]
            );
        }
    }

    #[test]
    fn a_first_name_stands_once_in_a_class() {
        let mut seen = BTreeSet::new();
        for row in rows("pupils.csv") {
            assert!(
                seen.insert((row[8].clone(), row[2].clone())),
                "{} {}",
                row[8],
                row[2]
            );
        }
    }

    #[test]
    fn the_named_people_stand_in_the_roster() {
        let school = DemoSchool::new();
        let pupils = rows("pupils.csv");
        let contacts = rows("contacts.csv");
        for child in [
            &school.pupil,
            &school.other_pupil,
            &school.pupil_with_plan,
            &school.protected_pupil,
        ] {
            assert!(
                pupils
                    .iter()
                    .any(|r| r[0] == child.upn && r[2] == child.forename)
            );
            for parent in &child.parents {
                assert!(
                    contacts
                        .iter()
                        .any(|r| r[0] == child.upn && r[4] == parent.email)
                );
            }
        }
        let flagged: Vec<_> = contacts.iter().filter(|r| !r[6].is_empty()).collect();
        assert_eq!(flagged.len(), 1);
        assert_eq!(flagged[0][4], school.flagged_contact.email);
        assert_eq!(school.families.len(), 8);
        assert!(
            school
                .class_list
                .iter()
                .any(|row| row[0] == school.pupil.upn)
        );
        let staff = rows("staff.csv");
        for person in [
            &school.headteacher,
            &school.safeguarding_lead,
            &school.senco,
            &school.office,
            &school.teacher,
        ] {
            assert!(
                staff.iter().any(|r| r[1] == person.email),
                "{}",
                person.email
            );
        }
    }
}
