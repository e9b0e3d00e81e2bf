//! The plan for all channels, as one object and as the seed's closing lines.

use serde::{Serialize, Serializer};

use super::number::{Number, SatTotal};
use super::ranking::{SortOrder, TopTen};
use super::{Action, ChannelRecommendation, HeuristicChannel};

/// The seed's `create_management_plan`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ManagementPlan {
    /// When it was made, as the caller said.
    pub timestamp: String,
    /// How many channels it covers.
    pub total_channels: usize,
    /// The recommendation of each channel, in order; an object by id when serialised.
    #[serde(serialize_with = "by_channel")]
    pub recommendations: Vec<ChannelRecommendation>,
    /// The first ten actions of all.
    pub priority_actions: Vec<Action>,
    /// The fleet in six numbers.
    pub dust_optimization_summary: FleetSummary,
}

/// The fleet in six numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FleetSummary {
    /// Dust of all channels, in sat.
    pub total_dust: SatTotal,
    /// Capacity of all channels, in sat.
    pub total_capacity: SatTotal,
    /// Dust over capacity; integer 0 without capacity.
    pub dust_ratio: Number,
    /// The plain mean of the channels' dust potentials (B18); integer 0 without channels.
    pub optimization_potential: Number,
    /// Seven tenths of all dust, in sat.
    pub estimated_recovery: f64,
    /// How many actions there are, shown or not.
    pub recommended_actions: usize,
}

impl FleetSummary {
    /// The summary of these sums over `channels` channels.
    pub(super) fn of(
        total_dust: SatTotal,
        total_capacity: SatTotal,
        potentials: f64,
        channels: usize,
        recommended_actions: usize,
    ) -> Self {
        Self {
            total_dust,
            total_capacity,
            dust_ratio: total_dust.share_of(total_capacity),
            optimization_potential: mean(potentials, channels),
            estimated_recovery: total_dust.to_f64() * 0.7,
            recommended_actions,
        }
    }
}

impl ManagementPlan {
    /// The plan for `channels`, whose amounts are within bounds.
    pub(super) fn of(channels: &[HeuristicChannel], now: &str, order: SortOrder) -> Self {
        let (mut dust, mut capacity, mut potentials) = (SatTotal::ZERO, SatTotal::ZERO, 0.0);
        let (mut actions, mut top) = (0, TopTen::new());
        let mut recommendations = Vec::with_capacity(channels.len());
        for (row, channel) in channels.iter().enumerate() {
            let advice = ChannelRecommendation::of(channel);
            dust.add_sat(channel.local_dust.to_sat() + channel.remote_dust.to_sat());
            capacity.add_sat(channel.capacity.to_sat());
            potentials += advice.dust_optimization_potential.to_f64();
            actions += advice.recommended_actions.len();
            for (place, action) in advice.recommended_actions.iter().enumerate() {
                top.offer(order.rank(advice.implementation_priority, action.kind), (row, place));
            }
            recommendations.push(advice);
        }
        let shown =
            top.into_items().map(|(row, place)| recommendations[row].recommended_actions[place].clone());
        Self {
            timestamp: now.to_owned(),
            total_channels: channels.len(),
            priority_actions: shown.collect(),
            dust_optimization_summary: FleetSummary::of(dust, capacity, potentials, channels.len(), actions),
            recommendations,
        }
    }

    /// The lines with which the seed's own run ends; the last one only when the plan was written to `saved_to`.
    pub fn summary_lines(&self, saved_to: Option<&str>) -> Vec<String> {
        let summary = &self.dust_optimization_summary;
        let mut lines = vec![
            format!("Management plan created for {} channels", self.total_channels),
            format!("Generated {} priority actions", self.priority_actions.len()),
            format!("Total dust: {} sats", summary.total_dust),
            format!("Optimization potential: {}", percent(summary.optimization_potential)),
        ];
        lines.extend(saved_to.map(|file| format!("Results saved to {file}")));
        lines
    }
}

fn by_channel<S: Serializer>(
    recommendations: &[ChannelRecommendation],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(recommendations.iter().map(|advice| (&advice.channel_id, advice)))
}

#[expect(clippy::cast_precision_loss, reason = "a count of channels is far below 2^53")]
fn mean(sum: f64, count: usize) -> Number {
    if count == 0 { Number::ZERO } else { Number::Float(sum / count as f64) }
}

/// A share in per cent with two decimals. Multiplied first, then rounded half to even on the exact value of the
/// double, as the seed's `.2%` does; that is also how `{:.2}` rounds.
fn percent(share: Number) -> String {
    format!("{:.2}%", share.to_f64() * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_round_ties_to_even() {
        let texts = [0.00125, 0.00375, 0.07, 0.0700000001, 1.0, 0.004_999].map(|x| percent(Number::Float(x)));
        assert_eq!(texts, ["0.12%", "0.38%", "7.00%", "7.00%", "100.00%", "0.50%"]);
        assert_eq!(percent(Number::ZERO), "0.00%");
    }
}
