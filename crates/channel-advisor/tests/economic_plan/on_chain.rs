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

#[test]
fn a_peer_gets_one_new_channel_in_a_plan() {
    let mut snapshot = capacity_bound();
    let mut twin = channel(5, 1_000_000, 600_000, 900);
    twin.peer = snapshot.channels[0].peer.clone();
    twin.policy_remote.as_mut().unwrap().ppm = 5000;
    snapshot.channels.push(twin);
    let more = crate::fleet::forwards(&[Volume { incoming: 2, outgoing: 5, sat: 6_000_000, ppm: 900 }]);
    let history = snapshot.forwards.as_mut().unwrap();
    history.events.extend(more.events);
    history.events.sort_by_key(|event| event.time_ns);
    let plan = planned(&snapshot);
    let opens: Vec<_> = plan.actions.iter().filter(|action| action.kind == RemedyKind::Open).collect();
    assert_eq!(opens.len(), 1, "{opens:#?}");
}

#[test]
fn a_channel_whose_peer_is_not_named_is_not_closed_to_be_reopened() {
    let mut snapshot = capacity_bound();
    snapshot.channels[0].peer = None;
    let plan = planned(&snapshot);
    let action = remedy(&plan, 1, RemedyKind::CloseReopen).expect("a priced close and reopen");
    assert_eq!(action.feasibility.status, FeasibilityStatus::Unknown);
    assert_eq!(action.feasibility.reason.as_ref().unwrap().code, "peer_unknown");
    assert!(plan.actions.iter().all(|action| action.kind != RemedyKind::CloseReopen), "{:#?}", plan.actions);
}

#[test]
fn a_merge_nobody_knows_to_be_possible_is_priced_as_if_it_were() {
    let cost = |splices: Knowledge| {
        let mut snapshot = splicing(drained_and_full());
        snapshot.channels[2].peer = snapshot.channels[1].peer.clone();
        snapshot.channels.iter_mut().for_each(|channel| channel.peer_splices = splices);
        let plan = planned(&snapshot);
        let merge = remedy(&plan, 2, RemedyKind::Consolidate).expect("a priced merge").clone();
        (merge.feasibility.status, merge.fees_msat)
    };
    let (known, unknown) = (cost(Knowledge::Yes), cost(Knowledge::Unknown));
    assert_eq!((known.0, unknown.0), (FeasibilityStatus::Yes, FeasibilityStatus::Unknown));
    assert_eq!(known.1, unknown.1);
}

#[test]
fn a_merge_is_impossible_rather_than_unknown_where_the_node_cannot_splice() {
    let mut snapshot = drained_and_full();
    snapshot.channels[2].peer = snapshot.channels[1].peer.clone();
    snapshot.channels.iter_mut().for_each(|channel| channel.htlcs = None);
    let plan = planned(&snapshot);
    let merge = remedy(&plan, 2, RemedyKind::Consolidate).expect("a priced merge");
    assert_eq!(merge.feasibility.status, FeasibilityStatus::No);
    assert_eq!(merge.feasibility.reason.as_ref().unwrap().code, "own_node_cannot_splice");
}

fn refusal_after(snapshot: &Snapshot, past: &str, number: u8, kind: RemedyKind) -> Option<String> {
    let mut options = options();
    options.history = Some(channel_advisor::economic::history::parse(past.as_bytes()).unwrap());
    let plan = plan(snapshot, &options).unwrap();
    let action = remedy(&plan, number, kind).expect("a priced remedy");
    action.feasibility.reason.as_ref().map(|reason| reason.code.to_string())
}

#[test]
fn channels_opened_lately_are_not_merged_again() {
    let mut snapshot = splicing(drained_and_full());
    snapshot.channels[2].peer = snapshot.channels[1].peer.clone();
    let opened = |day: &str, number: u8| {
        format!(
            r#"{{"planned_at":"2026-{day}T00:00:00Z","id":"open:8000{number:02}x1x0","kind":"open","channels":["8000{number:02}x1x0"]}}"#
        )
    };
    let after = |past: &str| refusal_after(&snapshot, past, 2, RemedyKind::Consolidate);
    assert_eq!(after(&opened("02-20", 2)).as_deref(), Some("hysteresis"));
    assert_eq!(after(&opened("02-20", 3)).as_deref(), Some("hysteresis"));
    assert_eq!(after(&opened("02-27", 3)).as_deref(), Some("cooling_down"));
    assert_eq!(after(&opened("02-14", 3)), None);
}

#[test]
fn coins_moved_lately_are_not_moved_back_on_chain() {
    let snapshot = splicing(capacity_bound());
    let action = remedy(&planned(&snapshot), 1, RemedyKind::CrossSplice).cloned().expect("a cross-splice");
    let from = action.channels[1].as_str();
    for kind in ["cross_splice", "rebalance"] {
        let past = format!(
            r#"{{"planned_at":"2026-02-20T00:00:00Z","id":"{kind}:800001x1x0>{from}","kind":"{kind}","channels":["800001x1x0","{from}"]}}"#
        );
        let after = refusal_after(&snapshot, &past, 1, RemedyKind::CrossSplice);
        assert_eq!(after.as_deref(), Some("hysteresis"), "{kind}");
    }
}

#[test]
fn a_small_wallet_does_not_bound_what_another_channel_gives() {
    let snapshot = splicing(capacity_bound());
    let with = |wallet: u64| {
        let mut options = options();
        options.wallet = Some(Amount::from_sat(wallet));
        let plan = plan(&snapshot, &options).unwrap();
        let amount = |kind| remedy(&plan, 1, kind).unwrap().amount_msat.unwrap();
        (amount(RemedyKind::SpliceIn), amount(RemedyKind::CrossSplice))
    };
    let (poor, rich) = (with(500_000), with(100_000_000));
    assert!(poor.0 < rich.0);
    assert_eq!(poor.1, rich.1);
}
