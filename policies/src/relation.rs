//! What each recipient is to the school and to the pupils whom the message concerns.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use schoolgate_detectors::roster::{CourtFlag, Parental};
use schoolgate_detectors::{Inspection, NameDigest, PupilId, Sensitivity, Subject};

use crate::address::{fold, split, without_tag};
use crate::destination;
use crate::directory::{Bond, Directory};
use crate::exceptions::{Exception, Grant, Registers};
use crate::facts::{Envelope, Recipient, Relation, SchoolFacts, Sender, SenderGroup};
use crate::lookalike;
use crate::webmail;

/// A message to more families than this is a circular: a first name in it identifies
/// nobody, or every newsletter would be about the pupils May, Grace and Will.
const CIRCULAR_FAMILIES: usize = 5;

/// Says who sends, and what every forward-path is to the pupils concerned.
///
/// The recipients come in the order of the forward-paths. Pure: the same message and
/// roster give the same answer.
pub fn relate(
    envelope: &Envelope,
    inspection: &Inspection,
    directory: &Directory,
    school: &SchoolFacts,
) -> (Sender, Vec<Recipient>) {
    let none = (&Registers::default(), Date::ZERO);
    let (sender, recipients, _) = relate_with(envelope, inspection, directory, school, none);
    (sender, recipients)
}

/// The same with what the school has registered, on a day: the third value is what of it
/// bears on the message.
pub fn relate_with(
    envelope: &Envelope,
    inspection: &Inspection,
    directory: &Directory,
    school: &SchoolFacts,
    (registers, today): (&Registers, Date),
) -> (Sender, Vec<Recipient>, Vec<Exception>) {
    let sender = sender(envelope, inspection, directory, school);
    let message = Message::new(envelope, inspection, directory, &sender);
    let mut exceptions = Vec::new();
    let recipients = envelope
        .forward_paths
        .iter()
        .enumerate()
        .map(|(place, path)| {
            if registers.is_empty() {
                return message.recipient(path, &Registered::default());
            }
            let address = fold(path);
            registers.for_recipient(&sender, &address, place, directory, today, &mut exceptions);
            message.registered(path, place, (registers, today), &mut exceptions)
        })
        .collect();
    registers.for_pictures(inspection, directory, today, &mut exceptions);
    (sender, recipients, exceptions)
}

/// What an address is by the register and not by the roster.
#[derive(Default, Clone)]
struct Registered<'a> {
    /// The kind of a trusted recipient.
    trusted: Option<&'a str>,
    /// The member of staff who is a parent at it, and the children.
    parent: Option<(&'a str, &'a BTreeSet<PupilId>)>,
}

fn sender(
    envelope: &Envelope,
    inspection: &Inspection,
    directory: &Directory,
    school: &SchoolFacts,
) -> Sender {
    let headers = &inspection.headers;
    let from = headers.from.first();
    let address = if envelope.reverse_path.trim().is_empty() {
        from.map(|m| m.address.clone()).unwrap_or_default()
    } else {
        envelope.reverse_path.clone()
    };
    let folded = fold(&address);
    let listed = directory.staff(&folded);
    let group = if let Some(person) = listed {
        person.group
    } else if directory.is_pupil_mailbox(&folded) {
        SenderGroup::Pupil
    } else if directory.in_school(&folded) || school.domains.is_empty() {
        SenderGroup::Unlisted
    } else {
        SenderGroup::Foreign
    };
    let name = listed.map_or_else(
        || from.map(|m| m.name.clone()).unwrap_or_default(),
        |person| person.name.clone(),
    );
    let personal_address = headers
        .from
        .iter()
        .chain(&headers.sender)
        .chain(&headers.reply_to)
        .map(|m| fold(&m.address))
        .chain(std::iter::once(fold(&envelope.reverse_path)))
        .find(|a| directory.personal_address_of(a).is_some() || webmail::is_webmail(split(a).1));
    Sender {
        address,
        group,
        groups: listed
            .map(|person| person.groups.clone())
            .unwrap_or_default(),
        name,
        personal_address,
    }
}

/// What holds for all recipients of one message.
struct Message<'a> {
    directory: &'a Directory,
    inspection: &'a Inspection,
    sender: &'a Sender,
    /// Addresses in To and Cc.
    visible: BTreeSet<String>,
    /// For each mention, the candidates whom a recipient's own contact identifies.
    identified: Vec<BTreeSet<PupilId>>,
    /// Whether it goes to so many families that first names identify nobody.
    circular: bool,
    /// Whether it holds something locked that may be about anybody.
    locked: bool,
    /// Whether it greets a contact on the roster, and nobody whom it goes to.
    greets_another: bool,
}

