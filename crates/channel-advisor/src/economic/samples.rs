//! The shared sample fleet and graph for tests; `None` where the samples are not there.

use std::path::PathBuf;
use std::sync::OnceLock;

use crate::import::Import;
use crate::snapshot::{Graph, Snapshot};

#[expect(clippy::disallowed_methods, reason = "samples are read from files")]
fn imported(files: &[&str]) -> Option<Snapshot> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared");
    let shared =
        std::env::var_os("TAPROOT_CHANNELS_SHARED").map_or_else(|| PathBuf::from(root), PathBuf::from);
    let mut import = Import::new();
    for file in files {
        import.add(file, &std::fs::read(shared.join("samples").join(file)).ok()?, None).unwrap();
    }
    Some(import.finish().unwrap())
}

const FLEET: [&str; 4] = [
    "fleet/node40/listchannels.json",
    "fleet/node40/fwdinghistory.json",
    "fleet/node40/feereport.json",
    "fleet/node40/getinfo.json",
];

/// The sample fleet of 40 channels with its forwards and fees.
pub(super) fn node40() -> Option<Snapshot> {
    imported(&FLEET)
}

/// The public graph of the samples.
pub(super) fn mainnet() -> Option<&'static Graph> {
    static GRAPH: OnceLock<Option<Graph>> = OnceLock::new();
    let with_graph = [&FLEET[..], &["graph/mainnet-2026-02-03.describegraph.json.gz"]].concat();
    GRAPH.get_or_init(|| imported(&with_graph)?.graph).as_ref()
}
