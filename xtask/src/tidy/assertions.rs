//! Finds tests that assert nothing.
//!
//! An assertion is a macro whose name begins with `assert`, `prop_assert` or `debug_assert`, a `panic!` or
//! `unreachable!` (the other arm of a match on the expected result), a call of `expect_err` or `unwrap_err`, a call
//! of a function whose name begins with `assert`, `#[should_panic]`, or a call of a test function of the same package
//! that asserts itself, however deep. `unwrap()`, `expect()` and `?` are no assertions: they show that a step
//! succeeded, not that its result is right.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};

use super::Finding;
use super::rules::Rule;
use super::scope::{Source, TestScope};
use super::tokens;

const ASSERTING_MACROS: [&str; 5] = ["assert", "prop_assert", "debug_assert", "panic", "unreachable"];
const ASSERTING_CALLS: [&str; 2] = ["expect_err", "unwrap_err"];
const ASSERTING_PREFIX: &str = "assert";

/// A function of test code, wherever it stands: in a module, an `impl` or a macro such as `proptest!`.
struct Function {
    name: String,
    span: Span,
    kind: Kind,
    asserts: bool,
    calls: BTreeSet<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Test,
    Other,
}

/// Every test of `sources` that asserts nothing.
pub(crate) fn tests_without(sources: &[Source], scope: &TestScope) -> Vec<Finding> {
    let mut packages: BTreeMap<PathBuf, Vec<(&Source, Vec<Function>)>> = BTreeMap::new();
    for source in sources {
        let functions = functions_of(source, scope);
        packages.entry(source.package()).or_default().push((source, functions));
    }
    packages.values().flat_map(|files| tests_without_in_package(files)).collect()
}

fn tests_without_in_package(files: &[(&Source, Vec<Function>)]) -> Vec<Finding> {
    let asserting = asserting_names(&files.iter().flat_map(|(_, functions)| functions));
    let mut found = Vec::new();
    for (source, functions) in files {
        for test in functions.iter().filter(|function| function.kind == Kind::Test) {
            if !test.asserts && test.calls.is_disjoint(&asserting) {
                let rule = Rule::NoAssertion { test: test.name.clone() };
                found.push(Finding { path: source.path.clone(), line: test.span.start().line, rule });
            }
        }
    }
    found
}

/// Names of the functions that assert, themselves or through what they call.
fn asserting_names<'a>(functions: &(impl Iterator<Item = &'a Function> + Clone)) -> BTreeSet<String> {
    let mut names: BTreeSet<String> =
        functions.clone().filter(|function| function.asserts).map(|function| function.name.clone()).collect();
    loop {
        let more: Vec<String> = functions
            .clone()
            .filter(|function| !names.contains(&function.name) && !function.calls.is_disjoint(&names))
            .map(|function| function.name.clone())
            .collect();
        if more.is_empty() {
            return names;
        }
        names.extend(more);
    }
}

fn functions_of(source: &Source, scope: &TestScope) -> Vec<Function> {
    let stream: TokenStream = source.text.parse().unwrap_or_default();
    let place = if scope.contains(&source.path) { Place::TestCode } else { Place::Product };
    let mut functions = Vec::new();
    collect(&stream, place, &mut functions);
    functions
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Product,
    TestCode,
}

/// Reads the items of one level: attributes gather until the item's body or its semicolon.
fn collect(stream: &TokenStream, place: Place, functions: &mut Vec<Function>) {
    let trees: Vec<TokenTree> = stream.clone().into_iter().collect();
    let mut attributes: Vec<String> = Vec::new();
    let mut named: Option<(String, Span)> = None;
    for (index, tree) in trees.iter().enumerate() {
        match tree {
            TokenTree::Group(group)
                if group.delimiter() == Delimiter::Bracket && is_after_hash(&trees, index) =>
            {
                attributes.push(without_spaces(&group.stream()));
            }
            TokenTree::Ident(keyword) if keyword == "fn" => {
                if let Some(TokenTree::Ident(name)) = trees.get(index + 1) {
                    named = Some((name.to_string(), name.span()));
                }
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                let inner =
                    if attributes.iter().any(|text| is_test_only(text)) { Place::TestCode } else { place };
                let is_test = attributes.iter().any(|text| is_test(text));
                if let Some((name, span)) = named.take()
                    && (inner == Place::TestCode || is_test)
                {
                    functions.push(function(name, span, &attributes, &group.stream()));
                }
                collect(&group.stream(), if is_test { Place::TestCode } else { inner }, functions);
                attributes.clear();
            }
            TokenTree::Punct(punct) if punct.as_char() == ';' => {
                attributes.clear();
                named = None;
            }
            _ => {}
        }
    }
}

fn function(name: String, span: Span, attributes: &[String], body: &TokenStream) -> Function {
    let mut asserts = attributes.iter().any(|text| text.starts_with("should_panic"));
    let mut calls = BTreeSet::new();
    tokens::walk(body, &mut |trees, index| {
        if let Some((name, _)) = tokens::macro_call(trees, index) {
            asserts |= is_asserting_macro(&name);
        } else if let Some(name) = tokens::call(trees, index) {
            asserts |= ASSERTING_CALLS.contains(&name.as_str()) || name.starts_with(ASSERTING_PREFIX);
            calls.insert(name);
        }
    });
    let kind = if attributes.iter().any(|text| is_test(text)) { Kind::Test } else { Kind::Other };
    Function { name, span, kind, asserts, calls }
}

fn is_asserting_macro(name: &str) -> bool {
    ASSERTING_MACROS
        .iter()
        .any(|known| name == *known || name.strip_prefix(known).is_some_and(|rest| rest.starts_with('_')))
}

fn is_after_hash(trees: &[TokenTree], index: usize) -> bool {
    index > 0 && tokens::is_punct(trees.get(index - 1), '#')
}

fn without_spaces(stream: &TokenStream) -> String {
    stream.to_string().split_whitespace().collect()
}

/// `test`, `tokio::test`, `tokio::test(…)`; a doc comment is an attribute too and may name them.
fn is_test(attribute: &str) -> bool {
    let path = attribute.split(['(', '=']).next().unwrap_or_default();
    path.rsplit("::").next() == Some("test")
}

fn is_test_only(attribute: &str) -> bool {
    let condition = attribute.strip_prefix("cfg(").and_then(|rest| rest.strip_suffix(')'));
    condition.is_some_and(super::scope::is_test_condition)
}
