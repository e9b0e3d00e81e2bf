//! `descriptor check`: verdict in the exit code, everything that is wrong on standard output.

use std::process::Output;

use serde_json::Value;

use crate::program::{channel, piped, refused, stderr, stdout};

const PAGE: &str = "tr(alice_key,{and_v(v:pk(bob_key),after(144))})";
const NUMS: &str = "dca094751109d0bd055d03565874e8276dd53e926b44e3bd1bb6bf4bc130a279";
/// The points 1 G and 2 G.
const ALICE: &str = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
const BOB: &str = "02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5";
const PARTIES: [&str; 4] = ["--participant", ALICE, "--participant", BOB];

fn check(words: &[&str]) -> Output {
    channel(&["descriptor", "check"]).args(words).output().unwrap()
}

/// The report, with the exit code that goes with its verdict; nothing on standard error, valid by its schema.
#[track_caller]
fn report(words: &[&str]) -> Value {
    let output = check(&[words, &["--json"]].concat());
    assert_eq!(stderr(&output), "");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let code = if report["verdict"] == "accepted" { 0 } else { 65 };
    assert_eq!(output.status.code(), Some(code), "{report}");
    let schema: Value =
        serde_json::from_slice(&channel(&["schema", "descriptor"]).output().unwrap().stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(validator.is_valid(&report), "{report}");
    assert!(!validator.is_valid(&serde_json::json!({ "verdict": "accepted" })));
    assert_eq!(report["schema"], "taproot-channels/descriptor/v1");
    report
}

fn codes(report: &Value) -> Vec<&str> {
    report["faults"].as_array().unwrap().iter().map(|fault| fault["code"].as_str().unwrap()).collect()
}

#[test]
fn k01_the_pages_descriptor_is_explained_to_people() {
    let output = check(&[PAGE]);
    assert_eq!(output.status.code(), Some(65));
    assert_eq!(stderr(&output), "");
    let text = stdout(&output);
    // Long words are broken where they meet the margin.
    let flat: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "refused: do not fund a channel with it",
        "read as tr(alice_key,and_v(v:pk(bob_key),after(144)))",
        "a single leaf is written without braces",
        "`alice_key` is a placeholder",
        "the absolute block height 144",
        "`older(n)`",
        "the holder of alice_key can spend alone by the key path, at any time",
        "the holder of bob_key can spend alone by leaf 0, once the chain is at height 144",
        "tr(MuSig2(alice_key,bob_key))",
        &format!("tr({NUMS},multi_a(2,alice_key,bob_key))"),
        "to_local",
        "older(144)),pk(revocation)})",
    ] {
        assert!(flat.contains(words), "{words}: {text}");
    }
    assert!(!text.contains('\u{1b}'), "no colour away from a terminal");
}

#[test]
fn k01_the_same_is_said_to_programs() {
    let report = report(&[PAGE]);
    assert_eq!(
        codes(&report),
        [
            "single_leaf_braces",
            "placeholder_key",
            "placeholder_key",
            "absolute_height",
            "single_party_spend",
            "single_party_spend",
            "internal_key"
        ]
    );
    assert_eq!(report["faults"][0]["position"], 13);
    assert_eq!(report["faults"][0]["class"], "syntax");
    let [alice, bob] = report["rights"].as_array().unwrap().as_slice() else { panic!("{report}") };
    assert_eq!((&alice["path"], &alice["signers"][0]["key"]), (&"key_path".into(), &"alice_key".into()));
    assert_eq!((&bob["path"], &bob["leaf"], &bob["after_height"]), (&"leaf".into(), &0.into(), &144.into()));
    assert_eq!(bob["absolute_open"], true);
    assert_eq!(report["corrections"][0]["ready"], false);
}

#[test]
fn k07_named_parties_get_a_form_that_is_then_accepted() {
    let refusal = report(&[&[PAGE], &PARTIES[..]].concat());
    let fixes = refusal["corrections"].as_array().unwrap();
    assert_eq!(fixes.len(), 2);
    for (fix, form) in fixes.iter().zip(["key_path_musig2", "nums_multi_a"]) {
        assert_eq!(fix["ready"], true);
        let accepted = report(&[&[fix["descriptor"].as_str().unwrap()], &PARTIES[..]].concat());
        let output = &accepted["output"];
        assert_eq!((&output["form"], &output["ownership"]), (&form.into(), &"proven".into()));
        assert!(output["address"].as_str().unwrap().starts_with("bc1p"));
        assert!(output["script_pubkey"].as_str().unwrap().starts_with("5120"));
        assert_eq!(accepted["descriptor"], fix["descriptor"]);
        assert_eq!(accepted["rights"][0]["signers"].as_array().unwrap().len(), 2);
        assert_eq!(accepted["faults"].as_array().unwrap().len(), 0);
    }
    let musig = fixes[0]["descriptor"].as_str().unwrap();
    assert_eq!(codes(&report(&[musig])), ["unproven_aggregate"], "nobody named the parties");
}

