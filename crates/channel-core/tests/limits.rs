//! Limits against independent rules: payable amounts, direct payments, feerates and splice-outs are exact.

#[path = "common/channels.rs"]
mod channels;
mod common;

use bitcoin::Amount;
use channel_core::bitcoin;
use channel_core::commitment::{CommitmentOutputs, CommitmentSpec, CommitmentTerms, SpecUpdate};
use channel_core::dust::{DustExposure, TrimLimit};
use channel_core::limits::{ChannelParams, FeerateRefusal, PaymentRefusal, SpliceOutRefusal};
use channel_core::{CommitmentFormat, FeerateKw, HtlcId, Msat, PerSide, Side};
use proptest::prelude::*;

use channels::{channel, htlc, kept_sat, sound_channel};
use common::{near_limit_msat, side};

/// BOLT 2's rules for adding an HTLC, said once more in terms of the state that would follow.
fn rules_allow_offer(params: &ChannelParams, spec: &CommitmentSpec, by: Side, amount: Msat) -> bool {
    let terms = &params.terms;
    let payee = params.limits.of(by.other());
    let id = spec.htlcs().map(|htlc| htlc.id.to_u64()).max().map_or(0, |last| last + 1);
    let Ok(next) = spec.apply(SpecUpdate::Add(htlc(id, by, amount.to_msat()))) else { return false };
    let offered = || next.view(by).offered();
    let fits = amount >= payee.htlc_minimum
        && offered().count() <= usize::from(payee.max_accepted_htlcs)
        && offered().map(|htlc| htlc.amount).sum::<Msat>() <= payee.max_htlc_value_in_flight;
    let keeps = |side: Side, feerate: FeerateKw, outputs: usize| {
        let reserve = params.limits.of(side).channel_reserve.to_sat();
        let costs = if side == terms.opener { terms.opener_costs(feerate, outputs).to_sat() } else { 0 };
        next.balance(side).to_msat() >= (reserve + costs) * 1000
    };
    let twice = FeerateKw::from_sat_per_kw(spec.feerate().to_sat_per_kw() * 2);
    let affordable = Side::ALL.into_iter().all(|owner| {
        let outputs = terms.untrimmed_htlcs(&next, owner);
        let grows = outputs > terms.untrimmed_htlcs(spec, owner);
        let opener_pays_more = by != terms.opener && grows && !terms.format.is_zero_fee();
        keeps(by, twice, outputs + 1) && (!opener_pays_more || keeps(terms.opener, spec.feerate(), outputs))
    });
    let (before, after) = (params.dust_exposure(spec), params.dust_exposure(&next));
    let exposed = Side::ALL
        .into_iter()
        .any(|owner| after.on(owner) > before.on(owner) && after.on(owner) > params.max_dust_exposure);
    fits && affordable && !exposed
}

/// Every whole satoshi up to 4000 with its neighbours, and a few amounts beyond.
fn probes() -> impl Iterator<Item = Msat> {
    let near = (0..4000u64).flat_map(|sat| [(sat * 1000).saturating_sub(1), sat * 1000, sat * 1000 + 1]);
    near.chain((4..70u64).map(|ksat| ksat * 1_000_000)).chain([u64::MAX]).map(Msat::from_msat)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_side_can_offer_exactly_what_the_rules_allow((params, spec) in channel(), by in side()) {
        let set = params.payable(&spec, by);
        for amount in probes() {
            let allowed = rules_allow_offer(&params, &spec, by, amount);
            prop_assert_eq!(params.check_offer(&spec, by, amount).is_ok(), allowed, "{}", amount);
            prop_assert_eq!(set.as_ref().is_ok_and(|set| set.contains(amount)), allowed, "{}", amount);
        }
    }
}

