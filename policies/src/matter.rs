//! What a message says about pupils, to one recipient.
//!
//! Computed once for each message, and once for each group of recipients to whom it
//! says the same.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use schoolgate_detectors::{
    Category, Confidence, Disposition, Encryption, Inspection, Kind, MarkingLevel, Mention,
    PartPath, PupilId, Sensitivity, UnreadReason,
};

use crate::address::{fold, split};
use crate::condition::{Condition, Leaf};
use crate::destination::Destination;
use crate::exceptions::{Exception, Granted, Said, pictured};
use crate::facts::{Facts, Recipient, Relation};
use crate::filetype::{self, FileType};
use crate::forwards::forwards;
use crate::kinds::Kinds;
use crate::pack::{Outsiders, PackSettings, hours};
use crate::relation::{is_unknown, says_something};
use crate::visible::visible_families;

/// The answers that are the same for every recipient.
pub(crate) struct Message<'a> {
    pub inspection: &'a Inspection,
    facts: &'a Facts,
    pub settings: &'a PackSettings,
    /// What is said about the pupils whom the message itself identifies.
    said: Matter,
    /// Whether any of them is not on the roster.
    unknown_pupils: bool,
    /// Attachments and members of them that are open to whoever gets them.
    open: Vec<(&'a PartPath, Sensitivity)>,
    has_strong: bool,
    password_beside: bool,
    marking: Option<MarkingLevel>,
    near_miss: bool,
    unread: BTreeSet<UnreadReason>,
    /// How often each kind was found, by confidence.
    tally: Vec<(Kind, Confidence, u32)>,
    personal_sender: bool,
    mime_ambiguous: bool,
    /// What few rules ask is found out when one does.
    files: OnceCell<BTreeSet<FileType>>,
    spoken: OnceCell<BTreeSet<Category>>,
    forwards: OnceCell<u32>,
    speaks_of_pupils: bool,
    pub visible_families: u32,
    /// For each photograph at which a pupil is named, who it may be.
    named_pictures: Vec<Vec<PupilId>>,
}

/// What is said about pupils.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Matter {
    pub sensitivity: Sensitivity,
    pub categories: BTreeSet<Category>,
    /// Some of it is special-category or safeguarding matter, grave enough to be marked.
    pub special: bool,
    pub pupils: u32,
    /// Some of it concerns somebody who is not this recipient's own.
    pub about_others: bool,
    /// The most sensitive attachment that is not really encrypted.
    pub open_attachment: Sensitivity,
    /// What registered exceptions answer.
    pub granted: Granted,
}

/// Recipients with the same profile get the same answer.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Profile<'a> {
    relation: Relation,
    has_others: bool,
    mentioned: &'a [schoolgate_detectors::PupilId],
    destination: Option<Destination>,
    agency: Option<&'a str>,
    greeted_as_another: bool,
    bears_contacts_name: bool,
    webmail_word: Option<bool>,
    ai_not_agreed: bool,
    /// By place among the facts.
    exceptions: Vec<usize>,
}

impl<'a> Profile<'a> {
    pub fn of(
        place: usize,
        recipient: &'a Recipient,
        settings: &PackSettings,
        exceptions: &[Exception],
    ) -> Self {
        let bearing = exceptions.iter().enumerate();
        Self {
            exceptions: bearing
                .filter(|(_, exception)| exception.bears_on(place))
                .map(|(i, _)| i)
                .collect(),
            relation: recipient.relation,
            has_others: !recipient.not_theirs.is_empty(),
            mentioned: &recipient.mentioned,
            destination: recipient.destination,
            agency: recipient.agency.as_deref(),
            greeted_as_another: recipient.greeted_as_another,
            bears_contacts_name: recipient.bears_contacts_name,
            webmail_word: webmail_word(recipient, &settings.outsiders),
            ai_not_agreed: is_ai_not_agreed(recipient, &settings.outsiders),
        }
    }
}

