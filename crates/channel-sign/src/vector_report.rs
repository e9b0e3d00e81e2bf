//! Counts the cases of an official vector set that a test compared, and tells `cargo xtask vectors` of them.

use alloc::borrow::ToOwned as _;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::json;

/// Names the folder that reports are written into; without it none is.
const FOLDER_VARIABLE: &str = "TAPROOT_CHANNELS_VECTOR_REPORT";

/// How the cases of one set fared, in the product and, where one is asked, in the oracle library.
///
/// Tests note every case before they assert, so that a report tells of all failures:
/// `product(label, passed)` and `oracle(label, passed)` for each, then [`VectorReport::assert_all_passed`].
#[derive(Debug)]
pub(crate) struct VectorReport {
    set: &'static str,
    product: Tally,
    oracle: Tally,
}

#[derive(Debug, Default)]
struct Tally {
    cases: usize,
    failed: Vec<String>,
}

impl Tally {
    fn note(&mut self, label: &str, passed: bool) {
        self.cases += 1;
        if !passed {
            self.failed.push(label.to_owned());
        }
    }

    const fn passed(&self) -> usize {
        self.cases - self.failed.len()
    }
}

impl VectorReport {
    /// A report on `set`, which has the name of its fixture or of a part of it.
    pub(crate) fn new(set: &'static str) -> Self {
        Self { set, product: Tally::default(), oracle: Tally::default() }
    }

    /// Notes how the product did on the case that `label` names.
    pub(crate) fn product(&mut self, label: &str, passed: bool) {
        self.product.note(label, passed);
    }

    /// Notes how the oracle library did on the case that `label` names.
    pub(crate) fn oracle(&mut self, label: &str, passed: bool) {
        self.oracle.note(label, passed);
    }

    /// Writes the report if a folder is named, then fails if any case failed or none was asked of the product.
    pub(crate) fn assert_all_passed(&self) {
        if let Some(folder) = env::var_os(FOLDER_VARIABLE) {
            self.write(&PathBuf::from(folder));
        }
        self.assert_cases();
    }

    fn assert_cases(&self) {
        assert!(self.product.cases + self.oracle.cases > 0, "{}: no case was compared", self.set);
        assert!(self.product.failed.is_empty(), "{}: {:?}", self.set, self.product.failed);
        assert!(self.oracle.failed.is_empty(), "{} in the oracle: {:?}", self.set, self.oracle.failed);
    }

    fn write(&self, folder: &Path) {
        let oracle = (self.oracle.cases > 0).then(|| self.oracle.passed());
        let report = json!({
            "set": self.set,
            "cases": self.product.cases,
            "product": self.product.passed(),
            "oracle": oracle,
        });
        fs::create_dir_all(folder).expect("the folder named for reports can be made");
        let path = folder.join(self.set).with_extension("json");
        fs::write(path, report.to_string()).expect("the folder named for reports takes files");
    }
}

#[cfg(test)]
mod tests {
    use super::VectorReport;
    use serde_json::{Value, json};
    use std::{env, fs, process};

    #[test]
    fn a_report_counts_both_columns() {
        let mut report = VectorReport::new("set");
        report.product("one", true);
        report.product("two", false);
        report.oracle("one", true);
        let folder = env::temp_dir().join(std::format!("vector-report-{}-sign", process::id()));
        report.write(&folder);
        let text = fs::read_to_string(folder.join("set.json")).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        let read: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read, json!({ "set": "set", "cases": 2, "product": 1, "oracle": 1 }));
    }

    #[test]
    #[should_panic(expected = "two")]
    fn a_failed_case_fails_the_test() {
        let mut report = VectorReport::new("set");
        report.product("one", true);
        report.product("two", false);
        report.assert_cases();
    }

    #[test]
    #[should_panic(expected = "no case was compared")]
    fn an_empty_report_fails_the_test() {
        VectorReport::new("set").assert_cases();
    }
}
