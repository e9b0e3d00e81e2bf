//! Why a channel cannot be spliced so.

use bitcoin::{Amount, SignedAmount};
use channel_core::{Msat, Side};
use thiserror::Error;

use crate::commitment::{BuildError, BuilderError};
use crate::funding::{ContributionError, ReplacementError};

/// A channel cannot be spliced so.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SpliceError {
    /// The channel on the new funding output cannot be built.
    #[error(transparent)]
    Channel(#[from] BuilderError),
    /// The contributions make no transaction.
    #[error(transparent)]
    Contribution(#[from] ContributionError),
    /// There is no commitment on the new funding output: it would be spendable by both together only.
    #[error("no commitment can be built on the new funding output: {0}")]
    Commitment(#[from] BuildError),
    /// A side takes more out than it has.
    #[error("the {side} side takes {missing} more out of the channel than its balance")]
    Balance {
        /// Who takes too much.
        side: Side,
        /// How much too much.
        missing: Msat,
    },
    /// The new capacity is dust or above the supply.
    #[error("a capacity of {} sat cannot be funded", .capacity.to_sat())]
    Capacity {
        /// The capacity of before and all contributions, in sat.
        capacity: SignedAmount,
    },
    /// The spec is not one of this channel.
    #[error("balances and htlcs are {total}, the channel holds {} sat", .capacity.to_sat())]
    OtherChannel {
        /// What the spec adds up to.
        total: Msat,
        /// What the channel holds, in sat.
        capacity: Amount,
    },
    /// It does not replace the candidate of before.
    #[error(transparent)]
    Replacement(#[from] ReplacementError),
}