proptest! {
    #[test]
    fn one_msat_beyond_each_end_of_a_payable_range_is_refused((params, spec) in channel(), by in side()) {
        match params.payable(&spec, by) {
            Ok(set) => for range in set.ranges() {
                prop_assert_eq!(params.check_offer(&spec, by, range.min), Ok(()));
                prop_assert_eq!(params.check_offer(&spec, by, range.max), Ok(()));
                let above = range.max.saturating_add(Msat::ONE);
                prop_assert!(params.check_offer(&spec, by, above).is_err());
                let below = range.min.saturating_sub(Msat::ONE);
                prop_assert!(params.check_offer(&spec, by, below).is_err());
            },
            Err(reason) => {
                let minimum = params.limits.of(by.other()).htlc_minimum.max(Msat::ONE);
                prop_assert_eq!(params.check_offer(&spec, by, minimum), Err(reason));
            }
        }
    }

    #[test]
    fn direct_payments_stop_at_reserve_fee_and_anchors((params, spec) in sound_channel(), from in side()) {
        let max = params.transferable(&spec, from).map_or(Msat::ZERO, |set| set.max());
        prop_assert!(params.check_transfer(&spec, from, max.saturating_add(Msat::ONE)).is_err());
        prop_assert!(params.check_transfer(&spec, from, Msat::ZERO).is_err());
        if !max.is_zero() {
            prop_assert_eq!(params.check_transfer(&spec, from, max), Ok(()));
            let next = spec.apply(SpecUpdate::Transfer { from, amount: max }).unwrap();
            for owner in Side::ALL {
                // The payer keeps an output on both commitments; the opener has paid for both in full.
                let outputs = CommitmentOutputs::of(&params.terms, &next, owner).unwrap();
                prop_assert!(outputs.balance_output(from).is_some());
                prop_assert!(from != params.terms.opener || outputs.fee.shortfall == Amount::ZERO);
            }
        }
    }

    #[test]
    fn what_is_allowed_can_be_built_and_has_no_output_under_its_limit(
        (params, start) in sound_channel(),
        steps in prop::collection::vec((0..5u8, side(), 0..6u64, near_limit_msat(), any::<u16>()), 1..20),
    ) {
        for side in Side::ALL {
            prop_assert!(start.balance(side).to_msat() >= kept_sat(&params, &start, side) * 1000);
        }
        let mut spec = start;
        for (kind, side, id, msat, feerate) in steps {
            let amount = Msat::from_msat(msat);
            let feerate = FeerateKw::from_sat_per_kw(u32::from(feerate));
            let id = HtlcId::new(id);
            let update = match kind {
                0 if params.check_offer(&spec, side, amount).is_ok() => SpecUpdate::Add(htlc(id.to_u64() + 10, side, msat)),
                1 if params.check_transfer(&spec, side, amount).is_ok() => SpecUpdate::Transfer { from: side, amount },
                2 if params.check_feerate(&spec, feerate).is_ok() => SpecUpdate::Feerate(feerate),
                3 => SpecUpdate::Fulfill { offered_by: side, id },
                _ => SpecUpdate::Fail { offered_by: side, id },
            };
            spec = spec.apply(update).unwrap_or(spec);
            for owner in Side::ALL {
                let outputs = CommitmentOutputs::of(&params.terms, &spec, owner).unwrap();
                prop_assert_eq!(outputs.fee.shortfall, Amount::ZERO);
                let limit = params.terms.trim.of(owner);
                let mains = [outputs.to_local, outputs.to_remote].into_iter().flatten();
                let values = mains.chain(outputs.htlcs.iter().map(|htlc| htlc.value));
                prop_assert!(values.into_iter().all(|value| !limit.trims_output(value)));
                let sum: u64 = outputs.values().map(Amount::to_sat).sum();
                prop_assert_eq!(sum + outputs.fee.total().to_sat(), params.terms.capacity.to_sat());
            }
        }
    }

    #[test]
    fn the_splice_out_maximum_is_the_last_satoshi_that_fits((params, spec) in channel(), side in side()) {
        let sat = Amount::from_sat;
        match params.next_splice_out_maximum(&spec, side) {
            Ok(max) => {
                prop_assert_eq!(params.check_splice_out(&spec, side, max), Ok(()));
                prop_assert!(params.check_splice_out(&spec, side, max + Amount::ONE_SAT).is_err());
            }
            Err(reason) => prop_assert_eq!(params.check_splice_out(&spec, side, sat(1)), Err(reason)),
        }
        prop_assert!(params.check_splice_out(&spec, side, Amount::MAX).is_err());
    }

    #[test]
    fn exposure_of_an_offer_never_passes_the_cap((params, spec) in channel(), by in side(), msat in near_limit_msat()) {
        let amount = Msat::from_msat(msat);
        if params.check_offer(&spec, by, amount).is_ok() {
            let next = spec.apply(SpecUpdate::Add(htlc(99, by, msat))).unwrap();
            let (before, after) = (params.dust_exposure(&spec), params.dust_exposure(&next));
            for owner in Side::ALL {
                prop_assert!(after.on(owner) >= before.on(owner));
                prop_assert!(after.on(owner) <= params.max_dust_exposure.max(before.on(owner)));
            }
        }
    }
}

