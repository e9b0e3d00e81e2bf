//! What is known about each channel before any remedy is priced.

use channel_core::dust::TrimLimit;
use channel_core::quantity::PerSide;
use channel_core::{FeerateKw, Msat, SignedMsat};

use super::balance::Balance;
use crate::plan::{Confidence, DustReport, HealthReport, Role, Warning, Window};
use crate::snapshot::{ChannelSnapshot, Knowledge};

/// What moved through a channel in the window (advisor formulas: reference c1).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChannelFlow {
    /// Volume in.
    pub amount_in: Msat,
    /// Volume out.
    pub amount_out: Msat,
    /// Forwards in.
    pub count_in: u32,
    /// Forwards out.
    pub count_out: u32,
    /// Fees earned on volume out.
    pub fee_out: Msat,
    /// Fees earned elsewhere on volume in.
    pub fee_in: Msat,
    /// Cost of rebalances into this channel; `None` without a listing of payments.
    pub rebalance_cost: Option<Msat>,
    /// Net outflow a day, (out − in) / T.
    pub drain_per_day: SignedMsat,
    /// Standard deviation of the daily net outflow.
    pub sigma_per_day: Msat,
    /// (in + out) / (2 · capacity · T), ppm a day.
    pub turnover_ppm_per_day: u32,
    /// Advertised rate incl. base fee at the median forward size, capped, ppm.
    pub advertised_ppm: u32,
    /// ê: realised earning rate with shrinkage, ppm.
    pub rate_ppm: u32,
    /// π: fee_out · (1 − λ) + λ · fee_in − rebalance cost.
    pub profit: SignedMsat,
    /// More was net-forwarded than the capacity allows: payments not shown refilled the channel.
    pub profit_is_upper_bound: bool,
    /// What the channel is used for.
    pub role: Role,
    /// How far these figures can be trusted.
    pub confidence: Confidence,
    /// Largest single forward out.
    pub largest_out: Msat,
}

/// What the peer asks for the last hop towards us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct LastHop {
    /// Fixed part.
    pub base: Msat,
    /// Proportional part, ppm.
    pub ppm: u32,
    /// The peer switched the direction off.
    pub disabled: bool,
}

impl LastHop {
    /// A last hop that is switched on.
    pub const fn new(base: Msat, ppm: u32) -> Self {
        Self { base, ppm, disabled: false }
    }

    /// The fee for forwarding `amount` towards us (BOLT 7).
    pub fn fee(&self, amount: Msat) -> Msat {
        self.base.saturating_add(amount.ppm(u64::from(self.ppm)))
    }
}

/// One channel with its evidence.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Evidence<'a> {
    /// The channel.
    pub channel: &'a ChannelSnapshot,
    /// Its flow; `None` without forwards.
    pub flow: Option<ChannelFlow>,
    /// Whether it can be used now (active and not disabled, no splice pending).
    pub usable: Knowledge,
    /// Our reserve as used: as listed, else 1 % of the capacity and at least both dust limits.
    pub reserve_local: Msat,
    /// The peer's reserve as used.
    pub reserve_remote: Msat,
    /// The trim limits as used: as listed, else the implementation's default for ours and ours for the peer's.
    pub trim: PerSide<TrimLimit>,
    /// What we can send in one more HTLC: after reserve, commitment fee with buffer and anchors when we opened, limits.
    pub spendable: Msat,
    /// What we can receive in one more HTLC.
    pub receivable: Msat,
    /// The most that we can splice out, our share of the fee included: what the reserve of the smaller channel, fee and
    /// anchors leave of our balance.
    pub splice_out_maximum: Msat,
    /// The gross local balance to aim for: horizon · max(d, 0) + z · σ on our side and the mirror on the other, clamped
    /// into the spendable range; the middle for routers. `None` without flow.
    pub target_local: Option<Msat>,
    /// What the expected outflow needs on our side: horizon · max(d, 0) + z · σ. `None` without flow.
    pub want_local: Option<Msat>,
    /// What the expected inflow needs on the peer's side: horizon · max(−d, 0) + z · σ. `None` without flow.
    pub want_remote: Option<Msat>,
    /// Age in days.
    pub age_days: Option<u32>,
    /// What the last hop towards us costs; `None` when unknown (private, no graph).
    pub last_hop: Option<LastHop>,
    /// Whether this node and the peer can splice this channel, both considered.
    pub can_splice: Knowledge,
    /// The dust ledger.
    pub dust: DustReport,
    /// Health.
    pub health: HealthReport,
}

impl Evidence<'_> {
    /// Hours until the demanded side is empty at the channel's net flow: what we can send for an outflow, what we can
    /// receive for an inflow. `None` without flow or when nothing flows on balance.
    pub fn depletion_hours(&self) -> Option<u64> {
        let balance = Balance { spendable: self.spendable, receivable: self.receivable };
        balance.depletion_hours(self.flow.as_ref()?.drain_per_day)
    }
}

/// The fleet with its evidence.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FleetEvidence<'a> {
    /// The channels, in the snapshot's order.
    pub channels: Vec<Evidence<'a>>,
    /// The span of the forwards used; `None` without forwards.
    pub window: Option<Window>,
    /// The window's length in seconds as rates were divided by it, at least a day; `None` without forwards.
    pub window_seconds: Option<u64>,
    /// The feerate as used.
    pub feerate: FeerateKw,
    /// Median realised rate of usable channels that forwarded, ppm; `None` with fewer than two.
    pub median_rate_ppm: Option<u32>,
    /// Median profit per capacity and year, ppm; `None` with fewer than two usable channels or without forwards.
    pub median_return_ppm_per_year: Option<i64>,
    /// Warnings about the evidence (old, short or truncated forwards).
    pub warnings: Vec<Warning>,
    /// What had to be assumed.
    pub assumptions: Vec<crate::snapshot::Assumption>,
}
