//! Tables of pupils: what a column holds is said by its heading, who a row is about by
//! its cells.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::lexicon;
use super::tally::Tally;
use crate::category::{Category, Sensitivity};
use crate::finding::Kind;
use crate::identifiers::{self, Setting, Sighting, date_of_birth};
use crate::inspection::Identification;
use crate::normalise::{clean, squash};
use crate::roster::PupilId;
use crate::roster::index::RosterIndex;
use crate::roster::key::{self, Tag, Word, joined, key, words as roster_words};
use crate::words::{self, is_title};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Column {
    Forename,
    Surname,
    FullName,
    Class,
    Year,
    Admission,
    Identifier(Kind),
    Address,
    /// Whose filled cells say something of the category.
    About(Category, Sensitivity),
}

/// The column under a heading, when it is one that matters.
pub(crate) fn column(heading: &str) -> Option<Column> {
    let squashed = squash(heading);
    let bare = ["pupil", "student", "childs", "child"]
        .iter()
        .find_map(|prefix| squashed.strip_prefix(prefix))
        .filter(|rest| !rest.is_empty());
    if let Some(column) = named_column(&squashed, bare.is_some()) {
        return Some(column);
    }
    if let Some(column) = bare.and_then(|bare| named_column(bare, true)) {
        return Some(column);
    }
    // A field of an XML record carries its parent's name: "ChildIdentifiers UPN".
    let (parent, field) = heading.rsplit_once(' ')?;
    let is_tag = parent.chars().skip(1).any(char::is_uppercase) && !parent.contains(' ');
    is_tag
        .then(|| named_column(&squash(field), false))
        .flatten()
}

