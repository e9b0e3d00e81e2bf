//! Every class of bad input: its exit code, one line that names file, place and field, one line that helps.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::program::{channel, channel_object, listing_with, on_example, piped, refused, stderr};

#[track_caller]
fn refused_data(input: impl Into<Vec<u8>>) -> String {
    refused(&piped(&["plan", "-"], input), 65).0
}

#[test]
fn a_good_listing_is_planned() {
    let output = piped(&["plan"], listing_with(&[]));
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn nothing_at_all_is_empty_input() {
    assert_eq!(refused_data(""), "standard input: the file is empty");
    assert_eq!(refused_data(" \n\t\n"), "standard input: the file is empty");
}

#[test]
fn a_cut_off_listing_names_where_it_ends() {
    let whole = listing_with(&[]);
    let error = refused_data(&whole[..whole.len() / 2]);
    assert!(error.starts_with("standard input: ") && error.contains("line 1, column "), "{error}");
}

#[test]
fn other_json_and_other_files_are_no_listing() {
    for input in ["{\"hello\": \"world\"}", "[1, 2, 3]"] {
        let error = refused_data(input);
        assert!(error.starts_with("standard input: "), "{error}");
    }
    for input in ["hello", "<html></html>"] {
        let error = refused_data(input);
        assert!(error.contains("not JSON"), "{error}");
    }
    let error = refused_data(b"\x7fELF\x02\x01\x01\x00\xff\xfe".to_vec());
    assert!(error.contains("not JSON"), "{error}");
}

#[test]
fn negative_fractional_and_wordy_amounts_name_their_field() {
    for (value, says) in [
        (json!("-1"), "negative"),
        (json!(-5), "negative"),
        (json!("1.5"), "fractional"),
        (json!(0.5), "fractional"),
        (json!("many"), "not a number"),
        (json!("99999999999999999999999"), "too large"),
    ] {
        let error = refused_data(listing_with(&[("local_balance", value)]));
        assert!(error.contains("local_balance") && error.contains("channels[0]"), "{error}");
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn balances_above_the_capacity_are_refused() {
    let error = refused_data(listing_with(&[("remote_balance", json!("60000"))]));
    assert!(error.contains("channels[0]") && error.contains("exceed the capacity"), "{error}");
}

#[test]
fn a_channel_listed_twice_is_refused() {
    let twice = json!({ "channels": [channel_object("1"), channel_object("1")] }).to_string();
    let error = refused_data(twice.clone());
    assert!(error.contains("channels[1]") && error.contains("listed twice"), "{error}");
    let (heuristic, _) = refused(&piped(&["plan", "--profile", "heuristic"], twice), 65);
    assert_eq!(heuristic, error);
}

/// The library follows the heuristic to the letter; the program refuses what no node has.
#[test]
fn the_heuristic_profile_refuses_the_same_input() {
    for field in [("remote_balance", json!("60000")), ("local_balance", json!("-1"))] {
        let words = ["plan", "--profile", "heuristic", "--json"];
        refused(&piped(&words, listing_with(&[field])), 65);
    }
    let table =
        json!({ "channel_1": { "local_balance": 80_000, "remote_balance": 30_000, "capacity": 100_000 } });
    refused(&piped(&["plan", "--profile", "heuristic"], table.to_string()), 65);
}

#[test]
fn deep_nesting_is_refused() {
    for bracket in ["[", "{\"channels\":["] {
        let error = refused_data(bracket.repeat(200_000));
        assert!(error.starts_with("standard input: "), "{error}");
    }
    let inside = format!("{{\"channels\":{}", "[".repeat(200_000));
    refused_data(inside);
}

/// A gigabyte must not be read to see that it is not a listing.
#[test]
fn a_gigabyte_of_zeros_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zeros.json");
    fs::File::create(&path).unwrap().set_len(1 << 30).unwrap();
    let start = Instant::now();
    let (error, _) = refused(&channel(&["plan", path.to_str().unwrap()]).output().unwrap(), 65);
    assert!(error.contains("zeros.json: not JSON"), "{error}");
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[test]
fn a_pipe_of_zeros_is_not_drained() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_channel"))
        .arg("plan")
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let zeros = vec![0_u8; 1 << 20];
    let sent = (0..1024).take_while(|_| pipe.write_all(&zeros).is_ok()).count();
    drop(pipe);
    let output = child.wait_with_output().unwrap();
    refused(&output, 65);
    assert!(sent < 1024, "the reader left before a gigabyte was sent");
}

#[test]
fn missing_files_and_folders_are_missing_input() {
    let folder = tempfile::tempdir().unwrap();
    let gone = folder.path().join("gone.json");
    let (error, hint) = refused(&channel(&["plan", gone.to_str().unwrap()]).output().unwrap(), 66);
    assert!(error.ends_with("gone.json: no such file or directory"), "{error}");
    assert!(hint.contains("path"), "{hint}");
    let (error, _) = refused(&channel(&["plan", folder.path().to_str().unwrap()]).output().unwrap(), 66);
    assert!(error.ends_with(": is a directory"), "{error}");
}

#[test]
fn an_output_that_cannot_be_written_is_an_io_error() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("missing").join("plan.json");
    for target in [inside.as_path(), folder.path()] {
        let words = ["plan", "--example", "--json", "--out", target.to_str().unwrap()];
        let (error, _) = refused(&channel(&words).output().unwrap(), 74);
        assert!(error.starts_with(target.to_str().unwrap()), "{error}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing half-written");
}

#[test]
fn flags_that_make_no_sense_are_usage_errors() {
    for words in [
        &["plan", "--feerate", "0.05"][..],
        &["plan", "--feerate", "cheap"],
        &["plan", "--horizon", "0"],
        &["plan", "--wallet", "-5"],
        &["plan", "--econ-ratio", "1.5"],
        &["plan", "--now", "yesterday"],
        &["plan", "--example", "file.json"],
        &["plan", "--example", "--graph", "file.json"],
        &["plan", "--json", "--format", "csv"],
        &["plan", "--from", "electrum"],
        &["plan", "-", "-"],
        &["plan", "-", "--forwards", "-"],
        &["fly"],
        &["plan", "--fly"],
        &[],
    ] {
        refused(&piped(words, ""), 2);
    }
}

#[test]
fn a_forced_kind_that_does_not_fit_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("listchannels.json");
    fs::write(&path, listing_with(&[])).unwrap();
    let file = path.to_str().unwrap();
    let (error, _) = refused(&channel(&["plan", file, "--forwards", file]).output().unwrap(), 65);
    assert!(error.contains("listchannels.json") && error.contains("forwards"), "{error}");
}

#[test]
fn a_negative_value_is_refused_as_a_value_of_its_flag() {
    for flag in ["--budget", "--wallet", "--feerate", "--econ-ratio"] {
        let (error, _) = refused(&on_example(&["plan", flag, "-1"]), 2);
        assert!(error.starts_with("invalid value '-1' for '") && error.contains(flag), "{error}");
    }
}

#[test]
fn a_folder_that_is_missing_is_named_in_plain_words() {
    for flag in ["--out", "--history"] {
        let (error, _) = refused(&on_example(&["plan", flag, "/no-such-folder/x"]), 74);
        assert_eq!(error, "/no-such-folder/x: no such file or directory");
    }
}

#[test]
fn a_folder_as_history_asks_for_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let (error, hint) = refused(&on_example(&["plan", "--history", path]), 66);
    assert!(error.ends_with("is a directory") && hint.contains("one file"), "{error} / {hint}");
}
