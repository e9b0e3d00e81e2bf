//! Evidence of whole snapshots: small ones by hand, arbitrary ones by properties, the sample fleet where it is.

use bitcoin::Amount;
use channel_core::{Msat, ShortChannelId, Side, SignedMsat};
use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::economic::samples;
use crate::plan::{Confidence, HealthStatus, Role};
use crate::snapshot::{
    ChannelKey, CommitmentKind, Forward, ForwardHistory, HtlcDirection, HtlcSnapshot, Implementation,
    SelfPayment,
};

const DAY_NS: i64 = 86_400_000_000_000;

fn sat(sat: u64) -> Msat {
    Msat::from_msat(sat * 1000)
}

fn channel(key: &str, local: u64) -> ChannelSnapshot {
    let mut channel =
        ChannelSnapshot::new(ChannelKey::new(key), sat(1_000_000), sat(local), sat(1_000_000 - local));
    channel.commitment = CommitmentKind::Anchors;
    channel.feerate = Some(FeerateKw::from_sat_per_kw(253));
    channel.opener = Some(Side::Remote);
    channel.reserve_local = Some(Amount::from_sat(10_000));
    channel.reserve_remote = Some(Amount::from_sat(10_000));
    channel.dust_limit_local = Some(Amount::from_sat(354));
    channel.dust_limit_remote = Some(Amount::from_sat(354));
    channel.policy_local = Some(Policy::new(Msat::ZERO, 100));
    channel.htlcs = Some(Vec::new());
    channel.active = Some(true);
    channel
}

fn forward(day: i64, incoming: &str, outgoing: &str, out: u64, fee: u64) -> Forward {
    let (incoming, outgoing) = (ChannelKey::new(incoming), ChannelKey::new(outgoing));
    let fee = Msat::from_msat(fee);
    Forward::new(day * DAY_NS, incoming, outgoing, sat(out).saturating_add(fee), sat(out), fee)
}

/// Thirty days: `b` feeds `a`, which is nearly empty, and `c`, which earns nothing.
fn snapshot() -> Snapshot {
    let mut snapshot = Snapshot { implementation: Implementation::Cln, ..Snapshot::default() };
    snapshot.channels =
        vec![channel("a", 60_000), channel("b", 900_000), channel("c", 500_000), channel("d", 500_000)];
    snapshot.node.block_height = Some(900_000);
    let mut events = Vec::new();
    for day in 0..=30 {
        events.push(forward(day, "b", "a", 20_000, 2_000_000));
        events.push(forward(day, "b", "c", 10_000, 0));
    }
    snapshot.forwards = Some(ForwardHistory { events, ..ForwardHistory::default() });
    snapshot
}

fn options() -> Options {
    Options::at(Timestamp::from_second(31 * 86_400).unwrap())
}

fn issues<'e>(evidence: &'e Evidence<'_>) -> Vec<&'e str> {
    evidence.health.issues.iter().map(|issue| issue.code.as_ref()).collect()
}

#[test]
fn the_fleet_tells_who_is_drained_and_who_works_for_nothing() {
    let snapshot = snapshot();
    let fleet = gather(&snapshot, &options());
    let [a, b, c, d] = &fleet.channels[..] else { panic!("four channels") };
    assert_eq!(issues(a), ["drained_fast"]);
    assert_eq!(issues(c), ["forwards_for_nothing"]);
    assert_eq!(issues(d), ["dead_weight"]);
    assert_eq!((a.flow.as_ref().unwrap().role, b.flow.as_ref().unwrap().role), (Role::Sink, Role::Source));
    // 31 x 20,000 sat in 30 days are 20,666 a day; 50,000 spendable last 2.4 days.
    assert!(a.health.issues[0].text.contains("2.4 days"), "{}", a.health.issues[0].text);
    // 620,000 sat / 30 rounds down to 20,666.666; thirty such days, and no deviation.
    assert_eq!(a.want_local, Some(Msat::from_msat(30 * 20_666_666)));
    assert_eq!((a.depletion_hours(), d.depletion_hours()), (Some(58), None));
    let window = fleet.window.as_ref().unwrap();
    assert_eq!((fleet.window_seconds, window.hours), (Some(30 * 86_400), 720));
    assert_eq!((window.events, window.confidence), (62, Confidence::High));
    assert!(fleet.warnings.is_empty(), "{:?}", fleet.warnings);
    // Fees of 62,000 sat, half to each.
    assert_eq!(a.flow.as_ref().unwrap().profit, SignedMsat::from_msat(31_000_000));
    assert_eq!(b.flow.as_ref().unwrap().profit, SignedMsat::from_msat(31_000_000));
    assert_eq!(fleet.median_return_ppm_per_year, Some(188_583));
}

