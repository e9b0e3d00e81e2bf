//! Builds the `no_std` crates against a standard library that has no `std`.
//!
//! A bare-metal target would need a cross C compiler, because `secp256k1-sys` compiles C, and its core library would
//! have to be downloaded. So the gate makes a sysroot of its own: the host's `core`, `alloc` and `compiler_builtins`
//! and nothing else. Cargo uses it for the crates and their dependencies, while build scripts and procedural macros,
//! which run on the host, keep the real one. Any use of `std` then fails with "can't find crate". Two probes prove it
//! on every run: a crate that uses `alloc` builds, the same crate with `std` does not.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{fs, io};

use serde::Deserialize;
use thiserror::Error;

use crate::command::{self, CommandError};

/// The libraries that exist without an operating system, as rustc names their files.
const LIBRARIES: [&str; 5] =
    ["core", "alloc", "compiler_builtins", "rustc_std_workspace_core", "rustc_std_workspace_alloc"];
const PROBE_MANIFEST: &str =
    "[package]\nname = \"probe\"\nedition = \"2024\"\n[lib]\npath = \"lib.rs\"\n[workspace]\n";
const PROBE_WITH_ALLOC: &str =
    "#![no_std]\nextern crate alloc;\npub fn two() -> alloc::vec::Vec<u8> { alloc::vec![1, 2] }\n";
const PROBE_WITH_STD: &str =
    "#![no_std]\nextern crate std;\npub fn two() -> std::vec::Vec<u8> { std::vec![1, 2] }\n";
/// What rustc says of the second probe; any other failure would prove nothing.
const STD_IS_MISSING: &str = "can't find crate for `std`";
/// Features that ask for `std`, or may.
const STD_FEATURES: [&str; 2] = ["default", "std"];