impl<'a> Message<'a> {
    pub fn new(facts: &'a Facts, inspection: &'a Inspection, settings: &'a PackSettings) -> Self {
        let kinds: Kinds = inspection.findings.iter().map(|f| f.kind).collect();
        let has = |kind: Kind| Kinds::of(kind).meets(kinds);
        let mut message = Self {
            inspection,
            facts,
            settings,
            said: Matter::default(),
            unknown_pupils: inspection.subjects.iter().any(is_unknown),
            open: open_attachments(inspection),
            has_strong: inspection.parts.iter().any(|p| p.encryption.is_strong()),
            password_beside: has(Kind::PasswordBeside)
                || inspection
                    .parts
                    .iter()
                    .any(|p| matches!(p.encryption, Encryption::PasswordBeside(_))),
            marking: inspection
                .markings
                .iter()
                .filter(|m| settings.marking_places.contains(&m.place))
                .map(|m| m.level)
                .max(),
            near_miss: has(Kind::MarkingNearMiss),
            unread: inspection.unread.iter().map(|u| u.reason).collect(),
            tally: tally(inspection),
            personal_sender: facts.sender.personal_address.is_some() || has(Kind::PersonalSender),
            mime_ambiguous: has(Kind::MimeAmbiguous),
            files: OnceCell::new(),
            spoken: OnceCell::new(),
            forwards: OnceCell::new(),
            speaks_of_pupils: speaks_of_pupils(inspection),
            visible_families: visible_families(facts, inspection),
            named_pictures: inspection
                .of_kind(Kind::PictureNamed)
                .map(|finding| pictured(finding, &inspection.mentions))
                .collect(),
        };
        message.said = message.said_to_all();
        message
    }

    /// The matter of the subjects, and of the first names that one recipient's being
    /// that child's family gives away to the others.
    fn said_to_all(&self) -> Matter {
        let mut said = Matter::default();
        for subject in &self.inspection.subjects {
            said.add(
                subject.sensitivity,
                subject.special,
                &subject.categories,
                subject.count.max(1),
            );
        }
        for (mention, _) in self.identified() {
            let level = mention.sensitivity.max(Sensitivity::Personal);
            said.add(level, mention.special, &mention.categories, 1);
            self.add_open(&mut said, &mention.part, mention.sensitivity);
        }
        for (_, sensitivity) in &self.open {
            said.open_attachment = said.open_attachment.max(*sensitivity);
        }
        said
    }

    /// The first names that say something and identify somebody to some recipient, each
    /// with whom it may mean.
    fn identified(&self) -> impl Iterator<Item = (&Mention, Vec<PupilId>)> {
        let known: BTreeSet<PupilId> = self
            .facts
            .recipients
            .iter()
            .flat_map(|r| r.mentioned.iter().copied())
            .collect();
        let mentions = self.inspection.mentions.iter();
        mentions
            .filter(|m| says_something(&m.categories, m.sensitivity))
            .map(move |m| {
                let candidates = m.candidates.iter().copied();
                (m, candidates.filter(|c| known.contains(c)).collect())
            })
            .filter(|(_, pupils): &(_, Vec<PupilId>)| !pupils.is_empty())
    }

    fn add_open(&self, matter: &mut Matter, part: &PartPath, sensitivity: Sensitivity) {
        if self.open.iter().any(|(path, _)| *path == part) {
            matter.open_attachment = matter.open_attachment.max(sensitivity);
        }
    }

    /// What the message says to this recipient.
    pub fn matter(&self, recipient: &Recipient) -> Matter {
        let mut matter = self.said.clone();
        for mention in &self.inspection.mentions {
            let theirs = mention
                .candidates
                .iter()
                .any(|c| recipient.mentioned.contains(c));
            if theirs {
                // Counted for all already, when it says something.
                let counted = says_something(&mention.categories, mention.sensitivity);
                let pupils = u32::from(!counted);
                let level = mention.sensitivity.max(Sensitivity::Personal);
                matter.add(level, mention.special, &mention.categories, pupils);
                self.add_open(&mut matter, &mention.part, mention.sensitivity);
            }
        }
        matter.about_others = match recipient.relation {
            Relation::OwnContact
            | Relation::ContactWithoutResponsibility
            | Relation::ContactUnderCourtFlag
            | Relation::OtherPupilsContact
            | Relation::Contact
            | Relation::Pupil => !recipient.not_theirs.is_empty() || self.unknown_pupils,
            _ => matter.sensitivity > Sensitivity::None,
        };
        matter
    }