#[test]
fn without_forwards_flow_is_unknown_not_zero() {
    let mut snapshot = snapshot();
    snapshot.forwards = None;
    let fleet = gather(&snapshot, &options());
    assert!(fleet.window.is_none() && fleet.median_rate_ppm.is_none() && fleet.warnings.is_empty());
    for evidence in &fleet.channels {
        assert!(evidence.flow.is_none() && evidence.target_local.is_none() && evidence.want_local.is_none());
        let unknown = |name: &str| {
            evidence.health.parts.iter().any(|part| part.name == name && part.score_ppm.is_none())
        };
        assert!(unknown("earning") && unknown("capital_efficiency"));
        assert!(evidence.health.confidence <= Confidence::Medium);
    }
    snapshot.forwards = Some(ForwardHistory::default());
    let fleet = gather(&snapshot, &options());
    assert!(fleet.window.is_none() && fleet.channels[0].flow.is_none());
    assert_eq!(fleet.warnings[0].code, "forwards_empty");
    assert!(fleet.warnings[0].command.as_ref().unwrap().contains("listforwards"));
}

#[test]
fn one_usable_channel_has_nothing_to_be_compared_with() {
    let mut snapshot = snapshot();
    for channel in &mut snapshot.channels[1..] {
        channel.active = Some(false);
    }
    let fleet = gather(&snapshot, &options());
    assert_eq!((fleet.median_rate_ppm, fleet.median_return_ppm_per_year), (None, None));
    let earning = &fleet.channels[0].health.parts[0];
    assert_eq!((earning.name.as_ref(), earning.score_ppm), ("earning", None));
    assert_eq!(fleet.channels[1].usable, Knowledge::No);
    assert_eq!(issues(&fleet.channels[1])[0], "offline");
    assert_ne!(fleet.channels[1].health.status, HealthStatus::Healthy);
}

#[test]
fn channels_of_one_peer_and_young_channels_are_recognised() {
    let mut snapshot = snapshot();
    for at in [2, 3] {
        snapshot.channels[at].peer = Some(PeerId::new("02aa"));
    }
    snapshot.channels[3].opened_height = Some(900_000 - 144 * 29);
    let fleet = gather(&snapshot, &options());
    assert_eq!(issues(&fleet.channels[2]), ["forwards_for_nothing", "same_peer"]);
    // Opened within the window: too young to be dead weight.
    assert_eq!((issues(&fleet.channels[3]), fleet.channels[3].age_days), (vec!["same_peer"], Some(29)));
}

#[test]
fn the_score_is_the_weighted_mean_of_the_known_parts() {
    let snapshot = snapshot();
    for evidence in gather(&snapshot, &options()).channels {
        let parts = &evidence.health.parts;
        assert_eq!(parts.iter().map(|part| part.weight_ppm).sum::<u32>(), 1_000_000);
        let known =
            || parts.iter().filter_map(|part| Some((u64::from(part.score_ppm?), u64::from(part.weight_ppm))));
        let mean = known().map(|(score, weight)| score * weight).sum::<u64>()
            / known().map(|known| known.1).sum::<u64>();
        assert_eq!(evidence.health.score_ppm.map(u64::from), Some(mean));
    }
}

