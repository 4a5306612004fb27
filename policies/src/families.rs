//! Which contacts are one family.

use std::collections::{BTreeMap, HashMap};

use schoolgate_detectors::PupilId;

/// Contacts who share a child, and addresses that share children, are one family.
#[derive(Default)]
pub(crate) struct Families {
    parent: Vec<usize>,
    pupils: HashMap<PupilId, usize>,
    addresses: BTreeMap<String, usize>,
}

impl Families {
    /// Notes that an address belongs to a contact of this pupil.
    pub fn join(&mut self, pupil: PupilId, address: &str) {
        let fresh = self.parent.len();
        let a = *self.pupils.entry(pupil).or_insert(fresh);
        if a == fresh {
            self.parent.push(fresh);
        }
        let fresh = self.parent.len();
        let b = *self.addresses.entry(address.to_owned()).or_insert(fresh);
        if b == fresh {
            self.parent.push(fresh);
        }
        let (a, b) = (self.root(a), self.root(b));
        let (low, high) = (a.min(b), a.max(b));
        if let Some(slot) = self.parent.get_mut(high) {
            *slot = low;
        }
    }

    fn root(&self, mut node: usize) -> usize {
        while let Some(&up) = self.parent.get(node) {
            if up == node {
                break;
            }
            node = up;
        }
        node
    }

    /// The number of each address's family.
    pub fn numbers(&self) -> HashMap<String, u32> {
        self.addresses
            .iter()
            .map(|(address, node)| {
                let number = u32::try_from(self.root(*node)).unwrap_or(u32::MAX);
                (address.clone(), number)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_child_joins_and_a_shared_address_joins() {
        let mut families = Families::default();
        families.join(PupilId(1), "a");
        families.join(PupilId(2), "b");
        families.join(PupilId(3), "c");
        families.join(PupilId(2), "c");
        families.join(PupilId(4), "d");
        let numbers = families.numbers();
        assert_eq!(numbers["b"], numbers["c"]);
        assert_ne!(numbers["a"], numbers["b"]);
        assert_ne!(numbers["d"], numbers["b"]);
    }
}
