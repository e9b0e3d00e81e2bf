//! Selection: conflicts, budget, order, history, offline peers, fee steps, dust limits.

use channel_advisor::economic::plan;
use channel_advisor::plan::{ActionDetails, FeasibilityStatus, HealthStatus, Plan, RemedyKind};
use channel_core::{Msat, SignedMsat};

use crate::fleet::{Volume, channel, drained_and_full, options, planned, remedy, report, sats, snapshot};

fn earners() -> channel_advisor::snapshot::Snapshot {
    snapshot(
        vec![
            channel(1, 4_000_000, 200_000, 900),
            channel(2, 20_000_000, 19_000_000, 100),
            channel(3, 4_000_000, 300_000, 700),
            channel(4, 9_000_000, 5_000_000, 0),
        ],
        &[
            Volume { incoming: 2, outgoing: 1, sat: 3_000_000, ppm: 900 },
            Volume { incoming: 2, outgoing: 3, sat: 3_000_000, ppm: 700 },
            Volume { incoming: 2, outgoing: 4, sat: 4_000_000, ppm: 0 },
        ],
    )
}

fn sorted_by_net(plan: &Plan) -> bool {
    plan.actions.windows(2).all(|pair| pair[0].net_msat >= pair[1].net_msat)
}

#[test]
fn actions_are_ordered_by_net_benefit_and_touch_a_channel_once() {
    let plan = planned(&earners());
    assert!(plan.actions.len() >= 3, "{:#?}", plan.actions);
    assert!(sorted_by_net(&plan));
    let mut primary: Vec<_> = plan
        .actions
        .iter()
        .filter(|action| action.kind != RemedyKind::Rebalance)
        .flat_map(|action| &action.channels)
        .collect();
    let all = primary.len();
    primary.sort();
    primary.dedup();
    assert_eq!(primary.len(), all);
}

#[test]
fn the_budget_holds_to_the_millisatoshi() {
    let everything = planned(&earners());
    let fees: Vec<Msat> =
        everything.actions.iter().map(|action| action.fees_msat).filter(|fees| !fees.is_zero()).collect();
    let total: Msat = fees.iter().copied().sum();
    assert!(!fees.is_empty(), "{:#?}", everything.actions);
    let with = |budget: Msat| {
        let mut options = options();
        options.budget = Some(budget);
        plan(&earners(), &options).unwrap()
    };
    assert_eq!(with(total).actions.len(), everything.actions.len());
    let less = with(Msat::from_msat(total.to_msat() - 1));
    assert_eq!(everything.fleet.fees_msat, total);
    assert!(less.fleet.fees_msat < total);
    let dropped =
        everything.actions.iter().find(|action| less.actions.iter().all(|other| other.id != action.id));
    assert!(!dropped.expect("an action too dear for the budget").fees_msat.is_zero());
    assert_eq!(with(Msat::ZERO).fleet.fees_msat, Msat::ZERO);
}

#[test]
fn shown_actions_are_counted_against_all() {
    let mut options = options();
    options.max_actions = 1;
    let plan = plan(&earners(), &options).unwrap();
    assert_eq!(plan.actions.len(), 1);
    assert_eq!(plan.fleet.actions_shown, 1);
    assert!(plan.fleet.actions_total > 1);
    assert_eq!(plan.fleet.net_msat, plan.actions[0].net_msat.unwrap());
}

#[test]
fn a_channel_that_forwards_for_nothing_wants_a_fee() {
    let plan = planned(&earners());
    let action = plan.actions.iter().find(|action| action.labels == ["peer4"]).expect("an action for peer4");
    let ActionDetails::SetFee { from_ppm, to_ppm, .. } = action.details else {
        panic!("{:?}", action.details)
    };
    assert_eq!(from_ppm, 0);
    // A quarter of what the fleet earns in the median.
    assert_eq!(u64::from(to_ppm), u64::from(plan.fleet.median_rate_ppm.unwrap()) / 4);
    assert_eq!(action.cost_msat, Msat::ZERO);
    assert!(action.why.iter().any(|reason| reason.code == "forwards_for_nothing"));
}

