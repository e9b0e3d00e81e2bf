//! The built-in example, and what every form of output promises about it.

use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use crate::program::{on_example, stdout};

fn json(words: &[&str]) -> Value {
    serde_json::from_slice(&on_example(words).stdout).unwrap()
}

#[test]
fn the_example_says_what_it_is_with_its_own_date_and_feerate() {
    let table = stdout(&on_example(&["plan"]));
    assert!(table.contains("built-in example"), "{table}");
    assert!(table.contains("2026-03-01T00:00:00Z") && table.contains("5 sat/vB (given)"));
    let plan = json(&["plan", "--json"]);
    assert_eq!(plan["warnings"][0]["code"], "example_fleet");
    assert_eq!(plan["generated_at"], "2026-03-01T00:00:00Z");
    assert_eq!(plan["feerate"]["feerate_sat_per_kw"], 1250);
    let later = json(&["plan", "--json", "--now", "2026-03-02T00:00:00Z", "--feerate", "12.5"]);
    assert_eq!(later["feerate"]["feerate_sat_per_kw"], 3125);
    assert_eq!(later["generated_at"], "2026-03-02T00:00:00Z");
}

#[test]
fn the_example_shows_every_case() {
    let plan = json(&["plan", "--json"]);
    let channels = plan["channels"].as_array().unwrap();
    assert_eq!(channels.len(), 40);
    let some = |test: &dyn Fn(&Value) -> bool| channels.iter().any(test);
    assert!(some(&|channel| channel["active"] == "no"), "offline");
    assert!(some(&|channel| channel["private"] == "yes"), "private");
    for role in ["sink", "source", "router", "dormant"] {
        assert!(some(&|channel| channel["role"] == role), "{role}");
    }
    assert!(some(&|channel| channel["dust"]["hidden_msat"].as_u64() > Some(1_000_000)), "hidden dust");
    let kinds: Vec<&str> =
        plan["actions"].as_array().unwrap().iter().map(|action| action["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"rebalance") && kinds.contains(&"set_fee"), "{kinds:?}");
    for channel in channels {
        let chosen = !channel["chosen"].as_array().unwrap().is_empty();
        assert_ne!(chosen, channel["no_action"].is_object(), "an action or a reason: {}", channel["label"]);
    }
}

/// Commands are exempt: a word of a command is never cut, so that it can be copied.
#[test]
fn tables_fit_eighty_columns() {
    for words in [&["plan"][..], &["health"], &["dust"], &["plan", "--profile", "heuristic"]] {
        let table = stdout(&on_example(words));
        for line in table.lines() {
            assert!(line.width() <= 80, "{} columns: {line}", line.width());
        }
    }
}

#[test]
fn tables_and_json_say_the_same() {
    let plan = json(&["plan", "--json"]);
    let table = stdout(&on_example(&["plan"]));
    for action in plan["actions"].as_array().unwrap() {
        let summary = action["summary"].as_str().unwrap();
        let squeezed = |text: &str| text.split_whitespace().collect::<String>();
        assert!(squeezed(&table).contains(&squeezed(summary)), "{summary}");
    }
    let shown = plan["fleet"]["actions_shown"].as_u64().unwrap();
    let total = plan["fleet"]["actions_total"].as_u64().unwrap();
    assert!(table.contains(&format!("{shown} of {total} actions shown")));
    assert_eq!(plan["actions"].as_array().unwrap().len() as u64, shown);
}

#[test]
fn settings_given_are_settings_used() {
    let words = [
        "plan",
        "--json",
        "--horizon",
        "14",
        "--window",
        "20",
        "--profit-split",
        "0.4",
        "--econ-ratio",
        "0.5",
        "--shrinkage",
        "500_000",
        "--margin-z",
        "1.5",
        "--rate-cap",
        "1500",
        "--failure-cost",
        "3",
        "--other-yield",
        "0.05",
        "--route-price",
        "250",
        "--route-success",
        "0.8",
        "--route-risk",
        "100",
        "--max-hops",
        "6",
        "--max-fee-step",
        "0.1",
        "--cooldown",
        "7",
        "--budget",
        "10000",
        "--wallet",
        "2000000",
        "--dust-profile",
        "conservative",
        "--max-actions",
        "3",
    ];
    let plan = json(&words);
    let settings = &plan["settings"];
    for (name, value) in [
        ("horizon_days", 14_u64),
        ("window_days", 20),
        ("profit_split_ppm", 400_000),
        ("econ_ratio_ppm", 500_000),
        ("shrinkage_volume_msat", 500_000_000),
        ("margin_z_milli", 1500),
        ("rate_cap_ppm", 1500),
        ("failure_cost_msat", 3000),
        ("other_yield_ppm_per_year", 50_000),
        ("assumed_route_ppm", 250),
        ("assumed_success_ppm", 800_000),
        ("route_risk_ppm", 100),
        ("max_hops", 6),
        ("max_fee_step_ppm", 100_000),
        ("cooldown_days", 7),
        ("budget_msat", 10_000_000),
        ("wallet_msat", 2_000_000_000),
        ("max_actions", 3),
    ] {
        assert_eq!(settings[name], value, "{name}");
    }
    assert_eq!(settings["dust_profile"], "conservative");
    assert!(plan["actions"].as_array().unwrap().len() <= 3);
}

#[test]
fn csv_has_a_row_per_action_or_channel() {
    for (words, rows) in [(["health", "--format", "csv"], 40), (["dust", "--format", "csv"], 40)] {
        let csv = stdout(&on_example(&words));
        let columns = csv.split("\r\n").next().unwrap().split(',').count();
        assert_eq!(csv.matches("\r\n").count(), rows + 1);
        assert!(columns > 15, "{columns}");
    }
    let plan = stdout(&on_example(&["plan", "--format", "csv"]));
    assert!(plan.starts_with("number,action,kind,channels,"));
}

#[test]
fn the_page_is_self_contained() {
    for subject in ["plan", "health", "dust"] {
        let page = stdout(&on_example(&[subject, "--format", "html"]));
        assert!(page.starts_with("<!doctype html>") && page.trim_end().ends_with("</html>"));
        for outside in ["<script", "http://", "https://", "src=", "@import", "url("] {
            assert!(!page.contains(outside), "{subject}: {outside}");
        }
        assert!(page.contains("prefers-color-scheme:dark"));
    }
    let page = stdout(&on_example(&["plan", "--format", "html"]));
    assert!(page.matches("<svg").count() > 40, "a bar per channel and the charts");
}

/// What the README shows is what the program prints.
#[test]
fn the_readmes_excerpt_is_real() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let excerpt = readme.split("```text\n").nth(1).unwrap().split("```").next().unwrap();
    let table = stdout(&on_example(&["plan"]));
    let printed: Vec<&str> = table.lines().collect();
    let shown: Vec<&str> = excerpt.lines().filter(|line| !line.is_empty() && line.trim() != "…").collect();
    assert!(shown.len() > 15);
    for line in shown {
        assert!(printed.contains(&line), "the README shows `{line}`; the program does not");
    }
}
