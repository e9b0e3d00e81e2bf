//! The gates of `cargo xtask ci`, in the order in which a mistake is cheapest to find.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use thiserror::Error;

use crate::command::{self, CommandError};
use crate::deny::{self, DenyError};
use crate::kernel::{self, KernelError};
use crate::layers::{self, LayersError};
use crate::msrv::{self, MsrvError};
use crate::nostd::{self, NostdError};
use crate::test_run::{self, TestRunError};
use crate::tidy::{self, TidyError};
use crate::vectors::{self, ReportFormat, VectorsError};

/// Why a gate is shut.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum GateError {
    #[error(transparent)]
    Command(#[from] CommandError),
    #[error(transparent)]
    Tidy(#[from] TidyError),
    #[error(transparent)]
    Layers(#[from] LayersError),
    #[error(transparent)]
    Kernel(#[from] KernelError),
    #[error(transparent)]
    Nostd(#[from] NostdError),
    #[error(transparent)]
    Msrv(#[from] MsrvError),
    #[error(transparent)]
    Test(#[from] TestRunError),
    #[error(transparent)]
    Deny(#[from] DenyError),
    #[error(transparent)]
    Vectors(#[from] VectorsError),
    #[error("{} gate(s) shut: {}", .names.len(), .names.join(", "))]
    Shut { names: Vec<&'static str> },
}

/// What to do once a gate is shut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnFailure {
    Stop,
    KeepGoing,
}

/// One gate: its name is also the subcommand that runs it alone.
pub(crate) struct Gate {
    pub(crate) name: &'static str,
    pub(crate) run: fn(&Path) -> Result<(), GateError>,
}

pub(crate) const GATES: [Gate; 10] = [
    Gate { name: "fmt", run: fmt },
    Gate { name: "clippy", run: clippy },
    Gate { name: "tidy", run: |root| Ok(tidy::check(root)?) },
    Gate { name: "layers", run: |root| Ok(layers::check(root)?) },
    Gate { name: "doc", run: doc },
    Gate { name: "nostd", run: |root| Ok(nostd::check(root)?) },
    Gate { name: "msrv", run: |root| Ok(msrv::check(root)?) },
    Gate { name: "test", run: |root| Ok(test_run::run(root)?) },
    Gate { name: "deny", run: |root| Ok(deny::check(root)?) },
    Gate { name: "vectors", run: |root| Ok(vectors::check(root, ReportFormat::Table)?) },
];

/// Runs all gates, each with its name and time.
pub(crate) fn run_all(root: &Path, on_failure: OnFailure) -> Result<(), GateError> {
    run(&GATES, root, on_failure)
}

fn run(gates: &[Gate], root: &Path, on_failure: OnFailure) -> Result<(), GateError> {
    let mut shut = Vec::new();
    for gate in gates {
        println!("== {}", gate.name);
        let start = Instant::now();
        let result = (gate.run)(root);
        let seconds = start.elapsed().as_secs_f64();
        match result {
            Ok(()) => println!("== {}: ok, {seconds:.1} s", gate.name),
            Err(error) => {
                println!("== {}: failed, {seconds:.1} s: {}", gate.name, with_causes(&error));
                shut.push(gate.name);
                if on_failure == OnFailure::Stop {
                    break;
                }
            }
        }
    }
    if shut.is_empty() { Ok(()) } else { Err(GateError::Shut { names: shut }) }
}

/// An error and its sources on one line.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    let text = std::iter::once(error.to_string()).chain(causes.map(ToString::to_string)).collect::<Vec<_>>();
    text.join(": ").replace('\n', " ")
}

fn fmt(root: &Path) -> Result<(), GateError> {
    command::run(&mut cargo(root, &["fmt", "--all", "--check"]))?;
    command::run(&mut kernel::fmt(root))?;
    Ok(())
}

fn clippy(root: &Path) -> Result<(), GateError> {
    let words =
        ["clippy", "--locked", "--workspace", "--all-targets", "--all-features", "--", "--deny", "warnings"];
    command::run(&mut cargo(root, &words))?;
    match kernel::clippy(root)? {
        Some(mut command) => command::run(&mut command)?,
        None => println!("kernel-check was not linted: `cargo xtask test` says what it needs"),
    }
    Ok(())
}

fn doc(root: &Path) -> Result<(), GateError> {
    let words = ["doc", "--locked", "--workspace", "--no-deps", "--all-features"];
    command::run(cargo(root, &words).env("RUSTDOCFLAGS", "-D warnings"))?;
    Ok(())
}

fn cargo(root: &Path, words: &[&str]) -> Command {
    let mut command = command::cargo();
    command.current_dir(root).args(words);
    command
}

#[cfg(test)]
mod tests {
    use super::{GATES, Gate, GateError, OnFailure, run, with_causes};
    use crate::msrv::MsrvError;
    use std::path::Path;

    const OPEN: Gate = Gate { name: "open", run: |_| Ok(()) };
    const SHUT: Gate = Gate { name: "shut", run: |_| Err(GateError::Msrv(MsrvError::NotStated)) };
    const LAST: Gate = Gate { name: "last", run: |_| Err(GateError::Msrv(MsrvError::NoRelease)) };

    fn shut(on_failure: OnFailure) -> Vec<&'static str> {
        match run(&[OPEN, SHUT, LAST], Path::new("."), on_failure) {
            Err(GateError::Shut { names }) => names,
            _ => Vec::new(),
        }
    }

    #[test]
    fn a_shut_gate_stops_the_run_unless_told_otherwise() {
        assert!(run(&[OPEN], Path::new("."), OnFailure::Stop).is_ok());
        assert_eq!(shut(OnFailure::Stop), ["shut"]);
        assert_eq!(shut(OnFailure::KeepGoing), ["shut", "last"]);
    }

    #[test]
    fn the_reason_is_one_line_with_its_causes() {
        let source = std::io::Error::other("two\nlines");
        let error = GateError::Msrv(MsrvError::Read(source));
        assert_eq!(with_causes(&error), "cannot read Cargo.toml: two lines");
    }

    #[test]
    fn gate_names_are_distinct() {
        let mut names: Vec<&str> = GATES.iter().map(|gate| gate.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), GATES.len());
    }
}
