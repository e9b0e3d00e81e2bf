//! An invented fleet in the shape of LND's listings, so that the program can be tried without a node.
//!
//! Peers, ids and amounts come from a seeded generator: no real node is in it. A month of payments is played through
//! the channels from a starting balance, so that balances, forwards and fees fit together; then HTLCs are hung in, some
//! of them below the dust limit, and the commitment fee is what LND would print.

mod fleet;
mod graph;
mod listing;
mod random;
mod traffic;

use serde_json::Value;

/// The time the example is from.
pub(crate) const NOW: &str = "2026-03-01T00:00:00Z";
/// The example's feerate in sat/vB.
pub(crate) const FEERATE: &str = "5";
/// The height of the chain then.
const HEIGHT: u32 = 938_700;
/// Days of forwards in the example.
const DAYS: u64 = 30;
/// What makes the example this one.
const SEED: u64 = 0x7a70_2026_0301;

/// The example's documents: name and JSON, as a node's commands would print them.
pub(crate) fn documents() -> Vec<(&'static str, Vec<u8>)> {
    let mut random = random::SplitMix64::new(SEED);
    let mut fleet = fleet::Fleet::invent(&mut random);
    let forwards = traffic::play(&mut fleet, &mut random);
    fleet.hang_htlcs(&mut random);
    let graph = graph::around(&fleet, &mut random);
    [
        ("example/getinfo.json", listing::info(&fleet)),
        ("example/listchannels.json", listing::channels(&fleet)),
        ("example/fwdinghistory.json", listing::forwards(&forwards)),
        ("example/feereport.json", listing::fees(&fleet)),
        ("example/describegraph.json", graph),
    ]
    .map(|(name, document): (_, Value)| (name, document.to_string().into_bytes()))
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(name: &str) -> Value {
        let documents = documents();
        let (_, bytes) = documents.iter().find(|(known, _)| known.ends_with(name)).unwrap();
        serde_json::from_slice(bytes).unwrap()
    }

    fn number(value: &Value) -> u64 {
        value.as_str().unwrap().parse().unwrap()
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        assert_eq!(documents(), documents());
    }

    /// LND prints `commit_fee` as capacity minus outputs, so trimmed HTLCs are inside it.
    #[test]
    fn every_channel_keeps_lnds_identity() {
        let listing = document("listchannels.json");
        let channels = listing["channels"].as_array().unwrap();
        assert_eq!(channels.len(), 40);
        let mut hidden = 0;
        for channel in channels {
            let dust_limit = number(&channel["local_constraints"]["dust_limit_sat"]);
            let htlcs: Vec<u64> = channel["pending_htlcs"]
                .as_array()
                .unwrap()
                .iter()
                .map(|htlc| number(&htlc["amount"]))
                .collect();
            let untrimmed: Vec<u64> = htlcs.iter().copied().filter(|amount| *amount >= dust_limit).collect();
            let anchors = if channel["commitment_type"] == "STATIC_REMOTE_KEY" { 0 } else { 660 };
            let parts = ["local_balance", "remote_balance", "commit_fee"].map(|name| number(&channel[name]));
            let sum = parts.iter().sum::<u64>() + anchors + untrimmed.iter().sum::<u64>();
            assert_eq!(sum, number(&channel["capacity"]), "{channel}");
            let weight_fee = number(&channel["fee_per_kw"]) * number(&channel["commit_weight"]) / 1000;
            let trimmed: u64 = htlcs.iter().filter(|amount| **amount < dust_limit).sum();
            assert_eq!(parts[2], weight_fee + trimmed, "{channel}");
            assert_eq!(number(&channel["unsettled_balance"]), htlcs.iter().sum::<u64>());
            assert!(parts[0] >= number(&channel["local_chan_reserve_sat"]), "{channel}");
            hidden += trimmed;
        }
        assert!(hidden > 10_000, "the example hides dust in commit_fee: {hidden} sat");
    }

    #[test]
    fn the_fleet_has_every_case() {
        let listing = document("listchannels.json");
        let channels = listing["channels"].as_array().unwrap();
        let share = |channel: &Value| number(&channel["local_balance"]) * 100 / number(&channel["capacity"]);
        assert!(channels.iter().filter(|channel| share(channel) < 12).count() >= 5, "drained");
        assert!(channels.iter().filter(|channel| share(channel) > 88).count() >= 8, "full");
        assert!(channels.iter().any(|channel| channel["active"] == false), "offline");
        assert!(channels.iter().any(|channel| channel["private"] == true), "private");
        let peers: std::collections::BTreeSet<&str> =
            channels.iter().map(|channel| channel["remote_pubkey"].as_str().unwrap()).collect();
        assert!(peers.len() + 2 <= channels.len(), "same peer twice");
        let forwards = document("fwdinghistory.json");
        assert!(forwards["forwarding_events"].as_array().unwrap().len() > 1000);
    }
}