    /// What the message says to this recipient when these exceptions count.
    pub fn matter_with(&self, recipient: &Recipient, exceptions: &[&Exception]) -> Matter {
        let mut matter = self.matter(recipient);
        if exceptions.is_empty() && self.named_pictures.is_empty() {
            return matter;
        }
        let unattributed;
        let categories = if matter.sensitivity > Sensitivity::None {
            &matter.categories
        } else {
            let findings = self.inspection.findings.iter();
            let mentions = self.inspection.mentions.iter();
            unattributed = findings
                .filter_map(|finding| finding.category)
                .chain(mentions.flat_map(|mention| mention.categories.iter().copied()))
                .collect();
            &unattributed
        };
        let said = Said {
            subjects: &self.inspection.subjects,
            mentioned: self.identified().map(|(_, pupils)| pupils).collect(),
            recipient,
            categories,
            pictures: &self.named_pictures,
        };
        matter.granted = Granted::of(&said, exceptions);
        matter
    }

    /// What a condition comes to for whoever gets the message. `None`: it depends on who.
    pub fn holds_for_all(&self, condition: &Condition) -> Option<bool> {
        let joined = |list: &[Condition], settles: bool| {
            let mut open = false;
            for condition in list {
                match self.holds_for_all(condition) {
                    Some(answer) if answer == settles => return Some(settles),
                    Some(_) => {}
                    None => open = true,
                }
            }
            (!open).then_some(!settles)
        };
        match condition {
            Condition::All(list) => joined(list, false),
            Condition::Any(list) => joined(list, true),
            Condition::Not(inner) => self.holds_for_all(inner).map(|answer| !answer),
            Condition::Leaf(leaf) => self.answer_for_all(leaf),
        }
    }

    /// Whether a condition holds for a recipient.
    pub fn holds(&self, condition: &Condition, recipient: &Recipient, matter: &Matter) -> bool {
        match condition {
            Condition::All(list) => list.iter().all(|c| self.holds(c, recipient, matter)),
            Condition::Any(list) => list.iter().any(|c| self.holds(c, recipient, matter)),
            Condition::Not(inner) => !self.holds(inner, recipient, matter),
            Condition::Leaf(leaf) => self.answer(leaf, recipient, matter),
        }
    }

    /// The relation as the school sees it: it has a word of its own on which domains are
    /// those of private mailboxes.
    fn relation(&self, recipient: &Recipient) -> Relation {
        match webmail_word(recipient, &self.settings.outsiders) {
            Some(true) => Relation::Webmail,
            Some(false) => Relation::Other,
            None => recipient.relation,
        }
    }

