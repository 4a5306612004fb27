//! The registers as CSV files: read with every mistake by file, row and column, and
//! written so that they can be read again.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use jiff::civil::Date;
use schoolgate_detectors::Category;
use schoolgate_detectors::identifiers::upn;
use schoolgate_detectors::roster::{RosterFile, Sheet, SheetRow};
use schoolgate_policies::ExceptionKind;
use schoolgate_policies::address::fold;
use schoolgate_policies::exceptions::{ALLOWANCES, Allowance, Permission, What, Whom};

use super::record::{Draft, Grounds, Record};
use crate::clock;

/// The file of each kind.
pub const FILES: &[(ExceptionKind, &str)] = &[
    (ExceptionKind::Permission, "permissions.csv"),
    (ExceptionKind::TrustedRecipient, "trusted_recipients.csv"),
    (ExceptionKind::DualRole, "dual_roles.csv"),
    (ExceptionKind::FamilyException, "family_exceptions.csv"),
    (ExceptionKind::ImageConsent, "image_consents.csv"),
    (ExceptionKind::ImageOptOut, "image_opt_outs.csv"),
];

/// The word in the matter of a permission that stands for photographs.
pub const PHOTO: &str = "photo";

/// Something wrong with a file, without anybody's data in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    pub file: String,
    /// The heading is row 1.
    pub row: Option<u64>,
    pub column: Option<String>,
    /// What is wrong, and what to do.
    pub what: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(row) = self.row {
            write!(f, ", row {row}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
        }
        write!(f, ": {}", self.what)
    }
}

/// What files hold.
#[derive(Debug, Clone, Default)]
pub struct Sheets {
    /// Each with its file and row.
    pub drafts: Vec<(String, Draft)>,
    /// The kinds of which there was a file.
    pub kinds: BTreeSet<ExceptionKind>,
    pub mistakes: Vec<Mistake>,
    /// What was passed over, and why.
    pub notes: Vec<String>,
}

/// The kind that a file is for, by its name: `consent list.csv` holds consents.
pub fn kind_of(name: &str) -> Option<ExceptionKind> {
    let name = name.rsplit(['/', '\\']).next()?.to_lowercase();
    // The more telling word first: "image opt-outs", "photo permissions".
    [
        ("opt", ExceptionKind::ImageOptOut),
        ("consent", ExceptionKind::ImageConsent),
        ("trusted", ExceptionKind::TrustedRecipient),
        ("dual", ExceptionKind::DualRole),
        ("famil", ExceptionKind::FamilyException),
        ("permission", ExceptionKind::Permission),
    ]
    .into_iter()
    .find(|(word, _)| name.contains(word))
    .map(|(_, kind)| kind)
}

/// Reads the files of a folder. A folder without any holds a mistake.
///
/// # Errors
/// The folder or a file cannot be read.
pub fn read_folder(path: &Path, today: Date) -> std::io::Result<Sheets> {
    let mut names: Vec<String> = std::fs::read_dir(path)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<std::io::Result<_>>()?;
    names.retain(|name| name.to_lowercase().ends_with(".csv"));
    names.sort();
    let mut sheets = Sheets::default();
    for name in &names {
        let bytes = std::fs::read(path.join(name))?;
        read(name, &bytes, kind_of(name), today, &mut sheets);
    }
    if names.is_empty() {
        let known: Vec<&str> = FILES.iter().map(|(_, name)| *name).collect();
        sheets.mistakes.push(Mistake {
            file: "the folder".into(),
            row: None,
            column: None,
            what: format!("it holds none of {}", known.join(", ")),
        });
    }
    Ok(sheets)
}

