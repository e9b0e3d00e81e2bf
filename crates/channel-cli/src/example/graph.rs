//! The part of an invented network around the node: its peers, some hubs, and the channels between them.

use serde_json::{Value, json};

use super::fleet::{Channel, Fleet};
use super::random::SplitMix64;

/// Names of the invented hubs.
const HUBS: [&str; 10] = [
    "Granite Hub",
    "Estuary Hub",
    "Lamplight Hub",
    "Ridgeway Hub",
    "Cinder Hub",
    "Juniper Hub",
    "Basalt Hub",
    "Meadow Hub",
    "Anvil Hub",
    "Skylark Hub",
];
/// Seconds of the newest update: a day before the example's date.
const UPDATED: u64 = 1_772_236_800;

/// `lncli describegraph`.
pub(super) fn around(fleet: &Fleet, random: &mut SplitMix64) -> Value {
    let hubs: Vec<(String, &str)> = HUBS.iter().map(|name| (random.node_id(), *name)).collect();
    let mut peers: Vec<(String, &str)> = Vec::new();
    for channel in fleet.channels.iter().filter(|channel| !channel.private) {
        if !peers.iter().any(|(id, _)| *id == channel.peer) {
            peers.push((channel.peer.clone(), channel.alias));
        }
    }
    let mut nodes = vec![node(&fleet.node_id, "Example Node", false)];
    nodes.extend(peers.iter().enumerate().map(|(index, (id, alias))| node(id, alias, index % 3 == 0)));
    nodes.extend(hubs.iter().map(|(id, alias)| node(id, alias, true)));
    let mut edges: Vec<Value> = fleet
        .channels
        .iter()
        .filter(|channel| !channel.private)
        .map(|channel| own_edge(&fleet.node_id, channel, random))
        .collect();
    let mut block = 800_000;
    for (index, (peer, _)) in peers.iter().enumerate() {
        for turn in 0..3 {
            block += 97;
            let (hub, _) = &hubs[(index + turn * 3) % hubs.len()];
            edges.push(edge(peer, hub, block, random));
        }
    }
    for (index, (hub, _)) in hubs.iter().enumerate() {
        for step in [1, 3] {
            block += 97;
            edges.push(edge(hub, &hubs[(index + step) % hubs.len()].0, block, random));
        }
    }
    json!({ "nodes": nodes, "edges": edges })
}

fn node(id: &str, alias: &str, splices: bool) -> Value {
    let feature = |name: &str| json!({ "name": name, "is_required": false, "is_known": true });
    let mut features = json!({ "9": feature("tlv-onion"), "23": feature("anchors-zero-fee-htlc-tx") });
    if splices {
        features["63"] = feature("splice");
    }
    json!({ "last_update": UPDATED, "pub_key": id, "alias": alias, "addresses": [], "color": "#000000", "features": features })
}

/// One of our own channels: our side as in the fee report, the peer's side invented.
fn own_edge(us: &str, channel: &Channel, random: &mut SplitMix64) -> Value {
    let ours = policy(channel.base_msat, channel.ppm, channel.capacity_sat, !channel.active);
    let ppm = random.pick(&[1, 10, 25, 60, 120, 900]);
    let theirs = policy(random.pick(&[0, 1_000]), ppm, channel.capacity_sat, !channel.active);
    ends(us, &channel.peer, channel.scid, channel.capacity_sat, ours, theirs)
}

fn edge(one: &str, other: &str, block: u64, random: &mut SplitMix64) -> Value {
    let capacity = random.pick(&[20_000_000, 40_000_000, 80_000_000, 150_000_000]);
    let mut invented = || policy(0, random.pick(&[1, 5, 10, 25, 50, 90]), capacity, false);
    let (first, second) = (invented(), invented());
    ends(one, other, block << 40 | 1 << 16, capacity, first, second)
}

/// An edge with its ends in the order of their ids, as BOLT 7 wants it.
fn ends(one: &str, other: &str, scid: u64, capacity: u64, of_one: Value, of_other: Value) -> Value {
    let ((first, of_first), (second, of_second)) =
        if one < other { ((one, of_one), (other, of_other)) } else { ((other, of_other), (one, of_one)) };
    json!({
        "channel_id": scid.to_string(),
        "chan_point": format!("{scid:064x}:0"),
        "last_update": UPDATED,
        "node1_pub": first,
        "node2_pub": second,
        "capacity": capacity.to_string(),
        "node1_policy": of_first,
        "node2_policy": of_second,
    })
}

fn policy(base_msat: u64, ppm: u64, capacity_sat: u64, disabled: bool) -> Value {
    json!({
        "time_lock_delta": 80,
        "min_htlc": "1000",
        "fee_base_msat": base_msat.to_string(),
        "fee_rate_milli_msat": ppm.to_string(),
        "disabled": disabled,
        "max_htlc_msat": (capacity_sat * 990).to_string(),
        "last_update": UPDATED,
        "inbound_fee_base_msat": 0,
        "inbound_fee_rate_milli_msat": 0,
    })
}
