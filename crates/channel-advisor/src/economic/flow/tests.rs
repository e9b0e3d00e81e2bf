//! Flow from forwards: hand-worked figures.

use std::collections::HashSet;

use jiff::Timestamp;

use super::*;
use crate::snapshot::{Forward, PeerFlow, PeerId, SelfPayment};

const DAY_NS: i64 = 86_400_000_000_000;
const SAT: u64 = 1000;

fn sat(sat: u64) -> Msat {
    Msat::from_msat(sat * SAT)
}

fn snapshot() -> Snapshot {
    let channel =
        |key: &str| ChannelSnapshot::new(ChannelKey::new(key), sat(1_000_000), sat(500_000), sat(500_000));
    Snapshot { channels: vec![channel("a"), channel("b"), channel("c")], ..Snapshot::default() }
}

fn forward(day: i64, incoming: &str, outgoing: &str, out: u64, fee: u64) -> Forward {
    let (incoming, outgoing) = (ChannelKey::new(incoming), ChannelKey::new(outgoing));
    let fee = Msat::from_msat(fee);
    Forward::new(day * DAY_NS, incoming, outgoing, sat(out).saturating_add(fee), sat(out), fee)
}

fn options() -> Options {
    Options::at(Timestamp::from_second(20 * 86_400).unwrap())
}

fn measured(snapshot: &Snapshot, events: Vec<Forward>, options: &Options) -> FleetFlow {
    let history = ForwardHistory { events, ..ForwardHistory::default() };
    let window = FlowWindow::of(&history, options).unwrap();
    let policies = vec![Some(Policy::new(Msat::ZERO, 500)); snapshot.channels.len()];
    measure(snapshot, &history, &window, &policies, options)
}

#[test]
fn drain_turnover_and_role_follow_from_the_sums() {
    let events = vec![forward(0, "b", "a", 200_000, 0), forward(10, "b", "a", 300_000, 0)];
    let fleet = measured(&snapshot(), events, &options());
    let [a, b, c] = &fleet.channels[..] else { panic!("three channels") };
    // 500,000 sat out in 10 days.
    assert_eq!(a.drain_per_day, SignedMsat::from_msat(50_000_000));
    assert_eq!(b.drain_per_day, SignedMsat::from_msat(-50_000_000));
    // 500,000 / (2 x 1,000,000 x 10) = 2.5 % a day.
    assert_eq!((a.turnover_ppm_per_day, b.turnover_ppm_per_day), (25_000, 25_000));
    assert_eq!((a.role, b.role, c.role), (Role::Sink, Role::Source, Role::Dormant));
    // Whole days 0..10 back from the newest; the oldest forward lies on the edge of the eleventh. One day of 300,000
    // out of ten: sigma = 300,000 x sqrt(10 - 1) / 10 = 90,000.
    assert_eq!(a.sigma_per_day, sat(90_000));
    assert_eq!((a.count_out, a.count_in, b.count_in), (2, 0, 2));
    assert_eq!((a.largest_out, c.largest_out), (sat(300_000), Msat::ZERO));
    assert_eq!(fleet.events, 2);
}

#[test]
fn roles_change_at_their_thresholds() {
    let role_of = |out: u64, incoming: u64| {
        let tally = Tally { amount_out: sat(out), amount_in: sat(incoming), ..Tally::default() };
        role(&tally, DORMANT_PPM_PER_DAY, None)
    };
    assert_eq!([role_of(721, 279), role_of(720, 280)], [Role::Sink, Role::Router]);
    assert_eq!([role_of(280, 720), role_of(279, 721)], [Role::Router, Role::Source]);
    assert_eq!(role(&Tally::default(), DORMANT_PPM_PER_DAY - 1, None), Role::Dormant);
    assert_eq!(role_of(u64::MAX / SAT, u64::MAX / SAT), Role::Router);
}

#[test]
fn a_role_is_left_at_another_threshold_than_it_is_entered() {
    let role_of = |out: u64, before: Role| {
        let tally = Tally { amount_out: sat(out), amount_in: sat(1000 - out), ..Tally::default() };
        role(&tally, DORMANT_PPM_PER_DAY, Some(before))
    };
    assert_eq!([role_of(780, Role::Router), role_of(781, Role::Router)], [Role::Router, Role::Sink]);
    assert_eq!([role_of(721, Role::Sink), role_of(720, Role::Sink)], [Role::Sink, Role::Router]);
    assert_eq!([role_of(220, Role::Router), role_of(219, Role::Router)], [Role::Router, Role::Source]);
    assert_eq!([role_of(279, Role::Source), role_of(280, Role::Source)], [Role::Source, Role::Router]);
    assert_eq!(role_of(750, Role::Dormant), Role::Router);
}

#[test]
fn closed_channels_count_for_the_other_side_only() {
    let events = vec![forward(0, "closed", "a", 1000, 10), forward(10, "b", "gone", 2000, 30)];
    let fleet = measured(&snapshot(), events, &options());
    assert_eq!((fleet.channels[0].amount_out, fleet.channels[0].fee_out), (sat(1000), Msat::from_msat(10)));
    assert_eq!(fleet.channels[1].fee_in, Msat::from_msat(30));
    assert_eq!(fleet.channels[0].profit, SignedMsat::from_msat(5));
    assert_eq!(fleet.events, 2);
}

