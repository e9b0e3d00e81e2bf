//! Money: nothing is created, nothing is given away, whatever the input.

use channel_advisor::economic::plan;
use channel_advisor::plan::{ActionDetails, RemedyKind};
use channel_advisor::snapshot::{
    ChannelKey, ChannelSnapshot, Forward, HtlcDirection, HtlcSnapshot, Knowledge, Policy, Snapshot,
};
use channel_core::Msat;
use proptest::prelude::*;

use crate::fleet::{options, peer};

fn amount() -> impl Strategy<Value = u64> {
    prop_oneof![
        Just(0_u64),
        Just(1),
        Just(353_999),
        Just(354_000),
        Just(545_999),
        Just(546_000),
        1_000_u64..100_000_000_000,
        Just(2_100_000_000_000_000_000),
        Just(u64::MAX),
    ]
}

prop_compose! {
    fn any_channel()(
        capacity in amount(),
        local in amount(),
        ppm in prop_oneof![Just(0_u32), 1_u32..5000, Just(u32::MAX)],
        peer_number in 0_u8..4,
        htlc in prop::option::of(amount()),
        flags in any::<[bool; 4]>(),
        splices in prop_oneof![Just(Knowledge::Yes), Just(Knowledge::No), Just(Knowledge::Unknown)],
    ) -> ChannelSnapshot {
        let local = local.min(capacity);
        let htlc = htlc.map(|htlc| htlc.min(capacity - local));
        let remote = capacity - local - htlc.unwrap_or(0);
        let mut channel = ChannelSnapshot::new(
            ChannelKey::new("?"),
            Msat::from_msat(capacity),
            Msat::from_msat(local),
            Msat::from_msat(remote),
        );
        channel.peer = flags[0].then(|| peer(peer_number));
        channel.active = flags[1].then_some(flags[2]);
        channel.private = flags[3].then_some(flags[2]);
        channel.htlcs = flags[2].then(|| {
            htlc.map(|amount| HtlcSnapshot::new(HtlcDirection::Incoming, Msat::from_msat(amount))).into_iter().collect()
        });
        channel.policy_local = Some(Policy::new(Msat::from_msat(capacity % 5000), ppm));
        channel.policy_remote = flags[3].then(|| Policy::new(Msat::ZERO, ppm / 2));
        channel.peer_splices = splices;
        channel
    }
}

prop_compose! {
    fn any_snapshot()(
        channels in prop::collection::vec(any_channel(), 0..8),
        moves in prop::collection::vec((0_usize..8, 0_usize..8, amount(), 0_u64..5_000_000), 0..30),
        implementation in 0_usize..5,
    ) -> Snapshot {
        use channel_advisor::snapshot::Implementation::{Cln, Eclair, Ldk, Lnd, Table};
        let mut snapshot = Snapshot::default();
        snapshot.implementation = [Lnd, Cln, Eclair, Ldk, Table][implementation];
        snapshot.channels = channels;
        for (at, channel) in snapshot.channels.iter_mut().enumerate() {
            channel.key = ChannelKey::new(&format!("{at}"));
        }
        let mut history = channel_advisor::snapshot::ForwardHistory::default();
        for (incoming, outgoing, volume, fee) in moves {
            let time = 1_772_000_000_000_000_000 + i64::try_from(volume % 5_000_000).unwrap() * 1_000_000_000;
            let key = |at: usize| ChannelKey::new(&format!("{at}"));
            let (volume, fee) = (Msat::from_msat(volume), Msat::from_msat(fee));
            history.events.push(Forward::new(time, key(incoming), key(outgoing), volume.saturating_add(fee), volume, fee));
        }
        history.events.sort_by_key(|event| event.time_ns);
        snapshot.forwards = Some(history);
        snapshot
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn totals_add_up_and_nothing_is_paid_to_the_peer(snapshot in any_snapshot()) {
        let plan = plan(&snapshot, &options()).unwrap();
        let fleet = &plan.fleet;
        prop_assert_eq!(fleet.cost_msat, plan.actions.iter().map(|a| a.cost_msat).sum::<Msat>());
        prop_assert!(fleet.actions_shown <= fleet.actions_total);
        let net = i128::from(fleet.benefit_msat.to_msat()) - i128::from(fleet.cost_msat.to_msat());
        prop_assert_eq!(net.clamp(i128::from(i64::MIN), i128::from(i64::MAX)), i128::from(fleet.net_msat.to_msat()));
        for action in plan.actions.iter().chain(plan.channels.iter().flat_map(|c| &c.remedies)) {
            let net = action.benefit_msat.map(|b| i128::from(b.to_msat()) - i128::from(action.cost_msat.to_msat()));
            if let (Some(net), Some(said)) = (net, action.net_msat) {
                let rounding = i128::from(action.kind == RemedyKind::Rebalance);
                let held = net.clamp(i128::from(i64::MIN), i128::from(i64::MAX));
                prop_assert!((held - i128::from(said.to_msat())).abs() <= rounding || action.benefit_msat == Some(Msat::ZERO), "{}", action.id);
            }
            prop_assert!((1..=10).contains(&action.priority));
            // What leaves a channel is ours to move and comes back to us: through another channel, the wallet or a close.
            if let ActionDetails::Rebalance { source, target, .. } = &action.details {
                prop_assert_ne!(source, target);
                let of = |key: &String| snapshot.channels.iter().find(|c| c.key.as_str() == key).unwrap();
                prop_assert!(action.amount_msat.unwrap() <= of(source).local);
                prop_assert!(action.amount_msat.unwrap() <= of(target).remote);
            }
            if action.kind == RemedyKind::SpliceOut {
                let local = snapshot.channels.iter().find(|c| c.key == action.channels[0]).unwrap().local;
                prop_assert!(action.amount_msat.unwrap() <= local);
            }
        }
        for pair in plan.actions.windows(2).skip(1) {
            prop_assert!(pair[0].net_msat >= pair[1].net_msat);
        }
    }
}
