//! Good and bad snippets for every rule; they are strings, so that this file itself stays tidy.

use std::path::PathBuf;

use syn::visit::Visit as _;

use super::scope::Source;
use super::sizes::{Sizes, percentile};
use super::{TestCount, TidyError, findings};

fn source(path: &str, text: &str) -> Source {
    Source::parse(PathBuf::from(path), text.to_owned()).expect("the snippet is Rust")
}

/// Findings as `path:line: rule`, in order.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let sources: Vec<Source> = files.iter().map(|(path, text)| source(path, text)).collect();
    findings(&sources).iter().map(ToString::to_string).collect()
}

fn found_in_library(text: &str) -> Vec<String> {
    found(&[("crates/a/src/lib.rs", &format!("//! Says what it is for.\n{text}"))])
}

fn found_in_tests(text: &str) -> Vec<String> {
    found(&[("crates/a/tests/api.rs", &format!("//! Says what it is for.\n{text}"))])
}

fn assert_clean(found: &[String]) {
    assert_eq!(found, Vec::<String>::new());
}

fn assert_one(found: &[String], line: usize, part: &str) {
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains(&format!(":{line}: ")) && found[0].contains(part), "{found:?}");
}

#[test]
fn a_file_opens_by_saying_what_it_is_for() {
    assert_clean(&found(&[("crates/a/src/lib.rs", "//! Counts.\n#![no_std]\n")]));
    for bad in
        ["", "fn f() {}\n", "\n//! Late.\n", "//!\nfn f() {}\n", "// Counts.\n", "#![no_std]\n//! Late.\n"]
    {
        assert_one(&found(&[("crates/a/src/lib.rs", bad)]), 1, "does not open");
    }
}

#[test]
fn unwrap_is_found_in_every_disguise() {
    assert_one(&found_in_library("fn f() {\n    g().unwrap();\n}"), 3, "unwrap");
    assert_one(&found_in_library("fn f() { vec![g().unwrap()]; }"), 2, "unwrap");
    assert_one(&found_in_library("fn f() { x.map(Option::unwrap); }"), 2, "unwrap");
    assert_one(&found_in_library("impl A { fn f() { g().unwrap(); } }"), 2, "unwrap");
    assert_one(&found_in_library("trait A { fn f() { g().unwrap(); } }"), 2, "unwrap");
    assert_one(&found_in_library("const A: u8 = g().unwrap();"), 2, "unwrap");
    assert_one(&found_in_library("fn f() { g(|| { h().unwrap() }); }"), 2, "unwrap");
    assert_one(&found_in_library("#[cfg(any(test, unix))]\nfn f() { g().unwrap(); }"), 3, "unwrap");
    assert_one(&found_in_library("#[cfg(not(test))]\nfn f() { g().unwrap(); }"), 3, "unwrap");
}

#[test]
fn what_only_looks_like_unwrap_is_left_alone() {
    assert_clean(&found_in_library("fn f() { g().unwrap_or(1); h().unwrap_or_default(); x.unwrap(key); }"));
    assert_clean(&found_in_library("/// `x.unwrap()` is not called.\nfn f() { g(\"x.unwrap()\"); }"));
    assert_clean(&found_in_library("fn unwrap() {}\nfn f() { unwrap(); }"));
}

#[test]
fn unwrap_is_allowed_in_tests() {
    assert_clean(&found_in_library("#[cfg(test)]\nmod tests { fn f() { g().unwrap(); } }"));
    assert_clean(&found_in_library(
        "#[cfg(all(test, feature = \"std\"))]\nmod tests { fn f() { g().unwrap(); } }",
    ));
    assert_clean(&found_in_library("#[cfg(test)]\nimpl A { fn f() { g().unwrap(); } }"));
    assert_clean(&found_in_library("impl A {\n#[cfg(test)]\nfn f() { g().unwrap(); } }"));
    assert_clean(&found_in_library("#[test]\nfn f() { assert!(g().unwrap()); }"));
    for path in
        ["crates/a/tests/api.rs", "benches/a/plan.rs", "crates/a/examples/plan.rs", "crates/a/benches/x/y.rs"]
    {
        assert_clean(&found(&[(path, "//! Shows it.\nfn f() { g().unwrap(); }")]));
    }
}

#[test]
fn a_module_named_tests_in_the_sources_is_no_test_folder() {
    let text = "//! Product code.\nfn f() { g().unwrap(); }";
    assert_one(&found(&[("crates/a/src/tests/mod.rs", text)]), 2, "unwrap");
}

