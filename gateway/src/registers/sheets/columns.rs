//! The columns of the registers' files.

use schoolgate_detectors::roster::Sheet;
use schoolgate_policies::ExceptionKind;

macro_rules! fields {
    ($($name:ident $heading:literal [$($alias:literal)*];)*) => {
        /// What a column holds.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Field { $($name),* }

        impl Field {
            pub const ALL: &'static [Field] = &[$(Field::$name),*];

            /// The heading that we write.
            pub fn heading(self) -> &'static str {
                match self { $(Self::$name => $heading),* }
            }

            /// Headings that are read, letters and digits only.
            pub fn aliases(self) -> &'static [&'static str] {
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
pub fn needed(kind: ExceptionKind) -> &'static [Field] {
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
pub fn written(kind: ExceptionKind) -> &'static [Field] {
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
pub const OF_ALL: &[Field] = &[
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
pub struct Columns(Vec<(Field, usize)>);

impl Columns {
    /// Where they stand in this one.
    pub fn of(sheet: &Sheet) -> Self {
        let places = Field::ALL
            .iter()
            .filter_map(|field| Some((*field, sheet.column(field.aliases())?)));
        Self(places.collect())
    }

    /// The column of a field.
    pub fn place(&self, field: Field) -> Option<usize> {
        self.0.iter().find(|(f, _)| *f == field).map(|(_, at)| *at)
    }

    /// Headings that mean nothing here.
    pub fn unknown<'s>(&self, sheet: &'s Sheet) -> impl Iterator<Item = &'s str> {
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
