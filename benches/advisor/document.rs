//! A graph of the size of the public one, as `lncli describegraph` prints it.

use std::fmt::Write;
use std::fs::File;
use std::path::PathBuf;

use channel_advisor::import::{Import, Role, read_document};
use channel_advisor::snapshot::Snapshot;

use benches::Draw;

const NODES: u64 = 17_000;
const CHANNELS: u64 = 51_000;
const SAMPLE: &str = "samples/graph/mainnet-2026-02-03.describegraph.json.gz";

/// The sample of the public graph where it is there, else a drawn one; with its name.
pub(crate) fn graph() -> (&'static str, Vec<u8>) {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared");
    let shared = std::env::var_os("TAPROOT_CHANNELS_SHARED").map_or_else(|| root.into(), PathBuf::from);
    match File::open(shared.join(SAMPLE)) {
        Ok(file) => ("public", read_document(SAMPLE, file).expect("the sample is a graph")),
        Err(_) => ("drawn", drawn().into_bytes()),
    }
}

/// A graph alone lists no channels of ours; a listing of one invented channel completes the import.
pub(crate) fn import(document: &[u8]) -> Snapshot {
    let listing = br#"[{"chan_id": "1", "capacity": "1", "local_balance": "1", "remote_balance": "0"}]"#;
    let mut import = Import::new();
    import.add("listing", listing, None).expect("the listing is sound");
    import.add("graph", document, Some(Role::Graph)).expect("the graph is sound");
    import.finish().expect("there is a channel")
}

fn drawn() -> String {
    let mut draw = Draw::new(2);
    let mut text = String::with_capacity(50_000_000);
    text.push_str(r#"{"nodes":["#);
    for node in 0..NODES {
        let key = key(node);
        let comma = if node == 0 { "" } else { "," };
        write!(
            text,
            r##"{comma}{{"last_update":1770000000,"pub_key":"{key}","alias":"node {node}","addresses":[],"color":"#000000","features":{{}},"custom_records":{{}}}}"##,
        )
        .expect("a string takes all");
    }
    text.push_str(r#"],"edges":["#);
    for channel in 0..CHANNELS {
        if channel > 0 {
            text.push(',');
        }
        channel_text(&mut text, &mut draw, channel);
    }
    text.push_str("]}");
    text
}

fn key(node: u64) -> String {
    let mut draw = Draw::new(node);
    let mut word = || draw.below(u64::MAX);
    format!("02{:016x}{:016x}{:016x}{:016x}", word(), word(), word(), word())
}

/// One end among few large nodes, the other among all.
fn channel_text(text: &mut String, draw: &mut Draw, channel: u64) {
    let hubs = 1 + draw.below(NODES);
    let ends = [draw.below(hubs), draw.below(NODES)];
    let [one, two] = if ends[0] == ends[1] { [ends[0], (ends[0] + 1) % NODES] } else { ends };
    let capacity = 20_000 + draw.below(20_000_000);
    let scid = ((800_000 + channel / 100) << 40) | ((channel % 100) << 16);
    write!(
        text,
        r#"{{"channel_id":"{scid}","chan_point":"{channel:064x}:0","last_update":1770000000,"node1_pub":"{}","node2_pub":"{}","capacity":"{capacity}","node1_policy":{},"node2_policy":{},"custom_records":{{}}}}"#,
        key(one),
        key(two),
        policy_text(draw, capacity),
        policy_text(draw, capacity),
    )
    .expect("a string takes all");
}

fn policy_text(draw: &mut Draw, capacity: u64) -> String {
    let (base, ppm) = (draw.one_of(&[0, 0, 1000]), draw.below(50) * draw.below(50));
    let (disabled, most) = (draw.below(5) == 0, capacity * 990);
    format!(
        r#"{{"time_lock_delta":80,"min_htlc":"1000","fee_base_msat":"{base}","fee_rate_milli_msat":"{ppm}","disabled":{disabled},"max_htlc_msat":"{most}","last_update":1770000000,"custom_records":{{}},"inbound_fee_base_msat":0,"inbound_fee_rate_milli_msat":0}}"#
    )
}
