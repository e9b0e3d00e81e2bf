//! A listed channel in the terms of `channel_core`, so that the advice follows the same rules as running channels.
//!
//! Listings leave things out. Where the opener is not listed, a rule that charges the opener is asked for each side as
//! if that side were it: either is held to be able to pay.

use bitcoin::Amount;
use channel_core::commitment::{CommitmentOutputs, CommitmentSpec, CommitmentTerms};
use channel_core::dust::{DustExposure, buffered_feerate};
use channel_core::htlc::Htlc;
use channel_core::limits::{ChannelLimits, ChannelParams};
use channel_core::quantity::PerSide;
use channel_core::{CltvExpiry, FeerateKw, HtlcId, Msat, PaymentHash, Side};

use super::terms::Terms;
use crate::snapshot::{ChannelSnapshot, HtlcDirection, HtlcSnapshot};

/// Listings need not tell when an HTLC times out or its hash, and no limit depends on either.
const ANY_EXPIRY: CltvExpiry = match CltvExpiry::new(1) {
    Ok(expiry) => expiry,
    Err(_) => panic!("1 is a block height"),
};

/// The state of a listed channel.
pub(super) struct State<'a> {
    channel: &'a ChannelSnapshot,
    terms: &'a Terms,
    /// The pending HTLCs, their ids being positions in the listing; none where the listing does not show them.
    htlcs: Vec<Htlc>,
    spec: CommitmentSpec,
}

impl<'a> State<'a> {
    /// The state of a channel under its terms.
    pub(super) fn of(channel: &'a ChannelSnapshot, terms: &'a Terms) -> Self {
        let listed = (0..).zip(channel.htlcs.iter().flatten());
        // An HTLC of nothing moves nothing, and no implementation has one.
        let htlcs: Vec<_> =
            listed.filter(|(_, htlc)| !htlc.amount.is_zero()).map(|(id, htlc)| in_flight(id, htlc)).collect();
        let spec = spec(channel, terms.feerate, &htlcs);
        Self { channel, terms, htlcs, spec }
    }

    /// The pending HTLCs.
    pub(super) fn htlcs(&self) -> &[Htlc] {
        &self.htlcs
    }

    /// The balance of a side, before fees.
    pub(super) const fn balance(&self, side: Side) -> Msat {
        self.spec.balance(side)
    }

    /// The most `side` can send in one more HTLC; zero when it can send none.
    pub(super) fn sendable(&self, side: Side) -> Msat {
        self.params(side).payable(&self.spec, side).map_or(Msat::ZERO, |amounts| amounts.max())
    }

    /// The most that we can splice out, our share of the fee included; zero when nothing can leave.
    pub(super) fn splice_out_maximum(&self) -> Amount {
        let maximum = self.params(Side::Local).next_splice_out_maximum(&self.spec, Side::Local);
        maximum.unwrap_or(Amount::ZERO)
    }

    /// The outputs of the commitment of `owner`, paid for by the opener; by `payer` where the opener is not listed.
    pub(super) fn outputs(&self, owner: Side, payer: Side) -> CommitmentOutputs {
        let terms = self.params(payer).terms;
        CommitmentOutputs::observed(&terms, &self.spec, owner, |htlc| self.is_trimmed(htlc, owner))
    }

    /// Fee and anchors that `side` pays for a commitment with this many HTLC outputs, or may have to pay.
    pub(super) fn costs_of(&self, side: Side, untrimmed_htlcs: usize) -> Msat {
        if !self.terms.may_be_opener(side) {
            return Msat::ZERO;
        }
        let costs = self.params(side).terms.opener_costs(self.terms.feerate, untrimmed_htlcs);
        Msat::try_from(costs).unwrap_or(Msat::MAX)
    }

