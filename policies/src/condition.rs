//! The conditions that a rule may name: a tree of all / any / not over typed leaves.

use std::collections::BTreeSet;

use schoolgate_detectors::{Category, Confidence, Kind, Sensitivity, UnreadReason};

use crate::destination::Destination;
use crate::exceptions::{Consent, ExceptionKind, Permitted};
use crate::facts::{Relation, SenderGroup};
use crate::filetype::FileType;

/// When a rule applies to a recipient.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Every one holds; an empty list always holds.
    All(Vec<Condition>),
    /// At least one holds; an empty list never does.
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Leaf(Leaf),
}

/// One thing that can be asked of a message or a recipient.
#[derive(Debug, Clone, PartialEq)]
pub enum Leaf {
    /// The recipient stands in one of these relations.
    Relation(BTreeSet<Relation>),
    /// The recipient is not inside the school; a pupil's mailbox is not inside.
    Outside,
    /// The message holds personal data of a pupil, for this recipient.
    PupilData,
    /// Some of it concerns a pupil who is not this recipient's own.
    AboutOthers,
    /// Anything in the message hints at pupils, even if it identifies nobody.
    SpeaksOfPupils,
    /// The matter is at least this sensitive.
    Sensitivity(Sensitivity),
    /// The matter falls into one of these categories.
    Category(BTreeSet<Category>),
    /// The matter is special-category or safeguarding matter.
    SpecialCategory,
    /// Words of one of these categories stand in it, even if they are about nobody known.
    SpeaksOf(BTreeSet<Category>),
    /// Findings of these kinds, counted together over distinct values.
    Found {
        kinds: BTreeSet<Kind>,
        at_least: u32,
        confidence: Confidence,
    },
    /// At least this many pupils are concerned.
    Pupils(u32),
    /// An attachment at least this sensitive is not really encrypted.
    UnprotectedAttachment(Sensitivity),
    /// A really encrypted part is there.
    EncryptedAttachment,
    /// The password of a locked file is in the same message.
    PasswordBeside,
    /// No valid marking.
    Unmarked,
    /// A valid marking, but below the sensitivity of the matter.
    MarkingTooLow,
    /// A marking that is almost right.
    MarkingNearMiss,
    /// A part could not be read, for one of these reasons.
    Unread(BTreeSet<UnreadReason>),
    /// The sender belongs to one of these groups.
    Sender(BTreeSet<SenderGroup>),
    /// From, Sender or Reply-To is a personal address.
    PersonalSender,
    /// More families than this stand in To and Cc; without a number, the pack's setting.
    VisibleFamilies(Option<u32>),
    /// Mail programs read the message in different ways.
    MimeAmbiguous,
    /// The address belongs to a service of one of these kinds.
    Destination(BTreeSet<Destination>),
    /// The recipient is an agency of one of these kinds on the roster.
    AgencyKind(BTreeSet<String>),
    /// The message greets another contact than the one it goes to.
    GreetsAnother,
    /// An unknown address bears the name of a contact who has another.
    BearsContactsName,
    /// A permission in force covers one of these.
    Permitted(BTreeSet<Permitted>),
    /// An exception of this kind is in force for the recipient.
    Registered(ExceptionKind),
    /// A pupil is named at a photograph, and their families stand so to it at the worst.
    PhotoConsent(BTreeSet<Consent>),
    /// The pack's switch of this name is on.
    Switch(String),
    /// The recipient is an agency that the law lets the school tell what it must know.
    LawfulDisclosure,
    /// The address is an AI service's that is not on the school's register.
    AiNotAgreed,
    /// A part is a file of one of these types.
    FileType(BTreeSet<FileType>),
    /// It goes to at least so many.
    Recipients(u32),
    /// It was forwarded at least so many times over.
    Forwarded(u32),
    /// It is sent within hours of the pack, or outside them.
    Hours { name: String, within: bool },
}

impl Condition {
    /// Whether the answer leans on the roster, so that the rule only monitors when the
    /// roster is missing or old.
    pub fn needs_roster(&self) -> bool {
        match self {
            Self::All(list) | Self::Any(list) => list.iter().any(Self::needs_roster),
            Self::Not(inner) => inner.needs_roster(),
            Self::Leaf(leaf) => leaf.needs_roster(),
        }
    }

    /// The leaves, in the order of the text.
    pub fn leaves<'a>(&'a self, into: &mut Vec<&'a Leaf>) {
        match self {
            Self::All(list) | Self::Any(list) => list.iter().for_each(|c| c.leaves(into)),
            Self::Not(inner) => inner.leaves(into),
            Self::Leaf(leaf) => into.push(leaf),
        }
    }

    /// The switches that it asks for, in the order of the text.
    pub(crate) fn switches(&self) -> Vec<&str> {
        let mut leaves = Vec::new();
        self.leaves(&mut leaves);
        leaves
            .into_iter()
            .filter_map(|leaf| match leaf {
                Leaf::Switch(name) => Some(name.as_str()),
                _ => None,
            })
            .collect()
    }

    /// The leaves that a rule can rest on: those that no `not` stands before.
    pub(crate) fn positive_leaves<'a>(&'a self, into: &mut Vec<&'a Leaf>) {
        match self {
            Self::All(list) | Self::Any(list) => list.iter().for_each(|c| c.positive_leaves(into)),
            Self::Not(_) => {}
            Self::Leaf(leaf) => into.push(leaf),
        }
    }
}

