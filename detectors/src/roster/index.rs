//! The roster as one flat, immutable run of bytes, for look-ups that cost the same
//! whether the school has three hundred pupils or a million.
//!
//! It holds no name and no number, only digests of them ([`super::key`]) and the
//! pupils' ids. The gateway builds it at import; a worker receives the bytes through
//! a sealed memory file and looks keys up in place. Nothing is parsed or copied, and
//! every read is checked against the bounds, so damaged bytes give wrong or no
//! answers but never a panic.
//!
//! ```text
//! header   48 octets   magic, version, counts
//! pupils   8 each      ids; a pupil's ordinal is its place here
//! slots    8 each      open addressing: fingerprint (32 bits), value (32 bits)
//! filter   1 each slot, eight bits: whether any key falls on a bit
//! lists    4 each      ordinals of the keys that fit several pupils; the top bit ends a list
//! names    8 each      whether a word, or words run together, may be a forename or a surname
//! ```
//!
//! Most words of a text are no name, and the few octets of `names` that say so stay close
//! to the processor even for a million pupils. Most keys are nobody's, and the filter says
//! so without a search through the slots. A value is the ordinal of the only pupil (top bit clear) or the start of a list
//! (top bit set). All integers are little-endian.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::entries::{contact_names, given_names, pupil_keys, staff_keys};
use super::home;
use super::key::{self, Tag, Word, key, single};
use super::teaching::Teaching;
use super::{PupilId, Roster};
use crate::normalise::clean;

const MAGIC: &[u8; 8] = b"SGROSTER";
const VERSION: u32 = 2;
const HEADER: usize = 48;
const LIST: u32 = 1 << 31;
/// A slot nobody uses.
const EMPTY: u32 = u32::MAX;
/// A key that is known but belongs to no pupil (a member of staff).
const NOBODY: u32 = u32::MAX - 1;
/// Names fit at most so many pupils; further ones are left out of a list.
const LIST_LIMIT: usize = 64;
/// Names for each block of 64 bits: one foreign word in a hundred is taken for a name.
const NAMES_IN_BLOCK: usize = 5;
/// Slots tried for one key. The builder keeps well below it.
const PROBES: usize = 4096;

/// The roster's index.
#[derive(Clone)]
pub struct RosterIndex {
    bytes: Arc<dyn AsRef<[u8]> + Send + Sync>,
    pupils: usize,
    slots: usize,
    lists: usize,
    names: usize,
}

/// Why bytes are not an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IndexError {
    /// Too short or without the magic number.
    #[error("these bytes are not a roster index")]
    NotAnIndex,
    /// Written by another version of schoolgate.
    #[error("the roster index has version {0}, not {VERSION}; import the roster again")]
    Version(u32),
    /// The counts do not fit the length.
    #[error("the roster index is {actual} octets long, not {expected}; import the roster again")]
    Length { expected: u64, actual: u64 },
}

impl std::fmt::Debug for RosterIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RosterIndex")
            .field("pupils", &self.pupils)
            .field("slots", &self.slots)
            .finish_non_exhaustive()
    }
}

impl Default for RosterIndex {
    fn default() -> Self {
        Self::empty()
    }
}

impl RosterIndex {
    /// The index of no roster at all.
    pub fn empty() -> Self {
        Self::build(&Roster::default())
    }

