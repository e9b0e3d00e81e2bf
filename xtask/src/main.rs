//! The gates and generators of the workspace, run as `cargo xtask <task>`; `cargo xtask help` lists them.
#![expect(clippy::print_stdout, reason = "a command-line tool reports on the terminal")]
#![expect(clippy::print_stderr, reason = "a usage error goes to stderr")]

mod cache;
mod command;
mod deny;
mod gates;
mod kernel;
mod layers;
mod msrv;
mod nostd;
mod test_run;
mod tidy;
mod vectors;

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use gates::{GATES, GateError, OnFailure, with_causes};
use vectors::ReportFormat;

const USAGE: &str = "\
usage: cargo xtask <task>

  ci [--keep-going]                 every gate below, in this order, each with its time
  fmt | clippy | tidy | layers      format, lints, house rules, layer rule
  doc | nostd | msrv                documentation, crates without std, oldest compiler
  test                              every test, doc test and example, those of kernel-check too; what .ci/run calls
  deny                              licences, sources and bans of the dependencies
  vectors [import] [--format json]  check the fixtures against their sources, or make them anew
";

/// Exit status of a call that cannot be understood, after sysexits.
const USAGE_STATUS: u8 = 2;

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let root = workspace_root();
    match dispatch(&root, &words) {
        Some(Ok(())) => ExitCode::SUCCESS,
        Some(Err(error)) => {
            eprintln!("error: {}", with_causes(&error));
            ExitCode::FAILURE
        }
        None => {
            eprint!("{USAGE}");
            ExitCode::from(USAGE_STATUS)
        }
    }
}

/// Runs the task that `words` name; `None` if there is no such task.
fn dispatch(root: &Path, words: &[&str]) -> Option<Result<(), GateError>> {
    match words {
        ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            Some(Ok(()))
        }
        ["ci"] => Some(gates::run_all(root, OnFailure::Stop)),
        ["ci", "--keep-going"] => Some(gates::run_all(root, OnFailure::KeepGoing)),
        ["vectors", "import", options @ ..] => {
            report_format(options).map(|format| Ok(vectors::import(root, format)?))
        }
        ["vectors", options @ ..] => report_format(options).map(|format| Ok(vectors::check(root, format)?)),
        [name] => GATES.iter().find(|gate| gate.name == *name).map(|gate| (gate.run)(root)),
        _ => None,
    }
}

fn report_format(options: &[&str]) -> Option<ReportFormat> {
    match options {
        [] | ["--format", "table"] => Some(ReportFormat::Table),
        ["--format", "json"] => Some(ReportFormat::Json),
        _ => None,
    }
}

/// The folder above this package. Cargo names the package anew on each run, so a moved clone is found again.
fn workspace_root() -> PathBuf {
    let package = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    package.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

#[cfg(test)]
mod tests {
    use super::{USAGE, dispatch, report_format, workspace_root};
    use crate::gates::GATES;
    use crate::vectors::ReportFormat;

    #[test]
    fn an_unknown_task_is_a_usage_error() {
        for words in ["", "cy", "ci --fast", "vectors --format xml", "vectors import --format", "tidy x"] {
            let words: Vec<&str> = words.split_whitespace().collect();
            assert!(dispatch(&workspace_root(), &words).is_none(), "{words:?}");
        }
    }

    #[test]
    fn the_report_is_a_table_unless_json_is_asked_for() {
        assert_eq!(report_format(&[]), Some(ReportFormat::Table));
        assert_eq!(report_format(&["--format", "table"]), Some(ReportFormat::Table));
        assert_eq!(report_format(&["--format", "json"]), Some(ReportFormat::Json));
        assert_eq!(report_format(&["json"]), None);
    }

    #[test]
    fn the_usage_names_every_gate() {
        for gate in &GATES {
            assert!(USAGE.contains(gate.name), "{}", gate.name);
        }
    }
}
