//! Runs the tests that compare official vectors, and reads what they report.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fs, io};

use serde::Deserialize;
use thiserror::Error;

use crate::command::{self, CommandError};

/// Names the folder that the tests write their reports into.
const FOLDER_VARIABLE: &str = "TAPROOT_CHANNELS_VECTOR_REPORT";
/// Where that folder is, in the target folder.
const FOLDER: &str = "vector-reports";
const PACKAGES: [&str; 2] = ["channel-tx", "channel-sign"];
/// Parts of the names of the tests that compare vectors. A test that none matches is missed, and its set then falls
/// short.
const TESTS: [&str; 3] = ["vectors", "bip327", "bip340"];

/// Why there are no reports.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum TestReportsError {
    #[error("cannot use {}", path.display())]
    File {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("the report {} is not of the expected form", path.display())]
    Form {
        path: PathBuf,
        #[source]
        source: serde_json::Error,
    },
    #[error(transparent)]
    Command(#[from] CommandError),
}

/// What one test found out about one set.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TestReport {
    pub(crate) set: String,
    /// Cases the product was asked.
    pub(crate) cases: usize,
    /// Cases the product passed.
    pub(crate) product: usize,
    /// Cases the oracle library passed, if it was asked.
    pub(crate) oracle: Option<usize>,
}

/// Reports of all tests, and whether the tests passed.
pub(crate) struct TestReports {
    pub(crate) reports: Vec<TestReport>,
    pub(crate) outcome: Result<(), CommandError>,
}

/// Runs the tests; what they print comes to the terminal only if one fails.
pub(crate) fn collect(root: &Path) -> Result<TestReports, TestReportsError> {
    let folder = command::target_folder(root).join(FOLDER);
    empty(&folder)?;
    let mut tests = test_command(root, &folder);
    let output = command::capture(&mut tests)?;
    let outcome = command::require_success(&tests, output.status);
    if outcome.is_err() {
        eprint!("{}", String::from_utf8_lossy(&output.stdout));
    }
    Ok(TestReports { reports: read_all(&folder)?, outcome })
}

fn test_command(root: &Path, folder: &Path) -> Command {
    let mut tests = command::cargo();
    tests.current_dir(root).args([
        "test",
        "--quiet",
        "--locked",
        "--all-features",
        "--tests",
        "--no-fail-fast",
    ]);
    for package in PACKAGES {
        tests.args(["--package", package]);
    }
    tests.arg("--").args(TESTS);
    tests.env(FOLDER_VARIABLE, folder).stderr(Stdio::inherit());
    tests
}

/// Reports of an earlier run prove nothing.
fn empty(folder: &Path) -> Result<(), TestReportsError> {
    let failed = |source| TestReportsError::File { path: folder.to_path_buf(), source };
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    fs::create_dir_all(folder).map_err(failed)
}

fn read_all(folder: &Path) -> Result<Vec<TestReport>, TestReportsError> {
    let failed = |path: &Path| {
        let path = path.to_path_buf();
        |source| TestReportsError::File { path, source }
    };
    let mut reports = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed(folder))? {
        let path = entry.map_err(failed(folder))?.path();
        let text = fs::read_to_string(&path).map_err(failed(&path))?;
        reports.push(serde_json::from_str(&text).map_err(|source| TestReportsError::Form { path, source })?);
    }
    Ok(reports)
}

#[cfg(test)]
mod tests {
    use super::{TestReport, empty, read_all};
    use std::{env, fs, process};

    #[test]
    fn reports_are_read_and_old_ones_forgotten() {
        let folder = env::temp_dir().join(format!("test-reports-{}", process::id()));
        empty(&folder).expect("a folder for temporary files");
        let text = r#"{"cases":2,"oracle":null,"product":1,"set":"one"}"#;
        fs::write(folder.join("one.json"), text).expect("the folder takes files");
        let read = read_all(&folder).expect("a report");
        assert_eq!(read, [TestReport { set: "one".to_owned(), cases: 2, product: 1, oracle: None }]);
        fs::write(folder.join("two.json"), r#"{"set":"two"}"#).expect("the folder takes files");
        assert!(read_all(&folder).is_err());
        empty(&folder).expect("a folder for temporary files");
        assert_eq!(read_all(&folder).map(|reports| reports.len()).ok(), Some(0));
        fs::remove_dir_all(&folder).expect("the folder can be removed");
    }
}