    /// The index of a roster.
    pub fn build(roster: &Roster) -> Self {
        let mut keys: Vec<(u64, u32)> = Vec::with_capacity(roster.pupils.len() * 12);
        let mut names: Vec<Word> = Vec::new();
        let teaching = Teaching::of(&roster.staff, &roster.pupils);
        let mut ordinals = BTreeMap::new();
        let mut ids = Vec::with_capacity(roster.pupils.len());
        // Ordinals are 31 bits; a roster that needs more has no place in one school.
        for pupil in roster.pupils.iter().take(LIST as usize - 4) {
            let ordinal = *ordinals.entry(pupil.id).or_insert_with(|| {
                ids.push(pupil.id);
                (ids.len() - 1) as u32
            });
            pupil_keys(pupil, |key| keys.push((key, ordinal)), &mut names);
            let teachers: Vec<Word> = teaching.teachers(pupil).collect();
            for forename in given_names(pupil) {
                for &teacher in &teachers {
                    keys.push((key(Tag::ForenameTeacher, forename, teacher), ordinal));
                }
            }
        }
        for contact in &roster.contacts {
            if let (Some(email), Some(&ordinal)) = (&contact.email, ordinals.get(&contact.pupil)) {
                keys.push((single(Tag::ContactEmail, key::literal(email)), ordinal));
            }
        }
        contact_names(roster, |pupil, key| {
            if let Some(&ordinal) = ordinals.get(&pupil) {
                keys.push((key, ordinal));
            }
        });
        for member in &roster.staff {
            staff_keys(&member.name, |key| keys.push((key, NOBODY)));
            for private in [&member.personal_email, &member.personal_phone]
                .into_iter()
                .flatten()
            {
                keys.push((single(Tag::StaffPrivate, key::literal(private)), NOBODY));
            }
            if let Some(address) = &member.home_address {
                // The house, not the postcode, which a colleague shares with families.
                let house = home::houses(&crate::words::tokens(&clean(address)));
                keys.extend(house.iter().map(|house| (house.key, NOBODY)));
            }
        }
        keys.sort_unstable();
        keys.dedup();
        names.sort_unstable();
        names.dedup();
        Self::lay_out(&ids, &keys, &names)
    }

