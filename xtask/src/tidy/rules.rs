//! The rules that look at one file alone.

use std::fmt;

use proc_macro2::Span;
use syn::visit::{self, Visit};
use syn::{ExprMethodCall, ExprPath, ImplItem, Item, ItemMacro, Macro, TraitItem};

use super::Finding;
use super::scope::{Source, TestScope, are_test_code};
use super::tokens;

const DOC_OPENING: &str = "//!";
const UNWRAP: &str = "unwrap";

/// What was breached.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub(crate) enum Rule {
    /// The first line is not `//!` with a text.
    NoOpening,
    /// `unwrap()` outside tests.
    Unwrap,
    /// A test in which nothing is asserted.
    NoAssertion { test: String },
    /// `todo!` or `unimplemented!`.
    Unfinished { name: String },
    /// `#[ignore]`.
    Ignored,
    /// An assertion of a literal, which cannot fail.
    AlwaysTrue,
}

impl fmt::Display for Rule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoOpening => write!(out, "the file does not open with `//!` saying what it is for"),
            Self::Unwrap => {
                write!(out, "`unwrap()` outside tests; use `expect(\"why this holds\")` or an error")
            }
            Self::NoAssertion { test } => write!(out, "the test `{test}` asserts nothing"),
            Self::Unfinished { name } => write!(out, "`{name}!` is left in the code"),
            Self::Ignored => write!(out, "an ignored test proves nothing"),
            Self::AlwaysTrue => write!(out, "this assertion cannot fail"),
        }
    }
}

/// Every breach of the one-file rules in `source`.
pub(crate) fn breaches(source: &Source, scope: &TestScope) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut report = |line: usize, rule: Rule| found.push(Finding { path: source.path.clone(), line, rule });
    if !opens_with_docs(&source.text) {
        report(1, Rule::NoOpening);
    }
    for (span, rule) in token_breaches(&source.text) {
        report(span.start().line, rule);
    }
    if !scope.contains(&source.path) && !are_test_code(&source.file.attrs) {
        let mut unwraps = Unwraps::default();
        unwraps.visit_file(&source.file);
        for span in unwraps.spans {
            report(span.start().line, Rule::Unwrap);
        }
    }
    found
}

fn opens_with_docs(text: &str) -> bool {
    text.lines()
        .next()
        .and_then(|line| line.strip_prefix(DOC_OPENING))
        .is_some_and(|rest| !rest.trim().is_empty())
}

/// Rules that hold everywhere, tests and macros included.
fn token_breaches(text: &str) -> Vec<(Span, Rule)> {
    let mut found = Vec::new();
    // The file was parsed before, so it is a stream of tokens.
    let stream: proc_macro2::TokenStream = text.parse().unwrap_or_default();
    tokens::walk(&stream, &mut |trees, index| {
        let span = trees[index].span();
        if tokens::is_attribute(trees, index, "ignore") {
            found.push((span, Rule::Ignored));
        }
        if let Some((name, given)) = tokens::macro_call(trees, index) {
            if matches!(name.as_str(), "todo" | "unimplemented") {
                found.push((span, Rule::Unfinished { name }));
            } else if cannot_fail(&name, &tokens::arguments(&given)) {
                found.push((span, Rule::AlwaysTrue));
            }
        }
    });
    found
}

/// `assert!(true)` and `assert_eq!(1, 1)`, with or without a message.
fn cannot_fail(name: &str, arguments: &[String]) -> bool {
    let name = name.trim_start_matches("debug_").trim_start_matches("prop_");
    match (name, arguments) {
        ("assert", [condition, ..]) => condition == "true",
        ("assert_eq", [left, right, ..]) => left == right && syn::parse_str::<syn::Lit>(left).is_ok(),
        _ => false,
    }
}

/// Finds `unwrap` in code that is not test code.
#[derive(Default)]
struct Unwraps {
    spans: Vec<Span>,
}

impl<'ast> Visit<'ast> for Unwraps {
    fn visit_item(&mut self, item: &'ast Item) {
        if !are_test_code(item_attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        let attributes = match item {
            ImplItem::Fn(function) => function.attrs.as_slice(),
            _ => &[],
        };
        if !are_test_code(attributes) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_trait_item(&mut self, item: &'ast TraitItem) {
        let attributes = match item {
            TraitItem::Fn(function) => function.attrs.as_slice(),
            _ => &[],
        };
        if !are_test_code(attributes) {
            visit::visit_trait_item(self, item);
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        if call.method == UNWRAP && call.args.is_empty() {
            self.spans.push(call.method.span());
        }
        visit::visit_expr_method_call(self, call);
    }

    /// `Option::unwrap` given as a function.
    fn visit_expr_path(&mut self, path: &'ast ExprPath) {
        let segments = &path.path.segments;
        if let Some(last) = segments.last().filter(|last| segments.len() > 1 && last.ident == UNWRAP) {
            self.spans.push(last.ident.span());
        }
        visit::visit_expr_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        tokens::walk(&call.tokens, &mut |trees, index| {
            if tokens::is_empty_method_call(trees, index, UNWRAP) {
                self.spans.push(trees[index].span());
            }
        });
    }
}

fn item_attributes(item: &Item) -> &[syn::Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(ItemMacro { attrs, .. }) => attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        _ => &[],
    }
}
