//! What the caller decides: the time of the plan, the feerate, every default of the formulas.

use std::collections::BTreeMap;

use bitcoin::Amount;
use channel_core::dust::DustProfile;
use channel_core::{FeerateKw, Msat};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::plan::Role;

/// What shapes a plan beside the snapshot. [`Options::at`] gives the stated defaults.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Options {
    /// The time the plan is made for.
    pub now: Timestamp,
    /// The feerate of on-chain actions; `None`: the node's estimate, else [`Options::DEFAULT_FEERATE`].
    pub feerate: Option<FeerateKw>,
    /// Days of forwards that count, back from the newest; `None`: the forwards' own span.
    pub window_days: Option<u32>,
    /// Days over which benefits are counted (H).
    pub horizon_days: u32,
    /// λ: the share of a forward's fee credited to the channel it came in through, ppm.
    pub profit_split_ppm: u32,
    /// m: the share of the target's rate that a rebalance may cost, ppm.
    pub econ_ratio_ppm: u32,
    /// v0: volume of belief in the advertised rate.
    pub shrinkage_volume: Msat,
    /// z: standard deviations of daily flow kept as a margin, in thousandths.
    pub margin_z_milli: u32,
    /// The cap on advertised rates, ppm.
    pub rate_cap_ppm: u32,
    /// What a failed rebalance costs.
    pub failure_cost: Msat,
    /// y: yearly yield of the best other use of coins, ppm.
    pub other_yield_ppm_per_year: u32,
    /// Route price without a graph, ppm.
    pub assumed_route_ppm: u32,
    /// Success probability without a graph, ppm.
    pub assumed_success_ppm: u32,
    /// Price of risk on routes, ppm per unit of −ln p.
    pub route_risk_ppm: u32,
    /// Longest route, own channels included.
    pub max_hops: u8,
    /// Largest relative step of a fee change, ppm.
    pub max_fee_step_ppm: u32,
    /// Cool-down after an action on a channel, days.
    pub cooldown_days: u32,
    /// The most a plan may cost, routing plus chain fees.
    pub budget: Option<Msat>,
    /// Confirmed coins of the own wallet; wins over the snapshot's.
    pub wallet: Option<Amount>,
    /// The dust limit below which advice treats an amount as dust; named by the dust profile.
    pub dust_profile: DustProfile,
    /// How many actions a plan lists at most.
    pub max_actions: u32,
    /// Actions of past plans, newest last; `None`: no history was given.
    pub history: Option<Vec<PastAction>>,
}

impl Options {
    /// The feerate assumed when neither caller nor listing gives one: 10 sat/vB.
    pub const DEFAULT_FEERATE: FeerateKw = FeerateKw::from_sat_per_kw(2500);

    /// The stated defaults, for a plan made at `now`.
    pub const fn at(now: Timestamp) -> Self {
        Self {
            now,
            feerate: None,
            window_days: None,
            horizon_days: 30,
            profit_split_ppm: 500_000,
            econ_ratio_ppm: 650_000,
            shrinkage_volume: Msat::from_msat(1_000_000_000),
            margin_z_milli: 1000,
            rate_cap_ppm: 2000,
            failure_cost: Msat::ZERO,
            other_yield_ppm_per_year: 0,
            assumed_route_ppm: 500,
            assumed_success_ppm: 500_000,
            route_risk_ppm: 300,
            max_hops: 8,
            max_fee_step_ppm: 250_000,
            cooldown_days: 3,
            budget: None,
            wallet: None,
            dust_profile: DustProfile::Standard,
            max_actions: 20,
            history: None,
        }
    }
}

/// An action of a past plan, as the history file keeps it: one JSON object a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PastAction {
    /// When the plan was made.
    pub planned_at: Timestamp,
    /// The action's id.
    pub id: String,
    /// Its kind, as the plan's JSON names it.
    pub kind: String,
    /// The channels it touched.
    pub channels: Vec<String>,
    /// The role each channel had, by its key; only in the line that stands for the plan itself (kind `plan`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub roles: BTreeMap<String, Role>,
}
