//! Who is known: look-ups by address over the roster and the school's own facts.
//!
//! Built once for each roster version; asked for every recipient of every message.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use schoolgate_detectors::Roster;
use schoolgate_detectors::roster::{CourtFlag, Parental};
use schoolgate_detectors::{NameDigest, OfficeHolders, PupilId};

use crate::address::{fits_pattern, fold, split};
use crate::facts::{SchoolFacts, SenderGroup};
use crate::families::Families;
use crate::lookalike;
use crate::office::{self, Office};
use crate::roles;
use crate::webmail;

/// Look-ups by address. The roster may be in any case; questions take addresses as
/// [`crate::address::fold`] makes them.
#[derive(Default)]
pub struct Directory {
    contacts: HashMap<String, Vec<Bond>>,
    staff: HashMap<String, Person>,
    /// Personal addresses of staff, with the index of their owner.
    personal: HashMap<String, String>,
    pupils: HashMap<String, PupilId>,
    /// The mailbox names that fit each pupil's name, to know whose mailbox one is.
    pupil_forms: HashMap<String, BTreeSet<PupilId>>,
    agencies: HashMap<String, String>,
    /// Agencies that cover all below a domain, the domain without its dot.
    agencies_below: HashMap<String, String>,
    families: HashMap<String, u32>,
    /// The names of each pupil.
    pupil_names: HashMap<PupilId, Vec<NameDigest>>,
    /// Contacts' addresses by domain and the ends or the skeleton of the local part: one
    /// slip leaves either end as it is, so that nobody is compared with everybody.
    near: HashMap<Near, Vec<String>>,
    /// Contacts' addresses by local part, for slips in the domain.
    by_local: HashMap<String, Vec<String>>,
    /// The names of each contact's address, and of the children behind it.
    names: HashMap<String, Vec<NameDigest>>,
    /// All names of contacts, by the digest of the word.
    contact_words: HashSet<u64>,
    /// The mailbox names that fit contacts' names.
    contact_forms: HashSet<String>,
    /// Domains of the school, its sisters and agencies, with their skeletons.
    known_domains: BTreeMap<String, String>,
    school: SchoolFacts,
    /// Who holds each office, by configuration first.
    offices: BTreeMap<Office, Vec<Holder>>,
}

/// The mailbox of somebody who holds an office.
struct Holder {
    address: String,
    /// Empty when the staff list has none.
    name: String,
    /// Several people read it, perhaps the sender too: it decides about nothing.
    shared: bool,
}

/// A key under which addresses lie that may be slips of each other.
#[derive(PartialEq, Eq, Hash)]
struct Near {
    domain: String,
    /// The first two letters, the last two, or the skeleton.
    side: u8,
    letters: String,
}

impl Near {
    /// The keys of a local part, for a domain. None for short ones, of which every two
    /// look alike.
    fn keys(local: &str, domain: &str) -> Vec<Near> {
        let letters: Vec<char> = local.chars().collect();
        if letters.len() < SHORTEST_LOCAL {
            return Vec::new();
        }
        let key = |side, letters| Near {
            domain: domain.to_owned(),
            side,
            letters,
        };
        vec![
            key(0, letters.iter().take(2).collect()),
            key(1, letters.iter().rev().take(2).collect()),
            key(2, lookalike::skeleton(local)),
        ]
    }
}

/// Local parts shorter than this are not searched for slips.
const SHORTEST_LOCAL: usize = 5;
/// Domains shorter than this are not: `sky.com` and `sly.com` are both somebody's.
const SHORTEST_DOMAIN: usize = 8;

/// What ties an address to one pupil.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bond {
    pub pupil: PupilId,
    pub parental_responsibility: Parental,
    pub court: CourtFlag,
}

/// A member of staff or a governor, by the staff list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub name: String,
    pub group: SenderGroup,
    /// Every group that the role puts them in.
    pub groups: BTreeSet<SenderGroup>,
    /// Personal addresses, folded.
    pub personal: Option<String>,
}