/// The column under a squashed heading; `of_pupil` says that the heading spoke of one.
fn named_column(name: &str, of_pupil: bool) -> Option<Column> {
    use Column::{About, Identifier};
    Some(match name {
        "forename" | "forenames" | "firstname" | "firstnames" | "givenname" | "givennames"
        | "christianname" | "legalforename" | "legalfirstname" | "preferredforename"
        | "preferredname" | "first" | "chosenname" | "knownas" => Column::Forename,
        "surname" | "lastname" | "familyname" | "legalsurname" | "legallastname"
        | "preferredsurname" | "last" => Column::Surname,
        "name" | "names" | "fullname" | "childsname" | "pupilname" | "pupil" | "pupils"
        | "student" | "child" | "children" | "learner" | "nameofchild" | "nameofpupil"
        | "surnameforename" | "legalname" => Column::FullName,
        "class" | "form" | "reg" | "reggroup" | "registrationgroup" | "tutorgroup"
        | "classname" | "group" => Column::Class,
        "year" | "yeargroup" | "yr" | "ncyear" | "ncyearactual" => Column::Year,
        "admissionnumber" | "admissionno" | "admno" | "adno" | "pan" | "lachildid" | "childid"
        | "childlaid" | "childuniqueid" => Column::Admission,
        "id" if of_pupil => Column::Admission,
        "upn" | "uniquepupilnumber" | "formerupn" | "previousupn" => Identifier(Kind::Upn),
        "uln" | "uniquelearnernumber" => Identifier(Kind::Uln),
        "uci" | "ucinumber" | "uniquecandidateidentifier" => Identifier(Kind::Uci),
        "scn" | "scottishcandidatenumber" => Identifier(Kind::Scn),
        "nhs" | "nhsnumber" | "nhsno" => Identifier(Kind::NhsNumber),
        "chi" | "chinumber" | "chino" => Identifier(Kind::Chi),
        "hcn" | "hcnumber" | "hscnumber" | "healthandcarenumber" => Identifier(Kind::HealthAndCare),
        "trn" | "teacherreferencenumber" | "teacherreference" | "teacherrefno" => {
            Identifier(Kind::Trn)
        }
        "dbs"
        | "dbsnumber"
        | "dbsno"
        | "dbscertificate"
        | "dbscertificatenumber"
        | "dbscertificateno"
        | "disclosurenumber" => Identifier(Kind::Dbs),
        "passport" | "passportnumber" | "passportno" => Identifier(Kind::Passport),
        "drivinglicence" | "drivinglicencenumber" | "drivinglicenceno" | "licencenumber" => {
            Identifier(Kind::DrivingLicence)
        }
        "cardnumber" | "cardno" => Identifier(Kind::PaymentCard),
        "accountnumber" | "accountno" | "bankaccount" | "bankaccountnumber" | "bankaccountno" => {
            Identifier(Kind::BankAccount)
        }
        "iban" => Identifier(Kind::Iban),
        "vehicle"
        | "vehiclereg"
        | "vehicleregistration"
        | "carreg"
        | "carregistration"
        | "registrationnumber"
        | "numberplate" => Identifier(Kind::Vehicle),
        "nino" | "ni" | "ninumber" | "nationalinsurance" | "nationalinsurancenumber" => {
            Identifier(Kind::Nino)
        }
        "dob" | "dateofbirth" | "birthdate" | "born" | "birthday" | "personbirthdate" => {
            Identifier(Kind::DateOfBirth)
        }
        "phone"
        | "telephone"
        | "tel"
        | "mobile"
        | "mobilenumber"
        | "hometelephone"
        | "homephone"
        | "contactnumber"
        | "emergencycontactnumber"
        | "parentphone"
        | "parentmobile" => Identifier(Kind::Phone),
        "postcode" => Identifier(Kind::Postcode),
        "email" | "emailaddress" | "parentemail" | "contactemail" | "parentalemail"
        | "homeemail" => Identifier(Kind::Email),
        "address" | "homeaddress" => Column::Address,
        "sen"
        | "send"
        | "senstatus"
        | "senneed"
        | "senprovision"
        | "need"
        | "primaryneed"
        | "ehcp"
        | "senstage"
        | "sendneed"
        | "senddetails"
        | "specialeducationalneeds" => About(Category::Send, Sensitivity::Sensitive),
        "medical" | "medicalconditions" | "medicalcondition" | "medicalneeds"
        | "medicalinformation" | "allergies" | "allergy" | "medication" | "diagnosis"
        | "dietary" | "dietaryneeds" | "health" | "medicalnotes" | "disability" => {
            About(Category::Health, Sensitivity::HighlySensitive)
        }
        "fsm" | "freeschoolmeals" | "pp" | "pupilpremium" | "ppg" | "ever6" | "fsmeligible"
        | "fsmstatus" => About(Category::FreeMeals, Sensitivity::Sensitive),
        "lac" | "cla" | "lookedafter" | "incare" | "plac" | "cic" => {
            About(Category::LookedAfter, Sensitivity::HighlySensitive)
        }
        "ethnicity" | "religion" | "ethnicorigin" | "firstlanguage" | "homelanguage" | "eal"
        | "nationality" => About(Category::Ethnicity, Sensitivity::Sensitive),
        "safeguarding"
        | "safeguardingconcern"
        | "concern"
        | "cp"
        | "childprotection"
        | "cpstatus" => About(Category::Safeguarding, Sensitivity::HighlySensitive),
        "exclusions" | "exclusion" | "suspensions" | "suspension" | "exclusionreason" => {
            About(Category::Exclusion, Sensitivity::Sensitive)
        }
        "behaviour" | "behaviourpoints" | "incidents" | "incident" | "detentions" => {
            About(Category::Behaviour, Sensitivity::Sensitive)
        }
        "attendance"
        | "attendancepercent"
        | "absence"
        | "absences"
        | "unauthorisedabsences"
        | "lates"
        | "presentmarks" => About(Category::Attendance, Sensitivity::Personal),
        "reading" | "writing" | "maths" | "mathematics" | "english" | "science" | "phonics"
        | "score" | "grade" | "scaledscore" | "target" | "predicted" | "gps" | "readingage"
        | "mark" | "result" | "level" | "predictedgrade" | "targetgrade" | "attainment"
        | "progress" | "mtc" | "gld" => About(Category::Attainment, Sensitivity::Personal),
        "courtorder" | "parentalresponsibility" | "nocontact" => {
            About(Category::Court, Sensitivity::HighlySensitive)
        }
        _ => return None,
    })
}

