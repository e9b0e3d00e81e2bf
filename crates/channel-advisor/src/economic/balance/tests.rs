//! Spendable amounts and targets, worked by hand.

use bitcoin::Amount;
use channel_core::{FeerateKw, SignedMsat};
use jiff::Timestamp;
use proptest::prelude::*;

use super::super::terms::Gaps;
use super::*;
use crate::plan::Confidence;
use crate::snapshot::{ChannelKey, CommitmentKind, HtlcDirection, HtlcSnapshot, Implementation};

fn sat(sat: u64) -> Msat {
    Msat::from_msat(sat * 1000)
}

/// 1,000,000 sat, 400,000 ours, opened by us, reserves of 10,000, 1,000 sat/kW.
fn channel(commitment: CommitmentKind) -> ChannelSnapshot {
    let mut channel = ChannelSnapshot::new(ChannelKey::new("a"), sat(1_000_000), sat(400_000), sat(600_000));
    channel.commitment = commitment;
    channel.feerate = Some(FeerateKw::from_sat_per_kw(1000));
    channel.opener = Some(Side::Local);
    channel.dust_limit_local = Some(Amount::from_sat(354));
    channel.dust_limit_remote = Some(Amount::from_sat(354));
    channel.reserve_local = Some(Amount::from_sat(10_000));
    channel.reserve_remote = Some(Amount::from_sat(10_000));
    channel.htlcs = Some(Vec::new());
    channel
}

fn terms(channel: &ChannelSnapshot) -> Terms {
    Terms::of(channel, Implementation::Lnd, FeerateKw::from_sat_per_kw(2500), &mut Gaps::default())
}

fn balance(channel: &ChannelSnapshot) -> (Msat, Msat) {
    let balance = Balance::of(channel, &State::of(channel, &terms(channel)));
    (balance.spendable, balance.receivable)
}

#[test]
fn the_opener_keeps_twice_the_fee_with_this_htlc_and_one_more_and_the_anchors() {
    // BOLT 2: 2,000 sat/kW x (weight + 2 x 172) / 1,000, for the HTLC that is sent and one more.
    for (kind, kept) in [
        (CommitmentKind::StaticRemoteKey, 2 * (724 + 2 * 172)),
        (CommitmentKind::Anchors, 2 * (1124 + 2 * 172) + 660),
        (CommitmentKind::Taproot, 2 * (968 + 2 * 172) + 660),
        (CommitmentKind::ZeroFee, 0),
        (CommitmentKind::TaprootZeroFee, 0),
    ] {
        let mut channel = channel(kind);
        assert_eq!(balance(&channel), (sat(390_000 - kept), sat(590_000)), "{kind:?}");
        channel.opener = Some(Side::Remote);
        assert_eq!(balance(&channel), (sat(390_000), sat(590_000 - kept)), "{kind:?}");
        channel.opener = None;
        assert_eq!(balance(&channel), (sat(390_000 - kept), sat(590_000 - kept)), "{kind:?}");
    }
}

#[test]
fn the_nodes_own_figures_win() {
    let mut channel = channel(CommitmentKind::Anchors);
    channel.spendable = Some(sat(7));
    channel.receivable = Some(Msat::ZERO);
    assert_eq!(balance(&channel), (sat(7), Msat::ZERO));
}

#[test]
fn pending_htlcs_count_in_the_fee_and_in_the_limits() {
    let mut channel = channel(CommitmentKind::Anchors);
    channel.htlcs = Some(vec![
        HtlcSnapshot::new(HtlcDirection::Outgoing, sat(50_000)),
        HtlcSnapshot::new(HtlcDirection::Incoming, sat(353)),
    ]);
    // One HTLC has an output, the other is trimmed; one is sent, one more may come.
    let kept = 2 * (1124 + 3 * 172) + 660;
    assert_eq!(balance(&channel).0, sat(390_000 - kept));
    channel.max_in_flight_local = Some(sat(60_000));
    channel.max_in_flight_remote = Some(sat(300));
    assert_eq!(balance(&channel), (sat(10_000), Msat::ZERO));
    channel.max_accepted_htlcs = Some(1);
    assert_eq!(balance(&channel).0, Msat::ZERO);
}

#[test]
fn dust_that_reaches_the_cap_leaves_room_for_outputs_only() {
    let mut channel = channel(CommitmentKind::Anchors);
    channel.htlcs = Some(vec![HtlcSnapshot::new(HtlcDirection::Outgoing, sat(353)); 1416]);
    channel.max_accepted_htlcs = Some(u16::MAX);
    // LND caps dust at 500,000 sat: 499,848 are there, and a trimmed HTLC of 152 sat is all that may be added. Others
    // have an output and need no room under the cap.
    assert_eq!(balance(&channel).0, sat(390_000 - 2 * (1124 + 2 * 172) - 660));
    channel.opener = Some(Side::Remote);
    channel.remote = sat(10_000);
    assert_eq!(balance(&channel).0, sat(152));
}

