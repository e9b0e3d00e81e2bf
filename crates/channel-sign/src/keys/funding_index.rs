//! Which funding key of a channel.

use core::fmt;

/// Counts the funding transactions of one channel: 0 for the one that opened it, one more for each splice and for each
/// of its replacements, so that no two of them share a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FundingIndex(u32);

impl FundingIndex {
    /// The funding transaction that opened the channel.
    pub const OPENING: Self = Self(0);

    /// The funding transaction with this index.
    pub const fn new(index: u32) -> Self {
        Self(index)
    }

    /// The index.
    pub const fn to_u32(self) -> u32 {
        self.0
    }

    /// The next index, or `None` after the last one: the channel must be closed rather than spliced again.
    pub const fn next(self) -> Option<Self> {
        match self.0.checked_add(1) {
            Some(index) => Some(Self(index)),
            None => None,
        }
    }
}

impl fmt::Display for FundingIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