/// Whom a row is about.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum RowOf {
    Roster(Vec<PupilId>, Identification),
    /// A pupil whom the roster does not know; the digest tells such rows apart.
    Unknown(u64),
    Nobody,
}

/// What a row gave.
pub(crate) struct Row {
    pub of: RowOf,
    pub sightings: Vec<(usize, Sighting)>,
    /// What its columns say by themselves.
    pub tally: Tally,
    /// Whether it is the heading row.
    pub heading: bool,
}

/// A table while its rows pass by.
#[derive(Default)]
pub(crate) struct Table {
    columns: Vec<Option<Column>>,
    rows: u32,
    /// Pupils of the roster and others in its rows.
    pub known: BTreeSet<Vec<PupilId>>,
    pub unknown: BTreeSet<u64>,
    /// Unknown pupils whom a valid number vouches for.
    pub vouched: BTreeSet<u64>,
    /// Whether the headings are those of a list of pupils.
    pub is_pupils: bool,
    /// Whether they are those of a register of children: with numbers and dates of birth a
    /// row is somebody, however its cells are filled.
    is_register: bool,
    /// What all its rows together say.
    pub tally: Tally,
}

/// What a heading of several words says.
fn spoken_column(heading: &str) -> Option<Column> {
    let words = roster_words(heading).len();
    if !(2..=14).contains(&words) {
        return None;
    }
    let heading = clean(heading);
    lexicon::find(
        &heading,
        &words::tokens(&heading),
        &mut lexicon::Wording::default(),
    )
    .into_iter()
    .max_by_key(|hit| hit.floor)
    .map(|hit| Column::About(hit.category, hit.floor))
}

impl Table {
    /// Distinct pupils so far.
    pub fn people(&self) -> u32 {
        let unknown = if self.is_pupils {
            self.unknown.len()
        } else {
            self.vouched.len()
        };
        u32::try_from(self.known.len() + unknown).unwrap_or(u32::MAX)
    }

    /// Whether it is worth calling a list: three are one, and so is any register of children.
    pub fn is_list(&self) -> bool {
        self.people() >= 3 || (self.is_register && self.people() > 0)
    }

    /// Reads the next row.
    pub fn read(&mut self, cells: &[String], roster: &RosterIndex, today: Date) -> Row {
        self.rows = self.rows.saturating_add(1);
        let cells: Vec<String> = cells
            .iter()
            .map(|cell| clean(cell).trim().to_owned())
            .collect();
        if self.is_heading(&cells) {
            return Row {
                of: RowOf::Nobody,
                sightings: Vec::new(),
                tally: Tally::default(),
                heading: true,
            };
        }
        let mut sightings = Vec::new();
        let mut tally = Tally::default();
        for (at, cell) in cells
            .iter()
            .enumerate()
            .filter(|(_, cell)| !cell.is_empty())
        {
            let column = self.columns.get(at).copied().flatten();
            let setting = match column {
                Some(Column::Identifier(kind)) => Setting::Column(kind),
                _ => Setting::Prose,
            };
            sightings.extend(
                identifiers::find(cell, setting)
                    .into_iter()
                    .map(|sighting| (at, sighting)),
            );
            match column {
                Some(Column::About(category, floor)) if says_something(cell) => {
                    let floor = if category == Category::Send
                        && matches!(squash(cell).as_str(), "e" | "ehcp")
                    {
                        Sensitivity::HighlySensitive
                    } else {
                        floor
                    };
                    tally.note(category, 6, floor, u32::MAX - at as u32);
                }
                Some(
                    Column::Address
                    | Column::Identifier(Kind::Phone | Kind::Postcode | Kind::Email),
                ) => {
                    tally.note(
                        Category::Contact,
                        4,
                        Sensitivity::Sensitive,
                        u32::MAX - at as u32,
                    );
                }
                Some(Column::Identifier(Kind::NhsNumber | Kind::Chi | Kind::HealthAndCare)) => {
                    tally.note(
                        Category::Health,
                        6,
                        Sensitivity::Sensitive,
                        u32::MAX - at as u32,
                    );
                }
                Some(Column::Identifier(kind))
                    if kind.is_pupil_number()
                        || matches!(kind, Kind::DateOfBirth | Kind::Passport | Kind::Mrz) =>
                {
                    tally.raise(Sensitivity::Sensitive)
                }
                _ => {}
            }
        }
        let (of, vouched) = self.row_of(&cells, &sightings, roster, today);
        match &of {
            RowOf::Roster(pupils, _) => {
                self.known.insert(pupils.clone());
            }
            RowOf::Unknown(digest) => {
                self.unknown.insert(*digest);
                if vouched {
                    self.vouched.insert(*digest);
                }
            }
            RowOf::Nobody => tally = Tally::default(),
        }
        self.tally.merge(&tally);
        Row {
            of,
            sightings,
            tally,
            heading: false,
        }
    }