#[test]
fn a_fee_step_is_at_most_a_quarter() {
    let mut snapshot = drained_and_full();
    for ppm in [1, 2, 3, 4, 7, 100, 333, 1999, 2000, 5000] {
        snapshot.channels[0].policy_local.as_mut().unwrap().ppm = ppm;
        let plan = planned(&snapshot);
        let Some(action) = remedy(&plan, 1, RemedyKind::SetFee) else {
            assert!(ppm >= 2000, "no step from {ppm} ppm");
            continue;
        };
        let ActionDetails::SetFee { from_ppm, to_ppm, break_even_volume_ppm, .. } = action.details else {
            panic!("{:?}", action.details)
        };
        assert_eq!(from_ppm, ppm);
        assert!(
            to_ppm > ppm && u64::from(to_ppm) * 4 <= (u64::from(ppm) * 5).max(u64::from(ppm) * 4 + 4),
            "{ppm}"
        );
        assert!(break_even_volume_ppm.unwrap() > 0);
    }
}

#[test]
fn offline_peers_get_no_action_but_the_price_of_a_force_close() {
    let mut snapshot = drained_and_full();
    snapshot.channels[0].active = Some(false);
    let plan = planned(&snapshot);
    let report = report(&plan, 1);
    assert!(report.chosen.is_empty());
    let reason = report.no_action.as_ref().unwrap();
    assert_eq!(reason.code, "offline_wait");
    assert!(reason.text.contains("force-close now would cost"), "{}", reason.text);
    assert!(report.dust.force_close.fee_msat > Msat::ZERO);
    assert!(
        report.remedies.iter().all(|action| action.kind == RemedyKind::DoNothing
            || action.feasibility.status == FeasibilityStatus::No)
    );
    assert!(plan.actions.iter().all(|action| !action.labels.contains(&"peer1".to_owned())));
}

#[test]
fn a_cooling_channel_rests() {
    let snapshot = drained_and_full();
    let first = planned(&snapshot);
    let mut options = options();
    let text = channel_advisor::economic::history::lines(&first, options.now);
    assert!(!text.is_empty());
    options.history = Some(channel_advisor::economic::history::parse(text.as_bytes()).unwrap());
    let again = plan(&snapshot, &options).unwrap();
    for action in &first.actions {
        assert!(again.actions.iter().all(|other| other.id != action.id), "{} is advised again", action.id);
    }
    assert!(
        again
            .channels
            .iter()
            .any(|c| c.no_action.as_ref().is_some_and(|reason| reason.code == "cooling_down"))
    );
    assert!(first.assumptions.iter().any(|assumption| assumption.code == "no_history"));
    let memory = ["no_history", "role_without_history"];
    assert!(again.assumptions.iter().all(|assumption| !memory.contains(&assumption.code.as_str())));
}

#[test]
fn a_fee_is_not_lowered_right_after_it_was_raised() {
    let mut snapshot = drained_and_full();
    snapshot.channels[1].policy_local.as_mut().unwrap().ppm = 1500;
    let cut = |history: &str| {
        let mut options = options();
        options.history = Some(channel_advisor::economic::history::parse(history.as_bytes()).unwrap());
        remedy(&plan(&snapshot, &options).unwrap(), 2, RemedyKind::SetFee).cloned().unwrap()
    };
    let free = cut("");
    assert_eq!(
        (free.id.as_str(), free.feasibility.status),
        ("set_fee:800002x1x0:down", FeasibilityStatus::Yes)
    );
    let past = |day: &str| {
        cut(&format!(
            r#"{{"planned_at":"2026-02-{day}T00:00:00Z","id":"set_fee:800002x1x0:up","kind":"set_fee","channels":["800002x1x0"]}}"#
        ))
    };
    // Five cool-downs of three days before the first of March.
    assert_eq!(past("14").feasibility.status, FeasibilityStatus::Yes);
    assert_eq!(past("15").feasibility.reason.unwrap().code, "hysteresis");
}

