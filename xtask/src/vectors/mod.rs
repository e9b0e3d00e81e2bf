//! The project's fixtures: made from the folder beside the project where it is there, checked against it, and
//! complete without it.

mod heuristic_cases;
mod heuristic_rows;
mod oracle;
mod random;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use thiserror::Error;

pub(crate) use heuristic_rows::HeuristicRowsError;

/// Overrides the folder beside the project.
const SHARED_VARIABLE: &str = "TAPROOT_CHANNELS_SHARED";

/// How the report is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReportFormat {
    Table,
    Json,
}

/// Why the fixtures could not be made, or do not hold.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum VectorsError {
    #[error(transparent)]
    HeuristicRows(#[from] HeuristicRowsError),
    #[error("{sets} set(s) of vectors fall short")]
    FallShort { sets: usize },
}

/// What was found out about one set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Checked {
    /// The number of cases that agree with the source.
    Against(usize),
    /// The source is not there; `intact` says whether the part we can derive ourselves still holds.
    Offline { intact: bool },
}

/// One set of vectors and how it fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct SetReport {
    set: &'static str,
    cases: usize,
    checked: Checked,
}

impl SetReport {
    const fn holds(&self) -> bool {
        match self.checked {
            Checked::Against(passed) => passed == self.cases,
            Checked::Offline { intact } => intact,
        }
    }

    /// `passed` is null where the source to compare with is not there, and 0 where the set is damaged.
    fn to_json(self) -> Value {
        let passed = match self.checked {
            Checked::Against(passed) => json!(passed),
            Checked::Offline { intact: true } => Value::Null,
            Checked::Offline { intact: false } => json!(0),
        };
        json!({ "set": self.set, "cases": self.cases, "passed": passed })
    }

    fn to_line(self) -> String {
        let passed = match self.checked {
            Checked::Against(passed) => passed.to_string(),
            Checked::Offline { intact: true } => "not checked (no ../shared or no python3)".to_owned(),
            Checked::Offline { intact: false } => "0 (inputs are not those the seed draws)".to_owned(),
        };
        format!("{:<20} {:>6}  {passed}", self.set, self.cases)
    }
}

/// Makes every fixture anew, then checks what was made.
pub(crate) fn import(root: &Path, format: ReportFormat) -> Result<(), VectorsError> {
    heuristic_rows::import(root, shared_folder(root).as_deref())?;
    check(root, format)
}

/// Checks every fixture and prints a line for each.
pub(crate) fn check(root: &Path, format: ReportFormat) -> Result<(), VectorsError> {
    let reports = [heuristic_rows::check(root, shared_folder(root).as_deref())?];
    match format {
        ReportFormat::Json => println!("{}", Value::Array(reports.iter().map(|set| set.to_json()).collect())),
        ReportFormat::Table => {
            println!("{:<20} {:>6}  passed", "set", "cases");
            for report in &reports {
                println!("{}", report.to_line());
            }
        }
    }
    let short = reports.iter().filter(|set| !set.holds()).count();
    if short == 0 { Ok(()) } else { Err(VectorsError::FallShort { sets: short }) }
}

/// The folder beside the project, if it is there.
fn shared_folder(root: &Path) -> Option<PathBuf> {
    let folder = std::env::var_os(SHARED_VARIABLE).map_or_else(|| root.join("../shared"), PathBuf::from);
    folder.is_dir().then_some(folder)
}

#[cfg(test)]
mod tests {
    use super::{Checked, SetReport};
    use serde_json::json;

    const fn report(checked: Checked) -> SetReport {
        SetReport { set: "rows", cases: 3, checked }
    }

    #[test]
    fn a_set_holds_only_when_every_case_passed() {
        assert!(report(Checked::Against(3)).holds());
        assert!(!report(Checked::Against(2)).holds());
        assert!(report(Checked::Offline { intact: true }).holds());
        assert!(!report(Checked::Offline { intact: false }).holds());
    }

    #[test]
    fn json_never_claims_a_pass_that_was_not_checked() {
        assert_eq!(report(Checked::Against(2)).to_json(), json!({ "set": "rows", "cases": 3, "passed": 2 }));
        let offline = report(Checked::Offline { intact: true }).to_json();
        assert_eq!(offline, json!({ "set": "rows", "cases": 3, "passed": null }));
        assert_eq!(report(Checked::Offline { intact: false }).to_json()["passed"], 0);
    }
}
