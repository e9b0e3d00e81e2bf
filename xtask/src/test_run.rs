//! The test command of the README: examples build, doc tests, the kernel package, then every test of the workspace, and
//! the runner's summary last.
//!
//! cargo-nextest runs the tests where it is installed, `cargo test` otherwise. What ran before the runner started, and
//! the number of tests that could not run, are printed just above its summary, so that a green line never hides a
//! skipped test.

use std::fmt;
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use thiserror::Error;

use crate::command::{self, CommandError};
use crate::kernel::{self, KernelError, Plan};

/// Why the tests did not pass.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum TestRunError {
    #[error("cannot read what the runner prints")]
    Pipe(#[source] io::Error),
    #[error("the runner printed no summary")]
    NoSummary,
    #[error(transparent)]
    Kernel(#[from] KernelError),
    #[error(transparent)]
    Command(#[from] CommandError),
}

/// What runs the tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Runner {
    Nextest,
    Libtest,
}

/// Results of one summary line or of several added up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
    not_run: u64,
}

impl Tally {
    const fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.not_run += other.not_run;
    }
}

/// In the words of libtest, which has no total of its own.
impl fmt::Display for Tally {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.failed == 0 { "ok" } else { "FAILED" };
        write!(
            out,
            "test result: {verdict}. {} passed; {} failed; {} ignored; all binaries, doc tests and kernel-check together",
            self.passed, self.failed, self.not_run
        )
    }
}

/// What came of one run of a runner.
struct Streamed {
    /// `None` if the runner printed no summary.
    tally: Option<Tally>,
    outcome: Result<(), CommandError>,
}

/// What ran before the runner: its own summary cannot count them.
#[derive(Debug, Clone, Copy, Default)]
struct Before {
    documented: Tally,
    kernel: Tally,
}

impl Before {
    fn total(self) -> Tally {
        let mut total = self.documented;
        total.add(self.kernel);
        total
    }
}

impl fmt::Display for Before {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { documented, kernel } = self;
        write!(
            out,
            "not in the summary below: doc tests {} passed, {} failed; ",
            documented.passed, documented.failed
        )?;
        write!(out, "kernel-check {} passed, {} failed", kernel.passed, kernel.failed)
    }
}

/// Runs all tests; a failing doc test or kernel test does not keep the others from running.
pub(crate) fn run(root: &Path) -> Result<(), TestRunError> {
    command::run(cargo(root, &["build", "--examples"]).arg("--quiet"))?;
    let mut doc_tests = cargo(root, &["test", "--doc", "--no-fail-fast"]);
    let documented = stream(&mut doc_tests, Runner::Libtest, &mut print_line)?;
    let kernel = run_kernel(root)?;
    let before =
        Before { documented: documented.tally.unwrap_or_default(), kernel: kernel.tally.unwrap_or_default() };
    match runner() {
        Runner::Nextest => finish_with_nextest(root, before)?,
        Runner::Libtest => finish_with_libtest(root, before)?,
    }
    documented.outcome?;
    Ok(kernel.outcome?)
}

/// The spend matrix through Bitcoin Core's kernel, or one line that says why it could not run.
fn run_kernel(root: &Path) -> Result<Streamed, TestRunError> {
    match kernel::plan(root)? {
        Plan::Run(mut tests) => stream(&mut tests, Runner::Libtest, &mut print_line),
        Plan::CannotRun { tests, reason } => {
            print_line(&reason);
            let tally = Tally { not_run: tests, ..Tally::default() };
            Ok(Streamed { tally: Some(tally), outcome: Ok(()) })
        }
    }
}

