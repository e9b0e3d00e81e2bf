//! Limits: what each side must keep and accepts, and what follows from it for the next payment, fee or splice.
//!
//! Every answer is exact: [`PayableSet`] holds precisely the amounts that [`ChannelParams::check_offer`] accepts, and
//! the splice-out maximum is the last satoshi that [`ChannelParams::check_splice_out`] accepts.

mod error;
mod feerate;
mod offer;
mod payable;
mod splice;
mod transfer;

pub use error::{FeerateRefusal, ParamsError, PaymentRefusal, SpliceOutRefusal};
pub use payable::{NearestPayable, PayableRange, PayableSet};

use bitcoin::Amount;

use crate::commitment::{CommitmentSpec, CommitmentTerms};
use crate::dust::{DustExposure, TrimLimit};
use crate::quantity::{Msat, PerSide, Side};

/// What binds one side of a channel, beside its trim limit (which stands in [`CommitmentTerms`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct ChannelLimits {
    /// What this side must keep and cannot pay out, in sat. (BOLT 2: the *other* side's message sets it.)
    #[cfg_attr(
        feature = "serde",
        serde(rename = "channel_reserve_sat", with = "bitcoin::amount::serde::as_sat")
    )]
    pub channel_reserve: Amount,
    /// The sum of HTLCs this side accepts at one time, in msat.
    #[cfg_attr(feature = "serde", serde(rename = "max_htlc_value_in_flight_msat"))]
    pub max_htlc_value_in_flight: Msat,
    /// The number of HTLCs this side accepts at one time.
    pub max_accepted_htlcs: u16,
    /// The smallest HTLC this side accepts, in msat.
    #[cfg_attr(feature = "serde", serde(rename = "htlc_minimum_msat"))]
    pub htlc_minimum: Msat,
}

/// Terms and limits of a channel: all that a spec is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct ChannelParams {
    /// What both commitments have in common.
    pub terms: CommitmentTerms,
    /// What binds each side.
    pub limits: PerSide<ChannelLimits>,
    /// The most that may be trimmed from HTLCs on either commitment, in msat.
    #[cfg_attr(feature = "serde", serde(rename = "max_dust_exposure_msat"))]
    pub max_dust_exposure: Msat,
}

impl ChannelParams {
    /// 50,000 sat: the dust exposure Core Lightning and Eclair allow.
    pub const DEFAULT_MAX_DUST_EXPOSURE: Msat = Msat::from_msat(50_000_000);

    /// The widest limits the rules allow: the reserve of [`Self::reserve_for`], HTLCs from 1 msat up to the capacity, as
    /// many as the format holds, and [`Self::DEFAULT_MAX_DUST_EXPOSURE`].
    pub fn new(terms: CommitmentTerms) -> Self {
        let limits = ChannelLimits {
            channel_reserve: Self::reserve_for(terms.capacity, terms.trim),
            max_htlc_value_in_flight: msat(terms.capacity),
            max_accepted_htlcs: terms.format.max_accepted_htlcs(),
            htlc_minimum: Msat::ONE,
        };
        Self {
            terms,
            limits: PerSide { local: limits, remote: limits },
            max_dust_exposure: Self::DEFAULT_MAX_DUST_EXPOSURE,
        }
    }

    /// The reserve of both sides: 1 % of the capacity rounded down, but not less than a trim limit (BOLT 2, channel
    /// establishment v2 and splicing). Both trim limits count, so that a side at its reserve has an output on either
    /// commitment.
    pub fn reserve_for(capacity: Amount, trim: PerSide<TrimLimit>) -> Amount {
        let smallest = trim.local.max(trim.remote).to_amount();
        smallest.max(Amount::from_sat(capacity.to_sat() / 100))
    }

    /// The same channel with another capacity, as a splice leaves it: reserves are computed anew and limits that allowed
    /// the whole capacity still do.
    #[must_use]
    pub fn with_capacity(mut self, capacity: Amount) -> Self {
        let whole = msat(self.terms.capacity);
        for side in Side::ALL {
            let limits = self.limits.of_mut(side);
            limits.channel_reserve = Self::reserve_for(capacity, self.terms.trim);
            if limits.max_htlc_value_in_flight == whole {
                limits.max_htlc_value_in_flight = msat(capacity);
            }
        }
        self.terms.capacity = capacity;
        self
    }

    /// Checks that the parameters can govern a channel.
    ///
    /// # Errors
    /// [`ParamsError`] for a capacity beyond the supply, a reserve that would let an update trim every output, or a
    /// number of HTLCs the format cannot hold.
    pub fn validate(&self) -> Result<(), ParamsError> {
        if self.terms.capacity > Amount::MAX_MONEY {
            return Err(ParamsError::CapacityAboveSupply { capacity: self.terms.capacity });
        }
        let smallest = self.terms.trim.local.max(self.terms.trim.remote);
        for side in Side::ALL {
            let limits = self.limits.of(side);
            // A shared anchor is always there, so only the other formats could end without an output.
            if !self.terms.format.is_zero_fee() && smallest.trims_output(limits.channel_reserve) {
                return Err(ParamsError::ReserveBelowTrimLimit {
                    side,
                    reserve: limits.channel_reserve,
                    smallest,
                });
            }
            let max = self.terms.format.max_accepted_htlcs();
            if limits.max_accepted_htlcs > max {
                return Err(ParamsError::TooManyHtlcs { side, max, proposed: limits.max_accepted_htlcs });
            }
        }
        Ok(())
    }

