//! Splices, second channels and closes: prices, break-even feerates, who can and who cannot.

use bitcoin::Amount;
use channel_advisor::economic::plan;
use channel_advisor::plan::{Action, FeasibilityStatus, Plan, PrerequisiteStatus, RemedyKind};
use channel_advisor::snapshot::{Implementation, Knowledge, Snapshot};
use channel_core::{FeerateKw, Msat, SignedMsat};

use crate::fleet::{Volume, channel, drained_and_full, options, planned, remedy, report, sats, snapshot};

/// Channel 1 sends more in the horizon than even a full channel holds; channel 2 is the source; 3 is dead weight.
fn capacity_bound() -> Snapshot {
    let mut snapshot = snapshot(
        vec![
            channel(1, 1_000_000, 600_000, 900),
            channel(2, 30_000_000, 25_000_000, 10),
            channel(3, 9_000_000, 8_000_000, 100),
            channel(4, 8_000_000, 4_000_000, 500),
        ],
        &[
            Volume { incoming: 2, outgoing: 1, sat: 6_000_000, ppm: 900 },
            Volume { incoming: 2, outgoing: 4, sat: 3_500_000, ppm: 500 },
            Volume { incoming: 4, outgoing: 2, sat: 3_400_000, ppm: 10 },
        ],
    );
    snapshot.channels[0].policy_remote.as_mut().unwrap().ppm = 5000;
    snapshot
}

fn splicing(mut snapshot: Snapshot) -> Snapshot {
    snapshot.implementation = Implementation::Cln;
    for channel in &mut snapshot.channels {
        channel.peer_splices = Knowledge::Yes;
    }
    snapshot
}

fn at_feerate(snapshot: &Snapshot, sat_per_kw: u32) -> Plan {
    let mut options = options();
    options.feerate = Some(FeerateKw::from_sat_per_kw(sat_per_kw));
    plan(snapshot, &options).unwrap()
}

#[test]
fn lnd_cannot_splice_and_gets_a_second_channel_instead() {
    let plan = planned(&capacity_bound());
    let splice = remedy(&plan, 1, RemedyKind::SpliceIn).expect("a priced splice");
    let reason = splice.feasibility.reason.as_ref().unwrap();
    assert_eq!(
        (splice.feasibility.status, reason.code.as_ref()),
        (FeasibilityStatus::No, "own_node_cannot_splice")
    );
    assert!(reason.text.starts_with("own node cannot splice"), "{}", reason.text);
    assert!(remedy(&plan, 1, RemedyKind::CloseReopen).is_some());
    let open = plan
        .actions
        .iter()
        .find(|action| action.kind == RemedyKind::Open)
        .unwrap_or_else(|| panic!("{:#?}", report(&plan, 1).remedies));
    assert_eq!(open.labels, ["peer1"]);
    let part = open.on_chain.as_ref().unwrap();
    // 153 vB at 5 sat/vB for the open; its later close (169 vB) is in the cost too.
    assert_eq!((part.size_vb, part.fee_msat), (153, sats(763)));
    assert_eq!(open.cost_msat, sats(763 + 845));
    assert!(open.commands[0].starts_with("lncli openchannel"));
}

#[test]
fn both_sides_that_splice_get_a_splice() {
    let plan = planned(&splicing(capacity_bound()));
    let kinds: Vec<_> =
        plan.actions.iter().filter(|action| action.labels[0] == "peer1").map(|a| a.kind).collect();
    assert!(
        kinds.iter().all(|kind| matches!(kind, RemedyKind::SpliceIn | RemedyKind::CrossSplice))
            && kinds.len() == 1,
        "{kinds:?}"
    );
}

#[test]
fn an_unknown_peer_feature_stays_out_of_the_plan() {
    let mut snapshot = splicing(capacity_bound());
    for channel in &mut snapshot.channels {
        channel.peer_splices = Knowledge::Unknown;
    }
    let plan = planned(&snapshot);
    assert!(plan.actions.iter().all(|action| !is_splice(action)));
    let listed = plan.if_supported.iter().find(|action| action.kind == RemedyKind::SpliceIn).expect("listed");
    assert_eq!(listed.feasibility.status, FeasibilityStatus::Unknown);
    assert_eq!(listed.feasibility.reason.as_ref().unwrap().code, "peer_splice_unknown");
}

fn is_splice(action: &Action) -> bool {
    matches!(action.kind, RemedyKind::SpliceIn | RemedyKind::SpliceOut | RemedyKind::CrossSplice)
}

#[test]
fn the_break_even_feerate_is_where_the_advice_flips() {
    let snapshot = splicing(capacity_bound());
    for kind in [RemedyKind::SpliceIn, RemedyKind::CrossSplice] {
        let now = planned(&snapshot);
        let part = remedy(&now, 1, kind).unwrap().on_chain.clone().unwrap();
        let flip = part.break_even_sat_per_kw.expect("it pays at some feerate").to_sat_per_kw();
        let net = |kw: u32| remedy(&at_feerate(&snapshot, kw), 1, kind).unwrap().net_msat.unwrap();
        assert!(net(flip) >= SignedMsat::ZERO, "{kind:?} at {flip}");
        assert!(net(flip + 1) < SignedMsat::ZERO, "{kind:?} at {}", flip + 1);
        let said = part.only_at_or_below_sat_per_kw.map(FeerateKw::to_sat_per_kw);
        assert_eq!(said, (25..12_500).contains(&flip).then_some(flip));
    }
}

