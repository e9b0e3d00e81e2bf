//! Channels and states of them, for tests of limits: consistent ones, and ones the rules could have led to.

use bitcoin::Amount;
use channel_core::bitcoin;
use channel_core::commitment::{CommitmentSpec, CommitmentTerms, SpecUpdate};
use channel_core::dust::TrimLimit;
use channel_core::htlc::Htlc;
use channel_core::limits::ChannelParams;
use channel_core::{CltvExpiry, FeerateKw, HtlcId, Msat, PaymentHash, PerSide, Side};
use proptest::prelude::*;

use crate::common::{format, near_limit_sat, side, trim_sat};

pub(crate) fn htlc(id: u64, offered_by: Side, msat: u64) -> Htlc {
    Htlc {
        id: HtlcId::new(id),
        offered_by,
        amount: Msat::from_msat(msat),
        payment_hash: PaymentHash::from_bytes([7; 32]),
        cltv_expiry: CltvExpiry::new(800_000).expect("a height"),
    }
}

/// A channel and a state of it, both consistent, not always one that the rules would have led to.
pub(crate) fn channel() -> impl Strategy<Value = (ChannelParams, CommitmentSpec)> {
    let htlcs = prop::collection::vec((side(), 1..3_000_000u64), 0..6);
    let limits = (trim_sat(), trim_sat(), 0..200_000_000u64, 0..8u16, 0..3_000_000u64, 0..5_000_000u64);
    let feerate = prop_oneof![Just(0u32), Just(253), 253..20_000u32];
    // Now and then one side holds all bitcoin.
    let held = || prop_oneof![15 => near_limit_sat(), 1 => Just(2_100_000_000_000_000)];
    let balances = (held(), held(), 0..1000u64);
    (format(), side(), htlcs, limits, feerate, balances).prop_map(
        |(format, opener, htlcs, limits, feerate, balances)| {
            let (trim_local, trim_remote, in_flight, slots, minimum, exposure) = limits;
            let trim = |sat| TrimLimit::observed(Amount::from_sat(sat));
            // The remote balance makes up the sum to whole satoshi.
            let local = balances.0 * 1000 + balances.2;
            let in_htlcs: u64 = htlcs.iter().map(|(_, msat)| msat).sum();
            let sum = (local + balances.1 * 1000 + in_htlcs).next_multiple_of(1000);
            let mut start =
                PerSide { local: Msat::from_msat(local), remote: Msat::from_msat(sum - local - in_htlcs) };
            for (side, msat) in &htlcs {
                let balance = start.of_mut(*side);
                *balance = balance.saturating_add(Msat::from_msat(*msat));
            }
            let feerate = FeerateKw::from_sat_per_kw(if format.is_zero_fee() { 0 } else { feerate });
            let adds =
                htlcs.iter().zip(0..).map(|((side, msat), id)| SpecUpdate::Add(htlc(id, *side, *msat)));
            let spec = CommitmentSpec::new(start, feerate)
                .expect("small balances")
                .apply_all(adds)
                .expect("offerers hold their htlcs");
            let mut params = ChannelParams::new(CommitmentTerms {
                format,
                opener,
                capacity: Amount::from_sat(sum / 1000),
                trim: PerSide { local: trim(trim_local), remote: trim(trim_remote) },
            });
            params.limits.local.max_htlc_value_in_flight = Msat::from_msat(in_flight);
            params.limits.remote.max_accepted_htlcs = slots;
            params.limits.remote.htlc_minimum = Msat::from_msat(minimum);
            params.max_dust_exposure = Msat::from_msat(exposure);
            (params, spec)
        },
    )
}

/// What each side must keep: its reserve, and fee and anchors of the dearer commitment if it is the opener.
pub(crate) fn kept_sat(params: &ChannelParams, spec: &CommitmentSpec, side: Side) -> u64 {
    let terms = &params.terms;
    let costs = |owner| terms.opener_costs(spec.feerate(), terms.untrimmed_htlcs(spec, owner)).to_sat();
    let due = if side == terms.opener { costs(Side::Local).max(costs(Side::Remote)) } else { 0 };
    params.limits.of(side).channel_reserve.to_sat() + due
}

/// A channel in a state the rules could have led to: as [`channel`], with what each side must keep added to it.
pub(crate) fn sound_channel() -> impl Strategy<Value = (ChannelParams, CommitmentSpec)> {
    channel().prop_map(|(mut params, mut spec)| {
        // The reserve grows by 1 % of what is added, so each round leaves a hundredth to the next.
        for _ in 0..10 {
            let missing = PerSide::from_fn(|side| {
                kept_sat(&params, &spec, side).saturating_sub(spec.balance(side).to_sat_floor().to_sat())
            });
            let balances = PerSide::from_fn(|side| {
                let in_flight: Msat = spec.view(side).offered().map(|htlc| htlc.amount).sum();
                let added = Msat::from_sat(*missing.of(side)).expect("a small amount");
                spec.balance(side).saturating_add(in_flight).saturating_add(added)
            });
            let adds: Vec<_> = spec.htlcs().map(|htlc| SpecUpdate::Add(*htlc)).collect();
            spec = CommitmentSpec::new(balances, spec.feerate())
                .expect("small balances")
                .apply_all(adds)
                .expect("offerers hold their htlcs");
            params = params.with_capacity(spec.total().to_sat_floor());
        }
        (params, spec)
    })
}
