//! What a transaction must pay to replace another.
//!
//! Two steps are not to be confused. Between the peers of a channel a funding transaction is replaced by the steps of
//! `tx_init_rbf`: 25/24, or [`RBF_STEP`] where that is more. It is what a peer has to accept, and what nodes relay since
//! Bitcoin Core 30. A close has no such rule, so it pays [`INCREMENTAL_RELAY`], which nodes of before relay as well.

use bitcoin::{Amount, OutPoint, Weight};
use channel_core::FeerateKw;
use thiserror::Error;

use crate::policy::INCREMENTAL_RELAY;
use crate::spend::UnsignedTransaction;

/// The least step between two funding transactions (BOLT 2, `tx_init_rbf`): 0.1 sat/vB, what nodes ask for since
/// Bitcoin Core 30. Ten times less than [`INCREMENTAL_RELAY`].
pub const RBF_STEP: FeerateKw = FeerateKw::from_sat_per_kw(25);

/// How much more a replacement pays for its own relay (BIP 125, rule 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum RelayStep {
    /// [`RBF_STEP`]: a funding transaction, by the rule of the peers.
    Funding,
    /// [`INCREMENTAL_RELAY`]: every other one, by what all nodes relay.
    AnyNode,
}

impl RelayStep {
    const fn feerate(self) -> FeerateKw {
        match self {
            Self::Funding => RBF_STEP,
            Self::AnyNode => INCREMENTAL_RELAY,
        }
    }
}

/// A transaction does not replace another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ReplacementError {
    /// The feerate is not enough above that of before.
    #[error(
        "a feerate of {} sat/kW is below the {} sat/kW a replacement needs",
        .feerate.to_sat_per_kw(), .minimum.to_sat_per_kw()
    )]
    Feerate {
        /// The new feerate.
        feerate: FeerateKw,
        /// The lowest that is accepted.
        minimum: FeerateKw,
    },
    /// No feerate is enough above that of before.
    #[error("there is no higher feerate")]
    NoHigherFeerate,
    /// The whole fee is not enough above that of before (BIP 125, rules 3 and 4).
    #[error("a fee of {} sat is below the {} sat a replacement needs", .fee.to_sat(), .minimum.to_sat())]
    Fee {
        /// The new fee, in sat.
        fee: Amount,
        /// The lowest that is accepted, in sat.
        minimum: Amount,
    },
    /// Both could confirm: they share no input (BOLT 2, `tx_init_rbf`).
    #[error("it shares no input with the transaction it replaces; first input there: {first}")]
    NoSharedInput {
        /// The first input of the transaction to be replaced.
        first: OutPoint,
    },
}

/// The lowest feerate of a replacement: the higher of 25/24 of that of before, rounded down (BOLT 2, `tx_init_rbf`), and
/// 25 sat/kW more. The first is what peers check; at low feerates only the second reaches the 0.1 sat/vB that nodes ask
/// for. `None` at the end of the range.
pub fn replacement_feerate(previous: FeerateKw) -> Option<FeerateKw> {
    let previous = u64::from(previous.to_sat_per_kw());
    let ratio = previous * 25 / 24;
    let step = previous + u64::from(RBF_STEP.to_sat_per_kw());
    u32::try_from(ratio.max(step)).ok().map(FeerateKw::from_sat_per_kw)
}

/// The lowest fee of a funding transaction that weighs `weight` and replaces another: that of before, and [`RBF_STEP`]
/// for its own relay (BIP 125, rules 3 and 4); in sat, at least one more.
pub fn replacement_fee(previous: Amount, weight: Weight) -> Amount {
    fee_after(previous, weight, RelayStep::Funding)
}

/// The same with the step that is due.
pub(crate) fn fee_after(previous: Amount, weight: Weight, step: RelayStep) -> Amount {
    let more = step.feerate().fee_ceil(weight).max(Amount::ONE_SAT);
    previous.checked_add(more).unwrap_or(Amount::MAX)
}

pub(crate) fn check_feerate(previous: FeerateKw, feerate: FeerateKw) -> Result<(), ReplacementError> {
    let minimum = replacement_feerate(previous).ok_or(ReplacementError::NoHigherFeerate)?;
    if feerate < minimum { Err(ReplacementError::Feerate { feerate, minimum }) } else { Ok(()) }
}

/// Whether nodes will take `next`, which weighs `weight` when signed, for `previous`.
pub(crate) fn check_replacement(
    previous: &UnsignedTransaction,
    next: &UnsignedTransaction,
    weight: Weight,
    step: RelayStep,
) -> Result<(), ReplacementError> {
    let spent = |outpoint: &OutPoint| next.transaction.input.iter().any(|i| i.previous_output == *outpoint);
    let mut before = previous.transaction.input.iter().map(|input| input.previous_output);
    if !before.clone().any(|outpoint| spent(&outpoint)) {
        let first = before.next().unwrap_or_else(OutPoint::null);
        return Err(ReplacementError::NoSharedInput { first });
    }
    let total = |of: &UnsignedTransaction| of.fee.total().unwrap_or(Amount::MAX);
    let (fee, minimum) = (total(next), fee_after(total(previous), weight, step));
    if fee < minimum { Err(ReplacementError::Fee { fee, minimum }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stricter_of_both_feerate_rules_holds() {
        let next = |kw| replacement_feerate(FeerateKw::from_sat_per_kw(kw)).map(FeerateKw::to_sat_per_kw);
        // Up to 600 sat/kW one twenty-fourth is at most 25.
        for (previous, expected) in
            [(0, 25), (253, 278), (599, 624), (600, 625), (624, 650), (648, 675), (2400, 2500)]
        {
            assert_eq!(next(previous), Some(expected), "{previous}");
        }
        assert_eq!(next(u32::MAX), None);
        assert_eq!(next(4_123_168_604), Some(4_294_967_295));
        assert_eq!(next(4_123_168_605), None);
    }

    #[test]
    fn a_replacement_pays_for_its_own_relay() {
        let fee = |previous, wu| replacement_fee(Amount::from_sat(previous), Weight::from_wu(wu)).to_sat();
        assert_eq!([fee(100, 616), fee(100, 0), fee(100, 640)], [116, 101, 116]);
        assert_eq!(fee(u64::MAX, 1), u64::MAX);
        let close = |wu| fee_after(Amount::from_sat(100), Weight::from_wu(wu), RelayStep::AnyNode).to_sat();
        assert_eq!([close(616), close(0)], [254, 101]);
    }
}
