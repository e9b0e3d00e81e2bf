//! What the kernel library needs to build: cmake, a C++ compiler and the headers of boost. Found by asking them.

use std::env;
use std::fmt;
use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::command;

/// The oldest cmake that Bitcoin Core builds with: `cmake_minimum_required` of its `CMakeLists.txt`.
const CMAKE: (u32, u32) = (3, 22);
/// The oldest boost that Bitcoin Core builds with, 1.74.0 as `BOOST_VERSION` counts.
const BOOST: u32 = 107_400;
/// What tells the version of the headers once it is preprocessed.
const BOOST_PROBE: &str = "#include <boost/version.hpp>\nBOOST_VERSION\n";
/// The user id that may install packages.
const ROOT: &str = "0";

/// Something the build cannot do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    Cmake,
    Compiler,
    Boost,
}

impl Need {
    /// The package of Debian and Ubuntu.
    const fn package(self) -> &'static str {
        match self {
            Self::Cmake => "cmake",
            Self::Compiler => "g++",
            Self::Boost => "libboost-dev",
        }
    }
}

impl fmt::Display for Need {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Cmake => "cmake 3.22",
            Self::Compiler => "a C++ compiler",
            Self::Boost => "boost 1.74 headers",
        })
    }
}

/// What is not here. Without a compiler nobody can tell about headers, so they count as missing too.
pub(super) fn missing() -> Vec<Need> {
    let mut needs = Vec::new();
    if !answer(Command::new("cmake").arg("--version")).is_some_and(|text| has_cmake(&text)) {
        needs.push(Need::Cmake);
    }
    let compiler = env::var("CXX").unwrap_or_else(|_| "c++".to_owned());
    if answer(Command::new(&compiler).arg("--version")).is_none() {
        needs.push(Need::Compiler);
    }
    if !preprocessed(&compiler).is_some_and(|text| has_boost(&text)) {
        needs.push(Need::Boost);
    }
    needs
}

/// One line that says what is missing and what to do about it.
pub(super) fn advice(needs: &[Need]) -> String {
    let names = needs.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let packages = packages(needs).join(" ");
    format!("kernel-check needs {names}: install them, on Debian or Ubuntu with `apt-get install {packages}`")
}

/// Packages are installed by root on a system that has apt, and nowhere else.
pub(super) fn may_install(os_release: &str, user: Option<&str>) -> bool {
    let is_debian = os_release
        .lines()
        .filter_map(|line| line.strip_prefix("ID=").or_else(|| line.strip_prefix("ID_LIKE=")))
        .flat_map(|names| names.trim_matches(['"', '\'']).split_whitespace())
        .any(|name| name == "debian" || name == "ubuntu");
    is_debian && user == Some(ROOT)
}

/// The numeric id of the user.
pub(super) fn user() -> Option<String> {
    answer(Command::new("id").arg("-u")).map(|text| text.trim().to_owned())
}

/// The commands that install `needs`.
pub(super) fn installation(needs: &[Need]) -> [Command; 2] {
    let apt = |words: &[&str]| {
        let mut command = Command::new("apt-get");
        // What apt says is of no interest while it works; its errors still show. Without a network it gives up soon.
        command.args(["--option", "Acquire::http::Timeout=20"]).args(words);
        command.env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null()).stdout(Stdio::null());
        command
    };
    let mut install = apt(&["install", "--yes", "--no-install-recommends"]);
    install.args(packages(needs));
    [apt(&["update", "--quiet"]), install]
}

fn packages(needs: &[Need]) -> Vec<&'static str> {
    needs.iter().map(|need| need.package()).collect()
}

/// `cmake version 3.25.1` and newer than the oldest that will do.
fn has_cmake(answer: &str) -> bool {
    let version = answer.lines().next().and_then(|line| line.strip_prefix("cmake version "));
    let mut parts = version.unwrap_or_default().split('.').map(|part| part.parse::<u32>().ok());
    match (parts.next().flatten(), parts.next().flatten()) {
        (Some(major), Some(minor)) => (major, minor) >= CMAKE,
        _ => false,
    }
}

/// The last line of the preprocessed probe is the version.
fn has_boost(preprocessed: &str) -> bool {
    let last = preprocessed.lines().map(str::trim).rfind(|line| !line.is_empty());
    last.and_then(|line| line.parse::<u32>().ok()).is_some_and(|version| version >= BOOST)
}

fn answer(command: &mut Command) -> Option<String> {
    let output = command::capture(command.stdin(Stdio::null())).ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What the compiler's preprocessor makes of the probe, `None` when there is no such header.
fn preprocessed(compiler: &str) -> Option<String> {
    let mut probe = Command::new(compiler);
    probe.args(["-E", "-P", "-x", "c++", "-"]);
    let mut child = probe.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    child.stdin.take()?.write_all(BOOST_PROBE.as_bytes()).ok()?;
    let output = child.wait_with_output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::{Need, advice, has_boost, has_cmake, installation, may_install};
    use crate::command::shown;

    #[test]
    fn an_old_cmake_is_no_cmake() {
        for new in ["cmake version 3.22.0\n\nCMake suite", "cmake version 3.25.1", "cmake version 4.0.0-rc1"]
        {
            assert!(has_cmake(new), "{new}");
        }
        for old in ["cmake version 3.21.9", "cmake version 2.99", "cmake version", "cmake3 version 3.30", ""]
        {
            assert!(!has_cmake(old), "{old}");
        }
    }

    #[test]
    fn the_version_of_boost_is_read_behind_whatever_the_preprocessor_leaves() {
        assert!(has_boost("107400\n"));
        assert!(has_boost("#pragma once\n\n108300\n\n"));
        assert!(!has_boost("107300\n"));
        assert!(!has_boost("BOOST_VERSION\n"));
        assert!(!has_boost(""));
    }

    #[test]
    fn packages_are_installed_by_root_on_debian_and_its_kin_only() {
        let debian = "PRETTY_NAME=\"Debian GNU/Linux 12\"\nID=debian\n";
        let mint = "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n";
        assert!(may_install(debian, Some("0")));
        assert!(may_install(mint, Some("0")));
        assert!(may_install("ID='ubuntu'", Some("0")));
        assert!(!may_install(debian, Some("1000")));
        assert!(!may_install(debian, None));
        assert!(!may_install("ID=fedora\nVARIANT_ID=debian", Some("0")));
        assert!(!may_install("", Some("0")));
    }

    #[test]
    fn exactly_what_is_missing_is_installed() {
        let [update, install] = installation(&[Need::Boost, Need::Cmake]);
        assert!(shown(&update).ends_with(" update --quiet"), "{}", shown(&update));
        let words = "install --yes --no-install-recommends libboost-dev cmake";
        assert!(shown(&install).ends_with(words), "{}", shown(&install));
    }

    #[test]
    fn the_advice_is_one_line_that_names_the_packages() {
        let line = advice(&[Need::Cmake, Need::Compiler]);
        assert_eq!(
            line,
            "kernel-check needs cmake 3.22, a C++ compiler: install them, on Debian or Ubuntu with `apt-get install cmake g++`"
        );
    }
}
