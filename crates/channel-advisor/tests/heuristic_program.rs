//! The seed's own demonstration: its three channels, its object to the letter, its closing lines.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use channel_advisor::heuristic::{Action, HeuristicManager, ManagementPlan, SortOrder};
use channel_advisor::snapshot::{ChannelKey, ChannelSnapshot, Snapshot};
use channel_core::Msat;
use serde_json::json;

fn demonstration() -> HeuristicManager {
    let channel = |id: &str, balances: (u64, u64), dust: (u64, u64)| {
        json!({
            "channel_id": id, "local_balance": balances.0, "remote_balance": balances.1, "capacity": 100_000,
            "local_dust": dust.0, "remote_dust": dust.1, "dust_limit": 546, "fee_rate": 10,
        })
    };
    HeuristicManager::from_rows(&[
        channel("channel_1", (80_000, 20_000), (2_000, 500)),
        channel("channel_2", (30_000, 70_000), (1_500, 2_500)),
        channel("channel_3", (10_000, 90_000), (3_000, 1_000)),
    ])
    .unwrap()
}

fn plan() -> ManagementPlan {
    demonstration().create_management_plan("2026-01-01T00:00:00", SortOrder::default())
}

#[test]
fn the_closing_lines_are_the_seeds() {
    let lines = plan().summary_lines(None);
    let expected = [
        "Management plan created for 3 channels",
        "Generated 4 priority actions",
        "Total dust: 10500 sats",
        "Optimization potential: 7.00%",
    ];
    assert_eq!(lines, expected);
    let saved = plan().summary_lines(Some("channel_management_plan.json"));
    assert_eq!(saved[..4], expected);
    assert_eq!(saved[4..], ["Results saved to channel_management_plan.json"]);
}

#[test]
fn actions_come_in_the_repaired_order() {
    for order in [SortOrder::ImplementationThenAction, SortOrder::ActionThenImplementation] {
        let plan = demonstration().create_management_plan("", order);
        let ids: Vec<String> = plan.priority_actions.iter().map(Action::action_id).collect();
        let expected = [
            "rebalance_in_channel_3",
            "splice_dust_removal_channel_1",
            "splice_dust_removal_channel_3",
            "splice_dust_removal_channel_2",
        ];
        assert_eq!(ids, expected);
    }
}

#[test]
fn keys_stand_in_the_seeds_order() {
    let text = serde_json::to_string(&plan()).unwrap();
    let channel_3 = concat!(
        r#""channel_3":{"channel_id":"channel_3","current_state":{"channel_id":"channel_3","#,
        r#""health_score":0.6324444444444444,"balance_ratio":0.1111111111111111,"dust_ratio":0.04,"#,
        r#""utilization":1.0,"issues":["imbalanced","overutilized"],"health_status":"attention_needed"},"#,
        r#""recommended_actions":[{"action_id":"rebalance_in_channel_3","action_type":"rebalance","#,
        r#""channel_id":"channel_3","priority":7,"expected_cost":20.0,"expected_benefit":1000.0,"#,
        r#""dust_impact":"reduce","execution_complexity":"medium","#,
        r#""prerequisites":["sufficient_inbound_capacity","cooperative_peer"]},"#,
        r#"{"action_id":"splice_dust_removal_channel_3","action_type":"splice","channel_id":"channel_3","#,
        r#""priority":6,"expected_cost":1000,"expected_benefit":3200.0,"dust_impact":"reduce","#,
        r#""execution_complexity":"high","prerequisites":["onchain_funds","peer_cooperation","blockchain_space"]}],"#,
        r#""dust_optimization_potential":0.08,"cost_benefit_ratio":4.117647058823529,"implementation_priority":7}},"#,
        r#""priority_actions":["#,
    );
    assert!(text.starts_with(
        r#"{"timestamp":"2026-01-01T00:00:00","total_channels":3,"recommendations":{"channel_1""#
    ));
    assert!(text.contains(channel_3), "{text}");
    let summary = concat!(
        r#""dust_optimization_summary":{"total_dust":10500,"total_capacity":300000,"dust_ratio":0.035,"#,
        r#""optimization_potential":0.07,"estimated_recovery":7349.999999999999,"recommended_actions":4}}"#,
    );
    assert!(text.ends_with(summary), "{text}");
}

#[test]
fn dust_strategies_keep_their_own_results() {
    let text =
        serde_json::to_string(&demonstration().optimize_dust_allocation("channel_3").unwrap()).unwrap();
    let expected = concat!(
        r#"{"channel_id":"channel_3","current_dust":{"local":3000,"remote":1000},"dust_limit":546,"#,
        r#""total_dust":4000,"optimization_strategies":[{"name":"consolidate_to_remote","#,
        r#""description":"Move all dust to remote side","action":"send_payment","amount":2454,"#,
        r#""result":{"local_dust":546,"remote_dust":3454},"benefit":"simplified_dust_management"},"#,
        r#"{"name":"dust_for_fees","description":"Utilize dust for commitment transaction fees","#,
        r#""action":"fee_adjustment","amount":2454,"result":{"local_dust":546,"fee_budget":2454},"#,
        r#""benefit":"reduced_external_funding_needed"},{"name":"dust_sweeping","#,
        r#""description":"Sweep excess dust via splicing","action":"splice_out","amount":2908,"#,
        r#""result":{"local_dust":546,"remote_dust":546,"recovered":2908},"benefit":"dust_recovery"}],"#,
        r#""recommended_strategy":"consolidate_to_remote"}"#,
    );
    assert_eq!(text, expected);
}

#[test]
fn an_unknown_id_is_the_seeds_text() {
    let manager = demonstration();
    let error = manager.generate_channel_recommendations("channel_4").unwrap_err();
    assert_eq!(error.to_string(), "Channel not found");
    assert!(manager.analyze_channel_health("").is_err());
    assert!(manager.generate_rebalancing_recommendations("").is_err());
    assert!(manager.generate_splicing_recommendations("").is_err());
    assert!(manager.optimize_dust_allocation("").is_err());
}

#[test]
fn a_repeated_id_keeps_its_first_place_and_takes_the_last_values() {
    let row = |id: &str, capacity: u64| json!({ "channel_id": id, "capacity": capacity });
    let manager = HeuristicManager::from_rows(&[row("a", 1), row("b", 2), row("a", 3)]).unwrap();
    let channels: Vec<_> =
        manager.channels().iter().map(|channel| (channel.id.as_str(), channel.capacity.to_sat())).collect();
    assert_eq!(channels, [("a", 3), ("b", 2)]);
    let plan = manager.create_management_plan("", SortOrder::default());
    assert_eq!(plan.dust_optimization_summary.total_capacity.to_sat(), 5);
}

#[test]
fn a_listing_is_judged_by_its_printed_balances() {
    let sat = |sat| Msat::from_sat(sat).unwrap();
    let mut channel = ChannelSnapshot::new(ChannelKey::new("1x1x1"), sat(100_000), sat(60_000), sat(40_000));
    channel.local_reported = Msat::from_msat(56_000_999);
    let mut snapshot = Snapshot::default();
    snapshot.channels.push(channel);
    let manager = HeuristicManager::from_snapshot(&snapshot).unwrap();
    let health = manager.analyze_channel_health("1x1x1").unwrap();
    assert_eq!(health.utilization.to_f64().to_bits(), 0.96_f64.to_bits());
    assert_eq!(health.balance_ratio.to_f64().to_bits(), (40.0_f64 / 56.0).to_bits());
}
