//! Runs the reference implementation of the heuristic, a Python program beside the project, over our cases.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use serde::Deserialize;
use serde_json::{Value, json};
use thiserror::Error;

use super::heuristic_cases::Case;

/// Why the reference implementation gave no rows.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum OracleError {
    #[error("cannot run python3")]
    Start(#[source] io::Error),
    #[error("cannot talk to the oracle")]
    Pipe(#[source] io::Error),
    #[error("the oracle ended with {status}")]
    Status { status: ExitStatus },
    #[error("row {row} of the oracle is not the JSON expected")]
    Row {
        row: usize,
        #[source]
        source: serde_json::Error,
    },
    #[error("the oracle answered {rows} of {cases} cases")]
    Count { rows: usize, cases: usize },
}

#[derive(Deserialize)]
struct Answer {
    output: Value,
}

/// True when `python3` answers at all.
pub(crate) fn python_is_installed() -> bool {
    let probe = Command::new("python3").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    probe.is_ok_and(|status| status.success())
}

/// The output of each case, in their order.
pub(crate) fn outputs(program: &Path, cases: &[Case]) -> Result<Vec<Value>, OracleError> {
    let text = ask(program, cases)?;
    let outputs: Vec<Value> = text
        .lines()
        .enumerate()
        .map(|(index, line)| {
            let answer: Answer =
                serde_json::from_str(line).map_err(|source| OracleError::Row { row: index + 1, source })?;
            Ok(answer.output)
        })
        .collect::<Result<_, _>>()?;
    if outputs.len() == cases.len() {
        Ok(outputs)
    } else {
        Err(OracleError::Count { rows: outputs.len(), cases: cases.len() })
    }
}

/// Feeds the questions from a second thread: the program answers while it reads, and pipes are small.
fn ask(program: &Path, cases: &[Case]) -> Result<String, OracleError> {
    let mut questions = String::new();
    for case in cases {
        questions.push_str(&json!({ "fn": case.function, "input": case.input }).to_string());
        questions.push('\n');
    }
    let mut child = Command::new("python3")
        .arg(program)
        .env("PYTHONIOENCODING", "utf-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(OracleError::Start)?;
    let mut stdin = child.stdin.take().expect("stdin was asked to be a pipe");
    let writer = std::thread::spawn(move || stdin.write_all(questions.as_bytes()));
    let output = child.wait_with_output().map_err(OracleError::Pipe)?;
    let written = writer.join().expect("writing to a pipe does not panic");
    if !output.status.success() {
        return Err(OracleError::Status { status: output.status });
    }
    written.map_err(OracleError::Pipe)?;
    String::from_utf8(output.stdout)
        .map_err(|error| OracleError::Pipe(io::Error::new(io::ErrorKind::InvalidData, error)))
}