#[test]
fn profits_of_the_fleet_add_up_to_its_fees() {
    let snapshot = snapshot();
    let fleet = gather(&snapshot, &options());
    let fees: u64 =
        snapshot.forwards.iter().flat_map(|history| &history.events).map(|event| event.fee.to_msat()).sum();
    let profits: i64 =
        fleet.channels.iter().map(|evidence| evidence.flow.as_ref().unwrap().profit.to_msat()).sum();
    assert_eq!(profits.unsigned_abs(), fees);
}

#[test]
fn the_sample_fleet_is_judged_as_by_hand() {
    let Some(snapshot) = samples::node40() else { return };
    let mut options = Options::at("2026-03-03T00:00:00Z".parse().unwrap());
    options.feerate = Some(FeerateKw::from_sat_per_kw(1250));
    let fleet = gather(&snapshot, &options);
    let of = |name: &str| {
        fleet.channels.iter().find(|evidence| evidence.channel.label().starts_with(name)).unwrap()
    };
    assert_eq!((fleet.channels.len(), fleet.window.as_ref().unwrap().events), (40, 972));
    let brook = of("Nodebrook");
    assert!(issues(brook).contains(&"drained_fast"));
    // 4,158,679 out less 1,196,421 in, over 29.9166 days.
    assert_eq!(brook.flow.as_ref().unwrap().drain_per_day.to_sat_floor(), 99_017);
    assert!(brook.target_local.unwrap() > brook.channel.local);
    assert!(issues(of("LightningStation")).contains(&"forwards_for_nothing"));
    assert!(!issues(of("LQwD-Japan")).contains(&"forwards_for_nothing"));
    assert!(of("LQwD-Japan").flow.as_ref().unwrap().profit_is_upper_bound);
    assert!(fleet.channels.iter().all(|evidence| evidence.can_splice == Knowledge::No));
    assert!(fleet.warnings.is_empty(), "{:?}", fleet.warnings);
    let fees: u64 =
        snapshot.forwards.iter().flat_map(|history| &history.events).map(|event| event.fee.to_msat()).sum();
    let profits: i64 =
        fleet.channels.iter().map(|evidence| evidence.flow.as_ref().unwrap().profit.to_msat()).sum();
    assert_eq!(profits.unsigned_abs(), fees);
}

#[test]
fn the_graph_tells_last_hops_and_acinqs_is_too_dear() {
    let Some((mut snapshot, graph)) = samples::node40().zip(samples::mainnet()) else { return };
    snapshot.graph = Some(graph.clone());
    let fleet = gather(&snapshot, &Options::at("2026-03-03T00:00:00Z".parse().unwrap()));
    assert!(fleet.channels.iter().filter(|evidence| evidence.last_hop.is_some()).count() >= 35);
    let acinq = fleet.channels.iter().find(|evidence| evidence.channel.label() == "ACINQ").unwrap();
    assert!(issues(acinq).contains(&"dear_last_hop"), "{:?} {:?}", acinq.last_hop, issues(acinq));
}

