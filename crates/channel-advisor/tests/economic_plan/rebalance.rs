//! Circular rebalances: who gives to whom, at what price, and when not.

use channel_advisor::plan::{ActionDetails, FeasibilityStatus, RemedyKind};
use channel_core::Msat;

use crate::fleet::{
    NOW, Volume, channel, drained_and_full, forwards, options, peer, planned, remedy, report, sats, snapshot,
    star_graph,
};

#[test]
fn a_drained_earner_is_refilled_from_the_idle_channel() {
    let mut snapshot = drained_and_full();
    snapshot.graph = Some(star_graph(&[1, 2, 3], 20));
    let plan = planned(&snapshot);
    let action =
        plan.actions.iter().find(|action| action.kind == RemedyKind::Rebalance).expect("a rebalance");
    assert_eq!(action.labels, ["peer1", "peer2"]);
    let ActionDetails::Rebalance { route, max_ppm, min_part_msat, .. } = &action.details else {
        panic!("details of a rebalance, got {:?}", action.details)
    };
    // 20 + 20 ppm through the hub, 50 ppm for the last hop, compounding up to a whole ppm.
    assert!((90..=91).contains(&route.fee_ppm), "{route:?}");
    assert_eq!(route.hops, Some(4));
    assert!(*max_ppm > route.fee_ppm && *max_ppm <= 585, "{max_ppm}");
    assert!(*min_part_msat >= sats(354));
    assert!(action.net_msat.unwrap().is_positive());
    assert_eq!(action.feasibility.status, FeasibilityStatus::Yes);
    assert!(action.commands[0].contains("bos rebalance"), "{:?}", action.commands);
}

#[test]
fn never_the_same_peer_on_both_ends() {
    let mut snapshot = drained_and_full();
    snapshot.channels[1].peer = Some(peer(1));
    let plan = planned(&snapshot);
    for action in plan.actions.iter().chain(plan.channels.iter().flat_map(|channel| &channel.remedies)) {
        if action.kind == RemedyKind::Rebalance {
            assert!(action.peers.len() < 2 || action.peers[0] != action.peers[1], "{}", action.id);
        }
    }
}

#[test]
fn the_incoming_side_counts_per_peer() {
    // The peer of the drained channel has a second, full channel with us: it may deliver through either, so together
    // they lack nothing and no rebalance towards that peer is bought.
    let mut snapshot = drained_and_full();
    let mut full = channel(4, 40_000_000, 39_000_000, 900);
    full.peer = Some(peer(1));
    snapshot.channels.push(full);
    let plan = planned(&snapshot);
    assert!(plan.actions.iter().all(|action| action.kind != RemedyKind::Rebalance), "{:#?}", plan.actions);
}

#[test]
fn channels_of_one_peer_are_not_filled_twice_for_one_need() {
    // Two drained channels and a half-full one with the same peer: together they lack less than the two alone.
    let mut snapshot = snapshot(
        vec![
            channel(1, 4_000_000, 200_000, 900),
            channel(2, 20_000_000, 19_000_000, 10),
            channel(3, 4_000_000, 200_000, 900),
            channel(4, 6_000_000, 4_000_000, 10),
        ],
        &[
            Volume { incoming: 2, outgoing: 1, sat: 3_000_000, ppm: 900 },
            Volume { incoming: 2, outgoing: 3, sat: 3_000_000, ppm: 900 },
        ],
    );
    let moved = |snapshot: &channel_advisor::snapshot::Snapshot| -> u64 {
        let plan = planned(snapshot);
        let rebalances = plan.actions.iter().filter(|action| action.kind == RemedyKind::Rebalance);
        rebalances.filter_map(|action| action.amount_msat).map(Msat::to_msat).sum()
    };
    let apart = moved(&snapshot);
    snapshot.channels[2].peer = Some(peer(1));
    snapshot.channels[3].peer = Some(peer(1));
    let together = moved(&snapshot);
    assert!(apart > 4_000_000_000, "{apart}");
    // 4,000,000 sat of the sibling are spare but for its reserve.
    assert!(together < apart - 2_000_000_000, "{together} of {apart}");
}

#[test]
fn a_last_hop_dearer_than_the_channel_earns_is_refused() {
    let mut snapshot = drained_and_full();
    snapshot.graph = Some(star_graph(&[1, 2, 3], 20));
    snapshot.channels[0].policy_remote.as_mut().unwrap().ppm = 5000;
    let plan = planned(&snapshot);
    let refused = remedy(&plan, 1, RemedyKind::Rebalance).expect("a refused rebalance");
    assert_eq!(refused.feasibility.status, FeasibilityStatus::No);
    assert_eq!(refused.feasibility.reason.as_ref().unwrap().code, "last_hop_too_dear");
    assert!(plan.actions.iter().all(|action| action.kind != RemedyKind::Rebalance));
}