#[test]
fn the_realised_rate_is_shrunk_towards_the_advertised_one() {
    // 4,000,000 sat at 1,000 ppm against a belief of 1,000,000 sat at 500 ppm: (4000 + 500) / 5 = 900.
    let events = vec![forward(0, "b", "a", 1_000_000, 0), forward(10, "b", "a", 3_000_000, 4_000_000)];
    let fleet = measured(&snapshot(), events, &options());
    assert_eq!((fleet.channels[0].rate_ppm, fleet.channels[0].advertised_ppm), (900, 500));
    assert_eq!(fleet.channels[2].rate_ppm, 500);
}

#[test]
fn the_usual_size_is_the_channels_median_else_the_fleets() {
    let mut options = options();
    options.shrinkage_volume = Msat::MAX;
    let snapshot = snapshot();
    let history = ForwardHistory {
        events: vec![forward(0, "b", "a", 100_000, 0), forward(10, "b", "a", 300_000, 0)],
        ..ForwardHistory::default()
    };
    let window = FlowWindow::of(&history, &options).unwrap();
    let policies =
        vec![Some(Policy::new(Msat::from_msat(1000), 0)), Some(Policy::new(Msat::from_msat(1000), 0)), None];
    let fleet = measure(&snapshot, &history, &window, &policies, &options);
    // 1,000 msat on 200,000 sat are 5 ppm, for the channel and, as the fleet's median, for the other one.
    assert_eq!([fleet.channels[0].advertised_ppm, fleet.channels[1].advertised_ppm], [5, 5]);
    assert_eq!(fleet.channels[2].advertised_ppm, 0);
    assert!(fleet.assumptions.iter().any(|a| a.code == "own_policy_unknown" && a.channels == Some(1)));
}

#[test]
fn net_forwarding_more_than_the_capacity_makes_profit_an_upper_bound() {
    let events = |out: u64| vec![forward(0, "b", "a", out, 0), forward(10, "b", "a", 1, 0)];
    let mut snapshot = snapshot();
    let bound = |snapshot: &Snapshot, out| measured(snapshot, events(out), &options()).channels[0].clone();
    assert!(!bound(&snapshot, 999_999).profit_is_upper_bound);
    assert!(bound(&snapshot, 1_000_000).profit_is_upper_bound);

    let mut payment = SelfPayment::new(DAY_NS, sat(1000), Msat::from_msat(70));
    payment.incoming = Some(ChannelKey::new("a"));
    let unplaced = SelfPayment::new(DAY_NS, sat(1000), Msat::from_msat(5));
    let outside = SelfPayment { time_ns: 11 * DAY_NS, ..payment.clone() };
    snapshot.self_payments = Some(vec![payment, unplaced, outside]);
    let flow = bound(&snapshot, 1_000_000);
    assert!(!flow.profit_is_upper_bound);
    assert_eq!(flow.rebalance_cost, Some(Msat::from_msat(70)));
    assert_eq!(flow.profit, SignedMsat::from_msat(-70));
    let fleet = measured(&snapshot, events(5), &options());
    assert_eq!(fleet.channels[1].rebalance_cost, Some(Msat::ZERO));
    assert!(fleet.assumptions.iter().any(|assumption| assumption.code == "rebalance_cost_unplaced"));
}

#[test]
fn forwards_out_of_order_give_the_same_figures() {
    let sorted: Vec<_> = (0..20)
        .map(|n| forward(n, "b", if n % 3 == 0 { "c" } else { "a" }, 1000 + n.unsigned_abs(), 7))
        .collect();
    let mut shuffled = sorted.clone();
    shuffled.reverse();
    shuffled.swap(3, 11);
    let figures = |events| measured(&snapshot(), events, &options()).channels;
    assert_eq!(figures(sorted), figures(shuffled));
}

#[test]
fn a_window_leaves_older_forwards_out() {
    let events =
        vec![forward(0, "b", "a", 9000, 0), forward(6, "b", "a", 500, 0), forward(7, "b", "a", 100, 0)];
    let mut options = options();
    options.window_days = Some(1);
    let fleet = measured(&snapshot(), events, &options);
    assert_eq!((fleet.events, fleet.channels[0].amount_out), (1, sat(100)));
}

#[test]
fn totals_of_a_peer_go_to_its_channels() {
    let mut snapshot = snapshot();
    let peer = PeerId::new("02aa");
    snapshot.channels[0].peer = Some(peer.clone());
    snapshot.channels[1].peer = Some(peer.clone());
    snapshot.channels[2].peer = Some(PeerId::new("02bb"));
    let mut shared = PeerFlow::empty(peer, 0..=10 * 86_400);
    (shared.amount_out, shared.count_out, shared.fee_earned) = (sat(1_000_000), 10, sat(300));
    let mut alone = PeerFlow::empty(PeerId::new("02bb"), 0..=10 * 86_400);
    (alone.amount_in, alone.count_in) = (sat(700_000), 7);
    let history = ForwardHistory { peers: vec![shared, alone], ..ForwardHistory::default() };
    let window = FlowWindow::of(&history, &options()).unwrap();
    let fleet = measure(&snapshot, &history, &window, &[None, None, None], &options());
    assert_eq!(fleet.channels[0].amount_out, sat(500_000));
    assert_eq!(fleet.channels[0].profit, SignedMsat::from_msat(150_000));
    assert_eq!(fleet.channels[0].largest_out, sat(100_000));
    assert_eq!(fleet.channels[2].drain_per_day, SignedMsat::from_msat(-70_000_000));
    assert_eq!(fleet.channels[2].sigma_per_day, sat(70_000));
    let codes: HashSet<_> = fleet.assumptions.iter().map(|assumption| assumption.code.as_str()).collect();
    assert!(codes.contains("peer_flow_shared_by_capacity") && codes.contains("flow_from_peer_totals"));
}
