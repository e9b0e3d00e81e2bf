//! Why something is not possible now, one enum per question.

use bitcoin::Amount;
use thiserror::Error;

use crate::dust::TrimLimit;
use crate::quantity::{Msat, Side};

/// Parameters cannot govern a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ParamsError {
    /// More than all bitcoin.
    #[error("capacity of {} sat exceeds the supply of bitcoin", .capacity.to_sat())]
    CapacityAboveSupply {
        /// The capacity.
        capacity: Amount,
    },
    /// A side at its reserve might have no output, and the format has no other.
    #[error("{side} reserve of {} sat is below the trim limit of {} sat", .reserve.to_sat(), .smallest.to_amount().to_sat())]
    ReserveBelowTrimLimit {
        /// Whose reserve it is.
        side: Side,
        /// The reserve.
        reserve: Amount,
        /// The larger trim limit.
        smallest: TrimLimit,
    },
    /// More HTLCs than a commitment of this format can hold.
    #[error("{side} max_accepted_htlcs must be at most {max}, got {proposed}")]
    TooManyHtlcs {
        /// Whose limit it is.
        side: Side,
        /// The most the format allows.
        max: u16,
        /// The limit.
        proposed: u16,
    },
}

/// An amount cannot be paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PaymentRefusal {
    /// Less than the payee accepts, or nothing.
    #[error("amount is below the minimum of {minimum}")]
    BelowMinimum {
        /// The smallest amount, in msat.
        minimum: Msat,
    },
    /// A side cannot pay and keep its reserve, fee and anchors. For an HTLC of the accepter it may be the opener, who
    /// has to pay for one more output.
    #[error("{side} side holds {balance} and must keep {required}")]
    Unaffordable {
        /// Who lacks the balance.
        side: Side,
        /// What it holds, in msat.
        balance: Msat,
        /// What it must keep, in msat.
        required: Msat,
    },
    /// The payee accepts no more HTLCs at a time.
    #[error("{max} htlcs are in flight, the most the payee accepts")]
    SlotsFull {
        /// The number it accepts.
        max: u16,
    },
    /// The payee accepts no larger sum in flight.
    #[error("only {left} more may be in flight")]
    InFlightFull {
        /// What is left, in msat.
        left: Msat,
    },
    /// The HTLC would be trimmed, and too much is trimmed already.
    #[error("only {left} more may be trimmed from the {commitment} commitment")]
    DustExposure {
        /// The commitment that would trim it.
        commitment: Side,
        /// What may still be trimmed, in msat.
        left: Msat,
    },
}

/// A feerate cannot be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FeerateRefusal {
    /// Commitments of this format pay no fee.
    #[error("this format has no feerate to update")]
    ZeroFeeFormat,
    /// The opener cannot pay it and keep its reserve.
    #[error("the opener holds {balance} and must keep {required}")]
    Unaffordable {
        /// What the opener holds, in msat.
        balance: Msat,
        /// What it would have to keep, in msat.
        required: Msat,
    },
    /// Too much would be trimmed.
    #[error("{exposure} would be trimmed from the {commitment} commitment")]
    DustExposure {
        /// The commitment that trims it.
        commitment: Side,
        /// What it would trim, in msat.
        exposure: Msat,
    },
}

/// A side cannot splice out this amount, or any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SpliceOutRefusal {
    /// The reserve of the channel as it would be takes the whole balance.
    #[error("{} sat are held and {} sat must stay as reserve", .balance.to_sat(), .reserve.to_sat())]
    Reserve {
        /// What the side holds, in sat.
        balance: Amount,
        /// The reserve after the splice, in sat.
        reserve: Amount,
    },
    /// The reserve alone would leave something, but the opener also pays fee and anchors.
    #[error("{} sat are held, {} sat must stay as reserve and {} sat for fee and anchors", .balance.to_sat(), .reserve.to_sat(), .costs.to_sat())]
    OpenerCosts {
        /// What the opener holds, in sat.
        balance: Amount,
        /// The reserve after the splice, in sat.
        reserve: Amount,
        /// Fee and anchors of the dearer commitment, in sat.
        costs: Amount,
    },
}