/// Reads one file. Without a kind it is passed over with a mistake.
pub fn read(
    name: &str,
    bytes: &[u8],
    kind: Option<ExceptionKind>,
    today: Date,
    sheets: &mut Sheets,
) {
    let Some(kind) = kind else {
        let known: Vec<&str> = FILES.iter().map(|(_, name)| *name).collect();
        sheets.mistakes.push(Mistake {
            file: name.to_owned(),
            row: None,
            column: None,
            what: format!(
                "its name does not tell what it holds; call it {}",
                known.join(" or ")
            ),
        });
        return;
    };
    sheets.kinds.insert(kind);
    let mut problems = Vec::new();
    let sheet = Sheet::read(&RosterFile { name, bytes }, &mut problems);
    sheets
        .mistakes
        .extend(problems.into_iter().map(|problem| Mistake {
            file: problem.file,
            row: problem.row,
            column: problem.column,
            what: problem.message,
        }));
    let Some(sheet) = sheet else { return };
    let columns = Columns::of(&sheet);
    for heading in columns.unknown(&sheet) {
        sheets
            .notes
            .push(format!("{name}: the column {heading} is not used"));
    }
    let missing: Vec<&str> = needed(kind)
        .iter()
        .filter(|field| columns.place(**field).is_none())
        .map(|field| field.heading())
        .collect();
    if !missing.is_empty() {
        sheets.mistakes.push(Mistake {
            file: name.to_owned(),
            row: None,
            column: None,
            what: format!("it lacks the column(s) {}", missing.join(", ")),
        });
        return;
    }
    for row in &sheet.rows {
        let mut cells = Cells {
            file: name,
            row,
            columns: &columns,
            mistakes: Vec::new(),
        };
        if cells.get(Field::Ended).is_some() {
            sheets.notes.push(format!(
                "{name}, row {}: it has ended and was passed over",
                row.line
            ));
            continue;
        }
        if kind == ExceptionKind::ImageConsent && cells.get(Field::Consent).is_none() {
            sheets.notes.push(format!(
                "{name}, row {}: nothing is said, so consent is missing",
                row.line
            ));
            continue;
        }
        let draft = cells.draft(kind, today);
        match draft {
            Some(draft) if cells.mistakes.is_empty() => match draft.check() {
                Ok(()) => sheets.drafts.push((format!("{name}:{}", row.line), draft)),
                Err(error) => sheets.mistakes.push(cells.mistake(None, error.to_string())),
            },
            _ => sheets.mistakes.append(&mut cells.mistakes),
        }
    }
}

macro_rules! fields {
    ($($name:ident $heading:literal [$($alias:literal)*];)*) => {
        /// What a column holds.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        enum Field { $($name),* }

        impl Field {
            const ALL: &'static [Field] = &[$(Field::$name),*];

            /// The heading that we write.
            fn heading(self) -> &'static str {
                match self { $(Self::$name => $heading),* }
            }

            /// Headings that are read, letters and digits only.
            fn aliases(self) -> &'static [&'static str] {
                match self { $(Self::$name => &[$($alias),*]),* }
            }
        }
    };
}

fields! {
    Sender         "sender"          ["sender" "staffemail"];
    Recipient      "recipient"       ["recipient" "to" "address" "domain"];
    Categories     "categories"      ["categories" "category" "for" "matter"];
    Kind           "kind"            ["kind" "agency" "type"];
    Staff          "staff"           ["staff" "staffemail" "email" "schoolemail"];
    Personal       "personal_email"  ["personalemail" "personal" "privateemail" "parentemail"];
    Pupil          "upn"             ["upn" "pupilupn" "uniquepupilnumber" "pupil"];
    Pupils         "pupils"          ["pupils" "upns" "upn" "children" "pupilupns"];
    FamilyAddress  "address"         ["address" "familyaddress" "pupilemail"];
    Consent        "consent"         ["consent" "photoconsent" "imageconsent" "photographs" "photos"];
    Reason         "reason"          ["reason" "why" "grounds"];
    Expires        "expires"         ["expires" "until" "expiry" "expirydate" "enddate" "ends"];
    Starts         "starts"          ["starts" "from" "start" "startdate" "since"];
    RiskAssessment "risk_assessment" ["riskassessment" "riskassessmentreference" "assessment"];
    Allows         "allows"          ["allows" "also"];
    GrantedBy      "granted_by"      ["grantedby" "approvedby" "givenby"];
    Id             "id"              ["id"];
    EnteredBy      "entered_by"      ["enteredby"];
    EnteredAt      "entered_at"      ["enteredat"];
    Ended          "ended"           ["ended"];
    EndedBy        "ended_by"        ["endedby"];
    EndedWhy       "ended_why"       ["endedwhy"];
}