fn params(format: CommitmentFormat, capacity: u64) -> ChannelParams {
    let limit = TrimLimit::observed(Amount::from_sat(546));
    ChannelParams::new(CommitmentTerms {
        format,
        opener: Side::Local,
        capacity: Amount::from_sat(capacity),
        trim: PerSide { local: limit, remote: limit },
    })
}

fn spec(local_sat: u64, remote_sat: u64, kw: u32) -> CommitmentSpec {
    let balance = |sat| Msat::from_sat(sat).expect("a small amount");
    let balances = PerSide { local: balance(local_sat), remote: balance(remote_sat) };
    CommitmentSpec::new(balances, FeerateKw::from_sat_per_kw(kw)).expect("small balances")
}

#[test]
fn a6_the_openers_maximum_is_balance_less_reserve_anchors_and_buffered_fee() {
    // 25000 - 546 - 660 - (968 + 172 x 2) x 2 x 253 / 1000 = 25000 - 546 - 660 - 663
    let params = params(CommitmentFormat::TaprootV2, 50_000);
    let spec = spec(25_000, 25_000, 253);
    assert_eq!(
        params.payable(&spec, Side::Local).unwrap().max(),
        Msat::from_sat(25_000 - 546 - 660 - 663).unwrap()
    );
    assert_eq!(params.payable(&spec, Side::Remote).unwrap().max(), Msat::from_sat(25_000 - 546).unwrap());
    // Without a commitment fee the opener's maximum is the same as the accepter's.
    let zero_fee = self::params(CommitmentFormat::TaprootV3, 50_000);
    let spec = self::spec(25_000, 25_000, 0);
    assert_eq!(zero_fee.payable(&spec, Side::Local).unwrap().max(), Msat::from_sat(25_000 - 546).unwrap());
}

#[test]
fn a6_the_maximum_heeds_in_flight_slots_minimum_and_dust_exposure() {
    let mut params = params(CommitmentFormat::TaprootV3, 50_000);
    let spec = spec(25_000, 25_000, 0);
    params.limits.remote.max_htlc_value_in_flight = Msat::from_msat(9_000_000);
    assert_eq!(params.payable(&spec, Side::Local).unwrap().max(), Msat::from_msat(9_000_000));

    params.max_dust_exposure = Msat::from_msat(200_000);
    let with_gap = params.payable(&spec, Side::Local).unwrap();
    let ends: Vec<_> =
        with_gap.ranges().iter().map(|range| (range.min.to_msat(), range.max.to_msat())).collect();
    assert_eq!(ends, [(1, 200_000), (546_000, 9_000_000)]);

    params.limits.remote.htlc_minimum = Msat::from_msat(9_000_001);
    let left = Msat::from_msat(9_000_000);
    assert_eq!(params.payable(&spec, Side::Local), Err(PaymentRefusal::InFlightFull { left }));
    let minimum = Msat::from_msat(9_000_001);
    assert_eq!(
        params.check_offer(&spec, Side::Local, Msat::from_msat(9_000_000)),
        Err(PaymentRefusal::BelowMinimum { minimum })
    );

    params.limits.remote.max_accepted_htlcs = 0;
    assert_eq!(params.payable(&spec, Side::Local), Err(PaymentRefusal::SlotsFull { max: 0 }));
}