impl<'a> Message<'a> {
    fn new(
        envelope: &Envelope,
        inspection: &'a Inspection,
        directory: &'a Directory,
        sender: &'a Sender,
    ) -> Self {
        let headers = &inspection.headers;
        let visible: BTreeSet<String> = headers
            .to
            .iter()
            .chain(&headers.cc)
            .map(|m| fold(&m.address))
            .collect();
        let written_to: BTreeSet<String> = envelope
            .forward_paths
            .iter()
            .map(|p| fold(p))
            .chain(visible.iter().cloned())
            .collect();
        let families: BTreeSet<u32> = written_to
            .iter()
            .filter_map(|a| directory.family(a))
            .collect();
        let circular = families.len() > CIRCULAR_FAMILIES;
        let children: BTreeSet<PupilId> = if circular {
            BTreeSet::new()
        } else {
            written_to
                .iter()
                .flat_map(|a| directory.bonds(a))
                .map(|b| b.pupil)
                .collect()
        };
        let identified = inspection
            .mentions
            .iter()
            .map(|m| {
                m.candidates
                    .iter()
                    .copied()
                    .filter(|c| children.contains(c))
                    .collect()
            })
            .collect();
        let locked = inspection.parts.iter().any(|p| p.encryption.is_strong());
        Self {
            directory,
            inspection,
            sender,
            visible,
            identified,
            circular,
            locked,
            greets_another: greets_another(inspection, directory, &written_to),
        }
    }

    /// The recipient with what is registered about the address. What makes a difference
    /// goes to `exceptions`, with the recipient as in the other case. Of several entries
    /// that count the first does: more would make nobody something else.
    fn registered(
        &self,
        path: &str,
        place: usize,
        (registers, today): (&Registers, Date),
        exceptions: &mut Vec<Exception>,
    ) -> Recipient {
        let address = fold(path);
        let parents = registers.parents_at(&address, today);
        // Nobody makes their own mailbox an agency.
        let trusted = match self.directory.personal_address_of(&address) {
            None => registers.trusted(&address, today),
            Some(_) => Vec::new(),
        };
        let mut counting = Registered::default();
        if let Some((_, parent)) = parents.iter().find(|(b, _)| !b.lapsed) {
            counting.parent = Some((parent.staff, parent.pupils));
        } else if let Some((_, kind)) = trusted.iter().find(|(b, _)| !b.lapsed) {
            counting.trusted = Some(kind);
        }
        let recipient = self.recipient(path, &counting);
        let mut noted = false;
        for (bearing, parent) in &parents {
            let with = match bearing.lapsed {
                false if noted => continue,
                false => Registered::default(),
                true => Registered {
                    parent: Some((parent.staff, parent.pupils)),
                    trusted: None,
                },
            };
            noted |= !bearing.lapsed;
            let otherwise = Box::new(self.recipient(path, &with));
            exceptions.push(bearing.exception(Some(place), Grant::DualRole { otherwise }));
        }
        for (bearing, kind) in &trusted {
            let with = match bearing.lapsed {
                false if noted => continue,
                false => Registered::default(),
                true => Registered {
                    trusted: Some(kind),
                    ..counting.clone()
                },
            };
            noted |= !bearing.lapsed;
            let otherwise = Box::new(self.recipient(path, &with));
            exceptions.push(bearing.exception(Some(place), Grant::TrustedRecipient { otherwise }));
        }
        recipient
    }

