//! What the gateway knows besides the message: who sends, to whom, under which stance.

use std::collections::BTreeSet;

use schoolgate_detectors::PupilId;
use serde::{Deserialize, Serialize};

use crate::destination::Destination;
use crate::exceptions::Exception;
use crate::route::{Decider, Route};

/// The envelope of a message (RFC 5321 §2.3.1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// The reverse-path without angle brackets; empty for the null reverse-path.
    pub reverse_path: String,
    /// The forward-paths without angle brackets, as received.
    pub forward_paths: Vec<String>,
}

/// What the school says about itself.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct SchoolFacts {
    /// Its mail domains, lower case.
    pub domains: Vec<String>,
    /// Domains of schools under the same controller, lower case.
    pub sister_domains: Vec<String>,
    /// Patterns of pupils' own mailboxes (`*@pupils.oak.example`, `??.*@oak.example`):
    /// `*` any run, `?` one character, `#` one digit.
    pub pupil_mailboxes: Vec<String>,
    /// Staff or shared mailboxes that a pupil pattern would catch.
    pub staff_mailboxes: Vec<String>,
    /// Who holds which office by the configuration, before those of the staff list.
    #[serde(default)]
    pub holders: Vec<Decider>,
}

/// Who sends.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sender {
    /// The reverse-path, or the From address when that is empty.
    pub address: String,
    /// The group that says the most of them.
    pub group: SenderGroup,
    /// Every group that their role puts them in: a deputy head may be SENCO and DSL too.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub groups: BTreeSet<SenderGroup>,
    /// The name by the staff list, else the display name of From.
    pub name: String,
    /// A personal address stands in From, Sender or Reply-To.
    pub personal_address: Option<String>,
}

impl Sender {
    /// Whether the sender belongs to any of these groups.
    pub fn is_any_of(&self, groups: &BTreeSet<SenderGroup>) -> bool {
        groups.contains(&self.group) || !groups.is_disjoint(&self.groups)
    }
}

/// The sender's group, by the staff list.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum SenderGroup {
    Headteacher,
    /// Deputy and assistant heads.
    DeputyHead,
    /// The designated safeguarding lead and the deputies (KCSIE).
    Dsl,
    /// Who co-ordinates provision for special educational needs.
    Senco,
    Teacher,
    TeachingAssistant,
    /// Teachers from an agency and cover.
    Supply,
    Office,
    /// Business managers, payroll, personnel.
    Finance,
    Technician,
    /// Site, kitchen, cleaning and lunchtime staff.
    Support,
    Governor,
    Volunteer,
    /// Visiting tutors, consultants and firms with a mailbox at the school.
    Contractor,
    Visitor,
    Pupil,
    /// In the school's domain, not on the list.
    #[default]
    Unlisted,
    /// Outside the school's domains.
    Foreign,
}

impl SenderGroup {
    /// Whether the sender is on the staff list, and no guest there, so that somebody answers
    /// for what is sent.
    pub fn is_staff(self) -> bool {
        !matches!(
            self,
            Self::Volunteer
                | Self::Contractor
                | Self::Visitor
                | Self::Pupil
                | Self::Unlisted
                | Self::Foreign
        )
    }
}

/// What a recipient is to the school and to the data subjects of this message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// Staff, shared and office mailboxes of the school.
    Staff,
    Governor,
    /// A school under the same controller.
    SisterSchool,
    /// A pupil's own mailbox.
    Pupil,
    /// A registered contact of exactly the pupils concerned, parental responsibility yes
    /// or unknown, no court flag that stops.
    OwnContact,
    /// The same, but without parental responsibility.
    ContactWithoutResponsibility,
    /// A contact whom a court order keeps from one of the pupils concerned.
    ContactUnderCourtFlag,
    /// A contact on the roster, but of other pupils than the ones concerned (or of some only).
    OtherPupilsContact,
    /// A contact on the roster; the message concerns no pupil.
    Contact,
    /// A trusted agency.
    Agency,
    /// The sender's own personal address, or another member of staff's.
    OwnPersonal,
    /// An address that looks like a registered one or a known domain, but is not.
    LookAlike,
    /// Personal webmail of somebody who is not registered.
    Webmail,
    Other,
}

impl Relation {
    /// Whether the recipient is inside the school for matter about pupils.
    pub fn is_inside(self) -> bool {
        matches!(self, Self::Staff | Self::Governor)
    }

    /// Whether such a recipient is somebody's family on the roster.
    pub fn has_family(self) -> bool {
        matches!(
            self,
            Self::OwnContact
                | Self::ContactWithoutResponsibility
                | Self::ContactUnderCourtFlag
                | Self::OtherPupilsContact
                | Self::Contact
        )
    }

    /// What a notice calls such a recipient.
    pub fn label(self) -> &'static str {
        match self {
            Self::Staff => "a colleague",
            Self::Governor => "a governor",
            Self::SisterSchool => "another school of the trust",
            Self::Pupil => "a pupil",
            Self::OwnContact => "the pupil's own family",
            Self::ContactWithoutResponsibility => {
                "a contact of the pupil without parental responsibility"
            }
            Self::ContactUnderCourtFlag => "a contact whom a court order restricts",
            Self::OtherPupilsContact => "the family of another pupil",
            Self::Contact => "a pupil's family",
            Self::Agency => "a trusted agency",
            Self::OwnPersonal => "a personal address of a member of staff",
            Self::LookAlike => "an address that looks like a known one but is not",
            Self::Webmail => "a personal address that the school does not know",
            Self::Other => "an outside address that the school does not know",
        }
    }
}

/// One forward-path with what is known about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recipient {
    /// The forward-path as received.
    pub address: String,
    pub relation: Relation,
    /// For an agency: its kind on the roster.
    pub agency: Option<String>,
    /// The known address that it looks like.
    pub looks_like: Option<String>,
    /// The pupils concerned whose contact this is not.
    pub not_theirs: Vec<PupilId>,
    /// Pupils whom a first name identifies because this recipient is their contact.
    pub mentioned: Vec<PupilId>,
    /// Stands in To or Cc, so that other recipients see it.
    pub visible: bool,
    /// A number that recipients of one family share; `None` for who is no contact.
    pub family: Option<u32>,
    /// The service that the address belongs to, when it is none of a person.
    #[serde(default)]
    pub destination: Option<Destination>,
    /// The message greets another contact on the roster and nobody whom it goes to.
    #[serde(default)]
    pub greeted_as_another: bool,
    /// An unknown address that could be, by its name, that of a contact who has another.
    #[serde(default)]
    pub bears_contacts_name: bool,
}

/// Whether the installation acts or only watches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stance {
    /// Everything is delivered; what would have stopped is recorded.
    #[default]
    Observe,
    Enforce,
}

/// Whether the roster can be relied upon.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RosterState {
    /// Imported within 35 days.
    Fresh,
    /// Older: rules on relations only monitor.
    Stale,
    /// None: rules on relations only monitor.
    #[default]
    Missing,
}

/// Everything that a decision depends on besides the inspection and the pack.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    pub envelope: Envelope,
    pub sender: Sender,
    /// In the order of the forward-paths.
    pub recipients: Vec<Recipient>,
    /// For this sender: pilot senders are enforced while others are observed.
    pub stance: Stance,
    pub roster: RosterState,
    /// Microseconds since the epoch, UTC.
    pub now: i64,
    /// Who may decide and know of it; see [`crate::route`].
    #[serde(default)]
    pub route: Route,
    /// The registered exceptions that bear on this message, lapsed ones too.
    #[serde(default)]
    pub exceptions: Vec<Exception>,
}
