//! The price of moving liquidity in a circle: out through a source, back through a target.
//!
//! For an amount x at a route price r (ppm) and a chance p of success:
//!
//! ```text
//! EV    = p · [ê_t · u_t(x) − ê_s · u_s(x)] · x  +  p · v_s(x)  −  p · r · x  −  (1 − p) · failure cost
//! r_max = m · ê_t · u_t − ê_s · u_s
//! ```
//!
//! ê is the realised rate, u_t the share of the added x that leaves through the target within the horizon, u_s the
//! share of the removed x that would have left through the source, v_s what the source earns on the inbound room it
//! gains (λ · its inbound rate, for the share that will come in).

use channel_core::{Msat, SignedMsat};

use super::super::evidence::{ChannelFlow, Evidence};
use super::super::rate::{daily_over, share_ppm, signed, wide};

/// What the formula needs of a channel.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Leg {
    /// ê, ppm.
    pub(crate) rate_ppm: u32,
    /// Net outflow over the horizon; negative: inflow.
    pub(crate) drain: SignedMsat,
    /// What can be sent now.
    pub(crate) spendable: Msat,
    /// What can be received now.
    pub(crate) receivable: Msat,
    /// λ · fee_in / amount_in: what a unit that comes in earns for this channel, ppm.
    pub(crate) inbound_rate_ppm: u32,
}

impl Leg {
    /// The leg of a channel with known flow.
    pub(crate) fn new(
        evidence: &Evidence<'_>,
        flow: &ChannelFlow,
        horizon_days: u32,
        split_ppm: u32,
    ) -> Self {
        let credited = flow.fee_in.ppm(u64::from(split_ppm));
        let inbound =
            u128::from(credited.to_msat()) * 1_000_000 / u128::from(flow.amount_in.to_msat().max(1));
        Self {
            rate_ppm: flow.rate_ppm,
            drain: daily_over(flow.drain_per_day, horizon_days),
            spendable: evidence.spendable,
            receivable: evidence.receivable,
            inbound_rate_ppm: u32::try_from(inbound).unwrap_or(u32::MAX),
        }
    }

    /// u_t: the share of an added `amount` that leaves within the horizon, ppm.
    pub(crate) fn added_use_ppm(&self, amount: Msat) -> u32 {
        share_ppm(i128::from(self.drain.to_msat()) - wide(self.spendable), wide(amount))
    }

    /// u_s: the share of a removed `amount` that would have left within the horizon, ppm.
    pub(crate) fn removed_use_ppm(&self, amount: Msat) -> u32 {
        let left = wide(self.spendable) - wide(amount);
        share_ppm(i128::from(self.drain.to_msat()) - left, wide(amount))
    }

    /// The share of the inbound room gained by sending `amount` that will come in within the horizon, ppm.
    fn inbound_use_ppm(&self, amount: Msat) -> u32 {
        share_ppm(-i128::from(self.drain.to_msat()) - wide(self.receivable), wide(amount))
    }
}

/// What a route costs and how likely it works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RoutePrice {
    /// Fee, ppm of the amount.
    pub(crate) fee_ppm: u32,
    /// Chance of success, ppm.
    pub(crate) success_ppm: u32,
}

/// A priced rebalance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RebalanceValue {
    /// Expected earnings of the moved amount over the horizon, p included, forgone earnings of the source deducted.
    pub(crate) benefit: Msat,
    /// Expected cost: p · fee + (1 − p) · failure cost.
    pub(crate) cost: Msat,
    /// Benefit minus cost.
    pub(crate) net: SignedMsat,
    /// r_max, ppm: above it the rebalance is refused.
    pub(crate) max_ppm: u32,
}

/// Prices moving `amount` from `source` to `target`.
pub(crate) fn value(
    source: &Leg,
    target: &Leg,
    amount: Msat,
    route: RoutePrice,
    econ_ratio_ppm: u32,
    failure_cost: Msat,
) -> RebalanceValue {
    const PPM: i128 = 1_000_000;
    let earned = i128::from(target.rate_ppm) * i128::from(target.added_use_ppm(amount));
    let forgone = i128::from(source.rate_ppm) * i128::from(source.removed_use_ppm(amount));
    let inbound = i128::from(source.inbound_rate_ppm) * i128::from(source.inbound_use_ppm(amount));
    let success = i128::from(route.success_ppm.min(1_000_000));
    // Rates are in ppm · ppm here; 10^12 of them are the whole amount.
    let per_unit = earned - forgone + inbound;
    let benefit = scaled(scaled(wide(amount), per_unit, PPM * PPM), success, PPM);
    let fee = (wide(amount) * i128::from(route.fee_ppm) * success + PPM * PPM - 1) / (PPM * PPM);
    let failures = (wide(failure_cost) * (PPM - success) + PPM - 1) / PPM;
    let cost = fee + failures;
    let max_rate = earned * i128::from(econ_ratio_ppm) / PPM - forgone;
    RebalanceValue {
        benefit: super::super::rate::unsigned(benefit),
        cost: super::super::rate::unsigned(cost),
        net: signed(benefit - cost),
        max_ppm: u32::try_from((max_rate / PPM).max(0)).unwrap_or(u32::MAX),
    }
}

