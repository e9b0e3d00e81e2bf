//! The dust ledger, worked by hand and by properties.

use channel_core::dust::buffered_feerate;
use channel_core::quantity::PerSide;
use proptest::prelude::*;

use super::*;
use crate::economic::terms::Gaps;
use crate::plan::Reason;
use crate::snapshot::{ChannelKey, CommitmentKind, HtlcDirection as Way, HtlcSnapshot, Implementation};

fn sat(sat: u64) -> Msat {
    Msat::from_msat(sat * 1000)
}

/// 1,000,000 sat, half ours, opened by the peer, dust limits of 354 and 546 sat, at 1,000 sat/kW.
fn channel(commitment: CommitmentKind, htlcs: &[(Way, u64)]) -> ChannelSnapshot {
    let mut channel = ChannelSnapshot::new(ChannelKey::new("a"), sat(1_000_000), sat(500_000), sat(500_000));
    channel.commitment = commitment;
    channel.feerate = Some(FeerateKw::from_sat_per_kw(1000));
    channel.opener = Some(Side::Remote);
    channel.dust_limit_local = Some(Amount::from_sat(354));
    channel.dust_limit_remote = Some(Amount::from_sat(546));
    channel.to_self_delay = Some(144);
    let htlc = |(way, msat): &(Way, u64)| HtlcSnapshot::new(*way, Msat::from_msat(*msat));
    channel.htlcs = Some(htlcs.iter().map(htlc).collect());
    channel
}

fn rules(sat_per_vb: u32) -> DustRules {
    DustRules { feerate: FeerateKw::from_sat_per_vb(sat_per_vb).unwrap(), profile: DustProfile::Standard }
}

fn terms(channel: &ChannelSnapshot) -> Terms {
    Terms::of(channel, Implementation::Cln, FeerateKw::from_sat_per_kw(1250), &mut Gaps::default())
}

fn report(channel: &ChannelSnapshot) -> DustReport {
    let terms = terms(channel);
    ledger(channel, &terms, &State::of(channel, &terms), rules(5))
}

fn codes(notes: &[Reason]) -> Vec<&str> {
    notes.iter().map(|note| note.code.as_ref()).collect()
}

#[test]
fn each_side_trims_by_its_own_limit_and_keeps_equality() {
    let htlcs = [(Way::Outgoing, 353_999), (Way::Incoming, 354_000), (Way::Incoming, 546_000)];
    let report = report(&channel(CommitmentKind::Anchors, &htlcs));
    assert_eq!((report.trimmed_local_msat, report.trimmed_htlcs_local), (Msat::from_msat(353_999), 1));
    assert_eq!((report.trimmed_remote_msat, report.trimmed_htlcs_remote), (Msat::from_msat(707_999), 2));
    assert_eq!(report.exposure_msat, Msat::from_msat(707_999));
    assert_eq!(report.exposure_cap_msat, sat(50_000));
    assert_eq!((report.dust_limit_local_sat, report.dust_limit_remote_sat), (354, 546));
}

#[test]
fn without_anchors_the_roles_swap_on_the_peers_commitment() {
    let mut channel = channel(CommitmentKind::StaticRemoteKey, &[]);
    channel.dust_limit_remote = Some(Amount::from_sat(354));
    let trimmed = |way, sat_value: u64| {
        let mut channel = channel.clone();
        channel.htlcs = Some(vec![HtlcSnapshot::new(way, sat(sat_value))]);
        let report = report(&channel);
        (report.trimmed_htlcs_local, report.trimmed_htlcs_remote)
    };
    // 354 + 663 where it is offered, 354 + 703 where it is accepted.
    assert_eq!([1016, 1017, 1056, 1057].map(|s| trimmed(Way::Outgoing, s)), [(1, 1), (0, 1), (0, 1), (0, 0)]);
    assert_eq!([1016, 1017, 1056, 1057].map(|s| trimmed(Way::Incoming, s)), [(1, 1), (1, 0), (1, 0), (0, 0)]);
}

