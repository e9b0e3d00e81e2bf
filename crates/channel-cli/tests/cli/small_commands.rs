//! `simulate`, `inputs`, `completions`, `man`, and help.

use serde_json::Value;

use crate::program::{channel, refused, stdout};

fn shown(words: &[&str]) -> String {
    let output = channel(words).output().unwrap();
    assert!(output.status.success(), "{words:?}");
    stdout(&output)
}

#[test]
fn the_simulation_conserves_value() {
    let table = shown(&["simulate"]);
    assert!(table.contains("conserved") && table.contains("29,800      30,200      60,000"), "{table}");
    let run: Value = serde_json::from_str(&shown(&["simulate", "--json"])).unwrap();
    assert_eq!(run["value_conserved"], true);
    assert_eq!(run["steps"].as_array().unwrap().len(), 5);
    for step in run["steps"].as_array().unwrap() {
        let balance = &step["balance_msat"];
        let sum = balance["local"].as_u64().unwrap() + balance["remote"].as_u64().unwrap();
        assert_eq!(sum, step["capacity_sat"].as_u64().unwrap() * 1000);
    }
}

#[test]
fn a_simulated_channel_that_cannot_exist_is_a_usage_error() {
    let output = channel(&["simulate", "--capacity", "500"]).output().unwrap();
    let (error, _) = refused(&output, 2);
    assert!(error.contains("capacity"), "{error}");
}

#[test]
fn inputs_are_commands_of_the_implementation() {
    for (implementation, command) in [
        ("lnd", "lncli listchannels"),
        ("cln", "lightning-cli listpeerchannels"),
        ("eclair", "eclair-cli channels"),
        ("ldk", "ldk-server-cli list-channels"),
    ] {
        let script = shown(&["inputs", implementation]);
        assert!(script.contains(command) && script.contains("channel plan"), "{script}");
    }
}

#[test]
fn completions_and_manual_cover_every_command() {
    let commands =
        ["plan", "health", "dust", "simulate", "descriptor", "inputs", "schema", "completions", "man"];
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = shown(&["completions", shell]);
        assert!(commands.iter().all(|command| script.contains(command)), "{shell}");
    }
    let page = shown(&["man"]);
    assert!(page.contains(".TH") && commands.iter().all(|command| page.contains(command)));
    assert!(shown(&["man", "plan"]).contains("feerate"));
    refused(&channel(&["man", "fly"]).output().unwrap(), 2);
}

#[test]
fn help_and_version_are_no_errors() {
    assert!(shown(&["--help"]).contains("plan --example"));
    assert!(shown(&["plan", "--help"]).contains("--feerate"));
    assert!(shown(&["--version"]).starts_with("channel "));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_device_gets_a_hint_without_flags_the_command_does_not_have() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let run = std::process::Command::new(assert_cmd::cargo::cargo_bin("channel"))
        .args(["schema", "plan"])
        .stdout(full)
        .output()
        .unwrap();
    let (error, hint) = refused(&run, 74);
    assert!(error.starts_with("standard output: ") && !hint.contains("--out"), "{error} / {hint}");
}