    /// A heading row has two headings that we know, or is the first and has one and no figures.
    fn is_heading(&mut self, cells: &[String]) -> bool {
        let columns: Vec<Option<Column>> = cells.iter().map(|cell| column(cell)).collect();
        let known = columns.iter().flatten().count();
        let filled = cells.iter().filter(|cell| !cell.is_empty()).count();
        let figures = cells
            .iter()
            .any(|cell| cell.contains(|c: char| c.is_ascii_digit()));
        if known < 2 && !(known == 1 && self.rows == 1 && filled >= 2 && !figures) {
            return false;
        }
        let has = |wanted: &[Column]| {
            columns
                .iter()
                .flatten()
                .any(|column| wanted.contains(column))
        };
        let named = has(&[Column::Forename, Column::Surname, Column::FullName]);
        let of_pupils = has(&[
            Column::Class,
            Column::Year,
            Column::Admission,
            Column::Identifier(Kind::Upn),
            Column::Identifier(Kind::Uln),
            Column::Identifier(Kind::Uci),
            Column::Identifier(Kind::Scn),
            Column::Identifier(Kind::DateOfBirth),
        ]) || columns.iter().flatten().any(|column| {
            matches!(
                column,
                Column::About(
                    Category::Send
                        | Category::FreeMeals
                        | Category::LookedAfter
                        | Category::Attainment
                        | Category::Attendance,
                    _
                )
            )
        });
        let says_pupil = cells.iter().any(|cell| {
            let squashed = squash(cell);
            squashed.contains("pupil") || squashed.contains("student") || squashed.contains("child")
        });
        // A list with jobs or subjects in it is one of staff.
        let of_staff = cells.iter().any(|cell| {
            matches!(
                squash(cell).as_str(),
                "role"
                    | "jobtitle"
                    | "post"
                    | "salary"
                    | "staff"
                    | "staffname"
                    | "teacher"
                    | "governor"
                    | "department"
                    | "subject"
                    | "company"
                    | "organisation"
            )
        });
        self.is_pupils = (named || has(&[Column::Identifier(Kind::Upn)]))
            && (of_pupils || says_pupil)
            && !of_staff;
        self.is_register = self.is_pupils
            && has(&[Column::Identifier(Kind::Upn), Column::Identifier(Kind::Uln)])
            && has(&[Column::Identifier(Kind::DateOfBirth)]);
        // A heading in words says what its column is about as a sentence would: "Date EHC
        // plan last reviewed". What kind of list it is the plain headings have settled.
        self.columns = columns
            .into_iter()
            .zip(cells)
            .map(|(column, cell)| column.or_else(|| spoken_column(cell)))
            .collect();
        true
    }

