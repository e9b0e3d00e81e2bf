//! Licences, sources and banned crates of the dependencies, by cargo-deny at one fixed version.
//!
//! The tool is taken from the path if it is this version there, or else built once (about two minutes on two cores)
//! into a cache outside the clone. Advisories are not checked here: their database is a git repository that a CI
//! with nothing but package registries cannot reach.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use thiserror::Error;

use crate::cache::{self, NoCache};
use crate::command::{self, CommandError};
use crate::kernel;

const VERSION: &str = "0.20.2";
const CHECKS: [&str; 3] = ["bans", "licenses", "sources"];

/// Why the dependencies were not accepted.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum DenyError {
    #[error(transparent)]
    NoCache(#[from] NoCache),
    #[error(transparent)]
    Command(#[from] CommandError),
}

/// Runs the checks of `deny.toml` on the workspace and on the kernel package, which has a lock file of its own; the
/// packages of every target are read, so some may be fetched first.
pub(crate) fn check(root: &Path) -> Result<(), DenyError> {
    let tool = installed_tool()?;
    for manifest in [root.join("Cargo.toml"), kernel::manifest(root)] {
        let mut deny = Command::new(&tool);
        deny.current_dir(root)
            .arg("--manifest-path")
            .arg(manifest)
            .args(["--workspace", "--all-features", "--locked", "check", "--hide-inclusion-graph"])
            .args(CHECKS);
        command::run(&mut deny)?;
    }
    Ok(())
}

fn installed_tool() -> Result<PathBuf, DenyError> {
    let on_path = PathBuf::from("cargo-deny");
    if is_the_version(&on_path) {
        return Ok(on_path);
    }
    let folder = cache::folder("tools")?;
    let cached = folder.join("bin").join("cargo-deny");
    if !is_the_version(&cached) {
        println!("building cargo-deny {VERSION} once into {}", folder.display());
        let mut install = command::cargo();
        install
            .args(["install", "cargo-deny", "--locked", "--quiet", "--version", VERSION, "--root"])
            .arg(&folder);
        // Without a target folder cargo builds in a temporary one and leaves nothing but the program behind.
        install.env_remove("CARGO_TARGET_DIR");
        command::run(&mut install)?;
    }
    Ok(cached)
}

fn is_the_version(program: &Path) -> bool {
    let answer = Command::new(program).arg("--version").stderr(Stdio::null()).output();
    answer.is_ok_and(|output| names_the_version(&String::from_utf8_lossy(&output.stdout)))
}

fn names_the_version(answer: &str) -> bool {
    answer.split_whitespace().nth(1) == Some(VERSION)
}

#[cfg(test)]
mod tests {
    use super::{VERSION, names_the_version};

    #[test]
    fn only_the_fixed_version_is_used() {
        assert!(names_the_version(&format!("cargo-deny {VERSION}\n")));
        assert!(!names_the_version("cargo-deny 0.19.0\n"));
        assert!(!names_the_version(""));
    }
}
