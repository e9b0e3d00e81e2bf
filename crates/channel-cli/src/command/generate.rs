//! What the program knows about itself: schemas, completions, the manual page.

use clap::CommandFactory;
use taproot_channels::advisor::plan::Plan;

use super::Outcome;
use crate::args::{Cli, SchemaKind};
use crate::command_error::CommandError;
use crate::descriptor::DescriptorReport;
use crate::output;
use crate::render::{DustDocument, HealthDocument};

/// Prints the JSON Schema of an output.
pub(super) fn schema(document: SchemaKind) -> Result<Outcome, CommandError> {
    let schema = match document {
        SchemaKind::Plan => schemars::schema_for!(Plan),
        SchemaKind::Health => schemars::schema_for!(HealthDocument<'static>),
        SchemaKind::Dust => schemars::schema_for!(DustDocument<'static>),
        SchemaKind::Descriptor => schemars::schema_for!(DescriptorReport),
    };
    output::deliver(None, |mut out| {
        serde_json::to_writer_pretty(&mut out, &schema)?;
        writeln!(out)
    })?;
    Ok(Outcome::Done)
}

/// Prints a completion script.
pub(super) fn completions(shell: clap_complete::Shell) -> Result<Outcome, CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "channel", &mut script);
    output::deliver(None, |out| out.write_all(&script))?;
    Ok(Outcome::Done)
}

/// Prints the manual page of the program or of one command.
pub(super) fn manual(command: Option<&str>) -> Result<Outcome, CommandError> {
    let program = Cli::command();
    let page = match command {
        None => program,
        Some(name) => {
            let known = program.find_subcommand(name).cloned().ok_or_else(|| {
                let names: Vec<&str> = program.get_subcommands().map(clap::Command::get_name).collect();
                CommandError::usage(
                    format!("there is no command `{name}`"),
                    format!("one of: {}", names.join(", ")),
                )
            })?;
            let full_name: &'static str = Box::leak(format!("channel-{name}").into_boxed_str());
            known.name(full_name)
        }
    };
    let mut roff = Vec::new();
    clap_mangen::Man::new(page).render(&mut roff).map_err(|error| CommandError::stdout(&error))?;
    output::deliver(None, |out| out.write_all(&roff))?;
    Ok(Outcome::Done)
}