/// The columns that a kind cannot do without.
fn needed(kind: ExceptionKind) -> &'static [Field] {
    use Field as F;
    match kind {
        ExceptionKind::Permission => &[
            F::Sender,
            F::Recipient,
            F::Categories,
            F::Reason,
            F::Expires,
        ],
        ExceptionKind::TrustedRecipient => &[F::Recipient, F::Kind, F::Reason],
        ExceptionKind::DualRole => &[F::Staff, F::Personal],
        ExceptionKind::FamilyException => &[F::Staff, F::Pupil, F::Reason],
        ExceptionKind::ImageConsent => &[F::Pupil, F::Consent],
        ExceptionKind::ImageOptOut => &[F::Staff],
    }
}

/// The columns that we write for a kind, besides those of every kind.
fn written(kind: ExceptionKind) -> &'static [Field] {
    use Field as F;
    match kind {
        ExceptionKind::Permission => {
            &[F::Sender, F::Recipient, F::Categories, F::Pupils, F::Allows]
        }
        ExceptionKind::TrustedRecipient => &[F::Recipient, F::Kind],
        ExceptionKind::DualRole => &[F::Staff, F::Personal, F::Pupils],
        ExceptionKind::FamilyException => &[F::Staff, F::Pupil, F::FamilyAddress],
        ExceptionKind::ImageConsent => &[F::Pupil, F::Consent],
        ExceptionKind::ImageOptOut => &[F::Staff],
    }
}

/// The columns of every kind.
const OF_ALL: &[Field] = &[
    Field::Reason,
    Field::Starts,
    Field::Expires,
    Field::RiskAssessment,
    Field::GrantedBy,
    Field::Id,
    Field::EnteredBy,
    Field::EnteredAt,
    Field::Ended,
    Field::EndedBy,
    Field::EndedWhy,
];

/// Where each field stands in a file.
struct Columns(Vec<(Field, usize)>);

impl Columns {
    fn of(sheet: &Sheet) -> Self {
        let places = Field::ALL
            .iter()
            .filter_map(|field| Some((*field, sheet.column(field.aliases())?)));
        Self(places.collect())
    }

    fn place(&self, field: Field) -> Option<usize> {
        self.0.iter().find(|(f, _)| *f == field).map(|(_, at)| *at)
    }

    fn unknown<'s>(&self, sheet: &'s Sheet) -> impl Iterator<Item = &'s str> {
        sheet
            .headings
            .iter()
            .enumerate()
            .filter(|(at, heading)| {
                !heading.trim().is_empty() && !self.0.iter().any(|(_, place)| place == at)
            })
            .map(|(_, heading)| heading.as_str())
    }
}

/// One row, and what is wrong with it.
struct Cells<'a> {
    file: &'a str,
    row: &'a SheetRow,
    columns: &'a Columns,
    mistakes: Vec<Mistake>,
}

