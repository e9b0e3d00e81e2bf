//! `descriptor check`: read, judge, write; the exit code tells the verdict.

use std::io::{self, Read};

use taproot_channels::tx::descriptor::{DescriptorContext, FundingDescriptor, Participants};

use super::Outcome;
use crate::args::{CheckArgs, ColorChoice, DescriptorCommand, ReportFormat};
use crate::command_error::CommandError;
use crate::descriptor::DescriptorReport;
use crate::output::{self, Terminal};
use crate::render::descriptor;

/// Bytes read of standard input: far more than any descriptor has, so that a wrong pipe is refused and not swallowed.
const READ_LIMIT: u64 = 1 << 16;

/// Runs the command.
pub(super) fn run(command: &DescriptorCommand) -> Result<Outcome, CommandError> {
    match command {
        DescriptorCommand::Check(args) => check(args),
    }
}

fn check(args: &CheckArgs) -> Result<Outcome, CommandError> {
    let context = context(args)?;
    let text = text(&args.descriptor)?;
    let verdict = FundingDescriptor::parse(&text, &context);
    let report = DescriptorReport::new(&text, &context, &verdict);
    let terminal = Terminal::of_stdout(ColorChoice::Auto);
    output::deliver(None, |out| match (args.format, args.json) {
        (ReportFormat::Table, false) => descriptor::write_table(&report, terminal, out),
        _ => descriptor::write_json(&report, out),
    })?;
    Ok(if verdict.is_ok() { Outcome::Done } else { Outcome::Refused })
}

fn context(args: &CheckArgs) -> Result<DescriptorContext, CommandError> {
    let mut context = DescriptorContext::new(args.network.network());
    if let Some(height) = args.height {
        context = context.with_tip(height);
    }
    match args.participants.as_slice() {
        [] => Ok(context),
        [first, second] => {
            let participants = Participants::new(*first, *second).map_err(|error| {
                CommandError::usage(error.to_string(), "give the two different funding keys of the channel")
            })?;
            Ok(context.with_participants(participants))
        }
        others => Err(CommandError::usage(
            format!("a channel has exactly 2 participants, not {}", others.len()),
            "give --participant twice, or not at all",
        )),
    }
}

/// The descriptor of the command line, or what standard input holds.
fn text(word: &str) -> Result<String, CommandError> {
    if word != "-" {
        return Ok(word.to_owned());
    }
    let mut bytes = Vec::new();
    let read = io::stdin().lock().take(READ_LIMIT).read_to_end(&mut bytes);
    read.map_err(|error| CommandError::input("standard input", &error))?;
    String::from_utf8(bytes).map_err(|_| {
        CommandError::data("standard input: not a text", "pipe in one descriptor and nothing else")
    })
}
