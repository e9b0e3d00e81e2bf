//! The schemas the program prints describe what it prints.

use serde_json::Value;

use crate::program::{channel, listing_with, on_example, piped};

fn schema(document: &str) -> Value {
    serde_json::from_slice(&channel(&["schema", document]).output().unwrap().stdout).unwrap()
}

#[test]
fn outputs_are_valid_by_their_schema() {
    for document in ["plan", "health", "dust"] {
        let schema = schema(document);
        let validator = jsonschema::validator_for(&schema).unwrap();
        for output in [
            on_example(&[document, "--json"]),
            on_example(&[document, "--json", "--redact", "--feerate", "0.1"]),
            piped(&[document, "--json"], listing_with(&[])),
        ] {
            let value: Value = serde_json::from_slice(&output.stdout).unwrap();
            let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{document}: {errors:?}");
            assert_eq!(value["schema"], format!("taproot-channels/{document}/v1"));
        }
    }
}

/// A schema that accepts anything would pass the test above.
#[test]
fn the_schema_refuses_what_is_not_a_plan() {
    let schema = schema("plan");
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut plan: Value = serde_json::from_slice(&on_example(&["plan", "--json"]).stdout).unwrap();
    plan["channels"][0]["capacity_msat"] = "4000000".into();
    assert!(!validator.is_valid(&plan));
    assert!(!validator.is_valid(&serde_json::json!({})));
}

/// Version 1 only ever gains keys, and units stand in the names.
#[test]
fn every_amount_names_its_unit() {
    let plan: Value = serde_json::from_slice(&on_example(&["plan", "--json"]).stdout).unwrap();
    let units = [
        "_msat", "_sat", "_ppm", "_kw", "_wu", "_vb", "_blocks", "_hours", "_days", "_day", "_year", "_milli",
    ];
    let counts = [
        "hours",
        "events",
        "channels",
        "channels_usable",
        "actions_total",
        "actions_shown",
        "count_in",
        "count_out",
        "max_hops",
        "max_actions",
        "hops",
        "priority",
        "block_height",
        "trimmed_htlcs_local",
        "trimmed_htlcs_remote",
        "max_parts",
        "parts",
    ];
    let mut stack = vec![&plan];
    while let Some(value) = stack.pop() {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    let known =
                        units.iter().any(|unit| name.ends_with(unit)) || counts.contains(&name.as_str());
                    assert!(!value.is_number() || known, "{name}");
                    stack.push(value);
                }
            }
            Value::Array(values) => stack.extend(values),
            _ => {}
        }
    }
}
