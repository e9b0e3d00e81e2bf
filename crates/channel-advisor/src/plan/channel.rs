//! One channel with its evidence.

use std::borrow::Cow;

use channel_core::{FeerateKw, Msat, SignedMsat};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Action, Reason};
use crate::snapshot::{ChannelKey, CommitmentKind, Knowledge, PeerId};

/// How far a figure can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// No evidence.
    None,
    /// Thin or truncated evidence.
    Low,
    /// Some weeks or some dozens of events.
    Medium,
    /// Enough of both.
    High,
}

/// What a channel is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Role {
    /// Most volume leaves through it.
    Sink,
    /// Most volume comes in through it.
    Source,
    /// Both ways.
    Router,
    /// Under 1 % of its capacity a day.
    Dormant,
    /// No forwards to tell from.
    Unknown,
}

/// What moved through a channel in the window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct FlowReport {
    /// Volume that came in.
    #[schemars(with = "u64")]
    pub in_msat: Msat,
    /// Volume that went out.
    #[schemars(with = "u64")]
    pub out_msat: Msat,
    /// Forwards that came in.
    pub count_in: u32,
    /// Forwards that went out.
    pub count_out: u32,
    /// Fees earned on what went out.
    #[schemars(with = "u64")]
    pub fee_out_msat: Msat,
    /// Fees earned elsewhere on what came in here.
    #[schemars(with = "u64")]
    pub fee_in_msat: Msat,
    /// What rebalances into this channel cost; absent without a listing of payments.
    #[schemars(with = "Option<u64>")]
    pub rebalance_cost_msat: Option<Msat>,
    /// Net outflow a day; negative: inflow.
    #[schemars(with = "i64")]
    pub drain_msat_per_day: SignedMsat,
    /// (in + out) / 2 / capacity a day, ppm.
    pub turnover_ppm_per_day: u32,
    /// Hours until the side in demand is empty at this drain; absent when it is not draining.
    pub depletion_hours: Option<u64>,
    /// Realised earning rate, shrunk towards the advertised one, ppm.
    pub rate_ppm: u32,
    /// Fees of both directions by λ, minus rebalances.
    #[schemars(with = "i64")]
    pub profit_msat: SignedMsat,
    /// Set when more was net-forwarded than the capacity: payments not shown refilled the channel.
    pub profit_is_upper_bound: bool,
    /// Profit per capacity and year, ppm.
    pub return_ppm_per_year: i64,
}

/// A named part of the health score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct HealthPart {
    /// `earning`, `liquidity_fit`, `reliability`, `dust_and_close_risk`, `capital_efficiency`.
    pub name: Cow<'static, str>,
    /// 0 (bad) to 1,000,000 (good); absent when no input tells.
    pub score_ppm: Option<u32>,
    /// Its share of the total when every part is known, ppm.
    pub weight_ppm: u32,
    /// How far it can be trusted.
    pub confidence: Confidence,
    /// The figures behind it, one sentence.
    pub evidence: Cow<'static, str>,
}

/// A class of health.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HealthStatus {
    /// Nothing to do.
    Healthy,
    /// Something is off.
    AttentionNeeded,
    /// Something is wrong.
    Unhealthy,
    /// Too little is known.
    Unknown,
}

/// The health of a channel from named parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct HealthReport {
    /// Weighted mean of the known parts, ppm; absent when none is known.
    pub score_ppm: Option<u32>,
    /// The class.
    pub status: HealthStatus,
    /// How far the score can be trusted.
    pub confidence: Confidence,
    /// The parts.
    pub parts: Vec<HealthPart>,
    /// What is wrong, with figures.
    pub issues: Vec<Reason>,
}

/// What a force-close now would cost and lose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct ForceClose {
    /// Chain fees to get everything out that is worth it.
    #[schemars(with = "u64")]
    pub fee_msat: Msat,
    /// Value lost: trimmed HTLCs and balances, outputs that cost more than they hold.
    #[schemars(with = "u64")]
    pub lost_msat: Msat,
    /// Blocks our balance stays locked; absent when not told.
    pub locked_blocks: Option<u16>,
}

/// One point of the stress curve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct StressPoint {
    /// The feerate.
    #[schemars(with = "u32")]
    pub feerate_sat_per_kw: FeerateKw,
    /// Value in outputs that would not be worth claiming, trimmed ones included.
    #[schemars(with = "u64")]
    pub lost_msat: Msat,
    /// Chain fees of a force-close.
    #[schemars(with = "u64")]
    pub fee_msat: Msat,
}