#[test]
fn the_listings_own_word_on_trimming_wins_on_our_commitment() {
    let mut channel = channel(CommitmentKind::Anchors, &[(Way::Outgoing, 900_000)]);
    channel.htlcs.as_mut().unwrap()[0].trimmed_local = Some(true);
    let report = report(&channel);
    assert_eq!((report.trimmed_htlcs_local, report.trimmed_htlcs_remote), (1, 0));
    assert_eq!(report.exposure_msat, sat(900));
}

#[test]
fn a_force_close_pays_the_package_and_the_sweep() {
    // At 5 sat/vB: commitment 1116 + child 724 = 1840 WU, 2,300 sat, less the signed fee of 1,124 and the anchor of 330;
    // sweep of to_local 318 WU, 398 sat.
    let mut channel = channel(CommitmentKind::Anchors, &[]);
    assert_eq!(report(&channel).force_close.fee_msat, sat(2300 - 1124 - 330 + 398));
    assert_eq!(report(&channel).force_close.locked_blocks, Some(144));
    // The opener paid the signed fee and both anchors.
    channel.opener = Some(Side::Local);
    assert_eq!(report(&channel).force_close.fee_msat, sat(2300 - 330 + 660 + 398));
    // At 1 sat/vB the signed fee is enough, no child is made: 1,124 + 660 + 80.
    assert_eq!(report(&channel).stress[0].fee_msat, sat(1124 + 660 + 80));
    // Without anchors there is no child at all: 724 + 398.
    channel.commitment = CommitmentKind::StaticRemoteKey;
    assert_eq!(report(&channel).force_close.fee_msat, sat(724 + 398));
    // Zero fee: commitment 668 + child (165 + 230 + 42 + 172 = 609) at 5 sat/vB, and 303 WU of sweep.
    channel.commitment = CommitmentKind::TaprootZeroFee;
    assert_eq!(report(&channel).force_close.fee_msat, sat(1597 + 379));
}

#[test]
fn what_is_trimmed_pays_for_the_package_too() {
    // At 5 sat/vB the child lacks what the commitment pays already: 250 sat less of it.
    let fee = |htlcs: &[(Way, u64)]| report(&channel(CommitmentKind::Anchors, htlcs)).force_close.fee_msat;
    let whole = fee(&[]);
    assert_eq!(fee(&[(Way::Incoming, 250_000)]), whole.saturating_sub(sat(250)));
    // Msat count as far as they make a whole satoshi.
    let rounded = [(Way::Incoming, 200_900), (Way::Outgoing, 60_100)];
    assert_eq!(fee(&rounded), whole.saturating_sub(sat(261)));
    // From 1,395 sat on the commitment of 1,116 WU needs no child: the sweep alone is paid.
    assert_eq!(fee(&[(Way::Incoming, 270_000)]), whole.saturating_sub(sat(270)));
    assert_eq!(fee(&[(Way::Incoming, 271_000)]), sat(398));
}

#[test]
fn htlcs_are_claimed_when_they_hold_more_than_it_costs() {
    // Taproot at 5 sat/vB: offered 226.5 x 5 = 1,132.5 -> 1,133; accepted 241.5 x 5 = 1,207.5 -> 1,208.
    let base = report(&channel(CommitmentKind::Taproot, &[]));
    for (way, cost) in [(Way::Outgoing, 1133), (Way::Incoming, 1208)] {
        let under = report(&channel(CommitmentKind::Taproot, &[(way, (cost - 1) * 1000)]));
        assert_eq!((under.uneconomic_msat, under.force_close.lost_msat), (sat(cost - 1), sat(cost - 1)));
        assert!(codes(&under.notes).contains(&"uneconomic_outputs"));
        let at = report(&channel(CommitmentKind::Taproot, &[(way, cost * 1000)]));
        assert_eq!((at.uneconomic_msat, at.force_close.lost_msat), (Msat::ZERO, Msat::ZERO));
        // 172 WU more of commitment: 215 sat more of package, of which 172 sat are signed fee.
        assert_eq!(at.force_close.fee_msat, base.force_close.fee_msat.saturating_add(sat(cost + 215 - 172)));
    }
}