    /// The answer where it is the same whoever gets the message.
    fn answer_for_all(&self, leaf: &Leaf) -> Option<bool> {
        Some(match leaf {
            Leaf::Found {
                kinds,
                at_least,
                confidence,
            } => {
                let count = self
                    .tally
                    .iter()
                    .filter(|(kind, sure, _)| sure >= confidence && kinds.contains(kind))
                    .fold(0_u32, |sum, (_, _, count)| sum.saturating_add(*count));
                count >= *at_least
            }
            Leaf::SpeaksOf(set) => !set.is_disjoint(self.spoken.get_or_init(|| {
                let phrases = self.inspection.findings.iter().filter_map(|f| f.category);
                phrases
                    .chain(self.said.categories.iter().copied())
                    .collect()
            })),
            Leaf::EncryptedAttachment => self.has_strong,
            Leaf::PasswordBeside => self.password_beside,
            Leaf::Unmarked => self.marking.is_none(),
            Leaf::MarkingNearMiss => self.near_miss,
            Leaf::Unread(reasons) => !reasons.is_disjoint(&self.unread),
            Leaf::Sender(groups) => self.facts.sender.is_any_of(groups),
            Leaf::PersonalSender => self.personal_sender,
            Leaf::VisibleFamilies(limit) => {
                self.visible_families > limit.unwrap_or(self.settings.max_visible_families)
            }
            Leaf::MimeAmbiguous => self.mime_ambiguous,
            Leaf::FileType(set) => !set.is_disjoint(self.files.get_or_init(|| {
                self.inspection
                    .parts
                    .iter()
                    .flat_map(filetype::of)
                    .collect()
            })),
            Leaf::Recipients(least) => self.facts.recipients.len() >= *least as usize,
            Leaf::Forwarded(least) => {
                *self.forwards.get_or_init(|| forwards(self.inspection)) >= *least
            }
            Leaf::Hours { name, within: true } => self.is_within(name),
            Leaf::Hours { name, .. } => !self.is_within(name),
            Leaf::Relation(_)
            | Leaf::Outside
            | Leaf::PupilData
            | Leaf::AboutOthers
            | Leaf::SpeaksOfPupils
            | Leaf::Sensitivity(_)
            | Leaf::Category(_)
            | Leaf::SpecialCategory
            | Leaf::Pupils(_)
            | Leaf::UnprotectedAttachment(_)
            | Leaf::MarkingTooLow
            | Leaf::Destination(_)
            | Leaf::AgencyKind(_)
            | Leaf::GreetsAnother
            | Leaf::BearsContactsName
            | Leaf::LawfulDisclosure
            | Leaf::AiNotAgreed
            | Leaf::Permitted(_)
            | Leaf::Registered(_)
            | Leaf::PhotoConsent(_) => return None,
            Leaf::Switch(name) => self.settings.switches.get(name).copied().unwrap_or(false),
        })
    }

    fn is_within(&self, hours: &str) -> bool {
        self.settings
            .hours
            .get(hours)
            .is_some_and(|spans| hours::within(spans, self.facts.now))
    }

    fn answer(&self, leaf: &Leaf, recipient: &Recipient, matter: &Matter) -> bool {
        match leaf {
            Leaf::Relation(set) => set.contains(&self.relation(recipient)),
            Leaf::Outside => !recipient.relation.is_inside(),
            Leaf::PupilData => matter.sensitivity > Sensitivity::None,
            Leaf::AboutOthers => matter.about_others,
            Leaf::SpeaksOfPupils => self.speaks_of_pupils || matter.sensitivity > Sensitivity::None,
            Leaf::Sensitivity(floor) => matter.sensitivity >= *floor,
            Leaf::Category(set) => !set.is_disjoint(&matter.categories),
            Leaf::SpecialCategory => matter.special,
            Leaf::Pupils(floor) => matter.pupils >= *floor,
            Leaf::UnprotectedAttachment(floor) => matter.open_attachment >= *floor,
            Leaf::MarkingTooLow => self
                .marking
                .is_some_and(|level| level.covers() < matter.sensitivity),
            Leaf::Destination(set) => recipient.destination.is_some_and(|d| set.contains(&d)),
            Leaf::AgencyKind(kinds) => recipient
                .agency
                .as_ref()
                .is_some_and(|kind| kinds.contains(&kind.replace([' ', '_'], "-"))),
            Leaf::GreetsAnother => recipient.greeted_as_another,
            Leaf::BearsContactsName => recipient.bears_contacts_name,
            Leaf::Permitted(any) => matter.granted.permits(any),
            Leaf::Registered(kind) => matter.granted.has(*kind),
            Leaf::PhotoConsent(any) => matter.granted.consent_is(any),
            Leaf::LawfulDisclosure => recipient
                .agency
                .as_ref()
                .is_some_and(|kind| self.settings.outsiders.is_lawful(kind)),
            Leaf::AiNotAgreed => is_ai_not_agreed(recipient, &self.settings.outsiders),
            same_for_all => self.answer_for_all(same_for_all).unwrap_or_default(),
        }
    }