impl<'a> Cells<'a> {
    fn get(&self, field: Field) -> Option<&'a str> {
        self.row.get(Some(self.columns.place(field)?))
    }

    fn mistake(&self, field: Option<Field>, what: String) -> Mistake {
        Mistake {
            file: self.file.to_owned(),
            row: Some(self.row.line),
            column: field.map(|field| field.heading().to_owned()),
            what,
        }
    }

    fn wrong(&mut self, field: Field, what: impl Into<String>) {
        let mistake = self.mistake(Some(field), what.into());
        self.mistakes.push(mistake);
    }

    fn text(&mut self, field: Field) -> Option<&'a str> {
        let text = self.get(field);
        if text.is_none() {
            self.wrong(field, "it is empty");
        }
        text
    }

    fn address(&mut self, field: Field) -> Option<String> {
        self.text(field).map(fold)
    }

    fn date(&mut self, field: Field) -> Option<Date> {
        let text = self.get(field)?;
        match text.parse() {
            Ok(date) if text.len() == 10 => Some(date),
            _ => {
                self.wrong(
                    field,
                    "this is no date; write it as year-month-day, 2027-07-21",
                );
                None
            }
        }
    }

    fn pupil(&mut self, field: Field, text: &str) -> Option<String> {
        match parse_upn(text) {
            Ok(upn) => Some(upn),
            Err(what) => {
                self.wrong(field, what);
                None
            }
        }
    }

    fn pupils(&mut self) -> Vec<String> {
        let texts = self.get(Field::Pupils).map(listed).unwrap_or_default();
        texts
            .into_iter()
            .filter_map(|text| self.pupil(Field::Pupils, text))
            .collect()
    }

    fn whom(&mut self) -> Option<Whom> {
        match Whom::parse(self.text(Field::Recipient)?) {
            Ok(whom) => Some(whom),
            Err(error) => {
                self.wrong(Field::Recipient, error.to_string());
                None
            }
        }
    }

    fn draft(&mut self, kind: ExceptionKind, today: Date) -> Option<Draft> {
        let until = self.date(Field::Expires);
        let from = self.date(Field::Starts).unwrap_or_else(|| {
            // What has lapsed began before it did.
            until.map_or(today, |until| until.min(today))
        });
        let what = self.what(kind)?;
        let owned = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Some(Draft {
            from,
            until,
            what,
            grounds: Grounds {
                reason: owned(self.get(Field::Reason)),
                granted_by: owned(self.get(Field::GrantedBy)),
                risk_assessment: owned(self.get(Field::RiskAssessment)),
            },
        })
    }

    fn what(&mut self, kind: ExceptionKind) -> Option<What> {
        Some(match kind {
            ExceptionKind::Permission => {
                let sender = self.address(Field::Sender);
                let recipient = self.whom();
                let words = self.text(Field::Categories).map(listed).unwrap_or_default();
                let (categories, photos) = match parse_matter(&words) {
                    Ok(matter) => matter,
                    Err(what) => {
                        self.wrong(Field::Categories, what);
                        return None;
                    }
                };
                let words = self.get(Field::Allows).map(listed).unwrap_or_default();
                let allows = match parse_allowances(&words) {
                    Ok(allows) => allows,
                    Err(what) => {
                        self.wrong(Field::Allows, what);
                        return None;
                    }
                };
                What::Permission(Permission {
                    pupils: self.pupils(),
                    sender: sender?,
                    recipient: recipient?,
                    categories,
                    photos,
                    allows,
                })
            }
            ExceptionKind::TrustedRecipient => {
                let (recipient, agency) = (self.whom(), self.text(Field::Kind));
                What::TrustedRecipient {
                    recipient: recipient?,
                    agency: agency?.to_lowercase(),
                }
            }
            ExceptionKind::DualRole => {
                let (staff, personal) = (self.address(Field::Staff), self.address(Field::Personal));
                What::DualRole {
                    pupils: self.pupils(),
                    staff: staff?,
                    personal: personal?,
                }
            }
            ExceptionKind::FamilyException => {
                let (staff, upn) = (self.address(Field::Staff), self.text(Field::Pupil));
                What::FamilyException {
                    pupil: self.pupil(Field::Pupil, upn?)?,
                    staff: staff?,
                    address: self.get(Field::FamilyAddress).map(fold),
                }
            }
            ExceptionKind::ImageConsent => {
                let upn = self.text(Field::Pupil)?;
                let consent = self.text(Field::Consent)?;
                let given = match parse_consent(consent) {
                    Some(given) => given,
                    None => {
                        self.wrong(Field::Consent, "write given or withheld (or yes, no)");
                        return None;
                    }
                };
                What::ImageConsent {
                    pupil: self.pupil(Field::Pupil, upn)?,
                    given,
                }
            }
            ExceptionKind::ImageOptOut => What::ImageOptOut {
                staff: self.address(Field::Staff)?,
            },
        })
    }
}

/// The entries of one cell.
fn listed(text: &str) -> Vec<&str> {
    text.split([';', ',', '|', ' '])
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .collect()
}

