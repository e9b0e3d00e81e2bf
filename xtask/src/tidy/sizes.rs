//! Sizes of files and functions: medians do not tell good from bad, so the tails are named.

use std::fmt;

use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{Block, ImplItemFn, ItemFn, Signature, TraitItemFn};

use super::scope::Source;

/// Lines above which a file is named.
const LARGE_FILE: usize = 800;
/// Lines above which a function is named.
const LARGE_FUNCTION: usize = 80;

/// Something with a length in lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Measured {
    pub(crate) name: String,
    pub(crate) lines: usize,
}

/// The lengths of all files and functions.
#[derive(Debug, Default)]
pub(crate) struct Sizes {
    pub(crate) files: Vec<Measured>,
    pub(crate) functions: Vec<Measured>,
}

impl Sizes {
    pub(crate) fn of(sources: &[Source]) -> Self {
        let mut sizes = Self::default();
        for source in sources {
            let path = source.path.display().to_string();
            sizes.files.push(Measured { name: path.clone(), lines: source.text.lines().count() });
            let mut functions = Functions { path, found: Vec::new() };
            functions.visit_file(&source.file);
            sizes.functions.append(&mut functions.found);
        }
        sizes
    }
}

impl fmt::Display for Sizes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_group(out, "files", &self.files, LARGE_FILE)?;
        write_group(out, "functions", &self.functions, LARGE_FUNCTION)
    }
}

fn write_group(out: &mut fmt::Formatter<'_>, kind: &str, group: &[Measured], large: usize) -> fmt::Result {
    let mut lines: Vec<usize> = group.iter().map(|measured| measured.lines).collect();
    lines.sort_unstable();
    let (p50, p90, max) = (percentile(&lines, 50), percentile(&lines, 90), percentile(&lines, 100));
    writeln!(out, "{kind}: {}, lines p50 {p50}, p90 {p90}, max {max}", lines.len())?;
    for measured in group.iter().filter(|measured| measured.lines > large) {
        writeln!(out, "  over {large}: {} ({} lines)", measured.name, measured.lines)?;
    }
    Ok(())
}

/// The smallest length that at least `percent` of a hundred do not exceed.
pub(crate) fn percentile(sorted: &[usize], percent: usize) -> usize {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0)
}

struct Functions {
    path: String,
    found: Vec<Measured>,
}

impl Functions {
    fn measure(&mut self, signature: &Signature, body: &Block) {
        let first = signature.span().start().line;
        let last = body.span().end().line;
        let name = format!("{}:{first} {}", self.path, signature.ident);
        self.found.push(Measured { name, lines: last - first + 1 });
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.measure(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.measure(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        if let Some(body) = &item.default {
            self.measure(&item.sig, body);
        }
        visit::visit_trait_item_fn(self, item);
    }
}