/// `value · numerator / denominator` towards minus infinity, held at the ends.
fn scaled(value: i128, numerator: i128, denominator: i128) -> i128 {
    value.checked_mul(numerator).map_or(i128::MAX / 4, |product| product.div_euclid(denominator))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAT: u64 = 1000;

    fn leg(rate_ppm: u32, drain_sat: i64, spendable_sat: u64) -> Leg {
        Leg {
            rate_ppm,
            drain: SignedMsat::from_msat(drain_sat * 1000),
            spendable: Msat::from_msat(spendable_sat * SAT),
            receivable: Msat::from_msat(10_000_000 * SAT),
            inbound_rate_ppm: 0,
        }
    }

    fn route(fee_ppm: u32, success_ppm: u32) -> RoutePrice {
        RoutePrice { fee_ppm, success_ppm }
    }

    #[test]
    fn worked_example_of_a_drained_earner() {
        // 2,000,000 sat will leave at 900 ppm within the horizon, 200,000 are there: all of 1,000,000 added is used.
        let target = leg(900, 2_000_000, 200_000);
        let source = leg(50, 0, 4_000_000);
        let amount = Msat::from_msat(1_000_000 * SAT);
        assert_eq!(target.added_use_ppm(amount), 1_000_000);
        assert_eq!(source.removed_use_ppm(amount), 0);
        let value = value(&source, &target, amount, route(100, 500_000), 650_000, Msat::from_msat(2 * SAT));
        // 1,000,000 · 900 ppm · 0.5 = 450 sat; 1,000,000 · 100 ppm · 0.5 + 2 · 0.5 = 51 sat.
        assert_eq!((value.benefit.to_msat(), value.cost.to_msat()), (450 * SAT, 51 * SAT));
        assert_eq!(value.net.to_msat(), 399_000);
        assert_eq!(value.max_ppm, 585);
    }

    #[test]
    fn half_used_liquidity_is_worth_half() {
        let target = leg(900, 700_000, 200_000);
        let amount = Msat::from_msat(1_000_000 * SAT);
        assert_eq!(target.added_use_ppm(amount), 500_000);
        let value = value(&leg(0, 0, 5_000_000), &target, amount, route(0, 1_000_000), 1_000_000, Msat::ZERO);
        assert_eq!((value.benefit.to_msat(), value.max_ppm), (450 * SAT, 450));
    }

    #[test]
    fn a_source_that_needs_its_coins_makes_it_worthless() {
        let amount = Msat::from_msat(1_000_000 * SAT);
        let target = leg(500, 5_000_000, 0);
        let source = leg(600, 5_000_000, 1_000_000);
        let value = value(&source, &target, amount, route(0, 1_000_000), 1_000_000, Msat::ZERO);
        assert_eq!(source.removed_use_ppm(amount), 1_000_000);
        assert_eq!((value.net.to_msat(), value.max_ppm, value.benefit), (-100 * 1000, 0, Msat::ZERO));
    }

    #[test]
    fn inbound_room_counts_when_it_will_be_used() {
        let amount = Msat::from_msat(1_000_000 * SAT);
        let mut source = leg(0, -3_000_000, 4_000_000);
        source.receivable = Msat::from_msat(2_000_000 * SAT);
        source.inbound_rate_ppm = 40;
        let value = value(&source, &leg(0, 0, 0), amount, route(0, 1_000_000), 1_000_000, Msat::ZERO);
        assert_eq!(value.benefit.to_msat(), 40 * SAT);
    }

    #[test]
    fn extremes_do_not_overflow() {
        let odd = Leg {
            rate_ppm: u32::MAX,
            drain: SignedMsat::from_msat(i64::MAX),
            spendable: Msat::MAX,
            receivable: Msat::MAX,
            inbound_rate_ppm: u32::MAX,
        };
        for amount in [Msat::ZERO, Msat::ONE, Msat::MAX] {
            let value = value(&odd, &odd, amount, route(u32::MAX, u32::MAX), u32::MAX, Msat::MAX);
            assert!(value.cost <= Msat::MAX);
        }
    }
}
