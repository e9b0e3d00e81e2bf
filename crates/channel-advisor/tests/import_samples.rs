//! The importers on real listings, where they are at hand (`TAPROOT_CHANNELS_SHARED`, or `shared` beside the
//! workspace). Our own fixtures cover the same behaviour everywhere: see `import_fixtures.rs`.

#![allow(clippy::disallowed_methods, reason = "samples are read from files")]

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use bitcoin::Amount;
use channel_advisor::import::{DocumentKind, Import, ImportError, read_document};
use channel_advisor::snapshot::{ChannelSnapshot, CommitmentKind, Knowledge, Snapshot};
use channel_core::{Msat, Side};

fn samples() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("TAPROOT_CHANNELS_SHARED").map_or(beside, PathBuf::from);
    Some(shared.join("samples")).filter(|samples| samples.is_dir())
}

fn add(import: &mut Import, path: &Path) -> Result<DocumentKind, ImportError> {
    let name = path.file_name().expect("a sample has a name").to_string_lossy();
    let bytes = read_document(&name, File::open(path).expect("a sample can be read"))?;
    import.add(&name, &bytes, None)
}

fn import(paths: &[PathBuf]) -> Snapshot {
    let mut import = Import::new();
    for path in paths {
        add(&mut import, path).unwrap_or_else(|error| panic!("{error}"));
    }
    import.finish().expect("the samples given list channels")
}

fn sat(amount: u64) -> Msat {
    Msat::from_sat(amount).expect("amounts of samples are small")
}

fn pending(channel: &ChannelSnapshot) -> Msat {
    channel.htlcs.iter().flatten().map(|htlc| htlc.amount).sum()
}

fn codes(snapshot: &Snapshot) -> Vec<(&str, Option<u32>)> {
    snapshot.assumptions.iter().map(|a| (a.code.as_str(), a.channels)).collect()
}

#[test]
fn every_sample_is_recognised() {
    let Some(samples) = samples() else { return };
    let mut seen = Vec::new();
    for folder in ["lnd", "cln", "eclair", "fleet/node40"] {
        for entry in fs::read_dir(samples.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let kind = add(&mut Import::new(), &path).unwrap_or_else(|error| panic!("{error}"));
            seen.push(kind);
        }
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 21, "{seen:?}");
}

#[test]
fn node40_satisfies_the_identity_on_every_channel() {
    let Some(samples) = samples() else { return };
    let node = samples.join("fleet/node40");
    let files = ["listchannels.json", "feereport.json", "fwdinghistory.json", "getinfo.json"];
    let snapshot = import(&files.map(|file| node.join(file)));
    assert_eq!(snapshot.channels.len(), 40);
    assert_eq!(codes(&snapshot), []);
    let mut hidden = 0;
    for channel in &snapshot.channels {
        let sum = channel.local.saturating_add(channel.remote).saturating_add(pending(channel));
        assert_eq!(sum, channel.capacity, "{}", channel.key);
        let limit = channel.dust_limit_local.unwrap();
        let fee = |wu| channel.feerate.unwrap().fee_floor(bitcoin::Weight::from_wu(wu));
        let trimmed: Msat = channel
            .htlcs
            .iter()
            .flatten()
            .filter(|htlc| {
                let stage = match (channel.commitment, htlc.direction) {
                    (CommitmentKind::StaticRemoteKey, channel_advisor::snapshot::HtlcDirection::Outgoing) => {
                        fee(663)
                    }
                    (CommitmentKind::StaticRemoteKey, _) => fee(703),
                    _ => Amount::ZERO,
                };
                htlc.amount.to_sat_floor() < limit + stage
            })
            .map(|htlc| htlc.amount)
            .sum();
        assert_eq!(channel.hidden_dust, Some(trimmed), "{}", channel.key);
        assert!(channel.policy_local.is_some(), "{}", channel.key);
        hidden += usize::from(!trimmed.is_zero());
    }
    assert_eq!(hidden, 6);
    let forwards = snapshot.forwards.unwrap();
    assert_eq!((forwards.events.len(), forwards.truncation), (972, None));
    assert!(forwards.events.is_sorted_by_key(|event| event.time_ns));
    assert_eq!(snapshot.node.block_height, Some(935_000));
}

#[test]
fn the_mainnet_graph_names_peers_and_their_fees() {
    let Some(samples) = samples() else { return };
    let graph = samples.join("graph/mainnet-2026-02-03.describegraph.json.gz");
    let node = samples.join("fleet/node40");
    let with = import(&[node.join("listchannels.json"), graph.clone(), node.join("getinfo.json")]);
    let known = with.graph.as_ref().unwrap();
    assert_eq!((known.node_count(), known.direction_count()), (17_324, 101_616));
    for channel in &with.channels {
        let (ours, theirs) = (channel.policy_local.unwrap(), channel.policy_remote.unwrap());
        assert!(ours.htlc_maximum.is_some() && theirs.htlc_maximum.is_some());
        assert_eq!(channel.peer_splices, Knowledge::Unknown, "the sample's feature maps are empty");
    }
    // Without getinfo our own node is the other end of our channels.
    let without = import(&[graph, node.join("listchannels.json")]);
    assert_eq!(without.node.id, with.node.id);
    let policies = |snapshot: &Snapshot| -> Vec<_> {
        snapshot.channels.iter().map(|channel| (channel.policy_local, channel.policy_remote)).collect()
    };
    assert_eq!(policies(&without), policies(&with));
}

