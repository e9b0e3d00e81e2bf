//! The flags of `plan`, `health` and `dust`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use taproot_channels::core::{FeerateKw, Msat};

use super::value;

/// Everything `plan`, `health` and `dust` take.
#[derive(Debug, Args)]
pub(crate) struct AdviseArgs {
    /// Where the facts come from.
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// What shapes the plan.
    #[command(flatten)]
    pub(crate) settings: SettingArgs,
    /// Where the result goes and how it looks.
    #[command(flatten)]
    pub(crate) output: AdviseOutputArgs,
}

/// Where the facts come from.
#[derive(Debug, Args)]
#[command(next_help_heading = "Input")]
pub(crate) struct InputArgs {
    /// Listings of the node, each recognised by its content; `-` is standard input. Gzip is read as it is
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The implementation, where a listing's content does not settle it
    #[arg(long, value_name = "SOURCE")]
    pub(crate) from: Option<SourceArg>,
    /// A listing of forwards, whatever its content looks like
    #[arg(long, value_name = "FILE")]
    pub(crate) forwards: Vec<PathBuf>,
    /// A listing of our fees
    #[arg(long, value_name = "FILE")]
    pub(crate) fees: Vec<PathBuf>,
    /// The public graph
    #[arg(long, value_name = "FILE")]
    pub(crate) graph: Vec<PathBuf>,
    /// A listing of payments (self-payments give the cost of rebalances)
    #[arg(long, value_name = "FILE")]
    pub(crate) payments: Vec<PathBuf>,
    /// A listing of on-chain coins
    #[arg(long, value_name = "FILE")]
    pub(crate) funds: Vec<PathBuf>,
    /// A listing of nodes with their features (who can splice)
    #[arg(long, value_name = "FILE")]
    pub(crate) features: Vec<PathBuf>,
    /// Run on an invented fleet that comes with the program, at its own date and feerate
    #[arg(long, conflicts_with_all = ["files", "from", "forwards", "fees", "graph", "payments", "funds", "features"])]
    pub(crate) example: bool,
}