    /// The HTLCs of `spec` that have no output, per commitment.
    pub fn dust_exposure(&self, spec: &CommitmentSpec) -> DustExposure {
        DustExposure::of(spec.htlcs(), self.terms.format, self.terms.trim, spec.feerate())
    }

    /// Everything `side` may do next.
    pub fn available(&self, spec: &CommitmentSpec, side: Side) -> AvailableBalances {
        let dust_exposure = self.dust_exposure(spec);
        AvailableBalances {
            offer: self.payable(spec, side),
            transfer: self.transferable(spec, side),
            dust_exposure,
            dust_exposure_left: PerSide::from_fn(|owner| dust_exposure.left(owner, self.max_dust_exposure)),
            next_splice_out_maximum: self.next_splice_out_maximum(spec, side),
        }
    }

    /// Fee and anchors of the dearer of the two commitments as they are, if `side` is the one who pays them.
    fn costs_of(&self, spec: &CommitmentSpec, side: Side) -> Amount {
        if side != self.terms.opener {
            return Amount::ZERO;
        }
        let costs = |owner| self.terms.opener_costs(spec.feerate(), self.terms.untrimmed_htlcs(spec, owner));
        costs(Side::Local).max(costs(Side::Remote))
    }

    /// The reserve of `side` and these costs, in msat.
    fn required(&self, side: Side, costs: Amount) -> Msat {
        msat(self.limits.of(side).channel_reserve).saturating_add(msat(costs))
    }
}

/// What one side of a channel may do next, each with the reason when it may not.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AvailableBalances {
    /// The HTLC amounts the side may offer.
    pub offer: Result<PayableSet, PaymentRefusal>,
    /// The amounts the side may pay directly, without an HTLC.
    pub transfer: Result<PayableSet, PaymentRefusal>,
    /// The HTLCs that are trimmed now.
    pub dust_exposure: DustExposure,
    /// What may still be trimmed on each commitment.
    pub dust_exposure_left: PerSide<Msat>,
    /// The most the side may splice out, its share of the fee included, in sat.
    pub next_splice_out_maximum: Result<Amount, SpliceOutRefusal>,
}

/// An on-chain amount in msat; beyond 64 bits the largest amount, which no balance reaches.
pub(crate) fn msat(amount: Amount) -> Msat {
    Msat::try_from(amount).unwrap_or(Msat::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::CommitmentFormat;

    fn params(format: CommitmentFormat, capacity: u64) -> ChannelParams {
        let limit = |sat| TrimLimit::observed(Amount::from_sat(sat));
        ChannelParams::new(CommitmentTerms {
            format,
            opener: Side::Local,
            capacity: Amount::from_sat(capacity),
            trim: PerSide { local: limit(354), remote: limit(546) },
        })
    }

    #[test]
    fn the_reserve_is_one_percent_but_covers_both_trim_limits() {
        for (capacity, reserve) in [(0, 546), (54_699, 546), (54_700, 547), (1_000_099, 10_000)] {
            let params = params(CommitmentFormat::TaprootV3, capacity);
            assert_eq!(params.limits.local.channel_reserve.to_sat(), reserve);
            assert_eq!(
                params.with_capacity(Amount::from_sat(100_000)).limits.remote.channel_reserve.to_sat(),
                1000
            );
        }
    }

    #[test]
    fn another_capacity_keeps_narrower_limits() {
        let mut params = params(CommitmentFormat::TaprootV3, 100_000);
        params.limits.local.max_htlc_value_in_flight = Msat::from_msat(7);
        let grown = params.with_capacity(Amount::from_sat(200_000));
        assert_eq!(grown.limits.local.max_htlc_value_in_flight, Msat::from_msat(7));
        assert_eq!(grown.limits.remote.max_htlc_value_in_flight, Msat::from_msat(200_000_000));
    }

    #[test]
    fn parameters_that_cannot_govern_a_channel_are_refused() {
        for format in CommitmentFormat::ALL {
            let good = params(format, 1_000_000);
            assert_eq!(good.validate(), Ok(()));
            let mut low = good;
            low.limits.remote.channel_reserve = Amount::from_sat(545);
            assert_eq!(low.validate().is_ok(), format.is_zero_fee(), "{format:?}");
            let mut crowded = good;
            crowded.limits.local.max_accepted_htlcs = format.max_accepted_htlcs() + 1;
            assert!(matches!(crowded.validate(), Err(ParamsError::TooManyHtlcs { side: Side::Local, .. })));
        }
        let huge = params(CommitmentFormat::TaprootV3, 2_100_000_000_000_001);
        assert!(matches!(huge.validate(), Err(ParamsError::CapacityAboveSupply { .. })));
    }
}
