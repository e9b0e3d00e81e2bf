//! The heuristic on anything: no input panics, and the columns agree with the objects bit for bit.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use bitcoin::Amount;
use channel_advisor::bitcoin;
use channel_advisor::heuristic::columns::{FleetAssessment, FleetColumns, StatusCounts};
use channel_advisor::heuristic::{
    HealthStatus, HeuristicChannel, HeuristicError, HeuristicManager, ManagementPlan, SortOrder,
};
use channel_advisor::snapshot::ChannelKey;
use proptest::prelude::*;

const LARGEST: u64 = (1 << 52) - 1;

/// Amounts where the rules change, and amounts of every size.
fn amount() -> impl Strategy<Value = u64> {
    prop_oneof![
        3 => prop::sample::select(vec![0, 1, 2, 3, 10, 100, 294, 546, 547, 1000, 1092, 1093, 1638, 1639, LARGEST]),
        3 => 0..3_000_u64,
        6 => 0..200_000_u64,
        2 => 0..=LARGEST,
    ]
}

fn channel(id: usize, [local, remote, capacity, ours, theirs, limit]: [u64; 6]) -> HeuristicChannel {
    let mut channel = HeuristicChannel::new(ChannelKey::new(&id.to_string()));
    channel.local_balance = Amount::from_sat(local);
    channel.remote_balance = Amount::from_sat(remote);
    channel.capacity = Amount::from_sat(capacity);
    channel.local_dust = Amount::from_sat(ours);
    channel.remote_dust = Amount::from_sat(theirs);
    channel.dust_limit = Amount::from_sat(limit);
    channel
}

/// Any six amounts; a channel whose balances fill it, possibly at an exact score; and a quiet channel without actions.
fn amounts() -> impl Strategy<Value = [u64; 6]> {
    let full =
        (1..400_000_u64, 0..=20_u64, 0..2_000_u64, 0..400_u64).prop_map(|(capacity, share, ours, theirs)| {
            let local = capacity * share / 20;
            [local, capacity - local, capacity, ours, theirs, 546]
        });
    let quiet = (1..1_000_u64).prop_map(|part| [part * 40, part * 35, part * 100, 0, 0, 546]);
    prop_oneof![3 => prop::array::uniform6(amount()), 3 => full, 2 => quiet]
}

fn order() -> impl Strategy<Value = SortOrder> {
    prop::sample::select(vec![SortOrder::ImplementationThenAction, SortOrder::ActionThenImplementation])
}

fn manager(fleet: &[[u64; 6]]) -> HeuristicManager {
    let mut manager = HeuristicManager::new();
    for (id, amounts) in fleet.iter().enumerate() {
        manager.add_channel_state(channel(id, *amounts)).unwrap();
    }
    manager
}

fn agree(plan: &ManagementPlan, columns: &FleetColumns, assessment: &FleetAssessment) {
    assert_eq!(assessment.scores().len(), plan.total_channels);
    assert_eq!(assessment.marks().len(), plan.total_channels);
    let mut counts = StatusCounts::default();
    for (row, advice) in plan.recommendations.iter().enumerate() {
        let (state, mark) = (&advice.current_state, assessment.marks()[row]);
        assert_eq!(assessment.scores()[row].to_bits(), state.health_score.to_bits(), "row {row}");
        assert_eq!(mark.issues(), state.issues, "row {row}");
        assert_eq!(mark.implementation_priority(), advice.implementation_priority, "row {row}");
        assert_eq!(usize::from(mark.action_count()), advice.recommended_actions.len(), "row {row}");
        assert_eq!(assessment.status(row), Some(state.health_status), "row {row}");
        match state.health_status {
            HealthStatus::Healthy => counts.healthy += 1,
            HealthStatus::AttentionNeeded => counts.attention_needed += 1,
            HealthStatus::Unhealthy => counts.unhealthy += 1,
        }
    }
    assert_eq!(assessment.status_counts(), counts);
    let (ours, plans) = (assessment.summary(), &plan.dust_optimization_summary);
    assert_eq!(ours, plans);
    let bits = |number: channel_advisor::heuristic::Number| number.to_f64().to_bits();
    assert_eq!(bits(ours.optimization_potential), bits(plans.optimization_potential));
    let top: Vec<_> = assessment
        .top_actions()
        .iter()
        .map(|top| top.action(columns, ChannelKey::new(&top.row().to_string())).unwrap())
        .collect();
    assert_eq!(top, plan.priority_actions);
}

proptest! {
    #[test]
    fn columns_agree_with_objects(fleet in prop::collection::vec(amounts(), 0..60), order in order()) {
        let manager = manager(&fleet);
        let columns = FleetColumns::from(&manager);
        agree(&manager.create_management_plan("", order), &columns, &columns.assess(order));
    }

    #[test]
    fn any_amounts_are_judged_or_refused(amounts in prop::array::uniform6(prop_oneof![
        amount(),
        any::<u64>(),
        prop::sample::select(vec![LARGEST + 1, u64::MAX - 1, u64::MAX]),
    ])) {
        let mut manager = HeuristicManager::new();
        let mut columns = FleetColumns::default();
        let channel = channel(0, amounts);
        let added = manager.add_channel_state(channel.clone());
        prop_assert_eq!(columns.push(&channel), added.clone());
        if amounts.iter().all(|amount| *amount <= LARGEST) {
            prop_assert_eq!(added, Ok(()));
        } else {
            let is_refusal = matches!(added, Err(HeuristicError::AmountTooLarge { .. }));
            prop_assert!(is_refusal);
            prop_assert!(manager.channels().is_empty() && columns.is_empty());
            return Ok(());
        }
        let health = manager.analyze_channel_health("0").unwrap();
        prop_assert!(health.health_score.is_finite());
        let dust = manager.optimize_dust_allocation("0").unwrap();
        prop_assert_eq!(dust.total_dust.to_sat(), amounts[3] + amounts[4]);
        let advice = manager.generate_channel_recommendations("0").unwrap();
        let mut apart = manager.generate_rebalancing_recommendations("0").unwrap();
        apart.extend(manager.generate_splicing_recommendations("0").unwrap());
        prop_assert_eq!(&advice.recommended_actions, &apart);
        prop_assert!(advice.cost_benefit_ratio.to_f64().is_finite());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Fleets of several blocks with a ragged end, where most channels have nothing to do and late ones rank first.
    #[test]
    fn large_fleets_agree_across_blocks(
        quiet in 1_000..3_500_usize,
        rare in prop::collection::vec((0..3_500_usize, amounts()), 0..40),
        order in order(),
    ) {
        let mut fleet = vec![[40_000, 35_000, 100_000, 0, 0, 546]; quiet];
        for (row, amounts) in rare {
            let row = row % quiet;
            fleet[row] = amounts;
        }
        let manager = manager(&fleet);
        let columns = FleetColumns::from(&manager);
        let plan = manager.create_management_plan("", order);
        let mut reused = columns.assess(SortOrder::default());
        agree(&plan, &columns, &columns.assess(order));
        columns.assess_into(order, &mut reused);
        agree(&plan, &columns, &reused);
    }
}
