//! The command line as types: one struct per group of flags, one variant per command.

mod advise;
mod descriptor;
mod simulate;
mod value;

pub(crate) use advise::{
    AdviseArgs, ColorChoice, DustProfileArg, Format, InputArgs, Profile, SettingArgs, SourceArg,
};
pub(crate) use descriptor::{CheckArgs, DescriptorCommand};
pub(crate) use simulate::{Payer, SimulateArgs, SimulatedPayment};

use clap::{Parser, Subcommand, ValueEnum};

/// Prices what to do with a Lightning node's channels, offline and without keys.
#[derive(Debug, Parser)]
#[command(
    name = "channel",
    version,
    about,
    propagate_version = true,
    disable_help_subcommand = true,
    max_term_width = 100,
    after_help = "Try `channel plan --example`, then `channel inputs lnd` for the commands that make the files."
)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print a priced plan: what to do about which channel, in which order, and what to leave alone
    Plan(AdviseArgs),
    /// Print the health of every channel with the parts and figures behind each score
    Health(AdviseArgs),
    /// Print the dust ledger of every channel: trimmed, hidden, uneconomic, and what a force-close would lose
    Dust(AdviseArgs),
    /// Walk one channel through payments, dust report, splice and optimisation on the channel ledger
    Simulate(SimulateArgs),
    /// Judge the output descriptors that fund channels
    Descriptor {
        /// What to do
        #[command(subcommand)]
        command: DescriptorCommand,
    },
    /// Print the commands that make the input files on a node
    Inputs {
        /// The node's implementation
        implementation: NodeKind,
    },
    /// Print the JSON Schema of an output
    Schema {
        /// The output
        document: SchemaKind,
    },
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page in roff form: `channel man | man -l -`
    Man {
        /// The command the page is about; without it, the program
        command: Option<String>,
    },
}

/// The forms of a short report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For a terminal
    Table,
    /// JSON
    Json,
}

/// An implementation whose commands are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum NodeKind {
    /// lnd
    Lnd,
    /// Core Lightning
    Cln,
    /// Eclair
    Eclair,
    /// LDK
    Ldk,
}

/// A JSON output with a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaKind {
    /// What `channel plan --json` prints
    Plan,
    /// What `channel health --json` prints
    Health,
    /// What `channel dust --json` prints
    Dust,
    /// What `channel descriptor check --json` prints
    Descriptor,
}
