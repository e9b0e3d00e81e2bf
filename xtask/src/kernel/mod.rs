//! The spend matrix through Bitcoin Core's kernel library: the package `kernel-check`, which has a workspace of its own
//! because it needs cmake and the boost headers, and because it exports the C symbols of the library the other tests
//! use.
//!
//! It is built once (about three minutes on two cores) into a cache outside the clone. What it needs is installed where
//! that is possible without asking anybody: as root on Debian or Ubuntu.

mod tools;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use thiserror::Error;
use toml::{Table, Value};

use crate::cache;
use crate::command;
use crate::tidy;
use tools::{Need, missing};

/// The package that has the build script: its version names the cache.
const BUILT_PACKAGE: &str = "libbitcoinkernel-sys";

/// Why the tests of the kernel package cannot even be tried.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum KernelError {
    #[error("cannot read {path}")]
    Read {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("kernel-check/Cargo.lock names no {BUILT_PACKAGE}")]
    NotLocked,
    #[error("cannot count the tests of kernel-check")]
    Count(#[from] tidy::TidyError),
}

/// What is to be done with the tests of the kernel package.
#[derive(Debug)]
pub(crate) enum Plan {
    /// Run this command.
    Run(Box<Command>),
    /// So many tests could not run; the line says why and what helps.
    CannotRun { tests: u64, reason: String },
}

/// The manifest of the kernel package.
pub(crate) fn manifest(root: &Path) -> PathBuf {
    package(root).join("Cargo.toml")
}

/// Installs what is missing where that is allowed, and says how the tests are run.
pub(crate) fn plan(root: &Path) -> Result<Plan, KernelError> {
    let needs = install(missing());
    if needs.is_empty() {
        return Ok(Plan::Run(Box::new(tests(root)?)));
    }
    let tests = tidy::count_tests(&package(root).join("tests"))?;
    Ok(Plan::CannotRun { tests, reason: tools::advice(&needs) })
}

/// clippy for the kernel package, if it can be built here without installing anything.
pub(crate) fn clippy(root: &Path) -> Result<Option<Command>, KernelError> {
    if !missing().is_empty() {
        return Ok(None);
    }
    let mut clippy = cargo(root, "clippy");
    clippy.args(["--locked", "--all-targets", "--target-dir"]).arg(build_folder(root)?);
    clippy.args(["--", "--deny", "warnings"]);
    Ok(Some(clippy))
}

/// The formatter for the kernel package, which `cargo fmt --all` above does not reach.
pub(crate) fn fmt(root: &Path) -> Command {
    let mut fmt = cargo(root, "fmt");
    fmt.arg("--check");
    fmt
}

fn package(root: &Path) -> PathBuf {
    root.join("kernel-check")
}

fn cargo(root: &Path, word: &str) -> Command {
    let mut command = command::cargo();
    command.current_dir(root).arg(word).arg("--manifest-path").arg(manifest(root));
    command
}

fn tests(root: &Path) -> Result<Command, KernelError> {
    let folder = build_folder(root)?;
    if !folder.is_dir() {
        println!("building Bitcoin Core's kernel library once into {}", folder.display());
    }
    let mut tests = cargo(root, "test");
    tests.args(["--locked", "--tests", "--no-fail-fast", "--target-dir"]).arg(folder);
    Ok(tests)
}

/// Installs `needs` and returns what is missing still.
fn install(needs: Vec<Need>) -> Vec<Need> {
    if needs.is_empty() {
        return needs;
    }
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    if !tools::may_install(&release, tools::user().as_deref()) {
        return needs;
    }
    for mut step in tools::installation(&needs) {
        println!("installing for kernel-check: {}", command::shown(&step));
        if let Err(error) = command::run(&mut step) {
            println!("{error}");
            break;
        }
    }
    missing()
}

/// One folder for each version of the library; cargo itself knows what else to build anew. Where there is no cache it
/// is built with the rest, once for each clone.
fn build_folder(root: &Path) -> Result<PathBuf, KernelError> {
    let path = package(root).join("Cargo.lock");
    let lock = fs::read_to_string(&path).map_err(|source| KernelError::Read { path, source })?;
    let version = locked_version(&lock).ok_or(KernelError::NotLocked)?;
    let folder = cache::folder("kernel-check");
    Ok(folder.unwrap_or_else(|_| command::target_folder(root).join("kernel-check")).join(version))
}

fn locked_version(lock: &str) -> Option<String> {
    let lock: Table = lock.parse().ok()?;
    let packages = lock.get("package")?.as_array()?;
    let named =
        packages.iter().find(|item| item.get("name").and_then(Value::as_str) == Some(BUILT_PACKAGE))?;
    named.get("version").and_then(Value::as_str).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{locked_version, manifest};
    use std::path::Path;

    #[test]
    fn the_cache_is_named_by_the_locked_version() {
        let lock = "version = 4\n[[package]]\nname = \"cc\"\nversion = \"1.2.3\"\n\
                    [[package]]\nname = \"libbitcoinkernel-sys\"\nversion = \"0.4.1\"\n";
        assert_eq!(locked_version(lock).as_deref(), Some("0.4.1"));
        for without in ["", "version = 4", "[[package]]\nname = \"cc\"\nversion = \"1\"", "no toml ["] {
            assert_eq!(locked_version(without), None, "{without}");
        }
    }

    #[test]
    fn the_kernel_package_is_beside_the_crates() {
        assert_eq!(manifest(Path::new("/clone")), Path::new("/clone/kernel-check/Cargo.toml"));
    }
}