#[test]
fn without_anchors_the_first_stage_is_paid_at_the_channels_feerate() {
    // 663 sat are signed, the sweep of 318 WU costs 398 sat at 5 sat/vB.
    let lost = |sat_value: u64| {
        report(&channel(CommitmentKind::StaticRemoteKey, &[(Way::Outgoing, sat_value * 1000)]))
            .uneconomic_msat
    };
    assert_eq!((lost(1060), lost(1061)), (sat(1060), Msat::ZERO));
}

#[test]
fn hidden_dust_counts_once() {
    let mut channel = channel(CommitmentKind::Anchors, &[(Way::Outgoing, 300_000)]);
    channel.hidden_dust = Some(sat(1000));
    let with = report(&channel);
    assert_eq!((with.trimmed_local_msat, with.force_close.lost_msat), (sat(1000), sat(1000)));
    assert_eq!((with.exposure_msat, with.hidden_msat), (sat(1000), Some(sat(1000))));
    assert_eq!(codes(&with.notes), ["trimmed_htlcs", "hidden_dust"]);
    channel.hidden_dust = Some(sat(200));
    assert_eq!(report(&channel).trimmed_local_msat, sat(300));
}

#[test]
fn a_balance_below_the_limit_is_trimmed_after_fees() {
    let mut channel = channel(CommitmentKind::Anchors, &[]);
    channel.local = sat(353);
    let small = report(&channel);
    assert_eq!((small.trimmed_local_msat, small.force_close.lost_msat), (sat(353), sat(353)));
    // Nothing of ours is left to claim, so no child is paid.
    assert_eq!(small.force_close.fee_msat, Msat::ZERO);
    assert_eq!(codes(&small.notes), ["to_local_below_dust_limit"]);
    channel.local = sat(354);
    assert_eq!(report(&channel).trimmed_local_msat, Msat::ZERO);
    assert_eq!(codes(&report(&channel).notes), ["uneconomic_outputs", "below_dust_profile"]);
    // The opener's balance counts after 1,124 sat of fee and 660 of anchors.
    channel.opener = Some(Side::Local);
    channel.local = sat(1124 + 660 + 353);
    assert_eq!(report(&channel).trimmed_local_msat, sat(353));
    // A peer's balance below the limit is on our commitment too, but not ours to lose.
    channel.local = sat(500_000);
    channel.remote = sat(200);
    let peers = report(&channel);
    assert_eq!((peers.trimmed_local_msat, peers.force_close.lost_msat), (sat(200), Msat::ZERO));
}

#[test]
fn notes_warn_of_the_cap_and_of_fee_spikes() {
    let htlcs = vec![(Way::Incoming, 353_000); 120];
    let capped = report(&channel(CommitmentKind::Anchors, &htlcs));
    assert_eq!(capped.exposure_msat, sat(42_360));
    assert!(codes(&capped.notes).contains(&"dust_exposure_near_cap"));
    // 354 + 703 x 3 = 2,463 when accepted on our commitment at three times the feerate.
    let spike = |value: u64| {
        let report = report(&channel(CommitmentKind::StaticRemoteKey, &[(Way::Incoming, value * 1000)]));
        codes(&report.notes).contains(&"fee_spike_makes_dust")
    };
    assert_eq!([2462, 2463, 2600].map(spike), [true, true, false]);
    let anchors = report(&channel(CommitmentKind::Anchors, &[(Way::Incoming, 2_000_000)]));
    assert!(!codes(&anchors.notes).contains(&"fee_spike_makes_dust"));
}

