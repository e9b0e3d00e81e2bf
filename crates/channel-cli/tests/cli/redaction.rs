//! `--redact`: no id, alias or file name is left, in any form of output.

use serde_json::{Value, json};

use crate::program::{channel, channel_object, on_example, piped, stderr, stdout};

/// Every text that names a channel or peer of the example.
fn secrets() -> Vec<String> {
    let plan: Value = serde_json::from_slice(&on_example(&["plan", "--json"]).stdout).unwrap();
    let mut secrets = vec![plan["node"]["alias"].as_str().unwrap().to_owned()];
    secrets.push(plan["node"]["id"].as_str().unwrap().to_owned());
    for channel in plan["channels"].as_array().unwrap() {
        for name in ["channel", "short_channel_id", "label", "peer"] {
            secrets.extend(channel[name].as_str().map(str::to_owned));
        }
    }
    // These aliases are words of the report as well.
    secrets.retain(|secret| !["open-road", "sundial"].contains(&secret.as_str()));
    secrets
}

#[test]
fn no_id_or_alias_is_left() {
    let secrets = secrets();
    assert!(secrets.len() > 140);
    for subject in ["plan", "health", "dust"] {
        for format in ["table", "json", "csv", "markdown", "html"] {
            let shown = stdout(&on_example(&[subject, "--redact", "--format", format]));
            assert!(shown.contains("peer01"), "{subject} {format}");
            for secret in &secrets {
                assert!(!shown.contains(secret.as_str()), "{subject} {format}: {secret}");
            }
        }
        let shown = stdout(&on_example(&[subject, "--redact", "--profile", "heuristic", "--json"]));
        assert!(shown.contains("ch01") && !secrets.iter().any(|secret| shown.contains(secret.as_str())));
    }
}

#[test]
fn funding_outpoints_in_commands_are_replaced() {
    let shown = stdout(&on_example(&["plan", "--redact", "--json"]));
    let hex = shown.split(|c: char| !c.is_ascii_hexdigit()).map(str::len).max().unwrap();
    assert!(hex < 16, "a run of {hex} hexadecimal digits");
}

#[test]
fn figures_stay() {
    let plain: Value = serde_json::from_slice(&on_example(&["plan", "--json"]).stdout).unwrap();
    let redacted: Value =
        serde_json::from_slice(&on_example(&["plan", "--json", "--redact"]).stdout).unwrap();
    assert_eq!(plain["fleet"], redacted["fleet"]);
    let nets = |plan: &Value| -> Vec<Value> {
        plan["actions"].as_array().unwrap().iter().map(|action| action["net_msat"].clone()).collect()
    };
    assert_eq!(nets(&plain), nets(&redacted));
}

#[test]
fn errors_name_neither_file_nor_channel() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("my-secret-node.json");
    let id = "879609302251798528";
    std::fs::write(&path, json!({ "channels": [channel_object(id), channel_object(id)] }).to_string())
        .unwrap();
    let output = channel(&["plan", "--redact", path.to_str().unwrap()]).output().unwrap();
    let complaint = stderr(&output);
    assert_eq!(output.status.code(), Some(65));
    assert!(complaint.contains("file01") && complaint.contains("listed twice"), "{complaint}");
    assert!(!complaint.contains("secret") && !complaint.contains(id), "{complaint}");
}

/// Aliases come from strangers.
#[test]
fn an_alias_cannot_reach_the_terminal_or_the_page() {
    let evil = "\u{1b}]0;owned\u{7}<img src=x onerror=alert(1)>\u{202e}@everyone|=1+1";
    let mut listed = channel_object("879609302251798528");
    listed["peer_alias"] = json!(evil);
    let listing = json!({ "channels": [listed] }).to_string();
    let shown =
        |format: &str| stdout(&piped(&["plan", "--format", format, "--color", "never"], listing.clone()));
    for format in ["table", "csv", "markdown", "html"] {
        let shown = shown(format);
        assert!(!shown.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{format}");
    }
    assert!(!shown("html").contains("<img"));
    // Inside code nobody is called; outside, the mention must be broken.
    let markdown = shown("markdown");
    assert!(markdown.split('`').step_by(2).all(|outside| !outside.contains("@everyone")), "{markdown}");
}

#[test]
fn the_rules_of_thumb_do_not_name_the_file_they_are_saved_to() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("private-name.txt");
    let words = ["plan", "--profile", "heuristic", "--redact", "--out", path.to_str().unwrap()];
    assert!(on_example(&words).status.success());
    let saved = std::fs::read_to_string(&path).unwrap();
    assert!(saved.contains("Results saved to file00") && !saved.contains("private-name"), "{saved}");
}