#[test]
fn an_accepted_descriptor_says_what_was_not_judged() {
    let text = format!("tr({NUMS},and_v(v:pk({}),pk({})))", &ALICE[2..], &BOB[2..]);
    let output = check(&[&text, "--network", "regtest"]);
    assert_eq!(output.status.code(), Some(0));
    let shown = stdout(&output);
    assert!(
        shown.contains("accepted") && shown.contains("bcrt1p") && shown.contains("not judged"),
        "{shown}"
    );
    assert!(!shown.contains("What is wrong") && !shown.contains("The right form"), "{shown}");
}

#[test]
fn what_people_copy_stands_on_one_line() {
    let text = format!("wsh(sortedmulti(2,{},{}))", PARTIES[1], PARTIES[3]);
    let value = report(&[&[text.as_str()], &PARTIES[..]].concat());
    let output = check(&[&[text.as_str()], &PARTIES[..]].concat());
    assert_eq!(output.status.code(), Some(0));
    let table = String::from_utf8(output.stdout).unwrap();
    let has = |text: &str| table.lines().any(|line| line.contains(text));
    assert!(has(value["descriptor"].as_str().unwrap()), "{table}");
    for name in ["address", "script_pubkey"] {
        assert!(has(value["output"][name].as_str().unwrap()), "{name}: {table}");
    }
}

#[test]
fn k05_the_height_tells_which_locks_are_open() {
    let open = |height| report(&[PAGE, "--height", height])["rights"][1]["absolute_open"].clone();
    assert_eq!((open("143"), open("144")), (false.into(), true.into()));
    assert!(report(&[PAGE, "--network", "signet"])["rights"][1]["absolute_open"].is_null());
}

#[test]
fn standard_input_is_read() {
    let output = piped(&["descriptor", "check", "-", "--json"], format!("{PAGE}\n"));
    assert_eq!(output.status.code(), Some(65));
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(value["faults"][0]["position"], 13);
    refused(&piped(&["descriptor", "check", "-"], [0xff, 0xfe, 0x00]), 65);
    let endless = piped(&["descriptor", "check", "-", "--json"], "tr(".repeat(100_000));
    let value: Value = serde_json::from_slice(&endless.stdout).unwrap();
    assert_eq!(codes(&value), ["too_long"]);
}

#[test]
fn private_keys_are_not_repeated() {
    let secret = "KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWn";
    for words in [vec![], vec!["--json"]] {
        let output = check(&[&[format!("tr({secret})").as_str()], words.as_slice()].concat());
        assert_eq!(output.status.code(), Some(65));
        assert!(stdout(&output).contains("private key") && !stdout(&output).contains(secret));
        assert!(!stderr(&output).contains(secret));
    }
}

#[test]
fn a_bad_command_line_is_a_usage_error() {
    for words in [
        vec![],
        vec![PAGE, "--participant", ALICE],
        vec![PAGE, "--participant", ALICE, "--participant", ALICE],
        vec![PAGE, "--participant", ALICE, "--participant", BOB, "--participant", BOB],
        vec![PAGE, "--participant", "alice_pubkey"],
        vec![PAGE, "--height", "500000000"],
        vec![PAGE, "--height", "-1"],
        vec![PAGE, "--network", "moon"],
        vec![PAGE, "--format", "csv"],
        vec![PAGE, "--format", "json", "--json"],
    ] {
        refused(&check(&words), 2);
    }
}

#[test]
fn hostile_text_cannot_move_the_cursor() {
    for text in ["tr(\u{1b}[2J,pk(b))", "tr(a,pk(\u{202e}b))", "\u{7}"] {
        let output = check(&[text]);
        assert_eq!(output.status.code(), Some(65));
        let shown = stdout(&output);
        assert!(!shown.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{shown:?}");
        let mut lines = shown.lines();
        assert!(lines.all(|line| line.chars().count() <= 80 || line.contains("tr(")), "{shown}");
    }
}
