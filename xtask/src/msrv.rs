//! The oldest compiler: `rust-version` of the workspace is a version that was run, not a guess.

use std::fmt;
use std::path::Path;
use std::process::Command;
use std::{fs, io};

use thiserror::Error;
use toml::{Table, Value};

use crate::command::{self, CommandError};

/// Why the stated version is not proven.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum MsrvError {
    #[error("cannot read Cargo.toml")]
    Read(#[source] io::Error),
    #[error("the workspace states no rust-version of the form 1.2 or 1.2.3")]
    NotStated,
    #[error("rustc is no release (a nightly proves nothing about a release)")]
    NoRelease,
    #[error("the running rustc {running} is older than rust-version {stated}")]
    Older { running: Version, stated: Version },
    #[error("rust-version {stated} is untested: rustc is {running}; run `rustup toolchain install {stated}`")]
    Untested { running: Version, stated: Version },
    #[error(transparent)]
    Command(#[from] CommandError),
}

/// A released compiler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    major: u32,
    minor: u32,
    patch: u32,
}

impl Version {
    /// Reads `1.2` or `1.2.3`; a suffix such as `-nightly` makes it no release.
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.').map(|part| part.parse::<u32>().ok());
        let (major, minor) = (parts.next()??, parts.next()??);
        let patch = match parts.next() {
            Some(patch) => patch?,
            None => 0,
        };
        parts.next().is_none().then_some(Self { major, minor, patch })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// How the stated version is proven.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Proof {
    /// The running compiler is exactly the stated one: every other gate of this run proves it.
    ThisRun,
    /// A toolchain of the stated version is installed under this name.
    Toolchain(String),
}

/// Proves the stated version, with a check of the whole workspace if another toolchain is needed for it.
pub(crate) fn check(root: &Path) -> Result<(), MsrvError> {
    let manifest = fs::read_to_string(root.join("Cargo.toml")).map_err(MsrvError::Read)?;
    let stated = stated_version(&manifest).ok_or(MsrvError::NotStated)?;
    let answer = command::read(command::rustc().arg("--version"))?;
    let running = running_version(&answer).ok_or(MsrvError::NoRelease)?;
    // No rustup is no error: the running compiler may still be the stated one.
    let toolchains = command::read(Command::new("rustup").args(["toolchain", "list"])).unwrap_or_default();
    match proof(stated, running, &toolchains)? {
        Proof::ThisRun => {
            println!("rustc {running} is rust-version {stated}: this run is the test");
            Ok(())
        }
        Proof::Toolchain(name) => check_with(root, &name),
    }
}

fn check_with(root: &Path, toolchain: &str) -> Result<(), MsrvError> {
    println!("checking with {toolchain}");
    command::run(
        Command::new("rustup")
            .args(["run", toolchain, "cargo", "check", "--locked", "--workspace", "--all-targets"])
            .arg("--target-dir")
            .arg(command::target_folder(root).join("msrv"))
            .env_remove("CARGO")
            .env_remove("RUSTC")
            .current_dir(root),
    )?;
    Ok(())
}

fn stated_version(manifest: &str) -> Option<Version> {
    let manifest: Table = manifest.parse().ok()?;
    let stated = manifest.get("workspace")?.get("package")?.get("rust-version").and_then(Value::as_str)?;
    Version::parse(stated)
}

/// The version in `rustc 1.2.3 (hash date)`.
fn running_version(answer: &str) -> Option<Version> {
    answer.split_whitespace().nth(1).and_then(Version::parse)
}

fn proof(stated: Version, running: Version, toolchains: &str) -> Result<Proof, MsrvError> {
    if running < stated {
        return Err(MsrvError::Older { running, stated });
    }
    if running == stated {
        return Ok(Proof::ThisRun);
    }
    toolchains
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .find(|name| name.split('-').next().and_then(Version::parse) == Some(stated))
        .map(|name| Proof::Toolchain(name.to_owned()))
        .ok_or(MsrvError::Untested { running, stated })
}

#[cfg(test)]
mod tests {
    use super::{MsrvError, Proof, Version, proof, running_version, stated_version};

    const INSTALLED: &str = "stable-x86_64-unknown-linux-gnu (active, default)\nnightly-x86_64-unknown-linux-gnu\n\
                             1.95.0-x86_64-unknown-linux-gnu\n";

    const fn version(major: u32, minor: u32, patch: u32) -> Version {
        Version { major, minor, patch }
    }

    #[test]
    fn versions_are_read_from_manifest_and_compiler() {
        assert_eq!(stated_version("[workspace.package]\nrust-version = \"1.95\""), Some(version(1, 95, 0)));
        assert_eq!(stated_version("[workspace.package]\nedition = \"2024\""), None);
        assert_eq!(running_version("rustc 1.96.1 (59807616e 2026-04-14)"), Some(version(1, 96, 1)));
        assert_eq!(running_version("rustc 1.97.0-nightly (abc 2026-06-01)"), None);
        assert_eq!(running_version("rustc"), None);
        for wrong in ["1", "1.x", "1.2.3.4", "1.2.", ""] {
            assert_eq!(Version::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_older_compiler_proves_nothing() {
        let result = proof(version(1, 95, 0), version(1, 94, 9), INSTALLED);
        assert!(matches!(result, Err(MsrvError::Older { .. })), "{result:?}");
    }

    #[test]
    fn the_stated_compiler_proves_itself() {
        assert_eq!(proof(version(1, 95, 0), version(1, 95, 0), "").ok(), Some(Proof::ThisRun));
    }

    #[test]
    fn a_newer_compiler_needs_the_stated_toolchain() {
        let found = proof(version(1, 95, 0), version(1, 96, 0), INSTALLED).ok();
        assert_eq!(found, Some(Proof::Toolchain("1.95.0-x86_64-unknown-linux-gnu".to_owned())));
        let result = proof(version(1, 95, 0), version(1, 96, 0), "stable-x86_64-unknown-linux-gnu\n");
        assert!(matches!(result, Err(MsrvError::Untested { .. })), "{result:?}");
    }
}
