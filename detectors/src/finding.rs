//! One thing seen in a message.

use serde::{Deserialize, Serialize};

use crate::category::Category;
use crate::inspection::PartPath;
use crate::roster::PupilId;

macro_rules! kinds {
    ($($variant:ident $id:literal $label:literal;)*) => {
        /// What was seen. The set is closed: packs may name nothing else.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Kind {
            $(#[doc = $label] #[serde(rename = $id)] $variant,)*
        }

        impl Kind {
            /// Every kind, in the order of the table.
            pub const ALL: &'static [Kind] = &[$(Kind::$variant),*];

            /// The identifier used in packs and JSON.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $id),* }
            }

            /// What a notice calls one of them.
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label),* }
            }

            /// The kind with this identifier.
            pub fn parse(id: &str) -> Option<Kind> {
                Self::ALL.iter().copied().find(|k| k.as_str() == id)
            }
        }
    };
}

kinds! {
    Upn                "uk.upn"                   "a unique pupil number (UPN)";
    Uln                "uk.uln"                   "a unique learner number (ULN)";
    NhsNumber          "uk.nhs-number"            "an NHS number";
    Nino               "uk.nino"                  "a National Insurance number";
    Uci                "uk.uci"                   "an exam candidate's identifier (UCI)";
    Scn                "uk.scn"                   "a Scottish candidate number (SCN)";
    Chi                "uk.chi"                   "a CHI number";
    HealthAndCare      "uk.hcn"                   "a Health and Care number";
    AdmissionNumber    "uk.admission-number"      "a pupil's admission number";
    Trn                "uk.trn"                   "a teacher reference number";
    Dbs                "uk.dbs"                   "a DBS certificate number";
    Passport           "uk.passport"              "a passport number";
    Mrz                "mrz"                      "the machine-readable lines of a passport";
    DrivingLicence     "uk.driving-licence"       "a driving licence number";
    BankAccount        "uk.bank-account"          "bank account details";
    PaymentCard        "payment-card"             "a payment card number";
    Iban               "iban"                     "an international bank account number (IBAN)";
    Vehicle            "uk.vehicle"               "a vehicle registration";
    Phone              "uk.phone"                 "a telephone number";
    Postcode           "uk.postcode"              "a postcode";
    DateOfBirth        "date-of-birth"            "a date of birth";
    Email              "email-address"            "an e-mail address";
    RosterName         "roster.name"              "a pupil's name";
    RosterForename     "roster.forename"          "a pupil's first name";
    RosterUpn          "roster.upn"               "a pupil's UPN";
    RosterContact      "roster.contact"           "the address of a pupil's contact";
    PupilTable         "pupil-table"              "a list of pupils";
    CategoryPhrase     "category"                 "sensitive information";
    StaffDetails       "staff.details"            "a colleague's private details";
    Credential         "credential"               "a password or log-in";
    NoSchoolMatter     "no-school-matter"         "nothing about the school";
    StaffMatter        "staff.matter"             "a colleague's confidential matter";
    ConductObscene     "conduct.obscene"          "obscene language";
    ConductDiscriminatory "conduct.discriminatory" "discriminatory language";
    ConductThreat      "conduct.threat"           "threatening language";
    ConductInsult      "conduct.insult"           "insulting language";
    ConductTone        "conduct.tone"             "a sharp tone";
    ChainLetter        "conduct.chain-letter"     "a chain letter";
    ConductSelling     "conduct.selling"          "private buying or selling";
    ConductGambling    "conduct.gambling"         "betting or gambling";
    ConductPolitical   "conduct.political"        "political campaigning";
    ConductPrivateUse  "conduct.private-use"      "private use";
    ChildAtRisk        "child.at-risk"            "words of a child who may be at risk";
    PasswordBeside     "encryption.password-beside" "the password beside the locked file";
    EncryptionWeak     "encryption.weak"          "weak encryption";
    EncryptionStrong   "encryption.strong"        "strong encryption";
    MarkingNearMiss    "marking.near-miss"        "a marking that is not quite right";
    PersonalSender     "sender.personal-address"  "a personal address as sender or reply address";
    HiddenContent      "hidden-content"           "hidden content";
    MisleadingName     "misleading-name"          "a file whose name does not fit its content";
    MimeAmbiguous      "mime.ambiguous"           "a message that mail programs read in different ways";
    Photograph         "picture.photograph"       "a photograph";
    PicturePhone       "picture.phone"            "a photograph from a telephone";
    PicturePlace       "picture.place-data"       "a photograph that says where it was taken";
    PictureNamed       "picture.named"            "a photograph with a pupil's name";
    PictureOfChildren  "picture.of-children"      "a photograph of children";
    LimitReached       "limit"                    "a limit of the inspection";
}

impl Kind {
    /// Whether a number of this kind, with a name or a date of birth beside it, is a
    /// pupil's personal data though nobody on the roster has it.
    pub fn is_pupil_number(self) -> bool {
        matches!(
            self,
            Self::Upn | Self::Uln | Self::Uci | Self::Scn | Self::Chi | Self::HealthAndCare
        )
    }
}

/// How sure a detector is, from 0 to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Confidence(f32);

impl Confidence {
    /// A confidence, brought into 0..=1; what is not a number counts as 0.
    pub fn new(value: f32) -> Self {
        if value.is_nan() {
            Self(0.0)
        } else {
            Self(value.clamp(0.0, 1.0))
        }
    }

    /// The value, 0..=1.
    pub fn get(self) -> f32 {
        self.0
    }
}

/// Matched text with all but its edges hidden: the only form in which it travels.
///
/// There is no way back to the text, so `Debug` and `Serialize` are safe.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Masked(String);

impl Masked {
    /// Hides each word but its first letter (`Jamie Smith` becomes `J**** S****`).
    pub fn words(text: &str) -> Self {
        let mut masked = String::with_capacity(text.len());
        let mut inside = false;
        for c in text.chars().take(60) {
            if c.is_alphanumeric() {
                masked.push(if inside { '*' } else { c });
                inside = true;
            } else {
                masked.push(if c.is_control() { ' ' } else { c });
                inside = false;
            }
        }
        Self(masked)
    }

    /// Hides all but the last three characters (`T823430118808` becomes `**********808`).
    pub fn tail(text: &str) -> Self {
        let count = text.chars().count();
        let shown = if count > 6 { 3 } else { 0 };
        Self(
            text.chars()
                .take(60)
                .enumerate()
                .map(|(i, c)| {
                    if c.is_control() {
                        ' '
                    } else if c.is_alphanumeric() && i + shown < count {
                        '*'
                    } else {
                        c
                    }
                })
                .collect(),
        )
    }

    /// A text that is nobody's data: a phrase of the lexicon, a limit's name.
    pub fn plain(text: &str) -> Self {
        Self(text.chars().filter(|c| !c.is_control()).take(80).collect())
    }

    /// The masked text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One thing seen: what, where, how sure, how many, about whom.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What was seen.
    pub kind: Kind,
    /// The part that holds it.
    pub part: PartPath,
    /// The place inside the part as a reader would name it: `Sheet1!A2`, `page 3`,
    /// `paragraph 2`, `Subject`.
    pub place: String,
    /// How sure.
    pub confidence: Confidence,
    /// The number of distinct values, not of occurrences.
    pub count: u32,
    /// The pupils on the roster whom it concerns, when it names any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<PupilId>,
    /// A masked excerpt of the first value.
    pub excerpt: Masked,
    /// For a phrase of a category: which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
}
