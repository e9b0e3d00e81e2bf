//! Licences, sources and banned crates of the dependencies, by cargo-deny at one fixed version.
//!
//! The tool is taken from the path if it is this version there, or else built once (about two minutes on two cores)
//! into a cache outside the clone. Advisories are not checked here: their database is a git repository that a CI
//! with nothing but package registries cannot reach.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use thiserror::Error;

use crate::command::{self, CommandError};

const VERSION: &str = "0.20.2";
const CHECKS: [&str; 3] = ["bans", "licenses", "sources"];

/// Why the dependencies were not accepted.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum DenyError {
    #[error("neither XDG_CACHE_HOME nor HOME is set, so there is no place to keep cargo-deny")]
    NoCache,
    #[error(transparent)]
    Command(#[from] CommandError),
}

/// Runs the checks of `deny.toml`; the packages of every target are read, so some may be fetched first.
pub(crate) fn check(root: &Path) -> Result<(), DenyError> {
    let mut deny = Command::new(installed_tool()?);
    deny.current_dir(root)
        .args(["--workspace", "--all-features", "--locked", "check", "--hide-inclusion-graph"])
        .args(CHECKS);
    command::run(&mut deny)?;
    Ok(())
}

fn installed_tool() -> Result<PathBuf, DenyError> {
    let on_path = PathBuf::from("cargo-deny");
    if is_the_version(&on_path) {
        return Ok(on_path);
    }
    let folder = cache(env::var_os("XDG_CACHE_HOME"), env::var_os("HOME")).ok_or(DenyError::NoCache)?;
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

/// The folder for tools, outside any clone.
fn cache(xdg: Option<std::ffi::OsString>, home: Option<std::ffi::OsString>) -> Option<PathBuf> {
    let absolute = |value: std::ffi::OsString| Some(PathBuf::from(value)).filter(|path| path.is_absolute());
    let base = xdg.and_then(absolute).or_else(|| home.and_then(absolute).map(|home| home.join(".cache")))?;
    Some(base.join("taproot-channels").join("tools"))
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
    use super::{VERSION, cache, names_the_version};
    use std::path::PathBuf;

    #[test]
    fn the_cache_is_outside_the_clone() {
        let expected = Some(PathBuf::from("/home/a/.cache/taproot-channels/tools"));
        assert_eq!(cache(None, Some("/home/a".into())), expected);
        assert_eq!(cache(Some("relative".into()), Some("/home/a".into())), expected);
        let xdg = Some(PathBuf::from("/var/cache/taproot-channels/tools"));
        assert_eq!(cache(Some("/var/cache".into()), Some("/home/a".into())), xdg);
        assert_eq!(cache(None, None), None);
    }

    #[test]
    fn only_the_fixed_version_is_used() {
        assert!(names_the_version(&format!("cargo-deny {VERSION}\n")));
        assert!(!names_the_version("cargo-deny 0.19.0\n"));
        assert!(!names_the_version(""));
    }
}