    fn cell<'a>(&self, cells: &'a [String], wanted: Column) -> Option<&'a str> {
        let at = self
            .columns
            .iter()
            .position(|column| *column == Some(wanted))?;
        cells
            .get(at)
            .map(String::as_str)
            .filter(|cell| !cell.is_empty())
    }

    fn row_of(
        &self,
        cells: &[String],
        sightings: &[(usize, Sighting)],
        roster: &RosterIndex,
        today: Date,
    ) -> (RowOf, bool) {
        let number = sightings
            .iter()
            .map(|(_, sighting)| sighting)
            .find(|sighting| sighting.kind.is_pupil_number() && sighting.confidence >= 0.5);
        for (_, sighting) in sightings
            .iter()
            .filter(|(_, sighting)| sighting.kind == Kind::Upn)
        {
            let found = roster.by_upn(&sighting.value);
            if !found.is_empty() {
                return (RowOf::Roster(found, Identification::Number), true);
            }
        }
        if let Some(admission) = self.cell(cells, Column::Admission) {
            let found = roster.by_admission_number(admission);
            if found.len() == 1 {
                return (RowOf::Roster(found, Identification::Number), true);
            }
        }
        let birth: Option<Date> = sightings
            .iter()
            .filter(|(_, sighting)| sighting.kind == Kind::DateOfBirth)
            .find_map(|(_, sighting)| sighting.value.parse().ok());
        match self.name(cells, roster, birth) {
            Name::Roster(pupils, how) => return (RowOf::Roster(pupils, how), true),
            Name::Adult => return (RowOf::Nobody, false),
            Name::Stranger(digest) => {
                let child = birth.is_some_and(|birth| date_of_birth::is_pupils_age(birth, today));
                // Whoever is too old or too young to be at school is nobody's pupil.
                if number.is_none() && birth.is_some() && !child {
                    return (RowOf::Nobody, false);
                }
                if number.is_some()
                    || self.is_pupils
                    || (child && self.has(Column::Identifier(Kind::DateOfBirth)))
                {
                    let vouched = number.is_some() || child;
                    return (RowOf::Unknown(digest), vouched);
                }
            }
            Name::None => {}
        }
        for (_, sighting) in sightings
            .iter()
            .filter(|(_, sighting)| sighting.kind == Kind::Email)
        {
            for found in [
                roster.by_contact(&sighting.value),
                roster.by_mailbox(&sighting.value),
            ] {
                if !found.is_empty() {
                    return (RowOf::Roster(found, Identification::ContactAddress), true);
                }
            }
        }
        let numbered = [
            Column::Identifier(Kind::Upn),
            Column::Identifier(Kind::Uln),
            Column::Admission,
        ]
        .into_iter()
        .find_map(|column| self.cell(cells, column));
        if let (true, None, Some(cell)) = (self.is_register, number, numbered) {
            return (RowOf::Unknown(key::literal(cell).0), true);
        }
        match (number, birth) {
            (Some(number), Some(_)) => (RowOf::Unknown(Word::of(&number.value).0), true),
            (Some(number), None) if self.is_pupils => {
                (RowOf::Unknown(Word::of(&number.value).0), true)
            }
            _ => (RowOf::Nobody, false),
        }
    }

    fn has(&self, wanted: Column) -> bool {
        self.columns.contains(&Some(wanted))
    }

    /// The name in a row: by its headings, else in two neighbouring cells.
    fn name(&self, cells: &[String], roster: &RosterIndex, birth: Option<Date>) -> Name {
        let class = self
            .cell(cells, Column::Class)
            .and_then(key::class)
            .map(|class| Word::of(&class));
        let year = self
            .cell(cells, Column::Year)
            .and_then(key::year_group)
            .map(|year| Word::of(&year));
        let forename = self.cell(cells, Column::Forename);
        let surname = self.cell(cells, Column::Surname);
        let mut pairs: Vec<(Word, Word)> = Vec::new();
        let mut stranger = None;
        if let (Some(forename), Some(surname)) = (forename, surname) {
            if is_adult(forename) || is_adult(surname) {
                return Name::Adult;
            }
            pairs.push((
                joined(&roster_words(forename)),
                joined(&roster_words(surname)),
            ));
            stranger = Some(joined(&roster_words(&format!("{forename} {surname}"))).0);
        } else if let Some(full) = self.cell(cells, Column::FullName) {
            if is_adult(full) {
                return Name::Adult;
            }
            pairs = splits(full);
            if pairs.is_empty() {
                pairs.push((joined(&roster_words(full)), Word::EMPTY));
            }
            if !full.contains(|c: char| c.is_ascii_digit())
                && !roster_words(full).is_empty()
                && roster_words(full).len() <= 5
            {
                stranger = Some(joined(&roster_words(full)).0);
            }
        } else if let Some(name) = forename {
            pairs.push((joined(&roster_words(name)), Word::EMPTY));
            stranger = Some(joined(&roster_words(name)).0);
        } else {
            // Names stand among the first columns; a row of thousands is not searched.
            for (at, cell) in cells.iter().enumerate().take(64) {
                let Some(next) = cells
                    .get(at + 1..)
                    .and_then(|rest| rest.iter().find(|cell| !cell.is_empty()))
                else {
                    break;
                };
                if is_name(cell) && is_name(next) {
                    let (a, b) = (joined(&roster_words(cell)), joined(&roster_words(next)));
                    pairs.extend([(a, b), (b, a)]);
                }
            }
        }
        for (forename, surname) in &pairs {
            if roster.is_staff(*forename, *surname) {
                return Name::Adult;
            }
            let mut found = roster.by_name(*forename, *surname);
            if found.len() > 1 {
                let narrow = [
                    birth.map(|birth| key(Tag::ForenameBirth, *forename, key::date(birth))),
                    class.map(|class| key(Tag::ForenameClass, *forename, class)),
                    year.map(|year| key(Tag::ForenameYear, *forename, year)),
                ];
                for narrower in narrow.into_iter().flatten() {
                    let there = roster.find(narrower);
                    let both: Vec<PupilId> = found
                        .iter()
                        .copied()
                        .filter(|id| there.contains(id))
                        .collect();
                    if !both.is_empty() {
                        found = both;
                        break;
                    }
                }
            }
            if !found.is_empty() {
                return Name::Roster(found, Identification::FullName);
            }
        }
        // A first name with a class, year or date of birth in the same row.
        for (forename, surname) in &pairs {
            let alone = *surname == Word::EMPTY;
            let narrow = [
                birth.map(|birth| key(Tag::ForenameBirth, *forename, key::date(birth))),
                class
                    .filter(|_| alone)
                    .map(|class| key(Tag::ForenameClass, *forename, class)),
                year.filter(|_| alone)
                    .map(|year| key(Tag::ForenameYear, *forename, year)),
            ];
            for narrower in narrow.into_iter().flatten() {
                let found = roster.find(narrower);
                if found.len() == 1 {
                    return Name::Roster(found, Identification::ForenameAndContext);
                }
            }
        }
        stranger.map_or(Name::None, Name::Stranger)
    }
}