    /// The HTLCs without an output on each commitment at the buffered feerate, the sum that implementations cap. What
    /// the listing itself calls trimmed counts on ours.
    pub(super) fn exposure(&self) -> PerSide<Msat> {
        let Terms { format, trim, feerate, .. } = *self.terms;
        let by_rule = DustExposure::of(&self.htlcs, format, trim, feerate);
        let buffered = buffered_feerate(format, feerate);
        let only_told = self
            .htlcs
            .iter()
            .filter(|htlc| self.told(htlc) == Some(true) && !self.trims_at(htlc, Side::Local, buffered));
        let told: Msat = only_told.map(|htlc| htlc.amount).sum();
        PerSide { local: by_rule.on(Side::Local).saturating_add(told), remote: by_rule.on(Side::Remote) }
    }

    /// True when the commitment of `owner` has no output for an HTLC. What our own listing says of our own wins.
    pub(super) fn is_trimmed(&self, htlc: &Htlc, owner: Side) -> bool {
        let told = self.told(htlc).filter(|_| owner == Side::Local);
        told.unwrap_or_else(|| self.trims_at(htlc, owner, self.terms.feerate))
    }

    /// True when the commitment of `owner` would have no output for an HTLC at a feerate.
    pub(super) fn trims_at(&self, htlc: &Htlc, owner: Side, feerate: FeerateKw) -> bool {
        let limit = self.terms.trim.of(owner);
        limit.trims_htlc(htlc.amount, self.terms.format, htlc.direction(owner), feerate)
    }

    /// True when the commitment of `owner` has no output for a balance that is `value` after fee and anchors.
    pub(super) fn trims_balance(&self, value: Msat, owner: Side) -> bool {
        self.terms.trim.of(owner).trims_output(value.to_sat_floor())
    }

    /// What the listing says about an HTLC on our commitment.
    fn told(&self, htlc: &Htlc) -> Option<bool> {
        let at = usize::try_from(htlc.id.to_u64()).ok()?;
        self.channel.htlcs.as_ref()?.get(at)?.trimmed_local
    }

    /// All that the channel is judged by, opened by `payer` where the listing does not tell.
    fn params(&self, payer: Side) -> ChannelParams {
        let (channel, terms) = (self.channel, self.terms);
        let mut params = ChannelParams::new(CommitmentTerms {
            format: terms.format,
            opener: terms.opener.unwrap_or(payer),
            capacity: channel.capacity.to_sat_floor(),
            trim: terms.trim,
        });
        // The listing says what each side may offer; it is the other side's limit on what it accepts.
        let limits = |side: Side, in_flight: Option<Msat>, slots: Option<u16>| ChannelLimits {
            channel_reserve: terms.reserve.of(side).to_sat_floor(),
            max_htlc_value_in_flight: in_flight.unwrap_or(Msat::MAX),
            max_accepted_htlcs: slots.unwrap_or(terms.format.max_accepted_htlcs()),
            htlc_minimum: Msat::ONE,
        };
        params.limits = PerSide {
            local: limits(Side::Local, channel.max_in_flight_remote, None),
            remote: limits(Side::Remote, channel.max_in_flight_local, channel.max_accepted_htlcs),
        };
        params.max_dust_exposure = terms.max_dust_exposure;
        params
    }
}

fn in_flight(id: u64, listed: &HtlcSnapshot) -> Htlc {
    Htlc {
        id: HtlcId::new(id),
        offered_by: match listed.direction {
            HtlcDirection::Outgoing => Side::Local,
            HtlcDirection::Incoming => Side::Remote,
        },
        amount: listed.amount,
        payment_hash: PaymentHash::from_bytes([0; 32]),
        cltv_expiry: ANY_EXPIRY,
    }
}