fn runner() -> Runner {
    let mut probe = command::cargo();
    probe.args(["nextest", "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
    if probe.status().is_ok_and(|status| status.success()) { Runner::Nextest } else { Runner::Libtest }
}

fn cargo(root: &Path, words: &[&str]) -> Command {
    let mut command = command::cargo();
    command.current_dir(root).args(words).args(["--locked", "--workspace", "--all-features"]);
    command
}

/// nextest prints its one summary last, on stderr; the counts go in front of it.
fn finish_with_nextest(root: &Path, before: Before) -> Result<(), TestRunError> {
    let mut print = |line: &str| {
        if let Some(tally) = Runner::Nextest.tally(line) {
            print_line(&before.to_string());
            print_line(&could_not_run(before.total().not_run + tally.not_run));
        }
        print_line(line);
    };
    let mut tests = cargo(root, &["nextest", "run", "--no-fail-fast"]);
    let tested = stream(&mut tests, Runner::Nextest, &mut print)?;
    tested.outcome?;
    tested.tally.map(drop).ok_or(TestRunError::NoSummary)
}

/// libtest prints a summary for each binary; the last line adds them up in the same words, with what ran before.
fn finish_with_libtest(root: &Path, before: Before) -> Result<(), TestRunError> {
    let mut tests = cargo(root, &["test", "--lib", "--bins", "--tests", "--no-fail-fast"]);
    let tested = stream(&mut tests, Runner::Libtest, &mut print_line)?;
    let mut total = tested.tally.unwrap_or_default();
    total.add(before.total());
    print_line(&could_not_run(total.not_run));
    print_line(&total.to_string());
    tested.outcome?;
    tested.tally.map(drop).ok_or(TestRunError::NoSummary)
}

fn could_not_run(count: u64) -> String {
    format!("tests that could not run: {count}")
}

fn print_line(line: &str) {
    println!("{line}");
}

/// Passes the runner's lines on as they come and adds up its summaries.
fn stream(
    command: &mut Command,
    runner: Runner,
    print: &mut dyn FnMut(&str),
) -> Result<Streamed, TestRunError> {
    let mut tally: Option<Tally> = None;
    let mut take = |line: &str| {
        if let Some(more) = runner.tally(line) {
            tally.get_or_insert_default().add(more);
        }
        print(line);
    };
    let status = match runner {
        Runner::Nextest => {
            let mut child = spawn(command.stderr(Stdio::piped()))?;
            each_line(child.stderr.take().expect("stderr was asked to be a pipe"), &mut take)
                .and_then(|()| child.wait())
        }
        Runner::Libtest => {
            let mut child = spawn(command.stdout(Stdio::piped()))?;
            each_line(child.stdout.take().expect("stdout was asked to be a pipe"), &mut take)
                .and_then(|()| child.wait())
        }
    }
    .map_err(TestRunError::Pipe)?;
    Ok(Streamed { tally, outcome: command::require_success(command, status) })
}

fn spawn(command: &mut Command) -> Result<Child, CommandError> {
    command.spawn().map_err(|source| CommandError::Start { shown: command::shown(command), source })
}

/// Lines may hold any bytes: a test is free to print them.
fn each_line(pipe: impl io::Read, take: &mut dyn FnMut(&str)) -> io::Result<()> {
    let mut lines = BufReader::new(pipe);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        take(String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']));
        line.clear();
    }
    Ok(())
}

impl Runner {
    /// The numbers of a summary line; `None` for any other line.
    fn tally(self, line: &str) -> Option<Tally> {
        let counts = match self {
            Self::Nextest => line.trim_start().strip_prefix("Summary [")?.split_once("tests run:")?.1,
            Self::Libtest => line.strip_prefix("test result: ")?.split_once(". ")?.1,
        };
        let mut tally = Tally::default();
        for part in counts.split([',', ';']) {
            let mut words = part.split_whitespace();
            let (Some(count), Some(kind)) =
                (words.next().and_then(|word| word.parse::<u64>().ok()), words.next())
            else {
                continue;
            };
            match kind {
                "passed" => tally.passed += count,
                "failed" | "timed" => tally.failed += count,
                "skipped" | "ignored" => tally.not_run += count,
                _ => {}
            }
        }
        Some(tally)
    }
}

#[cfg(test)]
mod tests {
    use super::{Before, Runner, Tally, could_not_run, each_line};

    #[test]
    fn summaries_of_both_runners_are_read() {
        let nextest = "     Summary [   0.512s] 12 tests run: 10 passed (1 slow), 2 failed, 3 skipped";
        assert_eq!(Runner::Nextest.tally(nextest), Some(Tally { passed: 10, failed: 2, not_run: 3 }));
        let libtest = "test result: FAILED. 7 passed; 1 failed; 2 ignored; 0 measured; 4 filtered out; finished in 0.1s";
        assert_eq!(Runner::Libtest.tally(libtest), Some(Tally { passed: 7, failed: 1, not_run: 2 }));
        let ok = "test result: ok. 7 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(Runner::Libtest.tally(ok), Some(Tally { passed: 7, failed: 0, not_run: 0 }));
    }

    #[test]
    fn other_lines_are_no_summaries() {
        for line in ["test result", "running 3 tests", "        PASS [   0.1s] xtask tests::summary", ""] {
            assert_eq!(Runner::Nextest.tally(line), None, "{line}");
            assert_eq!(Runner::Libtest.tally(line), None, "{line}");
        }
    }

    #[test]
    fn tallies_add_up_and_the_count_is_said() {
        let mut total = Tally { passed: 1, failed: 0, not_run: 1 };
        total.add(Tally { passed: 2, failed: 1, not_run: 1 });
        assert_eq!(total, Tally { passed: 3, failed: 1, not_run: 2 });
        assert_eq!(could_not_run(total.not_run), "tests that could not run: 2");
        assert_eq!(Runner::Libtest.tally(&total.to_string()), Some(total));
    }

    #[test]
    fn what_ran_before_the_runner_is_counted() {
        let before = Before {
            documented: Tally { passed: 5, failed: 0, not_run: 1 },
            kernel: Tally { passed: 3, failed: 1, not_run: 0 },
        };
        assert_eq!(before.total(), Tally { passed: 8, failed: 1, not_run: 1 });
        assert_eq!(
            before.to_string(),
            "not in the summary below: doc tests 5 passed, 0 failed; kernel-check 3 passed, 1 failed"
        );
    }

    #[test]
    fn lines_of_any_bytes_are_passed_on() {
        let mut seen = Vec::new();
        let read = each_line(&b"one\r\n\xff\nlast"[..], &mut |line| seen.push(line.to_owned()));
        assert!(read.is_ok());
        assert_eq!(seen, ["one", "\u{fffd}", "last"]);
    }
}
