//! Real listings, where they are at hand: `TAPROOT_CHANNELS_SHARED`, or `shared` beside the workspace.

use std::path::PathBuf;

use serde_json::Value;

use crate::program::{channel, stderr, stdout};

fn samples() -> Option<PathBuf> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("TAPROOT_CHANNELS_SHARED").map_or_else(beside, PathBuf::from);
    Some(shared.join("samples")).filter(|samples| samples.is_dir())
}

#[track_caller]
fn plan(files: &[&str]) -> Option<Value> {
    let samples = samples()?;
    let mut command = channel(&["plan", "--json", "--now", "2026-03-03T00:00:00Z"]);
    let output = command.args(files.iter().map(|file| samples.join(file))).output().unwrap();
    assert!(output.status.success(), "{files:?}: {}", stderr(&output));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn each_implementations_listing_gives_a_plan() {
    for (files, implementation) in [
        (&["lnd/listchannels.testnet-v0.17.3.json"][..], "lnd"),
        (&["lnd/listchannels.bolt-observer-fixture.json"], "lnd"),
        (&["cln/listpeerchannels.1.json", "cln/getinfo.1.json", "cln/feerates.1.json"], "cln"),
        (&["eclair/doc-channels.json"], "eclair"),
    ] {
        if let Some(plan) = plan(files) {
            assert_eq!(plan["node"]["implementation"], implementation);
            assert!(!plan["channels"].as_array().unwrap().is_empty());
        }
    }
}

#[test]
fn a_fleet_with_the_real_graph_gives_a_plan_to_act_on() {
    let node = ["getinfo", "listchannels", "fwdinghistory", "feereport"]
        .map(|name| format!("fleet/node40/{name}.json"));
    let mut files: Vec<&str> = node.iter().map(String::as_str).collect();
    files.push("graph/mainnet-2026-02-03.describegraph.json.gz");
    let Some(plan) = plan(&files) else { return };
    assert_eq!(plan["channels"].as_array().unwrap().len(), 40);
    assert!(plan["fleet"]["actions_total"].as_u64().unwrap() > 0);
}

#[test]
fn tables_of_real_aliases_fit_eighty_columns() {
    use unicode_width::UnicodeWidthStr;
    let Some(samples) = samples() else { return };
    let node = ["getinfo", "listchannels", "fwdinghistory", "feereport"]
        .map(|name| samples.join(format!("fleet/node40/{name}.json")));
    let output =
        channel(&["plan", "--now", "2026-03-03T00:00:00Z", "--feerate", "5"]).args(node).output().unwrap();
    for line in stdout(&output).lines() {
        assert!(line.width() <= 80, "{} columns: {line}", line.width());
    }
}
