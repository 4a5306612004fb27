//! The kinds of pupil data, and how sensitive they make a message.

use serde::{Deserialize, Serialize};

/// How sensitive a message, a part or a data subject's matter is.
///
/// Identity plus a category makes it; a name alone does not. The two upper
/// levels are the words that the schools' policies use ("SENSITIVE/HIGHLY
/// SENSITIVE", clause 001-17).
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Sensitivity {
    /// Nobody's personal data.
    #[default]
    None,
    /// Somebody is identified, ordinary matter.
    Personal,
    /// Must be marked SENSITIVE when it leaves.
    Sensitive,
    /// Must be marked HIGHLY SENSITIVE when it leaves.
    HighlySensitive,
}

impl Sensitivity {
    /// The word as the product writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Personal => "personal",
            Self::Sensitive => "sensitive",
            Self::HighlySensitive => "highly sensitive",
        }
    }
}

macro_rules! categories {
    ($($variant:ident $id:literal $label:literal $special:literal;)*) => {
        /// What a text says about a pupil. The lexicon (`lexicon/*.toml`) holds the phrases.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Category {
            $(#[doc = $label] #[serde(rename = $id)] $variant,)*
        }

        impl Category {
            /// Every category, in the order of the table.
            pub const ALL: &'static [Category] = &[$(Category::$variant),*];

            /// The identifier used in packs, lexicons and JSON.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $id),* }
            }

            /// What a person would call it, to stand after "information about".
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label),* }
            }

            /// Whether it is treated as special-category or safeguarding matter (UK GDPR
            /// Art. 9 and 10, KCSIE), which needs its marking to the pupil's own parent too.
            pub fn is_special(self) -> bool {
                match self { $(Self::$variant => $special),* }
            }

            /// The category with this identifier.
            pub fn parse(id: &str) -> Option<Category> {
                Self::ALL.iter().copied().find(|c| c.as_str() == id)
            }
        }
    };
}

categories! {
    Contact          "contact"          "home address or contact details"               false;
    Attendance       "attendance"       "attendance"                                    false;
    Behaviour        "behaviour"        "behaviour"                                     false;
    Exclusion        "exclusion"        "suspension or exclusion"                       true;
    Attainment       "attainment"       "attainment"                                    false;
    Send             "send"             "special educational needs"                     true;
    Safeguarding     "safeguarding"     "safeguarding"                                  true;
    Health           "health"           "health or medication"                          true;
    FreeMeals        "free-meals"       "free school meals or pupil premium"            false;
    LookedAfter      "looked-after"     "care status"                                   true;
    Ethnicity        "ethnicity"        "ethnicity, origin or language"                 true;
    Religion         "religion"         "religion or belief"                            true;
    Biometric        "biometric"        "biometric data"                                true;
    Court            "court"            "court orders or parental responsibility"       true;
    Criminal         "criminal"         "a criminal matter"                             true;
    Staff            "staff"            "a member of staff's employment or health"      true;
}
