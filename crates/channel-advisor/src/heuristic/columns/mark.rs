//! A channel's verdicts in one byte.

use super::super::health::{Issue, Issues};
use super::super::{ImplementationPriority, SortOrder};

/// A channel's issues, actions and priority. The status follows from the score
/// ([`HealthStatus::of`](crate::heuristic::HealthStatus::of)).
///
/// Bits from the top: two of priority; rebalance (and so imbalanced), splice against dust, splice to grow (and so
/// underutilised); overutilised; high dust ratio. In this order a rank can be cut out of the byte without a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Mark(u8);

/// Bit numbers within a [`Mark`].
pub(super) mod bit {
    pub(in super::super) const HIGH_DUST: u32 = 1;
    pub(in super::super) const OVERUTILIZED: u32 = 2;
    pub(in super::super) const INCREASE: u32 = 3;
    pub(in super::super) const DUST_REMOVAL: u32 = 4;
    pub(in super::super) const REBALANCE: u32 = 5;
    pub(in super::super) const URGENCY_LOW: u32 = 6;
    pub(in super::super) const URGENCY_HIGH: u32 = 7;
}

impl Mark {
    /// The issues.
    pub const fn issues(self) -> Issues {
        Issues::NONE
            .with(Issue::HighDustRatio, self.has(bit::HIGH_DUST))
            .with(Issue::Imbalanced, self.has(bit::REBALANCE))
            .with(Issue::Underutilized, self.has(bit::INCREASE))
            .with(Issue::Overutilized, self.has(bit::OVERUTILIZED))
    }

    /// How urgent the channel is.
    pub const fn implementation_priority(self) -> ImplementationPriority {
        match self.0 >> bit::URGENCY_LOW {
            0 => ImplementationPriority::Low,
            1 => ImplementationPriority::Medium,
            2 => ImplementationPriority::High,
            _ => ImplementationPriority::Critical,
        }
    }

    /// How many actions the channel has.
    pub const fn action_count(self) -> u8 {
        let actions = self.actions();
        (actions >> 2).wrapping_add(actions >> 1 & 1).wrapping_add(actions & 1)
    }

    pub(super) const fn from_bits(bits: u8) -> Self {
        Self(bits)
    }

    /// The actions as bits: 4 a rebalance, 2 a splice against dust, 1 a splice to grow.
    pub(super) const fn actions(self) -> u8 {
        self.0 >> bit::INCREASE & 0b111
    }

    /// The rank of the channel's first action, 0 without one: [`SortOrder::rank`] in arithmetic of bytes, of which the
    /// processor does sixteen at a time.
    #[inline]
    pub(super) const fn best_rank(self, order: SortOrder) -> u8 {
        let actions = self.actions();
        let filled = actions | actions >> 1 | actions >> 2;
        let first = filled ^ filled >> 1;
        let urgency = self.0 >> bit::URGENCY_LOW;
        let rank = match order {
            SortOrder::ImplementationThenAction => urgency << 3 | first,
            SortOrder::ActionThenImplementation => first << 2 | urgency,
        };
        let all_when_any_action = 0_u8.wrapping_sub(filled & 1);
        rank & all_when_any_action
    }

    const fn has(self, bit: u32) -> bool {
        self.0 >> bit & 1 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::ActionKind;
    use super::*;

    #[test]
    fn the_rank_of_a_byte_is_the_rank_of_its_first_action() {
        let kinds = [ActionKind::RebalanceOut, ActionKind::SpliceDustRemoval, ActionKind::SpliceIncrease];
        for order in [SortOrder::ImplementationThenAction, SortOrder::ActionThenImplementation] {
            for mark in (0..=u8::MAX).map(Mark::from_bits) {
                let first = kinds.into_iter().zip([4, 2, 1]).find(|(_, bit)| mark.actions() & bit != 0);
                let rank = first.map_or(0, |(kind, _)| order.rank(mark.implementation_priority(), kind));
                assert_eq!(mark.best_rank(order), rank, "{mark:?} {order:?}");
                assert_eq!(u32::from(mark.action_count()), mark.actions().count_ones());
            }
        }
    }
}