    /// Whether the message has a marking that covers this level already.
    pub fn is_marked_for(&self, sensitivity: Sensitivity) -> bool {
        self.marking
            .is_some_and(|level| level.covers() >= sensitivity)
    }
}

/// How often each kind was found with each confidence: a message names thirty pupils with
/// the same.
fn tally(inspection: &Inspection) -> Vec<(Kind, Confidence, u32)> {
    let mut tally: Vec<(Kind, Confidence, u32)> = Vec::new();
    for finding in &inspection.findings {
        let count = finding.count.max(1);
        let same = tally
            .iter_mut()
            .find(|(kind, sure, _)| *kind == finding.kind && *sure == finding.confidence);
        match same {
            Some((_, _, sum)) => *sum = sum.saturating_add(count),
            None => tally.push((finding.kind, finding.confidence, count)),
        }
    }
    tally
}

/// The school's own word on whether a stranger's mailbox is private, when it has one.
fn webmail_word(recipient: &Recipient, outsiders: &Outsiders) -> Option<bool> {
    let unknown = matches!(recipient.relation, Relation::Webmail | Relation::Other);
    let silent = outsiders.webmail_also.is_empty() && outsiders.webmail_except.is_empty();
    if !unknown || silent {
        return None;
    }
    outsiders.is_webmail(&domain_of(recipient))
}

/// Whether it is an AI service's address that the register does not hold. One that the
/// roster names as an agency is agreed with.
fn is_ai_not_agreed(recipient: &Recipient, outsiders: &Outsiders) -> bool {
    let known = matches!(
        recipient.relation,
        Relation::Staff | Relation::Governor | Relation::SisterSchool | Relation::Agency
    );
    recipient.destination == Some(Destination::Ai)
        && !known
        && !outsiders.agreed(&domain_of(recipient))
}

/// The domain of a recipient, in lower case.
fn domain_of(recipient: &Recipient) -> String {
    split(&fold(&recipient.address)).1.to_owned()
}

impl Matter {
    /// A level of "none" is the detectors' word that it is nobody's personal data.
    fn add(
        &mut self,
        sensitivity: Sensitivity,
        special: bool,
        categories: &[Category],
        pupils: u32,
    ) {
        if sensitivity == Sensitivity::None {
            return;
        }
        self.sensitivity = self.sensitivity.max(sensitivity);
        self.special |= special;
        self.categories.extend(categories);
        self.pupils = self.pupils.saturating_add(pupils);
    }
}

/// Whether a part is what clause 001-19 calls an attachment. A message that is attached
/// is one too.
fn is_attachment(disposition: Disposition) -> bool {
    matches!(
        disposition,
        Disposition::Attachment | Disposition::Member | Disposition::Message
    )
}

/// The attachments that nothing really locks: neither their own lock nor that of a file
/// around them. A password in the same message is no lock (clause 001-20).
fn open_attachments(inspection: &Inspection) -> Vec<(&PartPath, Sensitivity)> {
    let locked: BTreeSet<&str> = inspection
        .parts
        .iter()
        .filter(|p| p.encryption.is_strong())
        .map(|p| p.path.as_str())
        .collect();
    inspection
        .parts
        .iter()
        .filter(|p| is_attachment(p.disposition))
        .filter(|p| {
            let path = p.path.as_str();
            let around = path.match_indices('/').filter_map(|(i, _)| path.get(..i));
            !around
                .chain(std::iter::once(path))
                .any(|prefix| locked.contains(prefix))
        })
        .map(|p| (&p.path, p.sensitivity))
        .collect()
}

/// Kinds of finding that hint at pupils even where nobody is identified.
pub(crate) fn hints_at_pupils(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::RosterName
            | Kind::RosterUpn
            | Kind::RosterContact
            | Kind::PupilTable
            | Kind::Upn
            | Kind::CategoryPhrase
    )
}

fn speaks_of_pupils(inspection: &Inspection) -> bool {
    inspection.findings.iter().any(|f| hints_at_pupils(f.kind))
        || inspection
            .mentions
            .iter()
            .any(|m| says_something(&m.categories, m.sensitivity))
}