enum Name {
    Roster(Vec<PupilId>, Identification),
    /// A member of staff, or somebody with a title.
    Adult,
    Stranger(u64),
    None,
}

/// Whether a cell begins with a title.
fn is_adult(cell: &str) -> bool {
    let words = roster_words(cell);
    words.len() > 1 && words.first().is_some_and(|first| is_title(first))
        || cell.split(',').nth(1).is_some_and(|rest| {
            crate::roster::key::words(rest)
                .first()
                .is_some_and(|first| is_title(first))
        })
}

/// Whether a cell could be a forename or a surname.
fn is_name(cell: &str) -> bool {
    let count = roster_words(cell).len();
    (1..=3).contains(&count)
        && cell.len() <= 60
        && !cell.contains(|c: char| c.is_ascii_digit() || matches!(c, '@' | '/' | ':' | '.'))
}

/// The cells of a row that look like its name, for a masked excerpt.
pub(crate) fn name_in(cells: &[String]) -> String {
    let names: Vec<&str> = cells
        .iter()
        .take(64)
        .map(String::as_str)
        .filter(|cell| is_name(cell))
        .take(2)
        .collect();
    names.join(" ")
}

/// The ways to read one cell as forename and surname, in either order.
fn splits(full: &str) -> Vec<(Word, Word)> {
    if let Some((surname, forename)) = full.split_once(',') {
        let (forenames, surname) = (roster_words(forename), joined(&roster_words(surname)));
        let mut pairs = vec![(joined(&forenames), surname)];
        if let Some(first) = forenames.first() {
            pairs.push((Word::of(first), surname));
        }
        return pairs;
    }
    let words = roster_words(full);
    let mut pairs = Vec::new();
    for at in 1..words.len().min(6) {
        let (Some(first), Some(second)) = (words.get(..at), words.get(at..)) else {
            break;
        };
        pairs.push((joined(first), joined(second)));
        pairs.push((joined(second), joined(first)));
    }
    // A middle name between.
    if words.len() > 2
        && let (Some(first), Some(last)) = (words.first(), words.last())
    {
        pairs.push((Word::of(first), Word::of(last)));
    }
    pairs
}