#[test]
fn the_advised_limit_covers_the_claim() {
    let advised = |kind, sat_per_vb| {
        let channel = channel(kind, &[]);
        let terms = terms(&channel);
        ledger(&channel, &terms, &State::of(&channel, &terms), rules(sat_per_vb)).advised_dust_limit_sat
    };
    assert_eq!((advised(CommitmentKind::Taproot, 20), advised(CommitmentKind::Taproot, 1)), (4830, 354));
    // The first stage's fee is in the trimming rule, the sweep costs 79.5 x 20.
    assert_eq!(advised(CommitmentKind::StaticRemoteKey, 20), 1590);
}

fn any_channel() -> impl Strategy<Value = ChannelSnapshot> {
    let amount = || prop_oneof![0_u64..6_000_000, any::<u64>(), Just(u64::MAX)];
    let way = prop_oneof![Just(Way::Incoming), Just(Way::Outgoing)];
    let kind = prop::sample::select(vec![
        CommitmentKind::Legacy,
        CommitmentKind::Anchors,
        CommitmentKind::Taproot,
        CommitmentKind::ZeroFee,
        CommitmentKind::TaprootZeroFee,
        CommitmentKind::Unknown,
    ]);
    let opener = prop::option::of(prop::sample::select(Side::ALL.to_vec()));
    let limits = (prop::option::of(0_u64..5000), prop::option::of(any::<u64>()));
    let htlcs = prop::collection::vec((way, amount()), 0..12);
    let amounts = (amount(), amount(), amount(), prop::option::of(amount()));
    (kind, opener, limits, htlcs, amounts, prop::option::of(any::<u32>())).prop_map(
        |(kind, opener, limits, htlcs, amounts, feerate)| {
            let mut channel = channel(kind, &htlcs);
            channel.capacity = Msat::from_msat(amounts.0);
            channel.local = Msat::from_msat(amounts.1);
            channel.remote = Msat::from_msat(amounts.2);
            channel.hidden_dust = amounts.3.map(Msat::from_msat);
            channel.opener = opener;
            channel.dust_limit_local = limits.0.map(Amount::from_sat);
            channel.dust_limit_remote = limits.1.map(Amount::from_sat);
            channel.feerate = feerate.map(FeerateKw::from_sat_per_kw);
            channel
        },
    )
}

proptest! {
    #[test]
    fn the_stress_curve_never_falls(channel in any_channel()) {
        let report = report(&channel);
        for pair in report.stress.windows(2) {
            prop_assert!(pair[0].lost_msat <= pair[1].lost_msat);
            let price = |point: &StressPoint| point.lost_msat.saturating_add(point.fee_msat);
            prop_assert!(price(&pair[0]) <= price(&pair[1]));
        }
        // The plan's feerate, 5 sat/vB, is the second point.
        prop_assert_eq!(report.stress[1].lost_msat, report.force_close.lost_msat);
        prop_assert_eq!(report.stress[1].fee_msat, report.force_close.fee_msat);
    }

    #[test]
    fn exposure_is_the_larger_sum_of_trimmed_htlcs(mut channel in any_channel()) {
        channel.hidden_dust = None;
        let terms = terms(&channel);
        let feerate = buffered_feerate(terms.format, terms.feerate);
        let sums = PerSide::from_fn(|owner| {
            let htlcs = channel.htlcs.iter().flatten();
            htlcs.filter(|htlc| {
                let offered = (htlc.direction == Way::Outgoing) == (owner == Side::Local);
                let role = if offered { HtlcDirection::Offered } else { HtlcDirection::Accepted };
                terms.trim.of(owner).trims_htlc(htlc.amount, terms.format, role, feerate)
            }).map(|htlc| htlc.amount).sum::<Msat>()
        });
        prop_assert_eq!(report(&channel).exposure_msat, sums.local.max(sums.remote));
    }
}
