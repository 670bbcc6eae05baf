//! Where something stands in a file.

use std::ops::Range;

/// A range of bytes in one file: `start` inclusive, `end` exclusive, both counted from 0.
///
/// Offsets have 32 bits, which halves the size of a tree. Text beyond [`Span::MAX_LEN`] bytes is
/// not parsed; [`parse`](crate::parse()) reports it as an error of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// The longest text, in bytes, whose offsets fit a span.
    pub const MAX_LEN: usize = u32::MAX as usize - 1;

    /// The span from `start` up to, not including, `end`.
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The empty span at `offset`: a place between two bytes, where something is missing.
    pub const fn at(offset: u32) -> Self {
        Self::new(offset, offset)
    }

    /// How many bytes the span covers.
    pub const fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether the span covers no byte at all.
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether every byte of `other` lies in this span.
    pub const fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The smallest span that covers both.
    #[must_use]
    pub const fn to(self, other: Span) -> Span {
        let start = if self.start < other.start { self.start } else { other.start };
        let end = if self.end > other.end { self.end } else { other.end };
        Span::new(start, end)
    }

    /// The span as an index into the text that it belongs to.
    pub const fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}
