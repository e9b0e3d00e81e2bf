//! Errors of the commitment, one per operation.

use bitcoin::Amount;
use thiserror::Error;

use crate::quantity::{CommitmentFormat, FeerateKw, HtlcId, Msat, Side};

/// An update cannot be applied to a spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SpecError {
    /// The side already has an HTLC with this id.
    #[error("{offered_by} htlc {id} exists already")]
    DuplicateHtlc {
        /// Who offered it.
        offered_by: Side,
        /// Its id.
        id: HtlcId,
    },
    /// There is no such HTLC.
    #[error("{offered_by} htlc {id} does not exist")]
    UnknownHtlc {
        /// Who should have offered it.
        offered_by: Side,
        /// The id that was not found.
        id: HtlcId,
    },
    /// A side would pay more than it has.
    #[error("{side} side holds {balance}, cannot pay {amount}")]
    InsufficientBalance {
        /// Who pays.
        side: Side,
        /// What it holds.
        balance: Msat,
        /// What it should pay.
        amount: Msat,
    },
    /// An amount of zero moves nothing (BOLT 2: `amount_msat` must be greater than 0).
    #[error("amount must be at least 1 msat")]
    ZeroAmount,
    /// Balances and HTLCs hold more than 64 bits of msat.
    #[error("balances and htlcs do not fit into 64 bits")]
    Overflow,
}

/// A spec cannot be made into a commitment transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CommitmentError {
    /// Balances and HTLCs do not add up to the funding output.
    #[error("balances and htlcs hold {held}, but the channel holds {} sat", .capacity.to_sat())]
    ValueMismatch {
        /// What the spec holds, in msat.
        held: Msat,
        /// The value of the funding output.
        capacity: Amount,
    },
    /// Zero-fee formats have no feerate.
    #[error("{format} commitments pay no fee, but the feerate is {feerate}")]
    FeerateNotZero {
        /// The format of the channel.
        format: CommitmentFormat,
        /// The feerate of the spec.
        feerate: FeerateKw,
    },
    /// Everything is trimmed: a transaction needs an output.
    #[error("every output of the {owner} commitment is trimmed")]
    NoOutputs {
        /// Whose commitment it is.
        owner: Side,
    },
    /// The opener cannot pay for the anchors that stand on the commitment.
    #[error("the opener lacks {missing} for the anchors of the {owner} commitment")]
    AnchorsUnfunded {
        /// Whose commitment it is.
        owner: Side,
        /// What the outputs exceed the capacity by, in msat.
        missing: Msat,
    },
}
