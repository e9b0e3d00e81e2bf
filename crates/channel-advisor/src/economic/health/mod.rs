//! The health of a channel: five named parts, each with its evidence, and the issues that stand out.

mod issues;
mod medians;
mod parts;

use channel_core::Msat;

use super::balance::{Balance, Targets};
use super::terms::Terms;
use super::window::FlowWindow;
use super::{ChannelFlow, LastHop, Options};
use crate::plan::{Confidence, DustReport, HealthPart, HealthReport, HealthStatus};
use crate::snapshot::{ChannelSnapshot, Knowledge};
pub(super) use medians::{FleetMedians, return_ppm_per_year};

/// From this score on a channel without issues is healthy.
const HEALTHY_PPM: u32 = 500_000;
/// Below this score a channel is unhealthy.
const UNHEALTHY_PPM: u32 = 250_000;
/// With less than this share of the weights known, nothing is said.
const KNOWN_PPM: u64 = 300_000;

/// Everything health is judged from.
pub(super) struct Examined<'a> {
    pub(super) channel: &'a ChannelSnapshot,
    pub(super) terms: &'a Terms,
    pub(super) flow: Option<&'a ChannelFlow>,
    pub(super) window: Option<&'a FlowWindow>,
    pub(super) balance: Balance,
    pub(super) targets: Option<Targets>,
    pub(super) usable: Knowledge,
    pub(super) age_days: Option<u32>,
    pub(super) last_hop: Option<LastHop>,
    pub(super) dust: &'a DustReport,
    /// How many listed channels this peer has, this one included.
    pub(super) channels_with_peer: usize,
    pub(super) medians: &'a FleetMedians,
    pub(super) options: &'a Options,
}

impl Examined<'_> {
    /// The report.
    pub(super) fn report(&self) -> HealthReport {
        let parts = vec![
            parts::earning(self),
            parts::liquidity_fit(self),
            parts::reliability(self),
            parts::dust_and_close_risk(self),
            parts::capital_efficiency(self),
        ];
        let issues = issues::issues(self);
        let score = score(&parts);
        HealthReport {
            score_ppm: score,
            status: status(&parts, score, issues.is_empty()),
            confidence: confidence(&parts),
            parts,
            issues,
        }
    }

    /// Hours until the demanded side is empty at this drain, and which balance that is; `None` without a net flow.
    fn depletion(&self) -> Option<Depletion> {
        let drain = self.flow?.drain_per_day;
        let outbound = drain.is_positive();
        Some(Depletion {
            hours: self.balance.depletion_hours(drain)?,
            left: if outbound { self.balance.spendable } else { self.balance.receivable },
            per_day: Msat::from_msat(drain.to_msat().unsigned_abs()),
            outbound,
        })
    }
}

/// How soon the side in demand runs dry.
struct Depletion {
    hours: u64,
    left: Msat,
    per_day: Msat,
    outbound: bool,
}

/// The weighted mean of the known parts.
fn score(parts: &[HealthPart]) -> Option<u32> {
    let known =
        parts.iter().filter_map(|part| Some((u64::from(part.score_ppm?), u64::from(part.weight_ppm))));
    let (sum, weight) = known.fold((0, 0), |(sum, weight), (score, w)| (sum + score * w, weight + w));
    u32::try_from(sum.checked_div(weight)?).ok()
}

fn status(parts: &[HealthPart], score: Option<u32>, without_issues: bool) -> HealthStatus {
    let known: u64 =
        parts.iter().filter(|part| part.score_ppm.is_some()).map(|part| u64::from(part.weight_ppm)).sum();
    match score {
        Some(score) if known >= KNOWN_PPM => match score {
            ..UNHEALTHY_PPM => HealthStatus::Unhealthy,
            HEALTHY_PPM.. if without_issues => HealthStatus::Healthy,
            _ => HealthStatus::AttentionNeeded,
        },
        _ if !without_issues => HealthStatus::AttentionNeeded,
        _ => HealthStatus::Unknown,
    }
}

/// The lowest confidence among the known parts; an unknown part leaves at most `Medium`.
fn confidence(parts: &[HealthPart]) -> Confidence {
    let lowest = parts.iter().filter(|part| part.score_ppm.is_some()).map(|part| part.confidence).min();
    let most =
        if parts.iter().all(|part| part.score_ppm.is_some()) { Confidence::High } else { Confidence::Medium };
    lowest.unwrap_or(Confidence::None).min(most)
}