#[test]
fn a_profit_that_is_only_a_bound_never_ranks_first() {
    // Channel 1 forwarded three times its capacity: somebody refilled it in ways not shown.
    let snapshot = snapshot(
        vec![
            channel(1, 1_000_000, 50_000, 2000),
            channel(2, 30_000_000, 29_000_000, 100),
            channel(3, 4_000_000, 300_000, 700),
        ],
        &[
            Volume { incoming: 2, outgoing: 1, sat: 12_000_000, ppm: 2000 },
            Volume { incoming: 2, outgoing: 3, sat: 3_000_000, ppm: 700 },
        ],
    );
    let plan = planned(&snapshot);
    assert!(report(&plan, 1).flow.as_ref().unwrap().profit_is_upper_bound);
    assert!(!report(&plan, 3).flow.as_ref().unwrap().profit_is_upper_bound);
    assert_eq!(plan.actions[0].labels[0], "peer3", "{:#?}", plan.actions);
    assert!(plan.actions.iter().any(|action| action.labels[0] == "peer1"));
}

#[test]
fn every_channel_is_acted_on_or_says_why_not() {
    for snapshot in [earners(), drained_and_full()] {
        let plan = planned(&snapshot);
        for channel in &plan.channels {
            assert_eq!(channel.chosen.is_empty(), channel.no_action.is_some(), "{}", channel.label);
            assert!(
                channel
                    .no_action
                    .as_ref()
                    .is_none_or(|reason| !reason.code.is_empty() && !reason.text.is_empty())
            );
            assert_ne!(channel.health.status, HealthStatus::Unknown);
        }
    }
}

#[test]
fn doing_nothing_is_the_zero_of_the_scale() {
    let plan = planned(&earners());
    for channel in &plan.channels {
        let nothing = channel.remedies.iter().find(|action| action.kind == RemedyKind::DoNothing).unwrap();
        assert_eq!((nothing.cost_msat, nothing.net_msat), (Msat::ZERO, Some(SignedMsat::ZERO)));
    }
}

#[test]
fn small_pending_htlcs_call_for_higher_limits() {
    use channel_advisor::snapshot::{HtlcDirection, HtlcSnapshot};
    let mut snapshot = earners();
    snapshot.channels[1].htlcs = Some(vec![HtlcSnapshot::new(HtlcDirection::Incoming, sats(300)); 20]);
    let plan = planned(&snapshot);
    let action = remedy(&plan, 2, RemedyKind::RaiseLimits).expect("raised limits");
    assert_eq!(action.dust_before_msat, sats(6000));
    let ActionDetails::RaiseLimits { dust_limit_sat, .. } = action.details else {
        panic!("{:?}", action.details)
    };
    assert!(dust_limit_sat.unwrap() > 354);
}

#[test]
fn options_out_of_range_are_refused_by_name() {
    let mut bad = options();
    bad.horizon_days = 0;
    let error = plan(&earners(), &bad).unwrap_err();
    assert_eq!(error.to_string(), "horizon_days must be in 1..=3650, got 0");
    let mut bad = options();
    bad.max_fee_step_ppm = 250_001;
    assert!(plan(&earners(), &bad).is_err());
}

#[test]
fn an_inbound_discount_costs_what_comes_in_without_it() {
    let with_inflow = |sat: u64| {
        let mut snapshot = snapshot(
            vec![channel(1, 4_000_000, 200_000, 900), channel(2, 9_000_000, 4_500_000, 100)],
            &[
                Volume { incoming: 2, outgoing: 1, sat: 3_000_000, ppm: 900 },
                Volume { incoming: 1, outgoing: 2, sat, ppm: 100 },
            ],
        );
        snapshot.channels[0].policy_local.as_mut().unwrap().inbound_ppm = Some(0);
        let plan = planned(&snapshot);
        remedy(&plan, 1, RemedyKind::SetFee).cloned().expect("a fee step")
    };
    let (little, more) = (with_inflow(600), with_inflow(600_000));
    for action in [&little, &more] {
        assert!(action.why.iter().any(|reason| reason.code == "inbound_discount"), "{action:#?}");
        assert!(action.net_msat.unwrap() < action.benefit_msat.unwrap().to_signed());
    }
    // 600,000 sat at 146 ppm a month, and the fees that came in with them.
    assert!((87_600..88_000).contains(&more.cost_msat.to_msat()), "{}", more.cost_msat.to_msat());
    assert!(little.cost_msat.to_msat() < 100, "{}", little.cost_msat.to_msat());
}