#[test]
fn an_unknown_wallet_says_what_is_needed_and_a_known_one_bounds_it() {
    let snapshot = splicing(capacity_bound());
    let splice = |wallet: Option<u64>| {
        let mut options = options();
        options.wallet = wallet.map(Amount::from_sat);
        let plan = plan(&snapshot, &options).unwrap();
        remedy(&plan, 1, RemedyKind::SpliceIn).cloned().unwrap()
    };
    let funds =
        |action: &Action| action.prerequisites.iter().find(|p| p.name == "onchain_funds").cloned().unwrap();
    let unknown = splice(None);
    assert_eq!(funds(&unknown).status, PrerequisiteStatus::Unknown);
    assert!(funds(&unknown).detail.unwrap().starts_with("needs "));
    let rich = splice(Some(100_000_000));
    assert_eq!(funds(&rich).status, PrerequisiteStatus::Met);
    assert_eq!(rich.amount_msat, unknown.amount_msat);
    // What is left after reserve and the dearest chain fee (1,286 WU at 1,250 sat/kW) is put to use, and is enough.
    let tight = splice(Some(1_040_000));
    assert_eq!(
        (funds(&tight).status, tight.amount_msat),
        (PrerequisiteStatus::Met, Some(sats(1_000_000 - 1608)))
    );
    // 40,000 sat are the reserve for forced closes of four channels.
    let poor = splice(Some(40_000));
    assert_eq!(
        (funds(&poor).status, poor.feasibility.status),
        (PrerequisiteStatus::Unmet, FeasibilityStatus::No)
    );
}

#[test]
fn dead_weight_is_closed_when_its_coins_earn_more_elsewhere() {
    let snapshot = capacity_bound();
    let plan = at_feerate(&snapshot, 250);
    let close = remedy(&plan, 3, RemedyKind::Close).expect("a priced close");
    assert_eq!(close.feasibility.status, FeasibilityStatus::Yes, "{:?}", close.feasibility);
    assert!(plan.actions.iter().any(|action| action.kind == RemedyKind::Close && action.labels == ["peer3"]));
}

#[test]
fn closing_respects_probation_htlcs_privacy_and_evidence() {
    use channel_advisor::snapshot::{HtlcDirection, HtlcSnapshot};
    let code = |change: &dyn Fn(&mut Snapshot)| {
        let mut snapshot = capacity_bound();
        change(&mut snapshot);
        let plan = at_feerate(&snapshot, 250);
        assert!(plan.actions.iter().all(|action| action.kind != RemedyKind::Close), "{:#?}", plan.actions);
        remedy(&plan, 3, RemedyKind::Close)
            .and_then(|close| close.feasibility.reason.clone())
            .map(|reason| reason.code.into_owned())
    };
    let of = |text: &str| Some(text.to_owned());
    assert_eq!(code(&|s| s.channels[2].opened_height = Some(930_000 - 27 * 144)), of("probation"));
    assert_eq!(code(&|s| s.channels[2].private = Some(true)), of("private_never_closed_on_earnings"));
    assert_eq!(code(&|s| s.node.block_height = None), of("age_unknown"));
    let htlc = HtlcSnapshot::new(HtlcDirection::Outgoing, sats(5000));
    assert_eq!(code(&|s| s.channels[2].htlcs = Some(vec![htlc])), of("pending_htlcs"));
    assert_eq!(code(&|s| s.channels[2].active = Some(false)), of("offline_wait"));
}

#[test]
fn channels_of_one_peer_are_offered_as_one() {
    let mut snapshot = splicing(drained_and_full());
    snapshot.channels[2].peer = snapshot.channels[1].peer.clone();
    let plan = planned(&snapshot);
    let merge = remedy(&plan, 2, RemedyKind::Consolidate).expect("a priced merge at the larger channel");
    assert!(remedy(&plan, 3, RemedyKind::Consolidate).is_none());
    assert_eq!(merge.channels.len(), 2);
    assert!(merge.why.iter().any(|reason| reason.code == "same_peer"));
    assert!(report(&plan, 2).health.parts.len() >= 5);
}

#[test]
fn splice_out_pays_only_where_coins_earn_elsewhere() {
    let snapshot = splicing(capacity_bound());
    let at_yield = |ppm: u32| {
        let mut options = options();
        options.other_yield_ppm_per_year = ppm;
        let plan = plan(&snapshot, &options).unwrap();
        remedy(&plan, 3, RemedyKind::SpliceOut).cloned().expect("a priced splice-out")
    };
    assert!(at_yield(0).net_msat.unwrap() < SignedMsat::ZERO);
    assert!(at_yield(50_000).net_msat.unwrap() > SignedMsat::ZERO);
    assert!(at_yield(0).amount_msat.unwrap() < Msat::from_msat(8_000_000_000));
}
