//! Binary fields, taken from the front one after the other.
//!
//! Every step says whether there was enough left; nothing is read beyond the end.

/// What is left of the octets.
pub(super) struct Fields<'b>(pub(super) &'b [u8]);

impl<'b> Fields<'b> {
    /// So many octets.
    pub(super) fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// A number of at most eight octets, the lowest first.
    pub(super) fn number(&mut self, octets: usize) -> Option<u64> {
        let taken = self.take(octets)?;
        Some(taken.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b)))
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        u16::try_from(self.number(2)?).ok()
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        u32::try_from(self.number(4)?).ok()
    }

    /// A length of four octets.
    pub(super) fn size(&mut self) -> Option<usize> {
        usize::try_from(self.u32()?).ok()
    }

    /// What stands behind its length.
    pub(super) fn counted(&mut self) -> Option<&'b [u8]> {
        let length = self.size()?;
        self.take(length)
    }

    /// A number of seven bits an octet, the lowest first.
    pub(super) fn vint(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let octet = self.number(1)?;
            value |= (octet & 0x7f).checked_shl(shift)?;
            if octet & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// A length of seven bits an octet.
    pub(super) fn length(&mut self) -> Option<usize> {
        usize::try_from(self.vint()?).ok()
    }

    /// A text that ends with a zero.
    pub(super) fn text(&mut self) -> Option<&'b [u8]> {
        let end = self.0.iter().position(|b| *b == 0)?;
        let text = self.take(end)?;
        self.take(1)?;
        Some(text)
    }

    /// Octets that are filled up to a multiple of four.
    pub(super) fn padded(&mut self, length: usize) -> Option<&'b [u8]> {
        let taken = self.take(length)?;
        // The filling of the last one may be missing.
        let filling = (4 - length % 4) % 4;
        self.take(filling.min(self.0.len()))?;
        Some(taken)
    }
}