#[test]
fn an_opener_without_the_fee_leaves_room_for_dust_only() {
    let mut channel = channel(CommitmentKind::Anchors);
    channel.opener = Some(Side::Remote);
    // 1,000 x (1124 + 172) / 1,000 + 660 = 1,956 above the reserve pay for one more output.
    channel.remote = sat(11_956);
    assert_eq!(balance(&channel).0, sat(390_000));
    channel.remote = Msat::from_msat(11_955_999);
    assert_eq!(balance(&channel).0, Msat::from_msat(353_999));
}

fn flow(drain_sat: i64, sigma_sat: u64, role: Role) -> ChannelFlow {
    ChannelFlow {
        amount_in: Msat::ZERO,
        amount_out: Msat::ZERO,
        count_in: 0,
        count_out: 0,
        fee_out: Msat::ZERO,
        fee_in: Msat::ZERO,
        rebalance_cost: None,
        drain_per_day: SignedMsat::from_msat(drain_sat * 1000),
        sigma_per_day: sat(sigma_sat),
        turnover_ppm_per_day: 0,
        advertised_ppm: 0,
        rate_ppm: 0,
        profit: SignedMsat::ZERO,
        profit_is_upper_bound: false,
        role,
        confidence: Confidence::High,
        largest_out: Msat::ZERO,
    }
}

fn options() -> Options {
    Options::at(Timestamp::UNIX_EPOCH)
}

fn target(flow: &ChannelFlow) -> Targets {
    let channel = channel(CommitmentKind::Anchors);
    Targets::of(&channel, &terms(&channel), flow, &options())
}

#[test]
fn a_sink_keeps_a_months_outflow_and_a_margin() {
    let targets = target(&flow(20_000, 30_000, Role::Sink));
    assert_eq!((targets.want_local, targets.want_remote), (sat(630_000), sat(30_000)));
    assert_eq!(targets.local, sat(630_000));
}

#[test]
fn a_source_mirrors_a_sink() {
    let targets = target(&flow(-20_000, 30_000, Role::Source));
    assert_eq!((targets.want_local, targets.want_remote), (sat(30_000), sat(630_000)));
    assert_eq!(targets.local, sat(370_000));
}

#[test]
fn a_router_goes_to_the_middle_and_a_dormant_channel_stays() {
    assert_eq!(target(&flow(1000, 5000, Role::Router)).local, sat(500_000));
    // 30 x 19,000 + 5,000 are wanted on our side: the middle is not enough.
    assert_eq!(target(&flow(19_000, 5000, Role::Router)).local, sat(575_000));
    assert_eq!(target(&flow(0, 0, Role::Dormant)).local, sat(400_000));
}

#[test]
fn wants_beyond_the_capacity_share_it_in_proportion() {
    // 30 x 50,000 + 500,000 = 2,000,000 against 500,000: four fifths.
    let targets = target(&flow(50_000, 500_000, Role::Sink));
    assert_eq!(targets.local, sat(800_000));
    // Without a margin all of it, less the peer's reserve.
    assert_eq!(target(&flow(50_000, 0, Role::Sink)).local, sat(990_000));
    assert_eq!(target(&flow(-50_000, 0, Role::Source)).local, sat(10_000));
}

proptest! {
    #[test]
    fn targets_stay_within_the_reserves(
        capacity: u64, local: u64, reserve: (u32, u32), drain: i64, sigma: u64,
        role in prop::sample::select(vec![Role::Sink, Role::Source, Role::Router, Role::Dormant]),
    ) {
        let mut channel = channel(CommitmentKind::Anchors);
        channel.capacity = Msat::from_msat(capacity);
        channel.local = Msat::from_msat(local);
        channel.reserve_local = Some(Amount::from_sat(u64::from(reserve.0)));
        channel.reserve_remote = Some(Amount::from_sat(u64::from(reserve.1)));
        let terms = terms(&channel);
        let mut flow = flow(0, 0, role);
        flow.drain_per_day = SignedMsat::from_msat(drain);
        flow.sigma_per_day = Msat::from_msat(sigma);
        let target = Targets::of(&channel, &terms, &flow, &options()).local;
        prop_assert!(target <= channel.capacity);
        let (low, high) = (terms.reserve.local, channel.capacity.saturating_sub(terms.reserve.remote));
        if low <= high {
            prop_assert!((low..=high).contains(&target));
        }
    }

    #[test]
    fn no_side_sends_more_than_it_holds(local: u64, remote: u64, msat: u64, kw: u32) {
        let mut channel = channel(CommitmentKind::StaticRemoteKey);
        channel.local = Msat::from_msat(local);
        channel.remote = Msat::from_msat(remote);
        channel.feerate = Some(FeerateKw::from_sat_per_kw(kw));
        channel.htlcs = Some(vec![HtlcSnapshot::new(HtlcDirection::Outgoing, Msat::from_msat(msat))]);
        let (spendable, receivable) = balance(&channel);
        prop_assert!(spendable <= channel.local && receivable <= channel.remote);
    }
}
