//! Why the ledger refuses, one enum per operation.

use bitcoin::Amount;
use thiserror::Error;

use crate::commitment::{CommitmentError, SpecError};
use crate::limits::{NearestPayable, PaymentRefusal, SpliceOutRefusal};
use crate::quantity::{ChannelId, Msat, QuantityOutOfRange, Side};

/// A channel cannot be created.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CreateError {
    /// The ledger has a channel with this funding output.
    #[error("channel {id} exists already")]
    Duplicate {
        /// Its id.
        id: ChannelId,
    },
    /// The capacity is outside what the policy allows.
    #[error("capacity must be from {} to {} sat, got {}", .min.to_sat(), .max.to_sat(), .capacity.to_sat())]
    Capacity {
        /// The smallest capacity.
        min: Amount,
        /// The largest capacity.
        max: Amount,
        /// The capacity that was refused.
        capacity: Amount,
    },
    /// The local side would start with more than the channel holds.
    #[error("local balance of {balance} exceeds the capacity of {} sat", .capacity.to_sat())]
    AboveCapacity {
        /// The balance that was refused, in msat.
        balance: Msat,
        /// The capacity.
        capacity: Amount,
    },
    /// A side would start with less than it must hold.
    #[error("{side} side would start with {balance}, at least {minimum} is needed")]
    BelowMinimum {
        /// Which side.
        side: Side,
        /// What it would hold, in msat.
        balance: Msat,
        /// What it must hold, in msat.
        minimum: Msat,
    },
    /// No transaction has such an output.
    #[error("funding output cannot exist")]
    FundingIndex(#[from] QuantityOutOfRange),
}

/// A channel cannot be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The ledger has no such channel.
    #[error("channel {id} is unknown")]
    UnknownChannel {
        /// The id.
        id: ChannelId,
    },
    /// Its commitments cannot be built: the state was loaded from elsewhere, or rules changed under it.
    #[error("commitments cannot be built")]
    Commitment(#[from] CommitmentError),
}

/// A payment or HTLC is refused; nothing has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PayError {
    /// The ledger has no such channel.
    #[error("channel {id} is unknown")]
    UnknownChannel {
        /// The id.
        id: ChannelId,
    },
    /// The channel is not active.
    #[error("channel {id} is not active")]
    NotActive {
        /// The id.
        id: ChannelId,
    },
    /// The amount is not payable now.
    #[error("cannot move {amount}")]
    Refused {
        /// What should have moved, in msat: the amount and the fee that travels with it.
        amount: Msat,
        /// The bound it met.
        #[source]
        reason: PaymentRefusal,
        /// The payable amounts next to it; none when nothing is payable.
        nearest: NearestPayable,
    },
    /// The HTLC does not exist, or ids have run out.
    #[error("htlc cannot be changed")]
    Htlc(#[from] SpecError),
    /// A commitment could not be built afterwards.
    #[error("commitments cannot be built")]
    Commitment(#[from] CommitmentError),
}

/// A splice is refused; nothing has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SpliceError {
    /// The channel is not active.
    #[error("channel {id} is not active")]
    NotActive {
        /// The id.
        id: ChannelId,
    },
    /// An earlier splice is not locked yet.
    #[error("channel {id} has a splice that is not locked")]
    Pending {
        /// The id.
        id: ChannelId,
    },
    /// Neither side adds or takes anything, or the new funding output is the old one.
    #[error("the splice changes nothing")]
    Empty,
    /// A side's part is not possible.
    #[error("{side} side cannot contribute")]
    Contribution {
        /// Which side.
        side: Side,
        /// Why not.
        #[source]
        reason: ContributionError,
    },
    /// Both sides' coins and the shared input are more than a splice has room for.
    #[error("the splice has {inputs} inputs, {max} fit")]
    TooManyInputs {
        /// The shared input and the coins of both sides.
        inputs: u16,
        /// How many fit (BOLT 2, interactive construction).
        max: u16,
    },
    /// The channel as it would be cannot exist.
    #[error("commitments cannot be built")]
    Commitment(#[from] CommitmentError),
}

/// One side's part of a splice is not possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ContributionError {
    /// Nothing is added or taken.
    #[error("amount must be above zero")]
    ZeroAmount,
    /// The coins do not pay for the contribution and the fee.
    #[error("coins worth {} sat do not pay for {} sat", .given.to_sat(), .needed.to_sat())]
    Inputs {
        /// What amount and fee need, in sat.
        needed: Amount,
        /// What the coins are worth, in sat.
        given: Amount,
    },
    /// The payout would not be relayed.
    #[error("a payout of this type needs at least {} sat", .minimum.to_sat())]
    DestinationDust {
        /// The smallest payout of the type, in sat.
        minimum: Amount,
    },
    /// The side would keep too little.
    #[error("too little would stay")]
    Keeps {
        /// What must stay.
        #[source]
        reason: SpliceOutRefusal,
        /// The largest payout that is possible, in sat, if there is any: with the fee this side pays in this splice, and
        /// with what the other side does in it.
        maximum: Option<Amount>,
    },
    /// The amount, the coins, or the channel as it would be hold more than all bitcoin.
    #[error("more than the supply of bitcoin")]
    AboveSupply,
}