fn any_channel() -> impl Strategy<Value = ChannelSnapshot> {
    let amount = || prop_oneof![0_u64..10_000_000_000, any::<u64>(), Just(u64::MAX)];
    let kind = prop::sample::select(vec![
        CommitmentKind::StaticRemoteKey,
        CommitmentKind::Anchors,
        CommitmentKind::TaprootZeroFee,
        CommitmentKind::Unknown,
    ]);
    let known = (any::<Option<bool>>(), any::<Option<bool>>(), any::<Option<u64>>(), any::<Option<u32>>());
    let htlcs = prop::option::of(prop::collection::vec((any::<bool>(), amount()), 0..4));
    let amounts = (amount(), amount(), amount(), prop::option::of(amount()), prop::option::of(amount()));
    (0_u32..6, kind, known, htlcs, amounts, any::<Option<(u64, u32)>>()).prop_map(
        |(key, kind, (active, ours, word, short), htlcs, amounts, policy)| {
            let msat = Msat::from_msat;
            let key = ChannelKey::new(&key.to_string());
            let mut channel = ChannelSnapshot::new(key, msat(amounts.0), msat(amounts.1), msat(amounts.2));
            channel.commitment = kind;
            channel.active = active;
            channel.opener = ours.map(|ours| if ours { Side::Local } else { Side::Remote });
            channel.reserve_local = word.map(Amount::from_sat);
            channel.dust_limit_remote = word.map(Amount::from_sat);
            channel.uptime_s = word;
            channel.monitored_s = amounts.3;
            channel.opened_at = word.map(u64::cast_signed);
            channel.opened_height = short;
            channel.feerate = short.map(FeerateKw::from_sat_per_kw);
            channel.scid = word.map(ShortChannelId::from_u64);
            channel.peer = active.map(|active| PeerId::new(if active { "02aa" } else { "02bb" }));
            channel.spendable = amounts.4.map(msat);
            channel.policy_local = policy.map(|(base, ppm)| Policy::new(msat(base), ppm));
            channel.htlcs = htlcs.map(|htlcs| {
                let way = |incoming| if incoming { HtlcDirection::Incoming } else { HtlcDirection::Outgoing };
                htlcs
                    .iter()
                    .map(|(incoming, amount)| HtlcSnapshot::new(way(*incoming), msat(*amount)))
                    .collect()
            });
            channel
        },
    )
}

fn any_forward() -> impl Strategy<Value = Forward> {
    let time = prop_oneof![0..100 * DAY_NS, any::<i64>()];
    let amount = || prop_oneof![0_u64..1_000_000_000, any::<u64>()];
    (time, 0_u32..8, 0_u32..8, amount(), amount(), amount()).prop_map(|(time, from, to, a, b, fee)| {
        let key = |number: u32| ChannelKey::new(&number.to_string());
        Forward::new(time, key(from), key(to), Msat::from_msat(a), Msat::from_msat(b), Msat::from_msat(fee))
    })
}

proptest! {
    #[test]
    fn no_snapshot_makes_it_panic_and_targets_stay_inside(
        channels in prop::collection::vec(any_channel(), 0..6),
        events in prop::option::of(prop::collection::vec(any_forward(), 0..20)),
        payments: bool,
        window_days: Option<u32>,
        horizon_days: u32,
        feerate: Option<u32>,
        now in -62_000_000_000_i64..250_000_000_000,
    ) {
        let mut snapshot = Snapshot { channels, ..Snapshot::default() };
        let payment = |forward: &Forward| SelfPayment {
            incoming: Some(forward.incoming.clone()),
            ..SelfPayment::new(forward.time_ns, forward.amount_in, forward.fee)
        };
        snapshot.self_payments = payments.then(|| events.iter().flatten().map(payment).collect());
        snapshot.forwards = events.map(|events| ForwardHistory { events, ..ForwardHistory::default() });
        snapshot.node.block_height = feerate;
        let mut options = Options::at(Timestamp::from_second(now).unwrap());
        options.window_days = window_days;
        options.horizon_days = horizon_days;
        options.feerate = feerate.map(FeerateKw::from_sat_per_kw);
        let fleet = gather(&snapshot, &options);
        prop_assert_eq!(fleet.channels.len(), snapshot.channels.len());
        for evidence in &fleet.channels {
            prop_assert!(evidence.target_local.is_none_or(|target| target <= evidence.channel.capacity));
            prop_assert!(evidence.health.score_ppm.is_none_or(|score| score <= 1_000_000));
            let parts = evidence.health.parts.iter().filter_map(|part| part.score_ppm);
            prop_assert!(parts.into_iter().all(|score| score <= 1_000_000));
        }
    }
}