#[test]
fn the_price_limit_is_exact() {
    let mut snapshot = drained_and_full();
    snapshot.channels[2].policy_local.as_mut().unwrap().ppm = 0;
    let chosen_at = |ppm: u32| {
        let mut options = options();
        options.assumed_route_ppm = ppm;
        let plan = channel_advisor::economic::plan(&snapshot, &options).unwrap();
        plan.actions.iter().find(|action| action.kind == RemedyKind::Rebalance).map(|action| {
            let ActionDetails::Rebalance { max_ppm, .. } = action.details else { panic!("a rebalance") };
            max_ppm
        })
    };
    let limit = chosen_at(1).expect("worth it at 1 ppm");
    // Smaller amounts have a higher limit; the highest limit of all is where the last candidate goes.
    let last =
        (limit..2000).take_while(|ppm| chosen_at(*ppm).is_some()).last().expect("worth it at its limit");
    assert_eq!(chosen_at(last), Some(last));
    assert_eq!(chosen_at(last + 1), None);
}

#[test]
fn without_a_graph_the_stated_route_is_assumed() {
    let plan = planned(&drained_and_full());
    let action =
        plan.actions.iter().find(|action| action.kind == RemedyKind::Rebalance).expect("a rebalance");
    let ActionDetails::Rebalance { route, .. } = &action.details else { panic!("a rebalance") };
    assert_eq!(
        (route.origin.as_ref(), route.fee_ppm, route.success_ppm, route.hops),
        ("assumed", 500, 500_000, None)
    );
    assert!(plan.assumptions.iter().any(|assumption| assumption.code == "routes_without_graph"));
}

#[test]
fn a_private_target_without_a_policy_is_only_listed_as_unknown() {
    let mut snapshot = drained_and_full();
    snapshot.channels[0].private = Some(true);
    snapshot.channels[0].policy_remote = None;
    let plan = planned(&snapshot);
    let refused = remedy(&plan, 1, RemedyKind::Rebalance).expect("a rebalance that cannot be judged");
    assert_eq!(refused.feasibility.status, FeasibilityStatus::Unknown);
    assert!(plan.actions.iter().all(|action| action.kind != RemedyKind::Rebalance));
}

#[test]
fn one_usable_channel_has_nobody_to_rebalance_with() {
    let mut snapshot = drained_and_full();
    snapshot.channels[1].active = Some(false);
    snapshot.channels[2].active = Some(false);
    let plan = planned(&snapshot);
    let refused = remedy(&plan, 1, RemedyKind::Rebalance).expect("a refused rebalance");
    assert_eq!(refused.feasibility.reason.as_ref().unwrap().code, "only_usable_channel");
    assert_eq!(plan.fleet.median_rate_ppm, None);
    assert_eq!(plan.fleet.median_return_ppm_per_year, None);
}

#[test]
fn a_fee_step_that_fills_the_channel_alone_is_never_topped_by_a_payment() {
    // Nearly as much comes in as leaves: a quarter more in price turns the drain around.
    let snapshot = snapshot(
        vec![
            channel(1, 1_000_000, 10_000, 900),
            channel(2, 5_000_000, 4_500_000, 10),
            channel(3, 9_000_000, 5_000_000, 10),
        ],
        &[
            Volume { incoming: 3, outgoing: 1, sat: 8_000_000, ppm: 900 },
            Volume { incoming: 1, outgoing: 3, sat: 7_900_000, ppm: 10 },
        ],
    );
    let plan = planned(&snapshot);
    let step = remedy(&plan, 1, RemedyKind::SetFee).expect("a fee step");
    assert!(matches!(step.details, ActionDetails::SetFee { reaches_target: true, .. }), "{:?}", step.details);
    let refused = remedy(&plan, 1, RemedyKind::Rebalance).expect("a refused rebalance");
    assert_eq!(refused.feasibility.reason.as_ref().unwrap().code, "set_fee_reaches_target");
}

#[test]
fn large_htlc_sets_are_left_alone_while_blocks_are_dear() {
    use channel_advisor::snapshot::{HtlcDirection, HtlcSnapshot};
    let mut snapshot = drained_and_full();
    snapshot.channels[0].htlcs = Some(vec![HtlcSnapshot::new(HtlcDirection::Incoming, sats(1000)); 10]);
    let at = |kw: u32| {
        let mut options = options();
        options.feerate = Some(channel_core::FeerateKw::from_sat_per_kw(kw));
        let plan = channel_advisor::economic::plan(&snapshot, &options).unwrap();
        plan.actions.iter().any(|action| action.kind == RemedyKind::Rebalance)
    };
    assert!(at(12_499));
    assert!(!at(12_500));
}

#[test]
fn a_reversed_rebalance_waits() {
    let mut snapshot = drained_and_full();
    snapshot.forwards = Some(forwards(&[Volume { incoming: 2, outgoing: 1, sat: 3_000_000, ppm: 900 }]));
    let mut options = options();
    let before = "2026-02-20T00:00:00Z".parse().unwrap();
    let past = format!(
        r#"{{"planned_at":"{before}","id":"rebalance:800001x1x0>800002x1x0","kind":"rebalance","channels":[]}}"#,
        before = {
            let t: jiff::Timestamp = before;
            t
        }
    );
    options.history = Some(channel_advisor::economic::history::parse(past.as_bytes()).unwrap());
    let plan = channel_advisor::economic::plan(&snapshot, &options).unwrap();
    assert!(plan.actions.iter().all(|action| action.id != "rebalance:800002x1x0>800001x1x0"));
    assert_eq!(report(&plan, 1).channel.as_str(), "800001x1x0", "{NOW}");
    assert!(plan.actions.iter().filter_map(|action| action.amount_msat).all(|amount| amount > Msat::ZERO));
}
