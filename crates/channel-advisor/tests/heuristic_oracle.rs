//! The heuristic against rows computed by the seed itself: the project's own, and the shared ones where they are there.
//!
//! Values are compared as JSON: integers as integers, floats bit for bit, objects key for key.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use channel_advisor::heuristic::columns::FleetColumns;
use channel_advisor::heuristic::{HeuristicError, HeuristicManager, SortOrder};
use serde::Serialize;
use serde_json::{Value, json};

const OWN_ROWS: &str = include_str!("fixtures/heuristic_rows.jsonl");

/// What a row stores: a value, and for a plan whether the seed's own sort failed on it.
struct Row {
    function: String,
    input: Value,
    output: Value,
}

impl Row {
    fn channels(&self) -> &[Value] {
        self.input["channels"].as_array().unwrap()
    }

    fn has_negative(&self) -> bool {
        self.channels()
            .iter()
            .flat_map(|record| record.as_object().unwrap().values())
            .any(|value| value.as_i64() < Some(0) && value.is_i64())
    }

    /// Runs the row's function and states its result as a row does: an unknown id is an empty list where the seed
    /// returns one, else an object with the text of the error.
    fn run(&self) -> Result<Value, HeuristicError> {
        let manager = HeuristicManager::from_rows(self.channels())?;
        let id = self.input["channel_id"].as_str().unwrap_or_default();
        let error =
            |error: channel_advisor::heuristic::ChannelNotFound| json!({ "error": error.to_string() });
        Ok(match self.function.as_str() {
            "analyze_channel_health" => manager.analyze_channel_health(id).map_or_else(error, to_value),
            "generate_rebalancing_recommendations" => {
                manager.generate_rebalancing_recommendations(id).map_or_else(|_| json!([]), to_value)
            }
            "generate_splicing_recommendations" => {
                manager.generate_splicing_recommendations(id).map_or_else(|_| json!([]), to_value)
            }
            "optimize_dust_allocation" => manager.optimize_dust_allocation(id).map_or_else(error, to_value),
            "generate_channel_recommendations" => {
                manager.generate_channel_recommendations(id).map_or_else(error, to_value)
            }
            "create_management_plan" => {
                let order = match self.input["sort"].as_str() {
                    None | Some("impl_then_action") => SortOrder::ImplementationThenAction,
                    Some("action_then_impl") => SortOrder::ActionThenImplementation,
                    Some(other) => panic!("unknown sort {other}"),
                };
                to_value(manager.create_management_plan(self.input["now"].as_str().unwrap(), order))
            }
            other => panic!("unknown function {other}"),
        })
    }
}

fn to_value(value: impl Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}

/// Rows by function, as (all, with a negative amount).
type Counts = BTreeMap<String, (usize, usize)>;

fn check(rows: impl Iterator<Item = Row>) -> Counts {
    let mut counts = Counts::new();
    for (number, row) in rows.enumerate() {
        let count = counts.entry(row.function.clone()).or_default();
        count.0 += 1;
        if row.has_negative() {
            count.1 += 1;
            let refusal = row.run().unwrap_err();
            assert!(matches!(refusal, HeuristicError::NegativeAmount { .. }), "row {number}: {refusal:?}");
        } else {
            assert_eq!(row.run().unwrap(), row.output, "row {number}: {} {}", row.function, row.input);
            check_columns(&row);
        }
    }
    counts
}

/// A plan's figures must come out of the columns as well.
fn check_columns(row: &Row) {
    if row.function != "create_management_plan" {
        return;
    }
    let manager = HeuristicManager::from_rows(row.channels()).unwrap();
    let columns = FleetColumns::from(&manager);
    let assessment = columns.assess(SortOrder::default());
    assert_eq!(to_value(assessment.summary()), row.output["dust_optimization_summary"], "{}", row.input);
    let actions = assessment
        .top_actions()
        .iter()
        .map(|top| top.action(&columns, manager.channels()[top.row()].id.clone()));
    assert_eq!(to_value(actions.collect::<Vec<_>>()), row.output["priority_actions"], "{}", row.input);
}

#[expect(clippy::disallowed_methods, reason = "a test may read what it compares with")]
fn shared_rows() -> Option<String> {
    let shared = std::env::var_os("TAPROOT_CHANNELS_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    std::fs::read_to_string(shared.join("oracle/golden_public.jsonl")).ok()
}

#[test]
fn own_rows_agree() {
    let mut lines = OWN_ROWS.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let header = lines.next().unwrap();
    assert_eq!(header["schema"], "taproot-channels/heuristic-rows/v1");
    let counts = check(lines.map(|mut line| Row {
        function: line["function"].as_str().unwrap().to_owned(),
        input: line["input"].take(),
        output: line["output"].take(),
    }));
    assert_eq!(counts.len(), 6);
    let total: usize = counts.values().map(|(all, _)| all).sum();
    assert_eq!(Some(total as u64), header["cases"].as_u64());
    assert!(counts.values().all(|(all, negative)| all > negative), "{counts:?}");
}

#[test]
fn shared_rows_agree() {
    let Some(text) = shared_rows() else { return };
    let seed_000 = [
        "create_channel",
        "process_payment",
        "batch_dust_recovery",
        "optimize_channels",
        "model_splice_in",
        "model_splice_out",
    ];
    let rows = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let rows = rows.filter(|line| !seed_000.contains(&line["fn"].as_str().unwrap()));
    let counts = check(rows.map(|mut line| {
        let function = line["fn"].as_str().unwrap().to_owned();
        let mut output = line["output"].take();
        if function == "create_management_plan" {
            // The seed's own sort fails as soon as it has an action to compare.
            let has_actions = !output["plan"]["priority_actions"].as_array().unwrap().is_empty();
            assert_eq!(output["literal_exception"].is_null(), !has_actions);
            output = output["plan"].take();
        }
        if let Some(raised) = output.get_mut("raises").map(Value::take) {
            assert_eq!(raised["type"], "ValueError");
            output = json!({ "error": raised["message"] });
        }
        Row { function, input: line["input"].take(), output }
    }));
    let expected = [
        ("analyze_channel_health", 44),
        ("create_management_plan", 25),
        ("generate_channel_recommendations", 42),
        ("generate_rebalancing_recommendations", 30),
        ("generate_splicing_recommendations", 32),
        ("optimize_dust_allocation", 44),
    ];
    let totals: Vec<(&str, usize)> = counts.iter().map(|(name, (all, _))| (name.as_str(), *all)).collect();
    assert_eq!(totals, expected);
    assert_eq!(counts.values().map(|(_, negative)| negative).sum::<usize>(), 4);
}
