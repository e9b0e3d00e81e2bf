//! The file of past plans.

use std::fs;

use serde_json::Value;

use crate::program::{on_example, refused};

#[test]
fn a_plan_is_kept_once_and_the_next_one_rests_its_channels() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("past.jsonl");
    let file = path.to_str().unwrap();
    let plan = |now: &str| -> Value {
        let output = on_example(&["plan", "--json", "--history", file, "--now", now]);
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let first = plan("2026-03-01T00:00:00Z");
    let lines = fs::read_to_string(&path).unwrap();
    assert_eq!(lines.lines().count(), 1 + first["actions"].as_array().unwrap().len());
    let whole: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    let roles = whole["roles"].as_object().unwrap();
    let channel = &first["channels"][0];
    assert_eq!(
        (whole["kind"].as_str(), &roles[channel["channel"].as_str().unwrap()]),
        (Some("plan"), &channel["role"])
    );
    let again = plan("2026-03-01T00:00:00Z");
    assert_eq!(again["actions"], first["actions"], "the same time gives the same plan");
    assert_eq!(fs::read_to_string(&path).unwrap(), lines, "and is kept once");
    let next = plan("2026-03-02T00:00:00Z");
    let target = &first["actions"][0]["channels"][0];
    let channels = next["channels"].as_array().unwrap();
    let rests = channels.iter().find(|channel| channel["channel"] == *target).unwrap();
    assert_eq!(rests["no_action"]["code"], "cooling_down", "{}", rests["no_action"]);
}

#[test]
fn health_and_dust_leave_the_file_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("past.jsonl");
    for subject in ["health", "dust"] {
        assert!(on_example(&[subject, "--history", path.to_str().unwrap()]).status.success());
    }
    assert!(!path.exists());
}

#[test]
fn a_damaged_history_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("past.jsonl");
    fs::write(&path, "not a line of it\n").unwrap();
    let (error, _) = refused(&on_example(&["plan", "--history", path.to_str().unwrap()]), 65);
    assert!(error.contains("past.jsonl: line 1"), "{error}");
}
