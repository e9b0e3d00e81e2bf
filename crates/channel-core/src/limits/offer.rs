//! Which HTLCs a side may offer (BOLT 2, "Adding an HTLC").

use alloc::vec::Vec;

use bitcoin::Amount;

use super::{ChannelParams, PayableRange, PayableSet, PaymentRefusal};
use crate::commitment::CommitmentSpec;
use crate::dust::{DustExposure, buffered_feerate};
use crate::htlc::HtlcDirection;
use crate::quantity::{FeerateKw, Msat, PerSide, Side};

impl ChannelParams {
    /// Checks whether `by` may offer an HTLC of `amount`.
    ///
    /// An opener keeps its reserve, the anchors, and the fee at twice the feerate with this HTLC and one more (the
    /// fee-spike buffer); an accepter keeps its reserve and does not push the opener below what it must keep. Both
    /// commitments count. Formats without a commitment fee need none of that.
    ///
    /// # Errors
    /// The [`PaymentRefusal`] of the tightest bound the amount meets.
    pub fn check_offer(&self, spec: &CommitmentSpec, by: Side, amount: Msat) -> Result<(), PaymentRefusal> {
        let offer = Offer::new(self, spec, by);
        if amount < offer.minimum() {
            return Err(PaymentRefusal::BelowMinimum { minimum: offer.minimum() });
        }
        let (limit, refusal) = offer.tightest(amount);
        if amount > limit { Err(refusal) } else { Ok(()) }
    }

    /// Every HTLC amount that [`Self::check_offer`] accepts.
    ///
    /// # Errors
    /// When there is none: the [`PaymentRefusal`] of the smallest amount the payee accepts.
    pub fn payable(&self, spec: &CommitmentSpec, by: Side) -> Result<PayableSet, PaymentRefusal> {
        let offer = Offer::new(self, spec, by);
        let ranges = offer.segments().into_iter().filter_map(|segment| {
            let max = segment.max.min(offer.tightest(segment.min).0);
            (segment.min <= max).then_some(PayableRange { min: segment.min, max })
        });
        PayableSet::from_ascending(ranges).ok_or_else(|| offer.tightest(offer.minimum()).1)
    }
}

/// An HTLC about to be offered: what does not depend on its amount.
struct Offer<'a> {
    params: &'a ChannelParams,
    spec: &'a CommitmentSpec,
    by: Side,
    untrimmed: PerSide<usize>,
    exposure: DustExposure,
    in_flight: Msat,
    slots_used: usize,
}

impl<'a> Offer<'a> {
    fn new(params: &'a ChannelParams, spec: &'a CommitmentSpec, by: Side) -> Self {
        Self {
            params,
            spec,
            by,
            untrimmed: PerSide::from_fn(|owner| params.terms.untrimmed_htlcs(spec, owner)),
            exposure: params.dust_exposure(spec),
            in_flight: spec.view(by).offered().map(|htlc| htlc.amount).sum(),
            slots_used: spec.view(by).offered().count(),
        }
    }

    fn minimum(&self) -> Msat {
        self.params.limits.of(self.by.other()).htlc_minimum.max(Msat::ONE)
    }

    /// The largest amount that may be offered, as long as it is trimmed from the same commitments as `probe`, and the
    /// reason why not more.
    fn tightest(&self, probe: Msat) -> (Msat, PaymentRefusal) {
        let mut tightest = self.affordable(probe);
        let mut constrain = |limit, refusal| {
            if limit < tightest.0 {
                tightest = (limit, refusal);
            }
        };
        let payee = self.params.limits.of(self.by.other());
        if self.slots_used >= usize::from(payee.max_accepted_htlcs) {
            constrain(Msat::ZERO, PaymentRefusal::SlotsFull { max: payee.max_accepted_htlcs });
        }
        let left = payee.max_htlc_value_in_flight.saturating_sub(self.in_flight);
        constrain(left, PaymentRefusal::InFlightFull { left });
        if let Some((balance, required)) = self.opener_overcharged(probe) {
            let side = self.params.terms.opener;
            constrain(Msat::ZERO, PaymentRefusal::Unaffordable { side, balance, required });
        }
        let buffered = buffered_feerate(self.params.terms.format, self.spec.feerate());
        for commitment in Side::ALL {
            if probe < self.smallest_kept(commitment, buffered) {
                let left = self.exposure.left(commitment, self.params.max_dust_exposure);
                constrain(left, PaymentRefusal::DustExposure { commitment, left });
            }
        }
        tightest
    }

    /// What the payer can spend above all it must keep.
    fn affordable(&self, probe: Msat) -> (Msat, PaymentRefusal) {
        let (params, side) = (self.params, self.by);
        let costs = if side == params.terms.opener { self.buffered_costs(probe) } else { Amount::ZERO };
        let (balance, required) = (self.spec.balance(side), params.required(side, costs));
        (balance.saturating_sub(required), PaymentRefusal::Unaffordable { side, balance, required })
    }

    /// The opener's costs at twice the feerate, with this HTLC and one more output.
    fn buffered_costs(&self, probe: Msat) -> Amount {
        let feerate = self.spec.feerate();
        let spike = FeerateKw::from_sat_per_kw(feerate.to_sat_per_kw().saturating_mul(2));
        let costs = |owner| {
            let this = usize::from(probe >= self.smallest_kept(owner, feerate));
            self.params.terms.opener_costs(spike, self.untrimmed.of(owner) + this + 1)
        };
        costs(Side::Local).max(costs(Side::Remote))
    }

    /// The opener's balance and what it must keep, when an output for the accepter's HTLC would cost it too much.
    fn opener_overcharged(&self, probe: Msat) -> Option<(Msat, Msat)> {
        let opener = self.params.terms.opener;
        if self.by == opener || self.params.terms.format.is_zero_fee() {
            return None;
        }
        let feerate = self.spec.feerate();
        let balance = self.spec.balance(opener);
        let required = Side::ALL
            .into_iter()
            .filter(|owner| probe >= self.smallest_kept(*owner, feerate))
            .map(|owner| self.params.terms.opener_costs(feerate, self.untrimmed.of(owner) + 1))
            .max()
            .map(|costs| self.params.required(opener, costs))?;
        (balance < required).then_some((balance, required))
    }

    /// The smallest amount that has an output on the commitment of `owner`, in msat.
    fn smallest_kept(&self, owner: Side, feerate: FeerateKw) -> Msat {
        let terms = &self.params.terms;
        let direction = if self.by == owner { HtlcDirection::Offered } else { HtlcDirection::Accepted };
        super::msat(terms.trim.of(owner).smallest_htlc(terms.format, direction, feerate))
    }

    /// The amounts from the minimum on, cut where an output appears on a commitment: inside a segment nothing but the
    /// amount itself changes.
    fn segments(&self) -> Vec<PayableRange> {
        let feerate = self.spec.feerate();
        let buffered = buffered_feerate(self.params.terms.format, feerate);
        let mut cuts: Vec<Msat> = Side::ALL
            .into_iter()
            .flat_map(|owner| [feerate, buffered].map(|rate| self.smallest_kept(owner, rate)))
            .filter(|cut| *cut > self.minimum())
            .collect();
        cuts.push(self.minimum());
        cuts.sort_unstable();
        cuts.dedup();
        let ends = cuts.iter().skip(1).map(|next| next.saturating_sub(Msat::ONE)).chain([Msat::MAX]);
        cuts.iter().zip(ends).map(|(min, max)| PayableRange { min: *min, max }).collect()
    }
}
