//! Running the program, and the documents to run it on.

use std::process::Output;

use assert_cmd::Command;

/// The program, away from the environment of whoever runs the tests.
pub(crate) fn channel(words: &[&str]) -> Command {
    let mut command = Command::cargo_bin("channel").unwrap();
    command.args(words).env_remove("NO_COLOR").env_remove("COLUMNS").env("TERM", "xterm-256color");
    command
}

/// Runs the program with something piped in.
pub(crate) fn piped(words: &[&str], input: impl Into<Vec<u8>>) -> Output {
    channel(words).write_stdin(input.into()).output().unwrap()
}

/// Runs the program on the example.
pub(crate) fn on_example(words: &[&str]) -> Output {
    channel(words).arg("--example").output().unwrap()
}

/// What it printed.
pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What it complained.
pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Checks exit code, silence on stdout, and exactly one `error:` and one `hint:` line; returns both.
#[track_caller]
pub(crate) fn refused(output: &Output, code: i32) -> (String, String) {
    let complaint = stderr(output);
    assert_eq!(output.status.code(), Some(code), "{complaint}");
    assert!(output.stdout.is_empty(), "nothing is printed on failure");
    let lines: Vec<&str> = complaint.lines().collect();
    assert_eq!(lines.len(), 2, "{complaint}");
    let error = lines[0].strip_prefix("error: ").expect("first line is the error");
    let hint = lines[1].strip_prefix("hint: ").expect("second line is the hint");
    assert!(!hint.is_empty());
    (error.to_owned(), hint.to_owned())
}

/// An LND listing of channels with these extra or replaced fields in its only channel.
pub(crate) fn listing_with(fields: &[(&str, serde_json::Value)]) -> String {
    let mut channel = channel_object("879609302251798528");
    for (name, value) in fields {
        channel[*name] = value.clone();
    }
    serde_json::json!({ "channels": [channel] }).to_string()
}

/// A channel as LND lists it, 50,000 sat, all ours but fee and anchors.
pub(crate) fn channel_object(id: &str) -> serde_json::Value {
    serde_json::json!({
        "active": true, "remote_pubkey": "02".repeat(33), "channel_point": format!("{}:0", "ab".repeat(32)),
        "chan_id": id, "capacity": "50000", "local_balance": "46530", "remote_balance": "0",
        "commit_fee": "3140", "commit_weight": "772", "fee_per_kw": "2500", "unsettled_balance": "0",
        "initiator": true, "private": false, "commitment_type": "ANCHORS", "pending_htlcs": [],
        "local_chan_reserve_sat": "500", "remote_chan_reserve_sat": "500", "peer_alias": "tester"
    })
}
