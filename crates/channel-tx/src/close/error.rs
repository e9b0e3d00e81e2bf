//! Why a channel cannot be closed so.

use bitcoin::Amount;
use channel_core::{Msat, Side};
use thiserror::Error;

use super::CloseVariant;

/// A script is of no form that a `shutdown` may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "a script of {length} bytes is none of p2wpkh, p2wsh, a later witness program, or a return with 6 to 80 bytes"
)]
#[non_exhaustive]
pub struct ShutdownScriptError {
    /// The length of the script in bytes.
    pub length: usize,
}

/// A channel cannot be closed so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CloseError {
    /// HTLCs are in flight: they have to be resolved first.
    #[error("{htlcs} htlcs are in flight; resolve them first")]
    Htlcs {
        /// How many.
        htlcs: usize,
    },
    /// The spec is not one of this channel.
    #[error("balances are {total}, the channel holds {} sat", .capacity.to_sat())]
    OtherChannel {
        /// What the spec adds up to.
        total: Msat,
        /// What the channel holds, in sat.
        capacity: Amount,
    },
    /// The closer cannot pay the fee.
    #[error("the {closer} side has {} sat and cannot pay a fee of {} sat", .balance.to_sat(), .fee.to_sat())]
    Fee {
        /// Who pays.
        closer: Side,
        /// The fee, in sat.
        fee: Amount,
        /// Its balance, rounded down, in sat.
        balance: Amount,
    },
    /// No variant is allowed and can be relayed: what the closer would keep is dust, and having the larger balance it
    /// cannot leave itself out. A lower fee, or a script that returns nothing, helps.
    #[error("no closing transaction can be relayed at this fee")]
    NothingToOffer,
    /// The variant is not one the closer may offer, or the closee picks.
    #[error("the variant {variant} is not allowed at these balances, or makes an output of dust")]
    Variant {
        /// The variant.
        variant: CloseVariant,
    },
    /// The proposal pays the closee by another script than it has sent last; it may have crossed a new one.
    #[error("the proposal pays the {closee} side by another script than it has sent last")]
    OtherScript {
        /// Who would be paid by it.
        closee: Side,
    },
    /// The peer did not offer the variant the closee has to pick.
    #[error("the peer did not sign the variant {variant}, which is the one to be picked")]
    NotOffered {
        /// The variant that was needed.
        variant: CloseVariant,
    },
}
