//! The ten actions that come first.

use super::{ActionKind, ImplementationPriority};

/// How many actions a plan lists.
pub(super) const SHOWN: usize = 10;

/// By what a plan sorts its actions, highest first. Ties keep the order of channels, then of a channel's actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SortOrder {
    /// By the channel's priority, then by the action's: what the seed's comment says.
    #[default]
    ImplementationThenAction,
    /// By the action's priority, then by the channel's: what the seed's failing line would have done.
    ActionThenImplementation,
}

impl SortOrder {
    /// The place of an action in this order as one number, higher first and never 0.
    pub(super) const fn rank(self, urgency: ImplementationPriority, kind: ActionKind) -> u8 {
        let (channel, action) = (urgency as u8, 1 << (kind.priority() - 5));
        match self {
            Self::ImplementationThenAction => channel << 3 | action,
            Self::ActionThenImplementation => action << 2 | channel,
        }
    }
}

/// Keeps the first ten of what is offered, by falling rank; equal ranks stay in the order offered.
#[derive(Debug, Clone)]
pub(super) struct TopTen<T> {
    entries: Vec<(u8, T)>,
}

impl<T> TopTen<T> {
    pub(super) fn new() -> Self {
        Self { entries: Vec::with_capacity(SHOWN + 1) }
    }

    /// The rank a newcomer must exceed; 0 while there is room.
    #[inline]
    pub(super) fn bar(&self) -> u8 {
        self.entries.get(SHOWN - 1).map_or(0, |(rank, _)| *rank)
    }

    /// Takes `item` in if it ranks among the first ten.
    #[inline]
    pub(super) fn offer(&mut self, rank: u8, item: T) {
        if rank > self.bar() {
            let place = self.entries.partition_point(|(other, _)| *other >= rank);
            self.entries.insert(place, (rank, item));
            self.entries.truncate(SHOWN);
        }
    }

    pub(super) fn into_items(self) -> impl Iterator<Item = T> {
        self.entries.into_iter().map(|(_, item)| item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URGENCIES: [ImplementationPriority; 4] = [
        ImplementationPriority::Low,
        ImplementationPriority::Medium,
        ImplementationPriority::High,
        ImplementationPriority::Critical,
    ];
    const KINDS: [ActionKind; 4] = [
        ActionKind::RebalanceOut,
        ActionKind::RebalanceIn,
        ActionKind::SpliceDustRemoval,
        ActionKind::SpliceIncrease,
    ];

    #[test]
    fn ranks_order_as_the_pairs_of_priorities_do() {
        let pairs = || URGENCIES.into_iter().flat_map(|urgency| KINDS.map(|kind| (urgency, kind)));
        for (a, b) in pairs().flat_map(|a| pairs().map(move |b| (a, b))) {
            let rank = |order: SortOrder, (urgency, kind)| order.rank(urgency, kind);
            let pair =
                |(urgency, kind): (ImplementationPriority, ActionKind)| (urgency.value(), kind.priority());
            let swapped = |pair: (u8, u8)| (pair.1, pair.0);
            let first = SortOrder::ImplementationThenAction;
            assert_eq!(rank(first, a).cmp(&rank(first, b)), pair(a).cmp(&pair(b)));
            let second = SortOrder::ActionThenImplementation;
            assert_eq!(rank(second, a).cmp(&rank(second, b)), swapped(pair(a)).cmp(&swapped(pair(b))));
            assert!(rank(first, a) > 0 && rank(second, a) > 0);
        }
    }

    #[test]
    fn ten_are_kept_and_ties_stay_in_order() {
        let offers: Vec<(u8, usize)> = (0..200).map(|i| (u8::try_from(i * 37 % 5).unwrap() + 1, i)).collect();
        let mut top = TopTen::new();
        for (rank, item) in offers.iter().copied() {
            top.offer(rank, item);
        }
        let mut sorted = offers;
        sorted.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
        let expected: Vec<usize> = sorted.into_iter().map(|(_, item)| item).take(SHOWN).collect();
        assert_eq!(top.into_items().collect::<Vec<_>>(), expected);
    }
}