/// A UPN as the roster has it.
///
/// # Errors
/// What it should look like.
pub fn parse_upn(text: &str) -> Result<String, &'static str> {
    let upn = text.trim().to_uppercase();
    match upn::is_valid(&upn) {
        true => Ok(upn),
        false => Err("this is no UPN: a letter, then twelve characters; one of them may be a slip"),
    }
}

/// The categories of a permission, and whether photographs are among them.
///
/// # Errors
/// A word is unknown; the text names the nearest.
pub fn parse_matter(words: &[&str]) -> Result<(BTreeSet<Category>, bool), String> {
    let mut categories = BTreeSet::new();
    let mut photos = false;
    for word in words {
        let folded = word.to_lowercase().replace('_', "-");
        if folded == PHOTO {
            photos = true;
        } else if let Some(category) = Category::parse(&folded) {
            categories.insert(category);
        } else {
            let known = Category::ALL.iter().map(|c| c.as_str()).chain([PHOTO]);
            return Err(unknown("category", &folded, known));
        }
    }
    Ok((categories, photos))
}

/// What a permission allows besides.
///
/// # Errors
/// A word is unknown; the text names the nearest.
pub fn parse_allowances(words: &[&str]) -> Result<BTreeSet<Allowance>, String> {
    words
        .iter()
        .map(|word| {
            let folded = word.to_lowercase();
            ALLOWANCES
                .iter()
                .find(|(_, known)| *known == folded)
                .map(|(allowance, _)| *allowance)
                .ok_or_else(|| {
                    unknown(
                        "allowance",
                        &folded,
                        ALLOWANCES.iter().map(|(_, word)| *word),
                    )
                })
        })
        .collect()
}

fn unknown<'k>(what: &str, word: &str, known: impl Iterator<Item = &'k str>) -> String {
    let known: Vec<&str> = known.collect();
    let nearest = known
        .iter()
        .map(|k| (strsim::damerau_levenshtein(k, word), *k))
        .filter(|(slips, _)| *slips <= 3)
        .min();
    match nearest {
        Some((_, nearest)) => format!("a {what} is unknown; did you mean {nearest}?"),
        None => format!("a {what} is unknown; there are {}", known.join(", ")),
    }
}

/// Whether a family agrees, as information systems write it.
pub fn parse_consent(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "given" | "yes" | "y" | "true" | "1" | "granted" | "agreed" | "consented" => Some(true),
        "withheld" | "no" | "n" | "false" | "0" | "refused" | "declined" | "denied"
        | "withdrawn" => Some(false),
        _ => None,
    }
}

/// The entries of one kind as a file.
///
/// # Errors
/// It cannot be written to memory.
pub fn write(kind: ExceptionKind, records: &[&Record]) -> std::io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let fields: Vec<Field> = written(kind).iter().chain(OF_ALL).copied().collect();
    writer.write_record(fields.iter().map(|field| field.heading()))?;
    for record in records {
        writer.write_record(fields.iter().map(|field| cell(record, *field)))?;
    }
    writer
        .into_inner()
        .map_err(|error| std::io::Error::other(error.to_string()))
}