/// Whether a cell is more than a "no".
fn says_something(cell: &str) -> bool {
    !matches!(
        squash(cell).as_str(),
        "" | "n"
            | "no"
            | "none"
            | "na"
            | "nil"
            | "0"
            | "false"
            | "f"
            | "notapplicable"
            | "nonrecorded"
            | "noneknown"
            | "nosen"
            | "unknown"
    )
}

/// Tables by the part and the name that their rows carry.
pub(crate) type Tables = BTreeMap<String, Table>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_read_in_their_variants() {
        assert_eq!(column("Legal Surname"), Some(Column::Surname));
        assert_eq!(column("Pupil Name"), Some(Column::FullName));
        assert_eq!(
            column("D.O.B."),
            Some(Column::Identifier(Kind::DateOfBirth))
        );
        assert_eq!(column("Adm No"), Some(Column::Admission));
        assert_eq!(column("NHS no."), Some(Column::Identifier(Kind::NhsNumber)));
        assert_eq!(column("Quantity"), None);
        assert_eq!(column("ID"), None);
        assert_eq!(column("Pupil ID"), Some(Column::Admission));
        assert_eq!(
            column("Pupil Premium"),
            Some(Column::About(Category::FreeMeals, Sensitivity::Sensitive))
        );
        assert_eq!(
            column("ChildIdentifiers PersonBirthDate"),
            Some(Column::Identifier(Kind::DateOfBirth))
        );
        assert_eq!(column("Teacher Name"), None);
    }

    #[test]
    fn the_headings_of_a_register_make_its_rows_children() {
        let row = |cells: &[&str]| -> Vec<String> { cells.iter().map(|&c| c.into()).collect() };
        let today = jiff::civil::date(2026, 11, 24);
        let mut table = Table::default();
        let headings = row(&[
            "Unique ID",
            "UPN",
            "Date of birth",
            "Date EHC plan last reviewed",
        ]);
        assert!(table.read(&headings, &RosterIndex::empty(), today).heading);
        let empty = table.read(&row(&["", "", "", ""]), &RosterIndex::empty(), today);
        assert_eq!(empty.of, RowOf::Nobody);
        let filled = row(&["7", "made up", "01/02/2015", "03/04/2026"]);
        let child = table.read(&filled, &RosterIndex::empty(), today);
        assert!(matches!(child.of, RowOf::Unknown(_)));
        assert_eq!(child.tally.categories(), [Category::Send]);
        assert_eq!((table.people(), table.vouched.len()), (1, 1));
    }

    #[test]
    fn a_no_says_nothing() {
        for cell in ["N", "no", "-", "n/a", "0", "None"] {
            assert!(!says_something(cell), "{cell}");
        }
        assert!(says_something("K"));
    }

    #[test]
    fn a_cell_splits_into_names_in_either_order() {
        let wanted = (Word::of("theo"), Word::of("walker"));
        for cell in [
            "Theo Walker",
            "WALKER, Theo",
            "walker theo",
            "Walker, Theo James",
            "Theo James Walker",
        ] {
            assert!(splits(cell).contains(&wanted), "{cell}");
        }
    }
}