    fn recipient(&self, path: &str, registered: &Registered<'_>) -> Recipient {
        let address = fold(path);
        let bonds = self.bonds(&address, registered);
        let bonds = bonds.as_slice();
        let mut recipient = Recipient {
            address: path.to_owned(),
            relation: Relation::Other,
            agency: None,
            looks_like: None,
            not_theirs: Vec::new(),
            mentioned: Vec::new(),
            visible: self.visible.contains(&address),
            family: self.directory.family(&address),
            destination: destination::of_domain(split(&address).1),
            greeted_as_another: !bonds.is_empty() && self.greets_another,
            bears_contacts_name: false,
        };
        if let Some(person) = self.directory.staff(&address) {
            let inside = self.directory.in_school(&address);
            recipient.relation = match (inside, person.group) {
                (true, SenderGroup::Governor) => Relation::Governor,
                (true, _) => Relation::Staff,
                // A list that holds a governor's private mailbox does not make it a school's.
                (false, _) if webmail::is_webmail(split(&address).1) => Relation::OwnPersonal,
                (false, SenderGroup::Governor) => Relation::Governor,
                (false, _) => Relation::Staff,
            };
        } else if self.directory.is_pupil_mailbox(&address) {
            recipient.relation = Relation::Pupil;
            let own: BTreeSet<PupilId> = self
                .directory
                .pupil_of_mailbox(&address)
                .into_iter()
                .collect();
            recipient.not_theirs = self.not_theirs(&own);
        } else if self.directory.in_school(&address) {
            recipient.relation = Relation::Staff;
        } else if self.directory.in_sister_school(&address) {
            recipient.relation = Relation::SisterSchool;
        } else if !bonds.is_empty() {
            self.contact(&address, bonds, registered, &mut recipient);
        } else if let Some(kind) = registered
            .trusted
            .or_else(|| self.directory.agency(&address))
        {
            recipient.agency = Some(kind.to_owned());
            recipient.relation = if kind.replace([' ', '_'], "-") == "sister-school" {
                Relation::SisterSchool
            } else {
                Relation::Agency
            };
        } else {
            self.stranger(&address, registered, &mut recipient);
        }
        recipient
    }

    /// Whose contact an address is: by the roster, and of the children for whom it is
    /// registered as a parent's where the roster has nothing about them and it.
    fn bonds(&self, address: &str, registered: &Registered<'_>) -> Vec<Bond> {
        let mut bonds = self.directory.bonds(address).to_vec();
        for pupil in registered.parent.iter().flat_map(|(_, pupils)| *pupils) {
            if !bonds.iter().any(|bond| bond.pupil == *pupil) {
                bonds.push(Bond {
                    pupil: *pupil,
                    parental_responsibility: Parental::Unknown,
                    court: CourtFlag::Unknown,
                });
            }
        }
        bonds
    }

    /// A contact on the roster: of the pupils concerned, of others, or of nobody here.
    fn contact(
        &self,
        address: &str,
        bonds: &[Bond],
        registered: &Registered<'_>,
        recipient: &mut Recipient,
    ) {
        let own: BTreeSet<PupilId> = bonds.iter().map(|b| b.pupil).collect();
        if !self.circular {
            let mentioned: BTreeSet<PupilId> = self
                .inspection
                .mentions
                .iter()
                .flat_map(|m| &m.candidates)
                .copied()
                .filter(|c| own.contains(c))
                .collect();
            recipient.mentioned = mentioned.into_iter().collect();
        }
        // The pupils concerned that are this contact's own.
        let concerned: BTreeSet<PupilId> = self
            .inspection
            .subjects
            .iter()
            .flat_map(|s| &s.pupils)
            .chain(&recipient.mentioned)
            .copied()
            .filter(|p| own.contains(p))
            .collect();
        let not_theirs = self.not_theirs(&own);
        let others = !not_theirs.is_empty() || self.has_unknown_pupils();
        recipient.not_theirs = not_theirs;

        // What is locked may be about any of the contact's children.
        let court = bonds
            .iter()
            .filter(|b| concerned.contains(&b.pupil) || self.locked)
            .any(|b| b.court.stops());
        let own_private = self.is_senders_own(address, registered);
        recipient.relation = if court {
            Relation::ContactUnderCourtFlag
        } else if own_private && (others || concerned.is_empty()) {
            Relation::OwnPersonal
        } else if others {
            Relation::OtherPupilsContact
        } else if concerned.is_empty() {
            Relation::Contact
        } else if lacks_responsibility(bonds, &concerned) {
            Relation::ContactWithoutResponsibility
        } else {
            Relation::OwnContact
        };
    }

