//! What the school has on file, and what of it bears on a message.

use std::collections::{BTreeSet, HashMap};

use jiff::ToSpan as _;
use jiff::civil::Date;
use schoolgate_detectors::roster::staff_name_keys;
use schoolgate_detectors::{Inspection, Kind, PupilId, Roster};

use super::entry::{ANYBODY, Entry, Standing, What};
use super::{Exception, Grant, pictured};
use crate::address::{fold, split};
use crate::directory::Directory;
use crate::facts::{Sender, SenderGroup};

/// So many days after its end a lapsed exception is still spoken of.
const REMEMBERED: i64 = 366;
/// A staff member's address for a child on file, as `relate` needs it.
pub(crate) struct Parent<'a> {
    pub staff: &'a str,
    pub pupils: &'a BTreeSet<PupilId>,
}

/// An entry with its pupils as the roster numbers them.
struct Resolved {
    entry: Entry,
    /// Those of its pupils who are on the roster.
    pupils: BTreeSet<PupilId>,
}

/// The register of a school, ready for look-ups. Built for each roster.
#[derive(Default)]
pub struct Registers {
    entries: Vec<Resolved>,
    /// By recipient: an address, or `@domain`.
    by_recipient: HashMap<String, Vec<usize>>,
    /// By the member of staff.
    by_staff: HashMap<String, Vec<usize>>,
    by_pupil: HashMap<PupilId, Vec<usize>>,
    opted_out: Vec<usize>,
}

impl Registers {
    /// Puts entries in order. A UPN that the roster does not have stands for nobody.
    pub fn new(entries: Vec<Entry>, roster: &Roster) -> Self {
        let ids: HashMap<&str, PupilId> = roster
            .pupils
            .iter()
            .filter_map(|pupil| Some((pupil.upn.as_deref()?, pupil.id)))
            .collect();
        let mut registers = Self::default();
        for entry in entries {
            let at = registers.entries.len();
            let mut put = |whom: &str| {
                let list = registers.by_recipient.entry(fold(whom)).or_default();
                list.push(at);
            };
            let upns: Vec<&str> = match &entry.what {
                What::Permission(permission) => {
                    put(permission.recipient.as_str());
                    permission.pupils.iter().map(String::as_str).collect()
                }
                What::TrustedRecipient { recipient, .. } => {
                    put(recipient.as_str());
                    Vec::new()
                }
                What::DualRole {
                    personal, pupils, ..
                } => {
                    put(personal);
                    pupils.iter().map(String::as_str).collect()
                }
                What::FamilyException { staff, pupil, .. } => {
                    registers.by_staff.entry(fold(staff)).or_default().push(at);
                    vec![pupil.as_str()]
                }
                What::ImageConsent { pupil, .. } => {
                    if let Some(id) = ids.get(pupil.as_str()) {
                        registers.by_pupil.entry(*id).or_default().push(at);
                    }
                    Vec::new()
                }
                What::ImageOptOut { .. } => {
                    registers.opted_out.push(at);
                    Vec::new()
                }
            };
            let pupils = upns
                .iter()
                .filter_map(|upn| ids.get(upn).copied())
                .collect();
            registers.entries.push(Resolved { entry, pupils });
        }
        registers
    }