impl Directory {
    /// Reads the roster into look-ups.
    pub fn new(roster: &Roster, school: &SchoolFacts) -> Self {
        let mut directory = Self {
            school: folded(school),
            ..Self::default()
        };
        for member in &roster.staff {
            let personal = member
                .personal_email
                .as_deref()
                .map(fold)
                .filter(|a| !a.is_empty());
            let address = fold(&member.email);
            if let Some(personal) = &personal {
                directory.personal.insert(personal.clone(), address.clone());
            }
            if !address.is_empty() {
                let groups = roles::groups_of(&member.role);
                directory.staff.insert(
                    address,
                    Person {
                        name: member.name.clone(),
                        group: roles::group_of(&groups),
                        groups,
                        personal,
                    },
                );
            }
        }
        directory.take_offices(roster);
        for pupil in &roster.pupils {
            if let Some(email) = pupil.email.as_deref().map(fold).filter(|a| !a.is_empty()) {
                directory.pupils.insert(email, pupil.id);
            }
            let names = directory.pupil_names.entry(pupil.id).or_default();
            names.extend(NameDigest::of_name(&pupil.legal_forename));
            names.extend(NameDigest::of_name(&pupil.legal_surname));
            for other in [&pupil.preferred_forename, &pupil.preferred_surname] {
                names.extend(other.iter().flat_map(|name| NameDigest::of_name(name)));
            }
            for forename in [
                Some(&pupil.legal_forename),
                pupil.preferred_forename.as_ref(),
            ]
            .into_iter()
            .flatten()
            {
                let surname = pupil
                    .preferred_surname
                    .as_ref()
                    .unwrap_or(&pupil.legal_surname);
                for form in lookalike::name_forms(&format!("{forename} {surname}")) {
                    directory
                        .pupil_forms
                        .entry(form)
                        .or_default()
                        .insert(pupil.id);
                }
            }
        }
        directory.take_contacts(roster);
        for agency in &roster.agencies {
            let domain = fold(&agency.domain);
            let domain = domain.trim_start_matches('@');
            let kind = agency.kind.trim().to_lowercase();
            // A council writes from many hosts; an entry covers what lies below it too.
            let base = domain
                .trim_start_matches("*.")
                .trim_start_matches('.')
                .to_owned();
            if base.is_empty() {
                continue;
            }
            directory.know(&base);
            if base.len() == domain.len() {
                directory.agencies.insert(base.clone(), kind.clone());
            }
            directory.agencies_below.insert(base, kind);
        }
        for domain in [school.domains.as_slice(), school.sister_domains.as_slice()].concat() {
            directory.know(&fold(&domain));
        }
        directory
    }

    fn take_offices(&mut self, roster: &Roster) {
        let named = |address: &str| self.staff.get(address).map(|p| p.name.clone());
        let configured = self.school.holders.iter().map(|holder| {
            let address = fold(&holder.address);
            let name = named(&address).unwrap_or_default();
            (holder.office, address, name)
        });
        let listed = roster.staff.iter().flat_map(|member| {
            office::of_role(&member.role)
                .into_iter()
                .map(|office| (office, fold(&member.email), member.name.clone()))
        });
        let mut offices: BTreeMap<Office, Vec<Holder>> = BTreeMap::new();
        for (office, address, name) in configured.chain(listed) {
            let holders = offices.entry(office).or_default();
            if !address.is_empty() && !holders.iter().any(|h| h.address == address) {
                let folded = name.to_lowercase();
                let shared = ["mailbox", "inbox", "shared", "team"]
                    .iter()
                    .any(|word| folded.contains(word));
                holders.push(Holder {
                    address,
                    name,
                    shared,
                });
            }
        }
        self.offices = offices;
    }

    /// The offices of whoever writes from an address.
    pub fn offices_of(&self, address: &str) -> BTreeSet<Office> {
        self.offices
            .iter()
            .filter(|(_, holders)| holders.iter().any(|h| h.address == address))
            .map(|(office, _)| *office)
            .collect()
    }

    /// The mailboxes that belong to an office.
    pub fn holders(&self, office: Office) -> impl Iterator<Item = &String> {
        let holders = self.offices.get(&office).into_iter().flatten();
        holders.map(|holder| &holder.address)
    }

    /// The people who hold an office and may decide: no mailboxes that several read.
    pub fn deciders(&self, office: Office) -> impl Iterator<Item = &String> {
        let holders = self.offices.get(&office).into_iter().flatten();
        holders.filter(|h| !h.shared).map(|h| &h.address)
    }