#[test]
fn test_modules_in_files_of_their_own_are_tests() {
    let body = "//! Tests it.\nfn f() { g().unwrap(); }";
    for (parent, child) in [
        ("crates/a/src/lib.rs", "crates/a/src/tests.rs"),
        ("crates/a/src/lib.rs", "crates/a/src/tests/mod.rs"),
        ("crates/a/src/lib.rs", "crates/a/src/tests/deep.rs"),
        ("crates/a/src/dust.rs", "crates/a/src/dust/tests.rs"),
        ("crates/a/src/dust/mod.rs", "crates/a/src/dust/tests/deep.rs"),
    ] {
        assert_clean(&found(&[(parent, "//! Root.\n#[cfg(test)]\nmod tests;"), (child, body)]));
        assert_one(&found(&[(parent, "//! Root.\nmod tests;"), (child, body)]), 2, "unwrap");
    }
    let stated = "//! Root.\n#[cfg(test)]\n#[path = \"proofs.rs\"]\nmod tests;";
    for parent in ["crates/a/src/lib.rs", "crates/a/src/dust.rs"] {
        assert_clean(&found(&[(parent, stated), ("crates/a/src/proofs.rs", body)]));
    }
}

#[test]
fn a_test_that_asserts_is_accepted() {
    for body in [
        "assert!(f());",
        "assert_eq!(f(), 1);",
        "if x { assert_ne!(f(), 1, \"why\"); }",
        "prop_assert!(f());",
        "run(|x| { prop_assert_eq!(x, 1); Ok(()) });",
        "f().expect_err(\"must fail\");",
        "f().unwrap_err();",
        "let Err(_) = f() else { panic!(\"accepted\") };",
        "command.assert().success();",
        "assert_conserved(&channel);",
        "insta::assert_snapshot!(f());",
    ] {
        assert_clean(&found_in_tests(&format!("#[test]\nfn t() {{ {body} }}")));
    }
    assert_clean(&found_in_tests("#[test]\n#[should_panic(expected = \"x\")]\nfn t() { f(); }"));
}

#[test]
fn a_test_that_asserts_nothing_is_found() {
    for body in
        ["", "f();", "f().unwrap();", "f().expect(\"works\");", "let assert = 1;", "g(\"assert!(x)\");"]
    {
        assert_one(&found_in_tests(&format!("#[test]\nfn t() {{ {body} }}")), 3, "`t` asserts nothing");
    }
    let question = "#[test]\nfn t() -> Result<(), E> { f()?; Ok(()) }";
    assert_one(&found_in_tests(question), 3, "`t` asserts nothing");
    assert_one(&found_in_tests("#[tokio::test]\nasync fn t() { f().await; }"), 3, "`t` asserts nothing");
    let inner = "#[cfg(test)]\nmod tests {\n    use super::*;\n    #[test]\n    fn t() { f(); }\n}";
    assert_one(&found_in_library(inner), 6, "`t` asserts nothing");
}

#[test]
fn a_doc_comment_that_names_the_attribute_makes_no_test() {
    assert_clean(&found_in_tests("/// As `tokio::test` does: test(x).\nfn f() {}"));
    assert_clean(&found_in_tests("/// test\nfn f() {}"));
}

#[test]
fn helpers_that_assert_are_followed() {
    let direct = "fn check(x: u8) { assert!(x > 0); }\n#[test]\nfn t() { check(1); }";
    assert_clean(&found_in_tests(direct));
    let deep = "fn a() { assert!(x); }\nfn b() { a(); }\nfn c() { b(); }\n#[test]\nfn t() { c::<u8>(); }";
    assert_clean(&found_in_tests(deep));
    let method = "struct P;\nimpl P { fn check(&self) { assert!(x); } }\n#[test]\nfn t() { P.check(); }";
    assert_clean(&found_in_tests(method));
    let silent = "fn check(x: u8) { f(x); }\n#[test]\nfn t() { check(1); }";
    assert_one(&found_in_tests(silent), 4, "asserts nothing");
    let round = "fn a() { b(); }\nfn b() { a(); }\n#[test]\nfn t() { a(); }";
    assert_one(&found_in_tests(round), 5, "asserts nothing");
}

