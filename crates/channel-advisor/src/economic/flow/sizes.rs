//! The size of a usual forward, per channel and for the fleet.

use std::collections::HashMap;

use channel_core::Msat;

use super::ASSUMED_FORWARD;
use super::tally::{Tally, inside};
use crate::economic::window::FlowWindow;
use crate::snapshot::{ChannelKey, ForwardHistory};

/// Median sizes of forwards out.
pub(super) struct MedianSizes {
    channels: Vec<Option<Msat>>,
    fleet: Msat,
}

impl MedianSizes {
    /// The median of a channel's forwards out, else of the fleet's, else 100,000 sat.
    pub(super) fn of(&self, channel: usize) -> Msat {
        self.channels.get(channel).copied().flatten().unwrap_or(self.fleet)
    }
}

/// Takes the medians in linear time: forwards are grouped by channel through the counts already taken. Where only
/// totals are known the mean stands for the median.
pub(super) fn median_sizes(
    tallies: &[Tally],
    history: &ForwardHistory,
    window: &FlowWindow,
    index: &HashMap<&ChannelKey, u32>,
) -> MedianSizes {
    if history.events.is_empty() {
        return mean_sizes(tallies);
    }
    let mut starts = Vec::with_capacity(tallies.len() + 1);
    let mut total = 0_usize;
    for tally in tallies {
        starts.push(total);
        total += tally.count_out as usize;
    }
    let mut next = starts.clone();
    let mut sizes = vec![Msat::ZERO; total];
    for forward in inside(history, window) {
        if let Some(at) = index.get(&forward.outgoing) {
            let slot = &mut next[*at as usize];
            sizes[*slot] = forward.amount_out;
            *slot += 1;
        }
    }
    let channels = starts.iter().zip(&next).map(|(start, end)| median(&mut sizes[*start..*end])).collect();
    let fleet = median(&mut sizes).unwrap_or(ASSUMED_FORWARD);
    MedianSizes { channels, fleet }
}

fn mean_sizes(tallies: &[Tally]) -> MedianSizes {
    let mean = |amount: u128, count: u128| {
        let mean = amount.checked_div(count)?;
        Some(Msat::from_msat(u64::try_from(mean).unwrap_or(u64::MAX)))
    };
    let of = |tally: &Tally| (u128::from(tally.amount_out.to_msat()), u128::from(tally.count_out));
    let channels = tallies.iter().map(|tally| mean(of(tally).0, of(tally).1)).collect();
    let (amount, count) = tallies.iter().map(of).fold((0, 0), |sum, of| (sum.0 + of.0, sum.1 + of.1));
    MedianSizes { channels, fleet: mean(amount, count).unwrap_or(ASSUMED_FORWARD) }
}

/// The median; between two middle values their mean, rounded down. `None` of nothing.
fn median(sizes: &mut [Msat]) -> Option<Msat> {
    let middle = sizes.len() / 2;
    if sizes.is_empty() {
        return None;
    }
    let even = sizes.len().is_multiple_of(2);
    let (below, upper, _) = sizes.select_nth_unstable(middle);
    let lower = below.iter().max().copied().filter(|_| even).unwrap_or(*upper);
    let (lower, upper) = (lower.to_msat(), upper.to_msat());
    Some(Msat::from_msat(lower + (upper - lower) / 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_is_the_mean_of_the_middle_two() {
        let of = |sizes: &[u64]| {
            let mut sizes: Vec<_> = sizes.iter().copied().map(Msat::from_msat).collect();
            median(&mut sizes).map(Msat::to_msat)
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[7]), Some(7));
        assert_eq!(of(&[9, 1, 4]), Some(4));
        assert_eq!(of(&[9, 1, 4, 6]), Some(5));
        assert_eq!(of(&[u64::MAX, u64::MAX]), Some(u64::MAX));
    }
}
