//! Small fleets: channels and forwards put together by hand.

use channel_advisor::economic::{Options, plan};
use channel_advisor::plan::{Action, ChannelReport, Plan, RemedyKind};
use channel_advisor::snapshot::{
    ChannelKey, ChannelSnapshot, CommitmentKind, EdgePolicy, Forward, ForwardHistory, Graph, GraphBuilder,
    Implementation, Knowledge, PeerId, Policy, Snapshot,
};
use channel_core::{FeerateKw, Msat, ShortChannelId, Side};

/// 2026-03-01, a day before the newest forward is 7 days old.
pub(crate) const NOW: &str = "2026-03-01T00:00:00Z";
/// The newest forward: 2026-02-28.
const NEWEST_S: i64 = 1_772_236_800;
/// Forwards span that many days.
pub(crate) const SPAN_DAYS: i64 = 30;

pub(crate) fn sats(amount: u64) -> Msat {
    Msat::from_sat(amount).unwrap()
}

pub(crate) fn us() -> PeerId {
    peer(0)
}

pub(crate) fn peer(number: u8) -> PeerId {
    PeerId::new(&format!("02{}", format!("{number:02x}").repeat(32)))
}

/// An announced, active anchors channel of old age with 5000-day-old funding, a peer of its own and our policy.
pub(crate) fn channel(number: u8, capacity: u64, local: u64, ppm: u32) -> ChannelSnapshot {
    let key = format!("8000{number:02}x1x0");
    let mut channel =
        ChannelSnapshot::new(ChannelKey::new(&key), sats(capacity), sats(local), sats(capacity - local));
    let scid: ShortChannelId = key.parse().unwrap();
    channel.scid = Some(scid);
    channel.opened_height = Some(scid.block_height());
    channel.funding = Some(format!("{}:0", format!("{number:02x}").repeat(32)).parse().unwrap());
    channel.peer = Some(peer(number));
    channel.peer_alias = Some(format!("peer{number}"));
    channel.peer_splices = Knowledge::No;
    channel.opener = Some(Side::Remote);
    channel.commitment = CommitmentKind::Anchors;
    channel.feerate = Some(FeerateKw::from_sat_per_kw(500));
    channel.dust_limit_local = Some(bitcoin::Amount::from_sat(354));
    channel.dust_limit_remote = Some(bitcoin::Amount::from_sat(354));
    channel.htlcs = Some(Vec::new());
    channel.policy_local = Some(Policy::new(Msat::ZERO, ppm));
    channel.policy_remote = Some(Policy::new(Msat::ZERO, 50));
    channel.active = Some(true);
    channel.private = Some(false);
    channel
}

/// Volume through a channel over the span, as `count` forwards of equal size a side, earning `ppm` on the way out.
pub(crate) struct Volume {
    pub(crate) incoming: u8,
    pub(crate) outgoing: u8,
    pub(crate) sat: u64,
    pub(crate) ppm: u32,
}

/// Spreads each volume evenly over the span in 60 forwards.
pub(crate) fn forwards(volumes: &[Volume]) -> ForwardHistory {
    let mut history = ForwardHistory::default();
    let key = |number: u8| ChannelKey::new(&format!("8000{number:02}x1x0"));
    for volume in volumes {
        let part = Msat::from_msat(volume.sat * 1000 / 60);
        for step in 0..60 {
            let time = NEWEST_S - SPAN_DAYS * 86_400 + step * SPAN_DAYS * 86_400 / 59;
            let fee = part.ppm(u64::from(volume.ppm));
            history.events.push(Forward::new(
                time * 1_000_000_000,
                key(volume.incoming),
                key(volume.outgoing),
                part.checked_add(fee).unwrap(),
                part,
                fee,
            ));
        }
    }
    history.events.sort_by_key(|event| event.time_ns);
    history
}

pub(crate) fn snapshot(channels: Vec<ChannelSnapshot>, volumes: &[Volume]) -> Snapshot {
    let mut snapshot = Snapshot::default();
    snapshot.implementation = Implementation::Lnd;
    snapshot.node.id = Some(us());
    snapshot.node.block_height = Some(930_000);
    snapshot.channels = channels;
    snapshot.forwards = (!volumes.is_empty()).then(|| forwards(volumes));
    snapshot
}

/// The standard case: channel 1 drains at a good rate and is nearly empty, channel 2 is full and idle, channel 3
/// routes evenly.
pub(crate) fn drained_and_full() -> Snapshot {
    snapshot(
        vec![
            channel(1, 4_000_000, 200_000, 900),
            channel(2, 5_000_000, 4_500_000, 100),
            channel(3, 2_000_000, 1_000_000, 100),
        ],
        &[
            Volume { incoming: 3, outgoing: 1, sat: 3_000_000, ppm: 900 },
            Volume { incoming: 2, outgoing: 3, sat: 3_000_000, ppm: 100 },
        ],
    )
}

/// A graph in which every peer is joined to a hub by wide channels at `ppm` each way.
pub(crate) fn star_graph(peers: &[u8], ppm: u32) -> Graph {
    let mut builder = GraphBuilder::with_capacity(8, 16);
    let bytes = |peer: PeerId| peer.to_bytes().unwrap();
    builder.node(bytes(us()));
    let hub = builder.node([3; 33]);
    let policy = EdgePolicy::new(Msat::ZERO, ppm, Msat::ZERO, Msat::MAX, false);
    for (at, number) in peers.iter().enumerate() {
        let node = builder.node(bytes(peer(*number)));
        let scid = 900_000 + at as u64;
        builder.direction(node, hub, scid, sats(1_000_000_000), policy);
        builder.direction(hub, node, scid, sats(1_000_000_000), policy);
    }
    builder.build()
}

pub(crate) fn options() -> Options {
    let mut options = Options::at(NOW.parse().unwrap());
    options.feerate = Some(FeerateKw::from_sat_per_kw(1250));
    options
}

pub(crate) fn planned(snapshot: &Snapshot) -> Plan {
    plan(snapshot, &options()).unwrap()
}

pub(crate) fn report(plan: &Plan, number: u8) -> &ChannelReport {
    let key = format!("8000{number:02}x1x0");
    plan.channels.iter().find(|channel| channel.channel.as_str() == key).unwrap()
}

pub(crate) fn remedy(plan: &Plan, number: u8, kind: RemedyKind) -> Option<&Action> {
    report(plan, number).remedies.iter().find(|action| action.kind == kind)
}
