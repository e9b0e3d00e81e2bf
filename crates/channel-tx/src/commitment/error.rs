//! Why a commitment cannot be built.

use bitcoin::Amount;
use channel_core::commitment::CommitmentError;
use channel_core::{CommitmentFormat, Side};
use thiserror::Error;

use crate::funding::FundingError;
use crate::keys::KeyError;

/// No commitments can be built for a channel with these keys and terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BuilderError {
    /// The funding output cannot be made.
    #[error(transparent)]
    Funding(#[from] FundingError),
    /// A key cannot be derived.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The capacity is above what exists.
    #[error("a capacity of {} sat is more than there are bitcoins", .capacity.to_sat())]
    Capacity {
        /// The capacity of the terms.
        capacity: Amount,
    },
}

/// A commitment cannot be built, so the update that leads to it is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The amounts make no transaction.
    #[error(transparent)]
    Spec(#[from] CommitmentError),
    /// A key cannot be derived.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// What was made ahead belongs to another channel, funding output or set of terms.
    #[error("the commitment was prepared by another builder")]
    OtherBuilder,
    /// More HTLCs of one direction have outputs than a side may accept in this format.
    #[error(
        "the {owner} commitment would have {htlcs} outputs for {offered_by} htlcs, {format} allows {max}"
    )]
    TooManyHtlcs {
        /// Whose commitment it is.
        owner: Side,
        /// Who offered these HTLCs.
        offered_by: Side,
        /// How many outputs there would be for them.
        htlcs: usize,
        /// The most there may be.
        max: u16,
        /// The format.
        format: CommitmentFormat,
    },
}
