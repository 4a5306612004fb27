//! What a column of a list of pupils holds, by its heading.

use super::lexicon;
use crate::category::{Category, Sensitivity};
use crate::finding::Kind;
use crate::normalise::{clean, squash};
use crate::roster::key::words as roster_words;
use crate::words;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Column {
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
pub(super) fn column(heading: &str) -> Option<Column> {
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
        "religion" | "faith" | "religiousaffiliation" => {
            About(Category::Religion, Sensitivity::Sensitive)
        }
        "ethnicity" | "ethnicorigin" | "firstlanguage" | "homelanguage" | "eal" | "nationality" => {
            About(Category::Ethnicity, Sensitivity::Sensitive)
        }
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

/// What a heading of several words says.
pub(super) fn spoken_column(heading: &str) -> Option<Column> {
    if !(2..=14).contains(&roster_words(heading).len()) {
        return None;
    }
    let heading = clean(heading);
    let tokens = words::tokens(&heading);
    lexicon::find(&heading, &tokens, &mut lexicon::Wording::default())
        .into_iter()
        .max_by_key(|hit| hit.floor)
        .map(|hit| Column::About(hit.category, hit.floor))
}

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
}
