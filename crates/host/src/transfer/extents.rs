//! Ranges of a disk by what they hold. Pure.

use serde::Serialize;

/// A range that reads as data or as zeroes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Extent {
    /// Offset in bytes.
    pub(super) start: u64,
    /// Length in bytes.
    pub(super) length: u64,
    /// It reads as zeroes.
    pub(super) zero: bool,
    /// It is not allocated in the image: a backing file would show through.
    pub(super) hole: bool,
}

/// Collects ranges in order; neighbours of the same kind become one.
#[derive(Default)]
pub(super) struct Collector {
    all: Vec<Extent>,
}

impl Collector {
    pub(super) fn push(&mut self, length: u64, zero: bool, hole: bool) {
        if length == 0 {
            return;
        }
        let start = self.end();
        match self.all.last_mut() {
            Some(last) if last.zero == zero && last.hole == hole => last.length += length,
            _ => self.all.push(Extent { start, length, zero, hole }),
        }
    }

    /// Where the next range begins.
    pub(super) fn end(&self) -> u64 {
        self.all.last().map_or(0, |last| last.start + last.length)
    }

    pub(super) fn all(self) -> Vec<Extent> {
        self.all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_of_a_kind_are_one() {
        let mut collector = Collector::default();
        for (length, zero) in [(10, false), (5, false), (0, true), (7, true), (3, true), (1, false)] {
            collector.push(length, zero, false);
        }
        let lengths: Vec<(u64, u64, bool)> =
            collector.all().iter().map(|extent| (extent.start, extent.length, extent.zero)).collect();
        assert_eq!(lengths, [(0, 15, false), (15, 10, true), (25, 1, false)]);
    }
}
