//! One set of vectors and how it fared, as a line of a table or as JSON.

use serde_json::{Value, json};

use super::expected::ExpectedSet;
use super::test_reports::TestReport;

/// One set of vectors and how it fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SetReport {
    pub(crate) set: &'static str,
    /// How many cases must pass.
    pub(crate) cases: usize,
    /// How many did; `None` where that could not be found out.
    pub(crate) passed: Option<usize>,
    /// How many the oracle library had to pass, and how many it did.
    pub(crate) oracle: Option<(usize, usize)>,
    pub(crate) fixture: FixtureState,
}

/// How a committed fixture compares with what its source gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FixtureState {
    Same,
    Differs,
    /// There is no source here to compare with.
    NotCompared,
}

impl SetReport {
    /// Joins what must be with what a test reported; a set without a report has passed nothing.
    pub(crate) fn of_test(expected: &ExpectedSet, reports: &[TestReport], fixture: FixtureState) -> Self {
        let report = reports.iter().find(|report| report.set == expected.set);
        // A case more than there must be is no success either: the count here is then wrong.
        let passed = match report {
            Some(report) if report.cases == expected.cases => report.product,
            Some(report) => report.product.min(expected.cases.saturating_sub(1)),
            None => 0,
        };
        let oracle = report.and_then(|report| report.oracle);
        Self {
            set: expected.set,
            cases: expected.cases,
            passed: Some(passed),
            oracle: expected.oracle.or(oracle).map(|wanted| (wanted, oracle.unwrap_or(0))),
            fixture,
        }
    }

    pub(crate) fn holds(&self) -> bool {
        self.passed.is_none_or(|passed| passed == self.cases)
            && self.oracle.is_none_or(|(wanted, passed)| passed == wanted)
            && self.fixture != FixtureState::Differs
    }

    pub(crate) fn to_json(self) -> Value {
        let same = match self.fixture {
            FixtureState::Same => Some(true),
            FixtureState::Differs => Some(false),
            FixtureState::NotCompared => None,
        };
        json!({
            "set": self.set,
            "cases": self.cases,
            "passed": self.passed,
            "oracle": self.oracle.map(|(_, passed)| passed),
            "fixture_agrees": same,
        })
    }

    pub(crate) fn to_line(self) -> String {
        let count = |count: Option<usize>| count.map_or_else(|| "-".to_owned(), |count| count.to_string());
        let fixture = match self.fixture {
            FixtureState::Same => "same as its source",
            FixtureState::Differs => "DIFFERS from its source",
            FixtureState::NotCompared => "not compared (no source here)",
        };
        let verdict = if self.holds() { "" } else { "  FALLS SHORT" };
        let oracle = count(self.oracle.map(|(_, passed)| passed));
        let (set, cases, passed) = (self.set, self.cases, count(self.passed));
        format!("{set:<36} {cases:>5} {passed:>7} {oracle:>6}  {fixture}{verdict}")
    }

    pub(crate) fn heading() -> String {
        let (set, cases, product, oracle) = ("set", "cases", "product", "oracle");
        format!("{set:<36} {cases:>5} {product:>7} {oracle:>6}  fixture")
    }
}

#[cfg(test)]
mod tests {
    use super::{FixtureState, SetReport};
    use crate::vectors::expected::EXPECTED;
    use crate::vectors::test_reports::TestReport;
    use serde_json::json;

    const fn report(passed: Option<usize>, fixture: FixtureState) -> SetReport {
        SetReport { set: "rows", cases: 3, passed, oracle: None, fixture }
    }

    #[test]
    fn a_set_holds_only_when_every_case_passed_and_its_fixture_is_the_source_s() {
        assert!(report(Some(3), FixtureState::Same).holds());
        assert!(!report(Some(2), FixtureState::Same).holds());
        assert!(!report(Some(3), FixtureState::Differs).holds());
        assert!(report(Some(3), FixtureState::NotCompared).holds());
        assert!(report(None, FixtureState::NotCompared).holds());
        let oracle = |passed| SetReport { oracle: Some((4, passed)), ..report(Some(3), FixtureState::Same) };
        assert!(oracle(4).holds());
        assert!(!oracle(3).holds());
        assert!(oracle(3).to_line().ends_with("FALLS SHORT"));
    }

    #[test]
    fn json_never_claims_a_pass_that_was_not_checked() {
        let offline = report(None, FixtureState::NotCompared).to_json();
        let expected =
            json!({ "set": "rows", "cases": 3, "passed": null, "oracle": null, "fixture_agrees": null });
        assert_eq!(offline, expected);
        assert_eq!(report(Some(0), FixtureState::Differs).to_json()["passed"], 0);
    }

    #[test]
    fn a_missing_a_short_and_a_long_report_fall_short() {
        for expected in &EXPECTED {
            let reported = |cases, product| TestReport {
                set: expected.set.to_owned(),
                cases,
                product,
                oracle: expected.oracle,
            };
            let holds =
                |reports: &[TestReport]| SetReport::of_test(expected, reports, FixtureState::Same).holds();
            let cases = expected.cases;
            assert!(holds(&[reported(cases, cases)]), "{}", expected.set);
            assert!(!holds(&[]), "{}", expected.set);
            assert!(!holds(&[reported(cases, cases - 1)]), "{}", expected.set);
            assert!(!holds(&[reported(cases - 1, cases - 1)]), "{}", expected.set);
            assert!(!holds(&[reported(cases + 1, cases + 1)]), "{}", expected.set);
        }
    }
}