/// What shapes the plan; every default is printed in the output as used.
#[derive(Debug, Args)]
#[command(next_help_heading = "Settings")]
pub(crate) struct SettingArgs {
    /// `economic` prices every remedy; `heuristic` prints the fixed rules of thumb it replaces
    #[arg(long, value_enum, default_value_t = Profile::Economic)]
    pub(crate) profile: Profile,
    /// Feerate of on-chain actions, decimals from 0.1 up [default: the node's estimate, else 10]
    #[arg(long, value_name = "SAT_PER_VB", allow_negative_numbers = true)]
    pub(crate) feerate: Option<FeerateKw>,
    /// Dust limit that advice goes by: 294, 546 or 1000 sat
    #[arg(long, value_enum, value_name = "PROFILE", default_value_t = DustProfileArg::Standard)]
    pub(crate) dust_profile: DustProfileArg,
    /// Days of forwards that count, back from the newest [default: the forwards' own span]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub(crate) window: Option<u32>,
    /// Days over which benefits are counted [default: 30]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub(crate) horizon: Option<u32>,
    /// Confirmed coins of the own wallet [default: from a listing of funds, else unknown]
    #[arg(long, value_name = "SAT", value_parser = value::sat, allow_negative_numbers = true)]
    pub(crate) wallet: Option<Msat>,
    /// The most a plan may cost, routing plus chain fees [default: no limit]
    #[arg(long, value_name = "SAT", value_parser = value::sat, allow_negative_numbers = true)]
    pub(crate) budget: Option<Msat>,
    /// Past plans as JSON lines: read for cool-downs, and `plan` adds its own actions (made when missing)
    #[arg(long, value_name = "FILE")]
    pub(crate) history: Option<PathBuf>,
    /// The time the plan is made for, such as 2026-03-01T00:00:00Z [default: the clock]
    #[arg(long, value_name = "RFC3339")]
    pub(crate) now: Option<Timestamp>,
    /// Share of a forward's fee credited to the channel it came in through, 0 to 1 [default: 0.5]
    #[arg(long, value_name = "RATIO", value_parser = value::share, allow_negative_numbers = true)]
    pub(crate) profit_split: Option<u32>,
    /// Share of the target's earning rate that a rebalance may cost, 0 to 1 [default: 0.65]
    #[arg(long, value_name = "RATIO", value_parser = value::share, allow_negative_numbers = true)]
    pub(crate) econ_ratio: Option<u32>,
    /// Volume of belief in the advertised rate before forwards count fully [default: 1000000]
    #[arg(long, value_name = "SAT", value_parser = value::sat, allow_negative_numbers = true)]
    pub(crate) shrinkage: Option<Msat>,
    /// Standard deviations of daily flow kept as a margin [default: 1]
    #[arg(long, value_name = "Z", value_parser = value::deviations, allow_negative_numbers = true)]
    pub(crate) margin_z: Option<u32>,
    /// Cap on advertised rates: a fee meant to stop traffic earns nothing [default: 2000]
    #[arg(long, value_name = "PPM")]
    pub(crate) rate_cap: Option<u32>,
    /// What a failed rebalance costs [default: 0]
    #[arg(long, value_name = "SAT", value_parser = value::sat, allow_negative_numbers = true)]
    pub(crate) failure_cost: Option<Msat>,
    /// Yearly yield of the best other use of coins, 0 to 1 [default: 0]
    #[arg(long, value_name = "RATIO", value_parser = value::share, allow_negative_numbers = true)]
    pub(crate) other_yield: Option<u32>,
    /// Route price without a graph [default: 500]
    #[arg(long, value_name = "PPM")]
    pub(crate) route_price: Option<u32>,
    /// Chance that a rebalance succeeds without a graph, 0 to 1 [default: 0.5]
    #[arg(long, value_name = "RATIO", value_parser = value::share, allow_negative_numbers = true)]
    pub(crate) route_success: Option<u32>,
    /// Price of risk on routes, ppm per unit of -ln p [default: 300]
    #[arg(long, value_name = "PPM")]
    pub(crate) route_risk: Option<u32>,
    /// Longest route, own channels included [default: 8]
    #[arg(long, value_name = "HOPS", value_parser = clap::value_parser!(u8).range(3..=20))]
    pub(crate) max_hops: Option<u8>,
    /// Largest relative step of a fee change, 0 to 1 [default: 0.25]
    #[arg(long, value_name = "RATIO", value_parser = value::share, allow_negative_numbers = true)]
    pub(crate) max_fee_step: Option<u32>,
    /// Days a channel is left alone after an action [default: 3]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(0..=3650))]
    pub(crate) cooldown: Option<u32>,
    /// How many actions a plan lists at most [default: 20]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_actions: Option<u32>,
}

/// Where the result goes and how it looks.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct AdviseOutputArgs {
    /// The form of the output
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    pub(crate) json: bool,
    /// Write to a file, all of it or nothing
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Replace channel ids, peers, aliases and file names by short tokens
    #[arg(long)]
    pub(crate) redact: bool,
    /// When to use colour in a table; NO_COLOR turns `auto` off
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    pub(crate) color: ColorChoice,
    /// Exit with 10 when the plan advises an action
    #[arg(long)]
    pub(crate) exit_code: bool,
}

impl AdviseOutputArgs {
    /// The form asked for, `--json` included.
    pub(crate) fn format(&self) -> Format {
        if self.json { Format::Json } else { self.format }
    }
}

/// Which rules make the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Profile {
    /// Every remedy priced from flow, weights and feerate
    Economic,
    /// Fixed rules of thumb, kept for comparison
    Heuristic,
}

/// The named dust limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DustProfileArg {
    /// 294 sat
    Minimal,
    /// 546 sat
    Standard,
    /// 1000 sat
    Conservative,
}

/// Where a channel listing comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SourceArg {
    /// lnd
    Lnd,
    /// Core Lightning
    Cln,
    /// Eclair
    Eclair,
    /// LDK
    Ldk,
    /// An object of channel id to fields
    Table,
}

/// The forms of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a terminal
    Table,
    /// The versioned JSON form
    Json,
    /// One row per action (plan) or channel (health, dust)
    Csv,
    /// For an issue or a wiki
    Markdown,
    /// One self-contained page
    Html,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}
