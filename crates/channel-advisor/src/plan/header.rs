//! What frames a plan: node, feerate, settings, window, totals, warnings.

use channel_core::{FeerateKw, Msat, SignedMsat};
use schemars::JsonSchema;
use serde::Serialize;

use super::Confidence;
use crate::snapshot::{Implementation, Knowledge, PeerId};

/// The node a plan is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct PlanNode {
    /// The software of the channel listing.
    pub implementation: Implementation,
    /// Its public key.
    pub id: Option<PeerId>,
    /// Its alias.
    pub alias: Option<String>,
    /// The height of its best block.
    pub block_height: Option<u32>,
    /// Whether it can splice.
    pub splices: Knowledge,
}

/// Where a feerate came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FeerateOrigin {
    /// The caller gave it.
    Given,
    /// The node's own estimate, from a listing.
    Estimated,
    /// Neither: the stated default.
    Assumed,
}

/// The feerate that prices every on-chain action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct PlanFeerate {
    /// In sat/kW (250 are 1 sat/vB).
    #[schemars(with = "u32")]
    pub feerate_sat_per_kw: FeerateKw,
    /// Where it came from.
    pub origin: FeerateOrigin,
}

/// Every default that shapes a plan; each can be overridden and is printed as used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Settings {
    /// Over how many days benefits are counted.
    pub horizon_days: u32,
    /// How many days of forwards count; absent: the forwards' own span.
    pub window_days: Option<u32>,
    /// λ: the share of a forward's fee credited to the channel it came in through, in ppm of the fee. The rest goes
    /// to the channel it left through, so that profits of all channels add up to the node's.
    pub profit_split_ppm: u32,
    /// m: the share of the target's earning rate that a rebalance may cost, in ppm.
    pub econ_ratio_ppm: u32,
    /// v0: volume of belief in the advertised rate before forwards count fully.
    #[schemars(with = "u64")]
    pub shrinkage_volume_msat: Msat,
    /// z: how many standard deviations of daily flow are kept as a margin, in thousandths.
    pub margin_z_milli: u32,
    /// The cap on advertised rates (a "stop" fee earns nothing), ppm.
    pub rate_cap_ppm: u32,
    /// What a failed rebalance costs.
    #[schemars(with = "u64")]
    pub failure_cost_msat: Msat,
    /// y: yearly yield of the best other use of coins, ppm.
    pub other_yield_ppm_per_year: u32,
    /// Route price without a graph, ppm.
    pub assumed_route_ppm: u32,
    /// Success probability without a graph, ppm.
    pub assumed_success_ppm: u32,
    /// Price of risk on routes: ppm per unit of −ln p.
    pub route_risk_ppm: u32,
    /// Longest route, hops.
    pub max_hops: u8,
    /// Largest relative step of a fee change, ppm.
    pub max_fee_step_ppm: u32,
    /// Cool-down after an action on a channel, days.
    pub cooldown_days: u32,
    /// The most a plan may cost, routing plus chain fees; absent: no limit.
    #[schemars(with = "Option<u64>")]
    pub budget_msat: Option<Msat>,
    /// Confirmed coins of the own wallet; absent: unknown.
    #[schemars(with = "Option<u64>")]
    pub wallet_msat: Option<Msat>,
    /// Name of the dust profile: `minimal`, `standard`, `conservative`.
    pub dust_profile: String,
    /// How many actions are shown; the rest is counted.
    pub max_actions: u32,
}

/// The span flow was measured over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Window {
    /// First moment, RFC 3339.
    pub from: String,
    /// Last moment, RFC 3339.
    pub to: String,
    /// Length in hours.
    pub hours: u32,
    /// Forwards inside.
    pub events: u32,
    /// How far rates from it can be trusted.
    pub confidence: Confidence,
}

/// Something the operator should know before acting.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Warning {
    /// Stable name.
    pub code: String,
    /// One sentence.
    pub text: String,
    /// The command that helps, when there is one.
    pub command: Option<String>,
}

impl Warning {
    /// A warning with an optional command that helps.
    pub fn new(code: &str, text: impl Into<String>, command: Option<String>) -> Self {
        Self { code: code.to_owned(), text: text.into(), command }
    }
}

/// Totals over the fleet and the plan.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct FleetSummary {
    /// Channels read.
    pub channels: u32,
    /// Of which usable now.
    pub channels_usable: u32,
    /// Sum of capacities.
    #[schemars(with = "u64")]
    pub capacity_msat: Msat,
    /// Sum of our gross balances.
    #[schemars(with = "u64")]
    pub local_msat: Msat,
    /// Sum of the peers' gross balances.
    #[schemars(with = "u64")]
    pub remote_msat: Msat,
    /// Fees earned in the window; absent without forwards.
    #[schemars(with = "Option<u64>")]
    pub earned_msat: Option<Msat>,
    /// Volume forwarded out in the window; absent without forwards.
    #[schemars(with = "Option<u64>")]
    pub forwarded_msat: Option<Msat>,
    /// Median of the realised earning rates, ppm; absent with fewer than two usable channels or without forwards.
    pub median_rate_ppm: Option<u32>,
    /// Median profit per capacity and year, ppm; absent as above.
    pub median_return_ppm_per_year: Option<i64>,
    /// Capacity-weighted mean of the health scores, ppm.
    pub health_score_ppm: Option<u32>,
    /// Dust trimmed on our commitments, hidden dust included.
    #[schemars(with = "u64")]
    pub dust_trimmed_local_msat: Msat,
    /// What closing every channel now would lose in dust and uneconomic outputs.
    #[schemars(with = "u64")]
    pub force_close_lost_msat: Msat,
    /// What closing every channel now would cost in fees.
    #[schemars(with = "u64")]
    pub force_close_fee_msat: Msat,
    /// Actions worth doing.
    pub actions_total: u32,
    /// Actions listed.
    pub actions_shown: u32,
    /// Cost of the listed actions.
    #[schemars(with = "u64")]
    pub cost_msat: Msat,
    /// Routing and chain fees of the listed actions when all of them succeed.
    #[schemars(with = "u64")]
    pub fees_msat: Msat,
    /// Benefit of the listed actions over the horizon.
    #[schemars(with = "u64")]
    pub benefit_msat: Msat,
    /// Benefit minus cost of the listed actions; a benefit nobody can tell counts as nothing.
    #[schemars(with = "i64")]
    pub net_msat: SignedMsat,
    /// Coins the listed actions need on-chain.
    #[schemars(with = "u64")]
    pub needs_on_chain_msat: Msat,
}
