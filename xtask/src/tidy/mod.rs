//! The house rules that a compiler does not know, checked on the parsed source of every `.rs` file.
//!
//! A file opens with `//!`; `unwrap()` stays in tests; a test asserts something; nothing is left to do
//! (`todo!`, `unimplemented!`), skipped (`#[ignore]`) or always true (`assert!(true)`). Sizes of files and functions
//! are reported and never fail: a large one is explained in review.

mod assertions;
mod rules;
mod scope;
mod sizes;
mod tokens;

use std::fmt;
use std::path::{Path, PathBuf};
use std::{fs, io};

use syn::visit::{self, Visit};
use thiserror::Error;

use self::rules::Rule;
use self::scope::{Source, TestScope};
use self::sizes::Sizes;

/// Folders that hold no source of ours.
const SKIPPED_FOLDERS: [&str; 2] = ["target", "node_modules"];

/// Why the source is not tidy.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum TidyError {
    #[error("cannot read {path}")]
    Read {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{path} is not Rust")]
    Parse {
        path: PathBuf,
        #[source]
        source: syn::Error,
    },
    #[error("{count} breach(es) of the house rules, first: {first}")]
    Breached { count: usize, first: Finding },
}

/// One breach of a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    path: PathBuf,
    line: usize,
    rule: Rule,
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}", self.path.display(), self.line, self.rule)
    }
}

/// Checks every source file under `root` and prints the sizes, then a line for each breach.
pub(crate) fn check(root: &Path) -> Result<(), TidyError> {
    let mut paths = Vec::new();
    collect(root, &mut paths)?;
    paths.sort();
    let mut sources = Vec::with_capacity(paths.len());
    for path in paths {
        let text =
            fs::read_to_string(&path).map_err(|source| TidyError::Read { path: path.clone(), source })?;
        let short = path.strip_prefix(root).map_or_else(|_| path.clone(), Path::to_path_buf);
        sources.push(Source::parse(short, text)?);
    }
    print!("{}", Sizes::of(&sources));
    let findings = findings(&sources);
    for finding in &findings {
        println!("{finding}");
    }
    match findings.first() {
        None => Ok(()),
        Some(first) => Err(TidyError::Breached { count: findings.len(), first: first.clone() }),
    }
}

/// How many test functions the files under `folder` have.
pub(crate) fn count_tests(folder: &Path) -> Result<u64, TidyError> {
    let mut paths = Vec::new();
    collect(folder, &mut paths)?;
    let mut tests = TestCount(0);
    for path in paths {
        let text =
            fs::read_to_string(&path).map_err(|source| TidyError::Read { path: path.clone(), source })?;
        tests.visit_file(&Source::parse(path, text)?.file);
    }
    Ok(tests.0)
}

struct TestCount(u64);

impl<'ast> Visit<'ast> for TestCount {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.0 += u64::from(function.attrs.iter().any(scope::is_test_function));
        visit::visit_item_fn(self, function);
    }
}

fn findings(sources: &[Source]) -> Vec<Finding> {
    let scope = TestScope::of(sources);
    let mut found: Vec<Finding> = sources.iter().flat_map(|source| rules::breaches(source, &scope)).collect();
    found.extend(assertions::tests_without(sources, &scope));
    found.sort();
    found
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), TidyError> {
    let read = |source| TidyError::Read { path: folder.to_owned(), source };
    for entry in fs::read_dir(folder).map_err(read)? {
        let entry = entry.map_err(read)?;
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        let kind = entry.file_type().map_err(read)?;
        if kind.is_dir() {
            if !name.starts_with('.') && !SKIPPED_FOLDERS.contains(&name.as_ref()) {
                collect(&path, paths)?;
            }
        } else if kind.is_file() && path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