    fn lay_out(ids: &[PupilId], keys: &[(u64, u32)], names: &[Word]) -> Self {
        let mut lists: Vec<u32> = Vec::new();
        let mut entries: Vec<(u64, u32)> = Vec::new();
        for run in keys.chunk_by(|a, b| a.0 == b.0) {
            let value = match run {
                [(_, only)] => *only,
                several => {
                    let start = lists.len() as u32;
                    lists.extend(several.iter().take(LIST_LIMIT).map(|&(_, ordinal)| ordinal));
                    if let Some(last) = lists.last_mut() {
                        *last |= LIST;
                    }
                    start | LIST
                }
            };
            if let Some(&(key, _)) = run.first() {
                entries.push((key, value));
            }
        }
        let slots = entries.len() + entries.len() / 3 + 8;
        let mut table = vec![(0u32, EMPTY); slots];
        let mut filter = vec![0u8; slots];
        for (key, value) in entries {
            let (octet, bit) = filter_place(key, slots);
            if let Some(octet) = filter.get_mut(octet) {
                *octet |= bit;
            }
            let mut at = home(key, slots);
            while table.get(at).is_some_and(|slot| slot.1 != EMPTY) {
                at = (at + 1) % slots;
            }
            if let Some(slot) = table.get_mut(at) {
                *slot = (key as u32, value);
            }
        }

        let mut blocks = vec![0u64; names.len() / NAMES_IN_BLOCK + 1];
        for &name in names {
            let (block, bits) = name_place(name, blocks.len());
            if let Some(block) = blocks.get_mut(block) {
                *block |= bits;
            }
        }

        let mut bytes = Vec::with_capacity(
            HEADER + ids.len() * 8 + slots * 9 + lists.len() * 4 + blocks.len() * 8,
        );
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&[0; 4]);
        for count in [blocks.len(), ids.len(), slots, lists.len()] {
            bytes.extend_from_slice(&(count as u64).to_le_bytes());
        }
        ids.iter()
            .for_each(|id| bytes.extend_from_slice(&id.0.to_le_bytes()));
        for (fingerprint, value) in table {
            bytes.extend_from_slice(&fingerprint.to_le_bytes());
            bytes.extend_from_slice(&value.to_le_bytes());
        }
        bytes.extend_from_slice(&filter);
        lists
            .iter()
            .for_each(|ordinal| bytes.extend_from_slice(&ordinal.to_le_bytes()));
        blocks
            .iter()
            .for_each(|block| bytes.extend_from_slice(&block.to_le_bytes()));
        Self {
            pupils: ids.len(),
            slots,
            lists: lists.len(),
            names: blocks.len(),
            bytes: Arc::new(bytes),
        }
    }

    /// The index in these bytes, which stay where they are: a vector, a slice, a memory map.
    ///
    /// # Errors
    /// When they are no index of this version or their length does not fit.
    pub fn from_bytes(bytes: impl AsRef<[u8]> + Send + Sync + 'static) -> Result<Self, IndexError> {
        let all = bytes.as_ref();
        if all.get(..8) != Some(MAGIC.as_slice()) {
            return Err(IndexError::NotAnIndex);
        }
        let version = u32_at(all, 8).ok_or(IndexError::NotAnIndex)?;
        if version != VERSION {
            return Err(IndexError::Version(version));
        }
        let count = |at| u64_at(all, at).ok_or(IndexError::NotAnIndex);
        let (names, pupils, slots, lists) = (count(16)?, count(24)?, count(32)?, count(40)?);
        let expected = pupils
            .checked_mul(8)
            .and_then(|sum| sum.checked_add(slots.checked_mul(9)?))
            .and_then(|sum| sum.checked_add(lists.checked_mul(4)?))
            .and_then(|sum| sum.checked_add(names.checked_mul(8)?))
            .and_then(|sum| sum.checked_add(HEADER as u64))
            .unwrap_or(u64::MAX);
        if expected != all.len() as u64 || slots == 0 {
            return Err(IndexError::Length {
                expected,
                actual: all.len() as u64,
            });
        }
        Ok(Self {
            pupils: pupils as usize,
            slots: slots as usize,
            lists: lists as usize,
            names: names as usize,
            bytes: Arc::new(bytes),
        })
    }

    /// The bytes, for [`RosterIndex::from_bytes`].
    pub fn as_bytes(&self) -> &[u8] {
        (*self.bytes).as_ref()
    }

    /// The number of pupils.
    pub fn len(&self) -> usize {
        self.pupils
    }

    /// Whether there is no pupil.
    pub fn is_empty(&self) -> bool {
        self.pupils == 0
    }

    /// The pupils under a key, in a stable order; at most 64.
    pub fn find(&self, key: u64) -> Vec<PupilId> {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let ordinals = self.ordinals(value);
        ordinals
            .into_iter()
            .filter_map(|ordinal| self.pupil(ordinal))
            .collect()
    }

    /// Whether anybody, pupil or staff, is under a key.
    pub fn knows(&self, key: u64) -> bool {
        self.value(key).is_some()
    }

    /// Whether a word, or words run together, may be a forename or a surname of a pupil.
    /// Wrongly so for one word in a hundred; `false` is certain.
    pub fn may_name(&self, word: Word) -> bool {
        self.names().may_be(word)
    }

    /// The same for many words.
    pub(crate) fn names(&self) -> Names<'_> {
        let base = HEADER + self.pupils * 8 + self.slots * 9 + self.lists * 4;
        Names {
            blocks: self.as_bytes().get(base..).unwrap_or_default(),
            count: self.names,
        }
    }

    /// The pupils with this name, whichever of their names it is.
    pub fn by_name(&self, forename: Word, surname: Word) -> Vec<PupilId> {
        self.find(key(Tag::FullName, forename, surname))
    }

    /// The pupils with this forename.
    pub fn by_forename(&self, forename: Word) -> Vec<PupilId> {
        self.find(single(Tag::Forename, forename))
    }

    /// The pupil with this UPN.
    pub fn by_upn(&self, upn: &str) -> Vec<PupilId> {
        self.find(single(Tag::Upn, key::literal(upn)))
    }

    /// The pupil with this admission number. Leading zeros count.
    pub fn by_admission_number(&self, number: &str) -> Vec<PupilId> {
        self.find(single(Tag::Admission, key::literal(number)))
    }

    /// The pupils one of whose contacts has this address.
    pub fn by_contact(&self, address: &str) -> Vec<PupilId> {
        self.find(single(Tag::ContactEmail, key::literal(address)))
    }

    /// The pupil whose own mailbox this is.
    pub fn by_mailbox(&self, address: &str) -> Vec<PupilId> {
        self.find(single(Tag::PupilEmail, key::literal(address)))
    }

    /// Whether a member of staff has this name.
    pub fn is_staff(&self, forename: Word, surname: Word) -> bool {
        self.knows(key(Tag::StaffName, forename, surname))
    }

    /// The first and up to 63 further values behind a slot's value.
    fn ordinals(&self, value: u32) -> Vec<u32> {
        if value == NOBODY || value == EMPTY {
            return Vec::new();
        }
        if value & LIST == 0 {
            return vec![value];
        }
        let base = HEADER + self.pupils * 8 + self.slots * 9;
        let start = (value & !LIST) as usize;
        let mut ordinals = Vec::new();
        for place in start..start.saturating_add(LIST_LIMIT).min(self.lists) {
            let Some(entry) = u32_at(self.as_bytes(), base + place * 4) else {
                break;
            };
            ordinals.push(entry & !LIST);
            if entry & LIST != 0 {
                break;
            }
        }
        ordinals
    }

    fn pupil(&self, ordinal: u32) -> Option<PupilId> {
        let ordinal = ordinal as usize;
        (ordinal < self.pupils)
            .then(|| u64_at(self.as_bytes(), HEADER + ordinal * 8).map(PupilId))
            .flatten()
    }

    fn value(&self, key: u64) -> Option<u32> {
        let base = HEADER + self.pupils * 8;
        let bytes = self.as_bytes();
        let (octet, bit) = filter_place(key, self.slots);
        if bytes.get(base + self.slots * 8 + octet)? & bit == 0 {
            return None;
        }
        let mut at = home(key, self.slots);
        for _ in 0..PROBES.min(self.slots) {
            let fingerprint = u32_at(bytes, base + at * 8)?;
            let value = u32_at(bytes, base + at * 8 + 4)?;
            if value == EMPTY {
                return None;
            }
            if fingerprint == key as u32 {
                return Some(value);
            }
            at += 1;
            if at >= self.slots {
                at = 0;
            }
        }
        None
    }
}