impl Leaf {
    fn needs_roster(&self) -> bool {
        match self {
            // The school's own domains and mailbox patterns are configuration.
            Self::Relation(set) => !set
                .iter()
                .all(|r| matches!(r, Relation::Staff | Relation::Pupil)),
            Self::AboutOthers
            | Self::GreetsAnother
            | Self::BearsContactsName
            | Self::LawfulDisclosure => true,
            _ => false,
        }
    }
}

macro_rules! words {
    ($name:ident, $type:ty, [$($variant:expr => $word:literal),* $(,)?]) => {
        /// The words of a pack for this vocabulary.
        pub const $name: &[($type, &str)] = &[$(($variant, $word)),*];
    };
}

words!(RELATIONS, Relation, [
    Relation::Staff => "staff",
    Relation::Governor => "governor",
    Relation::SisterSchool => "sister-school",
    Relation::Pupil => "pupil",
    Relation::OwnContact => "own-contact",
    Relation::ContactWithoutResponsibility => "contact-without-responsibility",
    Relation::ContactUnderCourtFlag => "contact-under-court-flag",
    Relation::OtherPupilsContact => "other-pupils-contact",
    Relation::Contact => "contact",
    Relation::Agency => "agency",
    Relation::OwnPersonal => "own-personal",
    Relation::LookAlike => "look-alike",
    Relation::Webmail => "webmail",
    Relation::Other => "other",
]);

words!(DESTINATIONS, Destination, [
    Destination::Ai => "ai",
    Destination::Social => "social",
    Destination::Forum => "forum",
    Destination::Publish => "publish",
    Destination::FileDrop => "file-drop",
]);

words!(GROUPS, SenderGroup, [
    SenderGroup::Headteacher => "headteacher",
    SenderGroup::DeputyHead => "deputy-head",
    SenderGroup::Dsl => "dsl",
    SenderGroup::Senco => "senco",
    SenderGroup::Teacher => "teacher",
    SenderGroup::TeachingAssistant => "teaching-assistant",
    SenderGroup::Supply => "supply",
    SenderGroup::Office => "office",
    SenderGroup::Finance => "finance",
    SenderGroup::Technician => "technician",
    SenderGroup::Support => "support",
    SenderGroup::Governor => "governor",
    SenderGroup::Volunteer => "volunteer",
    SenderGroup::Contractor => "contractor",
    SenderGroup::Visitor => "visitor",
    SenderGroup::Pupil => "pupil",
    SenderGroup::Unlisted => "unlisted",
    SenderGroup::Foreign => "foreign",
]);

words!(PERMITTED, Permitted, [
    Permitted::Matter => "matter",
    Permitted::NamedPupils => "named-pupils",
    Permitted::Photo => "photo",
    Permitted::Staff => "staff",
    Permitted::Unmarked => "unmarked",
    Permitted::Unencrypted => "unencrypted",
    Permitted::Locked => "locked",
]);

words!(CONSENTS, Consent, [
    Consent::Given => "given",
    Consent::Missing => "missing",
    Consent::Withheld => "withheld",
]);

words!(FILE_TYPES, FileType, [
    FileType::Program => "program",
    FileType::Database => "database",
    FileType::Archive => "archive",
    FileType::Media => "media",
    FileType::Picture => "picture",
    FileType::Spreadsheet => "spreadsheet",
    FileType::Document => "document",
    FileType::Message => "message",
]);

words!(SENSITIVITIES, Sensitivity, [
    Sensitivity::Personal => "personal",
    Sensitivity::Sensitive => "sensitive",
    Sensitivity::HighlySensitive => "highly-sensitive",
]);

words!(UNREAD_REASONS, UnreadReason, [
    UnreadReason::WeaklyEncrypted => "weakly-encrypted",
    UnreadReason::Encrypted => "encrypted",
    UnreadReason::UnknownFormat => "unknown-format",
    UnreadReason::Damaged => "damaged",
    UnreadReason::Limit => "limit",
    UnreadReason::Media => "media",
    UnreadReason::Aborted => "aborted",
    UnreadReason::PictureNotRead => "picture-not-read",
]);

/// The unread reasons at which the design's rule on unread matter stops.
pub fn stopping_reasons() -> BTreeSet<UnreadReason> {
    UNREAD_REASONS
        .iter()
        .map(|(reason, _)| *reason)
        .filter(|reason| reason.stops())
        .collect()
}

/// The word of a value in one of the vocabularies above.
pub fn word_of<T: PartialEq>(words: &'static [(T, &'static str)], value: &T) -> &'static str {
    words
        .iter()
        .find(|(v, _)| v == value)
        .map_or("", |(_, word)| *word)
}
