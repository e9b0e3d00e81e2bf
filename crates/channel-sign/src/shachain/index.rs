//! Where a secret stands in the hash chain.

use core::fmt;

use channel_core::CommitmentNumber;
use thiserror::Error;

/// The index of a per-commitment secret: 2^48 - 1 for the first commitment, and one less for each that follows, because
/// a secret of the chain gives those of higher indices away, not those of lower ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretIndex(u64);

/// An index has more than 48 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a secret's index is at most 2^48 - 1, not {index}")]
#[non_exhaustive]
pub struct SecretIndexOutOfRange {
    /// The index given.
    pub index: u64,
}

impl SecretIndex {
    /// The index of the first commitment: 2^48 - 1.
    pub const FIRST: Self = Self(CommitmentNumber::MAX.to_u64());

    /// How many bits an index has.
    pub(super) const BITS: u32 = 48;

    /// The index with this value.
    ///
    /// # Errors
    /// [`SecretIndexOutOfRange`] above 2^48 - 1.
    pub const fn new(index: u64) -> Result<Self, SecretIndexOutOfRange> {
        if index > Self::FIRST.0 { Err(SecretIndexOutOfRange { index }) } else { Ok(Self(index)) }
    }

    /// The value.
    pub const fn to_u64(self) -> u64 {
        self.0
    }

    /// The commitment whose secret stands here.
    pub fn commitment_number(self) -> CommitmentNumber {
        CommitmentNumber::new(Self::FIRST.0 - self.0)
            .expect("an index has 48 bits, and so has its complement")
    }

    /// How many low bits of the index are zero: how many levels of secrets follow from this one.
    pub(super) const fn depth(self) -> u32 {
        if self.0 == 0 { Self::BITS } else { self.0.trailing_zeros() }
    }
}

impl From<CommitmentNumber> for SecretIndex {
    fn from(number: CommitmentNumber) -> Self {
        Self(Self::FIRST.0 - number.to_u64())
    }
}

impl fmt::Display for SecretIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