    /// The offices with the names and titles of their holders, for the detectors.
    pub fn office_holders(&self) -> Vec<OfficeHolders> {
        self.offices
            .iter()
            .map(|(office, holders)| OfficeHolders {
                office: office.as_str().to_owned(),
                names: holders
                    .iter()
                    .filter(|h| !h.shared && !h.name.is_empty())
                    .map(|h| h.name.clone())
                    .collect(),
                titles: office.titles().iter().map(|t| (*t).to_owned()).collect(),
            })
            .collect()
    }

    fn know(&mut self, domain: &str) {
        let skeleton = lookalike::skeleton(domain);
        self.known_domains.insert(domain.to_owned(), skeleton);
    }

    fn take_contacts(&mut self, roster: &Roster) {
        let mut groups = Families::default();
        for contact in &roster.contacts {
            let Some(address) = contact.email.as_deref().map(fold).filter(|a| !a.is_empty()) else {
                continue;
            };
            self.contacts
                .entry(address.clone())
                .or_default()
                .push(Bond {
                    pupil: contact.pupil,
                    parental_responsibility: contact.parental_responsibility,
                    court: contact.court,
                });
            let names = NameDigest::of_name(&contact.name);
            self.contact_words
                .extend(names.iter().map(|name| name.word));
            self.contact_forms
                .extend(lookalike::full_name_forms(&contact.name));
            self.names.entry(address.clone()).or_default().extend(names);
            groups.join(contact.pupil, &address);
        }
        self.families = groups.numbers();
        for address in self.contacts.keys() {
            let (local, domain) = split(address);
            for key in Near::keys(local, domain) {
                self.near.entry(key).or_default().push(address.clone());
            }
            self.by_local
                .entry(local.to_owned())
                .or_default()
                .push(address.clone());
        }
        // Hash order must not decide which look-alike is named.
        for list in self.near.values_mut().chain(self.by_local.values_mut()) {
            list.sort();
        }
    }

    /// The pupils that an address is a contact of; empty for who is none.
    pub fn bonds(&self, address: &str) -> &[Bond] {
        self.contacts.get(address).map_or(&[], Vec::as_slice)
    }

    /// The member of staff with this school address.
    pub fn staff(&self, address: &str) -> Option<&Person> {
        self.staff.get(address)
    }

    /// The school address of the member of staff whose personal address this is.
    pub fn personal_address_of(&self, address: &str) -> Option<&str> {
        self.personal.get(address).map(String::as_str)
    }

    /// The kind of the trusted agency that an address belongs to.
    pub fn agency(&self, address: &str) -> Option<&str> {
        let (_, domain) = split(address);
        if let Some(kind) = self.agencies.get(domain) {
            return Some(kind);
        }
        let mut rest = domain;
        while let Some((_, parent)) = rest.split_once('.') {
            if let Some(kind) = self.agencies_below.get(parent) {
                return Some(kind);
            }
            rest = parent;
        }
        None
    }

    /// The same for a domain that stands on the list by itself, not below another.
    pub fn agency_exactly(&self, address: &str) -> Option<&str> {
        self.agencies.get(split(address).1).map(String::as_str)
    }

    /// The number that members of one family share.
    pub fn family(&self, address: &str) -> Option<u32> {
        self.families.get(address).copied()
    }

    /// The names that belong to an address: of its contacts, or of the member of staff.
    pub fn names_of(&self, address: &str) -> Vec<NameDigest> {
        let staff = self
            .staff(address)
            .map(|person| NameDigest::of_name(&person.name));
        let (local, _) = split(address);
        let spelt = NameDigest::of_name(&local.replace(['.', '_', '-', '+'], " "));
        let mut names = self.names.get(address).cloned().unwrap_or_default();
        names.extend(staff.unwrap_or_default());
        names.extend(spelt);
        names
    }

    /// Whether somebody greeted by this name may be behind an address: the surname is also
    /// the child's.
    pub fn greets(&self, address: &str, name: NameDigest) -> bool {
        self.bonds(address).iter().any(|bond| {
            self.pupil_names
                .get(&bond.pupil)
                .is_some_and(|names| names.contains(&name))
        })
    }

    /// Whether a contact on the roster has this name.
    pub fn knows_contact(&self, name: NameDigest) -> bool {
        self.contact_words.contains(&name.word)
    }

