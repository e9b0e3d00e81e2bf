//! The 40-channel node of the shared samples, when they are there: what an operator would say by hand, and variants
//! with offline, private and same-peer channels.

#![allow(clippy::disallowed_methods, reason = "samples are read from files")]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::path::{Path, PathBuf};

use channel_advisor::economic::{Options, plan};
use channel_advisor::import::Import;
use channel_advisor::plan::{Action, ActionDetails, ChannelReport, FeasibilityStatus, Plan, RemedyKind};
use channel_advisor::snapshot::Snapshot;
use channel_core::{FeerateKw, Msat};

/// The shared folder, or `None` (the same rules are proven on own fleets in `economic_plan`).
fn samples() -> Option<PathBuf> {
    let shared = std::env::var_os("TAPROOT_CHANNELS_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let samples = shared.join("samples");
    samples.is_dir().then_some(samples)
}

fn node40() -> Option<Snapshot> {
    let samples = samples()?;
    let mut import = Import::new();
    for name in ["listchannels", "fwdinghistory", "feereport", "getinfo"] {
        let path = samples.join(format!("fleet/node40/{name}.json"));
        import.add(name, &std::fs::read(path).unwrap(), None).unwrap();
    }
    let graph = samples.join("graph/mainnet-2026-02-03.describegraph.json.gz");
    import.add("graph", &std::fs::read(graph).unwrap(), None).unwrap();
    Some(import.finish().unwrap())
}

fn planned(snapshot: &Snapshot) -> Plan {
    let mut options = Options::at("2026-03-03T00:00:00Z".parse().unwrap());
    options.feerate = Some(FeerateKw::from_sat_per_kw(1250));
    plan(snapshot, &options).unwrap()
}

fn report<'p>(plan: &'p Plan, start: &str) -> &'p ChannelReport {
    plan.channels.iter().find(|channel| channel.label.starts_with(start)).unwrap()
}

fn chosen<'p>(plan: &'p Plan, start: &str) -> Vec<&'p Action> {
    plan.actions.iter().filter(|action| action.labels[0].starts_with(start)).collect()
}

#[test]
fn an_operator_would_agree() {
    let Some(snapshot) = node40() else { return };
    let plan = planned(&snapshot);
    assert_eq!(plan.channels.len(), 40);

    let nodebrook = chosen(&plan, "Nodebrook");
    assert!(nodebrook.iter().any(|action| action.kind == RemedyKind::Rebalance), "{nodebrook:#?}");

    let acinq = report(&plan, "ACINQ");
    let refused = acinq.remedies.iter().find(|action| action.kind == RemedyKind::Rebalance).unwrap();
    assert_eq!(refused.feasibility.status, FeasibilityStatus::No);
    assert_eq!(refused.feasibility.reason.as_ref().unwrap().code, "last_hop_too_dear");

    let station = chosen(&plan, "LightningStation");
    assert!(
        matches!(
            station.first().map(|action| &action.details),
            Some(ActionDetails::SetFee { from_ppm: 0, to_ppm: 1.., .. })
        ),
        "{station:#?}"
    );
    for action in &plan.actions {
        assert!(!matches!(action.kind, RemedyKind::SpliceIn | RemedyKind::CrossSplice), "LND cannot splice");
        assert!(action.net_msat.is_none_or(channel_core::SignedMsat::is_positive), "{}", action.id);
    }
}

#[test]
fn hidden_dust_is_found() {
    let Some(snapshot) = node40() else { return };
    let plan = planned(&snapshot);
    // Two channels have 25 pending HTLCs each, most of them under the dust limit of their commitment.
    let with_dust = plan.channels.iter().filter(|channel| !channel.dust.trimmed_local_msat.is_zero()).count();
    assert!(with_dust >= 3, "{with_dust}");
    for channel in &plan.channels {
        let hidden = channel.dust.hidden_msat.unwrap_or(Msat::ZERO);
        let trimmed = channel.dust.trimmed_local_msat;
        assert!(
            hidden <= trimmed.saturating_add(Msat::from_msat(30_000)),
            "{}: {hidden} > {trimmed}",
            channel.label
        );
    }
}

#[test]
fn offline_private_and_same_peer_variants() {
    let Some(mut snapshot) = node40() else { return };
    let find = |snapshot: &Snapshot, start: &str| {
        snapshot.channels.iter().position(|channel| channel.label().starts_with(start)).unwrap()
    };
    let (nodebrook, station, ratman) =
        (find(&snapshot, "Nodebrook"), find(&snapshot, "LightningStation"), find(&snapshot, "RatMan"));
    snapshot.channels[nodebrook].active = Some(false);
    snapshot.channels[station].private = Some(true);
    snapshot.channels[ratman].peer = snapshot.channels[find(&snapshot, "Tallship")].peer.clone();
    let plan = planned(&snapshot);

    let offline = report(&plan, "Nodebrook");
    assert_eq!(offline.no_action.as_ref().unwrap().code, "offline_wait");
    assert!(chosen(&plan, "Nodebrook").is_empty());

    let private = report(&plan, "LightningStation");
    assert!(private.remedies.iter().all(|action| {
        action.kind != RemedyKind::Close || action.feasibility.status == FeasibilityStatus::No
    }));

    let merged = report(&plan, "Tallship").remedies.iter().chain(&report(&plan, "RatMan").remedies);
    assert!(merged.into_iter().any(|action| action.kind == RemedyKind::Consolidate));
    for action in &plan.actions {
        assert!(
            action.peers.len() < 2
                || action.peers[0] != action.peers[1]
                || action.kind == RemedyKind::Consolidate
        );
    }
}
