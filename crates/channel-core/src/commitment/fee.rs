//! The fee of a commitment, explained term by term.

use bitcoin::{Amount, Weight};

use crate::quantity::{CommitmentFormat, FeerateKw, Msat};

impl CommitmentFormat {
    /// The fee of a commitment with this many HTLC outputs, in sat, rounded down (BOLT 3, "Fee Calculation"); zero in
    /// the formats without one.
    pub fn commitment_fee(self, feerate: FeerateKw, untrimmed_htlcs: usize) -> Amount {
        let Some(base) = self.commitment_base_weight() else { return Amount::ZERO };
        let htlcs = u64::try_from(untrimmed_htlcs)
            .unwrap_or(u64::MAX)
            .saturating_mul(self.htlc_output_weight().to_wu());
        feerate.fee_floor(Weight::from_wu(base.to_wu().saturating_add(htlcs)))
    }
}

/// Why a commitment pays what it pays to miners. The parts add up to the capacity less the outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub struct FeeBreakdown {
    /// The fee that follows from weight and feerate, owed by the opener, in sat.
    pub weight_fee: Amount,
    /// The part of fee and anchors the opener's balance could not pay, in sat. Zero in any state the rules allow; a
    /// feerate that rises beyond the opener's balance makes it positive (BOLT 3 then takes what there is).
    pub shortfall: Amount,
    /// Anchors the opener paid for that this commitment does not have, in sat.
    pub absent_anchors: Amount,
    /// Balances under the trim limit, after fee and anchors, in sat.
    pub trimmed_balances: Amount,
    /// HTLCs under the trim limit.
    pub trimmed_htlcs: Msat,
    /// Millisatoshi that outputs of whole satoshi cannot hold.
    pub rounding: Msat,
    /// What the shared anchor takes out of the above, in sat.
    pub to_shared_anchor: Amount,
}

impl FeeBreakdown {
    /// The terms summed, in msat: positive ones less negative ones.
    fn sums(&self) -> (u128, u128) {
        let msat = |amount: Amount| u128::from(amount.to_sat()) * 1000;
        let plus = msat(self.weight_fee)
            + msat(self.absent_anchors)
            + msat(self.trimmed_balances)
            + u128::from(self.trimmed_htlcs.to_msat())
            + u128::from(self.rounding.to_msat());
        (plus, msat(self.shortfall) + msat(self.to_shared_anchor))
    }

    /// The fee the transaction pays, in sat.
    pub fn total(&self) -> Amount {
        let (plus, minus) = self.sums();
        Amount::from_sat(u64::try_from(plus.saturating_sub(minus) / 1000).unwrap_or(u64::MAX))
    }

    /// What the outputs exceed the capacity by, if they do.
    pub(super) fn deficit(&self) -> Option<Msat> {
        let (plus, minus) = self.sums();
        let missing = minus.checked_sub(plus).filter(|missing| *missing > 0)?;
        Some(Msat::from_msat(u64::try_from(missing).unwrap_or(u64::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fees_are_those_of_the_published_examples() {
        let fee = |format: CommitmentFormat, kw, htlcs| {
            format.commitment_fee(FeerateKw::from_sat_per_kw(kw), htlcs).to_sat()
        };
        // BOLT 3, appendix C: 15000 sat/kW without HTLCs, 647 sat/kW with five; simple taproot: 968 WU.
        assert_eq!(fee(CommitmentFormat::StaticRemoteKey, 15_000, 0), 10_860);
        assert_eq!(fee(CommitmentFormat::StaticRemoteKey, 647, 5), 1024);
        assert_eq!(fee(CommitmentFormat::TaprootV2, 15_000, 0), 14_520);
        assert_eq!(fee(CommitmentFormat::TaprootV3, 15_000, 3), 0);
        assert_eq!(fee(CommitmentFormat::SegwitAnchors, u32::MAX, usize::MAX), u64::MAX / 1000);
    }
}