    /// Whether a mailbox name fits a contact's whole name.
    pub fn is_contacts_name(&self, local: &str) -> bool {
        lookalike::spelt_names(local)
            .iter()
            .any(|form| self.contact_forms.contains(form))
    }

    /// Whether an address lies in the school's own mail domains.
    pub fn in_school(&self, address: &str) -> bool {
        let (_, domain) = split(address);
        self.school.domains.iter().any(|d| d == domain)
    }

    /// Whether an address lies in a school of the same controller.
    pub fn in_sister_school(&self, address: &str) -> bool {
        let (_, domain) = split(address);
        self.school.sister_domains.iter().any(|d| d == domain)
    }

    /// Whether an address is a pupil's own mailbox, by roster or pattern.
    pub fn is_pupil_mailbox(&self, address: &str) -> bool {
        if self.staff.contains_key(address)
            || self.school.staff_mailboxes.iter().any(|m| m == address)
        {
            return false;
        }
        self.pupils.contains_key(address)
            || self
                .school
                .pupil_mailboxes
                .iter()
                .any(|pattern| fits_pattern(address, pattern))
    }

    /// Whose mailbox a pupil's mailbox is: by the roster, else by the one name that fits.
    pub fn pupil_of_mailbox(&self, address: &str) -> Option<PupilId> {
        if let Some(id) = self.pupils.get(address) {
            return Some(*id);
        }
        let (local, _) = split(address);
        let fitting = self.pupil_forms.get(&lookalike::bare_name(local))?;
        match fitting.len() {
            1 => fitting.first().copied(),
            _ => None,
        }
    }

    /// The known address or domain that an unknown address looks like.
    pub fn looks_like(&self, address: &str) -> Option<String> {
        let (local, domain) = split(address);
        if domain.is_empty() {
            return None;
        }
        self.domain_looks_like(domain)
            .or_else(|| self.local_looks_like(address, local, domain))
            .or_else(|| self.same_name_elsewhere(local))
    }

    fn domain_looks_like(&self, domain: &str) -> Option<String> {
        if webmail::is_webmail(domain) || self.known_domains.contains_key(domain) {
            return None;
        }
        if let Some(public) = lookalike::pretends_public(domain) {
            return Some(public);
        }
        if domain.chars().count() < SHORTEST_DOMAIN {
            return None;
        }
        let skeleton = lookalike::skeleton(domain);
        let known = self.known_domains.iter();
        known
            .map(|(known, folded)| (known.as_str(), skeleton == *folded))
            .chain(
                webmail::OFTEN_MISTYPED
                    .iter()
                    .map(|known| (*known, skeleton == lookalike::skeleton(known))),
            )
            .find(|(known, imitates)| *imitates || lookalike::one_slip(domain, known))
            .map(|(known, _)| known.to_owned())
    }

    fn local_looks_like(&self, address: &str, local: &str, domain: &str) -> Option<String> {
        Near::keys(local, domain)
            .iter()
            .filter_map(|key| Some((key.side == 2, self.near.get(key)?)))
            .flat_map(|(imitates, list)| list.iter().map(move |known| (imitates, known)))
            .filter(|(_, known)| *known != address)
            .find(|(imitates, known)| {
                let other = split(known).0;
                *imitates || lookalike::one_slip(local, other) || lookalike::two_slips(local, other)
            })
            .map(|(_, known)| known.clone())
    }

    /// A telling local part at another provider than the one on the roster.
    fn same_name_elsewhere(&self, local: &str) -> Option<String> {
        if local.chars().count() <= SHORTEST_LOCAL || lookalike::is_generic(local) {
            return None;
        }
        self.by_local.get(local)?.first().cloned()
    }
}

fn folded(school: &SchoolFacts) -> SchoolFacts {
    let all = |list: &[String]| -> Vec<String> {
        list.iter()
            .map(|s| fold(s.trim_start_matches('@')))
            .filter(|s| !s.is_empty())
            .collect()
    };
    SchoolFacts {
        domains: all(&school.domains),
        sister_domains: all(&school.sister_domains),
        pupil_mailboxes: school.pupil_mailboxes.iter().map(|p| fold(p)).collect(),
        staff_mailboxes: all(&school.staff_mailboxes),
        holders: school.holders.clone(),
    }
}