/// The filter of names, to ask for word after word.
#[derive(Clone, Copy)]
pub(crate) struct Names<'i> {
    blocks: &'i [u8],
    count: usize,
}

impl Names<'_> {
    /// See [`RosterIndex::may_name`].
    #[inline]
    pub fn may_be(self, word: Word) -> bool {
        let (block, bits) = name_place(word, self.count);
        u64_at(self.blocks, block * 8).is_some_and(|block| block & bits == bits)
    }
}

/// Where a key's slot would be: its upper half scaled to the table. The lower half is
/// the fingerprint, so the two are independent.
fn home(key: u64, slots: usize) -> usize {
    (((key >> 32) * slots as u64) >> 32) as usize
}

/// A key's bit in the filter: from its lower half, scaled to eight bits for each slot.
fn filter_place(key: u64, slots: usize) -> (usize, u8) {
    let bit = ((key & 0xffff_ffff) as u128 * (slots as u128 * 8)) >> 32;
    ((bit / 8) as usize, 1 << (bit % 8))
}

/// A name's block in the filter of names, and its bits there: all in one octet group, so
/// that one look decides.
fn name_place(name: Word, blocks: usize) -> (usize, u64) {
    let mixed = (name.0 ^ (name.0 >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let block = ((mixed >> 32) * blocks as u64) >> 32;
    let bits = [14, 20, 26].map(|shift| 1u64 << ((mixed >> shift) & 63));
    (block as usize, bits.iter().fold(0, |all, bit| all | bit))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    four.try_into().ok().map(u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let eight = bytes.get(at..at.checked_add(8)?)?;
    eight.try_into().ok().map(u64::from_le_bytes)
}

#[cfg(test)]
mod tests;
