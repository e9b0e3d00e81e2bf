//! Health of one channel: three ratios, a score and up to three complaints.

use serde::{Serialize, Serializer};

use super::number::Number;
use super::{HeuristicChannel, number::whole};
use crate::snapshot::ChannelKey;

/// Above this share of dust in capacity a channel is [`Issue::HighDustRatio`].
pub(super) const DUST_SHARE: f64 = 0.1;
/// Below this ratio of the smaller to the larger balance a channel is [`Issue::Imbalanced`].
pub(super) const BALANCE_RATIO: f64 = 0.2;
/// Below this share of both balances in capacity a channel is [`Issue::Underutilized`].
pub(super) const IDLE_SHARE: f64 = 0.3;
/// Above this share of both balances in capacity a channel is [`Issue::Overutilized`].
pub(super) const BUSY_SHARE: f64 = 0.9;
/// The score above which a channel is healthy, and below which its priority is at least 7.
pub(super) const GOOD_SCORE: f64 = 0.7;
/// The score up to which a channel is unhealthy, and below which its priority is 10.
pub(super) const BAD_SCORE: f64 = 0.4;

/// A complaint about a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Issue {
    /// Dust is over a tenth of capacity.
    HighDustRatio,
    /// The smaller balance is under a fifth of the larger.
    Imbalanced,
    /// Both balances together are under three tenths of capacity.
    Underutilized,
    /// Both balances together are over nine tenths of capacity: nearly every quiet channel (B2).
    Overutilized,
}

impl Issue {
    /// Every issue, in the order a report lists them.
    pub const ALL: [Self; 4] =
        [Self::HighDustRatio, Self::Imbalanced, Self::Underutilized, Self::Overutilized];
}

/// A set of issues; listed in the order of [`Issue::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Issues(u8);

impl Issues {
    /// No issue.
    pub const NONE: Self = Self(0);

    /// Whether `issue` is among them.
    pub const fn contains(self, issue: Issue) -> bool {
        self.0 & (1 << issue as u8) != 0
    }

    /// The issues in order.
    pub fn iter(self) -> impl Iterator<Item = Issue> {
        Issue::ALL.into_iter().filter(move |issue| self.contains(*issue))
    }

    /// This set with `issue` when `present`.
    pub(super) const fn with(self, issue: Issue, present: bool) -> Self {
        Self(self.0 | (present as u8) << issue as u8)
    }
}

impl Serialize for Issues {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

/// The verdict on a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HealthStatus {
    /// Score over 0.7.
    Healthy,
    /// Score over 0.4, up to 0.7.
    AttentionNeeded,
    /// Score up to 0.4.
    Unhealthy,
}

impl HealthStatus {
    /// The verdict on `score`.
    pub fn of(score: f64) -> Self {
        if score > GOOD_SCORE {
            Self::Healthy
        } else if score > BAD_SCORE {
            Self::AttentionNeeded
        } else {
            Self::Unhealthy
        }
    }
}

/// The seed's `analyze_channel_health`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChannelHealth {
    /// The channel.
    pub channel_id: ChannelKey,
    /// `0.4 * balance_ratio + 0.3 * (1 - dust_ratio) + 0.3 * utilization`. Not confined to 0..=1 (B4).
    pub health_score: f64,
    /// The smaller balance over the larger; integer 0 when both are empty.
    pub balance_ratio: Number,
    /// Dust over capacity; integer 0 without capacity.
    pub dust_ratio: Number,
    /// Both balances over capacity; integer 0 without capacity.
    pub utilization: Number,
    /// The complaints.
    pub issues: Issues,
    /// The verdict on the score.
    pub health_status: HealthStatus,
}

impl ChannelHealth {
    /// Judges one channel, whose amounts are within bounds.
    pub(super) fn of(channel: &HeuristicChannel) -> Self {
        let (local, remote) = (channel.local_balance.to_sat(), channel.remote_balance.to_sat());
        let capacity = channel.capacity.to_sat();
        let dust = channel.local_dust.to_sat() + channel.remote_dust.to_sat();
        let balance_ratio = Number::ratio(local.min(remote), local.max(remote));
        let dust_ratio = Number::ratio(dust, capacity);
        let utilization = Number::ratio(local + remote, capacity);
        let (balance, dusty, used) = (balance_ratio.to_f64(), dust_ratio.to_f64(), utilization.to_f64());
        let health_score = score(balance, dusty, used);
        Self {
            channel_id: channel.id.clone(),
            health_score,
            balance_ratio,
            dust_ratio,
            utilization,
            issues: Issues::NONE
                .with(Issue::HighDustRatio, dusty > DUST_SHARE)
                .with(Issue::Imbalanced, balance < BALANCE_RATIO)
                .with(Issue::Underutilized, used < IDLE_SHARE)
                .with(Issue::Overutilized, used > BUSY_SHARE),
            health_status: HealthStatus::of(health_score),
        }
    }
}

/// The score of three ratios. The order of operations decides the last bit.
#[inline]
pub(super) fn score(balance: f64, dust: f64, used: f64) -> f64 {
    balance * 0.4 + (1.0 - dust) * 0.3 + used * 0.3
}

/// The dust share above which the seed reads potential: `min(1, 2 * dust_ratio)`, an integer 0 without capacity.
pub(super) fn dust_potential(dust_ratio: Number) -> Number {
    match dust_ratio {
        Number::Int(_) => Number::ZERO,
        Number::Float(ratio) => Number::Float((ratio * 2.0).min(whole(1))),
    }
}
