//! From the words of the command line to an exit code.

mod advise;
mod descriptor;
mod generate;
mod heuristic;
mod inputs;
mod simulate;

use std::ffi::OsString;
use std::io;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use crate::args::{Cli, Command};
use crate::command_error::{ACTION_ADVISED, CommandError, FailureKind};
use crate::render::Subject;

/// How a command that did not fail ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Done.
    Done,
    /// Done; an action is advised and the exit code should say so.
    ActionAdvised,
    /// Done; what was to be judged is refused.
    Refused,
}

/// Runs the program with these words.
pub(crate) fn run(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    match Cli::try_parse_from(words) {
        Ok(cli) => dispatch(cli.command).map_or_else(|error| fail(&error), exit_code),
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            match error.print() {
                Err(failure) if failure.kind() != io::ErrorKind::BrokenPipe => {
                    fail(&CommandError::stdout(&failure))
                }
                _ => ExitCode::SUCCESS,
            }
        }
        Err(error) => fail(&error.into()),
    }
}

fn dispatch(command: Command) -> Result<Outcome, CommandError> {
    match command {
        Command::Plan(args) => advise::run(Subject::Plan, &args),
        Command::Health(args) => advise::run(Subject::Health, &args),
        Command::Dust(args) => advise::run(Subject::Dust, &args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Descriptor { command } => descriptor::run(&command),
        Command::Inputs { implementation } => inputs::run(implementation),
        Command::Schema { document } => generate::schema(document),
        Command::Completions { shell } => generate::completions(shell),
        Command::Man { command } => generate::manual(command.as_deref()),
    }
}

fn exit_code(outcome: Outcome) -> ExitCode {
    match outcome {
        Outcome::Done => ExitCode::SUCCESS,
        Outcome::ActionAdvised => ExitCode::from(ACTION_ADVISED),
        Outcome::Refused => ExitCode::from(FailureKind::Data.code()),
    }
}

fn fail(error: &CommandError) -> ExitCode {
    // Nobody is left to tell when stderr is closed.
    let _ = error.report(&mut io::stderr().lock());
    error.exit_code()
}