/// The dust ledger of a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct DustReport {
    /// Dust limit of our commitment as used.
    pub dust_limit_local_sat: u64,
    /// Dust limit of the peer's commitment as used.
    pub dust_limit_remote_sat: u64,
    /// HTLCs and balances trimmed on our commitment.
    #[schemars(with = "u64")]
    pub trimmed_local_msat: Msat,
    /// HTLCs and balances trimmed on the peer's commitment.
    #[schemars(with = "u64")]
    pub trimmed_remote_msat: Msat,
    /// Number of HTLCs trimmed on our commitment.
    pub trimmed_htlcs_local: u32,
    /// Number of HTLCs trimmed on the peer's commitment.
    pub trimmed_htlcs_remote: u32,
    /// Trimmed value that LND's `commit_fee` hides, recovered from it; absent for other listings.
    #[schemars(with = "Option<u64>")]
    pub hidden_msat: Option<Msat>,
    /// Value of outputs above the dust limit that cost more to claim than they hold, at the plan's feerate.
    #[schemars(with = "u64")]
    pub uneconomic_msat: Msat,
    /// The larger of both commitments' dust, the figure that implementations cap.
    #[schemars(with = "u64")]
    pub exposure_msat: Msat,
    /// The cap it is held against.
    #[schemars(with = "u64")]
    pub exposure_cap_msat: Msat,
    /// The dust limit to ask for at the plan's feerate.
    pub advised_dust_limit_sat: u64,
    /// A force-close now.
    pub force_close: ForceClose,
    /// The same at 1, 5, 20, 50 and 100 sat/vB.
    pub stress: Vec<StressPoint>,
    /// What the ledger says, for people; empty when there is no dust.
    pub notes: Vec<Reason>,
}

/// One channel: state, evidence, remedies.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct ChannelReport {
    /// The listing's name of the channel.
    #[schemars(with = "String")]
    pub channel: ChannelKey,
    /// Short channel id, `block x tx x output`.
    pub short_channel_id: Option<String>,
    /// What people call it.
    pub label: String,
    /// The peer.
    pub peer: Option<PeerId>,
    /// Capacity.
    #[schemars(with = "u64")]
    pub capacity_msat: Msat,
    /// Our gross balance.
    #[schemars(with = "u64")]
    pub local_msat: Msat,
    /// The peer's gross balance.
    #[schemars(with = "u64")]
    pub remote_msat: Msat,
    /// Pending HTLCs, both ways.
    #[schemars(with = "u64")]
    pub in_flight_msat: Msat,
    /// What we can send after reserve and fees.
    #[schemars(with = "u64")]
    pub spendable_msat: Msat,
    /// What we can receive after the peer's reserve.
    #[schemars(with = "u64")]
    pub receivable_msat: Msat,
    /// Commitment type.
    pub commitment: CommitmentKind,
    /// Usable now; unknown when the listing does not tell.
    pub active: Knowledge,
    /// Unannounced; unknown when the listing does not tell.
    pub private: Knowledge,
    /// Whether the peer can splice.
    pub peer_splices: Knowledge,
    /// Age in days, from the short channel id and the tip (or the opening time); absent when neither tells.
    pub age_days: Option<u32>,
    /// Our outgoing rate, ppm.
    pub fee_ppm: Option<u32>,
    /// Our outgoing base fee.
    #[schemars(with = "Option<u64>")]
    pub fee_base_msat: Option<Msat>,
    /// What the peer asks on the last hop towards us, ppm (base fee left out); absent when unknown.
    pub last_hop_ppm: Option<u32>,
    /// What it is used for.
    pub role: Role,
    /// What moved; absent without forwards.
    pub flow: Option<FlowReport>,
    /// The share of capacity we would hold at the target, ppm; absent without forwards.
    pub target_local_ppm: Option<u32>,
    /// Health.
    pub health: HealthReport,
    /// The dust ledger.
    pub dust: DustReport,
    /// Every remedy that was priced, the best first.
    pub remedies: Vec<Action>,
    /// Ids of the actions of the plan that touch this channel.
    pub chosen: Vec<String>,
    /// Why nothing was chosen; absent when something was.
    pub no_action: Option<Reason>,
}