    /// An address on no list: somebody's own, a slip, webmail or a business.
    fn stranger(&self, address: &str, registered: &Registered<'_>, recipient: &mut Recipient) {
        let (local, domain) = split(address);
        let tagless = without_tag(address);
        let is_private = webmail::is_webmail(domain);
        let personal = |a: &str| self.directory.personal_address_of(a).is_some();
        if registered.parent.is_some()
            || personal(address)
            || tagless.as_deref().is_some_and(personal)
            || (is_private && lookalike::bears_name(local, &self.sender.name))
        {
            recipient.relation = Relation::OwnPersonal;
            return;
        }
        // `jane+school@` reaches Jane at most providers, but the roster does not know it.
        if let Some(known) = tagless.filter(|t| !self.directory.bonds(t).is_empty()) {
            recipient.looks_like = Some(known);
            recipient.relation = if is_private {
                Relation::Webmail
            } else {
                Relation::Other
            };
            return;
        }
        if let Some(known) = self.directory.looks_like(address) {
            recipient.looks_like = Some(known);
            recipient.relation = Relation::LookAlike;
            return;
        }
        if is_private {
            recipient.relation = Relation::Webmail;
        }
        recipient.bears_contacts_name = self.directory.is_contacts_name(local);
    }

    fn is_senders_own(&self, address: &str, registered: &Registered<'_>) -> bool {
        let by_register = registered.parent.map(|(staff, _)| staff);
        self.directory
            .personal_address_of(address)
            .into_iter()
            .chain(by_register)
            .any(|owner| fold(owner) == fold(&self.sender.address))
    }

    /// The pupils concerned with whom nobody of `own` is meant. Namesakes are one
    /// subject: whoever belongs to any of them is taken to be meant.
    fn not_theirs(&self, own: &BTreeSet<PupilId>) -> Vec<PupilId> {
        let mut others = BTreeSet::new();
        for subject in &self.inspection.subjects {
            if !subject.pupils.iter().any(|p| own.contains(p)) {
                others.extend(subject.pupils.iter().copied());
            }
        }
        for identified in self.identified_with_matter() {
            if identified.is_disjoint(own) {
                others.extend(identified.iter().copied());
            }
        }
        others.into_iter().collect()
    }

    /// Mentions that identify a child to its own family and say something about it. The
    /// other recipients of the same letter can tell who is meant. A mere greeting is not
    /// matter.
    fn identified_with_matter(&self) -> impl Iterator<Item = &BTreeSet<PupilId>> {
        self.inspection
            .mentions
            .iter()
            .zip(&self.identified)
            .filter(|(m, i)| !i.is_empty() && says_something(&m.categories, m.sensitivity))
            .map(|(_, i)| i)
    }

    fn has_unknown_pupils(&self) -> bool {
        self.inspection.subjects.iter().any(is_unknown)
    }
}

/// Whether the greeting fits a contact on the roster, and nobody to whom the message goes:
/// neither by the roster nor by the address nor by the name that the header shows.
fn greets_another(
    inspection: &Inspection,
    directory: &Directory,
    written_to: &BTreeSet<String>,
) -> bool {
    let greeted = &inspection.greeted;
    if greeted.is_empty() || !greeted.iter().any(|name| directory.knows_contact(*name)) {
        return false;
    }
    let headers = &inspection.headers;
    let shown = headers
        .to
        .iter()
        .chain(&headers.cc)
        .flat_map(|mailbox| NameDigest::of_name(&mailbox.name));
    let known = written_to
        .iter()
        .flat_map(|address| directory.names_of(address));
    let own: BTreeSet<u64> = shown.chain(known).map(|name| name.stem).collect();
    let addressed = |name: &NameDigest| {
        own.contains(&name.stem)
            || written_to
                .iter()
                .any(|address| directory.greets(address, *name))
    };
    !greeted.iter().any(addressed)
}

/// Whether a mention says more than a name.
pub(crate) fn says_something(
    categories: &[schoolgate_detectors::Category],
    sensitivity: Sensitivity,
) -> bool {
    !categories.is_empty() || sensitivity >= Sensitivity::Sensitive
}

/// A pupil who is not on the roster can be nobody's own child here.
pub(crate) fn is_unknown(subject: &Subject) -> bool {
    subject.pupils.is_empty()
}

/// Whether an address lacks parental responsibility for one of the pupils concerned. A
/// mailbox that two people share has it when one of them has.
fn lacks_responsibility(bonds: &[Bond], concerned: &BTreeSet<PupilId>) -> bool {
    let mut has: BTreeMap<PupilId, bool> = BTreeMap::new();
    for bond in bonds.iter().filter(|b| concerned.contains(&b.pupil)) {
        *has.entry(bond.pupil).or_default() |= bond.parental_responsibility != Parental::No;
    }
    has.values().any(|yes| !yes)
}