    /// How many entries there are, those that have lapsed too.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing is registered.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn at(&self, list: Option<&Vec<usize>>) -> impl Iterator<Item = &Resolved> {
        let list = list.map_or(&[][..], Vec::as_slice);
        list.iter().filter_map(|i| self.entries.get(*i))
    }

    /// The entries about a recipient: by address, then by domain.
    fn of_recipient(&self, address: &str) -> impl Iterator<Item = &Resolved> {
        let domain = format!("@{}", split(address).1);
        let by_domain = self.by_recipient.get(&domain);
        self.at(self.by_recipient.get(address))
            .chain(self.at(by_domain))
    }

    /// The entries of this kind about a recipient that bear on this day.
    pub(crate) fn parents_at(&self, address: &str, today: Date) -> Vec<(Bearing<'_>, Parent<'_>)> {
        self.of_recipient(address)
            .filter_map(|resolved| {
                let What::DualRole { staff, .. } = &resolved.entry.what else {
                    return None;
                };
                let parent = Parent {
                    staff,
                    pupils: &resolved.pupils,
                };
                Some((Bearing::on(&resolved.entry, today)?, parent))
            })
            .collect()
    }

    /// The trusted recipients that this address is, with the kind of each.
    pub(crate) fn trusted(&self, address: &str, today: Date) -> Vec<(Bearing<'_>, &str)> {
        self.of_recipient(address)
            .filter_map(|resolved| {
                let What::TrustedRecipient { agency, .. } = &resolved.entry.what else {
                    return None;
                };
                Some((Bearing::on(&resolved.entry, today)?, agency.as_str()))
            })
            .collect()
    }

    /// Permissions and family exceptions for one recipient.
    pub(crate) fn for_recipient(
        &self,
        sender: &Sender,
        address: &str,
        place: usize,
        directory: &Directory,
        today: Date,
        into: &mut Vec<Exception>,
    ) {
        let from = fold(&sender.address);
        for resolved in self.of_recipient(address) {
            if let What::Permission(permission) = &resolved.entry.what
                && is_sender(&permission.sender, sender, &from, directory)
                && let Some(bearing) = Bearing::on(&resolved.entry, today)
            {
                into.push(bearing.exception(
                    Some(place),
                    Grant::Permission {
                        categories: permission.categories.clone(),
                        photos: permission.photos,
                        allows: permission.allows.clone(),
                        // Whoever is named and not on the roster makes it no wider.
                        pupils: (!permission.pupils.is_empty()).then(|| resolved.pupils.clone()),
                    },
                ));
            }
        }
        // A message from the private mailbox is its owner's.
        let staff = directory.personal_address_of(&from).unwrap_or(&from);
        for resolved in self.at(self.by_staff.get(staff)) {
            let What::FamilyException { address: at, .. } = &resolved.entry.what else {
                continue;
            };
            let is_theirs = |pupil: &PupilId| {
                directory.pupil_of_mailbox(address) == Some(*pupil)
                    && directory.is_pupil_mailbox(address)
                    || directory.bonds(address).iter().any(|b| b.pupil == *pupil)
            };
            if (at.as_deref().map(fold).as_deref() == Some(address)
                || resolved.pupils.iter().any(is_theirs))
                && let Some(bearing) = Bearing::on(&resolved.entry, today)
            {
                into.push(bearing.exception(Some(place), Grant::FamilyException));
            }
        }
    }

    /// What is on file about the people in the photographs of a message.
    pub(crate) fn for_pictures(
        &self,
        inspection: &Inspection,
        directory: &Directory,
        today: Date,
        into: &mut Vec<Exception>,
    ) {
        let shown: BTreeSet<PupilId> = inspection
            .of_kind(Kind::PictureNamed)
            .flat_map(|finding| pictured(finding, &inspection.mentions))
            .collect();
        for pupil in shown {
            for resolved in self.at(self.by_pupil.get(&pupil)) {
                if let What::ImageConsent { given, .. } = resolved.entry.what
                    && let Some(bearing) = Bearing::on(&resolved.entry, today)
                {
                    let grant = Grant::ImageConsent { pupil, given };
                    into.push(bearing.exception(None, grant));
                }
            }
        }
        if inspection.staff_at_pictures.is_empty() {
            return;
        }
        for resolved in self.at(Some(&self.opted_out)) {
            let What::ImageOptOut { staff } = &resolved.entry.what else {
                continue;
            };
            let Some(person) = directory.staff(&fold(staff)) else {
                continue;
            };
            let is_there = staff_name_keys(&person.name)
                .iter()
                .any(|key| inspection.staff_at_pictures.contains(key));
            if is_there && let Some(bearing) = Bearing::on(&resolved.entry, today) {
                into.push(bearing.exception(None, Grant::ImageOptOut));
            }
        }
    }
}

fn is_sender(wanted: &str, sender: &Sender, from: &str, directory: &Directory) -> bool {
    if wanted == ANYBODY {
        return !matches!(sender.group, SenderGroup::Foreign | SenderGroup::Pupil)
            && (directory.in_school(from) || directory.staff(from).is_some());
    }
    fold(wanted) == from
}

/// An entry that counts on a day, or has lapsed lately enough to be spoken of.
pub(crate) struct Bearing<'a> {
    entry: &'a Entry,
    until: Option<Date>,
    pub lapsed: bool,
}

impl<'a> Bearing<'a> {
    fn on(entry: &'a Entry, today: Date) -> Option<Self> {
        let (until, lapsed) = match entry.standing(today) {
            Standing::Ahead => return None,
            Standing::InForce => (entry.until, false),
            Standing::Lapsed(on) => {
                let oldest = today.saturating_sub(REMEMBERED.days());
                (on >= oldest).then_some((Some(on), true))?
            }
        };
        Some(Self {
            entry,
            until,
            lapsed,
        })
    }

    pub fn exception(&self, recipient: Option<usize>, grant: Grant) -> Exception {
        Exception {
            id: self.entry.id.clone(),
            recipient,
            until: self.until,
            lapsed: self.lapsed,
            grant,
        }
    }
}
