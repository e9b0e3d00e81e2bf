//! `simulate`: run, write.

use super::Outcome;
use crate::args::{ColorChoice, ReportFormat, SimulateArgs};
use crate::command_error::CommandError;
use crate::output::{self, Terminal};
use crate::render::simulation;

/// Runs a simulation.
pub(super) fn run(args: &SimulateArgs) -> Result<Outcome, CommandError> {
    let result = crate::simulation::run(args).map_err(|error| {
        CommandError::usage(error.to_string(), "choose --capacity and --local within the bounds it names")
    })?;
    let terminal = Terminal::of_stdout(ColorChoice::Auto);
    output::deliver(None, |out| match (args.format, args.json) {
        (ReportFormat::Table, false) => simulation::write_table(&result, terminal, out),
        _ => simulation::write_json(&result, out),
    })?;
    Ok(Outcome::Done)
}