#[test]
fn public_lnd_listings_show_their_hidden_dust() {
    let Some(samples) = samples() else { return };
    let tutorial = import(&[samples.join("lnd/listchannels.testnet-v0.17.3.json")]);
    let channel = &tutorial.channels[0];
    assert_eq!((channel.local, channel.remote, channel.hidden_dust), (sat(50_000), sat(0), Some(sat(0))));
    assert_eq!((channel.local_reported, channel.commit_fee), (sat(46_530), Some(sat(3140))));
    let fragments = import(&[samples.join("lnd/listchannels.public-fragments.txt")]);
    let [paste, gist] = &fragments.channels[..] else { panic!("two channels") };
    assert_eq!((paste.hidden_dust, paste.opener), (Some(Msat::ZERO), Some(Side::Remote)));
    assert_eq!((paste.local, paste.remote), (sat(51_344), sat(3_448_656)));
    assert!(gist.hidden_dust.unwrap() > sat(5000));
    assert_eq!((gist.commitment, gist.opener), (CommitmentKind::Legacy, None));
    let codes = codes(&fragments);
    for code in ["htlc_entry_unreadable", "commitment_type_unknown", "opener_unknown", "hidden_dust_unlisted"]
    {
        assert!(codes.contains(&(code, Some(1))), "{codes:?}");
    }
    let fixture = import(&[samples.join("lnd/listchannels.bolt-observer-fixture.json")]);
    let [broken, sound] = &fixture.channels[..] else { panic!("two channels") };
    assert_eq!((broken.hidden_dust, sound.hidden_dust), (None, Some(Msat::ZERO)));
    assert_eq!(sound.local, sat(20_000));
    let broken = fixture.assumptions.iter().find(|a| a.code == "listing_identity_broken").unwrap();
    assert!(broken.text.contains("38327 sat"), "{}", broken.text);
    assert_eq!(broken.channels, Some(1));
}

#[test]
fn core_lightning_examples_join() {
    let Some(samples) = samples() else { return };
    let cln = samples.join("cln");
    let files = [
        "listpeerchannels.1.json",
        "listforwards.2.json",
        "listforwards.1.json",
        "listchannels.2.json",
        "listfunds.1.json",
        "listnodes.1.json",
        "feerates.1.json",
        "getinfo.1.json",
        "listpeers.1.json",
        "setchannel.1.json",
        "bkpr-channelsapy.1.json",
    ];
    let snapshot = import(&files.map(|file| cln.join(file)));
    let channel = &snapshot.channels[0];
    assert_eq!(channel.key.as_str(), "116x1x1");
    assert_eq!(channel.local, Msat::from_msat(609_507_210));
    assert_eq!(channel.remote, Msat::from_msat(390_492_790 - 4_000_082));
    assert_eq!(channel.max_in_flight_local, Some(Msat::MAX));
    assert_eq!((channel.opened_height, channel.opened_at), (Some(116), Some(1_738_000_000)));
    assert_eq!(channel.policy_remote.unwrap().ppm, 10);
    assert_eq!(channel.peer_splices, Knowledge::Unknown);
    assert_eq!(snapshot.node.splices, Knowledge::Yes);
    let wallet = snapshot.wallet.unwrap();
    assert_eq!(wallet.coins, Some(5));
    assert_eq!(wallet.confirmed, Amount::from_sat(995_073 + 497_105 + 203_398_803 + 1000 + 25_000));
    assert_eq!(snapshot.feerate.unwrap().to_sat_per_kw(), 7500);
    // Both pages hold the two large forwards.
    assert_eq!(snapshot.forwards.unwrap().events.len(), 8);
    assert_eq!(snapshot.graph.unwrap().direction_count(), 10);
}

#[test]
fn eclair_examples_join() {
    let Some(samples) = samples() else { return };
    let eclair = samples.join("eclair");
    let files = [
        "doc-channels.json",
        "doc-allupdates.json",
        "doc-nodes.json",
        "doc-relaystats.json",
        "doc-audit.json",
        "doc-onchainbalance.json",
        "doc-channelbalances.json",
        "doc-usablebalances.json",
    ];
    let snapshot = import(&files.map(|file| eclair.join(file)));
    let [spliced, taproot] = &snapshot.channels[..] else { panic!("two channels") };
    assert_eq!((spliced.capacity, spliced.commitment), (sat(309_098), CommitmentKind::Anchors));
    assert_eq!((spliced.local, spliced.remote), (sat(269_098), sat(40_000)));
    assert_eq!(spliced.reserve_local, Some(Amount::from_sat(3090)));
    assert_eq!(taproot.commitment, CommitmentKind::Taproot);
    assert_eq!((taproot.peer_splices, taproot.private), (Knowledge::Yes, Some(true)));
    assert_eq!(taproot.peer_alias.as_deref(), Some("bob"));
    for channel in &snapshot.channels {
        assert_eq!(channel.policy_local.unwrap().ppm, 500);
    }
    assert_eq!(spliced.policy_remote.unwrap().ppm, 200);
    assert_eq!(taproot.policy_remote.unwrap().ppm, 100);
    assert_eq!(snapshot.node.alias.as_deref(), Some("alice"));
    let forwards = snapshot.forwards.unwrap();
    assert_eq!((forwards.events.len(), forwards.peers.len()), (1, 2));
    assert_eq!(forwards.events[0].fee, Msat::from_msat(3400));
    assert_eq!(forwards.peers[0].on_chain_fee_paid, sat(825));
    assert_eq!(snapshot.self_payments, Some(Vec::new()));
    assert_eq!(snapshot.wallet.unwrap().confirmed, Amount::from_sat(1_304_986_456_540));
    let single = import(&[eclair.join("doc-channel.json")]);
    assert_eq!(single.channels[0].local, sat(280_000));
}