/// What an entry says, in a cell.
fn cell(record: &Record, field: Field) -> String {
    let entry = &record.entry;
    let ending = record.ending.as_ref();
    let date = |date: Option<Date>| date.map(|d| d.to_string()).unwrap_or_default();
    match (field, &entry.what) {
        (Field::Reason, _) => record.grounds.reason.clone(),
        (Field::RiskAssessment, _) => record.grounds.risk_assessment.clone(),
        (Field::GrantedBy, _) => record.grounds.granted_by.clone(),
        (Field::Starts, _) => entry.from.to_string(),
        (Field::Expires, _) => date(entry.until),
        (Field::Id, _) => entry.id.clone(),
        (Field::EnteredBy, _) => record.entered_by.name.clone(),
        (Field::EnteredAt, _) => clock::show(record.entered_at),
        (Field::Ended, _) => date(entry.ended),
        (Field::EndedBy, _) => ending.map(|e| e.by.name.clone()).unwrap_or_default(),
        (Field::EndedWhy, _) => ending.map(|e| e.why.clone()).unwrap_or_default(),
        (Field::Sender, What::Permission(p)) => p.sender.clone(),
        (Field::Recipient, What::Permission(p)) => p.recipient.as_str().to_owned(),
        (Field::Categories, What::Permission(p)) => matter(p).join(" "),
        (Field::Pupils, What::Permission(p)) => p.pupils.join(" "),
        (Field::Allows, What::Permission(p)) => allowances(p).join(" "),
        (Field::Recipient, What::TrustedRecipient { recipient, .. }) => {
            recipient.as_str().to_owned()
        }
        (Field::Kind, What::TrustedRecipient { agency, .. }) => agency.clone(),
        (
            Field::Staff,
            What::DualRole { staff, .. }
            | What::FamilyException { staff, .. }
            | What::ImageOptOut { staff },
        ) => staff.clone(),
        (Field::Personal, What::DualRole { personal, .. }) => personal.clone(),
        (Field::Pupils, What::DualRole { pupils, .. }) => pupils.join(" "),
        (Field::Pupil, What::FamilyException { pupil, .. } | What::ImageConsent { pupil, .. }) => {
            pupil.clone()
        }
        (Field::FamilyAddress, What::FamilyException { address, .. }) => {
            address.clone().unwrap_or_default()
        }
        (Field::Consent, What::ImageConsent { given, .. }) => match given {
            true => "given".into(),
            false => "withheld".into(),
        },
        _ => String::new(),
    }
}

/// The words for what a permission is for.
pub fn matter(permission: &Permission) -> Vec<&'static str> {
    let photo = permission.photos.then_some(PHOTO);
    let categories = permission.categories.iter().map(|c| c.as_str());
    categories.chain(photo).collect()
}

