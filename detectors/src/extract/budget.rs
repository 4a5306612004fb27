//! How much may still be read.
//!
//! One budget serves the whole message. It is charged with output actually produced,
//! so that nesting, repeating or compressing the same bytes buys nothing.

use crate::settings::Limits;

/// A limit that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Limit {
    Depth,
    Parts,
    UnpackedBytes,
    Ratio,
    Stream,
    TextBytes,
    PdfPages,
    Overlap,
    Window,
    Cells,
}

impl Limit {
    /// The name that the finding and the technician see.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Depth => "nesting depth",
            Self::Parts => "number of parts",
            Self::UnpackedBytes => "unpacked bytes",
            Self::Ratio => "compression ratio",
            Self::Stream => "unpacked bytes of one stream",
            Self::TextBytes => "bytes of text",
            Self::PdfPages => "pages of a PDF",
            Self::Cells => "cells of a table",
            Self::Window => "memory of a decoder",
            Self::Overlap => "overlapping archive members",
        }
    }
}

/// What is left of the limits.
#[derive(Debug)]
pub(super) struct Budget {
    depth: u32,
    parts: u32,
    unpacked: u64,
    ratio: u64,
    text: u64,
    /// Cells of tables: an empty one holds no text, but takes memory.
    pub(super) cells: usize,
    pub(super) pdf_pages: u32,
    pub(super) passwords: u32,
}

/// Output below this size is never called a bomb, whatever its ratio.
const RATIO_FROM: u64 = 1 << 20;

/// What one stream may unpack to: it stands in memory as a whole, beside the message, in
/// a worker of 256 MiB.
const STREAM: u64 = 96 << 20;

/// Cells that are kept apart; in rows beyond, empty cells are left out.
const CELLS: usize = 4_000_000;

impl Budget {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            depth: limits.depth,
            parts: limits.parts,
            unpacked: limits.unpacked_bytes,
            ratio: limits.ratio,
            text: limits.text_bytes,
            cells: CELLS,
            pdf_pages: limits.pdf_pages,
            passwords: limits.passwords,
        }
    }

    /// Whether something at this depth may be opened.
    pub(super) fn allows_depth(&self, depth: u32) -> bool {
        depth <= self.depth
    }

    /// Takes one part; false when there is none left.
    pub(super) fn take_part(&mut self) -> bool {
        match self.parts.checked_sub(1) {
            Some(left) => {
                self.parts = left;
                true
            }
            None => false,
        }
    }

    /// The bytes that a stream of `packed` octets may still unpack to, and the limit
    /// that stands in its way.
    pub(super) fn unpack_allowance(&self, packed: u64) -> (u64, Limit) {
        let by_ratio = packed.saturating_mul(self.ratio).max(RATIO_FROM);
        if by_ratio.min(self.unpacked) > STREAM {
            (STREAM, Limit::Stream)
        } else if by_ratio < self.unpacked {
            (by_ratio, Limit::Ratio)
        } else {
            (self.unpacked, Limit::UnpackedBytes)
        }
    }

    /// Charges bytes that decoding or unpacking produced.
    pub(super) fn charge_unpacked(&mut self, bytes: u64) {
        self.unpacked = self.unpacked.saturating_sub(bytes);
    }

    /// The octets of text that may still be looked at.
    pub(super) fn text_left(&self) -> u64 {
        self.text
    }

    /// Charges text; false when the budget does not cover it.
    pub(super) fn charge_text(&mut self, bytes: u64) -> bool {
        match self.text.checked_sub(bytes) {
            Some(left) => {
                self.text = left;
                true
            }
            None => {
                self.text = 0;
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_output_is_no_bomb() {
        let budget = Budget::new(&Limits::default());
        assert_eq!(budget.unpack_allowance(10), (RATIO_FROM, Limit::Ratio));
    }

    #[test]
    fn no_stream_fills_a_worker() {
        let budget = Budget::new(&Limits::default());
        assert_eq!(budget.unpack_allowance(8 << 20), (STREAM, Limit::Stream));
    }

    #[test]
    fn what_is_spent_is_gone_for_the_whole_message() {
        let mut budget = Budget::new(&Limits {
            unpacked_bytes: 1000,
            text_bytes: 10,
            parts: 1,
            ..Limits::default()
        });
        budget.charge_unpacked(600);
        assert_eq!(budget.unpack_allowance(1), (400, Limit::UnpackedBytes));
        assert!(budget.take_part());
        assert!(!budget.take_part());
        assert!(budget.charge_text(8));
        assert!(!budget.charge_text(8));
        assert_eq!(budget.text_left(), 0);
    }
}