/// Why the crates were not proven free of `std`.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum NostdError {
    #[error("cannot make the sysroot at {path}")]
    Sysroot {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("`{asked}` has an answer that cannot be read")]
    Answer { asked: &'static str },
    #[error("no crate states package.metadata.no_std = true")]
    NoCrates,
    #[error("the gate proves nothing: the probe {probe}")]
    Probe { probe: &'static str },
    #[error(transparent)]
    Command(#[from] CommandError),
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    features: std::collections::BTreeMap<String, Vec<String>>,
    metadata: Option<PackageMetadata>,
}

#[derive(Deserialize)]
struct PackageMetadata {
    #[serde(default)]
    no_std: bool,
}

/// A target without `std` and where to build for it.
struct BareTarget {
    triple: String,
    sysroot: PathBuf,
    folder: PathBuf,
}

/// Builds every crate marked `no_std`, bare and with all features but `std`.
pub(crate) fn check(root: &Path) -> Result<(), NostdError> {
    let packages = no_std_packages(root)?;
    let target = BareTarget::prepare(&command::target_folder(root).join("nostd"))?;
    target.prove()?;
    for package in &packages {
        target.build(root, package, &[])?;
        let optional = optional_features(package);
        if !optional.is_empty() {
            target.build(root, package, &optional)?;
        }
    }
    Ok(())
}

impl BareTarget {
    /// Makes the sysroot anew, so that it is of the running compiler.
    fn prepare(folder: &Path) -> Result<Self, NostdError> {
        let triple = host_triple(&command::read(command::rustc().arg("-vV"))?)?;
        let real = command::read(command::rustc().args(["--print", "sysroot"]))?;
        let below = Path::new("lib/rustlib").join(&triple).join("lib");
        let sysroot = folder.join("sysroot");
        let source = Path::new(real.trim()).join(&below);
        let made = sysroot.join(&below);
        strip(&source, &made).map_err(|source| NostdError::Sysroot { path: made, source })?;
        Ok(Self { triple, sysroot, folder: folder.to_owned() })
    }

    fn cargo_build(&self, target_folder: &Path) -> Command {
        let mut build = command::cargo();
        build
            .args(["build", "--quiet", "--target", &self.triple])
            .arg("--target-dir")
            .arg(target_folder)
            .env("CARGO_ENCODED_RUSTFLAGS", format!("--sysroot={}", self.sysroot.display()));
        build
    }

    fn build(&self, root: &Path, package: &Package, features: &[&str]) -> Result<(), NostdError> {
        let shown = if features.is_empty() { "no features".to_owned() } else { features.join(", ") };
        println!("{} without std, {shown}", package.name);
        let mut build = self.cargo_build(&self.folder.join("build"));
        build
            .current_dir(root)
            .args(["--lib", "--no-default-features", "--package", &package.name])
            .args(["--features", &features.join(",")]);
        command::run(&mut build)?;
        Ok(())
    }

    /// The gate must be able to fail, and for one reason only.
    fn prove(&self) -> Result<(), NostdError> {
        if !self.build_probe(PROBE_WITH_ALLOC)?.status.success() {
            return Err(NostdError::Probe { probe: "with alloc alone does not build" });
        }
        let output = self.build_probe(PROBE_WITH_STD)?;
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() || !complaint.contains(STD_IS_MISSING) {
            return Err(NostdError::Probe { probe: "with std is not refused" });
        }
        println!("probes: alloc alone builds, std is refused");
        Ok(())
    }

    fn build_probe(&self, code: &str) -> Result<Output, NostdError> {
        let probe = self.folder.join("probe");
        let failed = |source| NostdError::Sysroot { path: probe.clone(), source };
        fs::create_dir_all(&probe).map_err(failed)?;
        fs::write(probe.join("Cargo.toml"), PROBE_MANIFEST).map_err(failed)?;
        fs::write(probe.join("lib.rs"), code).map_err(failed)?;
        // A target folder of its own, emptied: two probes written within one clock tick must not be taken for one.
        let built = self.folder.join("probe-build");
        if built.exists() {
            fs::remove_dir_all(&built).map_err(failed)?;
        }
        Ok(command::capture(self.cargo_build(&built).arg("--offline").current_dir(&probe))?)
    }
}

/// Fills `made` with the libraries of `source` that need no operating system.
fn strip(source: &Path, made: &Path) -> io::Result<()> {
    if made.exists() {
        fs::remove_dir_all(made)?;
    }
    fs::create_dir_all(made)?;
    for entry in fs::read_dir(source)? {
        let entry = entry?;
        let name = entry.file_name();
        if is_bare_library(&name.to_string_lossy()) {
            let to = made.join(&name);
            fs::hard_link(entry.path(), &to).or_else(|_| fs::copy(entry.path(), &to).map(drop))?;
        }
    }
    Ok(())
}

/// True for `lib<name>-<hash>.rlib` and `.rmeta` of the listed libraries.
fn is_bare_library(file: &str) -> bool {
    let Some((name, hash_and_kind)) = file.strip_prefix("lib").and_then(|rest| rest.rsplit_once('-')) else {
        return false;
    };
    LIBRARIES.contains(&name)
        && hash_and_kind.rsplit_once('.').is_some_and(|(_, kind)| matches!(kind, "rlib" | "rmeta"))
}

fn host_triple(answer: &str) -> Result<String, NostdError> {
    let line = answer.lines().find_map(|line| line.strip_prefix("host: "));
    line.map(str::to_owned).ok_or(NostdError::Answer { asked: "rustc -vV" })
}

fn no_std_packages(root: &Path) -> Result<Vec<Package>, NostdError> {
    let asked = command::read(
        command::cargo().args(["metadata", "--format-version", "1", "--no-deps"]).current_dir(root),
    )?;
    let packages = marked(&asked)?;
    if packages.is_empty() { Err(NostdError::NoCrates) } else { Ok(packages) }
}

fn marked(metadata: &str) -> Result<Vec<Package>, NostdError> {
    let metadata: Metadata =
        serde_json::from_str(metadata).map_err(|_| NostdError::Answer { asked: "cargo metadata" })?;
    let is_marked = |package: &Package| package.metadata.as_ref().is_some_and(|metadata| metadata.no_std);
    Ok(metadata.packages.into_iter().filter(is_marked).collect())
}

fn optional_features(package: &Package) -> Vec<&str> {
    package.features.keys().map(String::as_str).filter(|name| !STD_FEATURES.contains(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::{host_triple, is_bare_library, marked, optional_features};

    #[test]
    fn only_libraries_without_an_operating_system_are_kept() {
        for kept in ["libcore-120cbae4.rlib", "liballoc-6e6d.rmeta", "librustc_std_workspace_core-75c1.rlib"]
        {
            assert!(is_bare_library(kept), "{kept}");
        }
        for left in
            ["libstd-d123.rlib", "libstd-d123.so", "libtest-37.rlib", "libproc_macro-9a.rlib", "core", ""]
        {
            assert!(!is_bare_library(left), "{left}");
        }
    }

    #[test]
    fn crates_are_chosen_by_their_manifest() {
        let packages = marked(
            r#"{"packages": [
                {"name": "bare", "features": {"default": ["std"], "std": [], "serde": []}, "metadata": {"layer": 0, "no_std": true}},
                {"name": "full", "features": {}, "metadata": {"layer": 1}},
                {"name": "none", "features": {}, "metadata": null}
            ]}"#,
        )
        .expect("the fixture is metadata");
        let names: Vec<&str> = packages.iter().map(|package| package.name.as_str()).collect();
        assert_eq!(names, ["bare"]);
        assert_eq!(optional_features(&packages[0]), ["serde"]);
        assert!(marked("{}").is_err());
    }

    #[test]
    fn the_host_is_read_from_the_compiler() {
        let answer = "rustc 1.95.0\nbinary: rustc\nhost: x86_64-unknown-linux-gnu\nrelease: 1.95.0\n";
        assert_eq!(host_triple(answer).ok().as_deref(), Some("x86_64-unknown-linux-gnu"));
        assert!(host_triple("rustc 1.95.0\n").is_err());
    }
}