#[test]
fn helpers_in_another_test_file_of_the_package_are_followed() {
    let helper = "//! Shared.\npub fn check() { assert!(x); }";
    let test = "//! Tests.\nmod common;\n#[test]\nfn t() { common::check(); }";
    assert_clean(&found(&[("crates/a/tests/common/mod.rs", helper), ("crates/a/tests/api.rs", test)]));
    let elsewhere = found(&[("crates/b/tests/common/mod.rs", helper), ("crates/a/tests/api.rs", test)]);
    assert_one(&elsewhere, 4, "asserts nothing");
}

#[test]
fn an_assertion_in_product_code_does_not_make_a_test() {
    let text = "pub fn new(x: u8) -> u8 { assert!(x > 0); x }\n#[cfg(test)]\nmod tests {\n#[test]\nfn t() { new(1); }\n}";
    assert_one(&found_in_library(text), 6, "asserts nothing");
}

#[test]
fn tests_inside_a_property_macro_are_seen() {
    let good =
        "proptest! {\n#![proptest_config(c())]\n#[test]\nfn t(x in 0..10u8) { prop_assert!(x < 10); }\n}";
    assert_clean(&found_in_tests(good));
    let bad = "proptest! {\n    #[test]\n    fn t(x in 0..10u8) { f(x); }\n}";
    assert_one(&found_in_tests(bad), 4, "`t` asserts nothing");
}

#[test]
fn unfinished_ignored_and_empty_checks_are_found_everywhere() {
    assert_one(&found_in_library("fn f() { todo!() }"), 2, "`todo!`");
    assert_one(&found_in_library("fn f() { unimplemented!(\"later\") }"), 2, "`unimplemented!`");
    assert_one(&found_in_library("fn f() { m! { todo!() } }"), 2, "`todo!`");
    assert_one(&found_in_tests("#[test]\n#[ignore]\nfn t() { assert!(x); }"), 3, "ignored");
    assert_one(&found_in_tests("#[test]\n#[ignore = \"slow\"]\nfn t() { assert!(x); }"), 3, "ignored");
    assert_one(&found_in_tests("#[test]\nfn t() { assert!(true); }"), 3, "cannot fail");
    assert_one(&found_in_tests("#[test]\nfn t() { assert!(true, \"fine\"); }"), 3, "cannot fail");
    assert_one(&found_in_tests("#[test]\nfn t() { prop_assert_eq!(1, 1); }"), 3, "cannot fail");
}

#[test]
fn comparing_two_calls_is_a_check() {
    assert_clean(&found_in_tests("#[test]\nfn t() { assert_eq!(draw(1), draw(1)); }"));
    assert_clean(&found_in_tests(
        "/// Nothing is left to do: todo!()\n#[test]\nfn t() { assert!(x, \"todo!()\"); }",
    ));
}

#[test]
fn what_is_not_rust_is_an_error() {
    let result = Source::parse(PathBuf::from("a.rs"), "//! Half.\nfn f( {".to_owned());
    assert!(matches!(result, Err(TidyError::Parse { .. })));
}

#[test]
fn sizes_are_measured_and_the_tails_named() {
    let long =
        format!("//! Long.\nfn long() {{\n{}}}\nimpl A {{ fn short() {{}} }}\n", "    f();\n".repeat(900));
    let report = Sizes::of(&[source("crates/a/src/lib.rs", &long)]);
    let lines: Vec<usize> = report.functions.iter().map(|measured| measured.lines).collect();
    assert_eq!(lines, [902, 1]);
    let text = report.to_string();
    assert!(text.contains("files: 1, lines p50 904, p90 904, max 904"), "{text}");
    assert!(text.contains("over 800: crates/a/src/lib.rs (904 lines)"), "{text}");
    assert!(text.contains("over 80: crates/a/src/lib.rs:2 long (902 lines)"), "{text}");
}

#[test]
fn percentiles_are_of_the_sorted_list() {
    let hundred: Vec<usize> = (1..=100).collect();
    assert_eq!([50, 90, 100].map(|percent| percentile(&hundred, percent)), [50, 90, 100]);
    assert_eq!([50, 90, 100].map(|percent| percentile(&[7], percent)), [7, 7, 7]);
    assert_eq!(percentile(&[], 90), 0);
}

#[test]
fn tests_are_counted_wherever_they_stand() {
    let text = "//! Two.\n#[test]\nfn one() {}\nfn none() {}\nmod inner {\n    #[test]\n    fn two() {}\n}\n";
    let mut tests = TestCount(0);
    tests.visit_file(&source("kernel-check/tests/a.rs", text).file);
    assert_eq!(tests.0, 2);
}
