//! The shared sample fleet and graph for tests, read just far enough; `None` where the samples are not there.

use std::collections::HashMap;
use std::io::Read;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::{env, fs};

use bitcoin::Amount;
use channel_core::{FeerateKw, Msat, ShortChannelId, Side};
use serde_json::Value;

use crate::snapshot::{
    ChannelKey, ChannelSnapshot, CommitmentKind, EdgePolicy, Forward, ForwardHistory, Graph, GraphBuilder,
    HtlcDirection, HtlcSnapshot, Implementation, Knowledge, PeerId, Policy, Snapshot,
};

fn shared() -> PathBuf {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared");
    env::var_os("TAPROOT_CHANNELS_SHARED").map_or_else(|| root.into(), PathBuf::from)
}

fn json(path: &str) -> Option<Value> {
    serde_json::from_slice(&fs::read(shared().join("samples").join(path)).ok()?).ok()
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn number(value: &Value) -> u64 {
    text(value).parse().unwrap_or(0)
}

fn sat(value: &Value) -> Msat {
    Msat::from_sat(number(value)).unwrap()
}

/// The sample fleet of 40 channels with its forwards and fees.
pub(super) fn node40() -> Option<Snapshot> {
    let listed = json("fleet/node40/listchannels.json")?;
    let forwards = json("fleet/node40/fwdinghistory.json")?;
    let fees = json("fleet/node40/feereport.json")?;
    let info = json("fleet/node40/getinfo.json")?;
    let policy = |fee: &Value| {
        let ppm = u32::try_from(number(&fee["fee_per_mil"])).unwrap();
        (text(&fee["chan_id"]), Policy::new(Msat::from_msat(number(&fee["base_fee_msat"])), ppm))
    };
    let policies: HashMap<_, _> = fees["channel_fees"].as_array()?.iter().map(policy).collect();
    let mut snapshot = Snapshot { implementation: Implementation::Lnd, ..Snapshot::default() };
    snapshot.node.id = Some(PeerId::new(info["identity_pubkey"].as_str()?));
    snapshot.node.block_height = u32::try_from(number(&info["block_height"])).ok();
    snapshot.channels = listed["channels"].as_array()?.iter().map(channel).collect();
    for channel in &mut snapshot.channels {
        channel.policy_local = policies.get(channel.key.as_str()).copied();
    }
    let events = forwards["forwarding_events"].as_array()?.iter().map(forward).collect();
    snapshot.forwards = Some(ForwardHistory { events, ..ForwardHistory::default() });
    Some(snapshot)
}

fn forward(event: &Value) -> Forward {
    let key = |name: &str| ChannelKey::new(event[name].as_str().unwrap());
    let msat = |name: &str| Msat::from_msat(number(&event[name]));
    let time = text(&event["timestamp_ns"]).parse().unwrap();
    Forward::new(
        time,
        key("chan_id_in"),
        key("chan_id_out"),
        msat("amt_in_msat"),
        msat("amt_out_msat"),
        msat("fee_msat"),
    )
}

fn channel(listed: &Value) -> ChannelSnapshot {
    let commitment = match listed["commitment_type"].as_str().unwrap() {
        "STATIC_REMOTE_KEY" => CommitmentKind::StaticRemoteKey,
        "ANCHORS" => CommitmentKind::Anchors,
        _ => CommitmentKind::Taproot,
    };
    let opened_by_us = listed["initiator"].as_bool().unwrap();
    let anchors = if commitment == CommitmentKind::StaticRemoteKey { 0 } else { 660_000 };
    // Net of fee and anchors for the opener, as LND prints it.
    let costs = sat(&listed["commit_fee"]).saturating_add(Msat::from_msat(anchors));
    let (mut local, mut remote) = (sat(&listed["local_balance"]), sat(&listed["remote_balance"]));
    let opener = if opened_by_us { &mut local } else { &mut remote };
    *opener = opener.saturating_add(costs);
    let key = ChannelKey::new(listed["chan_id"].as_str().unwrap());
    let mut channel = ChannelSnapshot::new(key, sat(&listed["capacity"]), local, remote);
    let constraints = |side: &str, name: &str| number(&listed[format!("{side}_constraints")][name]);
    channel.scid = Some(ShortChannelId::from_u64(number(&listed["chan_id"])));
    channel.peer = Some(PeerId::new(listed["remote_pubkey"].as_str().unwrap()));
    channel.peer_alias = Some(text(&listed["peer_alias"]));
    channel.commitment = commitment;
    channel.opener = Some(if opened_by_us { Side::Local } else { Side::Remote });
    channel.feerate = Some(FeerateKw::from_sat_per_kw(u32::try_from(number(&listed["fee_per_kw"])).unwrap()));
    channel.reserve_local = Some(Amount::from_sat(constraints("local", "chan_reserve_sat")));
    channel.reserve_remote = Some(Amount::from_sat(constraints("remote", "chan_reserve_sat")));
    channel.dust_limit_local = Some(Amount::from_sat(constraints("local", "dust_limit_sat")));
    channel.dust_limit_remote = Some(Amount::from_sat(constraints("remote", "dust_limit_sat")));
    channel.max_in_flight_local = Some(Msat::from_msat(constraints("remote", "max_pending_amt_msat")));
    channel.max_in_flight_remote = Some(Msat::from_msat(constraints("local", "max_pending_amt_msat")));
    channel.to_self_delay = Some(u16::try_from(constraints("local", "csv_delay")).unwrap());
    channel.active = listed["active"].as_bool();
    channel.private = listed["private"].as_bool();
    channel.opened_height = channel.scid.map(ShortChannelId::block_height);
    channel.uptime_s = Some(number(&listed["uptime"]));
    channel.monitored_s = Some(number(&listed["lifetime"]));
    channel.htlcs = Some(listed["pending_htlcs"].as_array().unwrap().iter().map(htlc).collect());
    channel
}

fn htlc(listed: &Value) -> HtlcSnapshot {
    let incoming = listed["incoming"].as_bool().unwrap();
    let direction = if incoming { HtlcDirection::Incoming } else { HtlcDirection::Outgoing };
    HtlcSnapshot::new(direction, sat(&listed["amount"]))
}

/// The sample graph of the public network, read once for all tests.
pub(super) fn mainnet() -> Option<&'static Graph> {
    static GRAPH: OnceLock<Option<Graph>> = OnceLock::new();
    GRAPH.get_or_init(read_mainnet).as_ref()
}

