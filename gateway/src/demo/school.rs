//! Willow Brook Primary School: some four hundred pupils, drawn anew and the same on
//! every run.

use std::collections::BTreeSet;

use super::draw::{Drawn, NAMED, OTHER, PROTECTED, PUPIL, Pupil, WITH_PLAN, local_part};
use super::names::COLLEAGUES;

/// The school's mail domain.
pub const DOMAIN: &str = "willowbrook.example";

/// The school's own telephone, as letters print it.
pub const PHONE: &str = "01632 960700";

/// The school's own postcode, in a district that was never given out.
pub const POSTCODE: &str = "DT98 1AA";

const NAME: &str = "Willow Brook Primary School";

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
    fn of(pupil: &Pupil) -> Self {
        Self {
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
        let child = |index: usize| Child::of(&drawn.pupils[index]);
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

#[cfg(test)]
mod tests {
    use super::super::draw::UPN_LETTERS;
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
