//! The plan: what the economic profile says, as data with a versioned JSON form.
//!
//! Keys name their unit (`_msat`, `_sat`, `_sat_per_kw`, `_ppm`, `_wu`, `_vb`, `_blocks`, `_hours`, `_days`). Version
//! 1 only ever gains keys; codes in snake case are stable.

mod action;
mod channel;
mod header;

pub use action::{
    Action, ActionDetails, Complexity, DustImpact, Feasibility, FeasibilityStatus, OnChain, Prerequisite,
    PrerequisiteStatus, Reason, RemedyKind, RouteSummary,
};
pub use channel::{
    ChannelReport, Confidence, DustReport, FlowReport, ForceClose, HealthPart, HealthReport, HealthStatus,
    Role, StressPoint,
};
pub use header::{FeerateOrigin, FleetSummary, PlanFeerate, PlanNode, Settings, Warning, Window};

use schemars::JsonSchema;
use serde::Serialize;

use crate::snapshot::Assumption;

/// The name of the JSON form.
pub const SCHEMA: &str = "taproot-channels/plan/v1";

/// A priced plan for a fleet of channels.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Plan {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// Always `economic`; the heuristic profile prints the seed's own object.
    pub profile: String,
    /// The time the plan was made for, RFC 3339 in UTC; given by the caller.
    pub generated_at: String,
    /// The node the plan is for.
    pub node: PlanNode,
    /// The feerate that prices every on-chain action.
    pub feerate: PlanFeerate,
    /// Every default that shaped the plan, as used.
    pub settings: Settings,
    /// The span of the forwards that flow was measured over; absent when flow is unknown.
    pub window: Option<Window>,
    /// What the plan rests on that no input stated.
    pub assumptions: Vec<Assumption>,
    /// What the operator should know or fetch before acting.
    pub warnings: Vec<Warning>,
    /// Totals.
    pub fleet: FleetSummary,
    /// What to do, conflict-free, in order of net benefit, within the budget.
    pub actions: Vec<Action>,
    /// What would be worth doing if the peer (or the own node) turned out to support it. Never part of the totals.
    pub if_supported: Vec<Action>,
    /// Every channel with its evidence; each says what was chosen for it or why nothing was.
    pub channels: Vec<ChannelReport>,
}