#[test]
fn an_accepter_does_not_push_the_opener_below_its_fee() {
    let params = params(CommitmentFormat::TaprootV2, 50_000);
    // The opener holds its reserve, anchors and the fee of 968 WU, but not of 968 + 172 WU.
    let spec = spec(546 + 660 + 968, 50_000 - 546 - 660 - 968, 1000);
    let set = params.payable(&spec, Side::Remote).unwrap();
    assert_eq!(set.max(), Msat::from_msat(545_999), "only an HTLC that is trimmed costs the opener nothing");
    let refusal = params.check_offer(&spec, Side::Remote, Msat::from_msat(546_000));
    assert!(matches!(refusal, Err(PaymentRefusal::Unaffordable { side: Side::Local, .. })));
}

#[test]
fn a_feerate_must_be_affordable_and_must_not_trim_too_much() {
    let v3 = params(CommitmentFormat::TaprootV3, 50_000);
    assert_eq!(
        v3.check_feerate(&spec(25_000, 25_000, 0), FeerateKw::FLOOR),
        Err(FeerateRefusal::ZeroFeeFormat)
    );

    let v2 = params(CommitmentFormat::TaprootV2, 50_000);
    let state = spec(546 + 660 + 968, 50_000 - 546 - 660 - 968, 0);
    assert_eq!(v2.check_feerate(&state, FeerateKw::from_sat_per_kw(1000)), Ok(()));
    // 968 x 1001 / 1000 = 968 still; one satoshi more is too much.
    assert_eq!(v2.check_feerate(&state, FeerateKw::from_sat_per_kw(1001)), Ok(()));
    assert!(matches!(
        v2.check_feerate(&state, FeerateKw::from_sat_per_kw(1002)),
        Err(FeerateRefusal::Unaffordable { .. })
    ));

    let mut legacy = params(CommitmentFormat::StaticRemoteKey, 50_000);
    legacy.max_dust_exposure = Msat::from_msat(2_999_999);
    let state = spec(25_000, 25_000, 0).apply(SpecUpdate::Add(htlc(0, Side::Remote, 3_000_000))).unwrap();
    // Kept while 546 + 703 x (f + 2530) / 1000 <= 3000 on our commitment.
    let last = (0..2000)
        .take_while(|kw| legacy.check_feerate(&state, FeerateKw::from_sat_per_kw(*kw)).is_ok())
        .count();
    assert_eq!(last, 963);
    assert!(matches!(
        legacy.check_feerate(&state, FeerateKw::from_sat_per_kw(963)),
        Err(FeerateRefusal::DustExposure { commitment: Side::Local, .. })
    ));
}

#[test]
fn a_lower_feerate_is_the_cure_of_a_channel_past_its_limits() {
    // The opener pays 968 sat and may not go higher, but lower it may, even while still short of its reserve.
    let v2 = params(CommitmentFormat::TaprootV2, 50_000);
    let raised = SpecUpdate::Feerate(FeerateKw::from_sat_per_kw(1000));
    let short = spec(546 + 660 + 400, 50_000 - 546 - 660 - 400, 0).apply(raised).unwrap();
    let at = |kw: u32| v2.check_feerate(&short, FeerateKw::from_sat_per_kw(kw));
    assert_eq!((at(1000), at(999), at(253)), (Ok(()), Ok(()), Ok(())));
    assert!(matches!(at(1002), Err(FeerateRefusal::Unaffordable { .. })));

    let mut legacy = params(CommitmentFormat::StaticRemoteKey, 50_000);
    legacy.max_dust_exposure = Msat::from_msat(2_999_999);
    let over = spec(25_000, 25_000, 0)
        .apply_all([
            SpecUpdate::Add(htlc(0, Side::Remote, 1_000_000)),
            SpecUpdate::Add(htlc(1, Side::Remote, 2_500_000)),
            SpecUpdate::Feerate(FeerateKw::from_sat_per_kw(300)),
        ])
        .unwrap();
    assert!(legacy.dust_exposure(&over).exceeds(legacy.max_dust_exposure));
    assert_eq!(legacy.check_feerate(&over, FeerateKw::from_sat_per_kw(299)), Ok(()));
    let more = over.apply(SpecUpdate::Add(htlc(2, Side::Remote, 5_000_000))).unwrap();
    assert!(matches!(
        legacy.check_feerate(&more, FeerateKw::from_sat_per_kw(6000)),
        Err(FeerateRefusal::DustExposure { .. })
    ));
}

