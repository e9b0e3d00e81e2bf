//! Everything the heuristic has to say about one channel.

use serde::Serialize;

use super::health::{self, BAD_SCORE, GOOD_SCORE};
use super::number::Number;
use super::{Action, ChannelHealth, HeuristicChannel};
use crate::snapshot::ChannelKey;

/// The dust potential above which a channel of good score still has priority 5.
pub(super) const NOTABLE_POTENTIAL: f64 = 0.3;

/// How urgent a channel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ImplementationPriority {
    /// 3: none of the below.
    Low,
    /// 5: a dust potential over 0.3.
    Medium,
    /// 7: a score under 0.7.
    High,
    /// 10: a score under 0.4.
    Critical,
}

impl ImplementationPriority {
    /// The priority of a score and a dust potential. At exactly 0.4 and 0.7 it disagrees with the status (B5).
    pub fn of(score: f64, potential: f64) -> Self {
        if score < BAD_SCORE {
            Self::Critical
        } else if score < GOOD_SCORE {
            Self::High
        } else if potential > NOTABLE_POTENTIAL {
            Self::Medium
        } else {
            Self::Low
        }
    }

    /// The number in the plan: 3, 5, 7 or 10.
    pub const fn value(self) -> u8 {
        match self {
            Self::Low => 3,
            Self::Medium => 5,
            Self::High => 7,
            Self::Critical => 10,
        }
    }
}

impl Serialize for ImplementationPriority {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.value())
    }
}

/// The seed's `ChannelRecommendation`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChannelRecommendation {
    /// The channel.
    pub channel_id: ChannelKey,
    /// Its health.
    pub current_state: ChannelHealth,
    /// What to do, by falling priority.
    pub recommended_actions: Vec<Action>,
    /// `min(1, 2 * dust_ratio)`; integer 0 without capacity.
    pub dust_optimization_potential: Number,
    /// Benefit over cost, against its name (B16); integer 0 where the cost is not positive.
    pub cost_benefit_ratio: Number,
    /// How urgent the channel is.
    pub implementation_priority: ImplementationPriority,
}

impl ChannelRecommendation {
    /// Judges one channel, whose amounts are within bounds.
    pub(super) fn of(channel: &HeuristicChannel) -> Self {
        let health = ChannelHealth::of(channel);
        // Rebalance before splices is already the order of falling priority.
        let actions: Vec<_> = Action::rebalance(channel, &health)
            .into_iter()
            .chain(Action::splices(channel, &health))
            .collect();
        let potential = health::dust_potential(health.dust_ratio);
        Self {
            channel_id: channel.id.clone(),
            dust_optimization_potential: potential,
            cost_benefit_ratio: cost_benefit(&actions),
            implementation_priority: ImplementationPriority::of(health.health_score, potential.to_f64()),
            recommended_actions: actions,
            current_state: health,
        }
    }
}

fn cost_benefit(actions: &[Action]) -> Number {
    let (mut cost, mut benefit) = (0.0, 0.0);
    for action in actions {
        cost += action.expected_cost.to_f64();
        benefit += action.expected_benefit;
    }
    if cost > 0.0 { Number::Float(benefit / cost) } else { Number::ZERO }
}