fn read_mainnet() -> Option<Graph> {
    let file =
        fs::File::open(shared().join("samples/graph/mainnet-2026-02-03.describegraph.json.gz")).ok()?;
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(file).read_to_end(&mut bytes).ok()?;
    let graph: Value = serde_json::from_slice(&bytes).ok()?;
    let mut builder = GraphBuilder::default();
    for edge in graph["edges"].as_array()? {
        let node = |name: &str| PeerId::new(edge[name].as_str().unwrap()).to_bytes().unwrap();
        let (one, two) = (builder.node(node("node1_pub")), builder.node(node("node2_pub")));
        for (from, to, policy) in [(one, two, &edge["node1_policy"]), (two, one, &edge["node2_policy"])] {
            if policy.is_object() {
                builder.direction(
                    from,
                    to,
                    number(&edge["channel_id"]),
                    sat(&edge["capacity"]),
                    edge_policy(policy),
                );
            }
        }
    }
    for node in graph["nodes"].as_array()? {
        let index = builder.node(PeerId::new(node["pub_key"].as_str()?).to_bytes()?);
        builder.describe(index, node["alias"].as_str(), Knowledge::Unknown);
    }
    Some(builder.build())
}

fn edge_policy(policy: &Value) -> EdgePolicy {
    let msat = |name: &str| Msat::from_msat(number(&policy[name]));
    let ppm = u32::try_from(number(&policy["fee_rate_milli_msat"])).unwrap();
    let disabled = policy["disabled"].as_bool().unwrap();
    EdgePolicy::new(msat("fee_base_msat"), ppm, msat("min_htlc"), msat("max_htlc_msat"), disabled)
}
