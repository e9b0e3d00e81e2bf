//! The versioned JSON forms. Fields come in a fixed order and nothing depends on the clock or on hashing, so the same
//! input and `--now` give the same bytes.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;
use taproot_channels::advisor::plan::{
    ChannelReport, DustReport, FleetSummary, HealthReport, Plan, PlanFeerate, PlanNode, Warning, Window,
};
use taproot_channels::advisor::snapshot::{Assumption, PeerId};
use taproot_channels::core::Msat;

use super::Subject;

/// The name of the JSON form of `channel health`.
const HEALTH_SCHEMA: &str = "taproot-channels/health/v1";
/// The name of the JSON form of `channel dust`.
const DUST_SCHEMA: &str = "taproot-channels/dust/v1";

/// What frames a document that shows a part of a plan.
#[derive(Debug, Serialize, JsonSchema)]
struct Frame<'a> {
    /// The name of the form.
    schema: &'static str,
    /// The time the document was made for, RFC 3339 in UTC.
    generated_at: &'a str,
    /// The node.
    node: &'a PlanNode,
    /// The feerate of every on-chain figure.
    feerate: &'a PlanFeerate,
    /// The span of the forwards; absent when flow is unknown.
    window: &'a Option<Window>,
    /// What the document rests on that no input stated.
    assumptions: &'a [Assumption],
    /// What the operator should know.
    warnings: &'a [Warning],
    /// Totals.
    fleet: &'a FleetSummary,
}

impl<'a> Frame<'a> {
    fn of(plan: &'a Plan, schema: &'static str) -> Self {
        Self {
            schema,
            generated_at: &plan.generated_at,
            node: &plan.node,
            feerate: &plan.feerate,
            window: &plan.window,
            assumptions: &plan.assumptions,
            warnings: &plan.warnings,
            fleet: &plan.fleet,
        }
    }
}

/// Which channel an entry is about.
#[derive(Debug, Serialize, JsonSchema)]
struct Subscript<'a> {
    /// The listing's name of the channel.
    channel: &'a str,
    /// Short channel id, `block x tx x output`.
    short_channel_id: Option<&'a str>,
    /// What people call it.
    label: &'a str,
    /// The peer's node id.
    peer: Option<&'a str>,
    /// Capacity.
    #[schemars(with = "u64")]
    capacity_msat: Msat,
    /// Our gross balance.
    #[schemars(with = "u64")]
    local_msat: Msat,
    /// The peer's gross balance.
    #[schemars(with = "u64")]
    remote_msat: Msat,
}

impl<'a> Subscript<'a> {
    fn of(channel: &'a ChannelReport) -> Self {
        Self {
            channel: channel.channel.as_str(),
            short_channel_id: channel.short_channel_id.as_deref(),
            label: &channel.label,
            peer: channel.peer.as_ref().map(PeerId::as_str),
            capacity_msat: channel.capacity_msat,
            local_msat: channel.local_msat,
            remote_msat: channel.remote_msat,
        }
    }
}

/// What `channel health --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct HealthDocument<'a> {
    /// What frames it.
    #[serde(flatten)]
    frame: Frame<'a>,
    /// One entry per channel.
    channels: Vec<HealthEntry<'a>>,
}

/// A channel's health.
#[derive(Debug, Serialize, JsonSchema)]
struct HealthEntry<'a> {
    /// The channel.
    #[serde(flatten)]
    channel: Subscript<'a>,
    /// Its health.
    health: &'a HealthReport,
}

/// What `channel dust --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct DustDocument<'a> {
    /// What frames it.
    #[serde(flatten)]
    frame: Frame<'a>,
    /// One entry per channel.
    channels: Vec<DustEntry<'a>>,
}

/// A channel's dust.
#[derive(Debug, Serialize, JsonSchema)]
struct DustEntry<'a> {
    /// The channel.
    #[serde(flatten)]
    channel: Subscript<'a>,
    /// Its dust ledger.
    dust: &'a DustReport,
}

/// Writes the JSON form of `subject`, indented, with a line break at the end.
pub(super) fn write(plan: &Plan, subject: Subject, out: &mut dyn Write) -> io::Result<()> {
    match subject {
        Subject::Plan => pretty(plan, out),
        Subject::Health => {
            let entry = |channel| HealthEntry { channel: Subscript::of(channel), health: &channel.health };
            let channels = plan.channels.iter().map(entry).collect();
            pretty(&HealthDocument { frame: Frame::of(plan, HEALTH_SCHEMA), channels }, out)
        }
        Subject::Dust => {
            let entry = |channel| DustEntry { channel: Subscript::of(channel), dust: &channel.dust };
            let channels = plan.channels.iter().map(entry).collect();
            pretty(&DustDocument { frame: Frame::of(plan, DUST_SCHEMA), channels }, out)
        }
    }
}

/// Indented JSON with a line break at the end.
pub(crate) fn pretty(value: &impl Serialize, mut out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut out, value)?;
    writeln!(out)
}