/// The words for what a permission allows besides.
pub fn allowances(permission: &Permission) -> Vec<&'static str> {
    ALLOWANCES
        .iter()
        .filter(|(allowance, _)| permission.allows.contains(allowance))
        .map(|(_, word)| *word)
        .collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const TODAY: Date = date(2026, 11, 24);

    fn sheets(name: &str, text: &str) -> Sheets {
        let mut sheets = Sheets::default();
        read(name, text.as_bytes(), kind_of(name), TODAY, &mut sheets);
        sheets
    }

    #[track_caller]
    fn check_mistake(name: &str, text: &str, part: &str) {
        let sheets = sheets(name, text);
        let mistakes: Vec<String> = sheets.mistakes.iter().map(ToString::to_string).collect();
        assert!(
            mistakes.iter().any(|mistake| mistake.contains(part)),
            "{mistakes:?}"
        );
        assert!(sheets.drafts.is_empty());
    }

    const HEAD: &str = "sender,recipient,categories,reason,expires\n";

    #[test]
    fn a_permission_is_read_with_all_that_it_says() {
        let sheets = sheets(
            "permissions.csv",
            "Sender,Recipient,Categories,Reason,Expires,Risk assessment,Pupils,Allows\n\
             T@oak.example, Minder@home.example ,attendance; photo,Minds him,2027-07-21,RA-7,k838304122101,unmarked\n",
        );
        assert_eq!(sheets.mistakes, []);
        let (place, draft) = &sheets.drafts[0];
        assert_eq!(place, "permissions.csv:2");
        let What::Permission(permission) = &draft.what else {
            panic!("{draft:?}")
        };
        assert_eq!(permission.sender, "t@oak.example");
        assert_eq!(permission.recipient.as_str(), "minder@home.example");
        assert_eq!(matter(permission), ["attendance", "photo"]);
        assert_eq!(allowances(permission), ["unmarked"]);
        assert_eq!(permission.pupils, ["K838304122101"]);
        assert_eq!(draft.grounds.risk_assessment, "RA-7");
        assert_eq!(draft.from, TODAY);
    }

    #[test]
    fn mistakes_say_where_and_what_to_do() {
        for (row, part) in [
            (
                "t@oak.example,a@b.example,attendence,why,2027-01-01",
                "row 2, column categories: a category is unknown; did you mean attendance?",
            ),
            (
                "t@oak.example,a@b.example,health,why,01/01/2027",
                "row 2, column expires: this is no date; write it as year-month-day",
            ),
            (
                "t@oak.example,a@b.example,health,why,",
                "row 2: a permission needs its last day",
            ),
            (
                "t@oak.example,a@b.example,health,why,2028-11-24",
                "row 2: a permission lasts a year at most",
            ),
            (
                "t@oak.example,@gmail.com,health,why,2027-01-01",
                "row 2, column recipient: at this domain anybody can have a mailbox",
            ),
            ("t@oak.example,@co.uk,health,why,2027-01-01", "too wide"),
            (
                "t@oak.example,somebody,health,why,2027-01-01",
                "neither an address nor a domain",
            ),
            (
                "teacher,a@b.example,health,why,2027-01-01",
                "row 2: this is no e-mail address",
            ),
            (
                "t@oak.example,a@b.example,health,,2027-01-01",
                "row 2: a reason is needed",
            ),
        ] {
            check_mistake("permissions.csv", &format!("{HEAD}{row}\n"), part);
        }
        check_mistake(
            "permissions.csv",
            "sender,reason\n",
            "it lacks the column(s) recipient, categories, expires",
        );
        check_mistake(
            "image_consents.csv",
            "upn,consent\nK838304122101,maybe\n",
            "row 2, column consent: write given or withheld",
        );
        check_mistake(
            "image_consents.csv",
            "upn,consent\nK83830412210,yes\n",
            "row 2, column upn: this is no UPN",
        );
        check_mistake(
            "trusted_recipients.csv",
            "recipient,kind,reason\na@b.example,staff,why\n",
            "row 2: a trusted recipient is an agency",
        );
        check_mistake(
            "letters.csv",
            "a,b\n",
            "its name does not tell what it holds",
        );
    }

    #[test]
    fn an_information_systems_consents_are_read() {
        let sheets = sheets(
            "Photo consent export.csv",
            "UPN,Surname,Consent,Expires\nK838304122101,Fenwick,Yes,2027-08-31\nG838304125102,Fenwick,N,\nC838304121103,Young,,\n",
        );
        assert_eq!(sheets.mistakes, []);
        let given: Vec<bool> = sheets
            .drafts
            .iter()
            .map(|(_, draft)| matches!(draft.what, What::ImageConsent { given: true, .. }))
            .collect();
        assert_eq!(given, [true, false]);
        assert_eq!(sheets.notes.len(), 2, "{:?}", sheets.notes);
    }

    #[test]
    fn what_is_written_is_read_again() {
        for (name, text) in [
            (
                "permissions.csv",
                "sender,recipient,categories,reason,expires,pupils,allows\n*,@b.example,health photo,\"why, oh\",2027-01-01,K838304122101,locked unmarked\n",
            ),
            (
                "trusted_recipients.csv",
                "recipient,kind,reason\n@b.example,health,why\n",
            ),
            (
                "dual_roles.csv",
                "staff,personal_email,pupils\nt@oak.example,t@home.example,K838304122101\n",
            ),
            (
                "family_exceptions.csv",
                "staff,upn,reason,address\nt@oak.example,K838304122101,niece,n@home.example\n",
            ),
            (
                "image_consents.csv",
                "upn,consent\nK838304122101,withheld\n",
            ),
            ("image_opt_outs.csv", "staff\nt@oak.example\n"),
        ] {
            let (kind, read) = (kind_of(name).unwrap(), sheets(name, text));
            assert_eq!(read.mistakes, []);
            let draft = read.drafts[0].1.clone();
            let record = Record {
                entry: draft.entry("1".into()),
                grounds: draft.grounds.clone(),
                entered_by: crate::audit::Actor::system(),
                entered_at: 0,
                ending: None,
            };
            let written = write(kind, &[&record]).unwrap();
            let again = sheets(name, &String::from_utf8(written).unwrap());
            assert_eq!(again.mistakes, []);
            assert_eq!(again.drafts[0].1, draft, "{name}");
        }
    }
}