#[test]
fn a12_the_splice_out_maximum_keeps_the_new_reserve() {
    let params = params(CommitmentFormat::TaprootV3, 1_000_000);
    // The oracle's formula: min(B - D, floor((100 B - C + 99) / 99)).
    for (balance, maximum) in
        [(1_000_000, 999_454), (500_000, 494_950), (100_000, 90_910), (10_001, 2), (10_000, 1)]
    {
        let spec = spec(balance, 1_000_000 - balance, 0);
        let max = params.next_splice_out_maximum(&spec, Side::Local).unwrap();
        assert_eq!(max.to_sat(), maximum, "{balance}");
        let brute = (maximum.saturating_sub(5)..maximum + 5)
            .rfind(|w| balance >= w + 546.max((1_000_000 - w) / 100))
            .unwrap();
        assert_eq!(brute, maximum, "{balance}");
    }
    let spec = spec(9_999, 990_001, 0);
    assert_eq!(
        params.next_splice_out_maximum(&spec, Side::Local),
        Err(SpliceOutRefusal::Reserve { balance: Amount::from_sat(9_999), reserve: Amount::from_sat(9_999) })
    );
}

#[test]
fn a12_the_opener_also_keeps_fee_and_anchors() {
    let params = params(CommitmentFormat::TaprootV2, 50_000);
    let state = spec(546 + 660 + 968, 50_000 - 546 - 660 - 968, 1000);
    assert!(matches!(
        params.next_splice_out_maximum(&state, Side::Local),
        Err(SpliceOutRefusal::OpenerCosts { costs, .. }) if costs.to_sat() == 660 + 968
    ));
    let max = params.next_splice_out_maximum(&spec(3000, 47_000, 1000), Side::Local).unwrap();
    assert_eq!(max.to_sat(), 3000 - 546 - 660 - 968);
}

#[test]
fn a_peer_cannot_splice_out_all_of_a_zero_fee_channel() {
    let params = params(CommitmentFormat::TaprootV3, 50_000);
    let max = params.next_splice_out_maximum(&spec(0, 50_000, 0), Side::Remote).unwrap();
    assert_eq!(max.to_sat(), 50_000 - 546);
}

#[test]
fn available_balances_answer_every_question_at_once() {
    let params = params(CommitmentFormat::TaprootV3, 50_000);
    let state = spec(25_000, 25_000, 0).apply(SpecUpdate::Add(htlc(0, Side::Local, 500_000))).unwrap();
    let available = params.available(&state, Side::Local);
    assert_eq!(available.offer, params.payable(&state, Side::Local));
    assert_eq!(available.transfer, params.transferable(&state, Side::Local));
    assert_eq!(available.next_splice_out_maximum, params.next_splice_out_maximum(&state, Side::Local));
    let exposure = DustExposure::of(state.htlcs(), params.terms.format, params.terms.trim, FeerateKw::ZERO);
    assert_eq!(available.dust_exposure, exposure);
    assert_eq!(available.dust_exposure_left.remote, Msat::from_msat(49_500_000));
}

#[test]
fn extreme_amounts_are_refused_without_overflow() {
    let params = params(CommitmentFormat::SegwitAnchors, 2_100_000_000_000_000);
    let balances = PerSide { local: Msat::MAX_MONEY, remote: Msat::ZERO };
    let spec = CommitmentSpec::new(balances, FeerateKw::from_sat_per_kw(u32::MAX)).unwrap();
    for side in Side::ALL {
        assert!(params.check_offer(&spec, side, Msat::MAX).is_err());
        assert!(params.check_transfer(&spec, side, Msat::MAX).is_err());
        assert!(params.check_splice_out(&spec, side, Amount::MAX).is_err());
    }
    assert!(params.payable(&spec, Side::Local).unwrap().max() < Msat::MAX_MONEY);
    assert!(params.next_splice_out_maximum(&spec, Side::Remote).is_err());
}