/// The listed balances and HTLCs. Figures beyond 64 bits, which no channel has, are cut to what fits.
fn spec(channel: &ChannelSnapshot, feerate: FeerateKw, htlcs: &[Htlc]) -> CommitmentSpec {
    let balances = PerSide { local: channel.local, remote: channel.remote };
    CommitmentSpec::with_htlcs(balances, feerate, htlcs.iter().copied()).unwrap_or_else(|_| {
        let remote = channel.remote.min(Msat::MAX.saturating_sub(channel.local));
        let mut left = Msat::MAX.saturating_sub(channel.local).saturating_sub(remote);
        let fitting = htlcs.iter().copied().filter(|htlc| {
            let rest = left.checked_sub(htlc.amount);
            left = rest.unwrap_or(left);
            rest.is_some()
        });
        CommitmentSpec::with_htlcs(PerSide { local: channel.local, remote }, feerate, fitting)
            .expect("the amounts were cut to fit, no HTLC is empty and each position is one HTLC's")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::economic::terms::Gaps;
    use crate::snapshot::{ChannelKey, CommitmentKind, Implementation};

    fn sat(sat: u64) -> Msat {
        Msat::from_msat(sat * 1000)
    }

    /// 1,000,000 sat, 400,000 ours, at 1,000 sat/kW, dust limits of 354 and 546 sat, opener not listed.
    fn channel() -> ChannelSnapshot {
        let mut channel =
            ChannelSnapshot::new(ChannelKey::new("a"), sat(1_000_000), sat(400_000), sat(600_000));
        channel.commitment = CommitmentKind::Anchors;
        channel.feerate = Some(FeerateKw::from_sat_per_kw(1000));
        channel.dust_limit_local = Some(Amount::from_sat(354));
        channel.dust_limit_remote = Some(Amount::from_sat(546));
        channel
    }

    fn with_state<T>(channel: &ChannelSnapshot, ask: impl Fn(&State<'_>) -> T) -> T {
        let terms = Terms::of(channel, Implementation::Cln, FeerateKw::ZERO, &mut Gaps::default());
        ask(&State::of(channel, &terms))
    }

    #[test]
    fn a_splice_out_leaves_the_reserve_of_the_smaller_channel() {
        let mut channel = channel();
        let maximum = |channel: &ChannelSnapshot| {
            with_state(channel, |state| {
                let maximum = state.splice_out_maximum();
                assert!(maximum <= channel.local.to_sat_floor());
                maximum
            })
        };
        channel.opener = Some(Side::Remote);
        // 400,000 − w ≥ (1,000,000 − w) / 100, and one satoshi more would not be.
        let most = maximum(&channel).to_sat();
        assert!(400_000 - most >= (1_000_000 - most) / 100);
        assert!(400_000 - (most + 1) < (1_000_000 - (most + 1)) / 100);
        // An opener, or who may be one, keeps 1,124 sat of fee and 660 of anchors as well.
        channel.opener = Some(Side::Local);
        channel.local = sat(400_000 + 1124 + 660);
        assert_eq!(maximum(&channel).to_sat(), most);
        channel.opener = None;
        assert_eq!(maximum(&channel).to_sat(), most);
        channel.local = sat(300);
        assert_eq!(maximum(&channel), Amount::ZERO);
    }

    #[test]
    fn without_a_listed_opener_each_side_pays() {
        let costs = |opener| {
            let channel = ChannelSnapshot { opener, ..channel() };
            with_state(&channel, |state| Side::ALL.map(|side| state.costs_of(side, 0)))
        };
        let (all, none) = (sat(1124 + 660), Msat::ZERO);
        assert_eq!(costs(None), [all, all]);
        assert_eq!(costs(Some(Side::Local)), [all, none]);
        assert_eq!(costs(Some(Side::Remote)), [none, all]);
    }

    #[test]
    fn impossible_figures_are_cut_to_what_fits() {
        let mut channel = channel();
        channel.remote = Msat::MAX;
        let huge = HtlcSnapshot::new(HtlcDirection::Outgoing, Msat::MAX);
        let empty = HtlcSnapshot::new(HtlcDirection::Outgoing, Msat::ZERO);
        channel.htlcs = Some(vec![huge, empty, huge]);
        with_state(&channel, |state| {
            assert_eq!(state.balance(Side::Local), sat(400_000));
            assert_eq!(state.balance(Side::Remote), Msat::MAX.saturating_sub(sat(400_000)));
            assert_eq!(state.htlcs().len(), 2);
            assert!(state.outputs(Side::Local, Side::Local).htlcs.is_empty());
        });
    }
}
