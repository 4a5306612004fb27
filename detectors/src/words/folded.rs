//! A folded word, kept where it stands as long as it is short, as almost all are.

use std::fmt;
use std::ops::Deref;

/// Octets of a folded word that need no place of their own.
pub(super) const SHORT: usize = 16;

/// A folded word.
#[derive(Clone)]
pub(crate) struct Folded {
    /// What stands behind `length` means nothing.
    short: [u8; SHORT],
    length: u8,
    long: Option<Box<str>>,
}

impl From<&str> for Folded {
    fn from(folded: &str) -> Self {
        let mut short = [0; SHORT];
        match short.get_mut(..folded.len()) {
            Some(start) => {
                start.copy_from_slice(folded.as_bytes());
                Self {
                    short,
                    length: folded.len() as u8,
                    long: None,
                }
            }
            None => Self {
                short,
                length: 0,
                long: Some(folded.into()),
            },
        }
    }
}

impl Folded {
    /// Of a word of so many ASCII letters and digits at the start of these octets.
    #[inline]
    pub(super) fn plain(octets: &[u8], length: usize) -> Self {
        // Taken whole, with what follows the word: a copy of fixed length is the fastest.
        let mut short = [0; SHORT];
        match octets.first_chunk() {
            Some(chunk) => short = *chunk,
            None => short
                .iter_mut()
                .zip(octets)
                .for_each(|(place, &octet)| *place = octet),
        }
        // The bit that makes an ASCII letter small is set in every ASCII digit.
        short.iter_mut().for_each(|octet| *octet |= 0x20);
        Self {
            short,
            length: length.min(SHORT) as u8,
            long: None,
        }
    }

    /// Octets.
    pub fn len(&self) -> usize {
        match &self.long {
            Some(long) => long.len(),
            None => usize::from(self.length),
        }
    }

    pub fn as_str(&self) -> &str {
        match &self.long {
            Some(long) => long,
            None => self
                .short
                .get(..usize::from(self.length))
                .and_then(|short| std::str::from_utf8(short).ok())
                .unwrap_or_default(),
        }
    }
}

impl Deref for Folded {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Debug for Folded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl PartialEq<str> for Folded {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Folded {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}
