//! The heuristic profile: the library's object, key for key, and the closing lines.

use serde_json::Value;
use taproot_channels::advisor::heuristic::{HeuristicManager, SortOrder};
use taproot_channels::advisor::import::Import;

use crate::program::{piped, stdout};

/// Three channels with dust on both sides, as a plain table.
const TABLE: &str = r#"{
  "channel_1": {"local_balance": 80000, "remote_balance": 20000, "capacity": 100000, "local_dust": 2000, "remote_dust": 500, "dust_limit": 546, "fee_rate": 10},
  "channel_2": {"local_balance": 30000, "remote_balance": 70000, "capacity": 100000, "local_dust": 1500, "remote_dust": 2500, "dust_limit": 546, "fee_rate": 12},
  "channel_3": {"local_balance": 10000, "remote_balance": 90000, "capacity": 100000, "local_dust": 3000, "remote_dust": 1000, "dust_limit": 546, "fee_rate": 8}
}"#;
const NOW: [&str; 2] = ["--now", "2026-03-01T00:00:00Z"];

fn manager() -> HeuristicManager {
    let mut import = Import::new();
    import.add("table.json", TABLE.as_bytes(), None).unwrap();
    HeuristicManager::from_snapshot(&import.finish().unwrap()).unwrap()
}

#[test]
fn the_plan_is_the_librarys_object() {
    let output = piped(&["plan", "--profile", "heuristic", "--format", "json", NOW[0], NOW[1]], TABLE);
    let plan = manager().create_management_plan("2026-03-01T00:00:00Z", SortOrder::default());
    assert_eq!(stdout(&output).trim_end(), serde_json::to_string_pretty(&plan).unwrap());
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(value["total_channels"], 3);
    assert_eq!(value["dust_optimization_summary"]["total_dust"], 10_500);
    assert_eq!(value["dust_optimization_summary"]["estimated_recovery"], 7_349.999_999_999_999);
    let actions: Vec<&str> = value["priority_actions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|action| action["action_id"].as_str().unwrap())
        .collect();
    assert_eq!(actions.len(), 4);
    assert!(actions.contains(&"rebalance_in_channel_3"));
}

#[test]
fn dust_prints_the_strategies() {
    let output = piped(&["dust", "--profile", "heuristic", "--json"], TABLE);
    let manager = manager();
    let library: Vec<_> = manager
        .channels()
        .iter()
        .map(|channel| manager.optimize_dust_allocation(channel.id.as_str()).unwrap())
        .collect();
    assert_eq!(stdout(&output).trim_end(), serde_json::to_string_pretty(&library).unwrap());
    assert!(stdout(&output).contains("consolidate_to_remote"));
}

#[test]
fn the_table_ends_with_the_closing_lines() {
    let table = stdout(&piped(&["plan", "--profile", "heuristic"], TABLE));
    let expected = "Management plan created for 3 channels\nGenerated 4 priority actions\nTotal dust: 10500 sats\nOptimization potential: 7.00%\n";
    assert!(table.ends_with(expected), "{table}");
}

#[test]
fn saving_adds_the_line_that_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.txt");
    let output = piped(&["plan", "--profile", "heuristic", "--out", path.to_str().unwrap()], TABLE);
    assert!(output.status.success());
    let saved = std::fs::read_to_string(&path).unwrap();
    assert!(saved.ends_with(&format!("Results saved to {}\n", path.display())), "{saved}");
}
