//! What a message says about pupils, to one recipient.
//!
//! Computed once for each message, and once for each group of recipients to whom it
//! says the same.

use std::collections::{BTreeMap, BTreeSet};

use schoolgate_detectors::{
    Category, Disposition, Encryption, Inspection, Kind, MarkingLevel, PartPath, Sensitivity,
    UnreadReason,
};

use crate::address::{fold, split};
use crate::condition::{Condition, Leaf};
use crate::destination::Destination;
use crate::facts::{Facts, Recipient, Relation};
use crate::pack::{Pack, PackSettings};
use crate::relation::{is_unknown, says_something};
use crate::webmail;

/// The answers that are the same for every recipient.
pub(crate) struct Message<'a> {
    pub inspection: &'a Inspection,
    facts: &'a Facts,
    settings: &'a PackSettings,
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
    mime_ambiguous: bool,
    speaks_of_pupils: bool,
    pub visible_families: u32,
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
}

impl<'a> Profile<'a> {
    pub fn of(recipient: &'a Recipient) -> Self {
        Self {
            relation: recipient.relation,
            has_others: !recipient.not_theirs.is_empty(),
            mentioned: &recipient.mentioned,
            destination: recipient.destination,
            agency: recipient.agency.as_deref(),
            greeted_as_another: recipient.greeted_as_another,
            bears_contacts_name: recipient.bears_contacts_name,
        }
    }
}

impl<'a> Message<'a> {
    /// The marking that the pack wants for what is said, where the message bears none.
    pub fn marking_to_add(&self, pack: &Pack) -> Option<String> {
        if self.marking.is_some() {
            return None;
        }
        let words = match self.inspection.sensitivity() >= Sensitivity::HighlySensitive {
            true => &pack.markings.highly_sensitive,
            false => &pack.markings.sensitive,
        };
        words.first().cloned()
    }

    pub fn new(facts: &'a Facts, inspection: &'a Inspection, settings: &'a PackSettings) -> Self {
        let has = |kind| inspection.of_kind(kind).next().is_some();
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
            mime_ambiguous: has(Kind::MimeAmbiguous),
            speaks_of_pupils: speaks_of_pupils(inspection),
            visible_families: visible_families(facts, inspection),
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
        let identified: BTreeSet<_> = self
            .facts
            .recipients
            .iter()
            .flat_map(|r| &r.mentioned)
            .collect();
        for mention in &self.inspection.mentions {
            if says_something(&mention.categories, mention.sensitivity)
                && mention.candidates.iter().any(|c| identified.contains(c))
            {
                let level = mention.sensitivity.max(Sensitivity::Personal);
                said.add(level, mention.special, &mention.categories, 1);
                self.add_open(&mut said, &mention.part, mention.sensitivity);
            }
        }
        for (_, sensitivity) in &self.open {
            said.open_attachment = said.open_attachment.max(*sensitivity);
        }
        said
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

    /// Whether a condition holds for a recipient.
    pub fn holds(&self, condition: &Condition, recipient: &Recipient, matter: &Matter) -> bool {
        match condition {
            Condition::All(list) => list.iter().all(|c| self.holds(c, recipient, matter)),
            Condition::Any(list) => list.iter().any(|c| self.holds(c, recipient, matter)),
            Condition::Not(inner) => !self.holds(inner, recipient, matter),
            Condition::Leaf(leaf) => self.answer(leaf, recipient, matter),
        }
    }

    fn answer(&self, leaf: &Leaf, recipient: &Recipient, matter: &Matter) -> bool {
        match leaf {
            Leaf::Relation(set) => set.contains(&recipient.relation),
            Leaf::Outside => !recipient.relation.is_inside(),
            Leaf::PupilData => matter.sensitivity > Sensitivity::None,
            Leaf::AboutOthers => matter.about_others,
            Leaf::SpeaksOfPupils => self.speaks_of_pupils || matter.sensitivity > Sensitivity::None,
            Leaf::Sensitivity(floor) => matter.sensitivity >= *floor,
            Leaf::Category(set) => !set.is_disjoint(&matter.categories),
            Leaf::SpecialCategory => matter.special,
            Leaf::Found {
                kinds,
                at_least,
                confidence,
            } => {
                let count = self
                    .inspection
                    .findings
                    .iter()
                    .filter(|f| kinds.contains(&f.kind) && f.confidence >= *confidence)
                    .fold(0_u32, |sum, f| sum.saturating_add(f.count.max(1)));
                count >= *at_least
            }
            Leaf::Pupils(floor) => matter.pupils >= *floor,
            Leaf::UnprotectedAttachment(floor) => matter.open_attachment >= *floor,
            Leaf::EncryptedAttachment => self.has_strong,
            Leaf::PasswordBeside => self.password_beside,
            Leaf::Unmarked => self.marking.is_none(),
            Leaf::MarkingTooLow => self
                .marking
                .is_some_and(|level| level.covers() < matter.sensitivity),
            Leaf::MarkingNearMiss => self.near_miss,
            Leaf::Unread(reasons) => !reasons.is_disjoint(&self.unread),
            Leaf::Sender(groups) => groups.contains(&self.facts.sender.group),
            Leaf::PersonalSender => {
                self.facts.sender.personal_address.is_some()
                    || self
                        .inspection
                        .of_kind(Kind::PersonalSender)
                        .next()
                        .is_some()
            }
            Leaf::VisibleFamilies(limit) => {
                self.visible_families > limit.unwrap_or(self.settings.max_visible_families)
            }
            Leaf::MimeAmbiguous => self.mime_ambiguous,
            Leaf::Destination(set) => recipient.destination.is_some_and(|d| set.contains(&d)),
            Leaf::AgencyKind(kinds) => recipient
                .agency
                .as_ref()
                .is_some_and(|kind| kinds.contains(&kind.replace([' ', '_'], "-"))),
            Leaf::GreetsAnother => recipient.greeted_as_another,
            Leaf::BearsContactsName => recipient.bears_contacts_name,
        }
    }
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

/// How many families see each other's addresses in To and Cc.
///
/// An unregistered private address counts as a family of its own. Addresses that stand
/// in the header but in another transaction count too: some mail systems send one
/// message in several transactions, and every copy shows the whole list.
fn visible_families(facts: &Facts, inspection: &Inspection) -> u32 {
    let mut families = BTreeSet::new();
    let mut strangers = BTreeSet::new();
    let mut seen = BTreeMap::new();
    for recipient in &facts.recipients {
        seen.insert(fold(&recipient.address), recipient);
    }
    let headers = &inspection.headers;
    let header = headers.to.iter().chain(&headers.cc);
    for address in header.map(|m| fold(&m.address)) {
        match seen.get(&address) {
            Some(_) => {}
            None if webmail::is_webmail(split(&address).1) => {
                strangers.insert(address);
            }
            None => {}
        }
    }
    for (address, recipient) in seen {
        if !recipient.visible {
            continue;
        }
        match (recipient.family, recipient.relation) {
            (_, Relation::Staff | Relation::Governor | Relation::Pupil) => {}
            (Some(family), _) => {
                families.insert(family);
            }
            (None, Relation::Webmail | Relation::LookAlike) => {
                strangers.insert(address);
            }
            (None, _) => {}
        }
    }
    u32::try_from(families.len() + strangers.len()).unwrap_or(u32::MAX)
}
