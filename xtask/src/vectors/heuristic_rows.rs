//! The fixture of the heuristic profile: our drawn cases with the reference implementation's answers.
//!
//! One JSON object a line, keys in alphabetical order: first a header that names source and seed, then rows of
//! `function`, `input` and `output`. The file is made by `cargo xtask vectors import` and is complete in itself.

use std::path::Path;
use std::{fs, io};

use serde_json::{Value, json};
use thiserror::Error;

use super::canonical::in_key_order;
use super::heuristic_cases::{Case, SEED, draw};
use super::oracle::{self, OracleError};
use super::set_report::{FixtureState, SetReport};

/// Where the fixture lies, from the workspace root.
pub(crate) const FIXTURE: &str = "crates/channel-advisor/tests/fixtures/heuristic_rows.jsonl";
/// Where the reference implementation lies, from the folder beside the project.
const ORACLE: &str = "oracle/oracle.py";
const SET: &str = "heuristic_rows";
const SCHEMA: &str = "taproot-channels/heuristic-rows/v1";

/// Why the fixture could not be made or checked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum HeuristicRowsError {
    #[error("cannot use {FIXTURE}")]
    File(#[source] io::Error),
    #[error("the reference implementation failed")]
    Oracle(#[from] OracleError),
    #[error("import needs python3 and the folder beside the project")]
    NoSource,
}

/// Writes the fixture anew from the reference implementation.
pub(crate) fn import(root: &Path, shared: Option<&Path>) -> Result<(), HeuristicRowsError> {
    let program = available_oracle(shared).ok_or(HeuristicRowsError::NoSource)?;
    let path = root.join(FIXTURE);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(HeuristicRowsError::File)?;
    }
    let mut text = fresh_lines(&program)?.join("\n");
    text.push('\n');
    fs::write(path, text).map_err(HeuristicRowsError::File)
}

/// Compares the fixture with fresh answers; without the reference only the inputs with those the seed draws.
pub(crate) fn check(root: &Path, shared: Option<&Path>) -> Result<SetReport, HeuristicRowsError> {
    let text = fs::read_to_string(root.join(FIXTURE)).map_err(HeuristicRowsError::File)?;
    let cases = draw(SEED);
    let (passed, fixture) = match available_oracle(shared) {
        Some(program) => {
            let agreeing = agreeing_rows(&text, &fresh_lines(&program)?);
            let same = agreeing == cases.len();
            (Some(agreeing), if same { FixtureState::Same } else { FixtureState::Differs })
        }
        None if inputs_agree(&text, &cases) => (None, FixtureState::NotCompared),
        None => (Some(0), FixtureState::Differs),
    };
    Ok(SetReport { set: SET, cases: cases.len(), passed, oracle: None, fixture })
}

fn available_oracle(shared: Option<&Path>) -> Option<std::path::PathBuf> {
    let program = shared?.join(ORACLE);
    (program.is_file() && oracle::python_is_installed()).then_some(program)
}

fn fresh_lines(program: &Path) -> Result<Vec<String>, OracleError> {
    let cases = draw(SEED);
    let outputs = oracle::outputs(program, &cases)?;
    let rows = cases.iter().zip(outputs).map(|(case, output)| row(case, output));
    Ok(std::iter::once(header(cases.len())).chain(rows).collect())
}

fn header(cases: usize) -> String {
    let header = json!({
        "schema": SCHEMA,
        "source": "inputs drawn by xtask (SplitMix64); outputs by the reference implementation of the heuristic",
        "seed": SEED,
        "cases": cases,
    });
    in_key_order(header).to_string()
}

fn row(case: &Case, output: Value) -> String {
    let row = json!({ "function": case.function, "input": case.input, "output": in_our_schema(output) });
    in_key_order(row).to_string()
}

/// A raised error becomes `{"error": message}`, as the functions that do not raise put it; a plan stands alone,
/// without the note of the crash that the reference repairs.
fn in_our_schema(mut output: Value) -> Value {
    if output.get("literal_exception").is_some() {
        return output["plan"].take();
    }
    match output.pointer("/raises/message") {
        Some(message) => json!({ "error": message }),
        None => output,
    }
}

/// Rows that agree byte for byte. A changed header or a line too many counts against the last row.
fn agreeing_rows(text: &str, fresh: &[String]) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    let rows = lines.iter().zip(fresh).skip(1).filter(|(line, expected)| *line == expected).count();
    let framed = lines.len() == fresh.len() && lines.first().copied() == fresh.first().map(String::as_str);
    if framed { rows } else { rows.min(fresh.len().saturating_sub(2)) }
}

/// True when the header and every row's function and input are those the seed draws.
fn inputs_agree(text: &str, cases: &[Case]) -> bool {
    let mut lines = text.lines();
    let headed = lines.next() == Some(header(cases.len()).as_str());
    let rows: Vec<Option<Value>> = lines.map(|line| serde_json::from_str(line).ok()).collect();
    headed
        && rows.len() == cases.len()
        && rows.iter().zip(cases).all(|(row, case)| {
            row.as_ref().is_some_and(|row| {
                row["function"] == case.function && row["input"] == case.input && !row["output"].is_null()
            })
        })
}

#[cfg(test)]
mod tests {
    use super::{agreeing_rows, header, in_our_schema, inputs_agree, row};
    use crate::vectors::heuristic_cases::{SEED, draw};
    use serde_json::json;

    fn fixture() -> Vec<String> {
        let rows = draw(SEED).into_iter().take(3);
        std::iter::once(header(3))
            .chain(rows.map(|case| row(&case, json!({ "health_score": 0.1 }))))
            .collect()
    }

    #[test]
    fn errors_and_plans_are_put_in_our_schema() {
        let raised = json!({ "raises": { "type": "ValueError", "message": "Channel not found" } });
        assert_eq!(in_our_schema(raised), json!({ "error": "Channel not found" }));
        let plan = json!({ "literal_exception": null, "plan": { "total_channels": 0 } });
        assert_eq!(in_our_schema(plan), json!({ "total_channels": 0 }));
        assert_eq!(in_our_schema(json!([])), json!([]));
    }

    #[test]
    fn a_changed_byte_a_changed_header_or_a_line_too_many_is_noticed() {
        let fresh = fixture();
        let text = fresh.join("\n");
        assert_eq!(agreeing_rows(&text, &fresh), 3);
        assert_eq!(agreeing_rows(&text.replacen("0.1", "0.2", 1), &fresh), 2);
        assert_eq!(agreeing_rows(&text.replacen("seed", "Seed", 1), &fresh), 2);
        assert_eq!(agreeing_rows(&format!("{text}\n{{}}"), &fresh), 2);
        assert_eq!(agreeing_rows("", &fresh), 0);
    }

    #[test]
    fn inputs_are_compared_without_the_reference() {
        let cases: Vec<_> = draw(SEED).into_iter().take(3).collect();
        let text = fixture().join("\n");
        assert!(inputs_agree(&text, &cases));
        assert!(inputs_agree(&text.replace("0.1", "0.2"), &cases));
        assert!(!inputs_agree(&text.replacen("analyze", "analyse", 1), &cases));
        assert!(!inputs_agree(&text, &cases[..2]));
        assert!(!inputs_agree("", &cases));
    }
}
