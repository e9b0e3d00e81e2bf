//! How results reach their reader: the same bytes each time, no colour where none belongs, whole files, closed pipes.

use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};

use crate::program::{channel, listing_with, on_example, piped, stdout};

const FORMATS: [&str; 5] = ["table", "json", "csv", "markdown", "html"];
const SUBJECTS: [&str; 3] = ["plan", "health", "dust"];

#[test]
fn the_same_input_and_time_give_the_same_bytes() {
    for subject in SUBJECTS {
        for format in FORMATS {
            let [one, two] = [(); 2].map(|()| on_example(&[subject, "--format", format]));
            assert!(one.status.success() && !one.stdout.is_empty(), "{subject} {format}");
            assert_eq!(one.stdout, two.stdout, "{subject} {format}");
        }
    }
}

#[test]
fn the_order_of_files_does_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let [channels, info] = ["listchannels.json", "getinfo.json"].map(|name| folder.path().join(name));
    fs::write(&channels, listing_with(&[])).unwrap();
    fs::write(&info, r#"{"identity_pubkey": "03aa", "alias": "us", "block_height": 900000}"#).unwrap();
    let run = |files: [&std::path::Path; 2]| {
        let files = files.map(|file| file.to_str().unwrap());
        channel(&["plan", files[0], files[1], "--json", "--now", "2026-03-01T00:00:00Z"])
            .output()
            .unwrap()
            .stdout
    };
    let plan = run([&channels, &info]);
    assert!(!plan.is_empty());
    assert_eq!(plan, run([&info, &channels]));
}

#[test]
fn colour_is_for_terminals_and_for_those_who_insist() {
    let escape = |words: &[&str]| stdout(&on_example(words)).contains('\u{1b}');
    assert!(!escape(&["plan"]));
    assert!(!escape(&["plan", "--color", "never"]));
    assert!(escape(&["plan", "--color", "always"]));
    let quiet = channel(&["plan", "--example"]).env("NO_COLOR", "1").output().unwrap();
    assert!(!stdout(&quiet).contains('\u{1b}'));
}

/// `script` gives the program a terminal; where it is not installed there is none to test with.
#[cfg(target_os = "linux")]
#[test]
fn a_terminal_gets_colour_unless_no_color_is_set() {
    let program = env!("CARGO_BIN_EXE_channel");
    let on_terminal = |setting: &str| {
        let line = format!("env {setting} TERM=xterm-256color {program} plan --example");
        Command::new("script").args(["-qec", &line, "/dev/null"]).stdin(Stdio::null()).output().ok()
    };
    let (Some(bright), Some(quiet)) = (on_terminal("LANG=C"), on_terminal("NO_COLOR=1")) else { return };
    assert!(String::from_utf8_lossy(&bright.stdout).contains("\u{1b}["));
    assert!(!String::from_utf8_lossy(&quiet.stdout).contains("\u{1b}["));
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_without_files_is_a_usage_error() {
    let line = format!("{} plan", env!("CARGO_BIN_EXE_channel"));
    // A shell that leads a new session is what `script` runs; its terminal is standard input.
    let Ok(output) = Command::new("script").args(["-qec", &line, "/dev/null"]).output() else { return };
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(shown.contains("error: no FILE was given"), "{shown}");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_channel"))
        .args(["plan", "--example", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 10];
    let mut pipe = child.stdout.take().unwrap();
    pipe.read_exact(&mut first).unwrap();
    drop(pipe);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_file_gets_what_standard_output_would() {
    let folder = tempfile::tempdir().unwrap();
    for format in FORMATS {
        let path = folder.path().join(format);
        fs::write(&path, "old").unwrap();
        let output = on_example(&["plan", "--format", format, "--out", path.to_str().unwrap()]);
        assert!(output.status.success() && output.stdout.is_empty());
        assert_eq!(fs::read(&path).unwrap(), on_example(&["plan", "--format", format]).stdout, "{format}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), FORMATS.len(), "no drafts are left");
}

#[cfg(unix)]
#[test]
fn each_input_is_read_once_so_descriptors_work() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("listchannels.json");
    fs::write(&path, listing_with(&[])).unwrap();
    let line = format!(
        "cat {0} | {1} plan /dev/fd/0 --now 2026-03-01T00:00:00Z --json",
        path.display(),
        env!("CARGO_BIN_EXE_channel")
    );
    let output = Command::new("sh").args(["-c", &line]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let by_name = piped(&["plan", "-", "--now", "2026-03-01T00:00:00Z", "--json"], listing_with(&[]));
    assert_eq!(output.stdout, by_name.stdout);
}

#[test]
fn the_exit_code_tells_of_advice_only_when_asked() {
    assert_eq!(on_example(&["plan"]).status.code(), Some(0));
    assert_eq!(on_example(&["plan", "--exit-code"]).status.code(), Some(10));
    assert_eq!(on_example(&["health", "--exit-code"]).status.code(), Some(0));
    let quiet = piped(&["plan", "--exit-code"], listing_with(&[]));
    assert_eq!(quiet.status.code(), Some(0), "one channel without forwards needs nothing");
}
